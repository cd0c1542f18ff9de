//! A live table of SCS becomes one of sessio's, in place.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Value};
use sessio::{Content, ErrorKind, Expiry, Options, Store, Timestamp};

/// The statement with which SCS saves.
fn scs_save(table: &str) -> String {
    format!(
        "INSERT INTO {table} (token, data, expiry) VALUES (?, ?, ?) \
         ON DUPLICATE KEY UPDATE data = VALUES(data), expiry = VALUES(expiry)"
    )
}

fn plain(table: &str) -> Options {
    let mut options = server::options(table);
    options.set("hash_tokens", "false").unwrap();
    options
}

fn open(options: Options) -> Store {
    Store::open_with(&server::url(), options).unwrap()
}

/// Tokens of 43 characters, of both cases.
fn token(number: usize) -> String {
    format!("{number:08}-aBcDeFgHiJkLmNoPqRsTuVwXyZ-0123456_")[..43].to_owned()
}

const EXPIRY: &str = "2036-05-04 03:02:01.123456";
const EXPIRES_AT: i64 = 2_093_482_921_123_456;

async fn fill(admin: &mut Conn, table: &str, rows: usize) {
    for start in (0..rows).step_by(1000) {
        let rows: Vec<String> = (start..start + 1000)
            .map(|number| format!("('{}', REPEAT('x', 500), '{EXPIRY}')", token(number)))
            .collect();
        admin.query_drop(format!("INSERT INTO {table} VALUES {}", rows.join(","))).await.unwrap();
    }
}

/// A program that goes on saving, as SCS does, until it is told to stop: what it saved last.
async fn writer(table: String, number: usize, stop: Arc<AtomicBool>) -> HashMap<String, String> {
    let mut conn = server::admin().await;
    let (save, mut saved) = (scs_save(&table), HashMap::new());
    let mut round = 0;
    while !stop.load(Ordering::Relaxed) {
        // Its own new ones, and old ones that no other writes.
        for token in [token(1_000_000 * number + round), token(number * 2000 + round % 2000)] {
            let data = format!("{number} {round}");
            conn.exec_drop(&save, (&token, &data, EXPIRY)).await.unwrap();
            saved.insert(token, data);
        }
        round += 1;
    }
    saved
}

#[tokio::test]
async fn nothing_is_lost_while_others_go_on_saving() {
    let mut admin = server::admin().await;
    let table = server::scs_table(&mut admin).await;
    fill(&mut admin, &table, 20_000).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (1..9)
        .map(|number| tokio::spawn(writer(table.clone(), number, Arc::clone(&stop))))
        .collect();
    // One that has known the table as it was, and goes on as well.
    let running = open(plain(&table));
    assert!(running.exists(&token(1)).await.unwrap());
    let store = open(plain(&table));
    store.migrate_from("scs").await.unwrap();
    assert_eq!(*running.find(&token(1)).await.unwrap().unwrap().data, [b'x'; 500]);
    running.save("running", b"still", Expiry::Never).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.store(true, Ordering::Relaxed);
    let mut saved = HashMap::new();
    for writer in writers {
        saved.extend(writer.await.unwrap());
    }
    assert_eq!(store.check().await.unwrap(), []);
    for number in 0..20_000 {
        saved.entry(token(number)).or_insert_with(|| "x".repeat(500));
    }
    assert_eq!(store.count().await.unwrap(), saved.len() as u64 + 1);
    let expires = Some(Timestamp::from_micros(EXPIRES_AT));
    let all: Vec<(String, String)> = saved.into_iter().collect();
    for part in all.chunks(1000) {
        let targets: Vec<_> = part.iter().map(|(token, _)| token.as_str().into()).collect();
        let found = store.find_many(&targets).await.unwrap();
        for ((token, data), record) in part.iter().zip(found) {
            let record = record.unwrap_or_else(|| panic!("{token} is lost"));
            assert_eq!((&*record.data, record.expires_at), (data.as_bytes(), expires), "{token}");
        }
    }
    let content = Content::new(&[1; 70_000], Expiry::Never).subject("ada");
    store.save_content("large", content).await.unwrap();
    assert_eq!(store.list_subject("ada", None, 10).await.unwrap().entries.len(), 1);
    // SCS goes on, and reads what was large to it.
    admin.exec_drop(scs_save(&table), ("later", "scs", EXPIRY)).await.unwrap();
    let find = format!("SELECT data FROM {table} WHERE token = ? AND UTC_TIMESTAMP(6) < expiry");
    let large: Vec<u8> = admin.exec_first(find, ("large",)).await.unwrap().unwrap();
    assert_eq!(
        (large.len(), &*store.find("later").await.unwrap().unwrap().data),
        (70_000, &b"scs"[..])
    );
    // Done is done.
    store.migrate_from("scs").await.unwrap();
    store.migrate().await.unwrap();
    running.close().await;
}

#[tokio::test]
async fn hashed_tokens_stay_what_they_are() {
    let mut admin = server::admin().await;
    let table = server::scs_table(&mut admin).await;
    let store = open(server::options(&table));
    for number in 0..100 {
        store.save(&token(number), token(number).as_bytes(), Expiry::Never).await.unwrap();
    }
    open(server::options(&table)).migrate_from("scs").await.unwrap();
    let fresh = open(server::options(&table));
    for store in [store, fresh] {
        for number in 0..100 {
            let record = store.find(&token(number)).await.unwrap().unwrap();
            assert_eq!((&*record.data, record.expires_at), (token(number).as_bytes(), None));
        }
    }
}

/// A program that runs learns by its cleanup what became of the table.
#[tokio::test]
async fn a_running_program_learns_of_it() {
    let mut admin = server::admin().await;
    let table = server::scs_table(&mut admin).await;
    let mut options = plain(&table);
    options.set("cleanup_interval", "20ms").unwrap();
    let running = open(options);
    let content = || Content::new(b"x", Expiry::Never).subject("ada");
    let error = running.save_content("a", content()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    open(plain(&table)).migrate_from("scs").await.unwrap();
    // The one that runs now may have looked before.
    let enough = running.stats().cleanups + 2;
    while running.stats().cleanups < enough {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for number in 0..20 {
        running.save_content(&token(number), content()).await.unwrap();
    }
    assert_eq!(running.list_subject("ada", None, 100).await.unwrap().entries.len(), 20);
    assert_eq!(running.stats().cleanup_errors, 0);
}

/// Zero dates, dates that have passed, empty data, and other programs' columns.
#[tokio::test]
async fn every_row_stays() {
    let mut admin = server::admin().await;
    let table = server::table();
    let columns = "token CHAR(43) PRIMARY KEY, data BLOB NOT NULL, expiry TIMESTAMP NOT NULL \
         DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, note TEXT";
    admin.query_drop(format!("CREATE TABLE {table} ({columns}) ENGINE=MyISAM")).await.unwrap();
    admin.query_drop("SET sql_mode = ''").await.unwrap();
    let dates = ["0000-00-00 00:00:00", "1970-01-01 00:00:02", "2001-02-03 04:05:06", "2037-01-01"];
    for (number, date) in dates.iter().enumerate() {
        let insert = format!("INSERT INTO {table} VALUES ('t{number}', '', '{date}', 'n')");
        admin.query_drop(insert).await.unwrap();
    }
    let select =
        format!("SELECT token, data, CAST(expiry AS CHAR(19)), note FROM {table} ORDER BY 1");
    let before: Vec<(String, Value, String, String)> = admin.query(&select).await.unwrap();
    assert_eq!(before.len(), 4);
    let store = open(plain(&table));
    store.migrate_from("scs").await.unwrap();
    let after: Vec<(String, Value, String, String)> = admin.query(&select).await.unwrap();
    assert_eq!(before, after);
    assert_eq!(store.check().await.unwrap(), []);
    assert_eq!(store.count().await.unwrap(), 1);
    assert_eq!(store.delete_expired(10).await.unwrap(), 3);
}

/// What `check` named was done by hand: then nothing has to be copied.
#[tokio::test]
async fn what_is_fixed_already_is_left_alone() {
    let mut admin = server::admin().await;
    let table = server::scs_table(&mut admin).await;
    let store = open(server::options(&table));
    for issue in store.check().await.unwrap() {
        if issue.code != "subject_column" {
            admin.query_drop(issue.fix).await.unwrap();
        }
    }
    store.migrate_from("scs").await.unwrap();
    assert_eq!(store.check().await.unwrap(), []);
    let comment =
        format!("SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_NAME = '{table}'");
    let comment: Option<String> = admin.query_first(comment).await.unwrap();
    assert_eq!(comment.as_deref(), Some("sessio schema 1"));
    store.migrate().await.unwrap();
}

#[tokio::test]
async fn two_at_once_are_as_good_as_one() {
    let mut admin = server::admin().await;
    let table = server::scs_table(&mut admin).await;
    fill(&mut admin, &table, 2000).await;
    let (one, other) = (open(plain(&table)), open(plain(&table)));
    let (first, second) = tokio::join!(one.migrate_from("scs"), other.migrate_from("scs"));
    first.unwrap();
    second.unwrap();
    assert_eq!(one.count().await.unwrap(), 2000);
    assert_eq!(one.check().await.unwrap(), []);
}

/// A transaction that holds the table is waited for, and meanwhile the others come through.
#[tokio::test]
async fn it_steps_back_for_a_long_transaction() {
    let mut admin = server::admin().await;
    let table = server::scs_table(&mut admin).await;
    fill(&mut admin, &table, 1000).await;
    let mut slow = server::admin().await;
    slow.query_drop("START TRANSACTION").await.unwrap();
    let _: Option<Value> = slow.query_first(format!("SELECT COUNT(*) FROM {table}")).await.unwrap();
    let store = open(plain(&table));
    let migration = tokio::spawn({
        let store = store.clone();
        async move { store.migrate_from("scs").await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Within the timeout of five seconds.
    for number in 0..3 {
        store.save(&token(number), b"meanwhile", Expiry::Never).await.unwrap();
    }
    assert!(!migration.is_finished());
    slow.query_drop("COMMIT").await.unwrap();
    migration.await.unwrap().unwrap();
    assert_eq!(store.count().await.unwrap(), 1000);
    assert_eq!(store.check().await.unwrap(), []);
}

#[tokio::test]
async fn what_cannot_be_migrated_is_refused_and_left_as_it_is() {
    let mut admin = server::admin().await;
    let table = server::scs_table(&mut admin).await;
    let store = open(server::options(&table));
    let error = store.migrate_from("beego").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    let error = store.migrate().await.unwrap_err();
    assert!(error.message().contains("migrate from"), "{error}");
    admin.query_drop(format!("ALTER TABLE {table} CONVERT TO CHARSET utf8mb4")).await.unwrap();
    admin.query_drop(format!("INSERT INTO {table} VALUES ('ü', '', '{EXPIRY}')")).await.unwrap();
    let error = store.migrate_from("scs").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(store.check().await.unwrap().iter().any(|issue| issue.code == "timestamp"));
    admin.query_drop(format!("ALTER TABLE {table} DROP PRIMARY KEY")).await.unwrap();
    let error = store.migrate_from("scs").await.unwrap_err();
    assert!(error.message().contains("ADD PRIMARY KEY"), "{error}");
    let missing = open(server::options(&server::table()));
    let error = missing.migrate_from("scs").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema, "{error}");
}
