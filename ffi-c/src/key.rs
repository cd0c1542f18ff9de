//! The verbs for a session that was listed: by its key.

use std::ffi::{c_char, c_void};

use sessio::{Key, Result, Target};

use crate::content::{content, content_if, expiry, sessio_content};
use crate::error::sessio_error;
use crate::guard::{borrow, bytes, guard, invalid, out, uninit_slice};
use crate::record::sessio_record;
use crate::status::SESSIO_DONE;
use crate::store::sessio_store;
use crate::{read, write};

/// The key that a program gives; text that cannot be one finds nothing.
///
/// # Safety
/// `pointer` is NULL or points to `len` bytes.
pub(crate) unsafe fn key(pointer: *const c_char, len: usize) -> Result<Key> {
    // SAFETY: passed on from the caller.
    let text = unsafe { bytes(pointer, len) }?;
    Ok(Key::from_text(std::str::from_utf8(text).unwrap_or_default()))
}

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
            let key = self::key(key, key_len)?;
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

/// sessio_store_find() by the key of a listed session.
///
/// Fails as every verb does.
///
/// Ownership: sets `*record` to a record that the caller owns: sessio_record_free(); to NULL
/// unless the result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_find_by_key(
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    record: *mut *mut sessio_record,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(record, std::ptr::null_mut())?;
            read::find(borrow(store)?, Target::Key(&self::key(key, key_len)?), slot)
        })
    }
}

/// sessio_store_exists() by the key of a listed session.
///
/// Fails as every verb does.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_exists_by_key(
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || read::exists(borrow(store)?, Target::Key(&self::key(key, key_len)?))) }
}

/// sessio_store_update() by the key of a listed session.
///
/// Fails as sessio_store_update().
///
/// Ownership: key and content are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_update_by_key(
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    content: *const sessio_content,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = self::key(key, key_len)?;
            write::update(borrow(store)?, Target::Key(&key), self::content(content)?)
        })
    }
}

/// sessio_store_replace() by the key of a listed session.
///
/// Fails as sessio_store_replace().
///
/// Ownership: key, expected data and content are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_replace_by_key(
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    expected: *const c_void,
    expected_len: usize,
    content: *const sessio_content,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let (key, expected) = (self::key(key, key_len)?, bytes(expected, expected_len)?);
            write::replace(borrow(store)?, Target::Key(&key), expected, self::content(content)?)
        })
    }
}

/// sessio_store_touch() by the key of a listed session.
///
/// Fails as every verb does.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_touch_by_key(
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    expires_at_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = self::key(key, key_len)?;
            write::touch(borrow(store)?, Target::Key(&key), expiry(expires_at_us))
        })
    }
}

/// sessio_store_rename() by the key of a listed session; the new one is a token.
///
/// Fails as sessio_store_rename().
///
/// Ownership: key, token and content are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_rename_by_key(
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    new_token: *const c_char,
    new_token_len: usize,
    content: *const sessio_content,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = self::key(key, key_len)?;
            let new = Target::Token(bytes(new_token, new_token_len)?);
            write::rename(borrow(store)?, Target::Key(&key), new, content_if(content)?)
        })
    }
}

/// sessio_store_delete() by the key of a listed session: "sign out this device".
///
/// Fails as every verb does.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_delete_by_key(
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || write::delete(borrow(store)?, Target::Key(&self::key(key, key_len)?)))
    }
}
