//! A value as text: the JSON of the json codec, which keeps every type.

use super::{NO_SUCH_TIME, TOO_DEEP, value_from_json, value_to_json};
use crate::protocol::error::Result;

use crate::value::error::PlacedError;
use crate::value::{Value, in_calendar};

impl Value {
    /// As JSON in which every type can be told: see [`Codec::Json`](crate::Codec::Json).
    ///
    /// # Errors
    /// `InvalidArgument` for what cannot be stored: see [`check`](Value::check).
    pub fn to_json(&self) -> Result<String> {
        // What its spelling fails for is found again with its place.
        value_to_json(self).map_err(|error| self.check().err().unwrap_or(error))
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
    /// [`MAX_DEPTH`](Value::MAX_DEPTH) or more lists and maps within one another: with the map of
    /// the session's values around them that is one too many. The message says where: `cart[2].at`.
    pub fn check(&self) -> Result<()> {
        self.check_below(0).map_err(PlacedError::error)
    }

    /// The same of what is to be the value of a key.
    pub(crate) fn check_at(&self, key: &str) -> Result<()> {
        self.check_below(0).map_err(|failure| failure.in_key(key).error())
    }

    /// The same of what is to be appended to the list of a key.
    pub(crate) fn check_item_of(&self, key: &str) -> Result<()> {
        self.check_below(0).map_err(|failure| failure.in_item_of(key).error())
    }

    fn check_below(&self, depth: usize) -> Result<(), PlacedError> {
        // The map of a session's values is around them all.
        let may_hold = || match depth + 1 < Value::MAX_DEPTH {
            true => Ok(()),
            false => Err(PlacedError::new(TOO_DEEP)),
        };
        match self {
            Value::Time(instant) if !in_calendar(*instant) => Err(PlacedError::new(NO_SUCH_TIME)),
            Value::List(list) => {
                may_hold()?;
                list.iter().enumerate().try_for_each(|(index, item)| {
                    item.check_below(depth + 1).map_err(|failure| failure.in_item(index))
                })
            }
            Value::Map(map) => {
                may_hold()?;
                map.iter().try_for_each(|(key, value)| {
                    value.check_below(depth + 1).map_err(|failure| failure.in_key(key))
                })
            }
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
