//! How the server runs our statements.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, Params, Row, Value};

use super::layout::{self, Layout};
use super::sql::Statement;

const ROWS: u32 = 100_000;

async fn conn() -> Conn {
    let url = std::env::var("SESSIO_TEST_MYSQL_URL")
        .expect("SESSIO_TEST_MYSQL_URL is not set; run the tests by ./dev test, which sets it");
    Conn::new(Opts::from_url(&url).unwrap()).await.unwrap()
}

/// A table as it is after some months: most sessions live, some expired, a few with a subject.
async fn table(conn: &mut Conn) -> Layout {
    let name = format!("explained_{}", std::process::id());
    let migration = include_str!("../../migrations/0001_create_sessions.sql");
    let create: Vec<&str> = migration.lines().filter(|line| !line.starts_with("--")).collect();
    let create = create.join("\n").replace("`sessions`", &format!("`{name}`"));
    conn.query_drop(create.trim().trim_end_matches(';')).await.unwrap();
    for start in (0..ROWS).step_by(2000) {
        let rows: Vec<String> = (start..start + 2000)
            .map(|number| {
                let subject =
                    if number % 10 == 0 { format!("'{}'", number / 100) } else { "NULL".into() };
                let day = 1 + number % 28;
                let year = if number % 20 == 0 { 2020 } else { 2095 };
                format!("('{number:043}', REPEAT('x', 100), '{year}-01-{day:02}', {subject})")
            })
            .collect();
        conn.query_drop(format!("INSERT INTO `{name}` VALUES {}", rows.join(","))).await.unwrap();
    }
    conn.query_drop(format!("ANALYZE TABLE `{name}`")).await.unwrap();
    let columns = layout::columns(conn, &name).await.unwrap();
    layout::recognise(&name, &columns, None).unwrap()
}

/// The statement with values in place of its parameters: EXPLAIN of a prepared statement would
/// plan without them.
fn filled(text: &str) -> String {
    let mut number = 0;
    let mut filled = String::new();
    let text = text.replace("CAST(? AS DATETIME(6))", "CAST('2095-01-01' AS DATETIME(6))");
    for part in text.split_inclusive('?') {
        let Some(before) = part.strip_suffix('?') else {
            filled.push_str(part);
            continue;
        };
        filled.push_str(before);
        let ends = |end: &str| before.trim_end().ends_with(end);
        if ends("expiry >") || ends("expiry <=") || ends("LEAST(") || ends("expiry =") {
            filled.push_str("'2026-01-01'");
        } else if ends("LIMIT") {
            filled.push_str("100");
        } else if ends("subject =") || ends("COALESCE(") {
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
    let layout = table(&mut conn).await;
    for statement in Statement::ALL {
        // Inserts look nothing up.
        if matches!(statement, Statement::Save | Statement::Insert) {
            continue;
        }
        for rows in [1, 16, 64] {
            let arity = statement.arity(rows);
            let explain =
                format!("EXPLAIN FORMAT=TRADITIONAL {}", filled(&statement.text(&layout, arity)));
            let plan: Vec<Row> = conn.query(&explain).await.unwrap_or_else(|error| {
                panic!("{statement:?} of {rows}: {error}\n{explain}");
            });
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
                    assert_eq!(by, ["PRIMARY"], "{statement:?} of {rows}");
                    on_table += 1;
                }
                if name != "s" && !name.starts_with("explained") {
                    continue;
                }
                on_table += 1;
                let (key, kind) = (cell("key"), cell("type"));
                assert!(
                    by.contains(&key.as_str()),
                    "{statement:?} of {rows} goes by {key:?} ({kind})"
                );
                assert!(
                    !["ALL", "index"].contains(&kind.as_str()),
                    "{statement:?} of {rows} scans: {kind}"
                );
            }
            assert_eq!(on_table, 1, "{statement:?} of {rows} is explained");
        }
    }
    conn.exec_drop(format!("DROP TABLE {}", layout.table), Params::Empty).await.unwrap();
}

fn expected_index(statement: Statement) -> &'static [&'static str] {
    match statement {
        Statement::Count | Statement::ExpiredKeys => &["sessions_expiry_idx"],
        Statement::ListSubject | Statement::KeysOfSubject => &["sessions_subject_idx"],
        Statement::Find
        | Statement::Exists
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
        | Statement::List
        | Statement::DeleteOfSubjectLive
        | Statement::DeleteOfSubject
        | Statement::DeleteExpired => &["PRIMARY"],
    }
}
