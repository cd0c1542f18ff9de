//! What Python's own JSON takes, and what web programs keep in sessions beside it: for frameworks
//! whose sessions were never strict. Each becomes text, in one documented form.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyType};

/// A key of a dict that is no text, as `json` writes it: 7 is "7", None is "null", True is "true".
pub(super) fn key<'py>(key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyString>>> {
    let py = key.py();
    if key.is_none() {
        return Ok(Some(intern!(py, "null").clone()));
    }
    if let Ok(truth) = key.cast::<PyBool>() {
        let name = if truth.is_true() { intern!(py, "true") } else { intern!(py, "false") };
        return Ok(Some(name.clone()));
    }
    // Those of the classes themselves: a subclass such as an IntEnum is its number.
    if key.is_instance_of::<PyInt>() {
        return written(&py.get_type::<PyInt>(), key).map(Some);
    }
    if key.is_instance_of::<PyFloat>() {
        return written(&py.get_type::<PyFloat>(), key).map(Some);
    }
    Ok(None)
}

fn written<'py>(
    class: &Bound<'py, PyType>,
    number: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyString>> {
    let text = class.call_method1(intern!(class.py(), "__repr__"), (number,))?;
    Ok(text.cast_into()?)
}

/// A value that is to be text: UUID and Decimal as `str` writes them, dates, times and datetimes
/// without a time zone in ISO 8601, and what has `__html__` (markup) as its HTML.
pub(super) fn text<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    static CLASSES: [(&str, &str, PyOnceLock<Py<PyType>>, &str); 5] = [
        ("uuid", "UUID", PyOnceLock::new(), "__str__"),
        ("decimal", "Decimal", PyOnceLock::new(), "__str__"),
        ("datetime", "datetime", PyOnceLock::new(), "isoformat"),
        ("datetime", "date", PyOnceLock::new(), "isoformat"),
        ("datetime", "time", PyOnceLock::new(), "isoformat"),
    ];
    let py = object.py();
    for (module, name, class, method) in &CLASSES {
        if object.is_instance(class.import(py, module, name)?)? {
            return object.call_method0(*method).map(Some);
        }
    }
    match object.getattr_opt(intern!(py, "__html__"))? {
        // Of an instance, and not of a class.
        Some(html) if !object.is_instance_of::<PyType>() => html.call0().map(Some),
        Some(_) | None => Ok(None),
    }
}
