//! Longer work than one operation, for callers without an executor: bindings and plain threads.

use std::future::Future;
use std::task::{Context, Poll, Waker};

use crate::error::{Error, Result};
use crate::fork::whole;
use crate::operation::Reply;
use crate::runtime::{self, Parcel, is_ours};
use crate::store::Store;

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

/// How many operations of a store a task may take: a commit that meets others takes a few, each
/// of which keeps the store's timeout.
const OPERATIONS: u32 = 10;

/// Runs a task on this store and waits for its result on this thread.
pub fn wait<T: Send + 'static>(
    store: &Store,
    task: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let patience = store.timeout() * OPERATIONS;
    let parcel = Parcel::new();
    let delivered = parcel.clone();
    match start(task, || Reply::new(move |answer| delivered.deliver(answer))) {
        Some(done) => done,
        // Waiting on the thread that has to do the work would wait for ever.
        None if is_ours() => Err(Error::called_on_our_thread()),
        None => parcel.wait_for(patience).unwrap_or_else(|| Err(Error::too_late())),
    }
}
