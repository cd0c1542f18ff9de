//! The cookie that is sent, as data and as the text of its header.

use std::fmt;
use std::time::Duration;

use time::OffsetDateTime;

use super::SameSite;
use crate::protocol::clock::Timestamp;

/// A cookie that the client is to be sent, part by part: for programs that set cookies by a
/// function of their framework. `Display` is the value of its `Set-Cookie` header. `Debug` hides
/// the value.
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

impl CookieParts {
    /// The value of the `Set-Cookie` header.
    ///
    /// Written here, and compared with what the cookie crate writes by a test: formatting by that
    /// crate took a twelfth of the instructions of a commit in memory.
    pub(in crate::session) fn header(&self) -> String {
        // Enough for all attributes but the texts.
        let mut text = String::with_capacity(self.name.len() + self.value.len() + 160);
        for part in [&self.name, "=", &self.value] {
            text.push_str(part);
        }
        if self.http_only {
            text.push_str("; HttpOnly");
        }
        text.push_str(match self.same_site {
            SameSite::Lax => "; SameSite=Lax",
            SameSite::Strict => "; SameSite=Strict",
            SameSite::None => "; SameSite=None",
            SameSite::Unset => "",
        });
        if self.partitioned {
            text.push_str("; Partitioned");
        }
        // Browsers take a partitioned cookie with it alone.
        if self.secure || self.partitioned {
            text.push_str("; Secure");
        }
        text.push_str("; Path=");
        text.push_str(&self.path);
        if let Some(domain) = &self.domain {
            text.push_str("; Domain=");
            // RFC 6265: a dot before it says nothing.
            text.push_str(domain.strip_prefix('.').unwrap_or(domain));
        }
        // Both, because each is all that some client knows.
        if let Some(age) = self.max_age {
            text.push_str("; Max-Age=");
            text.push_str(&age.as_secs().to_string());
        }
        let seconds = self.expires.map(|expires| expires.as_micros().div_euclid(super::SECOND));
        if let Some(moment) = seconds.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()) {
            text.push_str("; Expires=");
            push_http_date(&mut text, moment);
        }
        text
    }
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Tue, 14 Nov 2023 22:14:21 GMT`: RFC 9110, IMF-fixdate.
fn push_http_date(text: &mut String, moment: OffsetDateTime) {
    let (year, month, day) = moment.to_calendar_date();
    let (hour, minute, second) = moment.to_hms();
    let year = year.unsigned_abs();
    text.push_str(DAYS[usize::from(moment.weekday().number_days_from_monday())]);
    text.push_str(", ");
    push_two_digits(text, u32::from(day));
    text.push(' ');
    text.push_str(MONTHS[usize::from(u8::from(month)) - 1]);
    text.push(' ');
    push_two_digits(text, year / 100);
    push_two_digits(text, year % 100);
    for (before, number) in [(' ', hour), (':', minute), (':', second)] {
        text.push(before);
        push_two_digits(text, u32::from(number));
    }
    text.push_str(" GMT");
}

fn push_two_digits(text: &mut String, number: u32) {
    for digit in [number / 10 % 10, number % 10] {
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

impl fmt::Display for CookieParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.header())
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

    /// What the cookie crate writes, which knows how each attribute is spelled.
    fn by_the_crate(parts: &CookieParts) -> String {
        let mut cookie = ::cookie::Cookie::new(parts.name.as_str(), parts.value.as_str());
        cookie.set_path(parts.path.as_str());
        if let Some(domain) = &parts.domain {
            cookie.set_domain(domain.as_str());
        }
        cookie.set_secure(parts.secure);
        cookie.set_http_only(parts.http_only);
        cookie.set_same_site(match parts.same_site {
            SameSite::Lax => Some(::cookie::SameSite::Lax),
            SameSite::Strict => Some(::cookie::SameSite::Strict),
            SameSite::None => Some(::cookie::SameSite::None),
            SameSite::Unset => None,
        });
        cookie.set_partitioned(parts.partitioned);
        if let Some(age) = parts.max_age {
            cookie.set_max_age(time::Duration::try_from(age).ok());
        }
        if let Some(expires) = parts.expires {
            let seconds = expires.as_micros().div_euclid(super::super::SECOND);
            cookie.set_expires(OffsetDateTime::from_unix_timestamp(seconds).ok());
        }
        cookie.to_string()
    }

    proptest::proptest! {
        #[test]
        fn the_text_is_that_of_the_cookie_crate(
            (name, value, path) in ("[a-zA-Z_-]{1,9}", "[!-~&&[^;,]]{0,20}", "/[a-z/]{0,9}"),
            domain in proptest::option::of("\\.?[a-z]{1,5}\\.example"),
            // The years 1000 to 9999: before them the crate writes fewer than four digits.
            expires in proptest::option::of(-30_610_224_000_i64..=253_402_300_799),
            age in proptest::option::of(0_u64..=34_560_000),
            flags in 0_u8..8,
            same_site in 0_usize..4,
        ) {
            let sites = [SameSite::Lax, SameSite::Strict, SameSite::None, SameSite::Unset];
            let expires = expires.map(|at| Timestamp::from_micros(at * super::super::SECOND));
            let max_age = age.map(Duration::from_secs);
            let [secure, http_only, partitioned] = [1, 2, 4].map(|flag| flags & flag != 0);
            let same_site = sites[same_site];
            let parts = CookieParts {
                name, value, path, domain, expires, max_age, secure, http_only, same_site, partitioned,
            };
            proptest::prop_assert_eq!(parts.to_string(), by_the_crate(&parts));
        }
    }

    #[test]
    fn debug_hides_the_value() {
        let parts = Cookie::new().parts("secret-token", None, NOW, false);
        assert!(!format!("{parts:?}").contains("secret"));
    }
}
