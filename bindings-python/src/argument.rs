//! From Python's arguments to the core's. No message here shows a value.

use std::borrow::Cow;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyEllipsis, PyInt, PyMemoryView, PyString, PyTuple};
use sessio::{Content, Expiry, Target};

use crate::error::invalid;
use crate::key::Key;
use crate::time::expiry;

/// A `TypeError` that says which argument it is about.
pub(crate) fn wrong(object: &Bound<'_, PyAny>, name: &str, takes: &str) -> PyErr {
    let kind = object.get_type().name();
    let kind = kind.as_ref().map_or(Cow::Borrowed("that"), |kind| kind.to_string_lossy());
    PyTypeError::new_err(format!("{name} must be {takes}, not {kind}"))
}

/// Which session: the text of a token, or a key. Lives as long as the argument.
pub(crate) enum Session<'a> {
    Token(&'a str),
    /// A `str` that is not Unicode (it has lone surrogates): still bytes of its own, that can be
    /// looked up like any others and never meet those of another text.
    Odd(Vec<u8>),
    Key(&'a sessio::Key),
}

impl<'a> Session<'a> {
    pub(crate) fn of(object: &'a Bound<'_, PyAny>) -> PyResult<Self> {
        Session::named(object, "a token")
    }

    /// For a verb that takes more than one of them.
    pub(crate) fn named(object: &'a Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        if let Ok(token) = object.cast::<PyString>() {
            if let Ok(text) = token.to_str() {
                return Ok(Session::Token(text));
            }
            let py = object.py();
            let encode = py.get_type::<PyString>().getattr("encode")?;
            let bytes = encode.call1((token, "utf-8", "surrogatepass"))?;
            return Ok(Session::Odd(bytes.cast::<PyBytes>()?.as_bytes().to_vec()));
        }
        match object.cast::<Key>() {
            Ok(key) => Ok(Session::Key(&key.get().0)),
            Err(_) => Err(wrong(object, name, "str (or a sessio.Key)")),
        }
    }

    pub(crate) fn target(&self) -> Target<'_> {
        match self {
            Session::Token(text) => Target::Token(text.as_bytes()),
            Session::Odd(bytes) => Target::Token(bytes),
            Session::Key(key) => Target::Key(key),
        }
    }
}

/// Session data. `bytes` cannot change while it is used; everything else is copied first.
pub(crate) fn bytes<'py>(object: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    if object.is_instance_of::<PyByteArray>() || object.is_instance_of::<PyMemoryView>() {
        let copy = object.py().get_type::<PyBytes>().call1((object,))?;
        return Ok(copy.cast_into()?);
    }
    Err(wrong(object, name, "bytes, bytearray or memoryview"))
}

/// Text; `None` for a `str` with lone surrogates, which is none.
pub(crate) fn text<'a>(object: &'a Bound<'_, PyAny>, name: &str) -> PyResult<Option<Cow<'a, str>>> {
    let text = object.cast::<PyString>().map_err(|_| wrong(object, name, "str"))?;
    Ok(text.to_str().ok().map(Cow::Borrowed))
}

/// Whose session it is.
pub(crate) fn subject<'a>(object: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, str>> {
    let subject = text(object, "subject")?;
    subject.ok_or_else(|| invalid(object.py(), "a subject must be valid Unicode"))
}

/// A number of sessions. The core says which are allowed; those below 0 are none of them.
#[derive(Clone, Copy)]
pub(crate) struct Limit(pub(crate) usize);

impl Limit {
    /// What a list asks for when it is not told: a screenful or a few.
    pub(crate) const PAGE: Limit = Limit(100);
    /// What one round of cleanup removes when it is not told.
    pub(crate) const ROUND: Limit = Limit(1000);
}

impl<'py> FromPyObject<'_, 'py> for Limit {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let number = object.cast::<PyInt>().map_err(|_| wrong(&object, "limit", "int"))?;
        Ok(Limit(number.extract::<usize>().unwrap_or(0)))
    }
}

/// The key to start after.
pub(crate) fn after<'a>(object: Option<&'a Bound<'_, PyAny>>) -> PyResult<Option<&'a sessio::Key>> {
    let Some(object) = object else { return Ok(None) };
    let takes = "a sessio.Key (what a page has as next) or None";
    let key = object.cast::<Key>().map_err(|_| wrong(object, "after", takes))?;
    Ok(Some(&key.get().0))
}

/// Data, expiry and subject of a write, held for the time of the call.
pub(crate) struct Held<'py> {
    data: Bound<'py, PyBytes>,
    expires_at: Expiry,
    subject: Option<String>,
}

impl<'py> Held<'py> {
    pub(crate) fn new(
        data: &Bound<'py, PyAny>,
        expires_at: &Bound<'py, PyAny>,
        whose: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        Ok(Held {
            data: bytes(data, "data")?,
            expires_at: expiry(expires_at)?,
            subject: whose.map(|whose| subject(whose).map(Cow::into_owned)).transpose()?,
        })
    }

    pub(crate) fn content(&self) -> Content<'_> {
        Content::new(self.data.as_bytes(), self.expires_at).subject(self.subject.as_deref())
    }

    /// New content for a rename, or none. A forgotten expiry must not mean "never", so its
    /// absence is not `None` but `...`.
    pub(crate) fn optional(
        data: Option<&Bound<'py, PyAny>>,
        expires_at: Option<&Bound<'py, PyAny>>,
        subject: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Self>> {
        match (data, expires_at) {
            (Some(data), Some(expires_at)) => Held::new(data, expires_at, subject).map(Some),
            (None, None) if subject.is_none() => Ok(None),
            _ => Err(PyTypeError::new_err(
                "a rename takes data and expires_at (and subject) together, or none of them",
            )),
        }
    }
}

/// An argument that can be left out, while `None` is a value for it.
pub(crate) struct Maybe<'py>(Option<Bound<'py, PyAny>>);

impl<'py> Maybe<'py> {
    pub(crate) const ABSENT: Maybe<'static> = Maybe(None);

    pub(crate) fn get(&self) -> Option<&Bound<'py, PyAny>> {
        self.0.as_ref()
    }
}

impl<'py> FromPyObject<'_, 'py> for Maybe<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let absent = object.is_instance_of::<PyEllipsis>();
        Ok(Maybe((!absent).then(|| object.to_owned())))
    }
}

/// The parts of a bulk call. A `str` is iterable too, but never what was meant.
pub(crate) fn each<'py>(
    object: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if object.is_instance_of::<PyString>() {
        return Err(wrong(object, name, "an iterable of its parts"));
    }
    let parts = object.try_iter().map_err(|_| wrong(object, name, "an iterable"))?;
    parts.collect()
}

pub(crate) fn sessions<'a>(parts: &'a [Bound<'_, PyAny>]) -> PyResult<Vec<Session<'a>>> {
    parts.iter().map(Session::of).collect()
}

/// A row of a bulk save: `(token, data, expires_at)` or `(token, data, expires_at, subject)`.
pub(crate) fn row<'py>(object: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Held<'py>)> {
    let takes = "a tuple (token, data, expires_at) or (token, data, expires_at, subject)";
    let row = object.cast::<PyTuple>().map_err(|_| wrong(object, "a row", takes))?;
    if !(3..=4).contains(&row.len()) {
        return Err(PyTypeError::new_err(format!("a row must be {takes}")));
    }
    let subject = if row.len() == 4 { Some(row.get_item(3)?) } else { None };
    let subject = subject.filter(|subject| !subject.is_none());
    let held = Held::new(&row.get_item(1)?, &row.get_item(2)?, subject.as_ref())?;
    Ok((row.get_item(0)?, held))
}
