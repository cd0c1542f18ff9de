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

/// Writes the methods that may ask the store, each from its own signature.
macro_rules! waiting {
    ($($name:ident($($argument:ident: $type:ty),*) -> $gives:ty;)*) => {
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
            $(
                #[doc = concat!(
                    "As [`sessio::Session::", stringify!($name), "`](crate::Session::",
                    stringify!($name), ")."
                )]
                ///
                /// # Errors
                /// The same.
                pub fn $name(&self, $($argument: $type),*) -> Result<$gives> {
                    let session = self.0.clone();
                    $(let $argument = ToOwned::to_owned($argument);)*
                    wait(self.0.store(), async move { session.$name($(&$argument),*).await })
                }
            )*
        }
    };
}

waiting! {
    ensure_loaded() -> ();
    get_value(key: &str) -> Option<Value>;
    pop_value(key: &str) -> Option<Value>;
    values() -> Map;
    snapshot() -> Map;
    snapshot_json() -> String;
    take(key: &str) -> Option<Value>;
    contains(key: &str) -> bool;
    keys() -> Vec<String>;
    flashes() -> Map;
    renew() -> bool;
    regenerate() -> bool;
    ensure_token() -> Option<String>;
    expires_at() -> Option<Timestamp>;
    extra(name: &str) -> Option<Value>;
    remembered() -> Option<bool>;
    idle_timeout() -> Option<Duration>;
    destroy() -> ();
    merge_from(token: &str) -> ();
    deadline() -> Timestamp;
    subject() -> Option<String>;
    is_new() -> bool;
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

    /// As [`sessio::Session::put`](crate::Session::put).
    ///
    /// # Errors
    /// The same.
    pub fn put<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        self.0.put(key, value)
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

    /// As [`sessio::Session::remove`](crate::Session::remove).
    pub fn remove(&self, key: &str) {
        self.0.remove(key);
    }

    /// As [`sessio::Session::increment`](crate::Session::increment).
    ///
    /// # Errors
    /// The same.
    pub fn increment(&self, key: &str, by: i64) -> Result<()> {
        self.0.increment(key, by)
    }

    /// As [`sessio::Session::append`](crate::Session::append).
    ///
    /// # Errors
    /// The same.
    pub fn append<T: Serialize + ?Sized>(&self, key: &str, item: &T) -> Result<()> {
        self.0.append(key, item)
    }

    /// As [`sessio::Session::append_value`](crate::Session::append_value).
    ///
    /// # Errors
    /// The same.
    pub fn append_value(&self, key: &str, item: Value) -> Result<()> {
        self.0.append_value(key, item)
    }

    /// As [`sessio::Session::store_empty`](crate::Session::store_empty).
    pub fn store_empty(&self) {
        self.0.store_empty();
    }

    /// As [`sessio::Session::set_extra`](crate::Session::set_extra).
    ///
    /// # Errors
    /// The same.
    pub fn set_extra(&self, name: &str, value: Option<Value>) -> Result<()> {
        self.0.set_extra(name, value)
    }

    /// As [`sessio::Session::clear`](crate::Session::clear).
    pub fn clear(&self) {
        self.0.clear();
    }

    /// As [`sessio::Session::flash`](crate::Session::flash).
    ///
    /// # Errors
    /// The same.
    pub fn flash<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        self.0.flash(key, value)
    }

    /// As [`sessio::Session::flash_value`](crate::Session::flash_value).
    ///
    /// # Errors
    /// The same.
    pub fn flash_value(&self, key: &str, value: Value) -> Result<()> {
        self.0.flash_value(key, value)
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
