//! `AsyncSession`, and the native half of `AsyncSessionManager`: requests to the store return
//! awaitables.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use sessio::operation::{Reply, SessionAnswer, SessionRequest};

use crate::arguments::Limit;
use crate::asyncio::ready;
use crate::error::{guard, lost, raise};
use crate::event_loop::{PendingCall, running_loop};

use super::answer::into_python;
use super::arguments::{header, headers, name, other_token, token};
use super::manager::{
    SessionManager, create_session, find_request, list_request, list_subject_request, view_of,
};
use super::transaction::Transaction;
use super::view::View;

/// One request's view of a session, for asyncio: a mutable mapping from str to values. An
/// `AsyncSessionManager` loads it, and the manager's `commit` stores its changes.
///
/// It is loaded, so reads are plain methods. Only `take`, `destroy`, `merge_from` and
/// `ensure_token` are coroutines. Values are those of `Session`: a list or dict is the same object
/// at each read, and changes inside it are stored.
///
/// Any task of any event loop may use it, and any thread. Without a commit its changes are
/// discarded. It cannot be pickled. `repr` shows neither token nor values.
#[pyclass(frozen, extends = View, module = "sessio")]
pub(crate) struct AsyncSession;

impl AsyncSession {
    pub(crate) fn wrap<'py>(
        manager: &Bound<'py, SessionManager>,
        session: sessio::Session,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = PyClassInitializer::from(View::new(manager, session));
        Ok(Bound::new(manager.py(), view.add_subclass(AsyncSession))?.into_any())
    }

    /// For requests that can change values: first puts the changes inside lists and dicts.
    fn ask<'py>(
        slf: &Bound<'py, Self>,
        request: impl FnOnce(sessio::Session) -> SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        view.flush(slf.py())?;
        let request = request(view.session.clone());
        ask(view.manager.bind(slf.py()), Some(slf.as_super()), request)
    }
}

/// The awaitables behind the coroutine methods, which are written in Python.
#[pymethods]
impl AsyncSession {
    fn _ensure_loaded<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.as_super().get());
        ask(view.manager.bind(py), None, SessionRequest::EnsureLoaded(view.session.clone()))
    }

    fn _ensure_token<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.as_super().get());
        ask(view.manager.bind(py), None, SessionRequest::EnsureToken(view.session.clone()))
    }

    fn _destroy<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.as_super().get());
        let request = SessionRequest::Destroy(view.session.clone());
        ask(view.manager.bind(py), Some(slf.as_super()), request)
    }

    fn _take<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let name = name(key)?.into_owned();
        AsyncSession::ask(slf, |session| SessionRequest::Take(session, name))
    }

    fn _merge_from<'py>(
        slf: &Bound<'py, Self>,
        token: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let token = other_token(token)?;
        AsyncSession::ask(slf, |session| SessionRequest::MergeFrom(session, token))
    }
}

/// Starts a request and returns its awaitable. `view` is the session that the request is about.
fn ask<'py>(
    manager: &Bound<'py, SessionManager>,
    view: Option<&Bound<'py, View>>,
    request: SessionRequest,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, this) = (manager.py(), manager.get());
    guard(py, || {
        // Before the start: without a running loop the caller gets an error, and then nothing may
        // have been written. Loading writes nothing, and without a token it needs no loop.
        if !this.in_memory && !matches!(request, SessionRequest::EnsureLoaded(_)) {
            running_loop(py)?;
        }
        let mut pending = None;
        // The closure runs only if the request goes to a runtime thread: most requests of a loaded
        // session need no future.
        let now = request.start(|| {
            let call = running_loop(py).and_then(|event_loop| PendingCall::new(&event_loop));
            let reply = call.as_ref().map(|call| {
                call.session_reply(manager.clone().unbind(), view.map(|view| view.clone().unbind()))
            });
            let reply = reply.unwrap_or_else(|_| Reply::new(drop));
            pending = Some(call);
            reply
        });
        if now.is_some() {
            after_answer(manager, view);
        }
        match (now, pending) {
            (Some(Ok(answer)), _) => ready(to_python(manager, answer)?),
            (Some(Err(error)), _) => Err(raise(py, &error)),
            (None, Some(call)) => Ok(call?.future),
            (None, None) => Err(raise(py, &lost())),
        }
    })
}

pub(crate) fn to_python<'py>(
    manager: &Bound<'py, SessionManager>,
    answer: SessionAnswer,
) -> PyResult<Bound<'py, PyAny>> {
    into_python(answer, manager, AsyncSession::wrap)
}

/// To be called after each answer, even if its future was cancelled.
pub(crate) fn after_answer(manager: &Bound<'_, SessionManager>, view: Option<&Bound<'_, View>>) {
    let py = manager.py();
    if let Some(view) = view {
        view.get().tracked.untrack_stale(py, &view.get().session);
    }
    manager.get().inner.dispatch(py);
}

/// The methods of `SessionManager` as awaitables, which `AsyncSessionManager` wraps in coroutines.
#[pyclass(frozen, module = "sessio._native")]
pub(crate) struct AsyncManagerCalls(Py<SessionManager>);

impl AsyncManagerCalls {
    fn wrap<'py>(&self, py: Python<'py>, session: sessio::Session) -> PyResult<Bound<'py, PyAny>> {
        AsyncSession::wrap(self.0.bind(py), session)
    }
}

#[pymethods]
impl AsyncManagerCalls {
    #[new]
    fn new(manager: Bound<'_, SessionManager>) -> Self {
        AsyncManagerCalls(manager.unbind())
    }

    /// The session is not loaded yet. So it is with the next two.
    fn load<'py>(
        &self,
        py: Python<'py>,
        token: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || self.wrap(py, self.0.get().core().load(self::token(token)?.as_deref())))
    }

    fn load_cookie<'py>(
        &self,
        py: Python<'py>,
        header: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || self.wrap(py, self.0.get().core().load_cookies(headers(header)?)))
    }

    fn load_header<'py>(
        &self,
        py: Python<'py>,
        header: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || self.wrap(py, self.0.get().core().load_header(&self::header(header)?)))
    }

    fn create<'py>(&self, token: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let created = create_session(self.0.get().core(), token)?;
        self.wrap(token.py(), created)
    }

    fn find<'py>(&self, token: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        ask(self.0.bind(token.py()), None, find_request(self.0.get().core(), token)?)
    }

    fn commit<'py>(&self, session: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (session.py(), view_of(session)?);
        guard(py, || {
            view.get().flush(py)?;
            let (manager, session) = (self.0.get().core().clone(), view.get().session.clone());
            ask(self.0.bind(py), Some(&view), SessionRequest::Commit(manager, session))
        })
    }

    fn begin<'py>(&self, transaction: &Bound<'py, Transaction>) -> PyResult<Bound<'py, PyAny>> {
        let request = SessionRequest::Begin(transaction.get().0.clone());
        ask(self.0.bind(transaction.py()), None, request)
    }

    fn finish<'py>(
        &self,
        transaction: &Bound<'py, Transaction>,
        session: &Bound<'py, AsyncSession>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (session.py(), session.as_super());
        guard(py, || {
            view.get().flush(py)?;
            let (transaction, session) = (transaction.get().0.clone(), view.get().session.clone());
            ask(self.0.bind(py), Some(view), SessionRequest::Finish(transaction, session))
        })
    }

    /// A store in memory does the work on the loop's thread.
    #[pyo3(
        signature = (*, after=None, limit=Limit::PAGE),
        text_signature = "($self, *, after=None, limit=100)"
    )]
    fn list<'py>(
        &self,
        py: Python<'py>,
        after: Option<&Bound<'py, PyAny>>,
        limit: Limit,
    ) -> PyResult<Bound<'py, PyAny>> {
        ask(self.0.bind(py), None, list_request(self.0.get().core(), after, limit)?)
    }

    #[pyo3(
        signature = (subject, *, after=None, limit=Limit::PAGE),
        text_signature = "($self, subject, *, after=None, limit=100)"
    )]
    fn list_subject<'py>(
        &self,
        subject: &Bound<'py, PyAny>,
        after: Option<&Bound<'py, PyAny>>,
        limit: Limit,
    ) -> PyResult<Bound<'py, PyAny>> {
        let request = list_subject_request(self.0.get().core(), subject, after, limit)?;
        ask(self.0.bind(subject.py()), None, request)
    }

    fn __traverse__(&self, visit: pyo3::gc::PyVisit<'_>) -> Result<(), pyo3::gc::PyTraverseError> {
        visit.call(&self.0)
    }
}
