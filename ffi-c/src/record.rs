//! Found sessions as objects that a C program owns.

use std::ffi::{c_char, c_void};
use std::ptr;

use sessio::{Record, Timestamp};

use crate::guard::{borrow_if, free, guard_or};

/// An expiry that never comes.
pub const SESSIO_NEVER: i64 = 9_223_372_036_854_775_807;

/// A found session: its data, when it ends, and whose it is. Immutable, independent of its store.
pub struct sessio_record(pub(crate) Record);

/// The records of sessio_store_find_many(), in the order asked. Immutable.
pub struct sessio_records(Vec<Option<sessio_record>>);

impl sessio_records {
    pub(crate) fn new(found: Vec<Option<Record>>) -> Self {
        sessio_records(found.into_iter().map(|record| record.map(sessio_record)).collect())
    }
}

/// Hands out a pointer and its length.
///
/// # Safety
/// `len` is NULL or points to a place for a `size_t`.
pub(crate) unsafe fn lend(bytes: Option<&[u8]>, len: *mut usize) -> *const u8 {
    // SAFETY: passed on from the caller.
    if let Some(len) = unsafe { len.as_mut() } {
        *len = bytes.map_or(0, <[u8]>::len);
    }
    bytes.map_or(ptr::null(), <[u8]>::as_ptr)
}

/// The same of a text that carries a NUL at its end, which is not counted.
///
/// # Safety
/// As [`lend`].
pub(crate) unsafe fn lend_text(text: Option<&str>, len: *mut usize) -> *const c_char {
    let text = text.map(|text| text.strip_suffix('\0').unwrap_or(text).as_bytes());
    // SAFETY: passed on from the caller.
    unsafe { lend(text, len) }.cast()
}

/// The bytes of a session, as many as `*len` says then (`len` may be NULL). They may be 0, and
/// then the pointer is not NULL; it is NULL for a NULL record alone.
///
/// Ownership: belongs to the record and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_record_data(
    record: *const sessio_record,
    len: *mut usize,
) -> *const c_void {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live record, and NULL or a place, as the header demands.
        unsafe { lend(borrow_if(record).map(|this| &*this.0.data), len) }.cast()
    })
}

/// When a session ends, in microseconds since 1970-01-01T00:00:00 UTC, or SESSIO_NEVER. 0 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_record_expires_at_us(record: *const sessio_record) -> i64 {
    guard_or(0, || {
        // SAFETY: NULL or a live record, as the header demands.
        unsafe { borrow_if(record) }
            .map_or(0, |this| this.0.expires_at.map_or(SESSIO_NEVER, Timestamp::as_micros))
    })
}

/// Whose session it is: UTF-8 of `*len` bytes without a NUL at its end (`len` may be NULL). NULL
/// where nobody said, and for NULL.
///
/// Ownership: belongs to the record and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_record_subject(
    record: *const sessio_record,
    len: *mut usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or a live record, and NULL or a place, as the header demands.
        unsafe {
            let subject = borrow_if(record).and_then(|this| this.0.subject.as_deref());
            lend(subject.map(str::as_bytes), len).cast()
        }
    })
}

/// Frees a record that the program owns: one of sessio_store_find(), or of a completion. NULL is
/// fine. Records that belong to a page or to ::sessio_records are freed with it.
///
/// Ownership: takes the record; its data dies with it. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_record_free(record: *mut sessio_record) {
    guard_or((), || {
        // SAFETY: NULL or a record that the program owns and gives up, as the header demands.
        unsafe { free(record) }
    });
}

/// How many tokens were asked for; 0 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_records_count(records: *const sessio_records) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or live records, as the header demands.
        unsafe { borrow_if(records) }.map_or(0, |this| this.0.len())
    })
}

/// What was found for the token at `index`; NULL where there was no live session, for an index
/// out of range, and for NULL.
///
/// Ownership: belongs to the records: do not free it. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_records_at(
    records: *const sessio_records,
    index: usize,
) -> *const sessio_record {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or live records, as the header demands.
        let record = unsafe { borrow_if(records) }.and_then(|this| this.0.get(index)?.as_ref());
        record.map_or(ptr::null(), ptr::from_ref)
    })
}

/// Frees records and everything in them. NULL is fine.
///
/// Ownership: takes the records. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_records_free(records: *mut sessio_records) {
    guard_or((), || {
        // SAFETY: NULL or records that the program owns and gives up, as the header demands.
        unsafe { free(records) }
    });
}
