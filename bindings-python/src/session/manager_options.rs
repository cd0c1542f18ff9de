//! The options of a manager: how each becomes a text, and what `help` shows of them.
//!
//! Made by `cargo xtask gen` from `api/manager_options.toml`: change that.

use crate::options::{FormatOption, boolean, duration, lines, string};

/// Every option but `on_event`, and its conversion to text.
pub(super) const OPTIONS: [(&str, FormatOption); 19] = [
    ("lifetime", duration),
    ("idle_timeout", duration),
    ("touch_interval", duration),
    ("ended_window", duration),
    ("codec", string),
    ("read_codecs", string),
    ("gob_registered", string),
    ("on_conflict", string),
    ("on_corrupt", string),
    ("cookie_name", string),
    ("cookie_path", string),
    ("cookie_domain", string),
    ("cookie_secure", boolean),
    ("cookie_http_only", boolean),
    ("cookie_same_site", string),
    ("cookie_partitioned", boolean),
    ("cookie_persist", boolean),
    ("cookie_signature", string),
    ("cookie_secrets", lines),
];

macro_rules! manager_option_docs {
    () => {
        r#"- `lifetime`: The longest that a session lives, from its creation on. Default: 24 hours.
- `idle_timeout`: How long a session lives without a request that reads it. Without one, it
  lives until `lifetime` is over.
- `touch_interval`: The expiry of a session that is only read is moved at most this often. At
  most half of `idle_timeout`. Default: a tenth of `idle_timeout`.
- `ended_window`: How long a token that was renewed or destroyed makes no new session: a late
  request with it stores nothing and sends no cookie. At most 10 minutes. 0 for none. Default:
  30 seconds.
- `codec`: How sessions are stored, the same for all programs on one table. To share the table
  with a Go program, its own: `gob` (SCS v2), `scs_v1` or `beego`. One of "json", "msgpack",
  "gob", "scs_v1", "beego". Default: "json".
- `read_codecs`: Other codecs to try, as `msgpack,gob`, for what `codec` cannot read: for
  changing it while programs run.
- `gob_registered`: The types that the Go program has passed to `gob.Register`, any of
  `time.Time,[]any,map[string]any,map[string]string`. For `gob` and `beego`.
- `on_conflict`: What a commit does when another request has changed the session since it was
  loaded: `merge` puts this request's changes, key by key, on top; `overwrite` stores this
  request's copy of all values; `fail` stores nothing. One of "merge", "overwrite", "fail".
  Default: "merge".
- `on_corrupt`: What happens to data that cannot be decoded: `fresh` is a new session, `fail` is
  the error `Corrupt`. One of "fresh", "fail". Default: "fresh".
- `cookie_name`: The name of the cookie; `__Host-session` is the safest choice. Default:
  "session".
- `cookie_path`: The `Path` of the cookie. Default: "/".
- `cookie_domain`: The `Domain` of the cookie. Without one, only the host that sets it gets it.
- `cookie_secure`: `Secure`: browsers send the cookie over HTTPS only. False for development.
  Default: True.
- `cookie_http_only`: `HttpOnly`: scripts of the page cannot read the cookie. Default: True.
- `cookie_same_site`: `SameSite`: whether requests from other sites carry the cookie. One of
  "lax", "strict", "none", "unset". Default: "lax".
- `cookie_partitioned`: `Partitioned`: a separate cookie for each site that embeds this one.
  Default: False.
- `cookie_persist`: Whether the browser keeps the cookie after it is closed. A session can say
  otherwise. Default: True.
- `cookie_signature`: Signs the cookie as express-session (`express`) or `@fastify/session`
  (`fastify`) does, to share its cookie or to take over its sessions. A cookie without a valid
  signature is ignored. Needs `cookie_secrets`. One of "express", "fastify".
- `cookie_secrets`: The secrets for `cookie_signature`, each of at least 16 bytes: the first
  signs, all verify."#
    };
}

pub(super) use manager_option_docs;
