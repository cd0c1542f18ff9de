//! Where a store is, as URLs and Go DSNs name it.

use std::fmt;

use percent_encoding::percent_decode_str;

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

/// The path and the query behind it.
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
