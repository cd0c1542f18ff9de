//! More calls than the server can do, whether they are answered or not: an open loop.
//!
//! The server is slow by a trigger: each row that is saved holds a lock of the whole server for a
//! while. So its capacity is the same for any number of connections, and known.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mysql_async::Value;
use mysql_async::prelude::Queryable;
use sessio::Store;

use super::Outcome;
use super::load::{Call, Crowd, SESSIONS, Work, fresh, json_of, percentile, random, token};
use super::server::{connect, key, run};

/// Rows of a statement while the capacity is measured.
const ROWS: usize = 32;

/// Offered before and after, as a share of the capacity.
const CALM: f64 = 0.8;
const BEFORE: Duration = Duration::from_secs(3);
const AFTER: Duration = Duration::from_secs(8);

pub(crate) async fn slow(url: &str, long: Duration) -> Outcome<String> {
    fast(url).await?;
    let mut conn = connect(url).await?;
    conn.query_drop(
        "CREATE TRIGGER pressure_slow BEFORE INSERT ON sessions FOR EACH ROW \
         DO GET_LOCK('pressure', 60), SLEEP(0.002), RELEASE_LOCK('pressure')",
    )
    .await?;
    let (done, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let writers: Vec<_> = (0..2)
        .map(|writer| tokio::spawn(write(url.to_owned(), writer, began + long, Arc::clone(&done))))
        .collect();
    for writer in writers {
        writer.await??;
    }
    let rows = u32::try_from(done.load(Ordering::Relaxed))?;
    let capacity = f64::from(rows) / began.elapsed().as_secs_f64();
    Ok(format!("{{\"capacity\": {capacity:.1}}}"))
}

/// Bare statements over sessions of its own, so that the two never meet on a row.
async fn write(url: String, writer: usize, end: Instant, done: Arc<AtomicUsize>) -> Outcome<()> {
    let mut conn = connect(&url).await?;
    let rows = vec!["(?, ?, NOW(6) + INTERVAL 1 DAY)"; ROWS].join(", ");
    let statement = conn
        .prep(format!(
            "INSERT INTO sessions (token, data, expiry) VALUES {rows} \
             ON DUPLICATE KEY UPDATE data = VALUES(data), expiry = VALUES(expiry)"
        ))
        .await?;
    let mut next = writer;
    while Instant::now() < end {
        let mut values: Vec<Value> = Vec::new();
        for _ in 0..ROWS {
            values.extend([key(&token(next % SESSIONS)).into(), fresh().into()]);
            next += 2;
        }
        conn.exec_drop(&statement, values).await?;
        done.fetch_add(ROWS, Ordering::Relaxed);
    }
    Ok(())
}

pub(crate) async fn fast(url: &str) -> Outcome<String> {
    run(url, "DROP TRIGGER IF EXISTS pressure_slow").await
}

/// Calm, then too much, then calm again.
pub(crate) async fn offer(
    url: &str,
    capacity: f64,
    factor: f64,
    long: Duration,
) -> Outcome<String> {
    let store = Store::open(url)?;
    let calls = Arc::new(Mutex::new(Vec::new()));
    arrive(&store, capacity * CALM, BEFORE, &calls).await;
    let from = Instant::now();
    arrive(&store, capacity * factor, long, &calls).await;
    let until = Instant::now();
    arrive(&store, capacity * CALM, AFTER, &calls).await;
    // What was not answered by now would not be within its time.
    tokio::time::sleep(store.timeout() + Duration::from_secs(1)).await;
    let calls = std::mem::take(&mut *calls.lock().unwrap_or_else(PoisonError::into_inner));
    let called = |phase: Duration, rate: f64| (phase.as_secs_f64() * rate).round();
    let offered = called(BEFORE, capacity * CALM)
        + called(long, capacity * factor)
        + called(AFTER, capacity * CALM);
    Ok(Seen::of(&calls, from, until).json(capacity, (until - from).as_secs_f64(), offered))
}

/// So many calls a second. They are started when they are due, not when others were answered.
async fn arrive(store: &Store, rate: f64, long: Duration, calls: &Arc<Mutex<Vec<Call>>>) {
    let (began, mut started, mut state) = (Instant::now(), 0.0, 99);
    let crowd = Crowd { work: Work::Save, callers: 0 };
    while began.elapsed() < long {
        while started < began.elapsed().as_secs_f64() * rate {
            let (store, calls) = (store.clone(), Arc::clone(calls));
            let number = random(&mut state) % SESSIONS;
            tokio::spawn(async move {
                if let Ok(call) = crowd.call(&store, number).await {
                    calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
                }
            });
            started += 1.0;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[derive(Default)]
struct Seen {
    /// Answered well while there was too much.
    done: f64,
    during: BTreeMap<&'static str, u64>,
    after: BTreeMap<&'static str, u64>,
    /// Seconds after the end of it at which the last call began that failed.
    back: f64,
    waits: Vec<f64>,
    refusals: Vec<f64>,
    answered: f64,
}

impl Seen {
    fn of(calls: &[Call], from: Instant, until: Instant) -> Self {
        let mut seen = Seen::default();
        for call in calls {
            seen.answered += 1.0;
            let Some(kind) = call.error else {
                seen.done += f64::from(u8::from(call.ended >= from && call.ended <= until));
                seen.waits.push(call.ms());
                continue;
            };
            if kind == sessio::ErrorKind::Overloaded {
                seen.refusals.push(call.ms());
            }
            if call.began >= until {
                seen.back = seen.back.max((call.began - until).as_secs_f64());
                *seen.after.entry(kind.name()).or_insert(0) += 1;
            } else {
                *seen.during.entry(kind.name()).or_insert(0) += 1;
            }
        }
        seen
    }

    fn json(mut self, capacity: f64, seconds: f64, offered: f64) -> String {
        format!(
            "{{\"goodput\": {:.3}, \"back\": {:.2}, \"wait_p99\": {:.0}, \"refusal_p99\": {:.1}, \
             \"unanswered\": {:.0}, \"during\": {}, \"after\": {}}}",
            self.done / seconds / capacity,
            self.back,
            percentile(&mut self.waits, 99),
            percentile(&mut self.refusals, 99),
            // The arrivals of a phase are rounded.
            (offered - self.answered - 3.0).max(0.0),
            json_of(&self.during),
            json_of(&self.after),
        )
    }
}
