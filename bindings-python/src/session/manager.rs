//! `SessionManager`: sessions for programs that wait.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use sessio::operation::{SessionAnswer, SessionRequest};

use crate::answer::counters;
use crate::argument::{Limit, after, subject, text, wrong};
use crate::error::{guard, invalid, raise};
use crate::key::Key;
use crate::store::Store;
use crate::wait::Pending;

use super::answer::into_python;
use super::argument::{header, headers, their_token, token};
use super::handle::Session;
use super::settings::Managed;
use super::transaction::Transaction;
use super::view::View;

/// Sessions over a `Store`: what a request asks for at its beginning and commits at its end;
/// `AsyncSessionManager` has the same for asyncio.
///
/// The options are keywords: `lifetime` (24 hours), `idle_timeout` (none), `touch_interval` (a tenth
/// of the idle timeout; at most half of it) and `ended_window` (30 seconds: so long a token that was
/// renewed or destroyed makes no new session) as timedeltas or seconds; `codec` ("json" or "msgpack";
/// or what a Go program stores: "gob" for SCS v2, "scs_v1", "beego"), `read_codecs` (others to try for
/// what that cannot read, as "msgpack,gob") and `gob_registered` (the types that the Go program has
/// passed to gob.Register: any of "time.Time,[]any,map[string]any,map[string]string");
/// `on_conflict` ("merge", "overwrite" or "fail"); `on_corrupt` ("fresh" or "fail"); `cookie_name`
/// ("session"), `cookie_path` ("/"), `cookie_domain` (this host alone), `cookie_secure` (True),
/// `cookie_http_only` (True), `cookie_same_site` ("lax", "strict", "none" or "unset"),
/// `cookie_partitioned` (False) and `cookie_persist` (True); `cookie_signature` ("express" or
/// "fastify") and `cookie_secrets` (a list: the first signs, each verifies), for a cookie that is shared
/// with express-session or @fastify/session.
///
/// `on_event` is called with the name of each event (as in `stats`), on a thread that uses the
/// manager, when one of its calls returns. What it raises goes to `sys.unraisablehook`.
///
/// Any number of threads may share a manager and its sessions. Waiting releases the interpreter and
/// ends early on Ctrl-C: the answer is lost then, never the write. A forked child can go on using
/// it. Closing the store ends its use: then everything that asks the store raises `Closed`.
///
/// Raises `InvalidArgument` for options that contradict each other or what browsers accept.
#[pyclass(frozen, subclass, weakref, module = "sessio")]
pub(crate) struct SessionManager {
    pub(crate) managed: Managed,
    store: Py<Store>,
    /// Then every answer is there at once and no event loop is needed, nor which one it is.
    pub(crate) in_memory: bool,
}

impl SessionManager {
    pub(crate) fn core(&self) -> &sessio::SessionManager {
        &self.managed.manager
    }

    pub(crate) fn ask<'py>(
        slf: &Bound<'py, Self>,
        request: SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(slf.py(), || SessionManager::to_python(slf, SessionManager::wait(slf, request)?))
    }

    /// For what visits many sessions: other threads need not wait for that.
    fn ask_many<'py>(
        slf: &Bound<'py, Self>,
        request: SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || {
            let mut pending = Pending::new();
            let now = py.detach(|| request.start(|| pending.reply()));
            let answer = pending.wait(py, now);
            slf.get().managed.hand_on(py);
            SessionManager::to_python(slf, answer?)
        })
    }

    /// What stores a view: first with what was changed in its lists and dicts.
    fn store_view<'py>(
        slf: &Bound<'py, Self>,
        view: &View,
        request: impl FnOnce(sessio::Session) -> SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || {
            view.note(py)?;
            let answer = SessionManager::wait(slf, request(view.session.clone()));
            view.handed.compare(py, &view.session);
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

    /// In memory a session is found, changed and stored faster than the interpreter is released.
    pub(crate) fn wait(slf: &Bound<'_, Self>, request: SessionRequest) -> PyResult<SessionAnswer> {
        let mut pending = Pending::new();
        let now = request.start(|| pending.reply());
        let answer = pending.wait(slf.py(), now);
        slf.get().managed.hand_on(slf.py());
        answer
    }
}

/// A session of either kind, or the one within a lazy one.
pub(crate) fn loaded<'py>(session: &Bound<'py, PyAny>) -> PyResult<Bound<'py, View>> {
    let view = match session.cast::<View>() {
        Ok(view) => return Ok(view.clone()),
        Err(_) => session.getattr_opt(pyo3::intern!(session.py(), "_session"))?,
    };
    let view = view.and_then(|view| view.cast_into::<View>().ok());
    view.ok_or_else(|| wrong(session, "session", "a session of sessio"))
}

pub(crate) fn created(
    manager: &sessio::SessionManager,
    token: &Bound<'_, PyAny>,
) -> PyResult<sessio::Session> {
    let py = token.py();
    guard(py, || {
        let token = text(token, "token")?;
        let token = token.ok_or_else(|| invalid(py, "a token must be valid Unicode"))?;
        manager.create(&token).map_err(|error| raise(py, &error))
    })
}

pub(crate) fn found(
    manager: &sessio::SessionManager,
    token: &Bound<'_, PyAny>,
) -> PyResult<SessionRequest> {
    match token.cast::<Key>() {
        Ok(key) => Ok(SessionRequest::FindKey(manager.clone(), key.get().0)),
        Err(_) => Ok(SessionRequest::Find(manager.clone(), their_token(token)?)),
    }
}

pub(crate) fn list_of(
    manager: &sessio::SessionManager,
    after: Option<&Bound<'_, PyAny>>,
    limit: Limit,
) -> PyResult<SessionRequest> {
    Ok(SessionRequest::List(manager.clone(), self::after(after)?.copied(), limit.0))
}

pub(crate) fn list_of_subject(
    manager: &sessio::SessionManager,
    subject: &Bound<'_, PyAny>,
    after: Option<&Bound<'_, PyAny>>,
    limit: Limit,
) -> PyResult<SessionRequest> {
    let (subject, after) = (self::subject(subject)?.into_owned(), self::after(after)?.copied());
    Ok(SessionRequest::ListSubject(manager.clone(), subject, after, limit.0))
}

#[pymethods]
impl SessionManager {
    #[new]
    #[pyo3(
        signature = (store, **options),
        text_signature = "(store, *, lifetime=None, idle_timeout=None, touch_interval=None, \
            ended_window=None, codec=None, read_codecs=None, gob_registered=None, on_conflict=None, on_corrupt=None, cookie_name=None, \
            cookie_path=None, cookie_domain=None, cookie_secure=None, cookie_http_only=None, \
            cookie_same_site=None, cookie_partitioned=None, cookie_persist=None, \
            cookie_signature=None, cookie_secrets=None, on_event=None)"
    )]
    fn new(store: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let py = store.py();
        guard(py, || {
            let store =
                store.cast::<Store>().map_err(|_| wrong(store, "store", "a sessio.Store"))?;
            let managed = Managed::open(py, &store.get().0, options)?;
            let in_memory = store.get().is_in_memory();
            Ok(SessionManager { managed, store: store.clone().unbind(), in_memory })
        })
    }

    /// The store beneath.
    #[getter]
    fn store<'py>(&self, py: Python<'py>) -> Bound<'py, Store> {
        self.store.bind(py).clone()
    }

    /// The session of a token, or a new one where there is none. Asks nobody yet; a token that turns
    /// out to be unknown is not adopted, and a malformed one is none.
    #[pyo3(signature = (token=None))]
    fn load<'py>(
        slf: &Bound<'py, Self>,
        token: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(slf.py(), || {
            Session::wrap(slf, slf.get().core().load(self::token(token)?.as_deref()))
        })
    }

    /// The same from the `Cookie` header of a request: str, bytes, or None where there was none; or a
    /// list of them, where a request has several. A malformed header is no session.
    fn load_cookie<'py>(
        slf: &Bound<'py, Self>,
        header: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(slf.py(), || Session::wrap(slf, slf.get().core().load_cookies(headers(header)?)))
    }

    /// The same from a header of the program's own: the token, with `Bearer ` before it or not.
    fn load_header<'py>(
        slf: &Bound<'py, Self>,
        header: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(slf.py(), || Session::wrap(slf, slf.get().core().load_header(&self::header(header)?)))
    }

    /// The session of a token, or of a listed key, if it lives: loaded by one read. Otherwise None. One
    /// that is found by its key is as those of `list`: another client's, without a cookie.
    ///
    /// Raises as what reads a session does.
    fn find<'py>(slf: &Bound<'py, Self>, token: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        SessionManager::ask(slf, found(slf.get().core(), token)?)
    }

    /// A new session under a token of the program's own, for frameworks that choose their ids
    /// themselves. The commit stores it if something was put in, or `store_empty` was called. If a
    /// session lives under this token already, the commit stores nothing, sends no cookie, and its
    /// outcome is `"conflict"`.
    ///
    /// The token is the client's secret: it must be random, at least 128 bits, and made by the
    /// program. With a token that a client has sent, whoever planted it there would share the session.
    ///
    /// Raises `InvalidArgument` for a token that cannot be stored.
    fn create<'py>(
        slf: &Bound<'py, Self>,
        token: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Session::wrap(slf, created(slf.get().core(), token)?)
    }

    /// Stores what the request changed, and says what to send to the client: `CommitResult`. It takes the
    /// sessions of an `AsyncSessionManager` over this manager too.
    ///
    /// Of a session that was loaded only this request's changes are stored, key by key, on top of what
    /// other requests did meanwhile; if one of them ended the session, it stays ended. Where nothing
    /// was changed, nothing is stored.
    ///
    /// After an error the changes are kept, so it can be called again. Raises as `Store.insert` and
    /// `Store.replace`, `InvalidArgument` for a session of another manager, and `TypeError` or
    /// `InvalidArgument` where something that no session can hold was put into one of its lists or
    /// dicts: the message says where, and nothing is stored.
    fn commit<'py>(
        slf: &Bound<'py, Self>,
        session: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (view, manager) = (loaded(session)?, slf.get().core().clone());
        SessionManager::store_view(slf, view.get(), |view| SessionRequest::Commit(manager, view))
    }

    /// For `transact`.
    fn _transaction(&self, token: &Bound<'_, PyAny>) -> PyResult<Transaction> {
        let token = self::token(Some(token))?.unwrap_or_default();
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

    /// A `SessionPage` of 1 to 1,000 live sessions in the order of their keys, after the given one:
    /// pass the `next` of one page to get the next, or use `each`. Each can be read, changed,
    /// committed or destroyed like one that was loaded, but has no token and gets no cookie: it is
    /// another client's.
    #[pyo3(
        signature = (*, after=None, limit=Limit::PAGE),
        text_signature = "($self, *, after=None, limit=100)"
    )]
    fn list<'py>(
        slf: &Bound<'py, Self>,
        after: Option<&Bound<'py, PyAny>>,
        limit: Limit,
    ) -> PyResult<Bound<'py, PyAny>> {
        SessionManager::ask_many(slf, list_of(slf.get().core(), after, limit)?)
    }

    /// The same for the sessions of one subject: a user's devices.
    ///
    /// Raises `Unsupported` where the table has no subjects.
    #[pyo3(
        signature = (subject, *, after=None, limit=Limit::PAGE),
        text_signature = "($self, subject, *, after=None, limit=100)"
    )]
    fn list_subject<'py>(
        slf: &Bound<'py, Self>,
        subject: &Bound<'py, PyAny>,
        after: Option<&Bound<'py, PyAny>>,
        limit: Limit,
    ) -> PyResult<Bound<'py, PyAny>> {
        SessionManager::ask_many(slf, list_of_subject(slf.get().core(), subject, after, limit)?)
    }

    /// How often each event has happened to this manager's sessions in this process, by name:
    /// `created`, `renewed`, `destroyed`, `touched`, `merged`, `conflict`, `gone`, `corrupt`.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.managed.hand_on(py);
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
        self.managed.listener().map_or(Ok(()), |listener| visit.call(listener))
    }
}
