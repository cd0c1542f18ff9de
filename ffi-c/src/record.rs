//! Stored sessions that were found, as objects that the caller owns.

use std::ffi::{c_char, c_void};
use std::ptr;

use sessio::{Record, Timestamp};

use crate::guard::{borrow_if, free, guard_or, into_raw};
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

/// The time of something that never happens, such as the end of a session without an expiry.
pub const SESSIO_NEVER: i64 = 9_223_372_036_854_775_807;

/// A stored session that was found: its data, expiry and subject. Immutable, and independent of its
/// store.
pub struct sessio_record(pub(crate) Record);

/// The records of sessio_store_find_many(), in the order of the tokens. Immutable.
pub struct sessio_records(Vec<Option<sessio_record>>);

impl sessio_records {
    pub(crate) fn new(found: Vec<Option<Record>>) -> Self {
        sessio_records(found.into_iter().map(|record| record.map(sessio_record)).collect())
    }
}

/// Puts what was found into its place: the status of the call.
pub(crate) fn found(record: Option<Record>, slot: &mut *mut sessio_record) -> i32 {
    match record {
        Some(record) => {
            *slot = into_raw(sessio_record(record));
            SESSIO_DONE
        }
        None => SESSIO_NOT_FOUND,
    }
}

/// A pointer to bytes that stay this library's, and their length.
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

/// The same for a text that is stored with a NUL at its end, which the length does not count.
///
/// # Safety
/// As [`lend`].
pub(crate) unsafe fn lend_text(text: Option<&str>, len: *mut usize) -> *const c_char {
    let text = text.map(|text| text.strip_suffix('\0').unwrap_or(text).as_bytes());
    // SAFETY: passed on from the caller.
    unsafe { lend(text, len) }.cast()
}

/// The data of a session. NULL only for a NULL record: the pointer to no bytes is not NULL.
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

/// When a session ends, or SESSIO_NEVER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_record_expires_at_us(record: *const sessio_record) -> i64 {
    guard_or(0, || {
        // SAFETY: NULL or a live record, as the header demands.
        unsafe { borrow_if(record) }
            .map_or(0, |this| this.0.expires_at.map_or(SESSIO_NEVER, Timestamp::as_micros))
    })
}

/// The subject of a session: UTF-8, without a NUL at its end. NULL if it has none.
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

/// Frees a record of sessio_store_find() or of a completion. Records that belong to a page or to
/// ::sessio_records are freed with these.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_record_free(record: *mut sessio_record) {
    guard_or((), || {
        // SAFETY: NULL or a record that the program owns and gives up, as the header demands.
        unsafe { free(record) }
    });
}

/// How many tokens were asked for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_records_count(records: *const sessio_records) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or live records, as the header demands.
        unsafe { borrow_if(records) }.map_or(0, |this| this.0.len())
    })
}

/// The session of the token at `index`; NULL if there is no live one.
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

/// Frees records and everything in them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_records_free(records: *mut sessio_records) {
    guard_or((), || {
        // SAFETY: NULL or records that the program owns and gives up, as the header demands.
        unsafe { free(records) }
    });
}
