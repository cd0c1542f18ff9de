//! What the tests against a server share. Each target uses a part of it.
#![allow(dead_code)]

#[path = "environment.rs"]
pub(crate) mod environment;

use std::sync::atomic::{AtomicU32, Ordering};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use sessio::{Options, Store};

/// The server's URL.
pub(crate) fn url() -> String {
    environment::given("SESSIO_TEST_MYSQL_URL")
}

/// A connection that is not sessio's.
pub(crate) async fn admin() -> Conn {
    Conn::new(Opts::from_url(&url()).unwrap()).await.unwrap()
}

/// A table name that no other test uses.
pub(crate) fn table() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Options for a table, without background cleanup.
pub(crate) fn options(table: &str) -> Options {
    let mut options = Options::new();
    options.set("table", table).unwrap();
    options.set("cleanup_interval", "0").unwrap();
    options
}

/// A store on a fresh table.
pub(crate) async fn store() -> (Store, String) {
    let table = table();
    let store = Store::open_with(&url(), options(&table)).unwrap();
    store.migrate().await.unwrap();
    (store, table)
}

/// The table of beego's documentation, under another name; its engine there is MyISAM.
pub(crate) async fn beego_table(engine: &str) -> String {
    let table = table();
    let columns = "`session_key` char(64) NOT NULL, `session_data` blob, \
         `session_expiry` int(11) unsigned NOT NULL, PRIMARY KEY (`session_key`)";
    let create = format!("CREATE TABLE `{table}` ({columns}) ENGINE={engine} DEFAULT CHARSET=utf8");
    admin().await.query_drop(create).await.unwrap();
    table
}

/// The table of SCS's README, under another name.
pub(crate) async fn scs_table(conn: &mut Conn) -> String {
    let table = table();
    let columns = "token CHAR(43) PRIMARY KEY, data BLOB NOT NULL, expiry TIMESTAMP(6) NOT NULL";
    conn.query_drop(format!("CREATE TABLE {table} ({columns})")).await.unwrap();
    let index = format!("CREATE INDEX sessions_expiry_idx ON {table} (expiry)");
    conn.query_drop(index).await.unwrap();
    table
}

/// `url` with another host and port.
pub(crate) fn at(url: &str, host: &str) -> String {
    let (login, rest) = url.split_once('@').unwrap();
    let (_, path) = rest.split_once('/').unwrap();
    format!("{login}@{host}/{path}")
}

/// The host and port of `url`.
pub(crate) fn address(url: &str) -> String {
    let (_, rest) = url.split_once('@').unwrap();
    rest.split_once('/').unwrap().0.to_owned()
}

/// A server-wide counter.
pub(crate) async fn status(conn: &mut Conn, name: &str) -> u64 {
    let row: Option<(String, String)> =
        conn.query_first(format!("SHOW GLOBAL STATUS LIKE '{name}'")).await.unwrap();
    row.map_or(0, |(_, value)| value.parse().unwrap())
}
