//! Whether browsers will take the cookie: what they do not like they drop without a word.

use super::{Cookie, SameSite};
use crate::protocol::error::{Error, Result};

/// Browsers ignore an attribute that is longer, and a cookie whose name and value together are
/// longer than four times this.
const MAX_TEXT: usize = 1024;

/// The longest name of a host.
const MAX_DOMAIN: usize = 253;

impl Cookie {
    /// Whether browsers will take a cookie like this. A manager checks its own.
    ///
    /// # Errors
    /// `InvalidArgument`, saying what to change: a name, path or domain that cannot be in a
    /// header; a `__Host-` name without `Secure` or the path `/`, or with a domain; a `__Secure-`
    /// name, `SameSite=None` or `Partitioned` without `Secure`; a signature without secrets or the
    /// other way round, and a secret of less than 16 bytes.
    pub fn check(&self) -> Result<()> {
        let must = |is_so: bool, otherwise: &'static str| {
            if is_so { Ok(()) } else { Err(Error::invalid_with(otherwise, &[])) }
        };
        must(
            is_token(&self.name),
            "{option cookie_name} takes 1 to 1024 letters, digits and characters of !#$%&'*+-.^_`|~",
        )?;
        must(
            is_path(&self.path),
            "{option cookie_path} takes a path that starts with / and has at most 1024 visible ASCII \
             characters and no semicolon; write all others as in a URL, as %20",
        )?;
        must(
            self.domain.as_deref().is_none_or(is_domain),
            "{option cookie_domain} takes the name of a host, such as example.com, without scheme, port or \
             path, and in its ASCII form (xn--…)",
        )?;
        if self.is_prefixed("__Host-") {
            must(
                self.secure,
                "a cookie named __Host-… must be secure: set {option cookie_secure}",
            )?;
            must(
                self.path == "/",
                "a cookie named __Host-… must have the path /: set {option cookie_path}",
            )?;
            must(
                self.domain.is_none(),
                "a cookie named __Host-… is for one host: leave {option cookie_domain} out",
            )?;
        }
        must(
            self.secure || !self.is_prefixed("__Secure-"),
            "a cookie named __Secure-… must be secure: set {option cookie_secure}",
        )?;
        must(
            self.secure || self.same_site != SameSite::None,
            "a cookie with SameSite=None must be secure: set {option cookie_secure}",
        )?;
        must(
            self.secure || !self.partitioned,
            "a partitioned cookie must be secure: set {option cookie_secure}",
        )?;
        match (self.signature.is_some(), self.secrets.is_empty()) {
            (true, true) => Err(Error::invalid_with(
                "{option cookie_signature} needs {option cookie_secrets}",
                &[],
            )),
            (false, false) => Err(Error::invalid_with(
                "{option cookie_secrets} needs {option cookie_signature}: express or fastify, as \
                 the other program signs",
                &[],
            )),
            (true, false) | (false, true) => self.secrets.check(),
        }
    }

    /// As browsers compare it: `__host-` binds them too.
    fn is_prefixed(&self, prefix: &str) -> bool {
        let start = self.name.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }
}

/// What HTTP calls a token.
fn is_token(name: &str) -> bool {
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=MAX_TEXT).contains(&name.len()) && name.bytes().all(takes)
}

/// Spaces and other scripts could be sent, but no URL has them so: the cookie would never come
/// back.
fn is_path(path: &str) -> bool {
    let takes = |byte: u8| byte.is_ascii_graphic() && byte != b';';
    path.starts_with('/') && path.len() <= MAX_TEXT && path.bytes().all(takes)
}

fn is_domain(domain: &str) -> bool {
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(takes)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= MAX_DOMAIN && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::super::CookieSignature;
    use super::*;
    use crate::protocol::error::ErrorKind;

    #[track_caller]
    fn refused(cookie: Cookie, because: &str) {
        let error = cookie.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains(because), "{error}");
    }

    #[test]
    fn a_name_is_a_token() {
        for name in ["session", "s", "a.b-c_d", "!#$%&'*+-.^_`|~", &"x".repeat(1024)] {
            Cookie::new().name(name).check().unwrap();
        }
        let bad = ["", "a b", "a=b", "a;b", "a,b", "a\tb", "a\r\nb", "a\0", "\"a\"", "(a)", "ü"];
        for name in bad.into_iter().chain([&*"x".repeat(1025)]) {
            refused(Cookie::new().name(name), "cookie_name takes");
        }
    }

    #[test]
    fn a_path_is_a_path_of_a_url() {
        for path in ["/", "/app", "/a%20b/c,d=e"] {
            Cookie::new().path(path).check().unwrap();
        }
        let long = format!("/{}", "x".repeat(1024));
        for path in ["", "app", "/a;b", "/a\nb", "/a b", "/\u{7f}", "/ü", &long] {
            refused(Cookie::new().path(path), "cookie_path takes");
        }
    }

    #[test]
    fn a_domain_is_the_name_of_a_host() {
        let long = ["x".repeat(63).as_str(); 4].join(".");
        for domain in ["", "example.com", ".example.com", "localhost", "xn--bcher-kva.example"] {
            Cookie::new().domain(domain).check().unwrap();
        }
        let bad = [".", "..a", "a..b", "a.", "-a.b", "a-.b", "a b", "a:80", "http://a", "a/b", "ü"];
        for domain in bad.into_iter().chain(["a;b", "a\r\nb", &long]) {
            refused(Cookie::new().domain(domain), "cookie_domain takes");
        }
    }

    #[test]
    fn a_host_prefix_binds_to_one_host() {
        for name in ["__Host-s", "__host-s", "__HOST-"] {
            let cookie = Cookie::new().name(name);
            cookie.check().unwrap();
            refused(cookie.clone().secure(false), "must be secure");
            refused(cookie.clone().path("/app"), "cookie_path");
            refused(cookie.clone().domain("example.com"), "cookie_domain");
        }
        Cookie::new().name("__Host").secure(false).path("/app").check().unwrap();
    }

    #[test]
    fn a_signature_and_its_secrets_belong_together() {
        let set = |name, value| Cookie::new().set(name, value).unwrap();
        refused(set("cookie_signature", "express"), "needs cookie_secrets");
        refused(set("cookie_secrets", "sixteen bytes ok"), "needs cookie_signature");
        let signed = |secret| Cookie::new().signed(CookieSignature::Fastify, [secret]);
        signed("sixteen bytes ok").check().unwrap();
        refused(signed("keyboard cat"), "at least 16 bytes");
        let unset = signed("sixteen bytes ok").set("cookie_signature", "").unwrap();
        assert_eq!(unset.set("cookie_secrets", "").unwrap(), Cookie::new());
    }

    #[test]
    fn what_needs_secure_says_so() {
        for name in ["__Secure-s", "__sEcUrE-s"] {
            Cookie::new().name(name).path("/app").domain("example.com").check().unwrap();
            refused(Cookie::new().name(name).secure(false), "__Secure-");
        }
        let insecure = Cookie::new().secure(false);
        insecure.check().unwrap();
        refused(insecure.clone().same_site(SameSite::None), "SameSite=None");
        refused(insecure.clone().partitioned(true), "partitioned");
        insecure.same_site(SameSite::Unset).check().unwrap();
        Cookie::new().same_site(SameSite::None).partitioned(true).check().unwrap();
    }
}
