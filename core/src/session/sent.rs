//! What a commit says.

use std::fmt;

use crate::clock::Timestamp;

use super::handle::Session;

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Committed {
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
#[derive(Clone)]
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
    /// Whose cookie it carries, and as which answer.
    pub(super) carries: Option<(Session, u64)>,
}

impl Sent {
    /// Of a session that is not there.
    pub(super) fn nothing(outcome: Committed, set_cookie: Option<String>) -> Self {
        Sent { outcome, token: None, expires_at: None, set_cookie, carries: None }
    }

    /// Says that the program has this answer. Until then the next commit of the same view sends the
    /// cookie again, so that an answer which nobody waited for loses nothing. For the bindings: the
    /// methods of this crate say it when they return.
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

impl PartialEq for Sent {
    fn eq(&self, other: &Self) -> bool {
        let Sent { outcome, token, expires_at, set_cookie, carries: _ } = self;
        (outcome, token, expires_at, set_cookie)
            == (&other.outcome, &other.token, &other.expires_at, &other.set_cookie)
    }
}

impl Eq for Sent {}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("outcome", &self.outcome)
            .field("expires_at", &self.expires_at)
            .field("set_cookie", &self.set_cookie.is_some())
            .finish_non_exhaustive()
    }
}
