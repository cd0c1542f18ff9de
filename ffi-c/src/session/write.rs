//! Changes of a session's values. None of them waits: the commit stores them.

use std::ffi::{c_char, c_void};

use sessio::operation::SessionRequest;
use sessio::{Map, Result, Session, Timestamp, Value, from_value};

use crate::error::sessio_error;
use crate::guard::{arg, guard};
use crate::status::SESSIO_DONE;

use super::call::call_session;
use super::lifecycle::sessio_session;
use super::value::sessio_value;

/// Records a change of a key.
///
/// # Safety
/// The pointers are NULL, or point to a live session and to a text.
pub(super) unsafe fn change_key(
    session: *mut sessio_session,
    key: *const c_char,
    request: impl FnOnce(Session, String) -> SessionRequest,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe {
        let key = arg!(string(key))?.to_owned();
        call_session::<()>(session, |session| request(session, key))?;
    }
    Ok(SESSIO_DONE)
}

/// # Safety
/// As [`change_key`].
unsafe fn put(session: *mut sessio_session, key: *const c_char, value: Value) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe { change_key(session, key, |session, key| SessionRequest::Put(session, key, value)) }
}

/// # Safety
/// As [`change_key`].
unsafe fn flash(session: *mut sessio_session, key: *const c_char, value: Value) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe { change_key(session, key, |session, key| SessionRequest::Flash(session, key, value)) }
}

/// Sets the value of a key to null.
///
/// A key is UTF-8 that ends with a NUL, and may be empty. Keys that contain a NUL are reached by
/// sessio_session_put_values(), sessio_session_assign() and sessio_session_values() only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_null(
    session: *mut sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, Value::Null)) }
}

/// sessio_session_put_null() with a bool.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_bool(
    session: *mut sessio_session,
    key: *const c_char,
    value: bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, value.into())) }
}

/// sessio_session_put_null() with an integer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_int(
    session: *mut sessio_session,
    key: *const c_char,
    value: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, value.into())) }
}

/// sessio_session_put_null() with an integer that is not negative.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_uint(
    session: *mut sessio_session,
    key: *const c_char,
    value: u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, value.into())) }
}

/// sessio_session_put_null() with a floating point number. It stays one, even if it is whole.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_double(
    session: *mut sessio_session,
    key: *const c_char,
    value: f64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, value.into())) }
}

/// sessio_session_put_null() with a text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_text(
    session: *mut sessio_session,
    key: *const c_char,
    value: *const c_char,
    value_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, arg!(text(value, value_len))?.into())) }
}

/// sessio_session_put_null() with bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_bytes(
    session: *mut sessio_session,
    key: *const c_char,
    value: *const c_void,
    value_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, arg!(bytes(value, value_len))?.into())) }
}

/// sessio_session_put_null() with a time. Fails with SESSIO_INVALID_ARGUMENT for a time outside the
/// years 1 to 9999.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_time_us(
    session: *mut sessio_session,
    key: *const c_char,
    value_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, Timestamp::from_micros(value_us).into())) }
}

/// sessio_session_put_null() with a value as JSON, such as a list or a map, with the tags that
/// sessio_value_json() describes.
///
/// Fails with SESSIO_INVALID_ARGUMENT for malformed JSON, an unknown tag, and more than 63 nested
/// lists and maps.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_json(
    session: *mut sessio_session,
    key: *const c_char,
    json: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, Value::from_json(arg!(string(json))?)?)) }
}

/// sessio_session_put_null() with a copy of any value. Fails with SESSIO_INVALID_ARGUMENT for a
/// time outside the years 1 to 9999, and for more than 63 nested lists and maps.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_value(
    session: *mut sessio_session,
    key: *const c_char,
    value: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || put(session, key, arg!(borrow(value))?.value().clone())) }
}

/// Sets the values of all keys of a JSON object; other keys keep their values. Fails as
/// sessio_session_put_json(), and then sets nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_values(
    session: *mut sessio_session,
    json: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            arg!(borrow(session))?;
            let values: Map = from_value(Value::from_json(arg!(string(json))?)?)?;
            values.values().try_for_each(Value::check)?;
            for (key, value) in values {
                call_session::<()>(session, |session| SessionRequest::Put(session, key, value))?;
            }
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets the value of a key to a copy of `value` unless the session has an equal one already (of the
/// same kind, down to its elements; NaN equals NaN), and sets `*changed` to whether it did. For
/// programs that keep what they read in a form of their own and cannot tell whether it was changed.
/// Loads the session. Fails also as sessio_session_put_value().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_if_changed(
    session: *mut sessio_session,
    key: *const c_char,
    value: *const sessio_value,
    changed: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let changed = arg!(out(changed, false))?;
            let (key, value) =
                (arg!(string(key))?.to_owned(), arg!(borrow(value))?.value().clone());
            *changed =
                call_session(session, |session| SessionRequest::PutIfChanged(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Makes the values of a session those of a map, and no others. The differences from what the
/// session has are recorded as puts and removes, so changes that another request makes to other
/// keys are kept. For programs that hold all values in a map of their own, such as
/// sessio_session_values() gives.
///
/// Loads the session. Fails with SESSIO_INVALID_ARGUMENT for a value that is no map, and as
/// sessio_session_put_value(); nothing is changed then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_assign(
    session: *mut sessio_session,
    values: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let values = arg!(borrow(values))?.map()?.clone();
            call_session::<()>(session, |session| SessionRequest::Assign(session, values))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Leaves a text for the next request that calls sessio_session_flashes(), and for no other.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flash_text(
    session: *mut sessio_session,
    key: *const c_char,
    value: *const c_char,
    value_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || flash(session, key, arg!(text(value, value_len))?.into())) }
}

/// sessio_session_flash_text() with a value as JSON, as sessio_session_put_json() takes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flash_json(
    session: *mut sessio_session,
    key: *const c_char,
    json: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || flash(session, key, Value::from_json(arg!(string(json))?)?)) }
}

/// sessio_session_flash_text() with a copy of any value, as sessio_session_put_value() takes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flash_value(
    session: *mut sessio_session,
    key: *const c_char,
    value: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || flash(session, key, arg!(borrow(value))?.value().clone())) }
}

/// Removes a key, if it is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remove(
    session: *mut sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || change_key(session, key, SessionRequest::Remove)) }
}

/// Removes all values. Token, deadline, subject, "remember me", idle timeout and extra data stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_clear(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, SessionRequest::Clear)?;
            Ok(SESSIO_DONE)
        })
    }
}
