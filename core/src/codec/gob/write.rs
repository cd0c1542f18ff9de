//! Writes a value where any Go type may stand: as the one that was there, or as one that every Go
//! program can read.

use super::former::Former;
use super::kept::Kept;
use super::names::{EMPTY_LIST, LIST, MAP, MAP_OF_TEXT, Registered, TIME};
use super::types::{
    BOOL, BYTES, Definition, FLOAT, INT, INTERFACE, Method, STRING, TypeId, TypeShape, Types, UINT,
    is_builtin, renumbered,
};
use super::walk::Walker;
use super::wire::{put_bytes, put_int, put_length_before};
use crate::protocol::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) struct GobWriter {
    pub(super) types: Types,
    pub(super) out: Vec<u8>,
    /// The types that `out` names.
    pub(super) needs: Vec<TypeId>,
    pub(super) registered: Registered,
}

/// Why a value has no spelling.
pub(super) enum EncodeRefusal {
    /// It is nothing that the Go type can hold.
    Misfit,
    /// No Go program is known to have registered the type.
    Unregistered(&'static str),
    Failed(Error),
}

impl From<Error> for EncodeRefusal {
    fn from(error: Error) -> Self {
        EncodeRefusal::Failed(error)
    }
}

pub(super) type Written = Result<(), EncodeRefusal>;

impl GobWriter {
    /// A value as it was read, `here` or from another document.
    pub(super) fn copy(&mut self, kept: &Kept, here: bool) -> Result<()> {
        if here {
            self.raw(kept.bytes()?, &kept.needs);
        } else {
            let (bytes, needs) = self.moved(kept)?;
            self.raw(&bytes, &needs);
        }
        Ok(())
    }

    /// The bytes of a value from another document, with the numbers that types have here.
    fn moved(&mut self, kept: &Kept) -> Result<(Vec<u8>, Vec<TypeId>)> {
        let (there, mut numbers) = (&kept.blob.types, Vec::new());
        for id in &kept.needs {
            numbers.extend(self.types.adopt(there, *id)?);
        }
        let mut walker = Walker::again(kept.bytes()?, there, &numbers);
        walker.interface(0)?;
        Ok((walker.out, kept.needs.iter().map(|id| renumbered(*id, &numbers)).collect()))
    }

    pub(super) fn raw(&mut self, bytes: &[u8], needs: &[TypeId]) {
        self.out.extend_from_slice(bytes);
        needs.iter().for_each(|id| self.need(*id));
    }

    pub(super) fn need(&mut self, id: TypeId) {
        if !is_builtin(id) && !self.needs.contains(&id) {
            self.needs.push(id);
        }
    }

    /// As the Go type of what stood there, `here` or in another document.
    pub(super) fn like(&mut self, value: &Value, former: &Kept, here: bool) -> Written {
        if here {
            let former = Former::new(former.bytes()?, &former.blob.types, &former.needs);
            return self.typed(value, INTERFACE, "", Some(&former));
        }
        let (bytes, needs) = self.moved(former)?;
        let types = self.types.clone();
        self.typed(value, INTERFACE, "", Some(&Former::new(&bytes, &types, &needs)))
    }

    /// Where any type may stand: as what stood there, if that was of the same kind.
    pub(super) fn any(&mut self, value: &Value, former: Option<&Former<'_>>) -> Written {
        match former.map(|former| former.concrete(value)).transpose()?.flatten() {
            Some((name, id, former)) => {
                self.concrete(name, id, |writer| writer.typed(value, id, name, Some(&former)))
            }
            None => self.free(value),
        }
    }

    fn concrete(
        &mut self,
        name: &str,
        id: TypeId,
        write: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        put_bytes(&mut self.out, name.as_bytes());
        put_int(&mut self.out, i64::from(id));
        self.need(id);
        let start = self.out.len();
        if !self.types.is_struct(id)? {
            self.out.push(0);
        }
        write(self)?;
        put_length_before(&mut self.out, start);
        Ok(())
    }

    /// As the type that its kind has for Go.
    pub(super) fn free(&mut self, value: &Value) -> Written {
        let (name, id) = match value {
            Value::Null => {
                self.out.push(0);
                return Ok(());
            }
            Value::Bool(_) => ("bool", BOOL),
            Value::Int(_) => ("int", INT),
            Value::Unsigned(_) => ("uint64", UINT),
            Value::Float(_) => ("float64", FLOAT),
            Value::Text(_) => ("string", STRING),
            Value::Bytes(_) => ("[]uint8", BYTES),
            Value::Time(_) => (self.known(TIME)?, self.time()),
            Value::List(list) => {
                let (name, of) = self.type_of_list(list)?;
                (name, self.types.number_of(TypeShape::Slice { of }, name))
            }
            Value::Map(map) => {
                let (name, of) = self.type_of_map(map)?;
                (name, self.types.number_of(TypeShape::Map { key: STRING, of }, name))
            }
        };
        self.concrete(name, id, |writer| writer.typed(value, id, name, None))
    }

    /// Go's `time.Time`, as its methods announce it.
    pub(super) fn time(&mut self) -> TypeId {
        let shape = TypeShape::Opaque(Method::GobEncode);
        self.types.number(Definition { name: "Time".to_owned(), shape })
    }

    fn known(&self, name: &'static str) -> Result<&'static str, EncodeRefusal> {
        if self.registered.has(name) { Ok(name) } else { Err(EncodeRefusal::Unregistered(name)) }
    }

    /// Go registers lists of one kind itself.
    fn type_of_list(&self, list: &[Value]) -> Result<(&'static str, TypeId), EncodeRefusal> {
        let all = |is: fn(&Value) -> bool| list.iter().all(is);
        Ok(if all(|value| matches!(value, Value::Text(_))) {
            (EMPTY_LIST, STRING)
        } else if all(|value| matches!(value, Value::Int(_))) {
            ("[]int", INT)
        } else if all(|value| matches!(value, Value::Float(_))) {
            ("[]float64", FLOAT)
        } else if all(|value| matches!(value, Value::Bool(_))) {
            ("[]bool", BOOL)
        } else {
            (self.known(LIST)?, INTERFACE)
        })
    }

    fn type_of_map(&self, map: &Map) -> Result<(&'static str, TypeId), EncodeRefusal> {
        let texts = map.values().all(|value| matches!(value, Value::Text(_)));
        if texts && !self.registered.has(MAP) && self.registered.has(MAP_OF_TEXT) {
            return Ok((MAP_OF_TEXT, STRING));
        }
        Ok((self.known(MAP)?, INTERFACE))
    }
}
