//! `Session`: a view whose calls wait.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use sessio::operation::{SessionAnswer, SessionRequest};

use crate::error::{guard, lost, raise};
use crate::value;

use super::argument::{name, their_token};
use super::manager::SessionManager;
use super::view::View;

/// A session, as one request sees it: a mutable mapping from str to values. It comes from a
/// `SessionManager`, and what is changed is stored by the manager's `commit`.
///
/// Values are None, bool, int (from -2**63 to 2**64 - 1), float, str, bytes, aware datetimes (read
/// back in UTC, to the microsecond), lists and dicts with str keys, 63 deep at most. Keys come back
/// sorted. Lists and dicts are the same objects at each read, and what a program changes in them is
/// stored; what is put, appended, taken or removed under their key afterwards takes their place.
///
/// Nothing is asked of the store until something is read; what only changes the session waits for
/// nobody. Whatever reads raises `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Closed`, or
/// `Corrupt` where `on_corrupt` is "fail".
///
/// Any thread may use it. Dropped without a commit, its changes are lost. It cannot be pickled.
/// `repr` shows neither token nor values.
#[pyclass(frozen, extends = View, module = "sessio")]
pub(crate) struct Session;

impl Session {
    pub(crate) fn wrap<'py>(
        manager: &Bound<'py, SessionManager>,
        session: sessio::Session,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = PyClassInitializer::from(View::new(manager, session));
        Ok(Bound::new(manager.py(), view.add_subclass(Session))?.into_any())
    }
}

#[pymethods]
impl Session {
    /// Asks the store now, unless that was done. The methods that read do it by themselves;
    /// afterwards none of them waits for the store.
    fn ensure_loaded<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        view.ask(slf.py(), SessionRequest::EnsureLoaded(view.session.clone()))
    }

    /// The token under which the next commit stores the session, chosen now if it is to get a new one:
    /// for what has to know it before, such as CSRF tokens that are bound to a session. Nothing is
    /// stored by that alone. None for a session from a list, and for one that another request has
    /// ended.
    fn ensure_token<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        view.ask(slf.py(), SessionRequest::EnsureToken(view.session.clone()))
    }

    /// Ends the session now, and forgets its values; the commit then takes the cookie away. What is
    /// put in afterwards makes a new session.
    fn destroy<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.as_super().get());
        let done = view.ask(py, SessionRequest::Destroy(view.session.clone()))?;
        view.handed.forget_all();
        Ok(done)
    }

    /// The value of a key, or else a flash value of this name, which is removed from the stored
    /// session now: of all requests that take it exactly one gets it, and the others the default.
    /// For codes that may be used once. What else this request has changed waits for the commit.
    ///
    /// Raises as `commit`. After `Timeout` and `Unavailable` it is not known whether the value is
    /// still there.
    #[pyo3(signature = (key, default=None))]
    fn take<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.as_super().get());
        guard(py, || {
            let request = SessionRequest::Take(view.session.clone(), name(key)?.into_owned());
            view.note(py)?;
            let answer = view.wait(py, request);
            view.handed.compare(py, &view.session);
            let SessionAnswer::Value(taken) = answer? else { return Err(raise(py, &lost())) };
            match taken {
                Some(value) => value::to_python(py, &value),
                None => Ok(default.unwrap_or_else(|| py.None().into_bound(py))),
            }
        })
    }

    /// Takes over everything from the session of another token, key by key, and the later deadline
    /// of the two; the other one ends when this one is stored. Nothing happens when there is no such
    /// session, or when it is this one.
    fn merge_from<'py>(
        slf: &Bound<'py, Self>,
        token: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.as_super().get());
        guard(py, || {
            let request = SessionRequest::MergeFrom(view.session.clone(), their_token(token)?);
            view.note(py)?;
            let done = view.ask(py, request);
            view.handed.compare(py, &view.session);
            done
        })
    }
}
