//! The problems that sessio_store_check() found, as an object that the caller owns.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::CheckIssue;

use crate::error::c_text;
use crate::guard::{borrow_if, free, guard_or};

/// The problems that sessio_store_check() found. Immutable.
pub struct sessio_check_issues(Vec<IssueTexts>);

struct IssueTexts {
    code: CString,
    severity: CString,
    message: CString,
    fix: CString,
}

impl sessio_check_issues {
    pub(crate) fn new(issues: &[CheckIssue]) -> Self {
        let texts = |issue: &CheckIssue| IssueTexts {
            code: c_text(issue.code),
            severity: c_text(issue.severity.name()),
            message: c_text(&issue.message),
            fix: c_text(&issue.fix),
        };
        sessio_check_issues(issues.iter().map(texts).collect())
    }
}

/// # Safety
/// `issues` is NULL or points to issues that live as long as the text is used.
unsafe fn text(
    issues: *const sessio_check_issues,
    index: usize,
    which: impl FnOnce(&IssueTexts) -> &CString,
) -> *const c_char {
    // SAFETY: passed on from the caller.
    let issue = unsafe { borrow_if(issues) }.and_then(|this| this.0.get(index));
    issue.map_or(ptr::null(), |texts| which(texts).as_ptr())
}

/// How many problems there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_check_issues_count(issues: *const sessio_check_issues) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or live issues, as the header demands.
        unsafe { borrow_if(issues) }.map_or(0, |this| this.0.len())
    })
}

/// The stable name of an issue, for programs: `"missing_table"`, `"collation"`, `"blob_size"`,
/// `"timestamp"`, `"time_zone"`, `"on_update"`, `"expiry_index"`, `"engine"`, `"subject_column"`,
/// `"subject_index"`, `"primary_key"`, `"unknown_layout"`, `"view"`, `"row_format"`,
/// `"required_column"`, `"auto_increment"`, `"generated_column"`, `"trigger"`, `"foreign_key"`,
/// `"binlog_format"`, `"max_allowed_packet"`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_check_issues_code(
    issues: *const sessio_check_issues,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or live issues, as the header demands.
        unsafe { text(issues, index, |texts| &texts.code) }
    })
}

/// How bad an issue is: `"advice"` (it works, but not as well as it could), `"hazard"` (it can lose
/// or expose sessions in the situation that the message describes) or `"broken"` (the table cannot
/// be used).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_check_issues_severity(
    issues: *const sessio_check_issues,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or live issues, as the header demands.
        unsafe { text(issues, index, |texts| &texts.severity) }
    })
}

/// What is wrong, and what it can cause.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_check_issues_message(
    issues: *const sessio_check_issues,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or live issues, as the header demands.
        unsafe { text(issues, index, |texts| &texts.message) }
    })
}

/// The statement or the call that fixes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_check_issues_fix(
    issues: *const sessio_check_issues,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or live issues, as the header demands.
        unsafe { text(issues, index, |texts| &texts.fix) }
    })
}

/// Frees issues and their texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_check_issues_free(issues: *mut sessio_check_issues) {
    guard_or((), || {
        // SAFETY: NULL or issues that the program owns and gives up, as the header demands.
        unsafe { free(issues) }
    });
}
