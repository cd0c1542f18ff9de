//! Which types a document has, and how gob defines them.

use std::sync::Arc;

use super::corrupt;
use super::wire::{GobReader, put_int, put_length_before};
use crate::protocol::error::Result;

/// A type's number within one document.
pub(super) type Id = u32;

pub(super) const BOOL: Id = 1;
pub(super) const INT: Id = 2;
pub(super) const UINT: Id = 3;
pub(super) const FLOAT: Id = 4;
pub(super) const BYTES: Id = 5;
pub(super) const STRING: Id = 6;
pub(super) const COMPLEX: Id = 7;
pub(super) const INTERFACE: Id = 8;

/// The first of those that a document defines.
const FIRST: Id = 64;
/// What a Go program counts up one by one never gets there, so there is always a next one.
const LAST: Id = 1 << 30;
/// More than any program puts into one session.
const MAX_DEFINITIONS: usize = 1024;

#[derive(Clone, PartialEq)]
pub(super) struct Definition {
    /// As Go has it; types that were not declared have none.
    pub(super) name: String,
    pub(super) shape: Shape,
}

#[derive(Clone)]
pub(super) enum Shape {
    Array {
        of: Id,
        len: usize,
    },
    Slice {
        of: Id,
    },
    Struct(Vec<Field>),
    Map {
        key: Id,
        of: Id,
    },
    /// Bytes that only a method of the type understands.
    Opaque(Method),
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Method {
    GobEncode,
    MarshalBinary,
    MarshalText,
}

#[derive(Clone, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) id: Id,
}

impl Shape {
    /// All that can differ between two, each part of which every shape has. Compared part by part
    /// of their own, two of different kinds are told apart by bytes that one of them never set:
    /// that is harmless, but not to be told from what is not where memory is checked.
    fn facts(&self) -> (u64, Id, Id, usize, &[Field]) {
        let kind = self.kind();
        match self {
            Shape::Array { of, len } => (kind, *of, 0, *len, &[]),
            Shape::Slice { of } => (kind, *of, 0, 0, &[]),
            Shape::Struct(fields) => (kind, 0, 0, 0, fields),
            Shape::Map { key, of } => (kind, *of, *key, 0, &[]),
            Shape::Opaque(_) => (kind, 0, 0, 0, &[]),
        }
    }

    /// Its place among the fields of `wireType`.
    pub(super) fn kind(&self) -> u64 {
        match self {
            Shape::Array { .. } => 0,
            Shape::Slice { .. } => 1,
            Shape::Struct(_) => 2,
            Shape::Map { .. } => 3,
            Shape::Opaque(Method::GobEncode) => 4,
            Shape::Opaque(Method::MarshalBinary) => 5,
            Shape::Opaque(Method::MarshalText) => 6,
        }
    }
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.facts() == other.facts()
    }
}

/// The definitions of a document, by their numbers.
#[derive(Clone, Default)]
pub(super) struct Types(Vec<(Id, Arc<Definition>)>);

impl Types {
    /// The numbers that the types of a new document begin with.
    pub(super) const fn first() -> [Id; 3] {
        [FIRST + 1, FIRST + 2, FIRST + 3]
    }

    /// These, in the order of their numbers.
    pub(super) fn of<const N: usize>(types: [(Id, Definition); N]) -> Self {
        Types(types.into_iter().map(|(id, definition)| (id, Arc::new(definition))).collect())
    }

    pub(super) fn get(&self, id: Id) -> Result<&Arc<Definition>> {
        let at = self.0.binary_search_by_key(&id, |(id, _)| *id);
        let found = at.ok().and_then(|at| self.0.get(at));
        found.map(|(_, definition)| definition).ok_or_else(|| corrupt("a type is not defined"))
    }

    /// Structs alone are not announced by a zero where they stand by themselves.
    pub(super) fn is_struct(&self, id: Id) -> Result<bool> {
        Ok(!is_builtin(id) && matches!(self.get(id)?.shape, Shape::Struct(_)))
    }

    /// Whether a value of this type is all that others see of it: nothing in it may be of any type,
    /// nil, or known to its methods alone.
    pub(super) fn is_plain(&self, id: Id) -> Result<bool> {
        if is_builtin(id) {
            return Ok(id != INTERFACE);
        }
        Ok(match &self.get(id)?.shape {
            Shape::Array { of, .. } | Shape::Slice { of } => is_builtin(*of) && *of != INTERFACE,
            Shape::Map { .. } | Shape::Struct(_) | Shape::Opaque(_) => false,
        })
    }

    /// The number of such a type, which is defined if it is not yet.
    pub(super) fn number(&mut self, definition: Definition) -> Id {
        let same = self.0.iter().find(|(_, defined)| **defined == definition);
        if let Some((id, _)) = same {
            return *id;
        }
        let id = self.next();
        self.0.push((id, Arc::new(definition)));
        id
    }

    /// The number of an undeclared type, or of a declared one that looks the same to Go's decoder.
    pub(super) fn number_of(&mut self, shape: Shape, name: &str) -> Id {
        let same = self.0.iter().find(|(_, defined)| defined.shape == shape);
        same.map(|(id, _)| *id)
            .unwrap_or_else(|| self.number(Definition { name: name.to_owned(), shape }))
    }

    fn next(&self) -> Id {
        self.0.last().map_or(FIRST + 1, |(id, _)| id + 1)
    }

    /// Defines here what a type there needs. Says which numbers have become which.
    pub(super) fn adopt(&mut self, there: &Types, id: Id) -> Result<Vec<(Id, Id)>> {
        let needed = there.needed(&[id])?;
        // Documents of one Go program mostly agree about numbers.
        let same = |id: &Id| matches!((self.get(*id), there.get(*id)), (Ok(a), Ok(b)) if a == b);
        if needed.iter().all(same) {
            return Ok(needed.into_iter().map(|id| (id, id)).collect());
        }
        let mut numbers = Vec::new();
        for id in &needed {
            let definition = there.get(*id)?;
            let here = if definition.shape.parts().all(is_builtin) {
                self.number(Definition::clone(definition))
            } else {
                // What it needs may not have its number yet.
                let here = self.next();
                self.0.push((here, Arc::clone(definition)));
                here
            };
            numbers.push((*id, here));
        }
        for (id, here) in &numbers {
            let definition = there.get(*id)?;
            let shape = definition.shape.renumbered(|id| renumbered(id, &numbers));
            let entry = self.0.iter_mut().find(|(id, _)| id == here);
            if let Some((_, entry)) = entry {
                *entry = Arc::new(Definition { name: definition.name.clone(), shape });
            }
        }
        Ok(numbers)
    }

    /// Reads the definition of a type.
    pub(super) fn define(&mut self, id: i64, reader: &mut GobReader<'_>) -> Result<()> {
        let id = Id::try_from(id).ok().filter(|id| (FIRST..=LAST).contains(id));
        let id = id.ok_or_else(|| corrupt("a type has a number that no type has"))?;
        let definition = Arc::new(Definition::read(reader)?);
        let Err(at) = self.0.binary_search_by_key(&id, |(id, _)| *id) else {
            return Err(corrupt("a type is defined twice"));
        };
        if self.0.len() == MAX_DEFINITIONS {
            return Err(corrupt("it has more than 1024 types"));
        }
        self.0.insert(at, (id, definition));
        Ok(())
    }

    /// Whether everything that the definitions name is defined.
    pub(super) fn check(&self) -> Result<()> {
        let mut parts = self.0.iter().flat_map(|(_, definition)| definition.shape.parts());
        parts.try_for_each(|id| if is_builtin(id) { Ok(()) } else { self.get(id).map(drop) })
    }

    /// These types and all that they need, in the order of their numbers.
    fn needed(&self, used: &[Id]) -> Result<Vec<Id>> {
        let (mut needed, mut open) = (Vec::new(), used.to_vec());
        while let Some(id) = open.pop() {
            if !is_builtin(id) && !needed.contains(&id) {
                needed.push(id);
                open.extend(self.get(id)?.shape.parts());
            }
        }
        needed.sort_unstable();
        Ok(needed)
    }

    /// The messages that define these types and all that they need.
    pub(super) fn write(&self, used: &[Id], out: &mut Vec<u8>) -> Result<()> {
        for id in self.needed(used)? {
            let start = out.len();
            put_int(out, -i64::from(id));
            self.get(id)?.write(id, out);
            put_length_before(out, start);
        }
        Ok(())
    }
}

pub(super) fn is_builtin(id: Id) -> bool {
    (BOOL..=INTERFACE).contains(&id)
}

pub(super) fn renumbered(id: Id, numbers: &[(Id, Id)]) -> Id {
    numbers.iter().find(|(there, _)| *there == id).map_or(id, |(_, here)| *here)
}

impl Shape {
    /// The types that it is made of.
    fn parts(&self) -> impl Iterator<Item = Id> {
        let (fields, two) = match self {
            Shape::Array { of, .. } | Shape::Slice { of } => (&[][..], [Some(*of), None]),
            Shape::Map { key, of } => (&[][..], [Some(*key), Some(*of)]),
            Shape::Struct(fields) => (&fields[..], [None, None]),
            Shape::Opaque(_) => (&[][..], [None, None]),
        };
        fields.iter().map(|field| field.id).chain(two.into_iter().flatten())
    }

    fn renumbered(&self, number: impl Fn(Id) -> Id) -> Shape {
        match self {
            Shape::Array { of, len } => Shape::Array { of: number(*of), len: *len },
            Shape::Slice { of } => Shape::Slice { of: number(*of) },
            Shape::Map { key, of } => Shape::Map { key: number(*key), of: number(*of) },
            Shape::Struct(fields) => {
                let field = |field: &Field| Field { id: number(field.id), ..field.clone() };
                Shape::Struct(fields.iter().map(field).collect())
            }
            Shape::Opaque(method) => Shape::Opaque(*method),
        }
    }
}
