//! Options of a store: members of a struct, or names with values as text.

use std::ffi::c_char;

use sessio::{Error, ErrorKind, Options, Result};

use crate::error::sessio_error;
use crate::generated::options::{sessio_options, set_members};
use crate::guard::{
    Versioned, arg, borrow, borrow_if, borrow_mut, free, guard, guard_or, into_raw, named,
    read_versioned, string,
};
use crate::status::SESSIO_DONE;

/// "Yes" in ::sessio_options.
pub const SESSIO_ON: i32 = 1;
/// "No" or "none" in ::sessio_options and in sessio_session_set_idle_timeout_us().
pub const SESSIO_OFF: i32 = -1;

/// Options that were set with sessio_options_set().
pub struct sessio_settings(Options);

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

// What the members say, set as the core parses it.

/// # Safety
/// `value` is NULL or a text that ends with a NUL.
pub(crate) unsafe fn text(options: &mut Options, name: &str, value: *const c_char) -> Result<()> {
    if value.is_null() {
        return Ok(());
    }
    // SAFETY: passed on from the caller.
    options.set(name, named(name, unsafe { string(value) })?)
}

pub(crate) fn number(options: &mut Options, name: &str, value: usize) -> Result<()> {
    if value == 0 { Ok(()) } else { options.set(name, &value.to_string()) }
}

pub(crate) fn duration(
    options: &mut Options,
    name: &str,
    millis: i64,
    can_be_off: bool,
) -> Result<()> {
    match millis {
        0 => Ok(()),
        off if can_be_off && off == i64::from(SESSIO_OFF) => options.set(name, "0"),
        _ => options.set(name, &format!("{millis}ms")),
    }
}

pub(crate) fn switch(options: &mut Options, name: &str, value: i32) -> Result<()> {
    match value {
        0 => Ok(()),
        SESSIO_ON => options.set(name, "true"),
        SESSIO_OFF => options.set(name, "false"),
        _ => Err(wrong(format!("options->{name} must be 0, SESSIO_ON or SESSIO_OFF"))),
    }
}

/// `choices` have their constants' names and values as text; the numbers begin with 1.
pub(crate) fn choice(
    options: &mut Options,
    name: &str,
    value: i32,
    choices: &[(&str, &str)],
) -> Result<()> {
    if value == 0 {
        return Ok(());
    }
    let index = usize::try_from(value).ok().and_then(|number| number.checked_sub(1));
    match index.and_then(|index| choices.get(index)) {
        Some((_, text)) => options.set(name, text),
        None => {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            Err(wrong(format!("options->{name} must be 0 or one of {}", names.join(", "))))
        }
    }
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_struct_has_not_shrunk_since_its_first_release() {
        assert!(size_of::<sessio_options>() >= sessio_options::FIRST_SIZE);
    }
}
