//! A definition of a type, as it stands in a message: `wireType`, a struct that gob knows.

use super::corrupt;
use super::types::{Definition, Field, Method, TypeId, TypeShape};
use super::wire::{GobReader, put_bytes, put_int, put_uint};
use crate::protocol::error::{Error, Result};

/// Longer ones Go's decoder refuses too.
pub(super) const MAX_NAME: usize = 1024;

/// The fields of a struct in `wireType`, which are said by how far each is from the one before.
struct Fields {
    next: u64,
}

impl Fields {
    fn new() -> Self {
        Fields { next: 0 }
    }

    /// Which one follows, from 0 on; `None` at the end.
    fn next(&mut self, reader: &mut GobReader<'_>) -> Result<Option<u64>> {
        let delta = reader.uint()?;
        if delta == 0 {
            return Ok(None);
        }
        self.next = self.next.saturating_add(delta);
        Ok(Some(self.next - 1))
    }
}

fn id(reader: &mut GobReader<'_>) -> Result<TypeId> {
    TypeId::try_from(reader.int()?).map_err(|_| unknown())
}

fn name(reader: &mut GobReader<'_>) -> Result<String> {
    let name = reader.text()?;
    if name.len() > MAX_NAME {
        return Err(corrupt("a name is longer than 1024 bytes"));
    }
    Ok(name.to_owned())
}

#[cold]
fn unknown() -> Error {
    corrupt("a type is defined in a way that gob does not have")
}

impl Definition {
    pub(super) fn read(reader: &mut GobReader<'_>) -> Result<Self> {
        let mut fields = Fields::new();
        let kind = fields.next(reader)?.ok_or_else(unknown)?;
        let definition = match kind {
            0 => read_parts(reader, |of, len| Some(TypeShape::Array { of: of?, len })),
            1 => read_parts(reader, |of, _| Some(TypeShape::Slice { of: of? })),
            2 => read_struct(reader),
            3 => read_map(reader),
            4 => read_opaque(reader, Method::GobEncode),
            5 => read_opaque(reader, Method::MarshalBinary),
            6 => read_opaque(reader, Method::MarshalText),
            _ => return Err(unknown()),
        }?;
        match fields.next(reader)? {
            None => Ok(definition),
            Some(_) => Err(unknown()),
        }
    }

    /// The way back.
    pub(super) fn write(&self, number: TypeId, out: &mut Vec<u8>) {
        put_uint(out, self.shape.kind() + 1);
        // The common part: name and number.
        out.push(1);
        put_named(&self.name, number, out);
        match &self.shape {
            TypeShape::Array { of, len } => {
                out.push(1);
                put_int(out, i64::from(*of));
                if *len > 0 {
                    out.push(1);
                    put_int(out, i64::try_from(*len).unwrap_or(i64::MAX));
                }
            }
            TypeShape::Slice { of } => {
                out.push(1);
                put_int(out, i64::from(*of));
            }
            TypeShape::Struct(fields) if fields.is_empty() => {}
            TypeShape::Struct(fields) => {
                out.push(1);
                put_uint(out, fields.len() as u64);
                fields.iter().for_each(|field| put_named(&field.name, field.id, out));
            }
            TypeShape::Map { key, of } => {
                for id in [key, of] {
                    out.push(1);
                    put_int(out, i64::from(*id));
                }
            }
            TypeShape::Opaque(_) => {}
        }
        out.extend([0, 0]);
    }
}

/// A name, which may be missing, and a number: the common part of types, and a field.
fn put_named(name: &str, number: TypeId, out: &mut Vec<u8>) {
    if name.is_empty() {
        out.push(2);
    } else {
        out.push(1);
        put_bytes(out, name.as_bytes());
        out.push(1);
    }
    put_int(out, i64::from(number));
    out.push(0);
}

fn read_named(reader: &mut GobReader<'_>) -> Result<(String, Option<TypeId>)> {
    let (mut named, mut fields) = ((String::new(), None), Fields::new());
    while let Some(field) = fields.next(reader)? {
        match field {
            0 => named.0 = name(reader)?,
            1 => named.1 = Some(id(reader)?),
            _ => return Err(unknown()),
        }
    }
    Ok(named)
}

/// A slice or an array.
fn read_parts(
    reader: &mut GobReader<'_>,
    shape: impl Fn(Option<TypeId>, usize) -> Option<TypeShape>,
) -> Result<Definition> {
    let (mut name, mut of, mut len, mut fields) = (String::new(), None, 0, Fields::new());
    while let Some(field) = fields.next(reader)? {
        match field {
            0 => name = read_named(reader)?.0,
            1 => of = Some(id(reader)?),
            2 => len = usize::try_from(reader.int()?).map_err(|_| unknown())?,
            _ => return Err(unknown()),
        }
    }
    Ok(Definition { name, shape: shape(of, len).ok_or_else(unknown)? })
}

fn read_struct(reader: &mut GobReader<'_>) -> Result<Definition> {
    let (mut name, mut parts, mut fields) = (String::new(), Vec::new(), Fields::new());
    while let Some(field) = fields.next(reader)? {
        match field {
            0 => name = read_named(reader)?.0,
            1 => {
                for _ in 0..reader.count()? {
                    let (name, id) = read_named(reader)?;
                    let id = id.filter(|_| !name.is_empty()).ok_or_else(unknown)?;
                    parts.push(Field { name, id });
                }
            }
            _ => return Err(unknown()),
        }
    }
    Ok(Definition { name, shape: TypeShape::Struct(parts) })
}

fn read_map(reader: &mut GobReader<'_>) -> Result<Definition> {
    let (mut name, mut parts, mut fields) = (String::new(), [None, None], Fields::new());
    while let Some(field) = fields.next(reader)? {
        match field {
            0 => name = read_named(reader)?.0,
            1 => parts[0] = Some(id(reader)?),
            2 => parts[1] = Some(id(reader)?),
            _ => return Err(unknown()),
        }
    }
    let [Some(key), Some(of)] = parts else { return Err(unknown()) };
    Ok(Definition { name, shape: TypeShape::Map { key, of } })
}

fn read_opaque(reader: &mut GobReader<'_>, method: Method) -> Result<Definition> {
    let (mut name, mut fields) = (String::new(), Fields::new());
    while let Some(field) = fields.next(reader)? {
        match field {
            0 => name = read_named(reader)?.0,
            _ => return Err(unknown()),
        }
    }
    Ok(Definition { name, shape: TypeShape::Opaque(method) })
}
