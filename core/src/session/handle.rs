//! One request's view of a session.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::{Expiry, Timestamp};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::check_subject;
use crate::token::Key;
use crate::value::{Map, Value, from_value, to_value};

use super::events::Event;
use super::manager::Inner;
use super::state::{Base, State, Status, Who};

/// A session, as one request sees it. Comes from a
/// [`SessionManager`](super::SessionManager), and what is changed is stored by its
/// [`commit`](super::SessionManager::commit). Clones are the same view.
///
/// Nothing is asked of the store until somebody looks: the asynchronous methods do, the first
/// time; the others only note what is to be done. Values are copies: change one and put it back.
/// Any thread may use it; dropping it without a commit drops the changes.
#[derive(Clone)]
pub struct Session {
    pub(super) manager: Arc<Inner>,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// Held while something is written.
    turn: tokio::sync::Mutex<()>,
}

impl Session {
    pub(super) fn new(manager: Arc<Inner>, who: Option<Who>) -> Self {
        let state = State::new(who, &manager.options, manager.now());
        let turn = tokio::sync::Mutex::new(());
        Session { manager, shared: Arc::new(Shared { state: Mutex::new(state), turn }) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn store(&self) -> &crate::Store {
        &self.manager.store
    }

    /// What is written comes after what others with the same view are writing: a commit may find
    /// that another one has taken its changes along, and must not return before they are stored.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.shared.turn.lock().await
    }

    async fn looked(&self) -> Result<MutexGuard<'_, State>> {
        self.look().await?;
        Ok(self.lock())
    }

    /// The value of a key, as a `T`. `None` when there is none.
    ///
    /// # Errors
    /// `InvalidArgument` when it is of another type, and never a default value; otherwise as
    /// [`Store::find`](crate::Store::find), and `Corrupt` where the policy says so.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        self.get_value(key).await?.map(|value| typed(key, value)).transpose()
    }

    /// The value of a key. SCS `Get`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn get_value(&self, key: &str) -> Result<Option<Value>> {
        self.looked().await?.document.values.get(key)
    }

    /// Everything in it.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn values(&self) -> Result<Map> {
        self.looked().await?.document.values.to_map()
    }

    /// Sets the value of a key. SCS `Put`.
    ///
    /// # Errors
    /// `InvalidArgument` for a value that no codec can write.
    pub fn put<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        self.put_value(key, to_value(value)?)
    }

    /// Sets the value of a key.
    ///
    /// # Errors
    /// `InvalidArgument` for a value that no codec can write.
    pub fn put_value(&self, key: &str, value: Value) -> Result<()> {
        value.check()?;
        let mut state = self.lock();
        // What is not known yet is built from the changes.
        if !matches!(state.base, Base::Unknown) {
            state.document().values.insert(key.to_owned(), value.clone());
        }
        state.changes.put(key.to_owned(), value);
        Ok(())
    }

    /// The value of a key, which is removed: SCS `Pop`. A value of another type is an error and
    /// stays.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn pop<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let value = self.get::<T>(key).await?;
        if value.is_some() {
            self.remove(key);
        }
        Ok(value)
    }

    /// The value of a key, which is removed.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn pop_value(&self, key: &str) -> Result<Option<Value>> {
        let value = self.get_value(key).await?;
        if value.is_some() {
            self.remove(key);
        }
        Ok(value)
    }

    /// Removes a key, if it is there. SCS `Remove`.
    pub fn remove(&self, key: &str) {
        let mut state = self.lock();
        let there = state.document().values.remove(key);
        if there || matches!(state.base, Base::Unknown) {
            state.changes.remove(key.to_owned());
        }
    }

    /// Whether there is such a key. SCS `Exists`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn contains(&self, key: &str) -> Result<bool> {
        Ok(self.looked().await?.document.values.contains_key(key))
    }

    /// The keys, sorted. SCS `Keys`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn keys(&self) -> Result<Vec<String>> {
        Ok(self.looked().await?.document.values.keys().cloned().collect())
    }

    /// Removes all values; token, deadline and "remember me" stay. SCS `Clear`.
    pub fn clear(&self) {
        let mut state = self.lock();
        let empty = state.document.values.is_empty() && state.document.flash.is_empty();
        if !empty || matches!(state.base, Base::Unknown) {
            state.document().values.clear();
            state.document().flash.clear();
            state.changes.clear();
        }
    }

    /// Leaves a value for the next request that looks at this session, and for that one alone.
    ///
    /// # Errors
    /// As [`put`](Session::put).
    pub fn flash<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        self.flash_value(key, to_value(value)?)
    }

    /// The same with a [`Value`].
    ///
    /// # Errors
    /// As [`put`](Session::put).
    pub fn flash_value(&self, key: &str, value: Value) -> Result<()> {
        value.check()?;
        let mut state = self.lock();
        state.document().flash.insert(key.to_owned(), value.clone());
        state.changes.flash(key.to_owned(), value);
        Ok(())
    }

    /// What the request before left for this one.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn flashes(&self) -> Result<Map> {
        Ok(self.looked().await?.flash.clone())
    }

    /// Gives it a new token and keeps everything else, in one step: at any moment exactly one of
    /// the two tokens is valid. To be called when a user logs in or out, so that a token that
    /// somebody planted before is worth nothing. SCS `RenewToken`, but the deadline stays (D25).
    /// False when the session was ended meanwhile: then it is [gone](super::Committed::Gone).
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn renew(&self) -> Result<bool> {
        let _turn = self.turn().await;
        self.look().await?;
        let who = {
            let mut state = self.lock();
            match (&state.base, state.who.clone()) {
                (Base::Stored { .. }, Some(who)) => who,
                (Base::Unknown | Base::Nothing | Base::Stored { .. }, _) => {
                    // Whatever token it gets, nobody has seen it before.
                    state.forced = true;
                    return Ok(true);
                }
            }
        };
        let renewed = self.manager.rename(who).await?;
        let mut state = self.lock();
        match renewed {
            Some(token) => {
                state.who = Some(Who::Token(token));
                state.untold = true;
                drop(state);
                self.manager.happened(Event::Renewed);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Ends the session now, and forgets its values; the commit then takes the cookie away. What
    /// is put in afterwards makes a new session. SCS `Destroy`.
    ///
    /// # Errors
    /// As [`Store::delete`](crate::Store::delete).
    pub async fn destroy(&self) -> Result<()> {
        let _turn = self.turn().await;
        let who = self.lock().who.clone();
        let ended = match &who {
            Some(who) => self.manager.store.delete(who.target()).await?,
            None => false,
        };
        let mut state = self.lock();
        state.reset(&self.manager.options, self.manager.now());
        state.destroyed = true;
        drop(state);
        if ended {
            self.manager.happened(Event::Destroyed);
        }
        Ok(())
    }

    /// Takes over everything from the session of another token, key by key, and the later
    /// deadline of the two; the other one ends when this one is stored. Nothing happens when there
    /// is no such session, or when it is this one. SCS `MergeSession`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn merge_from(&self, token: &str) -> Result<()> {
        self.look().await?;
        if self.token().as_deref() == Some(token) {
            return Ok(());
        }
        let other = Session::new(Arc::clone(&self.manager), Some(Who::Token(token.to_owned())));
        other.look().await?;
        let theirs = other.lock();
        if matches!(theirs.base, Base::Nothing) {
            return Ok(());
        }
        let mut state = self.lock();
        for (key, slot) in theirs.document.values.slots() {
            state.document().values.insert(key.clone(), slot.clone());
            state.changes.put(key.clone(), slot.clone());
        }
        let deadline = state.document.deadline.max(theirs.document.deadline);
        state.document().deadline = deadline;
        state.changes.set_deadline(deadline);
        state.absorbed.push(token.to_owned());
        Ok(())
    }

    /// When its lifetime ends. SCS `Deadline`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn deadline(&self) -> Result<Timestamp> {
        let state = self.looked().await?;
        Ok(Timestamp::from_micros(state.document.deadline.unwrap_or(crate::clock::NEVER)))
    }

    /// Moves the end of its lifetime, to an instant or so long from now; one in the past ends it
    /// at the commit. SCS `SetDeadline`.
    pub fn set_deadline(&self, deadline: impl Into<Expiry>) {
        let deadline = Some(deadline.into().resolve(self.manager.now()));
        let mut state = self.lock();
        state.document().deadline = deadline;
        state.changes.set_deadline(deadline);
    }

    /// Whether its cookie outlives the browser, where the manager's cookies do not persist by
    /// themselves. SCS `RememberMe`, but no value among the others (D25).
    pub fn remember_me(&self, remember: bool) {
        let mut state = self.lock();
        state.document().remember = Some(remember);
        state.changes.set_remember(remember);
    }

    /// Whose session it is, where that was said.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn subject(&self) -> Result<Option<String>> {
        let state = self.looked().await?;
        let stored = match &state.base {
            Base::Stored { subject, .. } => subject.as_deref(),
            Base::Unknown | Base::Nothing => None,
        };
        let subject = state.subject.as_deref().or(stored);
        Ok(subject.filter(|subject| !subject.is_empty()).map(str::to_owned))
    }

    /// Says whose session it is, so that all of a user's can be listed and ended; `None` takes
    /// that away.
    ///
    /// # Errors
    /// `InvalidArgument` for a subject that is empty, longer than 255 characters, or ends with a
    /// space.
    pub fn set_subject(&self, subject: Option<&str>) -> Result<()> {
        subject.map_or(Ok(()), check_subject)?;
        self.lock().subject = Some(subject.unwrap_or_default().to_owned());
        Ok(())
    }

    /// Whether there is something to commit.
    pub fn status(&self) -> Status {
        self.lock().status()
    }

    /// Whether the store has no such session (yet).
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn is_new(&self) -> Result<bool> {
        Ok(!matches!(self.looked().await?.base, Base::Stored { .. }))
    }

    /// About how many bytes it holds: for what collects garbage and has to know how much there is.
    pub fn size(&self) -> usize {
        self.lock().size()
    }

    /// The client's secret: what was brought, or what it is to get. `None` for a session that was
    /// never stored, and for one from a list.
    pub fn token(&self) -> Option<String> {
        self.lock().who.as_ref().and_then(Who::token).map(str::to_owned)
    }

    /// The key of a session from a list.
    pub fn key(&self) -> Option<Key> {
        match self.lock().who {
            Some(Who::Key(key)) => Some(key),
            Some(Who::Token(_)) | None => None,
        }
    }
}

fn typed<T: DeserializeOwned>(key: &str, value: Value) -> Result<T> {
    from_value(value).map_err(|error| {
        let message =
            format!("the value of {key:?} is not what was asked for: {}", error.message());
        Error::new(ErrorKind::InvalidArgument, message)
    })
}

/// Neither token nor values.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.status().name())
    }
}
