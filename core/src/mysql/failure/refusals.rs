//! What each error number of a server, a proxy or a cluster means. An unknown number is a trouble
//! of the server's that may pass.

use mysql_async::ServerError;

use crate::protocol::error::ErrorKind;
use crate::protocol::error::ErrorKind::{
    Internal, InvalidArgument, Schema, Timeout, TooLarge, Unavailable, Unsupported,
};

/// As the variants of [`super::Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Lost,
    Host,
    Prepare,
    NoStatement,
    NoConnection,
    Locked,
    Busy,
    Duplicate,
    Row,
    Interrupted,
    Final,
}

/// Whether the server's text for a statement can be shown. It can where it never quotes data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    Shown,
    Hidden,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) cause: Cause,
    pub(super) kind: ErrorKind,
    pub(super) retryable: bool,
    pub(super) words: Words,
    /// Behind the host's name.
    pub(super) what: &'static str,
    /// What to do.
    pub(super) next: &'static str,
}

impl Refusal {
    const fn new(cause: Cause, kind: ErrorKind, what: &'static str, next: &'static str) -> Self {
        Refusal { cause, kind, retryable: kind.retryable(), words: Words::Shown, what, next }
    }

    /// Quotes data, or may do so.
    const fn hidden(mut self) -> Self {
        self.words = Words::Hidden;
        self
    }

    /// A person has to do something first.
    const fn for_a_person(mut self) -> Self {
        self.retryable = false;
        self
    }

    pub(super) fn of_statement(server: &ServerError) -> Refusal {
        match listed(server.code) {
            Some(refusal) => refusal,
            None if server.code == UNKNOWN_ERROR => of_unknown_error(&server.message),
            None => of_state(server),
        }
    }

    /// The same number at a login, where nothing was sent that could have happened.
    pub(super) fn of_login(server: &ServerError) -> Refusal {
        if server.code == 3159 || wants_tls(&server.message) {
            return WANTS_TLS;
        }
        if OF_VARIABLES.contains(&server.code) {
            return OPTION_REFUSED;
        }
        if server.state.starts_with("28") {
            return LOGIN_REFUSED;
        }
        let said = Refusal::of_statement(server);
        match said.cause {
            Cause::Host | Cause::NoConnection => said,
            // Shutting down.
            Cause::Lost if server.code == 1053 => Refusal { cause: Cause::Host, ..NOT_READY },
            Cause::Final if !said.retryable => said,
            Cause::Lost
            | Cause::Prepare
            | Cause::NoStatement
            | Cause::Locked
            | Cause::Busy
            | Cause::Duplicate
            | Cause::Row
            | Cause::Interrupted
            | Cause::Final => NOT_READY,
        }
    }
}

const NOT_READY: Refusal =
    Refusal::new(Cause::NoConnection, Unavailable, "did not open a connection", "try again");

const WANTS_TLS: Refusal = Refusal::new(
    Cause::Final,
    Unavailable,
    "refused the login without TLS",
    "set tls=required, or tls=verify-identity with a certificate that can be verified",
)
.for_a_person();

const LOGIN_REFUSED: Refusal = Refusal::new(
    Cause::Final,
    Unavailable,
    "refused the login or a right",
    "check the URL, or the user's account at the server; a MariaDB that demands TLS says 1045, too: \
     set tls=required then",
)
.for_a_person();

const OPTION_REFUSED: Refusal = Refusal::new(
    Cause::Final,
    InvalidArgument,
    "refused the settings of the connection",
    "check the {option session_variables} option, or the variables in the Go DSN",
);

/// What `SET` says of a variable's name or value.
const OF_VARIABLES: [u16; 10] = [1193, 1231, 1232, 1229, 1238, 1273, 1115, 1298, 1621, 8047];

fn wants_tls(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["insecure transport", "ssl connection is required", "server does not allow insecure"]
        .iter()
        .any(|sign| message.contains(sign))
}

/// MySQL's own, and what Vitess, PlanetScale, TiDB and Percona's cluster call anything.
const UNKNOWN_ERROR: u16 = 1105;

const NOT_PRIMARY: Refusal = Refusal::new(
    Cause::Host,
    Unavailable,
    "is not, or does not reach, the primary now",
    "try again in a moment",
)
.hidden();

/// Its text can quote the statement, so it is read and not shown.
fn of_unknown_error(message: &str) -> Refusal {
    const PRIMARY: [&str; 9] = [
        "not primary",
        "primary is not serving",
        "not_serving",
        "not serving",
        "reparent",
        "no healthy tablet",
        "wrong tablet type",
        "tablet type:",
        "cluster_event",
    ];
    const LOST: [&str; 6] = [
        "code = unavailable",
        "transport is closing",
        "connection closed",
        "connection refused",
        "lost connection",
        "connection error",
    ];
    const BUSY: [&str; 2] = ["code = aborted", "try restarting transaction"];
    let message = message.to_ascii_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| message.contains(sign));
    if says(&PRIMARY) {
        NOT_PRIMARY
    } else if says(&LOST) {
        LOST_CONNECTION.hidden()
    } else if says(&BUSY) {
        IN_THE_WAY.hidden()
    } else if says(&["pxc_strict_mode"]) {
        PXC
    } else {
        UNKNOWN
    }
}

const PXC: Refusal = Refusal::new(
    Cause::Final,
    Schema,
    "refused the statement, which its pxc_strict_mode prohibits",
    "give the table a primary key and the InnoDB engine; check says what it lacks",
)
.hidden();

/// What the class of its SQLSTATE says of a number that is not listed.
fn of_state(server: &ServerError) -> Refusal {
    let class = server.state.get(..2).unwrap_or_default();
    match (class, server.code) {
        _ if server.state == "25006" => READ_ONLY.hidden(),
        ("08", _) | (_, 2000..=2999) => LOST_CONNECTION.hidden(),
        ("28", _) => LOGIN_REFUSED.hidden(),
        ("40", _) => IN_THE_WAY.hidden(),
        _ => UNKNOWN,
    }
}

const UNKNOWN: Refusal =
    Refusal::new(Cause::Final, Unavailable, "refused the statement", "try again").hidden();

const LOST_CONNECTION: Refusal = Refusal::new(
    Cause::Lost,
    Unavailable,
    "ended the connection",
    "a write may have happened; try again",
);

const READ_ONLY: Refusal = Refusal::new(
    Cause::Host,
    Unavailable,
    "takes no writes now",
    "try again, or name a host that does in the URL",
);

const IN_THE_WAY: Refusal =
    Refusal::new(Cause::Busy, Unavailable, "gave another transaction the precedence", "try again");

fn listed(code: u16) -> Option<Refusal> {
    LIST.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, refusal)| *refusal)
}

/// Numbers below 2000 are MySQL's and MariaDB's, those from 2000 on a client's (a proxy passes them
/// on), from 3000 on MySQL's, from 4000 on MariaDB's but for 4031, from 8000 on TiDB's. Those of
/// 9000 are TiDB's, ProxySQL's and Amazon's.
#[rustfmt::skip]
const LIST: &[(&[u16], Refusal)] = &[
    // Shutdown in progress, aborted, packets that were not read, written or understood, killed,
    // gone, lost, idle for too long. A server says 1053 of what was done already, too.
    (&[1053, 1152, 1184, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1835, 1927, 3169, 4031,
       1181, 2006, 2013, 2055],
     LOST_CONNECTION),
    // ProxySQL found no server in time (TiDB: no answer of PD, TiKV); its server is offline, lags,
    // or is not the one that the connection is tied to. TiDB: commit undetermined.
    (&[9001, 9002, 9004, 9005, 9006, 8501],
     Refusal::new(Cause::Lost, Unavailable, "did not reach the server behind it",
                  "a write may have happened; try again")),

    // --read-only and its kin, a READ ONLY transaction, InnoDB or the table's file read-only,
    // forced recovery.
    (&[1290, 1792, 1836, 1874, 1881, 1036], READ_ONLY),
    // Galera: not prepared. Group Replication: not a member, refused by a hook. Offline, not
    // available.
    (&[1047, 3092, 3100, 3032, 3168],
     Refusal::new(Cause::Host, Unavailable, "is not ready",
                  "try again, or look after the cluster")),
    (&[1129],
     Refusal::new(Cause::Host, Unavailable, "blocks this client",
                  "run FLUSH HOSTS there, and look for what breaks off its logins").for_a_person()),

    // Unknown to this server (a proxy changed it), to be prepared again, the table changed. TiDB's,
    // too.
    (&[1243, 1615, 1412, 8111, 8113],
     Refusal::new(Cause::Prepare, Unavailable, "wants the statement prepared again", "try again")),
    (&[1461, 1295],
     Refusal::new(Cause::NoStatement, Unavailable, "prepares no statement",
                  "raise max_prepared_stmt_count there")),

    (&[1040, 1203, 1226, 9501],
     Refusal::new(Cause::NoConnection, Unavailable, "has no connection left",
                  "raise its limit, lower the {option connections} option, or try again")),
    (&[1042, 1135],
     Refusal::new(Cause::NoConnection, Unavailable, "cannot open a connection now", "try again")),

    (&[1205, 8020],
     Refusal::new(Cause::Locked, Unavailable, "could not get the row locks",
                  "another transaction holds them; try again")),
    // Deadlocks (and Galera's lost certification), the row changed, NOWAIT.
    (&[1213, 1614, 3058, 1020, 3572], IN_THE_WAY),
    // Group Replication's certification; a commit that was rolled back; NDB.
    (&[3101, 1180, 1297],
     Refusal::new(Cause::Busy, Unavailable, "rolled the statement back", "try again")),
    // TiDB: its text holds the row's key. ProxySQL's 9007 is a time out before anything was sent.
    (&[8002, 8005, 8022, 9007], IN_THE_WAY.hidden()),
    (&[8027, 8028, 8229],
     Refusal::new(Cause::Busy, Unavailable, "rolled the statement back", "try again")),

    (&[1062, 1022, 1169, 1586, 1859],
     Refusal::new(Cause::Duplicate, Internal, "has the key already", "try again").hidden()),

    (&[1406],
     Refusal::new(Cause::Row, TooLarge, "refused the session as too long for a column",
                  "store less, or run migrate")),
    (&[1153, 1301],
     Refusal::new(Cause::Row, TooLarge, "refused the statement as larger than its packets",
                  "raise max_allowed_packet there, or store less")),
    (&[1118, 1197, 1705, 8004, 8025, 9500],
     Refusal::new(Cause::Row, TooLarge, "refused the statement as too large",
                  "store less, or raise the limit there").hidden()),
    // NULL, cut off, out of range, no partition, CHECK of a table or of a view; keys of other
    // tables.
    (&[1048, 1264, 1265, 1369, 1451, 1452, 1216, 1217, 3819, 4025],
     Refusal::new(Cause::Row, Schema, "refused the session by a rule of the table",
                  "remove what is not of sessio's table, or run check")),
    // The same, and errors of triggers and of generated columns, with texts that quote values.
    (&[1292, 1366, 1411, 1441, 1525, 1526, 1300, 1365, 1690, 1644, 1557, 1761, 1762, 3140, 3141,
       3988],
     Refusal::new(Cause::Row, Schema, "refused the session by a rule or trigger of the table",
                  "remove what is not of sessio's table, or run check").hidden()),

    (&[1317, 1969, 3024],
     Refusal::new(Cause::Interrupted, Timeout, "interrupted the statement",
                  "a write may have happened").hidden()),

    (&[1044, 1045, 1130, 1142, 1143, 1227, 1251, 1275, 1370, 1449, 1524, 1698, 1820, 1862, 1873,
       2049, 2054, 2058, 2059, 2061, 3118, 3955, 4151, 8121],
     LOGIN_REFUSED),
    (&[3159], WANTS_TLS),

    (&[1049],
     Refusal::new(Cause::Final, Schema, "has no such database", "create it, or check the URL")),
    (&[1146, 1054, 1932],
     Refusal::new(Cause::Final, Schema, "does not have the table or one of its columns",
                  "run migrate, or check the {option table} option")),
    // No default, no such key, no such function, views that cannot be changed, triggers that change
    // the table itself, collations that do not mix, what a cluster wants of a table.
    (&[1364, 1423, 1176, 1305, 1288, 1347, 1356, 1393, 1394, 1471, 1442, 1267, 3098, 3750],
     Refusal::new(Cause::Final, Schema, "cannot use the table as it is",
                  "run check, and fix the table or the {option table} option")),
    (&[1050, 1060, 1061, 1091],
     Refusal::new(Cause::Final, Schema, "has the table another way than this change expects",
                  "run check, and call again")),
    (&[1071, 1074, 1709],
     Refusal::new(Cause::Final, Schema, "refused an index of the table as too wide",
                  "give the table ROW_FORMAT=DYNAMIC")),
    (&[1845, 1846],
     Refusal::new(Cause::Final, Unsupported, "cannot change the table in this way",
                  "run the statement that check names by hand")),
    (&[1665],
     Refusal::new(Cause::Final, Unavailable, "cannot write its binary log",
                  "set binlog_format=ROW there, or by the option {option session_variables}").for_a_person()),
    // Text that a server does not understand, or does not know the functions of.
    (&[1064, 1128, 1235, 1193, 1231, 1232, 1229, 1238, 1621, 8048, 8108],
     Refusal::new(Cause::Final, Unsupported, "does not support a statement of sessio's",
                  "use a newer server, or a proxy that passes everything on").hidden()),
    (&[1298],
     Refusal::new(Cause::Final, InvalidArgument, "does not know the time_zone of the Go DSN",
                  "name it as an offset, such as '+02:00', or load the server's table of zones")),
    // Disks, memory, locks, log and undo space.
    (&[1114, 1021, 1026, 1037, 1038, 1041, 1206, 1436, 1637, 1878, 8001, 8175, 8252],
     Refusal::new(Cause::Final, Unavailable, "has no room left", "free some there, or try again")),
    (&[1030, 1296, 1815, 9003, 9008, 9012, 9013],
     Refusal::new(Cause::Final, Unavailable, "has trouble with its storage", "try again")),
    (&[1034, 1035, 1194, 1195, 1712, 1877],
     Refusal::new(Cause::Final, Unavailable, "has a damaged table",
                  "repair it there").for_a_person()),
    // Too many placeholders, columns or parameters that do not match: statements made wrong.
    (&[1065, 1136, 1210, 1390, 8051, 8112],
     Refusal::new(Cause::Final, Internal, "did not take a statement as sessio made it",
                  "please report it").hidden()),
];

#[cfg(test)]
pub(super) fn numbers() -> impl Iterator<Item = u16> {
    LIST.iter().flat_map(|(codes, _)| codes.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_number_is_listed_once() {
        let mut seen = HashSet::new();
        for code in numbers() {
            assert!(seen.insert(code), "{code} is listed twice");
        }
    }

    #[test]
    fn a_cause_that_passes_is_retryable_and_a_row_is_not() {
        for (codes, refusal) in LIST {
            match refusal.cause {
                // 1129 stays until an operator unblocks the client at that host.
                Cause::Host if codes.contains(&1129) => assert!(!refusal.retryable),
                Cause::Row | Cause::Duplicate => assert!(!refusal.retryable, "{codes:?}"),
                Cause::Lost
                | Cause::Host
                | Cause::Prepare
                | Cause::NoStatement
                | Cause::NoConnection
                | Cause::Locked
                | Cause::Busy
                | Cause::Interrupted => assert!(refusal.retryable, "{codes:?}"),
                Cause::Final => {}
            }
        }
    }
}
