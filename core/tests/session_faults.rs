//! Commits that are dropped, that wait, and whose answer is lost: nothing of them is lost, and the
//! client gets its cookie.
#![allow(missing_docs, clippy::unwrap_used)]

mod support {
    pub(crate) mod common;
    pub(crate) mod proxy;
}

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::{
    Codec, CommitOutcome, ErrorKind, Key, Session, SessionManager, SessionOptions, Store,
};
use support::common as server;
use support::proxy::Proxy;

const TIMEOUT: Duration = Duration::from_secs(1);
/// How much later than at its deadline an answer may come on a busy machine.
const GRACE: Duration = Duration::from_millis(600);

struct Stage {
    store: Store,
    manager: SessionManager,
    table: String,
    proxy: Proxy,
}

/// A store whose only way to the server is the proxy, on a fresh table.
async fn stage() -> Stage {
    let (direct, table) = server::store().await;
    direct.close().await;
    let proxy = Proxy::to(server::address(&server::url())).await;
    let mut options = server::options(&table);
    options.set("timeout", "1s").unwrap();
    let url = server::at(&server::url(), &proxy.address);
    let store = Store::open_with(&url, options).unwrap();
    Stage { manager: SessionManager::new(store.clone()), store, table, proxy }
}

impl Stage {
    async fn stored(&self, key: &str) -> String {
        let session = self.manager.load(None);
        session.put(key, &1).unwrap();
        self.manager.commit(&session).await.unwrap().token.unwrap()
    }

    /// A session that has been looked at.
    async fn loaded(&self, token: &str) -> Session {
        let session = self.manager.load(Some(token));
        assert!(!session.is_new().await.unwrap());
        session
    }

    async fn items(&self, token: &str) -> Vec<i64> {
        self.manager.load(Some(token)).get("items").await.unwrap().unwrap_or_default()
    }

    /// Keeps a session's row from being written until the connection is told to let go.
    async fn hold(&self, token: &str) -> Conn {
        let page = self.store.list(None, 100).await.unwrap();
        let mut held: Option<Key> = None;
        for entry in page.entries {
            let found = self.store.find(token).await.unwrap().unwrap();
            if found.data == entry.record.data {
                held = Some(entry.key);
            }
        }
        let mut conn = server::admin().await;
        conn.query_drop("START TRANSACTION").await.unwrap();
        let select = format!("SELECT data FROM {} WHERE token = ? FOR UPDATE", self.table);
        let _: Option<Vec<u8>> = conn.exec_first(select, (held.unwrap().as_str(),)).await.unwrap();
        conn
    }
}

async fn let_go(mut conn: Conn) {
    conn.query_drop("ROLLBACK").await.unwrap();
}

/// Polls once, and drops what is not ready.
fn drop_after_one_poll(future: impl Future) {
    let mut future = pin!(future);
    let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(poll, Poll::Pending), "it needed no waiting");
}

#[tokio::test]
async fn a_commit_that_was_dropped_is_done_and_the_next_one_gives_the_cookie() {
    let stage = stage().await;
    let session = stage.manager.load(None);
    session.append("items", &1).unwrap();
    drop_after_one_poll(stage.manager.commit(&session));
    let result = stage.manager.commit(&session).await.unwrap();
    assert_eq!(result.outcome, CommitOutcome::Unmodified);
    assert!(result.set_cookie.is_some());
    let token = result.token.unwrap();
    assert_eq!(stage.items(&token).await, [1]);
    assert_eq!(stage.store.count().await.unwrap(), 1);

    let session = stage.loaded(&token).await;
    assert!(session.renew().await.unwrap());
    session.append("items", &2).unwrap();
    drop_after_one_poll(stage.manager.commit(&session));
    let result = stage.manager.commit(&session).await.unwrap();
    let renewed = result.token.unwrap();
    assert!(result.set_cookie.is_some() && renewed != token);
    assert_eq!(stage.items(&renewed).await, [1, 2]);
    assert!(!stage.store.exists(&token).await.unwrap());
    assert_eq!(stage.manager.commit(&session).await.unwrap().set_cookie, None);

    let session = stage.loaded(&renewed).await;
    drop_after_one_poll(session.destroy());
    let result = stage.manager.commit(&session).await.unwrap();
    assert_eq!(result.outcome, CommitOutcome::Destroyed);
    assert_eq!(stage.store.count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_found_out_about_by_the_next_one() {
    let stage = stage().await;
    for renews in [false, true] {
        let token = stage.stored("user").await;
        let session = stage.loaded(&token).await;
        session.append("items", &1).unwrap();
        if renews {
            assert!(session.renew().await.unwrap());
        }
        stage.proxy.freeze(true);
        let began = Instant::now();
        let error = stage.manager.commit(&session).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(began.elapsed() < TIMEOUT + GRACE, "{:?}", began.elapsed());
        stage.proxy.freeze(false);
        session.append("items", &2).unwrap();
        let result = commit_until_it_works(&stage, &session).await;
        assert_eq!(result.outcome, CommitOutcome::Saved);
        assert_eq!(result.set_cookie.is_some(), renews);
        let now = result.token.unwrap();
        assert_eq!(now == token, !renews);
        assert_eq!(stage.items(&now).await, [1, 2]);
        assert_eq!(stage.store.exists(&token).await.unwrap(), !renews);
        assert_eq!(stage.store.count().await.unwrap(), 1);
        assert!(stage.store.delete(&now).await.unwrap());
    }
}

/// While the connection of the lost write is ended, calls of its session may fail.
async fn commit_until_it_works(stage: &Stage, session: &Session) -> sessio::CommitResult {
    loop {
        match stage.manager.commit(session).await {
            Ok(result) => return result,
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_new_session_whose_answer_is_lost_leaves_no_unknown_row() {
    let stage = stage().await;
    stage.stored("warm").await;
    let session = stage.manager.load(None);
    session.put("user", "ada").unwrap();
    stage.proxy.freeze(true);
    stage.manager.commit(&session).await.unwrap_err();
    stage.proxy.freeze(false);
    let result = commit_until_it_works(&stage, &session).await;
    assert!(result.set_cookie.is_some());
    let user: Option<String> =
        stage.manager.load(result.token.as_deref()).get("user").await.unwrap();
    assert_eq!(user.as_deref(), Some("ada"));
    assert_eq!(stage.store.count().await.unwrap(), 2);
}

#[tokio::test]
async fn what_is_noted_during_a_commit_is_stored_by_the_next_one() {
    let stage = stage().await;
    let token = stage.stored("user").await;
    let session = stage.loaded(&token).await;
    session.set_subject(Some("ada")).unwrap();
    session.put("x", &1).unwrap();
    let held = stage.hold(&token).await;
    let committing = {
        let (manager, session) = (stage.manager.clone(), session.clone());
        tokio::spawn(async move { manager.commit(&session).await })
    };
    tokio::time::sleep(Duration::from_millis(200)).await;
    session.set_subject(Some("bob")).unwrap();
    session.put("x", &2).unwrap();
    session.append("items", &1).unwrap();
    let_go(held).await;
    assert_eq!(committing.await.unwrap().unwrap().outcome, CommitOutcome::Saved);
    let other = stage.loaded(&token).await;
    assert_eq!(other.get::<i64>("x").await.unwrap(), Some(1));
    assert_eq!(other.subject().await.unwrap().as_deref(), Some("ada"));
    assert_eq!(stage.manager.commit(&session).await.unwrap().outcome, CommitOutcome::Saved);
    let other = stage.loaded(&token).await;
    assert_eq!(other.get::<i64>("x").await.unwrap(), Some(2));
    assert_eq!(other.subject().await.unwrap().as_deref(), Some("bob"));
    assert_eq!(stage.items(&token).await, [1]);
}

#[tokio::test]
async fn a_merged_session_that_cannot_be_ended_is_ended_by_the_next_commit() {
    let stage = stage().await;
    let (token, other) = (stage.stored("user").await, stage.stored("cart").await);
    let session = stage.loaded(&token).await;
    assert!(session.renew().await.unwrap());
    session.merge_from(&other).await.unwrap();
    let held = stage.hold(&other).await;
    let began = Instant::now();
    let error = stage.manager.commit(&session).await.unwrap_err();
    assert!(began.elapsed() < TIMEOUT + GRACE, "{:?}: {error}", began.elapsed());
    let_go(held).await;
    let result = commit_until_it_works(&stage, &session).await;
    assert!(result.set_cookie.is_some());
    let keys = stage.manager.load(result.token.as_deref()).keys().await.unwrap();
    assert_eq!(keys, ["cart", "user"]);
    assert_eq!(stage.store.count().await.unwrap(), 1);
}

#[tokio::test]
async fn whatever_a_commit_has_to_do_it_is_answered_within_the_timeout() {
    let stage = stage().await;
    let token = stage.stored("user").await;
    let session = stage.manager.load(Some(&token));
    session.put("x", &1).unwrap();
    assert!(session.renew().await.unwrap());
    let held = stage.hold(&token).await;
    for _ in 0..2 {
        let began = Instant::now();
        let error = stage.manager.commit(&session).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        assert!(began.elapsed() < TIMEOUT + GRACE, "{:?}", began.elapsed());
    }
    let_go(held).await;
    let result = commit_until_it_works(&stage, &session).await;
    assert!(result.set_cookie.is_some());
    assert_eq!(stage.loaded(&result.token.unwrap()).await.get::<i64>("x").await.unwrap(), Some(1));
}

#[tokio::test]
async fn settings_under_which_sessions_in_use_would_end_are_refused() {
    let store = Store::open("memory:").unwrap();
    let with = |query: &str| {
        SessionManager::with(store.clone(), SessionOptions::from_query(query).unwrap())
    };
    assert!(with("idle_timeout=10m&touch_interval=5m").is_ok());
    assert!(with("touch_interval=5m").is_ok() && with("ended_window=10m").is_ok());
    for bad in ["idle_timeout=10m&touch_interval=301", "ended_window=601"] {
        assert_eq!(with(bad).unwrap_err().kind(), ErrorKind::InvalidArgument, "{bad}");
    }
}

#[tokio::test]
async fn a_codec_can_be_changed_while_programs_run() {
    let store = Store::open("memory:").unwrap();
    let with = |writes: Codec, reads: Codec| {
        let options = SessionOptions::new().codec(writes).read_codecs([reads]);
        SessionManager::with(store.clone(), options).unwrap()
    };
    let (old, new) = (with(Codec::Json, Codec::MsgPack), with(Codec::MsgPack, Codec::Json));
    let session = old.load(None);
    session.put("visits", &1).unwrap();
    let token = old.commit(&session).await.unwrap().token.unwrap();
    for (visits, manager) in [(2, &new), (3, &old), (4, &new)] {
        let session = manager.load(Some(&token));
        session.increment("visits", 1).unwrap();
        assert_eq!(manager.commit(&session).await.unwrap().outcome, CommitOutcome::Saved);
        assert_eq!(session.get::<i64>("visits").await.unwrap(), Some(visits));
    }
}

/// What two requests do that have read the same session, to one value.
#[derive(Clone, Copy, Debug)]
enum Change {
    Increment,
    Append,
    Take,
}

impl Change {
    /// Whether this one had the value, where only one can.
    async fn make(self, stage: &Stage, session: &Session) -> bool {
        match self {
            Change::Increment => session.increment("n", 1).unwrap(),
            Change::Append => session.append("items", &1).unwrap(),
            Change::Take => return session.take("code").await.unwrap().is_some(),
        }
        let result = stage.manager.commit(session).await.unwrap();
        assert_eq!(result.outcome, CommitOutcome::Saved);
        false
    }
}

/// The next message never comes to the server.
fn lose_next_write(stage: &Stage) {
    let mut lost = false;
    stage.proxy.watch(move || std::mem::replace(&mut lost, true));
}

/// Both store the same bytes, so that these do not tell whose they are.
#[tokio::test]
async fn a_write_that_was_lost_is_not_taken_for_another_requests() {
    for change in [Change::Increment, Change::Append, Change::Take] {
        let stage = stage().await;
        let token = stage.stored("code").await;
        let (first, second) = (stage.loaded(&token).await, stage.loaded(&token).await);
        let had = [change.make(&stage, &first).await, {
            lose_next_write(&stage);
            change.make(&stage, &second).await
        }];
        let there = stage.loaded(&token).await;
        let number: Option<i64> = there.get("n").await.unwrap();
        match change {
            Change::Increment => assert_eq!(number, Some(2), "{change:?}"),
            Change::Append => assert_eq!(stage.items(&token).await, [1, 1], "{change:?}"),
            Change::Take => assert_eq!(had, [true, false], "{change:?}"),
        }
    }
}

#[tokio::test]
async fn a_transaction_that_was_lost_is_not_taken_for_another_one() {
    let stage = stage().await;
    let token = stage.stored("n").await;
    let (first, second) = (stage.manager.transaction(&token), stage.manager.transaction(&token));
    let (own, other) =
        (first.begin().await.unwrap().unwrap(), second.begin().await.unwrap().unwrap());
    own.put("n", &2).unwrap();
    other.put("n", &2).unwrap();
    let result = first.finish(&own).await.unwrap().unwrap();
    assert_eq!(result.outcome, CommitOutcome::Saved);
    lose_next_write(&stage);
    assert!(second.finish(&other).await.unwrap().is_none(), "both were the first");
}
