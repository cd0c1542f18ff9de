//! A server that is absent, slow, or goes away in the middle; and what the caller is told.
#![allow(missing_docs, clippy::unwrap_used)]

mod support {
    pub(crate) mod common;
    pub(crate) mod proxy;
}

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use sessio::{Content, Error, ErrorKind, Expiry, Options, Outcome, Store};
use support::common as server;
use support::proxy::Proxy;

const HOUR: Duration = Duration::from_secs(3600);

fn content(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::after(HOUR))
}

fn options(table: &str, timeout: &str) -> Options {
    let mut options = server::options(table);
    options.set("timeout", timeout).unwrap();
    options.set("connections", "1").unwrap();
    options
}

/// A store whose only way to the server is the proxy, on a fresh table.
async fn proxied(timeout: &str) -> (Store, Proxy) {
    let (direct, table) = server::store().await;
    direct.close().await;
    let proxy = Proxy::to(server::address(&server::url())).await;
    let url = server::at(&server::url(), &proxy.address);
    let store = Store::open_with(&url, options(&table, timeout)).unwrap();
    store.save("a", b"first", Expiry::after(HOUR)).await.unwrap();
    store.find("a").await.unwrap().unwrap();
    (store, proxy)
}

async fn failure(url: &str, options: Options) -> (Error, Duration) {
    let began = Instant::now();
    let error = Store::open_with(url, options).unwrap().find("a").await.unwrap_err();
    (error, began.elapsed())
}

/// A port on which no process listens, and that no other process gets.
fn closed_port() -> (String, std::net::TcpListener) {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    (address, taken)
}

#[tokio::test]
async fn an_absent_server_is_unavailable_and_named_within_the_deadline() {
    let (address, _guard) = closed_port();
    let url = server::at(&server::url(), &address);
    let (error, took) = failure(&url, options("sessions", "3")).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.is_retryable() && error.message().contains(&address), "{error}");
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_unavailable_within_the_deadline() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let url = server::at(&server::url(), &address);
    let (error, took) = failure(&url, options("sessions", "1")).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains(&address), "{error}");
    assert!(took < Duration::from_millis(1500), "{took:?}");
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_unavailable() {
    let url = server::at(&server::url(), "no-such-host.invalid:3306");
    let (error, _) = failure(&url, options("sessions", "3")).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains("no-such-host.invalid:3306"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_database_are_told_apart_and_neither_is_shown() {
    let address = server::address(&server::url());
    let user = server::url()["mysql://".len()..].split(':').next().unwrap().to_owned();
    for user in [user.as_str(), "another"] {
        let login = format!("mysql://{user}:hunter2@{address}/app");
        let (error, _) = failure(&login, options("sessions", "3")).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(!error.is_retryable(), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    let (head, _) =
        server::url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let (error, _) = failure(&format!("{head}/sessio_nowhere"), options("sessions", "3")).await;
    assert_eq!(error.kind(), ErrorKind::Schema, "{error}");
    assert_eq!(error.errno(), Some(1049));
}

#[tokio::test]
async fn a_missing_table_says_migrate_and_works_after_it() {
    let table = server::table();
    let store = Store::open_with(&server::url(), options(&table, "5")).unwrap();
    let error = store.find("a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(error.message().contains("migrate") && error.message().contains(&table), "{error}");
    store.migrate().await.unwrap();
    assert_eq!(store.find("a").await.unwrap(), None);
    let mut admin = server::admin().await;
    admin.query_drop(format!("DROP TABLE {table}")).await.unwrap();
    let error = store.save("a", b"", Expiry::Never).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema, "{error}");
    store.migrate().await.unwrap();
    store.save("a", b"", Expiry::Never).await.unwrap();
}

#[tokio::test]
async fn a_table_of_something_else_is_refused_with_its_columns() {
    let table = server::table();
    let mut admin = server::admin().await;
    admin.query_drop(format!("CREATE TABLE {table} (id INT, payload TEXT)")).await.unwrap();
    let store = Store::open_with(&server::url(), options(&table, "5")).unwrap();
    let error = store.find("a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(error.message().contains("payload text"), "{error}");
    assert_eq!(store.migrate().await.unwrap_err().kind(), ErrorKind::Schema);
    assert_eq!(store.check().await.unwrap()[0].code, "unknown_layout");
}

#[tokio::test]
async fn a_connection_that_died_between_two_calls_is_not_noticed() {
    let (store, proxy) = proxied("5").await;
    for round in 0..3u8 {
        proxy.cut();
        store.find("a").await.unwrap().unwrap();
        proxy.cut();
        store.save("a", &[round], Expiry::after(HOUR)).await.unwrap();
        proxy.cut();
        assert!(store.touch("a", Expiry::after(HOUR)).await.unwrap());
        proxy.cut();
        store.insert(&format!("new-{round}"), content(b"x")).await.unwrap();
        proxy.cut();
        let replaced = store.replace("a", &[round], content(b"y")).await.unwrap();
        assert_eq!(replaced, Outcome::Saved);
        proxy.cut();
        let (old, new) = (format!("new-{round}"), format!("newer-{round}"));
        assert!(store.rename(&old, &new, None).await.unwrap());
        proxy.cut();
        assert!(store.delete(&new).await.unwrap());
    }
    assert!(store.stats().retries >= 15, "{:?}", store.stats());
}

/// The server has done it, and the answer is lost: the caller must hear what is true.
#[tokio::test]
async fn a_write_whose_answer_is_lost_is_not_done_twice_and_not_denied() {
    let (store, proxy) = proxied("5").await;
    // Each is called once before, so that the lost answer is not that of a preparation.
    store.insert("warm", content(b"x")).await.unwrap();
    assert_eq!(store.replace("warm", b"x", content(b"y")).await.unwrap(), Outcome::Saved);
    assert!(store.rename("warm", "warmer", None).await.unwrap());
    proxy.lose_next_answer();
    store.insert("once", content(b"x")).await.unwrap();
    proxy.lose_next_answer();
    assert_eq!(store.replace("once", b"x", content(b"y")).await.unwrap(), Outcome::Saved);
    proxy.lose_next_answer();
    assert_eq!(store.replace("once", b"x", content(b"z")).await.unwrap(), Outcome::Conflict);
    proxy.lose_next_answer();
    assert!(store.rename("once", "twice", None).await.unwrap());
    assert_eq!(&*store.find("twice").await.unwrap().unwrap().data, b"y");
    store.insert("warm", content(b"x")).await.unwrap();
    assert!(store.delete("warm").await.unwrap());
    proxy.lose_next_answer();
    assert!(store.delete("twice").await.unwrap(), "it was there, and it is gone");
    assert!(!store.delete("twice").await.unwrap());
}

#[tokio::test]
async fn a_server_that_hangs_in_mid_call_is_a_timeout_and_the_next_call_works() {
    let (store, proxy) = proxied("0.5").await;
    proxy.freeze(true);
    let began = Instant::now();
    let (read, write) = tokio::join!(store.find("a"), store.save("a", b"x", Expiry::Never));
    for error in [read.unwrap_err(), write.unwrap_err()] {
        assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Unavailable), "{error}");
        assert!(error.is_retryable());
    }
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
    proxy.freeze(false);
    store.find("a").await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_goes_away_is_unavailable_until_another_host_takes_over() {
    let (direct, table) = server::store().await;
    direct.save("a", b"first", Expiry::after(HOUR)).await.unwrap();
    let home = server::address(&server::url());
    let (first, second) = (Proxy::to(home.clone()).await, Proxy::to(home).await);
    let hosts = format!("{},{}", first.address, second.address);
    let url = server::at(&server::url(), &hosts);
    let store = Store::open_with(&url, options(&table, "5")).unwrap();
    store.find("a").await.unwrap().unwrap();
    assert_eq!((first.connections(), second.connections()), (1, 0));
    first.stop().await;
    store.find("a").await.unwrap().unwrap();
    store.save("a", b"second", Expiry::after(HOUR)).await.unwrap();
    assert!(second.connections() >= 1);
    let last = second.stop().await;
    let error = store.find("a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains(&last), "{error}");
}

/// MySQL refuses information_schema.PROCESSLIST while a listed statement has bytes that are no text.
/// That must not be taken for a server that does not answer.
#[tokio::test]
async fn a_host_that_works_slowly_is_not_left_because_of_what_others_ask_it() {
    let (direct, table) = server::store().await;
    direct.save("a", b"first", Expiry::after(HOUR)).await.unwrap();
    let home = server::address(&server::url());
    let (first, second) = (Proxy::to(home.clone()).await, Proxy::to(home).await);
    let url = server::at(&server::url(), &format!("{},{}", first.address, second.address));
    let store = Store::open_with(&url, options(&table, "3")).unwrap();
    store.find("a").await.unwrap().unwrap();
    let mut binary = server::admin().await;
    let asks = async move {
        let statement = b"SELECT SLEEP(2.5), _binary'\xA9\\\\\xC3\xFF'";
        binary.query_drop(&statement[..]).await.unwrap();
    };
    let mut admin = server::admin().await;
    admin.query_drop(format!("LOCK TABLES {table} WRITE")).await.unwrap();
    let unlocks = async {
        // More than the third of its time after which a call asks what its server does.
        tokio::time::sleep(Duration::from_millis(1800)).await;
        admin.query_drop("UNLOCK TABLES").await.unwrap();
    };
    let (_, found, ()) = tokio::join!(tokio::spawn(asks), store.find("a"), unlocks);
    found.unwrap().unwrap();
    assert_eq!(second.connections(), 0, "a working server was left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_connections_cost_no_caller_an_error() {
    let (store, _) = server::store().await;
    store.save("a", b"x", Expiry::after(HOUR)).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(3);
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let store = store.clone();
            tokio::spawn(async move {
                while Instant::now() < deadline {
                    store.find("a").await.unwrap().unwrap();
                    let token = format!("k-{caller}");
                    store.save(&token, b"x", Expiry::after(HOUR)).await.unwrap();
                }
            })
        })
        .collect();
    let mut admin = server::admin().await;
    let of_admin = "SELECT CONNECTION_ID(), DATABASE()";
    let (me, database): (u64, String) = admin.query_first(of_admin).await.unwrap().unwrap();
    while Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(200)).await;
        // information_schema.PROCESSLIST fails on MySQL while a statement has bytes that are no text.
        let listed: Vec<mysql_async::Row> = admin.query("SHOW PROCESSLIST").await.unwrap();
        let of_stores = listed.iter().filter(|row| row.get(3).flatten() == Some(database.clone()));
        let ids: Vec<u64> = of_stores.filter_map(|row| row.get(0)).take(2).collect();
        for id in ids.into_iter().filter(|id| *id != me) {
            // It may have gone by itself.
            let _ = admin.query_drop(format!("KILL {id}")).await;
        }
    }
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test]
async fn a_full_queue_is_overloaded_at_once_and_the_rest_is_done() {
    let (store, proxy) = proxied("5").await;
    proxy.freeze(true);
    let big = vec![1; 1 << 20];
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..80 {
        let (store, big) = (store.clone(), big.clone());
        calls.spawn(async move { store.save(&format!("{number}"), &big, Expiry::Never).await });
    }
    let refused = calls.join_next().await.unwrap().unwrap().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Overloaded, "{refused}");
    proxy.freeze(false);
    while let Some(done) = calls.join_next().await {
        let acceptable = [ErrorKind::Overloaded, ErrorKind::Timeout];
        assert!(done.unwrap().map_or_else(|e| acceptable.contains(&e.kind()), |()| true));
    }
    store.find("a").await.unwrap().unwrap();
}

/// Maintenance opens its connection anew by itself. One that it could not open serves no call, so
/// the calls are told what is wrong as if there were none.
#[tokio::test]
async fn maintenance_that_fails_all_the_time_does_not_hide_that_the_server_is_gone() {
    let (direct, table) = server::store().await;
    direct.close().await;
    for _ in 0..4 {
        let proxy = Proxy::to(server::address(&server::url())).await;
        let mut options = server::options(&table);
        options.set("timeout", "3s").unwrap();
        let url = server::at(&server::url(), &proxy.address);
        let store = Store::open_with(&url, options).unwrap();
        let mut maintenance = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let store = store.clone();
            maintenance.spawn(async move {
                loop {
                    if store.count().await.is_err() {
                        tokio::task::yield_now().await;
                    }
                }
            });
        }
        store.find("a").await.unwrap();
        let address = proxy.stop().await;
        let error = store.find("a").await.unwrap_err();
        maintenance.shutdown().await;
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.message().contains(&address), "{error}");
        store.close().await;
    }
}

#[tokio::test]
async fn closing_finishes_what_is_in_flight_and_refuses_the_rest() {
    let (store, _) = server::store().await;
    let calls: Vec<_> = (0..50)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.save(&format!("{number}"), b"x", Expiry::Never).await })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await;
    store.close().await;
    let mut saved = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(()) => saved += 1,
            // Refused, because it came later; nothing that came before may be given up.
            Err(error) => assert!(error.message().starts_with("the store is closed"), "{error}"),
        }
    }
    assert!(saved > 0);
    assert_eq!(store.find("1").await.unwrap_err().kind(), ErrorKind::Closed);
}
