//! The part of a queue that belongs to one process: calls that are pending there, and completions.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use sessio::completion::CompletionQueue;
use sessio::operation::{Reply, Request, SessionRequest};
use sessio::{Error, ErrorKind, Result, Store, task};

use crate::completion::{CallAnswer, sessio_completion};
use crate::guard::invalid;
use crate::status::SESSIO_DONE;
use crate::waker::Waker;

use super::pending::PendingTags;

pub(super) struct ProcessQueue {
    pending: PendingTags,
    completions: CompletionQueue<FinishedCall>,
    waker: Arc<Waker>,
    /// Whether `wake` was called since the last poll.
    woken: AtomicBool,
    polling: Mutex<()>,
}

struct FinishedCall {
    id: usize,
    answer: Result<CallAnswer>,
}

impl ProcessQueue {
    pub(super) fn new() -> Self {
        let waker = Arc::new(Waker::default());
        let notified = Arc::clone(&waker);
        ProcessQueue {
            pending: PendingTags::default(),
            completions: CompletionQueue::new(move || notified.wake()),
            waker,
            woken: AtomicBool::new(false),
            polling: Mutex::new(()),
        }
    }

    /// For a forked child: calls that were pending in the parent complete with `Forked` here.
    pub(super) fn after_fork(parent: &ProcessQueue) -> Self {
        let child = ProcessQueue::new();
        for tag in parent.pending.tags() {
            // There is room: the parent had as many.
            if let Ok(id) = child.pending.insert(tag) {
                let message = "the process forked while this call was pending; make it again";
                let answer = Err(Error::new(ErrorKind::Forked, message));
                child.completions.push(FinishedCall { id, answer });
            }
        }
        child
    }

    pub(super) fn submit(
        self: &Arc<Self>,
        store: &Store,
        request: Request<'_>,
        tag: *mut c_void,
        timeout: Option<Duration>,
    ) -> Result<i32> {
        let id = self.pending.insert(tag)?;
        // The store's own deadline drops a call that was not sent yet.
        let sooner = timeout.map(|timeout| store.until(Instant::now() + timeout));
        let store = sooner.as_ref().unwrap_or(store);
        let reply = || self.reply(id, timeout, CallAnswer::Store);
        if let Some(answer) = store.start(request, reply) {
            self.complete(id, answer, CallAnswer::Store);
        }
        Ok(SESSIO_DONE)
    }

    pub(super) fn submit_session(
        self: &Arc<Self>,
        request: SessionRequest,
        tag: *mut c_void,
        timeout: Option<Duration>,
    ) -> Result<i32> {
        let id = self.pending.insert(tag)?;
        if let Some(answer) = request.start(|| self.reply(id, timeout, CallAnswer::Session)) {
            self.complete(id, answer, CallAnswer::Session);
        }
        Ok(SESSIO_DONE)
    }

    fn reply<T: Send + 'static>(
        self: &Arc<Self>,
        id: usize,
        timeout: Option<Duration>,
        wrap: fn(T) -> CallAnswer,
    ) -> Reply<T> {
        let queue = Arc::clone(self);
        let Some(timeout) = timeout else {
            return Reply::new(move |answer| queue.complete(id, answer, wrap));
        };
        // Of the answer and the timeout the first completes the call. The id may belong to another
        // call by the time of the second.
        let is_complete = Arc::new(AtomicBool::new(false));
        let (late, is_late) = (Arc::clone(self), Arc::clone(&is_complete));
        task::after(timeout, move || {
            if !is_late.swap(true, Ordering::Relaxed) {
                late.complete(id, Err(timed_out(timeout)), wrap);
            }
        });
        Reply::new(move |answer| {
            if !is_complete.swap(true, Ordering::Relaxed) {
                queue.complete(id, answer, wrap);
            }
        })
    }

    fn complete<T>(&self, id: usize, answer: Result<T>, wrap: fn(T) -> CallAnswer) {
        self.completions.push(FinishedCall { id, answer: answer.map(wrap) });
    }

    /// Fills `completions` from the front, and returns how many there are.
    pub(super) fn poll(
        &self,
        completions: &mut [MaybeUninit<sessio_completion>],
        timeout: Option<Duration>,
    ) -> Result<usize> {
        let _one_at_a_time = match self.polling.try_lock() {
            Ok(lock) => lock,
            Err(TryLockError::Poisoned(lock)) => lock.into_inner(),
            Err(TryLockError::WouldBlock) => {
                return Err(invalid("queue: another thread is polling it"));
            }
        };
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        loop {
            self.waker.clear();
            let finished = self.completions.drain(completions.len());
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let is_over =
                self.woken.swap(false, Ordering::AcqRel) || left.is_some_and(|left| left.is_zero());
            if !finished.is_empty() || is_over {
                return Ok(self.write_out(finished, completions));
            }
            self.waker.wait(left);
        }
    }

    fn write_out(
        &self,
        finished: Vec<FinishedCall>,
        out: &mut [MaybeUninit<sessio_completion>],
    ) -> usize {
        let mut ids = Vec::with_capacity(finished.len());
        for (FinishedCall { id, answer }, completion) in finished.into_iter().zip(out) {
            completion.write(sessio_completion::new(self.pending.finish(id), answer));
            ids.push(id);
        }
        let count = ids.len();
        self.pending.release(ids.into_iter());
        count
    }

    /// Ends the poll that waits, or the next one.
    pub(super) fn wake(&self) {
        self.woken.store(true, Ordering::Release);
        self.waker.wake();
    }

    pub(super) fn fd(&self) -> Result<i32> {
        self.waker.fd()
    }
}

fn timed_out(timeout: Duration) -> Error {
    let message = format!(
        "the call took longer than the {} ms of sessio_queue_with_timeout()",
        timeout.as_millis()
    );
    Error::new(ErrorKind::Timeout, message)
}
