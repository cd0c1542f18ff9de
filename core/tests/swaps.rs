//! Batches of swaps of which some are not done.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod support;

use std::collections::HashMap;
use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::{Content, ErrorKind, Expiry, Outcome, Store};
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

fn content(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::Never)
}

/// One connection, driven by this test: what is asked at once is one batch.
async fn store() -> (Store, String) {
    store_with(&[]).await
}

async fn store_with(more: &[(&str, &str)]) -> (Store, String) {
    let table = support::table();
    let store = open(&table, more);
    store.migrate().await.unwrap();
    (store, table)
}

fn open(table: &str, more: &[(&str, &str)]) -> Store {
    let mut options = support::options(table);
    for (name, value) in more {
        options.set(name, value).unwrap();
    }
    options.set("connections", "1").unwrap();
    let options = options.runtime(tokio::runtime::Handle::current());
    Store::open_with(&support::url(), options).unwrap()
}

#[tokio::test]
async fn each_of_a_batch_is_told_its_own_outcome() {
    let (store, _) = store().await;
    for round in 0..50u64 {
        let tokens: Vec<String> = (0..40).map(|number| format!("{round}-{number}")).collect();
        let (mut calls, mut wanted) = (Vec::new(), Vec::new());
        for (number, token) in tokens.iter().enumerate() {
            let outcome = match (number as u64 * 7 + round) % 3 {
                0 => Outcome::Saved,
                1 => Outcome::Conflict,
                _ => Outcome::Gone,
            };
            if outcome != Outcome::Gone {
                let data: &[u8] = if outcome == Outcome::Saved { b"old" } else { b"another" };
                store.save_content(token, content(data)).await.unwrap();
            }
            wanted.push(outcome);
            let store = store.clone();
            let token = token.clone();
            calls.push(tokio::spawn(async move {
                store.replace(&token, b"old", content(b"new")).await
            }));
        }
        for ((call, wanted), token) in calls.into_iter().zip(wanted).zip(&tokens) {
            assert_eq!(call.await.unwrap().unwrap(), wanted);
            let stored = store.find(token).await.unwrap().map(|record| record.data.into_vec());
            let expected: Option<&[u8]> = match wanted {
                Outcome::Saved => Some(b"new"),
                Outcome::Conflict => Some(b"another"),
                Outcome::Gone => None,
            };
            assert_eq!(stored.as_deref(), expected);
        }
    }
}

/// Three tokens, the first two with the same checksum, by which a batch tells its rows apart.
fn tokens_that_meet() -> [String; 3] {
    let mut seen = HashMap::new();
    for number in 0..u32::MAX {
        // Far from each other: a checksum tells all apart that differ within four bytes.
        let token = format!("{:x}", u128::from(number).wrapping_mul(u128::MAX / 7_919));
        if let Some(first) = seen.insert(crc32fast::hash(token.as_bytes()), token.clone()) {
            return [first, token, "another".to_owned()];
        }
    }
    unreachable!("more tokens than checksums");
}

#[tokio::test]
async fn tokens_whose_checksums_are_equal_are_not_mixed_up() {
    let (store, _) = store_with(&[("hash_tokens", "false")]).await;
    let tokens = tokens_that_meet();
    for token in &tokens {
        store.save_content(token, content(token.as_bytes())).await.unwrap();
    }
    let swap = |token: String| {
        let store = store.clone();
        tokio::spawn(async move {
            let new = format!("new {token}");
            store.replace(&token, token.as_bytes(), content(new.as_bytes())).await
        })
    };
    let calls: Vec<_> = tokens.iter().cloned().map(swap).collect();
    for (call, token) in calls.into_iter().zip(&tokens) {
        assert_eq!(call.await.unwrap().unwrap(), Outcome::Saved);
        let stored = store.find(token).await.unwrap().unwrap();
        assert_eq!(&*stored.data, format!("new {token}").as_bytes());
    }
}

/// All from the same data, asked at once.
async fn swap_all(store: &Store, datas: Vec<Vec<u8>>) -> Vec<sessio::Result<Outcome>> {
    let swap = |data: Vec<u8>| {
        let store = store.clone();
        tokio::spawn(async move { store.replace("a", b"old", content(&data)).await })
    };
    let mut outcomes = Vec::new();
    for call in datas.into_iter().map(swap).collect::<Vec<_>>() {
        outcomes.push(call.await.unwrap());
    }
    outcomes
}

#[tokio::test]
async fn of_swaps_from_the_same_data_one_is_done_and_the_others_are_not_sent() {
    let (store, _) = store().await;
    store.save_content("a", content(b"old")).await.unwrap();
    let before = store.stats().statements;
    let outcomes = swap_all(&store, (0..40u8).map(|number| vec![number]).collect()).await;
    let saved = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Saved))).count();
    let late = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Conflict))).count();
    assert_eq!((saved, late), (1, 39));
    let sent = store.stats().statements - before;
    assert!(sent < 10, "{sent} statements");
}

#[tokio::test]
async fn a_swap_that_is_refused_does_not_speak_for_those_behind_it() {
    let (store, table) = store().await;
    let mut admin = support::admin().await;
    admin.query_drop(format!("ALTER TABLE {table} MODIFY data BLOB NOT NULL")).await.unwrap();
    store.close().await;
    let options = support::options(&table).runtime(tokio::runtime::Handle::current());
    let store = Store::open_with(&support::url(), options).unwrap();
    store.save_content("a", content(b"old")).await.unwrap();
    let datas = vec![vec![b'x'; 70_000], vec![b'y'; 70_000], b"new".to_vec(), b"late".to_vec()];
    let outcomes = swap_all(&store, datas).await;
    let kinds: Vec<_> = outcomes.into_iter().map(|end| end.map_err(|error| error.kind())).collect();
    let too_large = || Err(ErrorKind::TooLarge);
    assert_eq!(kinds, [too_large(), too_large(), Ok(Outcome::Saved), Ok(Outcome::Conflict)]);
}

/// The server's last insert id is then the table's own number, in bits that could be marks.
#[tokio::test]
async fn numbers_that_the_table_gives_are_not_taken_for_marks() {
    let (_, table) = store().await;
    let mut admin = support::admin().await;
    let add = format!("ALTER TABLE {table} ADD number INT NOT NULL AUTO_INCREMENT UNIQUE");
    admin.query_drop(add).await.unwrap();
    for round in 0..30 {
        // One that has met a number that it did not understand swaps one by one.
        let store = open(&table, &[]);
        let tokens: Vec<String> = (0..8).map(|number| format!("{round}-{number}")).collect();
        for token in &tokens {
            store.insert(token, content(b"old")).await.unwrap();
        }
        // Every other one is not done.
        let swap = |(at, token): (usize, &String)| {
            let (store, token) = (store.clone(), token.clone());
            let expected: &[u8] = if at % 2 == 0 { b"old" } else { b"another" };
            tokio::spawn(async move { store.replace(&token, expected, content(b"new")).await })
        };
        let calls: Vec<_> = tokens.iter().enumerate().map(swap).collect();
        for (at, call) in calls.into_iter().enumerate() {
            let (outcome, data) = match at % 2 {
                0 => (Outcome::Saved, b"new"),
                _ => (Outcome::Conflict, b"old"),
            };
            assert_eq!(call.await.unwrap().unwrap(), outcome, "round {round}");
            assert_eq!(&*store.find(&tokens[at]).await.unwrap().unwrap().data, data);
        }
    }
}

/// The first try marks the first two rows and waits for the third in vain. Before the second try
/// another writer changes the first one, and the third; whose mark is whose must not be mixed up.
#[tokio::test]
async fn a_try_that_failed_leaves_no_marks() {
    let mut admin = support::admin().await;
    admin.query_drop("SET GLOBAL innodb_lock_wait_timeout = 1").await.unwrap();
    let (store, table) = store().await;
    for token in ["a", "b", "c"] {
        store.save_content(token, content(b"old")).await.unwrap();
    }
    // In the order of their keys, as the statement takes them.
    let listed = store.list(None, 3).await.unwrap().entries;
    let keys: Vec<String> = listed.iter().map(|entry| entry.key.as_str().to_owned()).collect();
    let by_key = |store: Store, key: String| async move {
        let key = sessio::Key::from_text(&key);
        store.replace(&key, b"old", content(b"new")).await.unwrap()
    };
    let change = |key: &str| format!("UPDATE {table} SET data = 'theirs' WHERE token = '{key}'");
    let mut last: Conn = support::admin().await;
    last.query_drop("START TRANSACTION").await.unwrap();
    last.query_drop(change(&keys[2])).await.unwrap();
    let first = change(&keys[0]);
    let mut first_conn: Conn = support::admin().await;
    first_conn.query_drop("SET SESSION innodb_lock_wait_timeout = 5").await.unwrap();
    let meddle = async {
        sleep(SECOND / 4).await;
        // Waits for the end of the first try.
        first_conn.query_drop(first).await.unwrap();
        sleep(SECOND / 2).await;
        last.query_drop("COMMIT").await.unwrap();
    };
    let (one, two, three, ()) = tokio::join!(
        by_key(store.clone(), keys[0].clone()),
        by_key(store.clone(), keys[1].clone()),
        by_key(store.clone(), keys[2].clone()),
        meddle,
    );
    admin.query_drop("SET GLOBAL innodb_lock_wait_timeout = 50").await.unwrap();
    assert_eq!((one, two, three), (Outcome::Conflict, Outcome::Saved, Outcome::Conflict));
    assert!(store.stats().retries > 0, "no call waited");
}
