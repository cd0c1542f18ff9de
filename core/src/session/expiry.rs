//! When a session ends.

use std::time::Duration;

use crate::clock::{NEVER, Timestamp};

use super::settings::SessionOptions;

/// The end of the lifetime of a session that begins now.
pub(super) fn new_deadline(options: &SessionOptions, now: i64) -> i64 {
    now.saturating_add(micros(options.lifetime)).min(NEVER)
}

/// When it ends if it is used now: by its deadline, or earlier when nobody uses it.
pub(super) fn expiry(deadline: Option<i64>, options: &SessionOptions, now: i64) -> i64 {
    let deadline = deadline.unwrap_or_else(|| new_deadline(options, now));
    let idle = options.idle_timeout.map(|timeout| now.saturating_add(micros(timeout)));
    idle.map_or(deadline, |idle| idle.min(deadline))
}

/// Whether a session that was only read is to have its expiry moved: later, because it was used, or
/// sooner, because the idle timeout was introduced or shortened since; and by more than a little.
pub(super) fn is_due(stored: Option<Timestamp>, expiry: i64, options: &SessionOptions) -> bool {
    let Some(idle_timeout) = options.idle_timeout else { return false };
    let least = micros(options.touches_every(idle_timeout)).max(1);
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
            assert_eq!(is_due(stored, 100 * SECOND, &idle), due, "{stored:?}");
        }
        assert!(is_due(None, 100 * SECOND, &idle));
        assert!(!is_due(at(0), 100 * SECOND, &SessionOptions::new()));
    }

    #[test]
    fn a_session_ends_by_what_comes_first() {
        let idle = SessionOptions::new().idle_timeout(Duration::from_secs(100));
        assert_eq!(expiry(Some(50 * SECOND), &idle, 0), 50 * SECOND);
        assert_eq!(expiry(Some(NEVER), &idle, 0), 100 * SECOND);
        assert_eq!(expiry(Some(NEVER), &SessionOptions::new(), 0), NEVER);
        assert_eq!(expiry(None, &SessionOptions::new(), 0), 86_400 * SECOND);
    }
}
