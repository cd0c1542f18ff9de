//! The cookie that is sent, as data and as the text of its header.

use std::fmt;
use std::time::Duration;

use ::cookie as wire;
use time::OffsetDateTime;

use super::SameSite;
use crate::protocol::clock::Timestamp;

/// A cookie that the client is to be sent, part by part: for programs that set cookies by a
/// function of their framework. `Display` is the value of its `Set-Cookie` header. `Debug` hides the
/// value.
#[derive(Clone, PartialEq, Eq)]
pub struct CookieParts {
    /// What it is called.
    pub name: String,
    /// The value as it stands in the header: what a cookie cannot hold is encoded already. Empty
    /// where the client is to forget the cookie.
    pub value: String,
    /// The browser sends it to this path and those below it.
    pub path: String,
    /// The browser sends it to this host and all below it; `None` is the host that set it, alone.
    pub domain: Option<String>,
    /// When the browser forgets it, in whole seconds; `None` is when it is closed.
    pub expires: Option<Timestamp>,
    /// The same as the time from now on, in whole seconds.
    pub max_age: Option<Duration>,
    /// It travels encrypted only.
    pub secure: bool,
    /// Scripts in the page cannot read it.
    pub http_only: bool,
    /// Whether it comes along from other sites.
    pub same_site: SameSite,
    /// Within a frame on another site, it is one of its own for each such site.
    pub partitioned: bool,
}

impl CookieParts {
    /// Whether it makes the client forget the cookie.
    pub fn is_deletion(&self) -> bool {
        self.max_age == Some(Duration::ZERO)
    }
}

impl fmt::Display for CookieParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The cookie crate knows how each attribute is spelled.
        let mut cookie = wire::Cookie::new(self.name.as_str(), self.value.as_str());
        cookie.set_path(self.path.as_str());
        if let Some(domain) = &self.domain {
            cookie.set_domain(domain.as_str());
        }
        cookie.set_secure(self.secure);
        cookie.set_http_only(self.http_only);
        cookie.set_same_site(match self.same_site {
            SameSite::Lax => Some(wire::SameSite::Lax),
            SameSite::Strict => Some(wire::SameSite::Strict),
            SameSite::None => Some(wire::SameSite::None),
            SameSite::Unset => None,
        });
        cookie.set_partitioned(self.partitioned);
        // Both, because each is all that some client knows.
        if let Some(age) = self.max_age {
            cookie.set_max_age(time::Duration::try_from(age).ok());
        }
        if let Some(expires) = self.expires {
            let seconds = expires.as_micros().div_euclid(super::SECOND);
            cookie.set_expires(OffsetDateTime::from_unix_timestamp(seconds).ok());
        }
        cookie.fmt(f)
    }
}

impl fmt::Debug for CookieParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieParts")
            .field("name", &self.name)
            .field("path", &self.path)
            .field("domain", &self.domain)
            .field("expires", &self.expires)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Cookie;
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000 * super::super::SECOND);

    #[test]
    fn the_parts_say_what_the_header_says() {
        let cookie = Cookie::new()
            .name("sid")
            .path("/app")
            .domain("example.com")
            .same_site(SameSite::Strict)
            .partitioned(true);
        let end = Timestamp::from_micros(NOW.as_micros() + 60 * super::super::SECOND);
        let parts = cookie.parts("a b", Some(end), NOW, true);
        let wanted = CookieParts {
            name: "sid".to_owned(),
            value: "a%20b".to_owned(),
            path: "/app".to_owned(),
            domain: Some("example.com".to_owned()),
            expires: Some(Timestamp::from_micros(NOW.as_micros() + 61 * super::super::SECOND)),
            max_age: Some(Duration::from_secs(61)),
            secure: true,
            http_only: true,
            same_site: SameSite::Strict,
            partitioned: true,
        };
        assert!(parts == wanted && !parts.is_deletion());
        assert_eq!(parts.to_string(), cookie.write("a b", Some(end), NOW, true));
        assert_eq!(
            parts.to_string(),
            "sid=a%20b; HttpOnly; SameSite=Strict; Partitioned; Secure; Path=/app; \
             Domain=example.com; Max-Age=61; Expires=Tue, 14 Nov 2023 22:14:21 GMT"
        );
        let parts = cookie.parts("t", Some(end), NOW, false);
        assert!(parts.expires.is_none() && parts.max_age.is_none());
    }

    #[test]
    fn a_deletion_has_no_value_and_the_same_attributes() {
        let cookie = Cookie::new().path("/app").partitioned(true);
        let (parts, sent) = (cookie.deletion(), cookie.parts("t", None, NOW, false));
        assert!(parts.is_deletion() && parts.value.is_empty());
        assert_eq!(parts.to_string(), cookie.clear());
        let alike = CookieParts { value: "t".to_owned(), expires: None, max_age: None, ..parts };
        assert!(alike == sent);
    }

    #[test]
    fn debug_hides_the_value() {
        let parts = Cookie::new().parts("secret-token", None, NOW, false);
        assert!(!format!("{parts:?}").contains("secret"));
    }
}
