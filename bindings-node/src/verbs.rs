//! The verbs of the store: arguments to a request. The first argument is the store's number.

use sessio::operation::{Answer, Request};
use sessio::{Error, Key, Outcome, Target};

use crate::arguments::{JsValue, TargetArgument, content, invalid};
use crate::call::{Call, CallResult};

/// Of a conditional write that is not a compare-and-swap: whether it was done.
fn whether_saved(answer: Answer) -> Answer {
    if let Answer::Wrote(outcome) = answer { Answer::Is(outcome == Outcome::Saved) } else { answer }
}

const TOKEN: &str = "the token";

pub(crate) fn find(call: &Call<'_>) -> CallResult {
    call.start(Request::Find(call.argument(1).target(TOKEN)?.as_target()))
}

pub(crate) fn exists(call: &Call<'_>) -> CallResult {
    call.start(Request::Exists(call.argument(1).target(TOKEN)?.as_target()))
}

pub(crate) fn save(call: &Call<'_>) -> CallResult {
    let target = call.argument(1).target(TOKEN)?;
    let content = content(call.argument(2), call.argument(3), call.argument(4))?;
    call.start(Request::Save(target.as_target(), content.as_content()?))
}

pub(crate) fn insert(call: &Call<'_>) -> CallResult {
    let target = call.argument(1).target(TOKEN)?;
    let content = content(call.argument(2), call.argument(3), call.argument(4))?;
    call.start(Request::Insert(target.as_target(), content.as_content()?))
}

pub(crate) fn update(call: &Call<'_>) -> CallResult {
    let target = call.argument(1).target(TOKEN)?;
    let content = content(call.argument(2), call.argument(3), call.argument(4))?;
    call.start_as(Request::Update(target.as_target(), content.as_content()?), whether_saved)
}

pub(crate) fn replace(call: &Call<'_>) -> CallResult {
    let target = call.argument(1).target(TOKEN)?;
    let expected = call.argument(2).bytes("the expected data")?;
    let content = content(call.argument(3), call.argument(4), call.argument(5))?;
    call.start(Request::Replace(target.as_target(), expected.as_bytes(), content.as_content()?))
}

pub(crate) fn touch(call: &Call<'_>) -> CallResult {
    let target = call.argument(1).target(TOKEN)?;
    call.start_as(Request::Touch(target.as_target(), call.argument(2).expiry()?), whether_saved)
}

/// Old and new, and either nothing or the new content.
pub(crate) fn rename(call: &Call<'_>) -> CallResult {
    let old = call.argument(1).target(TOKEN)?;
    let new = call.argument(2).target("the new token")?;
    let values = [3, 4, 5].map(|index| call.argument(index));
    let [data, expires, subject] = values;
    let given = !values.iter().all(|value| value.is_undefined());
    let content = given.then(|| content(data, expires, subject)).transpose()?;
    let content = content.as_ref().map(|content| content.as_content()).transpose()?;
    call.start_as(Request::Rename(old.as_target(), new.as_target(), content), whether_saved)
}

pub(crate) fn delete(call: &Call<'_>) -> CallResult {
    call.start(Request::Delete(call.argument(1).target(TOKEN)?.as_target()))
}

fn all(tokens: JsValue<'_>) -> Result<Vec<TargetArgument>, Error> {
    tokens.elements()?.into_iter().map(|token| token.target("every token")).collect()
}

fn targets(all: &[TargetArgument]) -> Vec<Target<'_>> {
    all.iter().map(TargetArgument::as_target).collect()
}

pub(crate) fn find_many(call: &Call<'_>) -> CallResult {
    call.start(Request::FindMany(&targets(&all(call.argument(1))?)))
}

pub(crate) fn delete_many(call: &Call<'_>) -> CallResult {
    call.start(Request::DeleteMany(&targets(&all(call.argument(1))?)))
}

/// One flat array: token, data, expires, subject, token, …
pub(crate) fn save_many(call: &Call<'_>) -> CallResult {
    let values = call.argument(1).elements()?;
    let mut rows = Vec::with_capacity(values.len() / 4);
    for row in values.chunks(4) {
        let [token, data, expires, subject] = *row else {
            return Err(invalid("a row has a token, data, an expiry and a subject"));
        };
        rows.push((token.target("every token")?, content(data, expires, subject)?));
    }
    let rows: Result<Vec<_>, _> = rows
        .iter()
        .map(|(target, content)| Ok((target.as_target(), content.as_content()?)))
        .collect();
    call.start(Request::SaveMany(&rows?))
}

pub(crate) fn clear(call: &Call<'_>) -> CallResult {
    call.start(Request::Clear)
}

pub(crate) fn count(call: &Call<'_>) -> CallResult {
    call.start(Request::Count)
}

pub(crate) fn after(value: JsValue<'_>) -> Result<Option<Key>, Error> {
    if value.is_nothing() {
        return Ok(None);
    }
    match value.target("after")? {
        TargetArgument::Key(key) => Ok(Some(key)),
        TargetArgument::Token(_) => Err(invalid("after must be a Key: what a page has as next")),
    }
}

pub(crate) fn list(call: &Call<'_>) -> CallResult {
    let limit = call.argument(1).whole("the limit")?;
    call.start(Request::List(after(call.argument(2))?.as_ref(), limit))
}

pub(crate) fn list_subject(call: &Call<'_>) -> CallResult {
    let subject = call.argument(1).required_text("the subject")?;
    let limit = call.argument(2).whole("the limit")?;
    let after = after(call.argument(3))?;
    call.start(Request::ListSubject(subject.as_str("the subject")?, after.as_ref(), limit))
}

pub(crate) fn delete_subject(call: &Call<'_>) -> CallResult {
    let subject = call.argument(1).required_text("the subject")?;
    let keep = call.argument(2);
    let keep = (!keep.is_nothing()).then(|| keep.target("keep")).transpose()?;
    let keep = keep.as_ref().map(TargetArgument::as_target);
    call.start(Request::DeleteSubject(subject.as_str("the subject")?, keep))
}

pub(crate) fn delete_expired(call: &Call<'_>) -> CallResult {
    call.start(Request::DeleteExpired(call.argument(1).whole("the limit")?))
}

pub(crate) fn migrate(call: &Call<'_>) -> CallResult {
    call.start(Request::Migrate)
}

pub(crate) fn migrate_from(call: &Call<'_>) -> CallResult {
    let library = call.argument(1).required_text("the library")?;
    call.start(Request::MigrateFrom(library.as_str("the library")?))
}

pub(crate) fn check(call: &Call<'_>) -> CallResult {
    call.start(Request::Check)
}

pub(crate) fn ping(call: &Call<'_>) -> CallResult {
    call.start(Request::Ping)
}
