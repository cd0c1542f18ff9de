//! The same store for programs without an event loop.

use std::fmt;
use std::time::Duration;

use crate::config::options::Options;
use crate::protocol::error::{Error, Result};
use crate::protocol::record::Stats;
use crate::protocol::request::{Answer, Reply, Request};
use crate::runtime::{BlockingOneshot, is_ours};
use crate::store;

/// How much later than at its deadline an answer may arrive.
const GRACE: Duration = Duration::from_secs(1);

/// Sessions, in MySQL or in memory, with calls that wait. Any number of threads may share it.
#[derive(Clone)]
pub struct Store(pub(crate) store::Store);

impl Store {
    /// As [`sessio::Store::open`](crate::Store::open).
    ///
    /// # Errors
    /// `InvalidArgument` when the URL or an option in it is not understood.
    pub fn open(url: &str) -> Result<Self> {
        store::Store::open(url).map(Store)
    }

    /// As [`sessio::Store::open_with`](crate::Store::open_with).
    ///
    /// # Errors
    /// As [`open`](Store::open).
    pub fn open_with(url: &str, options: Options) -> Result<Self> {
        store::Store::open_with(url, options).map(Store)
    }

    /// The asynchronous handle of the same store.
    pub fn asynchronous(&self) -> &store::Store {
        &self.0
    }

    /// Starts a verb, for callers that must look up while they wait (for signals, say).
    ///
    /// # Errors
    /// As the verb.
    pub fn begin(&self, request: Request<'_>) -> Result<Begun> {
        let mut pending = None;
        let answer = self.0.start(request, || {
            let parcel = BlockingOneshot::new();
            pending = Some(Pending(parcel.clone()));
            Reply::new(move |answer| parcel.deliver(answer))
        });
        match (answer, pending) {
            (Some(answer), _) => answer.map(Begun::Answered),
            // Waiting on the thread that has to do the work would wait for ever.
            (None, Some(_)) if is_ours() => Err(Error::called_on_our_thread()),
            (None, Some(pending)) => Ok(Begun::Waiting(pending)),
            (None, None) => Err(Error::internal("an operation took no reply and gave no answer")),
        }
    }

    pub(crate) fn call(&self, request: Request<'_>) -> Result<Answer> {
        let has_deadline = !matches!(request, Request::MigrateFrom(_));
        match self.begin(request)? {
            Begun::Answered(answer) => Ok(answer),
            // The connections keep the deadline. Where they cannot, because they are on a runtime
            // of the program's own and this is the thread that should drive it, the answer is due
            // all the same.
            Begun::Waiting(pending) if has_deadline => {
                pending.wait(self.0.timeout() + GRACE).unwrap_or_else(|| Err(Error::too_late()))
            }
            // The server says when it is over; `GRACE` is only to look up now and then.
            Begun::Waiting(pending) => loop {
                if let Some(answer) = pending.wait(GRACE) {
                    break answer;
                }
            },
        }
    }

    /// As [`sessio::Store::stop_cleanup`](crate::Store::stop_cleanup).
    pub fn stop_cleanup(&self) {
        self.0.stop_cleanup();
    }

    /// As [`sessio::Store::stats`](crate::Store::stats).
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    /// As [`sessio::Store::close`](crate::Store::close), and waits for it.
    pub fn close(&self) {
        let closed = BlockingOneshot::new();
        let done = closed.clone();
        self.0.close_with(move || done.deliver(()));
        // What is in flight is answered within the timeout; a moment more for disconnecting.
        if !is_ours() {
            closed.wait_for(self.0.timeout() + GRACE);
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A verb that was started.
#[derive(Debug)]
pub enum Begun {
    /// It needed no waiting.
    Answered(Answer),
    /// Its answer is on the way.
    Waiting(Pending),
}

/// An answer on its way. Dropping it loses the answer, never the write.
pub struct Pending(BlockingOneshot<Result<Answer>>);

impl Pending {
    /// The answer; `None` if it has not come within `patience`.
    pub fn wait(&self, patience: Duration) -> Option<Result<Answer>> {
        self.0.wait_for(patience)
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending")
    }
}
