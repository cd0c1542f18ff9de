//! What answers of sessions become in C, put into the places that the program gives.

use std::time::Duration;

use sessio::operation::SessionRequest;
use sessio::{CommitResult, Result, Session, Timestamp, Value};

use crate::guard::into_raw;
use crate::option_members::SESSIO_OFF;
use crate::record::SESSIO_NEVER;
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

use super::call::call_session;
use super::commit_result::{self, sessio_commit_result};
use super::lifecycle::sessio_session;
use super::value::{sessio_value, value_out};

/// Hands out a list of texts.
pub(crate) fn texts_out(slot: &mut *mut sessio_value, texts: Vec<String>) -> i32 {
    let texts: Vec<Value> = texts.into_iter().map(Value::from).collect();
    value_out(slot, Some(texts))
}

/// Hands out a session, or returns SESSIO_NOT_FOUND.
pub(crate) fn session_out(slot: &mut *mut sessio_session, session: Option<Session>) -> i32 {
    let Some(session) = session else { return SESSIO_NOT_FOUND };
    *slot = into_raw(sessio_session { session });
    SESSIO_DONE
}

/// The status of a commit, whose result is handed out if the program wants it.
pub(crate) fn result_out(
    slot: Option<&mut *mut sessio_commit_result>,
    result: &CommitResult,
) -> i32 {
    if let Some(slot) = slot {
        *slot = into_raw(sessio_commit_result::new(result));
    }
    commit_result::status(result.outcome)
}

/// Sets a choice, or returns SESSIO_NOT_FOUND where none was made.
pub(crate) fn choice_out(slot: &mut bool, choice: Option<bool>) -> i32 {
    let Some(choice) = choice else { return SESSIO_NOT_FOUND };
    *slot = choice;
    SESSIO_DONE
}

/// Sets microseconds, SESSIO_OFF for 0, or returns SESSIO_NOT_FOUND where nothing was set.
pub(crate) fn timeout_out(slot: &mut i64, timeout: Option<Duration>) -> i32 {
    let Some(timeout) = timeout else { return SESSIO_NOT_FOUND };
    *slot = match timeout.as_micros() {
        0 => SESSIO_OFF.into(),
        micros => i64::try_from(micros).unwrap_or(i64::MAX),
    };
    SESSIO_DONE
}

/// Sets when the session ends: SESSIO_NEVER if it has no end. A session that is not stored has
/// none either, and is SESSIO_NOT_FOUND.
///
/// # Safety
/// `session` is NULL or points to a live session.
pub(crate) unsafe fn expiry_out(
    session: *mut sessio_session,
    slot: &mut i64,
    expires_at: Option<Timestamp>,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    if expires_at.is_none() && unsafe { call_session(session, SessionRequest::IsNew) }? {
        return Ok(SESSIO_NOT_FOUND);
    }
    *slot = expires_at.map_or(SESSIO_NEVER, Timestamp::as_micros);
    Ok(SESSIO_DONE)
}
