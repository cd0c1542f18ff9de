//! Runs the groups of a round: one statement for all of them, halved where that fails, until only
//! the caller whose row is to blame sees it.

use crate::error::{Error, Result};
use crate::operation::Answer;
use crate::record::Outcome;
use crate::token::Key;

use super::answers::follow;
use super::failure::Failure;
use super::job::{Content, Tickets, Verb};
use super::lanes::MAX_BATCH;
use super::layout::Layout;
use super::line::{self, Line};
use super::params::{by_keys, change, rename_params, update_statement};
use super::reads::{self, expiry, is_of_another, live};
use super::rounds::{Group, Kind};
use super::sql::Statement;

/// Larger statements gain nothing and make everyone in them wait.
const MAX_BATCH_BYTES: usize = 1 << 20;

/// How a statement over several groups ended.
enum Ended {
    /// The same for every group, and for everybody in it.
    All(Answer),
    /// One for each group.
    Each(Vec<Answer>),
    /// Different for each: try with half of them.
    Mixed,
}

pub(super) async fn run(line: &mut Line, kind: Kind, groups: &[Group], tickets: &Tickets) {
    let mut left = run_once(line, kind, groups, tickets).await;
    while !left.is_empty() {
        left = run_once(line, kind, &left, tickets).await;
    }
}

/// Gives back what is still to be tried.
async fn run_once(line: &mut Line, kind: Kind, groups: &[Group], tickets: &Tickets) -> Vec<Group> {
    let mut left = Vec::new();
    let layout = match line.layout().await {
        Ok(layout) => layout,
        Err(failure) => {
            let error = failure.error();
            groups.iter().for_each(|group| group.fail(tickets, &error));
            return left;
        }
    };
    let mut sound: Vec<&Group> = Vec::with_capacity(groups.len());
    for group in groups {
        match check(group, &layout) {
            Ok(()) => sound.push(group),
            Err(error) => left.extend(group.refuse(tickets, &error)),
        }
    }
    // Taken from the end, so that the first chunk is the first to run.
    let mut stack: Vec<&[&Group]> = chunks(&sound, kind, &layout);
    stack.reverse();
    while let Some(part) = stack.pop() {
        let now = line.shared.clock.now();
        match attempt(line, kind, part, &layout, now).await {
            Ok(Ended::All(answer)) => {
                for group in part {
                    group.answer(tickets, &answer);
                    left.extend(follow(line, group, &answer, &layout, tickets).await);
                }
            }
            Ok(Ended::Each(answers)) => {
                for (group, answer) in part.iter().zip(answers) {
                    group.answer(tickets, &answer);
                    left.extend(follow(line, group, &answer, &layout, tickets).await);
                }
            }
            Ok(Ended::Mixed) => split(part, &mut stack),
            Err(Failure::Row(_) | Failure::Duplicate) if part.len() > 1 => split(part, &mut stack),
            Err(failure) if failure.ends_connection() && !kind.is_repeatable() => {
                for group in part {
                    let settled = settle(line, kind, group, &layout).await;
                    match settled {
                        Ok(answer) => {
                            group.answer(tickets, &answer);
                            left.extend(Group::of(group.behind.clone()));
                        }
                        Err(failure) => group.fail(tickets, &failure.error()),
                    }
                }
            }
            Err(failure @ (Failure::Row(_) | Failure::Duplicate)) => {
                let error = layout.explain(failure.error());
                left.extend(part.iter().filter_map(|group| group.refuse(tickets, &error)));
            }
            Err(failure) => {
                let error = failure.error();
                part.iter().for_each(|group| group.fail(tickets, &error));
            }
        }
    }
    left
}

fn split<'a>(part: &'a [&'a Group], stack: &mut Vec<&'a [&'a Group]>) {
    let (first, second) = part.split_at(part.len() / 2);
    stack.extend([second, first]);
}

/// What the statement must not be sent for.
fn check(group: &Group, layout: &Layout) -> Result<()> {
    let content = match &group.change.verb {
        Verb::Save(content) | Verb::Insert(content) | Verb::Update(content) => Some(content),
        Verb::Replace(_, content) => Some(content),
        Verb::Rename(_, content) => content.as_ref(),
        Verb::Touch(expires_at) => return layout.expiry.store(*expires_at).map(drop),
        Verb::Delete => None,
    };
    let Some(content) = content else { return Ok(()) };
    if group.change.bytes() > layout.max_statement || content.data.len() > layout.max_data {
        return Err(layout.too_large(content.data.len()));
    }
    if content.subject.as_ref().is_some_and(|subject| !subject.is_empty()) && !layout.subject {
        return Err(layout.no_subjects());
    }
    layout.expiry.store(content.expires_at).map(drop)
}

/// Runs of groups that fit into one statement. Where the engine cannot undo what fails in the
/// middle, only what may be done again goes together: saves.
fn chunks<'a>(groups: &'a [&'a Group], kind: Kind, layout: &Layout) -> Vec<&'a [&'a Group]> {
    let limit = MAX_BATCH_BYTES.min(layout.max_statement / 2);
    let together = match kind {
        Kind::Save => true,
        Kind::Insert | Kind::Update | Kind::Replace | Kind::Touch | Kind::Delete => {
            layout.transactions
        }
        Kind::Rename => false,
    };
    let most = if together { MAX_BATCH } else { 1 };
    let (mut chunks, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (index, group) in groups.iter().enumerate() {
        let more = group.change.bytes();
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
    line: &mut Line,
    kind: Kind,
    part: &[&Group],
    layout: &Layout,
    now: i64,
) -> Result<Ended, Failure> {
    match kind {
        Kind::Save => {
            let change = change(Statement::Save, part, layout, now, None);
            line.change(&change, true).await?;
            Ok(Ended::All(Answer::Done))
        }
        Kind::Update | Kind::Touch => {
            // Undone if it matched in part, where doing it again would find its own traces: a
            // session that the first try ended.
            let ends = part.len() > 1 && part.iter().any(|group| group.change.ends_it(now));
            let exactly = ends.then_some(part.len() as u64);
            let change = change(update_statement(kind, part), part, layout, now, exactly);
            match line.change(&change, true).await? {
                0 => Ok(Ended::All(Answer::Wrote(Outcome::Gone))),
                matched if matched == part.len() as u64 => {
                    Ok(Ended::All(Answer::Wrote(Outcome::Saved)))
                }
                _ => Ok(Ended::Mixed),
            }
        }
        Kind::Delete => delete(line, part, layout, now).await,
        Kind::Insert => insert(line, part, layout, now).await,
        Kind::Replace => replace(line, part, layout, now).await,
        Kind::Rename => rename(line, part[0], layout, now).await,
    }
}

async fn insert(
    line: &mut Line,
    part: &[&Group],
    layout: &Layout,
    now: i64,
) -> Result<Ended, Failure> {
    let insert = change(Statement::Insert, part, layout, now, None);
    loop {
        match line.change(&insert, false).await {
            Ok(_) => return Ok(Ended::All(Answer::Done)),
            Err(Failure::Duplicate) if part.len() == 1 => {}
            Err(failure) => return Err(failure),
        }
        make_way(line, &part[0].change.key, layout, now).await?;
    }
}

async fn replace(
    line: &mut Line,
    part: &[&Group],
    layout: &Layout,
    now: i64,
) -> Result<Ended, Failure> {
    let replace = change(Statement::Replace, part, layout, now, None);
    let keys: Vec<_> = part.iter().map(|group| group.change.key).collect();
    let swapped = if let [_] = keys[..] {
        line.change(&replace, false).await?
    } else if are_told_apart(&keys) {
        line.swap(&replace).await?
    } else {
        return Ok(Ended::Mixed);
    };
    let done = |index: usize| swapped & (1 << index) != 0;
    let others = keys.iter().enumerate().filter(|(index, _)| !done(*index));
    let others: Vec<_> = others.map(|(_, key)| *key).collect();
    let there = if others.is_empty() { None } else { Some(reads::find(line, others, true).await?) };
    let outcome = |(index, group): (usize, &&Group)| {
        if done(index) {
            return Outcome::Saved;
        }
        match there.as_ref().and_then(|there| there.get(&group.change.key)) {
            Some(record) => {
                if let (Some(met), Ok(record)) = (group.change.met(), record) {
                    met.tell(&record.data, expiry(record));
                }
                Outcome::Conflict
            }
            None => Outcome::Gone,
        }
    };
    Ok(Ended::Each(part.iter().enumerate().map(outcome).map(Answer::Wrote).collect()))
}

/// A statement that swaps many finds each row's place by the checksum of its key.
fn are_told_apart(keys: &[Key]) -> bool {
    let mut checksums: Vec<u32> = keys.iter().map(Key::checksum).collect();
    checksums.sort_unstable();
    checksums.windows(2).all(|pair| pair[0] != pair[1])
}

async fn delete(
    line: &mut Line,
    part: &[&Group],
    layout: &Layout,
    now: i64,
) -> Result<Ended, Failure> {
    let all = part.len() as u64;
    let keys: Vec<_> = part.iter().map(|group| group.change.key).collect();
    let now = [layout.expiry.now(now)];
    let mut live = by_keys(Statement::DeleteLive, &keys, layout, &now);
    live.exactly = (all > 1).then_some(all);
    match line.change(&live, true).await? {
        matched if matched == all => Ok(Ended::All(Answer::Is(true))),
        // By this host's clock none lives, but another's may be slow: gone they must be.
        0 => {
            line.change(&by_keys(Statement::Delete, &keys, layout, &[]), true).await?;
            Ok(Ended::All(Answer::Is(false)))
        }
        _ => Ok(Ended::Mixed),
    }
}

async fn rename(
    line: &mut Line,
    group: &Group,
    layout: &Layout,
    now: i64,
) -> Result<Ended, Failure> {
    let Verb::Rename(new, content) = &group.change.verb else {
        return Err(Failure::Final(Error::internal("not a rename")));
    };
    let statement = if content.is_some() { Statement::RenameWith } else { Statement::Rename };
    let old = &group.change.key;
    let params = Box::new(move || rename_params(old, new, content.as_ref(), layout, now));
    let rename = line::Change { statement, arity: 1, params, exactly: None };
    loop {
        match line.change(&rename, false).await {
            Ok(0) => return Ok(Ended::All(Answer::Wrote(Outcome::Gone))),
            Ok(_) => return Ok(Ended::All(Answer::Wrote(Outcome::Saved))),
            Err(Failure::Duplicate) => make_way(line, new, layout, now).await?,
            Err(failure) => return Err(failure),
        }
    }
}

/// Removes an expired row that holds a key which is wanted. What is neither expired nor live was
/// removed by somebody else in between, so the caller may try again.
async fn make_way(line: &mut Line, key: &Key, layout: &Layout, now: i64) -> Result<(), Failure> {
    let now = [layout.expiry.now(now)];
    line.change(&by_keys(Statement::DeleteDue, &[*key], layout, &now), true).await?;
    if reads::find(line, vec![*key], false).await?.get(key).is_some() {
        return Err(already_exists());
    }
    if !layout.is_exact() && is_of_another(line, key).await? {
        return Err(Failure::Final(layout.token_of_another()));
    }
    Ok(())
}

/// After a connection broke a write that cannot simply be repeated may have happened or not: what
/// is there now tells, and if it did not, it is tried once more.
async fn settle(
    line: &mut Line,
    kind: Kind,
    group: &Group,
    layout: &Layout,
) -> Result<Answer, Failure> {
    let now = line.shared.clock.now();
    let there = live(line, &group.change.key, layout).await?;
    let is = |content: &Content| {
        there.as_ref().is_some_and(|record| {
            let expires_at = expiry(record);
            let kept = layout.expiry.kept(content.expires_at);
            *record.data == *content.data && kept.is_ok_and(|kept| kept == expires_at)
        })
    };
    match (&group.change.verb, &there) {
        (Verb::Insert(content), _) if is(content) => return Ok(Answer::Done),
        (Verb::Insert(_), Some(_)) => return Err(already_exists()),
        (Verb::Replace(_, content), _) if is(content) => {
            return Ok(Answer::Wrote(Outcome::Saved));
        }
        (Verb::Replace(..), None) => return Ok(Answer::Wrote(Outcome::Gone)),
        (Verb::Replace(expected, _), Some(record)) if *record.data != **expected => {
            return Ok(Answer::Wrote(Outcome::Conflict));
        }
        (Verb::Rename(new, _), None) => {
            let arrived = live(line, new, layout).await?.is_some();
            return Ok(Answer::Wrote(if arrived { Outcome::Saved } else { Outcome::Gone }));
        }
        (
            Verb::Insert(_)
            | Verb::Replace(..)
            | Verb::Rename(..)
            | Verb::Save(_)
            | Verb::Update(_)
            | Verb::Touch(_)
            | Verb::Delete,
            _,
        ) => {}
    }
    line.retry();
    match attempt(line, kind, &[group], layout, now).await? {
        Ended::All(answer) => Some(answer),
        Ended::Each(answers) => answers.into_iter().next(),
        Ended::Mixed => None,
    }
    .ok_or_else(|| Failure::Final(Error::internal("one write ended in two ways")))
}

fn already_exists() -> Failure {
    Failure::Final(Error::already_exists())
}
