//! The cookie that a commit sends, part by part.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::{CookieParts, Timestamp};

use crate::error::c_text;
use crate::guard::{borrow_if, guard_or};
use crate::record::SESSIO_NEVER;

/// A cookie that the client is to be sent, part by part: for programs that set cookies by a
/// function of their framework. Immutable; belongs to the ::sessio_commit_result that it comes from.
pub struct sessio_cookie {
    name: CString,
    value: CString,
    path: CString,
    domain: Option<CString>,
    same_site: CString,
    parts: CookieParts,
}

impl sessio_cookie {
    pub(super) fn new(parts: CookieParts) -> Self {
        sessio_cookie {
            name: c_text(&parts.name),
            value: c_text(&parts.value),
            path: c_text(&parts.path),
            domain: parts.domain.as_deref().map(c_text),
            same_site: c_text(parts.same_site.name()),
            parts,
        }
    }
}

/// A text of a cookie.
///
/// # Safety
/// `cookie` is NULL or points to a live cookie.
unsafe fn text_of(
    cookie: *const sessio_cookie,
    part: impl FnOnce(&'static sessio_cookie) -> Option<&'static CString>,
) -> *const c_char {
    // SAFETY: passed on from the caller; what is lent lives as long as the cookie.
    let text = unsafe { borrow_if(cookie) }.and_then(part);
    text.map_or(ptr::null(), |text| text.as_ptr())
}

/// What a cookie is called. NULL for NULL.
///
/// Ownership: belongs to the cookie and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_name(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| Some(&this.name)) })
}

/// The value as it stands in the header: what a cookie cannot hold is encoded already. `""` where
/// the client is to forget the cookie; NULL for NULL. It holds the client's secret: never log it.
///
/// Ownership: belongs to the cookie and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_value(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| Some(&this.value)) })
}

/// The browser sends the cookie to this path and those below it. NULL for NULL.
///
/// Ownership: belongs to the cookie and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_path(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| Some(&this.path)) })
}

/// The browser sends the cookie to this host and all below it; NULL where it sends it to the host
/// that set it, alone, and for NULL.
///
/// Ownership: belongs to the cookie and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_domain(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| this.domain.as_ref()) })
}

/// Whether the cookie comes along from other sites: `"lax"`, `"strict"`, `"none"`, or `"unset"`
/// where nothing is said of it. NULL for NULL.
///
/// Ownership: belongs to the cookie and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_same_site(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| Some(&this.same_site)) })
}

/// When the browser forgets the cookie, in microseconds since 1970-01-01T00:00:00 UTC, a whole
/// second; SESSIO_NEVER where it forgets it when it is closed, and then the cookie has no
/// `Expires`. 0 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_expires_us(cookie: *const sessio_cookie) -> i64 {
    guard_or(0, || {
        // SAFETY: NULL or a live cookie, as the header demands.
        let this = unsafe { borrow_if(cookie) };
        this.map_or(0, |this| this.parts.expires.map_or(SESSIO_NEVER, Timestamp::as_micros))
    })
}

/// The same as seconds from now on: 0 where the client is to forget the cookie; -1 where it forgets
/// it when it is closed, and then the cookie has no `Max-Age`. -1 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_max_age(cookie: *const sessio_cookie) -> i64 {
    guard_or(-1, || {
        // SAFETY: NULL or a live cookie, as the header demands.
        let age = unsafe { borrow_if(cookie) }.and_then(|this| this.parts.max_age);
        age.map_or(-1, |age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX))
    })
}

/// Whether the cookie travels encrypted only. False for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_secure(cookie: *const sessio_cookie) -> bool {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(false, || unsafe { borrow_if(cookie) }.is_some_and(|this| this.parts.secure))
}

/// Whether scripts in the page cannot read the cookie. False for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_http_only(cookie: *const sessio_cookie) -> bool {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(false, || unsafe { borrow_if(cookie) }.is_some_and(|this| this.parts.http_only))
}

/// Whether the cookie, within a frame on another site, is one of its own for each such site. False
/// for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_partitioned(cookie: *const sessio_cookie) -> bool {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(false, || unsafe { borrow_if(cookie) }.is_some_and(|this| this.parts.partitioned))
}
