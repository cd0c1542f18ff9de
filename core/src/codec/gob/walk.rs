//! Checks a value, and copies it without the definitions that stand in it.
//!
//! A type that an interface value needs is defined within it, and there the encoder may end the
//! message: what follows is in the next one. So lengths that stand around a definition are wrong,
//! and no length of an interface value is trusted here; each is written anew.

use std::sync::Arc;

use super::corrupt;
use super::definition::MAX_NAME;
use super::names::{Registered, basic};
use super::types::{
    BOOL, BYTES, COMPLEX, Definition, FLOAT, INT, INTERFACE, STRING, TypeId, TypeShape, Types,
    UINT, is_builtin, renumbered,
};
use super::wire::{GobReader, put_bytes, put_int, put_length_before, put_uint};
use crate::protocol::error::{Error, Result};
use crate::value::Value;

/// What a decoded document may take for each of its bytes, and besides. The least that Go writes
/// for a struct is three bytes, of which a map with one entry becomes.
const MEMORY_OF_A_BYTE: usize = 256;
const MEMORY_BESIDES: usize = 1 << 20;

/// What decoded values take, with what the allocator and growing maps add.
const VALUE: usize = 32;
const MAP: usize = 512;
const ENTRY: usize = 128;

pub(super) struct Walker<'a> {
    pub(super) reader: GobReader<'a>,
    pub(super) types: Types,
    /// What was walked over, free of definitions.
    pub(super) out: Vec<u8>,
    /// The types that `out` names.
    pub(super) needs: Vec<TypeId>,
    /// The types that turned out to be registered, because they stand where any type may.
    pub(super) shown: Registered,
    /// What the types of `out` shall be called.
    numbers: Vec<(TypeId, TypeId)>,
    memory: usize,
}

impl<'a> Walker<'a> {
    /// Over a whole document.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Walker {
            reader: GobReader::of_messages(bytes),
            types: Types::default(),
            out: Vec::with_capacity(bytes.len()),
            needs: Vec::new(),
            shown: Registered::default(),
            numbers: Vec::new(),
            memory: MEMORY_BESIDES.saturating_add(bytes.len().saturating_mul(MEMORY_OF_A_BYTE)),
        }
    }

    /// Over a value that was walked over before, into a document where its types have these
    /// numbers.
    pub(super) fn again(bytes: &'a [u8], types: &Types, numbers: &[(TypeId, TypeId)]) -> Self {
        Walker {
            reader: GobReader::of_value(bytes),
            types: types.clone(),
            numbers: numbers.to_vec(),
            memory: usize::MAX,
            ..Walker::new(&[])
        }
    }

    /// The type of the value that follows; definitions before it are taken out. `within` a value,
    /// a length stands before what follows one in the same message.
    pub(super) fn type_of_next(&mut self, within: bool) -> Result<TypeId> {
        loop {
            if self.reader.is_empty() {
                self.reader.next_message()?;
            }
            let id = self.reader.int()?;
            if id >= 0 {
                return TypeId::try_from(id).map_err(|_| corrupt("a type is not defined"));
            }
            self.types.define(id.saturating_neg(), &mut self.reader)?;
            if !self.reader.is_empty() {
                if !within {
                    return Err(corrupt("something follows a definition"));
                }
                self.reader.uint()?;
            }
        }
    }

    /// A value that may be of any type. Says how many lists and maps are in one another.
    pub(super) fn interface(&mut self, depth: usize) -> Result<usize> {
        let name = self.reader.text()?;
        put_bytes(&mut self.out, name.as_bytes());
        self.charge(VALUE)?;
        if name.is_empty() {
            return Ok(0);
        }
        if name.len() > MAX_NAME {
            return Err(corrupt("a name is longer than 1024 bytes"));
        }
        let id = self.type_of_next(true)?;
        if id == INTERFACE || basic(name).is_some_and(|basic| basic != id) {
            return Err(corrupt("a value is not of the type that it says"));
        }
        self.shown = self.shown.and(Registered::of(name));
        if !is_builtin(id) && !self.needs.contains(&id) {
            self.needs.push(id);
        }
        put_int(&mut self.out, i64::from(renumbered(id, &self.numbers)));
        self.reader.uint()?;
        let start = self.out.len();
        self.alone(id)?;
        let height = self.value(id, depth)?;
        put_length_before(&mut self.out, start);
        Ok(height)
    }

    /// What precedes a value that is not part of another one.
    pub(super) fn alone(&mut self, id: TypeId) -> Result<()> {
        if !self.types.is_struct(id)? {
            if self.reader.uint()? != 0 {
                return Err(corrupt("a value by itself is not announced"));
            }
            self.out.push(0);
        }
        Ok(())
    }

    /// A value of this type, within `depth` lists and maps.
    pub(super) fn value(&mut self, id: TypeId, depth: usize) -> Result<usize> {
        match id {
            BOOL => {
                let yes = self.reader.uint()? != 0;
                self.out.push(u8::from(yes));
            }
            INT | UINT | FLOAT => self.number()?,
            BYTES | STRING => {
                let bytes = self.reader.bytes()?;
                put_bytes(&mut self.out, bytes);
                self.charge(bytes.len())?;
            }
            COMPLEX => {
                self.number()?;
                self.number()?;
                self.charge(2 * VALUE)?;
                return Ok(1);
            }
            INTERFACE => return self.interface(depth),
            _ => {
                let definition = Arc::clone(self.types.get(id)?);
                return self.defined(&definition, depth);
            }
        }
        Ok(0)
    }

    fn number(&mut self) -> Result<()> {
        let number = self.reader.uint()?;
        put_uint(&mut self.out, number);
        Ok(())
    }

    fn defined(&mut self, definition: &Definition, depth: usize) -> Result<usize> {
        if depth >= Value::MAX_DEPTH {
            return Err(too_deep());
        }
        let height = match &definition.shape {
            TypeShape::Opaque(_) => {
                let bytes = self.reader.bytes()?;
                put_bytes(&mut self.out, bytes);
                self.charge(bytes.len())?;
                return Ok(0);
            }
            TypeShape::Array { of, len } => self.elements(*of, Some(*len), depth + 1)?,
            TypeShape::Slice { of } => self.elements(*of, None, depth + 1)?,
            TypeShape::Map { key, of } => self.entries(*key, *of, depth + 1)?,
            TypeShape::Struct(_) => self.fields(definition, depth + 1)?,
        };
        // The map of a session's values is around them all.
        if height >= Value::MAX_DEPTH {
            return Err(too_deep());
        }
        Ok(height)
    }

    fn elements(&mut self, of: TypeId, len: Option<usize>, depth: usize) -> Result<usize> {
        let count = self.count()?;
        if len.is_some_and(|len| len != count) {
            return Err(corrupt("an array has not as many elements as its type says"));
        }
        let mut height = 0;
        for _ in 0..count {
            self.charge(VALUE)?;
            height = height.max(self.value(of, depth)?);
        }
        Ok(height + 1)
    }

    fn entries(&mut self, key: TypeId, of: TypeId, depth: usize) -> Result<usize> {
        self.charge(MAP)?;
        let (mut keys, mut values) = (0, 0);
        // It may become a list of pairs, which is one more.
        let mut pairs = usize::from(!matches!(key, BOOL | INT | UINT | STRING));
        for _ in 0..self.count()? {
            self.charge(ENTRY)?;
            if key == STRING {
                let text = self.reader.bytes()?;
                put_bytes(&mut self.out, text);
                self.charge(text.len())?;
                pairs = pairs.max(usize::from(std::str::from_utf8(text).is_err()));
            } else {
                keys = keys.max(self.value(key, depth)?);
            }
            values = values.max(self.value(of, depth)?);
        }
        Ok(keys.max(values) + 1 + pairs)
    }

    /// Those that are zero are missing, but are seen.
    fn fields(&mut self, definition: &Definition, depth: usize) -> Result<usize> {
        let TypeShape::Struct(fields) = &definition.shape else { return Ok(0) };
        self.charge(MAP)?;
        for field in fields {
            self.charge(ENTRY + field.name.len())?;
        }
        // An empty list or map is the highest that stands for a missing one.
        let (mut height, mut next) = (usize::from(!fields.is_empty()), 0usize);
        loop {
            let delta = self.reader.uint()?;
            put_uint(&mut self.out, delta);
            let Ok(delta @ 1..) = usize::try_from(delta) else { break };
            let at = next.saturating_add(delta - 1);
            let field = fields.get(at).ok_or_else(|| corrupt("a struct has too many fields"))?;
            height = height.max(self.value(field.id, depth)?);
            next = at + 1;
        }
        Ok(height + 1)
    }

    fn count(&mut self) -> Result<usize> {
        let count = self.reader.count()?;
        put_uint(&mut self.out, count as u64);
        Ok(count)
    }

    fn charge(&mut self, memory: usize) -> Result<()> {
        let left = self.memory.checked_sub(memory);
        self.memory = left.ok_or_else(|| corrupt("it is too large when it is decoded"))?;
        Ok(())
    }
}

fn too_deep() -> Error {
    corrupt("more than 64 lists and maps are within one another")
}
