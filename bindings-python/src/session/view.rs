//! What sessions that wait and sessions of event loops share: a mapping, and what is noted in it.

use pyo3::exceptions::PyKeyError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyIterator, PyList};
use sessio::Value;
use sessio::operation::{SessionAnswer, SessionRequest};

use crate::argument::{Maybe, subject, wrong};
use crate::error::{guard, lost, raise};
use crate::key::Key;
use crate::value::{self, Place, Taken};

use super::argument::{deadline, extra_name, get_as, idle_timeout, int64, name};
use super::handed::Handed;
use super::manager::SessionManager;

/// What `Session` and `AsyncSession` have in common: a mutable mapping from str to values, which is
/// one request's view.
#[pyclass(frozen, subclass, mapping, weakref, name = "SessionView", module = "sessio._native")]
pub(crate) struct View {
    pub(crate) manager: Py<SessionManager>,
    pub(crate) session: sessio::Session,
    pub(crate) handed: Handed,
}

impl View {
    pub(crate) fn new(manager: &Bound<'_, SessionManager>, session: sessio::Session) -> Self {
        View { manager: manager.clone().unbind(), session, handed: Handed::default() }
    }

    /// Of a session that is loaded nothing here waits.
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

    /// Puts what was changed in lists and dicts into the session.
    pub(crate) fn note(&self, py: Python<'_>) -> PyResult<()> {
        self.handed.note(py, &self.session, None)
    }

    fn value(&self, py: Python<'_>, request: SessionRequest) -> PyResult<Option<Value>> {
        let SessionAnswer::Value(value) = self.wait(py, request)? else {
            return Err(raise(py, &lost()));
        };
        Ok(value)
    }

    fn there(&self, py: Python<'_>, name: String) -> PyResult<bool> {
        let SessionAnswer::Is(there) =
            self.wait(py, SessionRequest::Contains(self.session.clone(), name))?
        else {
            return Err(raise(py, &lost()));
        };
        Ok(there)
    }

    /// The same object as before, where it is a list or dict.
    fn find<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (py, name) = (key.py(), name(key)?);
        if self.handed.has(&name)
            && self.there(py, name.to_string())?
            && let Some(object) = self.handed.get(py, &name)
        {
            return Ok(Some(object));
        }
        let found = self.value(py, SessionRequest::Get(self.session.clone(), name.to_string()))?;
        found.map(|value| self.hand_out(py, &name, value)).transpose()
    }

    fn hand_out<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        value: Value,
    ) -> PyResult<Bound<'py, PyAny>> {
        let object = value::to_python(py, &value)?;
        Ok(self.handed.hand_out(name, object, value))
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
        taken: Taken,
    ) -> PyResult<()> {
        let py = key.py();
        guard(py, || {
            let name = name(key)?;
            let value = value::from_python(object, &Place::of(&name), taken)?;
            let kept = Handed::of(object, &value);
            let put = self.session.put_value(&name, value);
            put.map_err(|error| raise(py, &error))?;
            self.handed.put(&name, object, kept, taken);
            Ok(())
        })
    }
}

/// What a dict raises too.
fn missing(key: &Bound<'_, PyAny>) -> PyErr {
    PyKeyError::new_err(key.clone().unbind())
}

#[pymethods]
impl View {
    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        guard(key.py(), || self.find(key)?.ok_or_else(|| missing(key)))
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.store(key, value, Taken::Strict)
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

    /// The value of a key, or the default.
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

    /// The value of a key if it is of this very type: bool, int, float, str, bytes, datetime, list
    /// or dict. None when there is no value; never a default, never a conversion.
    ///
    /// Raises `InvalidArgument` when it is of another type.
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
            match self.handed.get(py, &name) {
                Some(object) => Ok(Some(object)),
                None => self.hand_out(py, &name, value).map(Some),
            }
        })
    }

    /// The value of a key, which is removed; the default where there is none.
    ///
    /// Raises `KeyError` where there is neither.
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
            let had = self.handed.get(py, &name);
            self.handed.forget(&name);
            match popped {
                Some(value) => had.map_or_else(|| value::to_python(py, &value), Ok),
                None => default.get().cloned().ok_or_else(|| missing(key)),
            }
        })
    }

    /// Whether there is such a key.
    fn contains(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        guard(key.py(), || self.there(key.py(), name(key)?.into_owned()))
    }

    /// Sets the value of a key. A list or dict is the session's own from then on: what is changed in
    /// it is stored too. With `lenient` it takes what `json` takes, as text: keys that are int, float,
    /// bool or None, and UUIDs, Decimals, dates, times, datetimes without a time zone, and markup.
    ///
    /// Raises `TypeError` for what no session can hold, and `InvalidArgument` for values beyond its
    /// limits; both say where, as `cart[2].price`.
    #[pyo3(signature = (key, value, *, lenient=false))]
    fn put(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>, lenient: bool) -> PyResult<()> {
        self.store(key, value, Taken::of(lenient))
    }

    /// Sets the value of a key, unless it has this very value: what is equal, deep and with its types,
    /// is no change. 1 is neither 1.0 nor True. Whether it was a change.
    ///
    /// Raises as `put`.
    fn put_if_changed(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = key.py();
        guard(py, || {
            let name = name(key)?;
            let now = value::from_python(value, &Place::of(&name), Taken::Strict)?;
            self.handed.note(py, &self.session, Some(&name))?;
            let kept = Handed::of(value, &now);
            let put = SessionRequest::PutIfChanged(self.session.clone(), name.to_string(), now);
            let SessionAnswer::Is(changed) = self.wait(py, put)? else {
                return Err(raise(py, &lost()));
            };
            self.handed.put(&name, value, kept, Taken::Strict);
            Ok(changed)
        })
    }

    /// Adds to the integer of a key, from 0 where there is none. Of several requests that do, all
    /// count: at the commit it is added to what is stored by then.
    ///
    /// Raises `InvalidArgument` where the value is known to be no integer, or too large; otherwise
    /// the commit does.
    #[pyo3(signature = (key, by=None), text_signature = "($self, key, by=1)")]
    fn increment(&self, key: &Bound<'_, PyAny>, by: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let py = key.py();
        guard(py, || {
            let by = by.map_or(Ok(1), |by| int64(by, "by"))?;
            let added = self.session.increment(&name(key)?, by);
            added.map_err(|error| raise(py, &error))
        })
    }

    /// Adds an item to the list of a key, a new list where there is none. Of several requests that
    /// do, no item is lost: at the commit it is added to what is stored by then.
    ///
    /// Raises as `put`, and `InvalidArgument` where the value is known to be no list; otherwise the
    /// commit does.
    fn append(&self, key: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = key.py();
        guard(py, || {
            let name = name(key)?;
            let list = Place::of(&name);
            let item = value::from_python(item, &Place::appended(&list), Taken::Strict)?;
            // What was changed in the list comes before the item.
            self.handed.note(py, &self.session, Some(&name))?;
            let added = self.session.append_value(&name, item);
            added.map_err(|error| raise(py, &error))?;
            self.handed.forget(&name);
            Ok(())
        })
    }

    /// Removes a key, if it is there.
    fn remove(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(key.py(), || {
            let name = name(key)?;
            self.session.remove(&name);
            self.handed.forget(&name);
            Ok(())
        })
    }

    /// Removes all values; token, deadline and "remember me" stay.
    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            self.session.clear();
            self.handed.forget_all();
            Ok(())
        })
    }

    /// Leaves a value for the next request that asks for `flashes`, and for that one alone. Raises as
    /// `put`.
    fn flash(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(key.py(), || {
            let name = name(key)?;
            let value = value::from_python(value, &Place::of(&name), Taken::Strict)?;
            let left = self.session.flash_value(&name, value);
            left.map_err(|error| raise(key.py(), &error))
        })
    }

    /// What earlier requests left, by key; from the commit on it is gone.
    fn flashes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Flashes(self.session.clone()))
    }

    /// Gives it a new token at the commit, in one step with whatever else was changed: at any moment
    /// exactly one of the two tokens is valid, and without a commit the session is as before. To be
    /// called when a user logs in or out. False when it is known that another request ended the
    /// session.
    fn renew<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Renew(self.session.clone()))
    }

    /// Starts over at the commit, under a new token: values, flash values, subject and "remember me"
    /// are gone, and a new lifetime begins; what is put in afterwards is in the new session. For
    /// logins and logouts that keep nothing. It is one step, and without a commit the session is as
    /// before. False when it is known that another request ended the session.
    fn regenerate<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let done = self.ask(py, SessionRequest::Regenerate(self.session.clone()))?;
        self.handed.forget_all();
        Ok(done)
    }

    /// The commit stores a new session even if it holds nothing: for programs that need its token or
    /// its row.
    fn store_empty(&self) {
        self.session.store_empty();
    }

    /// Everything in it, by key, as a dict of the program's own: what is changed in it is for
    /// `assign`, and for nobody else.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        guard(py, || {
            self.note(py)?;
            let answer = self.wait(py, SessionRequest::SnapshotJson(self.session.clone()))?;
            let SessionAnswer::Text(json) = answer else { return Err(raise(py, &lost())) };
            // Without tags it is JSON like any other, and the interpreter's own reader is fast.
            if !json.contains("\"$") {
                return LOADS.import(py, "json", "loads")?.call1((json,));
            }
            self.ask(py, SessionRequest::Values(self.session.clone()))
        })
    }

    /// The values shall be those of this mapping and no others. Only the differences to what the
    /// session holds are changes, deep and with their types, so that requests which meet keep what
    /// each has changed. Lists and dicts are copied. `lenient` is that of `put`.
    ///
    /// Raises as `put`, and then nothing is changed.
    #[pyo3(signature = (values, *, lenient=false))]
    fn assign(&self, values: &Bound<'_, PyAny>, lenient: bool) -> PyResult<()> {
        let py = values.py();
        guard(py, || {
            let map = value::map_of(values, Taken::of(lenient))?;
            self.wait(py, SessionRequest::Assign(self.session.clone(), map))?;
            self.handed.forget_all();
            Ok(())
        })
    }

    /// When it ends if nobody uses it from now on, in UTC, as the store has it: what was loaded, or
    /// what the last commit stored. None for a session that never ends, and for one that is not stored.
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::ExpiresAt(self.session.clone()))
    }

    /// The commit moves its end because it is used now, whatever `touch_interval` says, and if nothing
    /// else was changed. With an idle timeout, its own or the manager's, that begins anew, and the
    /// deadline stays; without one a new lifetime begins, unless `set_deadline` has set its end.
    fn touch(&self) {
        self.session.touch();
    }

    /// How long this session lives without a request that looks at it, whatever the managers' option
    /// says: a timedelta or seconds. It is kept with the session. 0 is as long as the deadline allows;
    /// None leaves it to the managers again.
    ///
    /// Raises `InvalidArgument` for one below 0, or of more than 200,000 years.
    fn set_idle_timeout(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        guard(py, || {
            let timeout = timeout.map(idle_timeout).transpose()?;
            let set = self.session.set_idle_timeout(timeout);
            set.map_err(|error| raise(py, &error))
        })
    }

    /// The idle timeout of this session alone; None where that of the manager holds.
    fn idle_timeout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::IdleTimeout(self.session.clone()))
    }

    /// What `remember_me` was told; None if nothing, and then `cookie_persist` decides.
    fn remembered<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Remembered(self.session.clone()))
    }

    /// What an adapter keeps beside the values under this name, as a copy; None where there is
    /// nothing.
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

    /// Keeps something beside the values, for the bookkeeping of a framework's adapter: who reads
    /// values does not see it, `clear` leaves it, and it is merged name by name when two requests
    /// meet. Without a value it is removed. Names should begin with the framework's: all programs of a
    /// session share them. By itself it makes no session worth storing.
    ///
    /// Raises as `put`.
    #[pyo3(signature = (name, value=Maybe::ABSENT), text_signature = "($self, name, value=...)")]
    fn set_extra(&self, name: &Bound<'_, PyAny>, value: Maybe<'_>) -> PyResult<()> {
        let py = name.py();
        guard(py, || {
            let name = extra_name(name)?;
            let kept = |value| value::from_python(value, &Place::of(&name), Taken::Strict);
            let set = self.session.set_extra(&name, value.get().map(kept).transpose()?);
            set.map_err(|error| raise(py, &error))
        })
    }

    /// When its lifetime ends, in UTC.
    fn deadline<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Deadline(self.session.clone()))
    }

    /// Moves the end of its lifetime: to an aware datetime, or a timedelta from now. One in the past
    /// ends the session at the commit.
    fn set_deadline(&self, deadline: &Bound<'_, PyAny>) -> PyResult<()> {
        guard(deadline.py(), || {
            self.session.set_deadline(self::deadline(deadline)?);
            Ok(())
        })
    }

    /// Whether its cookie outlives the browser, whatever `cookie_persist` says: True keeps it until
    /// the session ends, False until the browser is closed. Kept with the session.
    fn remember_me(&self, remember: &Bound<'_, PyAny>) -> PyResult<()> {
        let truth = remember.cast::<PyBool>();
        let truth = truth.map_err(|_| wrong(remember, "remember", "bool"))?;
        self.session.remember_me(truth.is_true());
        Ok(())
    }

    /// Whose session it is, where that was said.
    fn subject<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::Subject(self.session.clone()))
    }

    /// Says whose session it is, so that all of a user's can be listed and ended; None takes that
    /// away.
    ///
    /// Raises `InvalidArgument` for a subject that is empty, longer than 255 characters, or ends with
    /// a space.
    fn set_subject(&self, py: Python<'_>, subject: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let subject = subject.map(self::subject).transpose()?;
        let set = self.session.set_subject(subject.as_deref());
        set.map_err(|error| raise(py, &error))
    }

    /// Whether the store has no such session (yet).
    fn is_new<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, SessionRequest::IsNew(self.session.clone()))
    }

    /// Whether there is something to commit: `"unmodified"`, `"modified"` or `"destroyed"`. It sees
    /// what was changed in lists and dicts too, and compares them for that.
    #[getter]
    fn status(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || {
            let changed = self.handed.is_changed(py);
            Ok(if changed { sessio::Status::Modified } else { self.session.status() }.name())
        })
    }

    /// The client's secret: what was brought, or what it is to get. None for a session that was never
    /// stored (unless `ensure_token` or `create` gave it one), and for one from a list.
    #[getter]
    fn token(&self) -> Option<String> {
        self.session.token()
    }

    /// The key of a session from a list.
    #[getter]
    fn key(&self) -> Option<Key> {
        self.session.key().map(Key)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let (class, session) = (slf.get_type(), &slf.get().session);
        Ok(format!("<sessio.{}: {}>", class.name()?, session.status().name()))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.handed.traverse(&visit)?;
        visit.call(&self.manager)
    }

    fn __clear__(&self) {
        self.handed.forget_all();
    }
}
