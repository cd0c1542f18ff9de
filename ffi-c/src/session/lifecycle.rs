//! Sessions: load, renew, destroy, merge; their deadline, subject, token and key.

use std::ffi::c_char;
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{Session, Status, Timestamp, Value};

use crate::error::sessio_error;
use crate::guard::{arg, borrow_if, free, guard, guard_or, into_raw};
use crate::record::SESSIO_NEVER;
use crate::status::{self, SESSIO_DONE, SESSIO_NOT_FOUND};

use super::call::call_session;
use super::value::sessio_value;

/// Nothing was changed since the session was loaded or committed.
pub const SESSIO_SESSION_UNMODIFIED: i32 = 0;
/// Something was changed.
pub const SESSIO_SESSION_MODIFIED: i32 = 1;
/// The session was ended, and nothing was put into it since.
pub const SESSIO_SESSION_DESTROYED: i32 = 2;

/// A session, as one request sees it. Changes are kept in it until sessio_manager_commit() stores
/// them; freeing it drops them.
///
/// Nothing is loaded until a function reads the session. The functions that read ask the store the
/// first time; afterwards, and after sessio_session_ensure_loaded(), they neither wait nor fail for
/// the store's reasons. The functions that change it do not wait, except sessio_session_destroy(),
/// sessio_session_take() and sessio_session_merge_from(), which ask the store each time, and
/// sessio_session_renew(), sessio_session_regenerate(), sessio_session_assign() and
/// sessio_session_put_if_changed(), which load first.
///
/// In a forked child, do not use a session that another thread was using at the fork.
pub struct sessio_session {
    pub(crate) session: Session,
}

/// Hands out a value, or returns SESSIO_NOT_FOUND.
pub(super) fn value_out(slot: &mut *mut sessio_value, value: Option<Value>) -> i32 {
    let Some(value) = value else { return SESSIO_NOT_FOUND };
    *slot = into_raw(sessio_value::new(value));
    SESSIO_DONE
}

/// Loads a session unless that was done. SESSIO_DONE whether the store has such a session or not.
///
/// Asks the store. Fails with SESSIO_CORRUPT only if the setting `on_corrupt` is `fail`; otherwise
/// a session that cannot be decoded is a new one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_ensure_loaded(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, SessionRequest::EnsureLoaded)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Gives a session a new token at the commit, in one step with all other changes: at any moment
/// exactly one of the two tokens is valid, and without a commit nothing changes. Call it when a
/// user logs in or out, so that a token that was planted before becomes worthless. SESSIO_GONE if
/// another request is known to have ended the session. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_renew(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || Ok(status::written(call_session(session, SessionRequest::Renew)?))) }
}

/// Starts over under a new token at the commit: values, flash values, subject, "remember me", idle
/// timeout, extra data and earlier changes are dropped, and a new lifetime begins. What is put in
/// afterwards belongs to the new session. The new token and the emptied session are stored in one
/// step: at any moment exactly one of the two tokens is valid, and without a commit nothing
/// changes. A session that is not stored yet is only emptied. SESSIO_GONE if another request is
/// known to have ended the session. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_regenerate(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || Ok(status::written(call_session(session, SessionRequest::Regenerate)?)))
    }
}

/// Makes the commit store a new session even if it has no values, for programs that need its token
/// or its row. No effect on a session that is stored already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_store_empty(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, SessionRequest::StoreEmpty)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Ends a session now and forgets its values. The commit then deletes the cookie. What is put in
/// afterwards makes a new session. Asks the store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_destroy(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, SessionRequest::Destroy)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Copies everything from the session of another token, key by key, and the later deadline of the
/// two. The other session ends when this one is stored. Nothing happens if there is no such
/// session, or if it is this one. Asks the store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_merge_from(
    session: *mut sessio_session,
    token: *const c_char,
    token_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let token = arg!(text(token, token_len))?.to_owned();
            call_session::<()>(session, |session| SessionRequest::MergeFrom(session, token))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*deadline_us` to the end of a session's lifetime. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_deadline(
    session: *mut sessio_session,
    deadline_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let deadline_us = arg!(out(deadline_us, 0))?;
            *deadline_us =
                call_session(session, SessionRequest::Deadline).map(Timestamp::as_micros)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*expires_at_us` to when a session ends if it is not used from now on, as the store has it
/// (what was loaded, or what the last commit stored); SESSIO_NEVER if it has no end.
/// SESSIO_NOT_FOUND for a session that is not stored. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_expires_at_us(
    session: *mut sessio_session,
    expires_at_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let expires_at_us = arg!(out(expires_at_us, 0))?;
            let ends: Option<Timestamp> = call_session(session, SessionRequest::ExpiresAt)?;
            if ends.is_none() && call_session(session, SessionRequest::IsNew)? {
                return Ok(SESSIO_NOT_FOUND);
            }
            *expires_at_us = ends.map_or(SESSIO_NEVER, Timestamp::as_micros);
            Ok(SESSIO_DONE)
        })
    }
}

/// Moves the end of a session's lifetime. A time in the past ends it at the commit; SESSIO_NEVER is
/// allowed. The deadline is fixed from then on: neither use of the session nor
/// sessio_session_touch() moves it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_deadline(
    session: *mut sessio_session,
    deadline_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let deadline = Timestamp::from_micros(deadline_us).into();
            call_session::<()>(session, |session| SessionRequest::SetDeadline(session, deadline))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Whether the cookie of this session outlives the browser, regardless of the setting
/// `cookie_persist`: true keeps it until the session ends, false until the browser is closed.
/// Stored with the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remember_me(
    session: *mut sessio_session,
    remember: bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, |session| SessionRequest::RememberMe(session, remember))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*remembered` to what sessio_session_remember_me() has set. SESSIO_NOT_FOUND if it was not
/// called: then the setting `cookie_persist` decides. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remembered(
    session: *mut sessio_session,
    remembered: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(remembered, false))?;
            let set: Option<bool> = call_session(session, SessionRequest::Remembered)?;
            let Some(set) = set else { return Ok(SESSIO_NOT_FOUND) };
            *slot = set;
            Ok(SESSIO_DONE)
        })
    }
}

/// The subject of a session, as a text value. SESSIO_NOT_FOUND if it has none. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_subject(
    session: *mut sessio_session,
    subject: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(subject, ptr::null_mut()))?;
            let subject: Option<String> = call_session(session, SessionRequest::Subject)?;
            Ok(value_out(slot, subject.map(Value::from)))
        })
    }
}

/// Sets the subject, which is usually a user id, so that all sessions of a user can be listed and
/// ended. NULL and 0 remove it.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a subject that is empty, longer than 255 characters, or
/// ends with a space. The commit fails with SESSIO_UNSUPPORTED if the table has no column for
/// subjects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_subject(
    session: *mut sessio_session,
    subject: *const c_char,
    subject_len: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let subject = arg!(text_if(subject, subject_len))?.map(str::to_owned);
            call_session::<()>(session, |session| SessionRequest::SetSubject(session, subject))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Whether there is something to commit: one of SESSIO_SESSION_…. Does not ask the store.
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

/// Sets `*is_new` to whether the store does not have this session (yet). Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_is_new(
    session: *mut sessio_session,
    is_new: *mut bool,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let is_new = arg!(out(is_new, false))?;
            *is_new = call_session(session, SessionRequest::IsNew)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// The token of a session, as a text value: the one of the request, or the one that the client will
/// get. It is the client's secret: never log it. SESSIO_NOT_FOUND for a session that was never
/// stored, and for one of a list. Does not ask the store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_token(
    session: *const sessio_session,
    token: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(token, ptr::null_mut()))?;
            Ok(value_out(slot, arg!(borrow(session))?.session.token().map(Value::from)))
        })
    }
}

/// The token under which the next commit stores a session, as a text value. It is chosen now if the
/// session is to get a new one: for programs that need it before the commit, such as for CSRF
/// tokens that are bound to a session. This alone stores nothing, and a later
/// sessio_session_renew() or sessio_session_regenerate() chooses another token. It is the client's
/// secret: never log it. SESSIO_NOT_FOUND for a session of a list, whose token is unknown, and for
/// one that another request has ended.
///
/// Loads the session. Fails with SESSIO_INTERNAL if the system has no randomness.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_ensure_token(
    session: *mut sessio_session,
    token: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(token, ptr::null_mut()))?;
            let chosen: Option<String> = call_session(session, SessionRequest::EnsureToken)?;
            Ok(value_out(slot, chosen.map(Value::from)))
        })
    }
}

/// The key of a session of a list, as a text value. SESSIO_NOT_FOUND for one that was loaded by its
/// token. Does not ask the store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_key(
    session: *const sessio_session,
    key: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(key, ptr::null_mut()))?;
            let key = arg!(borrow(session))?.session.key();
            Ok(value_out(slot, key.map(|key| Value::from(key.as_str()))))
        })
    }
}

/// Frees a session. Uncommitted changes are dropped; pending calls are finished. Sessions that
/// belong to a page or a cursor are freed with these.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_free(session: *mut sessio_session) {
    guard_or((), || {
        // SAFETY: NULL or a session that the program owns and gives up, as the header demands.
        unsafe { free(session) }
    });
}
