//! Names of tables and columns, as options give them.

use crate::protocol::error::{Error, Result};

/// The names of columns that are not the usual ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ColumnNames {
    pub(crate) token: Option<String>,
    pub(crate) data: Option<String>,
    pub(crate) expiry: Option<String>,
    pub(crate) subject: Option<String>,
}

/// What the server takes in backticks and what needs no escape there or in a text.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_$-".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

/// A bare table name, so that it can be quoted without surprises.
pub(crate) fn table(name: &str) -> Result<String> {
    if is_plain(name) {
        return Ok(name.to_owned());
    }
    Err(Error::option_takes(
        "table",
        "a table name of 1 to 64 letters, digits, _, $ or -; name the database in the URL's path",
    ))
}

impl ColumnNames {
    /// From `token=sid,data=payload,expiry=ends_at,subject=user`, or a part of that.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let bad = || {
            Error::option_takes(
                "columns",
                "the names of columns as token=sid,data=payload,expiry=ends_at,subject=user or a \
                 part of that; each has 1 to 64 letters, digits, _, $ or -, and they differ",
            )
        };
        let mut names = ColumnNames::default();
        for pair in text.split(',') {
            let (column, name) = pair.split_once('=').ok_or_else(bad)?;
            let name = name.trim();
            let place = match column.trim() {
                "token" => &mut names.token,
                "data" => &mut names.data,
                "expiry" => &mut names.expiry,
                "subject" => &mut names.subject,
                _ => return Err(bad()),
            };
            if !is_plain(name) || place.replace(name.to_owned()).is_some() {
                return Err(bad());
            }
        }
        let mut all = [
            names.token.as_deref().unwrap_or("token"),
            names.data.as_deref().unwrap_or("data"),
            names.expiry.as_deref().unwrap_or("expiry"),
            names.subject.as_deref().unwrap_or("subject"),
        ]
        .map(str::to_ascii_lowercase);
        all.sort_unstable();
        match all.windows(2).any(|pair| pair[0] == pair[1]) {
            true => Err(bad()),
            false => Ok(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_name_cannot_carry_sql() {
        for name in ["sessions", "web-sessions", "a$1_B"] {
            assert_eq!(table(name).unwrap(), name);
        }
        for name in ["", "a`b", "a b", "a.b", "ü", "a'b", "a\\b", &"x".repeat(65)] {
            assert!(table(name).is_err(), "{name}");
        }
    }

    #[test]
    fn columns_are_named_one_by_one() {
        let names = ColumnNames::parse("token=sid, expiry=ends-at").unwrap();
        assert_eq!(names.token.as_deref(), Some("sid"));
        assert_eq!(names.expiry.as_deref(), Some("ends-at"));
        assert_eq!((names.data, names.subject), (None, None));
        for text in [
            "",
            "token",
            "token=",
            "tokens=x",
            "token=a b",
            "token=a`",
            "token=a,token=b",
            "token=Data",
            "data=x,expiry=x",
            "token=sid,",
        ] {
            assert!(ColumnNames::parse(text).is_err(), "{text}");
        }
    }
}
