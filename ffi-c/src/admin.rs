//! What an operator does: the table, the server, the expired.

use std::ffi::c_char;

use crate::check_issues::sessio_check_issues;
use crate::error::sessio_error;
use crate::guard::{borrow, guard, into_raw, out, string};
use crate::status::SESSIO_DONE;
use crate::store::sessio_store;

/// Removes up to `limit` (1 to 100,000) expired sessions; sets `*deleted` to how many.
///
/// Fails as every verb does, and `*deleted` is 0 then; with SESSIO_INVALID_ARGUMENT for the limit.
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

/// Ends all sessions of a store; sets `*deleted` to how many were live. Whatever the table holds is
/// deleted, in slices, so that no other request waits for it long; what is stored while it runs may
/// stay. A large table may take longer than the `timeout` option allows: after SESSIO_TIMEOUT a
/// part is gone, and calling it again goes on.
///
/// Fails as every verb does, and `*deleted` is 0 then; also for rows that another table's foreign
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

/// Creates the table, or upgrades it. Changes nothing where it is up to date.
///
/// Fails as every verb does; with SESSIO_SCHEMA for a table that is not one of sessio's own.
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

/// Makes a live table that another system made one of sessio's, in place: no session is lost, and
/// the other system goes on using it. `from` is `"scs"`. Changes nothing where it is up to date.
///
/// Takes the time that copying the table takes, during which writers wait and readers do not; the
/// `timeout` option is not for it. What may fail does so without a change to the table.
///
/// Fails as every verb does; with SESSIO_INVALID_ARGUMENT for another `from`, with SESSIO_SCHEMA
/// for a table that is missing or of no known layout, with SESSIO_UNSUPPORTED for one that cannot
/// be upgraded.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_migrate_from(
    store: *const sessio_store,
    from: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            borrow(store)?.store.migrate_from(string(from)?)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Says what is wrong with the table. A missing or unknown table is a issue, not an error.
///
/// Fails as every verb does.
///
/// Ownership: sets `*issues` to issues that the caller owns: sessio_check_issues_free(); to NULL
/// when it fails. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_check(
    store: *const sessio_store,
    issues: *mut *mut sessio_check_issues,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(issues, std::ptr::null_mut())?;
            *slot = into_raw(sessio_check_issues::new(&borrow(store)?.store.check()?));
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
