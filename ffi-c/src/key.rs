//! Listed keys as text.

use std::ffi::c_char;

use sessio::Key;

use crate::error::sessio_error;
use crate::guard::{guard, invalid, out, uninit_slice};
use crate::status::SESSIO_DONE;

/// Room for a key as text of sessio_key_to_text(), with the NUL.
pub const SESSIO_KEY_TEXT_SIZE: usize = 76;

/// Writes a listed key as text, with a NUL after it, into `buffer`, which has room for `capacity`
/// (at least SESSIO_KEY_TEXT_SIZE) characters: `sessio-key:` and the key, as every language of
/// sessio writes it, for a page or a command that acts on a listed session later. Where a token is
/// expected such a text finds nothing.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, for a buffer that is too small, and for what cannot
/// be a key; the buffer is untouched then.
///
/// Ownership: the buffer is the caller's. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_key_to_text(
    key: *const c_char,
    key_len: usize,
    buffer: *mut c_char,
    capacity: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = crate::arguments::key(key, key_len)?;
            let buffer = uninit_slice(buffer.cast::<u8>(), capacity)?;
            if key.as_str().is_empty() || capacity < SESSIO_KEY_TEXT_SIZE {
                return Err(invalid("a listed key and room for SESSIO_KEY_TEXT_SIZE are needed"));
            }
            for (place, byte) in buffer.iter_mut().zip(key.to_string().bytes().chain([0])) {
                place.write(byte);
            }
            Ok(SESSIO_DONE)
        })
    }
}

/// Reads a key as text, as sessio_key_to_text() or another language wrote it: sets `*key` to where
/// in `text` the key begins, of `*key_len` characters, for the functions that take a key.
///
/// An attacker who has read the table knows all keys: read what the program itself has listed,
/// behind its own check of who may act on that session, and never what came in the place of a
/// token.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL and for what is no key as text; `*key` is NULL and
/// `*key_len` 0 then.
///
/// Ownership: the key is a part of `text` and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_key_from_text(
    text: *const c_char,
    text_len: usize,
    key: *mut *const c_char,
    key_len: *mut usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let (slot, len) = (out(key, std::ptr::null())?, out(key_len, 0)?);
            let text = crate::guard::text(text, text_len)?;
            let key: Key = text.parse()?;
            // It is the end of the text.
            let (_, found) = text.split_at(text.len() - key.as_str().len());
            (*slot, *len) = (found.as_ptr().cast(), found.len());
            Ok(SESSIO_DONE)
        })
    }
}
