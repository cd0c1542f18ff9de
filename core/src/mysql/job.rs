//! A command on its way to a connection, with everything it needs to outlive its caller.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::backend::{Command, Page, Round, Row, Write};
use crate::error::{Error, Result};
use crate::operation::{Answer, Reply};
use crate::record::Met;
use crate::token::{Id, Key};

pub(super) struct Job {
    pub(super) work: Work,
    pub(super) ticket: Ticket,
}

pub(super) enum Work {
    /// Asks for one session; with its data or only whether it lives.
    Read {
        key: Key,
        data: bool,
    },
    Write(Change),
    Single(Single),
}

#[derive(Clone)]
pub(super) struct Change {
    pub(super) key: Key,
    pub(super) verb: Verb,
}

#[derive(Clone)]
pub(super) enum Verb {
    Save(Content),
    Insert(Content),
    Update(Content),
    Replace(Vec<u8>, Content),
    Touch(i64),
    Delete,
    Rename(Key, Option<Content>),
}

#[derive(Clone)]
pub(super) struct Content {
    pub(super) data: Vec<u8>,
    pub(super) expires_at: i64,
    pub(super) subject: Option<String>,
    pub(super) met: Option<Met>,
}

/// What is not batched.
pub(super) enum Single {
    Count,
    List { subject: Option<String>, after: Option<Key>, limit: usize },
    DeleteSubject { subject: String, keep: Option<Key> },
    DeleteExpired(Round),
    Migrate,
    Check,
    Ping,
}

impl Work {
    pub(super) fn from_command(command: Command<'_>) -> Self {
        let change = |id: Id, verb| Work::Write(Change { key: id.key(), verb });
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
                change(old, Verb::Rename(new.key(), row.map(Content::from)))
            }
            Command::Count => Work::Single(Single::Count),
            Command::List(Page { subject, after, limit }) => {
                Work::Single(Single::List { subject: subject.map(str::to_owned), after, limit })
            }
            Command::DeleteSubject(subject, keep) => Work::Single(Single::DeleteSubject {
                subject: subject.to_owned(),
                keep: keep.map(|id| id.key()),
            }),
            Command::DeleteExpired(round) => Work::Single(Single::DeleteExpired(round)),
            Command::Migrate => Work::Single(Single::Migrate),
            Command::Check => Work::Single(Single::Check),
            Command::Ping => Work::Single(Single::Ping),
        }
    }

    /// What it holds in memory while it waits, roughly.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Work::Write(change) => change.bytes(),
            Work::Read { .. } | Work::Single(_) => 64,
        }
    }
}

impl Change {
    /// Where a swap leaves what it met.
    pub(super) fn met(&self) -> Option<&Met> {
        match &self.verb {
            Verb::Replace(_, content) => content.met.as_ref(),
            Verb::Save(_)
            | Verb::Insert(_)
            | Verb::Update(_)
            | Verb::Touch(_)
            | Verb::Delete
            | Verb::Rename(..) => None,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let content = |content: &Content| content.data.len();
        64 + match &self.verb {
            Verb::Save(row) | Verb::Insert(row) | Verb::Update(row) => content(row),
            Verb::Replace(expected, row) => expected.len() + content(row),
            Verb::Rename(_, row) => row.as_ref().map_or(0, content),
            Verb::Touch(_) | Verb::Delete => 0,
        }
    }
}

impl From<Row<'_>> for Content {
    fn from(row: Row<'_>) -> Self {
        Content {
            data: row.data.to_vec(),
            expires_at: row.expires_at,
            subject: row.subject.map(str::to_owned),
            met: row.met.cloned(),
        }
    }
}

/// A caller who waits.
pub(super) struct Ticket {
    pub(super) reply: Reply,
    pub(super) deadline: Instant,
}

/// The callers of one batch. Each is answered once: by the work, or by the clock.
pub(super) struct Tickets(Mutex<Vec<Option<Ticket>>>);

impl Tickets {
    pub(super) fn new(tickets: Vec<Ticket>) -> Self {
        Tickets(Mutex::new(tickets.into_iter().map(Some).collect()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<Ticket>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn answer(&self, index: usize, answer: Result<Answer>) {
        let ticket = self.lock()[index].take();
        if let Some(ticket) = ticket {
            ticket.reply.send(answer);
        }
    }

    pub(super) fn answer_all(&self, answer: &Result<Answer>) {
        let waiting: Vec<Ticket> = self.lock().iter_mut().filter_map(Option::take).collect();
        for ticket in waiting {
            ticket.reply.send(answer.clone());
        }
    }

    /// The first moment at which somebody must be told that it took too long.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.lock().iter().flatten().map(|ticket| ticket.deadline).min()
    }

    /// Tells everybody whose time is up.
    pub(super) fn expire(&self, now: Instant) {
        let late = |ticket: &mut Option<Ticket>| {
            if ticket.as_ref().is_some_and(|ticket| ticket.deadline <= now) {
                ticket.take()
            } else {
                None
            }
        };
        let late: Vec<Ticket> = self.lock().iter_mut().filter_map(late).collect();
        for ticket in late {
            ticket.reply.send(Err(Error::too_late()));
        }
    }
}
