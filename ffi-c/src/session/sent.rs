//! What a commit says that the client shall be sent.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::{Committed, Sent, Timestamp};

use crate::error::c_text;
use crate::guard::{borrow_if, free, guard_or};
use crate::record::{SESSIO_NEVER, lend_text};
use crate::status::{SESSIO_CONFLICT, SESSIO_DONE, SESSIO_GONE};

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
pub struct sessio_sent {
    outcome: i32,
    /// With a NUL at its end.
    token: Option<String>,
    set_cookie: Option<CString>,
    expires_at_us: i64,
}

impl sessio_sent {
    /// To be made when the program gets it.
    pub(crate) fn new(sent: &Sent) -> Self {
        sent.taken();
        sessio_sent {
            outcome: outcome(sent.outcome),
            token: sent.token.as_deref().map(|token| format!("{token}\0")),
            set_cookie: sent.set_cookie.as_deref().map(c_text),
            expires_at_us: sent.expires_at.map_or(SESSIO_NEVER, Timestamp::as_micros),
        }
    }
}

fn outcome(committed: Committed) -> i32 {
    match committed {
        Committed::Unmodified => SESSIO_COMMIT_UNMODIFIED,
        Committed::Saved => SESSIO_COMMIT_SAVED,
        Committed::Destroyed => SESSIO_COMMIT_DESTROYED,
        Committed::Gone => SESSIO_COMMIT_GONE,
        Committed::Conflict => SESSIO_COMMIT_CONFLICT,
    }
}

/// What the commit returns.
pub(crate) fn status(committed: Committed) -> i32 {
    match committed {
        Committed::Unmodified | Committed::Saved | Committed::Destroyed => SESSIO_DONE,
        Committed::Gone => SESSIO_GONE,
        Committed::Conflict => SESSIO_CONFLICT,
    }
}

/// How the commit ended: one of SESSIO_COMMIT_…; SESSIO_COMMIT_UNMODIFIED for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_sent_outcome(sent: *const sessio_sent) -> i32 {
    guard_or(SESSIO_COMMIT_UNMODIFIED, || {
        // SAFETY: NULL or a live thing, as the header demands.
        unsafe { borrow_if(sent) }.map_or(SESSIO_COMMIT_UNMODIFIED, |this| this.outcome)
    })
}

/// The session's token, for clients without cookies: `*len` bytes (`len` may be NULL) with a NUL
/// after them. NULL when the session has none (it was never stored, is over, or comes from a
/// list), and for NULL. It is the client's secret: never log it.
///
/// Ownership: belongs to `sent` and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_sent_token(
    sent: *const sessio_sent,
    len: *mut usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live thing, and NULL or a place, as the header demands.
        unsafe {
            let token = borrow_if(sent).and_then(|this| this.token.as_deref());
            lend_text(token, len)
        }
    })
}

/// The value of a `Set-Cookie` header: the token, or its deletion. NULL when no cookie is to be
/// sent, and for NULL. With it belongs `Cache-Control: no-cache="Set-Cookie"`, and `Vary: Cookie`
/// with every answer.
///
/// Ownership: belongs to `sent` and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_sent_set_cookie(sent: *const sessio_sent) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live thing, as the header demands.
        let cookie = unsafe { borrow_if(sent) }.and_then(|this| this.set_cookie.as_ref());
        cookie.map_or(ptr::null(), |text| text.as_ptr())
    })
}

/// When the session ends if nobody uses it, in microseconds since 1970-01-01T00:00:00 UTC;
/// SESSIO_NEVER when it has no end, and when there is no session. 0 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_sent_expires_at_us(sent: *const sessio_sent) -> i64 {
    guard_or(0, || {
        // SAFETY: NULL or a live thing, as the header demands.
        unsafe { borrow_if(sent) }.map_or(0, |this| this.expires_at_us)
    })
}

/// Frees what a commit said. NULL is fine.
///
/// Ownership: takes it; its texts die with it. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_sent_free(sent: *mut sessio_sent) {
    guard_or((), || {
        // SAFETY: NULL or what the program owns and gives up, as the header demands.
        unsafe { free(sent) }
    });
}
