//! Keys, tokens that may be missing, and timeouts, as arguments.

use std::ffi::c_char;
use std::time::Duration;

use sessio::{Key, Result, Target};

use crate::guard::{bytes, invalid};
use crate::option_members::SESSIO_OFF;

/// The key that a program gives; text that cannot be one finds nothing.
///
/// # Safety
/// `pointer` is NULL or points to `len` bytes.
pub(crate) unsafe fn key(pointer: *const c_char, len: usize) -> Result<Key> {
    // SAFETY: passed on from the caller.
    let text = unsafe { bytes(pointer, len) }?;
    Ok(Key::from_text(std::str::from_utf8(text).unwrap_or_default()))
}

/// The key to list after; NULL is the beginning.
///
/// # Safety
/// `pointer` is NULL or points to `len` bytes.
pub(crate) unsafe fn after(pointer: *const c_char, len: usize) -> Result<Option<Key>> {
    if pointer.is_null() && len == 0 {
        return Ok(None);
    }
    // SAFETY: passed on from the caller.
    unsafe { key(pointer, len) }.map(Some)
}

/// The session to spare; NULL is none.
///
/// # Safety
/// `pointer` is NULL or points to `len` bytes.
pub(crate) unsafe fn keep<'a>(pointer: *const c_char, len: usize) -> Result<Option<Target<'a>>> {
    if pointer.is_null() && len == 0 {
        return Ok(None);
    }
    // SAFETY: passed on from the caller.
    Ok(Some(Target::Token(unsafe { bytes(pointer, len) }?)))
}

/// Zero in the core is "off" (SESSIO_OFF in C); 0 in C is "not set" (`None` in the core).
pub(crate) fn timeout(timeout_us: i64) -> Result<Option<Duration>> {
    if timeout_us == i64::from(SESSIO_OFF) {
        return Ok(Some(Duration::ZERO));
    }
    let micros = u64::try_from(timeout_us);
    let micros = micros.map_err(|_| invalid("must be SESSIO_OFF, 0 or positive"))?;
    Ok((micros != 0).then(|| Duration::from_micros(micros)))
}
