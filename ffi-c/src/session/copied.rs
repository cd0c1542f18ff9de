//! Texts and bytes of a session, copied into memory of the program's own.

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;

use sessio::operation::SessionRequest;
use sessio::{Error, ErrorKind, Result, Value};

use crate::error::sessio_error;
use crate::guard::{guard, out, room, string};
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

use super::door::ask;
use super::handle::sessio_session;

/// The value of a key, of one kind.
///
/// # Safety
/// The pointers are NULL, or point to a live session and to a text.
unsafe fn of_kind(
    session: *const sessio_session,
    key: *const c_char,
    wanted: &'static str,
    bytes_of: fn(Value) -> Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>> {
    // SAFETY: passed on from the caller.
    let key = unsafe { string(key) }?;
    let get = |session| SessionRequest::Get(session, key.to_owned());
    // SAFETY: passed on from the caller.
    let value: Option<Value> = unsafe { ask(session, get) }?;
    let Some(value) = value else { return Ok(None) };
    let kind = value.kind();
    let other = || {
        let message = format!("the value of {key:?} is of the kind {kind}, and not {wanted}");
        Error::new(ErrorKind::InvalidArgument, message)
    };
    bytes_of(value).ok_or_else(other).map(Some)
}

/// Copies all of it, or nothing.
fn copy(from: &[u8], into: &mut [MaybeUninit<u8>], needed: usize) -> Result<i32> {
    if into.len() < needed {
        let message = format!("the buffer has room for {} bytes, not for {needed}", into.len());
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

/// Copies the text of a key into `buffer`, which has room for `capacity` bytes, with a NUL after
/// it, and sets `*len` to its length without that NUL (`len` may be NULL). SESSIO_NOT_FOUND when
/// there is no value. To borrow a text of any length instead: sessio_session_get() and
/// sessio_value_text().
///
/// Fails as sessio_session_get(); with SESSIO_INVALID_ARGUMENT for a value of another kind, and
/// with SESSIO_TOO_LARGE where the buffer has no room for the text and its NUL: then `*len` is the
/// text's length all the same. Unless the result is SESSIO_DONE the buffer holds `""`, if it has
/// any room; and `*len` is 0, but for SESSIO_TOO_LARGE.
///
/// Ownership: the buffer is the caller's. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_text(
    session: *const sessio_session,
    key: *const c_char,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let len = if len.is_null() { None } else { Some(out(len, 0)?) };
            let buffer = room(buffer.cast::<u8>(), capacity)?;
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

/// Copies the bytes of a key into `buffer`, which has room for `capacity` bytes, and sets `*len` to
/// how many they are. SESSIO_NOT_FOUND when there is no value. To borrow bytes of any length
/// instead: sessio_session_get() and sessio_value_bytes().
///
/// Fails as sessio_session_get(); with SESSIO_INVALID_ARGUMENT for a value of another kind, and
/// with SESSIO_TOO_LARGE where the buffer has no room for them: then `*len` says how many they are
/// all the same. Unless the result is SESSIO_DONE the buffer is untouched, and `*len` is 0, but for
/// SESSIO_TOO_LARGE.
///
/// Ownership: the buffer is the caller's. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_get_bytes(
    session: *const sessio_session,
    key: *const c_char,
    buffer: *mut c_void,
    capacity: usize,
    len: *mut usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let (len, buffer) = (out(len, 0)?, room(buffer.cast::<u8>(), capacity)?);
            let Some(bytes) = of_kind(session, key, "bytes", plain_bytes)? else {
                return Ok(SESSIO_NOT_FOUND);
            };
            *len = bytes.len();
            copy(&bytes, buffer, bytes.len())
        })
    }
}
