//! The values of a session, from Python and to it.

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyMapping,
    PyMemoryView, PyString, PyTuple, PyType,
};
use sessio::{Map, Timestamp, Value};

use crate::argument::{bytes, wrong};
use crate::error::{invalid, raise};
use crate::time::{datetime, micros};

const TAKES: &str =
    "None, a bool, int, float, str, bytes, an aware datetime, or a list or dict of these";

/// A copy of a Python value. What can be stored at all is the core's to say.
pub(crate) fn from_python(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    convert(object, 0)
}

fn convert(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if let Ok(text) = object.cast::<PyString>() {
        return unicode(text).map(Value::Text);
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    // Before int, which a bool is too.
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if let Ok(number) = object.cast::<PyInt>() {
        return integer(number);
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Value::Float(number.value()));
    }
    if depth > Value::MAX_DEPTH {
        return Err(too_deep(object.py()));
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        let members = dict.iter().map(|(key, value)| member(&key, &value, depth));
        return members.collect::<PyResult<Map>>().map(Value::Map);
    }
    if let Ok(list) = object.cast::<PyList>() {
        let values = list.iter().map(|value| convert(&value, depth + 1));
        return values.collect::<PyResult<_>>().map(Value::List);
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        let values = tuple.iter().map(|value| convert(&value, depth + 1));
        return values.collect::<PyResult<_>>().map(Value::List);
    }
    rarer(object, depth)
}

fn rarer(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyByteArray>()
        || object.is_instance_of::<PyMemoryView>()
    {
        return Ok(Value::Bytes(bytes(object, "a value")?.as_bytes().to_vec()));
    }
    if let Ok(instant) = object.cast::<PyDateTime>() {
        return Ok(Value::Time(Timestamp::from_micros(micros(instant)?)));
    }
    if let Ok(mapping) = object.cast::<PyMapping>() {
        let mut map = Map::new();
        for pair in mapping.items()?.iter() {
            let (key, value) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            let (key, value) = member(&key, &value, depth)?;
            map.insert(key, value);
        }
        return Ok(Value::Map(map));
    }
    Err(wrong(object, "a value of a session", TAKES))
}

fn member(
    key: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
    depth: usize,
) -> PyResult<(String, Value)> {
    let name = key.cast::<PyString>().map_err(|_| wrong(key, "a key of a dict", "str"))?;
    Ok((unicode(name)?, convert(value, depth + 1)?))
}

fn unicode(text: &Bound<'_, PyString>) -> PyResult<String> {
    match text.to_str() {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(invalid(text.py(), "text in a session must be valid Unicode")),
    }
}

fn integer(number: &Bound<'_, PyInt>) -> PyResult<Value> {
    if let Ok(number) = number.extract::<i64>() {
        return Ok(Value::Int(number));
    }
    match number.extract::<u64>() {
        Ok(number) => Ok(Value::from(number)),
        Err(_) => {
            let message = "an int in a session must be from -2**63 to 2**64 - 1";
            Err(invalid(number.py(), message))
        }
    }
}

/// The core's own error, for what may have no end.
fn too_deep(py: Python<'_>) -> PyErr {
    let deep = (0..=Value::MAX_DEPTH).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    match deep.check() {
        Err(error) => raise(py, &error),
        Ok(()) => invalid(py, "a value of a session is within itself"),
    }
}

pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(truth) => Ok(PyBool::new(py, *truth).to_owned().into_any()),
        Value::Int(number) => number.into_bound_py_any(py),
        Value::Unsigned(number) => number.into_bound_py_any(py),
        Value::Float(number) => Ok(PyFloat::new(py, *number).into_any()),
        Value::Text(text) => Ok(PyString::new(py, text).into_any()),
        Value::Bytes(bytes) => Ok(PyBytes::new(py, bytes).into_any()),
        Value::Time(instant) => datetime(py, *instant),
        Value::List(values) => {
            let list = PyList::empty(py);
            for value in values {
                list.append(to_python(py, value)?)?;
            }
            Ok(list.into_any())
        }
        Value::Map(map) => Ok(dict(py, map)?.into_any()),
    }
}

pub(crate) fn dict<'py>(py: Python<'py>, map: &Map) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, value) in map {
        dict.set_item(key, to_python(py, value)?)?;
    }
    Ok(dict)
}

/// A type that a program asks for, as the kind that its values are stored as.
pub(crate) fn kind_of(asked: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    let py = asked.py();
    let known: [(Bound<'_, PyType>, &'static str); 8] = [
        (py.get_type::<PyBool>(), Value::Bool(false).kind()),
        (py.get_type::<PyInt>(), Value::Int(0).kind()),
        (py.get_type::<PyFloat>(), Value::Float(0.0).kind()),
        (py.get_type::<PyString>(), Value::Text(String::new()).kind()),
        (py.get_type::<PyBytes>(), Value::Bytes(Vec::new()).kind()),
        (py.get_type::<PyDateTime>(), Value::Time(Timestamp::from_micros(0)).kind()),
        (py.get_type::<PyList>(), Value::List(Vec::new()).kind()),
        (py.get_type::<PyDict>(), Value::Map(Map::new()).kind()),
    ];
    let found = known.iter().find(|(class, _)| class.is(asked));
    found.map(|(_, kind)| *kind).ok_or_else(|| {
        let takes = "bool, int, float, str, bytes, datetime, list or dict";
        PyTypeError::new_err(format!("the type to get must be {takes}"))
    })
}
