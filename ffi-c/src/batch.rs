//! Many sessions in one call.

use crate::content::{rows, sessio_row, sessio_text, tokens};
use crate::error::sessio_error;
use crate::guard::{borrow, guard, into_raw, out};
use crate::record::sessio_records;
use crate::status::SESSIO_DONE;
use crate::store::sessio_store;

/// sessio_store_find() for up to 10,000 tokens at once. SESSIO_DONE however many are found.
///
/// Fails as every verb does; with SESSIO_INVALID_ARGUMENT for more.
///
/// Ownership: sets `*records` to records that the caller owns: sessio_records_free(); to NULL when
/// it fails. Threads: any.
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
            let slot = out(records, std::ptr::null_mut())?;
            let found = borrow(store)?.store.find_many(&self::tokens(tokens, count)?)?;
            *slot = into_raw(sessio_records::new(found));
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_store_save_content() for up to 10,000 sessions at once. All are checked before any is
/// written; each is written on its own, so that after an error some may be saved.
///
/// Fails as sessio_store_save_content(); with SESSIO_INVALID_ARGUMENT for more.
///
/// Ownership: the rows are copied. Threads: any.
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
            borrow(store)?.store.save_many(&self::rows(rows, count)?)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_store_delete() for up to 10,000 tokens at once; sets `*deleted` to how many were live.
///
/// Fails as every verb does, and `*deleted` is 0 then; with SESSIO_INVALID_ARGUMENT for more.
///
/// Threads: any.
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
            *deleted = borrow(store)?.store.delete_many(&self::tokens(tokens, count)?)?;
            Ok(SESSIO_DONE)
        })
    }
}
