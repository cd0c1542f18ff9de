//! Submitting the verbs for one session, by its token.

use std::ffi::{c_char, c_void};

use sessio::operation::Request;
use sessio::{Content, Target};

use crate::content::{content, content_if, expiry, sessio_content};
use crate::error::sessio_error;
use crate::guard::{bytes, guard};
use crate::store::sessio_store;

use super::{sessio_queue, submit};

/// Submits sessio_store_find(); a completion of SESSIO_DONE has the `record`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: the token is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_find(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Find(target), tag)
        })
    }
}

/// Submits sessio_store_exists().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: the token is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_exists(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Exists(target), tag)
        })
    }
}

/// Submits sessio_store_save().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_save(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    data: *const c_void,
    data_len: usize,
    expires_at_us: i64,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            let data = bytes(data, data_len)?;
            let content = Content::new(data, expiry(expires_at_us));
            submit(queue, store, Request::Save(target, content), tag)
        })
    }
}

/// Submits sessio_store_save_content().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_save_content(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    content: *const sessio_content,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Save(target, self::content(content)?), tag)
        })
    }
}

/// Submits sessio_store_insert().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_insert(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    content: *const sessio_content,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Insert(target, self::content(content)?), tag)
        })
    }
}

/// Submits sessio_store_update().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_update(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    content: *const sessio_content,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Update(target, self::content(content)?), tag)
        })
    }
}

/// Submits sessio_store_replace().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_replace(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    expected: *const c_void,
    expected_len: usize,
    content: *const sessio_content,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            let expected = bytes(expected, expected_len)?;
            let content = self::content(content)?;
            submit(queue, store, Request::Replace(target, expected, content), tag)
        })
    }
}

/// Submits sessio_store_touch().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: the token is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_touch(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    expires_at_us: i64,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Touch(target, expiry(expires_at_us)), tag)
        })
    }
}

/// Submits sessio_store_rename().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_rename(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    new_token: *const c_char,
    new_token_len: usize,
    content: *const sessio_content,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            let new = Target::Token(bytes(new_token, new_token_len)?);
            let content = content_if(content)?;
            submit(queue, store, Request::Rename(target, new, content), tag)
        })
    }
}

/// Submits sessio_store_delete().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: the token is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_delete(
    queue: *const sessio_queue,
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let target = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Delete(target), tag)
        })
    }
}
