//! Completions: the finished calls of a queue.

use std::ffi::c_void;
use std::ptr;

use sessio::operation::{Answer, SessionAnswer};
use sessio::{Error, Result};

use crate::check_issues::sessio_check_issues;
use crate::error::sessio_error;
use crate::guard::{borrow_mut, free, guard_or, into_raw};
use crate::page::sessio_page;
use crate::record::{sessio_record, sessio_records};
use crate::session::call::unexpected_answer;
use crate::session::commit_result::{self, sessio_commit_result};
use crate::session::page::sessio_session_page;
use crate::session::value::sessio_value;
use crate::status::{self, SESSIO_DONE, SESSIO_NOT_FOUND};

/// The answer to a call that was submitted to a queue.
pub(crate) enum CallAnswer {
    /// To a verb of a store.
    Store(Answer),
    /// To a call of a session or of a manager.
    Session(SessionAnswer),
}

/// A finished call: what the blocking function of the same name would have returned and set.
/// sessio_queue_poll() fills it, and its objects belong to the caller: free each, or all with
/// sessio_completion_clear().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sessio_completion {
    /// The tag of the submission.
    pub tag: *mut c_void,
    /// What the blocking function would have returned.
    pub status: i32,
    /// Of count, delete_many, delete_subject, clear and delete_expired; otherwise 0.
    pub count: u64,
    /// Of find; otherwise NULL.
    pub record: *mut sessio_record,
    /// Of find_many; otherwise NULL.
    pub records: *mut sessio_records,
    /// Of list and list_subject; otherwise NULL.
    pub page: *mut sessio_page,
    /// Of check; otherwise NULL.
    pub issues: *mut sessio_check_issues,
    /// Of the commit of a manager; otherwise NULL.
    pub result: *mut sessio_commit_result,
    /// Of list and list_subject of a manager; otherwise NULL.
    pub sessions: *mut sessio_session_page,
    /// Why the call failed, if the status is negative; otherwise NULL.
    pub error: *mut sessio_error,
    /// Of the take of a session; otherwise NULL.
    pub value: *mut sessio_value,
    /// NULL: for the results of later versions.
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

    pub(crate) fn new(tag: *mut c_void, answer: Result<CallAnswer>) -> Self {
        match answer {
            Ok(CallAnswer::Store(answer)) => sessio_completion::of_verb(tag, answer),
            Ok(CallAnswer::Session(answer)) => sessio_completion::of_session(tag, answer),
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
                let result = into_raw(sessio_commit_result::new(&done));
                sessio_completion { result, ..with(commit_result::status(done.outcome)) }
            }
            SessionAnswer::Page(listed) => {
                let sessions = into_raw(sessio_session_page::new(listed));
                sessio_completion { sessions, ..with(SESSIO_DONE) }
            }
            SessionAnswer::Value(None) => with(SESSIO_NOT_FOUND),
            SessionAnswer::Value(Some(value)) => {
                let value = into_raw(sessio_value::new(value));
                sessio_completion { value, ..with(SESSIO_DONE) }
            }
            // The queue has no function for these: a loaded session is read without waiting.
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
            | SessionAnswer::Subject(_) => sessio_completion::failed(tag, &unexpected_answer()),
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
                let record = into_raw(sessio_record(found));
                sessio_completion { record, ..with(SESSIO_DONE) }
            }
            Answer::FoundMany(found) => {
                let records = into_raw(sessio_records::new(found));
                sessio_completion { records, ..with(SESSIO_DONE) }
            }
            Answer::Listed(listed) => {
                let page = into_raw(sessio_page::new(listed));
                sessio_completion { page, ..with(SESSIO_DONE) }
            }
            Answer::Checked(noticed) => {
                let issues = into_raw(sessio_check_issues::new(&noticed));
                sessio_completion { issues, ..with(SESSIO_DONE) }
            }
        }
    }
}

/// Frees all objects of a completion and sets it to zeros. The tag is the program's.
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
