//! Live sessions: counted, listed, and those of one subject.

use std::ffi::c_char;

use sessio::{Key, Result, Target};

use crate::error::sessio_error;
use crate::guard::{borrow, bytes, guard, into_raw, out, text};
use crate::key::key;
use crate::page::sessio_page;
use crate::status::SESSIO_DONE;
use crate::store::sessio_store;

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

/// Sets `*count` to how many sessions are live. Reads the expiry index of the whole table.
///
/// Fails as every verb does, and `*count` is 0 then.
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

/// Lists live sessions in the order of their keys: at most `limit` (1 to 1,000) of them, those
/// after the key `after`, or the first ones where it is NULL.
///
/// Fails as every verb does; with SESSIO_INVALID_ARGUMENT for the limit.
///
/// Ownership: sets `*page` to a page that the caller owns: sessio_page_free(); to NULL when it
/// fails. Threads: any.
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
            let slot = out(page, std::ptr::null_mut())?;
            let after = self::after(after, after_len)?;
            let page = borrow(store)?.store.list(after.as_ref(), limit)?;
            *slot = into_raw(sessio_page::new(page));
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_store_list() for the sessions of one subject: a user's devices.
///
/// Fails as sessio_store_list(); with SESSIO_INVALID_ARGUMENT for a subject that is not 1 to 255
/// characters of UTF-8, and SESSIO_UNSUPPORTED where the table has no column for it.
///
/// Ownership: as sessio_store_list(). Threads: any.
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
            let slot = out(page, std::ptr::null_mut())?;
            let (subject, after) = (text(subject, subject_len)?, self::after(after, after_len)?);
            let page = borrow(store)?.store.list_subject(subject, after.as_ref(), limit)?;
            *slot = into_raw(sessio_page::new(page));
            Ok(SESSIO_DONE)
        })
    }
}

/// Ends all sessions of a subject, but for that of the token `keep` unless that is NULL: "sign out
/// everywhere (else)". Sets `*deleted` to how many were live. What the subject opens while this
/// runs may stay.
///
/// Fails as sessio_store_list_subject(), and `*deleted` is 0 then.
///
/// Threads: any.
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
            let (subject, keep) = (text(subject, subject_len)?, self::keep(keep, keep_len)?);
            *deleted = borrow(store)?.store.delete_subject(subject, keep)?;
            Ok(SESSIO_DONE)
        })
    }
}
