//! `SessionManager`: sessions for programs that wait.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use sessio::operation::{SessionAnswer, SessionRequest};

use crate::argument::wrong;
use crate::error::guard;
use crate::store::Store;
use crate::wait::Pending;

use super::answer::into_python;
use super::handle::Session;
use super::methods::manager_methods;
use super::settings::Managed;

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
/// `cookie_partitioned` (False) and `cookie_persist` (True).
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
}

impl SessionManager {
    pub(crate) fn wrap<'py>(
        slf: &Bound<'py, Self>,
        session: sessio::Session,
    ) -> PyResult<Bound<'py, PyAny>> {
        let manager = slf.clone().unbind();
        Ok(Bound::new(slf.py(), Session { manager, session })?.into_any())
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

    fn to_python<'py>(
        slf: &Bound<'py, Self>,
        answer: SessionAnswer,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let SessionAnswer::Sent(sent) = &answer {
            sent.taken();
        }
        into_python(answer, slf.py(), |session| SessionManager::wrap(slf, session))
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

manager_methods! { SessionManager, Session, "a sessio.Session",
    #[new]
    #[pyo3(
        signature = (store, **options),
        text_signature = "(store, *, lifetime=None, idle_timeout=None, touch_interval=None, \
            ended_window=None, codec=None, read_codecs=None, gob_registered=None, on_conflict=None, on_corrupt=None, cookie_name=None, \
            cookie_path=None, cookie_domain=None, cookie_secure=None, cookie_http_only=None, \
            cookie_same_site=None, cookie_partitioned=None, cookie_persist=None, on_event=None)"
    )]
    fn new(store: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let py = store.py();
        guard(py, || {
            let store = store.cast::<Store>().map_err(|_| wrong(store, "store", "a sessio.Store"))?;
            let managed = Managed::open(py, &store.get().0, options)?;
            Ok(SessionManager { managed, store: store.clone().unbind() })
        })
    }

    /// The store beneath.
    #[getter]
    fn store<'py>(&self, py: Python<'py>) -> Bound<'py, Store> {
        self.store.bind(py).clone()
    }

    fn __traverse__(
        &self,
        visit: pyo3::gc::PyVisit<'_>,
    ) -> Result<(), pyo3::gc::PyTraverseError> {
        visit.call(&self.store)?;
        self.managed.listener().map_or(Ok(()), |listener| visit.call(listener))
    }
}
