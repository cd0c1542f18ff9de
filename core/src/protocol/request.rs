//! Calls as values: what a binding hands to [`Store::start`](crate::Store::start) and gets back,
//! and the same for sessions: `SessionRequest::start`.
//!
//! Every verb of every language goes through this one door, so checks, batching and answers are
//! the same everywhere, and a binding only converts.

use std::fmt;

use tokio::sync::oneshot;

use crate::protocol::clock::Expiry;
use crate::protocol::error::{Error, Result};
use crate::protocol::record::{CheckIssue, Content, Outcome, Page, Record};
use crate::protocol::token::{Key, Target};

/// A verb with its arguments. It borrows; whatever outlives the call is copied. `Debug` prints
/// the verb alone, because the arguments are secrets.
#[derive(Clone, Copy)]
pub enum Request<'a> {
    /// Answered with [`Answer::Found`].
    Find(Target<'a>),
    /// Answered with [`Answer::Is`].
    Exists(Target<'a>),
    /// Answered with [`Answer::Done`].
    Save(Target<'a>, Content<'a>),
    /// Answered with [`Answer::Done`], or fails with `AlreadyExists`.
    Insert(Target<'a>, Content<'a>),
    /// Answered with [`Answer::Wrote`]: saved or gone.
    Update(Target<'a>, Content<'a>),
    /// Answered with [`Answer::Wrote`]; the second argument is the expected data.
    Replace(Target<'a>, &'a [u8], Content<'a>),
    /// Answered with [`Answer::Wrote`]: saved or gone.
    Touch(Target<'a>, Expiry),
    /// Old and new token, and new content if it changes too. Answered with [`Answer::Wrote`]:
    /// saved or gone, or fails with `AlreadyExists`.
    Rename(Target<'a>, Target<'a>, Option<Content<'a>>),
    /// Answered with [`Answer::Is`].
    Delete(Target<'a>),
    /// Answered with [`Answer::FoundMany`], in the order asked.
    FindMany(&'a [Target<'a>]),
    /// Answered with [`Answer::Done`].
    SaveMany(&'a [(Target<'a>, Content<'a>)]),
    /// Answered with [`Answer::Count`]: how many there were.
    DeleteMany(&'a [Target<'a>]),
    /// Answered with [`Answer::Count`].
    Count,
    /// Start after this key, at most so many. Answered with [`Answer::Listed`].
    List(Option<&'a Key>, usize),
    /// The same for one subject.
    ListSubject(&'a str, Option<&'a Key>, usize),
    /// Ends the sessions of a subject, but for the one given. Answered with [`Answer::Count`].
    DeleteSubject(&'a str, Option<Target<'a>>),
    /// Answered with [`Answer::Count`]: how many were live.
    Clear,
    /// One round of cleanup of at most so many. Answered with [`Answer::Count`].
    DeleteExpired(usize),
    /// Answered with [`Answer::Done`].
    Migrate,
    /// From the table of which system. Answered with [`Answer::Done`], which may take longer than
    /// the `timeout` option says.
    MigrateFrom(&'a str),
    /// Answered with [`Answer::Checked`].
    Check,
    /// Answered with [`Answer::Done`].
    Ping,
}

impl Request<'_> {
    /// The verb's name, as in `tests/README.md`.
    pub fn name(&self) -> &'static str {
        match self {
            Request::Find(_) => "find",
            Request::Exists(_) => "exists",
            Request::Save(..) => "save",
            Request::Insert(..) => "insert",
            Request::Update(..) => "update",
            Request::Replace(..) => "replace",
            Request::Touch(..) => "touch",
            Request::Rename(..) => "rename",
            Request::Delete(_) => "delete",
            Request::FindMany(_) => "find_many",
            Request::SaveMany(_) => "save_many",
            Request::DeleteMany(_) => "delete_many",
            Request::Count => "count",
            Request::List(..) => "list",
            Request::ListSubject(..) => "list_subject",
            Request::DeleteSubject(..) => "delete_subject",
            Request::Clear => "clear",
            Request::DeleteExpired(_) => "delete_expired",
            Request::Migrate => "migrate",
            Request::MigrateFrom(_) => "migrate_from",
            Request::Check => "check",
            Request::Ping => "ping",
        }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({})", self.name())
    }
}

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done,
    /// Yes or no.
    Is(bool),
    /// The session, or none.
    Found(Option<Record>),
    /// One for each that was asked, in order.
    FoundMany(Vec<Option<Record>>),
    /// How a conditional write ended.
    Wrote(Outcome),
    /// How many.
    Count(u64),
    /// A page of sessions.
    Listed(Page),
    /// What `check` noticed.
    Checked(Vec<CheckIssue>),
}

/// Where an answer goes: called exactly once, from any thread, and must not block.
///
/// One that is dropped unanswered (a panic, a runtime that was shut down) answers by itself, so a
/// caller never waits for ever.
pub struct Reply<T = Answer>(Option<Box<dyn FnOnce(Result<T>) + Send>>);

impl<T> Reply<T> {
    /// A reply that is handed to `deliver`.
    pub fn new(deliver: impl FnOnce(Result<T>) + Send + 'static) -> Self {
        Reply(Some(Box::new(deliver)))
    }

    /// A reply that is waited for. A receiver that is gone has been dropped by its
    /// caller: the answer is not wanted.
    pub(crate) fn waited_for(waiting: &mut Option<oneshot::Receiver<Result<T>>>) -> Self
    where
        T: Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        *waiting = Some(receive);
        Reply::new(move |answer| drop(send.send(answer)))
    }

    pub(crate) fn send(mut self, answer: Result<T>) {
        if let Some(deliver) = self.0.take() {
            deliver(answer);
        }
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        if let Some(deliver) = self.0.take() {
            deliver(Err(Error::internal("the operation was dropped before it was answered")));
        }
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}
