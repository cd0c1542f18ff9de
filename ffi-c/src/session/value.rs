//! Values of sessions as objects: their kinds, scalars and lifetime.

use std::ffi::{CStr, CString};
use std::sync::OnceLock;

use sessio::{Error, Map, Result, Timestamp, Value, from_value};

use crate::error::{c_text, sessio_error};
use crate::guard::{arg, borrow_if, free, guard, guard_or, into_raw, invalid};
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

/// Null.
pub const SESSIO_KIND_NULL: i32 = 0;
/// True or false.
pub const SESSIO_KIND_BOOL: i32 = 1;
/// An integer of 64 bits, signed or unsigned.
pub const SESSIO_KIND_INTEGER: i32 = 2;
/// A floating point number.
pub const SESSIO_KIND_FLOAT: i32 = 3;
/// UTF-8, which may contain NULs.
pub const SESSIO_KIND_TEXT: i32 = 4;
/// Bytes.
pub const SESSIO_KIND_BYTES: i32 = 5;
/// An instant, to the microsecond.
pub const SESSIO_KIND_TIME: i32 = 6;
/// Values in an order.
pub const SESSIO_KIND_LIST: i32 = 7;
/// Values by key, in the order of the keys.
pub const SESSIO_KIND_MAP: i32 = 8;

/// A value of a session: a copy, independent of the session. To store a change, put it back with
/// sessio_session_put_value().
pub struct sessio_value {
    value: Value,
    /// Made when they are asked for: text with a NUL at its end, JSON, and the elements of a list
    /// or a map as objects.
    text: OnceLock<String>,
    json: OnceLock<Option<CString>>,
    elements: OnceLock<Vec<ValueElement>>,
}

pub(super) struct ValueElement {
    /// With a NUL at its end; absent in a list.
    pub(super) key: Option<String>,
    pub(super) value: sessio_value,
}

impl sessio_value {
    pub(crate) fn new(value: Value) -> Self {
        sessio_value {
            value,
            text: OnceLock::new(),
            json: OnceLock::new(),
            elements: OnceLock::new(),
        }
    }

    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    pub(super) fn into_value(self) -> Value {
        self.value
    }

    /// The list, to be changed.
    pub(super) fn list_mut(&mut self) -> Result<&mut Vec<Value>> {
        self.clear_caches();
        if let Value::List(list) = &mut self.value { Ok(list) } else { Err(not_a_list()) }
    }

    /// The map, to be changed.
    pub(super) fn map_mut(&mut self) -> Result<&mut Map> {
        self.clear_caches();
        if let Value::Map(map) = &mut self.value { Ok(map) } else { Err(not_a_map()) }
    }

    pub(crate) fn map(&self) -> Result<&Map> {
        if let Value::Map(map) = &self.value { Ok(map) } else { Err(not_a_map()) }
    }

    /// Drops what was made from the value before it changes.
    fn clear_caches(&mut self) {
        self.json.take();
        self.elements.take();
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(self.text.get_or_init(|| format!("{text}\0"))),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Unsigned(_)
            | Value::Float(_)
            | Value::Bytes(_)
            | Value::Time(_)
            | Value::List(_)
            | Value::Map(_) => None,
        }
    }

    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match &self.value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Unsigned(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Time(_)
            | Value::List(_)
            | Value::Map(_) => None,
        }
    }

    pub(super) fn json(&self) -> Option<&CStr> {
        let json = || self.value.to_json().ok().map(|json| c_text(&json));
        self.json.get_or_init(json).as_deref()
    }

    pub(super) fn elements(&self) -> &[ValueElement] {
        self.elements.get_or_init(|| match &self.value {
            Value::List(list) => list
                .iter()
                .map(|value| ValueElement { key: None, value: sessio_value::new(value.clone()) })
                .collect(),
            Value::Map(map) => map
                .iter()
                .map(|(key, value)| ValueElement {
                    key: Some(format!("{key}\0")),
                    value: sessio_value::new(value.clone()),
                })
                .collect(),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Unsigned(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Time(_) => Vec::new(),
        })
    }

    pub(super) fn find(&self, key: &[u8]) -> Option<&sessio_value> {
        let named = |element: &&ValueElement| {
            element.key.as_deref().and_then(|key| key.strip_suffix('\0')).map(str::as_bytes)
                == Some(key)
        };
        self.elements().iter().find(named).map(|element| &element.value)
    }
}

/// Hands out a value, or returns SESSIO_NOT_FOUND.
pub(crate) fn value_out(slot: &mut *mut sessio_value, value: Option<impl Into<Value>>) -> i32 {
    let Some(value) = value else { return SESSIO_NOT_FOUND };
    *slot = into_raw(sessio_value::new(value.into()));
    SESSIO_DONE
}

fn not_a_list() -> Error {
    invalid("the value is not a list; sessio_value_new_list() makes one")
}

fn not_a_map() -> Error {
    invalid("the value is not a map; sessio_value_new_map() makes one")
}

/// The kind of a value: one of SESSIO_KIND_…; SESSIO_KIND_NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_kind(value: *const sessio_value) -> i32 {
    guard_or(SESSIO_KIND_NULL, || {
        // SAFETY: NULL or a live value, as the header demands.
        match unsafe { borrow_if(value) }.map(|this| &this.value) {
            None | Some(Value::Null) => SESSIO_KIND_NULL,
            Some(Value::Bool(_)) => SESSIO_KIND_BOOL,
            Some(Value::Int(_) | Value::Unsigned(_)) => SESSIO_KIND_INTEGER,
            Some(Value::Float(_)) => SESSIO_KIND_FLOAT,
            Some(Value::Text(_)) => SESSIO_KIND_TEXT,
            Some(Value::Bytes(_)) => SESSIO_KIND_BYTES,
            Some(Value::Time(_)) => SESSIO_KIND_TIME,
            Some(Value::List(_)) => SESSIO_KIND_LIST,
            Some(Value::Map(_)) => SESSIO_KIND_MAP,
        }
    })
}

/// Reads a scalar.
///
/// # Safety
/// The pointers are NULL, or point to a live value and to a place.
unsafe fn scalar<T>(
    value: *const sessio_value,
    into: *mut T,
    empty: T,
    read: impl FnOnce(Value) -> Result<T>,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe {
        let into = arg!(out(into, empty))?;
        *into = read(arg!(borrow(value))?.value.clone())?;
    }
    Ok(SESSIO_DONE)
}

/// Sets `*into` to a bool. Fails with SESSIO_INVALID_ARGUMENT for a value of another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_bool(
    value: *const sessio_value,
    into: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(value, into, false, from_value)) }
}

/// Sets `*into` to an integer. Fails with SESSIO_INVALID_ARGUMENT for a value of another kind, and
/// above INT64_MAX.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_int(
    value: *const sessio_value,
    into: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(value, into, 0, from_value)) }
}

/// Sets `*into` to an integer that is not negative. Fails with SESSIO_INVALID_ARGUMENT for a value
/// of another kind, and below 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_uint(
    value: *const sessio_value,
    into: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(value, into, 0, from_value)) }
}

/// Sets `*into` to a floating point number; an integer is converted to the nearest one. Fails with
/// SESSIO_INVALID_ARGUMENT for a value of another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_double(
    value: *const sessio_value,
    into: *mut f64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(value, into, 0.0, from_value)) }
}

/// Sets `*into` to a time, in microseconds since the epoch. Fails with SESSIO_INVALID_ARGUMENT for
/// a value of another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_time_us(
    value: *const sessio_value,
    into: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || scalar(value, into, 0, |value| from_value(value).map(Timestamp::as_micros)))
    }
}

/// Frees a value and everything in it. Elements of a list or a map are freed with it, not by
/// themselves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_free(value: *mut sessio_value) {
    guard_or((), || {
        // SAFETY: NULL or a value that the program owns and gives up, as the header demands.
        unsafe { free(value) }
    });
}
