//! The result of a commit: its outcome, and the cookie and headers to send.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::{CommitOutcome, CommitResult, Timestamp};

use crate::error::c_text;
use crate::guard::{borrow_if, free, guard_or};
use crate::record::{SESSIO_NEVER, lend_text};
use crate::status::{SESSIO_CONFLICT, SESSIO_DONE, SESSIO_GONE};

use super::cookie::sessio_cookie;

/// There was nothing to store; the expiry may have been moved.
pub const SESSIO_COMMIT_UNMODIFIED: i32 = 0;
/// The changes were stored.
pub const SESSIO_COMMIT_SAVED: i32 = 1;
/// The session was destroyed in this request.
pub const SESSIO_COMMIT_DESTROYED: i32 = 2;
/// Another request had ended the session. Nothing was stored.
pub const SESSIO_COMMIT_GONE: i32 = 3;
/// Another request had changed the session, and the setting `on_conflict` is `fail`. Nothing was
/// stored.
pub const SESSIO_COMMIT_CONFLICT: i32 = 4;

/// What to send to the client after a commit. Immutable.
pub struct sessio_commit_result {
    outcome: i32,
    /// With a NUL at its end.
    token: Option<String>,
    set_cookie: Option<CString>,
    cookie: Option<sessio_cookie>,
    /// Names and values.
    headers: Vec<(CString, CString)>,
    was_read: bool,
    expires_at_us: i64,
}

impl sessio_commit_result {
    /// Made only when the program gets it: from then on the cookie counts as sent.
    pub(crate) fn new(result: &CommitResult) -> Self {
        result.taken();
        sessio_commit_result {
            outcome: outcome(result.outcome),
            token: result.token.as_deref().map(|token| format!("{token}\0")),
            set_cookie: result.set_cookie.as_deref().map(c_text),
            cookie: result.cookie.clone().map(sessio_cookie::new),
            headers: result
                .headers()
                .iter()
                .map(|(name, value)| (c_text(name), c_text(value)))
                .collect(),
            was_read: result.was_read,
            expires_at_us: result.expires_at.map_or(SESSIO_NEVER, Timestamp::as_micros),
        }
    }
}

fn outcome(outcome: CommitOutcome) -> i32 {
    match outcome {
        CommitOutcome::Unmodified => SESSIO_COMMIT_UNMODIFIED,
        CommitOutcome::Saved => SESSIO_COMMIT_SAVED,
        CommitOutcome::Destroyed => SESSIO_COMMIT_DESTROYED,
        CommitOutcome::Gone => SESSIO_COMMIT_GONE,
        CommitOutcome::Conflict => SESSIO_COMMIT_CONFLICT,
    }
}

/// The status that a commit with this outcome returns.
pub(crate) fn status(outcome: CommitOutcome) -> i32 {
    match outcome {
        CommitOutcome::Unmodified | CommitOutcome::Saved | CommitOutcome::Destroyed => SESSIO_DONE,
        CommitOutcome::Gone => SESSIO_GONE,
        CommitOutcome::Conflict => SESSIO_CONFLICT,
    }
}

/// The outcome of the commit: one of SESSIO_COMMIT_….
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_outcome(result: *const sessio_commit_result) -> i32 {
    guard_or(SESSIO_COMMIT_UNMODIFIED, || {
        // SAFETY: NULL or a live result, as the header demands.
        unsafe { borrow_if(result) }.map_or(SESSIO_COMMIT_UNMODIFIED, |this| this.outcome)
    })
}

/// The token of the session, with a NUL after it, for clients without cookies. It is the client's
/// secret: never log it. NULL if there is none: the session was never stored, has ended, or comes
/// from a list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_token(
    result: *const sessio_commit_result,
    len: *mut usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live result, and NULL or a place, as the header demands.
        unsafe {
            let token = borrow_if(result).and_then(|this| this.token.as_deref());
            lend_text(token, len)
        }
    })
}

/// The value of the `Set-Cookie` header, which sets or deletes the cookie. NULL if no cookie is to
/// be sent. sessio_commit_result_header_value() includes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_set_cookie(
    result: *const sessio_commit_result,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live result, as the header demands.
        let cookie = unsafe { borrow_if(result) }.and_then(|this| this.set_cookie.as_ref());
        cookie.map_or(ptr::null(), |text| text.as_ptr())
    })
}

/// The same cookie as an object, for sessio_cookie_name() and its siblings. NULL if no cookie is to
/// be sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_cookie(
    result: *const sessio_commit_result,
) -> *const sessio_cookie {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live result, as the header demands.
        let cookie = unsafe { borrow_if(result) }.and_then(|this| this.cookie.as_ref());
        cookie.map_or(ptr::null(), ptr::from_ref)
    })
}

/// How many headers to add to the response. They are all that a web program needs: with a cookie
/// `Set-Cookie` and `Cache-Control: no-cache="Set-Cookie"`, so that no cache gives it to another
/// client; and `Vary: Cookie` if the session was read or a cookie is sent. Add them; do not replace
/// headers of your own.
///
/// A program that sends tokens in another header adds `Vary` with the name of that header itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_header_count(
    result: *const sessio_commit_result,
) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or a live result, as the header demands.
        unsafe { borrow_if(result) }.map_or(0, |this| this.headers.len())
    })
}

/// The name of the header at `index`, such as `"Set-Cookie"`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_header_name(
    result: *const sessio_commit_result,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live result, as the header demands.
        let header = unsafe { borrow_if(result) }.and_then(|this| this.headers.get(index));
        header.map_or(ptr::null(), |(name, _)| name.as_ptr())
    })
}

/// The value of the header at `index`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_header_value(
    result: *const sessio_commit_result,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live result, as the header demands.
        let header = unsafe { borrow_if(result) }.and_then(|this| this.headers.get(index));
        header.map_or(ptr::null(), |(_, value)| value.as_ptr())
    })
}

/// Whether the program has read or changed values of the session, so that the response may differ
/// for another cookie, which `Vary: Cookie` tells caches. sessio_session_ensure_loaded() alone does
/// not count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_was_read(
    result: *const sessio_commit_result,
) -> bool {
    // SAFETY: NULL or a live result, as the header demands.
    guard_or(false, || unsafe { borrow_if(result) }.is_some_and(|this| this.was_read))
}

/// When the session ends if it is not used; SESSIO_NEVER if it has no end, or there is no session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_expires_at_us(
    result: *const sessio_commit_result,
) -> i64 {
    guard_or(0, || {
        // SAFETY: NULL or a live result, as the header demands.
        unsafe { borrow_if(result) }.map_or(0, |this| this.expires_at_us)
    })
}

/// Frees a commit result and its texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_free(result: *mut sessio_commit_result) {
    guard_or((), || {
        // SAFETY: NULL or a result that the program owns and gives up, as the header demands.
        unsafe { free(result) }
    });
}
