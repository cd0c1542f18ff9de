//! Scalars of a session by their keys.

use std::ffi::c_char;

use sessio::operation::{SessionRequest, from_value_at};
use sessio::{Result, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{arg, guard};
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

use super::call::call_session;
use super::lifecycle::sessio_session;

/// A scalar by its key.
///
/// # Safety
/// The pointers are NULL, or point to a live session, to a text and to a place.
unsafe fn scalar<T>(
    session: *mut sessio_session,
    key: *const c_char,
    into: *mut T,
    empty: T,
    read: impl FnOnce(&str, Value) -> Result<T>,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    let (into, key) = unsafe { (arg!(out(into, empty))?, arg!(string(key))?) };
    let get = |session| SessionRequest::Get(session, key.to_owned());
    // SAFETY: passed on from the caller.
    let found: Option<Value> = unsafe { call_session(session, get) }?;
    let Some(found) = found else { return Ok(SESSIO_NOT_FOUND) };
    *into = read(key, found)?;
    Ok(SESSIO_DONE)
}

/// Sets `*into` to the bool of a key. SESSIO_NOT_FOUND if there is no value. Loads the session.
/// Fails with SESSIO_INVALID_ARGUMENT for a value of another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_bool(
    session: *mut sessio_session,
    key: *const c_char,
    into: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(session, key, into, false, from_value_at)) }
}

/// sessio_session_get_bool() for an integer. Fails with SESSIO_INVALID_ARGUMENT also above
/// INT64_MAX.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_int(
    session: *mut sessio_session,
    key: *const c_char,
    into: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(session, key, into, 0, from_value_at)) }
}

/// sessio_session_get_bool() for an integer that is not negative. Fails with
/// SESSIO_INVALID_ARGUMENT also below 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_uint(
    session: *mut sessio_session,
    key: *const c_char,
    into: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(session, key, into, 0, from_value_at)) }
}

/// sessio_session_get_bool() for a floating point number. An integer is converted to the nearest
/// one, because not every language distinguishes 2 from 2.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_double(
    session: *mut sessio_session,
    key: *const c_char,
    into: *mut f64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(session, key, into, 0.0, from_value_at)) }
}

/// sessio_session_get_bool() for a time, in microseconds since the epoch.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_time_us(
    session: *mut sessio_session,
    key: *const c_char,
    into_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            scalar(session, key, into_us, 0, |key, value| {
                from_value_at(key, value).map(Timestamp::as_micros)
            })
        })
    }
}
