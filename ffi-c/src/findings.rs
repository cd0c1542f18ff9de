//! What `check` noticed, as an object that a C program owns.

use std::ffi::{CString, c_char};
use std::ptr;

use sessio::Finding;

use crate::error::c_text;
use crate::guard::{borrow_if, free, guard_or};

/// What sessio_store_check() noticed about a table. Immutable.
pub struct sessio_findings(Vec<Texts>);

struct Texts {
    code: CString,
    severity: CString,
    message: CString,
    fix: CString,
}

impl sessio_findings {
    pub(crate) fn new(findings: &[Finding]) -> Self {
        let texts = |finding: &Finding| Texts {
            code: c_text(finding.code),
            severity: c_text(finding.severity.name()),
            message: c_text(&finding.message),
            fix: c_text(&finding.fix),
        };
        sessio_findings(findings.iter().map(texts).collect())
    }
}

/// # Safety
/// `findings` is NULL or points to findings that live as long as the text is used.
unsafe fn text(
    findings: *const sessio_findings,
    index: usize,
    which: impl FnOnce(&Texts) -> &CString,
) -> *const c_char {
    // SAFETY: passed on from the caller.
    let finding = unsafe { borrow_if(findings) }.and_then(|this| this.0.get(index));
    finding.map_or(ptr::null(), |texts| which(texts).as_ptr())
}

/// How many things are wrong with the table; 0 when nothing is, and for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_findings_count(findings: *const sessio_findings) -> usize {
    guard_or(0, || {
        // SAFETY: NULL or live findings, as the header demands.
        unsafe { borrow_if(findings) }.map_or(0, |this| this.0.len())
    })
}

/// The stable name of a finding, for programs: `"missing_table"`, `"collation"`, `"blob_size"`,
/// `"timestamp"`, `"time_zone"`, `"on_update"`, `"expiry_index"`, `"engine"`, `"subject_column"`,
/// `"subject_index"`, `"primary_key"`, `"unknown_layout"`, `"view"`, `"row_format"`,
/// `"required_column"`, `"auto_increment"`, `"generated_column"`, `"trigger"`, `"foreign_key"`,
/// `"binlog_format"`, `"max_allowed_packet"`. NULL for an index out of range, and for NULL.
///
/// Ownership: belongs to the findings and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_findings_code(
    findings: *const sessio_findings,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or live findings, as the header demands.
        unsafe { text(findings, index, |texts| &texts.code) }
    })
}

/// How bad it is: `"advice"` (it works, but not as well as it could), `"hazard"` (it can lose or
/// expose sessions in a situation that the message names) or `"broken"` (the table cannot be
/// used). NULL for an index out of range, and for NULL.
///
/// Ownership: belongs to the findings and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_findings_severity(
    findings: *const sessio_findings,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or live findings, as the header demands.
        unsafe { text(findings, index, |texts| &texts.severity) }
    })
}

/// What is so, and what it can do to you. NULL for an index out of range, and for NULL.
///
/// Ownership: belongs to the findings and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_findings_message(
    findings: *const sessio_findings,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or live findings, as the header demands.
        unsafe { text(findings, index, |texts| &texts.message) }
    })
}

/// The statement or the call that mends it. NULL for an index out of range, and for NULL.
///
/// Ownership: belongs to the findings and lives as long. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_findings_fix(
    findings: *const sessio_findings,
    index: usize,
) -> *const c_char {
    guard_or(ptr::null(), || {
        // SAFETY: NULL or live findings, as the header demands.
        unsafe { text(findings, index, |texts| &texts.fix) }
    })
}

/// Frees findings and their texts. NULL is fine.
///
/// Ownership: takes the findings. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_findings_free(findings: *mut sessio_findings) {
    guard_or((), || {
        // SAFETY: NULL or findings that the program owns and gives up, as the header demands.
        unsafe { free(findings) }
    });
}
