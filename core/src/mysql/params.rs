//! The parameters of a statement over several groups, in the order that its text takes them.

use mysql_async::Value;

use crate::error::Error;
use crate::token::Key;

use super::failure::Failure;
use super::job::{Content, Verb};
use super::layout::Layout;
use super::line;
use super::reads::{key_param, key_params, which};
use super::rounds::{Group, Kind};
use super::sql::Statement;

pub(super) fn update_statement(kind: Kind, part: &[&Group]) -> Statement {
    let moves_to = |group: &&Group| match &group.change.verb {
        Verb::Touch(expires_at) => Some(*expires_at),
        Verb::Save(_)
        | Verb::Insert(_)
        | Verb::Update(_)
        | Verb::Replace(..)
        | Verb::Delete
        | Verb::Rename(..) => None,
    };
    let first = part.first().and_then(moves_to);
    match kind {
        Kind::Touch if part.len() > 1 && part.iter().all(|group| moves_to(group) == first) => {
            Statement::TouchTogether
        }
        Kind::Touch => Statement::Touch,
        Kind::Save | Kind::Insert | Kind::Update | Kind::Replace | Kind::Delete | Kind::Rename => {
            Statement::Update
        }
    }
}

/// Keys, then whatever the statement takes behind them.
pub(super) fn by_keys<'a>(
    statement: Statement,
    keys: &'a [Key],
    layout: &'a Layout,
    then: &'a [Value],
) -> line::Change<'a> {
    let arity = statement.arity(keys.len());
    let params = Box::new(move || Ok(key_params(keys, arity, layout, then)));
    line::Change { statement, arity, params, exactly: None }
}

/// The statement over these groups, padded to the arity that is prepared.
pub(super) fn change<'a>(
    statement: Statement,
    part: &'a [&'a Group],
    layout: &'a Layout,
    now: i64,
    exactly: Option<u64>,
) -> line::Change<'a> {
    let arity = statement.arity(part.len());
    let params = Box::new(move || match &part[0].change.verb {
        Verb::Touch(expires_at) if statement == Statement::TouchTogether => {
            together(*expires_at, part, arity, layout, now)
        }
        Verb::Replace(..) if arity > 1 => swaps(part, arity, layout, now),
        Verb::Touch(_)
        | Verb::Save(_)
        | Verb::Insert(_)
        | Verb::Update(_)
        | Verb::Replace(..)
        | Verb::Delete
        | Verb::Rename(..) => rows(statement, arity, part, layout, now),
    });
    line::Change { statement, arity, params, exactly }
}

fn together(
    expires_at: i64,
    part: &[&Group],
    arity: usize,
    layout: &Layout,
    now: i64,
) -> Result<Vec<Value>, Failure> {
    let expiry = layout.expiry.store(expires_at).map_err(Failure::Final)?;
    let keys: Vec<_> = part.iter().map(|group| group.change.key).collect();
    let mut params = key_params(&keys, arity, layout, &[layout.expiry.now(now)]);
    params.insert(0, expiry);
    Ok(params)
}

/// By columns, each filled up to the arity; a repeated key means its first place.
fn swaps(part: &[&Group], arity: usize, layout: &Layout, now: i64) -> Result<Vec<Value>, Failure> {
    let keys: Vec<_> = part.iter().map(|group| group.change.key).collect();
    let (mut data, mut expiries) = (Vec::with_capacity(arity), Vec::with_capacity(arity));
    let (mut subjects, mut expected) = (Vec::with_capacity(arity), Vec::with_capacity(arity));
    for group in part {
        let Verb::Replace(before, content) = &group.change.verb else {
            return Err(Failure::Final(Error::internal("not a swap")));
        };
        data.push(Value::Bytes(content.data.clone()));
        expiries.push(layout.expiry.store(content.expires_at).map_err(Failure::Final)?);
        subjects.push(content.subject.as_ref().map_or(Value::NULL, |subject| subject.into()));
        expected.push(Value::Bytes(before.clone()));
    }
    for column in [&mut data, &mut expiries, &mut subjects, &mut expected] {
        column.resize(arity, Value::NULL);
    }
    let mut checksums: Vec<Value> = keys.iter().map(|key| key.checksum().into()).collect();
    // Of equal ones the first is found.
    checksums.resize(arity, checksums[0].clone());
    let places = || checksums.iter().cloned();
    let mut params = Vec::with_capacity(arity * 11 + 1);
    params.extend(places().chain(data));
    params.extend(places().chain(places()).chain(expiries));
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
    let key = &group.change.key;
    let (expected, content) = match &group.change.verb {
        Verb::Touch(expires_at) => {
            let expiry = layout.expiry.store(*expires_at).map_err(Failure::Final)?;
            if arity == 1 {
                params.push(expiry);
                params.extend(which(key, layout));
            } else {
                params.extend([key_param(key), expiry]);
            }
            return Ok(());
        }
        Verb::Save(content) | Verb::Insert(content) | Verb::Update(content) => (None, content),
        Verb::Replace(expected, content) => (Some(Value::Bytes(expected.clone())), content),
        Verb::Delete | Verb::Rename(..) => {
            return Err(Failure::Final(Error::internal("a change without content")));
        }
    };
    // Alone, an update names its row last.
    if arity == 1 && matches!(statement, Statement::Update | Statement::Replace) {
        cells(content, layout, params)?;
        params.extend(which(key, layout));
    } else {
        params.push(key_param(key));
        cells(content, layout, params)?;
    }
    params.extend(expected);
    Ok(())
}

/// Data, expiry and, if the layout has it, subject.
fn cells(content: &Content, layout: &Layout, params: &mut Vec<Value>) -> Result<(), Failure> {
    let expiry = layout.expiry.store(content.expires_at).map_err(Failure::Final)?;
    params.extend([Value::Bytes(content.data.clone()), expiry]);
    if layout.subject {
        params.push(content.subject.as_ref().map_or(Value::NULL, |subject| subject.into()));
    }
    Ok(())
}

pub(super) fn rename_params(
    old: &Key,
    new: &Key,
    content: Option<&Content>,
    layout: &Layout,
    now: i64,
) -> Result<Vec<Value>, Failure> {
    let mut params = vec![key_param(new)];
    if let Some(content) = content {
        cells(content, layout, &mut params)?;
    }
    params.extend(which(old, layout));
    params.push(layout.expiry.now(now));
    Ok(params)
}
