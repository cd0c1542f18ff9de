//! What the server sees: counted there, not here. In a target of its own, because the counters are
//! the whole server's.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::{Content, Expiry, Outcome, Store};

const HOUR: Duration = Duration::from_secs(3600);

fn content(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::after(HOUR))
}

struct Seen {
    statements: u64,
    prepares: u64,
    pings: u64,
}

/// What the server saw while `work` ran.
async fn seen(work: impl Future<Output = ()>) -> Seen {
    let mut admin = support::admin().await;
    let before = counted(&mut admin).await;
    work.await;
    let after = counted(&mut admin).await;
    Seen {
        statements: after.statements - before.statements,
        prepares: after.prepares - before.prepares,
        pings: after.pings - before.pings,
    }
}

/// By kind, since the server's start: the number of all that it was asked also has what connections
/// say when they are closed, and that may come late.
async fn counted(admin: &mut Conn) -> Seen {
    let rows: Vec<(String, u64)> = admin.query("SHOW GLOBAL STATUS LIKE 'Com\\_%'").await.unwrap();
    let mut seen = Seen { statements: 0, prepares: 0, pings: 0 };
    for (name, count) in rows {
        match &*name {
            "Com_stmt_prepare" => seen.prepares = count,
            "Com_admin_commands" => seen.pings = count,
            // This question, and what counts a prepared statement a second time.
            "Com_show_status" => {}
            name if name.starts_with("Com_stmt_") => {}
            _ => seen.statements += count,
        }
    }
    seen
}

async fn by_64_callers<F, Call>(count: usize, call: F)
where
    F: Fn(usize) -> Call + Send + Sync + 'static,
    Call: Future<Output = ()> + Send,
{
    let call = Arc::new(call);
    let callers: Vec<_> = (0..64)
        .map(|caller| {
            let call = Arc::clone(&call);
            tokio::spawn(async move {
                for number in (caller..count).step_by(64) {
                    call(number).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
}

async fn lone_calls_are_single_statements(store: &Store) {
    store.save("lone", b"x", Expiry::after(HOUR)).await.unwrap();
    store.find("lone").await.unwrap().unwrap();
    let find = seen(async {
        store.find("lone").await.unwrap().unwrap();
    })
    .await;
    assert_eq!((find.statements, find.prepares, find.pings), (1, 0, 0), "a find");
    assert_eq!(store.replace("lone", b"x", content(b"y")).await.unwrap(), Outcome::Saved);
    store.touch("lone", Expiry::after(HOUR)).await.unwrap();
    let writes = seen(async {
        store.save("lone", b"z", Expiry::after(HOUR)).await.unwrap();
        let replaced = store.replace("lone", b"z", content(b"y")).await.unwrap();
        assert_eq!(replaced, Outcome::Saved);
        assert!(store.touch("lone", Expiry::after(HOUR)).await.unwrap());
    })
    .await;
    assert_eq!((writes.statements, writes.prepares, writes.pings), (3, 0, 0), "three writes");
    lone_deletes_are_single_statements(store).await;
}

/// Of a live session, and of one that is not there. One that has expired and was not cleaned up yet
/// costs two.
async fn lone_deletes_are_single_statements(store: &Store) {
    for (token, expiry) in [("expired", Expiry::After(-1)), ("live", Expiry::after(HOUR))] {
        store.save(token, b"x", expiry).await.unwrap();
    }
    // Prepares both statements.
    store.save("warm", b"x", Expiry::After(-1)).await.unwrap();
    assert!(!store.delete("warm").await.unwrap());
    for (token, was, statements) in
        [("live", true, 1), ("live", false, 1), ("absent", false, 1), ("expired", false, 2)]
    {
        let seen = seen(async {
            assert_eq!(store.delete(token).await.unwrap(), was, "{token}");
        })
        .await;
        assert_eq!((seen.statements, seen.prepares, seen.pings), (statements, 0, 0), "{token}");
    }
    let again = seen(async {
        assert!(!store.delete("expired").await.unwrap());
    })
    .await;
    assert_eq!(again.statements, 1, "it was removed");
}

async fn calls_of_many_share_statements(store: &Store) {
    let saves = store.clone();
    let saved = seen(by_64_callers(1000, move |number| {
        let store = saves.clone();
        async move {
            let token = format!("many-{number}");
            store.save(&token, token.as_bytes(), Expiry::after(HOUR)).await.unwrap();
        }
    }))
    .await;
    assert!(saved.statements <= 200, "1,000 saves cost {} statements", saved.statements);
    let finds = store.clone();
    let found = seen(by_64_callers(1000, move |number| {
        let store = finds.clone();
        async move {
            let token = format!("many-{number}");
            let record = store.find(&token).await.unwrap().unwrap();
            assert_eq!(&*record.data, token.as_bytes());
        }
    }))
    .await;
    assert!(found.statements <= 200, "1,000 finds cost {} statements", found.statements);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_are_as_few_as_promised() {
    let (store, table) = support::store().await;
    // A second connection prepares its own.
    let mut one = support::options(&table);
    one.set("connections", "1").unwrap();
    let lone = Store::open_with(&support::url(), one).unwrap();
    lone_calls_are_single_statements(&lone).await;
    drop(lone);
    calls_of_many_share_statements(&store).await;
}
