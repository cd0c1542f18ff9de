//! Raises the core's errors as Python exceptions, and turns panics into errors.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use sessio::{Error, ErrorKind};

static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The exception for an error. The classes are written in Python, so that they can be pickled and
/// have a second base class.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let made = MAKE.import(py, "sessio.errors", "_make").and_then(|make| {
        make.call1((
            error.kind().name(),
            error.message(),
            error.is_retryable(),
            error.errno(),
            error.sqlstate(),
        ))
    });
    made.map_or_else(|failed| failed, PyErr::from_value)
}

/// An `InvalidArgument`, which is also a `ValueError`.
pub(crate) fn invalid(py: Python<'_>, message: &'static str) -> PyErr {
    raise(py, &Error::new(ErrorKind::InvalidArgument, message))
}

/// A `TypeError` for the argument `name`. It shows the type and never the value.
pub(crate) fn type_error(object: &Bound<'_, PyAny>, name: &str, takes: &str) -> PyErr {
    let given = object.get_type().name();
    let given = given.as_ref().map_or(Cow::Borrowed("an object"), |given| given.to_string_lossy());
    PyTypeError::new_err(format!("{name} must be {takes}, not {given}"))
}

/// The answer goes to the parent process.
pub(crate) fn forked() -> Error {
    Error::new(
        ErrorKind::Forked,
        "the process forked during the call, and the answer went to the parent; call again",
    )
}

/// For answers that the core promises never to omit or confuse.
pub(crate) fn lost() -> Error {
    Error::new(
        ErrorKind::Internal,
        "the operation ended without an answer, which is a bug in sessio",
    )
}

/// Turns a panic into `Internal`: PyO3's own `PanicException` is not caught by `except Exception`
/// and would end the program's server.
pub(crate) fn guard<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let message = "sessio panicked, which is a bug; the details are on standard error";
        Err(raise(py, &Error::new(ErrorKind::Internal, message)))
    })
}
