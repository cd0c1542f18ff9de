//! The lenient conversion: accepts what Python's `json` accepts, and types that web programs often
//! keep in sessions, and stores each as text in a documented form. It is for frameworks whose
//! sessions accept them.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyType};

/// A dict key that is not a `str`, as `json` writes it: 7 is "7", None is "null", True is "true".
pub(super) fn key<'py>(key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyString>>> {
    let py = key.py();
    if key.is_none() {
        return Ok(Some(intern!(py, "null").clone()));
    }
    if let Ok(truth) = key.cast::<PyBool>() {
        let name = if truth.is_true() { intern!(py, "true") } else { intern!(py, "false") };
        return Ok(Some(name.clone()));
    }
    // By the `__repr__` of int or float, so that a subclass such as IntEnum gives its number.
    if key.is_instance_of::<PyInt>() {
        return base_repr(&py.get_type::<PyInt>(), key).map(Some);
    }
    if key.is_instance_of::<PyFloat>() {
        return base_repr(&py.get_type::<PyFloat>(), key).map(Some);
    }
    Ok(None)
}

fn base_repr<'py>(
    class: &Bound<'py, PyType>,
    number: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyString>> {
    let text = class.call_method1(intern!(class.py(), "__repr__"), (number,))?;
    Ok(text.cast_into()?)
}

/// The text of a value: UUID and Decimal as `str` writes them, dates, times and naive datetimes in
/// ISO 8601, and markup (an object with `__html__`) as its HTML.
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
        // A class also has the attribute, but unbound.
        Some(html) if !object.is_instance_of::<PyType>() => html.call0().map(Some),
        Some(_) | None => Ok(None),
    }
}
