//! What a session can hold: the values that every language and every codec knows.

mod de;
pub(crate) mod error;
mod instant;
mod key;
pub mod path;
mod same;
mod ser;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use crate::protocol::clock::Timestamp;

pub use de::{from_value, from_value_at};
pub(crate) use instant::{in_calendar, parse as parse_instant, write as write_instant};
pub use ser::to_value;
pub(crate) use ser::{to_item_of, to_value_at};

/// Values by name, in the order of their names: what is equal is stored as equal bytes.
pub type Map = BTreeMap<String, Value>;

/// A value of a session: what every language and every codec knows.
///
/// `Debug` prints the [`kind`](Value::kind), never what the value holds.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer above `i64::MAX`, never a smaller one: that is stored, but comes back as
    /// [`Int`](Value::Int). [`From<u64>`] chooses.
    Unsigned(u64),
    /// A floating point number. It stays one, also where it is whole.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An instant. To be stored, it must be within the years 1 to 9999.
    Time(Timestamp),
    /// Values in an order.
    List(Vec<Value>),
    /// Values by name.
    Map(Map),
}

impl Value {
    /// How many lists and maps may be within one another, the map of a session's values included:
    /// what is put into a session may have one less.
    pub const MAX_DEPTH: usize = 64;

    /// What it is: `null`, `bool`, `integer`, `float`, `text`, `bytes`, `time`, `list` or `map`;
    /// the same words in every language.
    pub const fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::Unsigned(_) => "integer",
            Value::Float(_) => "float",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
            Value::Time(_) => "time",
            Value::List(_) => "list",
            Value::Map(_) => "map",
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", self.kind())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Value::Int(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Value::Int(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Value::Unsigned(value), Value::Int)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Value::Bytes(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Value::Bytes(value.to_vec())
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Value::Time(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(value: Vec<Value>) -> Self {
        Value::List(value)
    }
}

impl From<Map> for Value {
    fn from(value: Map) -> Self {
        Value::Map(value)
    }
}

/// `None` is [`Null`](Value::Null).
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
