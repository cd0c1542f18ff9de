//! Which types a document has, and how gob defines them.

use std::sync::Arc;

use super::corrupt;
use super::wire::{GobReader, put_int, put_length_before};
use crate::protocol::error::Result;

/// A type's number within one document.
pub(super) type TypeId = u32;

pub(super) const BOOL: TypeId = 1;
pub(super) const INT: TypeId = 2;
pub(super) const UINT: TypeId = 3;
pub(super) const FLOAT: TypeId = 4;
pub(super) const BYTES: TypeId = 5;
pub(super) const STRING: TypeId = 6;
pub(super) const COMPLEX: TypeId = 7;
pub(super) const INTERFACE: TypeId = 8;

/// The first of those that a document defines.
const FIRST: TypeId = 64;
/// What a Go program counts up one by one never gets there, so there is always a next one.
const LAST: TypeId = 1 << 30;
/// More than any program puts into one session.
const MAX_DEFINITIONS: usize = 1024;

#[derive(Clone, PartialEq)]
pub(super) struct Definition {
    /// As Go has it; types that were not declared have none.
    pub(super) name: String,
    pub(super) shape: TypeShape,
}

#[derive(Clone)]
pub(super) enum TypeShape {
    Array {
        of: TypeId,
        len: usize,
    },
    Slice {
        of: TypeId,
    },
    Struct(Vec<Field>),
    Map {
        key: TypeId,
        of: TypeId,
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
    pub(super) id: TypeId,
}

impl TypeShape {
    /// All that can differ between two, each part of which every shape has. Compared part by part
    /// of their own, two of different kinds are told apart by bytes that one of them never set:
    /// that is harmless, but not to be told from what is not where memory is checked.
    fn facts(&self) -> (u64, TypeId, TypeId, usize, &[Field]) {
        let kind = self.kind();
        match self {
            TypeShape::Array { of, len } => (kind, *of, 0, *len, &[]),
            TypeShape::Slice { of } => (kind, *of, 0, 0, &[]),
            TypeShape::Struct(fields) => (kind, 0, 0, 0, fields),
            TypeShape::Map { key, of } => (kind, *of, *key, 0, &[]),
            TypeShape::Opaque(_) => (kind, 0, 0, 0, &[]),
        }
    }

    /// Its place among the fields of `wireType`.
    pub(super) fn kind(&self) -> u64 {
        match self {
            TypeShape::Array { .. } => 0,
            TypeShape::Slice { .. } => 1,
            TypeShape::Struct(_) => 2,
            TypeShape::Map { .. } => 3,
            TypeShape::Opaque(Method::GobEncode) => 4,
            TypeShape::Opaque(Method::MarshalBinary) => 5,
            TypeShape::Opaque(Method::MarshalText) => 6,
        }
    }
}

impl PartialEq for TypeShape {
    fn eq(&self, other: &Self) -> bool {
        self.facts() == other.facts()
    }
}

/// The definitions of a document, by their numbers.
#[derive(Clone, Default)]
pub(super) struct Types(Vec<(TypeId, Arc<Definition>)>);

impl Types {
    /// The numbers that the types of a new document begin with.
    pub(super) const fn first() -> [TypeId; 3] {
        [FIRST + 1, FIRST + 2, FIRST + 3]
    }

    /// These, in the order of their numbers.
    pub(super) fn of<const N: usize>(types: [(TypeId, Definition); N]) -> Self {
        Types(types.into_iter().map(|(id, definition)| (id, Arc::new(definition))).collect())
    }

    pub(super) fn get(&self, id: TypeId) -> Result<&Arc<Definition>> {
        let at = self.0.binary_search_by_key(&id, |(id, _)| *id);
        let found = at.ok().and_then(|at| self.0.get(at));
        found.map(|(_, definition)| definition).ok_or_else(|| corrupt("a type is not defined"))
    }

    /// Structs alone are not announced by a zero where they stand by themselves.
    pub(super) fn is_struct(&self, id: TypeId) -> Result<bool> {
        Ok(!is_builtin(id) && matches!(self.get(id)?.shape, TypeShape::Struct(_)))
    }

    /// Whether a value of this type is all that others see of it: nothing in it may be of any type,
    /// nil, or known to its methods alone.
    pub(super) fn is_plain(&self, id: TypeId) -> Result<bool> {
        if is_builtin(id) {
            return Ok(id != INTERFACE);
        }
        Ok(match &self.get(id)?.shape {
            TypeShape::Array { of, .. } | TypeShape::Slice { of } => {
                is_builtin(*of) && *of != INTERFACE
            }
            TypeShape::Map { .. } | TypeShape::Struct(_) | TypeShape::Opaque(_) => false,
        })
    }

    /// The number of such a type, which is defined if it is not yet.
    pub(super) fn number(&mut self, definition: Definition) -> TypeId {
        let same = self.0.iter().find(|(_, defined)| **defined == definition);
        if let Some((id, _)) = same {
            return *id;
        }
        let id = self.next();
        self.0.push((id, Arc::new(definition)));
        id
    }

    /// The number of an undeclared type, or of a declared one that looks the same to Go's decoder.
    pub(super) fn number_of(&mut self, shape: TypeShape, name: &str) -> TypeId {
        let same = self.0.iter().find(|(_, defined)| defined.shape == shape);
        same.map(|(id, _)| *id)
            .unwrap_or_else(|| self.number(Definition { name: name.to_owned(), shape }))
    }

    fn next(&self) -> TypeId {
        self.0.last().map_or(FIRST + 1, |(id, _)| id + 1)
    }

    /// Defines here what a type there needs. Says which numbers have become which.
    pub(super) fn adopt(&mut self, there: &Types, id: TypeId) -> Result<Vec<(TypeId, TypeId)>> {
        let needed = there.needed(&[id])?;
        // Documents of one Go program mostly agree about numbers.
        let same =
            |id: &TypeId| matches!((self.get(*id), there.get(*id)), (Ok(a), Ok(b)) if a == b);
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
        let id = TypeId::try_from(id).ok().filter(|id| (FIRST..=LAST).contains(id));
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
    fn needed(&self, used: &[TypeId]) -> Result<Vec<TypeId>> {
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
    pub(super) fn write(&self, used: &[TypeId], out: &mut Vec<u8>) -> Result<()> {
        for id in self.needed(used)? {
            let start = out.len();
            put_int(out, -i64::from(id));
            self.get(id)?.write(id, out);
            put_length_before(out, start);
        }
        Ok(())
    }
}

pub(super) fn is_builtin(id: TypeId) -> bool {
    (BOOL..=INTERFACE).contains(&id)
}

pub(super) fn renumbered(id: TypeId, numbers: &[(TypeId, TypeId)]) -> TypeId {
    numbers.iter().find(|(there, _)| *there == id).map_or(id, |(_, here)| *here)
}

impl TypeShape {
    /// The types that it is made of.
    fn parts(&self) -> impl Iterator<Item = TypeId> {
        let (fields, two) = match self {
            TypeShape::Array { of, .. } | TypeShape::Slice { of } => (&[][..], [Some(*of), None]),
            TypeShape::Map { key, of } => (&[][..], [Some(*key), Some(*of)]),
            TypeShape::Struct(fields) => (&fields[..], [None, None]),
            TypeShape::Opaque(_) => (&[][..], [None, None]),
        };
        fields.iter().map(|field| field.id).chain(two.into_iter().flatten())
    }

    fn renumbered(&self, number: impl Fn(TypeId) -> TypeId) -> TypeShape {
        match self {
            TypeShape::Array { of, len } => TypeShape::Array { of: number(*of), len: *len },
            TypeShape::Slice { of } => TypeShape::Slice { of: number(*of) },
            TypeShape::Map { key, of } => TypeShape::Map { key: number(*key), of: number(*of) },
            TypeShape::Struct(fields) => {
                let field = |field: &Field| Field { id: number(field.id), ..field.clone() };
                TypeShape::Struct(fields.iter().map(field).collect())
            }
            TypeShape::Opaque(method) => TypeShape::Opaque(*method),
        }
    }
}
