//! Sessions: their status, token and key.

use std::ptr;

use sessio::{Session, Status, Value};

use crate::error::sessio_error;
use crate::guard::{arg, borrow_if, free, guard, guard_or};

use super::value::{sessio_value, value_out};

/// Nothing was changed since the session was loaded or committed.
pub const SESSIO_SESSION_UNMODIFIED: i32 = 0;
/// Something was changed.
pub const SESSIO_SESSION_MODIFIED: i32 = 1;
/// The session was ended, and nothing was put into it since.
pub const SESSIO_SESSION_DESTROYED: i32 = 2;

/// A session, as one request sees it. Changes are kept in it until sessio_manager_commit() stores
/// them; freeing it drops them.
///
/// Nothing is loaded until a function reads the session. The functions that read ask the store the
/// first time; afterwards, and after sessio_session_ensure_loaded(), they neither wait nor fail for
/// the store's reasons. The functions that change it do not wait, except sessio_session_destroy(),
/// sessio_session_take() and sessio_session_merge_from(), which ask the store each time, and
/// sessio_session_renew(), sessio_session_regenerate(), sessio_session_assign() and
/// sessio_session_put_if_changed(), which load first.
///
/// In a forked child, do not use a session that another thread was using at the fork.
pub struct sessio_session {
    pub(crate) session: Session,
}

/// Whether there is something to commit: one of SESSIO_SESSION_…. Does not ask the store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_status(session: *const sessio_session) -> i32 {
    guard_or(SESSIO_SESSION_UNMODIFIED, || {
        // SAFETY: NULL or a live session, as the header demands.
        match unsafe { borrow_if(session) }.map(|this| this.session.status()) {
            None | Some(Status::Unmodified) => SESSIO_SESSION_UNMODIFIED,
            Some(Status::Modified) => SESSIO_SESSION_MODIFIED,
            Some(Status::Destroyed) => SESSIO_SESSION_DESTROYED,
        }
    })
}

/// The token of a session, as a text value: the one of the request, or the one that the client will
/// get. It is the client's secret: never log it. SESSIO_NOT_FOUND for a session that was never
/// stored, and for one of a list. Does not ask the store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_token(
    session: *const sessio_session,
    token: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(token, ptr::null_mut()))?;
            Ok(value_out(slot, arg!(borrow(session))?.session.token()))
        })
    }
}

/// The key of a session of a list, as a text value. SESSIO_NOT_FOUND for one that was loaded by its
/// token. Does not ask the store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_key(
    session: *const sessio_session,
    key: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(key, ptr::null_mut()))?;
            let key = arg!(borrow(session))?.session.key();
            Ok(value_out(slot, key.map(|key| Value::from(key.as_str()))))
        })
    }
}

/// Frees a session. Uncommitted changes are dropped; pending calls are finished. Sessions that
/// belong to a page or a cursor are freed with these.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_free(session: *mut sessio_session) {
    guard_or((), || {
        // SAFETY: NULL or a session that the program owns and gives up, as the header demands.
        unsafe { free(session) }
    });
}
