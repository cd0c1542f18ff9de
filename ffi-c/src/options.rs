//! Options of a store: members of a struct, or names and texts.

use std::ffi::c_char;

use sessio::{Options, Result};

use crate::clock::sessio_clock;
use crate::error::sessio_error;
use crate::guard::{
    Versioned, borrow, borrow_if, borrow_mut, free, guard, guard_or, handle, invalid, sized, string,
};
use crate::status::SESSIO_DONE;

/// Yes, in ::sessio_options.
pub const SESSIO_ON: i32 = 1;
/// No, in ::sessio_options.
pub const SESSIO_OFF: i32 = -1;

/// Connections are not encrypted.
pub const SESSIO_TLS_OFF: i32 = 1;
/// Encrypted, whoever the server is.
pub const SESSIO_TLS_REQUIRED: i32 = 2;
/// Encrypted, with a certificate from a known authority.
pub const SESSIO_TLS_VERIFY_CA: i32 = 3;
/// Encrypted, with a certificate from a known authority that names this host.
pub const SESSIO_TLS_VERIFY_IDENTITY: i32 = 4;

/// The options that sessio_options_set() has set.
pub struct sessio_settings(Options);

/// Options of sessio_store_open(). Start with SESSIO_OPTIONS_INIT and set the members you need:
/// one that is 0 or NULL is as the URL says, or the default. Members overrule what
/// sessio_options_set() set, and that overrules the URL.
///
/// Ownership: the program's, with everything that it points to; copied by sessio_store_open().
#[repr(C)]
pub struct sessio_options {
    /// `sizeof(sessio_options)`.
    pub struct_size: usize,
    /// The table's name. Default: `"sessions"`.
    pub table: *const c_char,
    /// A file of PEM certificates of authorities, for `tls`. Default: those known everywhere.
    pub ca: *const c_char,
    /// Pause between two background cleanups in milliseconds; SESSIO_OFF turns them off. Default:
    /// 5 minutes.
    pub cleanup_interval_ms: i64,
    /// The longest time a call takes, in milliseconds. Default: 5 seconds.
    pub timeout_ms: i64,
    /// The most bytes a session may have. Default: 1048576.
    pub max_data: usize,
    /// The most sessions a memory store holds. Default: no limit.
    pub max_sessions: usize,
    /// The most bytes of data a memory store holds. Default: no limit.
    pub max_bytes: usize,
    /// The most connections to the server, 1 to 64: opened when they are needed, closed when they
    /// are idle. Default: 16.
    pub connections: usize,
    /// Whether the table holds hashes of the tokens: SESSIO_ON (default) or SESSIO_OFF.
    pub hash_tokens: i32,
    /// SESSIO_TLS_OFF, SESSIO_TLS_REQUIRED, SESSIO_TLS_VERIFY_CA or SESSIO_TLS_VERIFY_IDENTITY.
    pub tls: i32,
    /// Reads the time from this clock instead of the system's: for tests.
    pub clock: *const sessio_clock,
    /// Set by sessio_options_set() and freed by sessio_options_clear(); leave it alone.
    pub settings: *mut sessio_settings,
    /// For a beego table: `maxLifetime` (or `gclifetime`) of beego's configuration, in
    /// milliseconds. Default: it is no beego table.
    pub max_lifetime_ms: i64,
    /// A PEM file with the certificate that the server asks this client for, with `tls_key`.
    /// Default: none.
    pub tls_cert: *const c_char,
    /// A PEM file with the private key of `tls_cert`.
    pub tls_key: *const c_char,
    /// Column names of a table that others made, any of them:
    /// `"token=sid,data=payload,expiry=ends_at,subject=user"`.
    pub columns: *const c_char,
    /// Variables of the server that each connection sets:
    /// `"wsrep_sync_wait=7,innodb_lock_wait_timeout=2"`. Default: none.
    pub session_variables: *const c_char,
    /// Whether to start on any of several hosts instead of the first: SESSIO_ON or SESSIO_OFF
    /// (default).
    pub spread_hosts: i32,
    /// 0.
    pub reserved: i32,
}

// SAFETY: a C struct of integers and pointers with the size first.
unsafe impl Versioned for sessio_options {
    const FIRST_SIZE: usize = 96;
}

/// Sets an option by the name and in the spelling that URLs use: `table`, `hash_tokens`,
/// `max_lifetime`, `cleanup_interval`, `timeout`, `connections`, `max_data`, `max_sessions`,
/// `max_bytes`, `tls`, `ca`, `tls_cert`, `tls_key`, `columns`, `session_variables`, `spread_hosts`.
/// Durations are seconds (`"300"`, `"0.5"`) or carry a unit (`"250ms"`, `"5m"`, `"1h"`, `"7d"`).
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, an unknown name, or a value that it does not
/// take; the options are as before then.
///
/// Ownership: `options` stay the program's, and must be given to sessio_options_clear() in the
/// end. Threads: one at a time.
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
            let mut set = settings(&sized(options)?);
            set.set(string(name)?, string(value)?)?;
            let options = borrow_mut(options)?;
            free(std::mem::replace(&mut options.settings, handle(sessio_settings(set))));
            Ok(SESSIO_DONE)
        })
    }
}

/// Frees what sessio_options_set() set. NULL is fine. The options can be used again.
///
/// Ownership: `options` stay the program's. Threads: one at a time.
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
        let given: sessio_options = sized(pointer)?;
        let mut options = settings(&given);
        let members = [
            ("table", given.table),
            ("ca", given.ca),
            ("tls_cert", given.tls_cert),
            ("tls_key", given.tls_key),
            ("columns", given.columns),
            ("session_variables", given.session_variables),
        ];
        for (name, text) in members {
            if !text.is_null() {
                options.set(name, string(text)?)?;
            }
        }
        for (name, value) in texts(&given)? {
            if let Some(value) = value {
                options.set(name, &value)?;
            }
        }
        if given.clock.is_null() {
            return Ok(options);
        }
        Ok(options.clock(borrow(given.clock)?.0.clone()))
    }
}

/// The numeric members as the core reads them; `None` where one is not set.
fn texts(given: &sessio_options) -> Result<[(&'static str, Option<String>); 10]> {
    let number = |value: usize| (value != 0).then(|| value.to_string());
    let millis = |value: i64| (value != 0).then(|| format!("{value}ms"));
    let cleanup = match given.cleanup_interval_ms {
        off if off == i64::from(SESSIO_OFF) => Some("0".to_owned()),
        interval => millis(interval),
    };
    let switch = |value: i32, wrong: &'static str| match value {
        0 => Ok(None),
        SESSIO_ON => Ok(Some("true".to_owned())),
        SESSIO_OFF => Ok(Some("false".to_owned())),
        _ => Err(invalid(wrong)),
    };
    if given.reserved != 0 {
        return Err(invalid("the options' member reserved is not 0"));
    }
    let tls = match given.tls {
        0 => None,
        SESSIO_TLS_OFF => Some("off".to_owned()),
        SESSIO_TLS_REQUIRED => Some("required".to_owned()),
        SESSIO_TLS_VERIFY_CA => Some("verify-ca".to_owned()),
        SESSIO_TLS_VERIFY_IDENTITY => Some("verify-identity".to_owned()),
        _ => return Err(invalid("tls takes one of SESSIO_TLS_…")),
    };
    Ok([
        ("cleanup_interval", cleanup),
        ("timeout", millis(given.timeout_ms)),
        ("connections", number(given.connections)),
        ("max_data", number(given.max_data)),
        ("max_sessions", number(given.max_sessions)),
        ("max_bytes", number(given.max_bytes)),
        ("hash_tokens", switch(given.hash_tokens, "hash_tokens takes SESSIO_ON or SESSIO_OFF")?),
        ("spread_hosts", switch(given.spread_hosts, "spread_hosts takes SESSIO_ON or SESSIO_OFF")?),
        ("max_lifetime", millis(given.max_lifetime_ms)),
        ("tls", tls),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_struct_has_not_shrunk_since_its_first_release() {
        assert!(size_of::<sessio_options>() >= sessio_options::FIRST_SIZE);
    }
}
