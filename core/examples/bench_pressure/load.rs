//! Callers that call again as soon as they have their answer, and what they saw.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sessio::{ErrorKind, Expiry, Options, Store};
use tokio::runtime::Runtime;

use super::Outcome;

pub(crate) const SESSIONS: usize = 10_000;
pub(crate) const SIZE: usize = 300;

/// Before a measurement, with the same callers.
const WARM_UP: Duration = Duration::from_millis(600);

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Work {
    Find,
    Save,
}

impl Work {
    pub(crate) fn named(name: &str) -> Outcome<Self> {
        match name {
            "find" => Ok(Work::Find),
            "save" => Ok(Work::Save),
            _ => Err("the work is find or save".into()),
        }
    }
}

/// On the callers' runtime, as a program in Rust has it.
pub(crate) fn open(runtime: &Runtime, url: &str) -> Outcome<Store> {
    Ok(Store::open_with(url, Options::new().runtime(runtime.handle().clone()))?)
}

/// Those of the Go side, too.
pub(crate) fn token(number: usize) -> String {
    format!("{number:0>43}")
}

pub(crate) fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 16).unwrap_or(0)
}

pub(crate) fn tomorrow() -> Expiry {
    Expiry::after(Duration::from_secs(86_400))
}

/// What is written changes each time, or the server would skip the write.
pub(crate) fn fresh() -> Vec<u8> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let mut bytes = vec![7u8; SIZE];
    bytes[..8].copy_from_slice(&NUMBER.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    bytes
}

/// Of values in any order; 0 if there are none.
pub(crate) fn percentile(values: &mut [f64], share: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get(last.min(values.len() * share / 100)).copied().unwrap_or_default()
}

pub(crate) fn json_of(errors: &BTreeMap<&'static str, u64>) -> String {
    let pairs: Vec<_> = errors.iter().map(|(kind, count)| format!("\"{kind}\": {count}")).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// How one call went.
pub(crate) struct Call {
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    pub(crate) error: Option<ErrorKind>,
}

impl Call {
    pub(crate) fn ms(&self) -> f64 {
        (self.ended - self.began).as_secs_f64() * 1e3
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) work: Work,
    pub(crate) callers: usize,
}

impl Crowd {
    pub(crate) async fn measure(self, store: &Store, long: Duration) -> Outcome<Measured> {
        let stop = Arc::new(AtomicBool::new(false));
        let crowd = tokio::spawn(self.run(store.clone(), Arc::clone(&stop)));
        tokio::time::sleep(WARM_UP).await;
        let from = Instant::now();
        tokio::time::sleep(long).await;
        let until = Instant::now();
        stop.store(true, Ordering::Relaxed);
        Ok(Measured::of(&crowd.await??, from, until))
    }

    /// All calls until it is stopped, of sessions from 1 on: the one before them is left alone.
    pub(crate) async fn run(self, store: Store, stop: Arc<AtomicBool>) -> Outcome<Vec<Call>> {
        let tasks: Vec<_> = (0..self.callers)
            .map(|caller| {
                let (store, stop) = (store.clone(), Arc::clone(&stop));
                tokio::spawn(async move {
                    let (mut state, mut calls) = (caller as u64 * 7_919 + 1, Vec::new());
                    while !stop.load(Ordering::Relaxed) {
                        let number = 1 + random(&mut state) % (SESSIONS - 1);
                        calls.push(self.call(&store, number).await?);
                    }
                    Outcome::Ok(calls)
                })
            })
            .collect();
        let mut calls = Vec::new();
        for task in tasks {
            calls.extend(task.await??);
        }
        Ok(calls)
    }

    pub(crate) async fn call(self, store: &Store, number: usize) -> Outcome<Call> {
        let (token, began) = (token(number), Instant::now());
        let answer = match self.work {
            Work::Find => match store.find(&token).await {
                Ok(None) => return Err("a session is missing".into()),
                found => found.map(|record| drop(black_box(record))),
            },
            Work::Save => store.save(&token, &fresh(), tomorrow()).await,
        };
        Ok(Call { began, ended: Instant::now(), error: answer.err().map(|error| error.kind()) })
    }
}

/// Of the calls that began and ended within a time.
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) longest: f64,
    pub(crate) errors: BTreeMap<&'static str, u64>,
    /// All calls, those of the warm-up too: what the server's counters are compared with.
    pub(crate) all: usize,
}

impl Measured {
    pub(crate) fn of(calls: &[Call], from: Instant, until: Instant) -> Self {
        let (mut took, mut errors) = (Vec::new(), BTreeMap::new());
        let mut ended = 0.0;
        for call in calls.iter().filter(|call| call.ended >= from && call.ended <= until) {
            match call.error {
                Some(kind) => *errors.entry(kind.name()).or_insert(0) += 1,
                None => ended += 1.0,
            }
            if call.began >= from {
                took.push(call.ms());
            }
        }
        Measured {
            per_second: ended / (until - from).as_secs_f64(),
            p50: percentile(&mut took, 50),
            p99: percentile(&mut took, 99),
            longest: percentile(&mut took, 100),
            errors,
            all: calls.len(),
        }
    }

    pub(crate) fn json(&self) -> String {
        format!(
            "{{\"per_second\": {:.1}, \"p50\": {:.3}, \"p99\": {:.3}, \"all\": {}, \"errors\": {}}}",
            self.per_second,
            self.p50,
            self.p99,
            self.all,
            json_of(&self.errors),
        )
    }
}
