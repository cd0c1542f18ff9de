//! The one door to sessions: a call becomes a request, and its answer what C gets.

use std::time::Duration;

use sessio::operation::{SessionAnswer, SessionRequest};
use sessio::{
    CommitResult, Error, ErrorKind, Map, Result, Session, SessionManager, SessionPage, Store,
    Timestamp, Value,
};

use crate::guard::borrow;

use super::handle::sessio_session;
use super::manager::sessio_manager;

/// What a request can be answered with.
pub(crate) trait Answered: Sized {
    fn of(answer: SessionAnswer) -> Option<Self>;
}

macro_rules! answered {
    ($($type:ty: $pattern:pat => $value:expr;)*) => {
        $(impl Answered for $type {
            fn of(answer: SessionAnswer) -> Option<Self> {
                if let $pattern = answer { Some($value) } else { None }
            }
        })*
    };
}

answered! {
    (): SessionAnswer::Done => ();
    bool: SessionAnswer::Is(yes) => yes;
    Option<Value>: SessionAnswer::Value(value) => value;
    Map: SessionAnswer::Values(values) => values;
    Vec<String>: SessionAnswer::Keys(keys) => keys;
    String: SessionAnswer::Text(text) => text;
    Timestamp: SessionAnswer::Ends(at) => at;
    Option<Timestamp>: SessionAnswer::Expires(at) => at;
    Option<bool>: SessionAnswer::Remembered(yes) => yes;
    Option<Duration>: SessionAnswer::Lasts(time) => time;
    Option<String>: SessionAnswer::Subject(text) | SessionAnswer::Token(text) => text;
    Option<Session>: SessionAnswer::Session(session) | SessionAnswer::Begun(session) => session;
    CommitResult: SessionAnswer::CommitResult(result) => result;
    Option<CommitResult>: SessionAnswer::Finished(result) => result;
    SessionPage: SessionAnswer::Page(page) => page;
}

/// An answer that does not belong to its request.
pub(crate) fn strange() -> Error {
    Error::new(ErrorKind::Internal, "a request was given the answer of another; please report it")
}

/// Does it, and waits.
pub(super) fn asked<T: Answered>(request: SessionRequest, store: &Store) -> Result<T> {
    T::of(request.wait(store)?).ok_or_else(strange)
}

/// Asks something of a session, and waits.
///
/// # Safety
/// `session` is NULL or points to a live session.
pub(super) unsafe fn ask<T: Answered>(
    session: *const sessio_session,
    request: impl FnOnce(Session) -> SessionRequest,
) -> Result<T> {
    // SAFETY: passed on from the caller.
    let session = &unsafe { borrow(session) }?.session;
    asked(request(session.clone()), session.store())
}

/// The same of a manager.
///
/// # Safety
/// `manager` is NULL or points to a live manager.
pub(super) unsafe fn ask_manager<T: Answered>(
    manager: *const sessio_manager,
    request: impl FnOnce(SessionManager) -> SessionRequest,
) -> Result<T> {
    // SAFETY: passed on from the caller.
    let manager = &unsafe { borrow(manager) }?.manager;
    asked(request(manager.clone()), manager.store())
}
