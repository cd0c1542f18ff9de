//! Requests of one session that meet: 10,000 rounds of each meeting, in memory and on a server.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod support;

use std::time::Duration;

use sessio::{CommitOutcome, Event, OnConflict, Session, SessionManager, SessionOptions, Store};

const ROUNDS: usize = 10_000;
const AT_ONCE: usize = 64;

fn manager(store: &Store, policy: OnConflict) -> SessionManager {
    SessionManager::with(store.clone(), SessionOptions::new().on_conflict(policy)).unwrap()
}

/// Runs the rounds, many at a time, and adds up what they return.
async fn rounds<Round>(round: impl Fn(usize) -> Round) -> usize
where
    Round: Future<Output = usize> + Send + 'static,
{
    let mut sum = 0;
    for first in (0..ROUNDS).step_by(AT_ONCE) {
        let tasks: Vec<_> = (first..ROUNDS.min(first + AT_ONCE))
            .map(|number| tokio::spawn(round(number)))
            .collect();
        for task in tasks {
            sum += task.await.unwrap();
        }
    }
    sum
}

/// A stored session with one value; its token.
async fn stored(manager: &SessionManager) -> String {
    let session = manager.load(None);
    session.put("user", &7).unwrap();
    manager.commit(&session).await.unwrap().token.unwrap()
}

/// A request that has looked at its session already.
async fn request(manager: &SessionManager, token: &str) -> Session {
    let session = manager.load(Some(token));
    assert_eq!(session.get::<i64>("user").await.unwrap(), Some(7));
    session
}

async fn is_valid(manager: &SessionManager, token: &str) -> bool {
    !manager.load(Some(token)).is_new().await.unwrap()
}

/// Both at the same time, and whichever is first is first in half of the rounds.
async fn both<A: Future, B: Future>(number: usize, one: A, other: B) -> (A::Output, B::Output) {
    if number.is_multiple_of(2) {
        tokio::join!(one, other)
    } else {
        let (other, one) = tokio::join!(other, one);
        (one, other)
    }
}

/// How many sessions were valid again after their logout.
async fn resurrections(manager: SessionManager) -> usize {
    rounds(move |number| {
        let manager = manager.clone();
        async move {
            let token = stored(&manager).await;
            let writer = request(&manager, &token).await;
            let logout = request(&manager, &token).await;
            writer.put("page", &number).unwrap();
            let (written, ended) = both(number, manager.commit(&writer), logout.destroy()).await;
            ended.unwrap();
            let _ = written.unwrap();
            let _ = manager.commit(&logout).await.unwrap();
            usize::from(is_valid(&manager, &token).await)
        }
    })
    .await
}

/// How many tokens were valid again after they had been replaced, or replaced by nothing.
async fn old_tokens(manager: SessionManager) -> usize {
    rounds(move |number| {
        let manager = manager.clone();
        async move {
            let token = stored(&manager).await;
            let writer = request(&manager, &token).await;
            let login = request(&manager, &token).await;
            writer.put("page", &number).unwrap();
            assert!(login.renew().await.unwrap());
            let (written, renewed) =
                both(number, manager.commit(&writer), manager.commit(&login)).await;
            let _ = written.unwrap();
            let new = renewed.unwrap().token.unwrap();
            let wrong = is_valid(&manager, &token).await || !is_valid(&manager, &new).await;
            usize::from(wrong)
        }
    })
    .await
}

/// How many changes of two requests were lost.
async fn lost_updates(manager: SessionManager) -> usize {
    rounds(move |number| {
        let manager = manager.clone();
        async move {
            let token = stored(&manager).await;
            let one = request(&manager, &token).await;
            let other = request(&manager, &token).await;
            one.put("one", &number).unwrap();
            other.put("other", &number).unwrap();
            let (first, second) = both(number, manager.commit(&one), manager.commit(&other)).await;
            let _ = (first.unwrap(), second.unwrap());
            let keys = manager.load(Some(&token)).keys().await.unwrap();
            3 - keys.len()
        }
    })
    .await
}

/// How many writes a request that only read has undone.
async fn undone_by_readers(store: &Store) -> usize {
    let options = SessionOptions::new()
        .idle_timeout(Duration::from_secs(1800))
        .touch_interval(Duration::ZERO);
    let manager = SessionManager::with(store.clone(), options).unwrap();
    let touching = manager.clone();
    let undone = rounds(move |number| {
        let manager = touching.clone();
        async move {
            let token = stored(&manager).await;
            let writer = request(&manager, &token).await;
            let reader = request(&manager, &token).await;
            writer.put("page", &number).unwrap();
            let (read, written) =
                both(number, manager.commit(&reader), manager.commit(&writer)).await;
            let _ = (read.unwrap(), written.unwrap());
            let page = manager.load(Some(&token)).get::<usize>("page").await.unwrap();
            usize::from(page != Some(number))
        }
    })
    .await;
    assert!(manager.stats().get(Event::Touched) > 0, "no reader moved an expiry");
    undone
}

/// Many requests that all change one session, again and again: each gets its turn.
async fn a_crowd_on_one_session(manager: SessionManager) {
    const TURNS: usize = 20;
    let token = stored(&manager).await;
    let one = |number: usize| {
        let (manager, token) = (manager.clone(), token.clone());
        tokio::spawn(async move {
            for turn in 0..TURNS {
                let session = manager.load(Some(&token));
                session.put(&format!("{number} {turn}"), &true).unwrap();
                assert_eq!(manager.commit(&session).await.unwrap().outcome, CommitOutcome::Saved);
            }
        })
    };
    for task in (0..AT_ONCE).map(one).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let keys = manager.load(Some(&token)).keys().await.unwrap();
    assert_eq!(keys.len(), AT_ONCE * TURNS + 1);
}

/// Several requests that all want to take, add to and append to one session's values at the same
/// time: how many takes, increments and items went wrong.
async fn one_key(manager: &SessionManager, number: usize) -> usize {
    const REQUESTS: i64 = 8;
    let session = manager.load(None);
    session.put("code", "X").unwrap();
    session.put("credit", &(REQUESTS / 2)).unwrap();
    let token = manager.commit(&session).await.unwrap().token.unwrap();
    let request = |index: i64| {
        let (manager, token) = (manager.clone(), token.clone());
        tokio::spawn(async move {
            let session = manager.load(Some(&token));
            // Some look first.
            if number.is_multiple_of(2) {
                session.ensure_loaded().await.unwrap();
            }
            session.increment("n", 1).unwrap();
            session.append("items", &index).unwrap();
            let taken = session.take("code").await.unwrap().is_some();
            assert_eq!(manager.commit(&session).await.unwrap().outcome, CommitOutcome::Saved);
            let pay = async |session: Session| {
                let credit: i64 = session.get("credit").await?.unwrap();
                if credit > 0 {
                    session.put("credit", &(credit - 1))?;
                }
                Ok(credit > 0)
            };
            let (paid, _) = manager.transact(&token, pay).await.unwrap().unwrap();
            (taken, paid)
        })
    };
    let (mut taken, mut paid) = (0, 0);
    for task in (0..REQUESTS).map(request).collect::<Vec<_>>() {
        let (took, has_paid) = task.await.unwrap();
        taken += i64::from(took);
        paid += i64::from(has_paid);
    }
    let session = manager.load(Some(&token));
    let n: i64 = session.get("n").await.unwrap().unwrap();
    let mut items: Vec<i64> = session.get("items").await.unwrap().unwrap();
    items.sort_unstable();
    session.destroy().await.unwrap();
    let all: Vec<i64> = (0..REQUESTS).collect();
    let wrong = [taken != 1, paid != REQUESTS / 2, n != REQUESTS, items != all];
    wrong.into_iter().filter(|wrong| *wrong).count()
}

async fn one_key_of_many_requests(store: &Store, rounds: usize) {
    let manager = manager(store, OnConflict::Merge);
    for number in 0..rounds {
        assert_eq!(one_key(&manager, number).await, 0, "round {number}");
    }
    assert!(manager.stats().get(Event::Merged) > 0, "no two met");
}

/// 10,000 in memory. On a server each round is some hundred statements.
fn rounds_on_a_server() -> usize {
    std::env::var("SESSIO_ROUNDS").map_or(300, |rounds| rounds.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_nothing_is_lost_on_one_key() {
    let store = Store::open("memory:?cleanup_interval=0&timeout=60").unwrap();
    one_key_of_many_requests(&store, ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_server_nothing_is_lost_on_one_key() {
    let mut options = support::options(&support::table());
    options.set("timeout", "60").unwrap();
    let store = Store::open_with(&support::url(), options).unwrap();
    store.migrate().await.unwrap();
    one_key_of_many_requests(&store, rounds_on_a_server()).await;
}

async fn nothing_is_undone(store: Store) {
    let merging = manager(&store, OnConflict::Merge);
    assert_eq!(resurrections(merging.clone()).await, 0);
    assert_eq!(old_tokens(merging.clone()).await, 0);
    assert_eq!(lost_updates(merging.clone()).await, 0);
    assert_eq!(undone_by_readers(&store).await, 0);
    a_crowd_on_one_session(merging.clone()).await;
    let stats = merging.stats();
    assert!(stats.get(Event::Merged) > 0 && stats.get(Event::Gone) > 0, "no two met: {stats:?}");
    // The harness can fail: it does where the policy is to overwrite.
    assert!(lost_updates(manager(&store, OnConflict::Overwrite)).await > ROUNDS / 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_requests_that_meet_undo_nothing() {
    nothing_is_undone(Store::open("memory:?cleanup_interval=0&timeout=60").unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_server_requests_that_meet_undo_nothing() {
    let table = support::table();
    let mut options = support::options(&table);
    // How soon a crowd gets its turns is the machine's affair, that all get them is ours.
    options.set("timeout", "60").unwrap();
    let store = Store::open_with(&support::url(), options).unwrap();
    store.migrate().await.unwrap();
    nothing_is_undone(store).await;
}
