//! Calls of sessions and managers: each is sent to the core as a request, and its answer becomes
//! what C gets.

use std::time::Duration;

use sessio::operation::{SessionAnswer, SessionRequest};
use sessio::{
    CommitResult, Error, ErrorKind, Map, Result, Session, SessionManager, SessionPage, Store,
    Timestamp, Value,
};

use crate::guard::arg;

use super::lifecycle::sessio_session;
use super::manager::sessio_manager;

/// A type that the answer to a request can have.
pub(crate) trait FromAnswer: Sized {
    fn from_answer(answer: SessionAnswer) -> Option<Self>;
}

macro_rules! from_answer {
    ($($type:ty: $pattern:pat => $value:expr;)*) => {
        $(impl FromAnswer for $type {
            fn from_answer(answer: SessionAnswer) -> Option<Self> {
                if let $pattern = answer { Some($value) } else { None }
            }
        })*
    };
}

from_answer! {
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

/// The error for an answer that does not belong to its request: a bug of this library.
pub(crate) fn unexpected_answer() -> Error {
    Error::new(
        ErrorKind::Internal,
        "a session call got the answer of another call; please report it",
    )
}

/// Makes a request and waits for its answer.
pub(super) fn call<T: FromAnswer>(request: SessionRequest, store: &Store) -> Result<T> {
    T::from_answer(request.wait(store)?).ok_or_else(unexpected_answer)
}

/// Makes a request to a session and waits for its answer.
///
/// # Safety
/// `session` is NULL or points to a live session.
pub(crate) unsafe fn call_session<T: FromAnswer>(
    session: *mut sessio_session,
    request: impl FnOnce(Session) -> SessionRequest,
) -> Result<T> {
    // SAFETY: passed on from the caller.
    let session = &unsafe { arg!(borrow(session)) }?.session;
    call(request(session.clone()), session.store())
}

/// Makes a request to a manager and waits for its answer.
///
/// # Safety
/// `manager` is NULL or points to a live manager.
pub(crate) unsafe fn call_manager<T: FromAnswer>(
    manager: *mut sessio_manager,
    request: impl FnOnce(SessionManager) -> SessionRequest,
) -> Result<T> {
    // SAFETY: passed on from the caller.
    let manager = &unsafe { arg!(borrow(manager)) }?.manager;
    call(request(manager.clone()), manager.store())
}
