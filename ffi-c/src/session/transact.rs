//! Transactions: a change that runs again when another request has stored first.

use std::ffi::{c_char, c_void};
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{CommitOutcome, CommitResult, Session};

use crate::error::sessio_error;
use crate::guard::{arg, guard, into_raw, invalid};
use crate::status::{SESSIO_ABORTED, SESSIO_DONE, SESSIO_GONE};

use super::call::call;
use super::commit_result::sessio_commit_result;
use super::lifecycle::sessio_session;
use super::manager::sessio_manager;

/// Changes a session for sessio_manager_transact(). Returns 0 to store the changes, any other
/// number to abort.
///
/// It runs on the thread that called sessio_manager_transact(), again each time another request has
/// stored first, and each time with the session as it is then. So it should only read and change
/// this session, which lives until it returns. It must not free or commit the session, and must
/// neither throw nor `longjmp`; other functions of sessio may be called.
pub type sessio_change_callback =
    Option<unsafe extern "C" fn(session: *mut sessio_session, userdata: *mut c_void) -> i32>;

/// Runs `change` on the current session of a token and stores its changes if no other request has
/// changed the session since; otherwise runs it again on the session as it is then, until it
/// succeeds. For changes that depend on other values, where sessio_session_take(),
/// sessio_session_increment() and sessio_session_append_int() are not enough.
///
/// - SESSIO_DONE: stored, or there was nothing to store. Send `*result` to the client, as after a
///   commit.
/// - SESSIO_GONE: there is no such session, or not any more. `change` may not have run at all.
/// - SESSIO_ABORTED: `change` returned another number than 0. Nothing was stored.
///
/// Fails as sessio_manager_commit(), and nothing is stored then; with SESSIO_OVERLOADED if other
/// requests stored first for longer than the store's `timeout`. `result` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_transact(
    manager: *mut sessio_manager,
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
            let slot = arg!(out_if(result, ptr::null_mut()))?;
            let (this, token) = (arg!(borrow(manager))?, arg!(bytes(token, token_len))?);
            let change = change.ok_or_else(|| invalid("change: the callback must not be NULL"))?;
            let Ok(token) = std::str::from_utf8(token) else { return Ok(SESSIO_GONE) };
            let (transaction, store) = (this.manager.transaction(token), this.manager.store());
            loop {
                let begin = SessionRequest::Begin(transaction.clone());
                let begun: Option<Session> = call(begin, store)?;
                let Some(session) = begun else { return Ok(SESSIO_GONE) };
                let view = sessio_session { session };
                if change((&raw const view).cast_mut(), userdata) != 0 {
                    return Ok(SESSIO_ABORTED);
                }
                let finish = SessionRequest::Finish(transaction.clone(), view.session);
                let done: Option<CommitResult> = call(finish, store)?;
                let Some(done) = done else { continue };
                if done.outcome == CommitOutcome::Gone {
                    return Ok(SESSIO_GONE);
                }
                slot.into_iter()
                    .for_each(|slot| *slot = into_raw(sessio_commit_result::new(&done)));
                return Ok(SESSIO_DONE);
            }
        })
    }
}
