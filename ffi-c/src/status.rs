//! Statuses: 0 is success, positive numbers are other outcomes, negative numbers are errors.

use std::ffi::{CStr, c_char};

use sessio::{ErrorKind, Outcome};

use crate::guard::guard_or;

/// Success. For questions: yes.
pub const SESSIO_DONE: i32 = 0;
/// There is no live session with this token (absent, expired and malformed are the same), or no
/// value with this key.
pub const SESSIO_NOT_FOUND: i32 = 1;
/// The session is live, but its data is not what was expected. Nothing was written.
pub const SESSIO_CONFLICT: i32 = 2;
/// There is no live session with this token, so nothing was written.
pub const SESSIO_GONE: i32 = 3;
/// A callback of the program gave up. Nothing was written.
pub const SESSIO_ABORTED: i32 = 4;

/// The call itself is wrong: fix the program. The message names the argument.
pub const SESSIO_INVALID_ARGUMENT: i32 = -1;
/// A live session has this token already: choose another token.
pub const SESSIO_ALREADY_EXISTS: i32 = -2;
/// The data is over a limit (`max_data`, the column, or the server's packet), or a buffer is too
/// small.
pub const SESSIO_TOO_LARGE: i32 = -3;
/// The memory store is at its limit (`max_sessions`, `max_bytes`): raise it, or shed load.
pub const SESSIO_FULL: i32 = -4;
/// Too many calls are waiting for the server: shed load, or try again later.
pub const SESSIO_OVERLOADED: i32 = -5;
/// The deadline passed. A write may or may not have happened.
pub const SESSIO_TIMEOUT: i32 = -6;
/// The server cannot be reached, refused the login, or closed the connection during the call. A
/// write may or may not have happened.
pub const SESSIO_UNAVAILABLE: i32 = -7;
/// The table is missing or has an unknown layout: call sessio_store_migrate(), or name the right
/// table.
pub const SESSIO_SCHEMA: i32 = -8;
/// The table's layout cannot do this. The message names the migration that adds it.
pub const SESSIO_UNSUPPORTED: i32 = -9;
/// The stored data cannot be decoded: the row was damaged, or another program wrote it.
pub const SESSIO_CORRUPT: i32 = -10;
/// The store was closed: open a new one.
pub const SESSIO_CLOSED: i32 = -11;
/// The process forked while this call was pending; the parent gets the answer. Make the call again.
pub const SESSIO_FORKED: i32 = -12;
/// A bug in sessio: please report it.
pub const SESSIO_INTERNAL: i32 = -13;

const UNKNOWN: &CStr = c"unknown";

/// The name of a status: `"Done"`, `"NotFound"`, `"Timeout"`, and so on; `"unknown"` for any other
/// number. Error names are the same in all languages that sessio supports. Static text.
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

/// The status of a question whose "no" means that there is no such session.
pub(crate) fn found(yes: bool) -> i32 {
    if yes { SESSIO_DONE } else { SESSIO_NOT_FOUND }
}

/// The status of a write to a session that may have ended.
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
