//! Managers: opened, and what they load of a request.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::{Result, SessionManager};

use crate::content::sessio_text;
use crate::error::{c_text, sessio_error, unknown_name};
use crate::guard::{arg, borrow_if, bytes, free, guard, guard_or, into_raw, named};
use crate::status::SESSIO_DONE;
use crate::store::sessio_store;

use super::lifecycle::sessio_session;
use super::options::{options, sessio_manager_options};

/// Sessions over a store: loads the session of a request, and commits it. A program has one
/// manager, or one for each kind of session, each with its own cookie name.
pub struct sessio_manager {
    pub(crate) manager: SessionManager,
    cookie_name: CString,
}

/// Makes a manager of the sessions in a store. `options` may be NULL. Does not ask the store.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a setting that does not exist or has a wrong value, and
/// for settings that contradict each other or that browsers refuse.
///
/// The manager keeps what it needs of the store; but sessio_store_free() closes the store, and the
/// manager's calls then fail with SESSIO_CLOSED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_open(
    store: *mut sessio_store,
    options: *const sessio_manager_options,
    manager: *mut *mut sessio_manager,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(manager, ptr::null_mut()))?;
            let store = arg!(borrow(store))?.store.asynchronous().clone();
            let options = self::options(options, &store)?;
            let manager = SessionManager::with(store, options)?;
            let cookie_name = c_text(manager.cookie().cookie_name());
            *slot = into_raw(sessio_manager { manager, cookie_name });
            Ok(SESSIO_DONE)
        })
    }
}

/// The name of the cookie. `""` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_cookie_name(
    manager: *const sessio_manager,
) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        // SAFETY: NULL or a live manager, as the header demands.
        unsafe { borrow_if(manager) }.map_or(c"".as_ptr(), |this| this.cookie_name.as_ptr())
    })
}

/// Sets `*value` to how often an event has happened to sessions of a manager in this process. The
/// names are those of sessio_event_name(): `"created"`, `"renewed"`, `"destroyed"`, `"touched"`,
/// `"merged"`, `"conflict"`, `"gone"`, `"corrupt"`. Fails with SESSIO_INVALID_ARGUMENT for other
/// names. A forked child continues the parent's counts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_stats(
    manager: *const sessio_manager,
    name: *const c_char,
    value: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let value = arg!(out(value, 0))?;
            let (this, name) = (arg!(borrow(manager))?, arg!(string(name))?);
            let fields = this.manager.stats().fields();
            let field = fields.iter().find(|(field, _)| *field == name);
            *value = field.ok_or_else(|| unknown_name(name, &fields))?.1;
            Ok(SESSIO_DONE)
        })
    }
}

/// The session of a token; a new session for NULL and 0. Does not ask the store: the first function
/// that reads the session does. A token that proves to be unknown, expired or malformed gives a new
/// session and is not adopted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load(
    manager: *mut sessio_manager,
    token: *const c_char,
    token_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(session, ptr::null_mut()))?;
            let (this, token) = (arg!(borrow(manager))?, arg!(bytes(token, token_len))?);
            let session = this.manager.load(std::str::from_utf8(token).ok());
            *slot = into_raw(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_load() with the token from the `Cookie` header of a request. The header is
/// untrusted: if it is missing (NULL and 0) or malformed, the session is a new one, whatever its
/// length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load_cookie(
    manager: *mut sessio_manager,
    header: *const c_char,
    header_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(session, ptr::null_mut()))?;
            let (this, header) = (arg!(borrow(manager))?, arg!(bytes(header, header_len))?);
            let session = this.manager.load_cookie(header);
            *slot = into_raw(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_load_cookie() for a request with several `Cookie` headers, as HTTP/2 allows: an
/// array of `count` texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load_cookies(
    manager: *mut sessio_manager,
    headers: *const sessio_text,
    count: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(session, ptr::null_mut()))?;
            let (this, headers) = (arg!(borrow(manager))?, arg!(array(headers, count))?.iter());
            let headers = headers.map(|header| bytes(header.text, header.len));
            let headers = named("headers[…].text", headers.collect::<Result<Vec<&[u8]>>>())?;
            let session = this.manager.load_cookies(headers);
            *slot = into_raw(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_load() with the token from another header: the token, with or without `Bearer `
/// before it. As untrusted as a cookie.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load_header(
    manager: *mut sessio_manager,
    header: *const c_char,
    header_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(session, ptr::null_mut()))?;
            let (this, header) = (arg!(borrow(manager))?, arg!(bytes(header, header_len))?);
            let session = this.manager.load_header(header);
            *slot = into_raw(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// Frees a manager. Its sessions can be used afterwards, but not be committed. Its store stays
/// open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_free(manager: *mut sessio_manager) {
    guard_or((), || {
        // SAFETY: NULL or a manager that the program owns and gives up, as the header demands.
        unsafe { free(manager) }
    });
}
