//! Many at once on few keys, from several stores: as processes would.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod support;

use std::time::Duration;

use sessio::{Content, Expiry, Outcome, Store};

fn live(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::after(Duration::from_secs(3600)))
}

async fn several(count: usize) -> Vec<Store> {
    let (first, table) = support::store().await;
    let mut stores = vec![first];
    stores.resize_with(count, || {
        Store::open_with(&support::url(), support::options(&table)).unwrap()
    });
    stores
}

/// Half of the saves are expired at once, so that cleaners and writers meet on the same rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_and_two_cleaners_on_400_keys_meet_without_an_error() {
    let stores = several(4).await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(6);
    let mut tasks = Vec::new();
    for writer in 0..8usize {
        let store = stores[writer % 2].clone();
        tasks.push(tokio::spawn(async move {
            let mut number = writer * 31;
            while tokio::time::Instant::now() < deadline {
                number = (number * 1_103_515_245 + 12_345) % 65_536;
                let tokens: Vec<String> =
                    (0..16).map(|step| format!("hot-{}", (number * 7 + step * 13) % 400)).collect();
                let alive = number % 2 == 0;
                let after = if alive { 3_600_000_000 } else { -1 };
                let content = Content::new(b"hot", Expiry::After(after));
                let rows: Vec<_> = tokens.iter().map(|token| (token.into(), content)).collect();
                store.save_many(&rows).await.unwrap();
                store.touch(&tokens[0], Expiry::After(1)).await.unwrap();
                store.delete(&tokens[1]).await.unwrap();
            }
        }));
    }
    for cleaner in 0..2 {
        let store = stores[2 + cleaner].clone();
        tasks.push(tokio::spawn(async move {
            while tokio::time::Instant::now() < deadline {
                store.delete_expired(1000).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

/// Counters that are only ever changed by compare and swap count every change, in any process
/// and however the swaps were batched.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_swap_is_lost_between_two_stores() {
    let stores = several(2).await;
    for key in 0..4 {
        stores[0].insert(&format!("count-{key}"), live(b"0")).await.unwrap();
    }
    let mut tasks = Vec::new();
    for caller in 0..16usize {
        let store = stores[caller % 2].clone();
        tasks.push(tokio::spawn(async move {
            let token = format!("count-{}", caller % 4);
            for _ in 0..50 {
                loop {
                    let before = store.find(&token).await.unwrap().unwrap().data;
                    let number: u32 = std::str::from_utf8(&before).unwrap().parse().unwrap();
                    let after = (number + 1).to_string();
                    match store.replace(&token, &before, live(after.as_bytes())).await.unwrap() {
                        Outcome::Saved => break,
                        Outcome::Conflict => {}
                        Outcome::Gone => panic!("the session vanished"),
                    }
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    for key in 0..4 {
        let record = stores[1].find(&format!("count-{key}")).await.unwrap().unwrap();
        assert_eq!(&*record.data, b"200", "count-{key}");
    }
}

/// One of many inserts wins, one of many deletes finds it, one of many renames moves it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_that_try_exactly_one_succeeds() {
    let stores = several(2).await;
    for round in 0..40 {
        let token = format!("once-{round}");
        let winners = |outcomes: Vec<bool>| outcomes.into_iter().filter(|won| *won).count();
        let insert = |store: Store, token: String, _| async move {
            store.insert(&token, live(b"x")).await.is_ok()
        };
        assert_eq!(winners(together(&stores, &token, insert).await), 1, "insert");
        let rename = |store: Store, token: String, caller| async move {
            store.rename(&token, &format!("{token}-{caller}"), None).await.unwrap()
        };
        assert_eq!(winners(together(&stores, &token, rename).await), 1, "rename");
        store_again(&stores[0], &token).await;
        let delete =
            |store: Store, token: String, _| async move { store.delete(&token).await.unwrap() };
        assert_eq!(winners(together(&stores, &token, delete).await), 1, "delete");
    }
}

async fn store_again(store: &Store, token: &str) {
    store.save(token, b"x", Expiry::after(Duration::from_secs(60))).await.unwrap();
}

async fn together<F, Call>(stores: &[Store], token: &str, call: F) -> Vec<bool>
where
    F: Fn(Store, String, usize) -> Call,
    Call: Future<Output = bool> + Send + 'static,
{
    let tasks: Vec<_> = (0..8)
        .map(|caller| {
            tokio::spawn(call(stores[caller % stores.len()].clone(), token.to_owned(), caller))
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}
