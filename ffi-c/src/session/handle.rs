//! One request's view of a session: what is not about a single value.

use std::ffi::c_char;
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{Session, Status, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{borrow, borrow_if, free, guard, guard_or, handle, out, text, text_if};
use crate::record::SESSIO_NEVER;
use crate::status::{self, SESSIO_DONE, SESSIO_NOT_FOUND};

use super::door::ask;
use super::value::sessio_value;

/// Nothing was changed since it was loaded or committed.
pub const SESSIO_SESSION_UNMODIFIED: i32 = 0;
/// Something was.
pub const SESSIO_SESSION_MODIFIED: i32 = 1;
/// It was ended; nothing was put into it since.
pub const SESSIO_SESSION_DESTROYED: i32 = 2;

/// A session, as one request sees it. Nothing is asked of the store until somebody looks; what is
/// changed is noted, and stored by sessio_manager_commit(). Freeing it without that drops the
/// changes.
///
/// The functions that read ask the store the first time, and wait for it; then, or after
/// sessio_session_ensure_loaded() or its submission to a queue, none of them waits or fails for the
/// store's reasons. The functions that change it never wait, but for sessio_session_destroy(),
/// sessio_session_take() and sessio_session_merge_from(), which ask the store each time, and for
/// sessio_session_renew(), sessio_session_regenerate(), sessio_session_assign() and
/// sessio_session_put_if_changed(), which look first.
///
/// Any number of threads may share one. In a forked child, a session that another thread was just
/// using must be left alone.
pub struct sessio_session {
    pub(crate) session: Session,
}

/// Hands out a value, or says that there is none.
pub(super) fn give(slot: &mut *mut sessio_value, value: Option<Value>) -> i32 {
    let Some(value) = value else { return SESSIO_NOT_FOUND };
    *slot = handle(sessio_value::new(value));
    SESSIO_DONE
}

/// Asks the store now, unless that was done. SESSIO_DONE whether there is such a session or not.
///
/// Fails as every verb does; with SESSIO_CORRUPT only where the policy is to fail, for otherwise
/// what cannot be decoded is a new session.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_ensure_loaded(
    session: *const sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            ask::<()>(session, SessionRequest::EnsureLoaded)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Gives a session a new token at the commit, in one step with whatever else was changed: at any
/// moment exactly one of the two tokens is valid, and without a commit the session is as before. To
/// be called when a user logs in or out, so that a token that somebody planted before is worth
/// nothing. SESSIO_GONE when it is known that another request ended the session.
///
/// Fails as sessio_session_ensure_loaded().
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_renew(
    session: *const sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || Ok(status::written(ask(session, SessionRequest::Renew)?))) }
}

/// Starts over at the commit, under a new token: values, flash values, subject, "remember me", idle
/// timeout, what is kept beside the values, and what was noted before are gone, and a new lifetime
/// begins. What is put in afterwards is in the new
/// session. The new token and the emptied session are stored in one step, so at any moment exactly
/// one of the two tokens is valid, and without a commit the session is as before. A session that is
/// not stored yet is emptied only. SESSIO_GONE when it is known that another request ended the
/// session.
///
/// Fails as sessio_session_ensure_loaded().
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_regenerate(
    session: *const sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || Ok(status::written(ask(session, SessionRequest::Regenerate)?))) }
}

/// Lets the commit store a new session even if it holds nothing: for programs that need its token
/// or its row. Changes nothing for a session that is stored already.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_store_empty(
    session: *const sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            ask::<()>(session, SessionRequest::StoreEmpty)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Ends a session now, and forgets its values; the commit then takes the cookie away. What is put
/// in afterwards makes a new session.
///
/// Fails as every verb does.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_destroy(
    session: *const sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            ask::<()>(session, SessionRequest::Destroy)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Takes over everything from the session of another token, key by key, and the later deadline of
/// the two; the other one ends when this one is stored. Nothing happens when there is no such
/// session, or when it is this one.
///
/// Fails as sessio_session_ensure_loaded(); with SESSIO_INVALID_ARGUMENT for a token that is not UTF-8.
///
/// Ownership: the token is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_merge_from(
    session: *const sessio_session,
    token: *const c_char,
    token_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let token = text(token, token_len)?.to_owned();
            ask::<()>(session, |session| SessionRequest::MergeFrom(session, token))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*deadline_us` to when the lifetime of a session ends, in microseconds since
/// 1970-01-01T00:00:00 UTC.
///
/// Fails as sessio_session_ensure_loaded(), and `*deadline_us` is 0 then.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_deadline(
    session: *const sessio_session,
    deadline_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let deadline_us = out(deadline_us, 0)?;
            *deadline_us = ask(session, SessionRequest::Deadline).map(Timestamp::as_micros)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*expires_at_us` to when a session ends if nobody uses it from now on, as the store has it
/// (what was loaded, or what the last commit stored), in microseconds since 1970-01-01T00:00:00
/// UTC; SESSIO_NEVER when it has no end. SESSIO_NOT_FOUND for a session that is not stored.
///
/// Fails as sessio_session_ensure_loaded(); `*expires_at_us` is 0 unless the result is SESSIO_DONE.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_expires_at_us(
    session: *const sessio_session,
    expires_at_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let expires_at_us = out(expires_at_us, 0)?;
            let ends: Option<Timestamp> = ask(session, SessionRequest::ExpiresAt)?;
            if ends.is_none() && ask(session, SessionRequest::IsNew)? {
                return Ok(SESSIO_NOT_FOUND);
            }
            *expires_at_us = ends.map_or(SESSIO_NEVER, Timestamp::as_micros);
            Ok(SESSIO_DONE)
        })
    }
}

/// Moves the end of a session's lifetime, in microseconds since 1970-01-01T00:00:00 UTC; one in the
/// past ends it at the commit. SESSIO_NEVER is never. It holds whatever is done later: no use of
/// the session moves it, and no sessio_session_touch().
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_deadline(
    session: *const sessio_session,
    deadline_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let deadline = Timestamp::from_micros(deadline_us).into();
            ask::<()>(session, |session| SessionRequest::SetDeadline(session, deadline))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Whether the cookie of a session outlives the browser, whatever the setting `cookie_persist`
/// says: true keeps it until the session ends, false until the browser is closed. It is kept with
/// the session.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remember_me(
    session: *const sessio_session,
    remember: bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            ask::<()>(session, |session| SessionRequest::RememberMe(session, remember))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*remembered` to what sessio_session_remember_me() was told. SESSIO_NOT_FOUND where it was
/// told nothing: then the setting `cookie_persist` decides.
///
/// Fails as sessio_session_ensure_loaded(); `*remembered` is false unless the result is SESSIO_DONE.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remembered(
    session: *const sessio_session,
    remembered: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(remembered, false)?;
            let told: Option<bool> = ask(session, SessionRequest::Remembered)?;
            let Some(told) = told else { return Ok(SESSIO_NOT_FOUND) };
            *slot = told;
            Ok(SESSIO_DONE)
        })
    }
}

/// Whose session it is; SESSIO_NOT_FOUND where that was not said.
///
/// Fails as sessio_session_ensure_loaded().
///
/// Ownership: sets `*subject` to a text that the caller owns: sessio_value_free(); to NULL unless
/// the result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_subject(
    session: *const sessio_session,
    subject: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(subject, ptr::null_mut())?;
            let subject: Option<String> = ask(session, SessionRequest::Subject)?;
            Ok(give(slot, subject.map(Value::from)))
        })
    }
}

/// Says whose session it is, so that all of a user's can be listed and ended; NULL and 0 take that
/// away.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a NULL session, and for a subject that is not UTF-8,
/// empty, longer than 255 characters, or ends with a space; the commit with SESSIO_UNSUPPORTED
/// where the table has no column for it.
///
/// Ownership: the subject is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_subject(
    session: *const sessio_session,
    subject: *const c_char,
    subject_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let subject = text_if(subject, subject_len)?.map(str::to_owned);
            ask::<()>(session, |session| SessionRequest::SetSubject(session, subject))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Whether there is something to commit: one of SESSIO_SESSION_…; SESSIO_SESSION_UNMODIFIED for
/// NULL. Never asks the store.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_status(session: *const sessio_session) -> i32 {
    guard_or(SESSIO_SESSION_UNMODIFIED, || {
        // SAFETY: NULL or a live session, as the header demands.
        match unsafe { borrow_if(session) }.map(|this| this.session.status()) {
            None | Some(Status::Unmodified) => SESSIO_SESSION_UNMODIFIED,
            Some(Status::Modified) => SESSIO_SESSION_MODIFIED,
            Some(Status::Destroyed) => SESSIO_SESSION_DESTROYED,
        }
    })
}

/// Sets `*is_new` to whether the store has no such session (yet).
///
/// Fails as sessio_session_ensure_loaded(), and `*is_new` is false then.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_is_new(
    session: *const sessio_session,
    is_new: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let is_new = out(is_new, false)?;
            *is_new = ask(session, SessionRequest::IsNew)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// The client's secret: what was brought, or what it is to get. SESSIO_NOT_FOUND for a session
/// that was never stored, and for one of a list. Never asks the store.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Ownership: sets `*token` to a text that the caller owns: sessio_value_free(); to NULL unless
/// the result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_token(
    session: *const sessio_session,
    token: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(token, ptr::null_mut())?;
            Ok(give(slot, borrow(session)?.session.token().map(Value::from)))
        })
    }
}

/// The token under which the next commit stores a session, chosen now if it is to get a new one:
/// for what has to know it before, such as CSRF tokens that are bound to a session. Nothing is
/// stored by that alone, and a later sessio_session_renew() or sessio_session_regenerate() chooses
/// another one. SESSIO_NOT_FOUND for a session of a list, whose token nobody knows, and for one
/// that another request has ended. It is the client's secret: never log it.
///
/// Fails as sessio_session_ensure_loaded(); with SESSIO_INTERNAL when the system has no randomness to give.
///
/// Ownership: sets `*token` to a text that the caller owns: sessio_value_free(); to NULL unless the
/// result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_ensure_token(
    session: *const sessio_session,
    token: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(token, ptr::null_mut())?;
            let chosen: Option<String> = ask(session, SessionRequest::EnsureToken)?;
            Ok(give(slot, chosen.map(Value::from)))
        })
    }
}

/// The key of a session of a list; SESSIO_NOT_FOUND for one that was loaded. Never asks the store.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Ownership: sets `*key` to a text that the caller owns: sessio_value_free(); to NULL unless the
/// result is SESSIO_DONE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_key(
    session: *const sessio_session,
    key: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(key, ptr::null_mut())?;
            let key = borrow(session)?.session.key();
            Ok(give(slot, key.map(|key| Value::from(key.as_str()))))
        })
    }
}

/// Frees a session that the program owns. NULL is fine. What was not committed is dropped; what is
/// in flight is done all the same.
///
/// Ownership: takes the session; no thread may be using it any more. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_free(session: *mut sessio_session) {
    guard_or((), || {
        // SAFETY: NULL or a session that the program owns and gives up, as the header demands.
        unsafe { free(session) }
    });
}
