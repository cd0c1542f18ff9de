//! Converts the values of a session from and to Python.

mod lenient;
mod path;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyMapping,
    PyMemoryView, PyString, PyTuple, PyType,
};
use sessio::{Error, ErrorKind, Map, Timestamp, Value};

use crate::arguments::bytes;
use crate::error::{raise, type_error};
use crate::time::{NAIVE, datetime, micros_if_aware};

pub(crate) use path::ValuePath;

const TAKES: &str =
    "None, a bool, int, float, str, bytes, an aware datetime, or a list or dict of these";

/// Which Python objects are accepted as values.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Conversion {
    /// Objects that are read back as they were put in.
    Strict,
    /// Also objects that are stored as text: see [`lenient`].
    Lenient,
}

impl Conversion {
    pub(crate) fn of(lenient: bool) -> Self {
        if lenient { Conversion::Lenient } else { Conversion::Strict }
    }
}

/// Copies a Python object into a value. Limits other than depth are checked by the core.
pub(crate) fn from_python(
    object: &Bound<'_, PyAny>,
    path: &ValuePath<'_>,
    conversion: Conversion,
) -> PyResult<Value> {
    if let Ok(text) = object.cast::<PyString>() {
        return unicode(text, path).map(Value::Text);
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    // Before int: a bool is also an instance of int.
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if let Ok(number) = object.cast::<PyInt>() {
        return integer(number, path);
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Value::Float(number.value()));
    }
    // One level is the session's own map of values.
    if path.depth() + 1 >= Value::MAX_DEPTH {
        return Err(too_deep(object.py(), path));
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        let members = dict.iter().map(|(key, value)| member(&key, &value, path, conversion));
        return members.collect::<PyResult<Map>>().map(Value::Map);
    }
    if let Ok(list) = object.cast::<PyList>() {
        return items(list.iter(), path, conversion);
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return items(tuple.iter(), path, conversion);
    }
    convert_rare(object, path, conversion)
}

fn items<'py>(
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    path: &ValuePath<'_>,
    conversion: Conversion,
) -> PyResult<Value> {
    let numbered = items.enumerate();
    let values = numbered.map(|(index, item)| from_python(&item, &path.item(index), conversion));
    values.collect::<PyResult<_>>().map(Value::List)
}

fn convert_rare(
    object: &Bound<'_, PyAny>,
    path: &ValuePath<'_>,
    conversion: Conversion,
) -> PyResult<Value> {
    if object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyByteArray>()
        || object.is_instance_of::<PyMemoryView>()
    {
        return Ok(Value::Bytes(bytes(object, "a value")?.as_bytes().to_vec()));
    }
    if let Ok(instant) = object.cast::<PyDateTime>() {
        if let Some(micros) = micros_if_aware(instant)? {
            return Ok(Value::Time(Timestamp::from_micros(micros)));
        }
        if conversion == Conversion::Strict {
            return Err(invalid(object.py(), path, NAIVE));
        }
    }
    if conversion == Conversion::Lenient
        && let Some(text) = lenient::text(object)?
    {
        return unicode(text.cast()?, path).map(Value::Text);
    }
    if let Ok(mapping) = object.cast::<PyMapping>() {
        return convert_mapping(mapping, path, conversion).map(Value::Map);
    }
    Err(type_error(object, &path.to_string(), TAKES))
}

/// For mappings that are not a dict.
fn convert_mapping(
    mapping: &Bound<'_, PyMapping>,
    path: &ValuePath<'_>,
    conversion: Conversion,
) -> PyResult<Map> {
    let mut map = Map::new();
    for pair in mapping.items()?.iter() {
        let (key, value) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        let (key, value) = member(&key, &value, path, conversion)?;
        map.insert(key, value);
    }
    Ok(map)
}

/// All values of a session, from a mapping.
pub(crate) fn map_of(object: &Bound<'_, PyAny>, conversion: Conversion) -> PyResult<Map> {
    let mapping =
        object.cast::<PyMapping>().map_err(|_| type_error(object, "values", "a mapping"))?;
    let mut map = Map::new();
    for pair in mapping.items()?.iter() {
        let (key, value) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        let name = key_name(&key, conversion, || "a key".to_owned())?;
        let value = from_python(&value, &ValuePath::of(&name), conversion)?;
        map.insert(name, value);
    }
    Ok(map)
}

fn member(
    key: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
    path: &ValuePath<'_>,
    conversion: Conversion,
) -> PyResult<(String, Value)> {
    let name = key_name(key, conversion, || format!("a key of {path}"))?;
    let value = from_python(value, &path.member(&name), conversion)?;
    Ok((name, value))
}

/// A key as text. `what` names the key in errors.
fn key_name(
    key: &Bound<'_, PyAny>,
    conversion: Conversion,
    what: impl Fn() -> String,
) -> PyResult<String> {
    let name = match (key.cast::<PyString>(), conversion) {
        (Ok(name), _) => Some(name.clone()),
        (Err(_), Conversion::Lenient) => lenient::key(key)?,
        (Err(_), Conversion::Strict) => None,
    };
    let name = name.ok_or_else(|| type_error(key, &what(), "str"))?;
    name.to_str().map(str::to_owned).map_err(|_| {
        let message = format!("{} must be valid Unicode", what());
        raise(key.py(), &Error::new(ErrorKind::InvalidArgument, message))
    })
}

fn unicode(text: &Bound<'_, PyString>, path: &ValuePath<'_>) -> PyResult<String> {
    match text.to_str() {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(invalid(text.py(), path, "text in a session must be valid Unicode")),
    }
}

fn integer(number: &Bound<'_, PyInt>, path: &ValuePath<'_>) -> PyResult<Value> {
    if let Ok(number) = number.extract::<i64>() {
        return Ok(Value::Int(number));
    }
    match number.extract::<u64>() {
        Ok(number) => Ok(Value::from(number)),
        Err(_) => {
            let message = "an int in a session must be from -2**63 to 2**64 - 1";
            Err(invalid(number.py(), path, message))
        }
    }
}

/// An `InvalidArgument` whose message begins with the path.
fn invalid(py: Python<'_>, path: &ValuePath<'_>, message: &str) -> PyErr {
    raise(py, &Error::new(ErrorKind::InvalidArgument, format!("{path}: {message}")))
}

/// Names only the key, because the whole path would have 63 parts. The object may contain itself.
fn too_deep(py: Python<'_>, path: &ValuePath<'_>) -> PyErr {
    let message =
        "lists and dicts within one another are at most 63 deep, and never within themselves";
    invalid(py, &path.root(), message)
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

/// The kind of stored value that a Python type stands for.
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
