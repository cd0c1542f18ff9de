//! `View`, the base class of `Session` and `AsyncSession`: the mapping and everything that does not
//! await.

use pyo3::exceptions::PyKeyError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyIterator, PyList};
use sessio::Value;
use sessio::operation::{SessionAnswer, SessionRequest};

use crate::error::{guard, lost, raise};
use crate::key::Key;
use crate::text::unicode;
use crate::value::{self, Conversion, ValuePath};

use super::arguments;
use super::manager::SessionManager;
use super::tracked::TrackedContainers;

/// One request's view of a session, a mutable mapping from str to values: the base class of
/// `Session` and `AsyncSession`.
#[pyclass(frozen, subclass, mapping, weakref, name = "SessionView", module = "sessio._native")]
pub(crate) struct View {
    pub(crate) manager: Py<SessionManager>,
    pub(crate) session: sessio::Session,
    pub(crate) tracked: TrackedContainers,
}

impl View {
    pub(crate) fn new(manager: &Bound<'_, SessionManager>, session: sessio::Session) -> Self {
        View { manager: manager.clone().unbind(), session, tracked: TrackedContainers::default() }
    }

    /// Blocks only if the session is not loaded yet.
    pub(crate) fn wait(&self, py: Python<'_>, request: SessionRequest) -> PyResult<SessionAnswer> {
        SessionManager::wait(self.manager.bind(py), request)
    }

    pub(crate) fn ask<'py>(
        &self,
        py: Python<'py>,
        request: SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        SessionManager::ask(self.manager.bind(py), request)
    }

    /// Puts the changes inside lists and dicts into the session.
    pub(crate) fn flush(&self, py: Python<'_>) -> PyResult<()> {
        self.tracked.flush(py, &self.session, None)
    }

    fn value(&self, py: Python<'_>, request: SessionRequest) -> PyResult<Option<Value>> {
        let SessionAnswer::Value(value) = self.wait(py, request)? else {
            return Err(raise(py, &lost()));
        };
        Ok(value)
    }

    /// A value that is not tracked.
    pub(crate) fn copy<'py>(
        &self,
        py: Python<'py>,
        request: SessionRequest,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.value(py, request)?.map(|value| value::to_python(py, &value)).transpose()
    }

    /// The value of a key: for a list or dict, the same object at each read.
    pub(crate) fn find<'py>(
        &self,
        py: Python<'py>,
        key: &str,
        request: impl FnOnce(sessio::Session, String) -> SessionRequest,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.tracked.contains(key)
            && self.has_key(py, key.to_owned())?
            && let Some(object) = self.tracked.get(py, key)
        {
            return Ok(Some(object));
        }
        let found = self.value(py, request(self.session.clone(), key.to_owned()))?;
        found.map(|value| self.track(py, key, value)).transpose()
    }

    /// As `find`, for a request that has to look at the value in any case.
    pub(crate) fn find_checked<'py>(
        &self,
        py: Python<'py>,
        key: &str,
        request: SessionRequest,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(value) = self.value(py, request)? else { return Ok(None) };
        match self.tracked.get(py, key) {
            Some(object) => Ok(Some(object)),
            None => self.track(py, key, value).map(Some),
        }
    }

    /// As `find`, for a request that removes the key. The object is the program's alone from then
    /// on.
    pub(crate) fn release<'py>(
        &self,
        py: Python<'py>,
        key: &str,
        request: SessionRequest,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let value = self.value(py, request)?;
        let object = self.tracked.get(py, key);
        self.tracked.untrack(key);
        let Some(value) = value else { return Ok(None) };
        object.map_or_else(|| value::to_python(py, &value), Ok).map(Some)
    }

    fn track<'py>(&self, py: Python<'py>, name: &str, value: Value) -> PyResult<Bound<'py, PyAny>> {
        let object = value::to_python(py, &value)?;
        Ok(self.tracked.track_read(name, object, value))
    }

    /// All values, from a request for them as JSON.
    pub(crate) fn parsed<'py>(
        &self,
        py: Python<'py>,
        request: SessionRequest,
    ) -> PyResult<Bound<'py, PyAny>> {
        static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let SessionAnswer::Text(json) = self.wait(py, request)? else {
            return Err(raise(py, &lost()));
        };
        // Without tags it is plain JSON, which Python's own parser reads fastest.
        if !json.contains("\"$") {
            return LOADS.import(py, "json", "loads")?.call1((json,));
        }
        self.ask(py, SessionRequest::Values(self.session.clone()))
    }

    pub(crate) fn is(&self, py: Python<'_>, request: SessionRequest) -> PyResult<bool> {
        let SessionAnswer::Is(yes) = self.wait(py, request)? else {
            return Err(raise(py, &lost()));
        };
        Ok(yes)
    }

    fn has_key(&self, py: Python<'_>, name: String) -> PyResult<bool> {
        self.is(py, SessionRequest::Contains(self.session.clone(), name))
    }

    fn sorted_keys(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let request = SessionRequest::Keys(self.session.clone());
        guard(py, || {
            let SessionAnswer::Keys(keys) = self.wait(py, request)? else {
                return Err(raise(py, &lost()));
            };
            Ok(keys)
        })
    }
}

/// The `KeyError` that a dict raises.
fn missing(key: &Bound<'_, PyAny>) -> PyErr {
    PyKeyError::new_err(key.clone().unbind())
}

#[pymethods]
impl View {
    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let found = self.find(py, &unicode(key, "key")?, SessionRequest::Get)?;
            found.ok_or_else(|| missing(key))
        })
    }

    fn __setitem__(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.put(py, key, value, false)
    }

    fn __delitem__(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<()> {
        if self.__contains__(py, key)? { self.remove(py, key) } else { Err(missing(key)) }
    }

    fn __contains__(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        guard(py, || self.has_key(py, unicode(key, "key")?.into_owned()))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.sorted_keys(py)?)?.try_iter()
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.sorted_keys(py)?.len())
    }

    // Made by `cargo xtask gen` for SessionView: change `api/session.toml`.
    /// The value of a key, or `default` if there is no such key.
    ///
    /// Raises as `Store.find`, and `Corrupt` if the option `on_corrupt` is `fail`.
    #[pyo3(signature = (key, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'_, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let name = unicode(key, "key")?;
            let found = self.find(py, &name, SessionRequest::Get)?;
            Ok(found.or(default).unwrap_or_else(|| py.None().into_bound(py)))
        })
    }

    /// The value of a key, which must be of exactly this type: bool, int, float, str, bytes,
    /// datetime, list or dict. None if there is no such key. Nothing is converted, and a bool is
    /// not an int.
    ///
    /// Raises `InvalidArgument` if the value is of another type, and `TypeError` for other types.
    fn get_as<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'_, PyAny>,
        r#type: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || {
            let name = unicode(key, "key")?;
            let check = arguments::check_of(&name, r#type)?;
            let request = SessionRequest::GetIf(self.session.clone(), name.to_string(), check);
            self.find_checked(py, &name, request)
        })
    }

    /// Removes a key and returns its value, or `default` if there is no such key. The commit stores
    /// the removal; two requests can both pop a key: see `take`.
    ///
    /// Raises `KeyError` if there is no such key and no default.
    #[pyo3(
        signature = (key, default=arguments::Maybe::ABSENT),
        text_signature = "($self, key, default=...)"
    )]
    fn pop<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'_, PyAny>,
        default: arguments::Maybe<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let name = unicode(key, "key")?;
            let found = self.release(
                py,
                &name,
                SessionRequest::Pop(self.session.clone(), name.to_string()),
            )?;
            found.or_else(|| default.get().cloned()).ok_or_else(|| missing(key))
        })
    }

    /// Whether there is a value with this key.
    fn contains(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        guard(py, || {
            let name = unicode(key, "key")?;
            let request = SessionRequest::Contains(self.session.clone(), name.into_owned());
            self.is(py, request)
        })
    }

    /// A copy of all values. Changes to the copy are not stored: pass it to `assign`.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            self.flush(py)?;
            self.parsed(py, SessionRequest::SnapshotJson(self.session.clone()))
        })
    }

    /// The flash values that earlier requests left for this one, by name. The commit removes them;
    /// a request that does not ask for them, or is not committed, leaves them. Those of a listed
    /// session stay for its owner.
    fn flashes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Flashes(self.session.clone()))
    }

    /// A copy of the extra value of this name; None if there is none. See `set_extra`.
    fn extra<'py>(
        &self,
        py: Python<'py>,
        name: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || {
            let name = unicode(name, "name")?;
            self.copy(py, SessionRequest::Extra(self.session.clone(), name.into_owned()))
        })
    }

    /// When the lifetime of the session ends. The time is an aware datetime in UTC.
    fn deadline<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Deadline(self.session.clone()))
    }

    /// When the session ends if it is not used from now on, as the store has it: what was loaded,
    /// or what the last commit stored. None for a session that never ends, and for one that is not
    /// stored. The time is an aware datetime in UTC.
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::ExpiresAt(self.session.clone()))
    }

    /// What `remember_me` has set; None if it was not called: then the option `cookie_persist`
    /// decides.
    fn remembered<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Remembered(self.session.clone()))
    }

    /// The idle timeout that `set_idle_timeout` has set for this session; None if it was not
    /// called: then the manager's option applies.
    fn idle_timeout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::IdleTimeout(self.session.clone()))
    }

    /// Whose session it is, such as a user id; None if that was not set.
    fn subject<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Subject(self.session.clone()))
    }

    /// Whether the store does not have this session (yet).
    fn is_new(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || self.is(py, SessionRequest::IsNew(self.session.clone())))
    }

    /// Sets the value of a key. Later changes inside a list or dict that was put are stored too.
    ///
    /// With `lenient`, dict keys that are int, float, bool or None are accepted and stored as
    /// `json` writes them; UUIDs, Decimals, dates, times, naive datetimes and markup (objects with
    /// `__html__`) are stored as text.
    ///
    /// Raises `TypeError` for a type that a session cannot hold, and `InvalidArgument` for a value
    /// beyond its limits. Both name the path of the value, such as `cart[2].price`.
    #[pyo3(signature = (key, value, *, lenient=false))]
    fn put(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        lenient: bool,
    ) -> PyResult<()> {
        guard(py, || {
            let name = unicode(key, "key")?;
            let conversion = Conversion::of(lenient);
            let converted = value::from_python(value, &ValuePath::of(&name), conversion)?;
            let base = TrackedContainers::base_of(value, &converted);
            self.session.put_value(&name, converted).map_err(|error| raise(py, &error))?;
            self.tracked.track_write(&name, value, base, conversion);
            Ok(())
        })
    }

    /// Sets the value of a key unless it has an equal one already, and says whether it did. The
    /// comparison is deep and includes types: 1, 1.0 and true differ, and NaN equals NaN.
    ///
    /// Raises as `put`.
    fn put_if_changed(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        guard(py, || {
            let name = unicode(key, "key")?;
            let converted = value::from_python(value, &ValuePath::of(&name), Conversion::Strict)?;
            self.tracked.flush(py, &self.session, Some(&name))?;
            let base = TrackedContainers::base_of(value, &converted);
            let request =
                SessionRequest::PutIfChanged(self.session.clone(), name.to_string(), converted);
            let answer = self.is(py, request)?;
            self.tracked.track_write(&name, value, base, Conversion::Strict);
            Ok(answer)
        })
    }

    /// Replaces all values by these. Only what differs is a change, found as by `put_if_changed`,
    /// and keys that are not among these are removed: so requests that meet keep each other's
    /// changes. For programs that hold all values in a map of their own. After an error nothing is
    /// changed. Lists and dicts are copied. `lenient` as in `put`.
    ///
    /// Raises as `put`.
    #[pyo3(signature = (values, *, lenient=false))]
    fn assign<'py>(
        &self,
        py: Python<'py>,
        values: &Bound<'_, PyAny>,
        lenient: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let values = value::map_of(values, Conversion::of(lenient))?;
            let answer = self.ask(py, SessionRequest::Assign(self.session.clone(), values))?;
            self.tracked.untrack_all();
            Ok(answer)
        })
    }

    /// Adds `by`, which may be negative, to the integer of a key; a missing value counts as 0. The
    /// commit adds to what is stored by then, so the increments of several requests add up.
    ///
    /// Raises `InvalidArgument` if the value is no integer, or the sum would be below -2^63 or
    /// above 2^64 - 1; where that is not known yet, the commit fails.
    #[pyo3(signature = (key, by=None), text_signature = "($self, key, by=1)")]
    fn increment(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        by: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        guard(py, || {
            let name = unicode(key, "key")?;
            let by = by.map_or(Ok(1), |by| arguments::int64(by, "by"))?;
            self.session.increment(&name, by).map_err(|error| raise(py, &error))
        })
    }

    /// Appends an item to the list of a key; a missing value counts as an empty list. The commit
    /// appends to what is stored by then, so the items of several requests are all kept.
    ///
    /// Raises as `put`, and `InvalidArgument` if the value of the key is no list; where that is not
    /// known yet, the commit fails.
    fn append(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        item: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        guard(py, || {
            let name = unicode(key, "key")?;
            let list = ValuePath::of(&name);
            let path = ValuePath::appended(&list);
            let item = value::from_python(item, &path, Conversion::Strict)?;
            self.tracked.flush(py, &self.session, Some(&name))?;
            self.session.append_value(&name, item).map_err(|error| raise(py, &error))?;
            self.tracked.untrack(&name);
            Ok(())
        })
    }

    /// Removes a key, if it is there.
    fn remove(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(py, || {
            let name = unicode(key, "key")?;
            self.session.remove(&name);
            self.tracked.untrack(&name);
            Ok(())
        })
    }

    /// Removes all values. Token, deadline, subject, "remember me", idle timeout and extra values
    /// stay.
    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            self.session.clear();
            self.tracked.untrack_all();
            Ok(())
        })
    }

    /// Leaves a value for the next request that calls `flashes`, and for no other. Of two values of
    /// one name the later is left.
    ///
    /// Raises as `put`.
    fn flash(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        guard(py, || {
            let name = unicode(key, "key")?;
            let value = value::from_python(value, &ValuePath::of(&name), Conversion::Strict)?;
            self.session.flash_value(&name, value).map_err(|error| raise(py, &error))
        })
    }

    /// Sets an extra value: bookkeeping that a framework's adapter keeps beside the values. No
    /// value (`...`) removes it. It is not among the values, stays when these are cleared, and is
    /// merged name by name when two requests meet. It ends with the session, and with `regenerate`.
    /// A session with nothing else is not stored. Names should begin with the framework's, because
    /// all programs of a session share them; `sessio` is taken.
    ///
    /// Raises as `put`.
    #[pyo3(
        signature = (name, value=arguments::Maybe::ABSENT),
        text_signature = "($self, name, value=...)"
    )]
    fn set_extra(
        &self,
        py: Python<'_>,
        name: &Bound<'_, PyAny>,
        value: arguments::Maybe<'_>,
    ) -> PyResult<()> {
        guard(py, || {
            let name = unicode(name, "name")?;
            let path = ValuePath::of(&name);
            let convert = |value| value::from_python(value, &path, Conversion::Strict);
            let value = value.get().map(convert).transpose()?;
            self.session.set_extra(&name, value).map_err(|error| raise(py, &error))
        })
    }

    /// Gives the session a new token at the commit, in one step with all other changes: at any
    /// moment exactly one of the two tokens is valid, and without a commit nothing changes. Call it
    /// when a user logs in or out, so that a token that was planted before becomes worthless. False
    /// if another request is known to have ended the session.
    fn renew(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || self.is(py, SessionRequest::Renew(self.session.clone())))
    }

    /// Starts over under a new token at the commit: values, flash values, subject, "remember me",
    /// idle timeout, extra values and earlier changes are dropped, and a new lifetime begins. What
    /// is put in afterwards belongs to the new session. The new token and the emptied session are
    /// stored in one step: at any moment exactly one of the two tokens is valid, and without a
    /// commit nothing changes. A session that is not stored yet is only emptied. False if another
    /// request is known to have ended the session.
    fn regenerate(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || {
            let answer = self.is(py, SessionRequest::Regenerate(self.session.clone()))?;
            self.tracked.untrack_all();
            Ok(answer)
        })
    }

    /// Makes the commit store a new session even if it has no values, for programs that need its
    /// token or its row. No effect on a session that is stored already.
    fn store_empty(&self) {
        self.session.store_empty();
    }

    /// Moves the end of the session's lifetime. With a time in the past the commit ends the
    /// session. The deadline is fixed from then on: neither use of the session nor `touch` moves
    /// it. `deadline` is an aware datetime (a naive one is `InvalidArgument`), or a timedelta from
    /// now.
    fn set_deadline(&self, py: Python<'_>, deadline: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(py, || {
            let deadline = arguments::deadline(deadline, "deadline")?;
            self.session.set_deadline(deadline);
            Ok(())
        })
    }

    /// Makes the commit extend the session because it is used now, whatever the option
    /// `touch_interval` says, even if nothing else was changed. With an idle timeout, the session's
    /// own or the manager's, that starts again, and the deadline stays. Without one a new lifetime
    /// begins; but a deadline of `set_deadline` stays, and so does any deadline in a document of a
    /// Go program, because it does not say who has set it.
    ///
    /// `Store.touch` moves the expiry of the row only, and a session does not outlive the expiry
    /// within its data.
    fn touch(&self) {
        self.session.touch();
    }

    /// Whether the cookie of this session outlives the browser, whatever the option
    /// `cookie_persist` says: true keeps it until the session ends, false until the browser is
    /// closed. Stored with the session.
    fn remember_me(&self, py: Python<'_>, remember: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(py, || {
            let remember = arguments::boolean(remember, "remember")?;
            self.session.remember_me(remember);
            Ok(())
        })
    }

    /// Sets the idle timeout of this session, whatever the option of the managers says. It is
    /// stored with the session and applies to every manager that reads it. 0 is no idle timeout;
    /// None returns to the managers' option. The commit moves the expiry accordingly, but not
    /// beyond the deadline. `timeout` is a timedelta, or a number of seconds.
    ///
    /// Raises `InvalidArgument` below 0 and above 200,000 years.
    fn set_idle_timeout(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        guard(py, || {
            let timeout =
                timeout.map(|timeout| arguments::idle_timeout(timeout, "timeout")).transpose()?;
            self.session.set_idle_timeout(timeout).map_err(|error| raise(py, &error))
        })
    }

    /// Sets whose session it is, such as a user id, so that all sessions of a user can be listed
    /// and ended. None removes it. The commit fails with `Unsupported` if the table has no column
    /// for subjects.
    ///
    /// Raises `InvalidArgument` for a subject that is empty, longer than 255 characters, or ends
    /// with a space.
    fn set_subject(&self, py: Python<'_>, subject: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        guard(py, || {
            let subject = subject.map(|subject| unicode(subject, "subject")).transpose()?;
            self.session.set_subject(subject.as_deref()).map_err(|error| raise(py, &error))
        })
    }
    // The end of what `cargo xtask gen` makes.

    /// Whether there is something to commit: `"unmodified"`, `"modified"` or `"destroyed"`.
    /// Compares the lists and dicts that were read, so changes inside them count.
    #[getter]
    fn status(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || {
            let changed = self.tracked.is_changed(py);
            Ok(if changed { sessio::Status::Modified } else { self.session.status() }.name())
        })
    }

    /// The token, which is the client's secret: the one that the request brought, or the one to be
    /// sent. None for a session that was never stored (unless `ensure_token` or `create` gave it
    /// one), and for a listed session.
    #[getter]
    fn token(&self) -> Option<String> {
        self.session.token()
    }

    /// The key of a listed session; None for others.
    #[getter]
    fn key(&self) -> Option<Key> {
        self.session.key().map(Key)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let (class, session) = (slf.get_type(), &slf.get().session);
        Ok(format!("<sessio.{}: {}>", class.name()?, session.status().name()))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.tracked.traverse(&visit)?;
        visit.call(&self.manager)
    }

    fn __clear__(&self) {
        self.tracked.untrack_all();
    }
}
