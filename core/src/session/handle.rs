//! One request's view of a session.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::values_to_json;
use crate::protocol::clock::{Expiry, Timestamp, duration_micros};
use crate::protocol::error::Result;
use crate::protocol::limits::check_subject;
use crate::protocol::token::Key;
use crate::store::Store;
use crate::value::{Map, Value, from_value_at, to_item_of, to_value_at};

use super::context::Context;
use super::mark::check_name;
use super::operations::Operation;
use super::state::{SessionRef, State, Status};

/// A session, as one request sees it. Comes from a
/// [`SessionManager`](super::SessionManager), and what is changed is stored by its
/// [`commit`](super::SessionManager::commit). Clones are the same view.
///
/// Nothing is asked of the store until something is read: the asynchronous methods do that, the
/// first time; the others only note what is to be done. Values are copies: change one and put it
/// back. Any thread may use it; dropping it without a commit drops the changes.
#[derive(Clone)]
pub struct Session {
    pub(super) manager: Arc<Context>,
    shared: Arc<SharedState>,
}

struct SharedState {
    state: Mutex<State>,
    /// Held while something is written.
    turn: tokio::sync::Mutex<()>,
}

impl Session {
    /// The session of one of these, or of none.
    pub(super) fn new(manager: Arc<Context>, candidates: Arc<[SessionRef]>) -> Self {
        let state = State::new(candidates, &manager.options, manager.now());
        let turn = tokio::sync::Mutex::new(());
        Session { manager, shared: Arc::new(SharedState { state: Mutex::new(state), turn }) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store of its manager.
    pub fn store(&self) -> &Store {
        &self.manager.store
    }

    /// The store, answering all parts of one operation within its timeout.
    pub(super) fn store_for_one_operation(&self) -> Store {
        let store = &self.manager.store;
        store.until(Instant::now() + store.timeout())
    }

    /// What is written comes after what others with the same view are writing: a commit may find
    /// that another one has taken its changes along, and must not return before they are stored.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.shared.turn.lock().await
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.lock().candidates().is_none()
    }

    async fn loaded(&self) -> Result<MutexGuard<'_, State>> {
        let loaded = self.ensure_loaded().await;
        // What answers that it cannot be read depends on the cookie too.
        let state = self.lock_to_read();
        loaded.map(|()| state)
    }

    /// For what tells the program something.
    pub(super) fn lock_to_read(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        state.mark_read();
        state
    }

    /// The value of a key, as a `T`. `None` when there is none.
    ///
    /// # Errors
    /// `InvalidArgument` when it is of another type, and never a default value: the message says
    /// where in the value, such as `user.address.zip`. Otherwise as
    /// [`Store::find`](crate::Store::find), and `Corrupt` where the policy says so.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        self.get_value(key).await?.map(|value| from_value_at(key, value)).transpose()
    }

    /// The value of a key. SCS `Get`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn get_value(&self, key: &str) -> Result<Option<Value>> {
        self.loaded().await?.document.values.get(key)
    }

    /// The same of a session that is loaded.
    pub(super) fn get_value_loaded(&self, key: &str) -> Result<Option<Value>> {
        self.lock_to_read().document.values.get(key)
    }

    /// The value of a key, if it passes the check; the error of the check where it does not.
    pub(super) async fn get_value_if(
        &self,
        key: &str,
        check: impl FnOnce(&Value) -> Result<()>,
    ) -> Result<Option<Value>> {
        let value = self.get_value(key).await?;
        value.as_ref().map_or(Ok(()), check)?;
        Ok(value)
    }

    /// Everything in it.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn values(&self) -> Result<Map> {
        self.loaded().await?.document.values.to_map()
    }

    /// Sets the value of a key. SCS `Put`.
    ///
    /// # Errors
    /// `InvalidArgument` for a value that no codec can write.
    pub fn put<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        self.put_value(key, to_value_at(key, value)?)
    }

    /// Sets the value of a key.
    ///
    /// # Errors
    /// `InvalidArgument` for a value that no codec can write.
    pub fn put_value(&self, key: &str, value: Value) -> Result<()> {
        value.check_at(key)?;
        self.lock().put(key, value);
        Ok(())
    }

    /// Sets the value of a key, unless it has this very value: what is equal, deep and with its
    /// types, is no change and costs no statement. 1 is neither 1.0 nor true, and NaN is the same
    /// as NaN. For what was handed out and may have been changed in place. Whether it was a change.
    ///
    /// # Errors
    /// As [`put_value`](Session::put_value) and [`get`](Session::get).
    pub async fn put_if_changed(&self, key: &str, value: Value) -> Result<bool> {
        value.check_at(key)?;
        self.loaded().await?.put_if_changed(key, value)
    }

    /// The values shall be these and no others. Only the differences to what this view holds are
    /// changes, found as by [`put_if_changed`](Session::put_if_changed), so that requests which
    /// meet keep what each has changed; keys that are not among these are removed. For programs
    /// that hold all values in one map of their own: [`snapshot`](Session::snapshot) gives it. With
    /// an error nothing is changed.
    ///
    /// # Errors
    /// The same.
    pub async fn assign(&self, values: Map) -> Result<()> {
        values.iter().try_for_each(|(key, value)| value.check_at(key))?;
        self.loaded().await?.assign(values)
    }

    /// All values at once, as [`values`](Session::values): what [`assign`](Session::assign) takes.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn snapshot(&self) -> Result<Map> {
        self.values().await
    }

    /// All values as one JSON object, spelled as the codec [`json`](crate::Codec::Json) spells
    /// them: [`Value::from_json`] reads it, and every JSON parser does, if it minds the tags. Fast
    /// where the session is stored by that codec.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn snapshot_json(&self) -> Result<String> {
        values_to_json(&self.loaded().await?.document.values)
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
        self.lock().remove(key);
    }

    /// Whether there is such a key. SCS `Exists`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn contains(&self, key: &str) -> Result<bool> {
        Ok(self.loaded().await?.document.values.contains_key(key))
    }

    /// The same of a session that is loaded.
    pub(super) fn contains_loaded(&self, key: &str) -> Result<bool> {
        Ok(self.lock_to_read().document.values.contains_key(key))
    }

    /// The keys, sorted. SCS `Keys`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn keys(&self) -> Result<Vec<String>> {
        Ok(self.loaded().await?.document.values.keys().cloned().collect())
    }

    /// Removes all values; token, deadline, "remember me", idle timeout and what is kept
    /// [beside](Session::set_extra) the values stay. SCS `Clear`.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// What a framework's adapter keeps beside the values, under this name.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn extra(&self, name: &str) -> Result<Option<Value>> {
        Ok(self.loaded().await?.document.extra.get(name).cloned())
    }

    /// Keeps something beside the values, for the bookkeeping of a framework's adapter. It is not
    /// among the values, stays when they are [cleared](Session::clear), and is merged name by name
    /// when two requests meet. `None` removes it. It ends with the session, and with
    /// [`regenerate`](Session::regenerate). By itself it makes no session worth storing. Names
    /// should begin with the framework's, because all programs of a session share them.
    ///
    /// # Errors
    /// As [`put`](Session::put), and `InvalidArgument` for the name `sessio`.
    pub fn set_extra(&self, name: &str, value: Option<Value>) -> Result<()> {
        check_name(name)?;
        value.as_ref().map_or(Ok(()), Value::check)?;
        self.lock().set_extra(name, value);
        Ok(())
    }

    /// Leaves a value for the next request that asks for [`flashes`](Session::flashes), and for
    /// that one alone. Of two values of one name the later one is left.
    ///
    /// # Errors
    /// As [`put`](Session::put).
    pub fn flash<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        self.flash_value(key, to_value_at(key, value)?)
    }

    /// The same with a [`Value`].
    ///
    /// # Errors
    /// As [`put`](Session::put).
    pub fn flash_value(&self, key: &str, value: Value) -> Result<()> {
        value.check_at(key)?;
        self.lock().flash(key, value);
        Ok(())
    }

    /// What earlier requests left, by name. From the commit on it is gone; a request that does not
    /// ask for it, or is not committed, leaves it. What a listed session's owner was left stays for
    /// the owner.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn flashes(&self) -> Result<Map> {
        Ok(self.loaded().await?.read_flashes())
    }

    /// Gives it a new token at the commit, in one step with whatever else was changed: at any
    /// moment exactly one of the two tokens is valid, and without a commit the session is as
    /// before. To be called when a user logs in or out, so that a token that an attacker planted
    /// before is worth nothing. SCS `RenewToken`, but the deadline stays (D25). False when it is
    /// known that another request ended the session: then it is [gone](super::CommitOutcome::Gone).
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn renew(&self) -> Result<bool> {
        Ok(self.loaded().await?.renew())
    }

    /// Starts over at the commit, under a new token: values, flash values, subject, "remember me",
    /// idle timeout, what is kept beside the values, and what was noted before are gone, and a new
    /// lifetime begins. What is put in afterwards is in the new session. The new token and the
    /// emptied session are stored in one step, so at any moment exactly one of the two tokens is
    /// valid, and without a commit the session is as before. A session that is not stored yet is
    /// emptied only. False when it is known that another request ended the session: then it is
    /// [gone](super::CommitOutcome::Gone). Sessions that were [merged](Session::merge_from) into it
    /// end all the same.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn regenerate(&self) -> Result<bool> {
        let mut state = self.loaded().await?;
        Ok(state.regenerate(&self.manager.options, self.manager.now()))
    }

    /// The commit stores a new session even if it holds nothing: for programs that need its token
    /// or its row. Changes nothing for a session that is stored already.
    pub fn store_empty(&self) {
        self.lock().pending.stores_empty = true;
    }

    /// Adds to the integer of a key, from 0 where there is none. Of several requests that do, all
    /// count: at the commit it is added to what is stored by then.
    ///
    /// # Errors
    /// `InvalidArgument` where the value is known to be no integer, or too large; otherwise the
    /// commit says so.
    pub fn increment(&self, key: &str, by: i64) -> Result<()> {
        self.lock().operate(key, Operation::Increment(by))
    }

    /// Adds an item to the list of a key, a new list where there is none. Of several requests that
    /// do, no item is lost: at the commit it is added to what is stored by then.
    ///
    /// # Errors
    /// `InvalidArgument` for a value that no codec can write, and where the value of the key is
    /// known to be no list; otherwise the commit says so.
    pub fn append<T: Serialize + ?Sized>(&self, key: &str, item: &T) -> Result<()> {
        self.append_value(key, to_item_of(key, item)?)
    }

    /// The same with a [`Value`].
    ///
    /// # Errors
    /// As [`append`](Session::append).
    pub fn append_value(&self, key: &str, item: Value) -> Result<()> {
        item.check_item_of(key)?;
        self.lock().operate(key, Operation::Append(item))
    }

    /// Takes over everything from the session of another token, key by key, and the later
    /// deadline of the two; the other one ends when this one is stored. Nothing happens when there
    /// is no such session, or when it is this one. SCS `MergeSession`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn merge_from(&self, token: &str) -> Result<()> {
        self.ensure_loaded().await?;
        if self.token().as_deref() == Some(token) {
            return Ok(());
        }
        let other = Session::new(Arc::clone(&self.manager), [SessionRef::of(token)].into());
        other.ensure_loaded().await?;
        let theirs = other.lock();
        if theirs.stored().is_some() {
            self.lock().merge(token, &theirs.document);
        }
        Ok(())
    }

    /// When its lifetime ends. SCS `Deadline`.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn deadline(&self) -> Result<Timestamp> {
        let state = self.loaded().await?;
        Ok(Timestamp::from_micros(state.document.deadline.unwrap_or(crate::protocol::clock::NEVER)))
    }

    /// When it ends if it is not used from now on, as the store has it: what was loaded, or what
    /// the last commit stored. `None` for a session that never ends, and for one that is not
    /// stored.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn expires_at(&self) -> Result<Option<Timestamp>> {
        Ok(self.loaded().await?.stored().and_then(|stored| stored.expires_at))
    }

    /// Moves the end of its lifetime, to an instant or so long from now; one in the past ends it
    /// at the commit. It holds whatever is done later, but for another `set_deadline`: no use of
    /// the session, and no [`touch`](Session::touch), moves it. SCS `SetDeadline`.
    pub fn set_deadline(&self, deadline: impl Into<Expiry>) {
        let deadline = deadline.into().resolve(self.manager.now());
        self.lock().set_deadline(deadline);
    }

    /// The commit moves its end because it is used now, whatever the option `touch_interval` says,
    /// and if nothing else was changed. With an idle timeout, the session's own or the manager's,
    /// that begins anew, and the deadline stays. Without one a new lifetime begins, but a deadline
    /// that [`set_deadline`](Session::set_deadline) has set stays, and so does each deadline in the
    /// documents of Go programs, which do not say who has set it.
    ///
    /// This moves what the session says of itself and the end of its row together. The store's own
    /// [`touch`](crate::Store::touch) moves the row alone, and a session does not live longer than
    /// it says itself.
    pub fn touch(&self) {
        self.lock().touch(&self.manager.options, self.manager.now());
    }

    /// Whether its cookie outlives the browser, whatever the option `cookie_persist` says: true
    /// keeps it until the session ends, false until the browser is closed. Kept with the session.
    /// SCS `RememberMe`, but no value among the others (D25), and false counts too.
    pub fn remember_me(&self, remember: bool) {
        self.lock().set_remember(remember);
    }

    /// What [`remember_me`](Session::remember_me) was told; `None` if nothing, and then the option
    /// `cookie_persist` decides.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn remembered(&self) -> Result<Option<bool>> {
        Ok(self.loaded().await?.document.remember)
    }

    /// How long this session lives without a request that looks at it, whatever the managers'
    /// option says: it is kept with the session, and holds for each manager that reads it. Zero is
    /// as long as the deadline allows; `None` leaves it to the managers again. Parts of a
    /// microsecond are cut off. The commit moves the end accordingly, but not beyond the deadline.
    ///
    /// # Errors
    /// `InvalidArgument` for a timeout of more than 200,000 years.
    pub fn set_idle_timeout(&self, timeout: Option<Duration>) -> Result<()> {
        self.lock().set_idle(timeout.map(duration_micros).transpose()?);
        Ok(())
    }

    /// The idle timeout of this session alone: what [`set_idle_timeout`](Session::set_idle_timeout)
    /// was told. `None` if nothing, and then that of the manager holds.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn idle_timeout(&self) -> Result<Option<Duration>> {
        let idle = self.loaded().await?.document.idle;
        Ok(idle.map(|micros| Duration::from_micros(micros.unsigned_abs())))
    }

    /// Whose session it is, where that was said.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn subject(&self) -> Result<Option<String>> {
        Ok(self.loaded().await?.subject().map(str::to_owned))
    }

    /// Says whose session it is, so that all of a user's can be listed and ended; `None` takes
    /// that away.
    ///
    /// # Errors
    /// `InvalidArgument` for a subject that is empty, longer than 255 characters, or ends with a
    /// space.
    pub fn set_subject(&self, subject: Option<&str>) -> Result<()> {
        subject.map_or(Ok(()), check_subject)?;
        self.lock().pending.subject = Some(subject.unwrap_or_default().to_owned());
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
        Ok(self.loaded().await?.stored().is_none())
    }

    /// About how many bytes it holds: for what collects garbage and has to know how much there is.
    pub fn size(&self) -> usize {
        self.lock().size()
    }

    /// The client's secret: what was brought, or what it is to get. `None` for a session that was
    /// never stored, unless [`ensure_token`](Session::ensure_token) or
    /// [`create`](super::SessionManager::create) gave it one, and for one from a list.
    pub fn token(&self) -> Option<String> {
        self.lock_to_read().token().map(str::to_owned)
    }

    /// Says that the program has the answer of this number: see
    /// [`CommitResult::taken`](super::CommitResult::taken).
    pub fn cookie_taken(&self, number: u64) {
        self.lock().cookie_was_taken(number);
    }

    /// The key of a session from a list.
    pub fn key(&self) -> Option<Key> {
        match self.lock().who() {
            Some(SessionRef::Key(key)) => Some(*key),
            Some(SessionRef::Token(_)) | None => None,
        }
    }
}

/// Neither token nor values.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.status().name())
    }
}
