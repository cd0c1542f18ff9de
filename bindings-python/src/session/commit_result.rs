//! What a commit says.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::time::datetime;

/// What a commit says that the client shall be sent. It does not change.
///
/// `repr` shows neither token nor cookie.
#[pyclass(frozen, eq, module = "sessio")]
#[derive(PartialEq)]
pub(crate) struct CommitResult(pub(crate) sessio::CommitResult);

#[pymethods]
impl CommitResult {
    /// How the commit ended: `"saved"`, `"unmodified"` (there was nothing to store), `"destroyed"`
    /// (by this request), `"gone"` (ended or renewed by another one; nothing was stored, and no cookie is sent) or
    /// `"conflict"` (changed by another one meanwhile, and `on_conflict` is `"fail"`; nothing was
    /// stored).
    #[getter]
    fn outcome(&self) -> &'static str {
        self.0.outcome.name()
    }

    /// The session's token, if it has one: for clients without cookies.
    #[getter]
    fn token(&self) -> Option<&str> {
        self.0.token.as_deref()
    }

    /// When the session ends if nobody uses it, in UTC; None when there is none, or never.
    #[getter]
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.expires_at.map(|instant| datetime(py, instant)).transpose()
    }

    /// The value of a `Set-Cookie` header if one is to be sent: the token, or its deletion. `headers`
    /// has it too, and what belongs to it.
    #[getter]
    fn set_cookie(&self) -> Option<&str> {
        self.0.set_cookie.as_deref()
    }

    /// The same cookie part by part, for programs that set cookies by a function of their framework.
    #[getter]
    fn cookie<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        static COOKIE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let Some(parts) = &self.0.cookie else { return Ok(None) };
        let expires = parts.expires.map(|instant| datetime(py, instant)).transpose()?;
        let fields = PyDict::new(py);
        fields.set_item("name", &parts.name)?;
        fields.set_item("value", &parts.value)?;
        fields.set_item("path", &parts.path)?;
        fields.set_item("domain", &parts.domain)?;
        fields.set_item("expires", expires)?;
        fields.set_item("max_age", parts.max_age.map(|age| age.as_secs()))?;
        fields.set_item("secure", parts.secure)?;
        fields.set_item("http_only", parts.http_only)?;
        fields.set_item("same_site", parts.same_site.name())?;
        fields.set_item("partitioned", parts.partitioned)?;
        COOKIE.import(py, "sessio.results", "Cookie")?.call((), Some(&fields)).map(Some)
    }

    /// All headers that are to be added to the answer, as pairs of name and value, and never set in
    /// the place of the program's own: `Set-Cookie` and `Cache-Control: no-cache="Set-Cookie"` with a
    /// cookie, and `Vary: Cookie` if the session was read or the cookie is sent.
    #[getter]
    fn headers(&self) -> Vec<(&'static str, String)> {
        self.0.headers()
    }

    /// Whether the program has read or written something of this session: then its answer may be
    /// another one for another cookie.
    #[getter]
    fn was_read(&self) -> bool {
        self.0.was_read
    }

    /// Says that the program has this answer: see `AsyncSessionManager.commit`.
    fn _taken(&self) {
        self.0.taken();
    }

    fn __repr__(&self) -> String {
        let cookie = if self.0.set_cookie.is_some() { ", with a cookie" } else { "" };
        format!("<sessio.CommitResult: {}{cookie}>", self.0.outcome.name())
    }
}
