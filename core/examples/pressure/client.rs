//! A caller: it uses sessions of its own, each for one call at a time, and writes down all it does.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use sessio::{CommitOutcome, Content as Bytes, SessionManager, Store, Target, Token};

use crate::calls::{ask, expiry, failed, payload, read, subject};
use crate::checker::Oracle;
use crate::history::{Action, Call, Content, History, Id, NEVER, Said, World, Write};

const HOUR: i64 = 3_600_000_000;

/// Microseconds since 1970, by a clock that does not jump.
#[allow(clippy::disallowed_methods)] // Expiries are instants, and this program gives none a clock.
pub(crate) fn now() -> i64 {
    static START: OnceLock<(Instant, Duration)> = OnceLock::new();
    let (start, since_1970) = START.get_or_init(|| {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
        (Instant::now(), since.unwrap_or_default())
    });
    i64::try_from((*since_1970 + start.elapsed()).as_micros()).unwrap_or(i64::MAX)
}

/// A number that no other write of this run has.
pub(crate) fn fresh() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(crate) fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 16
}

/// What a caller does.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Mix {
    /// Saves, and nothing else.
    Saves,
    /// Every verb of the store.
    Verbs,
    /// Logins through a [`SessionManager`], and reads.
    Logins,
    /// Changes of the subject alone, and reads.
    Subjects,
    /// Finds of a session that does not change.
    Reads,
    /// Every verb, and many of them for several sessions at once.
    Bulk,
}

/// A logical session, its history and what is known of it.
pub(crate) struct Slot {
    pub(crate) history: History,
    oracle: Oracle,
    random: u64,
    mix: Mix,
    /// Calls are dropped after a random time up to this, in milliseconds.
    patience: Option<u64>,
}

impl Slot {
    pub(crate) fn new(mix: Mix) -> Self {
        let random = fresh().wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut slot = Slot {
            history: History::default(),
            oracle: Oracle::new(),
            random,
            mix,
            patience: None,
        };
        slot.add_token();
        slot
    }

    /// Drops most calls before they are answered.
    pub(crate) fn impatient(mix: Mix, milliseconds: u64) -> Self {
        Slot { patience: Some(milliseconds), ..Slot::new(mix) }
    }

    pub(crate) fn add_token(&mut self) -> Id {
        let token = Token::generate().map(|token| token.as_str().to_owned()).unwrap_or_default();
        self.add(token)
    }

    fn add(&mut self, token: String) -> Id {
        self.history.tokens.push(token);
        self.history.tokens.len() - 1
    }

    /// The write of a session that lasts.
    fn write(&mut self) -> Write {
        let expires = match self.mix {
            Mix::Logins => NEVER,
            Mix::Saves | Mix::Verbs | Mix::Subjects | Mix::Reads | Mix::Bulk => now() + HOUR,
        };
        let subject = (self.dice(4) == 0).then(fresh);
        Write { data: fresh(), expires, subject }
    }

    fn dice(&mut self, sides: u64) -> u64 {
        random(&mut self.random) % sides
    }

    pub(crate) fn note(&mut self, action: Action, start: i64, said: Said) {
        let call = Call { action, start, end: now(), said };
        self.oracle.observe(&call);
        self.history.calls.push(call);
    }

    pub(crate) async fn call(&mut self, store: &Store, action: Action) -> Said {
        let start = now();
        // What was dropped is settled by a write that is not.
        let hasty = self.oracle.pending() <= 2;
        let patience = self.patience.filter(|_| hasty).map(|most| self.dice(most + 1));
        let asked = ask(store, &self.history.tokens, &action, self.mix);
        let said = match patience.map(Duration::from_millis) {
            None => asked.await,
            Some(patience) => tokio::time::timeout(patience, asked).await.unwrap_or(Said::Dropped),
        };
        self.note(action, start, said.clone());
        said
    }

    /// The live session, where its token is known.
    fn live(&self, world: &World) -> Option<(Id, Content)> {
        let mut known = world.iter().filter(|(id, _)| !self.history.tokens[**id].is_empty());
        known.next_back().map(|(id, content)| (*id, content.clone()))
    }

    /// One call, chosen by what the mix is and what is known of the session.
    pub(crate) async fn turn(&mut self, manager: &SessionManager) {
        let store = manager.store();
        if self.mix == Mix::Saves {
            let write = Write { subject: None, ..self.write() };
            self.call(store, Action::Save(0, write)).await;
            return;
        }
        if self.mix == Mix::Reads && !self.history.calls.is_empty() {
            self.call(store, Action::Find(0)).await;
            return;
        }
        let Some(world) = self.oracle.certain() else {
            let action = self.settle();
            self.call(store, action).await;
            return;
        };
        let action = match (self.live(world), self.mix) {
            (None, Mix::Logins) => return self.visit(manager).await,
            (None, _) => self.begin(),
            (Some((id, content)), Mix::Verbs | Mix::Bulk) => self.verb(id, content),
            (Some((id, _)), _) if self.dice(3) == 0 => Action::Find(id),
            (Some((id, old)), Mix::Logins) => return self.log_in(manager, id, old.data).await,
            (Some((id, Content { data, expires, .. })), _) => {
                // Nothing but the subject changes.
                let write = Write { data, expires, subject: Some(fresh()) };
                Action::Replace(id, data, write)
            }
        };
        self.call(store, action).await;
    }

    /// A login, if it is known what there is to log in.
    pub(crate) async fn only_log_in(&mut self, manager: &SessionManager) {
        match self.oracle.certain().and_then(|world| self.live(world)) {
            Some((id, old)) => self.log_in(manager, id, old.data).await,
            None => self.turn(manager).await,
        }
    }

    /// Reads the session that should be live.
    pub(crate) async fn read_back(&mut self, store: &Store) {
        let live = self.oracle.certain().and_then(|world| self.live(world));
        if let Some((id, _)) = live {
            self.call(store, Action::Find(id)).await;
        }
    }

    /// After an error: look, or sometimes write over it.
    fn settle(&mut self) -> Action {
        let known: Vec<Id> = (0..self.history.tokens.len())
            .filter(|id| !self.history.tokens[*id].is_empty())
            .collect();
        let back = usize::from(known.len() > 1 && self.dice(2) == 0) + 1;
        let id = known[known.len().saturating_sub(back)];
        let writes = match self.patience {
            Some(_) => self.dice(2) == 0,
            None => self.oracle.pending() <= 2 && self.dice(3) == 0,
        };
        if !writes || !matches!(self.mix, Mix::Verbs | Mix::Bulk) {
            return Action::Find(id);
        }
        match self.dice(3) {
            0 => Action::Delete(id),
            1 => Action::Save(id, self.write()),
            _ => Action::Update(id, self.write()),
        }
    }

    /// When it has ended: see that it stays so, or begin anew.
    fn begin(&mut self) -> Action {
        let (last, used) = (self.history.tokens.len() - 1, !self.history.calls.is_empty());
        if used && self.dice(2) == 0 {
            return Action::Find(last);
        }
        let id = if used { self.add_token() } else { last };
        let write = self.write();
        if self.dice(2) == 0 { Action::Insert(id, write) } else { Action::Save(id, write) }
    }

    fn verb(&mut self, id: Id, content: Content) -> Action {
        match self.dice(20) {
            0..5 => Action::Find(id),
            5..9 => Action::Save(id, self.write()),
            9..11 => Action::Update(id, self.write()),
            11..15 => Action::Replace(id, content.data, self.write()),
            15..17 => Action::Touch(id, now() + HOUR),
            17 => {
                let write = (self.dice(2) == 0).then(|| self.write());
                Action::Rename(id, self.add_token(), write)
            }
            18 => match content.subject {
                Some(subject) => Action::Listed(id, subject),
                None => Action::Insert(id, self.write()),
            },
            _ => Action::Delete(id),
        }
    }

    /// A session of the manager's, for the logins.
    async fn visit(&mut self, manager: &SessionManager) {
        let start = now();
        let write = Write { data: fresh(), expires: NEVER, subject: None };
        let session = manager.load(None);
        let done = match session.put("n", &write.data) {
            Ok(()) => manager.commit(&session).await,
            Err(error) => Err(error),
        };
        let (token, said) = match done {
            Ok(sent) => (sent.token.unwrap_or_default(), Said::Done),
            Err(error) => (String::new(), failed(&error)),
        };
        let id = self.add(token);
        self.note(Action::Insert(id, write), start, said);
    }

    /// What a web application does when a user logs in. Its steps count as one call.
    async fn log_in(&mut self, manager: &SessionManager, old: Id, held: u64) {
        let start = now();
        // Every other one changes nothing but the subject.
        let data = if self.dice(2) == 0 { held } else { fresh() };
        let write = Write { data, expires: NEVER, subject: Some(fresh()) };
        let session = manager.load(self.history.tokens.get(old).map(String::as_str));
        let done = async {
            if !session.renew().await? {
                return Ok(false);
            }
            if write.data != held {
                session.put("n", &write.data)?;
            }
            session.set_subject(write.subject.map(subject).as_deref())?;
            Ok(manager.commit(&session).await?.outcome == CommitOutcome::Saved)
        };
        let done = done.await;
        // Empty where it may have a new token that no caller was told.
        let new = session.token().filter(|token| *token != self.history.tokens[old]);
        let new = self.add(new.unwrap_or_default());
        match done {
            Ok(saved) => self.note(Action::Rename(old, new, Some(write)), start, Said::Yes(saved)),
            Err(error) => {
                let said = failed(&error);
                self.note(Action::Rename(old, new, None), start, said.clone());
                self.note(Action::Update(new, write), start, said);
            }
        }
    }
}

/// Several sessions at once: `save_many` of new ones and of those that are surely there, or
/// `delete_many` of these.
pub(crate) async fn bulk(store: &Store, slots: &mut [Slot], delete: bool) {
    let start = now();
    let mut parts = Vec::new();
    for (at, slot) in slots.iter_mut().enumerate() {
        let live = slot.oracle.certain().and_then(|world| slot.live(world)).map(|(id, _)| id);
        let new = (!delete && slot.history.calls.is_empty()).then_some(0);
        if let Some(id) = live.or(new) {
            let write = slot.write();
            let token = slot.history.tokens[id].clone();
            parts.push((
                at,
                token,
                if delete { Action::Delete(id) } else { Action::Save(id, write) },
            ));
        }
    }
    let said = if delete {
        let targets: Vec<Target<'_>> = parts.iter().map(|part| part.1.as_str().into()).collect();
        store.delete_many(&targets).await.map(|_| ())
    } else {
        let written = |action: &Action| action.write().map(|write| (payload(write.data), write));
        let rows: Vec<_> = parts.iter().map(|part| (part.1.as_str(), written(&part.2))).collect();
        let named: Vec<String> = rows
            .iter()
            .map(|row| {
                row.1.as_ref().and_then(|row| row.1.subject).map(subject).unwrap_or_default()
            })
            .collect();
        let rows: Vec<(Target<'_>, Bytes<'_>)> = rows
            .iter()
            .zip(&named)
            .filter_map(|((token, written), named)| {
                let (bytes, write) = written.as_ref()?;
                let named = Some(named.as_str()).filter(|named| !named.is_empty());
                Some(((*token).into(), Bytes::new(bytes, expiry(write.expires)).subject(named)))
            })
            .collect();
        store.save_many(&rows).await
    };
    let said = said.map_or_else(|error| failed(&error), |()| Said::Done);
    for (at, _, action) in parts {
        slots[at].note(action, start, said.clone());
    }
}

/// Reads every token of every session, and the lists of the subjects, through a store of its own.
pub(crate) async fn read_all(store: &Store, slots: &mut [Slot]) -> sessio::Result<()> {
    let mut found = HashMap::new();
    let start = now();
    let tokens = slots.iter().flat_map(|slot| &slot.history.tokens);
    let tokens: Vec<&String> = tokens.filter(|token| !token.is_empty()).collect();
    for part in tokens.chunks(500) {
        let targets: Vec<Target<'_>> = part.iter().map(|token| token.as_str().into()).collect();
        let records = store.find_many(&targets).await?;
        found.extend(part.iter().map(|token| (*token).clone()).zip(records));
    }
    for slot in slots {
        let mut listed = Vec::new();
        for id in 0..slot.history.tokens.len() {
            if slot.history.tokens[id].is_empty() {
                continue;
            }
            let record = found.remove(&slot.history.tokens[id]).flatten();
            let content = record.map(|record| read(&record, slot.mix));
            let named = content.as_ref().and_then(|content| content.subject);
            listed.extend(named.map(|subject| Action::Listed(id, subject)));
            slot.note(Action::Find(id), start, Said::Found(content));
        }
        for action in listed {
            slot.call(store, action).await;
        }
    }
    Ok(())
}
