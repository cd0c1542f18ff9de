//! The values of a session, read.

use std::ffi::c_char;
use std::future::Future;
use std::ptr;

use sessio::{Result, Session, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{borrow, guard, out, string};
use crate::status::{self, SESSIO_DONE, SESSIO_NOT_FOUND};

use super::handle::{give, sessio_session};
use super::value::sessio_value;

/// The value of a key. SESSIO_NOT_FOUND when there is none. Null is a value.
///
/// Fails as sessio_session_look(); with SESSIO_INVALID_ARGUMENT for a key that is not UTF-8.
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
            let (this, key) = (borrow(session)?, string(key)?.to_owned());
            let found = this.wait(|session| async move { session.get_value(&key).await })?;
            Ok(give(slot, found))
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
            let (this, key) = (borrow(session)?, string(key)?.to_owned());
            let found = this.wait(|session| async move { session.pop_value(&key).await })?;
            Ok(give(slot, found))
        })
    }
}

/// A scalar by its key.
///
/// # Safety
/// The pointers are NULL, or point to a live session, to a text and to a place.
unsafe fn scalar<T, F>(
    session: *const sessio_session,
    key: *const c_char,
    into: *mut T,
    empty: T,
    ask: impl FnOnce(Session, String) -> F,
) -> Result<i32>
where
    T: Send + 'static,
    F: Future<Output = Result<Option<T>>> + Send + 'static,
{
    // SAFETY: passed on from the caller.
    let (into, this, key) =
        unsafe { (out(into, empty)?, borrow(session)?, string(key)?.to_owned()) };
    let Some(found) = this.wait(|session| ask(session, key))? else {
        return Ok(SESSIO_NOT_FOUND);
    };
    *into = found;
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
    unsafe {
        guard(error, || {
            let ask = |session: Session, key: String| async move { session.get(&key).await };
            scalar(session, key, into, false, ask)
        })
    }
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
    unsafe {
        guard(error, || {
            let ask = |session: Session, key: String| async move { session.get(&key).await };
            scalar(session, key, into, 0, ask)
        })
    }
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
    unsafe {
        guard(error, || {
            let ask = |session: Session, key: String| async move { session.get(&key).await };
            scalar(session, key, into, 0, ask)
        })
    }
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
    unsafe {
        guard(error, || {
            let ask = |session: Session, key: String| async move { session.get(&key).await };
            scalar(session, key, into, 0.0, ask)
        })
    }
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
            let ask = |session: Session, key: String| async move {
                Ok(session.get(&key).await?.map(Timestamp::as_micros))
            };
            scalar(session, key, into_us, 0, ask)
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
            let (this, key) = (borrow(session)?, string(key)?.to_owned());
            let there = this.wait(|session| async move { session.contains(&key).await })?;
            Ok(status::found(there))
        })
    }
}

/// The keys of a session, sorted: a list of texts.
///
/// Fails as sessio_session_look().
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
            let keys = borrow(session)?.wait(|session| async move { session.keys().await })?;
            let keys: Vec<Value> = keys.into_iter().map(Value::from).collect();
            Ok(give(slot, Some(keys.into())))
        })
    }
}

/// Everything in a session: a map.
///
/// Fails as sessio_session_look().
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
            let values = borrow(session)?.wait(|session| async move { session.values().await })?;
            Ok(give(slot, Some(values.into())))
        })
    }
}

/// What earlier requests left for this one with sessio_session_flash_text() or
/// sessio_session_flash_json(): a map, empty where they left nothing. From
/// the commit on it is gone.
///
/// Fails as sessio_session_look().
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
            let left = borrow(session)?.wait(|session| async move { session.flashes().await })?;
            Ok(give(slot, Some(left.into())))
        })
    }
}
