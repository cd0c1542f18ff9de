//! What is wrong with a table, in words, each with the statement that mends it.

use mysql_async::Value;

use crate::error::ErrorKind;
use crate::record::{Finding, Severity};

use super::cells::Instants;
use super::failure::Failure;
use super::layout::{self, Column, Columns, Layout};
use super::line::Line;
use super::{mend, zones};

pub(super) async fn run(line: &mut Line) -> Result<Vec<Finding>, Failure> {
    let table = line.shared.table.clone();
    let seen = Seen::read(line).await?;
    let layout = match layout::recognise(&table, &seen.columns, line.shared.max_lifetime) {
        Ok(layout) => layout,
        Err(Failure::Final(error)) if error.kind() == ErrorKind::Schema => {
            let (code, fix) = match seen.columns.is_empty() {
                true => ("missing_table", "call migrate"),
                false => ("unknown_layout", "name another table with the table option"),
            };
            let (message, fix) = (error.message().to_owned(), fix.to_owned());
            return Ok(vec![Finding { severity: Severity::Broken, code, message, fix }]);
        }
        Err(failure) => return Err(failure),
    };
    let mut findings = Findings { layout: &layout, list: Vec::new() };
    findings.columns(&seen);
    if let Instants::Timestamp { .. } = layout.expiry {
        findings.time_zone(&zones::read(line).await?.name);
    }
    findings.indexes(&seen);
    findings.engine(&seen);
    findings.list.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(findings.list)
}

/// A table as information_schema describes it.
pub(super) struct Seen {
    /// None where there is no table.
    pub(super) columns: Vec<Column>,
    /// The name and the first column of each.
    indexes: Vec<(String, String)>,
    pub(super) engine: String,
    pub(super) comment: String,
}

impl Seen {
    pub(super) async fn read(line: &mut Line) -> Result<Self, Failure> {
        let columns = line.table_columns().await?;
        // The name holds letters, digits, _ and $ only.
        let table =
            format!("WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{}'", line.shared.table,);
        let indexes = format!(
            "SELECT INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS {table} \
             AND SEQ_IN_INDEX = 1"
        );
        let indexes = line.ask(&indexes).await?.into_iter().map(pair).collect();
        let of_all = format!("SELECT ENGINE, TABLE_COMMENT FROM information_schema.TABLES {table}");
        let of_all = line.ask(&of_all).await?.into_iter().next().unwrap_or_default();
        let (engine, comment) = pair(of_all);
        Ok(Seen { columns, indexes, engine, comment })
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether an index begins with the column.
    pub(super) fn is_indexed(&self, column: &str) -> bool {
        self.indexes.iter().any(|(_, first)| first == column)
    }

    pub(super) fn is_primary(&self, column: &str) -> bool {
        self.indexes.iter().any(|(name, first)| name == "primary" && first == column)
    }
}

fn pair(row: Vec<Value>) -> (String, String) {
    let mut cells = row.into_iter().map(lower);
    (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
}

fn lower(value: Value) -> String {
    super::cells::bytes(value)
        .map(|text| String::from_utf8_lossy(&text).to_ascii_lowercase())
        .unwrap_or_default()
}

struct Findings<'a> {
    layout: &'a Layout,
    list: Vec<Finding>,
}

impl Findings<'_> {
    fn alter(&mut self, severity: Severity, code: &'static str, message: String, change: &str) {
        let fix = format!("ALTER TABLE {} {change}", self.layout.table);
        self.list.push(Finding { severity, code, message, fix });
    }

    fn columns(&mut self, seen: &Seen) {
        let layout = self.layout;
        if !layout.is_exact() {
            self.alter(
                Severity::Hazard,
                "collation",
                "the token's collation takes texts that differ in case or trailing spaces for the \
                 same token: to programs that do not compare the bytes, as sessio does, a token \
                 that was never issued opens a session"
                    .to_owned(),
                &layout.exact_token(),
            );
        }
        if layout.has_small_data() {
            self.alter(
                Severity::Hazard,
                "blob_size",
                "the data column ends at 64 KiB; a server without strict mode cuts larger \
                 sessions off, and they cannot be read again"
                    .to_owned(),
                &layout.large_data(),
            );
        }
        if let Instants::Timestamp { .. } = layout.expiry {
            self.alter(
                Severity::Hazard,
                "timestamp",
                "expiry is a TIMESTAMP: it ends on 2038-01-19, and programs whose connections have \
                 other time zones read and delete each other's sessions at the wrong time"
                    .to_owned(),
                &layout.plain_expiry(),
            );
        }
        let expiry = seen.column(layout.columns.expiry);
        if expiry.is_some_and(|expiry| expiry.extra.contains("on update")) {
            self.alter(
                Severity::Hazard,
                "on_update",
                "expiry is set to the current time by any update that does not name it, which \
                 ends the session at once"
                    .to_owned(),
                &layout.plain_expiry(),
            );
        }
        if seen.column("subject").is_none() {
            self.alter(
                Severity::Advice,
                "subject_column",
                "without a subject column a user's sessions can be neither listed nor ended"
                    .to_owned(),
                &format!("{}, ADD INDEX (subject)", mend::SUBJECT),
            );
        }
    }

    fn time_zone(&mut self, zone: &str) {
        if zone == "UTC" {
            return;
        }
        self.alter(
            Severity::Hazard,
            "time_zone",
            format!(
                "expiry is a TIMESTAMP, and the server's time zone is {zone}: where that leaves an \
                 hour out in spring, no session can be saved that ends in this hour of UTC, and \
                 TIMESTAMP ends some hours from 2038-01-19. Mend it on a connection of this time \
                 zone"
            ),
            &self.layout.plain_expiry(),
        );
    }

    fn indexes(&mut self, seen: &Seen) {
        let Columns { token, expiry, .. } = self.layout.columns;
        if !seen.is_primary(token) {
            self.alter(
                Severity::Broken,
                "primary_key",
                format!("{token} is not the primary key: saving a session twice makes two rows"),
                &format!("ADD PRIMARY KEY ({token})"),
            );
        }
        if !seen.is_indexed(expiry) {
            self.alter(
                Severity::Hazard,
                "expiry_index",
                format!("without an index on {expiry} every cleanup reads the whole table"),
                &format!("ADD INDEX ({expiry})"),
            );
        }
        if seen.column("subject").is_some() && !seen.is_indexed("subject") {
            self.alter(
                Severity::Advice,
                "subject_index",
                "without an index on subject listing a user's sessions reads the whole table"
                    .to_owned(),
                "ADD INDEX (subject)",
            );
        }
    }

    fn engine(&mut self, seen: &Seen) {
        if seen.engine != "innodb" {
            self.alter(
                Severity::Hazard,
                "engine",
                "the table's engine has no transactions, locks the whole table for each write, and \
                 can lose what was written when the server crashes"
                    .to_owned(),
                "ENGINE=InnoDB",
            );
        }
    }
}
