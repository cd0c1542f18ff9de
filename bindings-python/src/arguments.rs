//! Converts the arguments of store verbs to the core's types. No error message shows a value.

use std::borrow::Cow;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyEllipsis, PyInt, PyMemoryView, PyString, PyTuple};
use sessio::{Content, Expiry, Target};

use crate::error::type_error;
use crate::key::Key;
use crate::text::unicode;
use crate::time::expiry;

/// The session that a verb is about. It borrows from the argument.
pub(crate) enum TokenOrKey<'a> {
    Token(&'a str),
    /// A `str` with lone surrogates, which has no UTF-8 form. Its bytes are unlike those of any
    /// other
    /// `str`, so it finds nothing, as any unknown token.
    Surrogates(Vec<u8>),
    Key(&'a sessio::Key),
}

impl<'a> TokenOrKey<'a> {
    pub(crate) fn of(object: &'a Bound<'_, PyAny>) -> PyResult<Self> {
        TokenOrKey::named(object, "a token")
    }

    /// `name` is the argument's, for verbs that take several tokens.
    pub(crate) fn named(object: &'a Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        if let Ok(token) = object.cast::<PyString>() {
            if let Ok(text) = token.to_str() {
                return Ok(TokenOrKey::Token(text));
            }
            let py = object.py();
            let encode = py.get_type::<PyString>().getattr("encode")?;
            let bytes = encode.call1((token, "utf-8", "surrogatepass"))?;
            return Ok(TokenOrKey::Surrogates(bytes.cast::<PyBytes>()?.as_bytes().to_vec()));
        }
        match object.cast::<Key>() {
            Ok(key) => Ok(TokenOrKey::Key(&key.get().0)),
            Err(_) => Err(type_error(object, name, "str (or a sessio.Key)")),
        }
    }

    pub(crate) fn target(&self) -> Target<'_> {
        match self {
            TokenOrKey::Token(text) => Target::Token(text.as_bytes()),
            TokenOrKey::Surrogates(bytes) => Target::Token(bytes),
            TokenOrKey::Key(key) => Target::Key(key),
        }
    }
}

/// Session data. `bytes` is immutable and used as it is; other buffers are copied.
pub(crate) fn bytes<'py>(object: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    if object.is_instance_of::<PyByteArray>() || object.is_instance_of::<PyMemoryView>() {
        let copy = object.py().get_type::<PyBytes>().call1((object,))?;
        return Ok(copy.cast_into()?);
    }
    Err(type_error(object, name, "bytes, bytearray or memoryview"))
}

/// The name of a session's owner.
pub(crate) fn subject<'a>(object: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, str>> {
    unicode(object, "subject")
}

/// A number of sessions. Negative numbers become 0, which the core refuses as it does other limits.
#[derive(Clone, Copy)]
pub(crate) struct Limit(pub(crate) usize);

impl<'py> FromPyObject<'_, 'py> for Limit {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let number = object.cast::<PyInt>().map_err(|_| type_error(&object, "limit", "int"))?;
        Ok(Limit(number.extract::<usize>().unwrap_or(0)))
    }
}

/// The key after which a page begins.
pub(crate) fn after<'a>(object: Option<&'a Bound<'_, PyAny>>) -> PyResult<Option<&'a sessio::Key>> {
    let Some(object) = object else { return Ok(None) };
    let takes = "a sessio.Key (the next of the previous page) or None";
    let key = object.cast::<Key>().map_err(|_| type_error(object, "after", takes))?;
    Ok(Some(&key.get().0))
}

/// Data, expiry and subject of a write, owned for the time of the call.
pub(crate) struct OwnedContent<'py> {
    data: Bound<'py, PyBytes>,
    expires_at: Expiry,
    subject: Option<String>,
}

impl<'py> OwnedContent<'py> {
    pub(crate) fn new(
        data: &Bound<'py, PyAny>,
        expires_at: &Bound<'py, PyAny>,
        owner: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        Ok(OwnedContent {
            data: bytes(data, "data")?,
            expires_at: expiry(expires_at)?,
            subject: owner.map(|owner| subject(owner).map(Cow::into_owned)).transpose()?,
        })
    }

    pub(crate) fn content(&self) -> Content<'_> {
        Content::new(self.data.as_bytes(), self.expires_at).subject(self.subject.as_deref())
    }

    /// New content for a rename, or none. An omitted `expires_at` is `...` and not `None`, because
    /// `None` means "never expires".
    pub(crate) fn optional(
        data: Option<&Bound<'py, PyAny>>,
        expires_at: Option<&Bound<'py, PyAny>>,
        subject: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Self>> {
        match (data, expires_at) {
            (Some(data), Some(expires_at)) => {
                OwnedContent::new(data, expires_at, subject).map(Some)
            }
            (None, None) if subject.is_none() => Ok(None),
            _ => Err(PyTypeError::new_err(
                "rename takes data and expires_at (and subject) together, or none of them",
            )),
        }
    }
}

/// An optional argument for which `None` is a value. `...` stands for its absence.
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

/// The items of a bulk call. A `str` is refused: it is iterable, but passing one is a mistake.
pub(crate) fn each<'py>(
    object: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if object.is_instance_of::<PyString>() {
        return Err(type_error(object, name, "an iterable of tokens or rows"));
    }
    let parts = object.try_iter().map_err(|_| type_error(object, name, "an iterable"))?;
    parts.collect()
}

pub(crate) fn sessions<'a>(parts: &'a [Bound<'_, PyAny>]) -> PyResult<Vec<TokenOrKey<'a>>> {
    parts.iter().map(TokenOrKey::of).collect()
}

/// A row of a bulk save: `(token, data, expires_at)` or `(token, data, expires_at, subject)`.
pub(crate) fn row<'py>(
    object: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyAny>, OwnedContent<'py>)> {
    let takes = "a tuple (token, data, expires_at) or (token, data, expires_at, subject)";
    let row = object.cast::<PyTuple>().map_err(|_| type_error(object, "a row", takes))?;
    if !(3..=4).contains(&row.len()) {
        return Err(PyTypeError::new_err(format!("a row must be {takes}")));
    }
    let subject = if row.len() == 4 { Some(row.get_item(3)?) } else { None };
    let subject = subject.filter(|subject| !subject.is_none());
    let content = OwnedContent::new(&row.get_item(1)?, &row.get_item(2)?, subject.as_ref())?;
    Ok((row.get_item(0)?, content))
}
