//! Saves of other sessions while one row is locked, or while maintenance runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::Store;

use super::Outcome;
use super::load::{Crowd, Measured, Work, fresh, percentile, token, tomorrow};
use super::server::{connect, key};

const CALLERS: usize = 64;
const EXPIRED: u32 = 20_000;
const OF_ONE_SUBJECT: u32 = 150_000;
const COUNTED: u32 = 1_500_000;

/// Between making rows and measuring, for the server to write what is left of them.
const REST: Duration = Duration::from_millis(500);

pub(crate) async fn measure(
    url: &str,
    admin: &str,
    kind: &str,
    rounds: u32,
    long: Duration,
) -> Outcome<String> {
    let kind = Kind::named(kind)?;
    let mut conn = connect(admin).await?;
    let store = Store::open(url)?;
    let (mut without, mut with, mut took) = (Rounds::default(), Rounds::default(), Vec::new());
    for round in 0..rounds {
        kind.make_rows(&mut conn, round == 0).await?;
        tokio::time::sleep(REST).await;
        let pause = async {
            tokio::time::sleep(long).await;
            Ok(())
        };
        without.add(&beside(&store, kind, pause).await?.0);
        let (measured, seconds) =
            beside(&store, kind, kind.happen(&store, &mut conn, long)).await?;
        with.add(&measured);
        took.push(seconds * 1e3);
    }
    conn.query_drop("DELETE FROM sessions WHERE token LIKE 'pressure-%'").await?;
    Ok(format!(
        "{{\"without\": {}, \"with\": {}, \"took\": {:.0}}}",
        without.json(),
        with.json(),
        percentile(&mut took, 50),
    ))
}

/// The saves that end while something happens, and how many seconds that took.
async fn beside(
    store: &Store,
    kind: Kind,
    happening: impl Future<Output = Outcome<()>>,
) -> Outcome<(Measured, f64)> {
    let stop = Arc::new(AtomicBool::new(false));
    let crowd = Crowd { work: Work::Save, callers: CALLERS };
    let others = tokio::spawn(crowd.run(store.clone(), Arc::clone(&stop)));
    let own = tokio::spawn(own(store.clone(), kind == Kind::Lock, Arc::clone(&stop)));
    tokio::time::sleep(REST).await;
    let from = Instant::now();
    happening.await?;
    let until = Instant::now();
    // Those that began within count whenever they end: they are the ones that waited.
    stop.store(true, Ordering::Relaxed);
    let mut calls = others.await??;
    own.await?;
    let last = calls.iter().map(|call| call.ended).max().unwrap_or(until);
    calls.retain(|call| call.began <= until);
    let mut measured = Measured::of(&calls, from, last.max(until));
    measured.per_second *= (last.max(until) - from).as_secs_f64() / (until - from).as_secs_f64();
    Ok((measured, (until - from).as_secs_f64()))
}

/// Saves the session whose row will be locked. How long it waits is not counted.
async fn own(store: Store, wanted: bool, stop: Arc<AtomicBool>) {
    while wanted && !stop.load(Ordering::Relaxed) {
        // An error is what this session is to meet.
        store.save(&token(0), &fresh(), tomorrow()).await.ok();
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Lock,
    Cleanup,
    DeleteSubject,
    Count,
}

impl Kind {
    fn named(name: &str) -> Outcome<Self> {
        match name {
            "lock" => Ok(Kind::Lock),
            "cleanup" => Ok(Kind::Cleanup),
            "delete_subject" => Ok(Kind::DeleteSubject),
            "count" => Ok(Kind::Count),
            _ => Err("the kinds are lock, cleanup, delete_subject and count".into()),
        }
    }

    /// What was counted is still there to be counted again.
    async fn make_rows(self, conn: &mut Conn, first: bool) -> Outcome<()> {
        match self {
            Kind::Lock => Ok(()),
            Kind::Cleanup => rows(conn, EXPIRED, "NOW(6) - INTERVAL 1 HOUR").await,
            Kind::DeleteSubject => rows(conn, OF_ONE_SUBJECT, "NOW(6) + INTERVAL 1 DAY").await,
            Kind::Count if first => rows(conn, COUNTED, "NOW(6) + INTERVAL 1 DAY").await,
            Kind::Count => Ok(()),
        }
    }

    async fn happen(self, store: &Store, conn: &mut Conn, long: Duration) -> Outcome<()> {
        match self {
            Kind::Lock => lock(conn, long).await,
            Kind::Cleanup => at_least(store.delete_expired(100_000).await?, u64::from(EXPIRED)),
            Kind::DeleteSubject => {
                let ended = store.delete_subject("pressure", None).await?;
                at_least(ended, u64::from(OF_ONE_SUBJECT))
            }
            Kind::Count => at_least(store.count().await?, u64::from(COUNTED)),
        }
    }
}

fn at_least(done: u64, wanted: u64) -> Outcome<()> {
    if done < wanted {
        return Err(
            format!("{done} sessions instead of {wanted}: another program is at work").into()
        );
    }
    Ok(())
}

/// Of 100 bytes. Those of one subject, and those that are counted, are spread over the table as
/// sessions are.
async fn rows(conn: &mut Conn, count: u32, expiry: &str) -> Outcome<()> {
    const AT_ONCE: u32 = 10_000;
    for start in (0..count).step_by(usize::try_from(AT_ONCE)?) {
        let end = count.min(start + AT_ONCE) - 1;
        conn.query_drop(format!(
            "INSERT INTO sessions (token, data, expiry, subject) \
             WITH RECURSIVE numbers (n) AS \
             (SELECT {start} UNION ALL SELECT n + 1 FROM numbers WHERE n < {end}) \
             SELECT CONCAT('pressure-', SHA1(n)), REPEAT('x', 100), {expiry}, 'pressure' \
             FROM numbers"
        ))
        .await?;
    }
    Ok(())
}

/// A foreign transaction that is in no hurry.
async fn lock(conn: &mut Conn, long: Duration) -> Outcome<()> {
    conn.query_drop("START TRANSACTION").await?;
    let select = "SELECT token FROM sessions WHERE token = ? FOR UPDATE";
    let row: Option<String> = conn.exec_first(select, (key(&token(0)),)).await?;
    row.ok_or("the session to lock is missing")?;
    tokio::time::sleep(long).await;
    Ok(conn.query_drop("ROLLBACK").await?)
}

/// The median of each figure.
#[derive(Default)]
struct Rounds {
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    errors: u64,
}

impl Rounds {
    fn add(&mut self, measured: &Measured) {
        self.per_second.push(measured.per_second);
        self.p50.push(measured.p50);
        self.p99.push(measured.p99);
        self.errors += measured.errors.values().sum::<u64>();
    }

    fn json(&mut self) -> String {
        format!(
            "{{\"per_second\": {:.1}, \"p50\": {:.3}, \"p99\": {:.3}, \"errors\": {}}}",
            percentile(&mut self.per_second, 50),
            percentile(&mut self.p50, 50),
            percentile(&mut self.p99, 50),
            self.errors,
        )
    }
}
