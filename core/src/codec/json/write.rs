//! Writes a document as JSON.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};

use super::{BYTES, FLOAT, INFINITY, INT, MAP, NAN, NEGATIVE_INFINITY, TIME};
use crate::codec::values::{LazyValue, StoredValue};
use crate::codec::{
    DEADLINE, DecodedDocument, EXTRA, FIXED, FLASH, IDLE, NO_SUCH_TIME, REMEMBER, TOO_DEEP, VALUES,
    Values,
};
use crate::protocol::error::{Error, Result};
use crate::value::{Value, write_instant};

/// Beyond this, readers that know only doubles would round: 2^53 - 1.
const EXACT: i64 = (1 << 53) - 1;

pub(in crate::codec) fn encode(document: &DecodedDocument) -> Result<Vec<u8>> {
    // Its errors are the two texts of ours; a vector takes everything.
    serde_json::to_vec(&DocumentWriter(document)).map_err(|error| Error::invalid(error.to_string()))
}

/// One value. Its errors are those of a document.
pub(crate) fn value_to_json(value: &Value) -> Result<String> {
    let text = serde_json::to_string(&Spelled { value, depth: 1 });
    text.map_err(|error| Error::invalid(error.to_string()))
}

/// All values, as one object.
pub(crate) fn values_to_json(values: &Values) -> Result<String> {
    let text = serde_json::to_string(&Entries { map: values.slots(), depth: 0 });
    text.map_err(|error| Error::invalid(error.to_string()))
}

struct DocumentWriter<'a>(&'a DecodedDocument);

impl Serialize for DocumentWriter<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = self.0;
        let mut members = serializer.serialize_map(None)?;
        if let Some(deadline) = document.deadline {
            members.serialize_entry(DEADLINE, &deadline)?;
        }
        members.serialize_entry(VALUES, &Entries { map: document.values.slots(), depth: 0 })?;
        if !document.flash.is_empty() {
            members.serialize_entry(FLASH, &Entries { map: &document.flash, depth: 0 })?;
        }
        if let Some(remember) = document.remember {
            members.serialize_entry(REMEMBER, &remember)?;
        }
        if let Some(idle) = document.idle {
            members.serialize_entry(IDLE, &idle)?;
        }
        if document.fixed {
            members.serialize_entry(FIXED, &true)?;
        }
        if !document.extra.is_empty() {
            members.serialize_entry(EXTRA, &Entries { map: &document.extra, depth: 0 })?;
        }
        for (name, value) in &document.other {
            members.serialize_entry(name, &Spelled { value, depth: 0 })?;
        }
        members.end()
    }
}

/// Something with a spelling. `depth` lists and maps are around it, within its member.
struct Spelled<'a, T> {
    value: &'a T,
    depth: usize,
}

/// A value that is decoded, or is not yet.
trait Spelling {
    fn spell<S: Serializer>(&self, depth: usize, serializer: S) -> Result<S::Ok, S::Error>;
}

impl<T: Spelling> Serialize for Spelled<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.spell(self.depth, serializer)
    }
}

/// As it was read, where it was.
impl Spelling for LazyValue {
    fn spell<S: Serializer>(&self, depth: usize, serializer: S) -> Result<S::Ok, S::Error> {
        match self.stored() {
            StoredValue::Json(json) => json.serialize(serializer),
            StoredValue::Nothing
            | StoredValue::Untagged(_)
            | StoredValue::Gob(_)
            | StoredValue::Instead(_) => {
                self.value().map_err(S::Error::custom)?.spell(depth, serializer)
            }
        }
    }
}

/// With its type.
impl Spelling for Value {
    fn spell<S: Serializer>(&self, depth: usize, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(number) if (-EXACT..=EXACT).contains(number) => {
                serializer.serialize_i64(*number)
            }
            Value::Int(number) => tagged(serializer, INT, &format_args!("{number}")),
            // Never so small, but it may have been made by hand.
            Value::Unsigned(number) => match i64::try_from(*number) {
                Ok(number) => Value::Int(number).spell(depth, serializer),
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
                check_depth(depth)?;
                let depth = depth + 1;
                serializer.collect_seq(list.iter().map(|value| Spelled { value, depth }))
            }
            Value::Map(map) => Entries { map, depth }.serialize(serializer),
        }
    }
}

/// A map, within a tag where it looks like one.
struct Entries<'a, T> {
    map: &'a BTreeMap<String, T>,
    depth: usize,
}

impl<T: Spelling> Serialize for Entries<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        check_depth(self.depth)?;
        let plain = TaglessEntries { map: self.map, depth: self.depth + 1 };
        let only = if self.map.len() == 1 { self.map.keys().next() } else { None };
        match only {
            Some(key) if key.starts_with('$') => tagged(serializer, MAP, &plain),
            Some(_) | None => plain.serialize(serializer),
        }
    }
}

struct TaglessEntries<'a, T> {
    map: &'a BTreeMap<String, T>,
    depth: usize,
}

impl<T: Spelling> Serialize for TaglessEntries<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let depth = self.depth;
        serializer.collect_map(self.map.iter().map(|(key, value)| (key, Spelled { value, depth })))
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
