//! Converts keyword arguments to the core's options. Values become the text that a URL would have;
//! the core checks them.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDelta, PyFloat, PyInt, PyList, PyString, PyTuple};
use sessio::{Error, ErrorKind, Options};

use crate::error::{raise, type_error};
use crate::text::unicode;
use crate::time::{ManualClock, delta_micros};

/// Converts a value to the text of an option. The first argument is the option's name, for errors.
pub(crate) type FormatOption = fn(&str, &Bound<'_, PyAny>) -> PyResult<String>;

/// An option's name, its value if it is given, and what makes a text of it.
pub(crate) type Keyword<'a, 'py> = (&'static str, Option<&'a Bound<'py, PyAny>>, FormatOption);

/// The keyword arguments of `Store` and `AsyncStore`.
pub(crate) struct Keywords<'a, 'py> {
    pub(crate) options: &'a [Keyword<'a, 'py>],
    /// Not among the options, because it has no form as text.
    pub(crate) clock: Option<&'a Bound<'py, PyAny>>,
}

impl Keywords<'_, '_> {
    pub(crate) fn are_none(&self) -> bool {
        self.clock.is_none() && self.options.iter().all(|(_, value, _)| value.is_none())
    }

    pub(crate) fn open(&self, url: &Bound<'_, PyAny>) -> PyResult<sessio::Store> {
        let py = url.py();
        let url = unicode(url, "url")?;
        let mut options = Options::new();
        for &(name, value, format) in self.options {
            if let Some(value) = value {
                let value = format(name, value)?;
                options.set(name, &value).map_err(|error| raise(py, &error))?;
            }
        }
        if let Some(given) = self.clock {
            let clock = given.cast::<ManualClock>();
            let clock = clock.map_err(|_| type_error(given, "clock", "a sessio.ManualClock"))?;
            options = options.clock(clock.get().0.clone());
        }
        sessio::Store::open_with(&url, options).map_err(|error| raise(py, &error))
    }
}

pub(crate) fn string(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    unicode(value, name).map(|text| text.into_owned())
}

/// A list of texts, one a line. So no item can contain a line break.
pub(crate) fn lines(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    if !value.is_instance_of::<PyList>() && !value.is_instance_of::<PyTuple>() {
        return Err(type_error(value, name, "a list of str"));
    }
    let mut lines = Vec::new();
    for line in value.try_iter()? {
        let line = string(&format!("each of {name}"), &line?)?;
        if line.contains(['\n', '\r']) {
            let message = format!("{name} must not contain line breaks");
            return Err(raise(value.py(), &Error::new(ErrorKind::InvalidArgument, message)));
        }
        lines.push(line);
    }
    Ok(lines.join("\n"))
}

pub(crate) fn boolean(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let truth = value.cast::<PyBool>().map_err(|_| type_error(value, name, "bool"))?;
    Ok(truth.is_true().to_string())
}

/// Refuses bool, which is a subclass of int.
pub(crate) fn number(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
        return Err(type_error(value, name, "int"));
    }
    Ok(value.str()?.to_str()?.to_owned())
}

pub(crate) fn duration(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let no_duration = |what: &str| {
        let message = format!("{name} {what}; it takes a timedelta or a number of seconds");
        raise(value.py(), &Error::new(ErrorKind::InvalidArgument, message))
    };
    if let Ok(delta) = value.cast::<PyDelta>() {
        let micros = u64::try_from(delta_micros(delta));
        let micros = micros.map_err(|_| no_duration("must not be negative"))?;
        return Ok(format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000));
    }
    if let Ok(seconds) = value.cast::<PyFloat>() {
        let seconds = seconds.value();
        return match (seconds.is_finite(), seconds < 0.0) {
            (true, false) => Ok(seconds.to_string()),
            (true, true) => Err(no_duration("must not be negative")),
            (false, _) => Err(no_duration("must be finite")),
        };
    }
    let whole = number(name, value)
        .map_err(|_| type_error(value, name, "a timedelta or a number of seconds"))?;
    match whole.starts_with('-') {
        true => Err(no_duration("must not be negative")),
        false => Ok(whole),
    }
}

pub(crate) fn path(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = value.py();
    let path = py.import("os")?.call_method1("fsdecode", (value,));
    let path = path.map_err(|_| type_error(value, name, "a path"))?;
    string(name, path.cast::<PyString>()?)
}
