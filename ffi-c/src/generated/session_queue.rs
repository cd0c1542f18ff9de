//! The verbs of sessions and managers, submitted to a queue.
//!
//! Made by `cargo xtask gen` from `api/session.toml`: change that.

use std::ffi::{c_char, c_void};

use sessio::operation::SessionRequest;

use crate::arguments;
use crate::error::sessio_error;
use crate::guard::{arg, guard, named};
use crate::queue::sessio_queue;
use crate::queue::session::{submit_to_manager, submit_to_session};
use crate::session::lifecycle::sessio_session;
use crate::session::manager::sessio_manager;

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
    unsafe { guard(error, || submit_to_session(queue, session, SessionRequest::EnsureLoaded, tag)) }
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
    unsafe { guard(error, || submit_to_session(queue, session, SessionRequest::Renew, tag)) }
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
    unsafe { guard(error, || submit_to_session(queue, session, SessionRequest::Regenerate, tag)) }
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
            submit_to_session(queue, session, |session| SessionRequest::Take(session, key), tag)
        })
    }
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
    unsafe { guard(error, || submit_to_session(queue, session, SessionRequest::Destroy, tag)) }
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
            submit_to_session(
                queue,
                session,
                |session| SessionRequest::MergeFrom(session, token),
                tag,
            )
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
    unsafe {
        guard(error, || {
            let session = arg!(borrow(session))?.session.clone();
            submit_to_manager(
                queue,
                manager,
                |manager| SessionRequest::Commit(manager, session),
                tag,
            )
        })
    }
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
            let after = named("after", arguments::after(after, after_len))?;
            submit_to_manager(
                queue,
                manager,
                |manager| SessionRequest::List(manager, after, limit),
                tag,
            )
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
            let subject = arg!(text(subject, subject_len))?.to_owned();
            let after = named("after", arguments::after(after, after_len))?;
            submit_to_manager(
                queue,
                manager,
                |manager| SessionRequest::ListSubject(manager, subject, after, limit),
                tag,
            )
        })
    }
}
