//! The configuration of beego's session manager, as its `NewManager` takes it: a program beside a
//! beego service is opened with the very same text.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::config::options::Options;
use crate::protocol::error::{Error, Result};
use crate::protocol::token::fill;

/// What beego's column takes: a longer sid would never be found again.
const SID_CHARS: usize = 64;

/// What of it matters here. `Debug` would print the password of the data source.
#[derive(Clone, Default)]
pub(crate) struct BeegoConfig {
    pub(crate) data_source: String,
    pub(crate) cookie_name: String,
    pub(crate) domain: String,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    /// As Go's `net/http` numbers it.
    pub(crate) same_site: i64,
    /// Whether a cookie is sent at all.
    pub(crate) sends_cookie: bool,
    /// How long the browser keeps the cookie; `None` is until it is closed.
    pub(crate) cookie_lifetime: Option<Duration>,
    /// How long a session lives after it was last written.
    pub(crate) max_lifetime: Duration,
    /// Between two rounds of cleanup.
    pub(crate) gc_interval: Option<Duration>,
    pub(crate) sids: Sids,
}

impl BeegoConfig {
    /// The configuration, if the text is one and no URL.
    pub(crate) fn of(text: &str) -> Option<Result<Self>> {
        text.trim_start().starts_with('{').then(|| BeegoConfig::parse(text))
    }

    fn parse(json: &str) -> Result<Self> {
        let mut source = serde_json::Deserializer::from_str(json);
        let given =
            source.deserialize_map(BeegoFields).and_then(|given| source.end().map(|()| given));
        // Not serde_json's own words: they would quote what may be a password.
        let given = given.map_err(|error| {
            Error::invalid(format!(
                "beego's configuration is no JSON object with values of the right types: line {}, \
                 column {}",
                error.line(),
                error.column(),
            ))
        })?;
        given.check()
    }

    /// What a store over its table is opened with.
    pub(crate) fn options(&self) -> Options {
        Options {
            table: Some("session".to_owned()),
            max_lifetime: Some(self.max_lifetime),
            cleanup_interval: self.gc_interval,
            ..Options::default()
        }
    }
}

/// How beego makes its session ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sids {
    prefix: String,
    /// Of randomness, each two characters.
    bytes: usize,
}

impl Sids {
    /// A new one, from the operating system's randomness.
    pub(crate) fn generate(&self) -> Result<String> {
        let mut random = [0u8; SID_CHARS / 2];
        let random = &mut random[..self.bytes.min(SID_CHARS / 2)];
        fill(random)?;
        let hex = random.iter().map(|byte| format!("{byte:02x}"));
        Ok(std::iter::once(self.prefix.clone()).chain(hex).collect())
    }
}

/// As they stand in the text.
#[derive(Default)]
struct BeegoText {
    provider_config: Option<String>,
    cookie_name: Option<String>,
    domain: Option<String>,
    sid_prefix: Option<String>,
    secure: Option<bool>,
    disable_http_only: Option<bool>,
    enable_set_cookie: Option<bool>,
    same_site: Option<i64>,
    cookie_lifetime: Option<i64>,
    max_lifetime: Option<i64>,
    gc_lifetime: Option<i64>,
    sid_length: Option<i64>,
}

impl BeegoText {
    fn check(self) -> Result<BeegoConfig> {
        let seconds = |given: Option<i64>| {
            let seconds = given.and_then(|number| u64::try_from(number).ok());
            seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs)
        };
        let missing = |what| Error::invalid(format!("beego's configuration has no {what}"));
        let gc_interval = seconds(self.gc_lifetime);
        // beego's own rule. Without both it would end every session within a second.
        let max_lifetime = seconds(self.max_lifetime).or(gc_interval);
        let max_lifetime = max_lifetime.ok_or_else(|| {
            missing("maxLifetime and no gclifetime: say in seconds how long a session lives")
        })?;
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(BeegoConfig {
            data_source: text(self.provider_config)
                .ok_or_else(|| missing("providerConfig: it names the database, as a Go DSN"))?,
            cookie_name: text(self.cookie_name)
                .ok_or_else(|| missing("cookieName: say the one that the Go program uses"))?,
            domain: self.domain.unwrap_or_default(),
            secure: self.secure.unwrap_or(false),
            http_only: !self.disable_http_only.unwrap_or(false),
            same_site: self.same_site.unwrap_or(0),
            sends_cookie: self.enable_set_cookie.unwrap_or(true),
            cookie_lifetime: seconds(self.cookie_lifetime),
            max_lifetime,
            gc_interval,
            sids: sids(self.sid_prefix.unwrap_or_default(), self.sid_length.unwrap_or(0))?,
        })
    }
}

fn sids(prefix: String, length: i64) -> Result<Sids> {
    let bytes = if length == 0 { 16 } else { length };
    let bytes = usize::try_from(bytes).unwrap_or(0);
    let chars = bytes.saturating_mul(2).saturating_add(prefix.len());
    if bytes < 8 || chars > SID_CHARS {
        return Err(Error::invalid(format!(
            "beego's sessionIDLength is in bytes, each two characters of the sid; there must be at \
             least 8 of them, and with the sessionIDPrefix at most {SID_CHARS} characters, which is \
             what the table's session_key takes"
        )));
    }
    if !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid("beego's sessionIDPrefix must be visible ASCII characters"));
    }
    Ok(Sids { prefix, bytes })
}

/// Reads the object as Go does: names without regard to case, of two equal ones the last, null as
/// if it were not there, and unknown names ignored (beego's own documentation has
/// `"enableSetCookie,omitempty"`).
struct BeegoFields;

impl<'de> Visitor<'de> for BeegoFields {
    type Value = BeegoText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BeegoText, A::Error> {
        let mut given = BeegoText::default();
        while let Some(name) = map.next_key::<String>()? {
            match &*name.to_ascii_lowercase() {
                "providerconfig" => set(&mut given.provider_config, map.next_value()?),
                "cookiename" => set(&mut given.cookie_name, map.next_value()?),
                "domain" => set(&mut given.domain, map.next_value()?),
                "sessionidprefix" => set(&mut given.sid_prefix, map.next_value()?),
                "secure" => set(&mut given.secure, map.next_value()?),
                "disablehttponly" => set(&mut given.disable_http_only, map.next_value()?),
                "enablesetcookie" => set(&mut given.enable_set_cookie, map.next_value()?),
                "cookiesamesite" => set(&mut given.same_site, map.next_value()?),
                "cookielifetime" => set(&mut given.cookie_lifetime, map.next_value()?),
                "maxlifetime" => set(&mut given.max_lifetime, map.next_value()?),
                "gclifetime" => set(&mut given.gc_lifetime, map.next_value()?),
                "sessionidlength" => set(&mut given.sid_length, map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(given)
    }
}

fn set<T>(field: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *field = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATABASE: &str = r#""providerConfig":"u:secret@tcp(h)/app""#;

    fn read(more: &str) -> Result<BeegoConfig> {
        BeegoConfig::parse(&format!(r#"{{"cookieName":"sid",{DATABASE},{more}}}"#))
    }

    fn message(more: &str) -> String {
        let error = read(more).map(drop).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidArgument);
        assert!(!error.message().contains("secret"), "{error}");
        error.message().to_owned()
    }

    #[test]
    fn names_are_matched_without_regard_to_case_and_unknown_ones_are_ignored() {
        let config = BeegoConfig::parse(
            r#" {"CookieName":"gosessionid","enableSetCookie,omitempty":false,"gclifetime":3600,
                 "ProviderConfig":"root:pw@tcp(127.0.0.1:3306)/app","maxLifetime":null,"x":[{}],
                 "sessionIDHashFunc":"sha1","sessionIdLength":20,"sessionIDPREFIX":"app-"}"#,
        )
        .unwrap();
        assert_eq!((&*config.cookie_name, config.sends_cookie), ("gosessionid", true));
        assert_eq!(config.data_source, "root:pw@tcp(127.0.0.1:3306)/app");
        assert_eq!(config.max_lifetime, Duration::from_secs(3600));
        assert_eq!(config.sids, Sids { prefix: "app-".into(), bytes: 20 });
        assert_eq!((config.secure, config.http_only, config.cookie_lifetime), (false, true, None));
    }

    #[test]
    fn of_two_equal_names_the_last_one_counts_and_null_is_nothing() {
        let config = read(r#""gclifetime":60,"maxLifetime":7,"MAXLIFETIME":9,"maxlifetime":null"#);
        let config = config.unwrap();
        let lives = (config.max_lifetime, config.gc_interval);
        assert_eq!(lives, (Duration::from_secs(9), Some(Duration::from_secs(60))));
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_without_the_password() {
        assert!(message(r#""domain":"x""#).contains("maxLifetime"));
        assert!(message(r#""gclifetime":0"#).contains("maxLifetime"));
        assert!(message(r#""gclifetime":"3600""#).contains("line 1"));
        assert!(message(r#""secure":1"#).contains("line 1"));
        assert!(message(r#""gclifetime":1,"cookieName":"""#).contains("no cookieName"));
        assert!(message(r#""gclifetime":1,"sessionIDLength":33"#).contains("sessionIDLength"));
        assert!(message(r#""gclifetime":1,"sessionIDLength":-1"#).contains("sessionIDLength"));
        assert!(message(r#""gclifetime":1,"sessionIDPrefix":"ü""#).contains("sessionIDPrefix"));
        let broken = BeegoConfig::of(r#"{"providerConfig":"u:secret@tcp(h)/app""#).unwrap();
        assert!(!broken.map(drop).unwrap_err().message().contains("secret"));
        assert!(BeegoConfig::of("memory:").is_none());
    }

    #[test]
    fn sids_are_hex_behind_the_prefix_and_never_the_same() {
        let sids = read(r#""gclifetime":1,"sessionIDPrefix":"p:""#).unwrap().sids;
        let (one, two) = (sids.generate().unwrap(), sids.generate().unwrap());
        assert_ne!(one, two);
        let hex = one.strip_prefix("p:").unwrap();
        assert_eq!(hex.len(), 32);
        assert!(hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    }
}
