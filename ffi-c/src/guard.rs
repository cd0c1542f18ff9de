//! The FFI boundary: every export that can fail runs inside `guard`, and only the functions here
//! and in `handle.rs` turn pointers into references.
//!
//! The functions that take pointers are `unsafe` because what C promises cannot be checked: that a
//! pointer which is not NULL points to what its type says for as long as the call runs. What can
//! be checked is: NULL, alignment, impossible lengths, UTF-8. Out-parameters are written by every
//! call, so that a C program never reads what it did not set.

use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use sessio::{Error, ErrorKind, Result};

use crate::error::sessio_error;

pub(crate) use crate::handle::{borrow_if, free, guard_or, into_raw};

/// Runs an export that can fail: returns its status, and fills `error` if that is negative.
///
/// # Safety
/// `error` is NULL or points to a place for a pointer.
pub(crate) unsafe fn guard(
    error: *mut *mut sessio_error,
    work: impl FnOnce() -> Result<i32>,
) -> i32 {
    // SAFETY: aligned, and otherwise as promised.
    let slot = if error.is_aligned() { unsafe { error.as_mut() } } else { None };
    // A panic leaves no half-made value behind: what was borrowed belongs to the core, which keeps
    // its own state whole, and out-parameters hold NULL by then.
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

pub(crate) fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// Puts the name of a C argument, or of a member of a struct, before what is wrong with it.
pub(crate) fn named<T>(argument: &str, read: Result<T>) -> Result<T> {
    read.map_err(|error| Error::new(error.kind(), format!("{argument}: {}", error.message())))
}

/// `arg!(text(subject, subject_len))` is `text(subject, subject_len)` whose error names `subject`.
macro_rules! arg {
    ($read:ident($argument:ident $(, $more:expr)*)) => {
        $crate::guard::named(
            stringify!($argument),
            $crate::guard::$read($argument $(, $more)*),
        )
    };
}
pub(crate) use arg;

/// An object or a struct that must not be NULL.
///
/// # Safety
/// `pointer` is NULL or points to a `T` that lives, and is not freed, as long as it is used.
pub(crate) unsafe fn borrow<'a, T>(pointer: *const T) -> Result<&'a T> {
    if !pointer.is_aligned() {
        return Err(invalid("the pointer is not aligned for its type"));
    }
    // SAFETY: aligned, and otherwise as promised.
    unsafe { pointer.as_ref() }.ok_or_else(|| invalid("the pointer must not be NULL"))
}

/// A struct or an object that is changed.
///
/// # Safety
/// As [`borrow`], and nothing else uses it during the call.
pub(crate) unsafe fn borrow_mut<'a, T>(pointer: *mut T) -> Result<&'a mut T> {
    // SAFETY: as promised.
    unsafe { borrow(pointer) }?;
    // SAFETY: checked just now, and otherwise as promised.
    Ok(unsafe { &mut *pointer })
}

/// A place for a result, set to `empty` for now.
///
/// # Safety
/// `pointer` is NULL or points to a place for a `T` that nothing else uses during the call.
pub(crate) unsafe fn out<'a, T>(pointer: *mut T, empty: T) -> Result<&'a mut T> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(invalid("the pointer to a place for the result is NULL or not aligned"));
    }
    // SAFETY: not NULL, aligned, and otherwise as promised; what is there is not dropped.
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

/// An array of the caller's; NULL with a length of 0 is empty.
///
/// # Safety
/// `pointer` is NULL or points to `len` values that are not changed while they are used.
pub(crate) unsafe fn array<'a, T>(pointer: *const T, len: usize) -> Result<&'a [T]> {
    if len == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(invalid("the pointer is NULL or not aligned, though the length is not 0"));
    }
    if len.checked_mul(size_of::<T>()).is_none_or(|bytes| isize::try_from(bytes).is_err()) {
        return Err(invalid("the length is larger than the address space"));
    }
    // SAFETY: not NULL, aligned, of a possible size, and otherwise as promised.
    Ok(unsafe { slice::from_raw_parts(pointer, len) })
}

/// An array that the library fills, in part perhaps.
///
/// # Safety
/// `pointer` is NULL or points to memory for `len` values that nothing else uses during the call.
pub(crate) unsafe fn uninit_slice<'a, T>(
    pointer: *mut T,
    len: usize,
) -> Result<&'a mut [MaybeUninit<T>]> {
    let pointer = pointer.cast::<MaybeUninit<T>>();
    // SAFETY: as promised; checks NULL, alignment and size.
    unsafe { array(pointer.cast_const(), len) }?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: checked just now, and otherwise as promised.
    Ok(unsafe { slice::from_raw_parts_mut(pointer, len) })
}

/// Bytes with a length.
///
/// # Safety
/// As [`array()`].
pub(crate) unsafe fn bytes<'a, T: ByteLike>(pointer: *const T, len: usize) -> Result<&'a [u8]> {
    // SAFETY: as promised.
    unsafe { array(pointer.cast::<u8>(), len) }
}

/// The pointee types that C programs use for bytes.
pub(crate) trait ByteLike {}
impl ByteLike for c_char {}
impl ByteLike for c_void {}

/// UTF-8 with a length; it may hold NULs.
///
/// # Safety
/// As [`array()`].
pub(crate) unsafe fn text<'a>(pointer: *const c_char, len: usize) -> Result<&'a str> {
    // SAFETY: as promised.
    let bytes = unsafe { bytes(pointer, len) }?;
    std::str::from_utf8(bytes).map_err(|_| invalid("the text is not UTF-8"))
}

/// UTF-8 with a length, or NULL and 0 for none.
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

/// UTF-8 that ends with a NUL.
///
/// # Safety
/// `pointer` is NULL or points to bytes up to a NUL that are not changed while they are used.
pub(crate) unsafe fn string<'a>(pointer: *const c_char) -> Result<&'a str> {
    if pointer.is_null() {
        return Err(invalid("the text must not be NULL"));
    }
    // SAFETY: not NULL, and otherwise as promised.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|_| invalid("the text is not UTF-8"))
}

/// The copy of a struct that starts with its own size. The program may be older than this library
/// (its struct is shorter, and what it does not know is zero) or newer (what this library does not
/// know must be zero, or the program would believe that it has an effect).
///
/// # Safety
/// `pointer` is NULL or points to a struct whose first member, a `size_t`, holds its size. `T` is
/// `repr(C)`, starts with a `usize`, and all zeros are a `T`.
pub(crate) unsafe fn read_versioned<T: Versioned>(pointer: *const T) -> Result<T> {
    // SAFETY: as promised: the size is the first member of every version of the struct.
    let size = *unsafe { borrow(pointer.cast::<usize>()) }?;
    if !pointer.is_aligned() || !(T::FIRST_SIZE..=64 * 1024).contains(&size) {
        return Err(invalid(
            "struct_size is not the size of this struct; start with the macro SESSIO_…_INIT",
        ));
    }
    // SAFETY: the program says that its struct has this size.
    let theirs = unsafe { slice::from_raw_parts(pointer.cast::<u8>(), size) };
    if theirs.iter().skip(size_of::<T>()).any(|byte| *byte != 0) {
        return Err(invalid(
            "a member is set that the linked version of sessio does not know; compare \
             sessio_version_number() with SESSIO_VERSION_NUMBER",
        ));
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
    /// Its size when it was first released.
    const FIRST_SIZE: usize;
}

/// Takes an object back, with what is in it.
///
/// # Safety
/// `pointer` is NULL or comes from [`into_raw`], and is not used any more.
pub(crate) unsafe fn take<T>(pointer: *mut T) -> Result<T> {
    // SAFETY: as promised; checks NULL and alignment.
    unsafe { borrow(pointer) }?;
    // SAFETY: made by `into_raw`, given back once.
    Ok(*unsafe { Box::from_raw(pointer) })
}
