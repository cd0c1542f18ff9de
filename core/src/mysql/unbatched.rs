//! What is not batched: lists, counts, a subject's sessions, cleanup.

use mysql_async::Value;

use crate::protocol::command::CleanupRound;
use crate::protocol::error::{Error, ErrorKind};
use crate::protocol::marker::KEPT;
use crate::protocol::record::{Entry, Page};
use crate::protocol::request::Answer;
use crate::protocol::token::Key;

use super::call::{MAX_BATCH, Unbatched};
use super::columns::{self, bytes};
use super::connection::Connection;
use super::failure::Failure;
use super::layout::{Layout, TableKind};
use super::params::by_keys;
use super::reads::{key_params, record};
use super::sql::Statement;
use super::{check, migrate};

/// Keys that are read at once before they are deleted.
const KEYS_AT_ONCE: usize = 1000;

/// How many rows that cannot be deleted a round finds out, which costs some statements for each.
const HELD_AT_ONCE: usize = 100;

pub(super) async fn run(
    connection: &mut Connection,
    single: &Unbatched,
) -> Result<Answer, Failure> {
    match single {
        Unbatched::Ended(markers, since) => ended(connection, markers, *since).await,
        Unbatched::Count => count(connection).await,
        Unbatched::List { subject, after, limit } => {
            list(connection, subject.as_deref(), after.as_ref(), *limit).await.map(Answer::Listed)
        }
        Unbatched::DeleteSubject { subject, keep } => {
            delete_subject(connection, subject, keep.as_ref()).await.map(Answer::Count)
        }
        Unbatched::Clear => clear(connection).await.map(Answer::Count),
        Unbatched::DeleteExpired(round) => clean(connection, *round).await.map(Answer::Count),
        Unbatched::Migrate => migrate::run(connection).await.map(|()| Answer::Done),
        Unbatched::Check => check::run(connection).await.map(Answer::Checked),
        Unbatched::Ping => connection.execute("DO 1").await.map(|()| Answer::Done),
    }
}

/// Beego takes any row for a session, expired or not, so its tables have no markers.
async fn ended(
    connection: &mut Connection,
    markers: &[Key],
    since: i64,
) -> Result<Answer, Failure> {
    let layout = connection.layout().await?;
    if layout.kind == TableKind::Beego {
        return Ok(Answer::Is(false));
    }
    let since = [layout.expiry.now(since)];
    let arity = Statement::Exists.arity(markers.len());
    let params = || Ok(key_params(markers, arity, &layout, &since));
    Ok(Answer::Is(!connection.rows(Statement::Exists, arity, &params).await?.is_empty()))
}

async fn count(connection: &mut Connection) -> Result<Answer, Failure> {
    let now = connection.layout().await?.expiry.now(connection.pool.clock.now());
    let rows = connection.rows(Statement::Count, 1, &|| Ok(vec![now.clone()])).await?;
    let count = rows.first().and_then(|row| columns::number(row.first()?));
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
    connection: &mut Connection,
    subject: Option<&str>,
    after: Option<&Key>,
    limit: usize,
) -> Result<Page, Failure> {
    let layout = connection.layout().await?;
    if subject.is_some() && !layout.subject {
        return Err(Failure::Final(layout.no_subjects()));
    }
    // One more than asked for tells whether there is a next page.
    let now = layout.expiry.now(connection.pool.clock.now());
    let statement = if subject.is_some() { Statement::ListSubject } else { Statement::List };
    let page = || [text(after), now.clone(), number(limit + 1)];
    let params = || Ok(subject.map(Value::from).into_iter().chain(page()).collect());
    let rows = connection.rows(statement, 1, &params).await?;
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

/// Rows that cannot be deleted, as when the foreign key of another table holds them.
#[derive(Default)]
struct Undeletable {
    rows: usize,
    /// Why, of the first one.
    error: Option<Error>,
}

/// Deletes by primary key, in halves where that fails: one row that cannot be deleted keeps no
/// other.
async fn remove(
    connection: &mut Connection,
    statement: Statement,
    keys: &[Key],
    which: &[Value],
    held: &mut Undeletable,
) -> Result<u64, Failure> {
    let layout = connection.layout().await?;
    let mut removed = 0;
    let mut stack = vec![keys];
    while let Some(part) = stack.pop() {
        match connection.change(&by_keys(statement, part, &layout, which), true).await {
            Ok(rows) => removed += rows,
            Err(Failure::Row(_)) if part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                stack.extend([second, first]);
            }
            Err(Failure::Row(error)) => {
                held.rows += 1;
                held.error.get_or_insert(error);
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(removed)
}

/// Finds the keys by the subject index and deletes by primary key, as every writer does, so that
/// no two of them deadlock; the subject is looked at again, because it may have changed in between.
async fn delete_subject(
    connection: &mut Connection,
    subject: &str,
    keep: Option<&Key>,
) -> Result<u64, Failure> {
    let layout = connection.layout().await?;
    if !layout.subject {
        return Err(Failure::Final(layout.no_subjects()));
    }
    let (mut ended, mut after, mut held) = (0, None, Undeletable::default());
    loop {
        let params = [subject.into(), text(after.as_ref()), number(KEYS_AT_ONCE)];
        let keys = keys(connection, Statement::KeysOfSubject, &params).await?;
        let last = keys.last().copied();
        let full = keys.len() == KEYS_AT_ONCE;
        let keys: Vec<Key> = keys.into_iter().filter(|key| Some(key) != keep).collect();
        for part in keys.chunks(MAX_BATCH) {
            let which = [subject.into(), layout.expiry.now(connection.pool.clock.now())];
            ended +=
                remove(connection, Statement::DeleteOfSubjectLive, part, &which, &mut held).await?;
            // Expired by this host's clock, but another's may be slow: gone they must be.
            remove(connection, Statement::DeleteOfSubject, part, &which[..1], &mut held).await?;
        }
        if !full {
            break;
        }
        after = last;
    }
    // All others have ended, but the caller must not believe that these have.
    held.error.map_or(Ok(ended), |error| Err(Failure::Row(error)))
}

/// By primary key, in its order, as every writer does. What has expired and the markers go first:
/// what is left is live, and counted.
async fn clear(connection: &mut Connection) -> Result<u64, Failure> {
    let layout = connection.layout().await?;
    let (mut ended, mut after, mut held) = (0, None, Undeletable::default());
    loop {
        let params = [text(after.as_ref()), number(KEYS_AT_ONCE)];
        let keys = keys(connection, Statement::Keys, &params).await?;
        for part in keys.chunks(MAX_BATCH) {
            let now = [layout.expiry.now(connection.pool.clock.now())];
            remove(connection, Statement::DeleteDue, part, &now, &mut held).await?;
            ended += remove(connection, Statement::Delete, part, &[], &mut held).await?;
        }
        let last = keys.last().copied();
        // A token that no key can be is the empty one, behind which everything would come again.
        let ahead = last.is_some_and(|last| last != Key::EMPTY) && last != after;
        if keys.len() < KEYS_AT_ONCE || !ahead {
            break;
        }
        after = last;
    }
    held.error.map_or(Ok(ended), |error| Err(Failure::Row(error)))
}

async fn keys(
    connection: &mut Connection,
    statement: Statement,
    params: &[Value],
) -> Result<Vec<Key>, Failure> {
    let rows = connection.rows(statement, 1, &|| Ok(params.to_vec())).await?;
    let key = |token: Vec<u8>| Key::from_text(&String::from_utf8_lossy(&token));
    Ok(rows.into_iter().flatten().filter_map(|cell| bytes(cell).ok()).map(key).collect())
}

async fn clean(connection: &mut Connection, round: CleanupRound) -> Result<u64, Failure> {
    if !round.exclusive {
        return remove_expired(connection, round.limit).await;
    }
    connection.refresh_layout().await?;
    // One process at a time cleans a table; the others have nothing to gain from helping.
    let name = format!("CONCAT('sessio:', SHA1(CONCAT(DATABASE(), '.{}')))", connection.pool.table);
    match connection.query(&format!("SELECT GET_LOCK({name}, 0)")).await {
        Ok(rows) if rows.first().and_then(|row| columns::number(row.first()?)) == Some(0) => {
            return Ok(0);
        }
        Ok(_) => {}
        // A cluster has no such locks. Deleting the same rows twice is no more than a waste.
        Err(Failure::Row(_) | Failure::Final(_)) => {
            return remove_expired(connection, round.limit).await;
        }
        Err(failure) => return Err(failure),
    }
    let removed = remove_expired(connection, round.limit).await;
    connection.query(&format!("SELECT RELEASE_LOCK({name})")).await?;
    removed
}

/// In the order of their expiry, as the index has them. Rows that cannot be deleted are passed
/// over, and the next rounds go on behind them until they come to the end.
async fn remove_expired(connection: &mut Connection, limit: usize) -> Result<u64, Failure> {
    let layout = connection.layout().await?;
    let (mut removed, mut held) = (0, Undeletable::default());
    let mut passed = connection.pool.passed();
    let again = passed.is_some();
    let most = limit as u64;
    while removed < most && held.rows < HELD_AT_ONCE {
        let at_once = limit.min(KEYS_AT_ONCE);
        let now = layout.expiry.now(connection.pool.clock.now());
        let page = expired(connection, &layout, &now, passed.as_ref(), at_once).await?;
        for part in page.chunks(MAX_BATCH) {
            let left = usize::try_from(most - removed).unwrap_or(limit);
            let part = &part[..part.len().min(left)];
            let mut keys: Vec<Key> = part.iter().map(|(_, key)| *key).collect();
            // Markers are no sessions, and not counted.
            keys.sort_unstable_by_key(|key| (!key.is_marker(), *key));
            let (markers, keys) = keys.split_at(keys.partition_point(Key::is_marker));
            // Looked at again: it may have been renewed in between.
            let which = std::slice::from_ref(&now);
            for (keys, counted) in [(markers, 0), (keys, 1)] {
                if !keys.is_empty() {
                    let rows = remove(connection, Statement::DeleteExpired, keys, which, &mut held);
                    removed += rows.await? * counted;
                }
            }
            passed = part.last().cloned();
            if held.rows > 0 || again {
                connection.pool.set_passed(passed.clone());
            }
            if removed == most || held.rows >= HELD_AT_ONCE {
                break;
            }
        }
        if page.len() < at_once && removed < most && held.rows < HELD_AT_ONCE {
            connection.pool.set_passed(None);
            break;
        }
    }
    if let Some(error) = held.error {
        let rows = held.rows;
        tracing::warn!(rows, %error, "cleanup passed over sessions that cannot be deleted");
    }
    connection.pool.counters.removed.fetch_add(removed, std::sync::atomic::Ordering::Relaxed);
    Ok(removed)
}

/// A page of them behind the last one, each with its expiry as the column has it.
async fn expired(
    connection: &mut Connection,
    layout: &Layout,
    now: &Value,
    after: Option<&(Value, Key)>,
    at_once: usize,
) -> Result<Vec<(Value, Key)>, Failure> {
    let from = after.map_or_else(|| layout.expiry.lowest(), |(expiry, _)| expiry.clone());
    let token = text(after.map(|(_, key)| key));
    let old = layout.expiry.now(connection.pool.clock.now().saturating_sub(KEPT));
    let params = [now.clone(), from.clone(), from, token, old, number(at_once)];
    let rows = connection.rows(Statement::ExpiredKeys, 1, &|| Ok(params.to_vec())).await?;
    let row = |row: Vec<Value>| {
        let mut cells = row.into_iter();
        let token = bytes(cells.next()?).ok()?;
        Some((cells.next()?, Key::from_text(&String::from_utf8_lossy(&token))))
    };
    Ok(rows.into_iter().filter_map(row).collect())
}
