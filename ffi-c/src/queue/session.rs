//! Calls of sessions and managers that ask the store, submitted to a queue.

use std::ffi::c_void;

use sessio::operation::SessionRequest;
use sessio::{Result, Session, SessionManager};

use crate::guard::arg;
use crate::session::lifecycle::sessio_session;
use crate::session::manager::sessio_manager;

use super::sessio_queue;

/// Starts a call of a session whose answer comes out of the queue.
///
/// # Safety
/// The pointers are NULL or point to a live queue and a live session.
pub(crate) unsafe fn submit_to_session(
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
pub(crate) unsafe fn submit_to_manager(
    queue: *mut sessio_queue,
    manager: *mut sessio_manager,
    request: impl FnOnce(SessionManager) -> SessionRequest,
    tag: *mut c_void,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    let (queue, manager) = unsafe { (arg!(borrow(queue))?, arg!(borrow(manager))?) };
    queue.submit_session(request(manager.manager.clone()), tag)
}
