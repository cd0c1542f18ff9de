//! What comes out of a queue.

use std::ffi::c_void;
use std::ptr;

use sessio::operation::{Answer, SessionAnswer};
use sessio::{Error, Result};

use crate::check_issues::sessio_check_issues;
use crate::error::sessio_error;
use crate::guard::{borrow_mut, free, guard_or, handle};
use crate::page::sessio_page;
use crate::record::{sessio_record, sessio_records};
use crate::session::commit_result::{self, sessio_commit_result};
use crate::session::door::strange;
use crate::session::page::sessio_session_page;
use crate::session::value::sessio_value;
use crate::status::{self, SESSIO_DONE, SESSIO_NOT_FOUND};

/// What an operation of a queue was answered with.
pub(crate) enum Given {
    /// A verb of a store.
    Answer(Answer),
    /// A verb of a session or of a manager.
    Session(SessionAnswer),
}

/// A finished operation of a queue: what the synchronous call of the same name would have
/// returned and set.
///
/// Ownership: sessio_queue_poll() fills it, and from then on the program owns what it points to:
/// free the parts, or all with sessio_completion_clear().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sessio_completion {
    /// What was given at submission.
    pub tag: *mut c_void,
    /// What the synchronous call would have returned.
    pub status: i32,
    /// How many, for the verbs that count or delete several; otherwise 0.
    pub count: u64,
    /// Of find; otherwise NULL.
    pub record: *mut sessio_record,
    /// Of find_many; otherwise NULL.
    pub records: *mut sessio_records,
    /// Of list and list_subject; otherwise NULL.
    pub page: *mut sessio_page,
    /// Of check; otherwise NULL.
    pub issues: *mut sessio_check_issues,
    /// Of a manager's commit; otherwise NULL.
    pub result: *mut sessio_commit_result,
    /// Of a manager's list and list_subject; otherwise NULL.
    pub sessions: *mut sessio_session_page,
    /// Why it failed, when the status is negative; otherwise NULL.
    pub error: *mut sessio_error,
    /// Of a session's take; otherwise NULL.
    pub value: *mut sessio_value,
    /// NULL: room for the results of later versions.
    pub reserved: [*mut c_void; 1],
}

impl sessio_completion {
    pub(crate) const EMPTY: Self = sessio_completion {
        tag: ptr::null_mut(),
        status: SESSIO_DONE,
        count: 0,
        record: ptr::null_mut(),
        records: ptr::null_mut(),
        page: ptr::null_mut(),
        issues: ptr::null_mut(),
        result: ptr::null_mut(),
        sessions: ptr::null_mut(),
        error: ptr::null_mut(),
        value: ptr::null_mut(),
        reserved: [ptr::null_mut(); 1],
    };

    pub(crate) fn new(tag: *mut c_void, answer: Result<Given>) -> Self {
        match answer {
            Ok(Given::Answer(answer)) => sessio_completion::of_verb(tag, answer),
            Ok(Given::Session(answer)) => sessio_completion::of_session(tag, answer),
            Err(error) => sessio_completion::failed(tag, &error),
        }
    }

    fn failed(tag: *mut c_void, error: &Error) -> Self {
        let status = error.kind().number();
        sessio_completion { tag, status, error: sessio_error::boxed(error), ..Self::EMPTY }
    }

    fn of_session(tag: *mut c_void, answer: SessionAnswer) -> Self {
        let with = |status| sessio_completion { tag, status, ..Self::EMPTY };
        match answer {
            SessionAnswer::Done => with(SESSIO_DONE),
            SessionAnswer::Is(renewed) => with(status::written(renewed)),
            SessionAnswer::CommitResult(done) => {
                let result = handle(sessio_commit_result::new(&done));
                sessio_completion { result, ..with(commit_result::status(done.outcome)) }
            }
            SessionAnswer::Page(listed) => {
                let sessions = handle(sessio_session_page::new(listed));
                sessio_completion { sessions, ..with(SESSIO_DONE) }
            }
            SessionAnswer::Value(None) => with(SESSIO_NOT_FOUND),
            SessionAnswer::Value(Some(value)) => {
                let value = handle(sessio_value::new(value));
                sessio_completion { value, ..with(SESSIO_DONE) }
            }
            // What was looked at is read without a queue.
            SessionAnswer::Values(_)
            | SessionAnswer::Keys(_)
            | SessionAnswer::Text(_)
            | SessionAnswer::Ends(_)
            | SessionAnswer::Expires(_)
            | SessionAnswer::Token(_)
            | SessionAnswer::Session(_)
            | SessionAnswer::Begun(_)
            | SessionAnswer::Finished(_)
            | SessionAnswer::Remembered(_)
            | SessionAnswer::Lasts(_)
            | SessionAnswer::Subject(_) => sessio_completion::failed(tag, &strange()),
        }
    }

    fn of_verb(tag: *mut c_void, answer: Answer) -> Self {
        let with = |status| sessio_completion { tag, status, ..Self::EMPTY };
        match answer {
            Answer::Done => with(SESSIO_DONE),
            Answer::Is(yes) => with(status::found(yes)),
            Answer::Wrote(outcome) => with(status::outcome(outcome)),
            Answer::Count(count) => sessio_completion { count, ..with(SESSIO_DONE) },
            Answer::Found(None) => with(SESSIO_NOT_FOUND),
            Answer::Found(Some(found)) => {
                let record = handle(sessio_record(found));
                sessio_completion { record, ..with(SESSIO_DONE) }
            }
            Answer::FoundMany(found) => {
                let records = handle(sessio_records::new(found));
                sessio_completion { records, ..with(SESSIO_DONE) }
            }
            Answer::Listed(listed) => {
                let page = handle(sessio_page::new(listed));
                sessio_completion { page, ..with(SESSIO_DONE) }
            }
            Answer::Checked(noticed) => {
                let issues = handle(sessio_check_issues::new(&noticed));
                sessio_completion { issues, ..with(SESSIO_DONE) }
            }
        }
    }
}

/// Frees everything that a completion points to, but for the tag, which is the program's, and
/// sets it to zeros. NULL is fine.
///
/// Ownership: the struct stays the program's. Threads: one at a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_completion_clear(completion: *mut sessio_completion) {
    guard_or((), || {
        // SAFETY: NULL or a completion as the library filled it, as the header demands.
        unsafe {
            if let Ok(completion) = borrow_mut(completion) {
                let done = std::mem::replace(completion, sessio_completion::EMPTY);
                free(done.record);
                free(done.records);
                free(done.page);
                free(done.issues);
                free(done.result);
                free(done.sessions);
                free(done.error);
                free(done.value);
            }
        }
    });
}
