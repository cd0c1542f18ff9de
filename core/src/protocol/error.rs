//! What can go wrong, sorted by what the caller should do about it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::message::Message;

/// The result of every fallible call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed. A kind exists only where the caller would act differently.
///
/// Names and numbers are the same in every language and are never renumbered;
/// `tests/error_kinds.json` is the list that all of them are checked against.
/// Deliberately not `non_exhaustive`: a new kind must break the build of every binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ErrorKind {
    /// The call itself is wrong: change the program.
    InvalidArgument = -1,
    /// A live session already has this token: make another token.
    AlreadyExists = -2,
    /// The data is over the limit (`max_data`, the column, or the server's packet): store less.
    TooLarge = -3,
    /// The memory store is at its cap (`max_sessions`, `max_bytes`): raise it, or shed load.
    Full = -4,
    /// Too much is waiting for the server already: shed load, try again later.
    Overloaded = -5,
    /// The deadline passed. A write may have happened or not.
    Timeout = -6,
    /// The server cannot be reached, refused the login, or went away in mid-call.
    Unavailable = -7,
    /// The table is missing or not of a known layout: run `migrate`, or name the right table.
    Schema = -8,
    /// The table's layout cannot do this: the message names the migration that helps.
    Unsupported = -9,
    /// What is stored cannot be read: the row was damaged or written by something else.
    Corrupt = -10,
    /// The store was closed: open a new one.
    Closed = -11,
    /// The process forked while this was in flight: its answer is the parent's. Ask again.
    Forked = -12,
    /// A bug in sessio: please report it.
    Internal = -13,
}

impl ErrorKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [ErrorKind; 13] = [
        ErrorKind::InvalidArgument,
        ErrorKind::AlreadyExists,
        ErrorKind::TooLarge,
        ErrorKind::Full,
        ErrorKind::Overloaded,
        ErrorKind::Timeout,
        ErrorKind::Unavailable,
        ErrorKind::Schema,
        ErrorKind::Unsupported,
        ErrorKind::Corrupt,
        ErrorKind::Closed,
        ErrorKind::Forked,
        ErrorKind::Internal,
    ];

    /// The number that C programs see; always negative.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The name, as in `tests/error_kinds.json`.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorKind::InvalidArgument => "InvalidArgument",
            ErrorKind::AlreadyExists => "AlreadyExists",
            ErrorKind::TooLarge => "TooLarge",
            ErrorKind::Full => "Full",
            ErrorKind::Overloaded => "Overloaded",
            ErrorKind::Timeout => "Timeout",
            ErrorKind::Unavailable => "Unavailable",
            ErrorKind::Schema => "Schema",
            ErrorKind::Unsupported => "Unsupported",
            ErrorKind::Corrupt => "Corrupt",
            ErrorKind::Closed => "Closed",
            ErrorKind::Forked => "Forked",
            ErrorKind::Internal => "Internal",
        }
    }

    /// Whether the same call may succeed when it is simply made again a little later.
    pub const fn retryable(self) -> bool {
        match self {
            ErrorKind::Overloaded
            | ErrorKind::Timeout
            | ErrorKind::Unavailable
            | ErrorKind::Forked => true,
            ErrorKind::InvalidArgument
            | ErrorKind::AlreadyExists
            | ErrorKind::TooLarge
            | ErrorKind::Full
            | ErrorKind::Schema
            | ErrorKind::Unsupported
            | ErrorKind::Corrupt
            | ErrorKind::Closed
            | ErrorKind::Internal => false,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An error: a [`kind`](Error::kind) to act on and a message for people.
///
/// The message says what to do next. Its wording is not part of the API, and it never contains a
/// token, a key, session data or a password. Cloning is cheap, because the callers of one batch
/// share its error.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Arc<Detail>);

#[derive(Debug)]
struct Detail {
    kind: ErrorKind,
    message: Message,
    retryable: bool,
    errno: Option<u16>,
    sqlstate: Option<String>,
}

impl Error {
    /// An error without a server behind it, retryable as its kind says.
    pub fn new(kind: ErrorKind, message: impl Into<Message>) -> Self {
        Error(Arc::new(Detail {
            kind,
            message: message.into(),
            retryable: kind.retryable(),
            errno: None,
            sqlstate: None,
        }))
    }

    pub(crate) fn invalid(message: impl Into<Message>) -> Self {
        Error::new(ErrorKind::InvalidArgument, message)
    }

    /// As [`Message::new`] makes it.
    pub(crate) fn invalid_with(template: &str, values: &[&dyn fmt::Display]) -> Self {
        Error::invalid(Message::new(template, values))
    }

    pub(crate) fn internal(message: impl Into<Message>) -> Self {
        Error::new(ErrorKind::Internal, message)
    }

    /// The error for a value that an option does not take.
    pub(crate) fn option_takes(name: &str, takes: &str) -> Self {
        Error::invalid(Message::from("option ").option(name).text(" takes ").text(takes))
    }

    pub(crate) fn already_exists() -> Self {
        Error::new(
            ErrorKind::AlreadyExists,
            "a live session has this token already; make another token",
        )
    }

    pub(crate) fn called_on_our_thread() -> Self {
        Error::invalid(
            "called on one of sessio's own threads, as from a log callback; hand the work to \
             another thread",
        )
    }

    pub(crate) fn too_late() -> Self {
        Error::new(
            ErrorKind::Timeout,
            "the server did not answer within the timeout; a write may have happened or not",
        )
    }

    pub(crate) fn closed() -> Self {
        Error::new(ErrorKind::Closed, "the store is closed; open a new one")
    }

    /// The same about what was given by the names that URLs have: all languages show those.
    #[must_use]
    pub fn by_url_names(mut self) -> Self {
        if let Some(detail) = Arc::get_mut(&mut self.0) {
            detail.message.keep_spelling();
        }
        self
    }

    /// The same, where trying again would end the same.
    pub(crate) fn not_retryable(mut self) -> Self {
        if let Some(detail) = Arc::get_mut(&mut self.0) {
            detail.retryable = false;
        }
        self
    }

    pub(crate) fn from_server(
        kind: ErrorKind,
        retryable: bool,
        message: impl Into<Message>,
        errno: u16,
        sqlstate: &str,
    ) -> Self {
        Error(Arc::new(Detail {
            kind,
            message: message.into(),
            retryable,
            errno: Some(errno),
            sqlstate: Some(sqlstate.to_owned()),
        }))
    }

    /// What the caller should do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message, in English, for people. It names options as URLs do.
    pub fn message(&self) -> &str {
        self.0.message.as_str()
    }

    /// The message with each option that it names as `spell` has it: for languages that spell them
    /// otherwise.
    pub fn message_with(&self, spell: impl Fn(&str) -> String) -> Cow<'_, str> {
        self.0.message.spelled(spell)
    }

    /// Whether the same call may succeed when it is made again a little later.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The server's error number, where a server said something.
    pub fn errno(&self) -> Option<u16> {
        self.0.errno
    }

    /// The server's SQLSTATE, where a server said something.
    pub fn sqlstate(&self) -> Option<&str> {
        self.0.sqlstate.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_list_is_this_list() {
        let listed: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/error_kinds.json")).unwrap();
        let ours: Vec<_> = ErrorKind::ALL
            .iter()
            .map(|kind| {
                serde_json::json!({
                    "number": kind.number(), "name": kind.name(), "retryable": kind.retryable(),
                })
            })
            .collect();
        assert_eq!(listed, serde_json::Value::Array(ours));
    }
}
