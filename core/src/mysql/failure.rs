//! What a driver's error means for the batch that met it.

mod refusals;
#[cfg(test)]
mod tests;

use mysql_async::{DriverError, Error as Driver, ServerError};

use crate::protocol::error::{Error, ErrorKind};
use crate::protocol::message::Message;

use super::tls::{refused_certificate, why};
use refusals::{Cause, Refusal, Words};

/// Each cause that is treated in its own way is a variant of its own.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection is dead or in an unknown state; what was sent may have happened.
    Lost(Error),
    /// The host cannot serve, or not write, now; another may. The statement was not done.
    Host(Error),
    /// To be prepared again and sent again. The statement was not done.
    Prepare(Error),
    /// There is no prepared statement to be had: this one can go as text. It was not done.
    NoStatement(Error),
    /// There is no connection to be had now: worth trying for a while. Nothing was done.
    NoConnection(Error),
    /// Another transaction held a lock until the wait was over. The statement was not done.
    Locked(Error),
    /// Another transaction was in the way: the same again, a moment later. It was not done.
    Busy(Error),
    /// A unique key is taken already. The statement was not done.
    Duplicate,
    /// One row of the statement is to blame: the others deserve their own try. It was not done.
    Row(Error),
    /// The statement was done, and its answer makes no sense.
    Unclear(Error),
    /// The statement was stopped by the server; it was done or not.
    Interrupted(Error),
    /// It would be the same for every row.
    Final(Error),
}

impl Failure {
    pub(super) fn already_exists() -> Self {
        Failure::Final(Error::already_exists())
    }

    pub(super) fn error(self) -> Error {
        match self {
            Failure::Lost(error)
            | Failure::Host(error)
            | Failure::Prepare(error)
            | Failure::NoStatement(error)
            | Failure::NoConnection(error)
            | Failure::Locked(error)
            | Failure::Busy(error)
            | Failure::Row(error)
            | Failure::Unclear(error)
            | Failure::Interrupted(error)
            | Failure::Final(error) => error,
            Failure::Duplicate => Error::internal("a key that was free was taken in between"),
        }
    }

    /// What an open connection said. `place` is its host, for the message.
    pub(super) fn from_driver(error: &Driver, place: &str) -> Self {
        match error {
            Driver::Server(server) => of_statement(server, place),
            Driver::Driver(DriverError::PacketTooLarge) => Failure::Row(Error::new(
                ErrorKind::TooLarge,
                "the statement is over the server's max_allowed_packet; raise it, or store less",
            )),
            // The text of driver errors can hold what was sent, so only its I/O errors are shown.
            Driver::Io(io) => Failure::Lost(Error::new(
                ErrorKind::Unavailable,
                format!("the connection to {place} broke ({io}); a write may have happened"),
            )),
            Driver::Driver(_) | Driver::Other(_) | Driver::Url(_) => Failure::Lost(Error::new(
                ErrorKind::Unavailable,
                format!("the connection to {place} broke; a write may have happened"),
            )),
        }
    }

    /// What was said while a connection was opened, its settings included: nothing of a session
    /// was sent, so the server's words are shown. `place` is the host, for the message.
    pub(super) fn at_login(error: &Driver, place: &str) -> Self {
        if let Some(reason) = refused_certificate(error) {
            let certificate = Message::from(format!("the certificate of {place} "));
            return refused(certificate.and(&why(reason)));
        }
        match error {
            Driver::Server(server) => of_login(server, place),
            Driver::Driver(DriverError::UnknownAuthPlugin { name }) => refused(format!(
                "{place} wants to log the user in by {name}, which is not supported; give the user \
                 another authentication plugin (an unknown user can look like this too)"
            )),
            Driver::Driver(
                DriverError::CleartextPluginDisabled | DriverError::MysqlOldPasswordDisabled,
            ) => refused(format!(
                "{place} wants the password in a way that anyone on the network could read; give \
                 the user another authentication plugin"
            )),
            Driver::Driver(DriverError::NoClientSslFlagFromServer) => {
                refused(format!("{place} does not speak TLS; enable it there, or set tls=off"))
            }
            Driver::Io(io) => {
                let reason = io.to_string().replace("Input/output error: ", "");
                unreachable(format!("cannot reach {place} ({reason}); is the server running?"))
            }
            Driver::Driver(_) | Driver::Other(_) | Driver::Url(_) => unreachable(format!(
                "the handshake with {place} failed; is a MySQL server listening there?"
            )),
        }
    }
}

/// Trying again would end the same.
fn refused(message: impl Into<Message>) -> Failure {
    Failure::Final(Error::new(ErrorKind::Unavailable, message).not_retryable())
}

fn unreachable(message: String) -> Failure {
    Failure::NoConnection(Error::new(ErrorKind::Unavailable, message))
}

fn of_statement(server: &ServerError, place: &str) -> Failure {
    let refusal = Refusal::of_statement(server);
    let what = match refusal.words {
        Words::Shown if !quotes_sql(&server.message) => {
            format!("{}: {} (error {})", refusal.what, words(server), server.code)
        }
        Words::Shown | Words::Hidden => {
            format!("{} (error {}, {})", refusal.what, server.code, server.state)
        }
    };
    let message = and_next(format!("{place} {what}; "), refusal.next);
    let error =
        Error::from_server(refusal.kind, refusal.retryable, message, server.code, &server.state);
    match refusal.cause {
        Cause::Lost => Failure::Lost(error),
        Cause::Host => Failure::Host(error),
        Cause::Prepare => Failure::Prepare(error),
        Cause::NoStatement => Failure::NoStatement(error),
        Cause::NoConnection => Failure::NoConnection(error),
        Cause::Locked => Failure::Locked(error),
        Cause::Busy => Failure::Busy(error),
        Cause::Duplicate => Failure::Duplicate,
        Cause::Row => Failure::Row(error),
        Cause::Interrupted => Failure::Interrupted(error),
        Cause::Final => Failure::Final(error),
    }
}

/// What was said, which is the server's, and what to do, which names options.
fn and_next(said: String, next: &str) -> Message {
    Message::from(said).and(&Message::new(next, &[]))
}

fn of_login(server: &ServerError, place: &str) -> Failure {
    let refusal = Refusal::of_login(server);
    let said = format!("{}: {} (error {})", refusal.what, words(server), server.code);
    let message = and_next(format!("{place} {said}; "), refusal.next);
    let error =
        Error::from_server(refusal.kind, refusal.retryable, message, server.code, &server.state);
    match refusal.cause {
        Cause::Host => Failure::Host(error),
        Cause::NoConnection => Failure::NoConnection(error),
        Cause::Lost
        | Cause::Prepare
        | Cause::NoStatement
        | Cause::Locked
        | Cause::Busy
        | Cause::Duplicate
        | Cause::Row
        | Cause::Interrupted
        | Cause::Final => Failure::Final(error),
    }
}

/// What the server said, on one line of bounded length.
fn words(server: &ServerError) -> String {
    const MOST: usize = 300;
    let words = server.message.trim().trim_end_matches(['.', ';']);
    words.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Vitess appends the statement and its parameters to what MySQL said.
fn quotes_sql(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["sql:", "bindvars", "query:", "insert into", "update `"]
        .iter()
        .any(|sign| message.contains(sign))
}
