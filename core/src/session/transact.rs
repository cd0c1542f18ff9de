//! Changes that depend on what is stored: made again where another request was faster.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::protocol::error::{Error, ErrorKind, Result};
use crate::store::Store;
use crate::store::task::to_end;

use super::commit_result::{CommitOutcome, CommitResult};
use super::handle::Session;
use super::manager::SessionManager;
use super::settings::OnConflict;

/// The parts of [`SessionManager::transact`], for a program that cannot pass the change as a
/// function, such as a binding: [`begin`](Transaction::begin), change the session,
/// [`finish`](Transaction::finish), and again for as long as that says so.
///
/// Its time begins when it is made: see [`finish`](Transaction::finish). Clones are the same
/// transaction.
#[derive(Clone)]
pub struct Transaction {
    manager: SessionManager,
    token: Arc<str>,
    began: Instant,
}

impl Transaction {
    /// A new view of the session, for one run of the change. Does not ask the store yet.
    pub fn session(&self) -> Session {
        self.manager.load(Some(&self.token))
    }

    /// A new view of the session as it is now, for one run of the change; `None` where there is no
    /// such session.
    ///
    /// # Errors
    /// As [`Session::get`].
    pub async fn begin(&self) -> Result<Option<Session>> {
        let session = self.session();
        Ok((!session.is_new().await?).then_some(session))
    }

    /// Stores what the change did to the view that [`begin`](Transaction::begin) gave. `None` where
    /// another request has changed the session since: nothing is stored, and the change is to be
    /// made again, on a new view. An answer whose outcome is [`CommitOutcome::Gone`] says that the
    /// session was ended meanwhile. Dropping the future loses the answer alone.
    ///
    /// # Errors
    /// As [`SessionManager::commit`]; `Overloaded` when other requests were faster for longer than
    /// the store's timeout.
    pub async fn finish(&self, session: &Session) -> Result<Option<CommitResult>> {
        let result = to_end(self.clone().finish_untaken(session.clone())).await?;
        result.iter().for_each(CommitResult::taken);
        Ok(result)
    }

    pub(super) fn store(&self) -> &Store {
        self.manager.store()
    }

    /// The same without the last step: the binding that hands the answer to the program calls
    /// `taken`.
    pub(super) async fn finish_untaken(self, session: Session) -> Result<Option<CommitResult>> {
        let timeout = self.store().timeout();
        let result = self.manager.commit_untaken_with(session, OnConflict::Fail).await?;
        match result.outcome {
            CommitOutcome::Conflict if self.began.elapsed() > timeout => Err(Error::new(
                ErrorKind::Overloaded,
                "other requests kept changing this session first; try again",
            )),
            CommitOutcome::Conflict => Ok(None),
            CommitOutcome::Saved
            | CommitOutcome::Unmodified
            | CommitOutcome::Destroyed
            | CommitOutcome::Gone => Ok(Some(result)),
        }
    }
}

/// Not its token.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transaction")
    }
}

impl SessionManager {
    /// Runs `change` on the session of a token as it is now, and stores what it has changed if no
    /// other request has changed the session since; otherwise on the session as it is then, until
    /// it is the first. For what depends on other values, where [`take`](Session::take),
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
    ) -> Result<Option<(T, CommitResult)>>
    where
        F: Future<Output = Result<T>>,
        Change: FnMut(Session) -> F,
    {
        let transaction = self.transaction(token);
        while let Some(session) = transaction.begin().await? {
            let value = change(session.clone()).await?;
            if let Some(result) = transaction.finish(&session).await? {
                return Ok((result.outcome != CommitOutcome::Gone).then_some((value, result)));
            }
        }
        Ok(None)
    }

    /// The same in parts: see [`Transaction`].
    pub fn transaction(&self, token: &str) -> Transaction {
        Transaction { manager: self.clone(), token: token.into(), began: Instant::now() }
    }
}
