//! `View`, the base class of `Session` and `AsyncSession`: the mapping and everything that does not
//! await.

use pyo3::exceptions::PyKeyError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyIterator, PyList};
use sessio::Value;
use sessio::operation::{SessionAnswer, SessionRequest};

use crate::arguments::{Maybe, subject};
use crate::error::{guard, lost, raise, type_error};
use crate::key::Key;
use crate::value::{self, Conversion, ValuePath};

use super::arguments::{deadline, extra_name, get_as, idle_timeout, int64, name};
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

    fn has_key(&self, py: Python<'_>, name: String) -> PyResult<bool> {
        let SessionAnswer::Is(has_key) =
            self.wait(py, SessionRequest::Contains(self.session.clone(), name))?
        else {
            return Err(raise(py, &lost()));
        };
        Ok(has_key)
    }

    /// For a list or dict, the same object at each read.
    fn find<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (py, name) = (key.py(), name(key)?);
        if self.tracked.contains(&name)
            && self.has_key(py, name.to_string())?
            && let Some(object) = self.tracked.get(py, &name)
        {
            return Ok(Some(object));
        }
        let found = self.value(py, SessionRequest::Get(self.session.clone(), name.to_string()))?;
        found.map(|value| self.track(py, &name, value)).transpose()
    }

    fn track<'py>(&self, py: Python<'py>, name: &str, value: Value) -> PyResult<Bound<'py, PyAny>> {
        let object = value::to_python(py, &value)?;
        Ok(self.tracked.track_read(name, object, value))
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

    fn store(
        &self,
        key: &Bound<'_, PyAny>,
        object: &Bound<'_, PyAny>,
        conversion: Conversion,
    ) -> PyResult<()> {
        let py = key.py();
        guard(py, || {
            let name = name(key)?;
            let value = value::from_python(object, &ValuePath::of(&name), conversion)?;
            let base = TrackedContainers::base_of(object, &value);
            let put = self.session.put_value(&name, value);
            put.map_err(|error| raise(py, &error))?;
            self.tracked.track_write(&name, object, base, conversion);
            Ok(())
        })
    }
}

/// The `KeyError` that a dict raises.
fn missing(key: &Bound<'_, PyAny>) -> PyErr {
    PyKeyError::new_err(key.clone().unbind())
}

#[pymethods]
impl View {
    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        guard(key.py(), || self.find(key)?.ok_or_else(|| missing(key)))
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.store(key, value, Conversion::Strict)
    }

    fn __delitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        if self.contains(key)? { self.remove(key) } else { Err(missing(key)) }
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.contains(key)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.sorted_keys(py)?)?.try_iter()
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.sorted_keys(py)?.len())
    }

    /// Returns the value of a key, or `default` if there is no such key.
    #[pyo3(signature = (key, default=None))]
    fn get<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = key.py();
        guard(py, || {
            let found = self.find(key)?.or(default);
            Ok(found.unwrap_or_else(|| py.None().into_bound(py)))
        })
    }

    /// Returns the value of a key, which must be of exactly this type: bool, int, float, str,
    /// bytes, datetime, list or dict. Returns None if there is no such key. Nothing is converted,
    /// and a bool is not an int.
    ///
    /// Raises `InvalidArgument` if the value is of another type, and `TypeError` for other types.
    fn get_as<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        r#type: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = key.py();
        guard(py, || {
            let (kind, name) = (value::kind_of(r#type)?, name(key)?);
            let found = self.value(py, get_as(&self.session, name.to_string(), kind))?;
            let Some(value) = found else { return Ok(None) };
            match self.tracked.get(py, &name) {
                Some(object) => Ok(Some(object)),
                None => self.track(py, &name, value).map(Some),
            }
        })
    }

    /// Removes a key and returns its value, or `default` if there is no such key. The commit stores
    /// the removal; two requests can both pop a key: see `take`.
    ///
    /// Raises `KeyError` if there is no such key and no default.
    #[pyo3(signature = (key, default=Maybe::ABSENT), text_signature = "($self, key, default=...)")]
    fn pop<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        default: Maybe<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = key.py();
        guard(py, || {
            let name = name(key)?;
            let request = SessionRequest::Pop(self.session.clone(), name.to_string());
            let popped = self.value(py, request)?;
            let had = self.tracked.get(py, &name);
            self.tracked.untrack(&name);
            match popped {
                Some(value) => had.map_or_else(|| value::to_python(py, &value), Ok),
                None => default.get().cloned().ok_or_else(|| missing(key)),
            }
        })
    }

    /// Returns whether there is such a key.
    fn contains(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        guard(key.py(), || self.has_key(key.py(), name(key)?.into_owned()))
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
    fn put(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>, lenient: bool) -> PyResult<()> {
        self.store(key, value, Conversion::of(lenient))
    }

    /// Sets the value of a key if it differs from the present one, and returns whether it did. The
    /// comparison is deep and includes types: 1, 1.0 and True differ.
    ///
    /// Raises as `put`.
    fn put_if_changed(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = key.py();
        guard(py, || {
            let name = name(key)?;
            let now = value::from_python(value, &ValuePath::of(&name), Conversion::Strict)?;
            self.tracked.flush(py, &self.session, Some(&name))?;
            let base = TrackedContainers::base_of(value, &now);
            let put = SessionRequest::PutIfChanged(self.session.clone(), name.to_string(), now);
            let SessionAnswer::Is(changed) = self.wait(py, put)? else {
                return Err(raise(py, &lost()));
            };
            self.tracked.track_write(&name, value, base, Conversion::Strict);
            Ok(changed)
        })
    }

    /// Adds `by` to the integer of a key; a missing key counts as 0. The commit adds to the value
    /// that is stored by then, so concurrent increments all count.
    ///
    /// Raises `InvalidArgument` if the value is not an integer or would overflow. If the session is
    /// not loaded yet, the commit raises it.
    #[pyo3(signature = (key, by=None), text_signature = "($self, key, by=1)")]
    fn increment(&self, key: &Bound<'_, PyAny>, by: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let py = key.py();
        guard(py, || {
            let by = by.map_or(Ok(1), |by| int64(by, "by"))?;
            let added = self.session.increment(&name(key)?, by);
            added.map_err(|error| raise(py, &error))
        })
    }

    /// Appends an item to the list of a key; a missing key counts as an empty list. The commit
    /// appends to the list that is stored by then, so concurrent appends lose no item.
    ///
    /// Raises as `put`, and `InvalidArgument` if the value is not a list. If the session is not
    /// loaded yet, the commit raises that.
    fn append(&self, key: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = key.py();
        guard(py, || {
            let name = name(key)?;
            let list = ValuePath::of(&name);
            let item = value::from_python(item, &ValuePath::appended(&list), Conversion::Strict)?;
            // Changes inside the list precede the new item.
            self.tracked.flush(py, &self.session, Some(&name))?;
            let added = self.session.append_value(&name, item);
            added.map_err(|error| raise(py, &error))?;
            self.tracked.untrack(&name);
            Ok(())
        })
    }

    /// Removes a key. Does nothing if there is no such key.
    fn remove(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(key.py(), || {
            let name = name(key)?;
            self.session.remove(&name);
            self.tracked.untrack(&name);
            Ok(())
        })
    }

    /// Removes all values. Token, deadline and "remember me" stay.
    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            self.session.clear();
            self.tracked.untrack_all();
            Ok(())
        })
    }

    /// Stores a flash value: the next request that calls `flashes` gets it, and later ones do not.
    ///
    /// Raises as `put`.
    fn flash(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(key.py(), || {
            let name = name(key)?;
            let value = value::from_python(value, &ValuePath::of(&name), Conversion::Strict)?;
            let left = self.session.flash_value(&name, value);
            left.map_err(|error| raise(key.py(), &error))
        })
    }

    /// Returns the flash values of earlier requests, by key. The commit removes them.
    fn flashes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Flashes(self.session.clone()))
    }

    /// Gives the session a new token at the commit, atomically with its other changes: at any
    /// moment exactly one of the two tokens is valid. Without a commit nothing changes. Call it
    /// when a user logs in or out, against session fixation.
    ///
    /// Returns False if the session is known to have been ended by another request.
    fn renew<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Renew(self.session.clone()))
    }

    /// Empties the session and gives it a new token at the commit, atomically: values, flash
    /// values, subject and "remember me" are removed and a new lifetime begins. Values put
    /// afterwards are in the new session. Without a commit nothing changes. For logins and logouts
    /// that keep nothing.
    ///
    /// Returns False if the session is known to have been ended by another request.
    fn regenerate<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let done = self.ask(py, SessionRequest::Regenerate(self.session.clone()))?;
        self.tracked.untrack_all();
        Ok(done)
    }

    /// Makes the commit store a new session even if it is empty, for programs that need its token
    /// or its row.
    fn store_empty(&self) {
        self.session.store_empty();
    }

    /// Returns a copy of all values as a dict. Changes to the copy are not stored: pass it to
    /// `assign`.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        guard(py, || {
            self.flush(py)?;
            let answer = self.wait(py, SessionRequest::SnapshotJson(self.session.clone()))?;
            let SessionAnswer::Text(json) = answer else { return Err(raise(py, &lost())) };
            // Without tags it is plain JSON, which Python's own parser reads fastest.
            if !json.contains("\"$") {
                return LOADS.import(py, "json", "loads")?.call1((json,));
            }
            self.ask(py, SessionRequest::Values(self.session.clone()))
        })
    }

    /// Replaces all values by those of a mapping. Only differences count as changes (the comparison
    /// is deep and includes types), so that concurrent requests keep the changes of each other.
    /// Lists and dicts are copied. `lenient` as in `put`.
    ///
    /// Raises as `put`; then nothing is changed.
    #[pyo3(signature = (values, *, lenient=false))]
    fn assign(&self, values: &Bound<'_, PyAny>, lenient: bool) -> PyResult<()> {
        let py = values.py();
        guard(py, || {
            let map = value::map_of(values, Conversion::of(lenient))?;
            self.wait(py, SessionRequest::Assign(self.session.clone(), map))?;
            self.tracked.untrack_all();
            Ok(())
        })
    }

    /// Returns when the session expires unless it is used again, an aware datetime in UTC, as of
    /// the load or the last commit. None if it never expires, or is not stored.
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::ExpiresAt(self.session.clone()))
    }

    /// Makes the commit extend the session's expiry, regardless of `touch_interval` and even if
    /// nothing was changed. With an idle timeout (the session's or the manager's), the timeout
    /// restarts and the deadline stays. Without one, a new lifetime begins unless `set_deadline`
    /// was called.
    fn touch(&self) {
        self.session.touch();
    }

    /// Sets the idle timeout of this session, a timedelta or seconds; it is stored with the session
    /// and overrides the managers' option. 0 means no idle timeout, so that only the deadline
    /// counts; None restores the managers' option.
    ///
    /// Raises `InvalidArgument` below 0 or above 200,000 years.
    fn set_idle_timeout(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        guard(py, || {
            let timeout = timeout.map(idle_timeout).transpose()?;
            let set = self.session.set_idle_timeout(timeout);
            set.map_err(|error| raise(py, &error))
        })
    }

    /// Returns the idle timeout of this session; None if the manager's option applies.
    fn idle_timeout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::IdleTimeout(self.session.clone()))
    }

    /// Returns the argument of the last `remember_me`; None if it was never called and
    /// `cookie_persist` decides.
    fn remembered<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Remembered(self.session.clone()))
    }

    /// Returns a copy of the extra value of this name; None if there is none. See `set_extra`.
    fn extra<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = name.py();
        guard(py, || {
            let name = extra_name(name)?;
            match self.value(py, SessionRequest::Extra(self.session.clone(), name))? {
                Some(value) => value::to_python(py, &value),
                None => Ok(py.None().into_bound(py)),
            }
        })
    }

    /// Stores an extra value, or removes it if `value` is omitted: bookkeeping of a framework's
    /// adapter. Extra values are not among the session's values, survive `clear`, and are merged
    /// name by name like values. A new session with nothing but extra values is not stored. Prefix
    /// the name with the framework's, because all programs share the names.
    ///
    /// Raises as `put`.
    #[pyo3(signature = (name, value=Maybe::ABSENT), text_signature = "($self, name, value=...)")]
    fn set_extra(&self, name: &Bound<'_, PyAny>, value: Maybe<'_>) -> PyResult<()> {
        let py = name.py();
        guard(py, || {
            let name = extra_name(name)?;
            let convert =
                |value| value::from_python(value, &ValuePath::of(&name), Conversion::Strict);
            let set = self.session.set_extra(&name, value.get().map(convert).transpose()?);
            set.map_err(|error| raise(py, &error))
        })
    }

    /// Returns when the lifetime of the session ends, an aware datetime in UTC.
    fn deadline<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Deadline(self.session.clone()))
    }

    /// Sets the end of the session's lifetime: an aware datetime, or a timedelta from now. With one
    /// in the past the commit ends the session.
    ///
    /// Raises `TypeError` for other types and `InvalidArgument` for a naive datetime.
    fn set_deadline(&self, deadline: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(deadline.py(), || {
            self.session.set_deadline(self::deadline(deadline)?);
            Ok(())
        })
    }

    /// Sets whether the cookie outlives the browser, overriding `cookie_persist`: True keeps it
    /// until the session expires, False until the browser is closed. Stored with the session.
    fn remember_me(&self, remember: &Bound<'_, PyAny>) -> PyResult<()> {
        let truth = remember.cast::<PyBool>();
        let truth = truth.map_err(|_| type_error(remember, "remember", "bool"))?;
        self.session.remember_me(truth.is_true());
        Ok(())
    }

    /// Returns the subject of the session, such as a user id; None if it has none.
    fn subject<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Subject(self.session.clone()))
    }

    /// Sets the subject of the session, such as a user id, so that all sessions of a user can be
    /// listed and ended. None removes it.
    ///
    /// Raises `InvalidArgument` if the subject is empty, longer than 255 characters, or ends with a
    /// space. The commit raises `Unsupported` if the table has no column for it.
    fn set_subject(&self, py: Python<'_>, subject: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let subject = subject.map(self::subject).transpose()?;
        let set = self.session.set_subject(subject.as_deref());
        set.map_err(|error| raise(py, &error))
    }

    /// Returns whether the session is not in the store (yet).
    fn is_new<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::IsNew(self.session.clone()))
    }

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
