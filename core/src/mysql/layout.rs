//! Which kind of table is there, read from the server.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row, Value};

use crate::error::{Error, ErrorKind};

use super::cells::{Instants, bytes, number};
use super::failure::Failure;

/// What a statement must know of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Quoted.
    pub(super) table: String,
    pub(super) kind: Kind,
    pub(super) columns: Columns,
    /// Character set and collation of the token.
    pub(super) token_type: (String, String),
    /// `CHAR(43)`.
    pub(super) token_full_type: String,
    pub(super) expiry: Instants,
    /// The time zone of a TIMESTAMP, for messages.
    pub(super) zone: String,
    pub(super) subject: bool,
    /// Whether tokens must be compared byte by byte beside the column's own comparison, for it takes
    /// different ones for the same. Not where they are hashed: nobody can make a hash that differs
    /// from another in case alone.
    pub(super) guarded: bool,
    /// Whether writes ask the server's clock, too, whether a session lives: not where the program
    /// has given a clock of its own.
    pub(super) asks_server: bool,
    /// Whether the engine undoes what fails in the middle.
    pub(super) transactions: bool,
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
    /// As the documentation of beego's MySQL provider makes it.
    Beego,
}

/// What the columns are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) token: &'static str,
    pub(super) data: &'static str,
    pub(super) expiry: &'static str,
}

const OURS: Columns = Columns { token: "token", data: "data", expiry: "expiry" };

const OF_BEEGO: Columns =
    Columns { token: "session_key", data: "session_data", expiry: "session_expiry" };

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

/// How much the server takes in one statement, and whether the table's engine has transactions.
pub(super) fn of_server(table: &str) -> String {
    format!(
        "SELECT @@max_allowed_packet, (SELECT e.TRANSACTIONS FROM information_schema.TABLES AS t \
         JOIN information_schema.ENGINES AS e ON e.ENGINE = t.ENGINE \
         WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = '{table}')"
    )
}

/// Room for everything in a statement that is not data.
const STATEMENT_OVERHEAD: u64 = 16 << 10;

/// Recognises the table, or says why it cannot be used and what to do. What only the server can
/// tell is as it is mostly.
pub(super) fn recognise(
    table: &str,
    seen: &[Column],
    max_lifetime: Option<i64>,
) -> Result<Layout, Failure> {
    if seen.is_empty() {
        return Err(schema(format!(
            "there is no table {table} in the database; run migrate to create it, or mend the \
             table option"
        )));
    }
    let find = |name: &str| seen.iter().find(|column| column.name == name);
    let beego = is_of_beego(seen);
    let columns = if beego { OF_BEEGO } else { OURS };
    let (Some(token), Some(data), Some(expiry)) =
        (find(columns.token), find(columns.data), find(columns.expiry))
    else {
        return Err(unknown(table, seen));
    };
    let texts = ["char", "varchar"].contains(&token.data_type.as_str());
    let blobs = ["blob", "mediumblob", "longblob"].contains(&data.data_type.as_str());
    // The ids of beego have 32 characters, unless it was told otherwise.
    let wide = token.width >= if beego { 32 } else { 43 };
    if !texts || !blobs || !wide {
        return Err(unknown(table, seen));
    }
    let (expiry, lifetime) = match (beego, expiry.data_type.as_str()) {
        (true, "int" | "bigint") if expiry.full_type.ends_with("unsigned") => {
            let lifetime = lifetime_of_beego(table, max_lifetime)?;
            (Instants::LastWrite { lifetime }, Some(lifetime))
        }
        (false, "datetime") => (Instants::DateTime, None),
        (false, "timestamp") => (Instants::TIMESTAMP, None),
        (_, _) => return Err(unknown(table, seen)),
    };
    if max_lifetime != lifetime {
        return Err(Failure::Final(Error::invalid(format!(
            "{table} is no beego table, and option max_lifetime is of use with one only: its rows \
             say themselves when they end"
        ))));
    }
    let subject = find("subject").is_some_and(|column| column.data_type == "varchar");
    Ok(Layout {
        table: format!("`{table}`"),
        kind: match (beego, subject) {
            (true, _) => Kind::Beego,
            (false, true) => Kind::Sessio,
            (false, false) => Kind::Scs,
        },
        columns,
        token_type: (token.charset.clone(), token.collation.clone()),
        token_full_type: token.full_type.to_ascii_uppercase(),
        expiry,
        zone: "UTC".to_owned(),
        subject,
        guarded: false,
        asks_server: false,
        transactions: true,
        max_data: usize::try_from(data.width).unwrap_or(usize::MAX),
        max_statement: usize::MAX,
    })
}

pub(super) fn is_of_beego(seen: &[Column]) -> bool {
    [OF_BEEGO.token, OF_BEEGO.expiry]
        .iter()
        .all(|name| seen.iter().any(|column| column.name == *name))
}

fn lifetime_of_beego(table: &str, max_lifetime: Option<i64>) -> Result<i64, Failure> {
    let missing = || {
        Failure::Final(Error::invalid(format!(
            "{table} is a beego table, which does not say when a session ends; set max_lifetime \
             to maxLifetime of beego's configuration, or to its gclifetime if that is not set"
        )))
    };
    max_lifetime.ok_or_else(missing)
}

fn schema(message: String) -> Failure {
    Failure::Final(Error::new(ErrorKind::Schema, message))
}

impl Layout {
    /// Whether the column tells `a` from `A`.
    pub(super) fn is_exact(&self) -> bool {
        self.token_type.1.ends_with("_bin")
    }

    /// Takes in what [`of_server`] asks for.
    pub(super) fn told_by_server(&mut self, answer: &[Value]) {
        let packet = answer.first().and_then(number).unwrap_or(1 << 20);
        let packet = packet.saturating_sub(STATEMENT_OVERHEAD);
        self.max_statement = usize::try_from(packet).unwrap_or(usize::MAX);
        self.max_data = self.max_data.min(self.max_statement);
        self.transactions = answer.get(1) != Some(&Value::Bytes(b"NO".to_vec()));
    }
}

fn unknown(table: &str, columns: &[Column]) -> Failure {
    let seen: Vec<String> =
        columns.iter().map(|column| format!("{} {}", column.name, column.full_type)).collect();
    schema(format!(
        "{table} is no session table that sessio knows; it has the columns {}. Set the table \
         option to another name and run migrate",
        seen.join(", "),
    ))
}
