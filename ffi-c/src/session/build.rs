//! Values that a C program makes: scalars, and lists and maps of them.

use std::ffi::{c_char, c_void};
use std::ptr;

use sessio::{Result, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{arg, borrow_if, bytes, guard, guard_or, into_raw, invalid, named, take, text};
use crate::status::{self, SESSIO_DONE};

use super::value::{sessio_value, value_out};

fn new(value: impl Into<Value>) -> *mut sessio_value {
    into_raw(sessio_value::new(value.into()))
}

/// Makes null. The functions that make values return what the caller frees with
/// sessio_value_free().
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_null() -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(Value::Null))
}

/// Makes a bool.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_bool(value: bool) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(value))
}

/// Makes an integer.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_int(value: i64) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(value))
}

/// Makes an integer that is not negative.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_uint(value: u64) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(value))
}

/// Makes a floating point number. It stays one, even if it is whole.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_double(value: f64) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(value))
}

/// Makes a text. NULL if `value` is not UTF-8, or is NULL with another length than 0.
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

/// Makes bytes. NULL if `value` is NULL with another length than 0.
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

/// Makes a time, from microseconds since the epoch. Functions that take the value refuse times
/// outside the years 1 to 9999.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_time_us(value_us: i64) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(Timestamp::from_micros(value_us)))
}

/// Makes an empty list, for sessio_value_append().
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_list() -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(Value::List(Vec::new())))
}

/// Makes an empty map, for sessio_value_set().
#[unsafe(no_mangle)]
pub extern "C" fn sessio_value_new_map() -> *mut sessio_value {
    guard_or(ptr::null_mut(), || new(Value::Map(sessio::Map::new())))
}

/// Makes a value from JSON, as sessio_session_put_json() takes it, and fails as that does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_from_json(
    json: *const c_char,
    value: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(value, ptr::null_mut()))?;
            let made = Value::from_json(arg!(string(json))?)?;
            made.check()?;
            Ok(value_out(slot, Some(made)))
        })
    }
}

/// Copies a value and everything in it, so that an element of another value becomes the caller's
/// own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_copy(value: *const sessio_value) -> *mut sessio_value {
    guard_or(ptr::null_mut(), || {
        // SAFETY: NULL or a live value, as the header demands.
        unsafe { borrow_if(value) }.map_or(ptr::null_mut(), |this| new(this.value().clone()))
    })
}

/// Takes the value that is put into a list or a map.
///
/// # Safety
/// `element` is NULL or a value that the program owns and gives up; `container` is used by this
/// thread alone.
unsafe fn take_element(
    container: *mut sessio_value,
    argument: &str,
    element: *mut sessio_value,
) -> Result<Value> {
    if !element.is_null() && ptr::eq(container, element) {
        let message = "a value cannot be put into itself; use sessio_value_copy()";
        return named(argument, Err(invalid(message)));
    }
    // SAFETY: passed on from the caller.
    let element = named(argument, unsafe { take(element) })?.into_value();
    // Here, and not only where a session takes it, so that it never nests too deep to be dropped.
    named(argument, element.check())?;
    Ok(element)
}

/// Appends an item to a list that the caller owns. **Takes** the item, which must be the caller's
/// own, also when it fails, so this leaks nothing: `sessio_value_append(list,
/// sessio_value_new_int(7), &error)`. Pointers that were borrowed from the list before (its
/// elements, its JSON) become invalid.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a value that is no list, for an item that is the list
/// itself (which is not taken then), for a time outside the years 1 to 9999, and for more than 63
/// nested lists and maps. The list is unchanged then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_append(
    list: *mut sessio_value,
    item: *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let item = take_element(list, "item", item)?;
            arg!(borrow_mut(list))?.list_mut()?.push(item);
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets the value of a key in a map that the caller owns. **Takes** the value, and fails, as
/// sessio_value_append() does with the item.
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
            let value = take_element(map, "value", value)?;
            let key = arg!(text(key, key_len))?.to_owned();
            arg!(borrow_mut(map))?.map_mut()?.insert(key, value);
            Ok(SESSIO_DONE)
        })
    }
}

/// Removes a key from a map. SESSIO_NOT_FOUND if it is not there. Pointers that were borrowed from
/// the map before become invalid. Fails with SESSIO_INVALID_ARGUMENT for a value that is no map.
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
            let (map, key) = (arg!(borrow_mut(map))?.map_mut()?, arg!(text(key, key_len))?);
            Ok(status::found(map.remove(key).is_some()))
        })
    }
}

/// Removes the item at `index` from a list; later items move up. SESSIO_NOT_FOUND for an index out
/// of range. Pointers that were borrowed from the list before become invalid. Fails with
/// SESSIO_INVALID_ARGUMENT for a value that is no list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_value_remove_at(
    list: *mut sessio_value,
    index: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let list = arg!(borrow_mut(list))?.list_mut()?;
            let there = index < list.len();
            if there {
                list.remove(index);
            }
            Ok(status::found(there))
        })
    }
}
