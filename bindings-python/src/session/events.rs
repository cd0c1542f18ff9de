//! What happened to sessions, told to the program that asked.
//!
//! Events happen on runtime threads too, which never attach to the interpreter. So they are put
//! aside, and whoever asked something of the manager hands them on before it gets its answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use sessio::Event;
use sessio::fork::PerProcess;

pub(crate) struct News {
    /// What happened before a fork is the parent's to tell.
    queue: PerProcess<Mutex<Vec<Event>>>,
    waiting: AtomicBool,
}

impl News {
    pub(crate) fn new() -> Self {
        News { queue: PerProcess::new(), waiting: AtomicBool::new(false) }
    }

    pub(crate) fn happened(&self, event: Event) {
        let queue = self.queue.get_or_init(Mutex::default);
        queue.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        self.waiting.store(true, Ordering::Release);
    }

    /// One load when there is nothing.
    #[inline]
    pub(crate) fn hand_on(&self, listener: &Bound<'_, PyAny>) {
        // Before the queue is emptied: an event that comes later says so again.
        if self.waiting.load(Ordering::Relaxed) && self.waiting.swap(false, Ordering::AcqRel) {
            self.tell(listener);
        }
    }

    #[cold]
    fn tell(&self, listener: &Bound<'_, PyAny>) {
        let Some(queue) = self.queue.get() else { return };
        // Out of the lock first: a listener may use sessions itself.
        let events = std::mem::take(&mut *queue.lock().unwrap_or_else(PoisonError::into_inner));
        for event in events {
            if let Err(error) = listener.call1((event.name(),)) {
                // What the program was doing has nothing to do with it.
                error.write_unraisable(listener.py(), Some(listener));
            }
        }
    }
}
