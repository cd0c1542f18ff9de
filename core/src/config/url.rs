//! Where a store is: URLs as people, providers and other libraries write them.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::config::aliases::{self, Parameter, Part};
use crate::config::go_dsn;
use crate::config::options::{NAMES, Options};
use crate::protocol::error::{Error, Result};

pub(crate) const SHAPES: &str = "a store is memory:, mysql://user:password@host:3306/database, or a Go DSN \
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
        return Ok((Location::Memory, of_memory(query)?));
    }
    let (server, options) = match scheme(text) {
        Some(rest) => from_url(rest)?,
        None if !text.contains("://") && text.contains('/') => go_dsn::parse(text)?,
        None => return Err(Error::invalid(SHAPES)),
    };
    if server.database.is_empty() {
        return Err(Error::invalid("the URL names no database: put it after the host, as in /app"));
    }
    Ok((Location::MySql(server), options))
}

/// What comes after the scheme, if it is one that means MySQL: ours, or one in which a library says
/// which driver it takes, such as `mysql2://`, `mysql+pymysql://` and `jdbc:mysql://`.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.strip_prefix("jdbc:").unwrap_or(scheme);
    let (server, _) = scheme.split_once('+').unwrap_or((scheme, ""));
    let known = ["mysql", "mariadb", "mysql2", "mysqli", "pdo-mysql", "pdo_mysql"];
    known.contains(&server).then_some(rest)
}

fn from_url(rest: &str) -> Result<(Server, Options)> {
    let (place, query) = split_query(rest);
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    let database = path.strip_suffix('/').unwrap_or(path);
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(decode(password)?)),
        None => (login, None),
    };
    let (user, database) = (decode(user)?, decode(database)?);
    let mut server = Server { hosts: Vec::new(), user, password, database, time_zone: None };
    let options = options(query, &mut |part, value| match part {
        Part::Socket => server.hosts = vec![Host::Socket(value)],
        Part::User => server.user = value,
        Part::Password => server.password = Some(value),
        Part::Database => server.database = value,
    })?;
    // With a socket a host says nothing.
    if server.hosts.is_empty() {
        server.hosts = hosts.split(',').map(tcp).collect::<Result<Vec<Host>>>()?;
    }
    Ok((server, options))
}

pub(crate) fn split_query(text: &str) -> (&str, &str) {
    text.split_once('?').unwrap_or((text, ""))
}

/// The names of a query with their values, in its order.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = Result<(&str, String)>> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((name, decode(value)?))
    })
}

fn options(query: &str, place: &mut dyn FnMut(Part, String)) -> Result<Options> {
    let mut options = Options::new();
    for parameter in parameters(query) {
        let (name, value) = parameter?;
        match aliases::parameter(name, &value)? {
            Parameter::Set(option, value) => options.set(option, &value)?,
            Parameter::Place(part) => place(part, value),
            Parameter::Ignore => {}
        }
    }
    Ok(options)
}

fn of_memory(query: &str) -> Result<Options> {
    let mut options = Options::new();
    for parameter in parameters(query) {
        let (name, value) = parameter?;
        if !NAMES.contains(&name) {
            return Err(aliases::unknown(name));
        }
        options.set(name, &value)?;
    }
    Ok(options)
}

/// `host`, `host:port`, `[::1]:port`; the port is 3306 if none is given.
pub(crate) fn tcp(text: &str) -> Result<Host> {
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

pub(crate) fn decode(text: &str) -> Result<String> {
    percent_decode_str(text)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| Error::invalid("the URL's percent-encoded text is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tls;

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
    fn urls_of_providers_and_other_libraries_are_understood() {
        for (text, tls) in [
            ("mysql://u:p@h:25060/app?ssl-mode=REQUIRED", Some(Tls::Required)),
            ("mysql2://u:p@h/app?sslmode=verify_ca&encoding=utf8mb4&pool=8", Some(Tls::VerifyCa)),
            ("mysql+pymysql://u:p@h/app?charset=utf8mb4&ssl_ca=/etc/ca.pem", None),
            ("mariadb+mariadbconnector://u:p@h/app/", None),
            ("mysql://u:p@h/app?sslaccept=strict&connection_limit=5", Some(Tls::VerifyIdentity)),
            (
                "mysql://u:p@h/app?ssl=%7B%22rejectUnauthorized%22:true%7D",
                Some(Tls::VerifyIdentity),
            ),
            ("mysql://u:p@h/app?ssl=true", Some(Tls::Required)),
            ("mysql://u:p@h/app?serverVersion=8.0.37&charset=utf8mb4", None),
            ("jdbc:mysql://h/app?user=u&password=p&sslMode=DISABLED", Some(Tls::Off)),
            ("mysqli://u:p@h/?dbname=app&parseTime=true", None),
        ] {
            let (server, options) = server(text);
            assert_eq!((&*server.user, server.password.as_deref()), ("u", Some("p")), "{text}");
            assert_eq!((&*server.database, options.tls), ("app", tls), "{text}");
        }
        let (_, options) =
            server("mysql://h/app?connection_limit=5&ssl_ca=/ca&sslcert=/c&ssl-key=/k");
        assert_eq!(options.connections, Some(5));
        let files = [options.ca, options.tls_cert, options.tls_key].map(|path| path.unwrap());
        assert_eq!(files, ["/ca", "/c", "/k"].map(std::path::PathBuf::from));
    }

    #[test]
    fn a_socket_needs_no_host() {
        for text in [
            "mysql://u:p@/app?socket=/run/db.sock",
            "mysql://u@localhost/app?unix_socket=%2Frun%2Fdb.sock",
            "mysql:///app?socketPath=/run/db.sock",
        ] {
            let (server, _) = server(text);
            assert_eq!(server.hosts[0].to_string(), "socket /run/db.sock", "{text}");
        }
    }

    #[test]
    fn what_cannot_be_taken_over_is_explained() {
        for (query, says) in [
            ("pool_timeout=10", "set timeout"),
            ("connectTimeout=10000", "set timeout"),
            ("init_command=SET%20a=1", "session_variables"),
            ("ssl-mode=PREFERRED", "tls=required"),
            ("ssl=maybe", "tls=verify-ca"),
            ("sslidentity=x.p12", "tls_cert and tls_key"),
            ("connection_limit=100", "connections takes a number from 1 to 64"),
            ("hashTokens=false", "is it hash_tokens?"),
            ("Table=x", "is it table?"),
        ] {
            let error = parse(&format!("mysql://u:secret@h/app?{query}")).map(|_| ()).unwrap_err();
            assert!(error.message().contains(says), "{query}: {error}");
        }
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
            "mysql://u:secret@h/app?tls=secret",
            "mysql://u:secret@h/app?session_variables=sql_mode=secret",
            "mysql://u:secret@h/app?session_variables=a='secret",
            "mysql://u:secret@h/app?columns=secret",
            "memory:?charset=utf8",
            "u:secret@tcp(h)/app?a=f(secret)",
            "u:secret@tcp(h)/app?tls=preferred",
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
