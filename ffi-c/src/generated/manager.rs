//! The verbs of a manager.
//!
//! Made by `cargo xtask gen` from `api/session.toml`: change that.

use std::ffi::c_char;
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{CommitResult, Session, SessionPage};

use crate::arguments;
use crate::error::sessio_error;
use crate::guard::{arg, guard, into_raw, named};
use crate::session::answers::{result_out, session_out};
use crate::session::call::{call_manager, unexpected_answer};
use crate::session::commit_result::sessio_commit_result;
use crate::session::lifecycle::sessio_session;
use crate::session::manager::sessio_manager;
use crate::session::page::sessio_session_page;
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

/// The session of a token, already loaded, if it is live; otherwise SESSIO_NOT_FOUND.
///
/// Asks the store. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_find(
    manager: *mut sessio_manager,
    token: *const c_char,
    token_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let session = arg!(out(session, ptr::null_mut()))?;
            arg!(borrow(manager))?;
            let token = arg!(bytes(token, token_len))?;
            let Ok(token) = std::str::from_utf8(token) else { return Ok(SESSIO_NOT_FOUND) };
            let answer: Option<Session> =
                call_manager(manager, |manager| SessionRequest::Find(manager, token.to_owned()))?;
            Ok(session_out(session, answer))
        })
    }
}

/// The session of a key, as in a list: another client's, whose commit sends no cookie.
/// SESSIO_NOT_FOUND if it is not live. sessio_key_from_text() checks a key that comes from a web
/// page.
///
/// Keys are no secrets: anyone who can read the table knows them. Check who may act on a session
/// before you accept its key from a client.
///
/// Asks the store. Fails as sessio_session_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_find_by_key(
    manager: *mut sessio_manager,
    key: *const c_char,
    key_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let session = arg!(out(session, ptr::null_mut()))?;
            let key = named("key", arguments::key(key, key_len))?;
            let answer: Option<Session> =
                call_manager(manager, |manager| SessionRequest::FindKey(manager, key))?;
            Ok(session_out(session, answer))
        })
    }
}

/// A new session under a token that the program chooses, for frameworks that make their own ids.
/// The commit inserts it if it has values, or after sessio_session_store_empty(). If a session with
/// this token is live by then, the commit stores nothing, sends no cookie, and its outcome is a
/// conflict.
///
/// The token is the client's secret. It must be random, at least 128 bits, and made by the program:
/// a token that was taken from a client is shared with the attacker who planted it.
///
/// Does not ask the store. Fails with SESSIO_INVALID_ARGUMENT for a token that cannot be stored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_create(
    manager: *mut sessio_manager,
    token: *const c_char,
    token_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let session = arg!(out(session, ptr::null_mut()))?;
            let token = arg!(text(token, token_len))?.to_owned();
            let answer: Option<Session> =
                call_manager(manager, |manager| SessionRequest::Create(manager, token))?;
            Ok(session_out(session, Some(answer.ok_or_else(unexpected_answer)?)))
        })
    }
}

/// Stores the changes of a session at the end of its request. `*result` says what to send to the
/// client; send it with each of these:
///
/// - SESSIO_DONE: stored, or there was nothing to store.
///
/// - SESSIO_GONE: another request has ended the session or given it a new token. Nothing was
///   stored, and no cookie is sent because the client may have a newer one.
///
/// - SESSIO_CONFLICT: another request has changed the session, and the setting `on_conflict` is
///   `fail`; or the token of sessio_manager_create() is taken. Nothing was stored.
///
/// A new session is inserted under a new token. A loaded one is written only if the store still has
/// what was loaded; if another request has changed it since, this one's changes are applied on top,
/// key by key. The changes are kept after an error, so the call can be repeated. `result` may be
/// NULL.
///
/// Asks the store. Fails as sessio_session_get(), and with SESSIO_TOO_LARGE, SESSIO_FULL in memory,
/// SESSIO_UNSUPPORTED for a subject where the table has no column for it, SESSIO_OVERLOADED if
/// other requests keep changing the session first, and SESSIO_INVALID_ARGUMENT for a session of
/// another manager and for an increment or an item that does not fit what is stored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_commit(
    manager: *mut sessio_manager,
    session: *mut sessio_session,
    result: *mut *mut sessio_commit_result,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let result = arg!(out_if(result, ptr::null_mut()))?;
            let session = arg!(borrow(session))?.session.clone();
            let answer: CommitResult =
                call_manager(manager, |manager| SessionRequest::Commit(manager, session))?;
            Ok(result_out(result, &answer))
        })
    }
}

/// A page of 1 to 1,000 live sessions in the order of their keys, after the given one: pass the
/// `next` of one page to get the next. Each can be read, changed, committed and destroyed. They are
/// other clients' sessions: they have no token, and their commits send no cookie. `after` is NULL
/// for the first page.
///
/// Asks the store. Fails as sessio_store_list(), and with SESSIO_INVALID_ARGUMENT for the limit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_list(
    manager: *mut sessio_manager,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    page: *mut *mut sessio_session_page,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let page = arg!(out(page, ptr::null_mut()))?;
            let after = named("after", arguments::after(after, after_len))?;
            let answer: SessionPage =
                call_manager(manager, |manager| SessionRequest::List(manager, after, limit))?;
            *page = into_raw(sessio_session_page::new(answer));
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_list() for the sessions of one subject, such as a user's devices. `after` is NULL
/// for the first page.
///
/// Asks the store. Fails as sessio_manager_list(), and with SESSIO_INVALID_ARGUMENT for a subject
/// that is not 1 to 255 characters long, and SESSIO_UNSUPPORTED where the table has no column for
/// subjects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_list_subject(
    manager: *mut sessio_manager,
    subject: *const c_char,
    subject_len: usize,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    page: *mut *mut sessio_session_page,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let page = arg!(out(page, ptr::null_mut()))?;
            let subject = arg!(text(subject, subject_len))?.to_owned();
            let after = named("after", arguments::after(after, after_len))?;
            let answer: SessionPage = call_manager(manager, |manager| {
                SessionRequest::ListSubject(manager, subject, after, limit)
            })?;
            *page = into_raw(sessio_session_page::new(answer));
            Ok(SESSIO_DONE)
        })
    }
}
