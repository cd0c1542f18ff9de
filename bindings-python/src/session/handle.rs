//! `Session`: a view with blocking calls.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use sessio::operation::{SessionAnswer, SessionRequest};

use crate::error::{guard, lost, raise};
use crate::value;

use super::arguments::{name, other_token};
use super::manager::SessionManager;
use super::view::View;

/// One request's view of a session: a mutable mapping from str to values. A `SessionManager` loads
/// it, and the manager's `commit` stores its changes.
///
/// Values are None, bool, int (-2**63 to 2**64 - 1), float, str, bytes, aware datetimes (read back
/// in UTC, with microseconds), lists, and dicts with str keys, nested at most 63 deep. Keys are
/// read back sorted. A list or dict is the same object at each read, and changes inside it are
/// stored. A later
/// `put`, `append`, `take`, `pop` or `remove` of its key replaces it: then changes inside the old
/// object are not stored.
///
/// The first read asks the store; changes alone do not. A read raises `Timeout`, `Unavailable`,
/// `Overloaded`, `Schema` or `Closed`, and `Corrupt` if `on_corrupt` is "fail".
///
/// A session is thread-safe. After a fork the child can use it. Without a commit its changes are
/// discarded. It cannot be pickled. `repr` shows neither token nor values.
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
    /// Loads the session from the store if it is not loaded yet. Every read does so by itself;
    /// after this call reads do not block.
    fn ensure_loaded<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        view.ask(slf.py(), SessionRequest::EnsureLoaded(view.session.clone()))
    }

    /// Returns the token under which the next commit stores the session. If it will be a new one,
    /// it is generated now. For programs that need it before the commit, such as for CSRF tokens
    /// that are bound to a session. This alone stores nothing. None for a listed session, and for
    /// one that another request has ended.
    fn ensure_token<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        view.ask(slf.py(), SessionRequest::EnsureToken(view.session.clone()))
    }

    /// Ends the session in the store now and discards its values. The commit then deletes the
    /// cookie. Values put afterwards make a new session.
    fn destroy<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.as_super().get());
        let done = view.ask(py, SessionRequest::Destroy(view.session.clone()))?;
        view.tracked.untrack_all();
        Ok(done)
    }

    /// Removes a key from the stored session now, and returns its value. If there is no such key,
    /// takes the flash value of this name; if there is none either, returns `default`. Of
    /// concurrent requests exactly one gets the value: for one-time codes. The other changes of
    /// this request are stored by the commit.
    ///
    /// Raises as `commit`. After `Timeout` or `Unavailable` the value may have been removed or not.
    #[pyo3(signature = (key, default=None))]
    fn take<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.as_super().get());
        guard(py, || {
            let request = SessionRequest::Take(view.session.clone(), name(key)?.into_owned());
            view.flush(py)?;
            let answer = view.wait(py, request);
            view.tracked.untrack_stale(py, &view.session);
            let SessionAnswer::Value(taken) = answer? else { return Err(raise(py, &lost())) };
            match taken {
                Some(value) => value::to_python(py, &value),
                None => Ok(default.unwrap_or_else(|| py.None().into_bound(py))),
            }
        })
    }

    /// Copies all values of another token's session into this one, key by key, and takes the later
    /// deadline of the two. The commit ends the other session. Does nothing if there is no such
    /// session, or if it is this one.
    fn merge_from<'py>(
        slf: &Bound<'py, Self>,
        token: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.as_super().get());
        guard(py, || {
            let request = SessionRequest::MergeFrom(view.session.clone(), other_token(token)?);
            view.flush(py)?;
            let done = view.ask(py, request);
            view.tracked.untrack_stale(py, &view.session);
            done
        })
    }
}
