//! Writes a document as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};

use super::{BYTES, FLOAT, INFINITY, INT, MAP, NAN, NEGATIVE_INFINITY, TIME};
use crate::codec::{DEADLINE, Document, FLASH, NO_SUCH_TIME, REMEMBER, TOO_DEEP, VALUES};
use crate::error::{Error, Result};
use crate::value::{Map, Value, write_instant};

/// Beyond this, readers that know only doubles would round: 2^53 - 1.
const EXACT: i64 = (1 << 53) - 1;

pub(in crate::codec) fn encode(document: &Document) -> Result<Vec<u8>> {
    // Its errors are the two texts of ours; a vector takes everything.
    serde_json::to_vec(&Whole(document)).map_err(|error| Error::invalid(error.to_string()))
}

/// One value. Its errors are those of a document.
pub(crate) fn value_to_json(value: &Value) -> Result<String> {
    let text = serde_json::to_string(&Typed { value, depth: 1 });
    text.map_err(|error| Error::invalid(error.to_string()))
}

struct Whole<'a>(&'a Document);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = self.0;
        let mut members = serializer.serialize_map(None)?;
        if let Some(deadline) = document.deadline {
            members.serialize_entry(DEADLINE, &deadline)?;
        }
        members.serialize_entry(VALUES, &Entries { map: &document.values, depth: 0 })?;
        if !document.flash.is_empty() {
            members.serialize_entry(FLASH, &Entries { map: &document.flash, depth: 0 })?;
        }
        if let Some(remember) = document.remember {
            members.serialize_entry(REMEMBER, &remember)?;
        }
        for (name, value) in &document.other {
            members.serialize_entry(name, &Typed { value, depth: 0 })?;
        }
        members.end()
    }
}

/// A value with its type. `depth` lists and maps are around it, within its member.
struct Typed<'a> {
    value: &'a Value,
    depth: usize,
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(number) if (-EXACT..=EXACT).contains(number) => {
                serializer.serialize_i64(*number)
            }
            Value::Int(number) => tagged(serializer, INT, &format_args!("{number}")),
            // Never so small, but it may have been made by hand.
            Value::Unsigned(number) => match i64::try_from(*number) {
                Ok(number) => Typed { value: &number.into(), ..*self }.serialize(serializer),
                Err(_) => tagged(serializer, INT, &format_args!("{number}")),
            },
            Value::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Value::Float(number) if number.is_nan() => tagged(serializer, FLOAT, NAN),
            Value::Float(number) if *number > 0.0 => tagged(serializer, FLOAT, INFINITY),
            Value::Float(_) => tagged(serializer, FLOAT, NEGATIVE_INFINITY),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => tagged(serializer, BYTES, &STANDARD.encode(bytes)),
            Value::Time(instant) => match write_instant(*instant) {
                Some(text) => tagged(serializer, TIME, &text),
                None => Err(S::Error::custom(NO_SUCH_TIME)),
            },
            Value::List(list) => {
                check_depth(self.depth)?;
                let depth = self.depth + 1;
                serializer.collect_seq(list.iter().map(|value| Typed { value, depth }))
            }
            Value::Map(map) => Entries { map, depth: self.depth }.serialize(serializer),
        }
    }
}

/// A map, within a tag where it looks like one.
struct Entries<'a> {
    map: &'a Map,
    depth: usize,
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        check_depth(self.depth)?;
        let plain = Plain { map: self.map, depth: self.depth + 1 };
        let only = if self.map.len() == 1 { self.map.keys().next() } else { None };
        match only {
            Some(key) if key.starts_with('$') => tagged(serializer, MAP, &plain),
            Some(_) | None => plain.serialize(serializer),
        }
    }
}

struct Plain<'a> {
    map: &'a Map,
    depth: usize,
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let depth = self.depth;
        serializer.collect_map(self.map.iter().map(|(key, value)| (key, Typed { value, depth })))
    }
}

fn tagged<S, T>(serializer: S, tag: &str, content: &T) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: Serialize + ?Sized,
{
    serializer.collect_map([(tag, content)])
}

fn check_depth<E: serde::ser::Error>(depth: usize) -> Result<(), E> {
    // The outermost map of a member is the session's own, and not counted.
    if depth <= Value::MAX_DEPTH { Ok(()) } else { Err(E::custom(TOO_DEEP)) }
}
