//! What the URLs of providers and of other libraries call our options.

use crate::protocol::error::{Error, Result};
use crate::protocol::message::Message;

use super::option_names::STORE_OPTIONS;

/// What a parameter of another library's URL is here.
#[derive(Clone, Copy)]
enum Meaning {
    /// Our option of this name, with the same values.
    Option(&'static str),
    /// How the connection is encrypted.
    Tls,
    /// LocationPart of the address or of the login.
    Place(LocationPart),
    /// It sets how the other library talks to the server, and means nothing here.
    Nothing,
    /// It says what cannot be taken over as it is: what to do instead.
    Instead(&'static str),
}

/// A part of the address that some give as a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocationPart {
    Socket,
    User,
    Password,
    Database,
}

/// What to do about a parameter of a URL.
pub(crate) enum Parameter {
    Set(&'static str, String),
    Place(LocationPart),
    Ignore,
}

const TIMES: &str = "set timeout, within which every call is answered, connecting and waiting \
                     for a connection included (5s)";
const FILES: &str = "set tls_cert and tls_key to PEM files";

/// Names without case, `-` and `_`.
const MEANINGS: [(&str, Meaning); 73] = [
    ("acquiretimeout", Meaning::Instead(TIMES)),
    ("adapter", Meaning::Nothing),
    ("allowpublickeyretrieval", Meaning::Nothing),
    ("autoreconnect", Meaning::Nothing),
    ("binaryprefix", Meaning::Nothing),
    ("ca", Meaning::Option("ca")),
    ("cacert", Meaning::Option("ca")),
    ("cacheprepstmts", Meaning::Nothing),
    ("characterencoding", Meaning::Nothing),
    ("charset", Meaning::Nothing),
    ("collation", Meaning::Nothing),
    ("compress", Meaning::Nothing),
    ("connectionlimit", Meaning::Option("connections")),
    ("connectiontimeout", Meaning::Instead(TIMES)),
    ("connecttimeout", Meaning::Instead(TIMES)),
    ("database", Meaning::Place(LocationPart::Database)),
    ("datestrings", Meaning::Nothing),
    ("db", Meaning::Place(LocationPart::Database)),
    ("dbname", Meaning::Place(LocationPart::Database)),
    ("driver", Meaning::Nothing),
    ("encoding", Meaning::Nothing),
    ("initcommand", Meaning::Instead("set session_variables to what it sets")),
    ("interpolateparams", Meaning::Nothing),
    ("loc", Meaning::Nothing),
    ("localinfile", Meaning::Nothing),
    ("maxconnections", Meaning::Option("connections")),
    ("maxpoolsize", Meaning::Option("connections")),
    ("multistatements", Meaning::Nothing),
    ("parsetime", Meaning::Nothing),
    ("passwd", Meaning::Place(LocationPart::Password)),
    ("password", Meaning::Place(LocationPart::Password)),
    ("pool", Meaning::Option("connections")),
    ("poolsize", Meaning::Option("connections")),
    ("pooltimeout", Meaning::Instead(TIMES)),
    ("preparedstatements", Meaning::Nothing),
    ("readtimeout", Meaning::Instead(TIMES)),
    ("reconnect", Meaning::Nothing),
    ("requiressl", Meaning::Tls),
    ("rewritebatchedstatements", Meaning::Nothing),
    ("servertimezone", Meaning::Nothing),
    ("serverversion", Meaning::Nothing),
    ("sessionvariables", Meaning::Option("session_variables")),
    ("socket", Meaning::Place(LocationPart::Socket)),
    ("socketpath", Meaning::Place(LocationPart::Socket)),
    ("sockettimeout", Meaning::Instead(TIMES)),
    ("ssl", Meaning::Tls),
    ("sslaccept", Meaning::Tls),
    ("sslca", Meaning::Option("ca")),
    ("sslcapath", Meaning::Instead("set ca to one file with the authorities' certificates")),
    ("sslcert", Meaning::Option("tls_cert")),
    ("sslidentity", Meaning::Instead(FILES)),
    ("sslkey", Meaning::Option("tls_key")),
    ("sslmode", Meaning::Tls),
    ("sslpassword", Meaning::Instead(FILES)),
    ("sslrootcert", Meaning::Option("ca")),
    ("sslverifycert", Meaning::Instead("set tls=verify-ca, or tls=required for false")),
    ("sslverifyidentity", Meaning::Instead("set tls=verify-identity, or tls=verify-ca for false")),
    ("timezone", Meaning::Nothing),
    ("tinyint1isbit", Meaning::Nothing),
    ("tls", Meaning::Tls),
    ("tlsmode", Meaning::Tls),
    ("unixsocket", Meaning::Place(LocationPart::Socket)),
    ("usecompression", Meaning::Nothing),
    ("user", Meaning::Place(LocationPart::User)),
    ("username", Meaning::Place(LocationPart::User)),
    ("useserverprepstmts", Meaning::Nothing),
    ("usessl", Meaning::Tls),
    ("usetls", Meaning::Tls),
    ("useunicode", Meaning::Nothing),
    (
        "verifyservercertificate",
        Meaning::Instead("set tls=verify-identity, or tls=required for false"),
    ),
    ("waittimeout", Meaning::Instead(TIMES)),
    ("writetimeout", Meaning::Instead(TIMES)),
    ("zerodatetimebehavior", Meaning::Nothing),
];

/// What a parameter means, in the spelling of any library.
pub(crate) fn parameter(name: &str, value: &str) -> Result<Parameter> {
    let ours = STORE_OPTIONS.iter().find(|ours| **ours == name);
    if let Some(ours) = ours.filter(|ours| **ours != "tls") {
        return Ok(Parameter::Set(ours, value.to_owned()));
    }
    let plain = plain(name);
    let known = MEANINGS.iter().find(|(known, _)| *known == plain);
    match known.map(|(_, meaning)| *meaning) {
        Some(Meaning::Option(option)) => Ok(Parameter::Set(option, value.to_owned())),
        Some(Meaning::Tls) => Ok(Parameter::Set("tls", tls(name, value)?.to_owned())),
        Some(Meaning::Place(part)) => Ok(Parameter::Place(part)),
        Some(Meaning::Nothing) => Ok(Parameter::Ignore),
        Some(Meaning::Instead(what)) => Err(Error::invalid(format!(
            "the URL's {name:?} is a parameter of another library: leave it away, and {what}"
        ))),
        None => Err(unknown(name)),
    }
}

/// The name alone: a value may be a secret that was put in the wrong place.
pub(crate) fn unknown(name: &str) -> Error {
    Error::invalid(format!(
        "the URL has an option {name:?} that does not exist; {}the options are {}",
        nearest(name, &STORE_OPTIONS).map(|near| format!("is it {near}? ")).unwrap_or_default(),
        STORE_OPTIONS.join(", ")
    ))
}

/// The value of `tls` for what others call it.
pub(crate) fn tls(name: &str, value: &str) -> Result<&'static str> {
    match &*plain(value) {
        "off" | "false" | "0" | "no" | "disable" | "disabled" => Ok("off"),
        "required"
        | "require"
        | "true"
        | "1"
        | "yes"
        | "on"
        | "skipverify"
        | "acceptinvalidcerts"
        | r#"{"rejectunauthorized":false}"# => Ok("required"),
        "verifyca" => Ok("verify-ca"),
        "verifyidentity"
        | "verifyfull"
        | "strict"
        | "amazonrds"
        | r#"{"rejectunauthorized":true}"# => Ok("verify-identity"),
        "preferred" | "prefer" | "allow" => Err(Error::invalid(format!(
            "the URL's {name} says to encrypt only if the server does, which protects against no attacker: \
             say tls=required, tls=verify-identity, or tls=off"
        ))),
        _ => Err(Error::invalid(format!(
            "the URL's {name} is none of the values that say how to encrypt; say tls=off, \
             tls=required, tls=verify-ca or tls=verify-identity"
        ))),
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !"-_ ".contains(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

/// The error for an option that does not exist, with the nearest of these names and all of them.
pub fn unknown_option(name: &str, names: &[&str]) -> Error {
    let mut message = Message::from(format!("there is no option {name:?}; "));
    if let Some(near) = nearest(name, names) {
        message = message.text("is it ").option(near).text("? ");
    }
    message = message.text("the options are ");
    for (index, name) in names.iter().enumerate() {
        message = message.text(if index == 0 { "" } else { ", " }).option(name);
    }
    Error::invalid(message)
}

/// `table` for `tabel`; `None` if none of the names is like that.
pub(crate) fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let given = plain(name);
    let far = names.iter().map(|option| (distance(&given, &plain(option)), option));
    let near = far.min().filter(|(far, option)| *far <= 2 && far * 2 < option.len());
    near.map(|(_, option)| *option)
}

/// How many letters have to be changed, put in, left out or exchanged with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut rows = vec![(0..=other.len()).collect::<Vec<usize>>()];
    for (i, left) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in other.iter().enumerate() {
            let changed = rows[i][j] + usize::from(left != right);
            let mut best = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i - 1] == *right && *left == other[j - 1] {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_table_can_be_found() {
        for (index, (name, meaning)) in MEANINGS.iter().enumerate() {
            assert_eq!(*name, plain(name), "as it is looked for");
            assert!(index == 0 || MEANINGS[index - 1].0 < *name, "{name} is in its place");
            if let Meaning::Option(option) = meaning {
                assert!(STORE_OPTIONS.contains(option), "{option}");
            }
        }
    }

    #[test]
    fn the_nearest_name_is_offered() {
        for (wrong, right) in [
            ("tabel", "table"),
            ("hash-tokens", "hash_tokens"),
            ("hashTokens", "hash_tokens"),
            ("sesion_variables", "session_variables"),
            ("tiemout", "timeout"),
            ("tls_crt", "tls_cert"),
        ] {
            assert_eq!(nearest(wrong, &STORE_OPTIONS), Some(right), "{wrong}");
        }
        for far in ["x", "", "ab", "prefix", "database_name"] {
            assert_eq!(nearest(far, &STORE_OPTIONS), None, "{far}");
        }
    }
}
