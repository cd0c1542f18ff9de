//! `Key`: the identity of a stored session without its token.

use pyo3::prelude::*;

use crate::error::raise;
use crate::text::text;

/// What the table stores in place of a session's token: by default a hash of the token. Keys come
/// with listed sessions, and every verb accepts a key where it accepts a token.
///
/// Keys are immutable, hashable and can be pickled. They compare in the order of `list`. `repr`
/// does not show the key; `text` and `id` do.
#[pyclass(frozen, eq, ord, hash, module = "sessio")]
#[derive(PartialEq, PartialOrd, Hash)]
pub(crate) struct Key(pub(crate) sessio::Key);

#[pymethods]
impl Key {
    /// The key with this `text`. Any other text is accepted, and finds no session.
    #[new]
    fn new(text: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = self::text(text, "text")?;
        Ok(Key(sessio::Key::from_text(text.as_deref().unwrap_or_default())))
    }

    /// The value of the token column in the table.
    #[getter]
    fn text(&self) -> &str {
        self.0.as_str()
    }

    /// The key with this `id`: for links on an administrator's page that lists sessions.
    ///
    /// Never read a client's token with it: keys are not secret. Anyone who has seen the table or a
    /// backup knows them.
    ///
    /// Raises `InvalidArgument` if the text is not the `id` of a key.
    #[staticmethod]
    fn from_id(id: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = self::text(id, "id")?.unwrap_or_default();
        text.parse().map(Key).map_err(|error| raise(id.py(), &error))
    }

    /// The key as text for links on a page that lists sessions: see `from_id`. No token has this
    /// format.
    #[getter]
    fn id(&self) -> String {
        self.0.to_string()
    }

    fn __getnewargs__(&self) -> (&str,) {
        (self.0.as_str(),)
    }

    fn __repr__(&self) -> &'static str {
        "sessio.Key(…)"
    }
}
