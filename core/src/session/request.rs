//! Calls of sessions as values: what a binding starts, and what it gets back.

use std::fmt;
use std::time::Duration;

use crate::protocol::clock::{Expiry, Timestamp};
use crate::protocol::error::Result;
use crate::protocol::request::Reply;
use crate::protocol::token::Key;
use crate::store::Store;
use crate::store::task;
use crate::value::{Map, Value};

use super::commit_result::CommitResult;
use super::handle::Session;
use super::manager::{SessionManager, SessionPage};
use super::transact::Transaction;

/// Whether a value is what the program wants; the error where it is not.
pub type Check = Box<dyn Fn(&Value) -> Result<()> + Send>;

/// A verb of a session or a manager with its arguments: the one door for every language, as
/// [`Request`](crate::protocol::request::Request) is for stores. `Debug` prints the verb alone,
/// because the arguments are secrets.
pub enum SessionRequest {
    /// Answered with [`SessionAnswer::Done`].
    EnsureLoaded(Session),
    /// Answered with [`SessionAnswer::Value`].
    Get(Session, String),
    /// The same, if the value passes the check. Answered with [`SessionAnswer::Value`].
    GetIf(Session, String, Check),
    /// Answered with [`SessionAnswer::Value`].
    Pop(Session, String),
    /// Answered with [`SessionAnswer::Value`].
    Take(Session, String),
    /// Answered with [`SessionAnswer::Is`].
    Contains(Session, String),
    /// Answered with [`SessionAnswer::Keys`].
    Keys(Session),
    /// Answered with [`SessionAnswer::Values`].
    Values(Session),
    /// Answered with [`SessionAnswer::Text`].
    SnapshotJson(Session),
    /// Answered with [`SessionAnswer::Values`].
    Flashes(Session),
    /// Answered with [`SessionAnswer::Done`].
    Put(Session, String, Value),
    /// A name. Answered with [`SessionAnswer::Value`].
    Extra(Session, String),
    /// The name, and what is kept under it. Answered with [`SessionAnswer::Done`].
    SetExtra(Session, String, Option<Value>),
    /// Whether it was a change. Answered with [`SessionAnswer::Is`].
    PutIfChanged(Session, String, Value),
    /// Answered with [`SessionAnswer::Done`].
    Assign(Session, Map),
    /// Answered with [`SessionAnswer::Done`].
    Increment(Session, String, i64),
    /// Answered with [`SessionAnswer::Done`].
    Append(Session, String, Value),
    /// Answered with [`SessionAnswer::Done`].
    Remove(Session, String),
    /// Answered with [`SessionAnswer::Done`].
    Clear(Session),
    /// Answered with [`SessionAnswer::Done`].
    Flash(Session, String, Value),
    /// Answered with [`SessionAnswer::Is`].
    Renew(Session),
    /// Answered with [`SessionAnswer::Is`].
    Regenerate(Session),
    /// Answered with [`SessionAnswer::Done`].
    StoreEmpty(Session),
    /// Answered with [`SessionAnswer::Token`].
    EnsureToken(Session),
    /// Answered with [`SessionAnswer::Done`].
    Destroy(Session),
    /// The token of the other session. Answered with [`SessionAnswer::Done`].
    MergeFrom(Session, String),
    /// Answered with [`SessionAnswer::Ends`].
    Deadline(Session),
    /// Answered with [`SessionAnswer::Expires`].
    ExpiresAt(Session),
    /// Answered with [`SessionAnswer::Done`].
    SetDeadline(Session, Expiry),
    /// Answered with [`SessionAnswer::Done`].
    Touch(Session),
    /// Answered with [`SessionAnswer::Done`].
    RememberMe(Session, bool),
    /// Answered with [`SessionAnswer::Remembered`].
    Remembered(Session),
    /// Answered with [`SessionAnswer::Done`].
    SetIdleTimeout(Session, Option<Duration>),
    /// Answered with [`SessionAnswer::Lasts`].
    IdleTimeout(Session),
    /// Answered with [`SessionAnswer::Subject`].
    Subject(Session),
    /// Answered with [`SessionAnswer::Done`].
    SetSubject(Session, Option<String>),
    /// Answered with [`SessionAnswer::Is`].
    IsNew(Session),
    /// Answered with [`SessionAnswer::CommitResult`], of which [`CommitResult::taken`] is to be
    /// told.
    Commit(SessionManager, Session),
    /// A view for one run of a change. Answered with [`SessionAnswer::Begun`].
    Begin(Transaction),
    /// The view that was changed. Answered with [`SessionAnswer::Finished`], of which
    /// [`CommitResult::taken`] is to be told.
    Finish(Transaction, Session),
    /// The token of the session. Answered with [`SessionAnswer::Session`].
    Find(SessionManager, String),
    /// The key of a listed session. Answered with [`SessionAnswer::Session`].
    FindKey(SessionManager, Key),
    /// The token that it shall have. Answered with [`SessionAnswer::Session`].
    Create(SessionManager, String),
    /// Start after this key, at most so many. Answered with [`SessionAnswer::Page`].
    List(SessionManager, Option<Key>, usize),
    /// The same for one subject.
    ListSubject(SessionManager, String, Option<Key>, usize),
}

/// What a [`SessionRequest`] is answered with.
#[derive(Debug)]
pub enum SessionAnswer {
    /// It was done.
    Done,
    /// Yes or no.
    Is(bool),
    /// A value, or none.
    Value(Option<Value>),
    /// Values by name.
    Values(Map),
    /// Text.
    Text(String),
    /// Names, sorted.
    Keys(Vec<String>),
    /// An instant.
    Ends(Timestamp),
    /// When it ends, if it does.
    Expires(Option<Timestamp>),
    /// Whether its cookie outlives the browser, if that was said.
    Remembered(Option<bool>),
    /// How long, if that was said.
    Lasts(Option<Duration>),
    /// A token, or none.
    Token(Option<String>),
    /// A session, or none.
    Session(Option<Session>),
    /// Whose session it is.
    Subject(Option<String>),
    /// What to send to the client.
    CommitResult(CommitResult),
    /// A session that was looked at, or none.
    Begun(Option<Session>),
    /// What to send to the client, where the outcome is [`Gone`](super::CommitOutcome::Gone) if the
    /// session was ended meanwhile; `None` where another request was faster: the change is to be
    /// made once more.
    Finished(Option<CommitResult>),
    /// A page of sessions.
    Page(SessionPage),
}

impl SessionRequest {
    /// The verb's name, as in `tests/README.md`.
    pub fn name(&self) -> &'static str {
        match self {
            SessionRequest::EnsureLoaded(_) => "ensure_loaded",
            SessionRequest::Get(..) | SessionRequest::GetIf(..) => "get",
            SessionRequest::Pop(..) => "pop",
            SessionRequest::Take(..) => "take",
            SessionRequest::Contains(..) => "contains",
            SessionRequest::Keys(_) => "keys",
            SessionRequest::Values(_) => "values",
            SessionRequest::SnapshotJson(_) => "snapshot_json",
            SessionRequest::Flashes(_) => "flashes",
            SessionRequest::Put(..) => "put",
            SessionRequest::Extra(..) => "extra",
            SessionRequest::SetExtra(..) => "set_extra",
            SessionRequest::PutIfChanged(..) => "put_if_changed",
            SessionRequest::Assign(..) => "assign",
            SessionRequest::Increment(..) => "increment",
            SessionRequest::Append(..) => "append",
            SessionRequest::Remove(..) => "remove",
            SessionRequest::Clear(_) => "clear",
            SessionRequest::Flash(..) => "flash",
            SessionRequest::Renew(_) => "renew",
            SessionRequest::Regenerate(_) => "regenerate",
            SessionRequest::StoreEmpty(_) => "store_empty",
            SessionRequest::EnsureToken(_) => "ensure_token",
            SessionRequest::Destroy(_) => "destroy",
            SessionRequest::MergeFrom(..) => "merge_from",
            SessionRequest::Deadline(_) => "deadline",
            SessionRequest::ExpiresAt(_) => "expires_at",
            SessionRequest::SetDeadline(..) => "set_deadline",
            SessionRequest::Touch(_) => "touch_session",
            SessionRequest::RememberMe(..) => "remember_me",
            SessionRequest::Remembered(_) => "remembered",
            SessionRequest::SetIdleTimeout(..) => "set_idle_timeout",
            SessionRequest::IdleTimeout(_) => "idle_timeout",
            SessionRequest::Subject(_) => "subject",
            SessionRequest::SetSubject(..) => "set_subject",
            SessionRequest::IsNew(_) => "is_new",
            SessionRequest::Commit(..) => "commit",
            SessionRequest::Begin(_) | SessionRequest::Finish(..) => "transact",
            SessionRequest::Find(..) | SessionRequest::FindKey(..) => "find_session",
            SessionRequest::Create(..) => "create",
            SessionRequest::List(..) => "list_sessions",
            SessionRequest::ListSubject(..) => "list_subject_sessions",
        }
    }

    /// Starts it. What needs no waiting (everything in memory, and reading what was looked at) is
    /// answered by the return value; everything else is done to its end on sessio's runtime and
    /// answered through the reply, which is asked for then.
    pub fn start(
        self,
        reply: impl FnOnce() -> Reply<SessionAnswer>,
    ) -> Option<Result<SessionAnswer>> {
        match self.at_once() {
            Ok(answer) => Some(answer),
            Err(request) => task::start(request.run(), reply),
        }
    }

    /// Does it and waits for the answer on this thread, for callers without an executor. The answer
    /// comes at most a second after the store's `timeout`.
    ///
    /// # Errors
    /// As the verb.
    pub fn wait(self, store: &Store) -> Result<SessionAnswer> {
        match self.at_once() {
            Ok(answer) => answer,
            Err(request) => task::wait(store, request.run()),
        }
    }

    /// What does not ask the store is answered without a task.
    fn at_once(self) -> std::result::Result<Result<SessionAnswer>, Self> {
        let done = |result: Result<()>| Ok(result.map(|()| SessionAnswer::Done));
        match self {
            SessionRequest::Get(session, key) if session.is_loaded() => {
                Ok(session.lock_to_read().document.values.get(&key).map(SessionAnswer::Value))
            }
            SessionRequest::Contains(session, key) if session.is_loaded() => {
                Ok(Ok(SessionAnswer::Is(session.lock_to_read().document.values.contains_key(&key))))
            }
            SessionRequest::Put(session, key, value) => done(session.put_value(&key, value)),
            SessionRequest::SetExtra(session, name, value) => done(session.set_extra(&name, value)),
            SessionRequest::Increment(session, key, by) => done(session.increment(&key, by)),
            SessionRequest::Append(session, key, item) => done(session.append_value(&key, item)),
            SessionRequest::Remove(session, key) => {
                session.remove(&key);
                done(Ok(()))
            }
            SessionRequest::Clear(session) => {
                session.clear();
                done(Ok(()))
            }
            SessionRequest::Flash(session, key, value) => done(session.flash_value(&key, value)),
            SessionRequest::StoreEmpty(session) => {
                session.store_empty();
                done(Ok(()))
            }
            SessionRequest::Create(manager, token) => {
                Ok(manager.create(&token).map(|session| SessionAnswer::Session(Some(session))))
            }
            SessionRequest::SetDeadline(session, deadline) => {
                session.set_deadline(deadline);
                done(Ok(()))
            }
            SessionRequest::Touch(session) => {
                session.touch();
                done(Ok(()))
            }
            SessionRequest::RememberMe(session, remember) => {
                session.remember_me(remember);
                done(Ok(()))
            }
            SessionRequest::SetIdleTimeout(session, timeout) => {
                done(session.set_idle_timeout(timeout))
            }
            SessionRequest::SetSubject(session, subject) => {
                done(session.set_subject(subject.as_deref()))
            }
            request @ (SessionRequest::EnsureLoaded(_)
            | SessionRequest::Get(..)
            | SessionRequest::GetIf(..)
            | SessionRequest::Pop(..)
            | SessionRequest::Take(..)
            | SessionRequest::Contains(..)
            | SessionRequest::Keys(_)
            | SessionRequest::Values(_)
            | SessionRequest::SnapshotJson(_)
            | SessionRequest::PutIfChanged(..)
            | SessionRequest::Assign(..)
            | SessionRequest::Flashes(_)
            | SessionRequest::Renew(_)
            | SessionRequest::Regenerate(_)
            | SessionRequest::EnsureToken(_)
            | SessionRequest::ExpiresAt(_)
            | SessionRequest::Extra(..)
            | SessionRequest::Remembered(_)
            | SessionRequest::IdleTimeout(_)
            | SessionRequest::Find(..)
            | SessionRequest::FindKey(..)
            | SessionRequest::Destroy(_)
            | SessionRequest::MergeFrom(..)
            | SessionRequest::Deadline(_)
            | SessionRequest::Subject(_)
            | SessionRequest::IsNew(_)
            | SessionRequest::Commit(..)
            | SessionRequest::Begin(_)
            | SessionRequest::Finish(..)
            | SessionRequest::List(..)
            | SessionRequest::ListSubject(..)) => Err(request),
        }
    }

    /// The same as a future, for [`task`]: to be polled to its end, for only
    /// [`start`](SessionRequest::start) sees to that.
    ///
    /// # Errors
    /// As the verb.
    pub async fn run(self) -> Result<SessionAnswer> {
        Ok(match self {
            SessionRequest::EnsureLoaded(session) => {
                session.ensure_loaded().await.map(|()| SessionAnswer::Done)?
            }
            SessionRequest::Get(session, key) => {
                SessionAnswer::Value(session.get_value(&key).await?)
            }
            SessionRequest::GetIf(session, key, check) => {
                let value = session.get_value(&key).await?;
                value.as_ref().map_or(Ok(()), check)?;
                SessionAnswer::Value(value)
            }
            SessionRequest::Pop(session, key) => {
                SessionAnswer::Value(session.pop_value(&key).await?)
            }
            SessionRequest::Take(session, key) => SessionAnswer::Value(session.take(&key).await?),
            SessionRequest::Contains(session, key) => {
                SessionAnswer::Is(session.contains(&key).await?)
            }
            SessionRequest::Keys(session) => SessionAnswer::Keys(session.keys().await?),
            SessionRequest::Values(session) => SessionAnswer::Values(session.values().await?),
            SessionRequest::SnapshotJson(session) => {
                SessionAnswer::Text(session.snapshot_json().await?)
            }
            SessionRequest::PutIfChanged(session, key, value) => {
                SessionAnswer::Is(session.put_if_changed(&key, value).await?)
            }
            SessionRequest::Assign(session, values) => {
                session.assign(values).await.map(|()| SessionAnswer::Done)?
            }
            SessionRequest::Flashes(session) => SessionAnswer::Values(session.flashes().await?),
            SessionRequest::Renew(session) => SessionAnswer::Is(session.renew().await?),
            SessionRequest::Regenerate(session) => SessionAnswer::Is(session.regenerate().await?),
            SessionRequest::EnsureToken(session) => {
                SessionAnswer::Token(session.ensure_token().await?)
            }
            SessionRequest::ExpiresAt(session) => {
                SessionAnswer::Expires(session.expires_at().await?)
            }
            SessionRequest::Extra(session, name) => {
                SessionAnswer::Value(session.extra(&name).await?)
            }
            SessionRequest::Remembered(session) => {
                SessionAnswer::Remembered(session.remembered().await?)
            }
            SessionRequest::IdleTimeout(session) => {
                SessionAnswer::Lasts(session.idle_timeout().await?)
            }
            SessionRequest::Find(manager, token) => {
                SessionAnswer::Session(manager.find(&token).await?)
            }
            SessionRequest::FindKey(manager, key) => {
                SessionAnswer::Session(manager.find(&key).await?)
            }
            SessionRequest::Destroy(session) => {
                session.destroy().await.map(|()| SessionAnswer::Done)?
            }
            SessionRequest::MergeFrom(session, token) => {
                session.merge_from(&token).await.map(|()| SessionAnswer::Done)?
            }
            SessionRequest::Deadline(session) => SessionAnswer::Ends(session.deadline().await?),
            SessionRequest::Subject(session) => SessionAnswer::Subject(session.subject().await?),
            SessionRequest::IsNew(session) => SessionAnswer::Is(session.is_new().await?),
            SessionRequest::Commit(manager, session) => {
                SessionAnswer::CommitResult(manager.commit_untaken(session).await?)
            }
            SessionRequest::Begin(transaction) => SessionAnswer::Begun(transaction.begin().await?),
            SessionRequest::Finish(transaction, session) => {
                SessionAnswer::Finished(transaction.finish_untaken(session).await?)
            }
            SessionRequest::List(manager, after, limit) => {
                SessionAnswer::Page(manager.list(after.as_ref(), limit).await?)
            }
            SessionRequest::ListSubject(manager, subject, after, limit) => {
                SessionAnswer::Page(manager.list_subject(&subject, after.as_ref(), limit).await?)
            }
            request @ (SessionRequest::Put(..)
            | SessionRequest::SetExtra(..)
            | SessionRequest::Increment(..)
            | SessionRequest::Append(..)
            | SessionRequest::Remove(..)
            | SessionRequest::Clear(_)
            | SessionRequest::Flash(..)
            | SessionRequest::StoreEmpty(_)
            | SessionRequest::Create(..)
            | SessionRequest::SetDeadline(..)
            | SessionRequest::Touch(_)
            | SessionRequest::RememberMe(..)
            | SessionRequest::SetIdleTimeout(..)
            | SessionRequest::SetSubject(..)) => match request.at_once() {
                Ok(answer) => answer?,
                Err(_) => SessionAnswer::Done,
            },
        })
    }
}

impl fmt::Debug for SessionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionRequest({})", self.name())
    }
}
