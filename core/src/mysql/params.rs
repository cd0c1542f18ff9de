//! The parameters of a statement over several groups, in the order that its text takes them.

use mysql_async::Value;

use crate::protocol::error::Error;
use crate::protocol::token::Key;

use super::call::{BatchKind, OwnedRow, Verb};
use super::connection;
use super::failure::Failure;
use super::group::Group;
use super::layout::Layout;
use super::reads::{key_param, key_params, which};
use super::sql::Statement;

pub(super) fn update_statement(kind: BatchKind, part: &[&Group]) -> Statement {
    if kind != BatchKind::Touch {
        return Statement::Update;
    }
    let first = part.first().and_then(|group| group.change().expires_at());
    let together = part.iter().all(|group| group.change().expires_at() == first);
    if part.len() > 1 && together { Statement::TouchTogether } else { Statement::Touch }
}

/// Keys, then whatever the statement takes behind them.
pub(super) fn by_keys<'a>(
    statement: Statement,
    keys: &'a [Key],
    layout: &'a Layout,
    then: &'a [Value],
) -> connection::WriteStatement<'a> {
    let arity = statement.arity(keys.len());
    let params = Box::new(move || Ok(key_params(keys, arity, layout, then)));
    connection::WriteStatement { statement, arity, params, exactly: None }
}

/// The statement over these groups, padded to the arity that is prepared.
pub(super) fn change<'a>(
    statement: Statement,
    part: &'a [&'a Group],
    layout: &'a Layout,
    now: i64,
    exactly: Option<u64>,
) -> connection::WriteStatement<'a> {
    let arity = statement.arity(part.len());
    let params = Box::new(move || match part[0].change().expires_at() {
        Some(expires_at) if statement == Statement::TouchTogether => {
            together(expires_at, part, arity, layout, now)
        }
        _ => rows(statement, arity, part, layout, now),
    });
    connection::WriteStatement { statement, arity, params, exactly }
}

/// Swaps of many sessions, with the number that tells them from others'.
pub(super) fn swaps<'a>(
    part: &'a [&'a Group],
    layout: &'a Layout,
    now: i64,
    nonce: u16,
) -> connection::WriteStatement<'a> {
    let arity = Statement::Replace.arity(part.len());
    let params = Box::new(move || swap_params(part, arity, layout, now, nonce));
    connection::WriteStatement { statement: Statement::Replace, arity, params, exactly: None }
}

fn together(
    expires_at: i64,
    part: &[&Group],
    arity: usize,
    layout: &Layout,
    now: i64,
) -> Result<Vec<Value>, Failure> {
    let expiry = layout.expiry.store(expires_at).map_err(Failure::Final)?;
    let keys: Vec<_> = part.iter().map(|group| group.key()).collect();
    let mut params = key_params(&keys, arity, layout, &[layout.expiry.now(now)]);
    params.insert(0, expiry);
    Ok(params)
}

/// By columns, each filled up to the arity; a repeated key means its first place.
fn swap_params(
    part: &[&Group],
    arity: usize,
    layout: &Layout,
    now: i64,
    nonce: u16,
) -> Result<Vec<Value>, Failure> {
    let keys: Vec<_> = part.iter().map(|group| group.key()).collect();
    let (mut data, mut expiries) = (Vec::with_capacity(arity), Vec::with_capacity(arity));
    let (mut subjects, mut expected) = (Vec::with_capacity(arity), Vec::with_capacity(arity));
    for group in part {
        let Verb::Replace(before, content) = &group.change().verb else {
            return Err(Failure::Final(Error::internal("not a swap")));
        };
        data.push(Value::Bytes(content.data.clone()));
        expiries.push(layout.expiry.store(content.expires_at).map_err(Failure::Final)?);
        subjects.push(group.subject().map_or(Value::NULL, Value::from));
        expected.push(Value::Bytes(before.clone()));
    }
    for column in [&mut data, &mut expiries, &mut subjects, &mut expected] {
        column.resize(arity, Value::NULL);
    }
    let mut checksums: Vec<Value> = keys.iter().map(|key| key.checksum().into()).collect();
    // Of equal ones the first is found.
    checksums.resize(arity, checksums[0].clone());
    let places = || checksums.iter().cloned();
    let mut params = Vec::with_capacity(arity * 11 + 3);
    params.extend(places().chain(data));
    params.extend(places().chain([Value::UInt(nonce.into()), Value::UInt(nonce.into())]));
    params.extend(places().chain(expiries));
    if layout.subject {
        params.extend(places().chain(subjects));
    }
    params.extend(key_params(&keys, arity, layout, &[layout.expiry.now(now)]));
    params.extend(places().chain(expected));
    Ok(params)
}

fn rows(
    statement: Statement,
    arity: usize,
    part: &[&Group],
    layout: &Layout,
    now: i64,
) -> Result<Vec<Value>, Failure> {
    let mut params = Vec::with_capacity(arity * 5 + 1);
    for group in part {
        row(statement, arity, group, layout, &mut params)?;
    }
    let width = params.len() / part.len();
    for _ in part.len()..arity {
        if statement == Statement::Save {
            params.extend_from_within(params.len() - width..);
        } else {
            // An empty row joins nothing.
            params.extend(std::iter::repeat_n(Value::NULL, width));
        }
    }
    if statement != Statement::Insert && (statement != Statement::Save || layout.subject) {
        params.push(layout.expiry.now(now));
    }
    Ok(params)
}

/// One row's parameters, in the order that the statement takes them.
fn row(
    statement: Statement,
    arity: usize,
    group: &Group,
    layout: &Layout,
    params: &mut Vec<Value>,
) -> Result<(), Failure> {
    let (key, change) = (&group.key(), group.change());
    if let Verb::Touch(expires_at) = &change.verb {
        let expiry = layout.expiry.store(*expires_at).map_err(Failure::Final)?;
        if arity == 1 {
            params.push(expiry);
            params.extend(which(key, layout));
        } else {
            params.extend([key_param(key), expiry]);
        }
        return Ok(());
    }
    let content = change.content();
    let content =
        content.ok_or_else(|| Failure::Final(Error::internal("a change without content")))?;
    let expected = change.expected().map(|expected| Value::Bytes(expected.to_vec()));
    // Alone, an update names its row last.
    if arity == 1 && matches!(statement, Statement::Update | Statement::Replace) {
        cells(content, group.subject(), layout, params)?;
        params.extend(which(key, layout));
    } else {
        params.push(key_param(key));
        cells(content, group.subject(), layout, params)?;
    }
    params.extend(expected);
    Ok(())
}

/// Data, expiry and, if the layout has it, subject.
fn cells(
    content: &OwnedRow,
    subject: Option<&str>,
    layout: &Layout,
    params: &mut Vec<Value>,
) -> Result<(), Failure> {
    let expiry = layout.expiry.store(content.expires_at).map_err(Failure::Final)?;
    params.extend([Value::Bytes(content.data.clone()), expiry]);
    if layout.subject {
        params.push(subject.map_or(Value::NULL, Value::from));
    }
    Ok(())
}

/// Of a table of beego's, which has no markers, without what is for them.
pub(super) fn move_params(
    old: &Key,
    verb: &Verb,
    layout: &Layout,
    now: i64,
) -> Result<Vec<Value>, Failure> {
    let Verb::Move { new, marker, expected, content } = verb else {
        return Err(Failure::Final(Error::internal("not a move")));
    };
    let expected = Value::Bytes(expected.clone());
    if layout.kind == super::layout::TableKind::Beego {
        let mut params = rename_params(old, new, Some(content), layout, now)?;
        params.insert(params.len() - 1, expected);
        return Ok(params);
    }
    let store = |instant| layout.expiry.store(instant).map_err(Failure::Final);
    let mut params = vec![store(now)?, key_param(marker), key_param(old)];
    params.extend(which(old, layout));
    params.extend([expected, layout.expiry.now(now)]);
    let mut written = vec![Value::Bytes(content.data.clone()), store(content.expires_at)?];
    if layout.subject {
        written.push(content.subject.as_deref().map_or(Value::NULL, Value::from));
    }
    written.push(key_param(new));
    params.extend(written.into_iter().flat_map(|value| [key_param(old), value]));
    Ok(params)
}

pub(super) fn end_params(
    key: &Key,
    marker: &Key,
    layout: &Layout,
    now: i64,
) -> Result<Vec<Value>, Failure> {
    let mut params = vec![key_param(marker), layout.expiry.store(now).map_err(Failure::Final)?];
    params.extend(which(key, layout));
    params.push(layout.expiry.now(now));
    Ok(params)
}

pub(super) fn rename_params(
    old: &Key,
    new: &Key,
    content: Option<&OwnedRow>,
    layout: &Layout,
    now: i64,
) -> Result<Vec<Value>, Failure> {
    let mut params = vec![key_param(new)];
    if let Some(content) = content {
        cells(content, content.subject.as_deref(), layout, &mut params)?;
    }
    params.extend(which(old, layout));
    params.push(layout.expiry.now(now));
    Ok(params)
}
