//! Arguments that are `str`.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::PyString;
use sessio::{Error, ErrorKind};

use crate::error::{raise, type_error};

/// `None` for a `str` with lone surrogates, which has no UTF-8 form.
pub(crate) fn text<'a>(object: &'a Bound<'_, PyAny>, name: &str) -> PyResult<Option<Cow<'a, str>>> {
    let text = object.cast::<PyString>().map_err(|_| type_error(object, name, "str"))?;
    Ok(text.to_str().ok().map(Cow::Borrowed))
}

/// Text that must have a UTF-8 form.
pub(crate) fn unicode<'a>(object: &'a Bound<'_, PyAny>, name: &str) -> PyResult<Cow<'a, str>> {
    text(object, name)?.ok_or_else(|| {
        let message = format!("{name} must be valid Unicode, without lone surrogates");
        raise(object.py(), &Error::new(ErrorKind::InvalidArgument, message))
    })
}
