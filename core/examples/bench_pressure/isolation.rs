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
        kind.settled(&store).await?;
        with.add(&measured);
        took.push(seconds * 1e3);
    }
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

    /// To its end: what did not end in its time is asked again, as programs do it.
    async fn happen(self, store: &Store, conn: &mut Conn, long: Duration) -> Outcome<()> {
        if self == Kind::Lock {
            return lock(conn, long).await;
        }
        loop {
            match self.maintain(store).await {
                Err(error) if error.is_retryable() => {}
                done => return Ok(done.map(drop)?),
            }
        }
    }

    async fn maintain(self, store: &Store) -> sessio::Result<u64> {
        match self {
            Kind::Cleanup => store.delete_expired(100_000).await,
            Kind::DeleteSubject => store.delete_subject("pressure", None).await,
            Kind::Lock | Kind::Count => store.count().await,
        }
    }

    /// Whether what was to be done is done.
    async fn settled(self, store: &Store) -> Outcome<()> {
        let left = match self {
            Kind::Lock | Kind::Count => 0,
            Kind::Cleanup => store.delete_expired(1).await?,
            Kind::DeleteSubject => {
                u64::try_from(store.list_subject("pressure", None, 1).await?.entries.len())?
            }
        };
        if left > 0 {
            return Err("sessions are left that were to be removed".into());
        }
        Ok(())
    }
}

/// Of 100 bytes, spread over the table as sessions are. They come by the ten thousand.
async fn rows(conn: &mut Conn, count: u32, expiry: &str) -> Outcome<()> {
    const AT_ONCE: u32 = 10_000;
    const DIGIT: &str = "SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 \
         UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 \
         UNION ALL SELECT 8 UNION ALL SELECT 9";
    for start in (0..count).step_by(usize::try_from(AT_ONCE)?) {
        conn.query_drop(format!(
            "INSERT INTO sessions (token, data, expiry, subject) \
             SELECT CONCAT('p-', SHA1({start} + a.d + 10 * b.d + 100 * c.d + 1000 * e.d)), \
             REPEAT('x', 100), {expiry}, 'pressure' \
             FROM ({DIGIT}) a, ({DIGIT}) b, ({DIGIT}) c, ({DIGIT}) e"
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
    longest: f64,
    errors: u64,
}

impl Rounds {
    fn add(&mut self, measured: &Measured) {
        self.per_second.push(measured.per_second);
        self.p50.push(measured.p50);
        self.p99.push(measured.p99);
        self.longest = self.longest.max(measured.longest);
        self.errors += measured.errors.values().sum::<u64>();
    }

    fn json(&mut self) -> String {
        format!(
            "{{\"per_second\": {:.1}, \"p50\": {:.3}, \"p99\": {:.3}, \
             \"longest\": {:.1}, \"errors\": {}}}",
            percentile(&mut self.per_second, 50),
            percentile(&mut self.p50, 50),
            percentile(&mut self.p99, 50),
            self.longest,
            self.errors,
        )
    }
}
