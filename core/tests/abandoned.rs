//! What no caller waits for any more is not done any more, either.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use std::time::Duration;

use mysql_async::prelude::Queryable;
use sessio::{ErrorKind, Expiry, Store};

#[tokio::test]
async fn the_server_does_not_go_on_with_what_timed_out() {
    let (store, table) = server::store().await;
    store.save("a", b"x", Expiry::Never).await.unwrap();
    let mut options = server::options(&table);
    options.set("timeout", "1").unwrap();
    let hasty = Store::open_with(&server::url(), options).unwrap();
    hasty.find("a").await.unwrap().unwrap();
    let mut admin = server::admin().await;
    admin.query_drop(format!("LOCK TABLES {table} WRITE")).await.unwrap();
    for _ in 0..4 {
        let (counted, listed) = tokio::join!(hasty.count(), hasty.list(None, 10));
        let (found, saved) = tokio::join!(hasty.find("a"), hasty.save("a", b"late", Expiry::Never));
        for kind in [
            counted.unwrap_err().kind(),
            listed.unwrap_err().kind(),
            found.unwrap_err().kind(),
            saved.unwrap_err().kind(),
        ] {
            assert!([ErrorKind::Timeout, ErrorKind::Unavailable].contains(&kind), "{kind:?}");
        }
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let running = format!(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%{table}%' AND ID <> \
         CONNECTION_ID()"
    );
    let running: u64 = admin.query_first(running).await.unwrap().unwrap();
    assert_eq!(running, 0, "statements are still waiting for the lock");
    admin.query_drop("UNLOCK TABLES").await.unwrap();
    assert_eq!(&*hasty.find("a").await.unwrap().unwrap().data, b"x");
}
