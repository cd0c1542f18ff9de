//! The values of a session, changed. None of these waits: the commit stores what they note.

use std::ffi::{c_char, c_void};

use sessio::operation::SessionRequest;
use sessio::{Map, Result, Session, Timestamp, Value, from_value};

use crate::error::sessio_error;
use crate::guard::{borrow, bytes, guard, out, string, text};
use crate::status::SESSIO_DONE;

use super::door::ask;
use super::handle::sessio_session;
use super::value::sessio_value;

/// Notes something of a key.
///
/// # Safety
/// The pointers are NULL, or point to a live session and to a text.
pub(super) unsafe fn note(
    session: *const sessio_session,
    key: *const c_char,
    request: impl FnOnce(Session, String) -> SessionRequest,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe {
        let key = string(key)?.to_owned();
        ask::<()>(session, |session| request(session, key))?;
    }
    Ok(SESSIO_DONE)
}

/// # Safety
/// As [`note`].
unsafe fn put(session: *const sessio_session, key: *const c_char, value: Value) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe { note(session, key, |session, key| SessionRequest::Put(session, key, value)) }
}

/// # Safety
/// As [`note`].
unsafe fn flash(session: *const sessio_session, key: *const c_char, value: Value) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe { note(session, key, |session, key| SessionRequest::Flash(session, key, value)) }
}

/// Sets the value of a key to null.
///
/// A key is UTF-8 that ends with a NUL, and may be empty. One with a NUL within is reached by
/// sessio_session_put_values() and sessio_session_values() alone.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL and for a key that is not UTF-8.
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_null(
    session: *const sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, Value::Null)) }
}

/// Sets the value of a key to a bool.
///
/// Fails as sessio_session_put_null().
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_bool(
    session: *const sessio_session,
    key: *const c_char,
    value: bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, value.into())) }
}

/// Sets the value of a key to an integer.
///
/// Fails as sessio_session_put_null().
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_int(
    session: *const sessio_session,
    key: *const c_char,
    value: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, value.into())) }
}

/// Sets the value of a key to an integer that is not negative.
///
/// Fails as sessio_session_put_null().
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_uint(
    session: *const sessio_session,
    key: *const c_char,
    value: u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, value.into())) }
}

/// Sets the value of a key to a floating point number, which it stays, also where it is whole.
///
/// Fails as sessio_session_put_null().
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_double(
    session: *const sessio_session,
    key: *const c_char,
    value: f64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, value.into())) }
}

/// Sets the value of a key to a text of UTF-8 with a length.
///
/// Fails as sessio_session_put_null(); with SESSIO_INVALID_ARGUMENT for what is not UTF-8.
///
/// Ownership: key and text are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_text(
    session: *const sessio_session,
    key: *const c_char,
    value: *const c_char,
    value_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, text(value, value_len)?.into())) }
}

/// Sets the value of a key to bytes.
///
/// Fails as sessio_session_put_null().
///
/// Ownership: key and bytes are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_bytes(
    session: *const sessio_session,
    key: *const c_char,
    value: *const c_void,
    value_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, bytes(value, value_len)?.into())) }
}

/// Sets the value of a key to a time, in microseconds since 1970-01-01T00:00:00 UTC.
///
/// Fails as sessio_session_put_null(); with SESSIO_INVALID_ARGUMENT for a time outside the years 1
/// to 9999.
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_time_us(
    session: *const sessio_session,
    key: *const c_char,
    value_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, Timestamp::from_micros(value_us).into())) }
}

/// Sets the value of a key to what JSON says, such as a list or a map: text that ends with a NUL,
/// by hand or from sessio_value_json(), whose tags it may have.
///
/// Fails as sessio_session_put_null(); with SESSIO_INVALID_ARGUMENT for what is no JSON or has a
/// tag that does not exist, and for more than 63 lists and maps within one another.
///
/// Ownership: key and JSON are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_json(
    session: *const sessio_session,
    key: *const c_char,
    json: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, Value::from_json(string(json)?)?)) }
}

/// Sets the value of a key to any value: one that was read, or built with sessio_value_new_list(),
/// sessio_value_new_map() and their like.
///
/// Fails as sessio_session_put_null(); with SESSIO_INVALID_ARGUMENT for a NULL value, for a time
/// outside the years 1 to 9999, and for more than 63 lists and maps within one another.
///
/// Ownership: key and value are copied: the value stays whose it is. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_value(
    session: *const sessio_session,
    key: *const c_char,
    value: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, borrow(value)?.value().clone())) }
}

/// Sets the values of all keys of a JSON object; other keys stay as they are. Keys may hold any
/// character.
///
/// Fails as sessio_session_put_json(), and then nothing is set; with SESSIO_INVALID_ARGUMENT for
/// JSON that is no object.
///
/// Ownership: the JSON is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_values(
    session: *const sessio_session,
    json: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            borrow(session)?;
            let values: Map = from_value(Value::from_json(string(json)?)?)?;
            values.values().try_for_each(Value::check)?;
            for (key, value) in values {
                ask::<()>(session, |session| SessionRequest::Put(session, key, value))?;
            }
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets the value of a key to any value, unless the session has an equal one already (of the same
/// kind, down to its parts; NaN equals NaN), and sets `*changed` to whether it did: for programs
/// that keep what they read in a form of their own, and cannot tell whether that was changed.
///
/// Fails as sessio_session_put_value() and sessio_session_get(), and `*changed` is false then.
///
/// Ownership: key and value are copied: the value stays whose it is. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_if_changed(
    session: *const sessio_session,
    key: *const c_char,
    value: *const sessio_value,
    changed: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let changed = out(changed, false)?;
            let (key, value) = (string(key)?.to_owned(), borrow(value)?.value().clone());
            *changed = ask(session, |session| SessionRequest::PutIfChanged(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Makes the values of a session those of a map, and no others. What differs from what the session
/// has is noted, as puts and removes, so that what another request changed meanwhile and this map
/// does not stays. For programs that hold all values in a map of their own: sessio_session_values()
/// gives it.
///
/// Fails as sessio_session_put_value() and sessio_session_ensure_loaded(); with SESSIO_INVALID_ARGUMENT for
/// a value that is no map. Nothing is noted then.
///
/// Ownership: the map is copied: it stays whose it is. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_assign(
    session: *const sessio_session,
    values: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let values = borrow(values)?.map()?.clone();
            ask::<()>(session, |session| SessionRequest::Assign(session, values))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Leaves a text for the next request that asks for sessio_session_flashes(), and for that one
/// alone.
///
/// Fails as sessio_session_put_text().
///
/// Ownership: key and text are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flash_text(
    session: *const sessio_session,
    key: *const c_char,
    value: *const c_char,
    value_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || flash(session, key, text(value, value_len)?.into())) }
}

/// sessio_session_flash_text() with any value, as JSON.
///
/// Fails as sessio_session_put_json().
///
/// Ownership: key and JSON are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flash_json(
    session: *const sessio_session,
    key: *const c_char,
    json: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || flash(session, key, Value::from_json(string(json)?)?)) }
}

/// sessio_session_flash_text() with any value.
///
/// Fails as sessio_session_put_value().
///
/// Ownership: key and value are copied: the value stays whose it is. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flash_value(
    session: *const sessio_session,
    key: *const c_char,
    value: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || flash(session, key, borrow(value)?.value().clone())) }
}

/// Removes a key, if it is there.
///
/// Fails as sessio_session_put_null().
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remove(
    session: *const sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || note(session, key, SessionRequest::Remove)) }
}

/// Removes all values; token, deadline, subject, "remember me", idle timeout and what is kept
/// beside the values stay.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_clear(
    session: *const sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            ask::<()>(session, SessionRequest::Clear)?;
            Ok(SESSIO_DONE)
        })
    }
}
