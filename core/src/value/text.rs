//! A value as text: the JSON of the json codec, which keeps every type.

use crate::codec::{value_from_json, value_to_json};
use crate::error::{Error, Result};

use super::{Value, in_calendar};

impl Value {
    /// As JSON in which every type can be told: see [`Codec::Json`](crate::Codec::Json).
    ///
    /// # Errors
    /// `InvalidArgument` for what cannot be stored: see [`check`](Value::check).
    pub fn to_json(&self) -> Result<String> {
        value_to_json(self)
    }

    /// From JSON, by hand or from [`to_json`](Value::to_json).
    ///
    /// # Errors
    /// `InvalidArgument` for what is no JSON, or has a tag that does not exist.
    pub fn from_json(text: &str) -> Result<Self> {
        value_from_json(text)
    }

    /// Whether it can be stored, by any codec.
    ///
    /// # Errors
    /// `InvalidArgument` for a time outside the years 1 to 9999, and for
    /// [`MAX_DEPTH`](Value::MAX_DEPTH) or more lists and maps within one another: with the map of the
    /// session's values around them that is one too many.
    pub fn check(&self) -> Result<()> {
        self.check_below(0)
    }

    fn check_below(&self, depth: usize) -> Result<()> {
        let below = |mut values: Box<dyn Iterator<Item = &Value> + '_>| {
            // The map of a session's values is around them all.
            if depth + 1 >= Value::MAX_DEPTH {
                return Err(Error::invalid(crate::codec::TOO_DEEP));
            }
            values.try_for_each(|value| value.check_below(depth + 1))
        };
        match self {
            Value::Time(instant) if !in_calendar(*instant) => {
                Err(Error::invalid(crate::codec::NO_SUCH_TIME))
            }
            Value::List(list) => below(Box::new(list.iter())),
            Value::Map(map) => below(Box::new(map.values())),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Unsigned(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Time(_) => Ok(()),
        }
    }
}
