//! beego's document: a map of anything to anything, which has no deadline.

use std::ops::Range;
use std::sync::Arc;

use super::compose::{document, extras};
use super::corrupt;
use super::decode::{Concrete, name_of};
use super::kept::{GobOrigin, Reading};
use super::names::Registered;
use super::types::{BOOL, Definition, INT, INTERFACE, STRING, TypeId, TypeShape, Types, UINT};
use super::wire::{GobReader, put_bytes, put_int, put_length_before, put_uint};
use super::write::GobWriter;
use crate::codec::values::{LazyValue, StoredValue};
use crate::codec::{self, DecodedDocument};
use crate::protocol::error::{Error, Result};
use crate::value::Value;

const ANYTHING: TypeShape = TypeShape::Map { key: INTERFACE, of: INTERFACE };

pub(in crate::codec) fn decode(bytes: &[u8]) -> Result<DecodedDocument> {
    // What beego stores for a session that it has just begun.
    if bytes.is_empty() {
        return Ok(DecodedDocument::default());
    }
    let mut reading = Reading::new(bytes)?;
    if reading.walker.types.get(reading.around.top)?.shape != ANYTHING {
        return Err(corrupt("it is not the map that beego stores"));
    }
    let (mut others, mut shown) = (Vec::new(), Vec::new());
    for _ in 0..reading.walker.reader.count()? {
        let entry = read_entry(&mut reading)?;
        match entry.name {
            Some((name, true)) => reading.values.push((name, entry.value, entry.needs)),
            Some((_, false)) | None => others.push(entry),
        }
    }
    for (at, entry) in others.iter().enumerate() {
        // Keys that look alike cannot be told apart.
        let alike = |name: &str| {
            let texts = reading.values.iter().map(|(text, ..)| &text[..]);
            let rest = others.iter().enumerate().filter(|(other, _)| *other != at);
            let mut names = texts.chain(rest.filter_map(|(_, other)| other.name()));
            names.any(|other| other == name)
        };
        match entry.name().filter(|name| !alike(name)) {
            Some(name) => {
                reading.around.keys.insert(name.to_owned(), entry.key.clone());
                shown.push((name.to_owned(), entry.value.clone(), entry.needs.clone()));
            }
            None => {
                reading.around.hidden.push(entry.key.start..entry.value.end);
                reading.around.needs.extend(&entry.needs);
            }
        }
    }
    reading.values.append(&mut shown);
    let (origin, values) = reading.done()?;
    Ok(DecodedDocument { origin: codec::Origin::Gob(Arc::new(origin)), ..document(values)? })
}

struct BeegoEntry {
    key: Range<usize>,
    /// What others call it, and whether Go calls it so too.
    name: Option<(String, bool)>,
    value: Range<usize>,
    needs: Box<[TypeId]>,
}

impl BeegoEntry {
    fn name(&self) -> Option<&str> {
        self.name.as_ref().map(|(name, _)| &name[..])
    }
}

fn read_entry(reading: &mut Reading<'_>) -> Result<BeegoEntry> {
    let (key, of_key) = reading.part(|walker| walker.interface(0))?;
    let (value, of_value) = reading.part(|walker| walker.interface(0))?;
    let written = reading.walker.out.get(key.clone()).unwrap_or_default();
    let types = &reading.walker.types;
    let concrete = Concrete::read(&mut GobReader::of_value(written), types)?;
    let name = match concrete.filter(|key| matches!(key.id, BOOL | INT | UINT | STRING)) {
        Some(key) => {
            let is_text = key.name == "string";
            // Text of a type of its own could not be told from any other.
            let visible = is_text || key.id != STRING;
            name_of(&key.decode(types)?).filter(|_| visible).map(|name| (name, is_text))
        }
        None => None,
    };
    Ok(BeegoEntry { key, name, value, needs: [of_key, of_value].concat().into() })
}

pub(in crate::codec) fn encode(
    document: &DecodedDocument,
    registered: Registered,
) -> Result<Vec<u8>> {
    let origin = document.origin.gob();
    let [fresh, ..] = Types::first();
    let types = Types::of([(fresh, Definition { name: String::new(), shape: ANYTHING })]);
    let mut writer = GobWriter::new(origin, registered.and(Registered::BEEGO), types);
    let top = origin.map_or(fresh, |origin| origin.around.top);
    writer.need(top);
    put_int(&mut writer.out, i64::from(top));
    writer.out.push(0);
    let extras = extras(document)?;
    let slots = document.values.besides(&extras);
    let hidden = origin.map(|origin| &origin.around.hidden[..]).unwrap_or_default();
    put_uint(&mut writer.out, (slots.clone().count() + extras.len() + hidden.len()) as u64);
    for (key, slot) in slots {
        if is_new_null(slot)? {
            return Err(Error::invalid(format!(
                "the value of {key:?} is null, and beego panics when it writes a session that \
                 holds one; remove the key instead"
            )));
        }
        write_key(&mut writer, key, origin)?;
        writer.slot(key, slot, origin)?;
    }
    for (key, value) in extras {
        write_key(&mut writer, key, None)?;
        writer.slot(key, &value.into(), None)?;
    }
    writer.parts(origin, hidden)?;
    writer.done()
}

/// Whether null was put there. One that was read is none of beego's.
fn is_new_null(slot: &LazyValue) -> Result<bool> {
    Ok(match slot.stored() {
        StoredValue::Gob(_) => false,
        StoredValue::Instead(former) => {
            *slot.value()? == Value::Null && former.value()? != Value::Null
        }
        StoredValue::Nothing | StoredValue::Json(_) | StoredValue::Untagged(_) => {
            *slot.value()? == Value::Null
        }
    })
}

/// As text, or as what it was.
fn write_key(writer: &mut GobWriter, key: &str, origin: Option<&GobOrigin>) -> Result<()> {
    if let Some(origin) = origin
        && let Some(part) = origin.around.keys.get(key)
    {
        return writer.parts(Some(origin), std::slice::from_ref(part));
    }
    put_bytes(&mut writer.out, b"string");
    put_int(&mut writer.out, i64::from(STRING));
    let start = writer.out.len();
    writer.out.push(0);
    put_bytes(&mut writer.out, key.as_bytes());
    put_length_before(&mut writer.out, start);
    Ok(())
}
