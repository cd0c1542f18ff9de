//! Pages of listed sessions that can be acted on.

use std::ffi::c_char;
use std::ptr;

use sessio::{Key, SessionPage};

use crate::guard::{borrow_if, free, guard_or};
use crate::record::lend;

use super::handle::sessio_session;

/// A page of sessions in the order of their keys. Needs neither its manager nor its store to live.
pub struct sessio_session_page {
    sessions: Vec<sessio_session>,
    next: Option<Key>,
}

impl sessio_session_page {
    pub(crate) fn new(page: SessionPage) -> Self {
        let sessions = page.sessions.into_iter();
        let sessions = sessions.map(|session| sessio_session { session }).collect();
        sessio_session_page { sessions, next: page.next }
    }
}

/// How many sessions are on a page; 0 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_page_count(page: *const sessio_session_page) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or a live page, as the header demands.
        unsafe { borrow_if(page) }.map_or(0, |this| this.sessions.len())
    })
}

/// The session at `index`, to be read, changed, committed or destroyed; NULL for an index out of
/// range, and for NULL. It has no token; sessio_session_key() gives its key.
///
/// Ownership: belongs to the page and lives as long: do not free it. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_page_at(
    page: *const sessio_session_page,
    index: usize,
) -> *const sessio_session {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live page, as the header demands.
        let session = unsafe { borrow_if(page) }.and_then(|this| this.sessions.get(index));
        session.map_or(ptr::null(), ptr::from_ref)
    })
}

/// What to pass as `after` for the next page: a key of `*len` characters (`len` may be NULL). NULL
/// when this was the last page, and for NULL.
///
/// Ownership: belongs to the page and lives as long: list the next page before this one is freed.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_page_next(
    page: *const sessio_session_page,
    len: *mut usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live page, and NULL or a place, as the header demands.
        unsafe {
            let next = borrow_if(page).and_then(|this| this.next.as_ref());
            lend(next.map(|key| key.as_str().as_bytes()), len).cast()
        }
    })
}

/// Frees a page with its sessions. NULL is fine. What was changed in them and not committed is
/// dropped.
///
/// Ownership: takes the page; no thread may be using its sessions any more. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_page_free(page: *mut sessio_session_page) {
    guard_or((), || {
        // SAFETY: NULL or a page that the program owns and gives up, as the header demands.
        unsafe { free(page) }
    });
}
