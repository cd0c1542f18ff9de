//! Runs the groups of a batch: one statement for all of them, halved where that fails, until only
//! the caller whose row is to blame sees it.

use std::sync::atomic::Ordering;

use crate::batch::Doubt;
use crate::protocol::error::{Error, Result};
use crate::protocol::record::Outcome;
use crate::protocol::request::Answer;
use crate::protocol::token::Key;

use super::call::{BatchKind, MAX_BATCH, Verb};
use super::connection::{self, Connection};
use super::failure::Failure;
use super::group::Group;
use super::layout::{self, Layout};
use super::params::{
    by_keys, change, end_params, move_params, rename_params, swaps, update_statement,
};
use super::queued_swaps::follow;
use super::reads::{self, expiry, is_of_another};
use super::resolve::{self, settle};
use super::sql::{OUT_OF_RANGE, Statement};

/// How a statement over several groups ended.
enum StatementResult {
    /// The same for every group, and for every call in it.
    All(Answer),
    /// One for each group.
    Each(Vec<Answer>),
    /// Different for each: try with half of them.
    Mixed,
}

/// Answers all calls of the groups, or returns what went wrong for those that are not answered.
/// `doubt`: whether they were sent before, and what became of the answer.
pub(super) async fn run(
    connection: &mut Connection,
    kind: BatchKind,
    groups: &[Group],
    mut doubt: Doubt,
) -> Result<(), Failure> {
    loop {
        let waiting: Vec<&Group> = groups.iter().filter(|group| group.advance()).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        run_once(connection, kind, waiting, doubt).await?;
        // Swaps that waited behind others were not sent before.
        if !kind.is_repeatable() {
            doubt = Doubt::None;
        }
    }
}

async fn run_once(
    connection: &mut Connection,
    kind: BatchKind,
    mut groups: Vec<&Group>,
    doubt: Doubt,
) -> Result<(), Failure> {
    let layout = connection.layout().await?;
    groups.retain(|group| match check(group, &layout) {
        Ok(()) => true,
        Err(error) => {
            group.refuse(&error);
            false
        }
    });
    if doubt != Doubt::None && !kind.is_repeatable() {
        groups = settle(connection, groups, &layout).await?;
    }
    // Taken from the end, so that the first chunk is the first to run.
    let mut stack: Vec<&[&Group]> = chunks(connection, &groups, kind, &layout);
    stack.reverse();
    while let Some(part) = stack.pop() {
        let now = connection.pool.clock.now();
        match attempt(connection, kind, part, &layout, now, doubt).await {
            Ok(StatementResult::All(answer)) => {
                for group in part {
                    group.answer(&answer);
                    follow(connection, group, &answer, &layout).await;
                }
            }
            Ok(StatementResult::Each(answers)) => {
                for (group, answer) in part.iter().zip(answers) {
                    group.answer(&answer);
                    follow(connection, group, &answer, &layout).await;
                }
            }
            Ok(StatementResult::Mixed) => split(part, &mut stack),
            Err(Failure::Row(_) | Failure::Duplicate) if part.len() > 1 => split(part, &mut stack),
            Err(Failure::Unclear(_)) => {
                tracing::warn!(
                    "swaps are sent one by one from now on: the server's answers are not ours"
                );
                connection.pool.swaps_together.store(false, Ordering::Relaxed);
                settle(connection, part.to_vec(), &layout).await?;
            }
            Err(failure @ (Failure::Row(_) | Failure::Duplicate)) => {
                let error = layout.explain(failure.error());
                part.iter().for_each(|group| group.refuse(&error));
            }
            Err(Failure::Final(error)) => part.iter().for_each(|group| group.fail(&error)),
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

fn split<'a>(part: &'a [&'a Group], stack: &mut Vec<&'a [&'a Group]>) {
    let (first, second) = part.split_at(part.len() / 2);
    stack.extend([second, first]);
}

/// What the statement must not be sent for.
fn check(group: &Group, layout: &Layout) -> Result<()> {
    let change = group.change();
    if let Some(expires_at) = change.expires_at() {
        layout.expiry.store(expires_at)?;
    }
    let Some(content) = change.content() else { return Ok(()) };
    if change.bytes() > layout.max_statement || content.data.len() > layout.max_data {
        return Err(layout.too_large(content.data.len()));
    }
    if group.subject().is_some_and(|subject| !subject.is_empty()) && !layout.subject {
        return Err(layout.no_subjects());
    }
    Ok(())
}

/// Runs of groups that fit into one statement. Where the engine cannot undo what fails in the
/// middle, only what may be done again goes together: saves.
fn chunks<'a>(
    connection: &Connection,
    groups: &'a [&'a Group],
    kind: BatchKind,
    layout: &Layout,
) -> Vec<&'a [&'a Group]> {
    // As text, where it must be text, it is twice as long.
    let limit = layout.max_statement / 2;
    let together = match kind {
        BatchKind::Save => true,
        BatchKind::Insert | BatchKind::Update | BatchKind::Touch | BatchKind::Delete => {
            layout.transactions
        }
        BatchKind::Replace => {
            layout.transactions && connection.pool.swaps_together.load(Ordering::Relaxed)
        }
        BatchKind::Rename | BatchKind::Read | BatchKind::Short | BatchKind::Long => false,
    };
    let most = if together { MAX_BATCH } else { 1 };
    let (mut chunks, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (index, group) in groups.iter().enumerate() {
        let more = group.change().bytes();
        if index > start && (bytes + more > limit || index - start == most) {
            chunks.push(&groups[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += more;
    }
    if start < groups.len() {
        chunks.push(&groups[start..]);
    }
    chunks
}

async fn attempt(
    connection: &mut Connection,
    kind: BatchKind,
    part: &[&Group],
    layout: &Layout,
    now: i64,
    doubt: Doubt,
) -> Result<StatementResult, Failure> {
    match kind {
        BatchKind::Save => {
            let change = change(Statement::Save, part, layout, now, None);
            connection.change(&change, true).await?;
            Ok(StatementResult::All(Answer::Done))
        }
        BatchKind::Update | BatchKind::Touch => {
            // Undone if it matched in part, where doing it again would find its own traces: a
            // session that the first try ended.
            let ends_it = |group: &&Group| group.change().ends_it(now);
            let ends = part.len() > 1 && part.iter().any(ends_it);
            let exactly = ends.then_some(part.len() as u64);
            let change = change(update_statement(kind, part), part, layout, now, exactly);
            match connection.change(&change, true).await? {
                // The first try has ended it.
                0 if doubt != Doubt::None && part.iter().all(ends_it) => {
                    Ok(StatementResult::All(Answer::Wrote(Outcome::Saved)))
                }
                0 => Ok(StatementResult::All(Answer::Wrote(Outcome::Gone))),
                matched if matched == part.len() as u64 => {
                    Ok(StatementResult::All(Answer::Wrote(Outcome::Saved)))
                }
                _ => Ok(StatementResult::Mixed),
            }
        }
        BatchKind::Delete => delete(connection, part, layout, now, doubt).await,
        BatchKind::Insert => insert(connection, part, layout, now).await,
        BatchKind::Replace => replace(connection, part, layout, now, doubt).await,
        BatchKind::Rename => match &part[0].change().verb {
            Verb::Move { new, .. } => move_to(connection, part[0], new, layout, now).await,
            Verb::End(_) if layout.kind == layout::TableKind::Beego => {
                delete(connection, part, layout, now, doubt).await
            }
            Verb::End(marker) => end(connection, part[0], marker, layout, now).await,
            Verb::Rename(..)
            | Verb::Save(_)
            | Verb::Insert(_)
            | Verb::Update(_)
            | Verb::Replace(..)
            | Verb::Touch(_)
            | Verb::Delete => rename(connection, part[0], layout, now).await,
        },
        BatchKind::Read | BatchKind::Short | BatchKind::Long => {
            Err(Failure::Final(Error::internal("not a write")))
        }
    }
}

async fn insert(
    connection: &mut Connection,
    part: &[&Group],
    layout: &Layout,
    now: i64,
) -> Result<StatementResult, Failure> {
    let insert = change(Statement::Insert, part, layout, now, None);
    loop {
        match connection.change(&insert, false).await {
            Ok(_) => return Ok(StatementResult::All(Answer::Done)),
            Err(Failure::Duplicate) if part.len() == 1 => {}
            Err(failure) => return Err(failure),
        }
        make_way(connection, &part[0].key(), layout, now).await?;
    }
}

async fn replace(
    connection: &mut Connection,
    part: &[&Group],
    layout: &Layout,
    now: i64,
    doubt: Doubt,
) -> Result<StatementResult, Failure> {
    let keys: Vec<_> = part.iter().map(|group| group.key()).collect();
    let swapped = if let [_] = keys[..] {
        connection.change(&change(Statement::Replace, part, layout, now, None), false).await?
    } else if are_told_apart(&keys) {
        swap(connection, part, layout, now).await?
    } else {
        return Ok(StatementResult::Mixed);
    };
    let done = |index: usize| swapped & (1 << index) != 0;
    let others = keys.iter().enumerate().filter(|(index, _)| !done(*index));
    let others: Vec<_> = others.map(|(_, key)| *key).collect();
    let there =
        if others.is_empty() { None } else { Some(reads::find(connection, others, true).await?) };
    let outcome = |(index, group): (usize, &&Group)| {
        if done(index) {
            return Outcome::Saved;
        }
        match there.as_ref().and_then(|there| there.get(&group.key())) {
            // What another node had not told yet when it was looked at: the first try.
            Some(Ok(record))
                if doubt != Doubt::None && resolve::is_stored(group, record, layout) =>
            {
                Outcome::Saved
            }
            Some(record) => {
                if let (Some(met), Ok(record)) = (group.change().met(), record) {
                    met.tell(&record.data, expiry(record));
                }
                Outcome::Conflict
            }
            None => Outcome::Gone,
        }
    };
    Ok(StatementResult::Each(part.iter().enumerate().map(outcome).map(Answer::Wrote).collect()))
}

/// Which of them were swapped, as bits. Each try has a number of its own: the marks of one that
/// failed are still there.
async fn swap(
    connection: &mut Connection,
    part: &[&Group],
    layout: &Layout,
    now: i64,
) -> Result<u64, Failure> {
    let mut tries = connection::Attempts::default();
    loop {
        let nonce = connection.next_nonce();
        let change = swaps(part, layout, now, nonce);
        match connection.swap(&change, nonce).await {
            Ok(swapped) => return Ok(swapped),
            Err(failure) => {
                let shape = (change.statement, change.arity);
                connection.may_retry(failure, shape, false, &mut tries).await?;
            }
        }
    }
}

/// A statement that swaps many finds each row's place by the checksum of its key.
fn are_told_apart(keys: &[Key]) -> bool {
    let mut checksums: Vec<u32> = keys.iter().map(Key::checksum).collect();
    checksums.sort_unstable();
    checksums.windows(2).all(|pair| pair[0] != pair[1])
}

async fn delete(
    connection: &mut Connection,
    part: &[&Group],
    layout: &Layout,
    now: i64,
    doubt: Doubt,
) -> Result<StatementResult, Failure> {
    let all = part.len() as u64;
    let keys: Vec<_> = part.iter().map(|group| group.key()).collect();
    let now = [layout.expiry.now(now)];
    let mut live = by_keys(Statement::DeleteLive, &keys, layout, &now);
    live.exactly = (all > 1).then_some(all);
    // What is left has expired by this host's clock, but another's may be slow: it must be gone.
    let expired_may_be_left = match connection.change(&live, true).await {
        Ok(matched) if matched == all => return Ok(StatementResult::All(Answer::Is(true))),
        // One that is not there at all, as of a logout that is made twice, costs no second look.
        Ok(0) => all > 1,
        Ok(_) => return Ok(StatementResult::Mixed),
        Err(Failure::Row(error)) if all == 1 && error.errno() == Some(OUT_OF_RANGE) => true,
        Err(failure) => return Err(failure),
    };
    if expired_may_be_left {
        remove(connection, &keys, layout).await?;
    }
    match doubt {
        Doubt::None => Ok(StatementResult::All(Answer::Is(false))),
        // The first try has ended it, as far as can be told.
        Doubt::Lost => Ok(StatementResult::All(Answer::Is(true))),
        // It may have, before it was stopped, or there was none.
        Doubt::Stopped => Err(Failure::Final(Error::too_late())),
    }
}

/// Whether they have expired or not.
async fn remove(connection: &mut Connection, keys: &[Key], layout: &Layout) -> Result<(), Failure> {
    connection.change(&by_keys(Statement::Delete, keys, layout, &[]), true).await.map(drop)
}

async fn rename(
    connection: &mut Connection,
    group: &Group,
    layout: &Layout,
    now: i64,
) -> Result<StatementResult, Failure> {
    let Verb::Rename(new, content) = &group.change().verb else {
        return Err(Failure::Final(Error::internal("not a rename")));
    };
    let statement = if content.is_some() { Statement::RenameWith } else { Statement::Rename };
    let old = &group.key();
    let params = Box::new(move || rename_params(old, new, content.as_ref(), layout, now));
    let rename = connection::WriteStatement { statement, arity: 1, params, exactly: None };
    loop {
        match connection.change(&rename, false).await {
            Ok(0) => return Ok(StatementResult::All(Answer::Wrote(Outcome::Gone))),
            Ok(_) => return Ok(StatementResult::All(Answer::Wrote(Outcome::Saved))),
            Err(Failure::Duplicate) => make_way(connection, new, layout, now).await?,
            Err(failure) => return Err(failure),
        }
    }
}

/// A conflict leaves what is there for the caller.
async fn move_to(
    connection: &mut Connection,
    group: &Group,
    new: &Key,
    layout: &Layout,
    now: i64,
) -> Result<StatementResult, Failure> {
    let (old, verb) = (&group.key(), &group.change().verb);
    let params = Box::new(move || move_params(old, verb, layout, now));
    let moved =
        connection::WriteStatement { statement: Statement::Move, arity: 1, params, exactly: None };
    let wrote = |outcome| Ok(StatementResult::All(Answer::Wrote(outcome)));
    loop {
        match connection.change(&moved, false).await {
            Ok(0) => break,
            Ok(_) => return wrote(Outcome::Saved),
            Err(Failure::Duplicate) => make_way(connection, new, layout, now).await?,
            Err(failure) => return Err(failure),
        }
    }
    match reads::find(connection, vec![*old], true).await?.get(old) {
        Some(Ok(record)) => {
            if let Some(met) = group.change().met() {
                met.tell(&record.data, expiry(record));
            }
            wrote(Outcome::Conflict)
        }
        Some(Err(error)) => Err(Failure::Final(error.clone())),
        None => wrote(Outcome::Gone),
    }
}

/// Makes the row the marker of its end.
async fn end(
    connection: &mut Connection,
    group: &Group,
    marker: &Key,
    layout: &Layout,
    now: i64,
) -> Result<StatementResult, Failure> {
    let key = &group.key();
    let params = Box::new(move || end_params(key, marker, layout, now));
    let ended =
        connection::WriteStatement { statement: Statement::End, arity: 1, params, exactly: None };
    loop {
        match connection.change(&ended, false).await {
            // By this host's clock it does not live, but another's may be slow: gone it must be.
            Ok(0) => {
                remove(connection, &[*key], layout).await?;
                return Ok(StatementResult::All(Answer::Is(false)));
            }
            Ok(_) => return Ok(StatementResult::All(Answer::Is(true))),
            // A token that ended before, and was given again.
            Err(Failure::Duplicate) => remove(connection, &[*marker], layout).await?,
            Err(failure) => return Err(failure),
        }
    }
}

/// Removes an expired row that holds a key which is wanted. What is neither expired nor live was
/// removed by another program in between, so the caller may try again.
async fn make_way(
    connection: &mut Connection,
    key: &Key,
    layout: &Layout,
    now: i64,
) -> Result<(), Failure> {
    let now = [layout.expiry.now(now)];
    connection.change(&by_keys(Statement::DeleteDue, &[*key], layout, &now), true).await?;
    if reads::find(connection, vec![*key], false).await?.get(key).is_some() {
        return Err(Failure::already_exists());
    }
    if !layout.is_exact() && is_of_another(connection, key).await? {
        return Err(Failure::Final(layout.token_of_another()));
    }
    Ok(())
}
