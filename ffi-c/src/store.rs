//! Stores: opened, closed and freed, and their counters.

use std::ffi::{CString, c_char};

use sessio::blocking::Store;

use crate::error::{c_text, sessio_error, unknown_name};
use crate::generated::options::sessio_options;
use crate::guard::{arg, borrow_if, free, guard, guard_or, into_raw};
use crate::options::options;
use crate::status::SESSIO_DONE;

/// A store of sessions, in a MySQL table or in memory.
pub struct sessio_store {
    pub(crate) store: Store,
    location: CString,
}

/// Opens a store. The URL is one of:
///
/// - `memory:`
/// - `mysql://user:password@host:3306/database?table=sessions`
/// - the same with several hosts, `a:3306,b:3306`, which are tried in this order
/// - a Go DSN, `user:password@tcp(host:3306)/database`
/// - the JSON that a beego program gives to `NewManager`: then table and lifetimes are beego's, and
///   so are the defaults of the store's managers, cookie included
///
/// `options` may be NULL. Opening does not connect; the first call does. Expired sessions in a
/// table are then deleted in the background every 5 minutes (`cleanup_interval`).
///
/// Fails with SESSIO_INVALID_ARGUMENT if the URL or an option is not understood.
///
/// Fork: the store works in a child, with its own connections. A memory store starts empty there.
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
            let slot = arg!(out(store, std::ptr::null_mut()))?;
            let store = Store::open_with(arg!(string(url))?, self::options(options)?)?;
            let location = c_text(&store.asynchronous().location());
            *slot = into_raw(sessio_store { store, location });
            Ok(SESSIO_DONE)
        })
    }
}

/// Where a store is, for people: `memory:` or `mysql://host:3306/database`, without user and
/// password. `""` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_location(store: *const sessio_store) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        // SAFETY: NULL or a live store, as the header demands.
        unsafe { borrow_if(store) }.map_or(c"".as_ptr(), |this| this.location.as_ptr())
    })
}

/// Ends the background cleanup of a store in this process for good, and waits for a cleanup that is
/// running. May be called again. Not from a log callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_stop_cleanup(
    store: *mut sessio_store,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            arg!(borrow(store))?.store.stop_cleanup();
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*value` to a counter of a store: what happened in this process since its first use of the
/// store, or since the fork. The names are those of sessio_stats_name(): `"statements"`,
/// `"batches"`, `"retries"`, `"connections"`, `"cleanups"`, `"cleanup_errors"`, `"removed"`,
/// `"sessions"`, `"bytes"`. Fails with SESSIO_INVALID_ARGUMENT for other names.
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
            let value = arg!(out(value, 0))?;
            let (store, name) = (arg!(borrow(store))?, arg!(string(name))?);
            let fields = store.store.stats().fields();
            let field = fields.iter().find(|(field, _)| *field == name);
            *value = field.ok_or_else(|| unknown_name(name, &fields))?.1;
            Ok(SESSIO_DONE)
        })
    }
}

/// The name of the counter at `index`, from 0; NULL after the last. Static text.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_stats_name(index: usize) -> *const c_char {
    guard_or(std::ptr::null(), || STATS.get(index).map_or(std::ptr::null(), |name| name.as_ptr()))
}

/// The names as in the core.
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

/// Refuses new calls, finishes those that are pending, stops the cleanup, and releases connections
/// and memory. Later calls fail with SESSIO_CLOSED. May be called again. Waits at most the
/// `timeout` option and a second. Not from a log callback. In a forked child the parent's
/// connections stay open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_store_close(
    store: *mut sessio_store,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            arg!(borrow(store))?.store.close();
            Ok(SESSIO_DONE)
        })
    }
}

/// Closes a store if it is open, and frees it. Calls that are pending in a queue are finished, and
/// complete in the queue. Not from a log callback.
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
