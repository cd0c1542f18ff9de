//! What a request asks of the backend, once its arguments were checked and its times resolved.

use crate::config::options::Options;
use crate::protocol::clock::{Clock, Expiry};
use crate::protocol::command::{CleanupRound, Command, PageRequest, Row, SourceLibrary, Write};
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::protocol::join::{Combine, combine_count, combine_found};
use crate::protocol::limits::{
    MAX_MANY, MAX_PAGE, MAX_ROUND, check_limit, check_subject, no_token,
};
use crate::protocol::record::{Content, Outcome};
use crate::protocol::request::{Answer, Request};
use crate::protocol::token::{Id, Key, Target};

/// What decides whether a request can be done, of the options.
pub(crate) struct Validator {
    hash_tokens: bool,
    plain_width: usize,
    max_data: usize,
    clock: Clock,
}

impl Validator {
    pub(crate) fn new(options: &Options) -> Self {
        Validator {
            hash_tokens: options.hashes_tokens(),
            plain_width: options.plain_width(),
            max_data: options.data_limit(),
            clock: options.clock.clone(),
        }
    }

    #[inline]
    pub(crate) fn id(&self, target: Target<'_>) -> Option<Id> {
        Id::of(target, self.hash_tokens, self.plain_width)
    }

    /// For writes that would bring a token into the store.
    pub(crate) fn new_id(&self, target: Target<'_>) -> Result<Id> {
        self.id(target).ok_or_else(|| no_token(self.plain_width))
    }

    pub(crate) fn row<'a>(&self, content: Content<'a>) -> Result<Row<'a>> {
        let limit = self.max_data;
        if content.data.len() > limit {
            let message = format!(
                "{} bytes of session data are over the limit of {limit}; store less, or raise \
                 max_data",
                content.data.len(),
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        content.subject.map_or(Ok(()), |subject| {
            if subject.is_empty() { Ok(()) } else { check_subject(subject) }
        })?;
        let expires_at = self.resolve(content.expires_at);
        Ok(Row { data: content.data, expires_at, subject: content.subject, met: content.met })
    }

    fn resolve(&self, expiry: Expiry) -> i64 {
        match expiry {
            Expiry::After(_) => expiry.resolve(self.clock.now()),
            Expiry::Never | Expiry::At(_) => expiry.resolve(0),
        }
    }

    /// Checks a request, and says what it asks of the backend.
    pub(crate) fn step<'a>(&self, request: Request<'a>) -> Result<Plan<'a>> {
        let none_found = Plan::Answer(Answer::Found(None));
        let no = Plan::Answer(Answer::Is(false));
        let gone = Plan::Answer(Answer::Wrote(Outcome::Gone));
        let write = |target, otherwise: Plan<'a>, write: Write<'a>| {
            Ok(self.id(target).map_or(otherwise, |id| Plan::Run(Command::Write(id, write))))
        };
        let store =
            |target, write: Write<'a>| Ok(Plan::Run(Command::Write(self.new_id(target)?, write)));
        match request {
            Request::Find(target) => {
                Ok(self.id(target).map_or(none_found, |id| Plan::Run(Command::Find(id))))
            }
            Request::Exists(target) => {
                Ok(self.id(target).map_or(no, |id| Plan::Run(Command::Exists(id))))
            }
            Request::Save(target, content) => store(target, Write::Save(self.row(content)?)),
            Request::Insert(target, content) => store(target, Write::Insert(self.row(content)?)),
            Request::Update(target, content) => {
                write(target, gone, Write::Update(self.row(content)?))
            }
            Request::Replace(target, expected, content) => {
                write(target, gone, Write::Replace(expected, self.row(content)?))
            }
            Request::Touch(target, expiry) => {
                write(target, gone, Write::Touch(self.resolve(expiry)))
            }
            Request::Delete(target) => write(target, no, Write::Delete),
            Request::Rename(old, new, content) => {
                let new = self.new_id(new)?;
                let row = content.map(|content| self.row(content)).transpose()?;
                Ok(self.id(old).map_or(gone, |old| Plan::Run(Command::Rename(old, new, row))))
            }
            Request::FindMany(targets) => {
                let find = |target: &Target<'a>| self.step(Request::Find(*target));
                many(targets, find, combine_found)
            }
            Request::SaveMany(rows) => {
                let save = |(target, content): &(Target<'a>, Content<'a>)| {
                    self.step(Request::Save(*target, *content))
                };
                many(rows, save, |_| Answer::Done)
            }
            Request::DeleteMany(targets) => {
                let delete = |target: &Target<'a>| self.step(Request::Delete(*target));
                many(targets, delete, combine_count)
            }
            Request::Count => Ok(Plan::Run(Command::Count)),
            Request::List(after, limit) => Ok(Plan::Run(list(None, after, limit)?)),
            Request::ListSubject(subject, after, limit) => {
                check_subject(subject)?;
                Ok(Plan::Run(list(Some(subject), after, limit)?))
            }
            Request::DeleteSubject(subject, keep) => {
                check_subject(subject)?;
                let keep = keep.and_then(|target| self.id(target));
                Ok(Plan::Run(Command::DeleteSubject(subject, keep)))
            }
            Request::Clear => Ok(Plan::Run(Command::Clear)),
            Request::DeleteExpired(limit) => {
                check_limit(limit, MAX_ROUND)?;
                Ok(Plan::Run(Command::DeleteExpired(CleanupRound { limit, exclusive: false })))
            }
            Request::Migrate => Ok(Plan::Run(Command::Migrate)),
            Request::MigrateFrom(name) => Ok(Plan::MigrateFrom(SourceLibrary::from_name(name)?)),
            Request::Check => Ok(Plan::Run(Command::Check)),
            Request::Ping => Ok(Plan::Run(Command::Ping)),
        }
    }
}

/// What a checked request has become.
pub(crate) enum Plan<'a> {
    Run(Command<'a>),
    MigrateFrom(SourceLibrary),
    /// Known without asking: no stored session can have such a token.
    Answer(Answer),
    Many(Vec<Plan<'a>>, Combine),
}

/// Checks every part before any is started.
fn many<'a, T>(
    parts: &[T],
    step: impl Fn(&T) -> Result<Plan<'a>>,
    combine: Combine,
) -> Result<Plan<'a>> {
    if parts.len() > MAX_MANY {
        return Err(Error::invalid(format!("at most {MAX_MANY} sessions in one call")));
    }
    Ok(Plan::Many(parts.iter().map(step).collect::<Result<_>>()?, combine))
}

fn list<'a>(subject: Option<&'a str>, after: Option<&Key>, limit: usize) -> Result<Command<'a>> {
    check_limit(limit, MAX_PAGE)?;
    Ok(Command::List(PageRequest { subject, after: after.copied(), limit }))
}
