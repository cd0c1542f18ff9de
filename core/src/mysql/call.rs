//! A command on its way to a connection, with everything it needs to outlive its caller.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::batch::{Class, Moment, Queueable, Role, Share};
use crate::protocol::clock::Clock;
use crate::protocol::command::{CleanupRound, Command, PageRequest, Row, Write};
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::protocol::record::ConflictRow;
use crate::protocol::request::{Answer, Reply};
use crate::protocol::token::{Id, Key};

/// Rows of one statement: beyond this a larger batch buys little and delays everyone in it.
pub(super) const MAX_BATCH: usize = 64;

/// What is larger travels alone, beside the others: a batch of small sessions does not wait for
/// its transfer.
const LARGE: usize = 64 << 10;

/// The most bytes of one batch.
pub(super) const BATCH_BYTES: usize = 4 * LARGE;

/// A caller who waits, and for what.
pub(super) struct QueuedCall {
    pub(super) work: Work,
    kind: BatchKind,
    keys: [Option<u64>; 2],
    /// Whether it ends the session: what follows must find it gone.
    ends: bool,
    pub(super) deadline: Moment,
    reply: Mutex<Option<Reply>>,
    /// How often it was sent and has to be sent again.
    tries: AtomicU8,
}

pub(super) enum Work {
    /// Asks for one session; with its data or only whether it lives.
    Read {
        key: Key,
        data: bool,
    },
    Write(OwnedWrite),
    Unbatched(Unbatched),
}

pub(super) struct OwnedWrite {
    pub(super) key: Key,
    pub(super) verb: Verb,
}

pub(super) enum Verb {
    Save(OwnedRow),
    Insert(OwnedRow),
    Update(OwnedRow),
    Replace(Vec<u8>, OwnedRow),
    Touch(i64),
    Delete,
    Rename(Key, Option<OwnedRow>),
    /// The new key, that of the marker, what must be there.
    Move {
        new: Key,
        marker: Key,
        expected: Vec<u8>,
        content: OwnedRow,
    },
    /// The key of the marker.
    End(Key),
}

pub(super) struct OwnedRow {
    pub(super) data: Vec<u8>,
    pub(super) expires_at: i64,
    pub(super) subject: Option<String>,
    pub(super) met: Option<ConflictRow>,
}

/// What is not batched.
pub(super) enum Unbatched {
    /// Markers, and since when.
    Ended(Vec<Key>, i64),
    Count,
    List {
        subject: Option<String>,
        after: Option<Key>,
        limit: usize,
    },
    DeleteSubject {
        subject: String,
        keep: Option<Key>,
    },
    Clear,
    DeleteExpired(CleanupRound),
    Migrate,
    Check,
    Ping,
}

/// Calls of one kind can be done by one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BatchKind {
    Read,
    Save,
    Insert,
    Update,
    Replace,
    Touch,
    Delete,
    Rename,
    /// Maintenance that takes a moment.
    Short,
    /// Maintenance that may take long.
    Long,
}

impl BatchKind {
    const ALL: [BatchKind; 10] = [
        BatchKind::Read,
        BatchKind::Save,
        BatchKind::Insert,
        BatchKind::Update,
        BatchKind::Replace,
        BatchKind::Touch,
        BatchKind::Delete,
        BatchKind::Rename,
        BatchKind::Short,
        BatchKind::Long,
    ];

    /// That of a batch, from the index of its class.
    pub(super) fn of_class(class: usize) -> BatchKind {
        BatchKind::ALL[class % BatchKind::ALL.len()]
    }

    /// The kinds in their order, then the same for what is large.
    fn class(self, large: bool) -> usize {
        let index = BatchKind::ALL.iter().position(|kind| *kind == self).unwrap_or(0);
        if large { BatchKind::ALL.len() + index } else { index }
    }

    /// Whether it changes one session or two.
    pub(super) fn writes(self) -> bool {
        !matches!(self, BatchKind::Read | BatchKind::Short | BatchKind::Long)
    }

    /// Whether doing it again changes nothing: it may be sent again when its answer was lost, and
    /// a later one of the same key makes an earlier one unseen.
    pub(super) fn is_repeatable(self) -> bool {
        !matches!(self, BatchKind::Insert | BatchKind::Replace | BatchKind::Rename)
    }
}

const READS: usize = 0;
const WRITES: usize = 1;
const LARGE_WRITES: usize = 2;
const MAINTENANCE: usize = 3;

/// How the classes of calls share the connections.
pub(super) fn classes() -> (Vec<Class>, Vec<Share>) {
    let class = |large: bool, kind: &BatchKind| {
        let (rows, pace, role) = match kind {
            BatchKind::Read => (MAX_BATCH, READS, Role::Calls),
            BatchKind::Rename => (1, WRITES, Role::Calls),
            // The bits of one number say which of them were done.
            BatchKind::Replace => (super::sql::MAX_MARKS, WRITES, Role::Calls),
            BatchKind::Save
            | BatchKind::Insert
            | BatchKind::Update
            | BatchKind::Touch
            | BatchKind::Delete => (MAX_BATCH, WRITES, Role::Calls),
            BatchKind::Short => (1, MAINTENANCE, Role::Short),
            BatchKind::Long => (1, MAINTENANCE, Role::Long),
        };
        let (rows, pace) = if large { (1, LARGE_WRITES) } else { (rows, pace) };
        Class { rows, pace, role }
    };
    let classes = [false, true];
    let classes = classes
        .iter()
        .flat_map(|large| BatchKind::ALL.iter().map(|kind| class(*large, kind)))
        .collect();
    let mut shares = vec![Share { batches: 2, least: 1, part: 1 }; 4];
    // A second statement of reads pays only with many in it: their rows cost little.
    shares[READS].least = MAX_BATCH / 4;
    shares[LARGE_WRITES].part = 4;
    (classes, shares)
}

impl QueuedCall {
    /// `clock` is the store's. `reply` is asked for with the number of bytes that wait.
    pub(super) fn new(
        command: Command<'_>,
        deadline: Moment,
        clock: &Clock,
        reply: impl FnOnce(usize) -> Reply,
    ) -> Self {
        let keys = match &command {
            Command::Find(id) | Command::Exists(id) | Command::Write(id, _) => {
                [Some(id.spread()), None]
            }
            Command::Rename(old, new, _) | Command::Move { old, new, .. } => {
                [Some(old.spread()), Some(new.spread())]
            }
            Command::End(id) => [Some(id.spread()), None],
            Command::Ended(..)
            | Command::Count
            | Command::List(_)
            | Command::DeleteSubject(..)
            | Command::Clear
            | Command::DeleteExpired(_)
            | Command::Migrate
            | Command::Check
            | Command::Ping => [None, None],
        };
        let work = Work::from_command(command);
        let ends = matches!(&work, Work::Write(change) if change.ends_it(clock.now()));
        QueuedCall {
            kind: work.kind(),
            reply: Mutex::new(Some(reply(work.bytes()))),
            work,
            keys,
            ends,
            deadline,
            tries: AtomicU8::new(0),
        }
    }

    pub(super) fn answer(&self, answer: Result<Answer>) {
        let reply = self.reply.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reply) = reply {
            reply.send(answer);
        }
    }

    pub(super) fn is_answered(&self) -> bool {
        self.reply.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Counts that it has to be sent again; whether it was that already so many times.
    pub(super) fn tried(&self, most: u8) -> bool {
        self.tries.fetch_add(1, Ordering::Relaxed) >= most
    }

    pub(super) fn tries(&self) -> u8 {
        self.tries.load(Ordering::Relaxed)
    }

    /// The change, if it is one.
    pub(super) fn change(&self) -> Option<&OwnedWrite> {
        match &self.work {
            Work::Write(change) => Some(change),
            Work::Read { .. } | Work::Unbatched(_) => None,
        }
    }
}

impl Queueable for QueuedCall {
    fn class(&self) -> usize {
        self.kind.class(self.kind.writes() && self.bytes() > LARGE)
    }

    fn keys(&self) -> [Option<u64>; 2] {
        self.keys
    }

    fn is_ordered(&self) -> bool {
        self.kind.writes()
    }

    fn bytes(&self) -> usize {
        self.work.bytes()
    }

    fn deadline(&self) -> Moment {
        self.deadline
    }

    fn joins(&self, next: &Self) -> bool {
        let (Some(change), Some(next)) = (self.change(), next.change()) else { return false };
        change.key == next.key
            && match &change.verb {
                Verb::Save(_) | Verb::Update(_) | Verb::Touch(_) => !self.ends,
                Verb::Replace(..) | Verb::Delete => true,
                Verb::Insert(_) | Verb::Rename(..) | Verb::Move { .. } | Verb::End(_) => false,
            }
    }
}

impl Work {
    fn from_command(command: Command<'_>) -> Self {
        let change = |id: Id, verb| Work::Write(OwnedWrite { key: id.key(), verb });
        match command {
            Command::Find(id) => Work::Read { key: id.key(), data: true },
            Command::Exists(id) => Work::Read { key: id.key(), data: false },
            Command::Write(id, write) => change(
                id,
                match write {
                    Write::Save(row) => Verb::Save(row.into()),
                    Write::Insert(row) => Verb::Insert(row.into()),
                    Write::Update(row) => Verb::Update(row.into()),
                    Write::Replace(expected, row) => Verb::Replace(expected.to_vec(), row.into()),
                    Write::Touch(expires_at) => Verb::Touch(expires_at),
                    Write::Delete => Verb::Delete,
                },
            ),
            Command::Rename(old, new, row) => {
                change(old, Verb::Rename(new.key(), row.map(OwnedRow::from)))
            }
            Command::Move { old, new, expected, row } => change(
                old,
                Verb::Move {
                    new: new.key(),
                    marker: Key::marker_of(&old),
                    expected: expected.to_vec(),
                    content: row.into(),
                },
            ),
            Command::End(id) => change(id, Verb::End(Key::marker_of(&id))),
            Command::Ended(ids, since) => {
                Work::Unbatched(Unbatched::Ended(ids.iter().map(Key::marker_of).collect(), since))
            }
            Command::Count => Work::Unbatched(Unbatched::Count),
            Command::List(PageRequest { subject, after, limit }) => {
                Work::Unbatched(Unbatched::List {
                    subject: subject.map(str::to_owned),
                    after,
                    limit,
                })
            }
            Command::DeleteSubject(subject, keep) => Work::Unbatched(Unbatched::DeleteSubject {
                subject: subject.to_owned(),
                keep: keep.map(|id| id.key()),
            }),
            Command::Clear => Work::Unbatched(Unbatched::Clear),
            Command::DeleteExpired(round) => Work::Unbatched(Unbatched::DeleteExpired(round)),
            Command::Migrate => Work::Unbatched(Unbatched::Migrate),
            Command::Check => Work::Unbatched(Unbatched::Check),
            Command::Ping => Work::Unbatched(Unbatched::Ping),
        }
    }

    /// What it holds in memory while it waits, roughly.
    fn bytes(&self) -> usize {
        match self {
            Work::Write(change) => change.bytes(),
            Work::Read { .. } | Work::Unbatched(_) => 64,
        }
    }

    fn kind(&self) -> BatchKind {
        match self {
            Work::Read { .. } => BatchKind::Read,
            Work::Write(change) => change.kind(),
            Work::Unbatched(Unbatched::Ended(..) | Unbatched::Ping | Unbatched::List { .. }) => {
                BatchKind::Short
            }
            Work::Unbatched(
                Unbatched::Count
                | Unbatched::DeleteSubject { .. }
                | Unbatched::Clear
                | Unbatched::DeleteExpired(_)
                | Unbatched::Migrate
                | Unbatched::Check,
            ) => BatchKind::Long,
        }
    }
}

impl OwnedWrite {
    fn kind(&self) -> BatchKind {
        match &self.verb {
            Verb::Save(_) => BatchKind::Save,
            Verb::Insert(_) => BatchKind::Insert,
            Verb::Update(_) => BatchKind::Update,
            Verb::Replace(..) => BatchKind::Replace,
            Verb::Touch(_) => BatchKind::Touch,
            Verb::Delete => BatchKind::Delete,
            Verb::Rename(..) | Verb::Move { .. } | Verb::End(_) => BatchKind::Rename,
        }
    }

    /// What it stores, if it stores something.
    pub(super) fn content(&self) -> Option<&OwnedRow> {
        match &self.verb {
            Verb::Save(content)
            | Verb::Insert(content)
            | Verb::Update(content)
            | Verb::Replace(_, content)
            | Verb::Move { content, .. } => Some(content),
            Verb::Rename(_, content) => content.as_ref(),
            Verb::Touch(_) | Verb::Delete | Verb::End(_) => None,
        }
    }

    /// The data that must be there, for a swap.
    pub(super) fn expected(&self) -> Option<&[u8]> {
        match &self.verb {
            Verb::Replace(expected, _) | Verb::Move { expected, .. } => Some(expected),
            Verb::Save(_)
            | Verb::Insert(_)
            | Verb::Update(_)
            | Verb::Touch(_)
            | Verb::Delete
            | Verb::Rename(..)
            | Verb::End(_) => None,
        }
    }

    /// The expiry that it gives to the session.
    pub(super) fn expires_at(&self) -> Option<i64> {
        match &self.verb {
            Verb::Touch(expires_at) => Some(*expires_at),
            Verb::Save(_)
            | Verb::Insert(_)
            | Verb::Update(_)
            | Verb::Replace(..)
            | Verb::Delete
            | Verb::Rename(..)
            | Verb::Move { .. }
            | Verb::End(_) => self.content().map(|content| content.expires_at),
        }
    }

    /// Where a swap leaves what it met.
    pub(super) fn met(&self) -> Option<&ConflictRow> {
        self.content().and_then(|content| content.met.as_ref())
    }

    /// Whether it moves the expiry into the past: what follows must find the session gone.
    pub(super) fn ends_it(&self, now: i64) -> bool {
        self.expires_at().is_some_and(|expires_at| expires_at <= now)
    }

    pub(super) fn bytes(&self) -> usize {
        let content = self.content().map_or(0, |content| content.data.len());
        64 + content + self.expected().map_or(0, <[u8]>::len)
    }
}

impl From<Row<'_>> for OwnedRow {
    fn from(row: Row<'_>) -> Self {
        OwnedRow {
            data: row.data.to_vec(),
            expires_at: row.expires_at,
            subject: row.subject.map(str::to_owned),
            met: row.met.cloned(),
        }
    }
}

/// What a call is told that waited in vain for a connection.
pub(super) fn never_sent() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "the call waited for its whole timeout and was not sent; nothing was written",
    )
}
