//! Asking for one session by its token.

use std::ffi::c_char;

use sessio::{Result, Target};

use crate::error::sessio_error;
use crate::guard::{borrow, bytes, guard, into_raw, out};
use crate::record::sessio_record;
use crate::status::{self, SESSIO_DONE, SESSIO_NOT_FOUND};
use crate::store::sessio_store;

pub(crate) fn find(
    store: &sessio_store,
    target: Target<'_>,
    slot: &mut *mut sessio_record,
) -> Result<i32> {
    match store.store.find(target)? {
        Some(record) => {
            *slot = into_raw(sessio_record(record));
            Ok(SESSIO_DONE)
        }
        None => Ok(SESSIO_NOT_FOUND),
    }
}

pub(crate) fn exists(store: &sessio_store, target: Target<'_>) -> Result<i32> {
    Ok(status::found(store.store.exists(target)?))
}

/// Finds the live session of a token. SESSIO_NOT_FOUND for absent, expired and malformed tokens
/// alike; an error means that the system failed.
///
/// Fails as every verb does.
///
/// Ownership: sets `*record` to a record that the caller owns: sessio_record_free(); to NULL
/// unless the result is SESSIO_DONE. Threads: any.
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
            let slot = out(record, std::ptr::null_mut())?;
            find(borrow(store)?, Target::Token(bytes(token, token_len)?), slot)
        })
    }
}

/// Whether a live session has the token: SESSIO_DONE for yes, SESSIO_NOT_FOUND for no.
///
/// Fails as every verb does.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_exists(
    store: *const sessio_store,
    token: *const c_char,
    token_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || exists(borrow(store)?, Target::Token(bytes(token, token_len)?))) }
}
