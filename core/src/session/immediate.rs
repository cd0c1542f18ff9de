//! What is done to the stored session at once, and not at the commit: its end, and taking a value
//! that only one request may have.

use crate::codec::DecodedDocument;
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::protocol::record::{ConflictRow, Data, Outcome, Record};
use crate::store::Store;
use crate::store::task::to_end;
use crate::value::Value;

use super::commit::{content, find_out};
use super::events::Event;
use super::expiry::expiry;
use super::handle::Session;
use super::mark::mark;
use super::state::{Ending, LoadedRecord, Phase, SessionRef, decode, has_passed};

impl Session {
    /// Ends the session now, and forgets its values; the commit then takes the cookie away. What
    /// is put in afterwards makes a new session. SCS `Destroy`. Dropping the future loses the
    /// answer alone: what was begun is done.
    ///
    /// # Errors
    /// As [`Store::delete`](crate::Store::delete).
    pub async fn destroy(&self) -> Result<()> {
        let session = self.clone();
        to_end(async move { destroy(&session).await }).await
    }

    /// The value of a key, or else a flash value of this name, which is removed from the stored
    /// session now: of all requests that take it exactly one gets it. For codes that may be used
    /// once. What else this request has changed waits for the commit. Dropping the future loses the
    /// answer alone, and then no request gets the value.
    ///
    /// # Errors
    /// As [`commit`](super::SessionManager::commit). After `Timeout` and `Unavailable` it is not
    /// known whether the value is still there.
    pub async fn take(&self, key: &str) -> Result<Option<Value>> {
        let (session, key) = (self.clone(), key.to_owned());
        to_end(async move { take(&session, &key).await }).await
    }

    /// The token under which the next commit stores the session, chosen now if it is to get a new
    /// one: for what has to know it before, such as CSRF tokens that are bound to a session.
    /// Nothing is stored by that alone. A later [`renew`](Session::renew) or
    /// [`regenerate`](Session::regenerate) chooses another one. `None` for a session from a list,
    /// whose token is not known, and for one that another request has ended.
    ///
    /// # Errors
    /// As [`get`](Session::get); `Internal` when the operating system has no randomness to give.
    pub async fn ensure_token(&self) -> Result<Option<String>> {
        let store = self.store_for_one_operation();
        // A commit that is under way may be about to give it one.
        let _turn = self.turn().await;
        find_out(self, &store).await?;
        self.load_in(&store).await?;
        self.lock_to_read().ensure_token(&self.manager.options)
    }
}

/// Ends the session in the store, and its view.
async fn destroy(session: &Session) -> Result<()> {
    let (manager, store) = (&session.manager, session.store_for_one_operation());
    let _turn = session.turn().await;
    if session.lock().tried_as_program_said() {
        // What lives under that token may be another session.
        find_out(session, &store).await?;
    }
    if session.lock().candidates().is_some_and(|candidates| candidates.len() > 1) {
        session.load_in(&store).await?;
    }
    let mut ended = false;
    for who in to_be_ended(session) {
        ended |= store.end(who.target()).await?;
    }
    session.lock().ended(Ending::Here, &manager.options, manager.now());
    if ended {
        manager.emit(Event::Destroyed);
    }
    Ok(())
}

/// Where it is, and where it may be after a write whose answer was lost.
fn to_be_ended(session: &Session) -> Vec<SessionRef> {
    let state = session.lock();
    let unreadable = match &state.phase {
        Phase::New { unreadable, .. } => unreadable.clone(),
        Phase::NotLoaded(_) | Phase::Loaded(_) | Phase::Ended(_) => None,
    };
    let tried = state.tried().filter(|tried| state.who() != Some(tried));
    state.who().cloned().into_iter().chain(unreadable).chain(tried).collect()
}

/// The value of a key, which is removed from the stored session now: of all requests that take it
/// one gets it.
async fn take(session: &Session, key: &str) -> Result<Option<Value>> {
    let store = session.store_for_one_operation();
    let _turn = session.turn().await;
    find_out(session, &store).await?;
    session.lock().mark_read();
    session.load_in(&store).await?;
    if let Some(own) = take_own(session, key)? {
        return Ok(own);
    }
    let mut met: Option<Record> = None;
    loop {
        let Some((stored, mut document)) = current(session, met.take())? else { return Ok(None) };
        let Some(value) = remove(&mut document, key)? else {
            session.lock().took(key, &stored, &document, false);
            return Ok(None);
        };
        mark(&mut document)?;
        match swap(session, &store, &stored, &document).await? {
            Swapped::Done(now) => {
                let moved = now.expires_at != stored.expires_at;
                session.lock().took(key, &now, &document, moved);
                return Ok(Some(value));
            }
            Swapped::ConflictRow(record) => met = Some(record),
            Swapped::Gone => {
                let manager = &session.manager;
                session.lock().ended(Ending::Elsewhere, &manager.options, manager.now());
                manager.emit(Event::Gone);
                return Ok(None);
            }
        }
        if store.is_late() {
            return Err(Error::new(
                ErrorKind::Overloaded,
                "other requests kept changing this session first; try again",
            ));
        }
    }
}

/// What this request has put under the key itself, which no other one can have; then the stored
/// value is replaced already.
fn take_own(session: &Session, key: &str) -> Result<Option<Option<Value>>> {
    let mut state = session.lock();
    let value = match (state.pending.changes.of(key), state.stored()) {
        (Some(own), _) => own.map(|slot| slot.value().cloned()).transpose()?,
        // All that a new session holds is this request's.
        (None, None) => state.document.values.get(key)?,
        (None, Some(_)) => return Ok(None),
    };
    if value.is_some() {
        state.remove(key);
    }
    Ok(Some(value))
}

/// What is stored, as far as is known.
fn current(
    session: &Session,
    met: Option<Record>,
) -> Result<Option<(LoadedRecord, DecodedDocument)>> {
    let (options, now) = (&session.manager.options, session.manager.now());
    let Some(stored) = session.lock().stored().cloned() else { return Ok(None) };
    let LoadedRecord { who, data, expires_at, subject } = stored;
    let record = met.unwrap_or(Record { data, expires_at, subject: None });
    let document = decode(&record, options, now)?;
    if has_passed(&document, now) {
        return Ok(None);
    }
    let Record { data, expires_at, .. } = record;
    Ok(Some((LoadedRecord { who, data, expires_at, subject }, document)))
}

/// A value, or a flash value that an earlier request has left.
fn remove(document: &mut DecodedDocument, key: &str) -> Result<Option<Value>> {
    let value = document.values.get(key)?;
    if value.is_some() {
        document.values.remove(key);
        return Ok(value);
    }
    Ok(document.flash.remove(key))
}

enum Swapped {
    Done(LoadedRecord),
    ConflictRow(Record),
    Gone,
}

async fn swap(
    session: &Session,
    store: &Store,
    stored: &LoadedRecord,
    document: &DecodedDocument,
) -> Result<Swapped> {
    let manager = &session.manager;
    let options = &manager.options;
    let data = Data::from(options.codec.encode(document, options.registered)?);
    let expiry = match session.lock().listed {
        true => stored
            .expires_at
            .map_or(crate::protocol::clock::NEVER, crate::protocol::clock::Timestamp::as_micros),
        false => expiry(document, options, manager.now()),
    };
    let met = ConflictRow::default();
    let content = content(&data, expiry, None).met(&met);
    match store.replace(stored.who.target(), &stored.data, content).await? {
        Outcome::Saved => Ok(Swapped::Done(LoadedRecord {
            data,
            expires_at: super::expiry::instant(expiry),
            ..stored.clone()
        })),
        Outcome::Gone => Ok(Swapped::Gone),
        Outcome::Conflict => match met.record() {
            Some(record) => Ok(Swapped::ConflictRow(record.clone())),
            None => {
                let found = store.find(stored.who.target()).await?;
                Ok(found.map_or(Swapped::Gone, Swapped::ConflictRow))
            }
        },
    }
}
