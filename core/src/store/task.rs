//! Longer work than one operation, for callers without an executor: bindings and plain threads.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::protocol::error::{Error, Result};
use crate::protocol::request::Reply;
use crate::runtime::fork::fork_guarded;
use crate::runtime::{self, BlockingOneshot, is_ours};
use crate::store::Store;

/// Runs a task: on this thread if it needs no waiting, as everything in memory, and then its
/// result is returned; otherwise to its end on sessio's runtime, which hands its result to the
/// reply, which is asked for then.
pub fn start<T: Send + 'static>(
    task: impl Future<Output = Result<T>> + Send + 'static,
    reply: impl FnOnce() -> Reply<T>,
) -> Option<Result<T>> {
    let mut task = Box::pin(task);
    // The real waker is registered by the next poll, which follows at once.
    let poll = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    if let Poll::Ready(done) = poll {
        return Some(done);
    }
    let handle = match runtime::handle() {
        Ok(handle) => handle,
        Err(error) => return Some(Err(error)),
    };
    let reply = reply();
    handle.spawn(fork_guarded(async move { reply.send(task.await) }));
    None
}

/// Runs a short function on sessio's runtime after a delay.
pub fn after(delay: Duration, run: impl FnOnce() + Send + 'static) {
    // Without a runtime nothing is pending that could be waited for.
    let Ok(handle) = runtime::handle() else { return };
    handle.spawn(fork_guarded(async move {
        tokio::time::sleep(delay).await;
        run();
    }));
}

/// How much later than at its deadline an answer may arrive.
const GRACE: Duration = Duration::from_secs(1);

/// Runs a task on this store and waits for its result on this thread.
pub fn wait<T: Send + 'static>(
    store: &Store,
    task: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let patience = store.timeout() + GRACE;
    let parcel = BlockingOneshot::new();
    let delivered = parcel.clone();
    match start(task, || Reply::new(move |answer| delivered.deliver(answer))) {
        Some(done) => done,
        // Waiting on the thread that has to do the work would wait for ever.
        None if is_ours() => Err(Error::called_on_our_thread()),
        None => parcel.wait_for(patience).unwrap_or_else(|| Err(Error::too_late())),
    }
}

/// A task that is done to its end once it was begun: where the future is dropped before, the
/// runtime goes on with it, and only its answer is lost.
///
/// The task is boxed. glibc's malloc answers up to 1,032 bytes from a list of the thread's own, and
/// more by its slow path: so what a commit seldom awaits is boxed apart.
pub(crate) fn to_end<T: Send + 'static>(
    task: impl Future<Output = Result<T>> + Send + 'static,
) -> impl Future<Output = Result<T>> + Send {
    ToEnd { task: Some(Box::pin(task)), begun: false }
}

type Task<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

struct ToEnd<T: Send + 'static> {
    task: Option<Task<T>>,
    begun: bool,
}

impl<T: Send + 'static> Future for ToEnd<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        self.begun = true;
        let Some(task) = &mut self.task else {
            return Poll::Ready(Err(Error::internal("a task was asked for its answer twice")));
        };
        let poll = task.as_mut().poll(context);
        if poll.is_ready() {
            self.task = None;
        }
        poll
    }
}

impl<T: Send + 'static> Drop for ToEnd<T> {
    fn drop(&mut self) {
        let (Some(task), true) = (self.task.take(), self.begun) else { return };
        match runtime::handle() {
            Ok(handle) => drop(handle.spawn(fork_guarded(async move { drop(task.await) }))),
            Err(error) => tracing::warn!(%error, "a session's change was dropped with its caller"),
        }
    }
}
