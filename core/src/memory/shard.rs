//! One shard: a table of sessions and when they are due.

use std::sync::Arc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::record::Data;
use crate::token::{Id, Key};

use super::expiry::Due;

/// A session: key, subject and data in one piece of memory, so that it costs one allocation and
/// one cache miss, and can be handed out without copying while the lock is held.
#[derive(Clone)]
pub(crate) struct Held {
    /// Length of the key and whether it is plain text (1 byte), length of the subject (2 bytes),
    /// key, subject, data.
    piece: Arc<[u8]>,
    expires_at: i64,
}

const HEAD: usize = 3;
const PLAIN: u8 = 0x80;

impl Held {
    pub(crate) fn new(id: &Id, data: &[u8], subject: Option<&str>, expires_at: i64) -> Self {
        let (key, subject) = (id.bytes(), subject.unwrap_or_default().as_bytes());
        let key_len = u8::try_from(key.len()).expect("a key has at most 64 bytes");
        let plain = if matches!(id, Id::Plain(_)) { PLAIN } else { 0 };
        let subject_len = u16::try_from(subject.len()).expect("a subject has at most 1020 bytes");
        let mut piece = Vec::with_capacity(HEAD + key.len() + subject.len() + data.len());
        piece.push(key_len | plain);
        piece.extend_from_slice(&subject_len.to_le_bytes());
        piece.extend_from_slice(key);
        piece.extend_from_slice(subject);
        piece.extend_from_slice(data);
        Held { piece: piece.into(), expires_at }
    }

    fn key_end(&self) -> usize {
        HEAD + usize::from(self.piece[0] & !PLAIN)
    }

    fn data_start(&self) -> usize {
        self.key_end() + usize::from(u16::from_le_bytes([self.piece[1], self.piece[2]]))
    }

    pub(crate) fn id(&self) -> Id {
        Id::from_bytes(self.id_bytes(), self.piece[0] & PLAIN != 0)
    }

    fn id_bytes(&self) -> &[u8] {
        &self.piece[HEAD..self.key_end()]
    }

    /// Whether it is the session of this id.
    ///
    /// The count is always above 0. It is looked at because it is about to be changed, and is
    /// often in another cache line than the key: so both come at the same time.
    #[inline]
    fn is(&self, id: &Id) -> bool {
        Arc::strong_count(&self.piece) > 0 && self.has_key_of(id)
    }

    #[inline]
    fn has_key_of(&self, id: &Id) -> bool {
        match id {
            // A comparison of a known length takes a few instructions, and no call.
            Id::Digest(digest) => {
                self.piece[0] == 32 && self.piece[HEAD..].first_chunk() == Some(digest)
            }
            Id::Plain(_) => self.piece[0] & PLAIN != 0 && self.id_bytes() == id.bytes(),
        }
    }

    #[inline]
    pub(crate) fn subject(&self) -> Option<&str> {
        let subject = &self.piece[self.key_end()..self.data_start()];
        if subject.is_empty() { None } else { std::str::from_utf8(subject).ok() }
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.piece[self.data_start()..]
    }

    pub(crate) fn shared_data(&self) -> Data {
        Data::shared(Arc::clone(&self.piece), self.data_start())
    }

    pub(crate) fn expires_at(&self) -> i64 {
        self.expires_at
    }

    pub(crate) fn is_live(&self, now: i64) -> bool {
        now < self.expires_at
    }
}

#[derive(Default)]
pub(crate) struct Shard {
    table: HashTable<Held>,
    due: Due,
}

impl Shard {
    #[inline]
    pub(crate) fn get(&self, id: &Id) -> Option<&Held> {
        self.table.find(id.spread(), |held| held.is(id))
    }

    pub(crate) fn live(&self, id: &Id, now: i64) -> Option<&Held> {
        self.get(id).filter(|held| held.is_live(now))
    }

    pub(crate) fn put(&mut self, id: &Id, held: Held) {
        let (spread, expires_at) = (id.spread(), held.expires_at);
        let before = match self.table.entry(spread, |held| held.is(id), |held| held.id().spread()) {
            Entry::Occupied(mut entry) => Some(std::mem::replace(entry.get_mut(), held).expires_at),
            Entry::Vacant(entry) => {
                entry.insert(held);
                None
            }
        };
        self.due.moved(spread, before, expires_at);
    }

    pub(crate) fn move_expiry(&mut self, id: &Id, expires_at: i64) {
        if let Some(held) = self.table.find_mut(id.spread(), |held| held.is(id)) {
            let before = std::mem::replace(&mut held.expires_at, expires_at);
            self.due.moved(id.spread(), Some(before), expires_at);
        }
    }

    pub(crate) fn remove(&mut self, id: &Id) -> Option<Held> {
        let entry = self.table.find_entry(id.spread(), |held| held.is(id));
        entry.ok().map(|entry| entry.remove().0)
    }

    pub(crate) fn count(&self, now: i64) -> u64 {
        self.table.iter().filter(|held| held.is_live(now)).count() as u64
    }

    pub(crate) fn listed(&self, now: i64) -> impl Iterator<Item = (Key, Held)> {
        let live = self.table.iter().filter(move |held| held.is_live(now));
        live.map(|held| (held.id().key(), held.clone()))
    }

    /// Removes up to `limit` expired sessions.
    pub(crate) fn take_expired(&mut self, now: i64, limit: usize) -> Vec<Held> {
        let mut taken = Vec::new();
        let table = &mut self.table;
        self.due.sweep(now, |spread| {
            if taken.len() == limit {
                return super::expiry::Verdict::Stop;
            }
            // Two keys may share a number; whichever of them is due is taken, one per visit.
            let due = |held: &Held| held.id().spread() == spread && !held.is_live(now);
            if let Ok(entry) = table.find_entry(spread, due) {
                taken.push(entry.remove().0);
                return super::expiry::Verdict::Done;
            }
            let later = table.find(spread, |held| held.id().spread() == spread);
            later.map_or(super::expiry::Verdict::Done, |held| {
                super::expiry::Verdict::Later(held.expires_at)
            })
        });
        taken
    }
}
