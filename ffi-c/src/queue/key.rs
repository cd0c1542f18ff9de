//! Submitting the verbs for one session, by its key.

use std::ffi::{c_char, c_void};

use sessio::Target;
use sessio::operation::Request;

use crate::content::{content, content_if, expiry, sessio_content};
use crate::error::sessio_error;
use crate::guard::{bytes, guard};
use crate::store::sessio_store;

use super::{sessio_queue, submit};

/// Submits sessio_store_find_by_key(); a completion of SESSIO_DONE has the `record`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_find_by_key(
    queue: *const sessio_queue,
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = crate::key::key(key, key_len)?;
            submit(queue, store, Request::Find(Target::Key(&key)), tag)
        })
    }
}

/// Submits sessio_store_exists_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_exists_by_key(
    queue: *const sessio_queue,
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = crate::key::key(key, key_len)?;
            submit(queue, store, Request::Exists(Target::Key(&key)), tag)
        })
    }
}

/// Submits sessio_store_update_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_update_by_key(
    queue: *const sessio_queue,
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    content: *const sessio_content,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = crate::key::key(key, key_len)?;
            submit(queue, store, Request::Update(Target::Key(&key), self::content(content)?), tag)
        })
    }
}

/// Submits sessio_store_replace_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_replace_by_key(
    queue: *const sessio_queue,
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    expected: *const c_void,
    expected_len: usize,
    content: *const sessio_content,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = crate::key::key(key, key_len)?;
            let expected = bytes(expected, expected_len)?;
            let content = self::content(content)?;
            submit(queue, store, Request::Replace(Target::Key(&key), expected, content), tag)
        })
    }
}

/// Submits sessio_store_touch_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_touch_by_key(
    queue: *const sessio_queue,
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    expires_at_us: i64,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = crate::key::key(key, key_len)?;
            submit(queue, store, Request::Touch(Target::Key(&key), expiry(expires_at_us)), tag)
        })
    }
}

/// Submits sessio_store_rename_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_rename_by_key(
    queue: *const sessio_queue,
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    new_token: *const c_char,
    new_token_len: usize,
    content: *const sessio_content,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = crate::key::key(key, key_len)?;
            let new = Target::Token(bytes(new_token, new_token_len)?);
            let content = content_if(content)?;
            submit(queue, store, Request::Rename(Target::Key(&key), new, content), tag)
        })
    }
}

/// Submits sessio_store_delete_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: the key is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_delete_by_key(
    queue: *const sessio_queue,
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = crate::key::key(key, key_len)?;
            submit(queue, store, Request::Delete(Target::Key(&key)), tag)
        })
    }
}
