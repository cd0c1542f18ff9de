//! The one runtime of the process, and waiting for an answer on a plain thread.

pub mod completion;
pub mod fork;
pub mod logging;

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::protocol::error::{Error, ErrorKind, Result};
use crate::runtime::fork::{PerProcess, watch};

/// Each process has a cell of its own: a fork while another thread builds the runtime would leave
/// the child a cell that is never filled.
static RUNTIME: PerProcess<OnceCell<Runtime>> = PerProcess::unwatched();

thread_local! {
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
}

/// The process's runtime, built at the first operation that needs it.
///
/// The work is waiting for sockets, so one thread serves them all; a second one only makes the
/// actors' wake-ups travel between cores.
pub(crate) fn handle() -> Result<Handle> {
    watch();
    let runtime = RUNTIME.get_or_init(OnceCell::new).get_or_try_init(build)?;
    Ok(runtime.handle().clone())
}

fn build() -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("sessio")
        .on_thread_start(|| IS_OURS.set(true))
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| {
            let message = format!("the system gave no thread or event queue: {error}");
            Error::new(ErrorKind::Unavailable, message)
        })
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
