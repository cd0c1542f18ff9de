//! What can be set, under the same names in URLs and in code.

use std::path::PathBuf;
use std::time::Duration;

use super::aliases::unknown_option;
use super::location::Location;
use super::names::{self, ColumnNames};
use super::option_names::STORE_OPTIONS;
use super::tls::{self, Tls};
use super::variables;
use crate::protocol::clock::Clock;
use crate::protocol::error::{Error, Result};

/// The settings of a store. What the URL says is overruled by what is set here.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub(crate) table: Option<String>,
    pub(crate) hash_tokens: Option<bool>,
    pub(crate) max_lifetime: Option<Duration>,
    pub(crate) cleanup_interval: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) connections: Option<usize>,
    pub(crate) max_data: Option<usize>,
    pub(crate) max_sessions: Option<usize>,
    pub(crate) max_bytes: Option<usize>,
    pub(crate) tls: Option<Tls>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) tls_cert: Option<PathBuf>,
    pub(crate) tls_key: Option<PathBuf>,
    pub(crate) columns: Option<ColumnNames>,
    /// Names and values as SQL has them.
    pub(crate) session_variables: Vec<(String, String)>,
    pub(crate) spread_hosts: Option<bool>,
    pub(crate) clock: Clock,
    pub(crate) runtime: Option<tokio::runtime::Handle>,
}

impl Options {
    /// All defaults.
    pub fn new() -> Self {
        Options::default()
    }

    /// Sets an option by the name and in the spelling that a URL uses:
    /// [`STORE_OPTIONS`]. Durations are seconds (`300`, `0.5`) or
    /// carry a unit (`250ms`, `30s`, `5m`, `1h`, `7d`, `2w`).
    ///
    /// # Errors
    /// `InvalidArgument` for an unknown name or a value that it does not take.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let bad = |takes: &str| Error::option_takes(name, takes);
        let number = |from: usize| {
            let number = value.parse().ok().filter(|number| *number >= from);
            number.ok_or_else(|| bad(&format!("a whole number of at least {from}")))
        };
        let duration = || {
            parse_duration(value).ok_or_else(|| {
                bad("seconds, or a number with a unit, such as 300, 0.5, 250ms, 5m or 7d")
            })
        };
        let switch = || parse_bool(value).ok_or_else(|| bad("true or false"));
        match name {
            "table" => self.table = Some(names::table(value)?),
            "hash_tokens" => self.hash_tokens = Some(switch()?),
            "max_lifetime" => {
                // The table has whole seconds.
                let whole = |lifetime: &Duration| {
                    lifetime.subsec_nanos() == 0
                        && (1..=u64::from(u32::MAX)).contains(&lifetime.as_secs())
                };
                let lifetime = Some(duration()?).filter(whole);
                self.max_lifetime = Some(lifetime.ok_or_else(|| bad("1 second or more, whole"))?);
            }
            "cleanup_interval" => self.cleanup_interval = Some(duration()?),
            "timeout" => {
                let positive = Some(duration()?).filter(|timeout| !timeout.is_zero());
                self.timeout = Some(positive.ok_or_else(|| bad("a duration of more than 0"))?);
            }
            "connections" => {
                let few = Some(number(1)?).filter(|connections| *connections <= 64);
                self.connections = Some(few.ok_or_else(|| bad("a number from 1 to 64"))?);
            }
            "max_data" => self.max_data = Some(number(1)?),
            "max_sessions" => self.max_sessions = Some(number(1)?),
            "max_bytes" => self.max_bytes = Some(number(1)?),
            "tls" => {
                self.tls = Some(match value {
                    "off" => Tls::Off,
                    "required" => Tls::Required,
                    "verify-ca" => Tls::VerifyCa,
                    "verify-identity" => Tls::VerifyIdentity,
                    _ => return Err(bad("off, required, verify-ca or verify-identity")),
                });
            }
            "ca" => self.ca = Some(PathBuf::from(value)),
            "tls_cert" => self.tls_cert = Some(PathBuf::from(value)),
            "tls_key" => self.tls_key = Some(PathBuf::from(value)),
            "columns" => self.columns = Some(ColumnNames::parse(value)?),
            "session_variables" => self.session_variables = variables::parse(value)?,
            "spread_hosts" => self.spread_hosts = Some(switch()?),
            _ => return Err(unknown_option(name, &STORE_OPTIONS)),
        }
        Ok(())
    }

    /// Reads the time from this clock instead of the system's: for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Into<Clock>) -> Self {
        self.clock = clock.into();
        self
    }

    /// Runs the connections on this runtime instead of sessio's own. It must have its time and IO
    /// drivers enabled, and it keeps the deadlines: while no thread drives it (a current-thread
    /// runtime outside its `block_on`) nothing is answered. When it ends, operations answer
    /// `Closed`. After a fork its store does not work in the child.
    #[must_use]
    pub fn runtime(mut self, handle: tokio::runtime::Handle) -> Self {
        self.runtime = Some(handle);
        self
    }

    /// These options, and `beneath` where they say nothing.
    pub(crate) fn over(self, beneath: Options) -> Options {
        Options {
            table: self.table.or(beneath.table),
            hash_tokens: self.hash_tokens.or(beneath.hash_tokens),
            max_lifetime: self.max_lifetime.or(beneath.max_lifetime),
            cleanup_interval: self.cleanup_interval.or(beneath.cleanup_interval),
            timeout: self.timeout.or(beneath.timeout),
            connections: self.connections.or(beneath.connections),
            max_data: self.max_data.or(beneath.max_data),
            max_sessions: self.max_sessions.or(beneath.max_sessions),
            max_bytes: self.max_bytes.or(beneath.max_bytes),
            tls: self.tls.or(beneath.tls),
            ca: self.ca.or(beneath.ca),
            tls_cert: self.tls_cert.or(beneath.tls_cert),
            tls_key: self.tls_key.or(beneath.tls_key),
            columns: self.columns.or(beneath.columns),
            session_variables: match self.session_variables.is_empty() {
                true => beneath.session_variables,
                false => self.session_variables,
            },
            spread_hosts: self.spread_hosts.or(beneath.spread_hosts),
            clock: self.clock,
            runtime: self.runtime,
        }
    }

    /// What no option can tell alone.
    pub(crate) fn check(&self, location: &Location) -> Result<()> {
        if self.max_lifetime.is_some() && matches!(location, Location::Memory) {
            return Err(Error::invalid_with(
                "option {option max_lifetime} is of use with a beego table only",
                &[],
            ));
        }
        if self.max_lifetime.is_some() && self.hash_tokens == Some(true) {
            return Err(Error::invalid_with(
                "beego stores its session ids as they are: with {option max_lifetime} leave \
                 {option hash_tokens} off",
                &[],
            ));
        }
        if self.max_lifetime.is_some() && self.columns.is_some() {
            return Err(Error::invalid_with(
                "a beego table has the columns of beego: with {option max_lifetime} leave \
                 {option columns} away",
                &[],
            ));
        }
        tls::check(
            self.tls.unwrap_or_default(),
            self.ca.as_deref(),
            self.tls_cert.as_deref(),
            self.tls_key.as_deref(),
        )
    }

    // The defaults, each in one place. README's table is checked against them.

    pub(crate) fn table_name(&self) -> &str {
        self.table.as_deref().unwrap_or("sessions")
    }

    pub(crate) fn hashes_tokens(&self) -> bool {
        self.hash_tokens.unwrap_or(self.max_lifetime.is_none())
    }

    /// The most characters of a token that is stored as it is: what SCS and sessio, or beego, have
    /// room for.
    pub(crate) fn plain_width(&self) -> usize {
        if self.max_lifetime.is_some() { 64 } else { 43 }
    }

    pub(crate) fn cleans_every(&self) -> Option<Duration> {
        let interval = self.cleanup_interval.unwrap_or(Duration::from_secs(300));
        (!interval.is_zero()).then_some(interval)
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.timeout.unwrap_or(Duration::from_secs(5))
    }

    pub(crate) fn connection_count(&self) -> usize {
        self.connections.unwrap_or(16)
    }

    /// Whether each process starts on any of the hosts, and not on the first.
    #[allow(dead_code, reason = "the engine does not spread yet")]
    pub(crate) fn spreads_hosts(&self) -> bool {
        self.spread_hosts.unwrap_or(false)
    }

    /// What each connection sets beside what the store needs: `name = value`, as SET takes them.
    pub(crate) fn assignments(&self) -> impl Iterator<Item = String> {
        self.session_variables.iter().map(|(name, value)| format!("{name} = {value}"))
    }

    pub(crate) fn data_limit(&self) -> usize {
        self.max_data.unwrap_or(1 << 20)
    }
}

pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "1" | "on" | "yes" => Some(true),
        "false" | "0" | "off" | "no" => Some(false),
        _ => None,
    }
}

pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds: f64 = number.parse().ok()?;
    let factor = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        _ => return None,
    };
    // A thousand years: enough for anyone, and far from every overflow.
    let sane = Some(seconds * factor).filter(|seconds| (0.0..=3.2e10).contains(seconds));
    Duration::try_from_secs_f64(sane?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, millis) in [
            ("300", 300_000),
            ("0.5", 500),
            ("250ms", 250),
            ("5m", 300_000),
            ("7d", 604_800_000),
            ("1.5w", 907_200_000),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "d", "-1", "1y", "1mo", "nan", "inf", "1e99"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn every_listed_name_can_be_set_and_no_other() {
        for name in STORE_OPTIONS {
            let value = match name {
                "tls" => "off",
                "columns" => "token=sid",
                "session_variables" => "a=1",
                _ => "1",
            };
            Options::new().set(name, value).unwrap();
        }
        let error = Options::new().set("tabel", "x").unwrap_err();
        assert!(error.message().contains("is it table?"), "{error}");
    }

    /// The names and defaults in README's table.
    fn rows_of(readme: &str) -> impl Iterator<Item = (&str, &str)> {
        let table = readme.split("\n| option | default |").nth(1).unwrap();
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        rows.map(|row| {
            let mut cells = row.split('|').skip(1).map(|cell| cell.trim().trim_matches('`'));
            (cells.next().unwrap(), cells.next().unwrap())
        })
    }

    #[test]
    fn the_table_in_the_readme_has_these_names_and_defaults() {
        let (mut names, mut said) = (Vec::new(), Options::new());
        for (name, default) in rows_of(include_str!("../../../README.md")) {
            names.push(name);
            if default != "none" {
                said.set(name, default).unwrap();
            }
        }
        assert_eq!(names, STORE_OPTIONS);
        let defaults = |options: &Options| {
            let tls = options.tls.unwrap_or_default();
            let caps = (options.max_sessions, options.max_bytes, options.ca.clone());
            let files = (options.tls_cert.clone(), options.tls_key.clone());
            let own = (options.columns.clone(), options.session_variables.clone());
            let caps = (caps, options.max_lifetime, files, own, options.spreads_hosts());
            (
                (options.table_name().to_owned(), options.hashes_tokens(), tls, caps),
                (options.cleans_every(), options.deadline()),
                (options.connection_count(), options.data_limit()),
            )
        };
        assert_eq!(defaults(&said), defaults(&Options::new()));
    }

    #[test]
    fn tokens_of_beego_are_stored_as_they_are() {
        let mut options = Options::new();
        options.set("max_lifetime", "1h").unwrap();
        assert_eq!((options.hashes_tokens(), options.plain_width()), (false, 64));
        let (server, _) = crate::config::parse::parse("mysql://h/app").unwrap();
        options.check(&server).unwrap();
        assert!(options.check(&Location::Memory).is_err());
        options.set("hash_tokens", "true").unwrap();
        assert!(options.check(&server).is_err());
        for lifetime in ["0", "1.5", "2000000h"] {
            assert!(Options::new().set("max_lifetime", lifetime).is_err(), "{lifetime}");
        }
    }
}
