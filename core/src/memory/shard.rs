//! One shard: a table of sessions and when they are due.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::protocol::token::{Id, Key};

use super::expiry::Due;
use crate::protocol::stored::StoredSession;

/// So much more than needed is not worth an effort.
const SLACK: usize = 64;

#[derive(Default)]
pub(crate) struct Shard {
    table: HashTable<StoredSession>,
    due: Due,
}

impl Shard {
    #[inline]
    pub(crate) fn get(&self, id: &Id) -> Option<&StoredSession> {
        self.table.find(id.spread(), |held| held.is(id))
    }

    pub(crate) fn live(&self, id: &Id, now: i64) -> Option<&StoredSession> {
        self.get(id).filter(|held| held.is_live(now))
    }

    pub(crate) fn put(&mut self, id: &Id, held: StoredSession) {
        let (spread, expires_at) = (id.spread(), held.expires_at());
        let before = match self.table.entry(spread, |held| held.is(id), |held| held.id().spread()) {
            Entry::Occupied(mut entry) => {
                Some(std::mem::replace(entry.get_mut(), held).expires_at())
            }
            Entry::Vacant(entry) => {
                entry.insert(held);
                None
            }
        };
        self.due.moved(spread, before, expires_at);
        self.forget_the_gone();
    }

    pub(crate) fn move_expiry(&mut self, id: &Id, expires_at: i64) {
        if let Some(held) = self.table.find(id.spread(), |held| held.is(id)) {
            let before = held.move_expiry(expires_at);
            self.due.moved(id.spread(), Some(before), expires_at);
            self.forget_the_gone();
        }
    }

    pub(crate) fn remove(&mut self, id: &Id) -> Option<StoredSession> {
        let entry = self.table.find_entry(id.spread(), |held| held.is(id));
        let (held, _) = entry.ok()?.remove();
        self.forget_the_gone();
        self.shrink();
        Some(held)
    }

    /// Makes the list of what is due anew when most of it belongs to no session. That takes a step
    /// for each session, after at least half as many calls.
    #[inline]
    fn forget_the_gone(&mut self) {
        if self.due.len() > 3 * self.table.len() + SLACK {
            self.due = Due::default();
            for held in &self.table {
                self.due.add(held.id().spread(), held.expires_at());
            }
        }
    }

    /// After a crowd has left, its places are given back.
    fn shrink(&mut self) {
        let len = self.table.len();
        if self.table.capacity() > 4 * len + SLACK {
            self.table.shrink_to(2 * len, |held| held.id().spread());
        }
    }

    /// Nothing ends before.
    pub(crate) fn next_expiry(&self) -> i64 {
        self.due.next()
    }

    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// Removes up to `limit` sessions, whichever.
    pub(crate) fn take_any(&mut self, limit: usize) -> Vec<StoredSession> {
        let taken: Vec<StoredSession> = self.table.extract_if(|_| true).take(limit).collect();
        self.forget_the_gone();
        self.shrink();
        taken
    }

    pub(crate) fn count(&self, now: i64) -> u64 {
        self.table.iter().filter(|held| held.is_live(now)).count() as u64
    }

    pub(crate) fn listed(&self, now: i64) -> impl Iterator<Item = (Key, StoredSession)> {
        let live = self.table.iter().filter(move |held| held.is_live(now));
        live.map(|held| (held.id().key(), held.clone()))
    }

    /// Removes up to `limit` expired sessions.
    pub(crate) fn take_expired(&mut self, now: i64, limit: usize) -> Vec<StoredSession> {
        let mut taken = Vec::new();
        let table = &mut self.table;
        self.due.sweep(now, |spread| {
            if taken.len() == limit {
                return super::expiry::Verdict::Stop;
            }
            // Two keys may share a number; whichever of them is due is taken, one per visit.
            let due = |held: &StoredSession| held.id().spread() == spread && !held.is_live(now);
            if let Ok(entry) = table.find_entry(spread, due) {
                taken.push(entry.remove().0);
                return super::expiry::Verdict::Done;
            }
            let later = table.find(spread, |held| held.id().spread() == spread);
            later.map_or(super::expiry::Verdict::Done, |held| {
                super::expiry::Verdict::Later(held.expires_at())
            })
        });
        if !taken.is_empty() {
            self.forget_the_gone();
            self.shrink();
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Shard {
        /// Places for numbers and for sessions, whether in use or not.
        pub(in crate::memory) fn places(&self) -> usize {
            self.due.len() + self.table.capacity()
        }
    }
}
