//! The model: what one caller's own sessions are, and what every call about them must answer.

use sessio::operation::{Answer, Request};
use sessio::{ErrorKind, Expiry, Key, Outcome, Page, Record, Target, Timestamp};

use crate::plan::{Content, End, Guess, Op, SLOTS, Subject};

const NEVER: i64 = i64::MAX;
const DAY: i64 = 86_400_000_000;

#[derive(Clone)]
struct Session {
    data: Vec<u8>,
    ends: i64,
    owned: bool,
}

pub(crate) struct Oracle {
    pub(crate) caller: u8,
    tokens: Vec<String>,
    keys: Vec<Key>,
    subject: String,
    sessions: Vec<Option<Session>>,
}

/// What a call must give.
type Expected = Result<Answer, ErrorKind>;

impl Oracle {
    pub(crate) fn new(caller: u8) -> Self {
        Oracle {
            caller,
            tokens: (0..SLOTS).map(|slot| format!("token-{caller}-{slot}")).collect(),
            keys: vec![Key::from_text(""); usize::from(SLOTS)],
            subject: format!("caller-{caller}"),
            sessions: vec![None; usize::from(SLOTS)],
        }
    }

    /// All slots are saved, each with its number as data.
    pub(crate) fn begin(&mut self, keys: &[(u8, Key)]) {
        for (slot, key) in keys {
            self.keys[usize::from(*slot)] = *key;
            let session = Session { data: vec![*slot], ends: NEVER, owned: true };
            self.sessions[usize::from(*slot)] = Some(session);
        }
    }

    pub(crate) fn token(&self, slot: u8) -> &str {
        &self.tokens[usize::from(slot)]
    }

    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    pub(crate) fn live(&self, now: i64) -> u64 {
        (0..SLOTS).filter(|slot| self.at(*slot, now).is_some()).count() as u64
    }

    fn at(&self, slot: u8, now: i64) -> Option<&Session> {
        self.sessions[usize::from(slot)].as_ref().filter(|session| now < session.ends)
    }

    fn target(&self, slot: u8) -> Target<'_> {
        Target::from(self.token(slot))
    }

    fn record(&self, slot: u8, now: i64) -> Option<Record> {
        let session = self.at(slot, now)?;
        Some(Record {
            data: session.data.clone().into(),
            expires_at: (session.ends != NEVER).then(|| Timestamp::from_micros(session.ends)),
            subject: session.owned.then(|| self.subject.as_str().into()),
        })
    }

    fn put(&mut self, slot: u8, new: Content, now: i64, next: i64) {
        let kept = self.at(slot, now).is_some_and(|session| session.owned);
        let owned = match new.subject {
            Subject::Keep => kept,
            Subject::Own => true,
            Subject::None => false,
        };
        let session = Session { data: bytes(new.data), ends: ends(new.end, now, next), owned };
        self.sessions[usize::from(slot)] = Some(session);
    }

    /// Makes the call and compares; `next` is when the second phase begins.
    pub(crate) fn check(
        &mut self,
        op: &Op,
        now: i64,
        next: i64,
        ask: impl Fn(Request<'_>) -> sessio::Result<Answer>,
    ) -> Result<(), String> {
        if let Op::ListSubject(limit) = op {
            return self.check_pages(*limit, now, ask);
        }
        let got = self.request(op, now, next, ask).map_err(|error| (error.kind(), error));
        let expected = self.expect(op, now, next);
        match (got, expected) {
            // How many expired sessions there are depends on all callers.
            (Ok(Answer::Count(_)), _) if matches!(op, Op::DeleteExpired(_)) => Ok(()),
            (Ok(got), Ok(expected)) if got == expected => Ok(()),
            (Err((got, _)), Err(expected)) if got == expected => Ok(()),
            (Ok(got), expected) => Err(format!("gave {got:?}, expected {expected:?}")),
            (Err((kind, error)), expected) => {
                Err(format!("gave {kind}: {error}, expected {expected:?}"))
            }
        }
    }

    fn request(
        &self,
        op: &Op,
        now: i64,
        next: i64,
        ask: impl Fn(Request<'_>) -> sessio::Result<Answer>,
    ) -> sessio::Result<Answer> {
        let expiry = |end| match ends(end, now, next) {
            NEVER => Expiry::Never,
            at => Expiry::At(Timestamp::from_micros(at)),
        };
        let subject = |subject| match subject {
            Subject::Keep => None,
            Subject::Own => Some(self.subject.as_str()),
            Subject::None => Some(""),
        };
        let with =
            |new: Content, request: &dyn Fn(sessio::Content<'_>) -> sessio::Result<Answer>| {
                let (data, expires_at) = (bytes(new.data), expiry(new.end));
                request(sessio::Content::new(&data, expires_at).subject(subject(new.subject)))
            };
        let targets = |slots: &[u8]| -> Vec<Target<'_>> {
            slots.iter().map(|slot| self.target(*slot)).collect()
        };
        let key = |slot: u8| Target::from(&self.keys[usize::from(slot)]);
        match op {
            Op::Find(slot) => ask(Request::Find(self.target(*slot))),
            Op::Exists(slot) => ask(Request::Exists(self.target(*slot))),
            Op::FindByKey(slot) => ask(Request::Find(key(*slot))),
            Op::FindMany(slots) => ask(Request::FindMany(&targets(slots))),
            Op::Save(slot, new) => with(*new, &|new| ask(Request::Save(self.target(*slot), new))),
            Op::SaveMany(rows) => {
                let data: Vec<Vec<u8>> = rows.iter().map(|(_, new)| bytes(new.data)).collect();
                let row = |((slot, new), data): (&(u8, Content), _)| {
                    let content = sessio::Content::new(data, expiry(new.end));
                    (self.target(*slot), content.subject(subject(new.subject)))
                };
                let rows: Vec<_> =
                    rows.iter().zip(data.iter().map(Vec::as_slice)).map(row).collect();
                ask(Request::SaveMany(&rows))
            }
            Op::Insert(slot, new) => {
                with(*new, &|new| ask(Request::Insert(self.target(*slot), new)))
            }
            Op::Update(slot, new) => {
                with(*new, &|new| ask(Request::Update(self.target(*slot), new)))
            }
            Op::Replace(slot, guess, new) => {
                let expected = self.guess(*slot, *guess, now);
                with(*new, &|new| ask(Request::Replace(self.target(*slot), &expected, new)))
            }
            Op::Touch(slot, end) => ask(Request::Touch(self.target(*slot), expiry(*end))),
            Op::Rename(old, new, None) => {
                ask(Request::Rename(self.target(*old), self.target(*new), None))
            }
            Op::Rename(old, new, Some(content)) => with(*content, &|content| {
                ask(Request::Rename(self.target(*old), self.target(*new), Some(content)))
            }),
            Op::Delete(slot) => ask(Request::Delete(self.target(*slot))),
            Op::DeleteByKey(slot) => ask(Request::Delete(key(*slot))),
            Op::DeleteMany(slots) => ask(Request::DeleteMany(&targets(slots))),
            Op::DeleteSubject(keep) => {
                let keep = keep.map(|slot| self.target(slot));
                ask(Request::DeleteSubject(&self.subject, keep))
            }
            Op::DeleteExpired(limit) => ask(Request::DeleteExpired(*limit)),
            Op::ListSubject(_) | Op::Together(_) => {
                unreachable!("not a single call about the caller's own sessions")
            }
        }
    }

    fn guess(&self, slot: u8, guess: Guess, now: i64) -> Vec<u8> {
        match guess {
            Guess::Right => self.at(slot, now).map_or_else(Vec::new, |held| held.data.clone()),
            Guess::Wrong => b"never stored".to_vec(),
            Guess::Empty => Vec::new(),
        }
    }

    /// What the call must answer; changes the model as the call changes the store.
    fn expect(&mut self, op: &Op, now: i64, next: i64) -> Expected {
        let wrote = |saved| Answer::Wrote(if saved { Outcome::Saved } else { Outcome::Gone });
        match op {
            Op::Find(slot) | Op::FindByKey(slot) => Ok(Answer::Found(self.record(*slot, now))),
            Op::Exists(slot) => Ok(Answer::Is(self.at(*slot, now).is_some())),
            Op::FindMany(slots) => {
                let records = slots.iter().map(|slot| self.record(*slot, now));
                Ok(Answer::FoundMany(records.collect()))
            }
            Op::Save(slot, new) => {
                self.put(*slot, *new, now, next);
                Ok(Answer::Done)
            }
            Op::SaveMany(rows) => {
                for (slot, new) in rows {
                    self.put(*slot, *new, now, next);
                }
                Ok(Answer::Done)
            }
            Op::Insert(slot, _) if self.at(*slot, now).is_some() => Err(ErrorKind::AlreadyExists),
            Op::Insert(slot, new) => {
                self.put(*slot, *new, now, next);
                Ok(Answer::Done)
            }
            Op::Update(slot, _) | Op::Replace(slot, ..) | Op::Touch(slot, _)
                if self.at(*slot, now).is_none() =>
            {
                Ok(wrote(false))
            }
            Op::Update(slot, new) => {
                self.put(*slot, *new, now, next);
                Ok(wrote(true))
            }
            Op::Replace(slot, guess, new) => {
                let expected = self.guess(*slot, *guess, now);
                if self.at(*slot, now).is_some_and(|held| held.data != expected) {
                    return Ok(Answer::Wrote(Outcome::Conflict));
                }
                self.put(*slot, *new, now, next);
                Ok(wrote(true))
            }
            Op::Touch(slot, end) => {
                if let Some(held) = &mut self.sessions[usize::from(*slot)] {
                    held.ends = ends(*end, now, next);
                }
                Ok(wrote(true))
            }
            Op::Rename(old, new, content) => self.expect_rename(*old, *new, *content, now, next),
            Op::Delete(slot) | Op::DeleteByKey(slot) => Ok(Answer::Is(self.end(*slot, now))),
            Op::DeleteMany(slots) => {
                Ok(Answer::Count(slots.iter().filter(|slot| self.end(**slot, now)).count() as u64))
            }
            Op::DeleteSubject(keep) => {
                let theirs: Vec<u8> = (0..SLOTS).filter(|slot| Some(*slot) != *keep).collect();
                let owned = |slot: &&u8| self.at(**slot, now).is_some_and(|held| held.owned);
                let theirs: Vec<u8> = theirs.iter().filter(owned).copied().collect();
                Ok(Answer::Count(theirs.iter().filter(|slot| self.end(**slot, now)).count() as u64))
            }
            // Removes what cannot be seen.
            Op::DeleteExpired(_) => Ok(Answer::Count(0)),
            Op::ListSubject(_) | Op::Together(_) => {
                unreachable!("not a single call about the caller's own sessions")
            }
        }
    }

    fn expect_rename(
        &mut self,
        old: u8,
        new: u8,
        content: Option<Content>,
        now: i64,
        next: i64,
    ) -> Expected {
        let Some(held) = self.at(old, now).cloned() else {
            return Ok(Answer::Wrote(Outcome::Gone));
        };
        if old != new && self.at(new, now).is_some() {
            return Err(ErrorKind::AlreadyExists);
        }
        self.sessions[usize::from(old)] = None;
        self.sessions[usize::from(new)] = Some(held);
        if let Some(content) = content {
            self.put(new, content, now, next);
        }
        Ok(Answer::Wrote(Outcome::Saved))
    }

    /// Whether there was a live one.
    fn end(&mut self, slot: u8, now: i64) -> bool {
        let lived = self.at(slot, now).is_some();
        self.sessions[usize::from(slot)] = None;
        lived
    }

    /// The caller's sessions by subject, page after page.
    fn check_pages(
        &self,
        limit: usize,
        now: i64,
        ask: impl Fn(Request<'_>) -> sessio::Result<Answer>,
    ) -> Result<(), String> {
        let owned = |slot: &u8| self.at(*slot, now).is_some_and(|held| held.owned);
        let mut expected: Vec<(Key, Option<Record>)> = (0..SLOTS)
            .filter(owned)
            .map(|slot| (self.keys[usize::from(slot)], self.record(slot, now)))
            .collect();
        expected.sort_by_key(|(key, _)| *key);
        let (mut after, mut listed) = (None, Vec::new());
        loop {
            let page = match ask(Request::ListSubject(&self.subject, after.as_ref(), limit)) {
                Ok(Answer::Listed(Page { entries, next })) if entries.len() <= limit => {
                    listed.extend(entries.into_iter().map(|entry| (entry.key, Some(entry.record))));
                    next
                }
                other => return Err(format!("listing gave {other:?}")),
            };
            match page {
                Some(next) => after = Some(next),
                None if listed == expected => return Ok(()),
                None => return Err(format!("listed {listed:?}, expected {expected:?}")),
            }
        }
    }

    pub(crate) fn check_all(
        &self,
        now: i64,
        ask: impl Fn(Request<'_>) -> sessio::Result<Answer>,
    ) -> Result<(), String> {
        for slot in 0..SLOTS {
            let found = ask(Request::Find(self.target(slot))).map_err(|error| error.to_string())?;
            let expected = Answer::Found(self.record(slot, now));
            if found != expected {
                let who = format!("caller {}, slot {slot}", self.caller);
                return Err(format!("in the end, {who}: {found:?}, expected {expected:?}"));
            }
        }
        self.check_pages(2, now, ask)
    }
}

/// A few sizes, the last of them far beyond a packet of the network.
fn bytes(data: u8) -> Vec<u8> {
    match data {
        0 => Vec::new(),
        255 => vec![data; 70_000],
        _ => vec![data; usize::from(data % 40) + 1],
    }
}

fn ends(end: End, now: i64, next: i64) -> i64 {
    match end {
        End::Past => now - DAY,
        End::Now => now,
        End::NextPhase => next,
        End::Far => now + DAY,
        End::Never => NEVER,
    }
}
