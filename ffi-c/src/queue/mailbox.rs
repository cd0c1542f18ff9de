//! Operations in flight and finished, of one queue in one process.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use sessio::completion::Completions;
use sessio::operation::{Reply, Request, SessionRequest};
use sessio::{Error, ErrorKind, Result, Store};

use crate::completion::{Given, sessio_completion};
use crate::guard::invalid;
use crate::status::SESSIO_DONE;

use super::bell::Bell;
use super::slots::Slots;

pub(super) struct Mailbox {
    slots: Slots,
    finished: Completions<Finished>,
    bell: Arc<Bell>,
    polling: Mutex<()>,
}

struct Finished {
    place: usize,
    answer: Result<Given>,
}

impl Mailbox {
    pub(super) fn new() -> Self {
        let bell = Arc::new(Bell::default());
        let ringer = Arc::clone(&bell);
        Mailbox {
            slots: Slots::default(),
            finished: Completions::new(move || ringer.ring()),
            bell,
            polling: Mutex::new(()),
        }
    }

    /// For a child: what was in flight in the parent is answered `Forked` here.
    pub(super) fn after_fork(parents: &Mailbox) -> Self {
        let mailbox = Mailbox::new();
        for tag in parents.slots.in_flight() {
            // It cannot be full: the parent's had as many places.
            if let Ok(place) = mailbox.slots.take(tag) {
                let message = "the process forked while this was in flight; ask again";
                let answer = Err(Error::new(ErrorKind::Forked, message));
                mailbox.finished.push(Finished { place, answer });
            }
        }
        mailbox
    }

    pub(super) fn submit(
        self: &Arc<Self>,
        store: &Store,
        request: Request<'_>,
        tag: *mut c_void,
    ) -> Result<i32> {
        let place = self.slots.take(tag)?;
        if let Some(answer) = store.start(request, || self.reply(place, Given::Answer)) {
            self.finish(place, answer, Given::Answer);
        }
        Ok(SESSIO_DONE)
    }

    /// The same with a verb of a session.
    pub(super) fn submit_session(
        self: &Arc<Self>,
        request: SessionRequest,
        tag: *mut c_void,
    ) -> Result<i32> {
        let place = self.slots.take(tag)?;
        if let Some(answer) = request.start(|| self.reply(place, Given::Session)) {
            self.finish(place, answer, Given::Session);
        }
        Ok(SESSIO_DONE)
    }

    fn reply<T: Send + 'static>(self: &Arc<Self>, place: usize, given: fn(T) -> Given) -> Reply<T> {
        let mailbox = Arc::clone(self);
        Reply::new(move |answer| mailbox.finish(place, answer, given))
    }

    fn finish<T>(&self, place: usize, answer: Result<T>, given: fn(T) -> Given) {
        self.finished.push(Finished { place, answer: answer.map(given) });
    }

    /// Fills `completions` from the front: how many.
    pub(super) fn poll(
        &self,
        completions: &mut [MaybeUninit<sessio_completion>],
        patience: Option<Duration>,
    ) -> Result<usize> {
        let _one_at_a_time = match self.polling.try_lock() {
            Ok(lock) => lock,
            Err(TryLockError::Poisoned(lock)) => lock.into_inner(),
            Err(TryLockError::WouldBlock) => {
                return Err(invalid("another thread is polling this queue"));
            }
        };
        let until = patience.map(|patience| Instant::now() + patience);
        loop {
            self.bell.silence();
            let finished = self.finished.drain(completions.len());
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if !finished.is_empty() || left.is_some_and(|left| left.is_zero()) {
                return Ok(self.hand_over(finished, completions));
            }
            self.bell.wait(left);
        }
    }

    fn hand_over(
        &self,
        finished: Vec<Finished>,
        out: &mut [MaybeUninit<sessio_completion>],
    ) -> usize {
        let mut places = Vec::with_capacity(finished.len());
        for (Finished { place, answer }, completion) in finished.into_iter().zip(out) {
            completion.write(sessio_completion::new(self.slots.finish(place), answer));
            places.push(place);
        }
        let count = places.len();
        self.slots.release(places.into_iter());
        count
    }

    pub(super) fn fd(&self) -> Result<i32> {
        self.bell.fd()
    }
}
