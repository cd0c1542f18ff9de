//! The Rust side of `./dev bench smoke`: sessio and the bare pieces it is made of, on the same
//! server in one run. Prints one line of JSON.
//!
//! `bench lone|find64|save64 URL SECONDS` · `bench alone find64|save64 URL SECONDS` ·
//! `bench memory SESSIONS SECONDS` · `bench overhead SESSIONS`

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Pool, PoolConstraints, PoolOpts, Value};
use sessio::{Expiry, Options, Store, Target};
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

const SESSIONS: usize = 10_000;
const SIZE: usize = 300;
const CALLERS: usize = 64;
const ROUNDS: u32 = 5;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Outcome<T> = Result<T, Failure>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |at: usize| arguments.get(at).map(String::as_str).ok_or("see the file's head");
    let seconds = || -> Outcome<Duration> {
        Ok(Duration::from_secs_f64(argument(3)?.parse::<f64>()? / f64::from(ROUNDS)))
    };
    let line = match argument(1)? {
        "lone" => lone(argument(2)?, seconds()?)?,
        "find64" => loaded(argument(2)?, seconds()?, false)?,
        "save64" => loaded(argument(2)?, seconds()?, true)?,
        "alone" => {
            let seconds = Duration::from_secs_f64(argument(4)?.parse()?);
            alone(argument(3)?, seconds, argument(2)? == "save64")?
        }
        "memory" => memory(argument(2)?.parse()?, seconds()?)?,
        "overhead" => overhead(argument(2)?.parse()?)?,
        _ => return Err("see the file's head".into()),
    };
    println!("{line}");
    Ok(())
}

/// Both sides the same tokens, and the bare side the keys that sessio makes of them.
fn token(number: usize) -> String {
    format!("{number:0>43}")
}

fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 16).unwrap_or(0)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn prepare(store: &Store) -> Outcome<Vec<String>> {
    store.migrate().await?;
    let tokens: Vec<String> = (0..SESSIONS).map(token).collect();
    let content = sessio::Content::new(&[7; SIZE], Expiry::after(Duration::from_secs(86_400)));
    let rows: Vec<_> = tokens.iter().map(|token| (Target::from(token), content)).collect();
    store.save_many(&rows).await?;
    let mut keys = HashMap::new();
    let mut after = None;
    loop {
        let page = store.list(after.as_ref(), 1000).await?;
        for entry in page.entries {
            keys.insert(entry.key.as_str().to_owned(), ());
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(keys.into_keys().take(SESSIONS).collect()),
        }
    }
}

fn options(url: &str) -> Outcome<OptsBuilder> {
    let pool = PoolOpts::default()
        .with_constraints(PoolConstraints::new(CALLERS, CALLERS).ok_or("constraints")?)
        .with_reset_connection(false);
    let plain = url.split('?').next().unwrap_or(url);
    Ok(OptsBuilder::from_opts(Opts::from_url(plain)?).prefer_socket(false).pool_opts(pool))
}

const SELECT: &str = "SELECT token, data, expiry FROM sessions WHERE token = ? AND expiry > ?";
const UPSERT: &str = "INSERT INTO sessions (token, data, expiry) VALUES (?, ?, ?) \
     ON DUPLICATE KEY UPDATE data = VALUES(data), expiry = VALUES(expiry)";
const PAST: Value = Value::Date(2024, 1, 1, 0, 0, 0, 0);

/// One caller: a find against a bare prepared select, on one thread each.
fn lone(url: &str, round: Duration) -> Outcome<String> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let options_here = Options::new().runtime(tokio::runtime::Handle::current());
        let store = Store::open_with(url, options_here)?;
        let keys = prepare(&store).await?;
        let mut conn = Conn::new(options(url)?).await?;
        let select = conn.prep(SELECT).await?;
        let (mut ours, mut bare, mut state) = (Vec::new(), Vec::new(), 1);
        for _ in 0..ROUNDS {
            let (began, mut count) = (Instant::now(), 0.0);
            while began.elapsed() < round {
                let key = &keys[random(&mut state) % SESSIONS];
                let row: Option<mysql_async::Row> = conn.exec_first(&select, (key, PAST)).await?;
                black_box(row.ok_or("a session is missing")?);
                count += 1.0;
            }
            bare.push(began.elapsed().as_secs_f64() / count * 1e6);
            let (began, mut count) = (Instant::now(), 0.0);
            while began.elapsed() < round {
                let token = token(random(&mut state) % SESSIONS);
                black_box(store.find(&token).await?.ok_or("a session is missing")?);
                count += 1.0;
            }
            ours.push(began.elapsed().as_secs_f64() / count * 1e6);
        }
        let (ours, bare) = (median(ours), median(bare));
        Ok(format!("{{\"us\": {ours:.1}, \"bare_us\": {bare:.1}, \"ratio\": {:.3}}}", ours / bare))
    })
}

/// Throughput and 99th percentile of `CALLERS` tasks that call again and again.
fn crowd<F, Call>(runtime: &Runtime, round: Duration, call: F) -> Outcome<(f64, f64)>
where
    F: Fn(usize) -> Call + Send + Sync + 'static,
    Call: Future<Output = Outcome<()>> + Send,
{
    let (call, total) = (Arc::new(call), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let tasks: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (call, total) = (Arc::clone(&call), Arc::clone(&total));
            runtime.spawn(async move {
                let mut state = caller as u64 * 7_919 + 1;
                let mut took = Vec::new();
                while began.elapsed() < round {
                    let at = Instant::now();
                    call(random(&mut state) % SESSIONS).await?;
                    took.push(at.elapsed().as_secs_f64() * 1e6);
                }
                total.fetch_add(took.len(), Ordering::Relaxed);
                Ok::<_, Failure>(took)
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(runtime.block_on(task)??);
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    let p99 = took[took.len() * 99 / 100];
    let count = u32::try_from(total.load(Ordering::Relaxed))?;
    Ok((f64::from(count) / seconds, p99))
}

/// What is written changes each time, or the server would skip the write.
fn fresh() -> Vec<u8> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let mut bytes = vec![7u8; SIZE];
    bytes[..8].copy_from_slice(&NUMBER.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    bytes
}

/// The expiry that our side writes too: it changes with each write, and so does its index.
fn tomorrow() -> Value {
    let at = time::OffsetDateTime::now_utc() + time::Duration::DAY;
    let (hour, minute, second, micros) = at.to_hms_micro();
    let year = u16::try_from(at.year()).unwrap_or(0);
    Value::Date(year, at.month().into(), at.day(), hour, minute, second, micros)
}

fn ours(runtime: &Runtime, store: &Store, round: Duration, save: bool) -> Outcome<(f64, f64)> {
    let store = store.clone();
    crowd(runtime, round, move |number| {
        let (store, token) = (store.clone(), token(number));
        async move {
            if save {
                let expiry = Expiry::after(Duration::from_secs(86_400));
                store.save(&token, &fresh(), expiry).await?;
            } else {
                black_box(store.find(&token).await?.ok_or("a session is missing")?);
            }
            Ok(())
        }
    })
}

fn bare(
    runtime: &Runtime,
    pool: &Pool,
    keys: &Arc<Vec<String>>,
    round: Duration,
    save: bool,
) -> Outcome<(f64, f64)> {
    let (pool, keys) = (pool.clone(), Arc::clone(keys));
    crowd(runtime, round, move |number| {
        let (pool, key) = (pool.clone(), keys[number].clone());
        async move {
            let mut conn = pool.get_conn().await?;
            if save {
                conn.exec_drop(UPSERT, (key, fresh(), tomorrow())).await?;
            } else {
                let row: Option<mysql_async::Row> = conn.exec_first(SELECT, (key, PAST)).await?;
                black_box(row.ok_or("a session is missing")?);
            }
            Ok(())
        }
    })
}

/// One round of ours, for comparison with the other languages.
fn alone(url: &str, round: Duration, save: bool) -> Outcome<String> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let store = Store::open(url)?;
    runtime.block_on(prepare(&store))?;
    let (rate, p99) = ours(&runtime, &store, round, save)?;
    Ok(format!("{{\"ops_per_second\": {rate:.0}, \"p99_us\": {p99:.0}}}"))
}

/// Many callers: ours against the bare pool at its best.
fn loaded(url: &str, round: Duration, save: bool) -> Outcome<String> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // Where the pool's connections are too.
    let store = Store::open_with(url, Options::new().runtime(runtime.handle().clone()))?;
    let keys = Arc::new(runtime.block_on(prepare(&store))?);
    let pool = Pool::new(options(url)?);
    let (mut sides, mut bares) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bares.push(bare(&runtime, &pool, &keys, round, save)?);
        sides.push(ours(&runtime, &store, round, save)?);
    }
    let rate = |rounds: &[(f64, f64)]| median(rounds.iter().map(|round| round.0).collect());
    let p99 = |rounds: &[(f64, f64)]| median(rounds.iter().map(|round| round.1).collect());
    Ok(format!(
        "{{\"ops_per_second\": {:.0}, \"p99_us\": {:.0}, \"bare_ops_per_second\": {:.0}, \
         \"bare_p99_us\": {:.0}, \"ratio\": {:.2}}}",
        rate(&sides),
        p99(&sides),
        rate(&bares),
        p99(&bares),
        rate(&sides) / rate(&bares),
    ))
}

/// A find in memory against what it cannot do without: a hash, a lookup and a copy.
fn memory(sessions: usize, round: Duration) -> Outcome<String> {
    let store = sessio::blocking::Store::open("memory:?cleanup_interval=0")?;
    let tokens: Vec<String> = (0..sessions).map(token).collect();
    let mut bare: hashbrown::HashMap<[u8; 32], Vec<u8>> = hashbrown::HashMap::new();
    for token in &tokens {
        store.save(token, &[7; SIZE], Expiry::after(Duration::from_secs(86_400)))?;
        bare.insert(Sha256::digest(token).into(), vec![7; SIZE]);
    }
    let (mut ours, mut floor, mut state) = (Vec::new(), Vec::new(), 1);
    for _ in 0..ROUNDS {
        let (began, mut count) = (Instant::now(), 0.0);
        while began.elapsed() < round {
            for _ in 0..1000 {
                let token = &tokens[random(&mut state) % sessions];
                let key: [u8; 32] = Sha256::digest(token).into();
                black_box(bare.get(&key).ok_or("a session is missing")?.clone());
            }
            count += 1000.0;
        }
        floor.push(began.elapsed().as_secs_f64() / count * 1e9);
        let (began, mut count) = (Instant::now(), 0.0);
        while began.elapsed() < round {
            for _ in 0..1000 {
                let token = &tokens[random(&mut state) % sessions];
                black_box(store.find(token)?.ok_or("a session is missing")?);
            }
            count += 1000.0;
        }
        ours.push(began.elapsed().as_secs_f64() / count * 1e9);
    }
    let (ours, floor) = (median(ours), median(floor));
    Ok(format!("{{\"ns\": {ours:.0}, \"bare_ns\": {floor:.0}, \"ratio\": {:.2}}}", ours / floor))
}

/// Resident bytes a session beside its data.
fn overhead(sessions: usize) -> Outcome<String> {
    let resident = || -> Outcome<u64> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse::<u64>()? * 1024)
    };
    let store = sessio::blocking::Store::open("memory:?cleanup_interval=0")?;
    store.save("first", b"", Expiry::Never)?;
    let before = resident()?;
    for number in 0..sessions {
        // A day's sessions, as they expire one after the other.
        let expiry = Duration::from_secs(3600 + number as u64 % 86_400);
        store.save(&token(number), &[7; SIZE], Expiry::after(expiry))?;
    }
    let all = resident()? - before;
    let overhead = all / sessions as u64 - SIZE as u64;
    Ok(format!("{{\"bytes_beside_data\": {overhead}}}"))
}
