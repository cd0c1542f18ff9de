//! What goes wrong in beego's MySQL provider, on its own table. B7 and so on are the numbers of
//! sessio's list of beego's defects; `tests/go_suites.csv` has where the others are shown.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::{CommitOutcome, SessionManager, SessionOptions, Store};

/// What a visitor may have chosen. No session has it.
const PLANTED: &str = "0123456789abcdef0123456789abcdef";

struct Beego {
    manager: SessionManager,
    table: String,
    admin: Conn,
}

impl Beego {
    async fn open() -> Self {
        let table = server::beego_table("MyISAM").await;
        let mut options = server::options(&table);
        options.set("max_lifetime", "3600").unwrap();
        let store = Store::open_with(&server::url(), options).unwrap();
        let settings = SessionOptions::from_query("codec=beego&idle_timeout=3600").unwrap();
        let manager = SessionManager::with(store, settings).unwrap();
        Beego { manager, table, admin: server::admin().await }
    }

    /// A user logs in.
    async fn login(&self) -> String {
        let session = self.manager.load(None);
        session.put("user", "ada").unwrap();
        self.manager.commit(&session).await.unwrap().token.unwrap()
    }

    async fn sids(&mut self) -> Vec<String> {
        self.admin.query(format!("SELECT session_key FROM {}", self.table)).await.unwrap()
    }

    /// With the table's name in the place of `TABLE`.
    async fn run(&mut self, change: &str) {
        self.admin.query_drop(change.replace("TABLE", &self.table)).await.unwrap();
    }
}

#[tokio::test]
async fn b7_a_visitor_makes_no_row() {
    let mut beego = Beego::open().await;
    for sid in [None, Some(PLANTED)] {
        let session = beego.manager.load(sid);
        assert_eq!(session.get::<String>("user").await.unwrap(), None);
        let result = beego.manager.commit(&session).await.unwrap();
        assert_eq!((result.outcome, result.set_cookie), (CommitOutcome::Unmodified, None));
    }
    assert!(beego.sids().await.is_empty());
}

#[tokio::test]
async fn b9_what_is_over_is_over_before_any_cleanup() {
    let mut beego = Beego::open().await;
    let token = beego.login().await;
    beego.run("UPDATE TABLE SET session_expiry = UNIX_TIMESTAMP() - 3601").await;
    assert!(beego.manager.load(Some(&token)).is_new().await.unwrap());
    assert_eq!(beego.manager.store().count().await.unwrap(), 0);
    assert_eq!(beego.sids().await, [token], "the row is still there");
}

#[tokio::test]
async fn b11_a_new_sid_adopts_nothing_and_loses_nothing() {
    let mut beego = Beego::open().await;
    let session = beego.manager.load(Some(PLANTED));
    assert!(session.renew().await.unwrap());
    let stored = beego.manager.commit(&session).await.unwrap().token.unwrap();
    assert_eq!(beego.sids().await, [&*stored]);
    assert_ne!(stored, PLANTED);
    // A second time in the same request, which knows the first one's result.
    let session = beego.manager.load(Some(&beego.login().await));
    assert!(session.renew().await.unwrap() && session.renew().await.unwrap());
    let renewed = beego.manager.commit(&session).await.unwrap().token.unwrap();
    let user: Option<String> = beego.manager.load(Some(&renewed)).get("user").await.unwrap();
    assert_eq!(user.as_deref(), Some("ada"));
    assert_eq!(beego.sids().await.len(), 2);
}

#[tokio::test]
async fn b12_a_sid_in_a_header_can_be_renewed_and_ended() {
    let mut beego = Beego::open().await;
    let first = beego.login().await;
    let session = beego.manager.load_header(first.as_bytes());
    assert!(session.renew().await.unwrap());
    let second = beego.manager.commit(&session).await.unwrap().token.unwrap();
    assert_eq!(beego.sids().await, [&*second]);
    let session = beego.manager.load_header(second.as_bytes());
    session.destroy().await.unwrap();
    assert_eq!(beego.manager.commit(&session).await.unwrap().outcome, CommitOutcome::Destroyed);
    assert!(beego.sids().await.is_empty());
}

#[tokio::test]
async fn b15_a_session_that_was_ended_meanwhile_is_not_made_again() {
    let mut beego = Beego::open().await;
    let token = beego.login().await;
    let session = beego.manager.load(Some(&token));
    assert!(session.contains("user").await.unwrap());
    beego.run("DELETE FROM TABLE").await;
    session.put("cart", &1).unwrap();
    // And says so, where beego's UPDATE changes nothing and no caller learns of it (B3).
    assert_eq!(beego.manager.commit(&session).await.unwrap().outcome, CommitOutcome::Gone);
    assert!(beego.sids().await.is_empty());
}
