//! What only sessions ask of a store: to end or renew a token so that a marker tells of it.

use crate::protocol::clock::NEVER;
use crate::protocol::command::{Command, Row};
use crate::protocol::error::{Error, Result};
use crate::protocol::record::{Content, Outcome};
use crate::protocol::request::Answer;
use crate::protocol::token::{Id, Target};
use crate::store::Store;

impl Store {
    /// Ends a session, as [`delete`](Store::delete) does, and leaves a marker.
    pub(crate) async fn end(&self, target: Target<'_>) -> Result<bool> {
        let Some(id) = self.id(target) else { return Ok(false) };
        let Answer::Is(was_live) = self.run(Command::End(id)).await? else {
            return Err(unexpected());
        };
        Ok(was_live)
    }

    /// Gives a session another token and new content, if it still holds `expected`, and leaves a
    /// marker of the old token.
    pub(crate) async fn move_to(
        &self,
        old: Target<'_>,
        new: &str,
        expected: &[u8],
        content: Content<'_>,
    ) -> Result<Outcome> {
        let new = self.new_id(Target::from(new))?;
        let row: Row<'_> = self.row(content)?;
        let Some(old) = self.id(old) else { return Ok(Outcome::Gone) };
        let moved = self.run(Command::Move { old, new, expected, row }).await?;
        let Answer::Wrote(outcome) = moved else { return Err(unexpected()) };
        Ok(outcome)
    }

    /// Whether one of these tokens was renewed or ended by a manager after this instant.
    pub(crate) async fn has_ended(&self, tokens: &[String], since: i64) -> Result<bool> {
        let ids: Vec<Id> = tokens.iter().filter_map(|token| self.id(Target::from(token))).collect();
        if ids.is_empty() || since >= NEVER {
            return Ok(false);
        }
        let Answer::Is(ended) = self.run(Command::Ended(&ids, since)).await? else {
            return Err(unexpected());
        };
        Ok(ended)
    }

    #[cfg(test)]
    async fn run(&self, command: Command<'_>) -> Result<Answer> {
        crate::store::faults::around(self.answer_command(command)).await
    }

    #[cfg(not(test))]
    fn run<'a>(&'a self, command: Command<'a>) -> impl Future<Output = Result<Answer>> + Send + 'a {
        self.answer_command(command)
    }
}

fn unexpected() -> Error {
    Error::internal("the answer does not fit the command")
}
