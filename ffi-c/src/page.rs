//! Pages of listed sessions as objects that a C program owns.

use std::ffi::c_char;
use std::ptr;

use sessio::{Key, Page};

use crate::guard::{borrow_if, free, guard_or};
use crate::record::{lend, sessio_record};

/// A page of listed sessions in the order of their keys. Immutable, independent of its store.
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

/// How many sessions are on a page; 0 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_page_count(page: *const sessio_page) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or a live page, as the header demands.
        unsafe { borrow_if(page) }.map_or(0, |this| this.entries.len())
    })
}

/// The key of the session at `index`: `*len` ASCII characters without a NUL at their end (`len`
/// may be NULL). NULL for an index out of range, and for NULL.
///
/// Ownership: belongs to the page and lives as long. Threads: any.
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

/// The session at `index`; NULL for an index out of range, and for NULL.
///
/// Ownership: belongs to the page: do not free it. Threads: any.
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

/// What to pass as `after` for the next page: a key of `*len` characters (`len` may be NULL). NULL
/// when this was the last page, and for NULL.
///
/// Ownership: belongs to the page and lives as long: list the next page before this one is freed.
/// Threads: any.
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

/// Frees a page with its keys and records. NULL is fine.
///
/// Ownership: takes the page. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_page_free(page: *mut sessio_page) {
    guard_or((), || {
        // SAFETY: NULL or a page that the program owns and gives up, as the header demands.
        unsafe { free(page) }
    });
}
