//! Variables of the server that every connection sets when it logs in.

use crate::protocol::error::{Error, Result};

/// What the store sets itself and relies on.
const RELIED_ON: [&str; 17] = [
    "autocommit",
    "completion_type",
    "insert_id",
    "last_insert_id",
    "lock_wait_timeout",
    "max_allowed_packet",
    "max_execution_time",
    "max_statement_time",
    "sql_mode",
    "sql_select_limit",
    "time_zone",
    "timestamp",
    "transaction_isolation",
    "transaction_read_only",
    "tx_isolation",
    "tx_read_only",
    "wait_timeout",
];

/// Whether the store sets it itself, so that another value would break it.
pub(crate) fn is_relied_on(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let families = ["character_set_", "collation_"];
    RELIED_ON.contains(&&*name) || families.iter().any(|family| name.starts_with(family))
}

/// From `wsrep_sync_wait=7,innodb_lock_wait_timeout=2`: each name with its value as SQL has it. A
/// comma can be in a value that has quotes.
pub(crate) fn parse(text: &str) -> Result<Vec<(String, String)>> {
    let mut variables = Vec::new();
    let (mut rest, mut quote) = (text, None);
    while !rest.is_empty() {
        let end = rest.find(|c| match quote {
            Some(open) if c == open => {
                quote = None;
                false
            }
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                false
            }
            Some(_) | None => quote.is_none() && c == ',',
        });
        let (one, more) = match end {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => (rest, ""),
        };
        let (name, value) = one.split_once('=').ok_or_else(bad)?;
        add(&mut variables, assignment(name.trim(), value.trim())?);
        rest = more;
    }
    Ok(variables)
}

/// The last of equal ones counts.
pub(crate) fn add(variables: &mut Vec<(String, String)>, variable: (String, String)) {
    variables.retain(|(name, _)| *name != variable.0);
    variables.push(variable);
}

/// A name and a value, with or without quotes, as SQL has them.
pub(crate) fn assignment(name: &str, value: &str) -> Result<(String, String)> {
    let name = name.to_ascii_lowercase();
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte);
    let scope = name.split_once('.').map(|(scope, _)| scope);
    let scoped = ["global", "session", "local", "persist", "persist_only"];
    if name.is_empty() || !name.bytes().all(plain) || scope.is_some_and(|s| scoped.contains(&s)) {
        return Err(bad());
    }
    if is_relied_on(&name) {
        return Err(Error::invalid_with(
            "option {option session_variables} cannot set {}: the store sets it itself and relies \
             on its value; leave it away",
            &[&name],
        ));
    }
    Ok((name, literal(value).ok_or_else(bad)?))
}

/// A number and a keyword stay what they are, everything else becomes a text.
fn literal(value: &str) -> Option<String> {
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let number = value.strip_prefix('-').unwrap_or(value);
    let digits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if digits && number.starts_with(|c: char| c.is_ascii_digit()) && number.parse::<f64>().is_ok() {
        return Some(value.to_owned());
    }
    if ["true", "false", "on", "off", "default", "null"].contains(&&*value.to_ascii_lowercase()) {
        return Some(value.to_ascii_uppercase());
    }
    let (text, odd) = match quoted('\'').or_else(|| quoted('"')) {
        Some(text) => (text, " ,;@()!$%&*<=>?[]^{|}~#"),
        None if value.is_empty() => return None,
        None => (value, ""),
    };
    // Without quotes and backslashes nothing in it can end the text, whatever the sql_mode is.
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.:/+".contains(c) || odd.contains(c);
    text.chars().all(fits).then(|| format!("'{text}'"))
}

fn bad() -> Error {
    Error::option_takes(
        "session_variables",
        "variables of the server as wsrep_sync_wait=7,innodb_lock_wait_timeout=2; a name has \
         letters, digits, _ and ., and no scope before it, and a value is a number, a word, or an \
         ASCII text in quotes without quotes and backslashes in it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_literals() {
        let all = "wsrep_sync_wait=1, Long_Query_Time=-0.5,a=on,b=\"x,y=z\",c='it is',d=READ-ONLY";
        let said: Vec<String> =
            parse(all).unwrap().iter().map(|(name, value)| format!("{name} = {value}")).collect();
        assert_eq!(
            said.join("; "),
            "wsrep_sync_wait = 1; long_query_time = -0.5; a = ON; b = 'x,y=z'; c = 'it is'; \
             d = 'READ-ONLY'"
        );
        assert_eq!(parse("a=1,a=2").unwrap(), [("a".to_owned(), "2".to_owned())]);
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn nothing_else_gets_in() {
        for text in [
            "a",
            "a=",
            "=1",
            "a b=1",
            "a=1;b",
            "a='x'y'",
            "a='x\\'",
            "a='x",
            "a=x y",
            "a=@@b",
            "a=f(1)",
            "a='ü'",
            "global.a=1",
            "@a=1",
            "a=1 b=2",
            "a=\"x'y\"",
            "a=0x1f,,b=1",
            "a=1.2.3.4.5 # x",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_the_store_relies_on_is_refused_by_name() {
        for name in ["autocommit", "SQL_MODE", "transaction_isolation", "max_statement_time"] {
            let error = parse(&format!("{name}=1")).unwrap_err();
            assert!(error.message().contains(&name.to_ascii_lowercase()), "{error}");
        }
        parse("innodb_lock_wait_timeout=2,net_write_timeout=60").unwrap();
    }
}
