//! `Session`: a view with blocking calls.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use sessio::operation::SessionRequest;

use crate::error::guard;
use crate::text::unicode;

use super::arguments;
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
    // Made by `cargo xtask gen` for Session: change `api/session.toml`.
    /// Loads the session from the store unless it is loaded, whether the store has it or not. Every
    /// read does so by itself; after this call none waits for the store.
    fn ensure_loaded<'py>(slf: &Bound<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        view.ask(py, SessionRequest::EnsureLoaded(view.session.clone()))
    }

    /// Removes a key from the stored session now, and returns its value. If there is no such key,
    /// takes the flash value of this name; if there is none either, returns `default`. Of
    /// concurrent requests exactly one gets the value: for one-time codes. The other changes of
    /// this request are stored by the commit.
    ///
    /// Raises as `SessionManager.commit`.
    #[pyo3(signature = (key, default=None))]
    fn take<'py>(
        slf: &Bound<'py, Self>,
        py: Python<'py>,
        key: &Bound<'_, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        guard(py, || {
            let name = unicode(key, "key")?;
            view.flush(py)?;
            let found =
                view.copy(py, SessionRequest::Take(view.session.clone(), name.into_owned()));
            view.tracked.untrack_stale(py, &view.session);
            Ok(found?.or(default).unwrap_or_else(|| py.None().into_bound(py)))
        })
    }

    /// The token under which the next commit stores the session, chosen now if it is to get a new
    /// one: for programs that need it before the commit, such as for CSRF tokens that are bound to
    /// a session. This alone stores nothing, and a later `renew` or `regenerate` chooses another
    /// token. None for a listed session, whose token is unknown, and for one that another request
    /// has ended.
    ///
    /// Raises as `get`, and `Internal` if the system has no randomness.
    fn ensure_token<'py>(slf: &Bound<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        view.ask(py, SessionRequest::EnsureToken(view.session.clone()))
    }

    /// Ends the session now and forgets its values. The commit then deletes the cookie. What is put
    /// in afterwards makes a new session.
    ///
    /// Raises as `Store.delete`.
    fn destroy<'py>(slf: &Bound<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        guard(py, || {
            let answer = view.ask(py, SessionRequest::Destroy(view.session.clone()))?;
            view.tracked.untrack_all();
            Ok(answer)
        })
    }

    /// Copies everything from the session of another token, key by key, and the later deadline of
    /// the two. The other session ends when this one is stored. Nothing happens if there is no such
    /// session, or if it is this one.
    ///
    /// Raises as `get`.
    fn merge_from<'py>(
        slf: &Bound<'py, Self>,
        py: Python<'py>,
        token: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let view = slf.as_super().get();
        guard(py, || {
            let token = arguments::other_token(token, "token")?;
            view.flush(py)?;
            let answer = view.ask(py, SessionRequest::MergeFrom(view.session.clone(), token));
            view.tracked.untrack_stale(py, &view.session);
            answer
        })
    }
    // The end of what `cargo xtask gen` makes.
}
