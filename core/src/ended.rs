//! Markers: what tells for a while that a token was renewed or ended, and is not merely unknown.
//!
//! A marker has a key of its own, made from the key that ended, so that the old key itself finds
//! nothing whatever a host's clock says. On a server it is a row without data that is expired from
//! its first moment on, with the moment of the end as its expiry: every verb of every program takes
//! it for absent, and none needs a new column. Cleanup leaves it for [`KEPT`].

use crate::backend::{Command, Row};
use crate::clock::NEVER;
use crate::error::{Error, Result};
use crate::operation::{Answer, Reply, answered};
use crate::record::{Content, Outcome};
use crate::store::Store;
use crate::token::{Id, Key, Target};

/// How long cleanup leaves a marker, in microseconds: the longest window of a manager.
pub(crate) const KEPT: i64 = 600_000_000;

/// The first character of a marker's key; base64url does not have it.
const MARK: u8 = b'!';

impl Key {
    /// The key of the marker that says that this id has ended.
    pub(crate) fn marker_of(id: &Id) -> Self {
        let mut text = [MARK; 43];
        text[1..].copy_from_slice(&id.digest_text().as_bytes()[..42]);
        Key::from_text(std::str::from_utf8(&text).unwrap_or_default())
    }

    pub(crate) fn is_marker(&self) -> bool {
        self.as_bytes().first() == Some(&MARK) && self.as_bytes().len() == 43
    }
}

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
        crate::faults::around(self.answer_command(command)).await
    }

    #[cfg(not(test))]
    fn run<'a>(&'a self, command: Command<'a>) -> impl Future<Output = Result<Answer>> + Send + 'a {
        self.answer_command(command)
    }

    /// A command that no program can ask for.
    async fn answer_command(&self, command: Command<'_>) -> Result<Answer> {
        let mut waiting = None;
        let now = self.start_command(command, || Reply::waited_for(&mut waiting));
        answered(now, waiting).await
    }
}

fn unexpected() -> Error {
    Error::internal("the answer does not fit the command")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_told_from_the_key_that_ended_and_from_all_others() {
        for hashed in [true, false] {
            let of = |token: &str| Id::of(Target::from(token), hashed, 43).unwrap();
            let (one, other) = (Key::marker_of(&of("one")), Key::marker_of(&of("other")));
            assert!(one.is_marker() && one != other && one.as_bytes().len() == 43);
            assert!(!of("one").key().is_marker());
        }
    }
}
