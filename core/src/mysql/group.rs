//! The calls of one key in a batch: what is done for them, and who is answered by it.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::batch::{KeyLock, TakenCall, groups};
use crate::protocol::error::Error;
use crate::protocol::request::Answer;
use crate::protocol::token::Key;

use super::call::{BatchKind, OwnedRow, OwnedWrite, QueuedCall, Verb};

/// Calls that one row of a statement can do. Saves, updates, touches and deletes: all of them at
/// once, and the last one is what is left. Swaps: one after the other, but once it is known what
/// one left there, most of those behind it are known to come too late, without asking the server.
pub(super) struct Group {
    hold: Option<KeyLock>,
    kind: BatchKind,
    calls: Vec<QueuedCall>,
    /// The call that is done now.
    at: AtomicUsize,
}

impl Group {
    /// Sorted by key: two transactions that lock rows in the same order cannot deadlock.
    pub(super) fn all_of(kind: BatchKind, calls: Vec<TakenCall<QueuedCall>>) -> Vec<Self> {
        let group = |calls: Vec<TakenCall<QueuedCall>>| {
            let hold = calls.first().and_then(|first| first.hold);
            let calls = calls.into_iter().map(|taken| taken.call).collect();
            Group { hold, kind, calls, at: AtomicUsize::new(0) }
        };
        let mut all: Vec<Group> = groups(calls).into_iter().map(group).collect();
        all.sort_unstable_by_key(Group::key);
        all
    }

    /// What is left of it, to be sent again; and its hold, where nothing is.
    pub(super) fn into_calls(self) -> (Vec<TakenCall<QueuedCall>>, Option<KeyLock>) {
        let mut hold = self.hold;
        let left = self.calls.into_iter().filter(|call| !call.is_answered());
        let left = left.map(|call| TakenCall { call, hold: hold.take() }).collect();
        (left, hold)
    }

    pub(super) fn hold(&self) -> Option<KeyLock> {
        self.hold
    }

    pub(super) fn calls(&self) -> &[QueuedCall] {
        &self.calls
    }

    pub(super) fn key(&self) -> Key {
        match self.calls[0].change() {
            Some(change) => change.key,
            None => Key::from_text(""),
        }
    }

    fn live(&self) -> impl DoubleEndedIterator<Item = &QueuedCall> {
        self.calls.iter().filter(|call| !call.is_answered())
    }

    /// Chooses what is done next, of the calls that still wait: for swaps the first, and otherwise
    /// the last, which covers those before it. False where none waits.
    pub(super) fn advance(&self) -> bool {
        let waits = |call: &QueuedCall| !call.is_answered();
        let next = match self.kind {
            BatchKind::Replace => self.calls.iter().position(waits),
            BatchKind::Read
            | BatchKind::Save
            | BatchKind::Insert
            | BatchKind::Update
            | BatchKind::Touch
            | BatchKind::Delete
            | BatchKind::Rename
            | BatchKind::Short
            | BatchKind::Long => self.calls.iter().rposition(waits),
        };
        next.inspect(|next| self.at.store(*next, Ordering::Relaxed)).is_some()
    }

    /// The one that was chosen. It may have been answered meanwhile, because its time is up; what
    /// is done for it is done.
    fn chosen(&self) -> &QueuedCall {
        &self.calls[self.at.load(Ordering::Relaxed)]
    }

    pub(super) fn change(&self) -> &OwnedWrite {
        static NOTHING: OwnedWrite = OwnedWrite { key: Key::EMPTY, verb: Verb::Delete };
        // Groups are made of changes only.
        self.chosen().change().unwrap_or(&NOTHING)
    }

    /// The subject to be stored with it: what the last one leaves as it is comes from those before.
    pub(super) fn subject(&self) -> Option<&str> {
        let subject = |content: &&OwnedRow| content.subject.is_some();
        let last = self.change().content().filter(subject);
        let before = &self.calls[..self.at.load(Ordering::Relaxed)];
        let covered = || match self.kind {
            BatchKind::Save | BatchKind::Update => {
                let contents = before.iter().filter(|call| !call.is_answered());
                let contents =
                    contents.filter_map(QueuedCall::change).filter_map(OwnedWrite::content);
                contents.rev().find(subject)
            }
            BatchKind::Read
            | BatchKind::Insert
            | BatchKind::Replace
            | BatchKind::Touch
            | BatchKind::Delete
            | BatchKind::Rename
            | BatchKind::Short
            | BatchKind::Long => None,
        };
        last.or_else(covered)?.subject.as_deref()
    }

    /// Answers those who wait for what was done. Of several deletes of one session only the first
    /// one ended it.
    pub(super) fn answer(&self, answer: &Answer) {
        if self.kind == BatchKind::Replace {
            return self.chosen().answer(Ok(answer.clone()));
        }
        for (nth, call) in self.live().enumerate() {
            let repeated = nth > 0 && matches!(answer, Answer::Is(true));
            call.answer(Ok(if repeated { Answer::Is(false) } else { answer.clone() }));
        }
    }

    /// Answers the chosen one alone, as its own fault: nothing is known of swaps behind it.
    pub(super) fn refuse(&self, error: &Error) {
        if self.kind == BatchKind::Replace {
            return self.chosen().answer(Err(error.clone()));
        }
        self.fail(error);
    }

    /// No single call is to blame, so all get this answer.
    pub(super) fn fail(&self, error: &Error) {
        self.live().for_each(|call| call.answer(Err(error.clone())));
    }

    /// Swaps that come too late, where the session's data is `current` now, are answered, up to
    /// the first that does not.
    pub(super) fn answer_too_late(&self, current: &[u8], conflict: impl Fn(&OwnedWrite) -> Answer) {
        while self.advance() && self.change().expected() != Some(current) {
            let answer = conflict(self.change());
            self.answer(&answer);
        }
    }
}
