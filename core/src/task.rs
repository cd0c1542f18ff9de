//! Longer work than one operation, for callers without an executor: bindings and plain threads.

use std::future::Future;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::fork::whole;
use crate::operation::Reply;
use crate::runtime::{self, Parcel, is_ours};

/// Runs a task: on this thread if it needs no waiting, as everything in memory, and then its
/// result is returned; otherwise to its end on sessio's runtime, which hands its result to the
/// reply, which is asked for then.
pub fn start<T: Send + 'static>(
    task: impl Future<Output = Result<T>> + Send + 'static,
    reply: impl FnOnce() -> Reply<T>,
) -> Option<Result<T>> {
    let mut task = Box::pin(task);
    // Whoever is to be woken is told at the next poll, which is soon.
    let poll = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    if let Poll::Ready(done) = poll {
        return Some(done);
    }
    let handle = match runtime::handle() {
        Ok(handle) => handle,
        Err(error) => return Some(Err(error)),
    };
    let reply = reply();
    handle.spawn(whole(async move { reply.send(task.await) }));
    None
}

/// Runs a task and waits for its result on this thread, no longer than `patience`.
pub(crate) fn wait<T: Send + 'static>(
    patience: Duration,
    task: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let parcel = Parcel::new();
    let delivered = parcel.clone();
    match start(task, || Reply::new(move |answer| delivered.deliver(answer))) {
        Some(done) => done,
        // Waiting on the thread that has to do the work would wait for ever.
        None if is_ours() => Err(Error::called_on_our_thread()),
        None => parcel.wait_for(patience).unwrap_or_else(|| Err(Error::too_late())),
    }
}
