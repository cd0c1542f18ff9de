//! Objects that C holds by pointer: made, lent and freed; and the guard of exports that cannot
//! fail.
//!
//! Errors are such objects themselves, so this is below `error.rs`, and `guard.rs` is above it.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs an export that has no status; `default` is its value if it panics all the same.
pub(crate) fn guard_or<T>(default: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(default)
}

/// An object or a struct that may be NULL.
///
/// # Safety
/// `pointer` is NULL or points to a `T` that lives, and is not freed, as long as it is used.
pub(crate) unsafe fn borrow_if<'a, T>(pointer: *const T) -> Option<&'a T> {
    // SAFETY: as promised.
    unsafe { pointer.as_ref() }
}

/// A new object for C, to be freed by [`free`].
pub(crate) fn into_raw<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

/// Takes an object back and drops it. NULL is allowed.
///
/// # Safety
/// `pointer` is NULL or comes from [`into_raw`], and is not used any more.
pub(crate) unsafe fn free<T>(pointer: *mut T) {
    if !pointer.is_null() {
        // SAFETY: made by `into_raw`, given back once.
        drop(unsafe { Box::from_raw(pointer) });
    }
}
