//! What the cookie that carries a session's token looks like.

mod check;
mod header;
mod parts;
mod signature;

use std::time::Duration;

use crate::config::aliases::unknown_option;
use crate::config::beego::BeegoConfig;
use crate::config::option_names::COOKIE_OPTIONS;
use crate::config::options::parse_bool;
use crate::protocol::error::{Error, Result};

use signature::Secrets;

pub use parts::CookieParts;
pub use signature::CookieSignature;

const SECOND: i64 = 1_000_000;

/// Whether the browser sends the cookie with requests that come from other sites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Only when the user follows a link to this site.
    #[default]
    Lax,
    /// Never.
    Strict,
    /// Always. Needs `Secure`.
    None,
    /// The attribute is left out and the browser's own default holds. Some logins need it: they
    /// come back by a POST from another site, which `Lax` keeps the cookie from and which Chrome
    /// lets pass for the first two minutes; and some old browsers take `None` for `Strict`.
    Unset,
}

impl SameSite {
    /// Its name as an option: `lax`, `strict`, `none` or `unset`.
    pub const fn name(self) -> &'static str {
        match self {
            SameSite::Lax => "lax",
            SameSite::Strict => "strict",
            SameSite::None => "none",
            SameSite::Unset => "unset",
        }
    }

    /// The one that [`name`](SameSite::name) calls so, or HTTP: upper and lower case are the same.
    pub fn from_name(name: &str) -> Option<Self> {
        [SameSite::Lax, SameSite::Strict, SameSite::None, SameSite::Unset]
            .into_iter()
            .find(|same_site| same_site.name().eq_ignore_ascii_case(name))
    }
}

/// How the token travels in a cookie.
///
/// The defaults are safe for a site that is served by HTTPS: the name `session`, the path `/`, no
/// domain (this host alone), `Secure`, `HttpOnly`, `SameSite=Lax`, and kept when the browser is
/// closed. The name `__Host-session` is safer still: browsers then let no other host of the domain
/// set the cookie.
///
/// ```
/// # fn main() -> sessio::Result<()> {
/// use sessio::{Cookie, Timestamp};
///
/// let cookie = Cookie::new().name("__Host-session");
/// cookie.check()?;
/// let now = Timestamp::from_micros(1_700_000_000_000_000);
/// let sent = cookie.write("dG9rZW4", None, now, false);
/// assert_eq!(sent, "__Host-session=dG9rZW4; HttpOnly; SameSite=Lax; Secure; Path=/");
/// assert_eq!(cookie.read(b"a=b; __Host-session=dG9rZW4").as_deref(), Some("dG9rZW4"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    path: String,
    domain: Option<String>,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
    partitioned: bool,
    persist: bool,
    /// How long the browser keeps it, however long the session lives; `None` is as long.
    kept_for: Option<Duration>,
    signature: Option<CookieSignature>,
    secrets: Secrets,
}

impl Default for Cookie {
    fn default() -> Self {
        Cookie {
            name: "session".to_owned(),
            path: "/".to_owned(),
            domain: None,
            secure: true,
            http_only: true,
            same_site: SameSite::default(),
            partitioned: false,
            persist: true,
            kept_for: None,
            signature: None,
            secrets: Secrets::default(),
        }
    }
}

impl Cookie {
    /// All defaults.
    pub fn new() -> Self {
        Cookie::default()
    }

    /// As beego sends it.
    pub(super) fn beego(config: &BeegoConfig) -> Self {
        Cookie {
            name: config.cookie_name.clone(),
            secure: config.secure,
            http_only: config.http_only,
            // Go's numbers; its default mode leaves the attribute out.
            same_site: match config.same_site {
                2 => SameSite::Lax,
                3 => SameSite::Strict,
                4 => SameSite::None,
                _ => SameSite::Unset,
            },
            persist: config.cookie_lifetime.is_some(),
            kept_for: config.cookie_lifetime,
            ..Cookie::new()
        }
        .domain(&config.domain)
    }

    /// What the cookie is called. Managers side by side need different names. Default: `session`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The browser sends the cookie to this path and those below it. Default: `/`.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The browser sends the cookie to this host and all hosts below it; the empty text means this
    /// host alone, which is safer and the default. A dot at the start means nothing, and is
    /// dropped.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        let domain = domain.into();
        let without_dot = domain.strip_prefix('.').unwrap_or(&domain).to_owned();
        self.domain = (!domain.is_empty()).then_some(without_dot);
        self
    }

    /// The cookie travels encrypted only. Default: yes. Turn it off for development without HTTPS.
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Scripts in the page cannot read the cookie. Default: yes.
    #[must_use]
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.http_only = http_only;
        self
    }

    /// Whether it comes along from other sites. Default: [`SameSite::Lax`].
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Within a frame on another site, the cookie is one of its own for each such site. Default:
    /// no.
    #[must_use]
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }

    /// The browser keeps the cookie until the session ends, not only until it is closed. Default:
    /// yes.
    #[must_use]
    pub fn persist(mut self, persist: bool) -> Self {
        self.persist = persist;
        self
    }

    /// The value is signed as other programs sign theirs, to share a cookie with them or to take
    /// their sessions over; a token of ours is no safer for it. The first secret signs, each
    /// verifies: a new one is put in front, and the old one stays as long as cookies that it has
    /// signed live. A cookie without one of these signatures is no session. Default: not signed.
    ///
    /// Each secret has at least 16 bytes, and there are at most 16. Tokens in other headers, and
    /// those that a commit gives beside the cookie, are not signed.
    ///
    /// ```
    /// # fn main() -> sessio::Result<()> {
    /// use sessio::{Cookie, CookieSignature};
    ///
    /// let secret = "the first secret, 32 bytes long!";
    /// let cookie = Cookie::new().name("connect.sid").signed(CookieSignature::Express, [secret]);
    /// cookie.check()?;
    /// let header = b"connect.sid=s%3At.REo0qZiss%2Bo8XXYm3Pvz%2FIPD8PQVusp%2BXsF8dueGdCE";
    /// assert_eq!(cookie.read(header).as_deref(), Some("t"));
    /// assert_eq!(cookie.read(b"connect.sid=t"), None);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn signed<S: AsRef<[u8]>>(
        mut self,
        signature: CookieSignature,
        secrets: impl IntoIterator<Item = S>,
    ) -> Self {
        self.signature = Some(signature);
        self.secrets = Secrets::of(secrets);
        self
    }

    /// Sets an option by its name, one of [`COOKIE_OPTIONS`].
    /// Several `cookie_secrets` are one a line; an empty `cookie_signature` is none.
    ///
    /// # Errors
    /// `InvalidArgument` for an unknown name or a value that it does not take. What browsers would
    /// refuse is found by [`check`](Cookie::check), because it depends on the other options.
    pub fn set(self, option: &str, value: &str) -> Result<Self> {
        let bad = |takes: &str| Error::option_takes(option, takes);
        let switch = || parse_bool(value).ok_or_else(|| bad("true or false"));
        Ok(match option {
            "cookie_name" => self.name(value),
            "cookie_path" => self.path(value),
            "cookie_domain" => self.domain(value),
            "cookie_secure" => self.secure(switch()?),
            "cookie_http_only" => self.http_only(switch()?),
            "cookie_same_site" => {
                let same_site = SameSite::from_name(value);
                self.same_site(same_site.ok_or_else(|| bad("lax, strict, none or unset"))?)
            }
            "cookie_partitioned" => self.partitioned(switch()?),
            "cookie_persist" => self.persist(switch()?),
            "cookie_signature" => {
                let signature = CookieSignature::from_name(value);
                if signature.is_none() && !value.is_empty() {
                    return Err(bad("express or fastify"));
                }
                Cookie { signature, ..self }
            }
            "cookie_secrets" => Cookie { secrets: Secrets::of_lines(value)?, ..self },
            _ => return Err(unknown_option(option, &COOKIE_OPTIONS)),
        })
    }

    /// What the cookie is called.
    pub fn cookie_name(&self) -> &str {
        &self.name
    }

    /// Whether the browser keeps the cookie when it is closed, unless a session says otherwise.
    pub fn is_persistent(&self) -> bool {
        self.persist
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_can_be_set_by_name_as_by_method() {
        let secrets = "the first secret\nan older secret.";
        let values = ["sid", "/app", ".example.com", "no", "off", "Strict", "1", "false"];
        let values = values.into_iter().chain(["express", secrets]);
        let by_name = COOKIE_OPTIONS.into_iter().zip(values).try_fold(
            Cookie::new(),
            |cookie, (name, value)| {
                assert_ne!(cookie.clone().set(name, value).unwrap(), cookie, "{name}");
                cookie.set(name, value)
            },
        );
        let by_method = Cookie::new()
            .name("sid")
            .path("/app")
            .domain("example.com")
            .secure(false)
            .http_only(false)
            .same_site(SameSite::Strict)
            .partitioned(true)
            .persist(false)
            .signed(CookieSignature::Express, ["the first secret", "an older secret."]);
        assert_eq!(by_name.unwrap(), by_method);
        assert_eq!((by_method.cookie_name(), by_method.is_persistent()), ("sid", false));
    }

    #[test]
    fn what_an_option_does_not_take_is_refused() {
        for name in
            COOKIE_OPTIONS.iter().filter(|name| !matches!(**name, "cookie_name" | "cookie_path"))
        {
            let taken = Cookie::new().set(name, "maybe");
            assert_eq!(taken.is_ok(), *name == "cookie_domain", "{name}");
        }
        assert!(Cookie::new().set("cookie_size", "1").is_err());
    }

    #[test]
    fn an_empty_domain_is_none() {
        assert_eq!(Cookie::new().domain("example.com").domain(""), Cookie::new());
    }

    #[test]
    fn same_site_is_found_by_its_name() {
        for same_site in [SameSite::Lax, SameSite::Strict, SameSite::None, SameSite::Unset] {
            assert_eq!(SameSite::from_name(same_site.name()), Some(same_site));
        }
        assert_eq!(SameSite::from_name("None"), Some(SameSite::None));
        assert_eq!(SameSite::from_name(""), None);
    }
}
