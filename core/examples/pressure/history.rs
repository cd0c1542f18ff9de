//! What was asked of the store and what it answered, session by session.

use std::collections::BTreeMap;

use sessio::{ErrorKind, Outcome};

/// The expiry of a session that does not end, or whose end is not looked at.
pub(crate) const NEVER: i64 = i64::MAX;

/// A token's number within its history. Tokens themselves are never printed.
pub(crate) type Id = usize;

/// What a live session holds. Each write has data and expiry of its own, so that what is found
/// says which write it is from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Content {
    pub(crate) data: u64,
    /// Microseconds since 1970.
    pub(crate) expires: i64,
    pub(crate) subject: Option<u64>,
}

/// What a write stores; a subject of `None` leaves the one there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    pub(crate) data: u64,
    pub(crate) expires: i64,
    pub(crate) subject: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) enum Action {
    Find(Id),
    /// Whether the list of the subject has the session.
    Listed(Id, u64),
    Save(Id, Write),
    Insert(Id, Write),
    Update(Id, Write),
    /// With the data that is expected.
    Replace(Id, u64, Write),
    /// With the new expiry.
    Touch(Id, i64),
    Rename(Id, Id, Option<Write>),
    Delete(Id),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Found(Option<Content>),
    Done,
    Yes(bool),
    Wrote(Outcome),
    Exists,
    Failed(ErrorKind),
    /// The caller went away: it is done, now or later, unless its time ends before.
    Dropped,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) action: Action,
    /// Microseconds since 1970, as all times here.
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) said: Said,
}

/// One logical session, which has one token at a time and is used by one caller at a time.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) tokens: Vec<String>,
    pub(crate) calls: Vec<Call>,
}

/// What a server that makes no mistake would hold of one logical session.
pub(crate) type World = BTreeMap<Id, Content>;

impl Action {
    pub(crate) fn is_write(&self) -> bool {
        !matches!(self, Action::Find(_) | Action::Listed(..))
    }

    /// The sessions it is about.
    pub(crate) fn ids(&self) -> (Id, Option<Id>) {
        match self {
            Action::Find(id)
            | Action::Listed(id, _)
            | Action::Save(id, _)
            | Action::Insert(id, _)
            | Action::Update(id, _)
            | Action::Replace(id, ..)
            | Action::Touch(id, _)
            | Action::Delete(id) => (*id, None),
            Action::Rename(old, new, _) => (*old, Some(*new)),
        }
    }

    pub(crate) fn meets(&self, other: &Action) -> bool {
        let ((a, b), (c, d)) = (self.ids(), other.ids());
        a == c || Some(a) == d || b == Some(c) || (b.is_some() && b == d)
    }

    /// What it writes, where it writes data.
    pub(crate) fn write(&self) -> Option<Write> {
        match self {
            Action::Save(_, write)
            | Action::Insert(_, write)
            | Action::Update(_, write)
            | Action::Replace(_, _, write)
            | Action::Rename(_, _, Some(write)) => Some(*write),
            Action::Find(_)
            | Action::Listed(..)
            | Action::Touch(..)
            | Action::Delete(_)
            | Action::Rename(_, _, None) => None,
        }
    }

    /// What it leaves behind when it is done at this time, and what it answers.
    pub(crate) fn step(&self, world: &World, now: i64) -> (World, Said) {
        let alive = |id: &Id| world.get(id).filter(|content| content.expires > now);
        let mut next = world.clone();
        let said = match self {
            Action::Find(id) => Said::Found(alive(id).cloned()),
            Action::Listed(id, subject) => {
                Said::Yes(alive(id).is_some_and(|content| content.subject == Some(*subject)))
            }
            Action::Save(id, write) => {
                next.insert(*id, write.over(alive(id)));
                Said::Done
            }
            Action::Insert(id, write) => match alive(id) {
                Some(_) => Said::Exists,
                None => {
                    next.insert(*id, write.over(None));
                    Said::Done
                }
            },
            Action::Update(id, write) => {
                Said::Yes(put(&mut next, *id, alive(id).map(|old| write.over(Some(old)))))
            }
            Action::Replace(id, expected, write) => match alive(id) {
                None => Said::Wrote(Outcome::Gone),
                Some(old) if old.data != *expected => Said::Wrote(Outcome::Conflict),
                Some(old) => {
                    next.insert(*id, write.over(Some(old)));
                    Said::Wrote(Outcome::Saved)
                }
            },
            Action::Touch(id, expires) => {
                let moved = alive(id).map(|old| Content { expires: *expires, ..old.clone() });
                Said::Yes(put(&mut next, *id, moved))
            }
            Action::Rename(old, new, write) => match (alive(old), alive(new)) {
                (None, _) => Said::Yes(false),
                (Some(_), Some(_)) => Said::Exists,
                (Some(was), None) => {
                    next.remove(old);
                    let moved = write.map_or(was.clone(), |write| write.over(Some(was)));
                    Said::Yes(put(&mut next, *new, Some(moved)))
                }
            },
            Action::Delete(id) => {
                next.remove(id);
                Said::Yes(alive(id).is_some())
            }
        };
        (next, said)
    }
}

fn put(world: &mut World, id: Id, content: Option<Content>) -> bool {
    content.map(|content| world.insert(id, content)).is_some()
}

impl Write {
    fn over(&self, old: Option<&Content>) -> Content {
        let kept = old.and_then(|old| old.subject);
        Content { data: self.data, expires: self.expires, subject: self.subject.or(kept) }
    }
}

impl Said {
    pub(crate) fn failed(&self) -> Option<ErrorKind> {
        match self {
            Said::Failed(kind) => Some(*kind),
            Said::Found(_)
            | Said::Done
            | Said::Yes(_)
            | Said::Wrote(_)
            | Said::Exists
            | Said::Dropped => None,
        }
    }

    /// Whether it says what was done.
    pub(crate) fn is_answer(&self) -> bool {
        self.failed().is_none() && *self != Said::Dropped
    }

    /// `delete_many` says how many of many there were, not which: `Done` fits both answers.
    pub(crate) fn fits(&self, wanted: &Said, action: &Action) -> bool {
        self == wanted || (*self == Said::Done && matches!(action, Action::Delete(_)))
    }
}
