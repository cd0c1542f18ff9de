//! Renewed and ended sessions in tables that others made: what is left there of their tokens.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod support;

use mysql_async::prelude::Queryable;
use sessio::{Codec, CommitOutcome, Options, SessionManager, SessionOptions, Store};

struct Table {
    store: Store,
    manager: SessionManager,
    name: String,
}

impl Table {
    fn open(name: String, options: Options, codec: Codec) -> Self {
        let store = Store::open_with(&support::url(), options).unwrap();
        let options = SessionOptions::new().codec(codec);
        Table { manager: SessionManager::with(store.clone(), options).unwrap(), store, name }
    }

    async fn stored(&self) -> String {
        let session = self.manager.load(None);
        session.put("user", "ada").unwrap();
        self.manager.commit(&session).await.unwrap().token.unwrap()
    }

    async fn rows(&self) -> u64 {
        let count = format!("SELECT COUNT(*) FROM {}", self.name);
        support::admin().await.query_first(count).await.unwrap().unwrap()
    }

    /// What becomes of a request that comes late with a token, and writes.
    async fn late(&self, token: &str) -> CommitOutcome {
        let session = self.manager.load(Some(token));
        assert!(session.is_new().await.unwrap());
        session.put("late", &true).unwrap();
        let result = self.manager.commit(&session).await.unwrap();
        assert_eq!(result.set_cookie.is_some(), result.outcome == CommitOutcome::Saved);
        result.outcome
    }

    async fn renewed(&self, token: &str) -> String {
        let session = self.manager.load(Some(token));
        assert!(session.renew().await.unwrap());
        session.put("more", &1).unwrap();
        let result = self.manager.commit(&session).await.unwrap();
        assert_eq!(result.outcome, CommitOutcome::Saved);
        let token = result.token.unwrap();
        let keys = self.manager.load(Some(&token)).keys().await.unwrap();
        assert_eq!(keys, ["more", "user"]);
        token
    }
}

#[tokio::test]
async fn in_tables_of_scs_a_row_that_has_expired_tells_that_a_token_has_ended() {
    let mut conn = support::admin().await;
    for (hashed, engine) in [("true", "InnoDB"), ("false", "InnoDB"), ("false", "MyISAM")] {
        let name = support::scs_table(&mut conn).await;
        conn.query_drop(format!("ALTER TABLE {name} ENGINE={engine}")).await.unwrap();
        let mut options = support::options(&name);
        options.set("hash_tokens", hashed).unwrap();
        let table = Table::open(name, options, Codec::Gob);
        let first = table.stored().await;
        let second = table.renewed(&first).await;
        assert_eq!((table.rows().await, table.store.count().await.unwrap()), (2, 1));
        assert_eq!(table.late(&first).await, CommitOutcome::Gone);
        table.manager.load(Some(&second)).destroy().await.unwrap();
        assert_eq!((table.rows().await, table.store.count().await.unwrap()), (2, 0));
        assert_eq!(table.late(&second).await, CommitOutcome::Gone);
        // Young as they are, cleanup leaves them, and it counts none of them.
        assert_eq!(table.store.delete_expired(10).await.unwrap(), 0);
        assert_eq!(table.rows().await, 2);
        // As Go's does not, nothing but the window is lost.
        conn.query_drop(format!("DELETE FROM {}", table.name)).await.unwrap();
        assert_eq!(table.late(&second).await, CommitOutcome::Saved);
    }
}

#[tokio::test]
async fn in_tables_of_beego_which_takes_any_row_for_a_session_nothing_is_left() {
    for engine in ["InnoDB", "MyISAM"] {
        let name = support::beego_table(engine).await;
        let mut options = support::options(&name);
        options.set("max_lifetime", "1h").unwrap();
        options.set("hash_tokens", "false").unwrap();
        let table = Table::open(name, options, Codec::Beego);
        let first = table.stored().await;
        let second = table.renewed(&first).await;
        assert_eq!(table.rows().await, 1);
        table.manager.load(Some(&second)).destroy().await.unwrap();
        assert_eq!(table.rows().await, 0);
        assert_eq!(table.late(&second).await, CommitOutcome::Saved);
    }
}

#[tokio::test]
async fn a_renewal_that_meets_another_one_is_told_what_is_there() {
    for name in ["sessio", "beego"] {
        let table = if name == "beego" {
            let name = support::beego_table("InnoDB").await;
            let mut options = support::options(&name);
            options.set("max_lifetime", "1h").unwrap();
            options.set("hash_tokens", "false").unwrap();
            Table::open(name, options, Codec::Beego)
        } else {
            let (store, name) = support::store().await;
            store.close().await;
            let options = support::options(&name);
            Table::open(name, options, Codec::Json)
        };
        let token = table.stored().await;
        let slow = table.manager.load(Some(&token));
        assert!(slow.renew().await.unwrap());
        let fast = table.manager.load(Some(&token));
        fast.put("fast", &1).unwrap();
        assert_eq!(table.manager.commit(&fast).await.unwrap().outcome, CommitOutcome::Saved);
        slow.put("slow", &1).unwrap();
        let result = table.manager.commit(&slow).await.unwrap();
        let keys = table.manager.load(result.token.as_deref()).keys().await.unwrap();
        assert_eq!(keys, ["fast", "slow", "user"]);
        assert!(!table.store.exists(token.as_str()).await.unwrap());
    }
}
