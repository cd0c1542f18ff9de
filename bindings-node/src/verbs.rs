//! The verbs of the store: arguments to a request. The first argument is the store's number.

use sessio::operation::{Answer, Request};
use sessio::{Error, Key, Outcome as Write, Target};

use crate::args::{Value, Who, invalid, what};
use crate::call::{Call, Outcome};

/// Of a conditional write that is not a compare-and-swap: whether it was done.
fn whether_saved(answer: Answer) -> Answer {
    if let Answer::Wrote(outcome) = answer { Answer::Is(outcome == Write::Saved) } else { answer }
}

const TOKEN: &str = "the token";

pub(crate) fn find(call: &Call<'_>) -> Outcome {
    call.start(Request::Find(call.argument(1).who(TOKEN)?.target()))
}

pub(crate) fn exists(call: &Call<'_>) -> Outcome {
    call.start(Request::Exists(call.argument(1).who(TOKEN)?.target()))
}

pub(crate) fn save(call: &Call<'_>) -> Outcome {
    let who = call.argument(1).who(TOKEN)?;
    let what = what(call.argument(2), call.argument(3), call.argument(4))?;
    call.start(Request::Save(who.target(), what.content()?))
}

pub(crate) fn insert(call: &Call<'_>) -> Outcome {
    let who = call.argument(1).who(TOKEN)?;
    let what = what(call.argument(2), call.argument(3), call.argument(4))?;
    call.start(Request::Insert(who.target(), what.content()?))
}

pub(crate) fn update(call: &Call<'_>) -> Outcome {
    let who = call.argument(1).who(TOKEN)?;
    let what = what(call.argument(2), call.argument(3), call.argument(4))?;
    call.start_as(Request::Update(who.target(), what.content()?), whether_saved)
}

pub(crate) fn replace(call: &Call<'_>) -> Outcome {
    let who = call.argument(1).who(TOKEN)?;
    let expected = call.argument(2).bytes("the expected data")?;
    let what = what(call.argument(3), call.argument(4), call.argument(5))?;
    call.start(Request::Replace(who.target(), expected.as_bytes(), what.content()?))
}

pub(crate) fn touch(call: &Call<'_>) -> Outcome {
    let who = call.argument(1).who(TOKEN)?;
    call.start_as(Request::Touch(who.target(), call.argument(2).expiry()?), whether_saved)
}

/// Old and new, and either nothing or the new content.
pub(crate) fn rename(call: &Call<'_>) -> Outcome {
    let old = call.argument(1).who(TOKEN)?;
    let new = call.argument(2).who("the new token")?;
    let values = [3, 4, 5].map(|index| call.argument(index));
    let [data, expires, subject] = values;
    let given = !values.iter().all(|value| value.is_undefined());
    let what = given.then(|| what(data, expires, subject)).transpose()?;
    let content = what.as_ref().map(|what| what.content()).transpose()?;
    call.start_as(Request::Rename(old.target(), new.target(), content), whether_saved)
}

pub(crate) fn delete(call: &Call<'_>) -> Outcome {
    call.start(Request::Delete(call.argument(1).who(TOKEN)?.target()))
}

fn all(tokens: Value<'_>) -> Result<Vec<Who>, Error> {
    tokens.elements()?.into_iter().map(|token| token.who("every token")).collect()
}

fn targets(all: &[Who]) -> Vec<Target<'_>> {
    all.iter().map(Who::target).collect()
}

pub(crate) fn find_many(call: &Call<'_>) -> Outcome {
    call.start(Request::FindMany(&targets(&all(call.argument(1))?)))
}

pub(crate) fn delete_many(call: &Call<'_>) -> Outcome {
    call.start(Request::DeleteMany(&targets(&all(call.argument(1))?)))
}

/// One flat array: token, data, expires, subject, token, …
pub(crate) fn save_many(call: &Call<'_>) -> Outcome {
    let values = call.argument(1).elements()?;
    let mut rows = Vec::with_capacity(values.len() / 4);
    for row in values.chunks(4) {
        let [token, data, expires, subject] = *row else {
            return Err(invalid("a row has a token, data, an expiry and a subject"));
        };
        rows.push((token.who("every token")?, what(data, expires, subject)?));
    }
    let rows: Result<Vec<_>, _> =
        rows.iter().map(|(who, what)| Ok((who.target(), what.content()?))).collect();
    call.start(Request::SaveMany(&rows?))
}

pub(crate) fn clear(call: &Call<'_>) -> Outcome {
    call.start(Request::Clear)
}

pub(crate) fn count(call: &Call<'_>) -> Outcome {
    call.start(Request::Count)
}

pub(crate) fn after(value: Value<'_>) -> Result<Option<Key>, Error> {
    if value.is_nothing() {
        return Ok(None);
    }
    match value.who("after")? {
        Who::Key(key) => Ok(Some(key)),
        Who::Token(_) => Err(invalid("after must be a Key: what a page has as next")),
    }
}

pub(crate) fn list(call: &Call<'_>) -> Outcome {
    let limit = call.argument(1).whole("the limit")?;
    call.start(Request::List(after(call.argument(2))?.as_ref(), limit))
}

pub(crate) fn list_subject(call: &Call<'_>) -> Outcome {
    let subject = call.argument(1).required_text("the subject")?;
    let limit = call.argument(2).whole("the limit")?;
    let after = after(call.argument(3))?;
    call.start(Request::ListSubject(subject.as_str("the subject")?, after.as_ref(), limit))
}

pub(crate) fn delete_subject(call: &Call<'_>) -> Outcome {
    let subject = call.argument(1).required_text("the subject")?;
    let keep = call.argument(2);
    let keep = (!keep.is_nothing()).then(|| keep.who("keep")).transpose()?;
    let keep = keep.as_ref().map(Who::target);
    call.start(Request::DeleteSubject(subject.as_str("the subject")?, keep))
}

pub(crate) fn delete_expired(call: &Call<'_>) -> Outcome {
    call.start(Request::DeleteExpired(call.argument(1).whole("the limit")?))
}

pub(crate) fn migrate(call: &Call<'_>) -> Outcome {
    call.start(Request::Migrate)
}

pub(crate) fn migrate_from(call: &Call<'_>) -> Outcome {
    let library = call.argument(1).required_text("the library")?;
    call.start(Request::MigrateFrom(library.as_str("the library")?))
}

pub(crate) fn check(call: &Call<'_>) -> Outcome {
    call.start(Request::Check)
}

pub(crate) fn ping(call: &Call<'_>) -> Outcome {
    call.start(Request::Ping)
}
