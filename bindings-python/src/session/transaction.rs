//! The native part of `transact`. Its loop is in Python, because the change is a Python function.

use pyo3::prelude::*;

/// The state of one `transact` between its attempts.
#[pyclass(frozen, module = "sessio._native")]
pub(crate) struct Transaction(pub(crate) sessio::Transaction);
