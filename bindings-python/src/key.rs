//! What the table holds for a token.

use pyo3::prelude::*;

/// What the table holds for a session's token: by default a hash of it. Keys come with listed
/// sessions and are accepted wherever a token is, so that what is listed can be acted on.
///
/// `repr` does not show it; `text` and `id` do. Keys compare in the order of the list.
#[pyclass(frozen, eq, ord, hash, module = "sessio")]
#[derive(PartialEq, PartialOrd, Hash)]
pub(crate) struct Key(pub(crate) sessio::Key);

#[pymethods]
impl Key {
    /// The key with this text. Text that is no key finds nothing.
    #[new]
    fn new(text: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = crate::argument::text(text, "text")?;
        Ok(Key(sessio::Key::from_text(text.as_deref().unwrap_or_default())))
    }

    /// What the table holds.
    #[getter]
    fn text(&self) -> &str {
        self.0.as_str()
    }

    /// The key from its `id`, for what an administrator has chosen on a page that lists sessions.
    ///
    /// A text that came in the place of a token must never be read so: who has seen the table, or a
    /// backup of it, knows all keys. Raises `InvalidArgument` for what is no such text.
    #[staticmethod]
    fn from_id(id: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = crate::argument::text(id, "id")?.unwrap_or_default();
        text.parse().map(Key).map_err(|error| crate::error::raise(id.py(), &error))
    }

    /// The key as text that no token is written as, for links on a page that lists sessions:
    /// `from_id` reads it.
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
