//! Changes that depend on what is stored: made again where another request was faster.

use std::ffi::{c_char, c_void};
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{CommitOutcome, CommitResult, Session};

use crate::error::sessio_error;
use crate::guard::{borrow, bytes, guard, handle, invalid, out_if};
use crate::status::{SESSIO_ABORTED, SESSIO_DONE, SESSIO_GONE};

use super::commit_result::sessio_commit_result;
use super::door::asked;
use super::handle::sessio_session;
use super::manager::sessio_manager;

/// Changes a session for sessio_manager_transact(): 0 to store what it changed, any other number to
/// give up and store nothing.
///
/// It is called on the thread that called sessio_manager_transact(), once for each time that
/// another request was faster, and each time with the session as it is then. So it should do
/// nothing but read and change this session, which lives until it returns: it must neither free
/// nor commit it. It may call sessio otherwise. It must neither throw nor `longjmp`.
pub type sessio_change_callback =
    Option<unsafe extern "C" fn(session: *const sessio_session, userdata: *mut c_void) -> i32>;

/// Runs `change` on the session of a token as it is now, and stores what it has changed if no other
/// request has changed the session since; otherwise runs it again on the session as it is then,
/// until it is the first. For what depends on other values, where sessio_session_take(),
/// sessio_session_increment() and sessio_session_append_int() and its like do not do. SESSIO_DONE
/// when it was stored, also when there was nothing to store: then `*result` is to be sent to the
/// client, as after a commit. SESSIO_GONE where there is no such session, or not any more; then
/// `change` was perhaps not run at all. SESSIO_ABORTED when `change` gave up. Nothing is stored
/// with these two.
///
/// Fails as sessio_manager_commit(), and nothing is stored then; with SESSIO_OVERLOADED when other
/// requests were faster for longer than the store's `timeout`; with SESSIO_INVALID_ARGUMENT for a
/// NULL manager or change.
///
/// Ownership: sets `*result` to what the caller owns: sessio_commit_result_free(); to NULL unless the result
/// is SESSIO_DONE. `result` may be NULL. The token is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_transact(
    manager: *const sessio_manager,
    token: *const c_char,
    token_len: usize,
    change: sessio_change_callback,
    userdata: *mut c_void,
    result: *mut *mut sessio_commit_result,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out_if(result, ptr::null_mut())?;
            let (this, token) = (borrow(manager)?, bytes(token, token_len)?);
            let change = change.ok_or_else(|| invalid("a transaction without a change"))?;
            let Ok(token) = std::str::from_utf8(token) else { return Ok(SESSIO_GONE) };
            let (transaction, store) = (this.manager.transaction(token), this.manager.store());
            loop {
                let begin = SessionRequest::Begin(transaction.clone());
                let begun: Option<Session> = asked(begin, store)?;
                let Some(session) = begun else { return Ok(SESSIO_GONE) };
                let view = sessio_session { session };
                if change(&raw const view, userdata) != 0 {
                    return Ok(SESSIO_ABORTED);
                }
                let finish = SessionRequest::Finish(transaction.clone(), view.session);
                let done: Option<CommitResult> = asked(finish, store)?;
                let Some(done) = done else { continue };
                if done.outcome == CommitOutcome::Gone {
                    return Ok(SESSIO_GONE);
                }
                slot.into_iter().for_each(|slot| *slot = handle(sessio_commit_result::new(&done)));
                return Ok(SESSIO_DONE);
            }
        })
    }
}
