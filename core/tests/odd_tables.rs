//! Tables that others made in ways of their own, and tables that do not fit.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use std::time::Duration;

use mysql_async::prelude::Queryable;
use sessio::{
    Clock, Content, ErrorKind, Expiry, ManualClock, Outcome, Severity, Store, Target, Timestamp,
};

fn live(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::after(Duration::from_secs(3600)))
}

/// A table with these columns, and a store that keeps tokens as they are.
async fn made(columns: &str) -> (String, Store) {
    let table = server::table();
    server::admin().await.query_drop(format!("CREATE TABLE {table} ({columns})")).await.unwrap();
    let store = open(&table, &[]);
    (table, store)
}

fn open(table: &str, more: &[(&str, &str)]) -> Store {
    let mut options = server::options(table);
    options.set("hash_tokens", "false").unwrap();
    for (name, value) in more {
        options.set(name, value).unwrap();
    }
    Store::open_with(&server::url(), options).unwrap()
}

async fn codes(store: &Store) -> Vec<&'static str> {
    store.check().await.unwrap().iter().map(|issue| issue.code).collect()
}

const DATA: &str = "data MEDIUMBLOB NOT NULL, expiry DATETIME(6) NOT NULL, INDEX (expiry)";
const TOKEN: &str = "token VARCHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL";

#[tokio::test]
async fn a_table_whose_key_is_not_the_token_is_refused_with_what_fixes_it() {
    for (keys, what) in [
        ("", "is missing; run ALTER TABLE"),
        (", UNIQUE (token)", "is missing; run ALTER TABLE"),
        (", id INT, PRIMARY KEY (token, id)", "beside token has other columns"),
        (", PRIMARY KEY (token(10))", "first characters of token alone"),
        (", id INT AUTO_INCREMENT PRIMARY KEY, UNIQUE (token)", "is not token"),
        (", id INT, PRIMARY KEY (id, token)", "beside token has other columns"),
    ] {
        let (table, store) = made(&format!("{TOKEN}, {DATA}{keys}")).await;
        for error in [
            store.save("a", b"1", Expiry::Never).await.unwrap_err(),
            store.find("a").await.unwrap_err(),
            store.touch("a", Expiry::Never).await.unwrap_err(),
            store.migrate().await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Schema, "{keys}: {error}");
            assert!(error.message().contains(what), "{keys}: {error}");
            assert!(error.message().contains("ADD PRIMARY KEY (token)"), "{keys}: {error}");
        }
        let issues = store.check().await.unwrap();
        assert_eq!((issues[0].code, issues[0].severity), ("primary_key", Severity::Broken));
        let mut admin = server::admin().await;
        // A column of the old key has no default.
        if keys.contains("id INT,") {
            admin.query_drop(format!("ALTER TABLE {table} ALTER id SET DEFAULT 0")).await.unwrap();
        }
        admin.query_drop(&issues[0].fix).await.unwrap();
        store.save("a", b"1", Expiry::Never).await.unwrap();
        store.save("a", b"2", Expiry::Never).await.unwrap();
        assert_eq!(store.count().await.unwrap(), 1, "{keys}");
    }
}

#[tokio::test]
async fn a_view_is_refused_by_name() {
    let (table, _) = made(&format!("{TOKEN} PRIMARY KEY, {DATA}")).await;
    let view = server::table();
    let create = format!("CREATE VIEW {view} AS SELECT token, data, expiry FROM {table}");
    server::admin().await.query_drop(create).await.unwrap();
    let store = open(&view, &[]);
    let error = store.save("a", b"1", Expiry::Never).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema, "{error}");
    assert!(error.message().contains("is a view"), "{error}");
    assert_eq!(codes(&store).await, ["view"]);
}

#[tokio::test]
async fn compact_rows_are_migrated_and_fixed() {
    for format in ["COMPACT", "REDUNDANT"] {
        let mut admin = server::admin().await;
        let (migrated, fixed) =
            (server::scs_table(&mut admin).await, server::scs_table(&mut admin).await);
        for table in [&migrated, &fixed] {
            let change = format!("ALTER TABLE {table} ROW_FORMAT={format}");
            admin.query_drop(change).await.unwrap();
        }
        let store = open(&migrated, &[]);
        store.save("a", b"1", Expiry::Never).await.unwrap();
        store.migrate_from("scs").await.unwrap();
        store.save_content("b", live(b"2").subject("ada")).await.unwrap();
        assert_eq!(store.list_subject("ada", None, 10).await.unwrap().entries.len(), 1);
        assert_eq!(codes(&store).await, [""; 0]);

        let store = open(&fixed, &[]);
        assert!(codes(&store).await.contains(&"row_format"));
        for issue in store.check().await.unwrap() {
            admin.query_drop(&issue.fix).await.unwrap_or_else(|e| panic!("{e}: {issue:?}"));
        }
        assert_eq!(codes(&store).await, [""; 0]);
    }
}

#[tokio::test]
async fn check_names_what_others_have_in_the_table() {
    let (table, store) = made(&format!(
        "{TOKEN} PRIMARY KEY, {DATA}, subject VARCHAR(255) CHARACTER SET utf8mb4 COLLATE \
         utf8mb4_bin NULL, INDEX (subject), origin INT NOT NULL, size INT AS (LENGTH(data)) VIRTUAL, \
         number INT NOT NULL AUTO_INCREMENT UNIQUE, noted DATETIME NULL, made INT DEFAULT 1"
    ))
    .await;
    let mut admin = server::admin().await;
    let child = server::table();
    for statement in [
        format!("CREATE TRIGGER {table}_t BEFORE INSERT ON {table} FOR EACH ROW SET NEW.made = 2"),
        format!("CREATE TABLE {child} ({TOKEN}, FOREIGN KEY (token) REFERENCES {table} (token))"),
    ] {
        admin.query_drop(statement).await.unwrap();
    }
    let issues = store.check().await.unwrap();
    let found: Vec<&str> = issues.iter().map(|issue| issue.code).collect();
    assert_eq!(
        found,
        ["required_column", "auto_increment", "foreign_key", "generated_column", "trigger"]
    );
    assert!(issues[0].message.contains("column origin"), "{:?}", issues[0]);
    store.save("a", b"1", Expiry::Never).await.unwrap_err();
    for issue in issues.iter().filter(|issue| issue.code != "foreign_key") {
        admin.query_drop(&issue.fix).await.unwrap_or_else(|e| panic!("{e}: {issue:?}"));
    }
    store.save("a", b"1", Expiry::Never).await.unwrap();
    assert_eq!(codes(&store).await, ["foreign_key"]);
}

#[tokio::test]
async fn columns_can_have_names_of_their_own() {
    let columns = "token=sid,data=Pay-load,expiry=ends_at,subject=select";
    let table = format!("{}-web", server::table());
    let hashed = {
        let mut options = server::options(&table);
        options.set("columns", columns).unwrap();
        Store::open_with(&server::url(), options).unwrap()
    };
    hashed.migrate().await.unwrap();
    hashed.migrate().await.unwrap();
    every_verb_works_on(&hashed).await;
    assert_eq!(codes(&hashed).await, [""; 0]);

    // As another program made it, with all that check has to say.
    let (foreign, _) = made(
        "`sid` VARCHAR(64) PRIMARY KEY, `Pay-load` BLOB NOT NULL, ends_at TIMESTAMP(6) NOT NULL, \
         `select` VARCHAR(100) NULL",
    )
    .await;
    let usual = open(&foreign, &[]).find("a").await.unwrap_err();
    assert!(usual.message().contains("the columns option"), "{usual}");
    let store = open(&foreign, &[("columns", columns)]);
    every_verb_works_on(&store).await;
    let error = store.migrate_from("scs").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    let mut admin = server::admin().await;
    for issue in store.check().await.unwrap() {
        admin.query_drop(&issue.fix).await.unwrap_or_else(|e| panic!("{e}: {issue:?}"));
    }
    assert_eq!(codes(&open(&foreign, &[("columns", columns)])).await, [""; 0]);
}

async fn every_verb_works_on(store: &Store) {
    let expires = Timestamp::from_micros(2_000_000_000_123_456);
    store.save_content("a", Content::new(b"one", expires).subject("ada")).await.unwrap();
    let record = store.find("a").await.unwrap().unwrap();
    assert_eq!((record.expires_at, record.subject.as_deref()), (Some(expires), Some("ada")));
    store.insert("b", live(b"two")).await.unwrap();
    assert_eq!(store.insert("b", live(b"x")).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert!(store.update("a", live(b"three")).await.unwrap());
    assert_eq!(store.replace("a", b"three", live(b"four")).await.unwrap(), Outcome::Saved);
    assert!(store.touch("b", Expiry::Never).await.unwrap());
    assert!(store.rename("b", "c", Some(live(b"five").subject("ada"))).await.unwrap());
    assert!(store.rename("c", "d", None).await.unwrap());
    let tokens: Vec<String> = (0..20).map(|number| format!("m{number}")).collect();
    let each = |store: Store, token: String| async move {
        store.save_content(&token, live(b"0").subject("bob")).await.unwrap();
        assert_eq!(store.replace(&token, b"0", live(b"1")).await.unwrap(), Outcome::Saved);
        assert!(store.update(&token, live(b"2")).await.unwrap());
        assert!(store.touch(&token, Expiry::after(Duration::from_secs(9))).await.unwrap());
    };
    let calls: Vec<_> =
        tokens.into_iter().map(|token| tokio::spawn(each(store.clone(), token))).collect();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(store.list_subject("bob", None, 100).await.unwrap().entries.len(), 20);
    assert_eq!(store.delete_subject("bob", None).await.unwrap(), 20);
    assert_eq!(store.list(None, 10).await.unwrap().entries.len(), 2);
    store.save("old", b"", Expiry::After(-1)).await.unwrap();
    assert_eq!(store.delete_expired(10).await.unwrap(), 1);
    assert!(store.delete("d").await.unwrap());
}

/// Sessions that ended one after the other, of which a foreign key holds the first ones.
async fn held(rows: u32, held: u32) -> (String, Store) {
    let subject = "subject VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL";
    let (table, store) =
        made(&format!("{TOKEN} PRIMARY KEY, {DATA}, {subject}, INDEX (subject)")).await;
    let mut admin = server::admin().await;
    let child = server::table();
    let foreign = format!("FOREIGN KEY (token) REFERENCES {table} (token)");
    admin.query_drop(format!("CREATE TABLE {child} ({TOKEN}, {foreign})")).await.unwrap();
    let row = |number: u32| {
        let (minute, second) = (number / 60, number % 60);
        format!("('t{number:05}', '', '2020-01-01 00:{minute:02}:{second:02}', 'ada')")
    };
    let all: Vec<String> = (0..rows).map(row).collect();
    admin.query_drop(format!("INSERT INTO {table} VALUES {}", all.join(","))).await.unwrap();
    let keep: Vec<String> = (0..held).map(|number| format!("('t{number:05}')")).collect();
    admin.query_drop(format!("INSERT INTO {child} VALUES {}", keep.join(","))).await.unwrap();
    (table, store)
}

async fn rows(table: &str) -> u64 {
    let count = format!("SELECT COUNT(*) FROM {table}");
    server::admin().await.query_first(count).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_row_that_cannot_be_deleted_keeps_no_other() {
    let (table, store) = held(50, 1).await;
    assert_eq!(store.delete_expired(20).await.unwrap(), 20);
    assert_eq!(store.delete_expired(20).await.unwrap(), 20);
    assert_eq!(store.delete_expired(20).await.unwrap(), 9);
    assert_eq!(rows(&table).await, 1);
    // And what ends now is still found, by this store and by a new one.
    for store in [store, open(&table, &[])] {
        store.save("old", b"", Expiry::After(-1)).await.unwrap();
        let removed =
            store.delete_expired(20).await.unwrap() + store.delete_expired(20).await.unwrap();
        assert_eq!(removed, 1);
    }
}

#[tokio::test]
async fn many_rows_that_cannot_be_deleted_are_passed_over_round_by_round() {
    let (table, store) = held(1500, 400).await;
    let mut removed = 0;
    for _ in 0..12 {
        removed += store.delete_expired(1000).await.unwrap();
    }
    assert_eq!((removed, rows(&table).await), (1100, 400));
}

#[tokio::test]
async fn a_trigger_that_refuses_one_row_keeps_no_other() {
    let (table, store) = made(&format!("{TOKEN} PRIMARY KEY, {DATA}")).await;
    for number in 0..30 {
        store.save(&format!("t{number}"), b"", Expiry::After(-1)).await.unwrap();
    }
    let trigger = format!(
        "CREATE TRIGGER {table}_t BEFORE DELETE ON {table} FOR EACH ROW \
         IF OLD.token = 't7' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF"
    );
    server::admin().await.query_drop(trigger).await.unwrap();
    assert_eq!(store.delete_expired(100).await.unwrap(), 29);
    assert_eq!(rows(&table).await, 1);
}

#[tokio::test]
async fn a_session_that_cannot_end_is_told_and_all_others_end() {
    let (table, _) = held(100, 2).await;
    let clock = ManualClock::new(Timestamp::from_micros(1_577_836_000_000_000));
    let mut options = server::options(&table).clock(Clock::from(clock));
    options.set("hash_tokens", "false").unwrap();
    let store = Store::open_with(&server::url(), options).unwrap();
    store.delete_subject("ada", None).await.unwrap_err();
    assert_eq!(rows(&table).await, 2);
}

#[tokio::test]
async fn clear_empties_a_large_table_but_for_what_cannot_be_deleted() {
    let (table, store) = made(&format!("{TOKEN} PRIMARY KEY, {DATA}")).await;
    let tokens: Vec<String> = (0..2100).map(|number| format!("t{number}")).collect();
    let rows_of = |expiry: Expiry, of: std::ops::Range<usize>| {
        let rows = tokens[of].iter().map(|token| (Target::from(token), Content::new(b"1", expiry)));
        rows.collect::<Vec<_>>()
    };
    store.save_many(&rows_of(Expiry::Never, 0..2050)).await.unwrap();
    store.save_many(&rows_of(Expiry::After(-1), 2050..2100)).await.unwrap();
    let mut admin = server::admin().await;
    let trigger = format!(
        "CREATE TRIGGER {table}_t BEFORE DELETE ON {table} FOR EACH ROW \
         IF OLD.token = 't7' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF"
    );
    admin.query_drop(trigger).await.unwrap();
    store.clear().await.unwrap_err();
    assert_eq!(rows(&table).await, 1);
    admin.query_drop(format!("DROP TRIGGER {table}_t")).await.unwrap();
    store.save_many(&rows_of(Expiry::Never, 100..1300)).await.unwrap();
    assert_eq!(store.clear().await.unwrap(), 1201);
    assert_eq!(rows(&table).await, 0);
}
