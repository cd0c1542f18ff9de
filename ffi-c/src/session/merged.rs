//! Changes of one key that several requests can make without losing any.

use std::ffi::{c_char, c_void};
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{Result, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{arg, guard};

use super::call::call_session;
use super::lifecycle::{sessio_session, value_out};
use super::value::sessio_value;
use super::write::change_key;

/// Removes the value of a key, or a flash value of this name, from the stored session now, and
/// returns it: of all requests that take it exactly one gets it, and the others get
/// SESSIO_NOT_FOUND. For codes that may be used once. Other changes of the session wait for the
/// commit.
///
/// Asks the store. Fails as sessio_manager_commit(). After SESSIO_TIMEOUT and SESSIO_UNAVAILABLE it
/// is not known whether the value is still there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_take(
    session: *mut sessio_session,
    key: *const c_char,
    value: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(value, ptr::null_mut()))?;
            let key = arg!(string(key))?.to_owned();
            Ok(value_out(
                slot,
                call_session(session, |session| SessionRequest::Take(session, key))?,
            ))
        })
    }
}

/// Adds `by`, which may be negative, to the integer of a key; a missing value counts as 0.
/// Increments of several requests add up: the commit adds to what is stored by then.
///
/// Fails with SESSIO_INVALID_ARGUMENT if the value is no integer, or the sum would be below
/// INT64_MIN or above UINT64_MAX; the commit does, if the session is not loaded yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_increment(
    session: *mut sessio_session,
    key: *const c_char,
    by: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            change_key(session, key, |session, key| SessionRequest::Increment(session, key, by))
        })
    }
}

/// # Safety
/// As [`change_key`].
unsafe fn append(session: *mut sessio_session, key: *const c_char, item: Value) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe { change_key(session, key, |session, key| SessionRequest::Append(session, key, item)) }
}

/// Appends null to the list of a key; a missing value counts as an empty list. Items of several
/// requests are all kept: the commit appends to what is stored by then.
///
/// Fails with SESSIO_INVALID_ARGUMENT if the value of the key is no list; the commit does, if the
/// session is not loaded yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_null(
    session: *mut sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, Value::Null)) }
}

/// sessio_session_append_null() with a bool.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_bool(
    session: *mut sessio_session,
    key: *const c_char,
    item: bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, item.into())) }
}

/// sessio_session_append_null() with an integer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_int(
    session: *mut sessio_session,
    key: *const c_char,
    item: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, item.into())) }
}

/// sessio_session_append_null() with an integer that is not negative.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_uint(
    session: *mut sessio_session,
    key: *const c_char,
    item: u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, item.into())) }
}

/// sessio_session_append_null() with a floating point number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_double(
    session: *mut sessio_session,
    key: *const c_char,
    item: f64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, item.into())) }
}

/// sessio_session_append_null() with a text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_text(
    session: *mut sessio_session,
    key: *const c_char,
    item: *const c_char,
    item_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, arg!(text(item, item_len))?.into())) }
}

/// sessio_session_append_null() with bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_bytes(
    session: *mut sessio_session,
    key: *const c_char,
    item: *const c_void,
    item_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, arg!(bytes(item, item_len))?.into())) }
}

/// sessio_session_append_null() with a time in the years 1 to 9999.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_time_us(
    session: *mut sessio_session,
    key: *const c_char,
    item_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, Timestamp::from_micros(item_us).into())) }
}

/// sessio_session_append_null() with a value as JSON, as sessio_session_put_json() takes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_json(
    session: *mut sessio_session,
    key: *const c_char,
    json: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, Value::from_json(arg!(string(json))?)?)) }
}

/// sessio_session_append_null() with a copy of any value, as sessio_session_put_value() takes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_value(
    session: *mut sessio_session,
    key: *const c_char,
    item: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, arg!(borrow(item))?.value().clone())) }
}
