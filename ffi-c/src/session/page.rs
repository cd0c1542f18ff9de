//! Pages of listed sessions that can be read and changed.

use std::ffi::c_char;
use std::ptr;

use sessio::{Key, SessionPage};

use crate::guard::{borrow_if, free, guard_or};
use crate::record::lend;

use super::lifecycle::sessio_session;

/// A page of sessions in the order of their keys. Its sessions can be used after their manager was
/// freed, but not be committed.
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

/// How many sessions are on a page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_page_count(page: *const sessio_session_page) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or a live page, as the header demands.
        unsafe { borrow_if(page) }.map_or(0, |this| this.sessions.len())
    })
}

/// The session at `index`, to be read, changed, committed or destroyed. It has no token;
/// sessio_session_key() gives its key. It belongs to the page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_page_at(
    page: *mut sessio_session_page,
    index: usize,
) -> *mut sessio_session {
    guard_or(ptr::null_mut(), || {
        // SAFETY: NULL or a live page, as the header demands.
        let session = unsafe { borrow_if(page) }.and_then(|this| this.sessions.get(index));
        session.map_or(ptr::null_mut(), |session| ptr::from_ref(session).cast_mut())
    })
}

/// The key to pass as `after` for the next page; NULL on the last page. It belongs to this page:
/// list the next one before freeing this one.
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

/// Frees a page with its sessions. Their uncommitted changes are dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_page_free(page: *mut sessio_session_page) {
    guard_or((), || {
        // SAFETY: NULL or a page that the program owns and gives up, as the header demands.
        unsafe { free(page) }
    });
}
