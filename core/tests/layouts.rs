//! Tables that others made: the plain one of SCS, and how its hazards are named.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use std::time::Duration;

use mysql_async::prelude::Queryable;
use sessio::{Clock, Content, ErrorKind, Expiry, ManualClock, Outcome, Severity, Store, Timestamp};

/// As the README of SCS has it.
async fn scs_table() -> (Store, String) {
    let table = server::scs_table(&mut server::admin().await).await;
    (Store::open_with(&server::url(), server::options(&table)).unwrap(), table)
}

fn live(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::after(Duration::from_secs(3600)))
}

#[tokio::test]
async fn every_verb_works_on_a_plain_scs_table() {
    let (store, table) = scs_table().await;
    let expires = Timestamp::from_micros(2_000_000_000_123_456);
    store.save("a", b"one", expires).await.unwrap();
    assert_eq!(store.find("a").await.unwrap().unwrap().expires_at, Some(expires));
    store.insert("b", live(b"two")).await.unwrap();
    assert_eq!(store.insert("b", live(b"x")).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert!(store.update("a", live(b"three")).await.unwrap());
    assert_eq!(store.replace("a", b"one", live(b"x")).await.unwrap(), Outcome::Conflict);
    assert_eq!(store.replace("a", b"three", live(b"four")).await.unwrap(), Outcome::Saved);
    assert!(store.touch("b", Expiry::Never).await.unwrap());
    assert_eq!(store.find("b").await.unwrap().unwrap().expires_at, None);
    assert!(store.rename("b", "c", Some(live(b"five"))).await.unwrap());
    assert!(!store.exists("b").await.unwrap());
    assert_eq!(
        (store.count().await.unwrap(), store.list(None, 10).await.unwrap().entries.len()),
        (2, 2)
    );
    assert!(store.delete("c").await.unwrap());
    store.save("old", b"", Expiry::After(-1)).await.unwrap();
    assert_eq!(store.delete_expired(10).await.unwrap(), 1);
    for error in [
        store.save_content("a", live(b"x").subject("ada")).await.unwrap_err(),
        store.list_subject("ada", None, 10).await.unwrap_err(),
        store.delete_subject("ada", None).await.unwrap_err(),
        store.migrate().await.unwrap_err(),
        store.save("a", b"", Timestamp::from_micros(2_200_000_000_000_000)).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    // The column's end, not the option's.
    let error = store.save("a", &[0; 65_536], Expiry::Never).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    assert!(error.message().contains("MODIFY data MEDIUMBLOB NOT NULL"), "{error}");
    store.save("a", &[0; 65_535], Expiry::Never).await.unwrap();
    let mut admin = server::admin().await;
    let key: String = admin
        .query_first(format!("SELECT token FROM {table} WHERE LENGTH(data) = 65535"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(key, "ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs", "base64url(SHA-256(\"a\"))");
}

#[tokio::test]
async fn writes_of_many_work_on_a_plain_scs_table() {
    let (store, _) = scs_table().await;
    let tokens: Vec<String> = (0..100).map(|number| format!("m-{number}")).collect();
    let each = |store: Store, token: String| async move {
        store.insert(&token, live(b"0")).await.unwrap();
        assert_eq!(store.replace(&token, b"0", live(b"1")).await.unwrap(), Outcome::Saved);
        assert!(store.update(&token, live(b"2")).await.unwrap());
        assert!(store.touch(&token, Expiry::after(Duration::from_secs(9))).await.unwrap());
        assert!(store.delete(&token).await.unwrap());
        assert!(!store.delete(&token).await.unwrap());
    };
    let calls: Vec<_> =
        tokens.into_iter().map(|token| tokio::spawn(each(store.clone(), token))).collect();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(store.count().await.unwrap(), 0);
}

#[tokio::test]
async fn check_names_the_hazards_and_what_fixes_them() {
    let (store, table) = scs_table().await;
    let issues = store.check().await.unwrap();
    let codes: Vec<&str> = issues.iter().map(|issue| issue.code).collect();
    for code in ["collation", "blob_size", "timestamp", "subject_column"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    let mut admin = server::admin().await;
    for issue in &issues {
        assert!(issue.severity < Severity::Broken);
        admin.query_drop(&issue.fix).await.unwrap();
    }
    assert_eq!(store.check().await.unwrap(), [], "{table} is fixed");
    let fresh = Store::open_with(&server::url(), server::options(&table)).unwrap();
    fresh.save_content("a", live(b"x").subject("ada")).await.unwrap();
    assert_eq!(fresh.list_subject("ada", None, 10).await.unwrap().entries.len(), 1);
}

#[tokio::test]
async fn check_sees_a_missing_table_a_foreign_engine_and_missing_indexes() {
    let table = server::table();
    let store = Store::open_with(&server::url(), server::options(&table)).unwrap();
    assert_eq!(store.check().await.unwrap()[0].code, "missing_table");
    let mut admin = server::admin().await;
    let columns = "token CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, \
         data MEDIUMBLOB NOT NULL, expiry TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) \
         ON UPDATE CURRENT_TIMESTAMP(6), subject VARCHAR(255) NULL";
    admin.query_drop(format!("CREATE TABLE {table} ({columns}) ENGINE=MyISAM")).await.unwrap();
    let issues = store.check().await.unwrap();
    let codes: Vec<&str> = issues.iter().map(|issue| issue.code).collect();
    assert_eq!(codes[0], "primary_key", "the worst comes first");
    for code in ["engine", "expiry_index", "subject_index", "on_update", "timestamp"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    for issue in &issues {
        admin.query_drop(&issue.fix).await.unwrap();
    }
    assert_eq!(store.check().await.unwrap(), [], "{table} is fixed");
}

/// One host whose clock is a year ahead must not delete what is alive for all others.
#[tokio::test]
async fn cleanup_by_a_wrong_clock_deletes_nothing_that_is_alive() {
    let (store, table) = server::store().await;
    store.save("a", b"x", Expiry::after(Duration::from_secs(3600))).await.unwrap();
    let year = Duration::from_secs(365 * 86_400);
    let ahead =
        Timestamp::from(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000) + year * 30);
    let options = server::options(&table).clock(Clock::from(ManualClock::new(ahead)));
    let wrong = Store::open_with(&server::url(), options).unwrap();
    assert_eq!(wrong.find("a").await.unwrap(), None);
    assert_eq!(wrong.delete_expired(10).await.unwrap(), 0);
    assert!(store.find("a").await.unwrap().is_some());
}

#[tokio::test]
async fn the_background_cleanup_removes_what_is_expired_and_stops() {
    let (first, table) = server::store().await;
    let mut options = server::options(&table);
    options.set("cleanup_interval", "50ms").unwrap();
    let store = Store::open_with(&server::url(), options).unwrap();
    for number in 0..10 {
        first.save(&format!("{number}"), b"", Expiry::After(-1)).await.unwrap();
    }
    store.find("a").await.unwrap();
    while store.stats().removed < 10 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    store.stop_cleanup();
    store.stop_cleanup();
    let rounds = store.stats().cleanups;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(store.stats().cleanups, rounds);
    assert!(store.find("a").await.unwrap().is_none(), "the store works on");
}
