//! `Store`: calls that wait, with the interpreter released and an eye on signals.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use sessio::blocking::{self, Begun, Pending};
use sessio::operation::{Answer, Request};
use sessio::{Error, ErrorKind, fork};

use crate::answer::{Form, stats, to_python};
use crate::error::{guard, raise};
use crate::log;
use crate::options::Keywords;
use crate::verbs::verbs;

/// How long Ctrl-C may go unnoticed.
const SLICE: Duration = Duration::from_millis(50);

/// Sessions, in MySQL or in memory, with calls that wait; `AsyncStore` has the same for asyncio.
///
/// The URL is `memory:`, `mysql://user:password@host:3306/database?table=sessions`, the same with
/// several hosts (`a:3306,b:3306`, tried in this order), or a Go DSN
/// (`user:password@tcp(host:3306)/database`). Keywords are options of the same names as in the
/// URL, and overrule it: `table`, `hash_tokens`, `cleanup_interval` and `timeout` (timedeltas or
/// seconds), `connections`, `max_data`, `max_sessions`, `max_bytes`, `tls`, `ca` (a path), and
/// `clock` (a `ManualClock`, for tests).
///
/// Opening connects to nothing and starts nothing: the first operation does. Any number of threads
/// may share a store. Waiting releases the interpreter and ends early on Ctrl-C: the answer is
/// lost then, never the write. A forked child can go on using the store, with connections of its
/// own; in memory it starts empty there. As a context manager it closes itself.
///
/// Every verb raises `InvalidArgument` (a `ValueError` too) or `TypeError` for what it cannot take,
/// and `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Corrupt` or `Closed`; further kinds are
/// named where they can happen.
#[pyclass(frozen, subclass, weakref, module = "sessio")]
pub(crate) struct Store(blocking::Store);

impl Store {
    fn open(url: &Bound<'_, PyAny>, keywords: &Keywords<'_, '_>) -> PyResult<Self> {
        Ok(Store(keywords.open(url)?))
    }

    fn location(&self) -> String {
        self.0.asynchronous().location()
    }

    fn ask<'py>(&self, py: Python<'py>, request: Request<'_>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let form = Form::of(&request);
            // In memory one session is found faster than the interpreter is released.
            let begun = if visits_many(&request) {
                py.detach(|| self.0.begin(request))
            } else {
                self.0.begin(request)
            };
            let answer = match begun {
                Ok(Begun::Answered(answer)) => Ok(answer),
                Ok(Begun::Waiting(pending)) => wait(py, &pending)?,
                Err(error) => Err(error),
            };
            log::drain(py);
            to_python(py, answer.map_err(|error| raise(py, &error))?, form)
        })
    }
}

fn visits_many(request: &Request<'_>) -> bool {
    match request {
        Request::Find(_)
        | Request::Exists(_)
        | Request::Save(..)
        | Request::Insert(..)
        | Request::Update(..)
        | Request::Replace(..)
        | Request::Touch(..)
        | Request::Rename(..)
        | Request::Delete(_)
        | Request::Migrate
        | Request::Check
        | Request::Ping => false,
        Request::FindMany(_)
        | Request::SaveMany(_)
        | Request::DeleteMany(_)
        | Request::Count
        | Request::List(..)
        | Request::ListSubject(..)
        | Request::DeleteSubject(..)
        | Request::DeleteExpired(_) => true,
    }
}

fn wait(py: Python<'_>, pending: &Pending) -> PyResult<sessio::Result<Answer>> {
    let born = fork::generation();
    loop {
        if let Some(answer) = py.detach(|| pending.wait(SLICE)) {
            return Ok(answer);
        }
        py.check_signals()?;
        // A signal handler can fork, and then this is the child.
        if fork::generation() != born {
            let message = "the process forked while this was in flight; ask again";
            return Ok(Err(Error::new(ErrorKind::Forked, message)));
        }
    }
}

verbs! { Store, PyResult<Bound<'py, PyAny>>,
    /// Ends the background cleanup of this store in this process and waits for a round that is
    /// running. Idempotent; nothing starts it again.
    fn stop_cleanup(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            py.detach(|| self.0.stop_cleanup());
            log::drain(py);
            Ok(())
        })
    }

    /// What this store has done in this process, as counters by name: `statements`, `batches`,
    /// `retries`, `connections`, `cleanups`, `cleanup_errors`, `removed`, `sessions`, `bytes`.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
        guard(py, || {
            log::drain(py);
            stats(py, &self.0.stats())
        })
    }

    /// Refuses new operations, finishes those in flight, and lets go of connections and memory.
    /// Idempotent; takes at most the `timeout` option.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            let (closed, mut closing) = channel();
            let store = self.0.asynchronous();
            py.detach(|| {
                store.close_with(move || {
                    // After Ctrl-C nobody listens any more, which is nothing to report.
                    let _ = closed.send(());
                });
            });
            // What is in flight is answered within the timeout; a moment more for the goodbyes.
            let latest = Instant::now() + store.timeout() + Duration::from_secs(1);
            while Instant::now() < latest {
                let (again, waited) = py.detach(move || {
                    let waited = closing.recv_timeout(SLICE);
                    (closing, waited)
                });
                closing = again;
                match waited {
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
                    Err(RecvTimeoutError::Timeout) => py.check_signals()?,
                }
            }
            log::drain(py);
            Ok(())
        })
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(
        &self,
        py: Python<'_>,
        _exception: &Bound<'_, pyo3::types::PyTuple>,
    ) -> PyResult<()> {
        self.close(py)
    }
}
