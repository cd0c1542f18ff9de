//! What a commit says.

use std::fmt;

use crate::protocol::clock::Timestamp;

use super::cookie::CookieParts;
use super::handle::Session;

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommitOutcome {
    /// There was nothing to store, though perhaps an expiry was moved.
    Unmodified,
    /// It was stored.
    Saved,
    /// The session was destroyed in this request.
    Destroyed,
    /// Another request has ended the session, or given it another token. Nothing was stored, and
    /// no cookie is sent: the client may have a newer one.
    Gone,
    /// Another request changed the session meanwhile, and the policy is to fail; or a session lives
    /// already under the token of [`create`](super::SessionManager::create). Nothing was stored.
    Conflict,
}

impl CommitOutcome {
    /// Its name, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            CommitOutcome::Unmodified => "unmodified",
            CommitOutcome::Saved => "saved",
            CommitOutcome::Destroyed => "destroyed",
            CommitOutcome::Gone => "gone",
            CommitOutcome::Conflict => "conflict",
        }
    }
}

/// What a commit says that the client shall be sent: its [`headers`](CommitResult::headers) are all
/// that a web program needs. `Debug` hides token and cookie.
#[derive(Clone)]
#[must_use = "the client has to be told its token"]
pub struct CommitResult {
    /// How it ended.
    pub outcome: CommitOutcome,
    /// The session's token, if it has one: for clients without cookies.
    pub token: Option<String>,
    /// When the session ends if it is not used; `None` when there is none.
    pub expires_at: Option<Timestamp>,
    /// The value of a `Set-Cookie` header, if one is to be sent: the token, or its deletion.
    pub set_cookie: Option<String>,
    /// The same cookie, part by part.
    pub cookie: Option<CookieParts>,
    /// Whether the program has read something of this view, also where the request brought no
    /// cookie, or has written to it: then its answer may be another one for another cookie. What
    /// was only loaded ([`Session::ensure_loaded`]) was not read, and a listed session is no
    /// cookie's.
    pub was_read: bool,
    /// Whose cookie it carries, and as which answer.
    pub(super) carries: Option<(Session, u64)>,
}

impl CommitResult {
    /// Of a session that is not there.
    pub(super) fn nothing(outcome: CommitOutcome, cookie: Option<CookieParts>) -> Self {
        let set_cookie = cookie.as_ref().map(CookieParts::header);
        let (token, expires_at, carries) = (None, None, None);
        CommitResult { outcome, token, expires_at, set_cookie, cookie, was_read: false, carries }
    }

    /// All headers that are to be added to the program's answer, never set in the place of its own:
    /// with a cookie `Set-Cookie` and `Cache-Control: no-cache="Set-Cookie"`, so that no cache
    /// between gives it to another client, and `Vary: Cookie` if the session was read or the cookie
    /// is sent. A program whose tokens travel in another header names that one in a
    /// `Vary` of its own.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if let Some(cookie) = &self.set_cookie {
            headers.push(("Set-Cookie", cookie.clone()));
            headers.push(("Cache-Control", "no-cache=\"Set-Cookie\"".to_owned()));
        }
        if self.was_read || self.set_cookie.is_some() {
            headers.push(("Vary", "Cookie".to_owned()));
        }
        headers
    }

    /// Says that the program has this answer. Until then the next commit of the same view sends the
    /// cookie again, so that an answer which was not waited for loses nothing. For the bindings:
    /// the methods of this crate say it when they return.
    pub fn taken(&self) {
        if let Some((session, number)) = &self.carries {
            session.cookie_taken(*number);
        }
    }

    /// The number of this answer among those of its view that carry a cookie, for a binding that
    /// can name the session alone: [`Session::cookie_taken`].
    pub fn carried(&self) -> Option<u64> {
        self.carries.as_ref().map(|(_, number)| *number)
    }
}

impl PartialEq for CommitResult {
    fn eq(&self, other: &Self) -> bool {
        // The text of the cookie says no more than its parts.
        let CommitResult {
            outcome,
            token,
            expires_at,
            set_cookie: _,
            cookie,
            was_read,
            carries: _,
        } = self;
        (outcome, token, expires_at, cookie, was_read)
            == (&other.outcome, &other.token, &other.expires_at, &other.cookie, &other.was_read)
    }
}

impl Eq for CommitResult {}

impl fmt::Debug for CommitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitResult")
            .field("outcome", &self.outcome)
            .field("expires_at", &self.expires_at)
            .field("set_cookie", &self.set_cookie.is_some())
            .field("was_read", &self.was_read)
            .finish_non_exhaustive()
    }
}
