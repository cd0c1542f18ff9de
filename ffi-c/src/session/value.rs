//! Values of sessions as objects that a C program owns.

use std::ffi::{CStr, CString};
use std::sync::OnceLock;

use sessio::{Error, Map, Result, Timestamp, Value, from_value};

use crate::error::{c_text, sessio_error};
use crate::guard::{borrow, borrow_if, free, guard, guard_or, invalid, out};
use crate::status::SESSIO_DONE;

/// Nothing.
pub const SESSIO_KIND_NULL: i32 = 0;
/// True or false.
pub const SESSIO_KIND_BOOL: i32 = 1;
/// An integer of 64 bits, signed or unsigned.
pub const SESSIO_KIND_INTEGER: i32 = 2;
/// A floating point number.
pub const SESSIO_KIND_FLOAT: i32 = 3;
/// Text: UTF-8, any character.
pub const SESSIO_KIND_TEXT: i32 = 4;
/// Bytes.
pub const SESSIO_KIND_BYTES: i32 = 5;
/// An instant.
pub const SESSIO_KIND_TIME: i32 = 6;
/// Values in an order.
pub const SESSIO_KIND_LIST: i32 = 7;
/// Values by name.
pub const SESSIO_KIND_MAP: i32 = 8;

/// A value of a session: a copy, independent of it. To store what was changed, put it back with
/// sessio_session_put_value().
///
/// Any number of threads may read one. Lists and maps that the program owns can be changed, by one
/// thread while no other uses them.
pub struct sessio_value {
    value: Value,
    /// What C needs and a value does not have is made when somebody asks: text with a NUL at its
    /// end, JSON, and the parts of a list or map.
    text: OnceLock<String>,
    json: OnceLock<Option<CString>>,
    parts: OnceLock<Vec<Part>>,
}

pub(super) struct Part {
    /// With a NUL at its end; absent in a list.
    pub(super) key: Option<String>,
    pub(super) value: sessio_value,
}

impl sessio_value {
    pub(crate) fn new(value: Value) -> Self {
        sessio_value { value, text: OnceLock::new(), json: OnceLock::new(), parts: OnceLock::new() }
    }

    pub(super) fn value(&self) -> &Value {
        &self.value
    }

    pub(super) fn into_value(self) -> Value {
        self.value
    }

    /// The list, to be changed.
    pub(super) fn list_mut(&mut self) -> Result<&mut Vec<Value>> {
        self.forget_parts();
        if let Value::List(list) = &mut self.value { Ok(list) } else { Err(no_list()) }
    }

    /// The map, to be changed.
    pub(super) fn map_mut(&mut self) -> Result<&mut Map> {
        self.forget_parts();
        if let Value::Map(map) = &mut self.value { Ok(map) } else { Err(no_map()) }
    }

    pub(super) fn map(&self) -> Result<&Map> {
        if let Value::Map(map) = &self.value { Ok(map) } else { Err(no_map()) }
    }

    /// They are what it was.
    fn forget_parts(&mut self) {
        self.json.take();
        self.parts.take();
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

    pub(super) fn parts(&self) -> &[Part] {
        self.parts.get_or_init(|| match &self.value {
            Value::List(list) => list
                .iter()
                .map(|value| Part { key: None, value: sessio_value::new(value.clone()) })
                .collect(),
            Value::Map(map) => map
                .iter()
                .map(|(key, value)| Part {
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
        let named = |part: &&Part| {
            part.key.as_deref().and_then(|key| key.strip_suffix('\0')).map(str::as_bytes)
                == Some(key)
        };
        self.parts().iter().find(named).map(|part| &part.value)
    }
}

fn no_list() -> Error {
    invalid("this value is no list, such as sessio_value_new_list() makes")
}

fn no_map() -> Error {
    invalid("this value is no map, such as sessio_value_new_map() makes")
}

/// What it is: one of SESSIO_KIND_…; SESSIO_KIND_NULL for NULL.
///
/// Threads: any.
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

/// A scalar, or what is wrong with asking for it.
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
        let into = out(into, empty)?;
        *into = read(borrow(value)?.value.clone())?;
    }
    Ok(SESSIO_DONE)
}

/// Sets `*into` to a bool.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL and for a value of another kind; `*into` is false
/// then.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_bool(
    value: *const sessio_value,
    into: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(value, into, false, from_value)) }
}

/// Sets `*into` to an integer.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, for a value of another kind, and for an integer
/// above INT64_MAX; `*into` is 0 then.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_int(
    value: *const sessio_value,
    into: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(value, into, 0, from_value)) }
}

/// Sets `*into` to an integer that is not negative.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, for a value of another kind, and for an integer
/// below 0; `*into` is 0 then.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_uint(
    value: *const sessio_value,
    into: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(value, into, 0, from_value)) }
}

/// Sets `*into` to a floating point number; an integer is read as the nearest one.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL and for a value of another kind; `*into` is 0 then.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_double(
    value: *const sessio_value,
    into: *mut f64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(value, into, 0.0, from_value)) }
}

/// Sets `*into` to a time, in microseconds since 1970-01-01T00:00:00 UTC.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL and for a value of another kind; `*into` is 0 then.
///
/// Threads: any.
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

/// Frees a value that the program owns, with all that is in it. NULL is fine.
///
/// Ownership: takes the value. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_free(value: *mut sessio_value) {
    guard_or((), || {
        // SAFETY: NULL or a value that the program owns and gives up, as the header demands.
        unsafe { free(value) }
    });
}
