//! The core's errors as exceptions, and panics as errors.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use sessio::{Error, ErrorKind};

static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The exception for an error. Its class is written in Python, where it can be pickled, documented
/// and have a second base.
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

/// The call itself is wrong: an `InvalidArgument`, which is a `ValueError` too.
pub(crate) fn invalid(py: Python<'_>, message: &'static str) -> PyErr {
    raise(py, &Error::new(ErrorKind::InvalidArgument, message))
}

/// What was in flight belongs to the parent.
pub(crate) fn forked() -> Error {
    Error::new(ErrorKind::Forked, "the process forked while this was in flight; ask again")
}

/// The core promises an answer to everything.
pub(crate) fn lost() -> Error {
    Error::new(ErrorKind::Internal, "the operation was lost without an answer")
}

/// Turns a panic into `Internal`: PyO3's own `PanicException` passes by `except Exception` and
/// would end the host's server.
pub(crate) fn guard<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let message = "sessio panicked, which is a bug; what happened is on the error output";
        Err(raise(py, &Error::new(ErrorKind::Internal, message)))
    })
}
