//! From a value to any type that serde knows.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::error::PlacedError;
use super::instant::{self, SIGNAL};
use super::key::MapKey;
use super::{Map, Value};
use crate::protocol::clock::Timestamp;
use crate::protocol::error::Result;

/// Any type that serde can read, from a value: the inverse of [`to_value`](crate::to_value).
/// Bytes also become a `Vec<u8>`, and a time also becomes RFC 3339 text.
///
/// # Errors
/// `InvalidArgument` when the value does not fit the type. The message names kinds and the place,
/// such as `cart[2].price`, never what the value holds.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T> {
    T::deserialize(ValueReader(value)).map_err(PlacedError::error)
}

/// The same of the value of a key, which begins the place.
///
/// # Errors
/// The same.
pub fn from_value_at<T: DeserializeOwned>(key: &str, value: Value) -> Result<T> {
    T::deserialize(ValueReader(value)).map_err(|failure| failure.in_key(key).error())
}

/// Times and bytes are known as such only from formats that have them, and from
/// [`from_value`].
impl<'de> de::Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(SIGNAL, Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session value")
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

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_byte_buf<E>(self, value: Vec<u8>) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        de::Deserialize::deserialize(inner)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        de::Deserialize::deserialize(SeqAccessDeserializer::new(access)).map(Value::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        de::Deserialize::deserialize(MapAccessDeserializer::new(access)).map(Value::Map)
    }

    /// How our own deserializer hands over a time.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let (micros, variant) = access.variant()?;
        variant.unit_variant()?;
        Ok(Value::Time(Timestamp::from_micros(micros)))
    }
}

struct ValueReader(Value);

impl IntoDeserializer<'_, PlacedError> for ValueReader {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl ValueReader {
    fn unexpected(&self) -> Unexpected<'_> {
        match &self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Int(value) => Unexpected::Signed(*value),
            Value::Unsigned(value) => Unexpected::Unsigned(*value),
            Value::Float(value) => Unexpected::Float(*value),
            Value::Text(text) => Unexpected::Str(text),
            Value::Bytes(bytes) => Unexpected::Bytes(bytes),
            Value::Time(_) => Unexpected::Other("a time"),
            Value::List(_) => Unexpected::Seq,
            Value::Map(_) => Unexpected::Map,
        }
    }
}

fn read_list<'de, V, I>(items: I, visitor: V) -> Result<V::Value, PlacedError>
where
    V: Visitor<'de>,
    I: Iterator<Item: IntoDeserializer<'de, PlacedError>>,
{
    let mut access = Items { items, read: 0 };
    let value = visitor.visit_seq(&mut access)?;
    access.end()?;
    Ok(value)
}

fn read_map<'de, V: Visitor<'de>>(map: Map, visitor: V) -> Result<V::Value, PlacedError> {
    let mut access = Members { members: map.into_iter(), value: None, read: 0 };
    let value = visitor.visit_map(&mut access)?;
    access.end()?;
    Ok(value)
}

/// The items of a list, one by one. Failures know which.
struct Items<I> {
    items: I,
    read: usize,
}

impl<I: Iterator> Items<I> {
    fn end(self) -> Result<(), PlacedError> {
        all_read(self.read, self.items.count())
    }
}

impl<'de, I> SeqAccess<'de> for Items<I>
where
    I: Iterator<Item: IntoDeserializer<'de, PlacedError>>,
{
    type Error = PlacedError;

    fn next_element_seed<S>(&mut self, seed: S) -> Result<Option<S::Value>, PlacedError>
    where
        S: DeserializeSeed<'de>,
    {
        let Some(item) = self.items.next() else { return Ok(None) };
        let index = self.read;
        self.read += 1;
        let item = seed.deserialize(item.into_deserializer());
        item.map(Some).map_err(|failure| failure.in_item(index))
    }

    fn size_hint(&self) -> Option<usize> {
        self.items.size_hint().1
    }
}

/// The members of a map, one by one. Failures know whose value it was.
struct Members {
    members: std::collections::btree_map::IntoIter<String, Value>,
    /// Of the key that was read last.
    value: Option<(String, Value)>,
    read: usize,
}

impl Members {
    fn end(self) -> Result<(), PlacedError> {
        all_read(self.read, self.members.len())
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = PlacedError;

    fn next_key_seed<S>(&mut self, seed: S) -> Result<Option<S::Value>, PlacedError>
    where
        S: DeserializeSeed<'de>,
    {
        let Some((key, value)) = self.members.next() else { return Ok(None) };
        self.read += 1;
        self.value = Some((key.clone(), value));
        seed.deserialize(MapKey(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, PlacedError> {
        let Some((key, value)) = self.value.take() else {
            return Err(de::Error::custom("a value without its key"));
        };
        seed.deserialize(ValueReader(value)).map_err(|failure| failure.in_key(&key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len())
    }
}

/// A type that leaves something of a list or map does not know all of it.
fn all_read(read: usize, left: usize) -> Result<(), PlacedError> {
    match left {
        0 => Ok(()),
        _ => Err(de::Error::invalid_length(read + left, &format!("{read}").as_str())),
    }
}

impl<'de> Deserializer<'de> for ValueReader {
    type Error = PlacedError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlacedError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Int(value) => match u64::try_from(value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_i64(value),
            },
            Value::Unsigned(value) => visitor.visit_u64(value),
            Value::Float(value) => visitor.visit_f64(value),
            Value::Text(text) => visitor.visit_string(text),
            Value::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Value::Time(instant) => match instant::write(instant) {
                Some(text) => visitor.visit_string(text),
                None => Err(PlacedError::new("the time is outside the years 1 to 9999")),
            },
            Value::List(list) => read_list(list.into_iter().map(ValueReader), visitor),
            Value::Map(map) => read_map(map, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlacedError> {
        if self.0 == Value::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    /// A `Vec<u8>` asks for a list, and means bytes.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlacedError> {
        let Value::Bytes(bytes) = self.0 else { return self.deserialize_any(visitor) };
        read_list(bytes.into_iter(), visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, PlacedError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, PlacedError> {
        if let (SIGNAL, Value::Time(instant)) = (name, &self.0) {
            return visitor.visit_enum(Handover(*instant));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PlacedError> {
        const WANTED: &str = "the name of a variant, or a map with one";
        if let Value::Text(name) = self.0 {
            return visitor.visit_enum(Variant { name, content: None });
        }
        let Value::Map(map) = self.0 else {
            return Err(de::Error::invalid_type(self.unexpected(), &WANTED));
        };
        let len = map.len();
        let mut members = map.into_iter();
        match (members.next(), members.next()) {
            (Some((name, content)), None) => {
                visitor.visit_enum(Variant { name, content: Some(content) })
            }
            _ => Err(de::Error::invalid_length(len, &WANTED)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlacedError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple_struct map struct identifier
    }
}

/// A time on its way to one of our own visitors, which alone ask by the signal's name. It goes as
/// an enum, because no format hands over an enum where none was asked for.
struct Handover(Timestamp);

impl<'de> EnumAccess<'de> for Handover {
    type Error = PlacedError;
    type Variant = Variant;

    fn variant_seed<S>(self, seed: S) -> Result<(S::Value, Variant), PlacedError>
    where
        S: DeserializeSeed<'de>,
    {
        let micros: de::value::I64Deserializer<PlacedError> =
            self.0.as_micros().into_deserializer();
        Ok((seed.deserialize(micros)?, Variant { name: String::new(), content: None }))
    }
}

struct Variant {
    name: String,
    content: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = PlacedError;
    type Variant = Self;

    fn variant_seed<S>(mut self, seed: S) -> Result<(S::Value, Self), PlacedError>
    where
        S: DeserializeSeed<'de>,
    {
        // Only a failure in the content still needs it.
        let name = match self.content {
            Some(_) => self.name.clone(),
            None => std::mem::take(&mut self.name),
        };
        Ok((seed.deserialize(MapKey(name))?, self))
    }
}

impl Variant {
    fn read<T>(
        self,
        wanted: &str,
        read: impl FnOnce(ValueReader) -> Result<T, PlacedError>,
    ) -> Result<T, PlacedError> {
        let Variant { name, content } = self;
        let Some(content) = content else {
            return Err(de::Error::invalid_type(Unexpected::UnitVariant, &wanted));
        };
        read(ValueReader(content)).map_err(|failure| failure.in_key(&name))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = PlacedError;

    fn unit_variant(self) -> Result<(), PlacedError> {
        self.content.map_or(Ok(()), |content| de::Deserialize::deserialize(ValueReader(content)))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, PlacedError> {
        self.read("a variant with a value", |content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, PlacedError> {
        self.read("a variant with a list", |content| content.deserialize_any(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PlacedError> {
        self.read("a variant with a map", |content| content.deserialize_any(visitor))
    }
}
