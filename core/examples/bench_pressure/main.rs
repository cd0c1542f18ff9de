//! The Rust side of `./dev bench pressure`: each mode measures one thing and prints a line of JSON.
//!
//! | arguments | what it does |
//! |---|---|
//! | `prepare URL` | the table, its sessions, and a user of the database for each side |
//! | `serve URL` | answers `find\|save CALLERS SECONDS` on its input with a measurement of sessio |
//! | `watch URL` | answers `start USER` and `stop` with what the server did and held meanwhile |
//! | `probe URL SECONDS` | a bare connection that asks `DO 1` again and again |
//! | `tune URL find\|save CALLERS SECONDS` | the batches of sessio, as they are on the wire |
//! | `capacity URL SECONDS` | makes the server slow, and says how many rows a second it can write |
//! | `overload URL CAPACITY FACTOR SECONDS` | offers so much to the slow server |
//! | `fast URL` | ends the slowness |
//! | `isolation URL ADMIN_URL KIND ROUNDS SECONDS` | saves while something else is going on |
//! | `failover URL ADMIN_URL,… SECONDS` | hosts take turns as the one that can be written to |
//! | `sql URL STATEMENT` | runs it |
//! | `fleet URL SECONDS` | one of many small processes |

mod failover;
mod fleet;
mod isolation;
mod load;
mod overload;
mod server;
mod tune;
mod wire;

use std::io::{BufRead, Write, stdin, stdout};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use load::{Crowd, Work};

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Outcome<T> = Result<T, Failure>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let line = match arguments.as_slice() {
        ["prepare", url] => runtime.block_on(server::prepare(url))?,
        ["serve", url] => return serve(&runtime, url),
        ["watch", url] => return watch(&runtime, url),
        ["probe", url, seconds] => runtime.block_on(probe(url, duration(seconds)?))?,
        ["tune", url, work, callers, seconds] => {
            let crowd = Crowd { work: Work::named(work)?, callers: callers.parse()? };
            tune::measure(&runtime, url, crowd, duration(seconds)?)?
        }
        ["capacity", url, seconds] => runtime.block_on(overload::slow(url, duration(seconds)?))?,
        ["overload", url, capacity, factor, seconds] => {
            let (capacity, factor) = (capacity.parse()?, factor.parse()?);
            runtime.block_on(overload::offer(url, capacity, factor, duration(seconds)?))?
        }
        ["fast", url] => runtime.block_on(overload::fast(url))?,
        ["isolation", url, admin, kind, rounds, seconds] => {
            let (rounds, seconds) = (rounds.parse()?, duration(seconds)?);
            runtime.block_on(isolation::measure(url, admin, kind, rounds, seconds))?
        }
        ["failover", url, hosts, seconds] => {
            runtime.block_on(failover::measure(url, hosts, duration(seconds)?))?
        }
        ["sql", url, statement] => runtime.block_on(server::run(url, statement))?,
        ["fleet", url, seconds] => runtime.block_on(fleet::member(url, duration(seconds)?))?,
        _ => return Err("see the table at the head of bench_pressure/main.rs".into()),
    };
    println!("{line}");
    Ok(())
}

fn duration(text: &str) -> Outcome<Duration> {
    Ok(Duration::try_from_secs_f64(text.parse()?)?)
}

fn answer(line: &str) -> Outcome<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn serve(runtime: &Runtime, url: &str) -> Outcome<()> {
    let store = load::open(runtime, url)?;
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let [work, callers, seconds] = words.as_slice() else {
            return Err("an order is: find|save CALLERS SECONDS".into());
        };
        let crowd = Crowd { work: Work::named(work)?, callers: callers.parse()? };
        answer(&runtime.block_on(crowd.measure(&store, duration(seconds)?))?.json())?;
    }
    Ok(())
}

fn watch(runtime: &Runtime, url: &str) -> Outcome<()> {
    let mut watched = None;
    for line in stdin().lock().lines() {
        let line = line?;
        match line.split_once(' ') {
            Some(("start", user)) => {
                watched = Some(runtime.block_on(server::Watch::start(url, user))?);
                answer("{}")?;
            }
            _ => {
                let watch = watched.take().ok_or("nothing was started")?;
                answer(&runtime.block_on(watch.stop())?)?;
            }
        }
    }
    Ok(())
}

/// Milliseconds of a round trip to the server and back, without any work.
async fn probe(url: &str, seconds: Duration) -> Outcome<String> {
    use mysql_async::prelude::Queryable;
    let mut conn = server::connect(url).await?;
    let (mut took, began) = (Vec::new(), Instant::now());
    while began.elapsed() < seconds {
        let at = Instant::now();
        conn.query_drop("DO 1").await?;
        took.push(at.elapsed().as_secs_f64() * 1e3);
    }
    let (p50, p99) = (load::percentile(&mut took, 50), load::percentile(&mut took, 99));
    Ok(format!("{{\"p50\": {p50:.3}, \"p99\": {p99:.3}}}"))
}
