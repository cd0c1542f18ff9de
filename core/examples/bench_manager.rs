//! The Rust side of `./dev bench manager`: a session that is loaded, changed and committed, against
//! the same work by hand. Prints one line of JSON.
//!
//! `bench_manager memory SECONDS` · `bench_manager many URL SECONDS`

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sessio::{Expiry, Options, SessionManager, Store};
use tokio::runtime::{Builder, Runtime};

const SESSIONS: usize = 10_000;
const CALLERS: usize = 64;
const ROUNDS: u32 = 5;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Outcome<T> = Result<T, Failure>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |at: usize| arguments.get(at).map(String::as_str).ok_or("see the file's head");
    let seconds = |at| -> Outcome<Duration> {
        Ok(Duration::from_secs_f64(argument(at)?.parse::<f64>()? / f64::from(ROUNDS)))
    };
    let line = match argument(1)? {
        "memory" => memory(seconds(2)?)?,
        "many" => many(argument(2)?, seconds(3)?)?,
        _ => return Err("see the file's head".into()),
    };
    println!("{line}");
    Ok(())
}

fn token(number: usize) -> String {
    format!("{number:0>43}")
}

/// About 1 KB, as shops keep it.
fn values() -> Value {
    let items: Vec<Value> = (0..12)
        .map(|number| json!({"sku": format!("item-{number:05}"), "count": number, "price": 9.75}))
        .collect();
    json!({
        "user": 4_711, "name": "Ada Lovelace", "email": "ada@example.com", "admin": false,
        "csrf": "x".repeat(43), "locale": "en-GB", "seen": 1_704_067_200, "cart": items,
        "history": (0..14).map(|page| format!("/shop/page/{page}")).collect::<Vec<_>>(),
    })
}

fn document() -> Outcome<Vec<u8>> {
    Ok(serde_json::to_vec(&json!({"deadline": 4_102_444_800_000_000i64, "values": values()}))?)
}

fn day() -> Expiry {
    Expiry::after(Duration::from_secs(86_400))
}

async fn prepare(store: &Store) -> Outcome<()> {
    store.migrate().await?;
    let document = document()?;
    for number in 0..SESSIONS {
        store.save(&token(number), &document, day()).await?;
    }
    Ok(())
}

async fn by_hand(store: &Store, token: &str, number: usize) -> Outcome<()> {
    let record = store.find(token).await?.ok_or("a session is missing")?;
    let mut session: Value = serde_json::from_slice(&record.data)?;
    session["values"]["seen"] = number.into();
    store.save(token, &serde_json::to_vec(&session)?, day()).await?;
    Ok(())
}

async fn managed(manager: &SessionManager, token: &str, number: usize) -> Outcome<()> {
    let session = manager.load(Some(token));
    session.put("seen", &number)?;
    let result = manager.commit(&session).await?;
    result.token.map(drop).ok_or_else(|| "a session is missing".into())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Nanoseconds for one, on one thread.
fn memory(round: Duration) -> Outcome<String> {
    let runtime = Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let store = Store::open("memory:?cleanup_interval=0")?;
        let manager = SessionManager::new(store.clone());
        prepare(&store).await?;
        let (mut ours, mut hand, mut number) = (Vec::new(), Vec::new(), 0);
        for _ in 0..ROUNDS {
            for (times, is_ours) in [(&mut hand, false), (&mut ours, true)] {
                let (began, first) = (Instant::now(), number);
                while began.elapsed() < round {
                    for _ in 0..100 {
                        number += 1;
                        let token = token(number * 7_919 % SESSIONS);
                        if is_ours {
                            managed(&manager, &token, number).await?;
                        } else {
                            by_hand(&store, &token, number).await?;
                        }
                    }
                }
                let count = u32::try_from(number - first)?;
                times.push(began.elapsed().as_secs_f64() / f64::from(count) * 1e9);
            }
        }
        let (ours, hand) = (median(ours), median(hand));
        let bytes = document()?.len();
        Ok(format!(
            "{{\"ns\": {ours:.0}, \"by_hand_ns\": {hand:.0}, \"ratio\": {:.2}, \"bytes\": {bytes}}}",
            ours / hand
        ))
    })
}

fn crowd<F, Call>(runtime: &Runtime, round: Duration, call: F) -> Outcome<f64>
where
    F: Fn(usize) -> Call + Send + Sync + 'static,
    Call: Future<Output = Outcome<()>> + Send,
{
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let (call, began) = (Arc::new(call), Instant::now());
    let tasks: Vec<_> = (0..CALLERS)
        .map(|_| {
            let call = Arc::clone(&call);
            runtime.spawn(async move {
                let mut done = 0u32;
                while began.elapsed() < round {
                    call(NUMBER.fetch_add(1, Ordering::Relaxed)).await?;
                    done += 1;
                }
                Ok::<_, Failure>(done)
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += runtime.block_on(task)??;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

/// Sessions a second with many callers on a server, against the store's own find and save.
fn many(url: &str, round: Duration) -> Outcome<String> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let store = Store::open_with(url, Options::new().runtime(runtime.handle().clone()))?;
    runtime.block_on(prepare(&store))?;
    let manager = SessionManager::new(store.clone());
    let (mut sessions, mut plain) = (Vec::new(), Vec::new());
    let document = Arc::new(document()?);
    for _ in 0..ROUNDS {
        let (bare, bytes) = (store.clone(), Arc::clone(&document));
        plain.push(crowd(&runtime, round, move |number| {
            let (store, bytes) = (bare.clone(), Arc::clone(&bytes));
            async move {
                let token = token(number * 7_919 % SESSIONS);
                store.find(&token).await?.ok_or("a session is missing")?;
                store.save(&token, &bytes, day()).await?;
                Ok(())
            }
        })?);
        let manager = manager.clone();
        sessions.push(crowd(&runtime, round, move |number| {
            let manager = manager.clone();
            async move { managed(&manager, &token(number * 7_919 % SESSIONS), number).await }
        })?);
    }
    let (sessions, plain) = (median(sessions), median(plain));
    Ok(format!(
        "{{\"per_second\": {sessions:.0}, \"plain_per_second\": {plain:.0}, \"ratio\": {:.2}}}",
        sessions / plain
    ))
}
