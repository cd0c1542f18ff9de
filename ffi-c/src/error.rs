//! Errors as objects that a C program owns.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::Error;

use crate::guard::{borrow_if, free, guard_or, handle};

/// Why a call failed: a status to act on, and a message for people. Immutable.
///
/// A call that takes a `sessio_error **` sets it on every return: to NULL unless the status is
/// negative. Pass NULL where the status says enough.
pub struct sessio_error {
    error: Error,
    message: CString,
    sqlstate: Option<CString>,
}

impl sessio_error {
    pub(crate) fn boxed(error: &Error) -> *mut Self {
        handle(sessio_error {
            message: c_text(error.message()),
            sqlstate: error.sqlstate().map(c_text),
            error: error.clone(),
        })
    }
}

/// Text for C, cut at a NUL, which no text of ours has but a server's might.
pub(crate) fn c_text(text: &str) -> CString {
    let upto = text.split('\0').next().unwrap_or_default();
    CString::new(upto).unwrap_or_default()
}

/// The same number that the call returned, one of the negative SESSIO_ statuses; 0 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_code(error: *const sessio_error) -> i32 {
    guard_or(0, || {
        // SAFETY: NULL or a live error, as the header demands.
        unsafe { borrow_if(error) }.map_or(0, |this| this.error.kind().number())
    })
}

/// What went wrong and what to do next, in English, for people: the wording is not part of the
/// API. It never holds a token, a key, session data or a password. `""` for NULL.
///
/// Ownership: belongs to the error and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_message(error: *const sessio_error) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        // SAFETY: NULL or a live error, as the header demands.
        unsafe { borrow_if(error) }.map_or(c"".as_ptr(), |this| this.message.as_ptr())
    })
}

/// Whether the same call may succeed when it is simply made again a little later. False for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_is_retryable(error: *const sessio_error) -> bool {
    guard_or(false, || {
        // SAFETY: NULL or a live error, as the header demands.
        unsafe { borrow_if(error) }.is_some_and(|this| this.error.is_retryable())
    })
}

/// The MySQL server's error number; 0 where no server said anything, and for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_errno(error: *const sessio_error) -> i32 {
    guard_or(0, || {
        // SAFETY: NULL or a live error, as the header demands.
        unsafe { borrow_if(error) }.and_then(|this| this.error.errno()).map_or(0, i32::from)
    })
}

/// The MySQL server's five-character SQLSTATE; NULL where no server said anything, and for NULL.
///
/// Ownership: belongs to the error and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_sqlstate(error: *const sessio_error) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live error, as the header demands.
        let sqlstate = unsafe { borrow_if(error) }.and_then(|this| this.sqlstate.as_ref());
        sqlstate.map_or(ptr::null(), |text| text.as_ptr())
    })
}

/// Frees an error. NULL is fine.
///
/// Ownership: takes the error; its texts die with it. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_free(error: *mut sessio_error) {
    guard_or((), || {
        // SAFETY: NULL or an error that the program owns and gives up, as the header demands.
        unsafe { free(error) }
    });
}
