//! The values of a session, from Python and to it.

mod lenient;
mod place;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyMapping,
    PyMemoryView, PyString, PyTuple, PyType,
};
use sessio::{Error, ErrorKind, Map, Timestamp, Value};

use crate::argument::{bytes, wrong};
use crate::error::raise;
use crate::time::{NAIVE, datetime, micros_if_aware};

pub(crate) use place::Place;

const TAKES: &str =
    "None, a bool, int, float, str, bytes, an aware datetime, or a list or dict of these";

/// What is taken for a value.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Taken {
    /// What comes back as it was.
    Strict,
    /// Also what becomes text: see [`lenient`].
    Lenient,
}

impl Taken {
    pub(crate) fn of(lenient: bool) -> Self {
        if lenient { Taken::Lenient } else { Taken::Strict }
    }
}

/// A copy of a Python value. What can be stored at all is the core's to say.
pub(crate) fn from_python(
    object: &Bound<'_, PyAny>,
    place: &Place<'_>,
    taken: Taken,
) -> PyResult<Value> {
    if let Ok(text) = object.cast::<PyString>() {
        return unicode(text, place).map(Value::Text);
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    // Before int, which a bool is too.
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if let Ok(number) = object.cast::<PyInt>() {
        return integer(number, place);
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Value::Float(number.value()));
    }
    // The map of the session's values is one of them.
    if place.depth() + 1 >= Value::MAX_DEPTH {
        return Err(too_deep(object.py(), place));
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        let members = dict.iter().map(|(key, value)| member(&key, &value, place, taken));
        return members.collect::<PyResult<Map>>().map(Value::Map);
    }
    if let Ok(list) = object.cast::<PyList>() {
        return items(list.iter(), place, taken);
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return items(tuple.iter(), place, taken);
    }
    rarer(object, place, taken)
}

fn items<'py>(
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    place: &Place<'_>,
    taken: Taken,
) -> PyResult<Value> {
    let numbered = items.enumerate();
    let values = numbered.map(|(index, item)| from_python(&item, &place.item(index), taken));
    values.collect::<PyResult<_>>().map(Value::List)
}

fn rarer(object: &Bound<'_, PyAny>, place: &Place<'_>, taken: Taken) -> PyResult<Value> {
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
        if taken == Taken::Strict {
            return Err(invalid(object.py(), place, NAIVE));
        }
    }
    if taken == Taken::Lenient
        && let Some(text) = lenient::text(object)?
    {
        return unicode(text.cast()?, place).map(Value::Text);
    }
    if let Ok(mapping) = object.cast::<PyMapping>() {
        return mapped(mapping, place, taken).map(Value::Map);
    }
    Err(wrong(object, &place.to_string(), TAKES))
}

/// The members of a mapping that need not be a dict.
fn mapped(mapping: &Bound<'_, PyMapping>, place: &Place<'_>, taken: Taken) -> PyResult<Map> {
    let mut map = Map::new();
    for pair in mapping.items()?.iter() {
        let (key, value) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        let (key, value) = member(&key, &value, place, taken)?;
        map.insert(key, value);
    }
    Ok(map)
}

/// The values of a whole session.
pub(crate) fn map_of(object: &Bound<'_, PyAny>, taken: Taken) -> PyResult<Map> {
    let mapping = object.cast::<PyMapping>().map_err(|_| wrong(object, "values", "a mapping"))?;
    let mut map = Map::new();
    for pair in mapping.items()?.iter() {
        let (key, value) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        let name = key_name(&key, taken, || "a key".to_owned())?;
        let value = from_python(&value, &Place::of(&name), taken)?;
        map.insert(name, value);
    }
    Ok(map)
}

fn member(
    key: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
    place: &Place<'_>,
    taken: Taken,
) -> PyResult<(String, Value)> {
    let name = key_name(key, taken, || format!("a key of {place}"))?;
    let value = from_python(value, &place.member(&name), taken)?;
    Ok((name, value))
}

/// The text of a key; `what` is its own name in errors.
fn key_name(key: &Bound<'_, PyAny>, taken: Taken, what: impl Fn() -> String) -> PyResult<String> {
    let name = match (key.cast::<PyString>(), taken) {
        (Ok(name), _) => Some(name.clone()),
        (Err(_), Taken::Lenient) => lenient::key(key)?,
        (Err(_), Taken::Strict) => None,
    };
    let name = name.ok_or_else(|| wrong(key, &what(), "str"))?;
    name.to_str().map(str::to_owned).map_err(|_| {
        let message = format!("{} must be valid Unicode", what());
        raise(key.py(), &Error::new(ErrorKind::InvalidArgument, message))
    })
}

fn unicode(text: &Bound<'_, PyString>, place: &Place<'_>) -> PyResult<String> {
    match text.to_str() {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(invalid(text.py(), place, "text in a session must be valid Unicode")),
    }
}

fn integer(number: &Bound<'_, PyInt>, place: &Place<'_>) -> PyResult<Value> {
    if let Ok(number) = number.extract::<i64>() {
        return Ok(Value::Int(number));
    }
    match number.extract::<u64>() {
        Ok(number) => Ok(Value::from(number)),
        Err(_) => {
            let message = "an int in a session must be from -2**63 to 2**64 - 1";
            Err(invalid(number.py(), place, message))
        }
    }
}

/// An `InvalidArgument` about what is there.
fn invalid(py: Python<'_>, place: &Place<'_>, message: &str) -> PyErr {
    raise(py, &Error::new(ErrorKind::InvalidArgument, format!("{place}: {message}")))
}

/// For what may have no end. Which key it is says enough: the rest of the way is long.
fn too_deep(py: Python<'_>, place: &Place<'_>) -> PyErr {
    let message =
        "lists and dicts within one another are at most 63 deep, and never within themselves";
    invalid(py, &place.root(), message)
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
