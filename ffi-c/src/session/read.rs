//! The values of a session, read.

use std::ffi::c_char;
use std::ptr;

use sessio::operation::{SessionRequest, from_value_at};
use sessio::{Map, Result, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{arg, guard};
use crate::status::{self, SESSIO_DONE, SESSIO_NOT_FOUND};

use super::call::call_session;
use super::lifecycle::{sessio_session, value_out};
use super::value::sessio_value;

/// The value of a key, which may be null. It is a copy: to change it, put it back. SESSIO_NOT_FOUND
/// if there is none. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get(
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
            Ok(value_out(slot, call_session(session, |session| SessionRequest::Get(session, key))?))
        })
    }
}

/// The value of a key, which is removed from the session. SESSIO_NOT_FOUND if there is none. Loads
/// the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_pop(
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
            Ok(value_out(slot, call_session(session, |session| SessionRequest::Pop(session, key))?))
        })
    }
}

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

/// SESSIO_DONE if there is a value with this key, SESSIO_NOT_FOUND if not. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_contains(
    session: *mut sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            Ok(status::found(call_session(session, |session| {
                SessionRequest::Contains(session, key)
            })?))
        })
    }
}

/// The keys of a session, sorted, as a list of texts. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_keys(
    session: *mut sessio_session,
    keys: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(keys, ptr::null_mut()))?;
            let keys: Vec<String> = call_session(session, SessionRequest::Keys)?;
            let keys: Vec<Value> = keys.into_iter().map(Value::from).collect();
            Ok(value_out(slot, Some(keys.into())))
        })
    }
}

/// All values of a session, as a map. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_values(
    session: *mut sessio_session,
    values: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(values, ptr::null_mut()))?;
            let values: Map = call_session(session, SessionRequest::Values)?;
            Ok(value_out(slot, Some(values.into())))
        })
    }
}

/// All values of a session as one JSON object: a text value, written as sessio_value_json() does.
/// Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_snapshot_json(
    session: *mut sessio_session,
    json: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(json, ptr::null_mut()))?;
            let text: String = call_session(session, SessionRequest::SnapshotJson)?;
            Ok(value_out(slot, Some(text.into())))
        })
    }
}

/// The flash values that earlier requests left for this one, as a map. The commit removes them; a
/// request that does not ask for them, or is not committed, leaves them. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flashes(
    session: *mut sessio_session,
    flashes: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(flashes, ptr::null_mut()))?;
            let left: Map = call_session(session, SessionRequest::Flashes)?;
            Ok(value_out(slot, Some(left.into())))
        })
    }
}
