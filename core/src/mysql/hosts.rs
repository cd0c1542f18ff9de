//! Which of several hosts the store is on.
//!
//! All connections are on one host at a time: otherwise a program would read on one what it has
//! just written on another. A connection that finds its host unable to serve says so; the store
//! moves on from that host, if it is still the one it is on. It goes back to the first one after
//! that has been well for a while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a host that failed is left alone, from the first time on: twice as long each time it
/// fails again soon.
const FIRST_REST: Duration = Duration::from_secs(3);
const LONGEST_REST: Duration = Duration::from_secs(300);

/// Where all hosts are ill, the store stays on each of them for so long.
const GO_ROUND: Duration = Duration::from_millis(200);

/// A host that was well for so long has nothing held against it.
const FORGIVEN: Duration = Duration::from_secs(600);

pub(super) struct Hosts {
    count: usize,
    /// The one to go back to.
    first: usize,
    state: Mutex<HostStates>,
}

struct HostStates {
    current: usize,
    ill: Vec<Unhealthy>,
    moved: Option<Instant>,
}

#[derive(Clone, Copy, Default)]
struct Unhealthy {
    until: Option<Instant>,
    rest: Duration,
}

impl Hosts {
    /// The store begins with `first`, and goes on in the order of the list.
    pub(super) fn new(count: usize, first: usize) -> Self {
        let state =
            HostStates { current: first, ill: vec![Unhealthy::default(); count], moved: None };
        Hosts { count, first, state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, HostStates> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_several(&self) -> bool {
        self.count > 1
    }

    pub(super) fn first(&self) -> usize {
        self.first
    }

    pub(super) fn current(&self) -> usize {
        self.lock().current
    }

    /// Those to try to connect to, the best first: where the store is, then the others in their
    /// order, and what was found ill a moment ago at the end, with `true`.
    pub(super) fn candidates(&self, now: Instant) -> Vec<(usize, bool)> {
        let state = self.lock();
        let host = |step| (self.first + step) % self.count;
        let mut all: Vec<_> = (0..self.count)
            .map(host)
            .map(|host| (host, state.ill[host].until.is_some_and(|until| until > now)))
            .collect();
        all.sort_by_key(|(host, ill)| (*ill, *host != state.current));
        all
    }

    /// A connection found this host unable to serve. Where the store is to go instead; none where
    /// it has gone already. Where all are ill it goes round, but slowly.
    pub(super) fn leave(&self, host: usize, now: Instant) -> Option<usize> {
        let mut state = self.lock();
        if self.count == 1 || state.current != host {
            return None;
        }
        let ill = &mut state.ill[host];
        if ill.until.is_none_or(|until| until <= now) {
            let again = ill.until.is_some_and(|until| now < until + FORGIVEN);
            ill.rest = if again { (ill.rest * 2).min(LONGEST_REST) } else { FIRST_REST };
            ill.until = Some(now + ill.rest);
        }
        let others = (1..self.count).map(|step| (host + step) % self.count);
        let well = |host: &usize| state.ill[*host].until.is_none_or(|until| until <= now);
        let next = match others.clone().find(well) {
            Some(next) => next,
            None if state.moved.is_some_and(|moved| now < moved + GO_ROUND) => return None,
            None => (host + 1) % self.count,
        };
        (state.current, state.moved) = (next, Some(now));
        Some(next)
    }

    /// The store goes to `host`, because `from`, where it is, cannot be connected to or only read
    /// from. False if it is somewhere else already.
    pub(super) fn go(&self, from: usize, host: usize) -> bool {
        let mut state = self.lock();
        let goes = state.current == from;
        if goes {
            state.current = host;
        }
        goes
    }

    /// How long the first host has to rest before it is looked at again; none while the store is
    /// on it.
    pub(super) fn until_first_is_retried(&self, now: Instant) -> Option<Duration> {
        let state = self.lock();
        if state.current == self.first {
            return None;
        }
        let until = state.ill[self.first].until;
        Some(until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now)))
    }

    /// Nothing was wrong with the host itself: it was only not to be reached.
    pub(super) fn mark_unhealthy(&self, host: usize, now: Instant) {
        let ill = &mut self.lock().ill[host];
        if ill.until.is_none_or(|until| until <= now) {
            ill.rest = if ill.rest.is_zero() { FIRST_REST } else { ill.rest };
            ill.until = Some(now + ill.rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_connections_that_fail_together_move_the_store_once() {
        let (hosts, now) = (Hosts::new(2, 0), Instant::now());
        assert_eq!(hosts.leave(0, now), Some(1));
        assert_eq!(hosts.leave(0, now), None);
        assert_eq!(hosts.current(), 1);
    }

    #[test]
    fn where_all_are_ill_the_store_goes_round_slowly() {
        let (hosts, now) = (Hosts::new(3, 0), Instant::now());
        assert_eq!((hosts.leave(0, now), hosts.leave(1, now)), (Some(1), Some(2)));
        assert_eq!(hosts.leave(2, now), None);
        assert_eq!(hosts.leave(2, now + GO_ROUND), Some(0));
        assert_eq!(hosts.leave(0, now + GO_ROUND), None);
    }

    #[test]
    fn a_host_that_fails_again_rests_longer() {
        let (hosts, now) = (Hosts::new(2, 0), Instant::now());
        hosts.leave(0, now);
        assert_eq!(hosts.until_first_is_retried(now), Some(FIRST_REST));
        let later = now + FIRST_REST;
        assert!(hosts.go(1, 0) && hosts.until_first_is_retried(later).is_none());
        hosts.leave(0, later);
        assert_eq!(hosts.until_first_is_retried(later), Some(FIRST_REST * 2));
        assert_eq!(hosts.candidates(later), [(1, false), (0, true)]);
    }

    #[test]
    fn the_store_begins_where_it_was_told_and_goes_on_in_order() {
        let (hosts, now) = (Hosts::new(3, 2), Instant::now());
        assert_eq!(hosts.candidates(now), [(2, false), (0, false), (1, false)]);
        assert_eq!(hosts.leave(2, now), Some(0));
        assert_eq!(hosts.candidates(now), [(0, false), (1, false), (2, true)]);
    }
}
