//! A server whose time zone is not UTC: sessions on our own table do not notice, and on a TIMESTAMP
//! as SCS has it they are what Go wrote, or the error says why and what helps.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use sessio::{Clock, Content, ErrorKind, Expiry, ManualClock, Outcome, Store, Timestamp};

/// A server with the time zone of New York.
fn url() -> String {
    server::environment::given("SESSIO_TEST_NEW_YORK_URL")
}

/// As Go has it: in the zone that the server gives.
async fn go() -> Conn {
    let mut conn = Conn::new(Opts::from_url(&url()).unwrap()).await.unwrap();
    let zone = "SELECT CAST(FROM_UNIXTIME(1700000000) AS CHAR)";
    let there: Option<String> = conn.query_first(zone).await.unwrap();
    assert_eq!(there.as_deref(), Some("2023-11-14 17:13:20"), "the server is in New York");
    conn
}

/// 2027-03-14T02:30:00Z: where this is the time of the wall clock, New York's clocks skip it.
const LEFT_OUT: i64 = 1_804_991_400_000_000;
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// Stores whose clock says this, on a table: with plain tokens, so that Go reads them as they are.
fn store(table: &str, now: i64) -> (Store, ManualClock) {
    let clock = ManualClock::new(at(now));
    let mut options = server::options(table).clock(Clock::from(clock.clone()));
    options.set("hash_tokens", "false").unwrap();
    (Store::open_with(&url(), options).unwrap(), clock)
}

#[tokio::test]
async fn on_our_table_every_instant_is_kept() {
    let table = server::table();
    let (store, clock) = store(&table, LEFT_OUT - HOUR);
    store.migrate().await.unwrap();
    // Into the hour that is left out, at both its ends, into the one that comes twice, and after
    // the end of TIMESTAMP.
    let instants = [
        LEFT_OUT,
        LEFT_OUT - 30 * MINUTE,
        LEFT_OUT + 30 * MINUTE,
        1_825_551_000_000_000,
        2_208_988_800_123_456,
    ];
    for (number, expires) in instants.into_iter().enumerate() {
        store.save(&format!("t{number}"), b"x", at(expires)).await.unwrap();
    }
    for (number, expires) in instants.into_iter().enumerate() {
        let found = store.find(&format!("t{number}")).await.unwrap().unwrap();
        assert_eq!(found.expires_at, Some(at(expires)));
    }
    clock.advance(Duration::from_micros(u64::try_from(HOUR - 1).unwrap()));
    assert!(store.exists("t0").await.unwrap() && !store.exists("t1").await.unwrap());
    clock.advance(Duration::from_micros(1));
    assert!(!store.exists("t0").await.unwrap() && store.exists("t2").await.unwrap());
    assert_eq!(store.count().await.unwrap(), 3);
    assert_eq!(store.check().await.unwrap(), []);
}

#[tokio::test]
async fn on_a_timestamp_go_and_we_agree_about_every_row() {
    let mut go = go().await;
    let table = server::scs_table(&mut go).await;
    let (store, _) = store(&table, LEFT_OUT - HOUR);
    let expires = at(1_825_551_000_123_456); // 2027-11-07T01:30Z, an hour that comes twice.
    store.save("ours", b"x", expires).await.unwrap();
    assert!(store.update("ours", Content::new(b"y", expires)).await.unwrap());
    let swapped = store.replace("ours", b"y", Content::new(b"z", expires)).await.unwrap();
    assert_eq!(swapped, Outcome::Saved);
    let read = format!("SELECT CAST(expiry AS CHAR) FROM {table} WHERE token = ?");
    let text: Option<String> = go.exec_first(&read, ("ours",)).await.unwrap();
    assert_eq!(text.as_deref(), Some("2027-11-07 01:30:00.123456"), "UTC's time, as Go writes it");
    let write = format!("INSERT INTO {table} VALUES (?, 'go', ?)");
    go.exec_drop(&write, ("go", "2027-07-01 00:00:00.5")).await.unwrap();
    let found = store.find("go").await.unwrap().unwrap();
    assert_eq!(found.expires_at, Some(at(1_814_400_000_500_000)));
    assert_eq!(store.count().await.unwrap(), 2);
    // What ends and what does not, in the hour that is left out: nothing can end within it.
    for (token, before) in [("before", "01:59:59.999999"), ("after", "03:00:00.000001")] {
        go.exec_drop(&write, (token, format!("2027-03-14 {before}"))).await.unwrap();
    }
    let (during, _) = self::store(&table, LEFT_OUT);
    assert!(!during.exists("before").await.unwrap() && during.exists("after").await.unwrap());
    assert!(during.touch("after", expires).await.unwrap());
    assert!(!during.update("before", Content::new(b"", expires)).await.unwrap());
    assert_eq!(
        (during.count().await.unwrap(), during.list(None, 9).await.unwrap().entries.len()),
        (3, 3)
    );
    assert!(!during.delete("before").await.unwrap());
}

/// The server's clock counts too, so what has expired has to be in its past.
#[tokio::test]
async fn cleanup_on_a_timestamp_takes_what_has_expired_and_nothing_else() {
    let mut go = go().await;
    let table = server::scs_table(&mut go).await;
    let now: i64 = go.query_first("SELECT UNIX_TIMESTAMP()").await.unwrap().unwrap();
    let (store, _) = store(&table, now * 1_000_000);
    let write = format!("INSERT INTO {table} VALUES (?, '', UTC_TIMESTAMP(6) + INTERVAL ? SECOND)");
    go.exec_drop(&write, ("gone", -60)).await.unwrap();
    go.exec_drop(&write, ("alive", 60)).await.unwrap();
    assert!(!store.exists("gone").await.unwrap() && store.exists("alive").await.unwrap());
    assert_eq!(store.delete_expired(10).await.unwrap(), 1);
    assert!(store.exists("alive").await.unwrap());
}

#[tokio::test]
async fn what_a_timestamp_cannot_hold_is_refused_with_what_helps() {
    let mut go = go().await;
    let table = server::scs_table(&mut go).await;
    let (store, _) = store(&table, LEFT_OUT - HOUR);
    let fine = at(LEFT_OUT + HOUR);
    store.save("other", b"x", fine).await.unwrap();
    let left_out = || Content::new(b"x", at(LEFT_OUT));
    let rows = [("a".into(), left_out()), ("b".into(), Content::new(b"x", fine))];
    for error in [
        store.save("a", b"x", at(LEFT_OUT)).await.unwrap_err(),
        store.save_many(&rows).await.unwrap_err(),
        store.insert("a", left_out()).await.unwrap_err(),
        store.update("other", left_out()).await.unwrap_err(),
        store.replace("other", b"x", left_out()).await.unwrap_err(),
        store.rename("other", "a", Some(left_out())).await.unwrap_err(),
        store.touch("other", at(LEFT_OUT)).await.unwrap_err(),
        // 2040, and the last hours of TIMESTAMP, which New York does not have.
        store.save("a", b"x", at(2_208_988_800_000_000)).await.unwrap_err(),
        store.save("a", b"x", at(2_147_483_000_000_000)).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        let message = error.message();
        assert!(message.contains("TIMESTAMP") && message.contains("DATETIME(6)"), "{message}");
    }
    assert!(store.exists("b").await.unwrap() && !store.exists("a").await.unwrap());
    let other = store.find("other").await.unwrap().unwrap();
    assert_eq!((&*other.data, other.expires_at), (&b"x"[..], Some(fine)), "nothing has moved");
    // Never is the last that there is.
    store.save("never", b"x", Expiry::Never).await.unwrap();
    assert_eq!(store.find("never").await.unwrap().unwrap().expires_at, None);
}

/// The same in statements over many sessions: only those that cannot be kept are refused.
#[tokio::test]
async fn among_many_only_what_cannot_be_kept_is_refused() {
    let mut go = go().await;
    let table = server::scs_table(&mut go).await;
    let (store, _) = store(&table, LEFT_OUT - HOUR);
    let tokens: Vec<String> = (0..60).map(|number| format!("m{number}")).collect();
    let expires = |number: usize| at(if number % 20 == 7 { LEFT_OUT } else { LEFT_OUT + HOUR });
    let calls: Vec<_> = tokens
        .iter()
        .cloned()
        .enumerate()
        .map(|(number, token)| {
            let store = store.clone();
            tokio::spawn(async move {
                store.save(&token, b"0", at(LEFT_OUT + 2 * HOUR)).await.unwrap();
                let content = |data| Content::new(data, expires(number));
                let swapped = store.replace(&token, b"0", content(b"1")).await;
                let updated = store.update(&token, content(b"2")).await;
                let touched = store.touch(&token, expires(number)).await;
                (number, swapped.is_ok(), updated.is_ok(), touched.is_ok())
            })
        })
        .collect();
    for call in calls {
        let (number, swapped, updated, touched) = call.await.unwrap();
        let fine = number % 20 != 7;
        assert_eq!((swapped, updated, touched), (fine, fine, fine), "{number}");
    }
    for (number, token) in tokens.iter().enumerate() {
        let data = store.find(token).await.unwrap().unwrap().data;
        assert_eq!(&*data, if number % 20 == 7 { b"0" } else { b"2" });
    }
}

/// A Go program that sets its connections' time zone itself: the same DSN, the same instants.
#[tokio::test]
async fn a_go_dsn_with_a_time_zone_is_followed() {
    let mut go = go().await;
    let table = server::scs_table(&mut go).await;
    let address = server::address(&url());
    let (login, database) = (Opts::from_url(&url()).unwrap(), url());
    let database = database.rsplit('/').next().unwrap();
    let dsn = format!(
        "{}:{}@tcp({address})/{database}?parseTime=true&time_zone=%27%2B05%3A30%27",
        login.user().unwrap(),
        login.pass().unwrap(),
    );
    let store = Store::open_with(&dsn, server::options(&table)).unwrap();
    go.query_drop("SET time_zone = '+05:30'").await.unwrap();
    let expires = at(1_900_000_000_000_000);
    store.save("a", b"x", expires).await.unwrap();
    let read = format!("SELECT CAST(expiry AS CHAR) FROM {table}");
    let text: Option<String> = go.query_first(read).await.unwrap();
    assert_eq!(text.as_deref(), Some("2030-03-17 17:46:40.000000"));
    assert_eq!(store.find("a").await.unwrap().unwrap().expires_at, Some(expires));
    let unknown = dsn.replace("%2B05%3A30", "Nowhere%2FAtAll");
    let unknown = Store::open_with(&unknown, server::options(&table)).unwrap();
    let error = unknown.find("a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert!(error.message().contains("time_zone"), "{error}");
    let far = store.save("a", b"x", at(2_147_490_000_000_000)).await;
    assert!(far.is_ok(), "there TIMESTAMP ends later");
}

#[tokio::test]
async fn an_update_of_the_token_leaves_the_expiry_alone() {
    let mut go = go().await;
    let table = server::table();
    let columns = "token CHAR(43) PRIMARY KEY, data BLOB NOT NULL, expiry TIMESTAMP(6) NOT NULL \
         DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)";
    go.query_drop(format!("CREATE TABLE {table} ({columns})")).await.unwrap();
    let (store, _) = store(&table, LEFT_OUT - HOUR);
    let expires = at(LEFT_OUT + HOUR);
    store.save("old", b"x", expires).await.unwrap();
    assert!(store.rename("old", "new", None).await.unwrap());
    assert_eq!(store.find("new").await.unwrap().unwrap().expires_at, Some(expires));
}

#[tokio::test]
async fn check_names_the_zone_and_migration_keeps_what_go_wrote() {
    let mut go = go().await;
    let table = server::scs_table(&mut go).await;
    let (store, _) = store(&table, LEFT_OUT - HOUR);
    let expiry = "2027-11-07 01:30:00.123456";
    let write = format!("INSERT INTO {table} VALUES ('go', 'x', '{expiry}')");
    go.query_drop(write).await.unwrap();
    store.save("never", b"x", Expiry::Never).await.unwrap();
    let issues = store.check().await.unwrap();
    let zone = issues.iter().find(|issue| issue.code == "time_zone").unwrap();
    assert!(zone.message.contains("EST"), "{}", zone.message);
    store.migrate_from("scs").await.unwrap();
    assert_eq!(store.check().await.unwrap(), []);
    let read = format!("SELECT CAST(expiry AS CHAR) FROM {table} WHERE token = 'go'");
    let text: Option<String> = go.query_first(read).await.unwrap();
    assert_eq!(text.as_deref(), Some(expiry), "Go reads what it wrote");
    let found = store.find("go").await.unwrap().unwrap();
    assert_eq!(found.expires_at, Some(at(1_825_551_000_123_456)));
    assert_eq!(store.find("never").await.unwrap().unwrap().expires_at, None);
    store.save("left out", b"x", at(LEFT_OUT)).await.unwrap();
    let found = store.find("left out").await.unwrap().unwrap();
    assert_eq!(found.expires_at, Some(at(LEFT_OUT)));
}
