//! From a token to a `Set-Cookie` header, and from a `Cookie` header to the token.

// The cookie crate's parser wants UTF-8, which browsers do not promise, and makes an object of
// every cookie, so `read` looks for the one it wants by itself.
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use super::{Cookie, CookieParts, SECOND};
use crate::protocol::clock::micros;
use crate::protocol::clock::{NEVER, Timestamp};

/// What a cookie's value cannot hold as it is, and the percent sign, so that reading finds what
/// was written; and the plus sign, which beego takes for a space. Nothing of it is in a token of
/// ours.
const ENCODED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\').add(b'%').add(b'+');

/// What JavaScript's `encodeURIComponent` encodes, by which express and fastify write cookies.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Servers and proxies take less than this in all headers together.
const MAX_HEADER: usize = 64 * 1024;

/// Browsers keep no cookie that is larger.
const MAX_VALUE: usize = 4096;

/// More cookies of one name are not tried.
const MAX_TOKENS: usize = 4;

/// Of more signed cookies the signatures are not looked at.
const MAX_TRIED: usize = 16;

/// Browsers keep no cookie longer: 400 days, says RFC 6265bis.
const MAX_AGE: i64 = 400 * 24 * 3600;

impl Cookie {
    /// The value of the `Set-Cookie` header that gives the token to the client. A token of ours
    /// stands there as it is; in other texts, what a cookie cannot hold is percent-encoded, and
    /// [`read`](Cookie::read) decodes it.
    ///
    /// Without `persistent` the browser forgets the cookie when it is closed. Otherwise it keeps it
    /// until the second after the expiry, and at most for 400 days, which browsers take for the
    /// longest time.
    /// The cookie of a session that is over already is a deletion, as by [`clear`](Cookie::clear).
    pub fn write(
        &self,
        token: &str,
        expires_at: Option<Timestamp>,
        now: Timestamp,
        persistent: bool,
    ) -> String {
        self.parts(token, expires_at, now, persistent).to_string()
    }

    /// The same part by part.
    pub fn parts(
        &self,
        token: &str,
        expires_at: Option<Timestamp>,
        now: Timestamp,
        persistent: bool,
    ) -> CookieParts {
        let (end, now) = (expires_at.map(Timestamp::as_micros), now.as_micros());
        if end.is_some_and(|end| end <= now) {
            return self.deletion();
        }
        let mut cookie = self.with(self.value(token));
        let kept = self.kept_for.map(|kept| now.saturating_add(micros(kept)));
        if let Some(end) = Some(kept.or(end).unwrap_or(NEVER)).filter(|_| persistent) {
            // Always the next second, so that the cookie never ends before its session.
            let age = end.saturating_sub(now) / SECOND + 1;
            let expires = end.div_euclid(SECOND) + 1;
            let last = now.div_euclid(SECOND) + MAX_AGE;
            keep(&mut cookie, age.min(MAX_AGE), expires.min(last));
        }
        cookie
    }

    /// The value of the `Set-Cookie` header that makes the client forget the cookie. It carries
    /// the same attributes: with another path, domain or partition it would be another cookie.
    pub fn clear(&self) -> String {
        self.deletion().to_string()
    }

    /// The same part by part.
    pub fn deletion(&self) -> CookieParts {
        let mut cookie = self.with(String::new());
        keep(&mut cookie, 0, 1);
        cookie
    }

    /// The token from the value of a `Cookie` request header, which can be any bytes. Several such
    /// headers are to be joined with `"; "`.
    ///
    /// The first cookie of exactly this name counts. Quotes around its value are dropped. There is
    /// no token in a header of more than 64 KiB, or in a value that is empty, has more than 4096
    /// bytes, or is not UTF-8 when decoded.
    pub fn read(&self, header: &[u8]) -> Option<String> {
        if header.len() > MAX_HEADER {
            return None;
        }
        self.values(header).next().and_then(|value| self.token(value))
    }

    /// All tokens that the `Cookie` headers of a request have under exactly this name, at most four
    /// different ones: a browser that has cookies of several paths or domains sends them all, in no
    /// order that can be relied on.
    ///
    /// There is none in headers of more than 64 KiB together.
    pub fn read_all<H: AsRef<[u8]>>(&self, headers: impl IntoIterator<Item = H>) -> Vec<String> {
        let (mut tokens, mut size, mut tried) = (Vec::new(), 0, 0);
        for header in headers {
            let header = header.as_ref();
            size += header.len();
            if size > MAX_HEADER {
                return Vec::new();
            }
            for value in self.values(header) {
                // Verifying costs more than issue.
                if tokens.len() == MAX_TOKENS || tried == MAX_TRIED {
                    break;
                }
                tried += usize::from(self.signature.is_some());
                tokens.extend(self.token(value).filter(|token| !tokens.contains(token)));
            }
        }
        tokens
    }

    /// The values of the cookies of this name.
    fn values<'a>(&'a self, header: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        header.split(|byte| *byte == b';').filter_map(|pair| {
            // Only what browsers trim as well. Taking more for space would let a name that they
            // think harmless pass for one with the prefix __Host-.
            let pair = trim(pair);
            pair.strip_prefix(self.name.as_bytes())?.strip_prefix(b"=")
        })
    }

    fn value(&self, token: &str) -> String {
        match self.signature {
            None => utf8_percent_encode(token, ENCODED).to_string(),
            Some(form) => {
                utf8_percent_encode(&self.secrets.sign(form, token), COMPONENT).to_string()
            }
        }
    }

    /// The token in a cookie's value.
    fn token(&self, value: &[u8]) -> Option<String> {
        let text = text(value)?;
        match self.signature {
            None => Some(text),
            Some(form) => self.secrets.verified(form, &text),
        }
    }

    fn with(&self, value: String) -> CookieParts {
        CookieParts {
            name: self.name.clone(),
            value,
            path: self.path.clone(),
            domain: self.domain.clone(),
            expires: None,
            max_age: None,
            secure: self.secure,
            http_only: self.http_only,
            same_site: self.same_site,
            partitioned: self.partitioned,
        }
    }
}

/// A cookie's value, decoded.
fn text(value: &[u8]) -> Option<String> {
    if value.len() > MAX_VALUE {
        return None;
    }
    let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
    let text = percent_decode(unquoted.unwrap_or(value)).decode_utf8().ok()?;
    (!text.is_empty()).then(|| text.into_owned())
}

/// `expires` is in seconds since the unix epoch, and kept among the years that a header can name.
fn keep(cookie: &mut CookieParts, age: i64, expires: i64) {
    cookie.max_age = Some(Duration::from_secs(age.unsigned_abs()));
    let expires = expires.clamp(1, NEVER / SECOND);
    cookie.expires = Some(Timestamp::from_micros(expires * SECOND));
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{CookieSignature, SameSite};
    use super::*;

    const TOKEN: &str = "9BG4uI1qPv3mgCYnEbkpnfP-xXxk_0Q5BTg4W8wN2Zc";
    /// Tue, 14 Nov 2023 22:13:20 GMT.
    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000 * SECOND);

    fn after(micros: i64) -> Option<Timestamp> {
        Some(Timestamp::from_micros(NOW.as_micros() + micros))
    }

    fn sent(cookie: &Cookie) -> String {
        cookie.write("t", None, NOW, false)
    }

    fn read(header: impl AsRef<[u8]>) -> Option<String> {
        Cookie::new().read(header.as_ref())
    }

    #[test]
    fn each_attribute_is_sent_when_it_is_set() {
        let bare = Cookie::new().secure(false).http_only(false).same_site(SameSite::Unset);
        let insecure = "session=t; Path=/";
        for (cookie, header) in [
            (bare.clone(), insecure),
            (bare.clone().name("sid"), "sid=t; Path=/"),
            (bare.clone().path("/app"), "session=t; Path=/app"),
            (bare.clone().domain(".example.com"), "session=t; Path=/; Domain=example.com"),
            (bare.clone().http_only(true), "session=t; HttpOnly; Path=/"),
            (bare.clone().secure(true), "session=t; Secure; Path=/"),
            (bare.clone().same_site(SameSite::Lax), "session=t; SameSite=Lax; Path=/"),
            (bare.clone().same_site(SameSite::Strict), "session=t; SameSite=Strict; Path=/"),
            (
                bare.clone().same_site(SameSite::None).secure(true),
                "session=t; SameSite=None; Secure; Path=/",
            ),
            (bare.clone().partitioned(true).secure(true), "session=t; Partitioned; Secure; Path=/"),
            // What it says is for the manager; `write` is told for each session.
            (bare.persist(false), insecure),
        ] {
            cookie.check().unwrap();
            assert_eq!(sent(&cookie), header);
        }
        assert_eq!(sent(&Cookie::new()), "session=t; HttpOnly; SameSite=Lax; Secure; Path=/");
    }

    #[test]
    fn a_persistent_cookie_ends_in_the_second_after_its_session() {
        let ends = |micros| {
            let header = Cookie::new().write(TOKEN, after(micros), NOW, true);
            header.split_once("Path=/; ").map(|(_, ends)| ends.to_owned()).unwrap_or_default()
        };
        let expected = "Max-Age=61; Expires=Tue, 14 Nov 2023 22:14:21 GMT";
        assert_eq!(ends(60 * SECOND), expected);
        assert_eq!(ends(60 * SECOND + 999_999), expected);
        assert_eq!(ends(1), "Max-Age=1; Expires=Tue, 14 Nov 2023 22:13:21 GMT");
        let longest = "Max-Age=34560000; Expires=Wed, 18 Dec 2024 22:13:20 GMT";
        assert_eq!(ends((MAX_AGE - 1) * SECOND), longest);
        assert_eq!(ends(MAX_AGE * SECOND), longest);
        assert_eq!(ends(NEVER - NOW.as_micros()), longest);
        assert_eq!(ends(i64::MAX - NOW.as_micros()), longest);
    }

    #[test]
    fn a_cookie_of_the_browser_session_has_no_end() {
        for header in [
            Cookie::new().write(TOKEN, after(60 * SECOND), NOW, false),
            Cookie::new().write(TOKEN, None, NOW, false),
        ] {
            assert!(!header.contains("Max-Age") && !header.contains("Expires"), "{header}");
        }
    }

    #[test]
    fn the_cookie_of_a_session_without_an_end_is_kept_as_long_as_browsers_keep_any() {
        let header = Cookie::new().write(TOKEN, None, NOW, true);
        assert!(header.contains("Max-Age=34560000; Expires=Wed, 18 Dec 2024"), "{header}");
    }

    #[test]
    fn of_several_cookies_of_the_name_the_first_four_are_tokens() {
        let all = |headers: &[&str]| Cookie::new().read_all(headers);
        assert_eq!(
            all(&["session=a; x=1; session=b", "session=; session=\"c\"; session=a"]),
            ["a", "b", "c"]
        );
        assert_eq!(all(&["session=1; session=2; session=3; session=4; session=5"]).len(), 4);
        let long = format!("session=t;{}", " ".repeat(40_000));
        assert!(all(&[&long, &long]).is_empty() && all(&[]).is_empty());
    }

    #[test]
    fn a_deletion_has_no_value_is_long_past_and_names_the_same_cookie() {
        let cookie = Cookie::new().path("/app").domain("example.com").partitioned(true);
        let header = cookie.clear();
        assert!(header.starts_with("session=;"));
        let alike = sent(&cookie).replace("session=t", "session=");
        let end = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:01 GMT";
        assert_eq!(header, alike + end);
    }

    #[test]
    fn the_cookie_of_an_ended_session_is_a_deletion() {
        for (end, persistent) in [(0, true), (-1, true), (0, false), (-SECOND * 3600, false)] {
            let cookie = Cookie::new();
            assert_eq!(cookie.write(TOKEN, after(end), NOW, persistent), cookie.clear());
        }
    }

    #[test]
    fn no_instant_is_too_early_or_too_late() {
        let instants =
            [i64::MIN, -62_167_219_200 * SECOND, -1, 0, 1, NEVER, i64::MAX - 1, i64::MAX];
        for (now, end) in instants.iter().flat_map(|now| instants.map(|end| (*now, end))) {
            let [now, end] = [now, end].map(Timestamp::from_micros);
            let header = Cookie::new().write(TOKEN, Some(end), now, true);
            let (_, age) = header.split_once("Max-Age=").unwrap();
            let (age, expires) = age.split_once("; Expires=").unwrap();
            assert!((0..=MAX_AGE).contains(&age.parse().unwrap()), "{header}");
            assert_eq!(expires.len(), "Thu, 01 Jan 1970 00:00:01 GMT".len(), "{header}");
        }
    }

    #[test]
    fn a_token_of_ours_is_sent_as_it_is() {
        let header = Cookie::new().write(TOKEN, None, NOW, true);
        assert!(header.starts_with(&format!("session={TOKEN};")));
        let header = Cookie::new().write("a b;\r\n\"ü\"%41,\\", None, NOW, true);
        assert!(header.starts_with("session=a%20b%3B%0D%0A%22%C3%BC%22%2541%2C%5C;"), "{header}");
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        for header in [
            "session=t",
            " session=t ",
            "\tsession=t\t",
            ";;session=t;;",
            "a=b; session=t; c=d",
            "a=b;session=t;c=d",
            "session2=x; sessio=x; xsession=x; Session=x; session =x; session; session=t",
            "a=\"session=x; session=t",
            "session=\"t\"",
            "session=t; session=x",
            "session=t; session=",
        ] {
            assert_eq!(read(header).as_deref(), Some("t"), "{header}");
        }
        assert_eq!(read(b"a=\xff\x00\xfe; \x80; =; session=t; \xc3=\xc3").as_deref(), Some("t"));
    }

    #[test]
    fn a_value_is_read_as_it_came_but_for_quotes_and_percent_signs() {
        for (value, token) in [
            ("a=b", "a=b"),
            ("a b,c", "a b,c"),
            ("%zz%4", "%zz%4"),
            ("%41%c3%bc", "Aü"),
            ("\"\"t\"\"", "\"t\""),
            ("\"", "\""),
            ("\"t", "\"t"),
            ("ü", "ü"),
        ] {
            assert_eq!(read(format!("session={value}")).as_deref(), Some(token));
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_no_cookie() {
        for header in ["", ";", "session", "session=", "session=\"\"", "=session", "SESSION=t"] {
            assert_eq!(read(header), None, "{header}");
        }
        assert_eq!(read(b"session=\xff\xfe"), None);
        assert_eq!(read("session=%ff"), None);
        // The first counts; else an attacker who can append a cookie chooses which one is read.
        assert_eq!(read("session=; session=t"), None);
    }

    #[test]
    fn what_is_too_long_is_no_cookie() {
        let value = |length| format!("session={}", "t".repeat(length));
        assert_eq!(read(value(4096)), Some("t".repeat(4096)));
        assert_eq!(read(value(4097)), None);
        let header = |length: usize| format!("session=t;{}", " ".repeat(length - 10));
        assert_eq!(read(header(65_536)).as_deref(), Some("t"));
        assert_eq!(read(header(65_537)), None);
    }

    #[test]
    fn signed_cookies_are_written_and_read_as_express_and_fastify_do() {
        let signed = |form| Cookie::new().signed(form, ["the first secret, 32 bytes long!"]);
        // By encodeURIComponent of Node 20, on what `signature` tests.
        let value = "9BG4uI1qPv3mgCYnEbkpnfP-xXxk_0Q5BTg4W8wN2Zc.\
                     Qbpm7S8p8OQo%2Bk72jtck3x0OntiKzRDTA9vjuFNGcWc";
        let odd = "a.b%20%C3%BC.S2Y9PwQsuEOf27%2FCOXZ3ZDowIrXY45oGwQFwE4%2BmldA";
        for (form, prefix) in [(CookieSignature::Express, "s%3A"), (CookieSignature::Fastify, "")] {
            let cookie = signed(form);
            for (token, value) in [(TOKEN, value), ("a.b ü", odd)] {
                let pair = format!("session={prefix}{value}");
                let header = cookie.write(token, None, NOW, false);
                assert_eq!(header.split_once(';').unwrap().0, pair);
                assert_eq!(cookie.read(pair.as_bytes()).as_deref(), Some(token));
                // By hand, with nothing encoded.
                let plain = percent_decode(pair.as_bytes()).collect::<Vec<u8>>();
                assert_eq!(cookie.read(&plain).as_deref(), Some(token));
            }
            assert_eq!(cookie.read(format!("session={TOKEN}").as_bytes()), None);
            assert_eq!(cookie.clear(), Cookie::new().clear());
        }
        let [express, fastify] = [CookieSignature::Express, CookieSignature::Fastify].map(signed);
        assert_eq!(fastify.read(format!("session=s%3A{value}").as_bytes()), None);
        assert_eq!(express.read(format!("session={value}").as_bytes()), None);
        assert!(!format!("{express:?}").contains("first secret"));
    }

    #[test]
    fn of_many_signed_cookies_sixteen_are_looked_at() {
        let cookie = Cookie::new().signed(CookieSignature::Fastify, ["sixteen bytes ok"]);
        let header = cookie.write("t", None, NOW, false);
        let pair = header.split_once(';').unwrap().0;
        let behind = |foreign: usize| format!("{}{pair}", "session=forged.x;".repeat(foreign));
        assert_eq!(cookie.read_all([behind(15)]), ["t"]);
        assert!(cookie.read_all([behind(16)]).is_empty());
    }

    #[test]
    fn ten_thousand_cookies_are_no_trouble() {
        let foreign: String = (0..10_000).map(|n| format!("{n}=;")).collect();
        assert_eq!(read(format!("{foreign}session=t")).as_deref(), Some("t"));
        assert_eq!(read(&foreign), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(token in "(?s).{1,300}", foreign in "[^=;]{0,9}=[^;]{0,30}") {
            let header = Cookie::new().write(&token, None, NOW, false);
            let (pair, rest) = header.split_once(';').unwrap();
            prop_assert_eq!(rest, " HttpOnly; SameSite=Lax; Secure; Path=/");
            let octet = |byte: u8| byte.is_ascii_graphic() && !b"\",\\".contains(&byte);
            prop_assert!(pair.bytes().all(octet));
            prop_assert_eq!(read(pair), Some(token.clone()));
            prop_assert_eq!(read(format!("{foreign}; {pair}; {foreign}")), Some(token));
        }

        #[test]
        fn any_bytes_can_be_read(header: Vec<u8>, value: Vec<u8>) {
            let _ = read(&header);
            let token = read([b"session=", &*value].concat());
            prop_assert!(token.is_none_or(|token| !token.is_empty()));
        }
    }
}
