//! Stores: opened, closed, freed.

use std::ffi::{CString, c_char};

use sessio::blocking::Store;

use crate::error::{c_text, sessio_error};
use crate::guard::{borrow, borrow_if, free, guard, guard_or, handle, invalid, out, string};
use crate::options::{options, sessio_options};
use crate::status::SESSIO_DONE;

/// Sessions, in MySQL or in memory. Any number of threads may share one, without locks of theirs.
pub struct sessio_store {
    pub(crate) store: Store,
    location: CString,
}

/// Opens a store: `memory:`, `mysql://user:password@host:3306/database?table=sessions`, the same
/// with several hosts (`a:3306,b:3306`, tried in this order), a Go DSN
/// (`user:password@tcp(host:3306)/database`), or the JSON that a beego program gives to
/// `NewManager`: then the table and its lifetimes are beego's, and so are the defaults of the
/// store's managers, cookie and all. `options` may be NULL.
///
/// It connects to nothing and starts nothing: the first operation does. In a table, cleanup of
/// expired sessions then runs in the background every 5 minutes (`cleanup_interval`).
///
/// Fails with SESSIO_INVALID_ARGUMENT when the URL or an option is not understood.
///
/// Ownership: sets `*store` to a store that the caller owns: sessio_store_free(); to NULL when it
/// fails. URL and options are copied. Threads: any. Fork: the store works on in a child, with
/// connections of its own; a memory store starts empty there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_open(
    url: *const c_char,
    options: *const sessio_options,
    store: *mut *mut sessio_store,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(store, std::ptr::null_mut())?;
            let store = Store::open_with(string(url)?, self::options(options)?)?;
            let location = c_text(&store.asynchronous().location());
            *slot = handle(sessio_store { store, location });
            Ok(SESSIO_DONE)
        })
    }
}

/// Where a store is, for people: `memory:` or `mysql://host:3306/database`, without user and
/// password. `""` for NULL.
///
/// Ownership: belongs to the store and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_location(store: *const sessio_store) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        // SAFETY: NULL or a live store, as the header demands.
        unsafe { borrow_if(store) }.map_or(c"".as_ptr(), |this| this.location.as_ptr())
    })
}

/// Ends the background cleanup of a store in this process, and waits for a round that is running.
/// Nothing starts it again. Idempotent.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Threads: any, but for a log callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_stop_cleanup(
    store: *const sessio_store,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            borrow(store)?.store.stop_cleanup();
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*value` to what a store has counted in this process since its first use (or since the
/// fork). The names are those of sessio_stats_name(): `"statements"`, `"batches"`, `"retries"`,
/// `"connections"`, `"cleanups"`, `"cleanup_errors"`, `"removed"`, `"sessions"`, `"bytes"`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL and for other names; `*value` is 0 then.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_stats(
    store: *const sessio_store,
    name: *const c_char,
    value: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let value = out(value, 0)?;
            let (store, name) = (borrow(store)?, string(name)?);
            let fields = store.store.stats().fields();
            let field = fields.iter().find(|(field, _)| *field == name);
            *value = field.ok_or_else(|| invalid("there is no such counter"))?.1;
            Ok(SESSIO_DONE)
        })
    }
}

/// The name of the counter at `index`, from 0 on; NULL after the last.
///
/// Ownership: static text, never freed. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_stats_name(index: usize) -> *const c_char {
    guard_or(std::ptr::null(), || STATS.get(index).map_or(std::ptr::null(), |name| name.as_ptr()))
}

/// The core's names, with a NUL.
const STATS: [&std::ffi::CStr; 9] = [
    c"statements",
    c"batches",
    c"retries",
    c"connections",
    c"cleanups",
    c"cleanup_errors",
    c"removed",
    c"sessions",
    c"bytes",
];

/// Refuses new operations, finishes those in flight, stops the cleanup, and lets go of connections
/// and memory. The store can still be asked and answers SESSIO_CLOSED. Idempotent; waits at most
/// the `timeout` option and a second.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Threads: any, but for a log callback. Fork: in a child it leaves the parent's connections alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_close(
    store: *const sessio_store,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            borrow(store)?.store.close();
            Ok(SESSIO_DONE)
        })
    }
}

/// Closes a store, if that was not done, and frees it. NULL is fine.
///
/// Operations in flight on a queue are finished, and come out of the queue as ever.
///
/// Ownership: takes the store; no thread may be using it any more, and a second free is an error
/// of the program that nobody can catch. Threads: any, but for a log callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_free(store: *mut sessio_store) {
    guard_or((), || {
        // SAFETY: NULL or a store that the program owns and gives up, as the header demands.
        unsafe {
            if let Some(this) = borrow_if(store) {
                this.store.close();
            }
            free(store);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_counters_are_the_cores() {
        let theirs = sessio::Stats::default().fields().map(|(name, _)| name);
        assert_eq!(STATS.map(|name| name.to_str().unwrap()), theirs);
    }
}
