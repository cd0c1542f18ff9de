//! Managers: they load the session of a request and commit it.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{CommitResult, Result, Session, SessionManager};

use crate::arguments::after;
use crate::content::sessio_text;
use crate::error::{c_text, sessio_error, unknown_name};
use crate::guard::{arg, borrow_if, bytes, free, guard, guard_or, into_raw, named};
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};
use crate::store::sessio_store;

use super::call::{call, call_manager, unexpected_answer};
use super::commit_result::{self, sessio_commit_result};
use super::lifecycle::sessio_session;
use super::options::{options, sessio_manager_options};
use super::page::sessio_session_page;

/// Sessions over a store: loads the session of a request, and commits it. A program has one
/// manager, or one for each kind of session, each with its own cookie name.
pub struct sessio_manager {
    pub(crate) manager: SessionManager,
    cookie_name: CString,
}

/// Makes a manager of the sessions in a store. `options` may be NULL. Does not ask the store.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a setting that does not exist or has a wrong value, and
/// for settings that contradict each other or that browsers refuse.
///
/// The manager keeps what it needs of the store; but sessio_store_free() closes the store, and the
/// manager's calls then fail with SESSIO_CLOSED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_open(
    store: *mut sessio_store,
    options: *const sessio_manager_options,
    manager: *mut *mut sessio_manager,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(manager, ptr::null_mut()))?;
            let store = arg!(borrow(store))?.store.asynchronous().clone();
            let options = self::options(options, &store)?;
            let manager = SessionManager::with(store, options)?;
            let cookie_name = c_text(manager.cookie().cookie_name());
            *slot = into_raw(sessio_manager { manager, cookie_name });
            Ok(SESSIO_DONE)
        })
    }
}

/// The name of the cookie. `""` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_cookie_name(
    manager: *const sessio_manager,
) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        // SAFETY: NULL or a live manager, as the header demands.
        unsafe { borrow_if(manager) }.map_or(c"".as_ptr(), |this| this.cookie_name.as_ptr())
    })
}

/// Sets `*value` to how often an event has happened to sessions of a manager in this process. The
/// names are those of sessio_event_name(): `"created"`, `"renewed"`, `"destroyed"`, `"touched"`,
/// `"merged"`, `"conflict"`, `"gone"`, `"corrupt"`. Fails with SESSIO_INVALID_ARGUMENT for other
/// names. A forked child continues the parent's counts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_stats(
    manager: *const sessio_manager,
    name: *const c_char,
    value: *mut u64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let value = arg!(out(value, 0))?;
            let (this, name) = (arg!(borrow(manager))?, arg!(string(name))?);
            let fields = this.manager.stats().fields();
            let field = fields.iter().find(|(field, _)| *field == name);
            *value = field.ok_or_else(|| unknown_name(name, &fields))?.1;
            Ok(SESSIO_DONE)
        })
    }
}

/// The session of a token; a new session for NULL and 0. Does not ask the store: the first function
/// that reads the session does. A token that proves to be unknown, expired or malformed gives a new
/// session and is not adopted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load(
    manager: *mut sessio_manager,
    token: *const c_char,
    token_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(session, ptr::null_mut()))?;
            let (this, token) = (arg!(borrow(manager))?, arg!(bytes(token, token_len))?);
            let session = this.manager.load(std::str::from_utf8(token).ok());
            *slot = into_raw(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_load() with the token from the `Cookie` header of a request. The header is
/// untrusted: if it is missing (NULL and 0) or malformed, the session is a new one, whatever its
/// length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load_cookie(
    manager: *mut sessio_manager,
    header: *const c_char,
    header_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(session, ptr::null_mut()))?;
            let (this, header) = (arg!(borrow(manager))?, arg!(bytes(header, header_len))?);
            let session = this.manager.load_cookie(header);
            *slot = into_raw(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_load_cookie() for a request with several `Cookie` headers, as HTTP/2 allows: an
/// array of `count` texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load_cookies(
    manager: *mut sessio_manager,
    headers: *const sessio_text,
    count: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(session, ptr::null_mut()))?;
            let (this, headers) = (arg!(borrow(manager))?, arg!(array(headers, count))?.iter());
            let headers = headers.map(|header| bytes(header.text, header.len));
            let headers = named("headers[…].text", headers.collect::<Result<Vec<&[u8]>>>())?;
            let session = this.manager.load_cookies(headers);
            *slot = into_raw(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_load() with the token from another header: the token, with or without `Bearer `
/// before it. As untrusted as a cookie.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load_header(
    manager: *mut sessio_manager,
    header: *const c_char,
    header_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(session, ptr::null_mut()))?;
            let (this, header) = (arg!(borrow(manager))?, arg!(bytes(header, header_len))?);
            let session = this.manager.load_header(header);
            *slot = into_raw(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// The session of a token, already loaded, if it is live; otherwise SESSIO_NOT_FOUND. Asks the
/// store.
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
            let slot = arg!(out(session, ptr::null_mut()))?;
            let (this, token) = (arg!(borrow(manager))?, arg!(bytes(token, token_len))?);
            let Ok(token) = std::str::from_utf8(token) else { return Ok(SESSIO_NOT_FOUND) };
            let find = SessionRequest::Find(this.manager.clone(), token.to_owned());
            session_out(call(find, this.manager.store())?, slot)
        })
    }
}

/// The session of a key, as in a list: another client's, whose commit sends no cookie.
/// SESSIO_NOT_FOUND if it is not live. sessio_key_from_text() checks a key that comes from a web
/// page. Asks the store.
///
/// Keys are no secrets: anyone who can read the table knows them. Check who may act on a session
/// before you accept its key from a client.
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
            let slot = arg!(out(session, ptr::null_mut()))?;
            let key = named("key", crate::arguments::key(key, key_len))?;
            let find = |manager| SessionRequest::FindKey(manager, key);
            session_out(call_manager(manager, find)?, slot)
        })
    }
}

/// Hands out a session, or returns SESSIO_NOT_FOUND.
fn session_out(session: Option<Session>, slot: &mut *mut sessio_session) -> Result<i32> {
    let Some(session) = session else { return Ok(SESSIO_NOT_FOUND) };
    *slot = into_raw(sessio_session { session });
    Ok(SESSIO_DONE)
}

/// A new session under a token that the program chooses, for frameworks that make their own ids.
/// The commit inserts it if it has values, or after sessio_session_store_empty(). If a session with
/// this token is live by then, the commit stores nothing, sends no cookie and returns
/// SESSIO_CONFLICT. Does not ask the store.
///
/// The token is the client's secret. It must be random, at least 128 bits, and made by the program:
/// a token that was taken from a client is shared with the attacker who planted it.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a token that cannot be stored.
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
            let slot = arg!(out(session, ptr::null_mut()))?;
            let token = arg!(text(token, token_len))?.to_owned();
            let create = |manager| SessionRequest::Create(manager, token);
            let created: Option<Session> = call_manager(manager, create)?;
            let session = created.ok_or_else(unexpected_answer)?;
            *slot = into_raw(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// Stores the changes of a session at the end of its request. `*result` says what to send to the
/// client; send it with each of these:
///
/// - SESSIO_DONE: stored, or there was nothing to store.
/// - SESSIO_GONE: another request has ended the session or given it a new token. Nothing was
///   stored, and no cookie is sent because the client may have a newer one.
/// - SESSIO_CONFLICT: another request has changed the session, and the setting `on_conflict` is
///   `fail`; or the token of sessio_manager_create() is taken. Nothing was stored.
///
/// A new session is inserted under a new token. A loaded one is written only if the store still has
/// what was loaded; if another request has changed it since, this one's changes are applied on top,
/// key by key.
///
/// Asks the store. Fails also with SESSIO_TOO_LARGE, SESSIO_FULL, and with SESSIO_INVALID_ARGUMENT
/// for a session of another manager. The changes are kept then, so the call can be repeated.
/// `result` may be NULL.
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
            let slot = arg!(out_if(result, ptr::null_mut()))?;
            let done: CommitResult = call_manager(manager, commit_request(session)?)?;
            let status = commit_result::status(done.outcome);
            if let Some(slot) = slot {
                *slot = into_raw(sessio_commit_result::new(&done));
            }
            Ok(status)
        })
    }
}

/// The request that commits this session.
///
/// # Safety
/// `session` is NULL or points to a live session.
pub(crate) unsafe fn commit_request(
    session: *mut sessio_session,
) -> Result<impl FnOnce(SessionManager) -> SessionRequest> {
    // SAFETY: passed on from the caller.
    let session = unsafe { arg!(borrow(session)) }?.session.clone();
    Ok(|manager| SessionRequest::Commit(manager, session))
}

/// Lists live sessions in the order of their keys: at most `limit` (1 to 1000), after the key
/// `after`, or the first ones if that is NULL. Each can be read, changed, committed and destroyed.
/// They are other clients' sessions, so their commits send no cookie. Asks the store.
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
            let slot = arg!(out(page, ptr::null_mut()))?;
            let after = named("after", self::after(after, after_len))?;
            let list = |manager| SessionRequest::List(manager, after, limit);
            *slot = into_raw(sessio_session_page::new(call_manager(manager, list)?));
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_list() for the sessions of one subject, such as a user's devices. The subject has
/// 1 to 255 characters. Fails with SESSIO_UNSUPPORTED if the table has no column for subjects.
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
            let slot = arg!(out(page, ptr::null_mut()))?;
            let (subject, after) = (
                arg!(text(subject, subject_len))?.to_owned(),
                named("after", self::after(after, after_len))?,
            );
            let list = |manager| SessionRequest::ListSubject(manager, subject, after, limit);
            *slot = into_raw(sessio_session_page::new(call_manager(manager, list)?));
            Ok(SESSIO_DONE)
        })
    }
}

/// Frees a manager. Its sessions can be used afterwards, but not be committed. Its store stays
/// open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_free(manager: *mut sessio_manager) {
    guard_or((), || {
        // SAFETY: NULL or a manager that the program owns and gives up, as the header demands.
        unsafe { free(manager) }
    });
}
