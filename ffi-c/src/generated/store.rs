//! The verbs of a store.
//!
//! Made by `cargo xtask gen` from `api/store.toml`: change that.

use std::ffi::{c_char, c_void};
use std::ptr;

use sessio::{Content, Target};

use crate::arguments::{after, keep, key};
use crate::check_issues::sessio_check_issues;
use crate::content::{
    content, content_if, expiry, rows, sessio_content, sessio_row, sessio_text, tokens,
};
use crate::error::sessio_error;
use crate::guard::{borrow, bytes, guard, into_raw, out, string, text};
use crate::page::sessio_page;
use crate::record::{self, sessio_record, sessio_records};
use crate::status::{self, SESSIO_DONE};
use crate::store::sessio_store;

/// The live session, or SESSIO_NOT_FOUND: absent, expired and malformed tokens are all
/// SESSIO_NOT_FOUND. An error means that the system failed.
///
/// Fails as every verb does.
///
/// Ownership: what is given is copied. Sets `*record` to what the caller owns, and frees by
/// sessio_record_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_find(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    record: *mut *mut sessio_record,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let record = out(record, ptr::null_mut())?;
            let token = Target::Token(bytes(token, token_len)?);
            Ok(record::found(borrow(store)?.store.find(token)?, record))
        })
    }
}

/// sessio_store_find() by the key of a listed session.
///
/// Fails as sessio_store_find().
///
/// Ownership: what is given is copied. Sets `*record` to what the caller owns, and frees by
/// sessio_record_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
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
            let record = out(record, ptr::null_mut())?;
            let key = self::key(key, key_len)?;
            Ok(record::found(borrow(store)?.store.find(Target::Key(&key))?, record))
        })
    }
}

/// Whether a live session has the token. SESSIO_DONE for yes, SESSIO_NOT_FOUND for no.
///
/// Fails as every verb does.
///
/// Ownership: what is given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_exists(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let token = Target::Token(bytes(token, token_len)?);
            Ok(status::found(borrow(store)?.store.exists(token)?))
        })
    }
}

/// sessio_store_exists() by the key of a listed session.
///
/// Fails as sessio_store_exists().
///
/// Ownership: what is given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_exists_by_key(
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = self::key(key, key_len)?;
            Ok(status::found(borrow(store)?.store.exists(Target::Key(&key))?))
        })
    }
}

/// Stores a session, whatever was there before. When it returns, the session is committed. Over a
/// session that was just logged out this brings it back: use sessio_store_update() or
/// sessio_store_replace() for what was loaded. `expires_at_us` is in microseconds since
/// 1970-01-01T00:00:00 UTC, or SESSIO_NEVER.
///
/// Fails as every verb does, and with SESSIO_TOO_LARGE, SESSIO_FULL in memory, and
/// SESSIO_UNSUPPORTED for a subject where the table has no column for it.
///
/// Ownership: what is given is copied. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let content = Content::new(bytes(data, data_len)?, expiry(expires_at_us));
            borrow(store)?.store.save_content(token, content)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_store_save() with a subject.
///
/// Fails as sessio_store_save().
///
/// Ownership: what is given is copied. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let content = self::content(content)?;
            borrow(store)?.store.save_content(token, content)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Stores a session only if no live one has the token; an expired one is replaced.
///
/// Fails as sessio_store_save(), and with SESSIO_ALREADY_EXISTS.
///
/// Ownership: what is given is copied. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let content = self::content(content)?;
            borrow(store)?.store.insert(token, content)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Changes a live session. SESSIO_GONE, and nothing written, when it is gone: a session that was
/// ended is never brought back.
///
/// Fails as sessio_store_save().
///
/// Ownership: what is given is copied. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let content = self::content(content)?;
            Ok(status::written(borrow(store)?.store.update(token, content)?))
        })
    }
}

/// sessio_store_update() by the key of a listed session.
///
/// Fails as sessio_store_update().
///
/// Ownership: what is given is copied. Threads: any.
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
            let content = self::content(content)?;
            Ok(status::written(borrow(store)?.store.update(Target::Key(&key), content)?))
        })
    }
}

/// Changes a live session only if its data is still `expected`: compare and swap. Saved, a
/// conflict, or gone. That is SESSIO_DONE, SESSIO_CONFLICT or SESSIO_GONE.
///
/// Fails as sessio_store_save().
///
/// Ownership: what is given is copied. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let expected = bytes(expected, expected_len)?;
            let content = self::content(content)?;
            Ok(status::outcome(borrow(store)?.store.replace(token, expected, content)?))
        })
    }
}

/// sessio_store_replace() by the key of a listed session.
///
/// Fails as sessio_store_replace().
///
/// Ownership: what is given is copied. Threads: any.
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
            let key = self::key(key, key_len)?;
            let expected = bytes(expected, expected_len)?;
            let content = self::content(content)?;
            Ok(status::outcome(borrow(store)?.store.replace(
                Target::Key(&key),
                expected,
                content,
            )?))
        })
    }
}

/// Moves the expiry of a live session and leaves its data alone. SESSIO_GONE when it is gone. A
/// manager's session lives no longer than its data says: touch it through its manager.
/// `expires_at_us` is in microseconds since 1970-01-01T00:00:00 UTC, or SESSIO_NEVER.
///
/// Fails as every verb does.
///
/// Ownership: what is given is copied. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            Ok(status::written(borrow(store)?.store.touch(token, expiry(expires_at_us))?))
        })
    }
}

/// sessio_store_touch() by the key of a listed session.
///
/// Fails as sessio_store_touch().
///
/// Ownership: what is given is copied. Threads: any.
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
            Ok(status::written(
                borrow(store)?.store.touch(Target::Key(&key), expiry(expires_at_us))?,
            ))
        })
    }
}

/// Gives a live session another token, and new content if it is given, in one step: never are both
/// tokens valid, and never neither. SESSIO_GONE when it is gone. Do this whenever a user's rights
/// change, at login above all. `content` is NULL to leave the content as it is.
///
/// Fails as sessio_store_save(), and with SESSIO_ALREADY_EXISTS when a live session has the new
/// token.
///
/// Ownership: what is given is copied. Threads: any.
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
            let token = Target::Token(bytes(token, token_len)?);
            let new_token = Target::Token(bytes(new_token, new_token_len)?);
            let content = content_if(content)?;
            Ok(status::written(borrow(store)?.store.rename(token, new_token, content)?))
        })
    }
}

/// sessio_store_rename() by the key of a listed session.
///
/// Fails as sessio_store_rename().
///
/// Ownership: what is given is copied. Threads: any.
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
            let new_token = Target::Token(bytes(new_token, new_token_len)?);
            let content = content_if(content)?;
            Ok(status::written(borrow(store)?.store.rename(
                Target::Key(&key),
                new_token,
                content,
            )?))
        })
    }
}

/// Ends a session. Whether there was a live one; none is no error. SESSIO_DONE for yes,
/// SESSIO_NOT_FOUND for no.
///
/// Fails as every verb does.
///
/// Ownership: what is given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_delete(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let token = Target::Token(bytes(token, token_len)?);
            Ok(status::found(borrow(store)?.store.delete(token)?))
        })
    }
}

/// sessio_store_delete() by the key of a listed session.
///
/// Fails as sessio_store_delete().
///
/// Ownership: what is given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_delete_by_key(
    store: *const sessio_store,
    key: *const c_char,
    key_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = self::key(key, key_len)?;
            Ok(status::found(borrow(store)?.store.delete(Target::Key(&key))?))
        })
    }
}

/// sessio_store_find() for up to 10,000 at once; the records are in the order asked.
///
/// Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for more.
///
/// Ownership: what is given is copied. Sets `*records` to what the caller owns, and frees by
/// sessio_records_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_find_many(
    store: *const sessio_store,
    tokens: *const sessio_text,
    count: usize,
    records: *mut *mut sessio_records,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let records = out(records, ptr::null_mut())?;
            let tokens = self::tokens(tokens, count)?;
            *records = into_raw(sessio_records::new(borrow(store)?.store.find_many(&tokens)?));
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_store_save() for up to 10,000 at once. All are checked before any is written; each is
/// written on its own, so after an error some may be saved.
///
/// Fails as sessio_store_save(), and with SESSIO_INVALID_ARGUMENT for more.
///
/// Ownership: what is given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_save_many(
    store: *const sessio_store,
    rows: *const sessio_row,
    count: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let rows = self::rows(rows, count)?;
            borrow(store)?.store.save_many(&rows)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_store_delete() for up to 10,000 at once: how many were live. Sets `*deleted` to that
/// number; to 0 when it fails.
///
/// Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for more.
///
/// Ownership: what is given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_delete_many(
    store: *const sessio_store,
    tokens: *const sessio_text,
    count: usize,
    deleted: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let deleted = out(deleted, 0)?;
            let tokens = self::tokens(tokens, count)?;
            *deleted = borrow(store)?.store.delete_many(&tokens)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// How many sessions are live. Reads the expiry index of the whole table. Sets `*count` to that
/// number; to 0 when it fails.
///
/// Fails as every verb does.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_count(
    store: *const sessio_store,
    count: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let count = out(count, 0)?;
            *count = borrow(store)?.store.count()?;
            Ok(SESSIO_DONE)
        })
    }
}

/// A page of 1 to 1,000 live sessions in the order of their keys, after the given one: pass the
/// `next` of one page to get the next. `after` is NULL for the first page.
///
/// Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for the limit.
///
/// Ownership: what is given is copied. Sets `*page` to what the caller owns, and frees by
/// sessio_page_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_list(
    store: *const sessio_store,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    page: *mut *mut sessio_page,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let page = out(page, ptr::null_mut())?;
            let after = self::after(after, after_len)?;
            *page = into_raw(sessio_page::new(borrow(store)?.store.list(after.as_ref(), limit)?));
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_store_list() for the sessions of one subject: a user's devices. `after` is NULL for the
/// first page.
///
/// Fails as sessio_store_list(), and with SESSIO_INVALID_ARGUMENT for a subject that is not 1 to
/// 255 characters long, and SESSIO_UNSUPPORTED where the table has no subject column.
///
/// Ownership: what is given is copied. Sets `*page` to what the caller owns, and frees by
/// sessio_page_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_list_subject(
    store: *const sessio_store,
    subject: *const c_char,
    subject_len: usize,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    page: *mut *mut sessio_page,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let page = out(page, ptr::null_mut())?;
            let subject = text(subject, subject_len)?;
            let after = self::after(after, after_len)?;
            *page = into_raw(sessio_page::new(borrow(store)?.store.list_subject(
                subject,
                after.as_ref(),
                limit,
            )?));
            Ok(SESSIO_DONE)
        })
    }
}

/// Ends all sessions of a subject, but for `keep`: "sign out everywhere (else)". How many were
/// live. What the subject opens while this runs may stay. `keep` is NULL for none. Sets `*deleted`
/// to that number; to 0 when it fails.
///
/// Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for a subject that is not 1 to 255
/// characters long, and SESSIO_UNSUPPORTED where the table has no subject column.
///
/// Ownership: what is given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_delete_subject(
    store: *const sessio_store,
    subject: *const c_char,
    subject_len: usize,
    keep: *const c_char,
    keep_len: usize,
    deleted: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let deleted = out(deleted, 0)?;
            let subject = text(subject, subject_len)?;
            let keep = self::keep(keep, keep_len)?;
            *deleted = borrow(store)?.store.delete_subject(subject, keep)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Ends all sessions: how many were live. Whatever the table holds is deleted, in slices, so that
/// no other call waits for it long; what is stored while it runs may stay. A large table may take
/// longer than the `timeout_ms` option allows: after SESSIO_TIMEOUT a part is gone, and calling it
/// again goes on. Sets `*deleted` to that number; to 0 when it fails.
///
/// Fails as every verb does, and with an error of the server for rows that another table's foreign
/// key holds, and then all others are gone.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_clear(
    store: *const sessio_store,
    deleted: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let deleted = out(deleted, 0)?;
            *deleted = borrow(store)?.store.clear()?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Removes up to `limit` (1 to 100,000) expired sessions: how many it removed. Sets `*deleted` to
/// that number; to 0 when it fails.
///
/// Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for the limit.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_delete_expired(
    store: *const sessio_store,
    limit: usize,
    deleted: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let deleted = out(deleted, 0)?;
            *deleted = borrow(store)?.store.delete_expired(limit)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Creates the table, or upgrades it. Changes nothing where it is up to date.
///
/// Fails as every verb does, and with SESSIO_SCHEMA for a table of no known layout, and
/// SESSIO_UNSUPPORTED for one that another library made: see sessio_store_migrate_from().
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_migrate(
    store: *const sessio_store,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            borrow(store)?.store.migrate()?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Makes a live table of another library one of sessio's, in place: no session is lost, and the
/// other library goes on using it. `library` is "scs". Changes nothing where it is up to date.
///
/// What changes the type of a column makes the server copy the table, and until it has, readers go
/// on and writers wait: about a minute for a million sessions on a small machine, in which a store
/// answers writes with SESSIO_TIMEOUT. Call sessio_store_delete_expired() before it, and it has
/// less to copy. (MariaDB lets writers go on too, from version 11.2.) A subject column and indexes
/// are added while readers and writers go on. At its start and end it waits for the statements that
/// run, and all other statements wait behind it; after two seconds it steps back and tries again.
/// The `timeout_ms` option is not for it, and when the connection breaks, the server undoes it.
///
/// Other programs' stores may stay open. They learn by their next cleanup what the table has
/// become, and use it as it was till then.
///
/// Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for another library, SESSIO_SCHEMA
/// for a table of no known layout, and SESSIO_UNSUPPORTED for one that cannot be upgraded; then
/// nothing has changed.
///
/// Ownership: what is given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_migrate_from(
    store: *const sessio_store,
    library: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let library = string(library)?;
            borrow(store)?.store.migrate_from(library)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// What is wrong with the table; empty when nothing is. A missing or unknown table is an issue,
/// too, not an error.
///
/// Fails as every verb does.
///
/// Ownership: Sets `*issues` to what the caller owns, and frees by sessio_check_issues_free(); to
/// NULL unless the result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_check(
    store: *const sessio_store,
    issues: *mut *mut sessio_check_issues,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let issues = out(issues, ptr::null_mut())?;
            *issues = into_raw(sessio_check_issues::new(&borrow(store)?.store.check()?));
            Ok(SESSIO_DONE)
        })
    }
}

/// Reaches the server and comes back.
///
/// Fails as every verb does.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_ping(
    store: *const sessio_store,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            borrow(store)?.store.ping()?;
            Ok(SESSIO_DONE)
        })
    }
}
