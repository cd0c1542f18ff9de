//! A cursor over all listed sessions, which asks for page after page.

use std::ffi::c_char;
use std::ptr;

use sessio::operation::SessionRequest;
use sessio::{Key, Result, Session, SessionManager, SessionPage};

use crate::error::sessio_error;
use crate::guard::{arg, free, guard, guard_or, into_raw};
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

use super::call::call;
use super::lifecycle::sessio_session;
use super::manager::sessio_manager;

/// Sessions per page that is asked for.
const PAGE: usize = 100;

/// Goes through listed sessions in the order of their keys, page by page, so the whole table is
/// never in memory.
///
/// A session that is live all the while comes once; one that is stored or ended in the meantime may
/// or may not come. The cursor can be used after its manager was freed; after its store was closed
/// it fails with SESSIO_CLOSED.
pub struct sessio_session_cursor {
    manager: SessionManager,
    /// `None` for the sessions of all subjects.
    subject: Option<String>,
    page: std::vec::IntoIter<Session>,
    /// Where the next page begins.
    after: Option<Key>,
    was_last: bool,
    /// The one that the program has, which lives until it asks for the next one.
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
        call(request, self.manager.store())
    }
}

/// A cursor over all live sessions. Each can be used like one of sessio_manager_list(). Does not
/// ask the store yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_each(
    manager: *mut sessio_manager,
    cursor: *mut *mut sessio_session_cursor,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(cursor, ptr::null_mut()))?;
            *slot = into_raw(sessio_session_cursor::new(&arg!(borrow(manager))?.manager, None));
            Ok(SESSIO_DONE)
        })
    }
}

/// sessio_manager_each() for the sessions of one subject, such as a user's devices. A subject that
/// cannot exist, and a table without a column for subjects, are errors of
/// sessio_session_cursor_next().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_manager_each_subject(
    manager: *mut sessio_manager,
    subject: *const c_char,
    subject_len: usize,
    cursor: *mut *mut sessio_session_cursor,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(cursor, ptr::null_mut()))?;
            let (this, subject) =
                (arg!(borrow(manager))?, arg!(text(subject, subject_len))?.to_owned());
            *slot = into_raw(sessio_session_cursor::new(&this.manager, Some(subject)));
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets `*session` to the next session; SESSIO_NOT_FOUND after the last one. The session belongs to
/// the cursor and lives until the next call, which drops its uncommitted changes.
///
/// Asks the store once for every hundred sessions. Fails as sessio_manager_list(); call it again to
/// retry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_cursor_next(
    cursor: *mut sessio_session_cursor,
    session: *mut *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(session, ptr::null_mut()))?;
            let Some(next) = arg!(borrow_mut(cursor))?.next()? else { return Ok(SESSIO_NOT_FOUND) };
            *slot = ptr::from_ref(next).cast_mut();
            Ok(SESSIO_DONE)
        })
    }
}

/// Frees a cursor and the session that it gave last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_cursor_free(cursor: *mut sessio_session_cursor) {
    guard_or((), || {
        // SAFETY: NULL or a cursor that the program owns and gives up, as the header demands.
        unsafe { free(cursor) }
    });
}
