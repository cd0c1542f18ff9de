//! The table of beego's MySQL provider, as its documentation makes it.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Value};
use sessio::{
    Clock, Content, ErrorKind, Expiry, ManualClock, Options, Outcome, Severity, Store, Timestamp,
};

/// The maxLifetime of beego's configuration in these tests, in seconds.
const LIFETIME: i64 = 3600;

/// 2024-01-01T00:00:00Z.
const START: i64 = 1_704_067_200;

/// As beego makes them: hex.
const SID: &str = "d4c4a6d3e0f14b6b8a0e7c1f5a9b2c3d";

fn options(table: &str) -> Options {
    let mut options = server::options(table);
    options.set("max_lifetime", &LIFETIME.to_string()).unwrap();
    options
}

/// On both of the engines that these tables have in the wild.
async fn stores() -> Vec<(Store, String)> {
    let mut stores = Vec::new();
    for engine in ["MyISAM", "InnoDB"] {
        let table = server::beego_table(engine).await;
        stores.push((Store::open_with(&server::url(), options(&table)).unwrap(), table));
    }
    stores
}

fn live(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::after(Duration::from_secs(1800)))
}

/// Writes as beego does, when it was told that it is now `at`.
async fn beego_writes(admin: &mut Conn, table: &str, sid: &str, data: Option<&str>, at: i64) {
    let statement = format!("REPLACE INTO `{table}` VALUES (?, ?, ?)");
    admin.exec_drop(statement, (sid, data, at)).await.unwrap();
}

async fn row(admin: &mut Conn, table: &str, sid: &str) -> Option<(Value, i64)> {
    let statement = format!(
        "SELECT session_data, CAST(session_expiry AS SIGNED) FROM `{table}` WHERE session_key = ?"
    );
    admin.exec_first(statement, (sid,)).await.unwrap()
}

#[tokio::test]
async fn every_verb_works_on_a_beego_table() {
    for (store, table) in stores().await {
        let expires = Timestamp::from_micros(2_000_000_000_000_000);
        store.save(SID, b"one", expires).await.unwrap();
        assert_eq!(store.find(SID).await.unwrap().unwrap().expires_at, Some(expires));
        let mut admin = server::admin().await;
        let stored = row(&mut admin, &table, SID).await.unwrap();
        assert_eq!(stored, (Value::Bytes(b"one".into()), 2_000_000_000 - LIFETIME));
        store.insert("b", live(b"two")).await.unwrap();
        let twice = store.insert("b", live(b"x")).await.unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::AlreadyExists);
        assert!(store.update(SID, live(b"three")).await.unwrap());
        assert!(!store.update("none", live(b"x")).await.unwrap());
        assert_eq!(store.replace(SID, b"one", live(b"x")).await.unwrap(), Outcome::Conflict);
        assert_eq!(store.replace(SID, b"three", live(b"four")).await.unwrap(), Outcome::Saved);
        assert_eq!(store.replace("none", b"", live(b"x")).await.unwrap(), Outcome::Gone);
        assert!(store.touch("b", Expiry::Never).await.unwrap());
        assert_eq!(store.find("b").await.unwrap().unwrap().expires_at, None);
        assert_eq!(row(&mut admin, &table, "b").await.unwrap().1, i64::from(u32::MAX));
        let taken = store.rename("b", SID, None).await.unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
        assert!(store.rename("b", "c", Some(live(b"five"))).await.unwrap());
        assert!(store.rename("c", "d", None).await.unwrap());
        assert!(!store.exists("b").await.unwrap() && !store.exists("c").await.unwrap());
        let keys: Vec<String> = store
            .list(None, 10)
            .await
            .unwrap()
            .entries
            .iter()
            .map(|entry| entry.key.as_str().to_owned())
            .collect();
        assert_eq!(keys, ["d", SID]);
        assert_eq!(store.count().await.unwrap(), 2);
        assert!(store.delete("d").await.unwrap() && !store.delete("d").await.unwrap());
        store.save("old", b"", Expiry::After(-1_000_000)).await.unwrap();
        store.insert("old", live(b"new")).await.unwrap();
        store.save("old", b"", Expiry::After(-1_000_000)).await.unwrap();
        assert_eq!(store.delete_expired(10).await.unwrap(), 1);
        for error in [
            store.save_content(SID, live(b"x").subject("ada")).await.unwrap_err(),
            store.list_subject("ada", None, 10).await.unwrap_err(),
            store.migrate().await.unwrap_err(),
            store.migrate_from("scs").await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        }
        let large = store.save(SID, &[0; 65_536], Expiry::Never).await.unwrap_err();
        assert_eq!(large.kind(), ErrorKind::TooLarge, "{large}");
        assert!(large.message().contains("MODIFY session_data MEDIUMBLOB"), "{large}");
        store.save(SID, &[0; 65_535], Expiry::Never).await.unwrap();
        // As many characters as the column has.
        store.save(&"f".repeat(64), b"", Expiry::Never).await.unwrap();
        let long = store.save(&"f".repeat(65), b"", Expiry::Never).await.unwrap_err();
        assert_eq!(long.kind(), ErrorKind::InvalidArgument, "{long}");
    }
}

#[tokio::test]
async fn writes_of_many_work_on_a_beego_table() {
    for (store, _) in stores().await {
        let each = |store: Store, token: String| async move {
            store.insert(&token, live(b"0")).await.unwrap();
            assert_eq!(store.replace(&token, b"0", live(b"1")).await.unwrap(), Outcome::Saved);
            assert!(store.update(&token, live(b"2")).await.unwrap());
            assert!(store.touch(&token, Expiry::after(Duration::from_secs(9))).await.unwrap());
            store.save(&token, b"3", Expiry::after(Duration::from_secs(60))).await.unwrap();
            assert!(store.touch(&token, Expiry::After(-1_000_000)).await.unwrap());
            assert!(!store.touch(&token, Expiry::Never).await.unwrap());
            store.insert(&token, live(b"4")).await.unwrap();
            assert_eq!(*store.find(&token).await.unwrap().unwrap().data, *b"4");
            assert!(store.delete(&token).await.unwrap());
            assert!(!store.delete(&token).await.unwrap());
        };
        let calls: Vec<_> = (0..100)
            .map(|number| tokio::spawn(each(store.clone(), format!("m-{number}"))))
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(store.count().await.unwrap(), 0);
    }
}

/// Two requests that both have the session's data from before: one wins, on MyISAM too, where a
/// statement that fails in the middle is not undone.
#[tokio::test]
async fn of_many_swaps_of_many_sessions_each_session_has_one_winner() {
    for (store, _) in stores().await {
        let mut calls = Vec::new();
        for number in 0..40 {
            store.save(&format!("s-{number}"), b"before", Expiry::Never).await.unwrap();
        }
        for number in 0..200 {
            let store = store.clone();
            calls.push(tokio::spawn(async move {
                let data = number.to_string();
                let token = format!("s-{}", number % 40);
                let outcome = store.replace(&token, b"before", live(data.as_bytes())).await;
                (token, data, outcome.unwrap())
            }));
        }
        let mut winners = 0;
        for call in calls {
            let (token, data, outcome) = call.await.unwrap();
            let there = store.find(&token).await.unwrap().unwrap();
            assert_eq!(*there.data == *data.as_bytes(), outcome == Outcome::Saved, "{token}");
            winners += u32::from(outcome == Outcome::Saved);
        }
        assert_eq!(winners, 40);
    }
}

#[tokio::test]
async fn beego_and_sessio_agree_about_every_row() {
    for (_, table) in stores().await {
        let clock = ManualClock::new(Timestamp::from_micros(START * 1_000_000 + 999_999));
        let options = options(&table).clock(Clock::from(clock.clone()));
        let store = Store::open_with(&server::url(), options).unwrap();
        let mut admin = server::admin().await;
        // Alive to beego's GC, which deletes what is below now less the lifetime, until the second
        // after the last; to sessio until that second.
        for (sid, written) in [("last", START - LIFETIME + 1), ("due", START - LIFETIME)] {
            beego_writes(&mut admin, &table, sid, Some("x"), written).await;
        }
        assert!(store.exists("last").await.unwrap() && !store.exists("due").await.unwrap());
        assert_eq!(store.count().await.unwrap(), 1);
        let expires = store.find("last").await.unwrap().unwrap().expires_at;
        assert_eq!(expires, Some(Timestamp::from_micros((START + 1) * 1_000_000)));
        clock.advance(Duration::from_secs(1));
        assert!(!store.exists("last").await.unwrap());
        // What beego stores before it has anything to store.
        for empty in [None, Some("")] {
            beego_writes(&mut admin, &table, SID, empty, START).await;
            assert_eq!(*store.find(SID).await.unwrap().unwrap().data, *b"");
            let swapped = store.replace(SID, b"", Content::new(b"y", Expiry::Never)).await;
            assert_eq!(swapped.unwrap(), Outcome::Saved);
            assert_eq!(row(&mut admin, &table, SID).await.unwrap().0, Value::Bytes(b"y".into()));
        }
        assert_eq!(store.delete_expired(10).await.unwrap(), 2);
        assert!(row(&mut admin, &table, "due").await.is_none());
        assert!(row(&mut admin, &table, SID).await.is_some());
    }
}

/// One host whose clock is years ahead must not delete what is alive for all others.
#[tokio::test]
async fn cleanup_by_a_wrong_clock_deletes_nothing_that_is_alive() {
    for (store, table) in stores().await {
        store.save(SID, b"x", Expiry::after(Duration::from_secs(3600))).await.unwrap();
        let ahead = Timestamp::from_micros(4_000_000_000_000_000);
        let wrong = options(&table).clock(Clock::from(ManualClock::new(ahead)));
        let wrong = Store::open_with(&server::url(), wrong).unwrap();
        assert_eq!(wrong.find(SID).await.unwrap(), None);
        assert_eq!(wrong.delete_expired(10).await.unwrap(), 0);
        assert!(store.find(SID).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn the_lifetime_must_be_told_and_is_for_beego_alone() {
    let table = server::beego_table("InnoDB").await;
    let untold = Store::open_with(&server::url(), server::options(&table)).unwrap();
    let (_, ours) = server::store().await;
    let elsewhere = Store::open_with(&server::url(), options(&ours)).unwrap();
    let missing = Store::open_with(&server::url(), options(&server::table())).unwrap();
    for (error, says) in [
        (untold.find(SID).await.unwrap_err(), "maxLifetime"),
        (elsewhere.find(SID).await.unwrap_err(), "no beego table"),
        (missing.migrate().await.unwrap_err(), "beego"),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.message().contains(says), "{error}");
    }
    let mut hashed = options(&table);
    hashed.set("hash_tokens", "true").unwrap();
    for (url, options) in [(server::url(), hashed), ("memory:".to_owned(), options(&table))] {
        let error = Store::open_with(&url, options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
}

#[tokio::test]
async fn check_names_the_hazards_and_what_fixes_them() {
    let table = server::beego_table("MyISAM").await;
    let store = Store::open_with(&server::url(), options(&table)).unwrap();
    let issues = store.check().await.unwrap();
    let mut codes: Vec<&str> = issues.iter().map(|issue| issue.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["blob_size", "collation", "engine", "expiry_index", "subject_column"]);
    let mut admin = server::admin().await;
    beego_writes(&mut admin, &table, SID, None, START).await;
    for issue in &issues {
        assert!(issue.severity < Severity::Broken);
        admin.query_drop(&issue.fix).await.unwrap();
    }
    assert_eq!(store.check().await.unwrap(), [], "{table} is fixed");
    // beego goes on: its statements name the columns.
    let insert = format!(
        "INSERT INTO `{table}` (`session_key`, `session_data`, `session_expiry`) VALUES (?, ?, ?)"
    );
    admin.exec_drop(insert, ("new", "", 4_000_000_000_u32)).await.unwrap();
    let fresh = Store::open_with(&server::url(), options(&table)).unwrap();
    assert!(fresh.exists("new").await.unwrap());
    fresh.save_content(SID, live(&[7; 70_000]).subject("ada")).await.unwrap();
    assert_eq!(fresh.list_subject("ada", None, 10).await.unwrap().entries.len(), 1);
    assert_eq!(fresh.delete_subject("ada", None).await.unwrap(), 1);
}
