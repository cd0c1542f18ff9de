//! What is wrong with a table, in words, each with the statement that mends it.

use mysql_async::Value;

use crate::error::ErrorKind;
use crate::record::{Finding, Severity};

use super::failure::Failure;
use super::layout::{self, Column};
use super::line::Line;

const TOKEN: &str = "CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL";

pub(super) async fn run(line: &mut Line) -> Result<Vec<Finding>, Failure> {
    let table = line.shared.table.clone();
    let columns = line.table_columns().await?;
    let mut findings = Findings { table: table.clone(), list: Vec::new() };
    match layout::recognise(&table, &columns, u64::MAX) {
        Ok(_) => {}
        Err(Failure::Final(error)) if error.kind() == ErrorKind::Schema => {
            let (code, fix) = match columns.is_empty() {
                true => ("missing_table", "call migrate"),
                false => ("unknown_layout", "name another table with the table option"),
            };
            findings.push(Severity::Broken, code, error.message().to_owned(), fix.to_owned());
            return Ok(findings.list);
        }
        Err(failure) => return Err(failure),
    }
    let of_table = format!("WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}'");
    let engine =
        line.ask(&format!("SELECT ENGINE FROM information_schema.TABLES {of_table}")).await?;
    let indexes = format!(
        "SELECT INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS {of_table} \
         AND SEQ_IN_INDEX = 1"
    );
    let indexes = line.ask(&indexes).await?;
    findings.columns(&columns);
    findings.indexes(&columns, &indexes);
    findings.engine(&engine.into_iter().flatten().map(lower).next().unwrap_or_default());
    findings.list.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(findings.list)
}

fn lower(value: Value) -> String {
    super::cells::bytes(value)
        .map(|text| String::from_utf8_lossy(&text).to_ascii_lowercase())
        .unwrap_or_default()
}

struct Findings {
    table: String,
    list: Vec<Finding>,
}

impl Findings {
    fn push(&mut self, severity: Severity, code: &'static str, message: String, fix: String) {
        self.list.push(Finding { severity, code, message, fix });
    }

    fn alter(&mut self, severity: Severity, code: &'static str, message: &str, change: &str) {
        let fix = format!("ALTER TABLE `{}` {change}", self.table);
        self.push(severity, code, message.to_owned(), fix);
    }

    fn columns(&mut self, columns: &[Column]) {
        let find = |name: &str| columns.iter().find(|column| column.name == name);
        if find("token").is_some_and(|token| !token.collation.ends_with("_bin")) {
            self.alter(
                Severity::Hazard,
                "collation",
                "the token's collation takes texts that differ in case or trailing spaces for the \
                 same token, so that a token that was never issued can open a session",
                &format!("MODIFY token {TOKEN}"),
            );
        }
        if find("data").is_some_and(|data| data.width < 1 << 20) {
            self.alter(
                Severity::Hazard,
                "blob_size",
                "the data column ends at 64 KiB; a server without strict mode cuts larger \
                 sessions off, and they cannot be read again",
                "MODIFY data MEDIUMBLOB NOT NULL",
            );
        }
        let expiry = find("expiry");
        if expiry.is_some_and(|expiry| expiry.data_type == "timestamp") {
            self.alter(
                Severity::Hazard,
                "timestamp",
                "expiry is a TIMESTAMP: it ends on 2038-01-19, and programs whose connections have \
                 other time zones read and delete each other's sessions at the wrong time",
                "MODIFY expiry DATETIME(6) NOT NULL",
            );
        }
        if expiry.is_some_and(|expiry| expiry.extra.contains("on update")) {
            self.alter(
                Severity::Hazard,
                "on_update",
                "expiry is set to the current time by any update that does not name it, which \
                 ends the session at once",
                "MODIFY expiry DATETIME(6) NOT NULL",
            );
        }
        if find("subject").is_none() {
            self.alter(
                Severity::Advice,
                "subject_column",
                "without a subject column a user's sessions can be neither listed nor ended",
                "ADD subject VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL, \
                 ADD INDEX (subject)",
            );
        }
    }

    fn indexes(&mut self, columns: &[Column], indexes: &[Vec<Value>]) {
        let on = |column: &str, primary: bool| {
            indexes.iter().any(|row| {
                let mut cells = row.iter().cloned().map(lower);
                let name = cells.next().unwrap_or_default();
                cells.next().as_deref() == Some(column) && (!primary || name == "primary")
            })
        };
        if !on("token", true) {
            self.alter(
                Severity::Broken,
                "primary_key",
                "token is not the primary key: saving a session twice makes two rows",
                "ADD PRIMARY KEY (token)",
            );
        }
        if !on("expiry", false) {
            self.alter(
                Severity::Hazard,
                "expiry_index",
                "without an index on expiry every cleanup reads the whole table",
                "ADD INDEX (expiry)",
            );
        }
        let subject = columns.iter().any(|column| column.name == "subject");
        if subject && !on("subject", false) {
            self.alter(
                Severity::Advice,
                "subject_index",
                "without an index on subject listing a user's sessions reads the whole table",
                "ADD INDEX (subject)",
            );
        }
    }

    fn engine(&mut self, engine: &str) {
        if engine != "innodb" {
            self.alter(
                Severity::Hazard,
                "engine",
                "the table's engine has no transactions and locks the whole table for each write",
                "ENGINE=InnoDB",
            );
        }
    }
}
