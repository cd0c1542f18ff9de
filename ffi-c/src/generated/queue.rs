//! The verbs of a store, submitted to a queue.
//!
//! Made by `cargo xtask gen` from `api/store.toml`: change that.

use std::ffi::{c_char, c_void};

use sessio::operation::Request;
use sessio::{Content, Target};

use crate::arguments::{after, keep, key};
use crate::content::{
    content, content_if, expiry, rows, sessio_content, sessio_row, sessio_text, tokens,
};
use crate::error::sessio_error;
use crate::guard::{bytes, guard, string, text};
use crate::queue::{sessio_queue, submit};
use crate::store::sessio_store;

/// Submits sessio_store_find(); a completion of SESSIO_DONE has the `record`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Find(token), tag)
        })
    }
}

/// Submits sessio_store_find_by_key(); a completion of SESSIO_DONE has the `record`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let key = self::key(key, key_len)?;
            submit(queue, store, Request::Find(Target::Key(&key)), tag)
        })
    }
}

/// Submits sessio_store_exists().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Exists(token), tag)
        })
    }
}

/// Submits sessio_store_exists_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let key = self::key(key, key_len)?;
            submit(queue, store, Request::Exists(Target::Key(&key)), tag)
        })
    }
}

/// Submits sessio_store_save().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let content = Content::new(bytes(data, data_len)?, expiry(expires_at_us));
            submit(queue, store, Request::Save(token, content), tag)
        })
    }
}

/// Submits sessio_store_save_content().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let content = self::content(content)?;
            submit(queue, store, Request::Save(token, content), tag)
        })
    }
}

/// Submits sessio_store_insert().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let content = self::content(content)?;
            submit(queue, store, Request::Insert(token, content), tag)
        })
    }
}

/// Submits sessio_store_update().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let content = self::content(content)?;
            submit(queue, store, Request::Update(token, content), tag)
        })
    }
}

/// Submits sessio_store_update_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let key = self::key(key, key_len)?;
            let content = self::content(content)?;
            submit(queue, store, Request::Update(Target::Key(&key), content), tag)
        })
    }
}

/// Submits sessio_store_replace().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let expected = bytes(expected, expected_len)?;
            let content = self::content(content)?;
            submit(queue, store, Request::Replace(token, expected, content), tag)
        })
    }
}

/// Submits sessio_store_replace_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let key = self::key(key, key_len)?;
            let expected = bytes(expected, expected_len)?;
            let content = self::content(content)?;
            submit(queue, store, Request::Replace(Target::Key(&key), expected, content), tag)
        })
    }
}

/// Submits sessio_store_touch().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Touch(token, expiry(expires_at_us)), tag)
        })
    }
}

/// Submits sessio_store_touch_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let key = self::key(key, key_len)?;
            submit(queue, store, Request::Touch(Target::Key(&key), expiry(expires_at_us)), tag)
        })
    }
}

/// Submits sessio_store_rename().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let new_token = Target::Token(bytes(new_token, new_token_len)?);
            let content = content_if(content)?;
            submit(queue, store, Request::Rename(token, new_token, content), tag)
        })
    }
}

/// Submits sessio_store_rename_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let key = self::key(key, key_len)?;
            let new_token = Target::Token(bytes(new_token, new_token_len)?);
            let content = content_if(content)?;
            submit(queue, store, Request::Rename(Target::Key(&key), new_token, content), tag)
        })
    }
}

/// Submits sessio_store_delete().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            submit(queue, store, Request::Delete(token), tag)
        })
    }
}

/// Submits sessio_store_delete_by_key().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let key = self::key(key, key_len)?;
            submit(queue, store, Request::Delete(Target::Key(&key)), tag)
        })
    }
}

/// Submits sessio_store_find_many(); a completion of SESSIO_DONE has the `records`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let tokens = self::tokens(tokens, count)?;
            submit(queue, store, Request::FindMany(&tokens), tag)
        })
    }
}

/// Submits sessio_store_save_many().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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

/// Submits sessio_store_delete_many(); the completion has the `count`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
            let tokens = self::tokens(tokens, count)?;
            submit(queue, store, Request::DeleteMany(&tokens), tag)
        })
    }
}

/// Submits sessio_store_count(); the completion has the `count`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
/// Ownership: what is given is copied, but for the tag. Threads: any.
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

/// Submits sessio_store_delete_subject(); the completion has the `count`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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

/// Submits sessio_store_clear(); the completion has the `count`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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

/// Submits sessio_store_delete_expired(); the completion has the `count`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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

/// Submits sessio_store_migrate().
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
/// Ownership: what is given is copied, but for the tag. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_migrate_from(
    queue: *const sessio_queue,
    store: *const sessio_store,
    library: *const c_char,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let library = string(library)?;
            submit(queue, store, Request::MigrateFrom(library), tag)
        })
    }
}

/// Submits sessio_store_check(); a completion of SESSIO_DONE has the `issues`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
/// Ownership: what is given is copied, but for the tag. Threads: any.
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
