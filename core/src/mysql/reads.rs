//! A batch of reads: one statement for all its calls.

use mysql_async::Value;

use crate::batch::TakenCall;
use crate::protocol::clock::{NEVER, Timestamp};
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::protocol::record::Record;
use crate::protocol::request::Answer;
use crate::protocol::token::Key;

use super::call::{QueuedCall, Work};
use super::columns::{bytes, text};
use super::connection::Connection;
use super::failure::Failure;
use super::layout::Layout;
use super::sql::Statement;

/// Answers all calls of the batch, or returns what went wrong for all of them.
pub(super) async fn run(
    connection: &mut Connection,
    calls: &[TakenCall<QueuedCall>],
) -> Result<(), Failure> {
    let asked = |taken: &TakenCall<QueuedCall>| match &taken.call.work {
        Work::Read { key, data } => Some((*key, *data)),
        Work::Write(_) | Work::Unbatched(_) => None,
    };
    let data = calls.iter().filter_map(asked).any(|(_, data)| data);
    let keys = calls.iter().filter_map(asked).map(|(key, _)| key).collect();
    let found = find(connection, keys, data).await?;
    for taken in calls {
        let Some((key, data)) = asked(taken) else { continue };
        let answer = match (data, found.get(&key)) {
            (false, record) => Ok(Answer::Is(record.is_some())),
            (true, None) => Ok(Answer::Found(None)),
            (true, Some(Ok(record))) => Ok(Answer::Found(Some(record.clone()))),
            (true, Some(Err(error))) => Err(error.clone()),
        };
        taken.call.answer(answer);
    }
    Ok(())
}

/// The live sessions among those asked for.
pub(super) struct Found {
    /// Sorted.
    keys: Vec<Key>,
    /// One for each key. A row that cannot be read fails the calls for it, not the
    /// batch.
    records: Vec<Option<Result<Record>>>,
}

impl Found {
    pub(super) fn get(&self, key: &Key) -> Option<&Result<Record>> {
        self.keys.binary_search(key).ok().and_then(|at| self.records[at].as_ref())
    }
}

/// With their data or only whether they live.
pub(super) async fn find(
    connection: &mut Connection,
    mut keys: Vec<Key>,
    data: bool,
) -> Result<Found, Failure> {
    keys.sort_unstable();
    keys.dedup();
    let statement = if data { Statement::Find } else { Statement::Exists };
    let arity = statement.arity(keys.len());
    let now = connection.pool.clock.now();
    let layout = connection.layout().await?;
    let now = [layout.expiry.now(now)];
    let rows =
        connection.rows(statement, arity, &|| Ok(key_params(&keys, arity, &layout, &now))).await?;
    let mut records = vec![None; keys.len()];
    for row in rows {
        let mut cells = row.into_iter();
        let Some(Value::Bytes(token)) = cells.next() else { continue };
        // By the exact bytes: the column may take other texts for the same.
        let Ok(at) = keys.binary_search_by(|key| key.as_bytes().cmp(&token)) else { continue };
        records[at] = Some(if data { record(cells, &layout) } else { Ok(no_record()) });
    }
    Ok(Found { keys, records })
}

fn no_record() -> Record {
    Record { data: Vec::new().into(), expires_at: None, subject: None }
}

/// Data, expiry and, if the layout has it, subject.
pub(super) fn record(mut cells: impl Iterator<Item = Value>, layout: &Layout) -> Result<Record> {
    let missing = || Error::new(ErrorKind::Corrupt, "a row has fewer columns than were asked for");
    let data = cells.next().ok_or_else(missing)?;
    let data = if data == Value::NULL { Vec::new() } else { bytes(data)? };
    let expiry = layout.expiry.load(&cells.next().ok_or_else(missing)?)?;
    let subject = cells.next().map_or(Ok(None), text)?;
    let expires_at = (expiry != NEVER).then(|| Timestamp::from_micros(expiry));
    Ok(Record { data: data.into(), expires_at, subject })
}

/// The one session, or none.
pub(super) async fn live(
    connection: &mut Connection,
    key: &Key,
    layout: &Layout,
) -> Result<Option<Record>, Failure> {
    let now = [layout.expiry.now(connection.pool.clock.now())];
    let params = || Ok(key_params(&[*key], 1, layout, &now));
    let rows = connection.rows(Statement::Find, 1, &params).await?;
    let record = rows.into_iter().next().map(|row| record(row.into_iter().skip(1), layout));
    record.transpose().map_err(Failure::Final)
}

/// Whether the row that is in the way of a new one with this key is another session's, for whose
/// token the column takes this one.
pub(super) async fn is_of_another(connection: &mut Connection, key: &Key) -> Result<bool, Failure> {
    let rows = connection.rows(Statement::Holder, 1, &|| Ok(vec![key_param(key)])).await?;
    let holder = rows.into_iter().flatten().next();
    Ok(holder.is_some_and(|token| !bytes(token).is_ok_and(|token| token == key.as_bytes())))
}

/// When it ends, in microseconds.
pub(super) fn expiry(record: &Record) -> i64 {
    record.expires_at.map_or(NEVER, |at| at.as_micros())
}

/// The keys, the last one repeated up to the arity (a repetition in an IN list changes nothing),
/// and what the statement takes behind them.
pub(super) fn key_params(
    keys: &[Key],
    arity: usize,
    layout: &Layout,
    then: &[Value],
) -> Vec<Value> {
    let mut params = Vec::with_capacity(arity * 2 + then.len());
    let padding = keys.last().into_iter().cycle().take(arity.saturating_sub(keys.len()));
    params.extend(keys.iter().chain(padding).map(key_param));
    if layout.guarded {
        params.extend_from_within(..);
    }
    params.extend_from_slice(then);
    params
}

/// What names the one row of a statement.
pub(super) fn which(key: &Key, layout: &Layout) -> impl Iterator<Item = Value> {
    std::iter::repeat_n(key_param(key), if layout.guarded { 2 } else { 1 })
}

pub(super) fn key_param(key: &Key) -> Value {
    Value::Bytes(key.as_bytes().to_vec())
}
