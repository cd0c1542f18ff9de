//! The native side of `AsyncSessionManager` and `AsyncSession`: what asks the store returns
//! something to await, and everything else is done at once.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use sessio::operation::{Reply, SessionAnswer, SessionRequest};

use crate::argument::wrong;
use crate::asyncio::{AsyncCalls, ready};
use crate::error::{guard, lost, raise};
use crate::hub::{Ticket, running_loop};
use crate::value::kind_of;

use super::answer::into_python;
use super::methods::{get_as, manager_methods, name, session_methods};
use super::settings::Managed;

/// What `AsyncSessionManager` wraps.
#[pyclass(frozen, module = "sessio._native")]
pub(crate) struct AsyncManagerCalls {
    pub(crate) managed: Managed,
    in_memory: bool,
}

/// What `AsyncSession` wraps.
#[pyclass(frozen, module = "sessio._native")]
pub(crate) struct AsyncSessionCalls {
    manager: Py<AsyncManagerCalls>,
    session: sessio::Session,
}

impl AsyncManagerCalls {
    fn wrap<'py>(slf: &Bound<'py, Self>, session: sessio::Session) -> PyResult<Bound<'py, PyAny>> {
        let manager = slf.clone().unbind();
        Ok(Bound::new(slf.py(), AsyncSessionCalls { manager, session })?.into_any())
    }

    pub(crate) fn to_python<'py>(
        slf: &Bound<'py, Self>,
        answer: SessionAnswer,
    ) -> PyResult<Bound<'py, PyAny>> {
        into_python(answer, slf.py(), |session| AsyncManagerCalls::wrap(slf, session))
    }

    fn ask<'py>(slf: &Bound<'py, Self>, request: SessionRequest) -> PyResult<Bound<'py, PyAny>> {
        let (py, this) = (slf.py(), slf.get());
        guard(py, || {
            // Before the start: a write must not happen where nobody can wait for it.
            let event_loop = if this.in_memory { None } else { Some(running_loop(py)?) };
            let mut ticket = None;
            let now = request.start(|| {
                // Of a session that was looked at most is known, and no future is needed.
                match event_loop.as_ref().map(Ticket::new) {
                    Some(Ok(made)) => {
                        let reply = made.session_reply(slf.clone().unbind());
                        ticket = Some(Ok(made));
                        reply
                    }
                    Some(Err(failed)) => {
                        ticket = Some(Err(failed));
                        Reply::new(drop)
                    }
                    None => Reply::new(drop),
                }
            });
            this.managed.hand_on(py);
            match (now, ticket) {
                (Some(Ok(answer)), _) => ready(AsyncManagerCalls::to_python(slf, answer)?),
                (Some(Err(error)), _) => Err(raise(py, &error)),
                (None, Some(ticket)) => Ok(ticket?.future),
                (None, None) => Err(raise(py, &lost())),
            }
        })
    }
}

impl AsyncManagerCalls {
    /// As everything that a loop asks for: in memory its thread does the work itself.
    fn ask_many<'py>(
        slf: &Bound<'py, Self>,
        request: SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        AsyncManagerCalls::ask(slf, request)
    }
}

manager_methods! { AsyncManagerCalls, AsyncSessionCalls, "a sessio.AsyncSession",
    #[new]
    #[pyo3(signature = (store, **options))]
    fn new(store: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let py = store.py();
        guard(py, || {
            let calls = store.cast::<AsyncCalls>();
            let calls = calls.map_err(|_| wrong(store, "store", "a sessio.AsyncStore"))?.get();
            let managed = Managed::open(py, &calls.store, options)?;
            Ok(AsyncManagerCalls { managed, in_memory: calls.in_memory })
        })
    }

    fn __traverse__(
        &self,
        visit: pyo3::gc::PyVisit<'_>,
    ) -> Result<(), pyo3::gc::PyTraverseError> {
        self.managed.listener().map_or(Ok(()), |listener| visit.call(listener))
    }
}

session_methods! { AsyncSessionCalls, AsyncManagerCalls,
    /// The value of a key, or `...`.
    fn get<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let request = SessionRequest::Get(self.session.clone(), name(key)?.into_owned());
        self.ask(key.py(), request)
    }

    /// The same, if it is of this very type.
    fn get_as<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        r#type: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let kind = kind_of(r#type)?;
        self.ask(key.py(), get_as(&self.session, name(key)?.into_owned(), kind))
    }

    /// The value of a key, which is removed, or `...`.
    fn pop<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let request = SessionRequest::Pop(self.session.clone(), name(key)?.into_owned());
        self.ask(key.py(), request)
    }

    fn contains<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let request = SessionRequest::Contains(self.session.clone(), name(key)?.into_owned());
        self.ask(key.py(), request)
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Keys(self.session.clone()))
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Values(self.session.clone()))
    }
}
