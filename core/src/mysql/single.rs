//! What is not batched: lists, counts, a subject's sessions, cleanup.

use mysql_async::Value;

use crate::backend::Round;
use crate::error::{Error, ErrorKind};
use crate::operation::Answer;
use crate::record::{Entry, Page};
use crate::token::Key;

use super::cells::{self, bytes};
use super::failure::Failure;
use super::call::{MAX_BATCH, Single};
use super::line::Line;
use super::params::by_keys;
use super::reads::record;
use super::sql::Statement;
use super::{check, migrate};

/// Keys that are read at once before they are deleted.
const KEYS_AT_ONCE: usize = 1000;

pub(super) async fn run(line: &mut Line, single: &Single) -> Result<Answer, Failure> {
    match single {
        Single::Count => count(line).await,
        Single::List { subject, after, limit } => {
            list(line, subject.as_deref(), after.as_ref(), *limit).await.map(Answer::Listed)
        }
        Single::DeleteSubject { subject, keep } => {
            delete_subject(line, subject, keep.as_ref()).await.map(Answer::Count)
        }
        Single::DeleteExpired(round) => clean(line, *round).await.map(Answer::Count),
        Single::Migrate => migrate::run(line).await.map(|()| Answer::Done),
        Single::Check => check::run(line).await.map(Answer::Checked),
        Single::Ping => line.say("DO 1").await.map(|()| Answer::Done),
    }
}

async fn count(line: &mut Line) -> Result<Answer, Failure> {
    let now = line.layout().await?.expiry.now(line.shared.clock.now());
    let rows = line.rows(Statement::Count, 1, &|| Ok(vec![now.clone()])).await?;
    let count = rows.first().and_then(|row| cells::number(row.first()?));
    let none = || Failure::Final(Error::new(ErrorKind::Internal, "the server gave no count"));
    count.map(Answer::Count).ok_or_else(none)
}

fn text(key: Option<&Key>) -> Value {
    // Every key sorts after the empty text.
    Value::Bytes(key.map(|key| key.as_bytes().to_vec()).unwrap_or_default())
}

fn number(limit: usize) -> Value {
    Value::UInt(limit as u64)
}

async fn list(
    line: &mut Line,
    subject: Option<&str>,
    after: Option<&Key>,
    limit: usize,
) -> Result<Page, Failure> {
    let layout = line.layout().await?;
    if subject.is_some() && !layout.subject {
        return Err(Failure::Final(layout.no_subjects()));
    }
    // One more than asked for tells whether there is a next page.
    let now = layout.expiry.now(line.shared.clock.now());
    let statement = if subject.is_some() { Statement::ListSubject } else { Statement::List };
    let page = || [text(after), now.clone(), number(limit + 1)];
    let params = || Ok(subject.map(Value::from).into_iter().chain(page()).collect());
    let rows = line.rows(statement, 1, &params).await?;
    let more = rows.len() > limit;
    let mut entries = Vec::with_capacity(rows.len().min(limit));
    for row in rows.into_iter().take(limit) {
        let mut cells = row.into_iter();
        let key = match cells.next() {
            Some(Value::Bytes(token)) => Key::from_text(&String::from_utf8_lossy(&token)),
            _ => return Err(Failure::Final(Error::internal("a row without a token"))),
        };
        let record = record(cells, &layout).map_err(Failure::Final)?;
        entries.push(Entry { key, record });
    }
    let next = entries.last().filter(|_| more).map(|entry| entry.key);
    Ok(Page { entries, next })
}

/// Finds the keys by the subject index and deletes by primary key, as every writer does, so that
/// nobody deadlocks; the subject is looked at again, because it may have changed in between.
async fn delete_subject(
    line: &mut Line,
    subject: &str,
    keep: Option<&Key>,
) -> Result<u64, Failure> {
    let layout = line.layout().await?;
    if !layout.subject {
        return Err(Failure::Final(layout.no_subjects()));
    }
    let (mut ended, mut after) = (0, None);
    loop {
        let params = [subject.into(), text(after.as_ref()), number(KEYS_AT_ONCE)];
        let keys = keys(line, Statement::KeysOfSubject, &params).await?;
        let last = keys.last().copied();
        let full = keys.len() == KEYS_AT_ONCE;
        let keys: Vec<Key> = keys.into_iter().filter(|key| Some(key) != keep).collect();
        for part in keys.chunks(MAX_BATCH) {
            let which = [subject.into(), layout.expiry.now(line.shared.clock.now())];
            let live = by_keys(Statement::DeleteOfSubjectLive, part, &layout, &which);
            ended += line.change(&live, true).await?;
            // Expired by this host's clock, but another's may be slow: gone they must be.
            let rest = by_keys(Statement::DeleteOfSubject, part, &layout, &which[..1]);
            line.change(&rest, true).await?;
        }
        if !full {
            return Ok(ended);
        }
        after = last;
    }
}

async fn keys(
    line: &mut Line,
    statement: Statement,
    params: &[Value],
) -> Result<Vec<Key>, Failure> {
    let rows = line.rows(statement, 1, &|| Ok(params.to_vec())).await?;
    let key = |token: Vec<u8>| Key::from_text(&String::from_utf8_lossy(&token));
    Ok(rows.into_iter().flatten().filter_map(|cell| bytes(cell).ok()).map(key).collect())
}

async fn clean(line: &mut Line, round: Round) -> Result<u64, Failure> {
    if !round.exclusive {
        return remove_expired(line, round.limit).await;
    }
    line.refresh_layout().await?;
    // One process at a time cleans a table; the others have nothing to gain from helping.
    let name = format!("CONCAT('sessio:', SHA1(CONCAT(DATABASE(), '.{}')))", line.shared.table);
    match line.ask(&format!("SELECT GET_LOCK({name}, 0)")).await {
        Ok(rows) if rows.first().and_then(|row| cells::number(row.first()?)) == Some(0) => {
            return Ok(0);
        }
        Ok(_) => {}
        // A cluster has no such locks. Deleting the same rows twice is no more than a waste.
        Err(Failure::Row(_) | Failure::Final(_)) => return remove_expired(line, round.limit).await,
        Err(failure) => return Err(failure),
    }
    let removed = remove_expired(line, round.limit).await;
    line.ask(&format!("SELECT RELEASE_LOCK({name})")).await?;
    removed
}

async fn remove_expired(line: &mut Line, limit: usize) -> Result<u64, Failure> {
    let layout = line.layout().await?;
    let mut removed = 0;
    let mut left = limit;
    while left > 0 {
        let at_once = left.min(KEYS_AT_ONCE);
        let now = layout.expiry.now(line.shared.clock.now());
        let params = [now.clone(), number(at_once)];
        let mut keys = keys(line, Statement::ExpiredKeys, &params).await?;
        let found = keys.len();
        keys.sort_unstable();
        for part in keys.chunks(MAX_BATCH) {
            // Looked at again: it may have been renewed in between.
            let delete =
                by_keys(Statement::DeleteExpired, part, &layout, std::slice::from_ref(&now));
            removed += line.change(&delete, true).await?;
        }
        if found < at_once {
            break;
        }
        left -= found;
    }
    line.shared.counters.removed.fetch_add(removed, std::sync::atomic::Ordering::Relaxed);
    Ok(removed)
}
