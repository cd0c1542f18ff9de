//! When a session ends.

use std::time::Duration;

use crate::clock::{NEVER, Timestamp};

use crate::codec::Document;

use super::settings::SessionOptions;

/// The end of the lifetime of a session that begins now.
pub(super) fn new_deadline(options: &SessionOptions, now: i64) -> i64 {
    now.saturating_add(micros(options.lifetime)).min(NEVER)
}

/// How long it lives unused: what it says itself, else what the manager says.
pub(super) fn idle_of(document: &Document, options: &SessionOptions) -> Option<i64> {
    let idle = document.idle.or_else(|| options.idle_timeout.map(micros));
    idle.filter(|idle| *idle > 0)
}

/// When it ends if it is used now: by its deadline, or earlier when nobody uses it.
pub(super) fn expiry(document: &Document, options: &SessionOptions, now: i64) -> i64 {
    let deadline = document.deadline.unwrap_or_else(|| new_deadline(options, now));
    let idle = idle_of(document, options).map(|idle| now.saturating_add(idle));
    idle.map_or(deadline, |idle| idle.min(deadline))
}

/// Whether a session that was only read is to have its expiry moved: later, because it was used, or
/// sooner, because the idle timeout was introduced or shortened since; and by more than a little.
pub(super) fn is_due(
    stored: Option<Timestamp>,
    expiry: i64,
    document: &Document,
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

pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
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
        let own = |idle| Document { idle: Some(idle), ..Document::default() };
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
        let own =
            |seconds: i64| Document { idle: Some(seconds * SECOND), ..until(Some(200 * SECOND)) };
        assert_eq!(expiry(&own(150), &idle, 0), 150 * SECOND);
        assert_eq!(expiry(&own(300), &idle, 0), 200 * SECOND);
        assert_eq!(expiry(&own(0), &idle, 0), 200 * SECOND);
    }

    fn until(deadline: Option<i64>) -> Document {
        Document { deadline, ..Document::default() }
    }
}
