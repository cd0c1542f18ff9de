//! The parts of `transact`, whose loop is written in Python: the change is the program's function.

use pyo3::prelude::*;

/// A change that is made until no other request was faster.
#[pyclass(frozen, module = "sessio._native")]
pub(crate) struct Transaction(pub(crate) sessio::Transaction);
