//! Sessions in this process's memory. Every call is answered on the caller's thread.

mod expiry;
mod markers;
mod shard;
mod subjects;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::config::options::Options;
use crate::protocol::clock::{Clock, NEVER, Timestamp};
use crate::protocol::command::{
    Backend, CleanupRound, Command, PageRequest, Row, SourceLibrary, Write,
};
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::protocol::message::Message;
use crate::protocol::record::{self, Data, Entry, Outcome, Record, Stats};
use crate::protocol::request::{Answer, Reply};
use crate::protocol::stored::StoredSession;
use crate::protocol::token::{Id, Key};

use markers::Markers;
use shard::Shard;
use subjects::Subjects;

const SHARDS: usize = 64;

/// Removing this many under one lock keeps a lookup that waits for it waiting for microseconds.
const SWEEP_AT_ONCE: usize = 256;

pub(crate) struct Memory {
    /// A shard holds a range of keys, by their first character, so that listing in order need
    /// not look at them all.
    shards: Box<[Mutex<Shard>]>,
    subjects: Subjects,
    ended: Box<Markers>,
    limits: MemoryLimits,
    clock: Clock,
    closed: AtomicBool,
    removed: AtomicU64,
    /// No session ends before: a store at its cap has nothing to remove until then.
    next_expiry: AtomicI64,
    /// Held by who removes what has expired.
    sweeping: Mutex<()>,
    #[cfg(test)]
    sweeps: AtomicU64,
}

/// What is held and how much may be.
#[derive(Default)]
pub(crate) struct MemoryLimits {
    sessions: AtomicU64,
    bytes: AtomicU64,
    max_sessions: Option<u64>,
    max_bytes: Option<u64>,
}

impl MemoryLimits {
    /// Accounts for `new` bytes in place of `old`; `None` is no session. False if that is too much.
    fn exchange(&self, old: Option<usize>, new: Option<usize>) -> bool {
        let width = |size: Option<usize>| size.map_or(0, |size| size as u64);
        let grows = |counter: &AtomicU64, from: u64, to: u64, cap: Option<u64>| {
            let now = counter.fetch_add(to.wrapping_sub(from), Ordering::Relaxed);
            to <= from || cap.is_none_or(|cap| now.wrapping_add(to - from) <= cap)
        };
        let count = |size: Option<usize>| u64::from(size.is_some());
        let few = grows(&self.sessions, count(old), count(new), self.max_sessions);
        let small = grows(&self.bytes, width(old), width(new), self.max_bytes);
        if !(few && small) {
            self.sessions.fetch_sub(count(new).wrapping_sub(count(old)), Ordering::Relaxed);
            self.bytes.fetch_sub(width(new).wrapping_sub(width(old)), Ordering::Relaxed);
        }
        few && small
    }
}

impl Memory {
    pub(crate) fn new(options: &Options) -> Self {
        let limits = MemoryLimits {
            max_sessions: options.max_sessions.map(|cap| cap as u64),
            max_bytes: options.max_bytes.map(|cap| cap as u64),
            ..MemoryLimits::default()
        };
        Memory {
            shards: (0..SHARDS).map(|_| Mutex::new(Shard::default())).collect(),
            subjects: Subjects::default(),
            ended: Box::default(),
            limits,
            clock: options.clock.clone(),
            closed: AtomicBool::new(false),
            removed: AtomicU64::new(0),
            next_expiry: AtomicI64::new(NEVER),
            sweeping: Mutex::default(),
            #[cfg(test)]
            sweeps: AtomicU64::new(0),
        }
    }

    fn run(&self, command: Command<'_>) -> Result<Answer> {
        let now = self.clock.now();
        match command {
            Command::Find(id) => Ok(Answer::Found(self.find(&id))),
            Command::Exists(id) => Ok(Answer::Is(self.shard(&id).live(&id, now).is_some())),
            Command::Write(id, write) => self.roomy(now, || self.write(&id, write, now)),
            Command::Rename(old, new, row) => {
                self.roomy(now, || self.rename(&old, &new, None, row, now)).map(Answer::Wrote)
            }
            Command::Move { old, new, expected, row } => {
                let renamed = || self.rename(&old, &new, Some(expected), Some(row), now);
                self.roomy(now, renamed).map(Answer::Wrote)
            }
            Command::End(id) => Ok(Answer::Is(self.end(&id, now))),
            Command::Ended(ids, since) => Ok(Answer::Is(self.ended.any(ids, since))),
            Command::Count => {
                let live = |shard: &Mutex<Shard>| lock(shard).count(now);
                Ok(Answer::Count(self.shards.iter().map(live).sum()))
            }
            Command::List(page) => Ok(Answer::Listed(self.list(page, now))),
            Command::DeleteSubject(subject, keep) => {
                Ok(Answer::Count(self.delete_subject(subject, keep, now)))
            }
            Command::Clear => Ok(Answer::Count(self.delete_all(now))),
            Command::DeleteExpired(CleanupRound { limit, .. }) => {
                Ok(Answer::Count(self.sweep(limit, now)))
            }
            Command::Check => Ok(Answer::Checked(Vec::new())),
            Command::Migrate | Command::Ping => Ok(Answer::Done),
        }
    }

    fn shard(&self, id: &Id) -> MutexGuard<'_, Shard> {
        lock(&self.shards[shard_index(id)])
    }

    #[inline]
    pub(crate) fn find(&self, id: &Id) -> Option<Record> {
        let shard = self.shard(id);
        shard.get(id).filter(|held| !self.clock.has_reached(held.expires_at())).map(record_of)
    }

    /// Expired sessions that cleanup has not met yet must not keep new ones out.
    fn roomy<T>(&self, now: i64, work: impl Fn() -> Result<T>) -> Result<T> {
        let removed = self.removed.load(Ordering::Relaxed);
        match work() {
            Err(full) if full.kind() == ErrorKind::Full && self.made_room(removed, now) => work(),
            done => done,
        }
    }

    /// Whether expired sessions were removed, by this call or since so many had been.
    fn made_room(&self, removed: u64, now: i64) -> bool {
        let turn = lock(&self.sweeping);
        if self.next_expiry.load(Ordering::Relaxed) <= now {
            self.sweep_in_turn(usize::MAX, now, &turn);
        }
        self.removed.load(Ordering::Relaxed) != removed
    }

    /// A session ends then. Called with its shard locked, so that a sweep either meets the session
    /// or has reset the instant before.
    fn ends_at(&self, expires_at: i64) {
        if expires_at < self.next_expiry.load(Ordering::Relaxed) {
            self.next_expiry.fetch_min(expires_at, Ordering::Relaxed);
        }
    }

    fn write(&self, id: &Id, write: Write<'_>, now: i64) -> Result<Answer> {
        let mut shard = self.shard(id);
        let live = shard.live(id, now);
        let row = match (write, live) {
            (Write::Delete, live) => {
                let was_live = live.is_some();
                self.remove(&mut shard, id);
                return Ok(Answer::Is(was_live));
            }
            (Write::Insert(_), Some(_)) => return Err(Error::already_exists()),
            (Write::Update(_) | Write::Replace(..) | Write::Touch(_), None) => {
                return Ok(Answer::Wrote(Outcome::Gone));
            }
            (Write::Replace(expected, row), Some(held)) if held.data() != expected => {
                row.met.into_iter().for_each(|met| met.tell(held.data(), held.expires_at()));
                return Ok(Answer::Wrote(Outcome::Conflict));
            }
            (Write::Touch(expires_at), Some(_)) => {
                shard.move_expiry(id, expires_at);
                self.ends_at(expires_at);
                return Ok(Answer::Wrote(Outcome::Saved));
            }
            (Write::Save(row) | Write::Insert(row), _) => {
                self.put(&mut shard, id, row, now)?;
                return Ok(Answer::Done);
            }
            (Write::Update(row) | Write::Replace(_, row), Some(_)) => row,
        };
        self.put(&mut shard, id, row, now)?;
        Ok(Answer::Wrote(Outcome::Saved))
    }

    fn put(&self, shard: &mut Shard, id: &Id, row: Row<'_>, now: i64) -> Result<()> {
        let old = shard.get(id).cloned();
        let kept = old.as_ref().filter(|held| held.is_live(now)).and_then(StoredSession::subject);
        let subject = row.subject.or(kept).filter(|subject| !subject.is_empty());
        let size = old.as_ref().map(|held| held.data().len());
        if !self.limits.exchange(size, Some(row.data.len())) {
            return Err(Error::new(
                ErrorKind::Full,
                Message::new(
                    "the memory store is at its cap; raise {option max_sessions} or \
                     {option max_bytes}, or end sessions",
                    &[],
                ),
            ));
        }
        let old_subject = old.as_ref().and_then(StoredSession::subject);
        if old_subject != subject {
            self.subjects.change(id, old_subject, subject);
        }
        shard.put(id, StoredSession::new(id, row.data, subject, row.expires_at));
        self.ends_at(row.expires_at);
        Ok(())
    }

    fn remove(&self, shard: &mut Shard, id: &Id) {
        if let Some(held) = shard.remove(id) {
            self.limits.exchange(Some(held.data().len()), None);
            self.subjects.change(id, held.subject(), None);
        }
    }

    fn end(&self, id: &Id, now: i64) -> bool {
        let mut shard = self.shard(id);
        let was_live = shard.live(id, now).is_some();
        self.remove(&mut shard, id);
        // Before the shard is unlocked: a reader finds the session or its marker, never neither.
        if was_live {
            self.ended.mark(id, now);
        }
        was_live
    }

    /// With something that is expected, it is a move, which leaves a marker.
    fn rename(
        &self,
        old: &Id,
        new: &Id,
        expected: Option<&[u8]>,
        row: Option<Row<'_>>,
        now: i64,
    ) -> Result<Outcome> {
        // Two shards are always locked in the order of their numbers.
        let (first, second) = (shard_index(old), shard_index(new));
        let mut low = lock(&self.shards[first.min(second)]);
        let mut high = (first != second).then(|| lock(&self.shards[first.max(second)]));
        let (from, to) = match (&mut high, first < second) {
            (None, _) => {
                let renamed = self.rename_within(&mut low, None, old, new, expected, row, now);
                return self.marked(old, expected, renamed, now);
            }
            (Some(high), true) => (&mut *low, &mut **high),
            (Some(high), false) => (&mut **high, &mut *low),
        };
        let renamed = self.rename_within(from, Some(to), old, new, expected, row, now);
        self.marked(old, expected, renamed, now)
    }

    fn marked(
        &self,
        old: &Id,
        expected: Option<&[u8]>,
        renamed: Result<Outcome>,
        now: i64,
    ) -> Result<Outcome> {
        if let (Some(_), Ok(Outcome::Saved)) = (expected, &renamed) {
            self.ended.mark(old, now);
        }
        renamed
    }

    /// `to` is the new id's shard where that is another one.
    #[expect(clippy::too_many_arguments, reason = "two shards, two ids and what is written")]
    fn rename_within(
        &self,
        from: &mut Shard,
        to: Option<&mut Shard>,
        old: &Id,
        new: &Id,
        expected: Option<&[u8]>,
        row: Option<Row<'_>>,
        now: i64,
    ) -> Result<Outcome> {
        let Some(held) = from.live(old, now).cloned() else {
            return Ok(Outcome::Gone);
        };
        if expected.is_some_and(|expected| expected != held.data()) {
            let met = row.and_then(|row| row.met);
            met.into_iter().for_each(|met| met.tell(held.data(), held.expires_at()));
            return Ok(Outcome::Conflict);
        }
        let taken = to.as_deref().unwrap_or(from).live(new, now).is_some();
        if old != new && taken {
            return Err(Error::already_exists());
        }
        let (data, expires_at) = (held.data(), held.expires_at());
        let row = row.unwrap_or(Row { data, expires_at, subject: None, met: None });
        let subject = row.subject.or(held.subject());
        let row = Row { subject, ..row };
        if old == new {
            self.put(from, old, row, now)?;
        } else {
            // Removed first, so that a store at its cap can rename; put back if that fails.
            self.remove(from, old);
            if let Err(full) = self.put(to.unwrap_or(from), new, row, now) {
                let before = Row { data, expires_at, subject: held.subject(), met: None };
                self.put(from, old, before, now)?;
                return Err(full);
            }
        }
        Ok(Outcome::Saved)
    }

    fn list(&self, page: PageRequest<'_>, now: i64) -> record::Page {
        let after = page.after.as_ref();
        let mut found: Vec<(Key, StoredSession)> = Vec::new();
        if let Some(subject) = page.subject {
            for id in self.subjects.ids(subject) {
                let shard = self.shard(&id);
                let held = shard.live(&id, now).filter(|held| held.subject() == Some(subject));
                found.extend(held.map(|held| (id.key(), held.clone())));
            }
            found.retain(|(key, _)| Some(key) > after);
            found.sort_unstable_by_key(|(key, _)| *key);
        } else {
            let first = after.and_then(|key| key.as_bytes().first()).map_or(0, |c| range(*c));
            for shard in &self.shards[first..] {
                if found.len() > page.limit {
                    break;
                }
                let start = found.len();
                found.extend(lock(shard).listed(now).filter(|(key, _)| Some(key) > after));
                found[start..].sort_unstable_by_key(|(key, _)| *key);
            }
        }
        let more = found.len() > page.limit;
        found.truncate(page.limit);
        let entry = |(key, held): (Key, StoredSession)| Entry { key, record: record_of(&held) };
        let entries: Vec<Entry> = found.into_iter().map(entry).collect();
        let next = entries.last().filter(|_| more).map(|entry| entry.key);
        record::Page { entries, next }
    }

    fn delete_subject(&self, subject: &str, keep: Option<Id>, now: i64) -> u64 {
        let mut ended = 0;
        for id in self.subjects.ids(subject).into_iter().filter(|id| Some(*id) != keep) {
            let mut shard = self.shard(&id);
            let theirs = shard.get(&id).filter(|held| held.subject() == Some(subject));
            if let Some(live) = theirs.map(|held| held.is_live(now)) {
                ended += u64::from(live);
                self.remove(&mut shard, &id);
            }
        }
        ended
    }

    fn delete_all(&self, now: i64) -> u64 {
        let mut ended = 0;
        for shard in &self.shards {
            // No more than there were, or those who go on saving would keep it here.
            let mut left = lock(shard).len();
            while left > 0 {
                let mut shard = lock(shard);
                let gone = shard.take_any(SWEEP_AT_ONCE.min(left));
                for held in &gone {
                    ended += u64::from(held.is_live(now));
                    self.forget(held);
                }
                left = if gone.is_empty() { 0 } else { left.saturating_sub(gone.len()) };
            }
        }
        self.ended.clear();
        ended
    }

    /// It is in no shard any more.
    fn forget(&self, held: &StoredSession) {
        self.limits.exchange(Some(held.data().len()), None);
        self.subjects.change(&held.id(), held.subject(), None);
    }

    fn sweep(&self, limit: usize, now: i64) -> u64 {
        self.sweep_in_turn(limit, now, &lock(&self.sweeping))
    }

    fn sweep_in_turn(&self, limit: usize, now: i64, _: &MutexGuard<'_, ()>) -> u64 {
        #[cfg(test)]
        self.sweeps.fetch_add(1, Ordering::Relaxed);
        self.next_expiry.store(NEVER, Ordering::Relaxed);
        let mut removed = 0;
        for shard in &self.shards {
            loop {
                let at_once = SWEEP_AT_ONCE.min(limit - removed);
                // Held until the subjects know: who saves such a session again waits for that.
                let mut shard = lock(shard);
                let gone = if at_once > 0 { shard.take_expired(now, at_once) } else { Vec::new() };
                gone.iter().for_each(|held| self.forget(held));
                removed += gone.len();
                if gone.len() < at_once || at_once == 0 {
                    self.ends_at(shard.next_expiry());
                    break;
                }
            }
        }
        self.removed.fetch_add(removed as u64, Ordering::Relaxed);
        removed as u64
    }
}

impl Backend for Memory {
    fn start(
        &self,
        command: Command<'_>,
        _: Option<Instant>,
        _: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        if self.closed.load(Ordering::Relaxed) {
            return Some(Err(Error::closed()));
        }
        Some(self.run(command))
    }

    fn migrate_from(
        &self,
        origin: SourceLibrary,
        _: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        match origin {
            SourceLibrary::Scs => Some(Ok(Answer::Done)),
        }
    }

    fn close(&self, finished: Box<dyn FnOnce() + Send>) {
        if !self.closed.swap(true, Ordering::Relaxed) {
            for shard in &self.shards {
                *lock(shard) = Shard::default();
            }
            self.subjects.clear();
            self.ended.clear();
            self.limits.sessions.store(0, Ordering::Relaxed);
            self.limits.bytes.store(0, Ordering::Relaxed);
        }
        finished();
    }

    fn count(&self, stats: &mut Stats) {
        stats.sessions = self.limits.sessions.load(Ordering::Relaxed);
        stats.bytes = self.limits.bytes.load(Ordering::Relaxed);
        stats.removed = self.removed.load(Ordering::Relaxed);
    }
}

#[inline]
fn record_of(held: &StoredSession) -> Record {
    let never = held.expires_at() == crate::protocol::clock::NEVER;
    Record {
        data: Data::shared(held.clone()),
        expires_at: (!never).then(|| Timestamp::from_micros(held.expires_at())),
        subject: held.subject().map(Box::from),
    }
}

/// A panic while a lock was held cannot leave a shard half changed in a way that matters: every
/// change of the table is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shard_index(id: &Id) -> usize {
    range(id.first_char())
}

/// Rises with the character, so that shards are in the order of their keys.
fn range(first: u8) -> usize {
    let (low, high) = (0x20, 0x7e);
    usize::from(first.clamp(low, high) - low) * SHARDS / usize::from(high - low + 1)
}
