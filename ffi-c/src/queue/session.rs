//! Submitting what a session or a manager may have to ask the store.

use std::ffi::{c_char, c_void};

use sessio::operation::SessionRequest;
use sessio::{Result, Session, SessionManager};

use crate::error::sessio_error;
use crate::guard::{borrow, guard, string, text};
use crate::list::after;
use crate::session::handle::sessio_session;
use crate::session::manager::{commit_of, sessio_manager};

use super::sessio_queue;

/// Starts a request to a session whose answer comes out of the queue.
///
/// # Safety
/// The pointers are NULL or point to a live queue and a live session.
unsafe fn submit(
    queue: *const sessio_queue,
    session: *const sessio_session,
    request: impl FnOnce(Session) -> SessionRequest,
    tag: *mut c_void,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    let (queue, session) = unsafe { (borrow(queue)?, borrow(session)?) };
    queue.mailbox().submit_session(request(session.session.clone()), tag)
}

/// The same to a manager.
///
/// # Safety
/// The pointers are NULL or point to a live queue and a live manager.
unsafe fn submit_to_manager(
    queue: *const sessio_queue,
    manager: *const sessio_manager,
    request: impl FnOnce(SessionManager) -> SessionRequest,
    tag: *mut c_void,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    let (queue, manager) = unsafe { (borrow(queue)?, borrow(manager)?) };
    queue.mailbox().submit_session(request(manager.manager.clone()), tag)
}

/// Submits sessio_session_ensure_loaded(). After a completion of SESSIO_DONE none of the functions that
/// read the session waits: an event loop looks through its queue first, and then just reads.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, and SESSIO_OVERLOADED; then nothing was submitted.
/// Whatever the store says comes with the completion.
///
/// Ownership: the session may be freed while this is in flight. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_ensure_loaded(
    queue: *const sessio_queue,
    session: *const sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, session, SessionRequest::EnsureLoaded, tag)) }
}

/// Submits sessio_session_renew().
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, and SESSIO_OVERLOADED; then nothing was submitted.
/// Whatever the store says comes with the completion.
///
/// Ownership: the session may be freed while this is in flight. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_renew(
    queue: *const sessio_queue,
    session: *const sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, session, SessionRequest::Renew, tag)) }
}

/// Submits sessio_session_regenerate().
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, and SESSIO_OVERLOADED; then nothing was submitted.
/// Whatever the store says comes with the completion.
///
/// Ownership: the session may be freed while this is in flight. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_regenerate(
    queue: *const sessio_queue,
    session: *const sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, session, SessionRequest::Regenerate, tag)) }
}

/// Submits sessio_session_destroy().
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, and SESSIO_OVERLOADED; then nothing was submitted.
/// Whatever the store says comes with the completion.
///
/// Ownership: the session may be freed while this is in flight. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_destroy(
    queue: *const sessio_queue,
    session: *const sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, session, SessionRequest::Destroy, tag)) }
}

/// Submits sessio_session_take(); a completion of SESSIO_DONE has the `value`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: the key is copied; the session may be freed while this is in flight. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_take(
    queue: *const sessio_queue,
    session: *const sessio_session,
    key: *const c_char,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = string(key)?.to_owned();
            submit(queue, session, |session| SessionRequest::Take(session, key), tag)
        })
    }
}

/// Submits sessio_session_merge_from().
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, and SESSIO_OVERLOADED; then nothing was submitted.
/// Whatever the store says comes with the completion.
///
/// Ownership: the token is copied; the session may be freed while this is in flight. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_merge_from(
    queue: *const sessio_queue,
    session: *const sessio_session,
    token: *const c_char,
    token_len: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let token = text(token, token_len)?.to_owned();
            let merge = |session| SessionRequest::MergeFrom(session, token);
            submit(queue, session, merge, tag)
        })
    }
}

/// Submits sessio_manager_commit(); a completion that is no error has what was `result`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, and SESSIO_OVERLOADED; then nothing was submitted.
/// Whatever the store says comes with the completion.
///
/// Ownership: manager and session may be freed while this is in flight. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_manager_commit(
    queue: *const sessio_queue,
    manager: *const sessio_manager,
    session: *const sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit_to_manager(queue, manager, commit_of(session)?, tag)) }
}

/// Submits sessio_manager_list(); a completion of SESSIO_DONE has the `sessions`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_manager_list(
    queue: *const sessio_queue,
    manager: *const sessio_manager,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let after = self::after(after, after_len)?;
            let list = |manager| SessionRequest::List(manager, after, limit);
            submit_to_manager(queue, manager, list, tag)
        })
    }
}

/// Submits sessio_manager_list_subject(); a completion of SESSIO_DONE has the `sessions`.
///
/// Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
/// was submitted. Whatever the store says comes with the completion.
///
/// Ownership: everything given is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_manager_list_subject(
    queue: *const sessio_queue,
    manager: *const sessio_manager,
    subject: *const c_char,
    subject_len: usize,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let (subject, after) =
                (text(subject, subject_len)?.to_owned(), self::after(after, after_len)?);
            let list = |manager| SessionRequest::ListSubject(manager, subject, after, limit);
            submit_to_manager(queue, manager, list, tag)
        })
    }
}
