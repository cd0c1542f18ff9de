//! Sessions for programs without an event loop.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::protocol::clock::{Expiry, Timestamp};
use crate::protocol::error::Result;
use crate::protocol::token::{Key, Target};
use crate::store::blocking::Store;
use crate::store::task::wait;
use crate::value::{Map, Value};

use super::state::SessionRef;
use super::{CommitOutcome, CommitResult, Cookie, SessionOptions, SessionStats, Status};

/// As [`sessio::SessionManager`](crate::SessionManager), with calls that wait.
#[derive(Clone, Debug)]
pub struct SessionManager(super::SessionManager);

/// As [`sessio::Session`](crate::Session), with calls that wait.
#[derive(Clone, Debug)]
pub struct Session(super::Session);

/// As [`sessio::Transaction`](crate::Transaction), with calls that wait.
#[derive(Clone, Debug)]
pub struct Transaction(super::Transaction);

impl SessionManager {
    /// A manager with the default settings.
    pub fn new(store: &Store) -> Self {
        SessionManager(super::SessionManager::new(store.asynchronous().clone()))
    }

    /// A manager with settings.
    ///
    /// # Errors
    /// As [`sessio::SessionManager::with`](crate::SessionManager::with).
    pub fn with(store: &Store, options: SessionOptions) -> Result<Self> {
        super::SessionManager::with(store.asynchronous().clone(), options).map(SessionManager)
    }

    /// The asynchronous handle of the same manager.
    pub fn asynchronous(&self) -> &super::SessionManager {
        &self.0
    }

    /// As [`sessio::SessionManager::load`](crate::SessionManager::load).
    pub fn load(&self, token: Option<&str>) -> Session {
        Session(self.0.load(token))
    }

    /// As [`sessio::SessionManager::load_cookie`](crate::SessionManager::load_cookie).
    pub fn load_cookie(&self, header: &[u8]) -> Session {
        Session(self.0.load_cookie(header))
    }

    /// As [`sessio::SessionManager::load_cookies`](crate::SessionManager::load_cookies).
    pub fn load_cookies<H: AsRef<[u8]>>(&self, headers: impl IntoIterator<Item = H>) -> Session {
        Session(self.0.load_cookies(headers))
    }

    /// As [`sessio::SessionManager::load_header`](crate::SessionManager::load_header).
    pub fn load_header(&self, header: &[u8]) -> Session {
        Session(self.0.load_header(header))
    }

    /// As [`sessio::SessionManager::find`](crate::SessionManager::find).
    ///
    /// # Errors
    /// The same.
    pub fn find<'a>(&self, target: impl Into<Target<'a>>) -> Result<Option<Session>> {
        let Some(who) = SessionRef::named(target.into()) else { return Ok(None) };
        let manager = self.0.clone();
        let found = wait(self.0.store(), async move { manager.find(who.target()).await })?;
        Ok(found.map(Session))
    }

    /// As [`sessio::SessionManager::create`](crate::SessionManager::create).
    ///
    /// # Errors
    /// The same.
    pub fn create(&self, token: &str) -> Result<Session> {
        self.0.create(token).map(Session)
    }

    /// As [`sessio::SessionManager::commit`](crate::SessionManager::commit).
    ///
    /// # Errors
    /// The same.
    pub fn commit(&self, session: &Session) -> Result<CommitResult> {
        let (manager, session) = (self.0.clone(), session.0.clone());
        let result = wait(self.0.store(), manager.commit_untaken(session))?;
        result.taken();
        Ok(result)
    }

    /// As [`sessio::SessionManager::transact`](crate::SessionManager::transact).
    ///
    /// # Errors
    /// The same.
    pub fn transact<T>(
        &self,
        token: &str,
        mut change: impl FnMut(&Session) -> Result<T>,
    ) -> Result<Option<(T, CommitResult)>> {
        let transaction = self.transaction(token);
        while let Some(session) = transaction.begin()? {
            let value = change(&session)?;
            if let Some(result) = transaction.finish(&session)? {
                return Ok((result.outcome != CommitOutcome::Gone).then_some((value, result)));
            }
        }
        Ok(None)
    }

    /// As [`sessio::SessionManager::transaction`](crate::SessionManager::transaction).
    pub fn transaction(&self, token: &str) -> Transaction {
        Transaction(self.0.transaction(token))
    }

    /// As [`sessio::SessionManager::list`](crate::SessionManager::list).
    ///
    /// # Errors
    /// The same.
    pub fn list(&self, after: Option<&Key>, limit: usize) -> Result<(Vec<Session>, Option<Key>)> {
        let (manager, after) = (self.0.clone(), after.copied());
        let page = wait(self.0.store(), async move { manager.list(after.as_ref(), limit).await })?;
        Ok((page.sessions.into_iter().map(Session).collect(), page.next))
    }

    /// As [`sessio::SessionManager::list_subject`](crate::SessionManager::list_subject).
    ///
    /// # Errors
    /// The same.
    pub fn list_subject(
        &self,
        subject: &str,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<(Vec<Session>, Option<Key>)> {
        let (manager, subject, after) = (self.0.clone(), subject.to_owned(), after.copied());
        let list = async move { manager.list_subject(&subject, after.as_ref(), limit).await };
        let page = wait(self.0.store(), list)?;
        Ok((page.sessions.into_iter().map(Session).collect(), page.next))
    }

    /// As [`sessio::SessionManager::each`](crate::SessionManager::each).
    pub fn each(&self) -> Sessions {
        Sessions::new(self.0.each())
    }

    /// As [`sessio::SessionManager::each_subject`](crate::SessionManager::each_subject).
    pub fn each_subject(&self, subject: &str) -> Sessions {
        Sessions::new(self.0.each_subject(subject))
    }

    /// As [`sessio::SessionManager::cookie`](crate::SessionManager::cookie).
    pub fn cookie(&self) -> &Cookie {
        self.0.cookie()
    }

    /// As [`sessio::SessionManager::stats`](crate::SessionManager::stats).
    pub fn stats(&self) -> SessionStats {
        self.0.stats()
    }
}

/// As [`sessio::Sessions`](crate::Sessions), as an iterator that waits.
#[derive(Debug)]
pub struct Sessions {
    store: crate::Store,
    /// Shared with a call that has not come back in time.
    sessions: Arc<tokio::sync::Mutex<super::Sessions>>,
}

impl Sessions {
    fn new(sessions: super::Sessions) -> Self {
        let store = sessions.store().clone();
        Sessions { store, sessions: Arc::new(tokio::sync::Mutex::new(sessions)) }
    }
}

impl Iterator for Sessions {
    type Item = Result<Session>;

    fn next(&mut self) -> Option<Result<Session>> {
        let sessions = Arc::clone(&self.sessions);
        let next = wait(&self.store, async move { sessions.lock().await.next().await });
        next.transpose().map(|next| next.map(Session))
    }
}

impl Transaction {
    /// As [`sessio::Transaction::session`](crate::Transaction::session).
    pub fn session(&self) -> Session {
        Session(self.0.session())
    }

    /// As [`sessio::Transaction::begin`](crate::Transaction::begin).
    ///
    /// # Errors
    /// The same.
    pub fn begin(&self) -> Result<Option<Session>> {
        let transaction = self.0.clone();
        let begun = wait(self.0.store(), async move { transaction.begin().await })?;
        Ok(begun.map(Session))
    }

    /// As [`sessio::Transaction::finish`](crate::Transaction::finish).
    ///
    /// # Errors
    /// The same.
    pub fn finish(&self, session: &Session) -> Result<Option<CommitResult>> {
        let finish = self.0.clone().finish_untaken(session.0.clone());
        let result = wait(self.0.store(), finish)?;
        result.iter().for_each(CommitResult::taken);
        Ok(result)
    }
}

impl Session {
    /// The asynchronous handle of the same session.
    pub fn asynchronous(&self) -> &super::Session {
        &self.0
    }

    /// As [`sessio::Session::get`](crate::Session::get).
    ///
    /// # Errors
    /// The same.
    pub fn get<T: DeserializeOwned + Send + 'static>(&self, key: &str) -> Result<Option<T>> {
        let (session, key) = (self.0.clone(), key.to_owned());
        wait(self.0.store(), async move { session.get(&key).await })
    }

    /// As [`sessio::Session::pop`](crate::Session::pop).
    ///
    /// # Errors
    /// The same.
    pub fn pop<T: DeserializeOwned + Send + 'static>(&self, key: &str) -> Result<Option<T>> {
        let (session, key) = (self.0.clone(), key.to_owned());
        wait(self.0.store(), async move { session.pop(&key).await })
    }

    /// As [`sessio::Session::snapshot`](crate::Session::snapshot).
    ///
    /// # Errors
    /// The same.
    pub fn snapshot(&self) -> Result<Map> {
        self.values()
    }

    /// As [`sessio::Session::put`](crate::Session::put).
    ///
    /// # Errors
    /// The same.
    pub fn put<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        self.0.put(key, value)
    }

    /// As [`sessio::Session::append`](crate::Session::append).
    ///
    /// # Errors
    /// The same.
    pub fn append<T: Serialize + ?Sized>(&self, key: &str, item: &T) -> Result<()> {
        self.0.append(key, item)
    }

    /// As [`sessio::Session::flash`](crate::Session::flash).
    ///
    /// # Errors
    /// The same.
    pub fn flash<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        self.0.flash(key, value)
    }

    /// As [`sessio::Session::status`](crate::Session::status).
    pub fn status(&self) -> Status {
        self.0.status()
    }

    /// As [`sessio::Session::token`](crate::Session::token).
    pub fn token(&self) -> Option<String> {
        self.0.token()
    }

    /// As [`sessio::Session::key`](crate::Session::key).
    pub fn key(&self) -> Option<Key> {
        self.0.key()
    }
}

// Made by `cargo xtask gen` from `api/session.toml`: change that.
impl Session {
    /// As [`sessio::Session::ensure_loaded`](crate::Session::ensure_loaded).
    ///
    /// # Errors
    /// The same.
    pub fn ensure_loaded(&self) -> Result<()> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.ensure_loaded().await })
    }

    /// As [`sessio::Session::get_value`](crate::Session::get_value).
    ///
    /// # Errors
    /// The same.
    pub fn get_value(&self, key: &str) -> Result<Option<Value>> {
        let (session, key) = (self.0.clone(), key.to_owned());
        wait(self.0.store(), async move { session.get_value(&key).await })
    }

    /// As [`sessio::Session::pop_value`](crate::Session::pop_value).
    ///
    /// # Errors
    /// The same.
    pub fn pop_value(&self, key: &str) -> Result<Option<Value>> {
        let (session, key) = (self.0.clone(), key.to_owned());
        wait(self.0.store(), async move { session.pop_value(&key).await })
    }

    /// As [`sessio::Session::contains`](crate::Session::contains).
    ///
    /// # Errors
    /// The same.
    pub fn contains(&self, key: &str) -> Result<bool> {
        let (session, key) = (self.0.clone(), key.to_owned());
        wait(self.0.store(), async move { session.contains(&key).await })
    }

    /// As [`sessio::Session::keys`](crate::Session::keys).
    ///
    /// # Errors
    /// The same.
    pub fn keys(&self) -> Result<Vec<String>> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.keys().await })
    }

    /// As [`sessio::Session::values`](crate::Session::values).
    ///
    /// # Errors
    /// The same.
    pub fn values(&self) -> Result<Map> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.values().await })
    }

    /// As [`sessio::Session::snapshot_json`](crate::Session::snapshot_json).
    ///
    /// # Errors
    /// The same.
    pub fn snapshot_json(&self) -> Result<String> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.snapshot_json().await })
    }

    /// As [`sessio::Session::flashes`](crate::Session::flashes).
    ///
    /// # Errors
    /// The same.
    pub fn flashes(&self) -> Result<Map> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.flashes().await })
    }

    /// As [`sessio::Session::extra`](crate::Session::extra).
    ///
    /// # Errors
    /// The same.
    pub fn extra(&self, name: &str) -> Result<Option<Value>> {
        let (session, name) = (self.0.clone(), name.to_owned());
        wait(self.0.store(), async move { session.extra(&name).await })
    }

    /// As [`sessio::Session::deadline`](crate::Session::deadline).
    ///
    /// # Errors
    /// The same.
    pub fn deadline(&self) -> Result<Timestamp> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.deadline().await })
    }

    /// As [`sessio::Session::expires_at`](crate::Session::expires_at).
    ///
    /// # Errors
    /// The same.
    pub fn expires_at(&self) -> Result<Option<Timestamp>> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.expires_at().await })
    }

    /// As [`sessio::Session::remembered`](crate::Session::remembered).
    ///
    /// # Errors
    /// The same.
    pub fn remembered(&self) -> Result<Option<bool>> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.remembered().await })
    }

    /// As [`sessio::Session::idle_timeout`](crate::Session::idle_timeout).
    ///
    /// # Errors
    /// The same.
    pub fn idle_timeout(&self) -> Result<Option<Duration>> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.idle_timeout().await })
    }

    /// As [`sessio::Session::subject`](crate::Session::subject).
    ///
    /// # Errors
    /// The same.
    pub fn subject(&self) -> Result<Option<String>> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.subject().await })
    }

    /// As [`sessio::Session::is_new`](crate::Session::is_new).
    ///
    /// # Errors
    /// The same.
    pub fn is_new(&self) -> Result<bool> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.is_new().await })
    }

    /// As [`sessio::Session::put_value`](crate::Session::put_value).
    ///
    /// # Errors
    /// The same.
    pub fn put_value(&self, key: &str, value: Value) -> Result<()> {
        self.0.put_value(key, value)
    }

    /// As [`sessio::Session::put_if_changed`](crate::Session::put_if_changed).
    ///
    /// # Errors
    /// The same.
    pub fn put_if_changed(&self, key: &str, value: Value) -> Result<bool> {
        let (session, key) = (self.0.clone(), key.to_owned());
        wait(self.0.store(), async move { session.put_if_changed(&key, value).await })
    }

    /// As [`sessio::Session::assign`](crate::Session::assign).
    ///
    /// # Errors
    /// The same.
    pub fn assign(&self, values: Map) -> Result<()> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.assign(values).await })
    }

    /// As [`sessio::Session::increment`](crate::Session::increment).
    ///
    /// # Errors
    /// The same.
    pub fn increment(&self, key: &str, by: i64) -> Result<()> {
        self.0.increment(key, by)
    }

    /// As [`sessio::Session::append_value`](crate::Session::append_value).
    ///
    /// # Errors
    /// The same.
    pub fn append_value(&self, key: &str, item: Value) -> Result<()> {
        self.0.append_value(key, item)
    }

    /// As [`sessio::Session::remove`](crate::Session::remove).
    pub fn remove(&self, key: &str) {
        self.0.remove(key);
    }

    /// As [`sessio::Session::clear`](crate::Session::clear).
    pub fn clear(&self) {
        self.0.clear();
    }

    /// As [`sessio::Session::flash_value`](crate::Session::flash_value).
    ///
    /// # Errors
    /// The same.
    pub fn flash_value(&self, key: &str, value: Value) -> Result<()> {
        self.0.flash_value(key, value)
    }

    /// As [`sessio::Session::set_extra`](crate::Session::set_extra).
    ///
    /// # Errors
    /// The same.
    pub fn set_extra(&self, name: &str, value: Option<Value>) -> Result<()> {
        self.0.set_extra(name, value)
    }

    /// As [`sessio::Session::renew`](crate::Session::renew).
    ///
    /// # Errors
    /// The same.
    pub fn renew(&self) -> Result<bool> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.renew().await })
    }

    /// As [`sessio::Session::regenerate`](crate::Session::regenerate).
    ///
    /// # Errors
    /// The same.
    pub fn regenerate(&self) -> Result<bool> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.regenerate().await })
    }

    /// As [`sessio::Session::store_empty`](crate::Session::store_empty).
    pub fn store_empty(&self) {
        self.0.store_empty();
    }

    /// As [`sessio::Session::set_deadline`](crate::Session::set_deadline).
    pub fn set_deadline(&self, deadline: impl Into<Expiry>) {
        self.0.set_deadline(deadline);
    }

    /// As [`sessio::Session::touch`](crate::Session::touch).
    pub fn touch(&self) {
        self.0.touch();
    }

    /// As [`sessio::Session::remember_me`](crate::Session::remember_me).
    pub fn remember_me(&self, remember: bool) {
        self.0.remember_me(remember);
    }

    /// As [`sessio::Session::set_idle_timeout`](crate::Session::set_idle_timeout).
    ///
    /// # Errors
    /// The same.
    pub fn set_idle_timeout(&self, timeout: Option<Duration>) -> Result<()> {
        self.0.set_idle_timeout(timeout)
    }

    /// As [`sessio::Session::set_subject`](crate::Session::set_subject).
    ///
    /// # Errors
    /// The same.
    pub fn set_subject(&self, subject: Option<&str>) -> Result<()> {
        self.0.set_subject(subject)
    }

    /// As [`sessio::Session::take`](crate::Session::take).
    ///
    /// # Errors
    /// The same.
    pub fn take(&self, key: &str) -> Result<Option<Value>> {
        let (session, key) = (self.0.clone(), key.to_owned());
        wait(self.0.store(), async move { session.take(&key).await })
    }

    /// As [`sessio::Session::ensure_token`](crate::Session::ensure_token).
    ///
    /// # Errors
    /// The same.
    pub fn ensure_token(&self) -> Result<Option<String>> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.ensure_token().await })
    }

    /// As [`sessio::Session::destroy`](crate::Session::destroy).
    ///
    /// # Errors
    /// The same.
    pub fn destroy(&self) -> Result<()> {
        let session = self.0.clone();
        wait(self.0.store(), async move { session.destroy().await })
    }

    /// As [`sessio::Session::merge_from`](crate::Session::merge_from).
    ///
    /// # Errors
    /// The same.
    pub fn merge_from(&self, token: &str) -> Result<()> {
        let (session, token) = (self.0.clone(), token.to_owned());
        wait(self.0.store(), async move { session.merge_from(&token).await })
    }
}
// The end of what `cargo xtask gen` makes.
