//! Why a call failed, as an object that the caller owns.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::{Error, ErrorKind};

use crate::generated::option_names::member_name;
use crate::handle::{borrow_if, free, guard_or, into_raw};

/// Why a call failed: a code for programs and a message for people. Immutable.
pub struct sessio_error {
    error: Error,
    message: CString,
    sqlstate: Option<CString>,
}

impl sessio_error {
    pub(crate) fn boxed(error: &Error) -> *mut Self {
        into_raw(sessio_error {
            message: c_text(&error.message_with(member_name)),
            sqlstate: error.sqlstate().map(c_text),
            error: error.clone(),
        })
    }
}

/// Text for C, cut at the first NUL: only the text of a server can hold one.
pub(crate) fn c_text(text: &str) -> CString {
    let upto = text.split('\0').next().unwrap_or_default();
    CString::new(upto).unwrap_or_default()
}

/// The error for the name of a counter that does not exist.
pub(crate) fn unknown_name(name: &str, fields: &[(&'static str, u64)]) -> Error {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let message = format!("name: there is no counter {name:?}; there are {}", names.join(", "));
    Error::new(ErrorKind::InvalidArgument, message)
}

/// The status that the call returned; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_code(error: *const sessio_error) -> i32 {
    guard_or(0, || {
        // SAFETY: NULL or a live error, as the header demands.
        unsafe { borrow_if(error) }.map_or(0, |this| this.error.kind().number())
    })
}

/// What is wrong and what to do next, in English, for people and logs. The wording is not part of
/// the API. It never contains a token, a key, session data or a password. `""` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_message(error: *const sessio_error) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        // SAFETY: NULL or a live error, as the header demands.
        unsafe { borrow_if(error) }.map_or(c"".as_ptr(), |this| this.message.as_ptr())
    })
}

/// Whether the same call may succeed if it is repeated a little later.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_is_retryable(error: *const sessio_error) -> bool {
    guard_or(false, || {
        // SAFETY: NULL or a live error, as the header demands.
        unsafe { borrow_if(error) }.is_some_and(|this| this.error.is_retryable())
    })
}

/// The error number of the MySQL server; 0 if the error is not the server's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_errno(error: *const sessio_error) -> i32 {
    guard_or(0, || {
        // SAFETY: NULL or a live error, as the header demands.
        unsafe { borrow_if(error) }.and_then(|this| this.error.errno()).map_or(0, i32::from)
    })
}

/// The five-character SQLSTATE of the MySQL server; NULL if the error is not the server's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_sqlstate(error: *const sessio_error) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live error, as the header demands.
        let sqlstate = unsafe { borrow_if(error) }.and_then(|this| this.sqlstate.as_ref());
        sqlstate.map_or(ptr::null(), |text| text.as_ptr())
    })
}

/// Frees an error and its texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_error_free(error: *mut sessio_error) {
    guard_or((), || {
        // SAFETY: NULL or an error that the program owns and gives up, as the header demands.
        unsafe { free(error) }
    });
}
