//! Writes a value as a certain Go type, if it fits.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::decode::{is_time, name_of, zero};
use super::former::Former;
use super::names::{self, element, holds_int, holds_uint, nearest_float};
use super::time;
use super::types::{
    BOOL, BYTES, COMPLEX, FLOAT, Field, INT, INTERFACE, STRING, TypeId, TypeShape, UINT, is_builtin,
};
use super::wire::{put_bytes, put_float, put_int, put_uint};
use super::write::{EncodeRefusal, GobWriter, Written};
use crate::value::{Map, Value};

impl GobWriter {
    /// As this type, which `name` may say more of.
    pub(super) fn typed(
        &mut self,
        value: &Value,
        id: TypeId,
        name: &str,
        former: Option<&Former<'_>>,
    ) -> Written {
        if let Some(former) = former
            && let Some(bytes) = former.same(value)?
        {
            self.raw(bytes, former.needs);
            return Ok(());
        }
        if id == INTERFACE {
            return self.any(value, former);
        }
        if !is_builtin(id) {
            return self.defined(value, id, name, former);
        }
        match (id, value) {
            (BOOL, Value::Bool(yes)) => self.out.push(u8::from(*yes)),
            (INT, Value::Int(number)) if holds_int(name, *number) => {
                put_int(&mut self.out, *number)
            }
            (UINT, Value::Int(number)) => {
                let number = u64::try_from(*number).map_err(|_| EncodeRefusal::Misfit)?;
                return self.typed_uint(number, name);
            }
            (UINT, Value::Unsigned(number)) => return self.typed_uint(*number, name),
            (FLOAT, Value::Float(_) | Value::Int(_)) => return self.typed_float(value, name),
            (STRING, Value::Text(text)) => put_bytes(&mut self.out, text.as_bytes()),
            // Go's strings need not be UTF-8, and are seen as bytes then.
            (STRING, Value::Bytes(bytes)) if std::str::from_utf8(bytes).is_err() => {
                put_bytes(&mut self.out, bytes);
            }
            (BYTES, Value::Bytes(bytes)) => put_bytes(&mut self.out, bytes),
            (COMPLEX, Value::List(parts)) if parts.len() == 2 => {
                return parts.iter().try_for_each(|part| self.typed_float(part, name));
            }
            (_, _) => return Err(EncodeRefusal::Misfit),
        }
        Ok(())
    }

    fn typed_uint(&mut self, number: u64, name: &str) -> Written {
        if !holds_uint(name, number) {
            return Err(EncodeRefusal::Misfit);
        }
        put_uint(&mut self.out, number);
        Ok(())
    }

    fn typed_float(&mut self, value: &Value, name: &str) -> Written {
        let number = float(value).and_then(|number| nearest_float(name, number));
        put_float(&mut self.out, number.ok_or(EncodeRefusal::Misfit)?);
        Ok(())
    }

    fn defined(
        &mut self,
        value: &Value,
        id: TypeId,
        name: &str,
        former: Option<&Former<'_>>,
    ) -> Written {
        let definition = Arc::clone(self.types.get(id)?);
        // That of a type by itself says what it is made of; one that is declared says nothing.
        let name = if definition.name.contains('[') { &definition.name } else { name };
        match (&definition.shape, value) {
            (TypeShape::Array { of, len }, Value::List(list)) if list.len() == *len => {
                self.elements(list, *of, element(name), former)
            }
            (TypeShape::Slice { of }, Value::List(list)) => {
                self.elements(list, *of, element(name), former)
            }
            (TypeShape::Map { key, of }, Value::Map(map)) => {
                let formers = former.map(Former::entries).transpose()?.unwrap_or_default();
                let formers = formers.iter().filter_map(|entry| Some((name_of(&entry.0)?, entry)));
                let formers = BTreeMap::from_iter(formers);
                put_uint(&mut self.out, map.len() as u64);
                map.iter().try_for_each(|(text, value)| match formers.get(text) {
                    Some(former) => self.entry(&former.0, value, [*key, *of], name, Some(*former)),
                    None => self.entry(&key_of(text, *key)?, value, [*key, *of], name, None),
                })
            }
            (TypeShape::Map { key, of }, Value::List(list)) => {
                let formers = former.map(Former::entries).transpose()?.unwrap_or_default();
                put_uint(&mut self.out, list.len() as u64);
                list.iter().try_for_each(|pair| {
                    let Value::List(pair) = pair else { return Err(EncodeRefusal::Misfit) };
                    let [of_pair, value] = &pair[..] else { return Err(EncodeRefusal::Misfit) };
                    let former = formers.iter().find(|(key, ..)| key == of_pair);
                    self.entry(of_pair, value, [*key, *of], name, former)
                })
            }
            (TypeShape::Struct(fields), Value::Map(map)) => self.fields(fields, map, former),
            // Go leaves the name out of the definition if its process first met a pointer to one.
            (TypeShape::Opaque(_), Value::Time(instant))
                if is_time(&definition, None) || is_time(&definition, Some(name)) =>
            {
                put_bytes(&mut self.out, &time::write(*instant));
                Ok(())
            }
            (TypeShape::Opaque(_), Value::Bytes(bytes)) => {
                put_bytes(&mut self.out, bytes);
                Ok(())
            }
            (
                TypeShape::Array { .. }
                | TypeShape::Slice { .. }
                | TypeShape::Map { .. }
                | TypeShape::Struct(_)
                | TypeShape::Opaque(_),
                _,
            ) => Err(EncodeRefusal::Misfit),
        }
    }

    fn elements(
        &mut self,
        list: &[Value],
        of: TypeId,
        name: &str,
        former: Option<&Former<'_>>,
    ) -> Written {
        put_uint(&mut self.out, list.len() as u64);
        let formers = former.map(Former::elements).transpose()?.unwrap_or_default();
        list.iter().enumerate().try_for_each(|(at, value)| {
            self.typed(value, of, name, formers.get(at).or(formers.last()))
        })
    }

    /// An entry of a map, as its key and its value were.
    fn entry(
        &mut self,
        key: &Value,
        value: &Value,
        [of_key, of]: [TypeId; 2],
        name: &str,
        former: Option<&(Value, Former<'_>, Former<'_>)>,
    ) -> Written {
        let (at, former) = former.map(|(_, at, former)| (at, former)).unzip();
        self.typed(key, of_key, names::key(name), at)?;
        self.typed(value, of, element(name), former)
    }

    /// Of those that are zero nothing is written; those that are missing are zero.
    fn fields(&mut self, fields: &[Field], map: &Map, former: Option<&Former<'_>>) -> Written {
        if map.keys().any(|name| fields.iter().all(|field| field.name != *name)) {
            return Err(EncodeRefusal::Misfit);
        }
        let formers = former.map(Former::fields).transpose()?.unwrap_or_default();
        let mut delta = 1;
        for (at, field) in fields.iter().enumerate() {
            let start = self.out.len();
            let missing = match map.get(&field.name) {
                None | Some(Value::Null) => true,
                Some(value) => {
                    put_uint(&mut self.out, delta);
                    self.typed(value, field.id, "", formers.get(&at))?;
                    let was_missing = former.is_some() && !formers.contains_key(&at);
                    // Where any type may stand, a zero is not nothing.
                    let left_out = field.id != INTERFACE && is_zero(value);
                    left_out || was_missing && *value == zero(&self.types, field.id)?
                }
            };
            if missing {
                self.out.truncate(start);
                delta += 1;
            } else {
                delta = 1;
            }
        }
        self.out.push(0);
        Ok(())
    }
}

/// What gob leaves out of a struct. An empty map is none of them: Go programs put into it.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Int(number) => *number == 0,
        Value::Unsigned(number) => *number == 0,
        Value::Float(number) => number.to_bits() == 0,
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(_) | Value::Time(_) => false,
    }
}

/// A number that a double holds.
fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        // A language with one kind of numbers says whole ones as integers.
        Value::Int(number) => (number.unsigned_abs() <= 1 << 53).then_some(*number as f64),
        Value::Null
        | Value::Bool(_)
        | Value::Unsigned(_)
        | Value::Text(_)
        | Value::Bytes(_)
        | Value::Time(_)
        | Value::List(_)
        | Value::Map(_) => None,
    }
}

/// The key that a name in a map of others stands for.
fn key_of(name: &str, id: TypeId) -> Result<Value, EncodeRefusal> {
    let key = match id {
        BOOL => name.parse().ok().map(Value::Bool),
        INT => name.parse().ok().map(Value::Int),
        UINT => name.parse().ok().map(|number: u64| number.into()),
        _ => Some(Value::from(name)),
    };
    key.filter(|key| name_of(key).as_deref() == Some(name)).ok_or(EncodeRefusal::Misfit)
}
