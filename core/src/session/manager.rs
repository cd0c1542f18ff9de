//! Loads sessions, and gives lists of them.

use std::fmt;
use std::sync::Arc;

use crate::protocol::error::Result;
use crate::protocol::record::{Entry, Page};
use crate::protocol::token::{Key, Target};
use crate::store::Store;

use super::context::Context;
use super::cookie::Cookie;
use super::events::{EventCounters, SessionStats};
use super::handle::Session;
use super::pending::{Chooser, Chosen};
use super::settings::SessionOptions;
use super::state::SessionRef;

/// Sessions over a store: what a web framework, or a program without one, asks for at the
/// beginning of a request and commits at its end. Cloning is cheap, and clones are one manager.
#[derive(Clone)]
pub struct SessionManager(pub(super) Arc<Context>);

impl SessionManager {
    /// A manager with the default settings: [`SessionOptions::of`] the store.
    pub fn new(store: Store) -> Self {
        let options = SessionOptions::of(&store);
        SessionManager::over(store, options)
    }

    /// A manager with settings.
    ///
    /// # Errors
    /// `InvalidArgument` when they contradict each other or what browsers accept.
    pub fn with(store: Store, options: SessionOptions) -> Result<Self> {
        options.check()?;
        Ok(SessionManager::over(store, options))
    }

    fn over(store: Store, options: SessionOptions) -> Self {
        SessionManager(Arc::new(Context { store, options, counters: EventCounters::default() }))
    }

    /// The session of a token, or a new one where there is no token. Does not ask the store yet; a
    /// token that turns out to be unknown is not adopted. SCS `Load`.
    pub fn load(&self, token: Option<&str>) -> Session {
        let token = token.filter(|token| !token.is_empty());
        let candidates = token.map_or_else(|| [].into(), |token| [SessionRef::of(token)].into());
        Session::new(Arc::clone(&self.0), candidates)
    }

    /// The same from the `Cookie` header of a request. A malformed header is no session. Where
    /// several cookies have the name (those of other paths and domains, or of other programs), up
    /// to four are tried, by one statement, and the first that lives counts.
    pub fn load_cookie(&self, header: &[u8]) -> Session {
        self.load_cookies([header])
    }

    /// The same where the request has several `Cookie` headers, as HTTP/2 allows; none is no
    /// session.
    pub fn load_cookies<H: AsRef<[u8]>>(&self, headers: impl IntoIterator<Item = H>) -> Session {
        let tokens = self.0.options.cookie.read_all(headers);
        let candidates = tokens.iter().map(|token| SessionRef::of(token)).collect();
        Session::new(Arc::clone(&self.0), candidates)
    }

    /// The same from a header of the program's own: the token, with `Bearer ` before it or not.
    /// A malformed header is no session.
    pub fn load_header(&self, header: &[u8]) -> Session {
        let text = std::str::from_utf8(header).unwrap_or_default().trim();
        let is_bearer = |(scheme, rest): &(&str, &str)| {
            scheme.eq_ignore_ascii_case("bearer") && (rest.is_empty() || rest.starts_with(' '))
        };
        let bearer = text.split_at_checked(6).filter(is_bearer);
        self.load(Some(bearer.map_or(text, |(_, token)| token.trim_start())))
    }

    /// The session of a token, or of a listed key, if it lives: loaded by one read. Otherwise
    /// `None`. One that is found by its key is as those of [`list`](SessionManager::list): another
    /// client's, without a cookie. A token is never taken for a key: see [`Key`] for why, and for
    /// how a key is read from text.
    ///
    /// # Errors
    /// As [`Session::get`].
    pub async fn find<'a>(&self, target: impl Into<Target<'a>>) -> Result<Option<Session>> {
        let Some(who) = SessionRef::named(target.into()) else { return Ok(None) };
        let session = Session::new(Arc::clone(&self.0), [who].into());
        Ok(if session.is_new().await? { None } else { Some(session) })
    }

    /// A new session under a token of the program's own, for frameworks that choose their ids
    /// themselves. The commit inserts it if something was put in, or
    /// [`store_empty`](Session::store_empty) was called. If a session lives under this token
    /// already, the commit stores nothing, sends no cookie, and its outcome is
    /// [`Conflict`](super::CommitOutcome::Conflict).
    ///
    /// The token is the client's secret: it must be random, at least 128 bits, and made by the
    /// program. A token that a client has sent may have been planted there by an attacker, who
    /// would then share the session.
    ///
    /// # Errors
    /// `InvalidArgument` for a token that cannot be stored, as [`Store::insert`].
    pub fn create(&self, token: &str) -> Result<Session> {
        self.0.store.new_id(Target::from(token))?;
        let session = Session::new(Arc::clone(&self.0), [].into());
        session.lock().pending.token =
            Some(Chosen { text: token.to_owned(), by: Chooser::Program });
        Ok(session)
    }

    /// A page of live sessions, in the order of their keys, each to be read, changed, committed or
    /// destroyed like one that was loaded, but without a cookie: it is another client's. The whole
    /// table is never held. SCS `Iterate`.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub async fn list(&self, after: Option<&Key>, limit: usize) -> Result<SessionPage> {
        Ok(self.page(self.0.store.list(after, limit).await?))
    }

    /// The same of one subject.
    ///
    /// # Errors
    /// As [`Store::list_subject`].
    pub async fn list_subject(
        &self,
        subject: &str,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<SessionPage> {
        Ok(self.page(self.0.store.list_subject(subject, after, limit).await?))
    }

    fn page(&self, page: Page) -> SessionPage {
        let session = |Entry { key, record }: Entry| {
            let (who, now) = (SessionRef::Key(key), self.0.now());
            let session = Session::new(Arc::clone(&self.0), [who.clone()].into());
            // What cannot be decoded fails when it is read.
            let _ = session.lock().found(who, record, &self.0.options, now);
            session
        };
        SessionPage { sessions: page.entries.into_iter().map(session).collect(), next: page.next }
    }

    /// What has happened to sessions of this manager in this process.
    pub fn stats(&self) -> SessionStats {
        self.0.counters.read()
    }

    /// The store beneath.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The cookie that carries the token.
    pub fn cookie(&self) -> &Cookie {
        &self.0.options.cookie
    }
}

impl fmt::Debug for SessionManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionManager({:?})", self.0.store)
    }
}

/// A page of sessions.
#[derive(Debug)]
pub struct SessionPage {
    /// In ascending order of their keys.
    pub sessions: Vec<Session>,
    /// What to pass as `after` for the next page; `None` when this was the last one.
    pub next: Option<Key>,
}
