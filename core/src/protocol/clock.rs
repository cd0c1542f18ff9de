//! Time: injected, in whole microseconds.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::{Error, Result};

/// An instant: microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 9999-12-31T23:59:59.999999 UTC, the last instant a MySQL DATETIME holds.
pub(crate) const NEVER: i64 = 253_402_300_799_999_999;

impl Timestamp {
    /// From microseconds since the unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Timestamp(micros)
    }

    /// Microseconds since the unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Timestamp(match time.duration_since(UNIX_EPOCH) {
            Ok(since) => micros(since),
            Err(before) => -micros(before.duration()),
        })
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        let distance = Duration::from_micros(timestamp.0.unsigned_abs());
        if timestamp.0 >= 0 { UNIX_EPOCH + distance } else { UNIX_EPOCH - distance }
    }
}

/// When a session ends. It is expired exactly when `now >= expiry`.
///
/// An instant in the past is allowed: the session is saved and invisible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It does not end by itself. Instants from the end of the year 9999 on mean the same.
    Never,
    /// At this instant.
    At(Timestamp),
    /// This many microseconds from now, by the store's clock.
    After(i64),
}

impl Expiry {
    /// This long from now, by the store's clock. Parts of a microsecond are cut off.
    pub fn after(duration: Duration) -> Self {
        Expiry::After(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }

    /// The instant in microseconds; [`NEVER`] for what does not end.
    pub(crate) fn resolve(self, now: i64) -> i64 {
        match self {
            Expiry::Never => NEVER,
            Expiry::At(instant) => instant.0.min(NEVER),
            Expiry::After(micros) => now.saturating_add(micros).min(NEVER),
        }
    }
}

impl From<SystemTime> for Expiry {
    fn from(time: SystemTime) -> Self {
        Expiry::At(time.into())
    }
}

impl From<Timestamp> for Expiry {
    fn from(timestamp: Timestamp) -> Self {
        Expiry::At(timestamp)
    }
}

/// `None` is "never", as in [`Record::expires_at`](crate::Record::expires_at).
impl From<Option<Timestamp>> for Expiry {
    fn from(timestamp: Option<Timestamp>) -> Self {
        timestamp.map_or(Expiry::Never, Expiry::At)
    }
}

/// Where a store reads the time. Cloning shares it.
#[derive(Clone, Default)]
pub enum Clock {
    /// The system's wall clock.
    #[default]
    System,
    /// A clock that stands still until it is told to move: for tests of expiry without sleeping.
    Manual(ManualClock),
}

impl Clock {
    /// Microseconds since the unix epoch.
    pub(crate) fn now(&self) -> i64 {
        match self {
            // The one place that reads the wall clock; clippy keeps it so.
            #[allow(clippy::disallowed_methods)]
            Clock::System => Timestamp::from(SystemTime::now()).0,
            Clock::Manual(clock) => clock.now().0,
        }
    }

    /// Whether an instant has come. The same as comparing with [`now`](Clock::now), but cheaper
    /// for what is more than a moment away: that, the kernel's own note of the time can tell,
    /// which is written at every tick and read in a tenth of the time that asking the hardware
    /// takes.
    pub(crate) fn has_reached(&self, instant: i64) -> bool {
        // Ticks come every 10 ms or sooner; a host that is held up may miss some.
        const LATE: i64 = 1_000_000;
        let away = match self {
            Clock::System => coarse_now().is_some_and(|now| now + LATE < instant),
            Clock::Manual(_) => false,
        };
        !away && instant <= self.now()
    }
}

/// The wall clock as of the last tick, where there is such a thing.
#[cfg(target_os = "linux")]
fn coarse_now() -> Option<i64> {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_REALTIME_COARSE).ok()?;
    Some(now.tv_sec() * 1_000_000 + now.tv_nsec() / 1000)
}

#[cfg(not(target_os = "linux"))]
fn coarse_now() -> Option<i64> {
    None
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Clock::System => "System",
            Clock::Manual(_) => "Manual",
        })
    }
}

/// A clock for tests: time moves only by [`advance`](ManualClock::advance). Clones are one clock.
///
/// It decides what is expired and when sessions end. Deadlines of calls and the pause between
/// two background cleanups always go by real time. On MySQL the background cleanup also asks the
/// server's clock, so start a manual clock in the past if cleanup is part of the test.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        ManualClock(Arc::new(AtomicI64::new(start.0)))
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(by, Ordering::Relaxed);
    }
}

impl From<ManualClock> for Clock {
    fn from(clock: ManualClock) -> Self {
        Clock::Manual(clock)
    }
}

/// An idle timeout as it is stored.
pub(crate) fn duration_micros(timeout: Duration) -> Result<i64> {
    let micros = i64::try_from(timeout.as_micros());
    micros.map_err(|_| Error::invalid("an idle timeout is of at most 200,000 years"))
}

pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_survive_the_trip_through_system_time() {
        for micros in [0, 1, -1, 1_700_000_000_123_456, -62_135_596_800_000_000] {
            let there = SystemTime::from(Timestamp::from_micros(micros));
            assert_eq!(Timestamp::from(there).as_micros(), micros);
        }
    }

    #[test]
    fn an_instant_is_reached_when_now_is_not_before_it() {
        let manual = ManualClock::new(Timestamp::from_micros(5));
        let reached = |instant| Clock::from(manual.clone()).has_reached(instant);
        assert!(reached(5) && !reached(6));
        let near = [0, 20_000, 2_000_000].map(|away| {
            let before = Clock::System.now();
            let reached = Clock::System.has_reached(before + away);
            reached == (away == 0) || Clock::System.now() >= before + away
        });
        assert_eq!(near, [true; 3]);
        assert!(!Clock::System.has_reached(NEVER));
    }

    #[test]
    fn an_expiry_cannot_overflow() {
        assert_eq!(Expiry::after(Duration::MAX).resolve(1_700_000_000_000_000), NEVER);
        assert_eq!(Expiry::At(Timestamp::from_micros(i64::MAX)).resolve(0), NEVER);
        assert_eq!(Expiry::After(-5).resolve(3), -2);
    }
}
