//! What goes into a store and what comes out.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::stored::StoredSession;
use crate::protocol::clock::{Expiry, NEVER, Timestamp};
use crate::protocol::token::Key;

/// The longest subject, in characters: what its column holds.
pub(crate) const MAX_SUBJECT_CHARS: usize = 255;

/// A session's bytes. Dereferences to a slice; `Debug` prints only the length.
#[derive(Clone, Default)]
pub struct Data(Bytes);

#[derive(Clone)]
enum Bytes {
    Owned(Vec<u8>),
    /// What the memory store keeps, key and all, in one piece.
    Shared(StoredSession),
}

impl Default for Bytes {
    fn default() -> Self {
        Bytes::Owned(Vec::new())
    }
}

impl Data {
    pub(crate) fn shared(held: StoredSession) -> Self {
        Data(Bytes::Shared(held))
    }

    /// The bytes as a vector; copies unless they are the only holder.
    pub fn into_vec(self) -> Vec<u8> {
        match self.0 {
            Bytes::Owned(bytes) => bytes,
            Bytes::Shared(held) => held.data().to_vec(),
        }
    }
}

impl Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Owned(bytes) => bytes,
            Bytes::Shared(held) => held.data(),
        }
    }
}

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Self {
        Data(Bytes::Owned(bytes))
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Data {}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Data({} bytes)", self.len())
    }
}

/// A live session as it was stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The bytes that were saved.
    pub data: Data,
    /// When it ends; `None` means never.
    pub expires_at: Option<Timestamp>,
    /// Whose session it is, where that was said.
    pub subject: Option<Box<str>>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("data", &self.data)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A listed session: its key and its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the table holds for the token; accepted wherever a token is.
    pub key: Key,
    /// The session.
    pub record: Record,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Live sessions in ascending order of their keys.
    pub entries: Vec<Entry>,
    /// What to pass as `after` for the next page; `None` when this was the last one.
    pub next: Option<Key>,
}

/// What a write stores.
#[derive(Clone, Copy)]
pub struct Content<'a> {
    /// The bytes.
    pub data: &'a [u8],
    /// When the session ends.
    pub expires_at: Expiry,
    /// Whose session it is: at most 255 characters. `None` leaves it as it is, and `""` takes it
    /// away.
    pub subject: Option<&'a str>,
    /// Where a swap that meets another one leaves what is there.
    pub(crate) met: Option<&'a ConflictRow>,
}

/// What a swap found in the place of what it expected: the caller need not read it again, and is
/// not behind again by the time it is found.
#[derive(Clone, Default)]
pub(crate) struct ConflictRow(Arc<OnceLock<Record>>);

impl ConflictRow {
    /// Of several the first; a later one is for the next swap to meet.
    pub(crate) fn tell(&self, data: &[u8], expires_at: i64) {
        let expires_at = (expires_at != NEVER).then(|| Timestamp::from_micros(expires_at));
        let _ = self.0.set(Record { data: data.to_vec().into(), expires_at, subject: None });
    }

    /// Without its subject.
    pub(crate) fn record(&self) -> Option<&Record> {
        self.0.get()
    }
}

impl<'a> Content<'a> {
    /// Data and expiry; the subject stays as it is.
    pub fn new(data: &'a [u8], expires_at: impl Into<Expiry>) -> Self {
        Content { data, expires_at: expires_at.into(), subject: None, met: None }
    }

    /// The same with a subject, or `None`.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<Option<&'a str>>) -> Self {
        self.subject = subject.into();
        self
    }

    pub(crate) fn met(self, met: &'a ConflictRow) -> Self {
        Content { met: Some(met), ..self }
    }
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("bytes", &self.data.len())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// How a compare-and-swap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a conflict or a vanished session is not an error, but nothing was written then"]
pub enum Outcome {
    /// It was written.
    Saved,
    /// The session lives, but its data is not what was expected. Nothing was written.
    Conflict,
    /// No live session has the token. Nothing was written.
    Gone,
}

impl Outcome {
    /// The name that every language uses.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Saved => "saved",
            Outcome::Conflict => "conflict",
            Outcome::Gone => "gone",
        }
    }
}

/// How bad a [`CheckIssue`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It works, but not as well as it could.
    Advice,
    /// It can lose or expose sessions in some situation that the text names.
    Hazard,
    /// The table cannot be used.
    Broken,
}

impl Severity {
    /// The name that every language uses.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Advice => "advice",
            Severity::Hazard => "hazard",
            Severity::Broken => "broken",
        }
    }
}

/// One thing that `check` noticed about the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIssue {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name for programs: `missing_table`, `collation`, `blob_size`, `timestamp`,
    /// `time_zone`, `on_update`, `expiry_index`, `engine`, `subject_column`, `subject_index`,
    /// `primary_key`, `unknown_layout`, `view`, `row_format`, `required_column`, `auto_increment`,
    /// `generated_column`, `trigger`, `foreign_key`, `binlog_format`, `max_allowed_packet`.
    pub code: &'static str,
    /// What is so, and what it can do to you.
    pub message: String,
    /// The statement or the call that fixes it.
    pub fix: String,
}

/// Counters of one store in this process, since its first use (or since the fork).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Statements sent to the server, preparations included.
    pub statements: u64,
    /// Batches that served more than one call.
    pub batches: u64,
    /// Statements that were sent again after a deadlock or a lost connection.
    pub retries: u64,
    /// Connections opened.
    pub connections: u64,
    /// Rounds of the background cleanup.
    pub cleanups: u64,
    /// Rounds of the background cleanup that failed.
    pub cleanup_errors: u64,
    /// Expired sessions removed, by the background cleanup and by `delete_expired`.
    pub removed: u64,
    /// Sessions held in memory, expired ones included. 0 on MySQL.
    pub sessions: u64,
    /// Bytes of their data. 0 on MySQL.
    pub bytes: u64,
}

impl Stats {
    /// Name and value of every counter, for the bindings.
    pub fn fields(&self) -> [(&'static str, u64); 9] {
        [
            ("statements", self.statements),
            ("batches", self.batches),
            ("retries", self.retries),
            ("connections", self.connections),
            ("cleanups", self.cleanups),
            ("cleanup_errors", self.cleanup_errors),
            ("removed", self.removed),
            ("sessions", self.sessions),
            ("bytes", self.bytes),
        ]
    }
}
