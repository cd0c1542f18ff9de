//! Converts the answers of managers and sessions to Python values.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyEllipsis, PyList, PyString};
use sessio::operation::SessionAnswer;

use crate::key::Key;
use crate::time::datetime;
use crate::value;

use super::commit_result::CommitResult;
use super::manager::SessionManager;

/// Makes the Python object of a session: a `Session` or an `AsyncSession`.
pub(crate) type WrapSession =
    for<'py> fn(&Bound<'py, SessionManager>, sessio::Session) -> PyResult<Bound<'py, PyAny>>;

/// An absent value becomes `...`, which is no possible value.
pub(crate) fn into_python<'py>(
    answer: SessionAnswer,
    manager: &Bound<'py, SessionManager>,
    wrap: WrapSession,
) -> PyResult<Bound<'py, PyAny>> {
    let py = manager.py();
    match answer {
        SessionAnswer::Done => Ok(py.None().into_bound(py)),
        SessionAnswer::Is(yes) => Ok(PyBool::new(py, yes).to_owned().into_any()),
        SessionAnswer::Value(Some(value)) => value::to_python(py, &value),
        SessionAnswer::Value(None) => Ok(PyEllipsis::get(py).to_owned().into_any()),
        SessionAnswer::Values(map) => Ok(value::dict(py, &map)?.into_any()),
        SessionAnswer::Keys(keys) => Ok(PyList::new(py, keys)?.into_any()),
        SessionAnswer::Ends(instant) => datetime(py, instant),
        SessionAnswer::Expires(Some(instant)) => datetime(py, instant),
        SessionAnswer::Text(text)
        | SessionAnswer::Subject(Some(text))
        | SessionAnswer::Token(Some(text)) => Ok(PyString::new(py, &text).into_any()),
        SessionAnswer::CommitResult(result) | SessionAnswer::Finished(Some(result)) => {
            Ok(Bound::new(py, CommitResult(result))?.into_any())
        }
        SessionAnswer::Begun(Some(session)) | SessionAnswer::Session(Some(session)) => {
            wrap(manager, session)
        }
        SessionAnswer::Remembered(Some(yes)) => Ok(PyBool::new(py, yes).to_owned().into_any()),
        SessionAnswer::Lasts(Some(time)) => Ok(time.into_pyobject(py)?.into_any()),
        SessionAnswer::Expires(None)
        | SessionAnswer::Remembered(None)
        | SessionAnswer::Lasts(None)
        | SessionAnswer::Subject(None)
        | SessionAnswer::Token(None)
        | SessionAnswer::Session(None)
        | SessionAnswer::Begun(None)
        | SessionAnswer::Finished(None) => Ok(py.None().into_bound(py)),
        SessionAnswer::Page(page) => {
            static PAGE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            let sessions = PyList::empty(py);
            for session in page.sessions {
                sessions.append(wrap(manager, session)?)?;
            }
            let make = PAGE.import(py, "sessio.results", "SessionPage")?;
            make.call1((sessions, page.next.map(Key)))
        }
    }
}
