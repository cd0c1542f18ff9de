//! The structs with which a C program says what to store.

use std::ffi::{c_char, c_void};

use sessio::{Content, Expiry, Target, Timestamp};

use crate::guard::{Versioned, array, borrow, bytes, invalid, named, read_versioned, text_if};

/// What a write stores. Start with SESSIO_CONTENT_INIT.
#[repr(C)]
pub struct sessio_content {
    /// `sizeof(sessio_content)`.
    pub struct_size: usize,
    /// The data of the session.
    pub data: *const c_void,
    /// Its length.
    pub data_len: usize,
    /// When the session ends, or SESSIO_NEVER. A time in the past, such as 0, is allowed: the
    /// session is stored, but not live.
    pub expires_at_us: i64,
    /// The subject: UTF-8, at most 255 characters. NULL keeps the subject; a text of length 0
    /// removes it.
    pub subject: *const c_char,
    /// The length of the subject.
    pub subject_len: usize,
}

/// A session of sessio_store_save_many(). Start with SESSIO_ROW_INIT.
#[repr(C)]
pub struct sessio_row {
    /// `sizeof(sessio_row)`; the same in all rows of one call.
    pub struct_size: usize,
    /// The client's token.
    pub token: *const c_char,
    /// Its length.
    pub token_len: usize,
    /// The data of the session.
    pub data: *const c_void,
    /// Its length.
    pub data_len: usize,
    /// When the session ends: as in ::sessio_content.
    pub expires_at_us: i64,
    /// The subject: as in ::sessio_content.
    pub subject: *const c_char,
    /// The length of the subject.
    pub subject_len: usize,
}

/// Bytes with a length, for functions that take several.
#[repr(C)]
pub struct sessio_text {
    /// The first byte.
    pub text: *const c_char,
    /// The number of bytes.
    pub len: usize,
}

// SAFETY: C structs of integers and pointers with the size first.
unsafe impl Versioned for sessio_content {
    const FIRST_SIZE: usize = 48;
}

// SAFETY: C structs of integers and pointers with the size first.
unsafe impl Versioned for sessio_row {
    const FIRST_SIZE: usize = 64;
}

pub(crate) fn expiry(at_us: i64) -> Expiry {
    Expiry::At(Timestamp::from_micros(at_us))
}

/// # Safety
/// `pointer` is NULL or points to content whose pointers are what the header demands.
pub(crate) unsafe fn content<'a>(
    pointer: *const sessio_content,
) -> Result<Content<'a>, sessio::Error> {
    // SAFETY: passed on from the caller.
    unsafe {
        let given = named("content", read_versioned(pointer))?;
        let data = named("content->data", bytes(given.data, given.data_len))?;
        let subject = text_if(given.subject, given.subject_len);
        let subject = named("content->subject", subject)?;
        Ok(Content::new(data, expiry(given.expires_at_us)).subject(subject))
    }
}

/// # Safety
/// As [`content`].
pub(crate) unsafe fn content_if<'a>(
    pointer: *const sessio_content,
) -> Result<Option<Content<'a>>, sessio::Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: passed on from the caller.
    unsafe { content(pointer) }.map(Some)
}

/// # Safety
/// `pointer` is NULL or points to `count` texts that are what the header demands.
pub(crate) unsafe fn tokens<'a>(
    pointer: *const sessio_text,
    count: usize,
) -> Result<Vec<Target<'a>>, sessio::Error> {
    // SAFETY: passed on from the caller.
    unsafe {
        let token = |given: &sessio_text| {
            Ok(Target::Token(named("tokens[…].text", bytes(given.text, given.len))?))
        };
        named("tokens", array(pointer, count))?.iter().map(token).collect()
    }
}

/// # Safety
/// `pointer` is NULL or points to `count` rows that are what the header demands.
pub(crate) unsafe fn rows<'a>(
    pointer: *const sessio_row,
    count: usize,
) -> Result<Vec<(Target<'a>, Content<'a>)>, sessio::Error> {
    if count == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: passed on from the caller; the first row's size is the distance to the next, so the
    // last one starts within the array, whose size is checked.
    unsafe {
        let stride = named("rows", borrow(pointer))?.struct_size;
        named("rows", array(pointer.cast::<u8>(), stride.saturating_mul(count)))?;
        (0..count).map(|index| row(pointer.byte_add(index * stride), stride)).collect()
    }
}

/// # Safety
/// As [`content`].
unsafe fn row<'a>(
    pointer: *const sessio_row,
    stride: usize,
) -> Result<(Target<'a>, Content<'a>), sessio::Error> {
    // SAFETY: passed on from the caller.
    unsafe {
        let given: sessio_row = named("rows", read_versioned(pointer))?;
        if given.struct_size != stride {
            return Err(invalid("rows: all rows of one call must have the same struct_size"));
        }
        let token = named("rows[…].token", bytes(given.token, given.token_len))?;
        let data = named("rows[…].data", bytes(given.data, given.data_len))?;
        let subject = text_if(given.subject, given.subject_len);
        let subject = named("rows[…].subject", subject)?;
        let content = Content::new(data, expiry(given.expires_at_us)).subject(subject);
        Ok((Target::Token(token), content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_have_not_shrunk_since_their_first_release() {
        assert!(size_of::<sessio_content>() >= sessio_content::FIRST_SIZE);
        assert!(size_of::<sessio_row>() >= sessio_row::FIRST_SIZE);
    }
}
