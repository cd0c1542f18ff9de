//! What the members of ::sessio_options say, set as the core parses it.

use std::ffi::c_char;

use sessio::{Error, ErrorKind, Options, Result};

use crate::guard::{named, string};

/// "Yes" in ::sessio_options.
pub const SESSIO_ON: i32 = 1;
/// "No" or "none" in ::sessio_options and in sessio_session_set_idle_timeout_us().
pub const SESSIO_OFF: i32 = -1;

/// Options that were set with sessio_options_set().
pub struct sessio_settings(pub(crate) Options);

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
