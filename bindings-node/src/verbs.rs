//! The verbs of the store: arguments to a request.
//!
//! Made by `cargo xtask gen` from `api/store.toml`: change that.

use sessio::operation::Request;

use crate::arguments::{after, as_rows, as_targets, content, optional_content, rows, targets};
use crate::call::{Call, CallResult, NativeFunction, functions, run, whether_saved};

pub(crate) const FUNCTIONS: &[NativeFunction] = functions! {
    c"find" => |call| run(call, find),
    c"exists" => |call| run(call, exists),
    c"save" => |call| run(call, save),
    c"insert" => |call| run(call, insert),
    c"update" => |call| run(call, update),
    c"replace" => |call| run(call, replace),
    c"touch" => |call| run(call, touch),
    c"rename" => |call| run(call, rename),
    c"delete" => |call| run(call, delete),
    c"findMany" => |call| run(call, find_many),
    c"saveMany" => |call| run(call, save_many),
    c"deleteMany" => |call| run(call, delete_many),
    c"count" => |call| run(call, count),
    c"list" => |call| run(call, list),
    c"listSubject" => |call| run(call, list_subject),
    c"deleteSubject" => |call| run(call, delete_subject),
    c"clearStore" => |call| run(call, clear),
    c"deleteExpired" => |call| run(call, delete_expired),
    c"migrate" => |call| run(call, migrate),
    c"migrateFrom" => |call| run(call, migrate_from),
    c"check" => |call| run(call, check),
    c"ping" => |call| run(call, ping),
};

fn find(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).target("the token")?;
    call.start(Request::Find(token.as_target()))
}

fn exists(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).target("the token")?;
    call.start(Request::Exists(token.as_target()))
}

fn save(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).target("the token")?;
    let content = content(call.argument(2), call.argument(3), call.argument(4))?;
    call.start(Request::Save(token.as_target(), content.as_content()?))
}

fn insert(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).target("the token")?;
    let content = content(call.argument(2), call.argument(3), call.argument(4))?;
    call.start(Request::Insert(token.as_target(), content.as_content()?))
}

fn update(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).target("the token")?;
    let content = content(call.argument(2), call.argument(3), call.argument(4))?;
    call.start_as(Request::Update(token.as_target(), content.as_content()?), whether_saved)
}

fn replace(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).target("the token")?;
    let expected = call.argument(2).bytes("the expected data")?;
    let content = content(call.argument(3), call.argument(4), call.argument(5))?;
    call.start(Request::Replace(token.as_target(), expected.as_bytes(), content.as_content()?))
}

fn touch(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).target("the token")?;
    let expires_at = call.argument(2).expiry()?;
    call.start_as(Request::Touch(token.as_target(), expires_at), whether_saved)
}

fn rename(call: &Call<'_>) -> CallResult {
    let old = call.argument(1).target("the old token")?;
    let new = call.argument(2).target("the new token")?;
    let content = optional_content(call.argument(3), call.argument(4), call.argument(5))?;
    call.start_as(
        Request::Rename(
            old.as_target(),
            new.as_target(),
            content.as_ref().map(|content| content.as_content()).transpose()?,
        ),
        whether_saved,
    )
}

fn delete(call: &Call<'_>) -> CallResult {
    let token = call.argument(1).target("the token")?;
    call.start(Request::Delete(token.as_target()))
}

fn find_many(call: &Call<'_>) -> CallResult {
    let tokens = targets(call.argument(1), "every token")?;
    call.start(Request::FindMany(&as_targets(&tokens)))
}

fn save_many(call: &Call<'_>) -> CallResult {
    let rows = rows(call.argument(1), "every token")?;
    call.start(Request::SaveMany(&as_rows(&rows)?))
}

fn delete_many(call: &Call<'_>) -> CallResult {
    let tokens = targets(call.argument(1), "every token")?;
    call.start(Request::DeleteMany(&as_targets(&tokens)))
}

fn count(call: &Call<'_>) -> CallResult {
    call.start(Request::Count)
}

fn list(call: &Call<'_>) -> CallResult {
    let limit = call.argument(1).whole("the limit")?;
    let after = after(call.argument(2))?;
    call.start(Request::List(after.as_ref(), limit))
}

fn list_subject(call: &Call<'_>) -> CallResult {
    let subject = call.argument(1).required_text("the subject")?;
    let limit = call.argument(2).whole("the limit")?;
    let after = after(call.argument(3))?;
    call.start(Request::ListSubject(subject.as_str("the subject")?, after.as_ref(), limit))
}

fn delete_subject(call: &Call<'_>) -> CallResult {
    let subject = call.argument(1).required_text("the subject")?;
    let keep = call.argument(2).optional_target("keep")?;
    call.start(Request::DeleteSubject(
        subject.as_str("the subject")?,
        keep.as_ref().map(|keep| keep.as_target()),
    ))
}

fn clear(call: &Call<'_>) -> CallResult {
    call.start(Request::Clear)
}

fn delete_expired(call: &Call<'_>) -> CallResult {
    let limit = call.argument(1).whole("the limit")?;
    call.start(Request::DeleteExpired(limit))
}

fn migrate(call: &Call<'_>) -> CallResult {
    call.start(Request::Migrate)
}

fn migrate_from(call: &Call<'_>) -> CallResult {
    let library = call.argument(1).required_text("the library")?;
    call.start(Request::MigrateFrom(library.as_str("the library")?))
}

fn check(call: &Call<'_>) -> CallResult {
    call.start(Request::Check)
}

fn ping(call: &Call<'_>) -> CallResult {
    call.start(Request::Ping)
}
