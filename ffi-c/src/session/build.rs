//! Values that a C program makes: scalars, and lists and maps of them.

use std::ffi::{c_char, c_void};
use std::ptr;

use sessio::{Result, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{borrow_if, borrow_mut, bytes, guard, guard_or, handle, invalid, out, string};
use crate::guard::{take, text};
use crate::status::{self, SESSIO_DONE};

use super::handle::give;
use super::value::sessio_value;

fn new(value: impl Into<Value>) -> *mut sessio_value {
    handle(sessio_value::new(value.into()))
}

/// Makes null.
///
/// Ownership: gives a value that the caller owns: sessio_value_free(). Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_null() -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(Value::Null))
}

/// Makes a bool.
///
/// Ownership: gives a value that the caller owns: sessio_value_free(). Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_bool(value: bool) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(value))
}

/// Makes an integer.
///
/// Ownership: gives a value that the caller owns: sessio_value_free(). Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_int(value: i64) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(value))
}

/// Makes an integer that is not negative.
///
/// Ownership: gives a value that the caller owns: sessio_value_free(). Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_uint(value: u64) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(value))
}

/// Makes a floating point number, which it stays, also where it is whole.
///
/// Ownership: gives a value that the caller owns: sessio_value_free(). Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_double(value: f64) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(value))
}

/// Makes a text of UTF-8 with a length. NULL for what is not UTF-8, and for NULL with a length that
/// is not 0.
///
/// Ownership: the text is copied; gives a value that the caller owns: sessio_value_free(). Threads:
/// any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_new_text(
    value: *const c_char,
    value_len: usize,
) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || {
        // SAFETY: text with a length, as the header demands.
        unsafe { text(value, value_len) }.map_or(ptr::null_mut(), new)
    })
}

/// Makes bytes. NULL for NULL with a length that is not 0.
///
/// Ownership: the bytes are copied; gives a value that the caller owns: sessio_value_free().
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_new_bytes(
    value: *const c_void,
    value_len: usize,
) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || {
        // SAFETY: bytes with a length, as the header demands.
        unsafe { bytes(value, value_len) }.map_or(ptr::null_mut(), new)
    })
}

/// Makes a time, in microseconds since 1970-01-01T00:00:00 UTC. One outside the years 1 to 9999 is
/// refused by what takes the value.
///
/// Ownership: gives a value that the caller owns: sessio_value_free(). Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_time_us(value_us: i64) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(Timestamp::from_micros(value_us)))
}

/// Makes an empty list, for sessio_value_append().
///
/// Ownership: gives a value that the caller owns: sessio_value_free(). Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_list() -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(Value::List(Vec::new())))
}

/// Makes an empty map, for sessio_value_set().
///
/// Ownership: gives a value that the caller owns: sessio_value_free(). Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_map() -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(Value::Map(sessio::Map::new())))
}

/// Makes a value of JSON: text that ends with a NUL, as for sessio_session_put_json().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what is no JSON or has a tag that does not exist, and for
/// more than 63 lists and maps within one another.
///
/// Ownership: the JSON is copied; sets `*value` to a value that the caller owns:
/// sessio_value_free(); to NULL when it fails. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_from_json(
    json: *const c_char,
    value: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(value, ptr::null_mut())?;
            let made = Value::from_json(string(json)?)?;
            made.check()?;
            Ok(give(slot, Some(made)))
        })
    }
}

/// Makes a copy of a value, with all that is in it: so a part of another value becomes one of the
/// program's own. NULL for NULL.
///
/// Ownership: gives a value that the caller owns: sessio_value_free(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_copy(value: *const sessio_value) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || {
        // SAFETY: NULL or a live value, as the header demands.
        unsafe { borrow_if(value) }.map_or(ptr::null_mut(), |this| new(this.value().clone()))
    })
}

/// What becomes a part of another value.
///
/// # Safety
/// `part` is NULL or a value that the program owns and gives up; nobody else uses `whole` now.
unsafe fn part_of(whole: *mut sessio_value, part: *mut sessio_value) -> Result<Value> {
    if !part.is_null() && ptr::eq(whole, part) {
        return Err(invalid("a value cannot become a part of itself: put a copy of it in"));
    }
    // SAFETY: passed on from the caller.
    let part = unsafe { take(part) }?.into_value();
    // Here too, so that no depth is too great for dropping it.
    part.check()?;
    Ok(part)
}

/// Adds an item to the end of a list: one of sessio_value_new_list(), or one that was read and that
/// the program owns.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, for a value that is no list, for an item that is
/// the list itself, and for one that no session can hold (a time outside the years 1 to 9999, more
/// than 63 lists and maps within one another); the list is as before then.
///
/// Ownership: takes the item, which must be the program's own, also when it fails (but not the list
/// itself), so that this frees all that it must:
/// `sessio_value_append(list, sessio_value_new_int(7), &error)`. What was borrowed from the list
/// before (its parts, its JSON) dies. Threads: no other may be using the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_append(
    list: *mut sessio_value,
    item: *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let item = part_of(list, item)?;
            borrow_mut(list)?.list_mut()?.push(item);
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets the value of a key of `key_len` bytes of UTF-8 in a map: one of sessio_value_new_map(), or
/// one that was read and that the program owns.
///
/// Fails as sessio_value_append(), with a map for a list; with SESSIO_INVALID_ARGUMENT for a key
/// that is not UTF-8.
///
/// Ownership: the key is copied; otherwise as sessio_value_append(). Threads: no other may be using
/// the map.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_set(
    map: *mut sessio_value,
    key: *const c_char,
    key_len: usize,
    value: *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let value = part_of(map, value)?;
            let key = text(key, key_len)?.to_owned();
            borrow_mut(map)?.map_mut()?.insert(key, value);
            Ok(SESSIO_DONE)
        })
    }
}

/// Removes a key of `key_len` bytes from a map; SESSIO_NOT_FOUND where there is none.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, for a value that is no map, and for a key that is
/// not UTF-8.
///
/// Ownership: what was borrowed from the map before (its parts, its JSON) dies. Threads: no other
/// may be using the map.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_remove(
    map: *mut sessio_value,
    key: *const c_char,
    key_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let (map, key) = (borrow_mut(map)?.map_mut()?, text(key, key_len)?);
            Ok(status::found(map.remove(key).is_some()))
        })
    }
}

/// Removes the item at `index` from a list, and moves those behind it up; SESSIO_NOT_FOUND for an
/// index out of range.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL and for a value that is no list.
///
/// Ownership: what was borrowed from the list before (its parts, its JSON) dies. Threads: no other
/// may be using the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_remove_at(
    list: *mut sessio_value,
    index: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let list = borrow_mut(list)?.list_mut()?;
            let there = index < list.len();
            if there {
                list.remove(index);
            }
            Ok(status::found(there))
        })
    }
}
