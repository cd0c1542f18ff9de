//! Stores what a request did to its session, without undoing what others did meanwhile.

use std::sync::{Arc, MutexGuard};
use std::time::Instant;

use crate::clock::{NEVER, Timestamp};
use crate::codec::Document;
use crate::error::{Error, ErrorKind, Result};
use crate::record::{Data, Met, Outcome, Record};

use super::changes::Changes;
use super::events::Event;
use super::handle::Session;
use super::manager::SessionManager;
use super::settings::OnConflict;
use super::state::{Base, State, Who, content, decode, expiry, micros};

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Committed {
    /// There was nothing to store, though perhaps an expiry was moved.
    Unmodified,
    /// It was stored.
    Saved,
    /// The session was destroyed in this request.
    Destroyed,
    /// Another request ended the session meanwhile. Nothing was stored: it stays ended.
    Gone,
    /// Another request changed the session meanwhile, and the policy is to fail. Nothing was
    /// stored.
    Conflict,
}

impl Committed {
    /// Its name, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Committed::Unmodified => "unmodified",
            Committed::Saved => "saved",
            Committed::Destroyed => "destroyed",
            Committed::Gone => "gone",
            Committed::Conflict => "conflict",
        }
    }
}

/// What a commit says that the client shall be sent. `Debug` hides token and cookie.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "the client has to be told its token"]
pub struct Sent {
    /// How it ended.
    pub outcome: Committed,
    /// The session's token, if it has one: for clients without cookies.
    pub token: Option<String>,
    /// When the session ends if nobody uses it; `None` when there is none.
    pub expires_at: Option<Timestamp>,
    /// The value of a `Set-Cookie` header, if one is to be sent: the token, or its deletion. With
    /// it belongs `Cache-Control: no-cache="Set-Cookie"`, and `Vary: Cookie` with every answer.
    pub set_cookie: Option<String>,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sent")
            .field("outcome", &self.outcome)
            .field("expires_at", &self.expires_at)
            .field("set_cookie", &self.set_cookie.is_some())
            .finish_non_exhaustive()
    }
}

/// What is to be written, taken out of the state, so that changes made meanwhile are not lost.
struct Write {
    /// `None` for a new session.
    stored: Option<(Who, Data)>,
    changes: Changes,
    document: Arc<Document>,
    absorbed: Vec<String>,
}

impl SessionManager {
    /// Stores what was changed, and says what to send to the client.
    ///
    /// A new session is inserted under a new token. One that was loaded is written only if the
    /// store still has what was loaded: if another request has changed it since, this one's
    /// changes are put on top, key by key (or what [`OnConflict`] says); if it was ended, it stays
    /// ended. In the common case that is one statement, and none where nothing was changed. Of a
    /// session that was only read the expiry is moved from time to time, if there is an idle
    /// timeout. SCS `Commit`.
    ///
    /// # Errors
    /// As [`Store::insert`](crate::Store::insert) and [`Store::replace`](crate::Store::replace).
    /// `Overloaded` when other requests changed this session first for longer than the store's
    /// timeout. The changes are kept, so it can be called again. `InvalidArgument` for a session of another
    /// manager, whose store may be another one too.
    pub async fn commit(&self, session: &Session) -> Result<Sent> {
        if !Arc::ptr_eq(&self.0, &session.manager) {
            return Err(Error::invalid("this session is another manager's: commit it there"));
        }
        let _turn = session.turn().await;
        if session.lock().is_modified() {
            session.look().await?;
            return self.write(session).await;
        }
        self.leave(session).await
    }

    /// Nothing to write.
    async fn leave(&self, session: &Session) -> Result<Sent> {
        let due = {
            let state = session.lock();
            if state.destroyed {
                return Ok(self.removed(&state, Committed::Destroyed));
            }
            self.due_touch(&state)
        };
        let Some((who, expiry)) = due else {
            return Ok(self.told(&mut session.lock(), Committed::Unmodified, false));
        };
        let moved = self.0.store.touch(who.target(), Timestamp::from_micros(expiry)).await?;
        let mut state = session.lock();
        if !moved {
            return Ok(self.gone(state));
        }
        if let Base::Stored { expires_at, .. } = &mut state.base {
            *expires_at = Some(Timestamp::from_micros(expiry));
        }
        let sent = self.told(&mut state, Committed::Unmodified, true);
        drop(state);
        self.0.happened(Event::Touched);
        Ok(sent)
    }

    fn due_touch(&self, state: &State) -> Option<(Who, i64)> {
        let idle_timeout = self.0.options.idle_timeout?;
        let (Base::Stored { expires_at, .. }, Some(who)) = (&state.base, &state.who) else {
            return None;
        };
        let expiry = state.expiry(&self.0.options, self.0.now());
        let gain = expiry.saturating_sub(expires_at.map_or(NEVER, Timestamp::as_micros));
        let least = micros(self.0.options.touches_every(idle_timeout)).max(1);
        (gain >= least).then(|| (who.clone(), expiry))
    }

    async fn write(&self, session: &Session) -> Result<Sent> {
        let mut write = session.lock().take_write();
        let done = self.write_until_done(session, &mut write).await;
        match done {
            Ok((Committed::Saved, data, expiry)) => {
                let absorbed = std::mem::take(&mut write.absorbed);
                let news = session.lock().written(write, data, expiry);
                for token in &absorbed {
                    if let Err(error) = self.0.store.delete(token).await {
                        session.lock().absorbed = absorbed;
                        return Err(error);
                    }
                }
                Ok(self.told(&mut session.lock(), Committed::Saved, news))
            }
            Ok((Committed::Gone, ..)) => Ok(self.gone(session.lock())),
            Ok((Committed::Unmodified, ..)) => self.leave(session).await,
            Ok((outcome, ..)) => {
                let mut state = session.lock();
                state.give_back(write);
                Ok(self.told(&mut state, outcome, false))
            }
            Err(error) => {
                session.lock().give_back(write);
                Err(error)
            }
        }
    }

    async fn write_until_done(
        &self,
        session: &Session,
        write: &mut Write,
    ) -> Result<(Committed, Data, i64)> {
        let options = &self.0.options;
        let mut merged = false;
        let began = Instant::now();
        loop {
            let data = Data::from(options.codec.encode(&write.document, options.registered)?);
            let subject = session.lock().subject.clone();
            let expiry = expiry(write.document.deadline, options, self.0.now());
            if write.changes_nothing(&data, subject.as_deref()) {
                return Ok((Committed::Unmodified, data, expiry));
            }
            let met = Met::default();
            let outcome = match &write.stored {
                None => self.insert(session, &data, expiry, subject.as_deref()).await?,
                Some((who, base)) => {
                    let content = content(&data, expiry, subject.as_deref());
                    match options.on_conflict {
                        OnConflict::Merge | OnConflict::Fail => {
                            self.0.store.replace(who.target(), base, content.met(&met)).await?
                        }
                        OnConflict::Overwrite => {
                            let saved = self.0.store.update(who.target(), content).await?;
                            if saved { Outcome::Saved } else { Outcome::Gone }
                        }
                    }
                }
            };
            match (outcome, options.on_conflict) {
                (Outcome::Saved, _) => {
                    if merged {
                        self.0.happened(Event::Merged);
                    }
                    return Ok((Committed::Saved, data, expiry));
                }
                (Outcome::Gone, _) => return Ok((Committed::Gone, Data::default(), 0)),
                (Outcome::Conflict, OnConflict::Fail) => {
                    self.0.happened(Event::Conflict);
                    return Ok((Committed::Conflict, Data::default(), 0));
                }
                (Outcome::Conflict, OnConflict::Merge | OnConflict::Overwrite) => {
                    merged = true;
                    // Of those that meet one wins, so all get their turn; but there may be no end
                    // to them.
                    if began.elapsed() > self.0.store.timeout() {
                        return Err(Error::new(
                            ErrorKind::Overloaded,
                            "other requests kept changing this session first; try again",
                        ));
                    }
                    if !self.rebase(write, met.record()).await? {
                        return Ok((Committed::Gone, Data::default(), 0));
                    }
                }
            }
        }
    }

    async fn insert(
        &self,
        session: &Session,
        data: &[u8],
        expiry: i64,
        subject: Option<&str>,
    ) -> Result<Outcome> {
        let token = self.0.options.token()?;
        let content = content(data, expiry, subject);
        self.0.store.insert(&token, content).await?;
        session.lock().who = Some(Who::Token(token));
        self.0.happened(Event::Created);
        Ok(Outcome::Saved)
    }

    /// Puts the changes on top of what is stored now. False when nothing is.
    async fn rebase(&self, write: &mut Write, met: Option<&Record>) -> Result<bool> {
        let Some((who, base)) = &mut write.stored else {
            return Err(Error::internal("a new session met another one"));
        };
        let found = match met {
            Some(record) => Some(record.clone()),
            None => self.0.store.find(who.target()).await?,
        };
        let Some(record) = found else { return Ok(false) };
        let mut fresh = decode(self.0.options.codec, &record, &self.0.options, self.0.now())?;
        write.changes.apply(&mut fresh);
        write.document = Arc::new(fresh);
        *base = record.data;
        Ok(true)
    }

    /// It was ended by somebody else: this view starts over, and the client forgets its token.
    fn gone(&self, mut state: MutexGuard<'_, State>) -> Sent {
        state.reset(&self.0.options, self.0.now());
        let sent = self.removed(&state, Committed::Gone);
        drop(state);
        self.0.happened(Event::Gone);
        sent
    }

    fn removed(&self, state: &State, outcome: Committed) -> Sent {
        let tell = self.0.options.sends_cookie && !state.listed;
        let set_cookie = tell.then(|| self.0.options.cookie.clear());
        Sent { outcome, token: None, expires_at: None, set_cookie }
    }

    /// What to send of a session that lives.
    fn told(&self, state: &mut State, outcome: Committed, changed: bool) -> Sent {
        let token = state.who.as_ref().and_then(Who::token).map(str::to_owned);
        let Base::Stored { expires_at, .. } = &state.base else {
            return Sent { outcome, token: None, expires_at: None, set_cookie: None };
        };
        let expires_at = *expires_at;
        let cookie = &self.0.options.cookie;
        let persistent = cookie.is_persistent() || state.document.remember == Some(true);
        let now = Timestamp::from_micros(self.0.now());
        let tell = (changed || state.untold) && !state.listed && self.0.options.sends_cookie;
        state.untold = false;
        let set_cookie = token
            .as_deref()
            .filter(|_| tell)
            .map(|token| cookie.write(token, expires_at, now, persistent));
        Sent { outcome, token, expires_at, set_cookie }
    }
}

impl Write {
    /// The store has exactly this already: equal documents are stored as equal bytes.
    fn changes_nothing(&self, data: &[u8], subject: Option<&str>) -> bool {
        let same = self.stored.as_ref().is_some_and(|(_, base)| **base == *data);
        same && subject.is_none() && self.absorbed.is_empty()
    }
}

impl State {
    fn take_write(&mut self) -> Write {
        let stored = match (&self.base, &self.who) {
            (Base::Stored { data, .. }, Some(who)) => Some((who.clone(), data.clone())),
            (Base::Unknown | Base::Nothing | Base::Stored { .. }, _) => None,
        };
        Write {
            stored,
            changes: std::mem::take(&mut self.changes),
            document: Arc::clone(&self.document),
            absorbed: std::mem::take(&mut self.absorbed),
        }
    }

    /// What was not written is still to be done.
    fn give_back(&mut self, write: Write) {
        let newer = std::mem::replace(&mut self.changes, write.changes);
        self.changes.then(newer);
        self.absorbed.splice(0..0, write.absorbed);
    }

    /// Whether the client has to be told: a cookie that it has need not be sent again.
    fn written(&mut self, write: Write, data: Data, expiry: i64) -> bool {
        let (old, ended) = match &mut self.base {
            Base::Stored { subject, expires_at, .. } => (subject.take(), *expires_at),
            Base::Unknown | Base::Nothing => (None, None),
        };
        let news = write.stored.is_none() || write.changes.has_remember();
        let subject = self.subject.take().map(String::into_boxed_str).or(old);
        let expires_at = (expiry != NEVER).then(|| Timestamp::from_micros(expiry));
        let moved = ended != expires_at;
        self.base = Base::Stored { data, expires_at, subject };
        self.document = write.document;
        // What was changed while it was written.
        if !self.changes.is_empty() {
            self.changes.apply(Arc::make_mut(&mut self.document));
        }
        self.forced = false;
        self.destroyed = false;
        news || moved
    }
}
