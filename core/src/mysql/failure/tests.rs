//! The numbers, each with what it has to become.

use mysql_async::{Error as Driver, IoError, ServerError};

use super::Failure;
use crate::protocol::error::ErrorKind::{
    self, Internal, InvalidArgument, Schema, Timeout, TooLarge, Unavailable, Unsupported,
};

const SAID: &str = "what the server said";

fn server(code: u16, state: &str, message: &str) -> Driver {
    Driver::Server(ServerError { code, message: message.to_owned(), state: state.to_owned() })
}

fn at_statement(code: u16, state: &str, message: &str) -> Failure {
    Failure::from_driver(&server(code, state, message), "db:3306")
}

fn at_login(code: u16, state: &str, message: &str) -> Failure {
    Failure::at_login(&server(code, state, message), "db:3306")
}

fn variant(failure: &Failure) -> &'static str {
    match failure {
        Failure::Lost(_) => "Lost",
        Failure::Host(_) => "Host",
        Failure::Prepare(_) => "Prepare",
        Failure::NoStatement(_) => "NoStatement",
        Failure::NoConnection(_) => "NoConnection",
        Failure::Locked(_) => "Locked",
        Failure::Busy(_) => "Busy",
        Failure::Duplicate => "Duplicate",
        Failure::Row(_) => "Row",
        Failure::Unclear(_) => "Unclear",
        Failure::Interrupted(_) => "Interrupted",
        Failure::Final(_) => "Final",
    }
}

/// Numbers, what they are, the kind, whether to try again, whether the words are shown.
type Expected = (&'static [u16], &'static str, ErrorKind, bool, bool);

#[rustfmt::skip]
const AT_A_STATEMENT: &[Expected] = &[
    (&[1053, 1152, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1181, 1184, 1835, 1927, 2006,
       2013, 2055, 3169, 4031, 8501, 9001, 9002, 9004, 9005, 9006], "Lost", Unavailable, true, true),
    (&[2002, 2003, 2014, 2026, 2027], "Lost", Unavailable, true, false),
    (&[1036, 1047, 1290, 1792, 1836, 1874, 1881, 3032, 3092, 3100, 3168], "Host", Unavailable,
     true, true),
    (&[1129], "Host", Unavailable, false, true),
    (&[1243, 1412, 1615, 8111, 8113], "Prepare", Unavailable, true, true),
    (&[1295, 1461], "NoStatement", Unavailable, true, true),
    (&[1040, 1042, 1135, 1203, 1226, 9501], "NoConnection", Unavailable, true, true),
    (&[1205, 8020], "Locked", Unavailable, true, true),
    (&[1020, 1180, 1213, 1297, 1614, 3058, 3101, 3572, 8027, 8028, 8229], "Busy", Unavailable,
     true, true),
    (&[8002, 8005, 8022, 9007], "Busy", Unavailable, true, false),
    (&[1022, 1062, 1169, 1586, 1859], "Duplicate", Internal, false, false),
    (&[1153, 1301, 1406], "Row", TooLarge, false, true),
    (&[1118, 1197, 1705, 8004, 8025, 9500], "Row", TooLarge, false, false),
    (&[1048, 1216, 1217, 1264, 1265, 1369, 1451, 1452, 3819, 4025], "Row", Schema, false, true),
    (&[1292, 1300, 1365, 1366, 1411, 1441, 1525, 1526, 1557, 1644, 1690, 1761, 1762, 3140, 3141,
       3988], "Row", Schema, false, false),
    (&[1317, 1969, 3024], "Interrupted", Timeout, true, false),
    (&[1044, 1045, 1130, 1142, 1143, 1227, 1251, 1275, 1370, 1449, 1524, 1698, 1820, 1862, 1873,
       2049, 2054, 2058, 2059, 2061, 3118, 3159, 3955, 4151, 8121], "Final", Unavailable, false,
     true),
    (&[1049, 1050, 1054, 1060, 1061, 1071, 1074, 1091, 1146, 1176, 1267, 1288, 1305, 1347, 1356,
       1364, 1393, 1394, 1423, 1442, 1471, 1709, 1932, 3098, 3750], "Final", Schema, false, true),
    (&[1845, 1846], "Final", Unsupported, false, true),
    (&[1064, 1128, 1193, 1229, 1231, 1232, 1235, 1238, 1621, 8048, 8108], "Final", Unsupported,
     false, false),
    (&[1298], "Final", InvalidArgument, false, true),
    (&[1034, 1035, 1194, 1195, 1665, 1712, 1877], "Final", Unavailable, false, true),
    (&[1021, 1026, 1030, 1037, 1038, 1041, 1114, 1206, 1296, 1436, 1637, 1815, 1878, 8001, 8175,
       8252, 9003, 9008, 9012, 9013], "Final", Unavailable, true, true),
    (&[1065, 1136, 1210, 1390, 8051, 8112], "Final", Internal, false, false),
    // Of these it is only known that no list has them.
    (&[999, 1105, 1146 + 20_000, 5000, 7001, 8141, 9999, 65_535], "Final", Unavailable, true, false),
];

#[test]
fn each_number_at_a_statement() {
    for (codes, name, kind, retryable, shown) in AT_A_STATEMENT {
        for &code in *codes {
            let failure = at_statement(code, "HY000", SAID);
            assert_eq!(variant(&failure), *name, "{code}");
            let Failure::Duplicate = failure else {
                let error = failure.error();
                assert_eq!((error.kind(), error.is_retryable()), (*kind, *retryable), "{code}");
                assert_eq!(error.message().contains(SAID), *shown, "{code}: {error}");
                assert!(error.message().contains(&code.to_string()), "{error}");
                assert!(error.message().contains("db:3306"), "{error}");
                assert_eq!((error.errno(), error.sqlstate()), (Some(code), Some("HY000")));
                continue;
            };
        }
    }
}

#[test]
fn every_listed_number_is_in_this_table() {
    let here: Vec<u16> = AT_A_STATEMENT.iter().flat_map(|(codes, ..)| codes.to_vec()).collect();
    for code in super::refusals::numbers() {
        assert!(here.contains(&code), "{code} is not tested");
    }
}

#[test]
fn a_login_is_refused_for_good_or_for_now_and_always_in_the_servers_words() {
    for code in (1..10_000).filter(|code| ![3159, 1193, 1231, 1298].contains(code)) {
        let failure = at_login(code, "HY000", SAID);
        let name = variant(&failure);
        let error = failure.error();
        assert!(error.message().contains(SAID), "{error}");
        assert_eq!(error.errno(), Some(code));
        match name {
            "Host" | "NoConnection" => assert!(error.is_retryable() || code == 1129, "{error}"),
            "Final" => assert!(!error.is_retryable(), "{error}"),
            _ => panic!("{code} at a login is {name}"),
        }
    }
}

#[test]
fn numbers_that_logins_give() {
    let kind = |code, state, message| {
        let failure = at_login(code, state, message);
        let name = variant(&failure);
        let error = failure.error();
        (name, error.kind(), error.is_retryable(), error.message().to_owned())
    };
    for (code, state) in [
        (1045, "28000"),
        (3118, "HY000"),
        (3955, "HY000"),
        (4151, "HY000"),
        (1820, "HY000"),
        (1862, "HY000"),
        (2059, "HY000"),
        (1698, "28000"),
        (9013, "28000"),
        (1130, "HY000"),
    ] {
        let (name, kind, retryable, message) = kind(code, state, SAID);
        assert_eq!((name, kind, retryable), ("Final", Unavailable, false), "{code}");
        assert!(message.contains("refused the login"), "{message}");
    }
    for (code, message) in [
        (3159, SAID),
        (1105, "Connections using insecure transport are prohibited"),
        (9002, "SSL connection is required. Please specify SSL options and retry."),
    ] {
        let (name, kind, retryable, message) = kind(code, "HY000", message);
        assert_eq!((name, kind, retryable), ("Final", Unavailable, false), "{code}");
        assert!(message.contains("set tls="), "{message}");
    }
    for code in [1193, 1231, 1232, 1238, 1298] {
        let (name, kind, retryable, message) = kind(code, "HY000", SAID);
        assert_eq!((name, kind, retryable), ("Final", InvalidArgument, false), "{code}");
        assert!(message.contains("session_variables"), "{message}");
    }
    for code in [1040, 1203, 1226, 1158, 2013, 9001, 1105, 7777] {
        let (name, kind, retryable, _) = kind(code, "HY000", SAID);
        assert_eq!((name, kind, retryable), ("NoConnection", Unavailable, true), "{code}");
    }
    for code in [1053, 1047, 3032, 1290] {
        let (name, kind, retryable, _) = kind(code, "08S01", SAID);
        assert_eq!((name, kind, retryable), ("Host", Unavailable, true), "{code}");
    }
    let (name, kind, ..) = kind(1049, "42000", SAID);
    assert_eq!((name, kind), ("Final", Schema));
}

#[test]
fn an_unlisted_number_is_what_the_class_of_its_sqlstate_says() {
    for (state, name, retryable) in [
        ("08S01", "Lost", true),
        ("28000", "Final", false),
        ("40001", "Busy", true),
        ("25006", "Host", true),
        ("42000", "Final", true),
        ("", "Final", true),
        ("é", "Final", true),
    ] {
        let failure = at_statement(7777, state, SAID);
        assert_eq!(variant(&failure), name, "{state}");
        let error = failure.error();
        assert_eq!((error.kind(), error.is_retryable()), (Unavailable, retryable), "{state}");
        assert!(!error.message().contains(SAID), "{error}");
    }
}

#[test]
fn what_vitess_and_its_kin_call_an_unknown_error_is_read_and_not_shown() {
    for (message, name) in [
        ("target: app.-.primary: primary is not serving, there is a reparent operation", "Host"),
        (
            "vttablet: rpc error: code = Code(17) desc = operation not allowed in state NOT_SERVING",
            "Host",
        ),
        ("target: app.-.primary: no healthy tablet available for 'keyspace:\"app\"'", "Host"),
        ("wrong tablet type: REPLICA, want: PRIMARY or []", "Host"),
        ("vttablet: rpc error: code = Unavailable desc = error reading from server: EOF", "Lost"),
        ("vttablet: rpc error: code = Aborted desc = transaction 1: ended", "Busy"),
        (
            "Percona-XtraDB-Cluster prohibits use of GET_LOCK with pxc_strict_mode = ENFORCING",
            "Final",
        ),
        ("other error", "Final"),
    ] {
        let failure = at_statement(1105, "HY000", message);
        assert_eq!(variant(&failure), name, "{message}");
        assert!(!failure.error().message().contains(message));
    }
}

#[test]
fn words_that_quote_the_statement_are_not_shown_and_long_ones_are_cut() {
    let quoting = "too many (CallerID: app): Sql: \"select data\", BindVars: {token: \"secret\"}";
    let error = at_statement(1203, "42000", quoting).error();
    assert!(!error.message().contains("secret"), "{error}");
    let error = at_login(1045, "28000", &"x\n".repeat(5000)).error();
    assert!(error.message().len() < 500 && !error.message().contains('\n'), "{error}");
}

#[test]
fn a_connection_that_cannot_be_opened_lost_nothing() {
    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    let refused = Driver::Io(IoError::Io(refused));
    let failure = Failure::at_login(&refused, "db:3306");
    assert_eq!(variant(&failure), "NoConnection");
    assert!(!failure.error().message().contains("may have happened"));
    let failure = Failure::from_driver(&refused, "db:3306");
    assert_eq!(variant(&failure), "Lost");
    assert!(failure.error().message().contains("may have happened"));
}
