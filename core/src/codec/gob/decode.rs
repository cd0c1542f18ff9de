//! What a Go value looks like to others.

use std::collections::BTreeSet;

use super::corrupt;
use super::names::TIME;
use super::time;
use super::types::{
    BOOL, BYTES, COMPLEX, Definition, FLOAT, INT, INTERFACE, Method, STRING, TypeId, TypeShape,
    Types, UINT,
};
use super::wire::{GobReader, to_float};
use crate::protocol::error::Result;
use crate::value::{Map, Value};

/// A value that may be of any type, with the name and the number of the one it has.
pub(super) struct Concrete<'a> {
    pub(super) name: &'a str,
    pub(super) id: TypeId,
    pub(super) value: GobReader<'a>,
}

impl<'a> Concrete<'a> {
    /// Of a copy that has no definitions; `None` is Go's nil.
    pub(super) fn read(reader: &mut GobReader<'a>, types: &Types) -> Result<Option<Self>> {
        let name = reader.text()?;
        if name.is_empty() {
            return Ok(None);
        }
        let id = TypeId::try_from(reader.int()?).map_err(|_| corrupt("a type is not defined"))?;
        let mut value = GobReader::of_value(reader.bytes()?);
        if !types.is_struct(id)? {
            value.uint()?;
        }
        Ok(Some(Concrete { name, id, value }))
    }

    pub(super) fn decode(mut self, types: &Types) -> Result<Value> {
        decode(types, &mut self.value, self.id, Some(self.name))
    }
}

/// A value of this type, which stands where any type may if it has a `name`.
pub(super) fn decode(
    types: &Types,
    reader: &mut GobReader<'_>,
    id: TypeId,
    name: Option<&str>,
) -> Result<Value> {
    Ok(match id {
        BOOL => Value::Bool(reader.uint()? != 0),
        INT => Value::Int(reader.int()?),
        UINT => reader.uint()?.into(),
        FLOAT => to_float(reader.uint()?).into(),
        BYTES => reader.bytes()?.into(),
        STRING => text(reader.bytes()?),
        COMPLEX => {
            let mut part = || Ok(Value::Float(to_float(reader.uint()?)));
            Value::List(vec![part()?, part()?])
        }
        INTERFACE => match Concrete::read(reader, types)? {
            Some(concrete) => concrete.decode(types)?,
            None => Value::Null,
        },
        _ => {
            let definition = types.get(id)?;
            match &definition.shape {
                TypeShape::Opaque(_) => opaque(definition, reader.bytes()?, name),
                TypeShape::Array { of, .. } | TypeShape::Slice { of } => list(types, reader, *of)?,
                TypeShape::Map { key, of } => map(types, reader, *key, *of)?,
                TypeShape::Struct(_) => fields(types, reader, definition)?,
            }
        }
    })
}

/// Go's strings need not be UTF-8.
fn text(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.into(), Value::from)
}

/// Whether a type is `time.Time`: where the name of its package is not said, its own has to do.
pub(super) fn is_time(definition: &Definition, name: Option<&str>) -> bool {
    let named = name.map_or(definition.name == "Time", |name| name.trim_start_matches('*') == TIME);
    named
        && matches!(definition.shape, TypeShape::Opaque(Method::GobEncode | Method::MarshalBinary))
}

fn opaque(definition: &Definition, bytes: &[u8], name: Option<&str>) -> Value {
    let instant = if is_time(definition, name) { time::read(bytes) } else { None };
    instant.map_or_else(|| bytes.into(), Value::Time)
}

fn list(types: &Types, reader: &mut GobReader<'_>, of: TypeId) -> Result<Value> {
    let count = reader.count()?;
    let mut list = Vec::with_capacity(count);
    for _ in 0..count {
        list.push(decode(types, reader, of, None)?);
    }
    Ok(Value::List(list))
}

/// As a map, or as a list of pairs where the keys are not texts, numbers or bools, or look alike.
fn map(types: &Types, reader: &mut GobReader<'_>, key: TypeId, of: TypeId) -> Result<Value> {
    let count = reader.count()?;
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        entries.push((decode(types, reader, key, None)?, decode(types, reader, of, None)?));
    }
    // Among keys of one type those that look alike are the same.
    let mut named = entries.iter().all(|(key, _)| name_of(key).is_some());
    if named && key == INTERFACE {
        let mut seen = BTreeSet::new();
        named = entries.iter().filter_map(|(key, _)| name_of(key)).all(|name| seen.insert(name));
    }
    if !named {
        let pair = |(key, value)| Value::List(vec![key, value]);
        return Ok(Value::List(entries.into_iter().map(pair).collect()));
    }
    let entry = |(key, value)| {
        let name = if let Value::Text(name) = key { Some(name) } else { name_of(&key) };
        name.map(|name| (name, value))
    };
    Ok(Value::Map(entries.into_iter().filter_map(entry).collect()))
}

/// The name that a key has in a map of others.
pub(super) fn name_of(key: &Value) -> Option<String> {
    match key {
        Value::Text(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Unsigned(number) => Some(number.to_string()),
        Value::Null
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::Time(_)
        | Value::List(_)
        | Value::Map(_) => None,
    }
}

/// All of them: those that are zero are not stored.
fn fields(types: &Types, reader: &mut GobReader<'_>, definition: &Definition) -> Result<Value> {
    let TypeShape::Struct(fields) = &definition.shape else { return Ok(Value::Null) };
    let mut map = Map::new();
    let mut left = fields.iter();
    loop {
        let delta = usize::try_from(reader.uint()?).unwrap_or(usize::MAX);
        let skipped = if delta == 0 { usize::MAX } else { delta - 1 };
        for field in left.by_ref().take(skipped) {
            map.insert(field.name.clone(), zero(types, field.id)?);
        }
        if delta == 0 {
            return Ok(Value::Map(map));
        }
        let field = left.next().ok_or_else(|| corrupt("a struct has too many fields"))?;
        map.insert(field.name.clone(), decode(types, reader, field.id, None)?);
    }
}

/// What is missing. Structs and arrays are missing only behind pointers that are nil.
pub(super) fn zero(types: &Types, id: TypeId) -> Result<Value> {
    Ok(match id {
        BOOL => Value::Bool(false),
        INT | UINT => Value::Int(0),
        FLOAT => Value::Float(0.0),
        BYTES => Value::Bytes(Vec::new()),
        STRING => Value::Text(String::new()),
        COMPLEX => Value::List(vec![Value::Float(0.0), Value::Float(0.0)]),
        INTERFACE => Value::Null,
        _ => match &types.get(id)?.shape {
            TypeShape::Slice { .. } => Value::List(Vec::new()),
            TypeShape::Map { .. } => Value::Map(Map::new()),
            TypeShape::Array { .. } | TypeShape::Struct(_) | TypeShape::Opaque(_) => Value::Null,
        },
    })
}
