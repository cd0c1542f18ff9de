//! Which kind of table is there, read from the server.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row, Value};

use crate::config::names::ColumnNames;
use crate::protocol::error::{Error, ErrorKind};
use crate::protocol::message::Message;

use super::columns::{ExpiryEncoding, bytes, number};
use super::failure::Failure;
use super::literals::with_parameters;

/// What a statement must know of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Quoted.
    pub(super) table: String,
    pub(super) kind: TableKind,
    pub(super) columns: Columns,
    /// Character set and collation of the token.
    pub(super) token_type: (String, String),
    /// `CHAR(43)`.
    pub(super) token_full_type: String,
    pub(super) expiry: ExpiryEncoding,
    /// The time zone of a TIMESTAMP, for messages.
    pub(super) zone: String,
    pub(super) subject: bool,
    /// Whether tokens must be compared byte by byte beside the column's own comparison, for it
    /// takes different ones for the same. Not where they are hashed: no client can make a hash that
    /// differs from another in case alone.
    pub(super) guarded: bool,
    /// Whether writes ask the server's clock, too, whether a session lives: not where the program
    /// has given a clock of its own.
    pub(super) asks_server: bool,
    /// Whether the engine undoes what fails in the middle.
    pub(super) transactions: bool,
    /// The most that the data column can hold.
    pub(super) max_column: usize,
    /// The most that a statement can carry, and the server's max_allowed_packet from which that
    /// follows.
    pub(super) max_statement: usize,
    pub(super) packet: u64,
    /// The most data a row can have: what fits into both.
    pub(super) max_data: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableKind {
    /// Made by our migrations.
    Sessio,
    /// As the README of SCS makes it.
    Scs,
    /// As the documentation of beego's MySQL provider makes it.
    Beego,
}

/// What the columns are called, as statements name them: in backticks where the name is not one of
/// the usual ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) token: String,
    pub(super) data: String,
    pub(super) expiry: String,
    pub(super) subject: String,
}

const OF_BEEGO: [&str; 3] = ["session_key", "session_data", "session_expiry"];

impl Columns {
    pub(super) fn named(names: &ColumnNames) -> Self {
        let name = |own: &Option<String>, usual: &str| match own {
            Some(own) => format!("`{own}`"),
            None => usual.to_owned(),
        };
        Columns {
            token: name(&names.token, "token"),
            data: name(&names.data, "data"),
            expiry: name(&names.expiry, "expiry"),
            subject: name(&names.subject, "subject"),
        }
    }

    fn of_beego() -> Self {
        let [token, data, expiry] = OF_BEEGO.map(str::to_owned);
        Columns { token, data, expiry, subject: "subject".to_owned() }
    }
}

/// A column's bare name, as [`Column`] has it.
pub(super) fn bare(name: &str) -> String {
    name.trim_matches('`').to_ascii_lowercase()
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
    /// Whether a row can be inserted that does not name it.
    pub(super) optional: bool,
    pub(super) primary: Primary,
    /// Whether it is the column of a view and not of a table.
    pub(super) in_view: bool,
}

/// Whether a column is in the table's primary key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primary {
    No,
    Whole,
    /// Only its first characters count.
    Prefix,
}

/// By subqueries: for a join MariaDB would open every table that there is.
const COLUMNS: &str = "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, \
     COLLATION_NAME, EXTRA, CAST(CHARACTER_MAXIMUM_LENGTH AS UNSIGNED), \
     IS_NULLABLE = 'YES' OR COLUMN_DEFAULT IS NOT NULL, \
     (SELECT COALESCE(k.SUB_PART, 0) FROM information_schema.STATISTICS AS k \
     WHERE k.TABLE_SCHEMA = DATABASE() AND k.TABLE_NAME = ? AND k.INDEX_NAME = 'PRIMARY' \
     AND k.COLUMN_NAME = c.COLUMN_NAME), \
     (SELECT t.TABLE_TYPE LIKE '%VIEW' FROM information_schema.TABLES AS t \
     WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = ?) \
     FROM information_schema.COLUMNS AS c \
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";

pub(super) async fn columns(
    conn: &mut Conn,
    table: &str,
) -> Result<Vec<Column>, mysql_async::Error> {
    // As text: the server may have no prepared statement left to give.
    let names = [Value::from(table), Value::from(table), Value::from(table)];
    let rows: Vec<Row> = conn.query(with_parameters(COLUMNS, &names)).await?;
    Ok(rows.into_iter().map(column).collect())
}

fn column(row: Row) -> Column {
    let mut cells = row.unwrap().into_iter();
    let mut cell = || cells.next().unwrap_or(Value::NULL);
    let text = |value: Value| {
        bytes(value).ok().and_then(|text| String::from_utf8(text).ok()).unwrap_or_default()
    };
    let mut column = Column {
        name: text(cell()).to_ascii_lowercase(),
        data_type: text(cell()).to_ascii_lowercase(),
        full_type: text(cell()).to_ascii_lowercase(),
        charset: text(cell()),
        collation: text(cell()),
        extra: text(cell()).to_ascii_lowercase(),
        width: number(&cell()).unwrap_or(0),
        optional: number(&cell()) != Some(0),
        primary: match number(&cell()) {
            None => Primary::No,
            Some(0) => Primary::Whole,
            Some(_) => Primary::Prefix,
        },
        in_view: number(&cell()).is_some_and(|view| view > 0),
    };
    let by_itself = column.is_generated() || column.extra.contains("auto_increment");
    column.optional |= by_itself;
    column
}

impl Column {
    /// Computed from other columns: nothing can be written into it.
    pub(super) fn is_generated(&self) -> bool {
        let kinds = ["virtual generated", "stored generated", "persistent generated"];
        kinds.iter().any(|kind| self.extra.contains(kind))
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

/// The data that a packet has room for, beside everything that is not data: the texts of large
/// batches, or where the packet is small, the tokens and the subject of one row.
pub(super) fn room(packet: u64) -> usize {
    let others = (packet / 8).clamp(256, 16 << 10);
    usize::try_from(packet.saturating_sub(others)).unwrap_or(usize::MAX)
}

/// Recognises the table, or says why it cannot be used and what to do. What only the server can
/// tell is as it is mostly.
pub(super) fn recognise(
    table: &str,
    seen: &[Column],
    max_lifetime: Option<i64>,
    names: Option<&ColumnNames>,
) -> Result<Layout, Failure> {
    let layout = shape(table, seen, max_lifetime, names)?;
    match layout.no_key(seen) {
        Some((message, change)) => Err(schema(format!("{message}; run {change}"))),
        None => Ok(layout),
    }
}

/// The same for a table that may lack the primary key.
pub(super) fn shape(
    table: &str,
    seen: &[Column],
    max_lifetime: Option<i64>,
    names: Option<&ColumnNames>,
) -> Result<Layout, Failure> {
    if seen.is_empty() {
        return Err(schema(Message::new(
            "there is no table {} in the database; run migrate to create it, or check the \
             {option table} option",
            &[&table],
        )));
    }
    if seen.iter().any(|column| column.in_view) {
        return Err(schema(Message::new(
            "{} is a view, and sessions are looked up by the primary key of a table; set the \
             {option table} option to the table itself, and with {option columns} name its columns",
            &[&table],
        )));
    }
    let beego = names.is_none() && is_of_beego(seen);
    let columns = match names {
        Some(names) => Columns::named(names),
        None if beego => Columns::of_beego(),
        None => Columns::named(&ColumnNames::default()),
    };
    let find = |name: &str| {
        let name = bare(name);
        seen.iter().find(|column| column.name == name)
    };
    let (Some(token), Some(data), Some(expiry)) =
        (find(&columns.token), find(&columns.data), find(&columns.expiry))
    else {
        return Err(unknown(table, seen));
    };
    let texts = ["char", "varchar"].contains(&token.data_type.as_str());
    let blobs = ["blob", "mediumblob", "longblob"].contains(&data.data_type.as_str());
    // The ids of beego have 32 characters, unless it was told otherwise.
    let wide = token.width >= if beego { 32 } else { 43 };
    let computed = [token, data, expiry].iter().any(|column| column.is_generated());
    if !texts || !blobs || !wide || computed {
        return Err(unknown(table, seen));
    }
    let (expiry, lifetime) = match (beego, expiry.data_type.as_str()) {
        (true, "int" | "bigint") if expiry.full_type.ends_with("unsigned") => {
            let lifetime = lifetime_of_beego(table, max_lifetime)?;
            (ExpiryEncoding::LastWrite { lifetime }, Some(lifetime))
        }
        (false, "datetime") => (ExpiryEncoding::DateTime, None),
        (false, "timestamp") => (ExpiryEncoding::TIMESTAMP, None),
        (_, _) => return Err(unknown(table, seen)),
    };
    if max_lifetime != lifetime {
        return Err(Failure::Final(Error::invalid_with(
            "{} is no beego table, and option {option max_lifetime} is of use with one only: its \
             rows say themselves when they end",
            &[&table],
        )));
    }
    let subject = find(&columns.subject)
        .is_some_and(|column| column.data_type == "varchar" && !column.is_generated());
    let max_column = usize::try_from(data.width).unwrap_or(usize::MAX);
    Ok(Layout {
        table: format!("`{table}`"),
        kind: match (beego, subject) {
            (true, _) => TableKind::Beego,
            (false, true) => TableKind::Sessio,
            (false, false) => TableKind::Scs,
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
        max_column,
        max_statement: usize::MAX,
        packet: u64::MAX,
        max_data: max_column,
    })
}

pub(super) fn is_of_beego(seen: &[Column]) -> bool {
    let [token, _, expiry] = OF_BEEGO;
    [token, expiry].iter().all(|name| seen.iter().any(|column| column.name == *name))
}

fn lifetime_of_beego(table: &str, max_lifetime: Option<i64>) -> Result<i64, Failure> {
    let missing = || {
        Failure::Final(Error::invalid_with(
            "{} is a beego table, which does not say when a session ends; set {option max_lifetime} \
             to maxLifetime of beego's configuration, or to its gclifetime if that is not set",
            &[&table],
        ))
    };
    max_lifetime.ok_or_else(missing)
}

fn schema(message: impl Into<Message>) -> Failure {
    Failure::Final(Error::new(ErrorKind::Schema, message))
}

impl Layout {
    /// Whether the column tells `a` from `A`.
    pub(super) fn is_exact(&self) -> bool {
        self.token_type.1.ends_with("_bin")
    }

    /// What is wrong with the primary key, and the statement that fixes it. Rows are looked up by
    /// it alone, and it is what makes two saves of a session one row.
    pub(super) fn no_key(&self, seen: &[Column]) -> Option<(String, String)> {
        let token = &self.columns.token;
        let others: Vec<&Column> = seen
            .iter()
            .filter(|column| column.primary != Primary::No && column.name != bare(token))
            .collect();
        let own = seen.iter().find(|column| column.name == bare(token))?.primary;
        let (what, drop) = match (own, others.is_empty()) {
            (Primary::Whole, true) => return None,
            (Primary::Whole, false) => (format!("beside {token} has other columns"), true),
            (Primary::Prefix, _) => (format!("takes the first characters of {token} alone"), true),
            (Primary::No, false) => (format!("is not {token}"), true),
            (Primary::No, true) => ("is missing".to_owned(), false),
        };
        // The server wants a key on such a column.
        let counted = others.iter().filter(|column| column.extra.contains("auto_increment"));
        let keep: String =
            counted.map(|column| format!(", ADD UNIQUE (`{}`)", column.name)).collect();
        let drop = if drop { "DROP PRIMARY KEY, " } else { "" };
        let change = format!("ALTER TABLE {} {drop}ADD PRIMARY KEY ({token}){keep}", self.table);
        Some((format!("the primary key of {} {what}", self.table), change))
    }

    /// Takes in what [`of_server`] asks for.
    pub(super) fn told_by_server(&mut self, answer: &[Value]) {
        self.packet = answer.first().and_then(number).unwrap_or(1 << 20);
        self.max_statement = room(self.packet);
        self.max_data = self.max_column.min(self.max_statement);
        self.transactions = answer.get(1) != Some(&Value::Bytes(b"NO".to_vec()));
    }
}

fn unknown(table: &str, columns: &[Column]) -> Failure {
    let seen: Vec<String> =
        columns.iter().map(|column| format!("{} {}", column.name, column.full_type)).collect();
    schema(Message::new(
        "{} is no session table that sessio knows; it has the columns {}. Set the {option table} \
         option to another name and run migrate, or the {option columns} option to the names of \
         its columns",
        &[&table, &seen.join(", ")],
    ))
}
