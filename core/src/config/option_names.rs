//! The options that can be set by name.
//!
//! Made by `cargo xtask gen` from `api/options.toml` and `api/manager_options.toml`: change those.

/// The options of a store.
///
/// - `table`: The table's name. Default: `sessions`.
/// - `hash_tokens`: Whether the table keeps a hash of the token instead of the token: `false` for
///   tables that hold plain tokens, as with `max_lifetime`. Default: `true`.
/// - `max_lifetime`: For a beego table, which has to be told: `maxLifetime` (or `gclifetime`) of
///   beego's configuration, a whole number of seconds.
/// - `cleanup_interval`: The time from one background cleanup to the next, more or less. `0` for
///   none. Default: `5m`.
/// - `timeout`: The time within which every call is answered, waiting and connecting included.
///   Default: `5s`.
/// - `connections`: The most connections to the server, 1 to 64: opened when they are needed,
///   closed when they are idle. Default: `16`.
/// - `max_data`: The most bytes of one session. Default: `1048576`.
/// - `max_sessions`: The most sessions in memory.
/// - `max_bytes`: The most bytes of session data in memory.
/// - `tls`: Whether connections are encrypted, and what is verified of the server's certificate.
///   One of `off`, `required`, `verify-ca`, `verify-identity`. Default: `off`.
/// - `ca`: A PEM file with the authorities to trust; without it, the usual public ones.
/// - `tls_cert`: A PEM file with the certificate that the server asks this client for. Needs
///   `tls_key`.
/// - `tls_key`: A PEM file with the private key of `tls_cert`, without a passphrase.
/// - `columns`: The column names of a table that others made:
///   `token=sid,data=payload,expiry=ends_at,subject=user`, any of them.
/// - `session_variables`: Variables of the server that each connection sets:
///   `wsrep_sync_wait=7,innodb_lock_wait_timeout=2`.
/// - `spread_hosts`: With several hosts, whether to start on any of them instead of the first.
///   Default: `false`.
pub const STORE_OPTIONS: [&str; 16] = [
    "table",
    "hash_tokens",
    "max_lifetime",
    "cleanup_interval",
    "timeout",
    "connections",
    "max_data",
    "max_sessions",
    "max_bytes",
    "tls",
    "ca",
    "tls_cert",
    "tls_key",
    "columns",
    "session_variables",
    "spread_hosts",
];

/// The options of a session manager, beside those of its cookie.
///
/// - `lifetime`: The longest that a session lives, from its creation on. Default: `24h`.
/// - `idle_timeout`: How long a session lives without a request that reads it. Without one, it
///   lives until `lifetime` is over.
/// - `touch_interval`: The expiry of a session that is only read is moved at most this often. At
///   most half of `idle_timeout`. Default: a tenth of `idle_timeout`.
/// - `ended_window`: How long a token that was renewed or destroyed makes no new session: a late
///   request with it stores nothing and sends no cookie. At most 10 minutes. `0` for none. Default:
///   `30s`.
/// - `codec`: How sessions are stored, the same for all programs on one table. To share the table
///   with a Go program, its own: `gob` (SCS v2), `scs_v1` or `beego`. One of `json`, `msgpack`,
///   `gob`, `scs_v1`, `beego`. Default: `json`.
/// - `read_codecs`: Other codecs to try, as `msgpack,gob`, for what `codec` cannot read: for
///   changing it while programs run.
/// - `gob_registered`: The types that the Go program has passed to `gob.Register`, any of
///   `time.Time,[]any,map[string]any,map[string]string`. For `gob` and `beego`.
/// - `on_conflict`: What a commit does when another request has changed the session since it was
///   loaded: `merge` puts this request's changes, key by key, on top; `overwrite` stores this
///   request's copy of all values; `fail` stores nothing. One of `merge`, `overwrite`, `fail`.
///   Default: `merge`.
/// - `on_corrupt`: What happens to data that cannot be decoded: `fresh` is a new session, `fail` is
///   the error `Corrupt`. One of `fresh`, `fail`. Default: `fresh`.
pub const SESSION_OPTIONS: [&str; 9] = [
    "lifetime",
    "idle_timeout",
    "touch_interval",
    "ended_window",
    "codec",
    "read_codecs",
    "gob_registered",
    "on_conflict",
    "on_corrupt",
];

/// The options of a session manager's cookie.
///
/// - `cookie_name`: The name of the cookie; `__Host-session` is the safest choice. Default:
///   `session`.
/// - `cookie_path`: The `Path` of the cookie. Default: `/`.
/// - `cookie_domain`: The `Domain` of the cookie. Without one, only the host that sets it gets it.
/// - `cookie_secure`: `Secure`: browsers send the cookie over HTTPS only. `false` for development.
///   Default: `true`.
/// - `cookie_http_only`: `HttpOnly`: scripts of the page cannot read the cookie. Default: `true`.
/// - `cookie_same_site`: `SameSite`: whether requests from other sites carry the cookie. One of
///   `lax`, `strict`, `none`, `unset`. Default: `lax`.
/// - `cookie_partitioned`: `Partitioned`: a separate cookie for each site that embeds this one.
///   Default: `false`.
/// - `cookie_persist`: Whether the browser keeps the cookie after it is closed. A session can say
///   otherwise. Default: `true`.
/// - `cookie_signature`: Signs the cookie as express-session (`express`) or `@fastify/session`
///   (`fastify`) does, to share its cookie or to take over its sessions. A cookie without a valid
///   signature is ignored. Needs `cookie_secrets`. One of `express`, `fastify`.
/// - `cookie_secrets`: The secrets for `cookie_signature`, each of at least 16 bytes: the first
///   signs, all verify.
pub const COOKIE_OPTIONS: [&str; 10] = [
    "cookie_name",
    "cookie_path",
    "cookie_domain",
    "cookie_secure",
    "cookie_http_only",
    "cookie_same_site",
    "cookie_partitioned",
    "cookie_persist",
    "cookie_signature",
    "cookie_secrets",
];
