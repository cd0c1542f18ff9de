//! `Session`: one request's view, as a mapping.

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList};
use sessio::Value;
use sessio::operation::{SessionAnswer, SessionRequest};

use crate::argument::Maybe;
use crate::error::{guard, lost, raise};
use crate::value;

use super::manager::SessionManager;
use super::methods::{get_as, name, session_methods};

/// A session, as one request sees it: a mutable mapping from str to values. It comes from a
/// `SessionManager`, and what is changed is stored by the manager's `commit`.
///
/// Values are None, bool, int (from -2**63 to 2**64 - 1), float, str, bytes, aware datetimes (read
/// back in UTC, to the microsecond), lists and dicts with str keys, 63 deep at most. They are
/// copies: change one and put it back. Keys come back sorted.
///
/// Nothing is asked of the store until something is read; what only changes the session waits for
/// nobody. Whatever reads raises `Timeout`, `Unavailable`, `Overloaded`, `Schema`, `Closed`, or
/// `Corrupt` where `on_corrupt` is "fail".
///
/// Any thread may use it. Dropped without a commit, its changes are lost. It cannot be pickled.
/// `repr` shows neither token nor values.
#[pyclass(frozen, mapping, weakref, module = "sessio")]
pub(crate) struct Session {
    pub(crate) manager: Py<SessionManager>,
    pub(crate) session: sessio::Session,
}

impl Session {
    fn wait(&self, py: Python<'_>, request: SessionRequest) -> PyResult<SessionAnswer> {
        SessionManager::wait(self.manager.bind(py), request)
    }

    fn value(&self, py: Python<'_>, request: SessionRequest) -> PyResult<Option<Value>> {
        let SessionAnswer::Value(value) = self.wait(py, request)? else {
            return Err(raise(py, &lost()));
        };
        Ok(value)
    }

    fn find(&self, key: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
        let name = name(key)?.into_owned();
        self.value(key.py(), SessionRequest::Get(self.session.clone(), name))
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

/// What a dict raises too.
fn missing(key: &Bound<'_, PyAny>) -> PyErr {
    PyKeyError::new_err(key.clone().unbind())
}

session_methods! { Session, SessionManager,
    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        guard(key.py(), || match self.find(key)? {
            Some(value) => value::to_python(key.py(), &value),
            None => Err(missing(key)),
        })
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.put(key, value)
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
        guard(py, || match self.find(key)? {
            Some(value) => value::to_python(py, &value),
            None => Ok(default.unwrap_or_else(|| py.None().into_bound(py))),
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
            let kind = value::kind_of(r#type)?;
            let found = self.value(py, get_as(&self.session, name(key)?.into_owned(), kind))?;
            found.map(|value| value::to_python(py, &value)).transpose()
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
            let request = SessionRequest::Pop(self.session.clone(), name(key)?.into_owned());
            match self.value(py, request)? {
                Some(value) => value::to_python(py, &value),
                None => default.get().cloned().ok_or_else(|| missing(key)),
            }
        })
    }

    /// Whether there is such a key.
    fn contains(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        guard(key.py(), || {
            let request = SessionRequest::Contains(self.session.clone(), name(key)?.into_owned());
            let SessionAnswer::Is(there) = self.wait(key.py(), request)? else {
                return Err(raise(key.py(), &lost()));
            };
            Ok(there)
        })
    }
}
