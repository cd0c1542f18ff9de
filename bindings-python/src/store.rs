//! `Store`: the store verbs as blocking calls.

use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use sessio::operation::Request;

use crate::answer::{WriteResult, counters, optional, to_python};
use crate::error::{guard, raise};
use crate::log;
use crate::options::Keywords;
use crate::verbs::{option_docs, verbs, visits_many};
use crate::wait::{BlockingCall, wait};

/// A store of sessions in MySQL or in memory, with blocking calls. `AsyncStore` has the same verbs
/// for asyncio.
///
/// `url` is one of: `memory:`; `mysql://user:password@host:3306/database?table=sessions`; the same
/// with several hosts (`a:3306,b:3306`, tried in this order); a Go DSN
/// (`user:password@tcp(host:3306)/database`); or the JSON that a beego program gives to
/// `NewManager`. With beego's JSON, the table, its lifetimes and the defaults of the store's
/// managers, cookie included, are those of beego.
///
/// Options are keywords with the names that they have in the URL, and take precedence over it. A
/// duration is a timedelta or a number of seconds.
///
#[doc = option_docs!()]
/// - `clock`: A `ManualClock`, for tests.
///
/// Opening a store neither connects nor starts threads: the first operation does. A store is
/// thread-safe. A blocked call releases the interpreter and can be interrupted by Ctrl-C: its
/// answer is lost, but a write still happens. After a fork the child can use the store: it opens
/// its own connections, and a store in memory is empty there. As a context manager the store closes
/// itself.
///
/// Every verb raises `InvalidArgument` (also a `ValueError`) or `TypeError` for arguments that it
/// does not accept, and `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Corrupt` or `Closed`.
/// Other errors are named at the verbs.
#[pyclass(frozen, subclass, weakref, module = "sessio")]
pub(crate) struct Store(pub(crate) sessio::Store);

impl Store {
    /// A store in memory answers at once: it needs neither runtime threads nor an event loop.
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
        let write = WriteResult::of(&request);
        let mut call = BlockingCall::new();
        // For one session in memory, releasing the interpreter would take longer than the call.
        let now = if visits_many(&request) {
            py.detach(|| self.0.start(request, || call.reply()))
        } else {
            self.0.start(request, || call.reply())
        };
        let answer = call.wait(py, now);
        log::drain(py);
        to_python(py, answer?, write)
    }
}

verbs! { Store, PyResult<Bound<'py, PyAny>>,
    /// Stops the background cleanup of this store in this process, and waits for a pass that is
    /// running. It cannot be started again. Idempotent.
    fn stop_cleanup(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            py.detach(|| self.0.stop_cleanup());
            log::drain(py);
            Ok(())
        })
    }

    /// The counters of this store in this process, by name: `statements`, `batches`,
    /// `retries`, `connections`, `cleanups`, `cleanup_errors`, `removed`, `sessions`, `bytes`.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
        guard(py, || {
            log::drain(py);
            counters(py, self.0.stats().fields())
        })
    }

    /// Closes the store: refuses new operations, finishes those in flight, and frees connections
    /// and memory. Afterwards every verb raises `Closed`. Takes at most the `timeout` option.
    /// Idempotent.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            let (finished, closed) = sync_channel(1);
            py.detach(|| {
                self.0.close_with(move || {
                    // Fails after Ctrl-C, when the receiver is gone.
                    let _ = finished.send(());
                });
            });
            // Operations in flight are answered within the timeout; disconnecting takes a moment
            // more.
            let latest = Instant::now() + self.0.timeout() + Duration::from_secs(1);
            // The outcome is ignored: after a timeout or a fork there is nothing left to close.
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
