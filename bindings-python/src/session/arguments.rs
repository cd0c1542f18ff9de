//! Converts the arguments of session methods to the core's types.

use std::borrow::Cow;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDateTime, PyDelta, PyInt, PyList, PyString, PyTuple};
use sessio::operation::Check;
use sessio::{Error, ErrorKind, Expiry};

use crate::arguments::bytes;
use crate::error::{invalid, raise, type_error};
use crate::text::text;
use crate::time::{delta_micros, expiry};
use crate::value::kind_of;

pub(crate) use crate::arguments::{Limit, Maybe, after};

/// A client's token. A `str` with lone surrogates is no token.
pub(crate) fn token<'a>(given: Option<&'a Bound<'_, PyAny>>) -> PyResult<Option<Cow<'a, str>>> {
    let Some(given) = given else { return Ok(None) };
    text(given, "token").map_err(|_| type_error(given, "token", "str or None"))
}

/// The token of another session. A `str` with lone surrogates finds no session.
pub(crate) fn other_token(given: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    Ok(text(given, name)?.unwrap_or_default().into_owned())
}

/// The `Cookie` headers of a request. With HTTP/2 and ASGI there can be several.
pub(crate) fn headers(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Vec<u8>>> {
    let takes = "str, bytes, a list of these, or None";
    let Some(given) = given else { return Ok(Vec::new()) };
    if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        return given.try_iter()?.map(|header| one_header(&header?, takes)).collect();
    }
    Ok(vec![one_header(given, takes)?])
}

/// A request header. Servers give text or bytes.
pub(crate) fn header(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<u8>> {
    given.map_or_else(|| Ok(Vec::new()), |given| one_header(given, "str, bytes or None"))
}

fn one_header(given: &Bound<'_, PyAny>, takes: &str) -> PyResult<Vec<u8>> {
    let Ok(text) = given.cast::<PyString>() else {
        let header = bytes(given, "header").map_err(|_| type_error(given, "header", takes))?;
        return Ok(header.as_bytes().to_vec());
    };
    if let Ok(text) = text.to_str() {
        return Ok(text.as_bytes().to_vec());
    }
    // Some servers decode bytes that are not UTF-8 to surrogates.
    let encoded = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
    Ok(encoded.cast::<PyBytes>()?.as_bytes().to_vec())
}

pub(crate) fn deadline(given: &Bound<'_, PyAny>, name: &str) -> PyResult<Expiry> {
    if given.is_instance_of::<PyDateTime>() || given.is_instance_of::<PyDelta>() {
        return expiry(given);
    }
    Err(type_error(given, name, "a datetime or a timedelta"))
}

/// The idle timeout of one session.
pub(crate) fn idle_timeout(given: &Bound<'_, PyAny>, name: &str) -> PyResult<Duration> {
    let seconds = if let Ok(delta) = given.cast::<PyDelta>() {
        let micros = u64::try_from(delta_micros(delta)).ok();
        return micros.map(Duration::from_micros).ok_or_else(|| no_timeout(given.py()));
    } else if given.is_instance_of::<PyBool>() {
        None
    } else {
        given.extract::<f64>().ok()
    };
    let seconds = seconds.ok_or_else(|| type_error(given, name, "a timedelta, seconds or None"))?;
    Duration::try_from_secs_f64(seconds).map_err(|_| no_timeout(given.py()))
}

fn no_timeout(py: Python<'_>) -> PyErr {
    invalid(
        py,
        "an idle timeout must be from 0 to 200,000 years, as a timedelta or a number of seconds",
    )
}

pub(crate) fn boolean(given: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
    let truth = given.cast::<PyBool>().map_err(|_| type_error(given, name, "bool"))?;
    Ok(truth.is_true())
}

pub(crate) fn int64(given: &Bound<'_, PyAny>, name: &str) -> PyResult<i64> {
    if !given.is_instance_of::<PyInt>() || given.is_instance_of::<PyBool>() {
        return Err(type_error(given, name, "int"));
    }
    given.extract().map_err(|_| {
        let message = format!("{name} must be from -2**63 to 2**63 - 1");
        raise(given.py(), &Error::new(ErrorKind::InvalidArgument, message))
    })
}

/// The check that the value of a key is of exactly this type.
pub(crate) fn check_of(key: &str, wanted: &Bound<'_, PyAny>) -> PyResult<Check> {
    let (key, kind) = (key.to_owned(), kind_of(wanted)?);
    Ok(Box::new(move |value| {
        let is = value.kind();
        if is == kind {
            return Ok(());
        }
        let message =
            format!("{key:?} is of type {is}, not {kind}: use get for a value of any type");
        Err(Error::new(ErrorKind::InvalidArgument, message))
    }))
}
