//! The verbs for a session that was listed: by its key.

use std::ffi::{c_char, c_void};

use sessio::{Key, Result, Target};

use crate::content::{content, content_if, expiry, sessio_content};
use crate::error::sessio_error;
use crate::guard::{borrow, bytes, guard, out};
use crate::record::sessio_record;
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
