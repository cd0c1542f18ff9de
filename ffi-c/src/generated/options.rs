//! The options of a store as members of a struct.
//!
//! Made by `cargo xtask gen` from `api/options.toml`: change that.

use std::ffi::c_char;

use sessio::{Options, Result};

use crate::clock::sessio_clock;
use crate::guard::invalid;
use crate::option_members::{choice, duration, number, sessio_settings, switch, text};

/// Connections are not encrypted.
pub const SESSIO_TLS_OFF: i32 = 1;
/// Encrypted, without checking the server's certificate.
pub const SESSIO_TLS_REQUIRED: i32 = 2;
/// Encrypted, and the certificate must be signed by a known authority.
pub const SESSIO_TLS_VERIFY_CA: i32 = 3;
/// Encrypted, and the certificate must be signed by a known authority and name this host.
pub const SESSIO_TLS_VERIFY_IDENTITY: i32 = 4;

/// Options of sessio_store_open(). Start with SESSIO_OPTIONS_INIT and set the members you need: a
/// member that is 0 or NULL is as the URL says, or the default. Members take precedence over
/// sessio_options_set(), and that over the URL.
///
/// sessio_store_open() copies the options and everything they point to.
#[repr(C)]
pub struct sessio_options {
    /// `sizeof(sessio_options)`.
    pub struct_size: usize,
    /// The table's name. Default: `"sessions"`.
    pub table: *const c_char,
    /// A PEM file with the authorities to trust; without it, the usual public ones.
    pub ca: *const c_char,
    /// The time from one background cleanup to the next, more or less. SESSIO_OFF for none. In
    /// milliseconds. Default: 5 minutes.
    pub cleanup_interval_ms: i64,
    /// The time within which every call is answered, waiting and connecting included. In
    /// milliseconds. Default: 5 seconds.
    pub timeout_ms: i64,
    /// The most bytes of one session. Default: 1048576.
    pub max_data: usize,
    /// The most sessions in memory.
    pub max_sessions: usize,
    /// The most bytes of session data in memory.
    pub max_bytes: usize,
    /// The most connections to the server, 1 to 64: opened when they are needed, closed when they
    /// are idle. Default: 16.
    pub connections: usize,
    /// Whether the table keeps a hash of the token instead of the token: SESSIO_OFF for tables that
    /// hold plain tokens, as with `max_lifetime_ms`. SESSIO_ON or SESSIO_OFF. Default: SESSIO_ON.
    pub hash_tokens: i32,
    /// Whether connections are encrypted, and what is verified of the server's certificate. One of
    /// SESSIO_TLS_OFF, SESSIO_TLS_REQUIRED, SESSIO_TLS_VERIFY_CA, SESSIO_TLS_VERIFY_IDENTITY.
    /// Default: SESSIO_TLS_OFF.
    pub tls: i32,
    /// A clock to use instead of the system's, for tests.
    pub clock: *const sessio_clock,
    /// Set by sessio_options_set() and freed by sessio_options_clear(); leave it alone.
    pub settings: *mut sessio_settings,
    /// For a beego table, which has to be told: `maxLifetime` (or `gclifetime`) of beego's
    /// configuration, a whole number of seconds. In milliseconds.
    pub max_lifetime_ms: i64,
    /// A PEM file with the certificate that the server asks this client for. Needs `tls_key`.
    pub tls_cert: *const c_char,
    /// A PEM file with the private key of `tls_cert`, without a passphrase.
    pub tls_key: *const c_char,
    /// The column names of a table that others made:
    /// `token=sid,data=payload,expiry=ends_at,subject=user`, any of them.
    pub columns: *const c_char,
    /// Variables of the server that each connection sets:
    /// `wsrep_sync_wait=7,innodb_lock_wait_timeout=2`.
    pub session_variables: *const c_char,
    /// With several hosts, whether to start on any of them instead of the first. SESSIO_ON or
    /// SESSIO_OFF. Default: SESSIO_OFF.
    pub spread_hosts: i32,
    /// Must be 0.
    pub reserved: i32,
}

/// Sets what the members say.
///
/// # Safety
/// The pointers are NULL, or what the header demands.
pub(crate) unsafe fn set_members(given: &sessio_options, options: &mut Options) -> Result<()> {
    // SAFETY: passed on from the caller.
    unsafe {
        self::text(options, "table", given.table)?;
        self::text(options, "ca", given.ca)?;
        self::text(options, "tls_cert", given.tls_cert)?;
        self::text(options, "tls_key", given.tls_key)?;
        self::text(options, "columns", given.columns)?;
        self::text(options, "session_variables", given.session_variables)?;
    }
    if given.reserved != 0 {
        return Err(invalid("options->reserved must be 0; start with SESSIO_OPTIONS_INIT"));
    }
    switch(options, "hash_tokens", given.hash_tokens)?;
    duration(options, "max_lifetime", given.max_lifetime_ms, false)?;
    duration(options, "cleanup_interval", given.cleanup_interval_ms, true)?;
    duration(options, "timeout", given.timeout_ms, false)?;
    number(options, "connections", given.connections)?;
    number(options, "max_data", given.max_data)?;
    number(options, "max_sessions", given.max_sessions)?;
    number(options, "max_bytes", given.max_bytes)?;
    choice(
        options,
        "tls",
        given.tls,
        &[
            ("SESSIO_TLS_OFF", "off"),
            ("SESSIO_TLS_REQUIRED", "required"),
            ("SESSIO_TLS_VERIFY_CA", "verify-ca"),
            ("SESSIO_TLS_VERIFY_IDENTITY", "verify-identity"),
        ],
    )?;
    switch(options, "spread_hosts", given.spread_hosts)?;
    Ok(())
}
