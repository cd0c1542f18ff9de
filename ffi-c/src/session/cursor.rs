//! All listed sessions, one after another, over all pages.

use std::ffi::c_char;
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{Key, Result, Session, SessionManager, SessionPage};

use crate::error::sessio_error;
use crate::guard::{borrow, borrow_mut, free, guard, guard_or, handle, out, text};
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

use super::door::asked;
use super::handle::sessio_session;
use super::manager::sessio_manager;

/// How many sessions are asked for at once.
const PAGE: usize = 100;

/// Goes through listed sessions in the order of their keys, and asks for the next page where one is
/// over: the whole table is never held.
///
/// What lives all the while comes once; of what is stored or ended meanwhile some may come and some
/// may not. Needs neither its manager nor its store to live; but a closed store answers
/// SESSIO_CLOSED.
pub struct sessio_session_cursor {
    manager: SessionManager,
    /// Of everybody where it is absent.
    subject: Option<String>,
    page: std::vec::IntoIter<Session>,
    /// Where the next page begins.
    after: Option<Key>,
    was_last: bool,
    /// The one that was given, which lives until the next one is.
    current: Option<sessio_session>,
}

impl sessio_session_cursor {
    fn new(manager: &SessionManager, subject: Option<String>) -> Self {
        sessio_session_cursor {
            manager: manager.clone(),
            subject,
            page: Vec::new().into_iter(),
            after: None,
            was_last: false,
            current: None,
        }
    }

    fn next(&mut self) -> Result<Option<&sessio_session>> {
        self.current = None;
        loop {
            if let Some(session) = self.page.next() {
                return Ok(Some(self.current.insert(sessio_session { session })));
            }
            if self.was_last {
                return Ok(None);
            }
            let page = self.next_page()?;
            self.was_last = page.next.is_none();
            self.after = page.next;
            self.page = page.sessions.into_iter();
        }
    }

    fn next_page(&self) -> Result<SessionPage> {
        let manager = self.manager.clone();
        let request = match &self.subject {
            Some(subject) => {
                SessionRequest::ListSubject(manager, subject.clone(), self.after, PAGE)
            }
            None => SessionRequest::List(manager, self.after, PAGE),
        };
        asked(request, self.manager.store())
    }
}

/// Begins to go through all live sessions, of everybody. Asks the store nothing yet. Each can be
/// read, changed, committed and destroyed like one of sessio_manager_list().
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Ownership: sets `*cursor` to a cursor that the caller owns: sessio_session_cursor_free(); to
/// NULL when it fails. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_each(
    manager: *const sessio_manager,
    cursor: *mut *mut sessio_session_cursor,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(cursor, ptr::null_mut())?;
            *slot = handle(sessio_session_cursor::new(&borrow(manager)?.manager, None));
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_each() for the sessions of one subject: a user's devices.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL and for a subject that is not UTF-8. Other subjects
/// that cannot be, and a table without a column for them, are the errors of
/// sessio_session_cursor_next().
///
/// Ownership: the subject is copied; otherwise as sessio_manager_each(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_each_subject(
    manager: *const sessio_manager,
    subject: *const c_char,
    subject_len: usize,
    cursor: *mut *mut sessio_session_cursor,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(cursor, ptr::null_mut())?;
            let (this, subject) = (borrow(manager)?, text(subject, subject_len)?.to_owned());
            *slot = handle(sessio_session_cursor::new(&this.manager, Some(subject)));
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*session` to the next session; SESSIO_NOT_FOUND when that was the last one. One call of a
/// hundred asks the store, and waits.
///
/// Fails as sessio_manager_list() or sessio_manager_list_subject(); to try again, call it again.
///
/// Ownership: the session belongs to the cursor: do not free it. It lives until the next call, or
/// until the cursor is freed, and what was changed in it and not committed is dropped then.
/// `*session` is NULL unless the result is SESSIO_DONE. Threads: one at a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_cursor_next(
    cursor: *mut sessio_session_cursor,
    session: *mut *const sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(session, ptr::null())?;
            let Some(next) = borrow_mut(cursor)?.next()? else { return Ok(SESSIO_NOT_FOUND) };
            *slot = ptr::from_ref(next);
            Ok(SESSIO_DONE)
        })
    }
}

/// Frees a cursor with the session that it gave last. NULL is fine.
///
/// Ownership: takes the cursor; no thread may be using it or its session any more. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_cursor_free(cursor: *mut sessio_session_cursor) {
    guard_or((), || {
        // SAFETY: NULL or a cursor that the program owns and gives up, as the header demands.
        unsafe { free(cursor) }
    });
}
