//! Pages of listed records, as objects that the caller owns.

use std::ffi::c_char;
use std::ptr;

use sessio::{Key, Page};

use crate::guard::{borrow_if, free, guard_or};
use crate::record::{lend, sessio_record};

/// A page of stored sessions in the order of their keys. Immutable, and independent of its store.
///
/// Listed sessions have *keys*, not tokens: a key is what the table holds, and the `_by_key`
/// functions take it.
pub struct sessio_page {
    entries: Vec<(Key, sessio_record)>,
    next: Option<Key>,
}

impl sessio_page {
    pub(crate) fn new(page: Page) -> Self {
        let entries = page.entries.into_iter();
        let entries = entries.map(|entry| (entry.key, sessio_record(entry.record))).collect();
        sessio_page { entries, next: page.next }
    }
}

/// How many sessions are on a page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_page_count(page: *const sessio_page) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or a live page, as the header demands.
        unsafe { borrow_if(page) }.map_or(0, |this| this.entries.len())
    })
}

/// The key of the session at `index`: ASCII, without a NUL at its end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_page_key(
    page: *const sessio_page,
    index: usize,
    len: *mut usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live page, and NULL or a place, as the header demands.
        unsafe {
            let entry = borrow_if(page).and_then(|this| this.entries.get(index));
            lend(entry.map(|(key, _)| key.as_str().as_bytes()), len).cast()
        }
    })
}

/// The session at `index`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_page_record(
    page: *const sessio_page,
    index: usize,
) -> *const sessio_record {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live page, as the header demands.
        let entry = unsafe { borrow_if(page) }.and_then(|this| this.entries.get(index));
        entry.map_or(ptr::null(), |(_, record)| ptr::from_ref(record))
    })
}

/// The key to pass as `after` for the next page; NULL on the last page. It belongs to this page:
/// list the next one before freeing this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_page_next(
    page: *const sessio_page,
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

/// Frees a page with its keys and records.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_page_free(page: *mut sessio_page) {
    guard_or((), || {
        // SAFETY: NULL or a page that the program owns and gives up, as the header demands.
        unsafe { free(page) }
    });
}
