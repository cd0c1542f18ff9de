//! What goes wrong between a type and a value, told without what the value holds.

use std::borrow::Cow;
use std::fmt::Display;

use serde::de::{Expected, Unexpected};

use super::path;
use crate::protocol::error::Error;

/// serde's side of our error. What types say about their input is dropped, because it may quote
/// the input; which kind was there, which was wanted, the type's own names, and the place in the
/// value are kept.
#[derive(Debug)]
pub(crate) struct PlacedError {
    message: Cow<'static, str>,
    /// Where; empty for the value itself.
    path: String,
}

impl PlacedError {
    pub(crate) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        PlacedError { message: message.into(), path: String::new() }
    }

    /// It is in the value of this key.
    pub(crate) fn in_key(self, key: &str) -> Self {
        PlacedError { path: path::in_key(key, &self.path), ..self }
    }

    /// It is in this item of a list.
    pub(crate) fn in_item(self, index: usize) -> Self {
        PlacedError { path: path::in_item(Some(index), &self.path), ..self }
    }

    /// It is in an item that is to be appended to the list of this key.
    pub(crate) fn in_item_of(self, key: &str) -> Self {
        PlacedError { path: path::in_item(None, &self.path), ..self }.in_key(key)
    }

    /// Not a `From`: that would be a part of the crate's interface.
    pub(crate) fn error(self) -> Error {
        let PlacedError { message, path } = self;
        if path.is_empty() {
            return Error::invalid(message);
        }
        Error::invalid(format!("{path}: {message}"))
    }

    pub(crate) fn too_deep() -> Self {
        PlacedError::new("the value has more than 64 lists and maps within one another")
    }
}

impl Display for PlacedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message.fmt(f)
    }
}

impl std::error::Error for PlacedError {}

impl serde::ser::Error for PlacedError {
    fn custom<T: Display>(_: T) -> Self {
        PlacedError::new("the type refused to be written as a session value")
    }
}

impl serde::de::Error for PlacedError {
    fn custom<T: Display>(_: T) -> Self {
        PlacedError::new("the type refused the session value")
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        PlacedError::new(format!("the session value is {}, but wanted is {wanted}", kind(found)))
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let found = kind(found);
        PlacedError::new(format!("the session value is {found} out of range: wanted is {wanted}"))
    }

    fn invalid_length(len: usize, wanted: &dyn Expected) -> Self {
        PlacedError::new(format!("the session value has {len} parts, but wanted is {wanted}"))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        PlacedError::new("the session value names a variant that the enum does not have")
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        PlacedError::new("the session value has a field that the type does not have")
    }

    fn missing_field(field: &'static str) -> Self {
        PlacedError::new(format!("the session value has no field `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        PlacedError::new(format!("the session value has the field `{field}` twice"))
    }
}

fn kind(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a bool",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a float",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a map",
        Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant
        | Unexpected::Other(_) => "something else",
    }
}
