//! Reads a document from `MessagePack`.

use rmp::Marker;

use super::TIMESTAMP;
use crate::codec::{DecodedDocument, Member};
use crate::protocol::clock::Timestamp;
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::value::{Map, Value, in_calendar};

/// Room that a list gets on its word; more as it comes. Lists within lists could otherwise ask for
/// many times the bytes that are there.
const ON_ITS_WORD: usize = 16;

pub(in crate::codec) fn decode(bytes: &[u8]) -> Result<DecodedDocument> {
    let mut input = MsgpackReader(bytes);
    read(&mut input).filter(|_| input.0.is_empty()).ok_or_else(|| {
        let at = bytes.len() - input.0.len();
        Error::new(
            ErrorKind::Corrupt,
            format!("what is stored for the session is no msgpack document of sessio's: byte {at}"),
        )
    })
}

fn read(input: &mut MsgpackReader<'_>) -> Option<DecodedDocument> {
    let mut document = DecodedDocument::default();
    let members = input.map_len()?;
    for _ in 0..members {
        match Member::of(input.key()?) {
            Member::Deadline => {
                let Value::Int(deadline) = input.value(0)? else { return None };
                document.deadline = Some(deadline);
            }
            Member::Values => document.values = input.member_map()?.into(),
            Member::Flash => document.flash = input.member_map()?,
            Member::Remember => {
                let Value::Bool(remember) = input.value(0)? else { return None };
                document.remember = Some(remember);
            }
            Member::Extra => document.extra = input.member_map()?,
            Member::Fixed => {
                let Value::Bool(fixed) = input.value(0)? else { return None };
                document.fixed = fixed;
            }
            Member::Idle => {
                let Value::Int(idle @ 0..) = input.value(0)? else { return None };
                document.idle = Some(idle);
            }
            Member::Other(name) => {
                document.other.insert(name, input.value(0)?);
            }
        }
    }
    Some(document)
}

/// What is left to read. `None` wherever the bytes are not what was asked for.
struct MsgpackReader<'a>(&'a [u8]);

impl<'a> MsgpackReader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn marker(&mut self) -> Option<Marker> {
        self.array().map(|[byte]| Marker::from_u8(byte))
    }

    fn len8(&mut self) -> Option<usize> {
        self.array().map(|[byte]| byte.into())
    }

    fn len16(&mut self) -> Option<usize> {
        self.array().map(|bytes| u16::from_be_bytes(bytes).into())
    }

    fn len32(&mut self) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(self.array()?)).ok()
    }

    /// The length of the whole document's map.
    fn map_len(&mut self) -> Option<usize> {
        let marker = self.marker()?;
        if let Marker::FixMap(len) = marker {
            return Some(len.into());
        }
        if marker == Marker::Map16 {
            return self.len16();
        }
        if marker == Marker::Map32 { self.len32() } else { None }
    }

    /// Keys are text.
    fn key(&mut self) -> Option<&'a str> {
        let marker = self.marker()?;
        let len = if let Marker::FixStr(len) = marker {
            len.into()
        } else if marker == Marker::Str8 {
            self.len8()?
        } else if marker == Marker::Str16 {
            self.len16()?
        } else if marker == Marker::Str32 {
            self.len32()?
        } else {
            return None;
        };
        self.text(len)
    }

    fn text(&mut self, len: usize) -> Option<&'a str> {
        std::str::from_utf8(self.take(len)?).ok()
    }

    fn member_map(&mut self) -> Option<Map> {
        let Value::Map(map) = self.value(0)? else { return None };
        Some(map)
    }

    /// `depth` lists and maps are around it, within its member.
    fn value(&mut self, depth: usize) -> Option<Value> {
        let value = match self.marker()? {
            Marker::Null => Value::Null,
            Marker::False => false.into(),
            Marker::True => true.into(),
            Marker::FixPos(number) => i64::from(number).into(),
            Marker::FixNeg(number) => i64::from(number).into(),
            Marker::U8 => i64::from(u8::from_be_bytes(self.array()?)).into(),
            Marker::U16 => i64::from(u16::from_be_bytes(self.array()?)).into(),
            Marker::U32 => u32::from_be_bytes(self.array()?).into(),
            Marker::U64 => u64::from_be_bytes(self.array()?).into(),
            Marker::I8 => i64::from(i8::from_be_bytes(self.array()?)).into(),
            Marker::I16 => i64::from(i16::from_be_bytes(self.array()?)).into(),
            Marker::I32 => i32::from_be_bytes(self.array()?).into(),
            Marker::I64 => i64::from_be_bytes(self.array()?).into(),
            Marker::F32 => f64::from(f32::from_be_bytes(self.array()?)).into(),
            Marker::F64 => f64::from_be_bytes(self.array()?).into(),
            Marker::FixStr(len) => self.text(len.into())?.into(),
            Marker::Str8 => self.len8().and_then(|len| self.text(len))?.into(),
            Marker::Str16 => self.len16().and_then(|len| self.text(len))?.into(),
            Marker::Str32 => self.len32().and_then(|len| self.text(len))?.into(),
            Marker::Bin8 => self.len8().and_then(|len| self.take(len))?.into(),
            Marker::Bin16 => self.len16().and_then(|len| self.take(len))?.into(),
            Marker::Bin32 => self.len32().and_then(|len| self.take(len))?.into(),
            Marker::FixArray(len) => self.list(len.into(), depth)?,
            Marker::Array16 => self.len16().and_then(|len| self.list(len, depth))?,
            Marker::Array32 => self.len32().and_then(|len| self.list(len, depth))?,
            Marker::FixMap(len) => self.map(len.into(), depth)?,
            Marker::Map16 => self.len16().and_then(|len| self.map(len, depth))?,
            Marker::Map32 => self.len32().and_then(|len| self.map(len, depth))?,
            Marker::FixExt4 => self.extension(4)?,
            Marker::FixExt8 => self.extension(8)?,
            Marker::Ext8 => self.len8().and_then(|len| self.extension(len))?,
            Marker::Ext16 => self.len16().and_then(|len| self.extension(len))?,
            Marker::Ext32 => self.len32().and_then(|len| self.extension(len))?,
            Marker::FixExt1 | Marker::FixExt2 | Marker::FixExt16 | Marker::Reserved => return None,
        };
        Some(value)
    }

    fn list(&mut self, len: usize, depth: usize) -> Option<Value> {
        if depth > Value::MAX_DEPTH {
            return None;
        }
        let mut list = Vec::with_capacity(len.min(ON_ITS_WORD));
        for _ in 0..len {
            list.push(self.value(depth + 1)?);
        }
        Some(Value::List(list))
    }

    fn map(&mut self, len: usize, depth: usize) -> Option<Value> {
        if depth > Value::MAX_DEPTH {
            return None;
        }
        let mut map = Map::new();
        for _ in 0..len {
            let key = self.key()?.to_owned();
            map.insert(key, self.value(depth + 1)?);
        }
        Some(Value::Map(map))
    }

    /// An instant in one of its three forms; there is no other extension.
    fn extension(&mut self, len: usize) -> Option<Value> {
        let [kind] = self.array()?;
        if i8::from_be_bytes([kind]) != TIMESTAMP {
            return None;
        }
        let (seconds, nanos) = match len {
            4 => (u32::from_be_bytes(self.array()?).into(), 0),
            8 => {
                let both = u64::from_be_bytes(self.array()?);
                (i64::try_from(both & 0x3_ffff_ffff).ok()?, i64::try_from(both >> 34).ok()?)
            }
            12 => {
                let nanos = u32::from_be_bytes(self.array()?);
                (i64::from_be_bytes(self.array()?), nanos.into())
            }
            _ => return None,
        };
        if nanos > 999_999_999 {
            return None;
        }
        let micros = seconds.checked_mul(1_000_000)?.checked_add(nanos / 1000)?;
        Some(Timestamp::from_micros(micros)).filter(|time| in_calendar(*time)).map(Value::Time)
    }
}
