//! What a request has become once it is checked.

use crate::backend::{Command, Origin, Page};
use crate::error::{Error, Result};
use crate::gather::Combine;
use crate::limits::{MAX_MANY, MAX_PAGE, check_limit};
use crate::operation::Answer;
use crate::token::Key;

pub(crate) enum Step<'a> {
    Run(Command<'a>),
    MigrateFrom(Origin),
    /// Known without asking: no stored session can have such a token.
    Answer(Answer),
    Many(Vec<Step<'a>>, Combine),
}

/// Checks every part before any is started.
pub(crate) fn many<'a, T>(
    parts: &[T],
    step: impl Fn(&T) -> Result<Step<'a>>,
    combine: Combine,
) -> Result<Step<'a>> {
    if parts.len() > MAX_MANY {
        return Err(Error::invalid(format!("at most {MAX_MANY} sessions in one call")));
    }
    Ok(Step::Many(parts.iter().map(step).collect::<Result<_>>()?, combine))
}

pub(crate) fn list<'a>(
    subject: Option<&'a str>,
    after: Option<&Key>,
    limit: usize,
) -> Result<Command<'a>> {
    check_limit(limit, MAX_PAGE)?;
    Ok(Command::List(Page { subject, after: after.copied(), limit }))
}
