//! From any type that serde knows to a value.

use serde::ser::{self, Serialize};

use super::error::PlacedError;
use super::instant::{self, SIGNAL};
use super::{Map, Value};
use crate::protocol::error::Result;

/// A value from any type that serde can write: structs become maps, enums what `serde_json` makes
/// of them, a [`Timestamp`](crate::Timestamp) a time, and what is written as bytes, bytes.
///
/// ```
/// use sessio::{Value, to_value};
///
/// assert!(to_value(&("cart", 2))? == Value::List(vec!["cart".into(), 2.into()]));
/// # Ok::<(), sessio::Error>(())
/// ```
///
/// # Errors
/// `InvalidArgument` when an integer is outside -2^63 to 2^64-1, a key of a map is not text, an
/// integer or a bool, or lists and maps are more than [`Value::MAX_DEPTH`] deep. The message says
/// where: `cart[2].price`.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    value.serialize(ValueWriter { depth: 0 }).map_err(PlacedError::error)
}

/// The same of what is to be the value of a key.
pub(crate) fn to_value_at<T: Serialize + ?Sized>(key: &str, value: &T) -> Result<Value> {
    value.serialize(ValueWriter { depth: 0 }).map_err(|failure| failure.in_key(key).error())
}

/// The same of what is to be appended to the list of a key.
pub(crate) fn to_item_of<T: Serialize + ?Sized>(key: &str, item: &T) -> Result<Value> {
    item.serialize(ValueWriter { depth: 0 }).map_err(|failure| failure.in_item_of(key).error())
}

impl Serialize for Value {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Unsigned(value) => serializer.serialize_u64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Value::Time(instant) => instant.serialize(serializer),
            Value::List(list) => list.serialize(serializer),
            Value::Map(map) => map.serialize(serializer),
        }
    }
}

type WrittenValue = Result<Value, PlacedError>;

struct ValueWriter {
    /// How many lists and maps are around.
    depth: usize,
}

impl ValueWriter {
    fn within(&self) -> Result<usize, PlacedError> {
        if self.depth < Value::MAX_DEPTH {
            Ok(self.depth + 1)
        } else {
            Err(PlacedError::too_deep())
        }
    }

    fn list(&self, variant: Option<&'static str>, len: usize) -> Result<ListWriter, PlacedError> {
        let depth = self.within()?;
        Ok(ListWriter { list: Vec::with_capacity(len), variant, depth })
    }

    fn map(&self, variant: Option<&'static str>) -> Result<MapWriter, PlacedError> {
        let depth = self.within()?;
        Ok(MapWriter { map: Map::new(), key: String::new(), variant, depth })
    }
}

/// A failure in a variant's content, or in what is no variant.
fn in_variant(variant: Option<&'static str>, failure: PlacedError) -> PlacedError {
    match variant {
        Some(name) => failure.in_key(name),
        None => failure,
    }
}

/// A variant with content is a map of one, from its name.
fn named(variant: Option<&'static str>, content: Value) -> Value {
    match variant {
        Some(name) => Value::Map(Map::from([(name.to_owned(), content)])),
        None => content,
    }
}

impl ser::Serializer for ValueWriter {
    type Ok = Value;
    type Error = PlacedError;
    type SerializeSeq = ListWriter;
    type SerializeTuple = ListWriter;
    type SerializeTupleStruct = ListWriter;
    type SerializeTupleVariant = ListWriter;
    type SerializeMap = MapWriter;
    type SerializeStruct = MapWriter;
    type SerializeStructVariant = MapWriter;

    fn serialize_bool(self, value: bool) -> WrittenValue {
        Ok(value.into())
    }

    fn serialize_i8(self, value: i8) -> WrittenValue {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> WrittenValue {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> WrittenValue {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> WrittenValue {
        Ok(value.into())
    }

    fn serialize_i128(self, value: i128) -> WrittenValue {
        match i64::try_from(value) {
            Ok(value) => self.serialize_i64(value),
            Err(_) => match u64::try_from(value) {
                Ok(value) => self.serialize_u64(value),
                Err(_) => Err(PlacedError::new("an integer must be within -2^63 to 2^64-1")),
            },
        }
    }

    fn serialize_u8(self, value: u8) -> WrittenValue {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> WrittenValue {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> WrittenValue {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> WrittenValue {
        Ok(value.into())
    }

    fn serialize_u128(self, value: u128) -> WrittenValue {
        self.serialize_i128(i128::try_from(value).unwrap_or(i128::MAX))
    }

    fn serialize_f32(self, value: f32) -> WrittenValue {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> WrittenValue {
        Ok(value.into())
    }

    fn serialize_char(self, value: char) -> WrittenValue {
        Ok(Value::Text(value.into()))
    }

    fn serialize_str(self, value: &str) -> WrittenValue {
        Ok(value.into())
    }

    fn serialize_bytes(self, value: &[u8]) -> WrittenValue {
        Ok(value.into())
    }

    fn serialize_none(self) -> WrittenValue {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> WrittenValue {
        value.serialize(self)
    }

    fn serialize_unit(self) -> WrittenValue {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> WrittenValue {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> WrittenValue {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T>(self, name: &'static str, value: &T) -> WrittenValue
    where
        T: Serialize + ?Sized,
    {
        let inner = value.serialize(self)?;
        if let (SIGNAL, Value::Text(text)) = (name, &inner) {
            return Ok(instant::parse(text).map_or(inner, Value::Time));
        }
        Ok(inner)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> WrittenValue {
        let depth = self.within()?;
        let content = value.serialize(ValueWriter { depth });
        Ok(named(Some(variant), content.map_err(|failure| failure.in_key(variant))?))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<ListWriter, PlacedError> {
        self.list(None, len.unwrap_or(0))
    }

    fn serialize_tuple(self, len: usize) -> Result<ListWriter, PlacedError> {
        self.list(None, len)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        len: usize,
    ) -> Result<ListWriter, PlacedError> {
        self.list(None, len)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<ListWriter, PlacedError> {
        ValueWriter { depth: self.within()? }.list(Some(variant), len)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<MapWriter, PlacedError> {
        self.map(None)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<MapWriter, PlacedError> {
        self.map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<MapWriter, PlacedError> {
        ValueWriter { depth: self.within()? }.map(Some(variant))
    }
}

struct ListWriter {
    list: Vec<Value>,
    variant: Option<&'static str>,
    depth: usize,
}

impl ser::SerializeSeq for ListWriter {
    type Ok = Value;
    type Error = PlacedError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PlacedError> {
        let item = value.serialize(ValueWriter { depth: self.depth });
        let index = self.list.len();
        self.list.push(item.map_err(|failure| in_variant(self.variant, failure.in_item(index)))?);
        Ok(())
    }

    fn end(self) -> WrittenValue {
        Ok(named(self.variant, Value::List(self.list)))
    }
}

/// serde asks for a trait of its own for each shape of list.
macro_rules! also_a_list {
    ($shape:ident, $add:ident) => {
        impl ser::$shape for ListWriter {
            type Ok = Value;
            type Error = PlacedError;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PlacedError> {
                ser::SerializeSeq::serialize_element(self, value)
            }

            fn end(self) -> WrittenValue {
                ser::SerializeSeq::end(self)
            }
        }
    };
}

also_a_list!(SerializeTuple, serialize_element);
also_a_list!(SerializeTupleStruct, serialize_field);
also_a_list!(SerializeTupleVariant, serialize_field);

struct MapWriter {
    map: Map,
    /// WrittenValue, and waiting for its value.
    key: String,
    variant: Option<&'static str>,
    depth: usize,
}

impl MapWriter {
    fn insert<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<(), PlacedError> {
        let value = value.serialize(ValueWriter { depth: self.depth });
        let value = value.map_err(|failure| in_variant(self.variant, failure.in_key(&key)))?;
        self.map.insert(key, value);
        Ok(())
    }
}

impl ser::SerializeMap for MapWriter {
    type Ok = Value;
    type Error = PlacedError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), PlacedError> {
        self.key = match key.serialize(ValueWriter { depth: self.depth })? {
            Value::Text(text) => text,
            Value::Int(number) => number.to_string(),
            Value::Unsigned(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            other @ (Value::Null
            | Value::Float(_)
            | Value::Bytes(_)
            | Value::Time(_)
            | Value::List(_)
            | Value::Map(_)) => {
                let kind = other.kind();
                return Err(PlacedError::new(format!("a key of a map must be text, not {kind}")));
            }
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PlacedError> {
        let key = std::mem::take(&mut self.key);
        self.insert(key, value)
    }

    fn end(self) -> WrittenValue {
        Ok(named(self.variant, Value::Map(self.map)))
    }
}

/// serde asks for a trait of its own for each shape of map.
macro_rules! also_a_map {
    ($shape:ident) => {
        impl ser::$shape for MapWriter {
            type Ok = Value;
            type Error = PlacedError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), PlacedError> {
                self.insert(name.to_owned(), value)
            }

            fn end(self) -> WrittenValue {
                ser::SerializeMap::end(self)
            }
        }
    };
}

also_a_map!(SerializeStruct);
also_a_map!(SerializeStructVariant);
