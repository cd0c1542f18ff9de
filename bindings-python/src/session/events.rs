//! Delivers session events to the manager's `on_event` listener.
//!
//! Events also happen on runtime threads, which never attach to the interpreter. So they are
//! queued, and the next call of the manager dispatches them before it returns.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use sessio::Event;
use sessio::fork::PerProcess;

pub(crate) struct EventQueue {
    /// Per process: events from before a fork are dispatched by the parent only.
    events: PerProcess<Mutex<Vec<Event>>>,
    not_empty: AtomicBool,
}

impl EventQueue {
    pub(crate) fn new() -> Self {
        EventQueue { events: PerProcess::new(), not_empty: AtomicBool::new(false) }
    }

    pub(crate) fn push(&self, event: Event) {
        let events = self.events.get_or_init(Mutex::default);
        events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        self.not_empty.store(true, Ordering::Release);
    }

    /// Calls the listener with each queued event. Costs one load if there are none.
    #[inline]
    pub(crate) fn dispatch(&self, listener: &Bound<'_, PyAny>) {
        // Cleared before the queue is emptied, so that an event pushed later sets it again.
        if self.not_empty.load(Ordering::Relaxed) && self.not_empty.swap(false, Ordering::AcqRel) {
            self.notify(listener);
        }
    }

    #[cold]
    fn notify(&self, listener: &Bound<'_, PyAny>) {
        let Some(events) = self.events.get() else { return };
        // Taken out of the lock first: a listener may use sessions itself.
        let events = std::mem::take(&mut *events.lock().unwrap_or_else(PoisonError::into_inner));
        for event in events {
            if let Err(error) = listener.call1((event.name(),)) {
                // An exception of the listener must not fail the call that dispatches.
                error.write_unraisable(listener.py(), Some(listener));
            }
        }
    }
}
