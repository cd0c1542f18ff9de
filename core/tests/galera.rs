//! Two nodes of a Galera cluster: what one acknowledged, the other is asked for at once.
//!
//! `./dev call galera_tests` starts the cluster and runs this; its second half ends node 1.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::too_many_lines)]

#[path = "support/common.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use sessio::{Content, ErrorKind, Expiry, Outcome, Record, Store};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What README advises: before reads (1), before UPDATE and DELETE (2), before INSERT (4).
const ALL: &str = "wsrep_sync_wait=7";

/// Callers at once, each with a session of its own.
const CALLERS: usize = 8;

/// The URL of node 1 or 2.
fn node(number: u8) -> String {
    let name = format!("SESSIO_TEST_GALERA_{number}");
    std::env::var(&name)
        .unwrap_or_else(|_| panic!("{name} is not set; run this by ./dev call galera_tests"))
}

async fn admin(number: u8) -> Conn {
    Conn::new(Opts::from_url(&node(number)).unwrap()).await.unwrap()
}

fn open(url: &str, table: &str, variables: &str) -> Store {
    let mut options = support::options(table);
    if !variables.is_empty() {
        options.set("session_variables", variables).unwrap();
    }
    options.set("connections", "4").unwrap();
    Store::open_with(url, options.runtime(tokio::runtime::Handle::current())).unwrap()
}

/// A store on each node, on one fresh table.
async fn stores(variables: &str) -> (Store, Store) {
    let table = support::table();
    let (one, two) = (open(&node(1), &table, variables), open(&node(2), &table, variables));
    one.migrate().await.unwrap();
    // A change of tables is not what is in question here.
    while two.count().await.is_err() {
        sleep(Duration::from_millis(20)).await;
    }
    (one, two)
}

fn content(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::Never)
}

/// Work on node 1 that node 2 is always a moment behind with: large transactions.
struct Lag {
    ends: Arc<AtomicBool>,
    work: JoinHandle<()>,
}

impl Lag {
    async fn start() -> Self {
        let mut conn = admin(1).await;
        let table = support::table();
        conn.query_drop(format!("CREATE TABLE {table} (id INT PRIMARY KEY, text TEXT)"))
            .await
            .unwrap();
        let fill = format!("INSERT INTO {table} SELECT seq, REPEAT('x', 200) FROM seq_1_to_3000");
        let ends = Arc::new(AtomicBool::new(false));
        let work = {
            let ends = Arc::clone(&ends);
            tokio::spawn(async move {
                while !ends.load(Ordering::Relaxed) {
                    conn.query_drop(&fill).await.unwrap();
                    conn.query_drop(format!("DELETE FROM {table}")).await.unwrap();
                }
                conn.query_drop(format!("DROP TABLE {table}")).await.unwrap();
            })
        };
        Self { ends, work }
    }

    async fn stop(self) {
        self.ends.store(true, Ordering::Relaxed);
        self.work.await.unwrap();
    }
}

/// What a caller saw on node 2 that does not fit what node 1 had acknowledged.
#[derive(Clone, Copy, Debug, Default)]
struct Wrong {
    rounds: u64,
    found: u64,
    swapped: u64,
    deleted: u64,
    inserted: u64,
    saved: u64,
    failed: u64,
}

impl Wrong {
    fn of_all(all: Vec<Self>) -> Self {
        all.into_iter().fold(Self::default(), |sum, one| Self {
            rounds: sum.rounds + one.rounds,
            found: sum.found + one.found,
            swapped: sum.swapped + one.swapped,
            deleted: sum.deleted + one.deleted,
            inserted: sum.inserted + one.inserted,
            saved: sum.saved + one.saved,
            failed: sum.failed + one.failed,
        })
    }

    /// A session's life, on one node and at once on the other.
    async fn round(&mut self, one: &Store, two: &Store, token: &str, number: u64) {
        self.rounds += 1;
        let (first, second) = (format!("{number} a"), format!("{number} b"));
        let (first, second) = (first.as_bytes(), second.as_bytes());
        one.save_content(token, content(first)).await.unwrap();
        let found = two.find(token).await.unwrap();
        self.found += u64::from(found.is_none_or(|found| &*found.data != first));

        one.save_content(token, content(second)).await.unwrap();
        match two.replace(token, second, content(b"swapped")).await {
            Ok(outcome) => self.swapped += u64::from(outcome != Outcome::Saved),
            Err(_) => self.failed += 1,
        }

        let again = format!("{token} again {number}");
        one.save_content(&again, content(first)).await.unwrap();
        match two.delete(&again).await {
            Ok(deleted) => self.deleted += u64::from(!deleted),
            Err(_) => self.failed += 1,
        }

        let ended = format!("{token} ended {number}");
        two.save_content(&ended, content(first)).await.unwrap();
        one.delete(&ended).await.unwrap();
        match two.insert(&ended, content(second)).await {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.inserted += 1,
            Err(_) => self.failed += 1,
        }
        two.delete(&ended).await.unwrap();

        // Back to what node 2 has: to a node that is behind, nothing to do.
        one.save_content(token, content(first)).await.unwrap();
        two.find(token).await.unwrap();
        one.save_content(token, content(second)).await.unwrap();
        two.save_content(token, content(first)).await.unwrap();
        let found = one.find(token).await.unwrap();
        let found_beside = two.find(token).await.unwrap();
        let is_first = |found: Option<Record>| found.is_some_and(|found| &*found.data == first);
        self.saved += u64::from(!is_first(found) && !is_first(found_beside));
    }
}

/// Rounds of all callers while node 2 is behind, for so long. `breaks`: the connections of the
/// stores to node 2 are ended now and then, so that the variables have to be set again.
async fn rounds(variables: &str, time: Duration, breaks: bool) -> Wrong {
    let (one, two) = stores(variables).await;
    let lag = Lag::start().await;
    let ends = Instant::now() + time;
    let mut killer = admin(2).await;
    let (mut all, mut number) = (Vec::new(), 0);
    while Instant::now() < ends {
        if breaks {
            end_connections(&mut killer).await;
        }
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let (one, two) = (one.clone(), two.clone());
                tokio::spawn(async move {
                    let mut wrong = Wrong::default();
                    for number in number..number + 20 {
                        wrong.round(&one, &two, &format!("caller {caller}"), number).await;
                    }
                    wrong
                })
            })
            .collect();
        for caller in callers {
            all.push(caller.await.unwrap());
        }
        number += 20;
    }
    lag.stop().await;
    let wrong = Wrong::of_all(all);
    let connections = two.stats().connections;
    if breaks {
        assert!(connections > 4, "node 2 was never reconnected to");
    }
    println!(
        "{:18} {:6} rounds; on node 2 not seen {:5}, not swapped {:5}, not deleted {:5}, \
         not inserted {:5}, not saved {:5}, failed {:3}; {connections} connections",
        if variables.is_empty() { "no variable" } else { variables },
        wrong.rounds,
        wrong.found,
        wrong.swapped,
        wrong.deleted,
        wrong.inserted,
        wrong.saved,
        wrong.failed,
    );
    one.close().await;
    two.close().await;
    wrong
}

/// Those of the stores: Galera's own threads have no host.
async fn end_connections(conn: &mut Conn) {
    let of_stores = "SELECT ID FROM information_schema.PROCESSLIST \
         WHERE HOST <> '' AND ID <> CONNECTION_ID() AND DB IS NOT NULL";
    let ids: Vec<u64> = conn.query(of_stores).await.unwrap();
    for id in ids {
        // It may have ended by itself.
        let _ = conn.query_drop(format!("KILL {id}")).await;
    }
}

/// Each bit of the variable is needed, and with all of them nothing is missed, reconnects included.
async fn what_one_acknowledged_the_other_sees() {
    let second = Duration::from_secs(1);
    let none = rounds("", 2 * second, false).await;
    assert!(none.found > 0 && none.swapped > 0 && none.deleted > 0 && none.inserted > 0);
    let reads = rounds("wsrep_sync_wait=1", 2 * second, false).await;
    assert!(reads.found == 0 && reads.swapped > 0 && reads.deleted > 0);
    let changes = rounds("wsrep_sync_wait=3", 2 * second, false).await;
    assert!(changes.found + changes.swapped + changes.deleted == 0 && changes.saved > 0);
    for breaks in [false, true] {
        let all = rounds(ALL, 6 * second, breaks).await;
        assert_eq!((all.found, all.swapped, all.deleted), (0, 0, 0));
        assert_eq!((all.inserted, all.saved, all.failed), (0, 0, 0));
        assert!(all.rounds >= 500, "{} rounds are too few to say anything", all.rounds);
    }
}

/// What one caller waits for on node 2, without the variable and with it. Printed, for README.
async fn what_it_costs() {
    for busy in [false, true] {
        let lag = if busy { Some(Lag::start().await) } else { None };
        for variables in ["", ALL] {
            let (one, two) = stores(variables).await;
            two.save_content("cost", content(b"data")).await.unwrap();
            let (mut finds, mut saves) = (Vec::new(), Vec::new());
            for number in 0..300u32 {
                let began = Instant::now();
                two.find("cost").await.unwrap();
                finds.push(began.elapsed());
                let began = Instant::now();
                two.save_content("cost", content(&number.to_le_bytes())).await.unwrap();
                saves.push(began.elapsed());
            }
            let place = |times: &mut Vec<Duration>| {
                times.sort_unstable();
                format!(
                    "{:.2?} (p99 {:.2?})",
                    times[times.len() / 2],
                    times[times.len() * 99 / 100]
                )
            };
            println!(
                "{:18} one caller, node 2 {}: find {}, save {}",
                if variables.is_empty() { "no variable" } else { variables },
                if busy { "behind" } else { "in step" },
                place(&mut finds),
                place(&mut saves),
            );
            one.close().await;
            two.close().await;
        }
        if let Some(lag) = lag {
            lag.stop().await;
        }
    }
}

/// Transactions that the nodes have undone because the other's came first.
async fn collisions() -> u64 {
    let mut all = 0;
    for number in [1, 2] {
        let mut conn = admin(number).await;
        for name in ["wsrep_local_cert_failures", "wsrep_local_bf_aborts"] {
            all += support::status(&mut conn, name).await;
        }
    }
    all
}

/// Swaps of one value on both nodes at once: never are two of them done.
async fn of_two_swaps_one_is_done(prepared: bool) {
    for number in [1, 2] {
        let mut conn = admin(number).await;
        let most = if prepared { 16382 } else { 0 };
        conn.query_drop(format!("SET GLOBAL max_prepared_stmt_count = {most}")).await.unwrap();
    }
    let before = collisions().await;
    let (one, two) = stores(ALL).await;
    let mut values: Vec<String> = vec!["start".into(); 24];
    let token = |session: usize| format!("swapped {session}");
    for (session, value) in values.iter().enumerate() {
        one.save_content(&token(session), content(value.as_bytes())).await.unwrap();
    }
    let mut counts = BTreeMap::new();
    let ends = Instant::now() + Duration::from_secs(4);
    let mut number = 0;
    while Instant::now() < ends {
        number += 1;
        let mut swaps = Vec::new();
        for (session, value) in values.iter().enumerate() {
            for (name, store) in [("one", one.clone()), ("two", two.clone())] {
                let (token, old, new) = (token(session), value.clone(), format!("{number} {name}"));
                swaps.push(tokio::spawn(async move {
                    (store.replace(&token, old.as_bytes(), content(new.as_bytes())).await, new)
                }));
            }
        }
        let mut done = Vec::new();
        for swap in swaps {
            done.push(swap.await.unwrap());
        }
        for (session, pair) in done.chunks(2).enumerate() {
            let stored = one.find(&token(session)).await.unwrap().unwrap();
            let stored = String::from_utf8(stored.data.into_vec()).unwrap();
            let beside = two.find(&token(session)).await.unwrap().unwrap();
            assert_eq!(&*beside.data, stored.as_bytes(), "the nodes differ");
            let saved = pair.iter().filter(|(outcome, _)| matches!(outcome, Ok(Outcome::Saved)));
            let saved: Vec<&String> = saved.map(|(_, new)| new).collect();
            assert!(saved.len() < 2, "both were told that theirs was saved: {pair:?}");
            for new in &saved {
                assert_eq!(**new, stored, "{pair:?}");
            }
            let failed = pair.iter().filter_map(|(outcome, _)| outcome.as_ref().err()).count();
            for (outcome, new) in pair {
                match outcome {
                    Ok(outcome) => {
                        *counts.entry(outcome.name().to_owned()).or_insert(0) += 1;
                        assert!(*outcome == Outcome::Saved || *new != stored, "{pair:?}");
                        assert_ne!(*outcome, Outcome::Gone, "{pair:?}");
                    }
                    Err(error) => {
                        assert!(error.is_retryable(), "{error}");
                        *counts.entry(error.to_string()).or_insert(0) += 1;
                    }
                }
            }
            assert!(saved.len() == 1 || failed > 0, "no insert won: {pair:?}, there is {stored}");
            values[session] = stored;
        }
    }
    let (repeated, met) = (one.stats().retries + two.stats().retries, collisions().await - before);
    println!(
        "{} swaps of one value on both nodes, {}: {counts:?}; the nodes met {met} times, \
         {repeated} statements repeated by the stores",
        number * values.len(),
        if prepared { "prepared" } else { "as text" },
    );
    assert!(met > 0, "the nodes never met");
    // As text, the server repeats them itself.
    assert!(repeated > 0 || !prepared, "the stores have repeated nothing");
    one.close().await;
    two.close().await;
}

/// What a writer did, session by session: the last number that was sent and that was acknowledged.
type Written = BTreeMap<String, (u64, u64)>;

/// Writes rising numbers to a few sessions, until the end. After a failure it leaves the session,
/// as a browser does that logs in anew. `back`: how long after the kill it was acknowledged again.
async fn write(store: Store, caller: usize, run: Arc<Run>) -> (Written, Option<Duration>) {
    let mut written = Written::new();
    let (mut number, mut life, mut back) = (0u64, 0, None);
    while !run.ends.load(Ordering::Relaxed) {
        number += 1;
        let token = format!("writer-{caller}-{life}-{}", number % 4);
        let killed = *run.killed.lock().unwrap();
        let entry = written.entry(token.clone()).or_default();
        entry.0 = number;
        match store.save_content(&token, content(number.to_string().as_bytes())).await {
            Ok(()) => {
                entry.1 = number;
                back = back.or_else(|| killed.map(|killed| killed.elapsed()));
            }
            Err(error) => {
                assert!(error.is_retryable(), "{error}");
                life += 1;
                *run.failures.lock().unwrap().entry(error.kind().name()).or_insert(0) += 1;
            }
        }
    }
    (written, back)
}

#[derive(Default)]
struct Run {
    ends: AtomicBool,
    killed: Mutex<Option<Instant>>,
    failures: Mutex<BTreeMap<&'static str, u64>>,
}

/// Node 1 is killed: the store goes on at node 2, with all that was acknowledged.
async fn a_node_that_dies_takes_nothing_with_it() {
    let table = support::table();
    let both = format!("{},{}", support::address(&node(1)), support::address(&node(2)));
    let url = support::at(&node(1), &both);
    // Plain tokens, so that the rows can be looked at without the store.
    let store = open(&format!("{url}?hash_tokens=false"), &table, ALL);
    store.migrate().await.unwrap();
    let run = Arc::new(Run::default());
    let writers: Vec<_> = (0..CALLERS)
        .map(|caller| tokio::spawn(write(store.clone(), caller, Arc::clone(&run))))
        .collect();
    sleep(Duration::from_secs(2)).await;
    let process = std::env::var("SESSIO_TEST_GALERA_PID").unwrap();
    let done = std::process::Command::new("kill").args(["-9", &process]).status().unwrap();
    assert!(done.success());
    *run.killed.lock().unwrap() = Some(Instant::now());
    sleep(Duration::from_secs(12)).await;
    run.ends.store(true, Ordering::Relaxed);
    let (mut written, mut slowest) = (Written::new(), Duration::ZERO);
    for writer in writers {
        let (of_one, back) = writer.await.unwrap();
        slowest = slowest.max(back.expect("a writer that never went on"));
        written.extend(of_one);
    }
    let mut conn = admin(2).await;
    let alone: Option<(String, String)> =
        conn.query_first("SHOW STATUS LIKE 'wsrep_cluster_size'").await.unwrap();
    assert_eq!(alone.unwrap().1, "1");
    let rows: Vec<(String, String)> = conn
        .query(format!(
            "SELECT CONVERT(token USING utf8mb4), CONVERT(data USING utf8mb4) FROM {table}"
        ))
        .await
        .unwrap();
    let rows: BTreeMap<String, u64> =
        rows.into_iter().map(|(token, data)| (token, data.parse().unwrap())).collect();
    let mut waiting = Vec::new();
    for (token, (result, acknowledged)) in &written {
        let there = rows.get(token).copied().unwrap_or(0);
        assert!(
            (*acknowledged..=*result).contains(&there),
            "{token}: {acknowledged} was acknowledged, {there} is there, {result} was the last"
        );
        let (store, token) = (store.clone(), token.clone());
        waiting.push(tokio::spawn(async move { store.find(&token).await.is_err() }));
    }
    let mut wait = 0;
    for waits in waiting {
        wait += usize::from(waits.await.unwrap());
    }
    println!(
        "node 1 killed: {} sessions of {CALLERS} writers, 0 acknowledged writes lost; failed {:?}; \
         the last writer was back after {slowest:.1?}; {wait} sessions whose write was under way \
         still wait",
        written.len(),
        run.failures.lock().unwrap(),
    );
    // A write that was under way when its node died may hold its own session, and no other.
    assert!(wait <= CALLERS, "{wait} sessions wait");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Galera cluster, and ends one node of it: ./dev call galera_tests"]
async fn two_nodes() {
    what_it_costs().await;
    what_one_acknowledged_the_other_sees().await;
    of_two_swaps_one_is_done(true).await;
    of_two_swaps_one_is_done(false).await;
    a_node_that_dies_takes_nothing_with_it().await;
}
