//! How the server runs our statements.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, Params, Row, Value};

use super::columns::ExpiryEncoding;
use super::layout::{self, Layout};
use super::sql::Statement;

use crate::environment;

async fn conn() -> Conn {
    let url = environment::given("SESSIO_TEST_MYSQL_URL");
    Conn::new(Opts::from_url(&url).unwrap()).await.unwrap()
}

/// A table, by how it is made; and whether its tokens are hashed.
struct Made {
    create: String,
    rows: u32,
    max_lifetime: Option<i64>,
    hash_tokens: bool,
}

/// Every layout there is, with the indexes that check asks for.
fn layouts() -> [Made; 4] {
    let migration = include_str!("../../migrations/0001_create_sessions.sql");
    let lines: Vec<&str> = migration.lines().filter(|line| !line.starts_with("--")).collect();
    let ours = lines.join("\n");
    let scs = "CREATE TABLE `sessions` (token CHAR(43) PRIMARY KEY, data BLOB NOT NULL, \
         expiry TIMESTAMP(6) NOT NULL, INDEX sessions_expiry_idx (expiry)) CHARSET=utf8mb4";
    let beego = "CREATE TABLE `sessions` (session_key CHAR(64) NOT NULL PRIMARY KEY, session_data BLOB, \
         session_expiry INT UNSIGNED NOT NULL, INDEX sessions_expiry_idx (session_expiry)) \
         CHARSET=latin1";
    let made = |create: &str, rows, max_lifetime, hash_tokens| Made {
        create: create.trim().trim_end_matches(';').to_owned(),
        rows,
        max_lifetime,
        hash_tokens,
    };
    [
        made(&ours, 100_000, None, true),
        made(scs, 20_000, None, true),
        made(scs, 20_000, None, false),
        made(beego, 20_000, Some(3600), false),
    ]
}

/// A table as it is after some months: most sessions live, some expired, a few with a subject.
async fn table(conn: &mut Conn, made: &Made) -> Layout {
    let name = format!("explained_{}", std::process::id());
    conn.query_drop(made.create.replace("`sessions`", &format!("`{name}`"))).await.unwrap();
    let columns = layout::columns(conn, &name).await.unwrap();
    let mut layout = layout::recognise(&name, &columns, made.max_lifetime, None).unwrap();
    layout.guarded = !layout.is_exact() && !made.hash_tokens;
    for start in (0..made.rows).step_by(2000) {
        let rows: Vec<String> = (start..start + 2000).map(|number| row(&layout, number)).collect();
        conn.query_drop(format!("INSERT INTO `{name}` VALUES {}", rows.join(","))).await.unwrap();
    }
    conn.query_drop(format!("ANALYZE TABLE `{name}`")).await.unwrap();
    layout
}

fn row(layout: &Layout, number: u32) -> String {
    let (year, day) = (if number.is_multiple_of(20) { 2020 } else { 2037 }, 1 + number % 28);
    let expiry = match layout.expiry {
        ExpiryEncoding::DateTime | ExpiryEncoding::Timestamp { .. } => {
            format!("'{year}-01-{day:02}'")
        }
        ExpiryEncoding::LastWrite { .. } => {
            format!("{}", (year - 1970) * 31_557_600 + day * 86_400)
        }
    };
    let subject = match (layout.subject, number % 10) {
        (true, 0) => format!(", '{}'", number / 100),
        (true, _) => ", NULL".to_owned(),
        (false, _) => String::new(),
    };
    format!("('{number:043}', REPEAT('x', 100), {expiry}{subject})")
}

/// The statement with values in place of its parameters: EXPLAIN of a prepared statement would
/// plan without them.
fn filled(layout: &Layout, text: &str) -> String {
    let mut number = 0;
    let mut filled = String::new();
    let now = match layout.expiry {
        ExpiryEncoding::DateTime | ExpiryEncoding::Timestamp { .. } => "'2026-01-01'",
        ExpiryEncoding::LastWrite { .. } => "1767225600",
    };
    let text = text.replace("CAST(? AS DATETIME(6))", "CAST('2026-01-01' AS DATETIME(6))");
    let text = text.replace("CAST(? AS UNSIGNED)", "CAST(1767225600 AS UNSIGNED)");
    for part in text.split_inclusive('?') {
        let Some(before) = part.strip_suffix('?') else {
            filled.push_str(part);
            continue;
        };
        filled.push_str(before);
        let ends = |ends: &[&str]| ends.iter().any(|end| before.trim_end().ends_with(end));
        if ends(&["expiry >", "expiry >=", "expiry <=", "LEAST(", "expiry ="]) {
            filled.push_str(now);
        } else if ends(&["LIMIT"]) {
            filled.push_str("100");
        } else if ends(&["subject =", "COALESCE("]) {
            filled.push_str("'77'");
        } else {
            number += 10;
            filled.push_str(&format!("'{number:043}'"));
        }
    }
    filled
}

#[tokio::test]
async fn every_statement_goes_by_an_index() {
    let mut conn = conn().await;
    for made in layouts() {
        let layout = table(&mut conn, &made).await;
        for statement in Statement::ALL {
            // Inserts look nothing up.
            let inserts = matches!(statement, Statement::Save | Statement::Insert);
            if inserts || (is_of_subjects(statement) && !layout.subject) {
                continue;
            }
            for rows in [1, 16, 64] {
                explain(&mut conn, &layout, statement, rows).await;
            }
        }
        conn.exec_drop(format!("DROP TABLE {}", layout.table), Params::Empty).await.unwrap();
    }
}

async fn explain(conn: &mut Conn, layout: &Layout, statement: Statement, rows: usize) {
    let arity = statement.arity(rows);
    let what = format!("{statement:?} of {rows} on {:?}, guarded: {}", layout.kind, layout.guarded);
    let text = filled(layout, &statement.text(layout, arity));
    let explain = format!("EXPLAIN FORMAT=TRADITIONAL {text}");
    let plan: Vec<Row> =
        conn.query(&explain).await.unwrap_or_else(|error| panic!("{what}: {error}\n{explain}"));
    let (mut on_table, by) = (0, expected_index(statement));
    for row in plan {
        let cell = |name: &str| -> String {
            let value: Option<Value> = row.get(name);
            match value {
                Some(Value::Bytes(text)) => String::from_utf8_lossy(&text).into_owned(),
                Some(Value::Int(number)) => number.to_string(),
                Some(Value::UInt(number)) => number.to_string(),
                _ => String::new(),
            }
        };
        let name = cell("table");
        if cell("Extra").contains("after reading const tables") {
            // It looked the row up by the unique key already, to plan.
            assert_eq!(by, ["PRIMARY"], "{what}");
            on_table += 1;
        }
        // Where a move inserts.
        let inserts = cell("select_type") == "INSERT";
        if inserts || (name != "s" && !name.starts_with("explained")) {
            continue;
        }
        on_table += 1;
        let (key, kind) = (cell("key"), cell("type"));
        assert!(by.contains(&key.as_str()), "{what} goes by {key:?} ({kind})");
        assert!(!["ALL", "index"].contains(&kind.as_str()), "{what} scans: {kind}");
    }
    assert_eq!(on_table, 1, "{what} is explained");
}

fn is_of_subjects(statement: Statement) -> bool {
    matches!(
        statement,
        Statement::ListSubject
            | Statement::KeysOfSubject
            | Statement::DeleteOfSubjectLive
            | Statement::DeleteOfSubject
    )
}

fn expected_index(statement: Statement) -> &'static [&'static str] {
    match statement {
        Statement::Count | Statement::ExpiredKeys => &["sessions_expiry_idx"],
        Statement::ListSubject | Statement::KeysOfSubject => &["sessions_subject_idx"],
        Statement::Find
        | Statement::Exists
        | Statement::Holder
        | Statement::Save
        | Statement::Insert
        | Statement::Update
        | Statement::Replace
        | Statement::Touch
        | Statement::TouchTogether
        | Statement::DeleteLive
        | Statement::DeleteDue
        | Statement::Delete
        | Statement::Rename
        | Statement::RenameWith
        | Statement::Move
        | Statement::End
        | Statement::List
        | Statement::Keys
        | Statement::DeleteOfSubjectLive
        | Statement::DeleteOfSubject
        | Statement::DeleteExpired => &["PRIMARY"],
    }
}
