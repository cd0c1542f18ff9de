//! Options of a store: members of a struct, or names with values as text.

use std::ffi::c_char;

use sessio::{Error, Options, Result};

use crate::error::sessio_error;
use crate::generated::options::{sessio_options, set_members};
use crate::guard::{
    Versioned, arg, borrow, borrow_if, borrow_mut, free, guard, guard_or, into_raw, named,
    read_versioned,
};
use crate::option_members::sessio_settings;
use crate::status::SESSIO_DONE;

// SAFETY: a C struct of integers and pointers with the size first.
unsafe impl Versioned for sessio_options {
    const FIRST_SIZE: usize = 96;
}

/// Sets an option by its name in URLs, which is that of its member in ::sessio_options without
/// `_ms`. Durations are seconds (`"300"`, `"0.5"`) or have a unit (`"250ms"`, `"5m"`, `"1h"`,
/// `"7d"`).
///
/// Fails with SESSIO_INVALID_ARGUMENT for an unknown name or value, and leaves the options
/// unchanged. Allocates: call sessio_options_clear() in the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_options_set(
    options: *mut sessio_options,
    name: *const c_char,
    value: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let mut set = settings(&arg!(read_versioned(options))?);
            let (name, value) = (arg!(string(name))?, arg!(string(value))?);
            set.set(name, value).map_err(Error::by_url_names)?;
            let options = arg!(borrow_mut(options))?;
            free(std::mem::replace(&mut options.settings, into_raw(sessio_settings(set))));
            Ok(SESSIO_DONE)
        })
    }
}

/// Frees what sessio_options_set() allocated. The options can be used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_options_clear(options: *mut sessio_options) {
    guard_or((), || {
        // SAFETY: NULL or options of the program, as the header demands.
        unsafe {
            if let Ok(options) = borrow_mut(options) {
                free(std::mem::replace(&mut options.settings, std::ptr::null_mut()));
            }
        }
    });
}

/// # Safety
/// `options.settings` is NULL or was set by [`sessio_options_set`].
unsafe fn settings(options: &sessio_options) -> Options {
    // SAFETY: passed on from the caller.
    unsafe { borrow_if(options.settings) }.map_or_else(Options::new, |settings| settings.0.clone())
}

/// # Safety
/// `pointer` is NULL or points to options whose pointers are what the header demands.
pub(crate) unsafe fn options(pointer: *const sessio_options) -> Result<Options> {
    if pointer.is_null() {
        return Ok(Options::new());
    }
    // SAFETY: passed on from the caller.
    unsafe {
        let given: sessio_options = named("options", read_versioned(pointer))?;
        let mut options = settings(&given);
        set_members(&given, &mut options)?;
        if given.clock.is_null() {
            return Ok(options);
        }
        Ok(options.clock(named("clock", borrow(given.clock))?.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_struct_has_not_shrunk_since_its_first_release() {
        assert!(size_of::<sessio_options>() >= sessio_options::FIRST_SIZE);
    }
}
