//! Puts a document together: its values, and before them the types that they need.

use std::ops::Range;
use std::sync::Arc;

use super::corrupt;
use super::kept::{GobOrigin, Kept};
use super::names::Registered;
use super::types::Types;
use super::wire::put_bytes;
use super::write::{EncodeRefusal, GobWriter};
use crate::codec::values::{LazyValue, StoredValue};
use crate::codec::{
    DecodedDocument, EXTRA_KEY, FLASH_KEY, IDLE_KEY, REMEMBER_KEY, read_idle, value_from_json,
    value_to_json, write_idle,
};
use crate::protocol::error::{Error, Result};
use crate::value::{Map, Value};

impl GobWriter {
    /// Of a document that was read as `origin`.
    pub(super) fn new(origin: Option<&GobOrigin>, registered: Registered, fresh: Types) -> Self {
        GobWriter {
            types: origin.map_or(fresh, |origin| origin.blob.types.clone()),
            out: Vec::with_capacity(512),
            needs: origin.map(|origin| origin.around.needs.clone()).unwrap_or_default(),
            registered: registered.and(origin.map(|origin| origin.shown).unwrap_or_default()),
        }
    }

    /// The value of a key.
    pub(super) fn slot(
        &mut self,
        key: &str,
        slot: &LazyValue,
        origin: Option<&GobOrigin>,
    ) -> Result<()> {
        let here = |blob| origin.is_some_and(|origin| Arc::ptr_eq(&origin.blob, blob));
        let former = match slot.stored() {
            StoredValue::Gob(kept) => return self.copy(kept, here(&kept.blob)),
            StoredValue::Instead(former) => Some(former),
            StoredValue::Nothing | StoredValue::Json(_) | StoredValue::Untagged(_) => None,
        };
        let value = slot.value()?;
        value.check()?;
        let written = match former {
            Some(former) => self.like(value, former, here(&former.blob)),
            None => self.free(value),
        };
        written.map_err(|refusal| refusal.of(key, former))
    }

    /// Parts of what was read, as they were.
    pub(super) fn parts(
        &mut self,
        origin: Option<&GobOrigin>,
        parts: &[Range<usize>],
    ) -> Result<()> {
        let mut parts =
            origin.into_iter().flat_map(|origin| parts.iter().map(move |part| (origin, part)));
        parts.try_for_each(|(origin, part)| {
            self.out.extend_from_slice(origin.blob.bytes(part)?);
            Ok(())
        })
    }

    /// The messages of the document, whose value is what was written.
    pub(super) fn done(self) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.out.len() + 256);
        self.types.write(&self.needs, &mut bytes)?;
        put_bytes(&mut bytes, &self.out);
        Ok(bytes)
    }
}

impl EncodeRefusal {
    fn of(self, key: &str, former: Option<&Kept>) -> Error {
        match self {
            EncodeRefusal::Failed(error) => error,
            EncodeRefusal::Misfit => {
                let concrete = former.and_then(|former| former.concrete().ok().flatten());
                let name = concrete.map_or("type", |concrete| concrete.name);
                Error::invalid(format!(
                    "the value of {key:?} does not fit Go's {name}, which is what is stored there; \
                     remove the key first to store another type"
                ))
            }
            EncodeRefusal::Unregistered(name) => Error::invalid(format!(
                "the value of {key:?} needs Go's {name}, and a Go program could not read the \
                 session unless it has registered that type: call gob.Register there, and set the \
                 option gob_registered to {name:?} here"
            )),
        }
    }
}

/// What a document keeps under keys of its own, besides its values.
pub(super) fn extras(document: &DecodedDocument) -> Result<Vec<(&'static str, Value)>> {
    document.check_keys()?;
    let mut extras = Vec::new();
    extras.extend(document.remember.map(|remember| (REMEMBER_KEY, Value::Bool(remember))));
    extras.extend(document.idle.map(|idle| (IDLE_KEY, Value::Text(write_idle(idle)))));
    for (key, ours) in [(FLASH_KEY, &document.flash), (EXTRA_KEY, &document.extra)] {
        if !ours.is_empty() {
            let json = value_to_json(&Value::Map(ours.clone()))?;
            extras.push((key, Value::Bytes(json.into_bytes())));
        }
    }
    Ok(extras)
}

/// A document with these values, of which some have places of their own.
pub(super) fn document(values: Vec<(String, Kept)>) -> Result<DecodedDocument> {
    let mut document = DecodedDocument::default();
    for (key, kept) in values {
        if key == REMEMBER_KEY
            && let Value::Bool(remember) = kept.value()?
        {
            document.remember = Some(remember);
        } else if key == IDLE_KEY {
            let idle = read_idle(&kept.value()?);
            document.idle = Some(idle.ok_or_else(|| corrupt("its idle timeout is not sessio's"))?);
        } else if key == FLASH_KEY {
            let flash = of_json(&kept.value()?);
            document.flash = flash.ok_or_else(|| corrupt("its flash values are not sessio's"))?;
        } else if key == EXTRA_KEY {
            let extra = of_json(&kept.value()?);
            document.extra =
                extra.ok_or_else(|| corrupt("what is kept beside its values is not sessio's"))?;
        } else {
            document.values.insert_slot(key, LazyValue::kept(kept));
        }
    }
    Ok(document)
}

fn of_json(stored: &Value) -> Option<Map> {
    let Value::Bytes(json) = stored else { return None };
    let value = value_from_json(std::str::from_utf8(json).ok()?).ok()?;
    if let Value::Map(map) = value { Some(map) } else { None }
}
