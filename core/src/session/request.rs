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

// Made by `cargo xtask gen` from `api/session.toml`: change that.
/// A verb of a session or a manager with its arguments: the one door for every language, as
/// [`Request`](crate::protocol::request::Request) is for stores. `Debug` prints the verb alone,
/// because the arguments are secrets.
pub enum SessionRequest {
    /// Loads the session from the store unless it is loaded, whether the store has it or not.
    /// Answered with [`SessionAnswer::Done`].
    EnsureLoaded(Session),
    /// The value of a key; `None` if there is none. Answered with [`SessionAnswer::Value`].
    Get(Session, String),
    /// The value of a key if it passes a check; `None` if there is none. Answered with
    /// [`SessionAnswer::Value`].
    GetIf(Session, String, Check),
    /// The value of a key, which is removed; `None` if there is none. Answered with
    /// [`SessionAnswer::Value`].
    Pop(Session, String),
    /// Whether there is a value with this key. Answered with [`SessionAnswer::Is`].
    Contains(Session, String),
    /// The keys, sorted. Answered with [`SessionAnswer::Keys`].
    Keys(Session),
    /// All values, by key. Answered with [`SessionAnswer::Values`].
    Values(Session),
    /// All values as one JSON object, spelled as the codec `json` spells them. Answered with
    /// [`SessionAnswer::Text`].
    SnapshotJson(Session),
    /// The flash values that earlier requests left for this one, by name. Answered with
    /// [`SessionAnswer::Values`].
    Flashes(Session),
    /// A copy of the extra value of this name; `None` if there is none. Answered with
    /// [`SessionAnswer::Value`].
    Extra(Session, String),
    /// When the lifetime of the session ends. Answered with [`SessionAnswer::Ends`].
    Deadline(Session),
    /// When the session ends if it is not used from now on, as the store has it: what was loaded,
    /// or what the last commit stored. Answered with [`SessionAnswer::Expires`].
    ExpiresAt(Session),
    /// What `remember_me` has set; `None` if it was not called: then the option `cookie_persist`
    /// decides. Answered with [`SessionAnswer::Remembered`].
    Remembered(Session),
    /// The idle timeout that `set_idle_timeout` has set for this session; `None` if it was not
    /// called: then the manager's option applies. Answered with [`SessionAnswer::Lasts`].
    IdleTimeout(Session),
    /// Whose session it is, such as a user id; `None` if that was not set. Answered with
    /// [`SessionAnswer::Subject`].
    Subject(Session),
    /// Whether the store does not have this session (yet). Answered with [`SessionAnswer::Is`].
    IsNew(Session),
    /// Sets the value of a key. Answered with [`SessionAnswer::Done`].
    Put(Session, String, Value),
    /// Sets the value of a key unless it has an equal one already, and says whether it did.
    /// Answered with [`SessionAnswer::Is`].
    PutIfChanged(Session, String, Value),
    /// Replaces all values by these. Answered with [`SessionAnswer::Done`].
    Assign(Session, Map),
    /// Adds `by`, which may be negative, to the integer of a key; a missing value counts as 0.
    /// Answered with [`SessionAnswer::Done`].
    Increment(Session, String, i64),
    /// Appends an item to the list of a key; a missing value counts as an empty list. Answered with
    /// [`SessionAnswer::Done`].
    Append(Session, String, Value),
    /// Removes a key, if it is there. Answered with [`SessionAnswer::Done`].
    Remove(Session, String),
    /// Removes all values. Answered with [`SessionAnswer::Done`].
    Clear(Session),
    /// Leaves a value for the next request that calls `flashes`, and for no other. Answered with
    /// [`SessionAnswer::Done`].
    Flash(Session, String, Value),
    /// Sets an extra value: bookkeeping that a framework's adapter keeps beside the values.
    /// Answered with [`SessionAnswer::Done`].
    SetExtra(Session, String, Option<Value>),
    /// Gives the session a new token at the commit, in one step with all other changes: at any
    /// moment exactly one of the two tokens is valid, and without a commit nothing changes.
    /// Answered with [`SessionAnswer::Is`].
    Renew(Session),
    /// Starts over under a new token at the commit: values, flash values, subject, "remember me",
    /// idle timeout, extra values and earlier changes are dropped, and a new lifetime begins.
    /// Answered with [`SessionAnswer::Is`].
    Regenerate(Session),
    /// Makes the commit store a new session even if it has no values, for programs that need its
    /// token or its row. Answered with [`SessionAnswer::Done`].
    StoreEmpty(Session),
    /// Moves the end of the session's lifetime. Answered with [`SessionAnswer::Done`].
    SetDeadline(Session, Expiry),
    /// Makes the commit extend the session because it is used now, whatever the option
    /// `touch_interval` says, even if nothing else was changed. Answered with
    /// [`SessionAnswer::Done`].
    Touch(Session),
    /// Whether the cookie of this session outlives the browser, whatever the option
    /// `cookie_persist` says: true keeps it until the session ends, false until the browser is
    /// closed. Answered with [`SessionAnswer::Done`].
    RememberMe(Session, bool),
    /// Sets the idle timeout of this session, whatever the option of the managers says. Answered
    /// with [`SessionAnswer::Done`].
    SetIdleTimeout(Session, Option<Duration>),
    /// Sets whose session it is, such as a user id, so that all sessions of a user can be listed
    /// and ended. Answered with [`SessionAnswer::Done`].
    SetSubject(Session, Option<String>),
    /// Removes the value of a key, or else a flash value of this name, from the stored session now,
    /// and returns it; `None` if there is none. Answered with [`SessionAnswer::Value`].
    Take(Session, String),
    /// The token under which the next commit stores the session, chosen now if it is to get a new
    /// one: for programs that need it before the commit, such as for CSRF tokens that are bound to
    /// a session. Answered with [`SessionAnswer::Token`].
    EnsureToken(Session),
    /// Ends the session now and forgets its values. Answered with [`SessionAnswer::Done`].
    Destroy(Session),
    /// Copies everything from the session of another token, key by key, and the later deadline of
    /// the two. Answered with [`SessionAnswer::Done`].
    MergeFrom(Session, String),
    /// The live session of a token, already loaded, or `None`. Answered with
    /// [`SessionAnswer::Session`].
    Find(SessionManager, String),
    /// The session of a key, as in a list: another client's, whose commit sends no cookie. Answered
    /// with [`SessionAnswer::Session`].
    FindKey(SessionManager, Key),
    /// A new session under a token that the program chooses, for frameworks that make their own
    /// ids. Answered with [`SessionAnswer::Session`].
    Create(SessionManager, String),
    /// Stores the changes of a session at the end of its request, and says what to send to the
    /// client. Answered with [`SessionAnswer::CommitResult`], of which [`CommitResult::taken`] is
    /// to be told.
    Commit(SessionManager, Session),
    /// A page of 1 to 1,000 live sessions in the order of their keys, after the given one: pass the
    /// `next` of one page to get the next. Answered with [`SessionAnswer::Page`].
    List(SessionManager, Option<Key>, usize),
    /// `list` for the sessions of one subject, such as a user's devices. Answered with
    /// [`SessionAnswer::Page`].
    ListSubject(SessionManager, String, Option<Key>, usize),
    /// A new view of the session as it is now, for one run of the change; `None` if it is not live.
    /// Answered with [`SessionAnswer::Begun`].
    Begin(Transaction),
    /// Stores what the change did to the view. Answered with [`SessionAnswer::Finished`], of which
    /// [`CommitResult::taken`] is to be told.
    Finish(Transaction, Session),
}

impl SessionRequest {
    /// The verb's name, as in `tests/README.md`.
    pub fn name(&self) -> &'static str {
        match self {
            SessionRequest::EnsureLoaded(_) => "ensure_loaded",
            SessionRequest::Get(..) | SessionRequest::GetIf(..) => "get",
            SessionRequest::Pop(..) => "pop",
            SessionRequest::Contains(..) => "contains",
            SessionRequest::Keys(_) => "keys",
            SessionRequest::Values(_) => "values",
            SessionRequest::SnapshotJson(_) => "snapshot_json",
            SessionRequest::Flashes(_) => "flashes",
            SessionRequest::Extra(..) => "extra",
            SessionRequest::Deadline(_) => "deadline",
            SessionRequest::ExpiresAt(_) => "expires_at",
            SessionRequest::Remembered(_) => "remembered",
            SessionRequest::IdleTimeout(_) => "idle_timeout",
            SessionRequest::Subject(_) => "subject",
            SessionRequest::IsNew(_) => "is_new",
            SessionRequest::Put(..) => "put",
            SessionRequest::PutIfChanged(..) => "put_if_changed",
            SessionRequest::Assign(..) => "assign",
            SessionRequest::Increment(..) => "increment",
            SessionRequest::Append(..) => "append",
            SessionRequest::Remove(..) => "remove",
            SessionRequest::Clear(_) => "clear",
            SessionRequest::Flash(..) => "flash",
            SessionRequest::SetExtra(..) => "set_extra",
            SessionRequest::Renew(_) => "renew",
            SessionRequest::Regenerate(_) => "regenerate",
            SessionRequest::StoreEmpty(_) => "store_empty",
            SessionRequest::SetDeadline(..) => "set_deadline",
            SessionRequest::Touch(_) => "touch_session",
            SessionRequest::RememberMe(..) => "remember_me",
            SessionRequest::SetIdleTimeout(..) => "set_idle_timeout",
            SessionRequest::SetSubject(..) => "set_subject",
            SessionRequest::Take(..) => "take",
            SessionRequest::EnsureToken(_) => "ensure_token",
            SessionRequest::Destroy(_) => "destroy",
            SessionRequest::MergeFrom(..) => "merge_from",
            SessionRequest::Find(..) | SessionRequest::FindKey(..) => "find_session",
            SessionRequest::Create(..) => "create",
            SessionRequest::Commit(..) => "commit",
            SessionRequest::List(..) => "list_sessions",
            SessionRequest::ListSubject(..) => "list_subject_sessions",
            SessionRequest::Begin(_) | SessionRequest::Finish(..) => "transact",
        }
    }

    /// What does not ask the store is answered without a task.
    fn at_once(self) -> std::result::Result<Result<SessionAnswer>, Self> {
        let done = |result: Result<()>| Ok(result.map(|()| SessionAnswer::Done));
        match self {
            SessionRequest::Get(session, key) if session.is_loaded() => {
                Ok(session.get_value_loaded(&key).map(SessionAnswer::Value))
            }
            SessionRequest::Contains(session, key) if session.is_loaded() => {
                Ok(session.contains_loaded(&key).map(SessionAnswer::Is))
            }
            SessionRequest::Put(session, key, value) => done(session.put_value(&key, value)),
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
            SessionRequest::SetExtra(session, name, value) => done(session.set_extra(&name, value)),
            SessionRequest::StoreEmpty(session) => {
                session.store_empty();
                done(Ok(()))
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
            SessionRequest::Create(manager, token) => {
                Ok(manager.create(&token).map(|session| SessionAnswer::Session(Some(session))))
            }
            request @ (SessionRequest::EnsureLoaded(_)
            | SessionRequest::Get(..)
            | SessionRequest::GetIf(..)
            | SessionRequest::Pop(..)
            | SessionRequest::Contains(..)
            | SessionRequest::Keys(_)
            | SessionRequest::Values(_)
            | SessionRequest::SnapshotJson(_)
            | SessionRequest::Flashes(_)
            | SessionRequest::Extra(..)
            | SessionRequest::Deadline(_)
            | SessionRequest::ExpiresAt(_)
            | SessionRequest::Remembered(_)
            | SessionRequest::IdleTimeout(_)
            | SessionRequest::Subject(_)
            | SessionRequest::IsNew(_)
            | SessionRequest::PutIfChanged(..)
            | SessionRequest::Assign(..)
            | SessionRequest::Renew(_)
            | SessionRequest::Regenerate(_)
            | SessionRequest::Take(..)
            | SessionRequest::EnsureToken(_)
            | SessionRequest::Destroy(_)
            | SessionRequest::MergeFrom(..)
            | SessionRequest::Find(..)
            | SessionRequest::FindKey(..)
            | SessionRequest::Commit(..)
            | SessionRequest::List(..)
            | SessionRequest::ListSubject(..)
            | SessionRequest::Begin(_)
            | SessionRequest::Finish(..)) => Err(request),
        }
    }

    /// The same as a future, for [`task`]: to be polled to its end, for only
    /// [`start`](SessionRequest::start) sees to that.
    ///
    /// # Errors
    /// As the verb.
    #[allow(clippy::too_many_lines, reason = "it has an arm for each verb")]
    pub async fn run(self) -> Result<SessionAnswer> {
        Ok(match self {
            SessionRequest::EnsureLoaded(session) => {
                session.ensure_loaded().await?;
                SessionAnswer::Done
            }
            SessionRequest::Get(session, key) => {
                SessionAnswer::Value(session.get_value(&key).await?)
            }
            SessionRequest::GetIf(session, key, check) => {
                SessionAnswer::Value(session.get_value_if(&key, check).await?)
            }
            SessionRequest::Pop(session, key) => {
                SessionAnswer::Value(session.pop_value(&key).await?)
            }
            SessionRequest::Contains(session, key) => {
                SessionAnswer::Is(session.contains(&key).await?)
            }
            SessionRequest::Keys(session) => SessionAnswer::Keys(session.keys().await?),
            SessionRequest::Values(session) => SessionAnswer::Values(session.values().await?),
            SessionRequest::SnapshotJson(session) => {
                SessionAnswer::Text(session.snapshot_json().await?)
            }
            SessionRequest::Flashes(session) => SessionAnswer::Values(session.flashes().await?),
            SessionRequest::Extra(session, name) => {
                SessionAnswer::Value(session.extra(&name).await?)
            }
            SessionRequest::Deadline(session) => SessionAnswer::Ends(session.deadline().await?),
            SessionRequest::ExpiresAt(session) => {
                SessionAnswer::Expires(session.expires_at().await?)
            }
            SessionRequest::Remembered(session) => {
                SessionAnswer::Remembered(session.remembered().await?)
            }
            SessionRequest::IdleTimeout(session) => {
                SessionAnswer::Lasts(session.idle_timeout().await?)
            }
            SessionRequest::Subject(session) => SessionAnswer::Subject(session.subject().await?),
            SessionRequest::IsNew(session) => SessionAnswer::Is(session.is_new().await?),
            SessionRequest::PutIfChanged(session, key, value) => {
                SessionAnswer::Is(session.put_if_changed(&key, value).await?)
            }
            SessionRequest::Assign(session, values) => {
                session.assign(values).await?;
                SessionAnswer::Done
            }
            SessionRequest::Renew(session) => SessionAnswer::Is(session.renew().await?),
            SessionRequest::Regenerate(session) => SessionAnswer::Is(session.regenerate().await?),
            SessionRequest::Take(session, key) => SessionAnswer::Value(session.take(&key).await?),
            SessionRequest::EnsureToken(session) => {
                SessionAnswer::Token(session.ensure_token().await?)
            }
            SessionRequest::Destroy(session) => {
                session.destroy().await?;
                SessionAnswer::Done
            }
            SessionRequest::MergeFrom(session, token) => {
                session.merge_from(&token).await?;
                SessionAnswer::Done
            }
            SessionRequest::Find(manager, token) => {
                SessionAnswer::Session(manager.find(&token).await?)
            }
            SessionRequest::FindKey(manager, key) => {
                SessionAnswer::Session(manager.find(&key).await?)
            }
            SessionRequest::Commit(manager, session) => {
                SessionAnswer::CommitResult(manager.commit_untaken(session).await?)
            }
            SessionRequest::List(manager, after, limit) => {
                SessionAnswer::Page(manager.list(after.as_ref(), limit).await?)
            }
            SessionRequest::ListSubject(manager, subject, after, limit) => {
                SessionAnswer::Page(manager.list_subject(&subject, after.as_ref(), limit).await?)
            }
            SessionRequest::Begin(transaction) => SessionAnswer::Begun(transaction.begin().await?),
            SessionRequest::Finish(transaction, session) => {
                SessionAnswer::Finished(transaction.finish_untaken(session).await?)
            }
            request @ (SessionRequest::Put(..)
            | SessionRequest::Increment(..)
            | SessionRequest::Append(..)
            | SessionRequest::Remove(..)
            | SessionRequest::Clear(_)
            | SessionRequest::Flash(..)
            | SessionRequest::SetExtra(..)
            | SessionRequest::StoreEmpty(_)
            | SessionRequest::SetDeadline(..)
            | SessionRequest::Touch(_)
            | SessionRequest::RememberMe(..)
            | SessionRequest::SetIdleTimeout(..)
            | SessionRequest::SetSubject(..)
            | SessionRequest::Create(..)) => match request.at_once() {
                Ok(answer) => answer?,
                Err(_) => SessionAnswer::Done,
            },
        })
    }
}
// The end of what `cargo xtask gen` makes.

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
}

impl fmt::Debug for SessionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionRequest({})", self.name())
    }
}
