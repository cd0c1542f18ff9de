//! What is in a value: text, bytes, JSON, and the elements of lists and maps.

use std::ffi::{c_char, c_void};
use std::ptr;

use crate::guard::{borrow_if, bytes, guard_or};
use crate::record::{lend, lend_text};

use super::value::sessio_value;

/// The text of a value, with a NUL after it; it may contain others. NULL for a value of another
/// kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_text(
    value: *const sessio_value,
    len: *mut usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live value, and NULL or a place, as the header demands.
        unsafe { lend_text(borrow_if(value).and_then(sessio_value::text), len) }
    })
}

/// The bytes of a value. NULL for a value of another kind: the pointer to no bytes is not NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_bytes(
    value: *const sessio_value,
    len: *mut usize,
) -> *const c_void {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live value, and NULL or a place, as the header demands.
        unsafe { lend(borrow_if(value).and_then(sessio_value::bytes), len).cast() }
    })
}

/// A value as JSON that ends with a NUL. What JSON cannot express is tagged, so that it keeps its
/// kind: bytes are `{"$bytes": "base64"}`, times `{"$time": "2024-01-02T03:04:05.678901Z"}`,
/// integers beyond 2^53 `{"$int": "…"}`, numbers that JSON lacks `{"$float": "NaN"}`, and a map
/// that looks like one of these `{"$map": …}`. A number with a point or an exponent is a float.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_json(value: *const sessio_value) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live value, as the header demands.
        let json = unsafe { borrow_if(value) }.and_then(sessio_value::json);
        json.map_or(ptr::null(), |json| json.as_ptr())
    })
}

/// How many elements a list or a map has; 0 for a value of another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_count(value: *const sessio_value) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or a live value, as the header demands.
        unsafe { borrow_if(value) }.map_or(0, |this| this.elements().len())
    })
}

/// The element at `index` of a list or a map; NULL for an index out of range and for a value of
/// another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_at(
    value: *const sessio_value,
    index: usize,
) -> *const sessio_value {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live value, as the header demands.
        let element = unsafe { borrow_if(value) }.and_then(|this| this.elements().get(index));
        element.map_or(ptr::null(), |element| ptr::from_ref(&element.value))
    })
}

/// The key at `index` of a map, with a NUL after it. NULL for an index out of range and for a value
/// of another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_key(
    value: *const sessio_value,
    index: usize,
    len: *mut usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live value, and NULL or a place, as the header demands.
        unsafe {
            let element = borrow_if(value).and_then(|this| this.elements().get(index));
            lend_text(element.and_then(|element| element.key.as_deref()), len)
        }
    })
}

/// The value of a key in a map; NULL if there is none, and for a value of another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_find(
    value: *const sessio_value,
    key: *const c_char,
    key_len: usize,
) -> *const sessio_value {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live value, and bytes, as the header demands.
        unsafe {
            let Ok(key) = bytes(key, key_len) else { return ptr::null() };
            borrow_if(value).and_then(|this| this.find(key)).map_or(ptr::null(), ptr::from_ref)
        }
    })
}
