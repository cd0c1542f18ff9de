//! The native half of `AsyncStore`: store verbs that return awaitables.

use pyo3::exceptions::PyStopIteration;
use pyo3::prelude::*;
use sessio::operation::{Answer, Reply, Request};

use crate::answer::{WriteResult, counters, to_python};
use crate::error::{guard, invalid, lost, raise};
use crate::event_loop::{PendingCall, running_loop};
use crate::log;
use crate::options::Keywords;
use crate::store::Store;
use crate::verbs::verbs;

/// The verbs of `AsyncStore`, each returning an awaitable. `AsyncStore` wraps them in coroutine
/// functions, which is what `create_task` and `iscoroutinefunction` ask for.
#[pyclass(frozen, module = "sessio._native")]
pub(crate) struct AsyncCalls {
    store: Py<Store>,
    in_memory: bool,
}

impl AsyncCalls {
    /// From a URL and options, or from an open `Store`, which is then shared.
    fn open(url: &Bound<'_, PyAny>, keywords: &Keywords<'_, '_>) -> PyResult<Self> {
        let store = match url.cast::<Store>() {
            Ok(_) if !keywords.are_none() => {
                let message = "an open store has its options already: give options only with a URL";
                return Err(invalid(url.py(), message));
            }
            Ok(store) => store.clone(),
            Err(_) => Bound::new(url.py(), Store(keywords.open(url)?))?,
        };
        Ok(AsyncCalls { in_memory: store.get().is_in_memory(), store: store.unbind() })
    }

    fn core(&self) -> &sessio::Store {
        &self.store.get().0
    }

    fn location(&self) -> String {
        self.core().location()
    }

    fn ask<'py>(&self, py: Python<'py>, request: Request<'_>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let write = WriteResult::of(&request);
            // Before the start: without a running loop the caller gets an error, and then nothing
            // may have been written.
            let pending =
                if self.in_memory { None } else { Some(PendingCall::new(&running_loop(py)?)?) };
            let now = self.core().start(request, || match &pending {
                Some(pending) => pending.reply(write),
                None => Reply::new(drop),
            });
            log::drain(py);
            match (now, pending) {
                (Some(Ok(answer)), _) => ready(to_python(py, answer, write)?),
                (Some(Err(error)), _) => Err(raise(py, &error)),
                (None, Some(pending)) => Ok(pending.future),
                (None, None) => Err(raise(py, &lost())),
            }
        })
    }
}

verbs! { AsyncCalls, PyResult<Bound<'py, PyAny>>,
    /// Blocks until a running cleanup pass has ended: not to be called on the loop's thread.
    fn stop_cleanup(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            py.detach(|| self.core().stop_cleanup());
            log::drain(py);
            Ok(())
        })
    }

    /// The same store with blocking calls.
    #[getter]
    fn store<'py>(&self, py: Python<'py>) -> Bound<'py, Store> {
        self.store.bind(py).clone()
    }

    fn __traverse__(&self, visit: pyo3::gc::PyVisit<'_>) -> Result<(), pyo3::gc::PyTraverseError> {
        visit.call(&self.store)
    }

    /// The counters. A plain method: it does not wait.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
        guard(py, || {
            log::drain(py);
            counters(py, self.core().stats().fields())
        })
    }

    /// Refuses new operations and finishes those in flight.
    fn close<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            if self.in_memory {
                // A store in memory has nothing in flight.
                self.core().close_with(|| ());
                return ready(py.None().into_bound(py));
            }
            let pending = PendingCall::new(&running_loop(py)?)?;
            let closed = pending.complete_with(WriteResult::Bool);
            self.core().close_with(move || closed(Ok(Answer::Done)));
            Ok(pending.future)
        })
    }
}

/// An awaitable whose answer is known: awaiting it never touches the event loop.
#[pyclass(module = "sessio._native")]
struct Ready(Option<Py<PyAny>>);

pub(crate) fn ready(value: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    let py = value.py();
    Ok(Bound::new(py, Ready((!value.is_none()).then(|| value.unbind())))?.into_any())
}

#[pymethods]
impl Ready {
    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    /// Stops at once; the value of the `StopIteration` is the answer.
    fn __next__(&mut self) -> PyResult<Option<Py<PyAny>>> {
        match self.0.take() {
            Some(value) => Err(PyStopIteration::new_err((value,))),
            None => Ok(None),
        }
    }
}
