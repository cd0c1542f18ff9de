//! What a commit says.

use pyo3::prelude::*;

use crate::time::datetime;

/// What a commit says that the client shall be sent. It does not change.
///
/// `repr` shows neither token nor cookie.
#[pyclass(frozen, eq, module = "sessio")]
#[derive(PartialEq)]
pub(crate) struct Sent(pub(crate) sessio::Sent);

#[pymethods]
impl Sent {
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

    /// The value of a `Set-Cookie` header if one is to be sent: the token, or its deletion. With it
    /// belongs `Cache-Control: no-cache="Set-Cookie"`, and `Vary: Cookie` with every answer.
    #[getter]
    fn set_cookie(&self) -> Option<&str> {
        self.0.set_cookie.as_deref()
    }

    /// Says that the program has this answer: see `AsyncSessionManager.commit`.
    fn _taken(&self) {
        self.0.taken();
    }

    fn __repr__(&self) -> String {
        let cookie = if self.0.set_cookie.is_some() { ", with a cookie" } else { "" };
        format!("<sessio.Sent: {}{cookie}>", self.0.outcome.name())
    }
}
