//! The attributes of the cookie that a commit sends.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::{CookieParts, Timestamp};

use crate::error::c_text;
use crate::guard::{borrow_if, guard_or};
use crate::record::SESSIO_NEVER;

/// The cookie of a ::sessio_commit_result, attribute by attribute, for programs that set cookies
/// with a function of their framework. Immutable; freed with the commit result.
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

/// The name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_name(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| Some(&this.name)) })
}

/// The value as it goes into the header, already encoded; `""` to delete the cookie. It contains
/// the client's secret: never log it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_value(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| Some(&this.value)) })
}

/// The path: the browser sends the cookie to it and to paths below it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_path(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| Some(&this.path)) })
}

/// The domain: the browser sends the cookie to this host and its subdomains. NULL if only to the
/// host that set it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_domain(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| this.domain.as_ref()) })
}

/// Whether requests from other sites carry the cookie: `"lax"`, `"strict"`, `"none"`, or `"unset"`
/// for no attribute.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_same_site(cookie: *const sessio_cookie) -> *const c_char {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(ptr::null(), || unsafe { text_of(cookie, |this| Some(&this.same_site)) })
}

/// When the browser deletes the cookie, a whole second; SESSIO_NEVER if that is when it is closed,
/// and the cookie then has no `Expires`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_expires_us(cookie: *const sessio_cookie) -> i64 {
    guard_or(0, || {
        // SAFETY: NULL or a live cookie, as the header demands.
        let this = unsafe { borrow_if(cookie) };
        this.map_or(0, |this| this.parts.expires.map_or(SESSIO_NEVER, Timestamp::as_micros))
    })
}

/// The same in seconds from now: 0 to delete the cookie; -1 if the browser deletes it when it is
/// closed, and the cookie then has no `Max-Age`. -1 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_max_age(cookie: *const sessio_cookie) -> i64 {
    guard_or(-1, || {
        // SAFETY: NULL or a live cookie, as the header demands.
        let age = unsafe { borrow_if(cookie) }.and_then(|this| this.parts.max_age);
        age.map_or(-1, |age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX))
    })
}

/// Whether the browser sends the cookie over encrypted connections only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_secure(cookie: *const sessio_cookie) -> bool {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(false, || unsafe { borrow_if(cookie) }.is_some_and(|this| this.parts.secure))
}

/// Whether the cookie is hidden from scripts in the page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_http_only(cookie: *const sessio_cookie) -> bool {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(false, || unsafe { borrow_if(cookie) }.is_some_and(|this| this.parts.http_only))
}

/// Whether the cookie, in a frame on another site, is separate for each such site.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_cookie_partitioned(cookie: *const sessio_cookie) -> bool {
    // SAFETY: NULL or a live cookie, as the header demands.
    guard_or(false, || unsafe { borrow_if(cookie) }.is_some_and(|this| this.parts.partitioned))
}
