//! Writing one session by its token.

use std::ffi::{c_char, c_void};

use sessio::{Content, Expiry, Result, Target};

use crate::content::{content, content_if, expiry, sessio_content};
use crate::error::sessio_error;
use crate::guard::{borrow, bytes, guard};
use crate::status::{self, SESSIO_DONE};
use crate::store::sessio_store;

pub(crate) fn update(store: &sessio_store, target: Target<'_>, new: Content<'_>) -> Result<i32> {
    Ok(status::written(store.store.update(target, new)?))
}

pub(crate) fn replace(
    store: &sessio_store,
    target: Target<'_>,
    expected: &[u8],
    new: Content<'_>,
) -> Result<i32> {
    Ok(status::outcome(store.store.replace(target, expected, new)?))
}

pub(crate) fn touch(store: &sessio_store, target: Target<'_>, at: Expiry) -> Result<i32> {
    Ok(status::written(store.store.touch(target, at)?))
}

pub(crate) fn rename(
    store: &sessio_store,
    old: Target<'_>,
    new: Target<'_>,
    content: Option<Content<'_>>,
) -> Result<i32> {
    Ok(status::written(store.store.rename(old, new, content)?))
}

pub(crate) fn delete(store: &sessio_store, target: Target<'_>) -> Result<i32> {
    Ok(status::found(store.store.delete(target)?))
}

/// Stores a session, whatever was there before; `expires_at_us` is in microseconds since
/// 1970-01-01T00:00:00 UTC, or SESSIO_NEVER. When it returns, the session is committed.
///
/// Over a session that was just logged out this brings it back: use sessio_store_update() or
/// sessio_store_replace() for what was loaded.
///
/// Fails as every verb does; with SESSIO_INVALID_ARGUMENT for a token that cannot be stored,
/// SESSIO_TOO_LARGE, and SESSIO_FULL in memory.
///
/// Ownership: token and data are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_save(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    data: *const c_void,
    data_len: usize,
    expires_at_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let (store, target) = (borrow(store)?, Target::Token(bytes(token, token_len)?));
            store.store.save(target, bytes(data, data_len)?, expiry(expires_at_us))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_store_save() with a subject.
///
/// Fails as sessio_store_save(); with SESSIO_UNSUPPORTED for a subject where the table has no
/// column for it.
///
/// Ownership: token and content are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_save_content(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    content: *const sessio_content,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let (store, target) = (borrow(store)?, Target::Token(bytes(token, token_len)?));
            store.store.save_content(target, self::content(content)?)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Stores a session only if no live one has the token; an expired one is replaced.
///
/// Fails with SESSIO_ALREADY_EXISTS; otherwise as sessio_store_save_content().
///
/// Ownership: token and content are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_insert(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    content: *const sessio_content,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let (store, target) = (borrow(store)?, Target::Token(bytes(token, token_len)?));
            store.store.insert(target, self::content(content)?)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Changes a live session. SESSIO_GONE, and nothing written, when there is none: a session that
/// was ended is never brought back.
///
/// Fails as sessio_store_save_content().
///
/// Ownership: token and content are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_update(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    content: *const sessio_content,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            update(borrow(store)?, target, self::content(content)?)
        })
    }
}

/// Changes a live session only if its data is still `expected`: compare and swap. Otherwise
/// nothing is written, and the result is SESSIO_CONFLICT (the data is other data by now) or
/// SESSIO_GONE.
///
/// Fails as sessio_store_save_content().
///
/// Ownership: token, expected data and content are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_replace(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    expected: *const c_void,
    expected_len: usize,
    content: *const sessio_content,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            let expected = bytes(expected, expected_len)?;
            replace(borrow(store)?, target, expected, self::content(content)?)
        })
    }
}

/// Moves the expiry of a live session and leaves its data alone. SESSIO_GONE when there is none.
///
/// Fails as every verb does.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_touch(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    expires_at_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            touch(borrow(store)?, target, expiry(expires_at_us))
        })
    }
}

/// Gives a live session another token, and new content unless `content` is NULL, in one step:
/// never are both tokens valid, and never neither. SESSIO_GONE when there is no such session. Do
/// this whenever a user's rights change, at login above all.
///
/// Fails with SESSIO_ALREADY_EXISTS when a live session has the new token; otherwise as
/// sessio_store_save_content().
///
/// Ownership: tokens and content are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_rename(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    new_token: *const c_char,
    new_token_len: usize,
    content: *const sessio_content,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let old = Target::Token(bytes(token, token_len)?);
            let new = Target::Token(bytes(new_token, new_token_len)?);
            rename(borrow(store)?, old, new, content_if(content)?)
        })
    }
}

/// Ends a session. SESSIO_NOT_FOUND when there was no live one, which is no error.
///
/// Fails as every verb does.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_delete(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || delete(borrow(store)?, Target::Token(bytes(token, token_len)?))) }
}
