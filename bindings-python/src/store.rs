//! `Store`: calls that wait, with the interpreter released and an eye on signals.

use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use sessio::operation::Request;

use crate::answer::{Form, counters, optional, to_python};
use crate::error::{guard, raise};
use crate::log;
use crate::options::Keywords;
use crate::verbs::verbs;
use crate::wait::{Pending, wait};

/// Sessions, in MySQL or in memory, with calls that wait; `AsyncStore` has the same for asyncio.
///
/// The URL is `memory:`, `mysql://user:password@host:3306/database?table=sessions`, the same with
/// several hosts (`a:3306,b:3306`, tried in this order), a Go DSN
/// (`user:password@tcp(host:3306)/database`), or the JSON that a beego program gives to
/// `NewManager`: then the table and its lifetimes are beego's, and so are the defaults of the
/// store's managers, cookie and all. Keywords are options of the same names as in the URL, and
/// overrule it: `table`, `hash_tokens`, `max_lifetime` (of a beego table), `cleanup_interval` and
/// `timeout` (timedeltas or seconds, all three), `connections` (the most that are opened, 16),
/// `max_data`, `max_sessions`, `max_bytes`, `tls`, `ca`, `tls_cert` and `tls_key` (paths, all
/// three), `columns` (`"token=sid,data=payload"`, of a table that others made),
/// `session_variables` (`"wsrep_sync_wait=7"`, set on each connection), `spread_hosts` (start on
/// any of several hosts), and `clock` (a `ManualClock`, for tests).
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
pub(crate) struct Store(pub(crate) sessio::Store);

impl Store {
    /// Then every answer is there at once and no event loop is needed, nor which one it is.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.0.location() == "memory:"
    }

    fn open(url: &Bound<'_, PyAny>, keywords: &Keywords<'_, '_>) -> PyResult<Self> {
        Ok(Store(keywords.open(url)?))
    }

    fn location(&self) -> String {
        self.0.location()
    }

    #[inline]
    fn ask<'py>(&self, py: Python<'py>, request: Request<'_>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            if let Request::Find(target) = request
                && let Some(found) = self.0.find_at_once(target)
            {
                log::drain(py);
                return optional(py, found.map_err(|error| raise(py, &error))?);
            }
            self.start_and_wait(py, request)
        })
    }

    fn start_and_wait<'py>(
        &self,
        py: Python<'py>,
        request: Request<'_>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let form = Form::of(&request);
        let mut pending = Pending::new();
        // In memory one session is found faster than the interpreter is released.
        let now = if visits_many(&request) {
            py.detach(|| self.0.start(request, || pending.reply()))
        } else {
            self.0.start(request, || pending.reply())
        };
        let answer = pending.wait(py, now);
        log::drain(py);
        to_python(py, answer?, form)
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
        | Request::MigrateFrom(_)
        | Request::Check
        | Request::Ping => false,
        Request::FindMany(_)
        | Request::SaveMany(_)
        | Request::DeleteMany(_)
        | Request::Count
        | Request::List(..)
        | Request::ListSubject(..)
        | Request::DeleteSubject(..)
        | Request::Clear
        | Request::DeleteExpired(_) => true,
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
            counters(py, self.0.stats().fields())
        })
    }

    /// Refuses new operations, finishes those in flight, and lets go of connections and memory.
    /// Idempotent; takes at most the `timeout` option.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            let (finished, closed) = sync_channel(1);
            py.detach(|| {
                self.0.close_with(move || {
                    // After Ctrl-C nobody waits any more.
                    let _ = finished.send(());
                });
            });
            // What is in flight is answered within the timeout; a moment more for the goodbyes.
            let latest = Instant::now() + self.0.timeout() + Duration::from_secs(1);
            // However it ended, nothing more can be done about it.
            wait(py, closed, Some(latest))?;
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
