//! Changes that depend on what is stored: made again where another request was faster.

use std::time::Instant;

use crate::error::{Error, ErrorKind, Result};

use super::handle::Session;
use super::manager::SessionManager;
use super::sent::{Committed, Sent};
use super::settings::OnConflict;

/// How one round of a transaction ended.
pub(super) enum Round {
    Stored(Sent),
    /// Another request was faster.
    Again,
    Gone,
}

impl SessionManager {
    /// Runs `change` on the session of a token as it is now, and stores what it has changed if no
    /// other request has changed the session since; otherwise on the session as it is then, until it
    /// is the first. For what depends on other values, where [`take`](Session::take),
    /// [`increment`](Session::increment) and [`append`](Session::append) do not do. What `change`
    /// returned last, and what to send to the client; `None` where there is no such session.
    ///
    /// ```
    /// # async fn example(manager: sessio::SessionManager, token: &str) -> sessio::Result<()> {
    /// let paid = manager
    ///     .transact(token, async |session| {
    ///         let credit: i64 = session.get("credit").await?.unwrap_or(0);
    ///         if credit >= 5 {
    ///             session.put("credit", &(credit - 5))?;
    ///         }
    ///         Ok(credit >= 5)
    ///     })
    ///     .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// `change` should do nothing but change its session: it may run several times. Dropping the
    /// future may leave the last of its changes stored.
    ///
    /// # Errors
    /// Those of `change`, and then nothing is stored; otherwise as
    /// [`commit`](SessionManager::commit).
    pub async fn transact<T, F, Change>(
        &self,
        token: &str,
        mut change: Change,
    ) -> Result<Option<(T, Sent)>>
    where
        F: Future<Output = Result<T>>,
        Change: FnMut(Session) -> F,
    {
        let began = Instant::now();
        loop {
            let session = self.load(Some(token));
            if session.is_new().await? {
                return Ok(None);
            }
            let value = change(session.clone()).await?;
            match self.round(&session, began).await? {
                Round::Stored(sent) => return Ok(Some((value, sent))),
                Round::Again => {}
                Round::Gone => return Ok(None),
            }
        }
    }

    pub(super) async fn round(&self, session: &Session, began: Instant) -> Result<Round> {
        let sent = self.commit_with(session, OnConflict::Fail).await?;
        match sent.outcome {
            Committed::Conflict if began.elapsed() > self.store().timeout() => Err(Error::new(
                ErrorKind::Overloaded,
                "other requests kept changing this session first; try again",
            )),
            Committed::Conflict => Ok(Round::Again),
            Committed::Gone => Ok(Round::Gone),
            Committed::Saved | Committed::Unmodified | Committed::Destroyed => {
                Ok(Round::Stored(sent))
            }
        }
    }
}
