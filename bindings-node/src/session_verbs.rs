//! The verbs of sessions and their managers: arguments to a request.
//!
//! Made by `cargo xtask gen` from `api/session.toml`: change that.

use sessio::operation::SessionRequest;

use crate::arguments::{TargetArgument, after};
use crate::call::{Call, CallResult, NativeFunction, done, functions, run};
use crate::manager::{add, manager, transaction};
use crate::session::{
    flag, integer, map, optional_value, owned, session, text, text_or_null, this, timeout, value,
};

pub(crate) const FUNCTIONS: &[NativeFunction] = functions! {
    c"ensureLoaded" => |call| run(call, ensure_loaded),
    c"get" => |call| run(call, get),
    c"pop" => |call| run(call, pop),
    c"contains" => |call| run(call, contains),
    c"keys" => |call| run(call, keys),
    c"values" => |call| run(call, values),
    c"snapshotJson" => |call| run(call, snapshot_json),
    c"flashes" => |call| run(call, flashes),
    c"extra" => |call| run(call, extra),
    c"deadline" => |call| run(call, deadline),
    c"expiresAt" => |call| run(call, expires_at),
    c"remembered" => |call| run(call, remembered),
    c"idleTimeout" => |call| run(call, idle_timeout),
    c"subject" => |call| run(call, subject),
    c"isNew" => |call| run(call, is_new),
    c"put" => |call| run(call, put),
    c"putIfChanged" => |call| run(call, put_if_changed),
    c"assign" => |call| run(call, assign),
    c"increment" => |call| run(call, increment),
    c"append" => |call| run(call, append),
    c"remove" => |call| run(call, remove),
    c"clear" => |call| run(call, clear),
    c"flash" => |call| run(call, flash),
    c"setExtra" => |call| run(call, set_extra),
    c"renew" => |call| run(call, renew),
    c"regenerate" => |call| run(call, regenerate),
    c"storeEmpty" => |call| run(call, store_empty),
    c"setDeadline" => |call| run(call, set_deadline),
    c"touchSession" => |call| run(call, touch_session),
    c"rememberMe" => |call| run(call, remember_me),
    c"setIdleTimeout" => |call| run(call, set_idle_timeout),
    c"setSubject" => |call| run(call, set_subject),
    c"take" => |call| run(call, take),
    c"ensureToken" => |call| run(call, ensure_token),
    c"destroy" => |call| run(call, destroy),
    c"mergeFrom" => |call| run(call, merge_from),
    c"findSession" => |call| run(call, find_session),
    c"create" => |call| run(call, create),
    c"commit" => |call| run(call, commit),
    c"listSessions" => |call| run(call, list_sessions),
    c"listSubjectSessions" => |call| run(call, list_subject_sessions),
    c"beginTransaction" => |call| run(call, begin_transaction),
    c"finishTransaction" => |call| run(call, finish_transaction),
};

fn ensure_loaded(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::EnsureLoaded(this(call)?))
}

fn get(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), "the key")?;
    call.start_session(SessionRequest::Get(this(call)?, key))
}

fn pop(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), "the key")?;
    call.start_session(SessionRequest::Pop(this(call)?, key))
}

fn contains(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), "the key")?;
    call.start_session(SessionRequest::Contains(this(call)?, key))
}

fn keys(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Keys(this(call)?))
}

fn values(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Values(this(call)?))
}

fn snapshot_json(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::SnapshotJson(this(call)?))
}

fn flashes(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Flashes(this(call)?))
}

fn extra(call: &Call<'_>) -> CallResult {
    let name = owned(call.argument(1), "the name")?;
    call.start_session(SessionRequest::Extra(this(call)?, name))
}

fn deadline(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Deadline(this(call)?))
}

fn expires_at(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::ExpiresAt(this(call)?))
}

fn remembered(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Remembered(this(call)?))
}

fn idle_timeout(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::IdleTimeout(this(call)?))
}

fn subject(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Subject(this(call)?))
}

fn is_new(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::IsNew(this(call)?))
}

fn put(call: &Call<'_>) -> CallResult {
    let key = text(call.argument(1), "the key")?;
    let value = value(call.argument(2), call.argument(3))?;
    this(call)?.put_value(key.as_str("the key")?, value)?;
    done()
}

fn put_if_changed(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), "the key")?;
    let value = value(call.argument(2), call.argument(3))?;
    call.start_session(SessionRequest::PutIfChanged(this(call)?, key, value))
}

fn assign(call: &Call<'_>) -> CallResult {
    let values = map(call.argument(1), "the values")?;
    call.start_session(SessionRequest::Assign(this(call)?, values))
}

fn increment(call: &Call<'_>) -> CallResult {
    let key = text(call.argument(1), "the key")?;
    let by = integer(call.argument(2), call.argument(3), "increment")?;
    this(call)?.increment(key.as_str("the key")?, by)?;
    done()
}

fn append(call: &Call<'_>) -> CallResult {
    let key = text(call.argument(1), "the key")?;
    let item = value(call.argument(2), call.argument(3))?;
    this(call)?.append_value(key.as_str("the key")?, item)?;
    done()
}

fn remove(call: &Call<'_>) -> CallResult {
    let key = text(call.argument(1), "the key")?;
    this(call)?.remove(key.as_str("the key")?);
    done()
}

fn clear(call: &Call<'_>) -> CallResult {
    this(call)?.clear();
    done()
}

fn flash(call: &Call<'_>) -> CallResult {
    let key = text(call.argument(1), "the key")?;
    let value = value(call.argument(2), call.argument(3))?;
    this(call)?.flash_value(key.as_str("the key")?, value)?;
    done()
}

fn set_extra(call: &Call<'_>) -> CallResult {
    let name = text(call.argument(1), "the name")?;
    let value = optional_value(call.argument(2), call.argument(3))?;
    this(call)?.set_extra(name.as_str("the name")?, value)?;
    done()
}

fn renew(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Renew(this(call)?))
}

fn regenerate(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Regenerate(this(call)?))
}

fn store_empty(call: &Call<'_>) -> CallResult {
    this(call)?.store_empty();
    done()
}

fn set_deadline(call: &Call<'_>) -> CallResult {
    let deadline = call.argument(1).expiry()?;
    this(call)?.set_deadline(deadline);
    done()
}

fn touch_session(call: &Call<'_>) -> CallResult {
    this(call)?.touch();
    done()
}

fn remember_me(call: &Call<'_>) -> CallResult {
    let remember = flag(call.argument(1), "remember")?;
    this(call)?.remember_me(remember);
    done()
}

fn set_idle_timeout(call: &Call<'_>) -> CallResult {
    let timeout = timeout(call.argument(1), "the idle timeout")?;
    this(call)?.set_idle_timeout(timeout)?;
    done()
}

fn set_subject(call: &Call<'_>) -> CallResult {
    let subject = text_or_null(call.argument(1), "the subject")?;
    this(call)?
        .set_subject(subject.as_ref().map(|subject| subject.as_str("the subject")).transpose()?)?;
    done()
}

fn take(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), "the key")?;
    call.start_session(SessionRequest::Take(this(call)?, key))
}

fn ensure_token(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::EnsureToken(this(call)?))
}

fn destroy(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Destroy(this(call)?))
}

fn merge_from(call: &Call<'_>) -> CallResult {
    let token = owned(call.argument(1), "the token")?;
    call.start_session(SessionRequest::MergeFrom(this(call)?, token))
}

fn find_session(call: &Call<'_>) -> CallResult {
    let request = match call.argument(1).target("the token")? {
        TargetArgument::Token(text) => {
            SessionRequest::Find(manager(call)?, text.as_str("the token")?.to_owned())
        }
        TargetArgument::Key(key) => SessionRequest::FindKey(manager(call)?, key),
    };
    call.start_session(request)
}

fn create(call: &Call<'_>) -> CallResult {
    let token = text(call.argument(1), "the token")?;
    add(call, call.argument(2), |manager| manager.create(token.as_str("the token")?))
}

fn commit(call: &Call<'_>) -> CallResult {
    let session = session(call, call.argument(1))?;
    call.start_session(SessionRequest::Commit(manager(call)?, session))
}

fn list_sessions(call: &Call<'_>) -> CallResult {
    let limit = call.argument(1).whole("the limit")?;
    let after = after(call.argument(2))?;
    call.start_session(SessionRequest::List(manager(call)?, after, limit))
}

fn list_subject_sessions(call: &Call<'_>) -> CallResult {
    let subject = owned(call.argument(1), "the subject")?;
    let limit = call.argument(2).whole("the limit")?;
    let after = after(call.argument(3))?;
    call.start_session(SessionRequest::ListSubject(manager(call)?, subject, after, limit))
}

fn begin_transaction(call: &Call<'_>) -> CallResult {
    call.start_session(SessionRequest::Begin(transaction(call)?))
}

fn finish_transaction(call: &Call<'_>) -> CallResult {
    let session = session(call, call.argument(1))?;
    call.start_session(SessionRequest::Finish(transaction(call)?, session))
}
