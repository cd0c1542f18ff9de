//! SCS v2's document: a struct with the fields `Deadline` and `Values`, whatever it is called.

use std::sync::Arc;

use super::compose::{document, extras};
use super::corrupt;
use super::kept::{GobOrigin, Reading};
use super::names::{MAP, Registered};
use super::time;
use super::types::{Definition, Field, INTERFACE, Method, STRING, TypeId, TypeShape, Types};
use super::wire::{GobReader, put_bytes, put_int, put_uint};
use super::write::GobWriter;
use crate::codec::{self, DecodedDocument};
use crate::protocol::clock::{NEVER, Timestamp};
use crate::protocol::error::{Error, Result};

const DEADLINE: &str = "Deadline";
const VALUES: &str = "Values";

/// The first instant that Go knows, which stands for none there.
const NONE: i64 = -62_135_596_800_000_000;

pub(in crate::codec) fn decode(bytes: &[u8]) -> Result<DecodedDocument> {
    let mut reading = Reading::new(bytes)?;
    let whole = Arc::clone(reading.walker.types.get(reading.around.top)?);
    let TypeShape::Struct(fields) = &whole.shape else { return Err(no_session()) };
    check(&reading.walker.types, fields)?;
    let mut next = 0usize;
    while let Ok(delta @ 1..) = usize::try_from(reading.walker.reader.uint()?) {
        let at = next.saturating_add(delta - 1);
        let field = fields.get(at).ok_or_else(|| corrupt("a struct has too many fields"))?;
        match &field.name[..] {
            DEADLINE => read_deadline(&mut reading, field.id)?,
            VALUES => read_values(&mut reading)?,
            _ => {
                let (part, needs) = reading.part(|walker| walker.value(field.id, 0))?;
                reading.around.others.push((at, part));
                reading.around.needs.extend(needs);
            }
        }
        next = at + 1;
    }
    let (origin, values) = reading.done()?;
    let deadline = origin.around.deadline.as_ref().map(|(deadline, _)| *deadline);
    Ok(DecodedDocument {
        deadline: deadline.filter(|deadline| *deadline != NONE),
        origin: codec::Origin::Gob(Arc::new(origin)),
        ..document(values)?
    })
}

fn no_session() -> Error {
    corrupt("it is not the struct that SCS stores")
}

/// Both fields, whether there is something in them or not.
fn check(types: &Types, fields: &[Field]) -> Result<()> {
    let shape_of = |name: &str| {
        let mut named = fields.iter().filter(|field| field.name == name);
        let (Some(field), None) = (named.next(), named.next()) else { return Err(no_session()) };
        types.get(field.id).map(|definition| &definition.shape)
    };
    let values = TypeShape::Map { key: STRING, of: INTERFACE };
    let is_time = matches!(shape_of(DEADLINE)?, TypeShape::Opaque(_));
    if is_time && *shape_of(VALUES)? == values { Ok(()) } else { Err(no_session()) }
}

fn read_deadline(reading: &mut Reading<'_>, id: TypeId) -> Result<()> {
    let (part, _) = reading.part(|walker| walker.value(id, 0))?;
    let written = reading.walker.out.get(part.clone()).unwrap_or_default();
    let instant = time::read_any(GobReader::of_value(written).bytes()?);
    reading.around.deadline =
        Some((instant.ok_or_else(|| corrupt("its deadline is no time"))?, part));
    Ok(())
}

fn read_values(reading: &mut Reading<'_>) -> Result<()> {
    for _ in 0..reading.walker.reader.count()? {
        let key = reading.walker.reader.bytes()?;
        if let Ok(key) = std::str::from_utf8(key) {
            let (part, needs) = reading.part(|walker| walker.interface(0))?;
            reading.values.push((key.to_owned(), part, needs));
        } else {
            let (part, needs) = reading.part(|walker| {
                put_bytes(&mut walker.out, key);
                walker.interface(0)
            })?;
            reading.around.hidden.push(part);
            reading.around.needs.extend(needs);
        }
    }
    Ok(())
}

/// What SCS defines for every session.
fn types() -> Types {
    let field = |name: &str, id| Field { name: name.to_owned(), id };
    let define = |name: &str, shape| Definition { name: name.to_owned(), shape };
    let [whole, time, map] = Types::first();
    Types::of([
        (whole, define("", TypeShape::Struct(vec![field(DEADLINE, time), field(VALUES, map)]))),
        (time, define("Time", TypeShape::Opaque(Method::GobEncode))),
        (map, define(MAP, TypeShape::Map { key: STRING, of: INTERFACE })),
    ])
}

pub(in crate::codec) fn encode(
    document: &DecodedDocument,
    registered: Registered,
) -> Result<Vec<u8>> {
    let origin = document.origin.gob();
    let mut writer = GobWriter::new(origin, registered, types());
    let [fresh, ..] = Types::first();
    let top = origin.map_or(fresh, |origin| origin.around.top);
    writer.need(top);
    put_int(&mut writer.out, i64::from(top));
    let whole = Arc::clone(writer.types.get(top)?);
    let TypeShape::Struct(fields) = &whole.shape else { return Err(no_session()) };
    let mut delta = 1;
    for (at, field) in fields.iter().enumerate() {
        let start = writer.out.len();
        put_uint(&mut writer.out, delta);
        let written = match &field.name[..] {
            DEADLINE => write_deadline(&mut writer, document.deadline, origin).map(|()| true)?,
            VALUES => write_values(&mut writer, document, origin).map(|()| true)?,
            _ => {
                let others = origin.map(|origin| &origin.around.others[..]).unwrap_or_default();
                let part = others.iter().find(|(other, _)| *other == at).map(|(_, part)| part);
                writer.parts(origin, part.map(std::slice::from_ref).unwrap_or_default())?;
                part.is_some()
            }
        };
        if written {
            delta = 1;
        } else {
            writer.out.truncate(start);
            delta += 1;
        }
    }
    writer.out.push(0);
    writer.done()
}

/// With its nanoseconds and its zone, if it was not moved. One that never comes has to be
/// said: what is missing is long past for SCS.
fn write_deadline(
    writer: &mut GobWriter,
    deadline: Option<i64>,
    origin: Option<&GobOrigin>,
) -> Result<()> {
    if let Some(origin) = origin
        && let Some((read, part)) = &origin.around.deadline
        && Some(*read) == deadline
    {
        writer.out.extend_from_slice(origin.blob.bytes(part)?);
    } else {
        let deadline = deadline.unwrap_or(NEVER).min(NEVER);
        put_bytes(&mut writer.out, &time::write(Timestamp::from_micros(deadline)));
    }
    Ok(())
}

fn write_values(
    writer: &mut GobWriter,
    document: &DecodedDocument,
    origin: Option<&GobOrigin>,
) -> Result<()> {
    let extras = extras(document)?;
    let slots = document.values.besides(&extras);
    let hidden = origin.map(|origin| &origin.around.hidden[..]).unwrap_or_default();
    put_uint(&mut writer.out, (slots.clone().count() + extras.len() + hidden.len()) as u64);
    for (key, slot) in slots {
        put_bytes(&mut writer.out, key.as_bytes());
        writer.slot(key, slot, origin)?;
    }
    for (key, value) in extras {
        put_bytes(&mut writer.out, key.as_bytes());
        writer.slot(key, &value.into(), None)?;
    }
    writer.parts(origin, hidden)
}
