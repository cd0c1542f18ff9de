//! The native side of `AsyncStore`: verbs that return something to await.

use pyo3::exceptions::PyStopIteration;
use pyo3::prelude::*;
use sessio::operation::{Answer, Reply, Request};

use crate::answer::{Form, counters, to_python};
use crate::error::{guard, invalid, lost, raise};
use crate::hub::{Ticket, running_loop};
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
    /// Of a URL, or of a store that is open: then it is the same one.
    fn open(url: &Bound<'_, PyAny>, keywords: &Keywords<'_, '_>) -> PyResult<Self> {
        let store = match url.cast::<Store>() {
            Ok(_) if !keywords.are_none() => {
                let message = "a store that is open has its options already";
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
            let form = Form::of(&request);
            // Before the start: a write must not happen where nobody can wait for it.
            let ticket = if self.in_memory { None } else { Some(Ticket::new(&running_loop(py)?)?) };
            let now = self.core().start(request, || match &ticket {
                Some(ticket) => ticket.reply(form),
                None => Reply::new(drop),
            });
            log::drain(py);
            match (now, ticket) {
                (Some(Ok(answer)), _) => ready(to_python(py, answer, form)?),
                (Some(Err(error)), _) => Err(raise(py, &error)),
                (None, Some(ticket)) => Ok(ticket.future),
                (None, None) => Err(raise(py, &lost())),
            }
        })
    }
}

verbs! { AsyncCalls, PyResult<Bound<'py, PyAny>>,
    /// Waits for a round that is running: to be called on a thread that may wait.
    fn stop_cleanup(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            py.detach(|| self.core().stop_cleanup());
            log::drain(py);
            Ok(())
        })
    }

    /// The store that waits, which is the same one.
    #[getter]
    fn store<'py>(&self, py: Python<'py>) -> Bound<'py, Store> {
        self.store.bind(py).clone()
    }

    fn __traverse__(&self, visit: pyo3::gc::PyVisit<'_>) -> Result<(), pyo3::gc::PyTraverseError> {
        visit.call(&self.store)
    }

    /// The counters, at once.
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
                // Nothing is in flight there.
                self.core().close_with(|| ());
                return ready(py.None().into_bound(py));
            }
            let ticket = Ticket::new(&running_loop(py)?)?;
            let closed = ticket.deliver(Form::Bool);
            self.core().close_with(move || closed(Ok(Answer::Done)));
            Ok(ticket.future)
        })
    }
}

/// An answer that is there already: awaiting it never touches the event loop.
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

    /// An iterator that ends at once, and whose value is the answer.
    fn __next__(&mut self) -> PyResult<Option<Py<PyAny>>> {
        match self.0.take() {
            Some(value) => Err(PyStopIteration::new_err((value,))),
            None => Ok(None),
        }
    }
}
