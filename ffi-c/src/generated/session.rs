//! The verbs of a session.
//!
//! Made by `cargo xtask gen` from `api/session.toml`: change that.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::time::Duration;

use sessio::operation::SessionRequest;
use sessio::{Map, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{arg, guard, named};
use crate::session::answers::{choice_out, expiry_out, texts_out, timeout_out};
use crate::session::call::call_session;
use crate::session::lifecycle::sessio_session;
use crate::session::value::{sessio_value, value_out};
use crate::status::SESSIO_DONE;
use crate::{arguments, status};

/// Loads the session from the store unless it is loaded, whether the store has it or not. Every
/// read does so by itself; after this call none waits for the store.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_ensure_loaded(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, SessionRequest::EnsureLoaded)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// The value of a key; SESSIO_NOT_FOUND if there is none. It may be null. It is a copy: to change
/// it, put it back.
///
/// Loads the session. Fails as sessio_store_find(), and with SESSIO_CORRUPT if the option
/// `on_corrupt` is `fail`.
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
            let value = arg!(out(value, ptr::null_mut()))?;
            let key = arg!(string(key))?.to_owned();
            let answer: Option<Value> =
                call_session(session, |session| SessionRequest::Get(session, key))?;
            Ok(value_out(value, answer))
        })
    }
}

/// The value of a key, which is removed; SESSIO_NOT_FOUND if there is none. The commit stores the
/// removal: until then other requests can pop the same value. See sessio_session_take().
///
/// Loads the session. Fails as sessio_session_get().
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
            let value = arg!(out(value, ptr::null_mut()))?;
            let key = arg!(string(key))?.to_owned();
            let answer: Option<Value> =
                call_session(session, |session| SessionRequest::Pop(session, key))?;
            Ok(value_out(value, answer))
        })
    }
}

/// Whether there is a value with this key. SESSIO_DONE for yes, SESSIO_NOT_FOUND for no.
///
/// Loads the session. Fails as sessio_session_get().
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
            let answer: bool =
                call_session(session, |session| SessionRequest::Contains(session, key))?;
            Ok(status::found(answer))
        })
    }
}

/// The keys, sorted. `*keys` is a list of texts.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_keys(
    session: *mut sessio_session,
    keys: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let keys = arg!(out(keys, ptr::null_mut()))?;
            let answer: Vec<String> = call_session(session, SessionRequest::Keys)?;
            Ok(texts_out(keys, answer))
        })
    }
}

/// All values, by key. `*values` is a map.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_values(
    session: *mut sessio_session,
    values: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let values = arg!(out(values, ptr::null_mut()))?;
            let answer: Map = call_session(session, SessionRequest::Values)?;
            Ok(value_out(values, Some(answer)))
        })
    }
}

/// All values as one JSON object: a text value, written as sessio_value_json() does.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_snapshot_json(
    session: *mut sessio_session,
    json: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let json = arg!(out(json, ptr::null_mut()))?;
            let answer: String = call_session(session, SessionRequest::SnapshotJson)?;
            Ok(value_out(json, Some(answer)))
        })
    }
}

/// The flash values that earlier requests left for this one, by name. The commit removes them; a
/// request that does not ask for them, or is not committed, leaves them. Those of a listed session
/// stay for its owner. `*flashes` is a map.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flashes(
    session: *mut sessio_session,
    flashes: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let flashes = arg!(out(flashes, ptr::null_mut()))?;
            let answer: Map = call_session(session, SessionRequest::Flashes)?;
            Ok(value_out(flashes, Some(answer)))
        })
    }
}

/// A copy of the extra value of this name; SESSIO_NOT_FOUND if there is none. See
/// sessio_session_set_extra().
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_extra(
    session: *mut sessio_session,
    name: *const c_char,
    value: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let value = arg!(out(value, ptr::null_mut()))?;
            let name = arg!(string(name))?.to_owned();
            let answer: Option<Value> =
                call_session(session, |session| SessionRequest::Extra(session, name))?;
            Ok(value_out(value, answer))
        })
    }
}

/// When the lifetime of the session ends. Sets `*deadline_us` to the answer.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_deadline(
    session: *mut sessio_session,
    deadline_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let deadline_us = arg!(out(deadline_us, 0))?;
            *deadline_us =
                call_session::<Timestamp>(session, SessionRequest::Deadline)?.as_micros();
            Ok(SESSIO_DONE)
        })
    }
}

/// When a session ends if it is not used from now on, as the store has it (what was loaded, or what
/// the last commit stored); SESSIO_NEVER if it has no end. SESSIO_NOT_FOUND for a session that is
/// not stored. Sets `*expires_at_us` to the answer.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_expires_at_us(
    session: *mut sessio_session,
    expires_at_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let expires_at_us = arg!(out(expires_at_us, 0))?;
            let answer: Option<Timestamp> = call_session(session, SessionRequest::ExpiresAt)?;
            expiry_out(session, expires_at_us, answer)
        })
    }
}

/// What sessio_session_remember_me() has set; SESSIO_NOT_FOUND if it was not called: then the
/// option `cookie_persist` decides. Sets `*remembered` to the answer.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remembered(
    session: *mut sessio_session,
    remembered: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let remembered = arg!(out(remembered, false))?;
            let answer: Option<bool> = call_session(session, SessionRequest::Remembered)?;
            Ok(choice_out(remembered, answer))
        })
    }
}

/// The idle timeout that sessio_session_set_idle_timeout_us() has set for this session;
/// SESSIO_NOT_FOUND if it was not called: then the manager's option applies. SESSIO_OFF is no idle
/// timeout. Sets `*timeout_us` to the answer.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_idle_timeout_us(
    session: *mut sessio_session,
    timeout_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let timeout_us = arg!(out(timeout_us, 0))?;
            let answer: Option<Duration> = call_session(session, SessionRequest::IdleTimeout)?;
            Ok(timeout_out(timeout_us, answer))
        })
    }
}

/// Whose session it is, such as a user id; SESSIO_NOT_FOUND if that was not set. `*subject` is a
/// text.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_subject(
    session: *mut sessio_session,
    subject: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let subject = arg!(out(subject, ptr::null_mut()))?;
            let answer: Option<String> = call_session(session, SessionRequest::Subject)?;
            Ok(value_out(subject, answer))
        })
    }
}

/// Whether the store does not have this session (yet). Sets `*is_new` to the answer.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_is_new(
    session: *mut sessio_session,
    is_new: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let is_new = arg!(out(is_new, false))?;
            *is_new = call_session(session, SessionRequest::IsNew)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets the value of a key. The value is null. A key is UTF-8 that ends with a NUL, and may be
/// empty. Keys that contain a NUL are reached by sessio_session_put_values(),
/// sessio_session_assign() and sessio_session_values() only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_null(
    session: *mut sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Put(session, key, Value::Null))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Put(session, key, value.into()))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Put(session, key, value.into()))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Put(session, key, value.into()))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Put(session, key, value.into()))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let value = Value::from(arg!(text(value, value_len))?);
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Put(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let value = Value::from(arg!(bytes(value, value_len))?);
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Put(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| {
                SessionRequest::Put(session, key, Timestamp::from_micros(value_us).into())
            })?;
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_session_put_null() with a value as JSON. It can be a list or a map, and has the tags that
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
    unsafe {
        guard(error, || {
            let value = Value::from_json(arg!(string(json))?)?;
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Put(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let value = arg!(borrow(value))?.value().clone();
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Put(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets the value of a key unless it has an equal one already, and says whether it did. The
/// comparison is deep and includes types: 1, 1.0 and true differ, and NaN equals NaN. For programs
/// that keep what they read in a form of their own and cannot tell whether it was changed. Sets
/// `*changed` to the answer.
///
/// Loads the session. Fails as sessio_session_put_value().
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
            let key = arg!(string(key))?.to_owned();
            let value = arg!(borrow(value))?.value().clone();
            *changed =
                call_session(session, |session| SessionRequest::PutIfChanged(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Replaces all values by these. Only what differs is a change, found as by
/// sessio_session_put_if_changed(), and keys that are not among these are removed: so requests that
/// meet keep each other's changes. For programs that hold all values in a map of their own. After
/// an error nothing is changed.
///
/// Loads the session. Fails as sessio_session_put_value(), and with SESSIO_INVALID_ARGUMENT for a
/// value that is no map.
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

/// Adds `by`, which may be negative, to the integer of a key; a missing value counts as 0. The
/// commit adds to what is stored by then, so the increments of several requests add up.
///
/// Fails with SESSIO_INVALID_ARGUMENT if the value is no integer, or the sum would be below -2^63
/// or above 2^64 - 1; where that is not known yet, the commit fails.
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
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Increment(session, key, by))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Appends an item to the list of a key; a missing value counts as an empty list. The commit
/// appends to what is stored by then, so the items of several requests are all kept. The item is
/// null.
///
/// Fails with SESSIO_INVALID_ARGUMENT if the value of the key is no list; where that is not known
/// yet, the commit fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_null(
    session: *mut sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| {
                SessionRequest::Append(session, key, Value::Null)
            })?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| {
                SessionRequest::Append(session, key, item.into())
            })?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| {
                SessionRequest::Append(session, key, item.into())
            })?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| {
                SessionRequest::Append(session, key, item.into())
            })?;
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_session_append_null() with a floating point number, as sessio_session_put_double() takes
/// it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_double(
    session: *mut sessio_session,
    key: *const c_char,
    item: f64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| {
                SessionRequest::Append(session, key, item.into())
            })?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let item = Value::from(arg!(text(item, item_len))?);
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Append(session, key, item))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let item = Value::from(arg!(bytes(item, item_len))?);
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Append(session, key, item))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_session_append_null() with a time, as sessio_session_put_time_us() takes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_append_time_us(
    session: *mut sessio_session,
    key: *const c_char,
    item_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| {
                SessionRequest::Append(session, key, Timestamp::from_micros(item_us).into())
            })?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let item = Value::from_json(arg!(string(json))?)?;
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Append(session, key, item))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let item = arg!(borrow(item))?.value().clone();
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Append(session, key, item))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Removes a key, if it is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remove(
    session: *mut sessio_session,
    key: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Remove(session, key))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Removes all values. Token, deadline, subject, "remember me", idle timeout and extra values stay.
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

/// Leaves a value for the next request that calls sessio_session_flashes(), and for no other. Of
/// two values of one name the later is left. The value is a text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_flash_text(
    session: *mut sessio_session,
    key: *const c_char,
    value: *const c_char,
    value_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let value = Value::from(arg!(text(value, value_len))?);
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Flash(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let value = Value::from_json(arg!(string(json))?)?;
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Flash(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
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
    unsafe {
        guard(error, || {
            let value = arg!(borrow(value))?.value().clone();
            let key = arg!(string(key))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::Flash(session, key, value))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets extra data: bookkeeping that a framework's adapter keeps beside the values. The functions
/// for values do not show it, it stays when the values are cleared, and it is merged name by name
/// when two requests conflict. It ends with the session, and with sessio_session_regenerate(). A
/// session with nothing else is not stored. Names should begin with the framework's, because all
/// programs of a session share them; `sessio` is taken. The value is copied.
///
/// Fails as sessio_session_put_value().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_extra(
    session: *mut sessio_session,
    name: *const c_char,
    value: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let value = arg!(borrow(value))?.value().clone();
            let name = arg!(string(name))?.to_owned();
            call_session::<()>(session, |session| {
                SessionRequest::SetExtra(session, name, Some(value))
            })?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Removes what sessio_session_set_extra() has set, if it is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remove_extra(
    session: *mut sessio_session,
    name: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let name = arg!(string(name))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::SetExtra(session, name, None))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Gives the session a new token at the commit, in one step with all other changes: at any moment
/// exactly one of the two tokens is valid, and without a commit nothing changes. Call it when a
/// user logs in or out, so that a token that was planted before becomes worthless. SESSIO_GONE if
/// another request is known to have ended the session.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_renew(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let answer: bool = call_session(session, SessionRequest::Renew)?;
            Ok(status::written(answer))
        })
    }
}

/// Starts over under a new token at the commit: values, flash values, subject, "remember me", idle
/// timeout, extra values and earlier changes are dropped, and a new lifetime begins. What is put in
/// afterwards belongs to the new session. The new token and the emptied session are stored in one
/// step: at any moment exactly one of the two tokens is valid, and without a commit nothing
/// changes. A session that is not stored yet is only emptied. SESSIO_GONE if another request is
/// known to have ended the session.
///
/// Loads the session. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_regenerate(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let answer: bool = call_session(session, SessionRequest::Regenerate)?;
            Ok(status::written(answer))
        })
    }
}

/// Makes the commit store a new session even if it has no values, for programs that need its token
/// or its row. No effect on a session that is stored already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_store_empty(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, SessionRequest::StoreEmpty)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Moves the end of the session's lifetime. With a time in the past the commit ends the session.
/// The deadline is fixed from then on: neither use of the session nor sessio_session_touch() moves
/// it. SESSIO_NEVER is no end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_deadline(
    session: *mut sessio_session,
    deadline_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, |session| {
                SessionRequest::SetDeadline(session, Timestamp::from_micros(deadline_us).into())
            })?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Makes the commit extend the session because it is used now, whatever the option `touch_interval`
/// says, even if nothing else was changed. With an idle timeout, the session's own or the
/// manager's, that starts again, and the deadline stays. Without one a new lifetime begins; but a
/// deadline of sessio_session_set_deadline() stays, and so does any deadline in a document of a Go
/// program, because it does not say who has set it.
///
/// sessio_store_touch() moves the expiry of the row only, and a session does not outlive the expiry
/// within its data.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_touch(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, SessionRequest::Touch)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Whether the cookie of this session outlives the browser, whatever the option `cookie_persist`
/// says: true keeps it until the session ends, false until the browser is closed. Stored with the
/// session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remember_me(
    session: *mut sessio_session,
    remember: bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, |session| SessionRequest::RememberMe(session, remember))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets the idle timeout of this session in microseconds, whatever the setting of the managers
/// says. It is stored with the session and applies to every manager that reads it. SESSIO_OFF is no
/// idle timeout; 0 returns to the managers' setting. The commit moves the expiry accordingly, but
/// not beyond the deadline.
///
/// Fails with SESSIO_INVALID_ARGUMENT for another negative number and above 200,000 years.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_idle_timeout_us(
    session: *mut sessio_session,
    timeout_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let timeout_us = named("timeout_us", arguments::timeout(timeout_us))?;
            call_session::<()>(session, |session| {
                SessionRequest::SetIdleTimeout(session, timeout_us)
            })?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets the subject, which is usually a user id, so that all sessions of a user can be listed and
/// ended. NULL and 0 remove it. The commit fails with SESSIO_UNSUPPORTED if the table has no column
/// for subjects.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a subject that is empty, longer than 255 characters, or
/// ends with a space.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_subject(
    session: *mut sessio_session,
    subject: *const c_char,
    subject_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let subject = arg!(text_if(subject, subject_len))?.map(str::to_owned);
            call_session::<()>(session, |session| SessionRequest::SetSubject(session, subject))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Removes the value of a key, or else a flash value of this name, from the stored session now, and
/// returns it; SESSIO_NOT_FOUND if there is none. Of all requests that take it exactly one gets it:
/// for codes that may be used once. Other changes of this request wait for the commit. If the
/// answer is lost, so is the value: after SESSIO_TIMEOUT and SESSIO_UNAVAILABLE it is not known
/// whether the value is still there.
///
/// Asks the store. Fails as sessio_manager_commit().
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
            let value = arg!(out(value, ptr::null_mut()))?;
            let key = arg!(string(key))?.to_owned();
            let answer: Option<Value> =
                call_session(session, |session| SessionRequest::Take(session, key))?;
            Ok(value_out(value, answer))
        })
    }
}

/// The token under which the next commit stores the session, chosen now if it is to get a new one:
/// for programs that need it before the commit, such as for CSRF tokens that are bound to a
/// session. This alone stores nothing, and a later sessio_session_renew() or
/// sessio_session_regenerate() chooses another token. SESSIO_NOT_FOUND for a listed session, whose
/// token is unknown, and for one that another request has ended. It is the client's secret: never
/// log it. `*token` is a text.
///
/// Loads the session. Fails as sessio_session_get(), and with SESSIO_INTERNAL if the system has no
/// randomness.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_ensure_token(
    session: *mut sessio_session,
    token: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let token = arg!(out(token, ptr::null_mut()))?;
            let answer: Option<String> = call_session(session, SessionRequest::EnsureToken)?;
            Ok(value_out(token, answer))
        })
    }
}

/// Ends the session now and forgets its values. The commit then deletes the cookie. What is put in
/// afterwards makes a new session.
///
/// Asks the store. Fails as sessio_store_delete().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_destroy(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, SessionRequest::Destroy)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Copies everything from the session of another token, key by key, and the later deadline of the
/// two. The other session ends when this one is stored. Nothing happens if there is no such
/// session, or if it is this one.
///
/// Asks the store. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_merge_from(
    session: *mut sessio_session,
    token: *const c_char,
    token_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let token = arg!(text(token, token_len))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::MergeFrom(session, token))?;
            Ok(SESSIO_DONE)
        })
    }
}
