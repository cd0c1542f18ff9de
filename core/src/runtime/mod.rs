//! The one runtime of the process, and waiting for an answer on a plain thread.

pub mod completion;
pub mod fork;
pub mod logging;

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::protocol::error::{Error, ErrorKind, Result};
use crate::runtime::fork::{PerProcess, watch};

static RUNTIME: PerProcess<Owned> = PerProcess::unwatched();

thread_local! {
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
}

/// A runtime that lost the race to be the first must not block the thread that drops it.
struct Owned(Option<Runtime>);

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The process's runtime, built at the first operation that needs it.
///
/// The work is waiting for sockets, so one thread serves them all; a second one only makes the
/// actors' wake-ups travel between cores.
pub(crate) fn handle() -> Result<Handle> {
    watch();
    if let Some(Owned(Some(runtime))) = RUNTIME.get() {
        return Ok(runtime.handle().clone());
    }
    let built = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("sessio")
        .on_thread_start(|| IS_OURS.set(true))
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| {
            let message = format!("the system gave no thread or event queue: {error}");
            Error::new(ErrorKind::Unavailable, message)
        })?;
    // Wrapped before it is offered: the closure itself is dropped when another thread was first.
    let built = Owned(Some(built));
    match RUNTIME.get_or_init(|| built) {
        Owned(Some(runtime)) => Ok(runtime.handle().clone()),
        Owned(None) => Err(Error::internal("the runtime was taken away")),
    }
}

/// Whether this is a thread that would have to do the work it waits for.
pub(crate) fn is_ours() -> bool {
    IS_OURS.get()
}

/// A place for one value that another thread brings.
pub(crate) struct BlockingOneshot<T>(Arc<(Mutex<Option<T>>, Condvar)>);

impl<T> Clone for BlockingOneshot<T> {
    fn clone(&self) -> Self {
        BlockingOneshot(Arc::clone(&self.0))
    }
}

impl<T> BlockingOneshot<T> {
    pub(crate) fn new() -> Self {
        BlockingOneshot(Arc::new((Mutex::new(None), Condvar::new())))
    }

    pub(crate) fn deliver(&self, value: T) {
        let (slot, arrived) = &*self.0;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        arrived.notify_one();
    }

    pub(crate) fn wait(&self) -> T {
        let (slot, arrived) = &*self.0;
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match slot.take() {
                Some(value) => return value,
                None => slot = arrived.wait(slot).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// `None` when `patience` ran out first.
    pub(crate) fn wait_for(&self, patience: std::time::Duration) -> Option<T> {
        let (slot, arrived) = &*self.0;
        let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = arrived.wait_timeout_while(slot, patience, |slot| slot.is_none());
        let (mut slot, _) = waited.unwrap_or_else(PoisonError::into_inner);
        slot.take()
    }
}
