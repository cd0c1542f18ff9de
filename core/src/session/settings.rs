//! How a manager treats its sessions.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::codec::{Codec, DecodedDocument, Registered};
use crate::config::aliases::unknown_option;
use crate::config::beego::{BeegoConfig, Sids};
use crate::config::location::parameters;
use crate::config::option_names::{COOKIE_OPTIONS, SESSION_OPTIONS};
use crate::config::options::parse_duration;
use crate::protocol::clock::micros;
use crate::protocol::error::{Error, Result};
use crate::protocol::marker::KEPT;
use crate::protocol::token::Token;
use crate::store::Store;

use super::cookie::Cookie;
use super::events::Event;

/// What a commit does when another request has changed the session since it was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// Puts this request's changes, key by key, on top of what the other one stored.
    #[default]
    Merge,
    /// Stores this request's copy of everything; the other's changes are lost.
    Overwrite,
    /// Stores nothing and says so.
    Fail,
}

/// What happens to a session whose data cannot be decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnCorrupt {
    /// The request gets a new, empty session; [`Event::Corrupt`] is counted and logged.
    #[default]
    Fresh,
    /// Reading the session fails with `Corrupt`.
    Fail,
}

type EventListener = Arc<dyn Fn(Event) + Send + Sync>;

/// The settings of a [`SessionManager`](super::SessionManager).
#[derive(Clone)]
pub struct SessionOptions {
    pub(super) lifetime: Duration,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) touch_interval: Option<Duration>,
    pub(super) ended_window: Duration,
    pub(super) codec: Codec,
    /// Tried in this order for what `codec` cannot read.
    pub(super) read_codecs: Vec<Codec>,
    pub(super) registered: Registered,
    pub(super) on_conflict: OnConflict,
    pub(super) on_corrupt: OnCorrupt,
    pub(super) cookie: Cookie,
    pub(super) sends_cookie: bool,
    /// `None` for tokens of ours.
    pub(super) sids: Option<Sids>,
    pub(super) listener: Option<EventListener>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        SessionOptions {
            lifetime: Duration::from_secs(24 * 3600),
            idle_timeout: None,
            touch_interval: None,
            ended_window: Duration::from_secs(30),
            codec: Codec::default(),
            read_codecs: Vec::new(),
            registered: Registered::NONE,
            on_conflict: OnConflict::default(),
            on_corrupt: OnCorrupt::default(),
            cookie: Cookie::default(),
            sends_cookie: true,
            sids: None,
            listener: None,
        }
    }
}

/// A lifetime that no session reaches: a thousand years.
const ALWAYS: Duration = Duration::from_secs(32_000_000_000);

const CODECS: &str = "json, msgpack, gob, scs_v1 or beego";

/// Every option that can be set by name, the cookie's included.
pub fn option_names() -> Vec<&'static str> {
    [&SESSION_OPTIONS[..], &COOKIE_OPTIONS[..]].concat()
}

impl SessionOptions {
    /// All defaults: 24 hours, no idle timeout, `json`, `merge`, `fresh`, and the cookie's.
    pub fn new() -> Self {
        SessionOptions::default()
    }

    /// The defaults for the sessions of this store: those of [`new`](SessionOptions::new), or, of a
    /// store that was opened with beego's configuration, what that says: codec `beego`, cookie,
    /// session ids as beego makes them, and sessions that end when they were not used for its
    /// `maxLifetime`, however old they are.
    ///
    /// Sids in headers and URLs are the program's to find:
    /// [`load_header`](super::SessionManager::load_header), [`load`](super::SessionManager::load).
    pub fn of(store: &Store) -> Self {
        store.beego().map(SessionOptions::beego).unwrap_or_default()
    }

    fn beego(config: &BeegoConfig) -> Self {
        SessionOptions {
            lifetime: ALWAYS,
            idle_timeout: Some(config.max_lifetime),
            codec: Codec::Beego,
            cookie: Cookie::beego(config),
            sends_cookie: config.sends_cookie,
            sids: Some(config.sids.clone()),
            ..SessionOptions::default()
        }
    }

    /// From one text, as [`set_query`](SessionOptions::set_query) reads it.
    ///
    /// # Errors
    /// As [`set`](SessionOptions::set).
    pub fn from_query(text: &str) -> Result<Self> {
        let mut options = SessionOptions::new();
        options.set_query(text).map(|()| options)
    }

    /// Sets options from one text, written as the options of a store's URL are:
    /// `lifetime=12h&idle_timeout=30m&cookie_name=__Host-session`. The names are those of
    /// [`set`](SessionOptions::set); `%26` is an ampersand within a value.
    ///
    /// # Errors
    /// As [`set`](SessionOptions::set).
    pub fn set_query(&mut self, text: &str) -> Result<()> {
        for parameter in parameters(text) {
            let (name, value) = parameter?;
            self.set(name, &value)?;
        }
        Ok(())
    }

    /// The longest that a session lives, from its creation on; without an idle timeout, a
    /// [`touch`](super::Session::touch) begins a new lifetime. Default: 24 hours.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// How long a session lives without a request that looks at it, where it does not say that
    /// [itself](super::Session::set_idle_timeout). Default: as long as its lifetime.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout).filter(|timeout| !timeout.is_zero());
        self
    }

    /// The expiry of a session that is only read is moved at most this often. Default: a tenth of
    /// the idle timeout; so a session may end up to a tenth earlier than its last request says. At
    /// most half of the idle timeout: with more, sessions in use would end.
    #[must_use]
    pub fn touch_interval(mut self, interval: Duration) -> Self {
        self.touch_interval = Some(interval);
        self
    }

    /// How long a token that was renewed or destroyed makes no new session: a request that is still
    /// on its way with it, and writes, stores nothing and sends no cookie, because the client has a
    /// newer one. Default: 30 seconds; at most 10 minutes; 0 is never. Costs one statement where
    /// something is written under a token that the store does not know.
    #[must_use]
    pub fn ended_window(mut self, window: Duration) -> Self {
        self.ended_window = window;
        self
    }

    /// How sessions are written. All programs on one table need the same, or must be told of the
    /// others by [`read_codecs`](SessionOptions::read_codecs).
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Other codecs that are tried, in this order, for what `codec` cannot read. So a codec can be
    /// changed while programs run: first all learn to read the new one, then each may write it.
    #[must_use]
    pub fn read_codecs(mut self, codecs: impl IntoIterator<Item = Codec>) -> Self {
        self.read_codecs = codecs.into_iter().collect();
        self
    }

    /// The Go types that the Go programs have passed to `gob.Register`, beyond those that Go, or
    /// beego, registers itself: a comma list of any of `time.Time`, `[]any`, `map[string]any` and
    /// `map[string]string`. Without it a commit fails for what needs one of them, unless a value
    /// of the same session shows that it is registered: a Go program that does not know a type
    /// cannot read the session at all. For the codecs `gob` and `beego` alone.
    ///
    /// # Errors
    /// `InvalidArgument` for another type.
    pub fn gob_registered(mut self, types: &str) -> Result<Self> {
        self.registered = Registered::parse(types)?;
        Ok(self)
    }

    /// What a commit does when another request was faster.
    #[must_use]
    pub fn on_conflict(mut self, policy: OnConflict) -> Self {
        self.on_conflict = policy;
        self
    }

    /// What happens to data that cannot be decoded.
    #[must_use]
    pub fn on_corrupt(mut self, policy: OnCorrupt) -> Self {
        self.on_corrupt = policy;
        self
    }

    /// The cookie that carries the token.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie) -> Self {
        self.cookie = cookie;
        self
    }

    /// Called for every [`Event`], on the thread where it happens: it must not block.
    #[must_use]
    pub fn on_event(mut self, listener: impl Fn(Event) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Sets an option by its name: one of [`SESSION_OPTIONS`]
    /// and [`COOKIE_OPTIONS`]. Durations are as in a store's URL.
    ///
    /// # Errors
    /// `InvalidArgument` for an unknown name or a value that it does not take.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let bad = |takes: &str| Error::option_takes(name, takes);
        let duration = || {
            let takes = "seconds, or a number with a unit, such as 1800, 30m or 24h";
            parse_duration(value).ok_or_else(|| bad(takes))
        };
        match name {
            "lifetime" => self.lifetime = duration()?,
            "idle_timeout" => *self = self.clone().idle_timeout(duration()?),
            "touch_interval" => self.touch_interval = Some(duration()?),
            "ended_window" => self.ended_window = duration()?,
            "codec" => self.codec = Codec::from_name(value).ok_or_else(|| bad(CODECS))?,
            "read_codecs" => {
                let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
                let codecs: Option<Vec<Codec>> = names.map(Codec::from_name).collect();
                self.read_codecs = codecs.ok_or_else(|| bad(CODECS))?;
            }
            "gob_registered" => *self = self.clone().gob_registered(value)?,
            "on_conflict" => {
                self.on_conflict = match value {
                    "merge" => OnConflict::Merge,
                    "overwrite" => OnConflict::Overwrite,
                    "fail" => OnConflict::Fail,
                    _ => return Err(bad("merge, overwrite or fail")),
                };
            }
            "on_corrupt" => {
                self.on_corrupt = match value {
                    "fresh" => OnCorrupt::Fresh,
                    "fail" => OnCorrupt::Fail,
                    _ => return Err(bad("fresh or fail")),
                };
            }
            _ if COOKIE_OPTIONS.contains(&name) => {
                self.cookie = self.cookie.clone().set(name, value)?;
            }
            _ => return Err(unknown_option(name, &option_names())),
        }
        Ok(())
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.lifetime.is_zero() {
            return Err(Error::invalid_with("{option lifetime} must be more than 0", &[]));
        }
        if let (Some(idle_timeout), Some(interval)) = (self.idle_timeout, self.touch_interval)
            && interval > idle_timeout / 2
        {
            return Err(Error::invalid_with(
                "{option touch_interval} must be at most half of {option idle_timeout}, or \
                 sessions in use end",
                &[],
            ));
        }
        if micros(self.ended_window) > KEPT {
            return Err(Error::invalid_with(
                "{option ended_window} must be at most 10 minutes",
                &[],
            ));
        }
        self.cookie.check()
    }

    /// By the codec that is written, or by another one that may be there.
    pub(super) fn decode(&self, data: &[u8]) -> Result<DecodedDocument> {
        let read = self.codec.decode(data);
        let Err(error) = read else { return read };
        let others = self.read_codecs.iter().filter(|codec| **codec != self.codec);
        others.map(|codec| codec.decode(data)).find(Result::is_ok).unwrap_or(Err(error))
    }

    /// A new one, as its clients know them.
    pub(super) fn token(&self) -> Result<String> {
        match &self.sids {
            Some(sids) => sids.generate(),
            None => Ok(Token::generate()?.as_str().to_owned()),
        }
    }

    /// How often the expiry of a session with this idle timeout is moved, all in microseconds:
    /// after a tenth of it, unless it is said; and at the latest after half, or sessions in use
    /// would end.
    pub(super) fn touches_every(&self, idle_timeout: i64) -> i64 {
        self.touch_interval.map_or(idle_timeout / 10, micros).min(idle_timeout / 2)
    }
}

impl fmt::Debug for SessionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionOptions")
            .field("lifetime", &self.lifetime)
            .field("idle_timeout", &self.idle_timeout)
            .field("codec", &self.codec)
            .field("on_conflict", &self.on_conflict)
            .field("on_corrupt", &self.on_corrupt)
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::cookie::CookieSignature;
    use super::*;
    use crate::protocol::clock::Timestamp;

    #[test]
    fn every_option_can_be_set_by_name() {
        let mut options = SessionOptions::new();
        let values =
            ["2h", "30m", "60", "5s", "msgpack", "json,gob", "time.Time,[]any", "fail", "fail"];
        for (name, value) in SESSION_OPTIONS.into_iter().zip(values) {
            options.set(name, value).unwrap();
            assert!(options.set(name, "x").is_err());
        }
        assert_eq!(options.lifetime, Duration::from_secs(7200));
        assert_eq!(options.touches_every(600_000_000), 60_000_000);
        assert_eq!((options.on_conflict, options.on_corrupt), (OnConflict::Fail, OnCorrupt::Fail));
        let error = options.set("life_time", "1h").unwrap_err();
        assert!(error.message().contains("is it lifetime? "), "{error}");
        let error = options.set("cookie_size", "1").unwrap_err();
        assert!(error.message().ends_with("cookie_secrets"), "{error}");
    }

    #[test]
    fn the_table_in_the_readme_has_every_option() {
        let readme = include_str!("../../../README.md");
        let (_, table) = readme.split_once("### Options of sessions").unwrap();
        let rows = table.lines().skip(1).take_while(|line| !line.starts_with('#'));
        let listed: Vec<&str> =
            rows.filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
        assert_eq!(listed, option_names());
    }

    #[test]
    fn a_store_of_beegos_brings_its_settings_along() {
        let given = |more: &str| {
            let json = format!(
                r#"{{"cookieName":"sid","gclifetime":3600,"ProviderConfig":"u@tcp(h)/app"{more}}}"#
            );
            SessionOptions::of(&Store::open(&json).unwrap())
        };
        let cookie = |options: &SessionOptions| {
            let now = Timestamp::from_micros(1_700_000_000_000_000);
            let end = Some(Timestamp::from_micros(1_700_003_600_000_000));
            options.cookie.write("t", end, now, options.cookie.is_persistent())
        };
        let plain = given("");
        assert_eq!(cookie(&plain), "sid=t; HttpOnly; Path=/");
        assert_eq!((plain.codec, plain.sends_cookie), (Codec::Beego, true));
        assert_eq!(plain.idle_timeout, Some(Duration::from_secs(3600)));
        assert_eq!(plain.token().unwrap().len(), 32);
        let all = given(
            r#","secure":true,"domain":"example.com","cookieLifeTime":60,"cookieSameSite":3,
               "enableSetCookie":false,"disableHTTPOnly":true,"sessionIDPrefix":"a-""#,
        );
        assert_eq!(
            cookie(&all),
            "sid=t; SameSite=Strict; Secure; Path=/; Domain=example.com; Max-Age=61; \
             Expires=Tue, 14 Nov 2023 22:14:21 GMT"
        );
        assert!(!all.sends_cookie && all.token().unwrap().starts_with("a-"));
    }

    #[test]
    fn one_text_has_all_options() {
        let options = SessionOptions::from_query("lifetime=2h&cookie_path=%2Fa%26b&&").unwrap();
        assert_eq!(options.lifetime, Duration::from_secs(7200));
        assert_eq!(options.cookie, Cookie::new().path("/a&b"));
        let signed =
            "cookie_signature=express&cookie_secrets=the+first%2C%20secret%0Aan%20older%20secret.";
        let signed = SessionOptions::from_query(signed).unwrap();
        let secrets = ["the+first, secret", "an older secret."];
        assert_eq!(signed.cookie, Cookie::new().signed(CookieSignature::Express, secrets));
        assert!(signed.check().is_ok() && !format!("{signed:?}").contains("older"));
        for bad in ["lifetime", "lifetime=2x", "=", "life=1h", "cookie_path=%ff"] {
            assert!(SessionOptions::from_query(bad).is_err(), "{bad}");
        }
    }
}
