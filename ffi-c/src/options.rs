//! Options of a store: members of a struct, or names with values as text.

use std::ffi::c_char;

use sessio::{Options, Result};

use crate::clock::sessio_clock;
use crate::error::sessio_error;
use crate::guard::{
    Versioned, arg, borrow, borrow_if, borrow_mut, free, guard, guard_or, into_raw, invalid, named,
    read_versioned, string,
};
use crate::status::SESSIO_DONE;

/// "Yes" in ::sessio_options.
pub const SESSIO_ON: i32 = 1;
/// "No" or "none" in ::sessio_options and in sessio_session_set_idle_timeout_us().
pub const SESSIO_OFF: i32 = -1;

/// Connections are not encrypted.
pub const SESSIO_TLS_OFF: i32 = 1;
/// Encrypted, without checking the server's certificate.
pub const SESSIO_TLS_REQUIRED: i32 = 2;
/// Encrypted, and the certificate must be signed by a known authority.
pub const SESSIO_TLS_VERIFY_CA: i32 = 3;
/// Encrypted, and the certificate must be signed by a known authority and name this host.
pub const SESSIO_TLS_VERIFY_IDENTITY: i32 = 4;

/// Options that were set with sessio_options_set().
pub struct sessio_settings(Options);

/// Options of sessio_store_open(). Start with SESSIO_OPTIONS_INIT and set the members you need: a
/// member that is 0 or NULL is as the URL says, or the default. Members take precedence over
/// sessio_options_set(), and that over the URL.
///
/// sessio_store_open() copies the options and everything they point to.
#[repr(C)]
pub struct sessio_options {
    /// `sizeof(sessio_options)`.
    pub struct_size: usize,
    /// Name of the table. Default: `"sessions"`.
    pub table: *const c_char,
    /// PEM file with the certificates of authorities, for `tls`. Default: the public ones.
    pub ca: *const c_char,
    /// Pause between two background cleanups in milliseconds; SESSIO_OFF for no cleanup. Default:
    /// 5 minutes.
    pub cleanup_interval_ms: i64,
    /// The longest time that a call takes, in milliseconds. Default: 5 seconds.
    pub timeout_ms: i64,
    /// Maximum size of a session in bytes. Default: 1048576.
    pub max_data: usize,
    /// Maximum number of sessions in a memory store. Default: no limit.
    pub max_sessions: usize,
    /// Maximum number of bytes of data in a memory store. Default: no limit.
    pub max_bytes: usize,
    /// Maximum number of connections to the server, 1 to 64. They are opened when they are needed
    /// and closed when they are idle. Default: 16.
    pub connections: usize,
    /// Whether the table holds hashes of the tokens instead of the tokens: SESSIO_ON (default) or
    /// SESSIO_OFF.
    pub hash_tokens: i32,
    /// SESSIO_TLS_OFF, SESSIO_TLS_REQUIRED, SESSIO_TLS_VERIFY_CA or SESSIO_TLS_VERIFY_IDENTITY.
    /// Default: as the URL says.
    pub tls: i32,
    /// A clock to use instead of the system's, for tests.
    pub clock: *const sessio_clock,
    /// Set by sessio_options_set() and freed by sessio_options_clear(); leave it alone.
    pub settings: *mut sessio_settings,
    /// For a table of beego: `maxLifetime` (or `gclifetime`) of its configuration, in milliseconds.
    /// Default: it is no table of beego.
    pub max_lifetime_ms: i64,
    /// PEM file with the certificate of this client, if the server asks for one; needs `tls_key`.
    /// Default: none.
    pub tls_cert: *const c_char,
    /// PEM file with the private key of `tls_cert`.
    pub tls_key: *const c_char,
    /// Column names of a table that sessio did not create, any of them:
    /// `"token=sid,data=payload,expiry=ends_at,subject=user"`.
    pub columns: *const c_char,
    /// System variables of the server that each connection sets:
    /// `"wsrep_sync_wait=7,innodb_lock_wait_timeout=2"`. Default: none.
    pub session_variables: *const c_char,
    /// Whether to start with a random one of several hosts instead of the first: SESSIO_ON or
    /// SESSIO_OFF (default).
    pub spread_hosts: i32,
    /// Must be 0.
    pub reserved: i32,
}

// SAFETY: a C struct of integers and pointers with the size first.
unsafe impl Versioned for sessio_options {
    const FIRST_SIZE: usize = 96;
}

/// Sets an option by its name in URLs: `table`, `hash_tokens`, `max_lifetime`, `cleanup_interval`,
/// `timeout`, `connections`, `max_data`, `max_sessions`, `max_bytes`, `tls`, `ca`, `tls_cert`,
/// `tls_key`, `columns`, `session_variables`, `spread_hosts`. Durations are seconds (`"300"`,
/// `"0.5"`) or have a unit (`"250ms"`, `"5m"`, `"1h"`, `"7d"`).
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
            set.set(arg!(string(name))?, arg!(string(value))?)?;
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
                options.set(name, named(name, string(text))?)?;
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
        Ok(options.clock(named("clock", borrow(given.clock))?.0.clone()))
    }
}

/// The numeric members as text, as the core parses them; `None` for one that is not set.
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
        return Err(invalid("options->reserved must be 0; start with SESSIO_OPTIONS_INIT"));
    }
    let tls = match given.tls {
        0 => None,
        SESSIO_TLS_OFF => Some("off".to_owned()),
        SESSIO_TLS_REQUIRED => Some("required".to_owned()),
        SESSIO_TLS_VERIFY_CA => Some("verify-ca".to_owned()),
        SESSIO_TLS_VERIFY_IDENTITY => Some("verify-identity".to_owned()),
        _ => {
            return Err(invalid(
                "options->tls must be 0, SESSIO_TLS_OFF, SESSIO_TLS_REQUIRED, \
                 SESSIO_TLS_VERIFY_CA or SESSIO_TLS_VERIFY_IDENTITY",
            ));
        }
    };
    Ok([
        ("cleanup_interval", cleanup),
        ("timeout", millis(given.timeout_ms)),
        ("connections", number(given.connections)),
        ("max_data", number(given.max_data)),
        ("max_sessions", number(given.max_sessions)),
        ("max_bytes", number(given.max_bytes)),
        (
            "hash_tokens",
            switch(given.hash_tokens, "options->hash_tokens must be 0, SESSIO_ON or SESSIO_OFF")?,
        ),
        (
            "spread_hosts",
            switch(given.spread_hosts, "options->spread_hosts must be 0, SESSIO_ON or SESSIO_OFF")?,
        ),
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
