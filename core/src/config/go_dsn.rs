//! The data source names of Go's MySQL driver, as go-sql-driver/mysql reads them.

use super::aliases::{nearest, unknown};
use super::location::{Host, SHAPES, Server, decode, parameters, split_query, tcp};
use super::option_names::STORE_OPTIONS;
use super::options::Options;
use super::variables;
use crate::protocol::error::{Error, Result};

/// `[user[:password]@][protocol[(address)]]/database[?parameters]`: nothing is percent-encoded but
/// the database and the parameters, and the last `/` and `@` count.
pub(crate) fn parse(text: &str) -> Result<(Server, Options)> {
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
    let (options, time_zone) = settings(query)?;
    let (user, database) = (user.to_owned(), decode(database)?);
    Ok((Server { hosts: vec![host], user, password, database, time_zone }, options))
}

/// The options and the time zone. What the driver does not know itself it sets as a variable of
/// the server on each connection.
fn settings(query: &str) -> Result<(Options, Option<String>)> {
    let (mut options, mut time_zone, mut given) = (Options::new(), None, Vec::new());
    for parameter in parameters(query) {
        let (name, value) = parameter?;
        match name {
            "tls" => options.set("tls", tls(&value)?)?,
            "time_zone" => time_zone = Some(zone(&value)?),
            _ if OF_DRIVER.contains(&name) || variables::is_relied_on(name) => {}
            _ if STORE_OPTIONS.contains(&name) => options.set(name, &value)?,
            // Rather one of ours, misspelled, than a variable.
            _ if nearest(name, &STORE_OPTIONS).is_some() => return Err(unknown(name)),
            _ => variables::add(&mut given, variables::assignment(name, &value)?),
        }
    }
    // Ours by name counts more than Go's.
    for variable in std::mem::replace(&mut options.session_variables, given) {
        variables::add(&mut options.session_variables, variable);
    }
    Ok((options, time_zone))
}

/// The driver's own parameters, which set how Go talks to the server and mean nothing here. `loc`
/// does to Go: it shifts the expiries that it writes, unless it is UTC.
const OF_DRIVER: [&str; 23] = [
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

/// What the Go DSN's `tls` is here.
fn tls(value: &str) -> Result<&str> {
    match value {
        "true" | "1" => Ok("verify-identity"),
        "skip-verify" => Ok("required"),
        "false" | "0" => Ok("off"),
        "off" | "required" | "verify-ca" | "verify-identity" => Ok(value),
        "preferred" => Err(Error::invalid(
            "the Go DSN's tls=preferred encrypts only if the server does, which protects against no attacker: \
             say tls=skip-verify (encrypted, without a check of who the server is), tls=true, or tls=false",
        )),
        _ => Err(Error::invalid(
            "the Go DSN's tls names a configuration that only its Go program knows; say \
             tls=verify-ca or tls=verify-identity with ca=FILE instead",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_data_source_names_are_understood() {
        let (server, options) =
            parse("u:p@/:?w@tcp(db:3307)/app?parseTime=true&tls=skip-verify").unwrap();
        assert_eq!(server.hosts[0].to_string(), "db:3307");
        assert_eq!((&*server.user, server.password.as_deref()), ("u", Some("p@/:?w")));
        assert_eq!(options.tls, Some(crate::Tls::Required));
        let (server, _) = parse("root@unix(/run/mysqld.sock)/app?loc=America%2FLima").unwrap();
        assert_eq!(server.hosts[0].to_string(), "socket /run/mysqld.sock");
        let (server, _) = parse("root@/app").unwrap();
        assert_eq!(server.hosts[0].to_string(), "127.0.0.1:3306");
    }

    #[test]
    fn variables_of_the_server_are_passed_on() {
        let (server, options) = parse(
            "root@/app?time_zone=%27Europe%2FParis%27&sql_mode=%27ANSI%27&wait_timeout=60&tls=off\
             &wsrep_sync_wait=1&binlog_row_image=%27MINIMAL%27&foreign_key_checks=ON\
             &transaction_isolation=%27SERIALIZABLE%27&session_variables=wsrep_sync_wait=7",
        )
        .unwrap();
        assert_eq!(server.time_zone.as_deref(), Some("Europe/Paris"));
        let set: Vec<String> = options.assignments().collect();
        assert_eq!(
            set,
            ["binlog_row_image = 'MINIMAL'", "foreign_key_checks = ON", "wsrep_sync_wait = 7"]
        );
        let misspelled = parse("root@/app?tabel=x").map(drop).unwrap_err();
        assert!(misspelled.message().contains("is it table?"), "{misspelled}");
        let preferred = parse("root@/app?tls=preferred").map(drop).unwrap_err();
        assert!(preferred.message().contains("tls=skip-verify"), "{preferred}");
    }
}
