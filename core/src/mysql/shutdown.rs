//! How many tasks of a store still run, and who is told when the last one has ended.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Default)]
pub(super) struct Shutdown {
    running: AtomicUsize,
    finished: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

/// A task of the store, for as long as it is not dropped: by its end, or by the end of the runtime
/// that the program has chosen.
pub(super) struct RunningTask(Arc<Shutdown>);

impl Drop for RunningTask {
    fn drop(&mut self) {
        self.0.task_ended();
    }
}

impl Shutdown {
    pub(super) fn task_started(self: &Arc<Self>) -> RunningTask {
        self.running.fetch_add(1, Ordering::AcqRel);
        RunningTask(Arc::clone(self))
    }

    pub(super) fn then(&self, finished: Box<dyn FnOnce() + Send>) {
        let mut waiting = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        if self.running.load(Ordering::Acquire) == 0 {
            drop(waiting);
            return finished();
        }
        waiting.push(finished);
    }

    fn task_ended(&self) {
        let mut waiting = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        if self.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            let all = std::mem::take(&mut *waiting);
            drop(waiting);
            all.into_iter().for_each(|finished| finished());
        }
    }
}
