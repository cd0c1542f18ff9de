//! The parameters of a statement over several groups, in the order that its text takes them.

use mysql_async::Value;

use crate::error::Error;
use crate::token::Key;

use super::cells::date;
use super::failure::Failure;
use super::job::{Content, Verb};
use super::layout::Layout;
use super::line;
use super::reads::key_params;
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
pub(super) fn by_keys(statement: Statement, keys: &[Key], then: &[Value]) -> line::Change {
    let arity = statement.arity(keys.len());
    let mut params = key_params(keys, arity);
    params.extend_from_slice(then);
    line::Change { statement, arity, params, exactly: None }
}

/// The statement over these groups, padded to the arity that is prepared.
pub(super) fn change(
    statement: Statement,
    part: &[&Group],
    layout: &Layout,
    now: i64,
    exactly: Option<u64>,
) -> Result<line::Change, Failure> {
    let arity = statement.arity(part.len());
    let mut params = Vec::with_capacity(arity * 5 + 2);
    let keys = |part: &[&Group]| {
        let keys: Vec<_> = part.iter().map(|group| group.change.key).collect();
        key_params(&keys, arity)
    };
    if statement == Statement::TouchTogether {
        if let Verb::Touch(expires_at) = &part[0].change.verb {
            params.push(layout.expiry.store(*expires_at).map_err(Failure::Final)?);
        }
        params.extend(keys(part));
    } else {
        for group in part {
            row(statement, arity, group, layout, &mut params)?;
        }
        let width = params.len() / part.len();
        for _ in part.len()..arity {
            if statement == Statement::Save {
                let last = params[params.len() - width..].to_vec();
                params.extend(last);
            } else {
                // An empty row joins nothing.
                params.extend(std::iter::repeat_n(Value::NULL, width));
            }
        }
    }
    if statement != Statement::Insert && (statement != Statement::Save || layout.subject) {
        params.push(date(now));
    }
    Ok(line::Change { statement, arity, params, exactly })
}

/// One row's parameters, in the order that the statement takes them.
fn row(
    statement: Statement,
    arity: usize,
    group: &Group,
    layout: &Layout,
    params: &mut Vec<Value>,
) -> Result<(), Failure> {
    let token = Value::Bytes(group.change.key.as_bytes().to_vec());
    let (expected, content) = match &group.change.verb {
        Verb::Touch(expires_at) => {
            let expiry = layout.expiry.store(*expires_at).map_err(Failure::Final)?;
            params.extend(if arity == 1 { [expiry, token] } else { [token, expiry] });
            return Ok(());
        }
        Verb::Save(content) | Verb::Insert(content) | Verb::Update(content) => (None, content),
        Verb::Replace(expected, content) => (Some(Value::Bytes(expected.clone())), content),
        Verb::Delete | Verb::Rename(..) => {
            return Err(Failure::Final(Error::internal("a change without content")));
        }
    };
    let [data, expiry, subject] = cells(content, layout)?;
    let subject = layout.subject.then_some(subject);
    // Alone, an update names its row last.
    let alone = arity == 1 && matches!(statement, Statement::Update | Statement::Replace);
    if !alone {
        params.push(token.clone());
    }
    params.extend([data, expiry]);
    params.extend(subject);
    if alone {
        params.push(token);
    }
    params.extend(expected);
    Ok(())
}

pub(super) fn cells(content: &Content, layout: &Layout) -> Result<[Value; 3], Failure> {
    let expiry = layout.expiry.store(content.expires_at).map_err(Failure::Final)?;
    let subject = content.subject.as_ref().map_or(Value::NULL, |subject| subject.as_str().into());
    Ok([Value::Bytes(content.data.clone()), expiry, subject])
}
