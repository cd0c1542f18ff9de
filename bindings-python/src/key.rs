//! What the table holds for a token.

use pyo3::prelude::*;

/// What the table holds for a session's token: by default a hash of it. Keys come with listed
/// sessions and are accepted wherever a token is, so that what is listed can be acted on.
///
/// `repr` does not show it; `text` does. Keys compare in the order of the list.
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

    /// The key as text: for links on a page that lists sessions.
    #[getter]
    fn text(&self) -> &str {
        self.0.as_str()
    }

    fn __getnewargs__(&self) -> (&str,) {
        (self.0.as_str(),)
    }

    fn __repr__(&self) -> &'static str {
        "sessio.Key(…)"
    }
}
