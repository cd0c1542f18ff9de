//! What is wrong with a table, in words, each with the statement that fixes it.

use crate::protocol::error::ErrorKind;
use crate::protocol::record::{CheckIssue, Severity};

use super::alter;
use super::columns::ExpiryEncoding;
use super::connection::Connection;
use super::failure::Failure;
use super::layout::{self, Columns, Layout};
use super::schema::{RelatedObjects, TableSchema};

pub(super) async fn run(connection: &mut Connection) -> Result<Vec<CheckIssue>, Failure> {
    let table = connection.pool.table.clone();
    let seen = TableSchema::read(connection).await?;
    let (lifetime, names) = (connection.pool.max_lifetime, connection.pool.columns.clone());
    let layout = match layout::shape(&table, &seen.columns, lifetime, names.as_ref()) {
        Ok(layout) => layout,
        Err(Failure::Final(error)) if error.kind() == ErrorKind::Schema => {
            let (code, fix) = match seen.columns.first() {
                None => ("missing_table", "call migrate"),
                Some(column) if column.in_view => {
                    ("view", "name the table behind the view with the table option")
                }
                Some(_) => (
                    "unknown_layout",
                    "name another table with the table option, or its columns with the columns option",
                ),
            };
            let (message, fix) = (error.message().to_owned(), fix.to_owned());
            return Ok(vec![CheckIssue { severity: Severity::Broken, code, message, fix }]);
        }
        Err(failure) => return Err(failure),
    };
    let mut issues = CheckIssues { layout: &layout, list: Vec::new() };
    issues.columns(&seen);
    if let ExpiryEncoding::Timestamp { .. } = layout.expiry {
        issues.time_zone(&connection.time_zone().await?.name);
    }
    issues.indexes(&seen);
    issues.engine(&seen);
    issues.foreign_columns(&seen);
    issues.around(&RelatedObjects::read(connection).await?);
    issues.server(&seen, connection.pool.max_data);
    issues.list.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
    Ok(issues.list)
}

struct CheckIssues<'a> {
    layout: &'a Layout,
    list: Vec<CheckIssue>,
}

impl CheckIssues<'_> {
    fn alter(&mut self, severity: Severity, code: &'static str, message: String, change: &str) {
        let fix = format!("ALTER TABLE {} {change}", self.layout.table);
        self.list.push(CheckIssue { severity, code, message, fix });
    }

    fn columns(&mut self, seen: &TableSchema) {
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
        if let ExpiryEncoding::Timestamp { .. } = layout.expiry {
            self.alter(
                Severity::Hazard,
                "timestamp",
                "expiry is a TIMESTAMP: it ends on 2038-01-19, and programs whose connections have \
                 other time zones read and delete each other's sessions at the wrong time"
                    .to_owned(),
                &layout.plain_expiry(),
            );
        }
        let expiry = seen.column(&layout.columns.expiry);
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
        let subject = &layout.columns.subject;
        if seen.column(subject).is_none() {
            let rows =
                if seen.has_short_indexes() { format!(", {}", alter::ROWS) } else { String::new() };
            self.alter(
                Severity::Advice,
                "subject_column",
                "without a subject column a user's sessions can be neither listed nor ended"
                    .to_owned(),
                &format!("{}, ADD INDEX ({subject}){rows}", layout.subject_column()),
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
                 TIMESTAMP ends some hours from 2038-01-19. Change it on a connection of this time \
                 zone"
            ),
            &self.layout.plain_expiry(),
        );
    }

    fn indexes(&mut self, seen: &TableSchema) {
        let layout = self.layout;
        let Columns { expiry, subject, .. } = &layout.columns;
        if let Some((message, fix)) = layout.no_key(&seen.columns) {
            let message = format!(
                "{message}: a session is looked up by it, and without it saving one twice makes \
                 two rows"
            );
            self.list.push(CheckIssue {
                severity: Severity::Broken,
                code: "primary_key",
                message,
                fix,
            });
        }
        if !seen.is_indexed(expiry) {
            self.alter(
                Severity::Hazard,
                "expiry_index",
                format!("without an index on {expiry} every cleanup reads the whole table"),
                &format!("ADD INDEX ({expiry})"),
            );
        }
        if seen.column(subject).is_some() && !seen.is_indexed(subject) {
            let rows =
                if seen.has_short_indexes() { format!(", {}", alter::ROWS) } else { String::new() };
            self.alter(
                Severity::Advice,
                "subject_index",
                format!(
                    "without an index on {subject} listing a user's sessions reads the whole table"
                ),
                &format!("ADD INDEX ({subject}){rows}"),
            );
        }
    }

    fn engine(&mut self, seen: &TableSchema) {
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
        if seen.has_old_rows() {
            self.alter(
                Severity::Advice,
                "row_format",
                format!(
                    "the rows are {}, as servers made them before MySQL 5.7 and MariaDB 10.2: an \
                     index has room for 767 bytes, and one on a subject does not fit",
                    seen.row_format.to_ascii_uppercase(),
                ),
                alter::ROWS,
            );
        }
    }

    /// What others have in the table beside our columns.
    fn foreign_columns(&mut self, seen: &TableSchema) {
        for column in seen.unfilled(&self.layout.columns) {
            self.alter(
                Severity::Broken,
                "required_column",
                format!(
                    "the column {} has no default, and no statement of sessio's gives it a value: \
                     no session can be saved",
                    column.name,
                ),
                &format!("MODIFY `{}` {} NULL", column.name, column.full_type),
            );
        }
        if let Some(column) = seen.with_extra("auto_increment") {
            self.alter(
                Severity::Hazard,
                "auto_increment",
                format!(
                    "each save takes a number of the column {}, even where it changes a session \
                     that is there; when its type ({}) has no more, nothing can be saved",
                    column.name, column.full_type,
                ),
                &format!("MODIFY `{}` BIGINT UNSIGNED NULL", column.name),
            );
        }
        for column in seen.columns.iter().filter(|column| column.is_generated()) {
            self.alter(
                Severity::Advice,
                "generated_column",
                format!(
                    "the column {} is computed whenever a session is written; where that fails the \
                     session cannot be saved",
                    column.name,
                ),
                &format!("DROP COLUMN `{}`", column.name),
            );
        }
    }

    fn around(&mut self, around: &RelatedObjects) {
        for trigger in &around.triggers {
            self.list.push(CheckIssue {
                severity: Severity::Advice,
                code: "trigger",
                message: format!(
                    "the trigger {trigger} runs for each row that is written, within every call's \
                     time; a row for which it fails cannot be written"
                ),
                fix: format!("DROP TRIGGER `{trigger}`"),
            });
        }
        for child in &around.children {
            self.list.push(CheckIssue {
                severity: Severity::Hazard,
                code: "foreign_key",
                message: format!(
                    "a foreign key of the table {child} points here: a session that has rows there \
                     can be neither ended nor renamed, and cleanup passes it over, unless the key \
                     says ON DELETE CASCADE and ON UPDATE CASCADE"
                ),
                fix: format!("SHOW CREATE TABLE `{child}`, then drop the foreign key"),
            });
        }
    }

    fn server(&mut self, seen: &TableSchema, max_data: usize) {
        if seen.variable("log_bin") == Some("on")
            && seen.variable("binlog_format") == Some("statement")
        {
            self.list.push(CheckIssue {
                severity: Severity::Broken,
                code: "binlog_format",
                message: "the server's binlog_format is STATEMENT, with which it refuses every \
                          write at the isolation level READ COMMITTED"
                    .to_owned(),
                fix: "SET GLOBAL binlog_format = ROW".to_owned(),
            });
        }
        let packet = seen.variable("max_allowed_packet").and_then(|packet| packet.parse().ok());
        let room = packet.map(layout::room);
        if let Some(room) = room.filter(|room| *room < max_data) {
            self.list.push(CheckIssue {
                severity: Severity::Advice,
                code: "max_allowed_packet",
                message: format!(
                    "the server's max_allowed_packet lets a session have {room} bytes, and the \
                     options of the store {max_data}"
                ),
                fix: format!("SET GLOBAL max_allowed_packet = {}", (max_data * 2).max(1 << 20)),
            });
        }
    }
}
