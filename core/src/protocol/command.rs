//! What a backend must do. Both do exactly this, and neither adds to it.
//!
//! A session is live when `now < expires_at` by the store's clock. What is absent and what is
//! expired is one and the same to every verb; an expired row may still lie in the table until
//! cleanup takes it, but nothing can tell. An error means that the system failed.

use std::sync::Arc;
use std::time::Instant;

use crate::protocol::error::{Error, Result};
use crate::protocol::join::Join;
use crate::protocol::record::{ConflictRow, Stats};
use crate::protocol::request::{Answer, Reply};
use crate::protocol::token::{Id, Key};

/// A verb whose arguments were checked and whose times were resolved to microseconds.
#[derive(Clone, Copy)]
pub(crate) enum Command<'a> {
    /// The live session, or none.
    Find(Id),
    /// Whether a live session has the id.
    Exists(Id),
    /// A change of one session.
    Write(Id, Write<'a>),
    /// Gives the live session `old` the id `new` in one step, so that never both and never
    /// neither are valid; with new content, if any. *Gone* when `old` is not live,
    /// `AlreadyExists` when `new` is; the same id twice is an update.
    Rename(Id, Id, Option<Row<'a>>),
    /// Gives the live session `old` the id `new` and new content in one step, if it holds exactly
    /// `expected` (else *conflict*), and leaves a marker that `old` has ended. *Gone* when `old` is
    /// not live.
    Move { old: Id, new: Id, expected: &'a [u8], row: Row<'a> },
    /// Removes a session and leaves a marker that it has ended; yes if it was live.
    End(Id),
    /// Whether one of these has a marker that is younger than this instant.
    Ended(&'a [Id], i64),
    /// How many are live.
    Count,
    /// Live sessions in the order of their keys' text.
    List(PageRequest<'a>),
    /// Ends every session of the subject but the one given; how many were live.
    DeleteSubject(&'a str, Option<Id>),
    /// Removes every session and every marker; how many sessions were live. What is stored while it
    /// runs may stay.
    Clear,
    /// Removes expired sessions; how many.
    DeleteExpired(CleanupRound),
    /// Creates or upgrades the table.
    Migrate,
    /// Says what is wrong with the table.
    Check,
    /// Reaches the server and comes back.
    Ping,
}

/// A change of one session.
#[derive(Clone, Copy)]
pub(crate) enum Write<'a> {
    /// Whatever was there.
    Save(Row<'a>),
    /// Only if no live session is there, else `AlreadyExists`.
    Insert(Row<'a>),
    /// Only if a live session is there, else *gone*.
    Update(Row<'a>),
    /// Only if a live session is there (else *gone*) and holds exactly these bytes (else
    /// *conflict*).
    Replace(&'a [u8], Row<'a>),
    /// Moves the expiry of a live session, else *gone*.
    Touch(i64),
    /// Removes it; yes if it was live.
    Delete,
}

/// What a write stores.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) expires_at: i64,
    /// `None` leaves a live session's subject as it is, and empty removes it. Over an expired
    /// session nothing is left.
    pub(crate) subject: Option<&'a str>,
    /// Where a swap leaves what is there instead.
    pub(crate) met: Option<&'a ConflictRow>,
}

#[derive(Clone, Copy)]
pub(crate) struct PageRequest<'a> {
    pub(crate) subject: Option<&'a str>,
    pub(crate) after: Option<Key>,
    pub(crate) limit: usize,
}

/// Whose tables can be made ours.
#[derive(Clone, Copy)]
pub(crate) enum SourceLibrary {
    Scs,
}

impl SourceLibrary {
    pub(crate) fn from_name(name: &str) -> Result<Self> {
        match name {
            "scs" => Ok(SourceLibrary::Scs),
            _ => Err(Error::invalid("a table can be migrated from \"scs\" and from nothing else")),
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct CleanupRound {
    pub(crate) limit: usize,
    /// Leave it to another process if one is at it: for the background cleanup.
    pub(crate) exclusive: bool,
}

pub(crate) trait Backend {
    /// Starts a command. What needs no waiting is answered by the return value, and `reply` is
    /// not asked for; everything else is answered through it, within the store's timeout, and by
    /// `until` where that is sooner.
    fn start(
        &self,
        command: Command<'_>,
        until: Option<Instant>,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>>;

    /// Starts the parts of a bulk call, each of which is answered into its place in `gather`, all
    /// within one deadline. What waits for a server is sent slice by slice.
    fn start_many(&self, parts: Vec<(usize, Command<'_>)>, gather: &Arc<Join>) {
        for (place, command) in parts {
            let later = Arc::clone(gather);
            let reply = || Reply::new(move |answer| later.put(place, answer));
            if let Some(answer) = self.start(command, None, reply) {
                gather.put(place, answer);
            }
        }
    }

    /// Makes a live table of another system one of ours, where there is a table: what is live stays
    /// so, and the other system goes on using it. Answered as [`start`](Backend::start) does, but
    /// takes as long as it takes, and nothing else waits for it longer than the server demands.
    fn migrate_from(
        &self,
        origin: SourceLibrary,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>>;

    /// Takes no more commands, finishes what was started, then lets go of everything and calls
    /// `finished`. Idempotent.
    fn close(&self, finished: Box<dyn FnOnce() + Send>);

    /// The backend's own counters.
    fn count(&self, stats: &mut Stats);
}
