//! The one door: every export runs in here, and only here pointers become references.
//!
//! The functions that take pointers are `unsafe` because nobody can check what C promises: that a
//! pointer which is not NULL points to what its type says, for as long as the call runs. What can
//! be checked is: NULL, alignment, impossible lengths. Out-parameters are written by every call,
//! so that a C program never reads what it did not set.

use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use sessio::{Error, ErrorKind, Result};

use crate::error::sessio_error;

/// Runs a fallible export: gives its status, and fills `error` if that is negative.
///
/// # Safety
/// `error` is NULL or points to a place for a pointer.
pub(crate) unsafe fn guard(
    error: *mut *mut sessio_error,
    work: impl FnOnce() -> Result<i32>,
) -> i32 {
    // SAFETY: aligned, and otherwise as promised.
    let slot = if error.is_aligned() { unsafe { error.as_mut() } } else { None };
    // A panic leaves no half-made value behind: what was borrowed is the core's, which keeps its
    // own state whole, and out-parameters that hold NULL.
    let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Internal,
            "sessio panicked; please report what it wrote to stderr",
        ))
    });
    let (status, failed) = match done {
        Ok(status) => (status, None),
        Err(error) => (error.kind().number(), Some(error)),
    };
    if let Some(slot) = slot {
        *slot = failed.map_or(std::ptr::null_mut(), |error| sessio_error::boxed(&error));
    }
    status
}

/// Runs an export that cannot fail; `otherwise` is its value should it panic all the same.
pub(crate) fn guard_or<T>(otherwise: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(otherwise)
}

pub(crate) fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// A handle or a struct that must be there.
///
/// # Safety
/// `pointer` is NULL or points to a `T` that lives, and is not freed, as long as it is used.
pub(crate) unsafe fn borrow<'a, T>(pointer: *const T) -> Result<&'a T> {
    if !pointer.is_aligned() {
        return Err(invalid("a pointer is not aligned for what it should point to"));
    }
    // SAFETY: aligned, and otherwise as promised.
    unsafe { pointer.as_ref() }.ok_or_else(|| invalid("a pointer that must not be NULL is NULL"))
}

/// A struct of the program that is changed.
///
/// # Safety
/// As [`borrow`], and nothing else uses it during the call.
pub(crate) unsafe fn borrow_mut<'a, T>(pointer: *mut T) -> Result<&'a mut T> {
    // SAFETY: as promised.
    unsafe { borrow(pointer) }?;
    // SAFETY: checked just now, and otherwise as promised.
    Ok(unsafe { &mut *pointer })
}

/// A handle or a struct that may be NULL.
///
/// # Safety
/// As [`borrow`].
pub(crate) unsafe fn borrow_if<'a, T>(pointer: *const T) -> Option<&'a T> {
    // SAFETY: as promised.
    unsafe { pointer.as_ref() }
}

/// A place for a result, set to `empty` for now.
///
/// # Safety
/// `pointer` is NULL or points to a place for a `T` that nothing else uses during the call.
pub(crate) unsafe fn out<'a, T>(pointer: *mut T, empty: T) -> Result<&'a mut T> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(invalid("the place for a result must not be NULL"));
    }
    // SAFETY: not NULL, aligned, and otherwise as promised; whatever is there is not dropped.
    unsafe {
        pointer.write(empty);
        Ok(&mut *pointer)
    }
}

/// A place for a result that the program may not want, which is NULL.
///
/// # Safety
/// As [`out`].
pub(crate) unsafe fn out_if<'a, T>(pointer: *mut T, empty: T) -> Result<Option<&'a mut T>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: passed on from the caller.
    unsafe { out(pointer, empty) }.map(Some)
}

/// An array of a caller; NULL with a length of 0 is empty.
///
/// # Safety
/// `pointer` is NULL or points to `len` values that nobody changes while they are used.
pub(crate) unsafe fn array<'a, T>(pointer: *const T, len: usize) -> Result<&'a [T]> {
    if len == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(invalid("a pointer is NULL though its length is not 0"));
    }
    if len.checked_mul(size_of::<T>()).is_none_or(|bytes| isize::try_from(bytes).is_err()) {
        return Err(invalid("a length is larger than any memory"));
    }
    // SAFETY: not NULL, aligned, of a possible size, and otherwise as promised.
    Ok(unsafe { slice::from_raw_parts(pointer, len) })
}

/// Room for an array that the library fills, in part perhaps.
///
/// # Safety
/// `pointer` is NULL or points to room for `len` values that nothing else uses during the call.
pub(crate) unsafe fn room<'a, T>(pointer: *mut T, len: usize) -> Result<&'a mut [MaybeUninit<T>]> {
    let pointer = pointer.cast::<MaybeUninit<T>>();
    // SAFETY: as promised; checks NULL, alignment and size.
    unsafe { array(pointer.cast_const(), len) }?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: checked just now, and otherwise as promised.
    Ok(unsafe { slice::from_raw_parts_mut(pointer, len) })
}

/// Any bytes.
///
/// # Safety
/// As [`array()`].
pub(crate) unsafe fn bytes<'a, T: Plain>(pointer: *const T, len: usize) -> Result<&'a [u8]> {
    // SAFETY: as promised.
    unsafe { array(pointer.cast::<u8>(), len) }
}

/// What C programs call bytes.
pub(crate) trait Plain {}
impl Plain for c_char {}
impl Plain for c_void {}

/// Text with a length: UTF-8, any character.
///
/// # Safety
/// As [`array()`].
pub(crate) unsafe fn text<'a>(pointer: *const c_char, len: usize) -> Result<&'a str> {
    // SAFETY: as promised.
    let bytes = unsafe { bytes(pointer, len) }?;
    std::str::from_utf8(bytes).map_err(|_| invalid("a text is not UTF-8"))
}

/// Text with a length that may be absent, which is NULL.
///
/// # Safety
/// As [`array()`].
pub(crate) unsafe fn text_if<'a>(pointer: *const c_char, len: usize) -> Result<Option<&'a str>> {
    if pointer.is_null() && len == 0 {
        return Ok(None);
    }
    // SAFETY: as promised.
    unsafe { text(pointer, len) }.map(Some)
}

/// Text that ends with a NUL.
///
/// # Safety
/// `pointer` is NULL or points to bytes up to a NUL that nobody changes while they are used.
pub(crate) unsafe fn string<'a>(pointer: *const c_char) -> Result<&'a str> {
    if pointer.is_null() {
        return Err(invalid("a text that must not be NULL is NULL"));
    }
    // SAFETY: not NULL, and otherwise as promised.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|_| invalid("a text is not UTF-8"))
}

/// The copy of a struct that starts with its own size, by a program that may be older (its struct
/// is shorter: what it does not know is zero) or newer (what this library does not know must be
/// zero, or the program would believe that it was heeded).
///
/// # Safety
/// `pointer` is NULL or points to a struct whose first member, a `size_t`, holds its size. `T` is
/// `repr(C)`, starts with a `usize`, and all zeros are a `T`.
pub(crate) unsafe fn sized<T: Versioned>(pointer: *const T) -> Result<T> {
    // SAFETY: as promised: the size is the first member of every version of the struct.
    let size = *unsafe { borrow(pointer.cast::<usize>()) }?;
    if !pointer.is_aligned() || !(T::FIRST_SIZE..=64 * 1024).contains(&size) {
        return Err(invalid("the struct_size of a struct is not the size of any version of it"));
    }
    // SAFETY: the program says that its struct has this size.
    let theirs = unsafe { slice::from_raw_parts(pointer.cast::<u8>(), size) };
    if theirs.iter().skip(size_of::<T>()).any(|byte| *byte != 0) {
        return Err(invalid("a struct has a member set that this version of sessio does not know"));
    }
    let mut ours = MaybeUninit::<T>::zeroed();
    // SAFETY: copies no more than either has; all zeros are a `T`, and so are C's bytes.
    unsafe {
        let known = size.min(size_of::<T>());
        std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), ours.as_mut_ptr().cast::<u8>(), known);
        Ok(ours.assume_init())
    }
}

/// A struct of the header that starts with `struct_size`.
///
/// # Safety
/// The type is `repr(C)`, has a `usize` first, and is valid for all bytes.
#[allow(clippy::missing_safety_doc)]
pub(crate) unsafe trait Versioned {
    /// What it measured when it was first released.
    const FIRST_SIZE: usize;
}

/// A new handle for C, to be freed by [`free`].
pub(crate) fn handle<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

/// Takes a handle back, with what is in it.
///
/// # Safety
/// `pointer` is NULL or comes from [`handle`], and nobody uses it any more.
pub(crate) unsafe fn take<T>(pointer: *mut T) -> Result<T> {
    // SAFETY: as promised; checks NULL and alignment.
    unsafe { borrow(pointer) }?;
    // SAFETY: made by `handle`, given back once.
    Ok(*unsafe { Box::from_raw(pointer) })
}

/// Takes a handle back and drops it. NULL is fine.
///
/// # Safety
/// `pointer` is NULL or comes from [`handle`], and nobody uses it any more.
pub(crate) unsafe fn free<T>(pointer: *mut T) {
    if !pointer.is_null() {
        // SAFETY: made by `handle`, given back once.
        drop(unsafe { Box::from_raw(pointer) });
    }
}
