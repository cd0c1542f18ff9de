//! Everything that is still to be done for a session, as one value: a commit takes it whole, and
//! gives it back whole when it fails.

use crate::protocol::record::{Data, Record};

use super::changes::Changes;

#[derive(Default)]
pub(super) struct PendingChanges {
    pub(super) changes: Changes,
    /// Whose session it shall be; `""` is no subject.
    pub(super) subject: Option<String>,
    /// Sessions that were merged into this one, to be ended when it is stored.
    pub(super) merged: Vec<String>,
    /// It is to get a new token, and is stored whatever it holds.
    pub(super) renews: bool,
    /// Once it is sure to be new, it is stored although it holds nothing.
    pub(super) stores_empty: bool,
    /// The token that it gets next, once one was chosen.
    pub(super) token: Option<Chosen>,
    /// What was sent to the store, and perhaps done. Boxed: it is rare, and every commit moves all
    /// this.
    pub(super) tried: Option<Box<Tried>>,
    /// The cookie that the client has not got yet, by the number of the answer that carried it
    /// last.
    pub(super) cookie: Option<u64>,
}

/// A token that a session is to be stored under.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chosen {
    pub(super) text: String,
    pub(super) by: Chooser,
}

/// Which part has chosen a token, and which parts know it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Chooser {
    /// A commit: the program does not know it before it is stored.
    Commit,
    /// The program was told it.
    Told,
    /// The program itself: another session may have it.
    Program,
}

/// A write whose answer was lost.
pub(super) struct Tried {
    /// Where it is if it was done, where that is a new token.
    pub(super) token: Option<Chosen>,
    /// What it has stored if it was done.
    pub(super) data: Data,
    /// What is to be done again if it was not.
    pub(super) changes: Changes,
    pub(super) subject: Option<String>,
    pub(super) renews: bool,
}

impl PendingChanges {
    /// The session starts over, under a new token if the store may have it; what was noted before
    /// is void.
    pub(super) fn restart(&mut self, deadline: i64, stored: bool) {
        self.changes = Changes::restart(deadline);
        self.subject = Some(String::new());
        self.renews = stored || self.tried.is_some();
    }

    /// A token that was chosen for what is not stored yet is not taken, and no longer the next one.
    pub(super) fn forget_token(&mut self) {
        if self.tried.is_none() {
            self.token = None;
        }
    }

    /// Whether the store is to be changed.
    pub(super) fn changes_something(&self) -> bool {
        let more = self.subject.is_some() || !self.merged.is_empty() || self.renews;
        more || self.tried.is_some() || !self.changes.is_empty()
    }

    /// Whether a session that holds nothing is worth storing with this.
    pub(super) fn puts_something_in(&self) -> bool {
        let whose = self.subject.as_ref().is_some_and(|subject| !subject.is_empty());
        let forced = self.renews || self.stores_empty || self.tried.is_some();
        whose || forced || self.changes.puts_something_in()
    }

    /// This and then what was noted later.
    pub(super) fn then(&mut self, later: PendingChanges) {
        let PendingChanges { changes, subject, merged, renews, stores_empty, token, tried, cookie } =
            later;
        self.changes.then(changes);
        self.subject = subject.or(self.subject.take());
        self.merged.extend(merged);
        self.renews |= renews;
        self.stores_empty |= stores_empty;
        self.token = token.or(self.token.take());
        self.tried = tried.or(self.tried.take());
        self.cookie = cookie.or(self.cookie);
    }

    /// Sets what was just tried aside, until it is known whether it was done.
    pub(super) fn tried(&mut self, token: Option<Chosen>, data: Data) {
        self.tried = Some(Box::new(Tried {
            token,
            data,
            changes: std::mem::take(&mut self.changes),
            subject: self.subject.take(),
            renews: std::mem::take(&mut self.renews),
        }));
    }

    /// What was tried was not done: it is to be done again, before what was noted since.
    pub(super) fn try_again(&mut self) {
        let Some(tried) = self.tried.take() else { return };
        let Tried { changes, subject, renews, .. } = *tried;
        let later = std::mem::take(self);
        *self = PendingChanges { changes, subject, renews, ..PendingChanges::default() };
        self.then(later);
    }
}

impl Tried {
    /// Whether this is what it has stored. A token that was random is in no other program; under
    /// one of the program's there may be another session, and a swap may have lost.
    pub(super) fn was_done_as(&self, found: &Record) -> bool {
        let subject = self.subject.as_deref().filter(|subject| !subject.is_empty());
        match self.token.as_ref().map(|token| token.by) {
            Some(Chooser::Commit | Chooser::Told) => true,
            Some(Chooser::Program) => {
                *found.data == *self.data && found.subject.as_deref() == subject
            }
            None => *found.data == *self.data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::changes::Deadline;
    use super::*;
    use crate::value::Value;

    fn pending() -> PendingChanges {
        let mut pending =
            PendingChanges { subject: Some("ada".to_owned()), ..PendingChanges::default() };
        pending.changes.put("x".to_owned(), Value::from(1));
        pending.merged.push("other".to_owned());
        pending.renews = true;
        pending.cookie = Some(4);
        pending
    }

    #[test]
    fn what_was_taken_comes_back_before_what_was_noted_since() {
        let mut taken = pending();
        let mut later =
            PendingChanges { subject: Some("bob".to_owned()), ..PendingChanges::default() };
        later.changes.remove("x".to_owned());
        taken.then(later);
        assert_eq!(taken.subject.as_deref(), Some("bob"));
        assert!(matches!(taken.changes.of("x"), Some(None)));
        assert_eq!((taken.merged.len(), taken.renews, taken.cookie), (1, true, Some(4)));
    }

    #[test]
    fn what_was_tried_is_kept_apart_until_it_is_known() {
        let mut pending = pending();
        let token = Chosen { text: "new".to_owned(), by: Chooser::Commit };
        pending.tried(Some(token), Data::default());
        assert!(pending.changes.is_empty() && pending.changes_something());
        pending.changes.remove("x".to_owned());
        pending.try_again();
        assert!(matches!(pending.changes.of("x"), Some(None)));
        assert!(pending.renews && pending.tried.is_none());
        assert_eq!(pending.subject.as_deref(), Some("ada"));
    }

    #[test]
    fn under_a_token_of_the_programs_only_the_same_session_is_what_was_tried() {
        let tried = |by| Tried {
            token: Some(Chosen { text: "t".to_owned(), by }),
            data: vec![1].into(),
            changes: Changes::default(),
            subject: Some("ada".to_owned()),
            renews: false,
        };
        let found = |data: u8, subject: &str| Record {
            data: vec![data].into(),
            expires_at: None,
            subject: Some(subject.into()),
        };
        assert!(tried(Chooser::Commit).was_done_as(&found(2, "bob")));
        let ours = tried(Chooser::Program);
        assert!(ours.was_done_as(&found(1, "ada")));
        assert!(!ours.was_done_as(&found(2, "ada")) && !ours.was_done_as(&found(1, "bob")));
    }

    #[test]
    fn removing_what_is_not_there_puts_nothing_in() {
        let mut pending =
            PendingChanges { subject: Some(String::new()), ..PendingChanges::default() };
        pending.changes.remove("x".to_owned());
        pending.changes.set_remember(false);
        pending.changes.set_deadline(Deadline { at: Some(1), fixed: true });
        assert!(pending.changes_something() && !pending.puts_something_in());
        pending.subject = Some("ada".to_owned());
        assert!(pending.puts_something_in());
    }
}
