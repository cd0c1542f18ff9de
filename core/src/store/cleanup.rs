//! The background cleanup: rounds of a bounded size, until nothing expired is left; then sleep.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crate::protocol::error::Result;
use crate::protocol::record::Stats;

/// Small enough that a round holds no lock for long, large enough that few are needed.
const ROUND: usize = 1000;

/// Between two rounds, so that cleanup of a neglected table leaves the server to its users.
const PAUSE: Duration = Duration::from_millis(20);

/// One round: removes up to so many expired sessions and returns how many; `None` when the store is
/// gone.
pub(crate) trait RunRound: Fn(usize) -> Option<Result<u64>> + Send + 'static {}

impl<F: Fn(usize) -> Option<Result<u64>> + Send + 'static> RunRound for F {}

/// A thread of its own, because a store in memory has no runtime.
pub(crate) struct Cleaner {
    shared: Arc<CleanerState>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct CleanerState {
    stopping: AtomicBool,
    asleep: Mutex<()>,
    wake: Condvar,
    rounds: AtomicU64,
    errors: AtomicU64,
}

impl Cleaner {
    /// `round` removes up to so many expired sessions and says how many; `None` when the store is
    /// gone.
    pub(crate) fn start(round: impl RunRound, interval: Duration) -> Self {
        let shared = Arc::new(CleanerState::default());
        let run = {
            let shared = Arc::clone(&shared);
            move || shared.run(&round, interval)
        };
        let spawned = Builder::new().name("sessio-cleanup".into()).stack_size(256 << 10).spawn(run);
        if let Err(error) = &spawned {
            tracing::warn!(%error, "no thread for the cleanup: expired sessions stay stored");
        }
        Cleaner { shared, thread: Mutex::new(spawned.ok()) }
    }

    /// Does not wait.
    pub(crate) fn ask_to_stop(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        let _asleep = self.shared.asleep.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.wake.notify_all();
    }

    /// Waits for a round that is running.
    pub(crate) fn stop(&self) {
        self.ask_to_stop();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // Its panic, if there was one, was reported where it happened.
            let _ = thread.join();
        }
    }

    pub(crate) fn count(&self, stats: &mut Stats) {
        stats.cleanups = self.shared.rounds.load(Ordering::Relaxed);
        stats.cleanup_errors = self.shared.errors.load(Ordering::Relaxed);
    }
}

impl Drop for Cleaner {
    fn drop(&mut self) {
        self.ask_to_stop();
    }
}

impl CleanerState {
    fn run(&self, round: &impl RunRound, interval: Duration) {
        while self.sleep(jittered(interval)) {
            let Some(cleaned) = self.clean(round) else { return };
            if let Err(error) = cleaned
                && !self.stopping.load(Ordering::Relaxed)
            {
                self.errors.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%error, "cleanup failed; it will be tried again");
            }
        }
    }

    /// Everything that is expired, round by round; `None` when the store is gone.
    fn clean(&self, round: &impl RunRound) -> Option<Result<()>> {
        loop {
            self.rounds.fetch_add(1, Ordering::Relaxed);
            let removed = match round(ROUND)? {
                Ok(removed) => removed,
                Err(error) => return Some(Err(error)),
            };
            if removed > 0 {
                tracing::debug!(removed, "cleanup");
            }
            if removed < ROUND as u64 || !self.sleep(PAUSE) {
                return Some(Ok(()));
            }
        }
    }

    /// False when it is time to stop.
    fn sleep(&self, duration: Duration) -> bool {
        let asleep = self.asleep.lock().unwrap_or_else(PoisonError::into_inner);
        let awake = |(): &mut ()| !self.stopping.load(Ordering::Relaxed);
        let slept = self.wake.wait_timeout_while(asleep, duration, awake);
        drop(slept.unwrap_or_else(PoisonError::into_inner));
        !self.stopping.load(Ordering::Relaxed)
    }
}

/// Half to one and a half intervals, so that the processes of a fleet that were started together
/// do not clean together.
fn jittered(interval: Duration) -> Duration {
    let mut random = [0u8; 2];
    // Without randomness there is no jitter, which is no reason not to clean.
    let _ = getrandom::fill(&mut random);
    interval.mul_f64(0.5 + f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX))
}
