//! What became of writes whose answer was lost, where they cannot simply be done again.
//!
//! The connection they were sent on is gone by now, so what is there is final. It is compared with
//! everything that was to be written.

use crate::protocol::record::{Outcome, Record};
use crate::protocol::request::Answer;
use crate::protocol::token::Key;

use super::call::Verb;
use super::connection::Connection;
use super::failure::Failure;
use super::group::Group;
use super::layout::Layout;
use super::reads::{self, Found, expiry};

/// Answers those of whom it is known, by one look for all; gives back the others, which were not
/// done.
pub(super) async fn settle<'a>(
    connection: &mut Connection,
    groups: Vec<&'a Group>,
    layout: &Layout,
) -> Result<Vec<&'a Group>, Failure> {
    let keys: Vec<Key> = groups.iter().flat_map(|group| keys(group)).flatten().collect();
    if keys.is_empty() {
        return Ok(groups);
    }
    let there = reads::find(connection, keys, true).await?;
    let mut left = Vec::new();
    for group in groups {
        match outcome(group, &there, layout) {
            Some(Ok(answer)) => group.answer(&answer),
            Some(Err(failure)) => group.refuse(&failure.error()),
            None => left.push(group),
        }
    }
    Ok(left)
}

fn keys(group: &Group) -> [Option<Key>; 2] {
    let new = match &group.change().verb {
        Verb::Rename(new, _) | Verb::Move { new, .. } => Some(*new),
        Verb::Save(_)
        | Verb::Insert(_)
        | Verb::Update(_)
        | Verb::Replace(..)
        | Verb::Touch(_)
        | Verb::Delete
        | Verb::End(_) => None,
    };
    [Some(group.key()), new]
}

/// How it ended; none if it was not done.
fn outcome(group: &Group, there: &Found, layout: &Layout) -> Option<Result<Answer, Failure>> {
    let record = match there.get(&group.key()) {
        Some(Ok(record)) => Some(record),
        Some(Err(error)) => return Some(Err(Failure::Final(error.clone()))),
        None => None,
    };
    let done = record.is_some_and(|record| is_stored(group, record, layout));
    let wrote = |outcome| Some(Ok(Answer::Wrote(outcome)));
    match (&group.change().verb, record) {
        (Verb::Insert(_), Some(_)) if done => Some(Ok(Answer::Done)),
        (Verb::Insert(_), Some(_)) => Some(Err(Failure::already_exists())),
        (Verb::Replace(..), Some(_)) if done => wrote(Outcome::Saved),
        (Verb::Replace(expected, _) | Verb::Move { expected, .. }, Some(record))
            if *record.data != **expected =>
        {
            if let Some(met) = group.change().met() {
                met.tell(&record.data, expiry(record));
            }
            wrote(Outcome::Conflict)
        }
        (Verb::Replace(..), None) => wrote(Outcome::Gone),
        // By the first try, as far as can be told.
        (Verb::End(_), None) => Some(Ok(Answer::Is(true))),
        (Verb::Rename(new, _) | Verb::Move { new, .. }, None) => {
            wrote(if there.get(new).is_some() { Outcome::Saved } else { Outcome::Gone })
        }
        (
            Verb::Insert(_)
            | Verb::Replace(..)
            | Verb::Rename(..)
            | Verb::Move { .. }
            | Verb::End(_)
            | Verb::Save(_)
            | Verb::Update(_)
            | Verb::Touch(_)
            | Verb::Delete,
            _,
        ) => None,
    }
}

/// Whether everything that the group stores is in the record: data, expiry and subject.
pub(super) fn is_stored(group: &Group, record: &Record, layout: &Layout) -> bool {
    let Some(content) = group.change().content() else { return false };
    let kept = layout.expiry.kept(content.expires_at);
    let subject = group.subject().is_none_or(|subject| {
        record.subject.as_deref().unwrap_or_default() == subject || !layout.subject
    });
    *record.data == *content.data && kept.is_ok_and(|kept| kept == expiry(record)) && subject
}
