//! Reads where a store is, and the options beside it, from a URL or a Go DSN.

use super::location::{Location, SHAPES, split_query};
use super::options::Options;
use super::{go_dsn, url};
use crate::protocol::error::{Error, Result};

/// Parses a URL or a Go DSN into a place and the options it carries.
pub(crate) fn parse(text: &str) -> Result<(Location, Options)> {
    read(text).map_err(Error::by_url_names)
}

fn read(text: &str) -> Result<(Location, Options)> {
    if let Some(rest) = text.strip_prefix("memory:") {
        let (path, query) = split_query(rest);
        if !path.is_empty() && path != "//" {
            return Err(Error::invalid("memory: takes no path, only options after a ?"));
        }
        return Ok((Location::Memory, url::of_memory(query)?));
    }
    let (server, options) = match url::scheme(text) {
        Some(rest) => url::parse(rest)?,
        None if !text.contains("://") && text.contains('/') => go_dsn::parse(text)?,
        None => return Err(Error::invalid(SHAPES)),
    };
    if server.database.is_empty() {
        return Err(Error::invalid("the URL names no database: put it after the host, as in /app"));
    }
    Ok((Location::MySql(server), options))
}

#[cfg(test)]
mod tests {
    use super::super::location::{Host, Server};
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
