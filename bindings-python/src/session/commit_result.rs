//! `CommitResult`: what a commit did and what to send to the client.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::time::datetime;

/// The result of a commit: its outcome, and the headers to send to the client. Immutable.
///
/// `repr` shows neither token nor cookie.
#[pyclass(frozen, eq, module = "sessio")]
#[derive(PartialEq)]
pub(crate) struct CommitResult(pub(crate) sessio::CommitResult);

#[pymethods]
impl CommitResult {
    /// How the commit ended: `"saved"`; `"unmodified"` (there was nothing to store); `"destroyed"`
    /// (by this request); `"gone"` (another request has destroyed or renewed the session; nothing
    /// was stored and there is no cookie); or `"conflict"` (another request has changed the session
    /// and
    /// `on_conflict` is `"fail"`, or the token given to `create` was in use; nothing was stored).
    #[getter]
    fn outcome(&self) -> &'static str {
        self.0.outcome.name()
    }

    /// The session's token, for clients without cookies; None if the session is not stored.
    #[getter]
    fn token(&self) -> Option<&str> {
        self.0.token.as_deref()
    }

    /// When the session expires unless it is used again, an aware datetime in UTC. None if it never
    /// expires, or is not stored.
    #[getter]
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.expires_at.map(|instant| datetime(py, instant)).transpose()
    }

    /// The value of the `Set-Cookie` header that sets or deletes the cookie; None if the browser's
    /// cookie need not change. `headers` includes it.
    #[getter]
    fn set_cookie(&self) -> Option<&str> {
        self.0.set_cookie.as_deref()
    }

    /// The parts of the same cookie, for frameworks with a function of their own to set cookies;
    /// None if there is no cookie to send.
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

    /// The headers to add to the response, as pairs of name and value: `Set-Cookie` and
    /// `Cache-Control: no-cache="Set-Cookie"` if there is a cookie to send, and `Vary: Cookie` if
    /// the session was read or there is a cookie. Add them; do not replace headers of the same
    /// name.
    #[getter]
    fn headers(&self) -> Vec<(&'static str, String)> {
        self.0.headers()
    }

    /// Whether the request has read or changed the session. If so, its response may differ from
    /// cookie to cookie, and `headers` has `Vary: Cookie`.
    #[getter]
    fn was_read(&self) -> bool {
        self.0.was_read
    }

    /// Confirms that the program has the result. Until then the next commit repeats the cookie, so
    /// that a cancelled commit does not lose it.
    fn _taken(&self) {
        self.0.taken();
    }

    fn __repr__(&self) -> String {
        let cookie = if self.0.set_cookie.is_some() { ", with a cookie" } else { "" };
        format!("<sessio.CommitResult: {}{cookie}>", self.0.outcome.name())
    }
}
