//! What is in a value that is no scalar: text, bytes, and the parts of lists and maps.

use std::ffi::{c_char, c_void};
use std::ptr;

use crate::guard::{borrow_if, bytes, guard_or};
use crate::record::{lend, lend_text};

use super::value::sessio_value;

/// A text: `*len` bytes of UTF-8 (`len` may be NULL) with a NUL after them; there may be others
/// within. NULL for a value of another kind, and for NULL.
///
/// Ownership: belongs to the value and lives as long. Threads: any.
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

/// Bytes, as many as `*len` says then (`len` may be NULL). They may be 0, and then the pointer is
/// not NULL; it is NULL for a value of another kind, and for NULL.
///
/// Ownership: belongs to the value and lives as long. Threads: any.
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

/// Any value as JSON, ending with a NUL. What JSON cannot tell is tagged, so that it keeps its
/// kind: bytes are `{"$bytes": "base64"}`, times `{"$time": "2024-01-02T03:04:05.678901Z"}`,
/// integers beyond 2^53 `{"$int": "…"}`, numbers that JSON lacks `{"$float": "NaN"}`, and a map
/// that looks like one of these `{"$map": …}`. A number with a point or an exponent is a float.
/// NULL for NULL.
///
/// Ownership: belongs to the value and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_json(value: *const sessio_value) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live value, as the header demands.
        let json = unsafe { borrow_if(value) }.and_then(sessio_value::json);
        json.map_or(ptr::null(), |json| json.as_ptr())
    })
}

/// How many values a list or a map has; 0 for a value of another kind, and for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_count(value: *const sessio_value) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or a live value, as the header demands.
        unsafe { borrow_if(value) }.map_or(0, |this| this.parts().len())
    })
}

/// The value at `index` of a list or a map (which is in the order of its keys); NULL for an index
/// out of range, for a value of another kind, and for NULL.
///
/// Ownership: belongs to the value that it is in: do not free it. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_at(
    value: *const sessio_value,
    index: usize,
) -> *const sessio_value {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live value, as the header demands.
        let part = unsafe { borrow_if(value) }.and_then(|this| this.parts().get(index));
        part.map_or(ptr::null(), |part| ptr::from_ref(&part.value))
    })
}

/// The key at `index` of a map: `*len` bytes of UTF-8 (`len` may be NULL) with a NUL after them.
/// NULL for an index out of range, for a value of another kind, and for NULL.
///
/// Ownership: belongs to the value and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_key(
    value: *const sessio_value,
    index: usize,
    len: *mut usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live value, and NULL or a place, as the header demands.
        unsafe {
            let part = borrow_if(value).and_then(|this| this.parts().get(index));
            lend_text(part.and_then(|part| part.key.as_deref()), len)
        }
    })
}

/// The value of a key of `key_len` bytes in a map; NULL where there is none, for a value of
/// another kind, and for NULL.
///
/// Ownership: belongs to the value that it is in: do not free it. Threads: any.
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
