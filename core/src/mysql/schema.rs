//! A table, and what is around it, as the server describes them.

use std::collections::HashMap;

use mysql_async::Value;

use super::columns::bytes;
use super::connection::Connection;
use super::failure::Failure;
use super::layout::{self, Column};

/// A table as information_schema describes it.
pub(super) struct TableSchema {
    /// None where there is no table.
    pub(super) columns: Vec<Column>,
    /// The first column of each index.
    indexed: Vec<String>,
    pub(super) engine: String,
    pub(super) comment: String,
    pub(super) row_format: String,
    /// Those of the server that matter here.
    variables: HashMap<String, String>,
}

/// What else takes part when rows are written.
pub(super) struct RelatedObjects {
    pub(super) triggers: Vec<String>,
    /// Tables whose foreign keys point here.
    pub(super) children: Vec<String>,
}

impl TableSchema {
    pub(super) async fn read(connection: &mut Connection) -> Result<Self, Failure> {
        let columns = connection.table_columns().await?;
        // The name holds letters, digits, _, $ and - only.
        let table =
            format!("WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{}'", connection.pool.table);
        let indexes = format!(
            "SELECT COLUMN_NAME FROM information_schema.STATISTICS {table} AND SEQ_IN_INDEX = 1"
        );
        let indexes = connection.query(&indexes).await?;
        let of_all = format!(
            "SELECT ENGINE, TABLE_COMMENT, ROW_FORMAT FROM information_schema.TABLES {table}"
        );
        let of_all = connection.query(&of_all).await?.into_iter().next().unwrap_or_default();
        let mut of_all = of_all.into_iter().map(lower);
        let mut next = || of_all.next().unwrap_or_default();
        Ok(TableSchema {
            columns,
            indexed: indexes.into_iter().flatten().map(lower).collect(),
            engine: next(),
            comment: next(),
            row_format: next(),
            variables: variables(connection).await?,
        })
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        let name = layout::bare(name);
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether an index begins with the column.
    pub(super) fn is_indexed(&self, column: &str) -> bool {
        self.indexed.contains(&layout::bare(column))
    }

    /// Whether an index has room for 767 bytes of a row only, or would have it after a change that
    /// does not say otherwise.
    pub(super) fn has_short_indexes(&self) -> bool {
        self.has_old_rows() || self.variable("innodb_default_row_format") != Some("dynamic")
    }

    /// As MySQL 5.6 and MariaDB 10.1 made them.
    pub(super) fn has_old_rows(&self) -> bool {
        self.engine == "innodb" && ["compact", "redundant"].contains(&self.row_format.as_str())
    }

    /// In small letters.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Columns that every INSERT of ours leaves out and that have no value then.
    pub(super) fn unfilled(&self, ours: &layout::Columns) -> impl Iterator<Item = &Column> {
        let ours = [&ours.token, &ours.data, &ours.expiry].map(|name| layout::bare(name));
        let foreign = move |column: &&Column| !ours.contains(&column.name);
        self.columns.iter().filter(foreign).filter(|column| !column.optional)
    }

    pub(super) fn with_extra(&self, extra: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.extra.contains(extra))
    }
}

async fn variables(connection: &mut Connection) -> Result<HashMap<String, String>, Failure> {
    // A server that lacks one of them gives the others.
    let names = "'binlog_format', 'innodb_default_row_format', 'log_bin', 'max_allowed_packet'";
    let rows =
        connection.query(&format!("SHOW VARIABLES WHERE Variable_name IN ({names})")).await?;
    let pair = |row: Vec<Value>| {
        let mut cells = row.into_iter().map(lower);
        Some((cells.next()?, cells.next()?))
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

impl RelatedObjects {
    pub(super) async fn read(connection: &mut Connection) -> Result<Self, Failure> {
        let table = connection.pool.table.clone();
        let triggers = format!(
            "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS \
             WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = '{table}'"
        );
        let children = format!(
            "SELECT DISTINCT TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS \
             WHERE UNIQUE_CONSTRAINT_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME = '{table}'"
        );
        Ok(RelatedObjects {
            triggers: names(connection, &triggers).await?,
            children: names(connection, &children).await?,
        })
    }
}

async fn names(connection: &mut Connection, query: &str) -> Result<Vec<String>, Failure> {
    let rows = connection.query(query).await?;
    Ok(rows.into_iter().flatten().map(text).collect())
}

fn text(value: Value) -> String {
    bytes(value).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
}

fn lower(value: Value) -> String {
    text(value).to_ascii_lowercase()
}
