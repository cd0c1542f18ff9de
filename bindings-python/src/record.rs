//! `Record`: a stored session as the store verbs return it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use sessio::{Expiry, Timestamp};

use crate::arguments::{bytes, subject as text_of};
use crate::error::invalid;
use crate::time::{datetime, expiry};

/// A live session as it was stored: `data`, `expires_at` and `subject`. Immutable, hashable, and
/// can be pickled.
///
/// `repr` shows neither data nor subject.
#[pyclass(frozen, eq, module = "sessio")]
#[derive(PartialEq)]
pub(crate) struct Record(pub(crate) sessio::Record);

#[pymethods]
impl Record {
    /// A record like those that a store returns, for tests and fakes.
    #[new]
    #[pyo3(signature = (data, expires_at=None, subject=None))]
    fn new(
        data: &Bound<'_, PyAny>,
        expires_at: Option<&Bound<'_, PyAny>>,
        subject: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = data.py();
        let expires_at = match expires_at.map(expiry).transpose()? {
            None | Some(Expiry::Never) => None,
            Some(Expiry::At(instant)) => Some(instant),
            Some(Expiry::After(_)) => {
                return Err(invalid(
                    py,
                    "expires_at of a record must be a datetime or None, not a timedelta",
                ));
            }
        };
        let subject = subject.map(|subject| text_of(subject).map(Into::into)).transpose()?;
        let data = bytes(data, "data")?.as_bytes().to_vec().into();
        Ok(Record(sessio::Record { data, expires_at, subject }))
    }

    /// The stored bytes. Every access makes a copy.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.data)
    }

    /// When the session expires, an aware datetime in UTC; None means never.
    #[getter]
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.expires_at.map(|instant| datetime(py, instant)).transpose()
    }

    /// The subject of the session, such as a user id; None if it has none.
    #[getter]
    fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&*self.0.data, self.0.expires_at, &self.0.subject).hash(&mut hasher);
        hasher.finish()
    }

    #[allow(clippy::type_complexity)] // the arguments of `__new__`, for pickle
    fn __getnewargs__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyBytes>, Option<Bound<'py, PyAny>>, Option<&str>)> {
        Ok((self.data(py), self.expires_at(py)?, self.subject()))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let end = match self.0.expires_at.map(|at: Timestamp| datetime(py, at)).transpose()? {
            Some(instant) => format!("ends {}", instant.str()?),
            None => "never ends".to_owned(),
        };
        Ok(format!("<sessio.Record: {} bytes, {end}>", self.0.data.len()))
    }
}
