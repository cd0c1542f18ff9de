//! When a session ends.

use crate::protocol::clock::{NEVER, Timestamp, micros};

use crate::codec::DecodedDocument;

use super::settings::SessionOptions;

/// The end of the lifetime of a session that begins now.
pub(super) fn new_deadline(options: &SessionOptions, now: i64) -> i64 {
    now.saturating_add(micros(options.lifetime)).min(NEVER)
}

/// How long it lives unused: what it says itself, else what the manager says.
pub(super) fn idle_of(document: &DecodedDocument, options: &SessionOptions) -> Option<i64> {
    let idle = document.idle.or_else(|| options.idle_timeout.map(micros));
    idle.filter(|idle| *idle > 0)
}

/// When it ends if it is used now: by its deadline, or earlier when it is not used.
pub(super) fn expiry(document: &DecodedDocument, options: &SessionOptions, now: i64) -> i64 {
    let deadline = document.deadline.unwrap_or_else(|| new_deadline(options, now));
    let idle = idle_of(document, options).map(|idle| now.saturating_add(idle));
    idle.map_or(deadline, |idle| idle.min(deadline))
}

/// A use of a session that moves its end, wanted as such.
#[derive(Clone, Copy)]
pub(super) struct Touch {
    /// The end of a lifetime that begins with it, where the codec can tell such from one that was
    /// set.
    deadline: Option<i64>,
    /// The manager has an idle timeout.
    idles: bool,
}

impl Touch {
    pub(super) fn new(options: &SessionOptions, now: i64) -> Self {
        let moves = options.codec.tells_deadlines_apart();
        let deadline = moves.then(|| new_deadline(options, now));
        Touch { deadline, idles: options.idle_timeout.is_some() }
    }

    /// With an idle timeout it is that which begins anew, and else the lifetime, unless its end was
    /// set. An end is never moved closer.
    pub(super) fn apply(self, document: &mut DecodedDocument) {
        let idles = document.idle.map_or(self.idles, |idle| idle > 0);
        if !idles && !document.fixed {
            document.deadline = document.deadline.max(self.deadline);
        }
    }
}

/// Whether a session that was only read is to have its expiry moved: later, because it was used, or
/// sooner, because the idle timeout was introduced or shortened since; and by more than a little.
pub(super) fn is_due(
    stored: Option<Timestamp>,
    expiry: i64,
    document: &DecodedDocument,
    options: &SessionOptions,
) -> bool {
    let Some(idle) = idle_of(document, options) else { return false };
    let least = options.touches_every(idle).max(1);
    let stored = stored.map_or(NEVER, Timestamp::as_micros);
    expiry.saturating_sub(stored).saturating_abs() >= least
}

pub(super) fn instant(expiry: i64) -> Option<Timestamp> {
    (expiry != NEVER).then(|| Timestamp::from_micros(expiry))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn an_expiry_is_moved_when_it_differs_by_the_interval() {
        let idle = SessionOptions::new().idle_timeout(Duration::from_secs(100));
        let at = |seconds: i64| Some(Timestamp::from_micros(seconds * SECOND));
        for (stored, due) in [(at(91), false), (at(90), true), (at(109), false), (at(110), true)] {
            assert_eq!(is_due(stored, 100 * SECOND, &until(None), &idle), due, "{stored:?}");
        }
        assert!(is_due(None, 100 * SECOND, &until(None), &idle));
        assert!(!is_due(at(0), 100 * SECOND, &until(None), &SessionOptions::new()));
        // What the session says counts, and not the manager's interval for other timeouts.
        let own = |idle| DecodedDocument { idle: Some(idle), ..DecodedDocument::default() };
        let rarely = idle.touch_interval(Duration::from_secs(50));
        assert!(is_due(at(5), 10 * SECOND, &own(10 * SECOND), &rarely));
        assert!(!is_due(at(6), 10 * SECOND, &own(10 * SECOND), &rarely));
        assert!(!is_due(at(0), 100 * SECOND, &own(0), &rarely));
    }

    #[test]
    fn a_session_ends_by_what_comes_first() {
        let idle = SessionOptions::new().idle_timeout(Duration::from_secs(100));
        assert_eq!(expiry(&until(Some(50 * SECOND)), &idle, 0), 50 * SECOND);
        assert_eq!(expiry(&until(Some(NEVER)), &idle, 0), 100 * SECOND);
        assert_eq!(expiry(&until(Some(NEVER)), &SessionOptions::new(), 0), NEVER);
        assert_eq!(expiry(&until(None), &SessionOptions::new(), 0), 86_400 * SECOND);
        let own = |seconds: i64| DecodedDocument {
            idle: Some(seconds * SECOND),
            ..until(Some(200 * SECOND))
        };
        assert_eq!(expiry(&own(150), &idle, 0), 150 * SECOND);
        assert_eq!(expiry(&own(300), &idle, 0), 200 * SECOND);
        assert_eq!(expiry(&own(0), &idle, 0), 200 * SECOND);
    }

    #[test]
    fn a_touch_moves_the_end_of_a_lifetime_and_no_deadline_that_was_set() {
        let touched = |document: DecodedDocument, options: &SessionOptions| {
            let mut document = document;
            Touch::new(options, 50 * SECOND).apply(&mut document);
            document.deadline
        };
        let day = SessionOptions::new().lifetime(Duration::from_secs(100));
        let at = |seconds: i64| Some(seconds * SECOND);
        assert_eq!(touched(until(at(100)), &day), at(150));
        assert_eq!(touched(until(at(200)), &day), at(200));
        let fixed = DecodedDocument { fixed: true, ..until(at(100)) };
        assert_eq!(touched(fixed, &day), at(100));
        let idle = day.clone().idle_timeout(Duration::from_secs(10));
        assert_eq!(touched(until(at(100)), &idle), at(100));
        let own = |seconds| DecodedDocument { idle: at(seconds), ..until(at(100)) };
        assert_eq!(touched(own(0), &idle), at(150));
        assert_eq!(touched(own(5), &day), at(100));
        assert_eq!(touched(until(at(100)), &day.codec(crate::Codec::Gob)), at(100));
    }

    fn until(deadline: Option<i64>) -> DecodedDocument {
        DecodedDocument { deadline, ..DecodedDocument::default() }
    }
}
