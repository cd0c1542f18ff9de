//! What managers and sessions answer, and what becomes of it in Python.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyEllipsis, PyList, PyString};
use sessio::operation::SessionAnswer;

use crate::key::Key;
use crate::time::datetime;
use crate::value;

use super::sent::Sent;

/// `wrap` makes the sessions of a list. A value that is not there is `...`, which no session
/// can hold.
pub(crate) fn into_python<'py>(
    answer: SessionAnswer,
    py: Python<'py>,
    wrap: impl Fn(sessio::Session) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    match answer {
        SessionAnswer::Done => Ok(py.None().into_bound(py)),
        SessionAnswer::Is(yes) => Ok(PyBool::new(py, yes).to_owned().into_any()),
        SessionAnswer::Value(Some(value)) => value::to_python(py, &value),
        SessionAnswer::Value(None) => Ok(PyEllipsis::get(py).to_owned().into_any()),
        SessionAnswer::Values(map) => Ok(value::dict(py, &map)?.into_any()),
        SessionAnswer::Keys(keys) => Ok(PyList::new(py, keys)?.into_any()),
        SessionAnswer::Ends(instant) => datetime(py, instant),
        SessionAnswer::Expires(Some(instant)) => datetime(py, instant),
        SessionAnswer::Subject(Some(text)) | SessionAnswer::Token(Some(text)) => {
            Ok(PyString::new(py, &text).into_any())
        }
        SessionAnswer::Session(Some(session)) => wrap(session),
        SessionAnswer::Expires(None)
        | SessionAnswer::Subject(None)
        | SessionAnswer::Token(None)
        | SessionAnswer::Session(None) => Ok(py.None().into_bound(py)),
        SessionAnswer::Sent(sent) => Ok(Bound::new(py, Sent(sent))?.into_any()),
        SessionAnswer::Page(page) => {
            static PAGE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            let sessions = PyList::empty(py);
            for session in page.sessions {
                sessions.append(wrap(session)?)?;
            }
            let make = PAGE.import(py, "sessio.results", "SessionPage")?;
            make.call1((sessions, page.next.map(Key)))
        }
    }
}
