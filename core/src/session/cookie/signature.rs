//! Signed cookies, as express-session and @fastify/session send them.
//!
//! A token is a secret already, so a signature makes nothing safer here. It is for sharing a cookie
//! with programs that sign theirs, and for taking their sessions over.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::protocol::error::{Error, Result};

/// How the cookie's value is signed, by HMAC-SHA256 in base64 without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieSignature {
    /// `s:TOKEN.SIGNATURE`: express-session, and cookie-parser's signed cookies.
    Express,
    /// `TOKEN.SIGNATURE`: `@fastify/session`, and signed cookies of `@fastify/cookie`.
    Fastify,
}

impl CookieSignature {
    /// Its name as an option: `express` or `fastify`.
    pub const fn name(self) -> &'static str {
        match self {
            CookieSignature::Express => "express",
            CookieSignature::Fastify => "fastify",
        }
    }

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [CookieSignature::Express, CookieSignature::Fastify]
            .into_iter()
            .find(|signature| signature.name() == name)
    }

    fn prefix(self) -> &'static str {
        match self {
            CookieSignature::Express => "s:",
            CookieSignature::Fastify => "",
        }
    }
}

/// Shorter secrets can be guessed from a single cookie.
const MIN_BYTES: usize = 16;

/// A client that sends many cookies makes us try each secret on each.
const MAX_SECRETS: usize = 16;

/// The secrets of a cookie's signatures. The first signs, each verifies. `Debug` prints how many
/// there are.
#[derive(Clone, Default)]
pub(super) struct Secrets(Vec<Secret>);

#[derive(Clone)]
struct Secret {
    key: Hmac<Sha256>,
    bytes: usize,
}

impl Secrets {
    pub(super) fn of<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = S>) -> Self {
        Secrets(secrets.into_iter().map(|secret| Secret::of(secret.as_ref())).collect())
    }

    /// One a line.
    pub(super) fn of_lines(lines: &str) -> Result<Self> {
        let secrets = Secrets::of(lines.lines().filter(|line| !line.is_empty()));
        secrets.check().map(|()| secrets)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.0.len() > MAX_SECRETS {
            let message = "{option cookie_secrets} takes at most {} secrets";
            return Err(Error::invalid_with(message, &[&MAX_SECRETS]));
        }
        match self.0.iter().position(|secret| secret.bytes < MIN_BYTES) {
            None => Ok(()),
            Some(index) => Err(Error::invalid_with(
                "{option cookie_secrets} takes secrets of at least {} bytes, one a line, and \
                 number {} is shorter: make one by `openssl rand -base64 32`",
                &[&MIN_BYTES, &(index + 1)],
            )),
        }
    }

    /// The token with its signature; as it is, where there is no secret.
    pub(super) fn sign(&self, form: CookieSignature, token: &str) -> String {
        let Some(secret) = self.0.first() else { return token.to_owned() };
        let signature = secret.of_token(token).finalize().into_bytes();
        format!("{}{token}.{}", form.prefix(), STANDARD_NO_PAD.encode(signature))
    }

    /// The token, if one of the secrets has signed it.
    pub(super) fn verified(&self, form: CookieSignature, signed: &str) -> Option<String> {
        let (token, signature) = signed.strip_prefix(form.prefix())?.rsplit_once('.')?;
        let signature = STANDARD_NO_PAD.decode(signature).ok()?;
        // In a time that does not tell how much of it is right.
        let is_by = |secret: &Secret| secret.of_token(token).verify_slice(&signature).is_ok();
        (!token.is_empty() && self.0.iter().any(is_by)).then(|| token.to_owned())
    }
}

impl Secret {
    fn of(secret: &[u8]) -> Self {
        let key = Hmac::new_from_slice(secret).expect("HMAC takes keys of any length");
        Secret { key, bytes: secret.len() }
    }

    fn of_token(&self, token: &str) -> Hmac<Sha256> {
        self.key.clone().chain_update(token)
    }
}

/// By what they sign.
impl PartialEq for Secrets {
    fn eq(&self, other: &Self) -> bool {
        let signs = |secret: &Secret| secret.key.clone().finalize();
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(one, two)| signs(one) == signs(two))
    }
}

impl Eq for Secrets {}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CookieSignature::{Express, Fastify};

    const FIRST: &str = "the first secret, 32 bytes long!";
    const OLDER: &str = "an older secret of this program";
    const TOKEN: &str = "9BG4uI1qPv3mgCYnEbkpnfP-xXxk_0Q5BTg4W8wN2Zc";

    /// By Node 20, as cookie-signature 1.2 and @fastify/cookie 11 do it: `token + '.' +
    /// crypto.createHmac('sha256', secret).update(token).digest('base64').replace(/=+$/, '')`.
    const KNOWN: [(&str, &str, &str); 4] = [
        (FIRST, TOKEN, "Qbpm7S8p8OQo+k72jtck3x0OntiKzRDTA9vjuFNGcWc"),
        (OLDER, TOKEN, "AnHt/xtZQY0o41rANn34WTUGauEF/oUKN/JP9GRP97c"),
        (FIRST, "a.b ü", "S2Y9PwQsuEOf27/COXZ3ZDowIrXY45oGwQFwE4+mldA"),
        (OLDER, "t", "1lNiCdaZwN4GoHt/OrjyCBF5CTvb/mdM4CkhKsqyYpk"),
    ];

    #[test]
    fn signatures_are_those_of_express_and_fastify() {
        for (secret, token, signature) in KNOWN {
            let secrets = Secrets::of([secret]);
            let signed = format!("{token}.{signature}");
            assert_eq!(secrets.sign(Fastify, token), signed);
            assert_eq!(secrets.sign(Express, token), format!("s:{signed}"));
            assert_eq!(secrets.verified(Fastify, &signed).as_deref(), Some(token));
            assert_eq!(secrets.verified(Express, &format!("s:{signed}")).as_deref(), Some(token));
            assert_eq!(secrets.verified(Express, &signed), None);
        }
    }

    #[test]
    fn the_first_secret_signs_and_each_verifies() {
        let (both, older) = (Secrets::of([FIRST, OLDER]), Secrets::of([OLDER]));
        let (new, old) = (both.sign(Fastify, "t"), older.sign(Fastify, "t"));
        assert!(new != old && older.verified(Fastify, &new).is_none());
        assert_eq!(both.verified(Fastify, &new).as_deref(), Some("t"));
        assert_eq!(both.verified(Fastify, &old).as_deref(), Some("t"));
    }

    #[test]
    fn what_is_not_signed_or_wrongly_is_nothing() {
        let secrets = Secrets::of([FIRST]);
        let signed = secrets.sign(Fastify, "t");
        let (_, signature) = signed.split_once('.').unwrap();
        for bad in [
            "",
            ".",
            "t",
            "t.",
            &format!(".{signature}"),
            &format!("u.{signature}"),
            &format!("t.{signature}="),
            &format!("t.{signature}.{signature}"),
            &format!("t.{}", &signature[..42]),
            &format!("t.{signature}A"),
            &format!("t.{}", signature.to_lowercase()),
            &format!("s:t.{signature}"),
        ] {
            assert_eq!(secrets.verified(Fastify, bad), None, "{bad}");
        }
        // The signature of nothing is one, but nothing is no token.
        let nothing = secrets.sign(Fastify, "");
        assert_eq!(secrets.verified(Fastify, &nothing), None);
        assert_eq!(Secrets::default().verified(Fastify, &signed), None);
    }

    #[test]
    fn a_short_secret_is_refused_without_being_told() {
        assert!(Secrets::of(["sixteen bytes ok"]).check().is_ok());
        let error = Secrets::of([FIRST, "keyboard cat"]).check().unwrap_err();
        assert!(error.message().contains("number 2") && !error.message().contains("keyboard"));
        assert!(Secrets::of([FIRST; 17]).check().is_err());
        assert!(Secrets::of_lines("keyboard cat").is_err());
        let lines = format!("{FIRST}\r\n\n{OLDER}\n");
        assert!(Secrets::of_lines(&lines).unwrap() == Secrets::of([FIRST, OLDER]));
        assert!(Secrets::of([FIRST]) != Secrets::of([OLDER]));
        assert_eq!(format!("{:?}", Secrets::of([FIRST])), "Secrets(1)");
    }
}
