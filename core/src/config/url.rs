//! URLs of stores as people, providers and other libraries write them.

use super::aliases::{self, LocationPart, Parameter};
use super::location::{Host, Server, decode, parameters, split_query, tcp};
use super::option_names::STORE_OPTIONS;
use super::options::Options;
use crate::protocol::error::Result;

/// What comes after the scheme, if it is one that means MySQL: ours, or one in which a library says
/// which driver it takes, such as `mysql2://`, `mysql+pymysql://` and `jdbc:mysql://`.
pub(super) fn scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.strip_prefix("jdbc:").unwrap_or(scheme);
    let (server, _) = scheme.split_once('+').unwrap_or((scheme, ""));
    let known = ["mysql", "mariadb", "mysql2", "mysqli", "pdo-mysql", "pdo_mysql"];
    known.contains(&server).then_some(rest)
}

pub(super) fn parse(rest: &str) -> Result<(Server, Options)> {
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
        LocationPart::Socket => server.hosts = vec![Host::Socket(value)],
        LocationPart::User => server.user = value,
        LocationPart::Password => server.password = Some(value),
        LocationPart::Database => server.database = value,
    })?;
    // With a socket a host says nothing.
    if server.hosts.is_empty() {
        server.hosts = hosts.split(',').map(tcp).collect::<Result<Vec<Host>>>()?;
    }
    Ok((server, options))
}

fn options(query: &str, place: &mut dyn FnMut(LocationPart, String)) -> Result<Options> {
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

pub(super) fn of_memory(query: &str) -> Result<Options> {
    let mut options = Options::new();
    for parameter in parameters(query) {
        let (name, value) = parameter?;
        if !STORE_OPTIONS.contains(&name) {
            return Err(aliases::unknown(name));
        }
        options.set(name, &value)?;
    }
    Ok(options)
}
