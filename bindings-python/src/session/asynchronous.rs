//! `AsyncSession`, and the native half of `AsyncSessionManager`: requests to the store return
//! awaitables.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use sessio::operation::{Reply, SessionAnswer, SessionRequest};

use crate::asyncio::ready;
use crate::error::{guard, lost, raise};
use crate::event_loop::{PendingCall, running_loop};
use crate::key::Key;
use crate::text::unicode;

use super::answer::into_python;
use super::arguments;
use super::manager::{SessionManager, view_of};
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
}

/// The awaitables behind the coroutine methods, which are written in Python.
#[pymethods]
impl AsyncSession {
    // Made by `cargo xtask gen` for AsyncSession: change `api/session.toml`.
    fn _ensure_loaded<'py>(slf: &Bound<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        let request = SessionRequest::EnsureLoaded(view.session.clone());
        ask(view.manager.bind(py), None, request)
    }

    fn _take<'py>(
        slf: &Bound<'py, Self>,
        py: Python<'py>,
        key: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        let name = unicode(key, "key")?;
        view.flush(py)?;
        let request = SessionRequest::Take(view.session.clone(), name.into_owned());
        ask(view.manager.bind(py), Some(slf.as_super()), request)
    }

    fn _ensure_token<'py>(slf: &Bound<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        let request = SessionRequest::EnsureToken(view.session.clone());
        ask(view.manager.bind(py), None, request)
    }

    fn _destroy<'py>(slf: &Bound<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        let request = SessionRequest::Destroy(view.session.clone());
        ask(view.manager.bind(py), Some(slf.as_super()), request)
    }

    fn _merge_from<'py>(
        slf: &Bound<'py, Self>,
        py: Python<'py>,
        token: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        let token = arguments::other_token(token, "token")?;
        view.flush(py)?;
        let request = SessionRequest::MergeFrom(view.session.clone(), token);
        ask(view.manager.bind(py), Some(slf.as_super()), request)
    }
    // The end of what `cargo xtask gen` makes.
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

/// The methods of `SessionManager` as awaitables, which `AsyncSessionManager` wraps in coroutines. A
/// store in memory does its work on the loop's thread.
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
        guard(py, || self.wrap(py, self.0.get().core().load(arguments::token(token)?.as_deref())))
    }

    fn load_cookie<'py>(
        &self,
        py: Python<'py>,
        header: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || self.wrap(py, self.0.get().core().load_cookies(arguments::headers(header)?)))
    }

    fn load_header<'py>(
        &self,
        py: Python<'py>,
        header: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || self.wrap(py, self.0.get().core().load_header(&arguments::header(header)?)))
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

    // Made by `cargo xtask gen` for AsyncManagerCalls: change `api/session.toml`.
    fn find<'py>(&self, py: Python<'py>, token: &Bound<'_, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let manager = self.0.get().core().clone();
        let request = match token.cast::<Key>() {
            Ok(key) => SessionRequest::FindKey(manager, key.get().0),
            Err(_) => SessionRequest::Find(manager, arguments::other_token(token, "token")?),
        };
        ask(self.0.bind(py), None, request)
    }

    fn create<'py>(
        &self,
        py: Python<'py>,
        token: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let token = unicode(token, "token")?;
            let created = self.0.get().core().create(&token).map_err(|error| raise(py, &error))?;
            self.wrap(py, created)
        })
    }

    fn commit<'py>(
        &self,
        py: Python<'py>,
        session: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = view_of(session, "session")?;
        guard(py, || {
            view.get().flush(py)?;
            let manager = self.0.get().core().clone();
            let session = view.get().session.clone();
            ask(self.0.bind(py), Some(&view), SessionRequest::Commit(manager, session))
        })
    }

    #[pyo3(
        signature = (*, after=None, limit=arguments::Limit(100)),
        text_signature = "($self, *, after=None, limit=100)"
    )]
    fn list<'py>(
        &self,
        py: Python<'py>,
        after: Option<&Bound<'_, PyAny>>,
        limit: arguments::Limit,
    ) -> PyResult<Bound<'py, PyAny>> {
        let after = arguments::after(after)?.copied();
        let manager = self.0.get().core().clone();
        ask(self.0.bind(py), None, SessionRequest::List(manager, after, limit.0))
    }

    #[pyo3(
        signature = (subject, *, after=None, limit=arguments::Limit(100)),
        text_signature = "($self, subject, *, after=None, limit=100)"
    )]
    fn list_subject<'py>(
        &self,
        py: Python<'py>,
        subject: &Bound<'_, PyAny>,
        after: Option<&Bound<'_, PyAny>>,
        limit: arguments::Limit,
    ) -> PyResult<Bound<'py, PyAny>> {
        let subject = unicode(subject, "subject")?;
        let after = arguments::after(after)?.copied();
        let manager = self.0.get().core().clone();
        ask(
            self.0.bind(py),
            None,
            SessionRequest::ListSubject(manager, subject.into_owned(), after, limit.0),
        )
    }
    // The end of what `cargo xtask gen` makes.

    fn __traverse__(&self, visit: pyo3::gc::PyVisit<'_>) -> Result<(), pyo3::gc::PyTraverseError> {
        visit.call(&self.0)
    }
}
