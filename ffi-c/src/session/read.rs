//! The values of a session, read.

use std::ffi::c_char;
use std::ptr;

use sessio::operation::{SessionRequest, from_value_at};
use sessio::{Map, Result, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{guard, out, string};
use crate::status::{self, SESSIO_DONE, SESSIO_NOT_FOUND};

use super::door::ask;
use super::handle::{give, sessio_session};
use super::value::sessio_value;

/// The value of a key. SESSIO_NOT_FOUND when there is none. Null is a value.
///
/// Fails as sessio_session_ensure_loaded(); with SESSIO_INVALID_ARGUMENT for a key that is not UTF-8.
///
/// Ownership: sets `*value` to a value that the caller owns: sessio_value_free(); to NULL unless
/// the result is SESSIO_DONE. It is a copy: to change it, put it back. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get(
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
            Ok(give(slot, ask(session, |session| SessionRequest::Get(session, key))?))
        })
    }
}

/// The value of a key, which is removed from the session. SESSIO_NOT_FOUND when there is none.
///
/// Fails as sessio_session_get().
///
/// Ownership: as sessio_session_get(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_pop(
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
            Ok(give(slot, ask(session, |session| SessionRequest::Pop(session, key))?))
        })
    }
}

/// A scalar by its key.
///
/// # Safety
/// The pointers are NULL, or point to a live session, to a text and to a place.
unsafe fn scalar<T>(
    session: *const sessio_session,
    key: *const c_char,
    into: *mut T,
    empty: T,
    read: impl FnOnce(&str, Value) -> Result<T>,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    let (into, key) = unsafe { (out(into, empty)?, string(key)?) };
    let get = |session| SessionRequest::Get(session, key.to_owned());
    // SAFETY: passed on from the caller.
    let found: Option<Value> = unsafe { ask(session, get) }?;
    let Some(found) = found else { return Ok(SESSIO_NOT_FOUND) };
    *into = read(key, found)?;
    Ok(SESSIO_DONE)
}

/// Sets `*into` to the bool of a key. SESSIO_NOT_FOUND when there is no value.
///
/// Fails as sessio_session_get(); with SESSIO_INVALID_ARGUMENT for a value of another kind. Unless
/// the result is SESSIO_DONE `*into` is false.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_bool(
    session: *const sessio_session,
    key: *const c_char,
    into: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(session, key, into, false, from_value_at)) }
}

/// Sets `*into` to the integer of a key. SESSIO_NOT_FOUND when there is no value.
///
/// Fails as sessio_session_get(); with SESSIO_INVALID_ARGUMENT for a value of another kind and for
/// an integer above INT64_MAX. Unless the result is SESSIO_DONE `*into` is 0.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_int(
    session: *const sessio_session,
    key: *const c_char,
    into: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(session, key, into, 0, from_value_at)) }
}

/// Sets `*into` to the integer of a key that is not negative. SESSIO_NOT_FOUND when there is no
/// value.
///
/// Fails as sessio_session_get(); with SESSIO_INVALID_ARGUMENT for a value of another kind and for
/// an integer below 0. Unless the result is SESSIO_DONE `*into` is 0.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_uint(
    session: *const sessio_session,
    key: *const c_char,
    into: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(session, key, into, 0, from_value_at)) }
}

/// Sets `*into` to the floating point number of a key; an integer is read as the nearest one, for
/// not every language tells 2 from 2.0. SESSIO_NOT_FOUND when there is no value.
///
/// Fails as sessio_session_get(); with SESSIO_INVALID_ARGUMENT for a value of another kind. Unless
/// the result is SESSIO_DONE `*into` is 0.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_double(
    session: *const sessio_session,
    key: *const c_char,
    into: *mut f64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || scalar(session, key, into, 0.0, from_value_at)) }
}

/// Sets `*into_us` to the time of a key, in microseconds since 1970-01-01T00:00:00 UTC.
/// SESSIO_NOT_FOUND when there is no value.
///
/// Fails as sessio_session_get(); with SESSIO_INVALID_ARGUMENT for a value of another kind. Unless
/// the result is SESSIO_DONE `*into_us` is 0.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_time_us(
    session: *const sessio_session,
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

/// Whether there is a value of this key: SESSIO_DONE for yes, SESSIO_NOT_FOUND for no.
///
/// Fails as sessio_session_get().
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_contains(
    session: *const sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = string(key)?.to_owned();
            Ok(status::found(ask(session, |session| SessionRequest::Contains(session, key))?))
        })
    }
}

/// The keys of a session, sorted: a list of texts.
///
/// Fails as sessio_session_ensure_loaded().
///
/// Ownership: sets `*keys` to a value that the caller owns: sessio_value_free(); to NULL when it
/// fails. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_keys(
    session: *const sessio_session,
    keys: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(keys, ptr::null_mut())?;
            let keys: Vec<String> = ask(session, SessionRequest::Keys)?;
            let keys: Vec<Value> = keys.into_iter().map(Value::from).collect();
            Ok(give(slot, Some(keys.into())))
        })
    }
}

/// Everything in a session: a map.
///
/// Fails as sessio_session_ensure_loaded().
///
/// Ownership: sets `*values` to a value that the caller owns: sessio_value_free(); to NULL when it
/// fails. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_values(
    session: *const sessio_session,
    values: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(values, ptr::null_mut())?;
            let values: Map = ask(session, SessionRequest::Values)?;
            Ok(give(slot, Some(values.into())))
        })
    }
}

/// Everything in a session as one JSON object, a text as sessio_value_json() writes it: what
/// sessio_session_values() gives, in one piece.
///
/// Fails as sessio_session_ensure_loaded().
///
/// Ownership: sets `*json` to a text that the caller owns: sessio_value_free(); to NULL when it
/// fails. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_snapshot_json(
    session: *const sessio_session,
    json: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(json, ptr::null_mut())?;
            let text: String = ask(session, SessionRequest::SnapshotJson)?;
            Ok(give(slot, Some(text.into())))
        })
    }
}

/// What earlier requests left for this one with sessio_session_flash_text() and its like: a map,
/// empty where they left nothing. From the commit on it is gone; a request that does not ask for
/// it, or is not committed, leaves it.
///
/// Fails as sessio_session_ensure_loaded().
///
/// Ownership: sets `*flashes` to a value that the caller owns: sessio_value_free(); to NULL when
/// it fails. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flashes(
    session: *const sessio_session,
    flashes: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(flashes, ptr::null_mut())?;
            let left: Map = ask(session, SessionRequest::Flashes)?;
            Ok(give(slot, Some(left.into())))
        })
    }
}
