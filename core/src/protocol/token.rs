//! Tokens are the client's secret; keys are what is stored.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::protocol::error::{Error, Result};

/// A token longer than this cannot be one of ours and is not worth hashing.
pub(crate) const MAX_TOKEN_BYTES: usize = 4096;

/// The secret that the client holds: 32 bytes from the operating system as 43 characters of
/// base64url. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// A new token. Its randomness comes straight from the operating system, so two processes
    /// never make the same one, forked or not.
    ///
    /// # Errors
    /// `Internal` when the operating system has no randomness to give.
    pub fn generate() -> Result<Self> {
        let mut random = [0u8; 32];
        fill(&mut random)?;
        Ok(Token(base64url(&random).as_str().to_owned()))
    }

    /// The text to send to the client.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// With randomness straight from the operating system.
pub(crate) fn fill(random: &mut [u8]) -> Result<()> {
    getrandom::fill(random).map_err(|_| Error::internal("the operating system gave no randomness"))
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        Token(text)
    }
}

impl AsRef<[u8]> for Token {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What the table holds for a session: base64url(SHA-256(token)), as SCS stores it with
/// `HashTokenInStore`; or the token itself where `hash_tokens` is off.
///
/// Keys come from [`Store::list`](crate::Store::list) and are accepted wherever a token is, so
/// that what is listed can be acted on. They are as secret as the table: `Debug` hides them.
///
/// As text, for a page or a command that acts on a listed session later, a key is `sessio-key:` and
/// what the table holds: `to_string` writes it and `parse` reads it. No token is written so: where
/// a token is expected, a text of this form finds nothing, and cannot be stored as one. It is a key
/// only if the program parses it, and that is on purpose: an attacker who has read the table, or a
/// backup of it, knows all keys, and must not get into a session by sending one in a cookie. So
/// parse what the program itself has listed, after its own check of who may act on it, and never
/// what has come in the place of a token.
///
/// ```
/// # async fn example(store: sessio::Store, admin_is_sure: bool) -> sessio::Result<()> {
/// let page = store.list(None, 100).await?;
/// let ids: Vec<String> = page.entries.iter().map(|entry| entry.key.to_string()).collect();
/// // Later, when an administrator has chosen one of them:
/// let key: sessio::Key = ids[0].parse()?;
/// store.delete(&key).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    bytes: [u8; Key::CAPACITY],
    len: u8,
}

impl Key {
    /// The longest key of any table that sessio can use.
    pub(crate) const CAPACITY: usize = 64;

    /// That of no session.
    pub(crate) const EMPTY: Key = Key { bytes: [0; Key::CAPACITY], len: 0 };

    /// As the server's `CRC32` has it.
    pub(crate) fn checksum(&self) -> u32 {
        crc32fast::hash(self.as_bytes())
    }

    /// From the text of a listed key. Text that cannot be a key finds nothing.
    pub fn from_text(text: &str) -> Self {
        Key::parse(text.as_bytes()).unwrap_or(Key::EMPTY)
    }

    /// `None` for what an `ascii` column cannot hold as it is: trailing spaces are lost there.
    fn parse(text: &[u8]) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= Key::CAPACITY && !text.ends_with(b" ");
        if !fits || !text.iter().all(|byte| (0x20..0x7f).contains(byte)) {
            return None;
        }
        let mut bytes = [0; Key::CAPACITY];
        bytes[..text.len()].copy_from_slice(text);
        Some(Key { bytes, len: u8::try_from(text.len()).ok()? })
    }

    /// The text of the key.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// How the text of a key begins.
pub(crate) const KEY_PREFIX: &str = "sessio-key:";

/// With `hash_tokens` off this is the token, which is the client's secret.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KEY_PREFIX}{}", self.as_str())
    }
}

impl FromStr for Key {
    type Err = Error;

    /// From what `to_string` gave. `InvalidArgument` for everything else.
    fn from_str(text: &str) -> Result<Self> {
        let key = text.strip_prefix(KEY_PREFIX).and_then(|key| Key::parse(key.as_bytes()));
        key.ok_or_else(|| {
            Error::invalid(format!(
                "this is no listed session's key: as text one begins with {KEY_PREFIX:?}"
            ))
        })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Which session a verb is about: by the client's token or by a listed key.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// The client's token: any bytes.
    Token(&'a [u8]),
    /// A key from a list.
    Key(&'a Key),
}

impl fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Target::Token(_) => "Token(…)",
            Target::Key(_) => "Key(…)",
        })
    }
}

impl<'a> From<&'a Token> for Target<'a> {
    fn from(token: &'a Token) -> Self {
        Target::Token(token.0.as_bytes())
    }
}

impl<'a> From<&'a str> for Target<'a> {
    fn from(token: &'a str) -> Self {
        Target::Token(token.as_bytes())
    }
}

impl<'a> From<&'a String> for Target<'a> {
    fn from(token: &'a String) -> Self {
        Target::Token(token.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Target<'a> {
    fn from(token: &'a [u8]) -> Self {
        Target::Token(token)
    }
}

impl<'a> From<&'a Key> for Target<'a> {
    fn from(key: &'a Key) -> Self {
        Target::Key(key)
    }
}

/// A key in the form that is cheapest to look up: 32 bytes where tokens are hashed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Id {
    Digest([u8; 32]),
    Plain(Key),
}

impl Id {
    /// `None` for text that no stored session can have: empty, overlong, or (without hashing)
    /// not representable in the column of `width` characters.
    #[inline]
    pub(crate) fn of(target: Target<'_>, hash_tokens: bool, width: usize) -> Option<Self> {
        match (target, hash_tokens) {
            // A key as text. Who knows the table must not get in by it.
            (Target::Token(token), _) if token.starts_with(KEY_PREFIX.as_bytes()) => None,
            (Target::Token(token), true) => {
                let sane = !token.is_empty() && token.len() <= MAX_TOKEN_BYTES;
                sane.then(|| Id::Digest(sha256(token)))
            }
            (Target::Key(key), true) => decode(key.as_bytes()).map(Id::Digest),
            (Target::Token(text), false) => {
                Key::parse(text).filter(|key| key.as_bytes().len() <= width).map(Id::Plain)
            }
            (Target::Key(key), false) => (key.len > 0).then_some(Id::Plain(*key)),
        }
    }

    /// The form that is stored and listed.
    pub(crate) fn key(&self) -> Key {
        match self {
            Id::Digest(digest) => base64url(digest),
            Id::Plain(key) => *key,
        }
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Id::Digest(digest) => digest,
            Id::Plain(key) => key.as_bytes(),
        }
    }

    /// A hash of it, as text.
    pub(crate) fn digest_text(&self) -> Key {
        match self {
            Id::Digest(digest) => base64url(digest),
            Id::Plain(key) => base64url(&sha256(key.as_bytes())),
        }
    }

    /// From what [`bytes`](Id::bytes) gave.
    pub(crate) fn from_bytes(bytes: &[u8], plain: bool) -> Self {
        match <[u8; 32]>::try_from(bytes) {
            Ok(digest) if !plain => Id::Digest(digest),
            _ => {
                let mut text = [0; Key::CAPACITY];
                text[..bytes.len()].copy_from_slice(bytes);
                Id::Plain(Key { bytes: text, len: u8::try_from(bytes.len()).unwrap_or(0) })
            }
        }
    }

    /// The first character of the key's text.
    #[inline]
    pub(crate) fn first_char(&self) -> u8 {
        match self {
            Id::Digest(digest) => {
                // Three bytes are four characters; the others say nothing about the first.
                let mut text = [0; 4];
                let _ = URL_SAFE_NO_PAD.encode_slice(&digest[..3], &mut text);
                text[0]
            }
            Id::Plain(key) => key.bytes[0],
        }
    }

    /// Evenly spread, and not to be steered by clients: plain tokens are hashed for it. From the
    /// digest's end, because its beginning chooses the shard: within one it says nothing more.
    #[inline]
    pub(crate) fn spread(&self) -> u64 {
        let tail = |digest: &[u8; 32]| {
            digest[24..].iter().fold(0u64, |all, byte| (all << 8) | u64::from(*byte))
        };
        match self {
            Id::Digest(digest) => tail(digest),
            Id::Plain(key) => tail(&sha256(key.as_bytes())),
        }
    }
}

fn sha256(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// 32 bytes as 43 characters, without padding.
fn base64url(bytes: &[u8; 32]) -> Key {
    let mut text = [0u8; Key::CAPACITY];
    let written = URL_SAFE_NO_PAD.encode_slice(bytes, &mut text);
    debug_assert!(written.is_ok_and(|length| length == 43));
    Key { bytes: text, len: 43 }
}

/// The inverse of [`base64url`], for the canonical spelling alone.
fn decode(text: &[u8]) -> Option<[u8; 32]> {
    let mut digest = [0u8; 32];
    // 43 characters are 32 bytes: any other length would not fit.
    if text.len() != 43 {
        return None;
    }
    // The engine refuses bits behind the last byte, so that a digest has one spelling.
    URL_SAFE_NO_PAD.decode_slice_unchecked(text, &mut digest).ok()?;
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_scs_stores() {
        // base64url(SHA-256("abc")), the digest from FIPS 180-2.
        let id = Id::of(Target::from("abc"), true, 43).unwrap();
        assert_eq!(id.key().as_str(), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
        assert!(Id::of(Target::from(&id.key()), true, 43) == Some(id));
    }

    #[test]
    fn a_key_as_text_is_a_key_when_it_is_parsed_and_never_a_token() {
        for hashed in [true, false] {
            let id = Id::of(Target::from("abc"), hashed, 43).unwrap();
            let text = id.key().to_string();
            assert!(text.starts_with(KEY_PREFIX));
            assert!(Id::of(Target::from(&text), hashed, 100).is_none());
            let key: Key = text.parse().unwrap();
            assert!(Id::of(Target::from(&key), hashed, 43) == Some(id));
        }
        for text in ["", "abc", "sessio-key:", "sessio-key:\u{f6}", "sessio-key: "] {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
    }

    #[test]
    fn short_texts_hash_as_all_texts_do() {
        for len in 0..130 {
            let text = vec![b'x'; len];
            assert_eq!(sha256(&text), <[u8; 32]>::from(Sha256::digest(&text)), "{len}");
        }
    }

    #[test]
    fn only_the_canonical_spelling_of_a_key_is_one() {
        for text in ["", "short", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa1", "ö"] {
            assert!(Id::of(Target::from(&Key::from_text(text)), true, 43).is_none(), "{text}");
        }
    }

    #[test]
    fn tokens_are_43_characters_and_never_printed() {
        let token = Token::generate().unwrap();
        assert_eq!(token.as_str().len(), 43);
        let of_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(token.as_str().bytes().all(of_base64url));
        assert!(!format!("{token:?}").contains(token.as_str()));
        assert_ne!(token, Token::generate().unwrap());
    }
}
