//! The native side of `AsyncSessionManager`, and `AsyncSession`: what asks the store returns
//! something to await, and everything else is done at once.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use sessio::operation::{Reply, SessionAnswer, SessionRequest};

use crate::argument::Limit;
use crate::asyncio::ready;
use crate::error::{guard, lost, raise};
use crate::hub::{Ticket, running_loop};

use super::answer::into_python;
use super::argument::{header, headers, name, their_token, token};
use super::manager::{SessionManager, created, found, list_of, list_of_subject, loaded};
use super::transaction::Transaction;
use super::view::View;

/// A session, as one request sees it, in an event loop: a mutable mapping from str to values. It
/// comes from an `AsyncSessionManager`, and what is changed is stored by the manager's `commit`.
///
/// It is loaded: reading it waits for nobody. Only `take`, `destroy` and `merge_from`, which ask the
/// store, are coroutines. Values are those of `Session`; lists and dicts are the same objects at
/// each read, and what a program changes in them is stored.
///
/// Any task of any loop may use it. Dropped without a commit, its changes are lost. It cannot be
/// pickled. `repr` shows neither token nor values.
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

    /// What may change what the session holds: first with what was changed in its lists and dicts.
    fn ask<'py>(
        slf: &Bound<'py, Self>,
        request: impl FnOnce(sessio::Session) -> SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        view.note(slf.py())?;
        let request = request(view.session.clone());
        ask(view.manager.bind(slf.py()), Some(slf.as_super()), request)
    }
}

/// What it returns is for the coroutines that `async_sessions.py` gives to this class.
#[pymethods]
impl AsyncSession {
    /// Loads it.
    fn _look<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
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
        let token = their_token(token)?;
        AsyncSession::ask(slf, |session| SessionRequest::MergeFrom(session, token))
    }
}

/// Starts a request and gives what is to be awaited. The view is the one that it is about.
fn ask<'py>(
    manager: &Bound<'py, SessionManager>,
    view: Option<&Bound<'py, View>>,
    request: SessionRequest,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, this) = (manager.py(), manager.get());
    guard(py, || {
        // Before the start: a write must not happen where nobody can wait for it. A look writes
        // nothing, and asks nobody where a request brought no token.
        if !this.in_memory && !matches!(request, SessionRequest::EnsureLoaded(_)) {
            running_loop(py)?;
        }
        let mut ticket = None;
        // Of a session that was looked at most is known, and no future is needed.
        let now = request.start(|| {
            let made = running_loop(py).and_then(|event_loop| Ticket::new(&event_loop));
            let reply = made.as_ref().map(|made| {
                made.session_reply(manager.clone().unbind(), view.map(|view| view.clone().unbind()))
            });
            let reply = reply.unwrap_or_else(|_| Reply::new(drop));
            ticket = Some(made);
            reply
        });
        if now.is_some() {
            arrived(manager, view);
        }
        match (now, ticket) {
            (Some(Ok(answer)), _) => ready(to_python(manager, answer)?),
            (Some(Err(error)), _) => Err(raise(py, &error)),
            (None, Some(ticket)) => Ok(ticket?.future),
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

/// To be called when something was answered, also where nobody waits for it any more.
pub(crate) fn arrived(manager: &Bound<'_, SessionManager>, view: Option<&Bound<'_, View>>) {
    let py = manager.py();
    if let Some(view) = view {
        view.get().handed.compare(py, &view.get().session);
    }
    manager.get().managed.hand_on(py);
}

/// What `AsyncSessionManager` wraps: the verbs of a `SessionManager` for event loops.
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

    /// Not loaded yet, as those of the next two.
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
        let created = created(self.0.get().core(), token)?;
        self.wrap(token.py(), created)
    }

    fn find<'py>(&self, token: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        ask(self.0.bind(token.py()), None, found(self.0.get().core(), token)?)
    }

    fn commit<'py>(&self, session: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (session.py(), loaded(session)?);
        guard(py, || {
            view.get().note(py)?;
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
            view.get().note(py)?;
            let (transaction, session) = (transaction.get().0.clone(), view.get().session.clone());
            ask(self.0.bind(py), Some(view), SessionRequest::Finish(transaction, session))
        })
    }

    /// In memory the loop's thread does the work itself.
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
        ask(self.0.bind(py), None, list_of(self.0.get().core(), after, limit)?)
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
        let request = list_of_subject(self.0.get().core(), subject, after, limit)?;
        ask(self.0.bind(subject.py()), None, request)
    }

    fn __traverse__(&self, visit: pyo3::gc::PyVisit<'_>) -> Result<(), pyo3::gc::PyTraverseError> {
        visit.call(&self.0)
    }
}
