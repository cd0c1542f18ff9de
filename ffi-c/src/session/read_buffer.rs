//! Text and bytes of a session, copied into a buffer of the caller.

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;

use sessio::operation::SessionRequest;
use sessio::{Error, ErrorKind, Result, Value};

use crate::error::sessio_error;
use crate::guard::{arg, guard, named, uninit_slice};
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

use super::call::call_session;
use super::lifecycle::sessio_session;

/// The bytes of the value of a key, which must be of one kind.
///
/// # Safety
/// The pointers are NULL, or point to a live session and to a text.
unsafe fn of_kind(
    session: *mut sessio_session,
    key: *const c_char,
    wanted: &'static str,
    bytes_of: fn(Value) -> Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>> {
    // SAFETY: passed on from the caller.
    let key = unsafe { arg!(string(key)) }?;
    let get = |session| SessionRequest::Get(session, key.to_owned());
    // SAFETY: passed on from the caller.
    let value: Option<Value> = unsafe { call_session(session, get) }?;
    let Some(value) = value else { return Ok(None) };
    let kind = value.kind();
    let other = || {
        let message = format!("key: the value of {key:?} is of the kind {kind}, not {wanted}");
        Error::new(ErrorKind::InvalidArgument, message)
    };
    bytes_of(value).ok_or_else(other).map(Some)
}

/// Copies all of `from`, or nothing.
fn copy(from: &[u8], into: &mut [MaybeUninit<u8>], needed: usize) -> Result<i32> {
    if into.len() < needed {
        let message = format!("capacity: is {}, but {needed} bytes are needed", into.len());
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    for (place, byte) in into.iter_mut().zip(from) {
        place.write(*byte);
    }
    Ok(SESSIO_DONE)
}

fn text_bytes(value: Value) -> Option<Vec<u8>> {
    if let Value::Text(text) = value { Some(text.into_bytes()) } else { None }
}

fn plain_bytes(value: Value) -> Option<Vec<u8>> {
    if let Value::Bytes(bytes) = value { Some(bytes) } else { None }
}

/// Copies the text of a key and a NUL into `buffer`, whose size is `capacity`, and sets `*len` to
/// the length without that NUL. `len` may be NULL. SESSIO_NOT_FOUND if there is no value. To borrow
/// a text of any length use sessio_session_get() and sessio_value_text().
///
/// Loads the session. Fails with SESSIO_INVALID_ARGUMENT for a value of another kind. Fails with
/// SESSIO_TOO_LARGE if the buffer is too small; `*len` is the length of the text also then. If the
/// text is not copied the buffer holds `""`, provided that it has any room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_text(
    session: *mut sessio_session,
    key: *const c_char,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let len = if len.is_null() { None } else { Some(arg!(out(len, 0))?) };
            let buffer = named("buffer", uninit_slice(buffer.cast::<u8>(), capacity))?;
            if let Some(first) = buffer.first_mut() {
                first.write(0);
            }
            let Some(mut text) = of_kind(session, key, "text", text_bytes)? else {
                return Ok(SESSIO_NOT_FOUND);
            };
            len.into_iter().for_each(|len| *len = text.len());
            text.push(0);
            copy(&text, buffer, text.len())
        })
    }
}

/// Copies the bytes of a key into `buffer`, whose size is `capacity`, and sets `*len` to their
/// number. SESSIO_NOT_FOUND if there is no value. To borrow bytes of any length use
/// sessio_session_get() and sessio_value_bytes().
///
/// Loads the session. Fails with SESSIO_INVALID_ARGUMENT for a value of another kind. Fails with
/// SESSIO_TOO_LARGE if the buffer is too small; `*len` is the number of bytes also then. If they
/// are not copied the buffer is unchanged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_bytes(
    session: *mut sessio_session,
    key: *const c_char,
    buffer: *mut c_void,
    capacity: usize,
    len: *mut usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let (len, buffer) =
                (arg!(out(len, 0))?, named("buffer", uninit_slice(buffer.cast::<u8>(), capacity))?);
            let Some(bytes) = of_kind(session, key, "bytes", plain_bytes)? else {
                return Ok(SESSIO_NOT_FOUND);
            };
            *len = bytes.len();
            copy(&bytes, buffer, bytes.len())
        })
    }
}
