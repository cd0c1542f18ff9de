//! What goes wrong between a type and a value, told without what the value holds.

use std::fmt::Display;

use serde::de::{Expected, Unexpected};

use crate::error::Error;

/// serde's side of our error. What types say about their input is dropped, because it may quote
/// the input; which kind was there, which was wanted and the type's own names are kept.
#[derive(Debug)]
pub(super) struct Failure(Error);

impl Failure {
    pub(super) fn new(message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Failure(Error::invalid(message))
    }

    /// Not a `From`: that would be a part of the crate's interface.
    pub(super) fn error(self) -> Error {
        self.0
    }

    pub(super) fn too_deep() -> Self {
        Failure::new("the value has more than 64 lists and maps within one another")
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl serde::ser::Error for Failure {
    fn custom<T: Display>(_: T) -> Self {
        Failure::new("the type refused to be written as a session value")
    }
}

impl serde::de::Error for Failure {
    fn custom<T: Display>(_: T) -> Self {
        Failure::new("the type refused the session value")
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Failure::new(format!("the session value is {}, but wanted is {wanted}", kind(found)))
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let found = kind(found);
        Failure::new(format!("the session value is {found} out of range: wanted is {wanted}"))
    }

    fn invalid_length(len: usize, wanted: &dyn Expected) -> Self {
        Failure::new(format!("the session value has {len} parts, but wanted is {wanted}"))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Failure::new("the session value names a variant that the enum does not have")
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Failure::new("the session value has a field that the type does not have")
    }

    fn missing_field(field: &'static str) -> Self {
        Failure::new(format!("the session value has no field `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Failure::new(format!("the session value has the field `{field}` twice"))
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
