//! Where a store is: URLs, and the data source names of Go's MySQL driver.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::error::{Error, Result};
use crate::options::{NAMES, Options};

const SHAPES: &str = "a store is memory:, mysql://user:password@host:3306/database, or a Go DSN \
                      such as user:password@tcp(host:3306)/database";

/// What a URL names.
#[derive(Clone)]
pub(crate) enum Location {
    Memory,
    MySql(Server),
}

#[derive(Clone)]
pub(crate) struct Server {
    /// In the order they are tried; never empty.
    pub(crate) hosts: Vec<Host>,
    pub(crate) user: String,
    pub(crate) password: Option<String>,
    pub(crate) database: String,
    /// The connections' own, as a Go DSN sets it.
    pub(crate) time_zone: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Tcp(String, u16),
    Socket(String),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Host::Tcp(host, port) => write!(f, "{host}:{port}"),
            Host::Socket(path) => write!(f, "socket {path}"),
        }
    }
}

/// Without the password, and without the user: fit for logs and `repr`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Memory => f.write_str("memory:"),
            Location::MySql(server) => {
                let hosts: Vec<String> = server.hosts.iter().map(Host::to_string).collect();
                write!(f, "mysql://{}/{}", hosts.join(","), server.database)
            }
        }
    }
}

/// Parses a URL or a Go DSN into a place and the options it carries.
pub(crate) fn parse(text: &str) -> Result<(Location, Options)> {
    if let Some(rest) = text.strip_prefix("memory:") {
        let (path, query) = split_query(rest);
        if !path.is_empty() && path != "//" {
            return Err(Error::invalid("memory: takes no path, only options after a ?"));
        }
        return Ok((Location::Memory, options(query, &mut |_, _| Ok(false))?));
    }
    let (server, options) = match text.strip_prefix("mysql://").or(text.strip_prefix("mariadb://"))
    {
        Some(rest) => from_url(rest)?,
        None if !text.contains("://") && text.contains('/') => from_go_dsn(text)?,
        None => return Err(Error::invalid(SHAPES)),
    };
    if server.database.is_empty() {
        return Err(Error::invalid("the URL names no database: put it after the host, as in /app"));
    }
    Ok((Location::MySql(server), options))
}

fn from_url(rest: &str) -> Result<(Server, Options)> {
    let (place, query) = split_query(rest);
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(decode(password)?)),
        None => (login, None),
    };
    let mut hosts = hosts.split(',').map(tcp).collect::<Result<Vec<Host>>>()?;
    let options = options(query, &mut |name, value| {
        if name == "socket" {
            hosts = vec![Host::Socket(value.to_owned())];
        }
        Ok(name == "socket")
    })?;
    let (user, database) = (decode(user)?, decode(database)?);
    Ok((Server { hosts, user, password, database, time_zone: None }, options))
}

/// `[user[:password]@][protocol[(address)]]/database[?parameters]`, as go-sql-driver/mysql reads
/// it: nothing is percent-encoded but the parameters, and the last `/` and `@` count.
fn from_go_dsn(text: &str) -> Result<(Server, Options)> {
    let (place, rest) = text.rsplit_once('/').ok_or_else(|| Error::invalid(SHAPES))?;
    let (database, query) = split_query(rest);
    let (login, address) = place.rsplit_once('@').unwrap_or(("", place));
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(password.to_owned())),
        None => (login, None),
    };
    let (protocol, address) = match address.strip_suffix(')').and_then(|a| a.split_once('(')) {
        Some((protocol, address)) => (protocol, address),
        None => (address, ""),
    };
    let host = match protocol {
        "" | "tcp" | "tcp4" | "tcp6" => {
            tcp(if address.is_empty() { "127.0.0.1:3306" } else { address })?
        }
        "unix" if address.is_empty() => Host::Socket("/tmp/mysql.sock".to_owned()),
        "unix" => Host::Socket(address.to_owned()),
        _ => {
            return Err(Error::invalid(
                "the Go DSN names a protocol other than tcp and unix, which sessio does not speak",
            ));
        }
    };
    let (mut tls, mut time_zone) = (None, None);
    let mut options = options(query, &mut |name, value| match name {
        "tls" => {
            tls = go_tls(value)?;
            Ok(tls.is_some())
        }
        "time_zone" => {
            time_zone = Some(zone(value)?);
            Ok(true)
        }
        _ => Ok(OF_GO.contains(&name) || OF_SERVER.contains(&name)),
    })?;
    if let Some(tls) = tls {
        options.set("tls", tls)?;
    }
    let (user, database) = (user.to_owned(), decode(database)?);
    Ok((Server { hosts: vec![host], user, password, database, time_zone }, options))
}

/// The Go driver's own parameters, which set how Go talks to the server and mean nothing here. `loc`
/// does to Go: it shifts the expiries that it writes, unless it is UTC.
const OF_GO: [&str; 23] = [
    "allowAllFiles",
    "allowCleartextPasswords",
    "allowFallbackToPlaintext",
    "allowNativePasswords",
    "allowOldPasswords",
    "charset",
    "checkConnLiveness",
    "clientFoundRows",
    "collation",
    "columnsWithAlias",
    "compress",
    "connectionAttributes",
    "interpolateParams",
    "loc",
    "maxAllowedPacket",
    "multiStatements",
    "parseTime",
    "readTimeout",
    "rejectReadOnly",
    "serverPubKey",
    "timeTruncate",
    "timeout",
    "writeTimeout",
];

/// Variables of the server that Go's driver sets on its connections; ours set what they need.
const OF_SERVER: [&str; 14] = [
    "autocommit",
    "character_set_results",
    "foreign_key_checks",
    "group_concat_max_len",
    "innodb_lock_wait_timeout",
    "interactive_timeout",
    "lock_wait_timeout",
    "max_allowed_packet",
    "max_execution_time",
    "net_write_timeout",
    "sql_mode",
    "transaction_isolation",
    "tx_isolation",
    "wait_timeout",
];

/// What the Go DSN's `tls` is here; none if it is spelled in our way.
fn go_tls(value: &str) -> Result<Option<&'static str>> {
    match value {
        "true" | "1" => Ok(Some("verify-identity")),
        "skip-verify" => Ok(Some("required")),
        "false" | "0" => Ok(Some("off")),
        "off" | "required" | "verify-ca" | "verify-identity" => Ok(None),
        _ => Err(Error::invalid(
            "the Go DSN's tls names a setting that only its Go program knows; say tls=verify-ca or \
             tls=verify-identity with ca=FILE instead",
        )),
    }
}

/// The name of a time zone, which a Go DSN has in quotes.
fn zone(value: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_/+-:".contains(&byte);
    let bare = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(value);
    if bare.is_empty() || !bare.bytes().all(plain) {
        return Err(Error::invalid(
            "the Go DSN's time_zone is not a zone's name such as '+00:00' or 'Europe/Paris'",
        ));
    }
    Ok(bare.to_owned())
}

fn split_query(text: &str) -> (&str, &str) {
    text.split_once('?').unwrap_or((text, ""))
}

/// The names of a query with their values, in its order.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = Result<(&str, String)>> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((name, decode(value)?))
    })
}

fn options(query: &str, elsewhere: &mut dyn FnMut(&str, &str) -> Result<bool>) -> Result<Options> {
    let mut options = Options::new();
    for parameter in parameters(query) {
        let (name, value) = parameter?;
        if !elsewhere(name, &value)? {
            if !NAMES.contains(&name) {
                // The name alone: a value may be a secret that was put in the wrong place.
                return Err(Error::invalid(format!(
                    "the URL has an option {name:?} that does not exist; the options are {}",
                    NAMES.join(", ")
                )));
            }
            options.set(name, &value)?;
        }
    }
    Ok(options)
}

/// `host`, `host:port`, `[::1]:port`; the port is 3306 if none is given.
fn tcp(text: &str) -> Result<Host> {
    let bad = || Error::invalid("the URL's host is not of the form host, host:port or [ipv6]:port");
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or_else(bad)?;
            (
                host,
                if port.is_empty() { None } else { Some(port.strip_prefix(':').ok_or_else(bad)?) },
            )
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port: u16 = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or_else(bad)?,
        None => 3306,
    };
    let odd = |c: char| c.is_whitespace() || c.is_control() || "/@,[]()".contains(c);
    if host.is_empty() || host.contains(odd) {
        return Err(bad());
    }
    Ok(Host::Tcp(host.to_owned(), port))
}

fn decode(text: &str) -> Result<String> {
    percent_decode_str(text)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| Error::invalid("the URL's percent-encoded text is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> (Server, Options) {
        match parse(text).unwrap() {
            (Location::MySql(server), options) => (server, options),
            (Location::Memory, _) => panic!("{text} is no server"),
        }
    }

    #[test]
    fn urls_name_hosts_login_database_and_options() {
        let (server, options) =
            server("mysql://u%40x:p%2Fw%3A@a:3307,[::1],b/app?table=s&hash_tokens=false&timeout=2");
        let hosts: Vec<String> = server.hosts.iter().map(Host::to_string).collect();
        assert_eq!(hosts, ["a:3307", "[::1]:3306", "b:3306"]);
        assert_eq!((&*server.user, server.password.as_deref()), ("u@x", Some("p/w:")));
        assert_eq!((&*server.database, options.table_name()), ("app", "s"));
        assert!(!options.hashes_tokens());
    }

    #[test]
    fn go_data_source_names_are_understood() {
        let (server, options) = server("u:p@/:?w@tcp(db:3307)/app?parseTime=true&tls=skip-verify");
        assert_eq!(server.hosts[0].to_string(), "db:3307");
        assert_eq!((&*server.user, server.password.as_deref()), ("u", Some("p@/:?w")));
        assert_eq!(options.tls, Some(crate::Tls::Required));
        let (server, _) = self::server("root@unix(/run/mysqld.sock)/app?loc=America%2FLima");
        assert_eq!(server.hosts[0].to_string(), "socket /run/mysqld.sock");
        let (server, _) = self::server(
            "root@/app?time_zone=%27Europe%2FParis%27&sql_mode=%27ANSI%27&wait_timeout=60&tls=off",
        );
        assert_eq!(server.time_zone.as_deref(), Some("Europe/Paris"));
        let (server, _) = self::server("root@/app");
        assert_eq!(server.hosts[0].to_string(), "127.0.0.1:3306");
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for text in [
            "",
            "redis://x",
            "mysql://",
            "mysql://u:secret@/app",
            "mysql://u:secret@h:0/app",
            "mysql://u:secret@h:99999/app",
            "mysql://u:secret@h",
            "mysql://u:secret@h/",
            "mysql://u:secret@h/app?tabel=x",
            "mysql://u:secret@h/app?table=a.b",
            "u:secret@udp(h)/app",
            "mysql://u:secret%ff@h/app",
            "memory:somewhere",
            "memory:?max_sessions=0",
            "u:secret@tcp(h)/app?tls=custom",
            "u:secret@tcp(h)/app?time_zone=%27a%27%27b%27",
        ] {
            let error = parse(text).map(|_| ()).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidArgument, "{text}");
            assert!(!error.message().contains("secret"), "{text}: {error}");
        }
    }

    #[test]
    fn the_text_form_has_neither_user_nor_password() {
        let (location, _) = parse("mysql://user:secret@h/app").unwrap();
        assert_eq!(location.to_string(), "mysql://h:3306/app");
    }
}
