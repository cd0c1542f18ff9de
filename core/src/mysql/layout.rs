//! Which kind of table is there, read from the server.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row, Value};

use crate::error::{Error, ErrorKind};

use super::cells::{Instants, bytes, number};
use super::failure::Failure;

/// What a statement must know of its table.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Quoted.
    pub(super) table: String,
    pub(super) kind: Kind,
    /// Character set and collation of the token.
    pub(super) token_type: (String, String),
    pub(super) expiry: Instants,
    pub(super) subject: bool,
    /// The most data a row can hold, and the most that a statement can carry.
    pub(super) max_data: usize,
    pub(super) max_statement: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Made by our migrations.
    Sessio,
    /// As the README of SCS makes it.
    Scs,
}

/// A column as information_schema describes it.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// `varchar`, `timestamp`, …
    pub(super) data_type: String,
    /// `char(43)`, `timestamp(6)`, …
    pub(super) full_type: String,
    pub(super) charset: String,
    pub(super) collation: String,
    /// `on update current_timestamp(6)` and the like.
    pub(super) extra: String,
    pub(super) width: u64,
}

const COLUMNS: &str = "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, \
     COLLATION_NAME, EXTRA, CAST(CHARACTER_MAXIMUM_LENGTH AS UNSIGNED) \
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? \
     ORDER BY ORDINAL_POSITION";

pub(super) async fn columns(
    conn: &mut Conn,
    table: &str,
) -> Result<Vec<Column>, mysql_async::Error> {
    let rows: Vec<Row> = conn.exec(COLUMNS, (table,)).await?;
    Ok(rows.into_iter().map(column).collect())
}

fn column(row: Row) -> Column {
    let mut cells = row.unwrap().into_iter();
    let mut cell = || cells.next().unwrap_or(Value::NULL);
    let text = |value: Value| {
        bytes(value).ok().and_then(|text| String::from_utf8(text).ok()).unwrap_or_default()
    };
    Column {
        name: text(cell()).to_ascii_lowercase(),
        data_type: text(cell()).to_ascii_lowercase(),
        full_type: text(cell()).to_ascii_lowercase(),
        charset: text(cell()),
        collation: text(cell()),
        extra: text(cell()).to_ascii_lowercase(),
        width: number(&cell()).unwrap_or(0),
    }
}

/// Room for everything in a statement that is not data.
const STATEMENT_OVERHEAD: u64 = 16 << 10;

/// Recognises the table, or says why it cannot be used and what to do.
pub(super) fn recognise(
    table: &str,
    columns: &[Column],
    max_allowed_packet: u64,
) -> Result<Layout, Failure> {
    let schema = |message: String| Failure::Final(Error::new(ErrorKind::Schema, message));
    if columns.is_empty() {
        return Err(schema(format!(
            "there is no table {table} in the database; run migrate to create it, or mend the \
             table option"
        )));
    }
    let find = |name: &str| columns.iter().find(|column| column.name == name);
    if find("session_key").is_some() && find("session_expiry").is_some() {
        return Err(schema(format!(
            "{table} is a beego session table, which this version cannot use; let migrate create \
             a table of another name, and set the table option to it"
        )));
    }
    let (Some(token), Some(data), Some(expiry)) = (find("token"), find("data"), find("expiry"))
    else {
        return Err(unknown(table, columns));
    };
    let subject = find("subject").is_some_and(|column| column.data_type == "varchar");
    let instants = match expiry.data_type.as_str() {
        "datetime" => Instants::DateTime,
        "timestamp" => Instants::Timestamp,
        _ => return Err(unknown(table, columns)),
    };
    let texts = ["char", "varchar"].contains(&token.data_type.as_str()) && token.width >= 43;
    let blobs = ["blob", "mediumblob", "longblob"].contains(&data.data_type.as_str());
    if !texts || !blobs {
        return Err(unknown(table, columns));
    }
    let packet = max_allowed_packet.saturating_sub(STATEMENT_OVERHEAD);
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    Ok(Layout {
        table: format!("`{table}`"),
        kind: if subject { Kind::Sessio } else { Kind::Scs },
        token_type: (token.charset.clone(), token.collation.clone()),
        expiry: instants,
        subject,
        max_data: size(data.width.min(packet)),
        max_statement: size(packet),
    })
}

impl Layout {
    /// Whether the column tells `a` from `A`: where it does not, only hashed tokens are safe.
    pub(super) fn is_exact(&self) -> bool {
        self.token_type.1.ends_with("_bin")
    }
}

fn unknown(table: &str, columns: &[Column]) -> Failure {
    let seen: Vec<String> =
        columns.iter().map(|column| format!("{} {}", column.name, column.full_type)).collect();
    Failure::Final(Error::new(
        ErrorKind::Schema,
        format!(
            "{table} is no session table that sessio knows; it has the columns {}. Set the table \
             option to another name and run migrate",
            seen.join(", "),
        ),
    ))
}
