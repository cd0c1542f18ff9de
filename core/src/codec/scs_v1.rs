//! SCS v1's document: `{"data":{…},"deadline":…}`, the deadline in unix nanoseconds.
//!
//! It is JSON without tags: what JSON does not know comes back as text.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

use super::values::{LazyValue, StoredValue};
use super::{
    DEADLINE, DecodedDocument, EXTRA_KEY, FLASH_KEY, IDLE_KEY, NO_SUCH_TIME, Origin, REMEMBER_KEY,
    SCS_V1_DATA as DATA, VALUES, json, read_idle, write_idle,
};
use crate::protocol::clock::NEVER;
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::value::{Value, write_instant};

/// What this version does not know of a session is kept.
type ScsMembers = BTreeMap<String, Box<RawValue>>;

pub(super) fn decode(bytes: &[u8]) -> Result<DecodedDocument> {
    let text = std::str::from_utf8(bytes).map_err(|_| corrupt())?;
    let (mut document, mut has_data) = (DecodedDocument::default(), false);
    for (member, raw) in read::<ScsMembers>(text)? {
        match &member[..] {
            DATA => {
                has_data = true;
                read_data(&raw, &mut document)?;
            }
            DEADLINE => {
                let nanos: i64 = read(raw.get())?;
                document.deadline = Some(nanos.div_euclid(1000));
                document.origin = Origin::ScsV1 { nanos };
            }
            _ => drop(
                document.other.insert(member, json::decode_untagged(&raw).map_err(|_| corrupt())?),
            ),
        }
    }
    // Both are JSON: `read_codecs` tells them apart by this.
    if !has_data && document.other.contains_key(VALUES) {
        return Err(corrupt());
    }
    Ok(document)
}

fn read_data(raw: &RawValue, document: &mut DecodedDocument) -> Result<()> {
    // Go writes a map that was never made as null.
    for (key, raw) in read::<Option<ScsMembers>>(raw.get())?.unwrap_or_default() {
        if key == FLASH_KEY || key == EXTRA_KEY {
            let ours = json::value_from_json(raw.get()).map_err(|_| corrupt())?;
            let Value::Map(ours) = ours else { return Err(corrupt()) };
            *if key == FLASH_KEY { &mut document.flash } else { &mut document.extra } = ours;
            continue;
        }
        let value = json::decode_untagged(&raw).map_err(|_| corrupt())?;
        if key == IDLE_KEY {
            document.idle = Some(read_idle(&value).ok_or_else(corrupt)?);
        } else if let (REMEMBER_KEY, Value::Bool(remember)) = (&key[..], &value) {
            document.remember = Some(*remember);
        } else {
            document.values.insert_slot(key, LazyValue::untagged(&raw, value));
        }
    }
    Ok(())
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|_| corrupt())
}

fn corrupt() -> Error {
    Error::new(ErrorKind::Corrupt, "what is stored for the session is no JSON document of SCS v1's")
}

pub(super) fn encode(document: &DecodedDocument) -> Result<Vec<u8>> {
    let mut data = BTreeMap::new();
    document.check_keys()?;
    for (key, slot) in document.values.slots() {
        let raw = match slot.stored() {
            StoredValue::Json(raw) | StoredValue::Untagged(raw) => raw.clone(),
            StoredValue::Nothing | StoredValue::Gob(_) | StoredValue::Instead(_) => {
                spelled(slot.value()?).map_err(|error| {
                    Error::invalid(format!("the value of {key:?} cannot be stored: {error}"))
                })?
            }
        };
        data.insert(&key[..], raw);
    }
    if let Some(remember) = document.remember {
        data.insert(REMEMBER_KEY, raw(&remember)?);
    }
    if let Some(idle) = document.idle {
        data.insert(IDLE_KEY, raw(&write_idle(idle))?);
    }
    for (key, ours) in [(FLASH_KEY, &document.flash), (EXTRA_KEY, &document.extra)] {
        if !ours.is_empty() {
            let json = json::value_to_json(&Value::Map(ours.clone()))?;
            data.insert(key, RawValue::from_string(json).map_err(internal)?);
        }
    }
    let mut members = BTreeMap::from([(DATA, raw(&data)?), (DEADLINE, raw(&deadline(document))?)]);
    for (name, value) in &document.other {
        members.insert(name, spelled(value).map_err(internal)?);
    }
    serde_json::to_vec(&members).map_err(internal)
}

/// With the nanoseconds that it had, if it was not moved. The last that there is, in the year
/// 2262, is as good as none.
fn deadline(document: &DecodedDocument) -> i64 {
    let micros = document.deadline.unwrap_or(NEVER);
    match document.origin {
        Origin::ScsV1 { nanos } if nanos.div_euclid(1000) == micros => nanos,
        Origin::ScsV1 { .. } | Origin::New | Origin::Gob(_) => micros.saturating_mul(1000),
    }
}

fn raw<T: Serialize>(value: &T) -> Result<Box<RawValue>> {
    serde_json::value::to_raw_value(value).map_err(internal)
}

fn internal(_: serde_json::Error) -> Error {
    Error::internal("what was read as JSON cannot be written as JSON")
}

fn spelled(value: &Value) -> std::result::Result<Box<RawValue>, serde_json::Error> {
    value.check().map_err(|error| serde_json::Error::custom(error.message()))?;
    serde_json::value::to_raw_value(&Untagged(value))
}

/// A value as Go writes it into JSON.
struct Untagged<'a>(&'a Value);

impl Serialize for Untagged<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Unsigned(number) => serializer.serialize_u64(*number),
            Value::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Value::Float(_) => Err(S::Error::custom("JSON has no NaN and no infinities")),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => serializer.serialize_str(&STANDARD.encode(bytes)),
            Value::Time(instant) => match write_instant(*instant) {
                Some(text) => serializer.serialize_str(&text),
                None => Err(S::Error::custom(NO_SUCH_TIME)),
            },
            Value::List(list) => serializer.collect_seq(list.iter().map(Untagged)),
            Value::Map(map) => {
                serializer.collect_map(map.iter().map(|(key, value)| (key, Untagged(value))))
            }
        }
    }
}
