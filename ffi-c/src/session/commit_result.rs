//! What a commit says that the client shall be sent.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::{CommitOutcome, CommitResult, Timestamp};

use crate::error::c_text;
use crate::guard::{borrow_if, free, guard_or};
use crate::record::{SESSIO_NEVER, lend_text};
use crate::status::{SESSIO_CONFLICT, SESSIO_DONE, SESSIO_GONE};

use super::cookie::sessio_cookie;

/// There was nothing to store, though perhaps an expiry was moved.
pub const SESSIO_COMMIT_UNMODIFIED: i32 = 0;
/// It was stored.
pub const SESSIO_COMMIT_SAVED: i32 = 1;
/// The session was destroyed in this request.
pub const SESSIO_COMMIT_DESTROYED: i32 = 2;
/// Another request ended the session meanwhile. Nothing was stored: it stays ended.
pub const SESSIO_COMMIT_GONE: i32 = 3;
/// Another request changed the session meanwhile, and the policy is to fail. Nothing was stored.
pub const SESSIO_COMMIT_CONFLICT: i32 = 4;

/// What a commit says that the client shall be sent. Immutable.
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
    /// To be made when the program gets it.
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

fn outcome(committed: CommitOutcome) -> i32 {
    match committed {
        CommitOutcome::Unmodified => SESSIO_COMMIT_UNMODIFIED,
        CommitOutcome::Saved => SESSIO_COMMIT_SAVED,
        CommitOutcome::Destroyed => SESSIO_COMMIT_DESTROYED,
        CommitOutcome::Gone => SESSIO_COMMIT_GONE,
        CommitOutcome::Conflict => SESSIO_COMMIT_CONFLICT,
    }
}

/// What the commit returns.
pub(crate) fn status(committed: CommitOutcome) -> i32 {
    match committed {
        CommitOutcome::Unmodified | CommitOutcome::Saved | CommitOutcome::Destroyed => SESSIO_DONE,
        CommitOutcome::Gone => SESSIO_GONE,
        CommitOutcome::Conflict => SESSIO_CONFLICT,
    }
}

/// How the commit ended: one of SESSIO_COMMIT_…; SESSIO_COMMIT_UNMODIFIED for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_outcome(result: *const sessio_commit_result) -> i32 {
    guard_or(SESSIO_COMMIT_UNMODIFIED, || {
        // SAFETY: NULL or a live thing, as the header demands.
        unsafe { borrow_if(result) }.map_or(SESSIO_COMMIT_UNMODIFIED, |this| this.outcome)
    })
}

/// The session's token, for clients without cookies: `*len` bytes (`len` may be NULL) with a NUL
/// after them. NULL when the session has none (it was never stored, is over, or comes from a
/// list), and for NULL. It is the client's secret: never log it.
///
/// Ownership: belongs to `result` and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_token(
    result: *const sessio_commit_result,
    len: *mut usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live thing, and NULL or a place, as the header demands.
        unsafe {
            let token = borrow_if(result).and_then(|this| this.token.as_deref());
            lend_text(token, len)
        }
    })
}

/// The value of a `Set-Cookie` header: the token, or its deletion. NULL when no cookie is to be
/// sent, and for NULL. It is one of the headers that sessio_commit_result_header_name() gives.
///
/// Ownership: belongs to `result` and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_set_cookie(
    result: *const sessio_commit_result,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live thing, as the header demands.
        let cookie = unsafe { borrow_if(result) }.and_then(|this| this.set_cookie.as_ref());
        cookie.map_or(ptr::null(), |text| text.as_ptr())
    })
}

/// The same cookie, part by part, for sessio_cookie_name() and its like. NULL when no cookie is to
/// be sent, and for NULL.
///
/// Ownership: belongs to `result` and lives as long: do not free it. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_cookie(
    result: *const sessio_commit_result,
) -> *const sessio_cookie {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live thing, as the header demands.
        let cookie = unsafe { borrow_if(result) }.and_then(|this| this.cookie.as_ref());
        cookie.map_or(ptr::null(), ptr::from_ref)
    })
}

/// How many headers are to be added to the answer: all that a web program needs. With a cookie
/// `Set-Cookie` and `Cache-Control: no-cache="Set-Cookie"`, so that no cache between gives it to
/// another client; and `Vary: Cookie` if the session was read or the cookie is sent. Add them, and
/// never set one in the place of the program's own. 0 for NULL.
///
/// A program whose tokens travel in another header names that one in a `Vary` of its own.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_header_count(
    result: *const sessio_commit_result,
) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or a live thing, as the header demands.
        unsafe { borrow_if(result) }.map_or(0, |this| this.headers.len())
    })
}

/// The name of the header at `index`, such as `"Set-Cookie"`; NULL for an index out of range, and
/// for NULL.
///
/// Ownership: belongs to `result` and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_header_name(
    result: *const sessio_commit_result,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live thing, as the header demands.
        let header = unsafe { borrow_if(result) }.and_then(|this| this.headers.get(index));
        header.map_or(ptr::null(), |(name, _)| name.as_ptr())
    })
}

/// The value of the header at `index`; NULL for an index out of range, and for NULL.
///
/// Ownership: belongs to `result` and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_header_value(
    result: *const sessio_commit_result,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live thing, as the header demands.
        let header = unsafe { borrow_if(result) }.and_then(|this| this.headers.get(index));
        header.map_or(ptr::null(), |(_, value)| value.as_ptr())
    })
}

/// Whether the program has read something of the session, or has written to it: then its answer may
/// be another one for another cookie, which caches are told by `Vary: Cookie`. What was only looked
/// at with sessio_session_ensure_loaded() was not read. False for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_was_read(
    result: *const sessio_commit_result,
) -> bool {
    // SAFETY: NULL or a live thing, as the header demands.
    guard_or(false, || unsafe { borrow_if(result) }.is_some_and(|this| this.was_read))
}

/// When the session ends if nobody uses it, in microseconds since 1970-01-01T00:00:00 UTC;
/// SESSIO_NEVER when it has no end, and when there is no session. 0 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_expires_at_us(
    result: *const sessio_commit_result,
) -> i64 {
    guard_or(0, || {
        // SAFETY: NULL or a live thing, as the header demands.
        unsafe { borrow_if(result) }.map_or(0, |this| this.expires_at_us)
    })
}

/// Frees what a commit said. NULL is fine.
///
/// Ownership: takes it; its texts die with it. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_commit_result_free(result: *mut sessio_commit_result) {
    guard_or((), || {
        // SAFETY: NULL or what the program owns and gives up, as the header demands.
        unsafe { free(result) }
    });
}
