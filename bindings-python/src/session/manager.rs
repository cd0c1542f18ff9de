//! `SessionManager`: loads and commits sessions with blocking calls.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use sessio::operation::{SessionAnswer, SessionRequest};

use crate::answer::counters;
use crate::error::{guard, raise, type_error};
use crate::key::Key;
use crate::store::Store;
use crate::text::unicode;
use crate::wait::BlockingCall;

use super::answer::into_python;
use super::arguments;
use super::handle::Session;
use super::manager_options::manager_option_docs;
use super::settings::ManagerCore;
use super::transaction::Transaction;
use super::view::View;

/// Loads sessions at the beginning of requests and commits them at the end, with blocking calls.
/// `AsyncSessionManager` has the same methods for asyncio.
///
/// Options are keywords. A duration is a timedelta or a number of seconds.
///
#[doc = manager_option_docs!()]
///
/// `on_event` is called with the name of each event (see `stats`), on a thread that uses the
/// manager, before one of its calls returns. Its exceptions go to `sys.unraisablehook`.
///
/// A manager is thread-safe. A blocked call releases the interpreter and can be interrupted by
/// Ctrl-C: its answer is lost, but a write still happens. After a fork the child can use the
/// manager. Once the store is closed, everything that asks the store raises `Closed`.
///
/// Raises `InvalidArgument` for invalid or contradicting options, including cookie attributes that
/// browsers reject, and `TypeError` for unknown options and wrong types.
#[pyclass(frozen, subclass, weakref, module = "sessio")]
pub(crate) struct SessionManager {
    pub(crate) inner: ManagerCore,
    store: Py<Store>,
    /// A store in memory answers at once: it needs neither runtime threads nor an event loop.
    pub(crate) in_memory: bool,
}

impl SessionManager {
    pub(crate) fn core(&self) -> &sessio::SessionManager {
        &self.inner.manager
    }

    pub(crate) fn ask<'py>(
        slf: &Bound<'py, Self>,
        request: SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(slf.py(), || SessionManager::to_python(slf, SessionManager::wait(slf, request)?))
    }

    /// For requests about many sessions: releases the interpreter while they start.
    fn ask_many<'py>(
        slf: &Bound<'py, Self>,
        request: SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || {
            let mut call = BlockingCall::new();
            let now = py.detach(|| request.start(|| call.reply()));
            let answer = call.wait(py, now);
            slf.get().inner.dispatch(py);
            SessionManager::to_python(slf, answer?)
        })
    }

    /// For requests that store a session: first puts the changes inside its lists and dicts.
    fn store_view<'py>(
        slf: &Bound<'py, Self>,
        view: &View,
        request: impl FnOnce(sessio::Session) -> SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || {
            view.flush(py)?;
            let answer = SessionManager::wait(slf, request(view.session.clone()));
            view.tracked.untrack_stale(py, &view.session);
            SessionManager::to_python(slf, answer?)
        })
    }

    fn to_python<'py>(
        slf: &Bound<'py, Self>,
        answer: SessionAnswer,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let SessionAnswer::CommitResult(result) | SessionAnswer::Finished(Some(result)) = &answer
        {
            result.taken();
        }
        into_python(answer, slf, Session::wrap)
    }

    /// Starts with the interpreter locked: in memory, releasing it would take longer than the
    /// request.
    pub(crate) fn wait(slf: &Bound<'_, Self>, request: SessionRequest) -> PyResult<SessionAnswer> {
        let mut call = BlockingCall::new();
        let now = request.start(|| call.reply());
        let answer = call.wait(slf.py(), now);
        slf.get().inner.dispatch(slf.py());
        answer
    }
}

/// The view of a `Session`, an `AsyncSession` or a `LazySession`.
pub(crate) fn view_of<'py>(session: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, View>> {
    let view = match session.cast::<View>() {
        Ok(view) => return Ok(view.clone()),
        Err(_) => session.getattr_opt(pyo3::intern!(session.py(), "_session"))?,
    };
    let view = view.and_then(|view| view.cast_into::<View>().ok());
    view.ok_or_else(|| type_error(session, name, "a session of sessio"))
}

#[pymethods]
impl SessionManager {
    #[new]
    // Made by `cargo xtask gen` from `api/manager_options.toml`: change that.
    #[pyo3(
        signature = (store, **options),
        text_signature = "(store, *, lifetime=None, idle_timeout=None, touch_interval=None, ended_window=None, \
            codec=None, read_codecs=None, gob_registered=None, on_conflict=None, on_corrupt=None, \
            cookie_name=None, cookie_path=None, cookie_domain=None, cookie_secure=None, \
            cookie_http_only=None, cookie_same_site=None, cookie_partitioned=None, \
            cookie_persist=None, cookie_signature=None, cookie_secrets=None, on_event=None)"
    )]
    // The end of what `cargo xtask gen` makes.
    fn new(store: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let py = store.py();
        guard(py, || {
            let store =
                store.cast::<Store>().map_err(|_| type_error(store, "store", "a sessio.Store"))?;
            let inner = ManagerCore::open(py, &store.get().0, options)?;
            let in_memory = store.get().is_in_memory();
            Ok(SessionManager { inner, store: store.clone().unbind(), in_memory })
        })
    }

    /// The store of the manager.
    #[getter]
    fn store<'py>(&self, py: Python<'py>) -> Bound<'py, Store> {
        self.store.bind(py).clone()
    }

    /// Returns the session of a token, or a new session without one. Does not ask the store yet:
    /// the first read does. If the token turns out to be unknown or malformed, the session is new
    /// and gets a token of its own.
    #[pyo3(signature = (token=None))]
    fn load<'py>(
        slf: &Bound<'py, Self>,
        token: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(slf.py(), || {
            Session::wrap(slf, slf.get().core().load(arguments::token(token)?.as_deref()))
        })
    }

    /// Returns the session of a request's `Cookie` header: str, bytes or None; or a list of them if
    /// the request has several. Otherwise as `load`. A malformed header gives a new session.
    fn load_cookie<'py>(
        slf: &Bound<'py, Self>,
        header: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(slf.py(), || {
            Session::wrap(slf, slf.get().core().load_cookies(arguments::headers(header)?))
        })
    }

    /// Returns the session of another request header, whose value is the token, with or without
    /// `Bearer ` before it. Otherwise as `load`.
    fn load_header<'py>(
        slf: &Bound<'py, Self>,
        header: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(slf.py(), || {
            Session::wrap(slf, slf.get().core().load_header(&arguments::header(header)?))
        })
    }

    /// For `transact`, as are the next two.
    fn _transaction(&self, token: &Bound<'_, PyAny>) -> PyResult<Transaction> {
        let token = arguments::token(Some(token))?.unwrap_or_default();
        Ok(Transaction(self.core().transaction(&token)))
    }

    fn _begin<'py>(
        slf: &Bound<'py, Self>,
        transaction: &Bound<'py, Transaction>,
    ) -> PyResult<Bound<'py, PyAny>> {
        SessionManager::ask(slf, SessionRequest::Begin(transaction.get().0.clone()))
    }

    fn _finish<'py>(
        slf: &Bound<'py, Self>,
        transaction: &Bound<'py, Transaction>,
        session: &Bound<'py, Session>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (view, transaction) = (session.as_super().get(), transaction.get().0.clone());
        SessionManager::store_view(slf, view, |view| SessionRequest::Finish(transaction, view))
    }

    // Made by `cargo xtask gen` for SessionManager: change `api/session.toml`.
    /// The live session of a token, already loaded, or None. A session that is found by its key is
    /// as those of `list`: another client's, without a token and a cookie.
    ///
    /// Raises as `Session.get`.
    fn find<'py>(slf: &Bound<'py, Self>, token: &Bound<'_, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let manager = slf.get().core().clone();
        let request = match token.cast::<Key>() {
            Ok(key) => SessionRequest::FindKey(manager, key.get().0),
            Err(_) => SessionRequest::Find(manager, arguments::other_token(token, "token")?),
        };
        SessionManager::ask(slf, request)
    }

    /// A new session under a token that the program chooses, for frameworks that make their own
    /// ids. The commit inserts it if it has values, or after `Session.store_empty`. If a session
    /// with this token is live by then, the commit stores nothing, sends no cookie, and its outcome
    /// is a conflict.
    ///
    /// The token is the client's secret. It must be random, at least 128 bits, and made by the
    /// program: a token that was taken from a client is shared with the attacker who planted it.
    ///
    /// Raises `InvalidArgument` for a token that cannot be stored.
    fn create<'py>(
        slf: &Bound<'py, Self>,
        token: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || {
            let token = unicode(token, "token")?;
            let created = slf.get().core().create(&token).map_err(|error| raise(py, &error))?;
            Session::wrap(slf, created)
        })
    }

    /// Stores the changes of a session at the end of its request, and says what to send to the
    /// client. A new session is inserted under a new token. Only the changes of this request are
    /// stored, key by key, on top of what other requests have changed since it was loaded (see the
    /// option `on_conflict`). A session that another request has ended stays ended. Without changes
    /// nothing is stored, but the expiry may be extended. After an error the session keeps its
    /// changes: commit it again. A list or dict that was changed to hold what a session cannot hold
    /// is a `TypeError` or `InvalidArgument`, whose message names its path, and nothing is stored.
    /// The sessions of `SessionManager` and `AsyncSessionManager` are accepted by both.
    ///
    /// Raises as `Session.get`, and `TooLarge`, `Full` in memory, `Unsupported` for a subject where
    /// the table has no column for it, `Overloaded` if other requests keep changing the session
    /// first, and `InvalidArgument` for a session of another manager and for an increment or an
    /// item that does not fit what is stored.
    fn commit<'py>(
        slf: &Bound<'py, Self>,
        session: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = view_of(session, "session")?;
        let manager = slf.get().core().clone();
        SessionManager::store_view(slf, view.get(), |session| {
            SessionRequest::Commit(manager, session)
        })
    }

    /// A page of 1 to 1,000 live sessions in the order of their keys, after the given one: pass the
    /// `next` of one page to get the next. Each can be read, changed, committed and destroyed. They
    /// are other clients' sessions: they have no token, and their commits send no cookie.
    ///
    /// Raises as `Store.list`, and `InvalidArgument` for the limit.
    #[pyo3(
        signature = (*, after=None, limit=arguments::Limit(100)),
        text_signature = "($self, *, after=None, limit=100)"
    )]
    fn list<'py>(
        slf: &Bound<'py, Self>,
        after: Option<&Bound<'_, PyAny>>,
        limit: arguments::Limit,
    ) -> PyResult<Bound<'py, PyAny>> {
        let after = arguments::after(after)?.copied();
        let manager = slf.get().core().clone();
        SessionManager::ask_many(slf, SessionRequest::List(manager, after, limit.0))
    }

    /// `list` for the sessions of one subject, such as a user's devices.
    ///
    /// Raises as `list`, and `InvalidArgument` for a subject that is not 1 to 255 characters long,
    /// and `Unsupported` where the table has no column for subjects.
    #[pyo3(
        signature = (subject, *, after=None, limit=arguments::Limit(100)),
        text_signature = "($self, subject, *, after=None, limit=100)"
    )]
    fn list_subject<'py>(
        slf: &Bound<'py, Self>,
        subject: &Bound<'_, PyAny>,
        after: Option<&Bound<'_, PyAny>>,
        limit: arguments::Limit,
    ) -> PyResult<Bound<'py, PyAny>> {
        let subject = unicode(subject, "subject")?;
        let after = arguments::after(after)?.copied();
        let manager = slf.get().core().clone();
        SessionManager::ask_many(
            slf,
            SessionRequest::ListSubject(manager, subject.into_owned(), after, limit.0),
        )
    }
    // The end of what `cargo xtask gen` makes.

    /// Returns how often each event has happened in this manager and process, by name:
    /// `created`, `renewed`, `destroyed`, `touched`, `merged`, `conflict`, `gone`, `corrupt`.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.inner.dispatch(py);
        counters(py, self.core().stats().fields())
    }

    /// The name of the cookie that carries the token.
    #[getter]
    fn cookie_name(&self) -> &str {
        self.core().cookie().cookie_name()
    }

    fn __repr__(&self) -> String {
        format!("<sessio.SessionManager on {}>", self.core().store().location())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.store)?;
        self.inner.listener().map_or(Ok(()), |listener| visit.call(listener))
    }
}
