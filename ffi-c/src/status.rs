//! What calls return: 0, ordinary outcomes above it, errors below it.

use std::ffi::{CStr, c_char};

use sessio::{ErrorKind, Outcome};

use crate::guard::guard_or;

/// It was done; for questions: yes.
pub const SESSIO_DONE: i32 = 0;
/// No live session has the token: absent, expired and malformed are the same. Of a session's
/// values: there is none of this name.
pub const SESSIO_NOT_FOUND: i32 = 1;
/// The session lives, but its data is not what was expected. Nothing was written.
pub const SESSIO_CONFLICT: i32 = 2;
/// No live session has the token, so nothing was written.
pub const SESSIO_GONE: i32 = 3;
/// A callback of the program's gave up. Nothing was written.
pub const SESSIO_ABORTED: i32 = 4;

/// The call itself is wrong: mend the program.
pub const SESSIO_INVALID_ARGUMENT: i32 = -1;
/// A live session already has this token: make another token.
pub const SESSIO_ALREADY_EXISTS: i32 = -2;
/// The data is over the limit (`max_data`, the column, or the server's packet): store less.
pub const SESSIO_TOO_LARGE: i32 = -3;
/// The memory store is at its cap (`max_sessions`, `max_bytes`): raise it, or shed load.
pub const SESSIO_FULL: i32 = -4;
/// Too much is waiting for the server already: shed load, try again later.
pub const SESSIO_OVERLOADED: i32 = -5;
/// The deadline passed. A write may have happened or not.
pub const SESSIO_TIMEOUT: i32 = -6;
/// The server cannot be reached, refused the login, or went away in mid-call.
pub const SESSIO_UNAVAILABLE: i32 = -7;
/// The table is missing or not of a known layout: call sessio_store_migrate(), or name the right
/// table.
pub const SESSIO_SCHEMA: i32 = -8;
/// The table's layout cannot do this: the message names the migration that helps.
pub const SESSIO_UNSUPPORTED: i32 = -9;
/// What is stored cannot be read: the row was damaged or written by something else.
pub const SESSIO_CORRUPT: i32 = -10;
/// The store was closed: open a new one.
pub const SESSIO_CLOSED: i32 = -11;
/// The process forked while this was in flight: its answer is the parent's. Ask again.
pub const SESSIO_FORKED: i32 = -12;
/// A bug in sessio: please report it.
pub const SESSIO_INTERNAL: i32 = -13;

/// What is no status has no name.
const UNKNOWN: &CStr = c"unknown";

/// The name of a status: `"Done"`, `"NotFound"`, `"Timeout"`, …; `"unknown"` for any other number.
///
/// The names of errors are the same in every language that sessio speaks.
///
/// Ownership: static text, never freed. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_status_name(status: i32) -> *const c_char {
    guard_or(UNKNOWN.as_ptr(), || name(status).as_ptr())
}

fn name(status: i32) -> &'static CStr {
    match status {
        SESSIO_DONE => c"Done",
        SESSIO_NOT_FOUND => c"NotFound",
        SESSIO_CONFLICT => c"Conflict",
        SESSIO_GONE => c"Gone",
        SESSIO_ABORTED => c"Aborted",
        _ => ErrorKind::ALL
            .into_iter()
            .find(|kind| kind.number() == status)
            .map_or(UNKNOWN, kind_name),
    }
}

fn kind_name(kind: ErrorKind) -> &'static CStr {
    match kind {
        ErrorKind::InvalidArgument => c"InvalidArgument",
        ErrorKind::AlreadyExists => c"AlreadyExists",
        ErrorKind::TooLarge => c"TooLarge",
        ErrorKind::Full => c"Full",
        ErrorKind::Overloaded => c"Overloaded",
        ErrorKind::Timeout => c"Timeout",
        ErrorKind::Unavailable => c"Unavailable",
        ErrorKind::Schema => c"Schema",
        ErrorKind::Unsupported => c"Unsupported",
        ErrorKind::Corrupt => c"Corrupt",
        ErrorKind::Closed => c"Closed",
        ErrorKind::Forked => c"Forked",
        ErrorKind::Internal => c"Internal",
    }
}

/// For questions whose "no" is that there is no such session.
pub(crate) fn found(yes: bool) -> i32 {
    if yes { SESSIO_DONE } else { SESSIO_NOT_FOUND }
}

/// For writes to a session that may have ended.
pub(crate) fn written(saved: bool) -> i32 {
    if saved { SESSIO_DONE } else { SESSIO_GONE }
}

pub(crate) fn outcome(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Saved => SESSIO_DONE,
        Outcome::Conflict => SESSIO_CONFLICT,
        Outcome::Gone => SESSIO_GONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_and_names_are_those_of_every_language() {
        let ours = [
            SESSIO_INVALID_ARGUMENT,
            SESSIO_ALREADY_EXISTS,
            SESSIO_TOO_LARGE,
            SESSIO_FULL,
            SESSIO_OVERLOADED,
            SESSIO_TIMEOUT,
            SESSIO_UNAVAILABLE,
            SESSIO_SCHEMA,
            SESSIO_UNSUPPORTED,
            SESSIO_CORRUPT,
            SESSIO_CLOSED,
            SESSIO_FORKED,
            SESSIO_INTERNAL,
        ];
        assert_eq!(ours, ErrorKind::ALL.map(ErrorKind::number));
        for kind in ErrorKind::ALL {
            assert_eq!(kind_name(kind).to_str(), Ok(kind.name()));
            assert_eq!(name(kind.number()), kind_name(kind));
        }
        assert_eq!((name(5), name(-14), name(i32::MIN)), (UNKNOWN, UNKNOWN, UNKNOWN));
    }
}
