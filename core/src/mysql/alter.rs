//! The clauses of ALTER TABLE that repair a table, and the errors that name them.

use crate::protocol::error::{Error, ErrorKind};

use super::columns::ExpiryEncoding;
use super::layout::{Layout, TableKind};

/// Where the server's default is a format of rows in which an index has room for 767 bytes, or the
/// table has it, the index on the subject does not fit. Each change that adds it says so.
pub(super) const ROWS: &str = "ROW_FORMAT=DYNAMIC";

impl Layout {
    /// The column, without its index.
    pub(super) fn subject_column(&self) -> String {
        let name = &self.columns.subject;
        format!("ADD {name} VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL")
    }

    pub(super) fn exact_token(&self) -> String {
        let (name, of) = (&self.columns.token, &self.token_full_type);
        format!("MODIFY {name} {of} CHARACTER SET ascii COLLATE ascii_bin NOT NULL")
    }

    pub(super) fn large_data(&self) -> String {
        let null = match self.kind {
            TableKind::Sessio | TableKind::Scs => " NOT NULL",
            // As beego has it.
            TableKind::Beego => "",
        };
        format!("MODIFY {} MEDIUMBLOB{null}", self.columns.data)
    }

    pub(super) fn plain_expiry(&self) -> String {
        format!("MODIFY {} DATETIME(6) NOT NULL", self.columns.expiry)
    }

    pub(super) fn token_of_another(&self) -> Error {
        self.unsupported(
            "the column takes this token for that of another session, because its collation does \
             not tell case or trailing spaces; nothing was changed.",
            &self.exact_token(),
        )
    }

    pub(super) fn no_subjects(&self) -> Error {
        let add =
            format!("{}, ADD INDEX ({}), {ROWS}", self.subject_column(), self.columns.subject);
        self.unsupported(&format!("{} has no subject column;", self.table), &add)
    }

    pub(super) fn too_large(&self, bytes: usize) -> Error {
        let stored = format!("{bytes} bytes of session data are more than");
        let message = if bytes > self.max_column && self.has_small_data() {
            format!(
                "{stored} the data column takes ({}); store less, or run ALTER TABLE {} {}",
                self.max_column,
                self.table,
                self.large_data(),
            )
        } else if bytes > self.max_column {
            format!("{stored} the data column takes ({}); store less", self.max_column)
        } else {
            format!(
                "{stored} fits into one statement: the server's max_allowed_packet is {}; store \
                 less, or raise max_allowed_packet in the server's configuration (the column has \
                 room)",
                self.packet,
            )
        };
        Error::new(ErrorKind::TooLarge, message)
    }

    /// A BLOB, that is.
    pub(super) fn has_small_data(&self) -> bool {
        self.max_column < 1 << 20
    }

    fn no_such_time(&self) -> Error {
        self.unsupported(
            &format!(
                "expiry is a TIMESTAMP, which takes UTC's time for that of the server's time zone, \
                 {}, and in the hour that is left out there in spring there is no such time; use \
                 another expiry, or",
                self.zone,
            ),
            &self.plain_expiry(),
        )
    }

    fn unsupported(&self, what: &str, change: &str) -> Error {
        let message = format!("{what} run ALTER TABLE {} {change}", self.table);
        Error::new(ErrorKind::Unsupported, message)
    }

    /// What the server's refusal of one row means on this table.
    pub(super) fn explain(&self, error: Error) -> Error {
        match (error.errno(), self.expiry) {
            // Our upsert assigns NULL where a row is another session's.
            (Some(1048), _) if self.guarded => self.token_of_another(),
            (Some(1292), ExpiryEncoding::Timestamp { .. }) => self.no_such_time(),
            (
                _,
                ExpiryEncoding::DateTime
                | ExpiryEncoding::Timestamp { .. }
                | ExpiryEncoding::LastWrite { .. },
            ) => error,
        }
    }
}
