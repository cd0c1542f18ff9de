//! The value that stood where another one is written, part by part: whose Go types the new one has.

use std::collections::BTreeMap;

use super::decode::{Concrete, decode};
use super::names::EMPTY_LIST;
use super::types::{INTERFACE, TypeId, TypeShape, Types, is_builtin};
use super::wire::GobReader;
use crate::protocol::error::Result;
use crate::value::Value;

#[derive(Clone)]
pub(super) struct Former<'a> {
    types: &'a Types,
    /// The types that it names, or the value that it is a part of.
    pub(super) needs: &'a [TypeId],
    value: GobReader<'a>,
    id: TypeId,
}

impl<'a> Former<'a> {
    /// Of the value that was kept as these bytes.
    pub(super) fn new(bytes: &'a [u8], types: &'a Types, needs: &'a [TypeId]) -> Self {
        Former { types, needs, value: GobReader::of_value(bytes), id: INTERFACE }
    }

    /// Where any type may stand: the name and the number of the one that did, if it was of this
    /// value's kind.
    pub(super) fn concrete(&self, value: &Value) -> Result<Option<(&'a str, TypeId, Former<'a>)>> {
        let Some(concrete) = Concrete::read(&mut self.value.clone(), self.types)? else {
            return Ok(None);
        };
        let Concrete { name, id, value: at } = concrete;
        let was = decode(self.types, &mut at.clone(), id, Some(name))?;
        let kinds = (was.kind(), value.kind());
        // A language with one kind of numbers says whole ones as integers, also where Go has
        // floats.
        let fits = kinds.0 == kinds.1 || kinds == ("float", "integer");
        // What is written for an empty list says nothing about what belongs into it.
        let unsaid = name == EMPTY_LIST && was == Value::List(Vec::new());
        if !fits || unsaid {
            return Ok(None);
        }
        Ok(Some((name, id, Former { value: at, id, ..self.clone() })))
    }

    /// Its bytes, if it is this very value: they may say more, such as nanoseconds, or that a
    /// pointer is nil.
    pub(super) fn same(&self, value: &Value) -> Result<Option<&'a [u8]>> {
        if self.types.is_plain(self.id)? {
            return Ok(None);
        }
        let mut rest = self.value.clone();
        let same = decode(self.types, &mut rest, self.id, None)? == *value;
        Ok(same.then(|| self.value.until(&rest)))
    }

    fn shape(&self) -> Result<Option<&'a TypeShape>> {
        if is_builtin(self.id) { Ok(None) } else { Ok(Some(&self.types.get(self.id)?.shape)) }
    }

    /// What `value` is at, which is read over.
    fn part(&self, value: &mut GobReader<'a>, id: TypeId) -> Result<(Value, Former<'a>)> {
        let part = Former { value: value.clone(), id, ..self.clone() };
        Ok((decode(self.types, value, id, None)?, part))
    }

    /// What stood in each place of a list. The last is a pattern for those that are added.
    pub(super) fn elements(&self) -> Result<Vec<Former<'a>>> {
        let Some(TypeShape::Array { of, .. } | TypeShape::Slice { of }) = self.shape()? else {
            return Ok(Vec::new());
        };
        if self.types.is_plain(*of)? {
            return Ok(Vec::new());
        }
        let mut value = self.value.clone();
        (0..value.count()?).map(|_| Ok(self.part(&mut value, *of)?.1)).collect()
    }

    /// What stood for each key of a map: the key, where it stood, and the value.
    pub(super) fn entries(&self) -> Result<Vec<(Value, Former<'a>, Former<'a>)>> {
        let Some(TypeShape::Map { key, of }) = self.shape()? else { return Ok(Vec::new()) };
        if self.types.is_plain(*key)? && self.types.is_plain(*of)? {
            return Ok(Vec::new());
        }
        let mut value = self.value.clone();
        let entries = (0..value.count()?).map(|_| {
            let (key, at) = self.part(&mut value, *key)?;
            let (_, former) = self.part(&mut value, *of)?;
            Ok((key, at, former))
        });
        entries.collect()
    }

    /// What stood in each field of a struct, by the field's number.
    pub(super) fn fields(&self) -> Result<BTreeMap<usize, Former<'a>>> {
        let mut formers = BTreeMap::new();
        let Some(TypeShape::Struct(fields)) = self.shape()? else { return Ok(formers) };
        let (mut value, mut next) = (self.value.clone(), 0usize);
        while let Ok(delta @ 1..) = usize::try_from(value.uint()?) {
            let at = next.saturating_add(delta - 1);
            let Some(field) = fields.get(at) else { break };
            formers.insert(at, self.part(&mut value, field.id)?.1);
            next = at + 1;
        }
        Ok(formers)
    }
}
