//! Converts the answers of store verbs to Python values.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyList};
use sessio::operation::{Answer, Request};
use sessio::{CheckIssue, Outcome, Page};

use crate::key::Key;
use crate::record::Record;
use crate::verbs::has_outcome;

/// How a verb reports a conditional write.
#[derive(Clone, Copy)]
pub(crate) enum WriteResult {
    /// Saved or not: `update`, `touch`, `rename`.
    Bool,
    /// Saved, conflict or gone: `replace`.
    Outcome,
}

impl WriteResult {
    pub(crate) fn of(request: &Request<'_>) -> Self {
        if has_outcome(request) { WriteResult::Outcome } else { WriteResult::Bool }
    }
}

pub(crate) fn to_python(
    py: Python<'_>,
    answer: Answer,
    write: WriteResult,
) -> PyResult<Bound<'_, PyAny>> {
    match answer {
        Answer::Done => Ok(py.None().into_bound(py)),
        Answer::Is(yes) => Ok(truth(py, yes)),
        Answer::Found(record) => optional(py, record),
        Answer::FoundMany(records) => {
            let list = PyList::empty(py);
            for record in records {
                list.append(optional(py, record)?)?;
            }
            Ok(list.into_any())
        }
        Answer::Wrote(written) => match write {
            WriteResult::Bool => Ok(truth(py, written == Outcome::Saved)),
            WriteResult::Outcome => outcome(py, written),
        },
        Answer::Count(count) => count.into_bound_py_any(py),
        Answer::Listed(listed) => page(py, listed),
        Answer::Checked(issues) => {
            let list = PyList::empty(py);
            for found in issues {
                list.append(issue(py, &found)?)?;
            }
            Ok(list.into_any())
        }
    }
}

fn truth(py: Python<'_>, yes: bool) -> Bound<'_, PyAny> {
    PyBool::new(py, yes).to_owned().into_any()
}

#[inline]
pub(crate) fn optional(
    py: Python<'_>,
    record: Option<sessio::Record>,
) -> PyResult<Bound<'_, PyAny>> {
    match record {
        Some(record) => Ok(Bound::new(py, Record(record))?.into_any()),
        None => Ok(py.None().into_bound(py)),
    }
}

/// A member of `sessio.Outcome`.
fn outcome(py: Python<'_>, written: Outcome) -> PyResult<Bound<'_, PyAny>> {
    static OUTCOME: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    OUTCOME.import(py, "sessio.results", "Outcome")?.call1((written.name(),))
}

fn page(py: Python<'_>, listed: Page) -> PyResult<Bound<'_, PyAny>> {
    static PAGE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static ENTRY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let entry = ENTRY.import(py, "sessio.results", "Entry")?;
    let entries = PyList::empty(py);
    for listed in listed.entries {
        entries.append(entry.call1((Key(listed.key), Record(listed.record)))?)?;
    }
    PAGE.import(py, "sessio.results", "Page")?.call1((entries, listed.next.map(Key)))
}

fn issue<'py>(py: Python<'py>, found: &CheckIssue) -> PyResult<Bound<'py, PyAny>> {
    static CHECK_ISSUE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let parts = (found.severity.name(), found.code, &found.message, &found.fix);
    CHECK_ISSUE.import(py, "sessio.results", "CheckIssue")?.call1(parts)
}

/// A dict of counters by name.
pub(crate) fn counters<'py>(
    py: Python<'py>,
    fields: impl IntoIterator<Item = (&'static str, u64)>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in fields {
        dict.set_item(name, value)?;
    }
    Ok(dict)
}
