//! What a driver's error means for the batch that met it.

use mysql_async::{DriverError, Error as Driver, ServerError};

use crate::error::{Error, ErrorKind};

use super::tls::{refused_certificate, why};

#[derive(Debug)]
pub(super) enum Failure {
    /// The connection is gone or not to be used again; what was sent may have happened.
    Lost(Error),
    /// Another transaction was in the way: the same again, a moment later.
    Busy(Error),
    /// A unique key is taken already.
    Duplicate,
    /// One row of the statement may be to blame: the others deserve their own try.
    Row(Error),
    /// It would be the same for every row.
    Final(Error),
}

impl Failure {
    pub(super) fn error(self) -> Error {
        match self {
            Failure::Lost(error)
            | Failure::Busy(error)
            | Failure::Row(error)
            | Failure::Final(error) => error,
            Failure::Duplicate => Error::internal("a key that was free was taken in between"),
        }
    }

    /// `place` is the host, for the message.
    pub(super) fn from_driver(error: &Driver, place: &str) -> Self {
        if let Some(reason) = refused_certificate(error) {
            return Failure::Final(refused(format!("the certificate of {place} {}", why(reason))));
        }
        match error {
            Driver::Server(server) => from_server(server, place),
            Driver::Driver(DriverError::PacketTooLarge) => Failure::Row(Error::new(
                ErrorKind::TooLarge,
                "the statement is over the server's max_allowed_packet; raise it, or store less",
            )),
            Driver::Driver(DriverError::UnknownAuthPlugin { name }) => {
                Failure::Final(refused(format!(
                    "{place} wants to log the user in by {name}, which is not supported; give the \
                     user another authentication plugin (an unknown user can look like this too)"
                )))
            }
            Driver::Driver(
                DriverError::CleartextPluginDisabled | DriverError::MysqlOldPasswordDisabled,
            ) => Failure::Final(refused(format!(
                "{place} wants the password in a way that anyone on the network could read; give \
                 the user another authentication plugin"
            ))),
            Driver::Driver(DriverError::NoClientSslFlagFromServer) => Failure::Final(refused(
                format!("{place} does not speak TLS; enable it there, or set tls=off"),
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
}

/// Trying again would end the same.
fn refused(message: String) -> Error {
    Error::new(ErrorKind::Unavailable, message).not_retryable()
}

fn from_server(server: &ServerError, place: &str) -> Failure {
    let error = |kind: ErrorKind, retryable: bool, message: String| {
        Error::from_server(kind, retryable, message, server.code, &server.state)
    };
    let says = &server.message;
    match server.code {
        // Deadlock; lock wait timeout; and what Galera says to the loser of two commits.
        1213 | 1205 => Failure::Busy(error(
            ErrorKind::Unavailable,
            true,
            format!("{place} could not get the row locks; try again"),
        )),
        1062 => Failure::Duplicate,
        // Prepared statement unknown (a proxy changed servers), to be prepared again, or one too
        // many; shutdown, killed, read-only after a failover, node not in the cluster.
        1243 | 1615 | 1461 | 1053 | 1927 | 3169 | 4031 | 1290 | 1792 | 1836 | 1047 => {
            Failure::Lost(error(
                ErrorKind::Unavailable,
                true,
                format!("{place} ended the work ({}); try again", server.code),
            ))
        }
        1040 | 1203 | 1226 => Failure::Final(error(
            ErrorKind::Unavailable,
            true,
            format!("{place} has no connection left: {says}"),
        )),
        1317 | 1969 | 3024 => Failure::Final(error(
            ErrorKind::Timeout,
            true,
            format!("{place} interrupted the statement; a write may have happened"),
        )),
        1044 | 1045 | 1130 | 1142 | 1143 | 1227 | 1251 | 1524 | 1698 => Failure::Final(error(
            ErrorKind::Unavailable,
            false,
            format!("{place} refused the login or a right: {says}"),
        )),
        1049 => Failure::Final(error(
            ErrorKind::Schema,
            false,
            format!("{says} on {place}; create it, or mend the URL"),
        )),
        1146 | 1054 | 1932 => Failure::Final(error(
            ErrorKind::Schema,
            false,
            format!("{says}; run migrate, or mend the table option"),
        )),
        1153 | 1301 | 1406 => Failure::Row(error(
            ErrorKind::TooLarge,
            false,
            "the server refused the data as too long; store less, or run migrate".to_owned(),
        )),
        1665 => Failure::Final(error(
            ErrorKind::Unavailable,
            false,
            format!(
                "{place} has binlog_format=STATEMENT, with which it refuses every write at READ \
                 COMMITTED; set binlog_format=ROW there, or where the user may, by the option \
                 session_variables=binlog_format=ROW"
            ),
        )),
        1298 => Failure::Final(error(
            ErrorKind::InvalidArgument,
            false,
            format!(
                "{place} does not know the time_zone of the Go DSN; name it as an offset, such as \
                 '+02:00', or load the server's table of zones"
            ),
        )),
        1114 | 1021 | 1041 => Failure::Final(error(
            ErrorKind::Unavailable,
            true,
            format!("{place} has no room left: {says}"),
        )),
        // The server's words may quote what was sent, so its number has to do.
        code => Failure::Row(error(
            ErrorKind::Internal,
            false,
            format!("{place} refused the statement with error {code} ({})", server.state),
        )),
    }
}
