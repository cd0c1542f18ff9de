//! Changes of one key that several requests make without loss.

use std::ffi::{c_char, c_void};
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{Result, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{borrow, bytes, guard, out, string, text};

use super::door::ask;
use super::handle::{give, sessio_session};
use super::value::sessio_value;
use super::write::note;

/// The value of a key, or else a flash value of this name, which is removed from the stored session
/// now: of all requests that take it exactly one gets it, and SESSIO_NOT_FOUND is what the others
/// get. For codes that may be used once. What else was changed in the session waits for the commit.
///
/// Fails as sessio_manager_commit(); with SESSIO_INVALID_ARGUMENT for a key that is not UTF-8.
/// After SESSIO_TIMEOUT and SESSIO_UNAVAILABLE it is not known whether the value is still there.
///
/// Ownership: sets `*value` to a value that the caller owns: sessio_value_free(); to NULL unless
/// the result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_take(
    session: *const sessio_session,
    key: *const c_char,
    value: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(value, ptr::null_mut())?;
            let key = string(key)?.to_owned();
            Ok(give(slot, ask(session, |session| SessionRequest::Take(session, key))?))
        })
    }
}

/// Adds `by`, which may be negative, to the integer of a key, from 0 where there is none. Of
/// several requests that do, all count: at the commit it is added to what is stored by then.
///
/// Fails as sessio_session_put_null(); with SESSIO_INVALID_ARGUMENT where the value is known to be
/// no integer, or would be below INT64_MIN or above UINT64_MAX; where that is not known yet, the
/// commit fails so.
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_increment(
    session: *const sessio_session,
    key: *const c_char,
    by: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            note(session, key, |session, key| SessionRequest::Increment(session, key, by))
        })
    }
}

/// # Safety
/// As [`note`].
unsafe fn append(session: *const sessio_session, key: *const c_char, item: Value) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe { note(session, key, |session, key| SessionRequest::Append(session, key, item)) }
}

/// Adds null to the end of the list of a key, of a new list where there is no value. Of several
/// requests that append to one list no item is lost: at the commit it is added to what is stored by
/// then.
///
/// Fails as sessio_session_put_null(); with SESSIO_INVALID_ARGUMENT where the value of the key is
/// known to be no list; where that is not known yet, the commit fails so.
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_null(
    session: *const sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, Value::Null)) }
}

/// sessio_session_append_null() with a bool.
///
/// Fails as sessio_session_append_null().
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_bool(
    session: *const sessio_session,
    key: *const c_char,
    item: bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, item.into())) }
}

/// sessio_session_append_null() with an integer.
///
/// Fails as sessio_session_append_null().
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_int(
    session: *const sessio_session,
    key: *const c_char,
    item: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, item.into())) }
}

/// sessio_session_append_null() with an integer that is not negative.
///
/// Fails as sessio_session_append_null().
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_uint(
    session: *const sessio_session,
    key: *const c_char,
    item: u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, item.into())) }
}

/// sessio_session_append_null() with a floating point number.
///
/// Fails as sessio_session_append_null().
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_double(
    session: *const sessio_session,
    key: *const c_char,
    item: f64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, item.into())) }
}

/// sessio_session_append_null() with a text of UTF-8 with a length.
///
/// Fails as sessio_session_append_null(); with SESSIO_INVALID_ARGUMENT for what is not UTF-8.
///
/// Ownership: key and text are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_text(
    session: *const sessio_session,
    key: *const c_char,
    item: *const c_char,
    item_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, text(item, item_len)?.into())) }
}

/// sessio_session_append_null() with bytes.
///
/// Fails as sessio_session_append_null().
///
/// Ownership: key and bytes are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_bytes(
    session: *const sessio_session,
    key: *const c_char,
    item: *const c_void,
    item_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, bytes(item, item_len)?.into())) }
}

/// sessio_session_append_null() with a time, in microseconds since 1970-01-01T00:00:00 UTC.
///
/// Fails as sessio_session_append_null(); with SESSIO_INVALID_ARGUMENT for
/// a time outside the years 1 to 9999.
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_time_us(
    session: *const sessio_session,
    key: *const c_char,
    item_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, Timestamp::from_micros(item_us).into())) }
}

/// sessio_session_append_null() with what JSON says, as for sessio_session_put_json().
///
/// Fails as sessio_session_append_null() and sessio_session_put_json().
///
/// Ownership: key and JSON are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_json(
    session: *const sessio_session,
    key: *const c_char,
    json: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, Value::from_json(string(json)?)?)) }
}

/// sessio_session_append_null() with any value, as for sessio_session_put_value().
///
/// Fails as sessio_session_append_null() and sessio_session_put_value().
///
/// Ownership: key and value are copied: the value stays whose it is. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_value(
    session: *const sessio_session,
    key: *const c_char,
    item: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || append(session, key, borrow(item)?.value().clone())) }
}
