//! Submitting the verbs for many sessions, and those of an operator.

use std::ffi::{c_char, c_void};

use sessio::operation::Request;

use crate::content::{rows, sessio_row, sessio_text, tokens};
use crate::error::sessio_error;
use crate::guard::{guard, string, text};
use crate::list::{after, keep};
use crate::store::sessio_store;

use super::{sessio_queue, submit};

/// Submits sessio_store_find_many(); a completion of SESSIO_DONE has the `records`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_find_many(
    queue: *const sessio_queue,
    store: *const sessio_store,
    tokens: *const sessio_text,
    count: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let targets = self::tokens(tokens, count)?;
            submit(queue, store, Request::FindMany(&targets), tag)
        })
    }
}

/// Submits sessio_store_save_many().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_save_many(
    queue: *const sessio_queue,
    store: *const sessio_store,
    rows: *const sessio_row,
    count: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let rows = self::rows(rows, count)?;
            submit(queue, store, Request::SaveMany(&rows), tag)
        })
    }
}

/// Submits sessio_store_delete_many(); the completion has the `count` of those that were live.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_delete_many(
    queue: *const sessio_queue,
    store: *const sessio_store,
    tokens: *const sessio_text,
    count: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let targets = self::tokens(tokens, count)?;
            submit(queue, store, Request::DeleteMany(&targets), tag)
        })
    }
}

/// Submits sessio_store_count(); the completion has the `count`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: nothing is given but the tag. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_count(
    queue: *const sessio_queue,
    store: *const sessio_store,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, store, Request::Count, tag)) }
}

/// Submits sessio_store_list(); a completion of SESSIO_DONE has the `page`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_list(
    queue: *const sessio_queue,
    store: *const sessio_store,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let after = self::after(after, after_len)?;
            submit(queue, store, Request::List(after.as_ref(), limit), tag)
        })
    }
}

/// Submits sessio_store_list_subject(); a completion of SESSIO_DONE has the `page`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_list_subject(
    queue: *const sessio_queue,
    store: *const sessio_store,
    subject: *const c_char,
    subject_len: usize,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let subject = text(subject, subject_len)?;
            let after = self::after(after, after_len)?;
            submit(queue, store, Request::ListSubject(subject, after.as_ref(), limit), tag)
        })
    }
}

/// Submits sessio_store_delete_subject(); the completion has the `count` of those that were live.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_delete_subject(
    queue: *const sessio_queue,
    store: *const sessio_store,
    subject: *const c_char,
    subject_len: usize,
    keep: *const c_char,
    keep_len: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let subject = text(subject, subject_len)?;
            let keep = self::keep(keep, keep_len)?;
            submit(queue, store, Request::DeleteSubject(subject, keep), tag)
        })
    }
}

/// Submits sessio_store_delete_expired(); the completion has the `count` of those that it removed.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: nothing is given but the tag. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_delete_expired(
    queue: *const sessio_queue,
    store: *const sessio_store,
    limit: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, store, Request::DeleteExpired(limit), tag)) }
}

/// Submits sessio_store_clear(); the completion has the `count` of those that were live.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: nothing is given but the tag. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_clear(
    queue: *const sessio_queue,
    store: *const sessio_store,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, store, Request::Clear, tag)) }
}

/// Submits sessio_store_migrate().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: nothing is given but the tag. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_migrate(
    queue: *const sessio_queue,
    store: *const sessio_store,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, store, Request::Migrate, tag)) }
}

/// Submits sessio_store_migrate_from().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: nothing is given but the tag; `from` is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_migrate_from(
    queue: *const sessio_queue,
    store: *const sessio_store,
    from: *const c_char,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, store, Request::MigrateFrom(string(from)?), tag)) }
}

/// Submits sessio_store_check(); a completion of SESSIO_DONE has the `issues`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: nothing is given but the tag. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_check(
    queue: *const sessio_queue,
    store: *const sessio_store,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, store, Request::Check, tag)) }
}

/// Submits sessio_store_ping().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: nothing is given but the tag. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_ping(
    queue: *const sessio_queue,
    store: *const sessio_store,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, store, Request::Ping, tag)) }
}
