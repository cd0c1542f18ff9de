//! Reads a document from JSON.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::plain::is_plain;
use super::{BYTES, FLOAT, INFINITY, INT, MAP, NAN, NEGATIVE_INFINITY, TIME};
use crate::codec::values::LazyValue;
use crate::codec::{DecodedDocument, Member, SCS_V1_DATA, Values};
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::value::{Map, Value, parse_instant};

/// How `serde_json` hands over a number when some crate of the program has turned on its feature
/// `arbitrary_precision`.
const SPELLED_NUMBER: &str = "$serde_json::private::Number";

pub(in crate::codec) fn decode(bytes: &[u8]) -> Result<DecodedDocument> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Error::new(ErrorKind::Corrupt, "what is stored for the session is not UTF-8, so not JSON")
    })?;
    let mut source = serde_json::Deserializer::from_str(text);
    let document = source.deserialize_map(DocumentReader).and_then(|document| {
        source.end()?;
        Ok(document)
    });
    // Its own message may quote what it read.
    document.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let place = format!("line {line}, column {column}");
        Error::new(
            ErrorKind::Corrupt,
            format!("what is stored for the session is no JSON document of sessio's: {place}"),
        )
    })
}

/// A value of a document, of which [`is_plain`] holds.
pub(in crate::codec) fn decode_plain(json: &str) -> Result<Value> {
    let value = TYPED.deserialize(&mut serde_json::Deserializer::from_str(json));
    value.map_err(|_| Error::internal("a value that was read cannot be decoded"))
}

/// A value in which nothing is a tag.
pub(in crate::codec) fn decode_untagged(json: &RawValue) -> serde_json::Result<Value> {
    let untagged = Typed { tags: false, ..TYPED };
    untagged.deserialize(&mut serde_json::Deserializer::from_str(json.get()))
}

/// One value, as a program says it.
pub(crate) fn value_from_json(text: &str) -> Result<Value> {
    let mut source = serde_json::Deserializer::from_str(text);
    let value = TYPED.deserialize(&mut source).and_then(|value| {
        source.end()?;
        Ok(value)
    });
    value.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::invalid(format!("this is no JSON of a value: line {line}, column {column}"))
    })
}

struct DocumentReader;

impl<'de> Visitor<'de> for DocumentReader {
    type Value = DecodedDocument;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<DecodedDocument, A::Error> {
        let (mut document, mut has_values) = (DecodedDocument::default(), false);
        let any = Typed { depth: 0, ..TYPED };
        while let Some(member) = access.next_key()? {
            match member {
                Member::Deadline => document.deadline = Some(access.next_value()?),
                Member::Values => {
                    has_values = true;
                    document.values = access.next_value_seed(Each)?;
                }
                Member::Flash => document.flash = map(access.next_value_seed(any)?)?,
                Member::Remember => document.remember = Some(access.next_value()?),
                Member::Extra => document.extra = map(access.next_value_seed(any)?)?,
                Member::Fixed => document.fixed = access.next_value()?,
                Member::Idle => {
                    let micros: i64 = access.next_value()?;
                    if micros < 0 {
                        return Err(A::Error::custom("a negative idle timeout"));
                    }
                    document.idle = Some(micros);
                }
                Member::Other(name) => {
                    document.other.insert(name, access.next_value_seed(any)?);
                }
            }
        }
        if !has_values && document.other.contains_key(SCS_V1_DATA) {
            return Err(A::Error::custom("a document of SCS v1"));
        }
        Ok(document)
    }
}

/// Reads the values, and decodes those that have to be.
struct Each;

impl<'de> DeserializeSeed<'de> for Each {
    type Value = Values;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Values, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Each {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Values, A::Error> {
        let mut values = Values::default();
        let mut next = access.next_key::<String>()?;
        if next.as_ref().is_some_and(|first| first.starts_with('$')) {
            return map(Typed { depth: 0, ..TYPED }.after_key(next, access)?).map(Values::from);
        }
        while let Some(key) = next {
            values.insert_slot(key, slot(access.next_value()?)?);
            next = access.next_key()?;
        }
        Ok(values)
    }
}

/// Lists and maps can wait; other values are decoded as fast as they are copied.
fn slot<E: de::Error>(json: &RawValue) -> Result<LazyValue, E> {
    let text = json.get();
    if text.starts_with(['[', '{']) && is_plain(text) {
        return Ok(LazyValue::undecoded(json));
    }
    let value = TYPED.deserialize(&mut serde_json::Deserializer::from_str(text));
    value.map(LazyValue::from).map_err(E::custom)
}

impl<'de> de::Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Member;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_str<E>(self, name: &str) -> Result<Member, E> {
                Ok(Member::of(name))
            }
        }

        deserializer.deserialize_str(Name)
    }
}

fn map<E: de::Error>(value: Value) -> Result<Map, E> {
    if let Value::Map(map) = value { Ok(map) } else { Err(E::custom("not a map")) }
}

/// Reads a value with its type. `depth` lists and maps are around it, within its member.
#[derive(Clone, Copy)]
struct Typed {
    depth: usize,
    /// Whether there are tags.
    tags: bool,
}

/// For a value by itself.
const TYPED: Typed = Typed { depth: 1, tags: true };

impl Typed {
    /// Reads what is in a list or map here.
    fn within<E: de::Error>(self) -> Result<Typed, E> {
        if self.depth <= Value::MAX_DEPTH {
            return Ok(Typed { depth: self.depth + 1, ..self });
        }
        Err(E::custom("too deep"))
    }

    /// The rest of a map, from behind its first key on: the map, or what it stands for.
    fn after_key<'de, A: MapAccess<'de>>(
        self,
        first: Option<String>,
        mut access: A,
    ) -> Result<Value, A::Error> {
        let Some(first) = first else {
            return self.within().map(|_| Value::Map(Map::new()));
        };
        let may_be_tag = self.tags && first.starts_with('$');
        if !may_be_tag && first != SPELLED_NUMBER {
            return self.entries(Map::new(), first, access);
        }
        // A tag, if no other key follows. The same one again replaces it, as in any object.
        let mut held = RawOrValue::read(&first, self.depth, &mut access)?;
        while let Some(key) = access.next_key::<String>()? {
            if key != first {
                let value = held.untagged(self)?;
                return self.entries(Map::from([(first, value)]), key, access);
            }
            held = RawOrValue::read(&first, self.depth, &mut access)?;
        }
        held.tagged(&first, self)
    }

    /// The rest of a map, from the value of `key` on.
    fn entries<'de, A: MapAccess<'de>>(
        self,
        mut map: Map,
        mut key: String,
        mut access: A,
    ) -> Result<Value, A::Error> {
        let each = self.within()?;
        loop {
            map.insert(key, access.next_value_seed(each)?);
            match access.next_key()? {
                Some(next) => key = next,
                None => return Ok(Value::Map(map)),
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Typed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Typed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let each = self.within()?;
        let mut list = Vec::new();
        while let Some(value) = access.next_element_seed(each)? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let first = access.next_key()?;
        self.after_key(first, access)
    }
}

/// The value of a key that may be a tag.
enum RawOrValue<'de> {
    Value(Value),
    /// Behind `$map`: whether what looks like a tag in there is one depends on what follows.
    Raw(&'de RawValue),
}

impl<'de> RawOrValue<'de> {
    fn read<A: MapAccess<'de>>(key: &str, depth: usize, access: &mut A) -> Result<Self, A::Error> {
        if key == MAP {
            return access.next_value().map(RawOrValue::Raw);
        }
        // Not checked before: at the greatest depth a tag may still be a scalar. One deeper,
        // nothing may.
        if depth > Value::MAX_DEPTH + 1 {
            return Err(A::Error::custom("too deep"));
        }
        access.next_value_seed(Typed { depth: depth + 1, ..TYPED }).map(RawOrValue::Value)
    }

    /// The value of an ordinary key of the map that `place` reads.
    fn untagged<E: de::Error>(self, place: Typed) -> Result<Value, E> {
        match self {
            RawOrValue::Value(value) => Ok(value),
            RawOrValue::Raw(raw) => serde_json::Deserializer::from_str(raw.get())
                .deserialize_any(place.within()?)
                .map_err(E::custom),
        }
    }

    /// The value that the whole object stands for.
    fn tagged<E: de::Error>(self, tag: &str, place: Typed) -> Result<Value, E> {
        match self {
            RawOrValue::Raw(raw) => serde_json::Deserializer::from_str(raw.get())
                .deserialize_map(TaglessMap(place))
                .map_err(E::custom),
            RawOrValue::Value(Value::Text(text)) => {
                scalar(tag, &text).ok_or_else(|| E::custom("not a tag of ours"))
            }
            RawOrValue::Value(_) => Err(E::custom("not a tag of ours")),
        }
    }
}

/// Reads the map behind `$map`, in which nothing is a tag but what is deeper.
struct TaglessMap(Typed);

impl<'de> Visitor<'de> for TaglessMap {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        match access.next_key()? {
            Some(first) => self.0.entries(Map::new(), first, access),
            None => self.0.within().map(|_| Value::Map(Map::new())),
        }
    }
}

fn scalar(tag: &str, text: &str) -> Option<Value> {
    match tag {
        INT => integer(text),
        FLOAT => match text {
            NAN => Some(Value::Float(f64::NAN)),
            INFINITY => Some(Value::Float(f64::INFINITY)),
            NEGATIVE_INFINITY => Some(Value::Float(f64::NEG_INFINITY)),
            _ => None,
        },
        BYTES => STANDARD.decode(text).ok().map(Value::Bytes),
        TIME => parse_instant(text).map(Value::Time),
        // As `serde_json` reads it without the feature: -0 and what no integer holds are floats.
        SPELLED_NUMBER => integer(text).filter(|_| text != "-0").or_else(|| {
            text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Float)
        }),
        _ => None,
    }
}

fn integer(text: &str) -> Option<Value> {
    if text.starts_with('+') {
        return None;
    }
    text.parse().map(Value::Int).or_else(|_| text.parse().map(|number: u64| number.into())).ok()
}
