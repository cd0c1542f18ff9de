//! Options of a manager, and its events.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use sessio::{Event, Result, SessionOptions, Store};

use crate::guard::{Versioned, guard_or, named, read_versioned, string};

/// A new session was stored.
pub const SESSIO_EVENT_CREATED: i32 = 0;
/// A session got a new token.
pub const SESSIO_EVENT_RENEWED: i32 = 1;
/// The program ended a session.
pub const SESSIO_EVENT_DESTROYED: i32 = 2;
/// The expiry of a session that was only read was moved.
pub const SESSIO_EVENT_TOUCHED: i32 = 3;
/// Another request had changed the session in the meantime; both changes are stored.
pub const SESSIO_EVENT_MERGED: i32 = 4;
/// Another request had changed the session in the meantime; this one's changes were not stored.
pub const SESSIO_EVENT_CONFLICT: i32 = 5;
/// Another request had ended the session in the meantime; nothing was stored.
pub const SESSIO_EVENT_GONE: i32 = 6;
/// The data of a session could not be decoded.
pub const SESSIO_EVENT_CORRUPT: i32 = 7;

/// Receives the events of a manager; `event` is one of SESSIO_EVENT_….
///
/// It is called where the event happens: on any thread, sessio's own included, and on several at
/// once. It must not block, must not call sessio, and must neither throw nor `longjmp`.
pub type sessio_event_callback = Option<unsafe extern "C" fn(userdata: *mut c_void, event: i32)>;

/// Options of sessio_manager_open(), which copies them. Start with SESSIO_MANAGER_OPTIONS_INIT.
#[repr(C)]
pub struct sessio_manager_options {
    /// `sizeof(sessio_manager_options)`.
    pub struct_size: usize,
    /// Settings, written as in the query of a URL:
    /// `"lifetime=12h&idle_timeout=30m&cookie_name=__Host-id"`. NULL for all defaults. `%26` is an
    /// ampersand within a value. Durations are seconds (`"1800"`) or have a unit (`"30m"`,
    /// `"24h"`). If the store was opened with beego's configuration, its settings are the defaults.
    ///
    // Made by `cargo xtask gen` from `api/manager_options.toml`: change that.
    /// - `lifetime`: The longest that a session lives, from its creation on. Default: `24h`.
    /// - `idle_timeout`: How long a session lives without a request that reads it. Without one, it
    ///   lives until `lifetime` is over.
    /// - `touch_interval`: The expiry of a session that is only read is moved at most this often.
    ///   At most half of `idle_timeout`. Default: a tenth of `idle_timeout`.
    /// - `ended_window`: How long a token that was renewed or destroyed makes no new session: a
    ///   late request with it stores nothing and sends no cookie. At most 10 minutes. `0` for none.
    ///   Default: `30s`.
    /// - `codec`: How sessions are stored, the same for all programs on one table. To share the
    ///   table with a Go program, its own: `gob` (SCS v2), `scs_v1` or `beego`. One of `json`,
    ///   `msgpack`, `gob`, `scs_v1`, `beego`. Default: `json`.
    /// - `read_codecs`: Other codecs to try, as `msgpack,gob`, for what `codec` cannot read: for
    ///   changing it while programs run.
    /// - `gob_registered`: The types that the Go program has passed to `gob.Register`, any of
    ///   `time.Time,[]any,map[string]any,map[string]string`. For `gob` and `beego`.
    /// - `on_conflict`: What a commit does when another request has changed the session since it
    ///   was loaded: `merge` puts this request's changes, key by key, on top; `overwrite` stores
    ///   this request's copy of all values; `fail` stores nothing. One of `merge`, `overwrite`,
    ///   `fail`. Default: `merge`.
    /// - `on_corrupt`: What happens to data that cannot be decoded: `fresh` is a new session,
    ///   `fail` is the error SESSIO_CORRUPT. One of `fresh`, `fail`. Default: `fresh`.
    /// - `cookie_name`: The name of the cookie; `__Host-session` is the safest choice. Default:
    ///   `session`.
    /// - `cookie_path`: The `Path` of the cookie. Default: `/`.
    /// - `cookie_domain`: The `Domain` of the cookie. Without one, only the host that sets it gets
    ///   it.
    /// - `cookie_secure`: `Secure`: browsers send the cookie over HTTPS only. `false` for
    ///   development. Default: `true`.
    /// - `cookie_http_only`: `HttpOnly`: scripts of the page cannot read the cookie. Default:
    ///   `true`.
    /// - `cookie_same_site`: `SameSite`: whether requests from other sites carry the cookie. One of
    ///   `lax`, `strict`, `none`, `unset`. Default: `lax`.
    /// - `cookie_partitioned`: `Partitioned`: a separate cookie for each site that embeds this one.
    ///   Default: `false`.
    /// - `cookie_persist`: Whether the browser keeps the cookie after it is closed. A session can
    ///   say otherwise. Default: `true`.
    /// - `cookie_signature`: Signs the cookie as express-session (`express`) or `@fastify/session`
    ///   (`fastify`) does, to share its cookie or to take over its sessions. A cookie without a
    ///   valid signature is ignored. Needs `cookie_secrets`. One of `express`, `fastify`.
    /// - `cookie_secrets`: The secrets for `cookie_signature`, each of at least 16 bytes: the first
    ///   signs, all verify. One a line, which is `%0A` in one text.
    // The end of what `cargo xtask gen` makes.
    pub settings: *const c_char,
    /// Called for every event; may be NULL.
    pub on_event: sessio_event_callback,
    /// Passed to `on_event`.
    pub userdata: *mut c_void,
}

// SAFETY: a C struct of an integer and pointers with the size first; NULL is no callback.
unsafe impl Versioned for sessio_manager_options {
    const FIRST_SIZE: usize = 32;
}

/// The callback of the program, with what it is called with.
struct EventCallback {
    callback: unsafe extern "C" fn(*mut c_void, i32),
    userdata: *mut c_void,
}

// SAFETY: the program promises that its callback can be called from any thread.
unsafe impl Send for EventCallback {}
// SAFETY: as above, and from several at once.
unsafe impl Sync for EventCallback {}

impl EventCallback {
    fn call(&self, event: Event) {
        // SAFETY: the program promises that both live as long as the manager.
        unsafe { (self.callback)(self.userdata, number(event)) };
    }
}

/// # Safety
/// `pointer` is NULL or points to options whose pointers are what the header demands.
pub(super) unsafe fn options(
    pointer: *const sessio_manager_options,
    store: &Store,
) -> Result<SessionOptions> {
    let mut options = SessionOptions::of(store);
    if pointer.is_null() {
        return Ok(options);
    }
    // SAFETY: passed on from the caller.
    let given: sessio_manager_options = named("options", unsafe { read_versioned(pointer) })?;
    if !given.settings.is_null() {
        // SAFETY: passed on from the caller.
        options.set_query(named("options->settings", unsafe { string(given.settings) })?)?;
    }
    let Some(callback) = given.on_event else { return Ok(options) };
    let on_event = EventCallback { callback, userdata: given.userdata };
    Ok(options.on_event(move |event| on_event.call(event)))
}

fn number(event: Event) -> i32 {
    match event {
        Event::Created => SESSIO_EVENT_CREATED,
        Event::Renewed => SESSIO_EVENT_RENEWED,
        Event::Destroyed => SESSIO_EVENT_DESTROYED,
        Event::Touched => SESSIO_EVENT_TOUCHED,
        Event::Merged => SESSIO_EVENT_MERGED,
        Event::Conflict => SESSIO_EVENT_CONFLICT,
        Event::Gone => SESSIO_EVENT_GONE,
        Event::Corrupt => SESSIO_EVENT_CORRUPT,
    }
}

/// The names as in the core, in the order of the numbers.
const NAMES: [&CStr; Event::ALL.len()] =
    [c"created", c"renewed", c"destroyed", c"touched", c"merged", c"conflict", c"gone", c"corrupt"];

/// The name of an event, one of SESSIO_EVENT_…, for sessio_manager_stats(); NULL for any other
/// number, so that a loop from 0 finds all. Static text.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_event_name(event: i32) -> *const c_char {
    guard_or(ptr::null(), || {
        let name = usize::try_from(event).ok().and_then(|event| NAMES.get(event));
        name.map_or(ptr::null(), |name| name.as_ptr())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_of_events_are_the_cores() {
        let listed = Event::ALL.map(|event| (number(event), event.name()));
        let ours = NAMES.map(|name| name.to_str().unwrap());
        for (index, (number, name)) in listed.into_iter().enumerate() {
            assert_eq!((usize::try_from(number), ours[index]), (Ok(index), name));
        }
    }

    #[test]
    fn the_struct_has_not_shrunk_since_its_first_release() {
        assert!(size_of::<sessio_manager_options>() >= sessio_manager_options::FIRST_SIZE);
    }
}
