//! Writes a document as `MessagePack`.

use std::convert::Infallible;

use rmp::Marker;
use rmp::encode::{self, ByteBuf, ValueWriteError};

use super::TIMESTAMP;
use crate::codec::{
    DEADLINE, DecodedDocument, EXTRA, FIXED, FLASH, IDLE, NO_SUCH_TIME, REMEMBER, TOO_DEEP, VALUES,
};
use crate::protocol::clock::Timestamp;
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::value::{Map, Value, in_calendar};

pub(in crate::codec) fn encode(document: &DecodedDocument) -> Result<Vec<u8>> {
    let mut out = MsgpackWriter(ByteBuf::with_capacity(512));
    let members = 1
        + usize::from(document.deadline.is_some())
        + usize::from(!document.flash.is_empty())
        + usize::from(document.remember.is_some())
        + usize::from(document.idle.is_some())
        + usize::from(document.fixed)
        + usize::from(!document.extra.is_empty())
        + document.other.len();
    sure(encode::write_map_len(&mut out.0, length(members)?));
    if let Some(deadline) = document.deadline {
        out.text(DEADLINE)?;
        sure(encode::write_sint(&mut out.0, deadline));
    }
    out.text(VALUES)?;
    let values = document.values.slots();
    out.entries(values.len(), values.iter().map(|(key, slot)| (key, slot.value())), 0)?;
    if !document.flash.is_empty() {
        out.text(FLASH)?;
        out.map(&document.flash, 0)?;
    }
    if let Some(remember) = document.remember {
        out.text(REMEMBER)?;
        out.value(&Value::Bool(remember), 0)?;
    }
    if let Some(idle) = document.idle {
        out.text(IDLE)?;
        out.value(&Value::Int(idle), 0)?;
    }
    if document.fixed {
        out.text(FIXED)?;
        out.value(&Value::Bool(true), 0)?;
    }
    if !document.extra.is_empty() {
        out.text(EXTRA)?;
        out.map(&document.extra, 0)?;
    }
    for (name, value) in &document.other {
        out.text(name)?;
        out.value(value, 0)?;
    }
    Ok(out.0.into_vec())
}

fn length(len: usize) -> Result<u32> {
    let too_large = |_| Error::new(ErrorKind::TooLarge, "a part of the session is over 4 GiB");
    u32::try_from(len).map_err(too_large)
}

/// Writing into memory does not fail, but the writers' types do not say so.
fn sure<T>(written: Result<T, ValueWriteError<Infallible>>) -> T {
    match written {
        Ok(value) => value,
        Err(
            ValueWriteError::InvalidMarkerWrite(never) | ValueWriteError::InvalidDataWrite(never),
        ) => match never {},
    }
}

struct MsgpackWriter(ByteBuf);

impl MsgpackWriter {
    fn text(&mut self, text: &str) -> Result<()> {
        length(text.len())?;
        sure(encode::write_str(&mut self.0, text));
        Ok(())
    }

    /// `depth` lists and maps are around it, within its member.
    fn map(&mut self, map: &Map, depth: usize) -> Result<()> {
        self.entries(map.len(), map.iter().map(|(key, value)| (key, Ok(value))), depth)
    }

    fn entries<'v>(
        &mut self,
        len: usize,
        mut entries: impl Iterator<Item = (&'v String, Result<&'v Value>)>,
        depth: usize,
    ) -> Result<()> {
        check_depth(depth)?;
        sure(encode::write_map_len(&mut self.0, length(len)?));
        entries.try_for_each(|(key, value)| {
            self.text(key)?;
            self.value(value?, depth + 1)
        })
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<()> {
        let out = &mut self.0;
        match value {
            Value::Null => out.as_mut_vec().push(Marker::Null.to_u8()),
            Value::Bool(true) => out.as_mut_vec().push(Marker::True.to_u8()),
            Value::Bool(false) => out.as_mut_vec().push(Marker::False.to_u8()),
            Value::Int(number) => drop(sure(encode::write_sint(out, *number))),
            Value::Unsigned(number) => drop(sure(encode::write_uint(out, *number))),
            // One spelling of all that is not a number, as in JSON.
            Value::Float(number) if number.is_nan() => sure(encode::write_f64(out, f64::NAN)),
            Value::Float(number) => sure(encode::write_f64(out, *number)),
            Value::Text(text) => self.text(text)?,
            Value::Bytes(bytes) => {
                length(bytes.len())?;
                sure(encode::write_bin(out, bytes));
            }
            Value::Time(instant) => self.time(*instant)?,
            Value::List(list) => {
                check_depth(depth)?;
                sure(encode::write_array_len(out, length(list.len())?));
                list.iter().try_for_each(|value| self.value(value, depth + 1))?;
            }
            Value::Map(map) => self.map(map, depth)?,
        }
        Ok(())
    }

    /// In the shortest of the three forms that keeps the microseconds.
    fn time(&mut self, instant: Timestamp) -> Result<()> {
        if !in_calendar(instant) {
            return Err(Error::invalid(NO_SUCH_TIME));
        }
        let seconds = instant.as_micros().div_euclid(1_000_000);
        let nanos = u32::try_from(instant.as_micros().rem_euclid(1_000_000) * 1000).unwrap_or(0);
        let mut put = |len, parts: &[&[u8]]| {
            sure(encode::write_ext_meta(&mut self.0, len, TIMESTAMP));
            parts.iter().for_each(|part| self.0.as_mut_vec().extend_from_slice(part));
        };
        match (u32::try_from(seconds), u64::try_from(seconds)) {
            (Ok(seconds), _) if nanos == 0 => put(4, &[&seconds.to_be_bytes()]),
            (_, Ok(seconds)) if seconds >> 34 == 0 => {
                put(8, &[&(u64::from(nanos) << 34 | seconds).to_be_bytes()])
            }
            _ => put(12, &[&nanos.to_be_bytes(), &seconds.to_be_bytes()]),
        }
        Ok(())
    }
}

fn check_depth(depth: usize) -> Result<()> {
    // The outermost map of a member is the session's own, and not counted.
    if depth <= Value::MAX_DEPTH { Ok(()) } else { Err(Error::invalid(TOO_DEEP)) }
}
