//! Managers: opened, asked for sessions, told to store them.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{CommitResult, Result, Session, SessionManager};

use crate::content::sessio_text;
use crate::error::{c_text, sessio_error};
use crate::guard::{
    array, borrow, borrow_if, bytes, free, guard, guard_or, handle, invalid, out, out_if, string,
    text,
};
use crate::list::after;
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};
use crate::store::sessio_store;

use super::commit_result::{self, sessio_commit_result};
use super::door::{ask_manager, asked, strange};
use super::handle::sessio_session;
use super::options::{options, sessio_manager_options};
use super::page::sessio_session_page;

/// Sessions over a store. Any number of threads may share one, without locks of theirs; a program
/// has one, or one for each kind of session, each with a cookie name of its own.
pub struct sessio_manager {
    pub(crate) manager: SessionManager,
    cookie_name: CString,
}

/// Makes a manager of the sessions in a store. `options` may be NULL. Asks the store nothing.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, for a setting that does not exist or does not take
/// its value, and for settings that contradict each other or what browsers accept.
///
/// Ownership: sets `*manager` to a manager that the caller owns: sessio_manager_free(); to NULL
/// when it fails. Options are copied. The manager keeps what it needs of the store; but
/// sessio_store_free() closes the store, and what asks it answers SESSIO_CLOSED then. Threads:
/// any. Fork: the manager works on in a child, as its store does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_open(
    store: *const sessio_store,
    options: *const sessio_manager_options,
    manager: *mut *mut sessio_manager,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(manager, ptr::null_mut())?;
            let store = borrow(store)?.store.asynchronous().clone();
            let options = self::options(options, &store)?;
            let manager = SessionManager::with(store, options)?;
            let cookie_name = c_text(manager.cookie().cookie_name());
            *slot = handle(sessio_manager { manager, cookie_name });
            Ok(SESSIO_DONE)
        })
    }
}

/// What the cookie is called. `""` for NULL.
///
/// Ownership: belongs to the manager and lives as long. Threads: any.
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
/// `"merged"`, `"conflict"`, `"gone"`, `"corrupt"`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL and for other names; `*value` is 0 then.
///
/// Threads: any. Fork: a child goes on from the parent's counts.
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
            let value = out(value, 0)?;
            let (this, name) = (borrow(manager)?, string(name)?);
            let fields = this.manager.stats().fields();
            let field = fields.iter().find(|(field, _)| *field == name);
            *value = field.ok_or_else(|| invalid("there is no such event"))?.1;
            Ok(SESSIO_DONE)
        })
    }
}

/// The session of a token, or a new one for NULL and 0. Asks the store nothing: the first function
/// that needs to know does. A token that turns out to be unknown, expired or malformed gives a new
/// session, and is not adopted.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a NULL manager.
///
/// Ownership: sets `*session` to a session that the caller owns: sessio_session_free(); to NULL
/// when it fails. It keeps what it needs of the manager. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load(
    manager: *const sessio_manager,
    token: *const c_char,
    token_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(session, ptr::null_mut())?;
            let (this, token) = (borrow(manager)?, bytes(token, token_len)?);
            let session = this.manager.load(std::str::from_utf8(token).ok());
            *slot = handle(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_load() with the token out of a request's `Cookie` header, which is untrusted: a
/// header that is missing (NULL and 0), malformed or of any length is no session, and no error.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a NULL manager.
///
/// Ownership: as sessio_manager_load(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load_cookie(
    manager: *const sessio_manager,
    header: *const c_char,
    header_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(session, ptr::null_mut())?;
            let (this, header) = (borrow(manager)?, bytes(header, header_len)?);
            let session = this.manager.load_cookie(header);
            *slot = handle(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_load_cookie() where a request has several `Cookie` headers, as HTTP/2 allows: an
/// array of `count` texts.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a NULL manager, and for a text whose length is not 0
/// though its pointer is NULL.
///
/// Ownership: as sessio_manager_load(); the array stays the program's. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load_cookies(
    manager: *const sessio_manager,
    headers: *const sessio_text,
    count: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(session, ptr::null_mut())?;
            let (this, headers) = (borrow(manager)?, array(headers, count)?.iter());
            let headers = headers.map(|header| bytes(header.text, header.len));
            let headers = headers.collect::<Result<Vec<&[u8]>>>()?;
            let session = this.manager.load_cookies(headers);
            *slot = handle(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_load() with the token out of a header of the program's own: the token, with
/// `Bearer ` before it or not. As untrusted as a cookie.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a NULL manager.
///
/// Ownership: as sessio_manager_load(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_load_header(
    manager: *const sessio_manager,
    header: *const c_char,
    header_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(session, ptr::null_mut())?;
            let (this, header) = (borrow(manager)?, bytes(header, header_len)?);
            let session = this.manager.load_header(header);
            *slot = handle(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// The session of a token if it lives, looked at already; SESSIO_NOT_FOUND if it does not.
///
/// Fails as sessio_session_ensure_loaded(); with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Ownership: as sessio_manager_load(); `*session` is NULL unless the result is SESSIO_DONE.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_find(
    manager: *const sessio_manager,
    token: *const c_char,
    token_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(session, ptr::null_mut())?;
            let (this, token) = (borrow(manager)?, bytes(token, token_len)?);
            let Ok(token) = std::str::from_utf8(token) else { return Ok(SESSIO_NOT_FOUND) };
            let find = SessionRequest::Find(this.manager.clone(), token.to_owned());
            found(asked(find, this.manager.store())?, slot)
        })
    }
}

/// The session of a listed key if it lives, as those of a list: another client's, whose commit
/// gives no cookie. SESSIO_NOT_FOUND if it does not live. What came as text, from a page of the
/// program's own, is read with sessio_key_from_text().
///
/// Whoever has read the table knows all keys: take none from a client without a check of who may
/// act on that session.
///
/// Fails as sessio_manager_find().
///
/// Ownership: as sessio_manager_find(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_find_by_key(
    manager: *const sessio_manager,
    key: *const c_char,
    key_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(session, ptr::null_mut())?;
            let key = crate::key::key(key, key_len)?;
            let find = |manager| SessionRequest::FindKey(manager, key);
            found(ask_manager(manager, find)?, slot)
        })
    }
}

/// Hands out a session, or says that there is none.
fn found(session: Option<Session>, slot: &mut *mut sessio_session) -> Result<i32> {
    let Some(session) = session else { return Ok(SESSIO_NOT_FOUND) };
    *slot = handle(sessio_session { session });
    Ok(SESSIO_DONE)
}

/// A new session under a token of the program's own, for frameworks that choose their ids
/// themselves. The commit inserts it if something was put in, or sessio_session_store_empty() was
/// called. If a session lives under this token already, the commit stores nothing, sends no cookie,
/// and is SESSIO_CONFLICT. Asks the store nothing.
///
/// The token is the client's secret: it must be random, at least 128 bits, and made by the program.
/// With a token that a client has sent, whoever planted it there would share the session.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, and for a token that is not UTF-8 or cannot be
/// stored.
///
/// Ownership: as sessio_manager_load(); the token is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_create(
    manager: *const sessio_manager,
    token: *const c_char,
    token_len: usize,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(session, ptr::null_mut())?;
            let token = text(token, token_len)?.to_owned();
            let create = |manager| SessionRequest::Create(manager, token);
            let created: Option<Session> = ask_manager(manager, create)?;
            let session = created.ok_or_else(strange)?;
            *slot = handle(sessio_session { session });
            Ok(SESSIO_DONE)
        })
    }
}

/// Stores what was changed in a session, at the end of its request, and says what to send to the
/// client. SESSIO_DONE when that was done, also when there was nothing to store; SESSIO_GONE when
/// another request has ended the session, or given it another token: nothing was stored, it stays
/// ended, and no cookie is sent, for the client may have a newer one;
/// SESSIO_CONFLICT when another request changed it meanwhile and the policy is `fail`: nothing was
/// stored. Send what `*result` has with all three.
///
/// A new session is inserted under a new token. One that was loaded is written only if the store
/// still has what was loaded; if another request has changed it since, this one's changes are put
/// on top, key by key.
///
/// Fails as every verb does, with SESSIO_TOO_LARGE and SESSIO_FULL, and with
/// SESSIO_INVALID_ARGUMENT for a session of another manager; the changes are kept, so it can be
/// called again.
///
/// Ownership: sets `*result` to what the caller owns: sessio_commit_result_free(); to NULL when it fails.
/// `result` may be NULL. The session stays the program's and can be used on. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_commit(
    manager: *const sessio_manager,
    session: *const sessio_session,
    result: *mut *mut sessio_commit_result,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out_if(result, ptr::null_mut())?;
            let done: CommitResult = ask_manager(manager, commit_of(session)?)?;
            let status = commit_result::status(done.outcome);
            if let Some(slot) = slot {
                *slot = handle(sessio_commit_result::new(&done));
            }
            Ok(status)
        })
    }
}

/// What commits this session.
///
/// # Safety
/// `session` is NULL or points to a live session.
pub(crate) unsafe fn commit_of(
    session: *const sessio_session,
) -> Result<impl FnOnce(SessionManager) -> SessionRequest> {
    // SAFETY: passed on from the caller.
    let session = unsafe { borrow(session) }?.session.clone();
    Ok(|manager| SessionRequest::Commit(manager, session))
}

/// Lists live sessions in the order of their keys: at most `limit` (1 to 1,000) of them, those
/// after the key `after`, or the first ones where it is NULL. Each can be read, changed, committed
/// and destroyed like one that was loaded; it is another client's, so its commit gives no cookie.
///
/// Fails as every verb does; with SESSIO_INVALID_ARGUMENT for the limit.
///
/// Ownership: sets `*page` to a page that the caller owns: sessio_session_page_free(); to NULL
/// when it fails. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_list(
    manager: *const sessio_manager,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    page: *mut *mut sessio_session_page,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(page, ptr::null_mut())?;
            let after = self::after(after, after_len)?;
            let list = |manager| SessionRequest::List(manager, after, limit);
            *slot = handle(sessio_session_page::new(ask_manager(manager, list)?));
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_list() for the sessions of one subject: a user's devices.
///
/// Fails as sessio_manager_list(); with SESSIO_INVALID_ARGUMENT for a subject that is not 1 to 255
/// characters of UTF-8, and SESSIO_UNSUPPORTED where the table has no column for it.
///
/// Ownership: as sessio_manager_list(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_list_subject(
    manager: *const sessio_manager,
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
            let slot = out(page, ptr::null_mut())?;
            let (subject, after) =
                (text(subject, subject_len)?.to_owned(), self::after(after, after_len)?);
            let list = |manager| SessionRequest::ListSubject(manager, subject, after, limit);
            *slot = handle(sessio_session_page::new(ask_manager(manager, list)?));
            Ok(SESSIO_DONE)
        })
    }
}

/// Frees a manager. NULL is fine. Its sessions can still be used, but not be committed.
///
/// Ownership: takes the manager; no thread may be using it any more. Its store stays as it is.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_free(manager: *mut sessio_manager) {
    guard_or((), || {
        // SAFETY: NULL or a manager that the program owns and gives up, as the header demands.
        unsafe { free(manager) }
    });
}
