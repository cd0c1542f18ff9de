//! Calls of sessions and managers that ask the store, submitted to a queue.

use std::ffi::{c_char, c_void};

use sessio::operation::SessionRequest;
use sessio::{Result, Session, SessionManager};

use crate::arguments::after;
use crate::error::sessio_error;
use crate::guard::{arg, guard, named};
use crate::session::lifecycle::sessio_session;
use crate::session::manager::{commit_request, sessio_manager};

use super::sessio_queue;

/// Starts a call of a session whose answer comes out of the queue.
///
/// # Safety
/// The pointers are NULL or point to a live queue and a live session.
unsafe fn submit(
    queue: *mut sessio_queue,
    session: *mut sessio_session,
    request: impl FnOnce(Session) -> SessionRequest,
    tag: *mut c_void,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    let (queue, session) = unsafe { (arg!(borrow(queue))?, arg!(borrow(session))?) };
    queue.submit_session(request(session.session.clone()), tag)
}

/// Starts a call of a manager whose answer comes out of the queue.
///
/// # Safety
/// The pointers are NULL or point to a live queue and a live manager.
unsafe fn submit_to_manager(
    queue: *mut sessio_queue,
    manager: *mut sessio_manager,
    request: impl FnOnce(SessionManager) -> SessionRequest,
    tag: *mut c_void,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    let (queue, manager) = unsafe { (arg!(borrow(queue))?, arg!(borrow(manager))?) };
    queue.submit_session(request(manager.manager.clone()), tag)
}

/// Submits sessio_session_ensure_loaded(). After its completion the functions that read the session
/// do not wait: an event loop submits this first and then just reads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_ensure_loaded(
    queue: *mut sessio_queue,
    session: *mut sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, session, SessionRequest::EnsureLoaded, tag)) }
}

/// Submits sessio_session_renew().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_renew(
    queue: *mut sessio_queue,
    session: *mut sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, session, SessionRequest::Renew, tag)) }
}

/// Submits sessio_session_regenerate().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_regenerate(
    queue: *mut sessio_queue,
    session: *mut sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, session, SessionRequest::Regenerate, tag)) }
}

/// Submits sessio_session_destroy().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_destroy(
    queue: *mut sessio_queue,
    session: *mut sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit(queue, session, SessionRequest::Destroy, tag)) }
}

/// Submits sessio_session_take(). The completion has the `value`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_take(
    queue: *mut sessio_queue,
    session: *mut sessio_session,
    key: *const c_char,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let key = arg!(string(key))?.to_owned();
            submit(queue, session, |session| SessionRequest::Take(session, key), tag)
        })
    }
}

/// Submits sessio_session_merge_from().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_session_merge_from(
    queue: *mut sessio_queue,
    session: *mut sessio_session,
    token: *const c_char,
    token_len: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let token = arg!(text(token, token_len))?.to_owned();
            let merge = |session| SessionRequest::MergeFrom(session, token);
            submit(queue, session, merge, tag)
        })
    }
}

/// Submits sessio_manager_commit(). The completion has the `result`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_manager_commit(
    queue: *mut sessio_queue,
    manager: *mut sessio_manager,
    session: *mut sessio_session,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || submit_to_manager(queue, manager, commit_request(session)?, tag)) }
}

/// Submits sessio_manager_list(). The completion has the `sessions`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_manager_list(
    queue: *mut sessio_queue,
    manager: *mut sessio_manager,
    after: *const c_char,
    after_len: usize,
    limit: usize,
    tag: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let after = named("after", self::after(after, after_len))?;
            let list = |manager| SessionRequest::List(manager, after, limit);
            submit_to_manager(queue, manager, list, tag)
        })
    }
}

/// Submits sessio_manager_list_subject(). The completion has the `sessions`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_manager_list_subject(
    queue: *mut sessio_queue,
    manager: *mut sessio_manager,
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
            let (subject, after) = (
                arg!(text(subject, subject_len))?.to_owned(),
                named("after", self::after(after, after_len))?,
            );
            let list = |manager| SessionRequest::ListSubject(manager, subject, after, limit);
            submit_to_manager(queue, manager, list, tag)
        })
    }
}
