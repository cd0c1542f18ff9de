//! What happens to sessions, for programs that watch or count.

use std::sync::atomic::{AtomicU64, Ordering};

/// Something that happened to a session of a manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new session was stored.
    Created,
    /// A session got a new token.
    Renewed,
    /// A session was ended by the program.
    Destroyed,
    /// The expiry of a session that was only read was moved.
    Touched,
    /// Another request had changed the session meanwhile; both changes are stored.
    Merged,
    /// Another request had changed the session meanwhile, and this one's changes were not stored.
    Conflict,
    /// Another request had ended the session meanwhile; nothing was stored.
    Gone,
    /// A session's data could not be decoded.
    Corrupt,
}

impl Event {
    /// All of them, in the order of [`SessionStats::fields`].
    pub const ALL: [Event; 8] = [
        Event::Created,
        Event::Renewed,
        Event::Destroyed,
        Event::Touched,
        Event::Merged,
        Event::Conflict,
        Event::Gone,
        Event::Corrupt,
    ];

    /// Its name, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Event::Created => "created",
            Event::Renewed => "renewed",
            Event::Destroyed => "destroyed",
            Event::Touched => "touched",
            Event::Merged => "merged",
            Event::Conflict => "conflict",
            Event::Gone => "gone",
            Event::Corrupt => "corrupt",
        }
    }
}

/// How often each event has happened in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionStats([u64; Event::ALL.len()]);

impl SessionStats {
    /// The count of an event.
    pub fn get(&self, event: Event) -> u64 {
        self.0[event as usize]
    }

    /// Every count with its name.
    pub fn fields(&self) -> [(&'static str, u64); Event::ALL.len()] {
        Event::ALL.map(|event| (event.name(), self.get(event)))
    }
}

#[derive(Default)]
pub(super) struct EventCounters([AtomicU64; Event::ALL.len()]);

impl EventCounters {
    pub(super) fn add(&self, event: Event) {
        self.0[event as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> SessionStats {
        SessionStats(Event::ALL.map(|event| self.0[event as usize].load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_counted_in_its_own_place() {
        let counters = EventCounters::default();
        for (index, event) in Event::ALL.into_iter().enumerate() {
            assert_eq!(event as usize, index);
            (0..=index).for_each(|_| counters.add(event));
        }
        let counts = counters.read().fields().map(|(_, count)| count);
        assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
