//! Hosts that take turns as the one that can be written to, as when each is serviced in its turn.
//!
//! The hosts are MariaDB servers; each copies from the one that is written to. A turn is what an
//! administrator does: the old host refuses writes, the new one takes over once it has all of
//! them, the others copy from it. Each caller has sessions of its own, which it alone writes, and
//! so it knows what it must find.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::{Result, Store};

use super::Outcome;
use super::load::{json_of, tomorrow};
use super::server::{connect, users};

const CALLERS: usize = 32;
const SESSIONS_EACH: usize = 20;

/// Seconds that a copy may take to have everything.
const CATCH_UP: &str = "30";

struct Host {
    conn: Conn,
    name: String,
    port: u16,
}

pub(crate) async fn measure(url: &str, hosts: &str, long: Duration) -> Outcome<String> {
    let mut hosts = replicate(hosts).await?;
    let store = Store::open(url)?;
    let watched = Arc::new(Watched::default());
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| tokio::spawn(call(store.clone(), caller, Arc::clone(&watched))))
        .collect();
    let mut took: f64 = 0.0;
    let turns = hosts.len();
    let mut shares = Vec::new();
    tokio::time::sleep(long).await;
    for turn in 0..turns {
        let (old, new) = (turn, (turn + 1) % turns);
        watched.turn.store(turn * 2 + 1, Ordering::Relaxed);
        let began = Instant::now();
        hand_over(&mut hosts, old, new).await?;
        took = took.max(began.elapsed().as_secs_f64());
        watched.turn.store(turn * 2 + 2, Ordering::Relaxed);
        tokio::time::sleep(long).await;
        shares.push(connections(&mut hosts).await?);
    }
    watched.stop.store(true, Ordering::Relaxed);
    let mut written = Vec::new();
    for caller in callers {
        written.extend(caller.await?);
    }
    // After the last turn the first host is the one that is written to.
    let fresh = Store::open(&format!("{url}&timeout=30s"))?;
    let (mut lost, mut alive) = (0, 0);
    for (token, expected) in &written {
        match (fresh.find(token).await?, expected) {
            (Some(_), None) => alive += 1,
            (found, Some(version))
                if read(found.as_ref().map(|record| &*record.data)) < *version =>
            {
                lost += 1;
            }
            _ => {}
        }
    }
    Ok(watched.json(lost, alive, took, &shares))
}

/// Makes all hosts but the first copies of it. The binary log of each begins with its first day.
async fn replicate(urls: &str) -> Outcome<Vec<Host>> {
    let mut hosts = Vec::new();
    for url in urls.split(',') {
        let options = mysql_async::Opts::from_url(url.split('?').next().unwrap_or(url))?;
        hosts.push(Host {
            conn: connect(url).await?,
            name: options.ip_or_hostname().to_owned(),
            port: options.tcp_port(),
        });
    }
    for host in &mut hosts {
        // Of this server alone: each has its own users, and its own empty table.
        host.conn.query_drop("SET sql_log_bin = 0").await?;
        users(&mut host.conn).await?;
        host.conn
            .query_drop(
                "CREATE USER IF NOT EXISTS 'pressure_copy'@'%' IDENTIFIED BY 'pressure-dev-pw'",
            )
            .await?;
        host.conn.query_drop("GRANT REPLICATION SLAVE ON *.* TO 'pressure_copy'@'%'").await?;
        host.conn.query_drop("SET sql_log_bin = 1").await?;
        host.conn.query_drop("RESET MASTER").await?;
    }
    for copy in 1..hosts.len() {
        copy_from(&mut hosts, copy, 0).await?;
    }
    Store::open(urls.split(',').next().unwrap_or(urls))?.migrate().await?;
    let all = position(&mut hosts[0]).await?;
    for copy in hosts.iter_mut().skip(1) {
        reach(copy, &all).await?;
    }
    Ok(hosts)
}

async fn copy_from(hosts: &mut [Host], copy: usize, source: usize) -> Outcome<()> {
    let (name, port) = (hosts[source].name.clone(), hosts[source].port);
    let conn = &mut hosts[copy].conn;
    conn.query_drop("SET GLOBAL read_only = 1").await?;
    conn.query_drop("STOP SLAVE").await?;
    conn.query_drop(format!(
        "CHANGE MASTER TO MASTER_HOST = '{name}', MASTER_PORT = {port}, \
         MASTER_USER = 'pressure_copy', MASTER_PASSWORD = 'pressure-dev-pw', \
         MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = current_pos"
    ))
    .await?;
    Ok(conn.query_drop("START SLAVE").await?)
}

async fn position(host: &mut Host) -> Outcome<String> {
    let position: Option<String> = host.conn.query_first("SELECT @@gtid_current_pos").await?;
    Ok(position.unwrap_or_default())
}

async fn reach(host: &mut Host, position: &str) -> Outcome<()> {
    let select = format!("SELECT MASTER_GTID_WAIT('{position}', {CATCH_UP})");
    match host.conn.query_first::<i64, _>(select).await? {
        Some(0) => Ok(()),
        _ => Err(format!("the copy on port {} does not catch up", host.port).into()),
    }
}

async fn hand_over(hosts: &mut [Host], old: usize, new: usize) -> Outcome<()> {
    // Waits for the commits that have begun.
    hosts[old].conn.query_drop("SET GLOBAL read_only = 1").await?;
    let all = position(&mut hosts[old]).await?;
    reach(&mut hosts[new], &all).await?;
    for statement in ["STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = 0"] {
        hosts[new].conn.query_drop(statement).await?;
    }
    for copy in (0..hosts.len()).filter(|copy| *copy != new) {
        copy_from(hosts, copy, new).await?;
    }
    Ok(())
}

/// How many connections of the store each host has.
async fn connections(hosts: &mut [Host]) -> Outcome<Vec<u64>> {
    let select = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'pressure_ours'";
    let mut counts = Vec::new();
    for host in hosts {
        counts.push(host.conn.query_first(select).await?.unwrap_or_default());
    }
    Ok(counts)
}

#[derive(Default)]
struct Watched {
    stop: AtomicBool,
    /// Odd while a turn is being made.
    turn: AtomicUsize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    calls: u64,
    errors: BTreeMap<&'static str, u64>,
    first: String,
    /// Of what was written when no turn was being made, and before any was made.
    stale: u64,
    /// The same, while one was: copies may be behind then.
    stale_within: u64,
    longest: f64,
}

impl Watched {
    /// What was answered, or that nothing was.
    fn note<T>(&self, began: Instant, answer: Result<T>) -> Option<T> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.calls += 1;
        seen.longest = seen.longest.max(began.elapsed().as_secs_f64());
        match answer {
            Ok(value) => Some(value),
            Err(error) => {
                if seen.first.is_empty() {
                    seen.first = error.to_string().replace(['"', '\\'], "'");
                }
                *seen.errors.entry(error.kind().name()).or_insert(0) += 1;
                None
            }
        }
    }

    fn stale(&self, turn: usize) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let settled = turn.is_multiple_of(2) && turn == self.turn.load(Ordering::Relaxed);
        *(if settled { &mut seen.stale } else { &mut seen.stale_within }) += 1;
    }

    fn json(&self, lost: u64, alive: u64, took: f64, shares: &[Vec<u64>]) -> String {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        format!(
            "{{\"calls\": {}, \"errors\": {}, \"first\": \"{}\", \"stale\": {}, \
             \"stale_within\": {}, \"lost\": {lost}, \"alive\": {alive}, \"longest\": {:.3}, \
             \"turn_took\": {took:.3}, \"connections\": {shares:?}}}",
            seen.calls,
            json_of(&seen.errors),
            seen.first,
            seen.stale,
            seen.stale_within,
            seen.longest,
        )
    }
}

fn read(data: Option<&[u8]>) -> u64 {
    data.and_then(|data| data.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Saves and finds, now and then deletes and finds. Answers what each session is at the end: a
/// version at least, or ended. What is not known, for its call failed, is left out.
async fn call(store: Store, caller: usize, watched: Arc<Watched>) -> Vec<(String, Option<u64>)> {
    let tokens: Vec<String> =
        (0..SESSIONS_EACH).map(|number| format!("{caller:0>20}{number:0>23}")).collect();
    let mut known = vec![None; SESSIONS_EACH];
    for version in 1_u64.. {
        if watched.stop.load(Ordering::Relaxed) {
            break;
        }
        let number = usize::try_from(version).unwrap_or(0) % SESSIONS_EACH;
        let token = &tokens[number];
        let ended = version.is_multiple_of(7);
        let began = Instant::now();
        let written = match ended {
            true => watched.note(began, store.delete(token).await).map(drop),
            false => {
                let saved = store.save(token, &version.to_le_bytes(), tomorrow()).await;
                watched.note(began, saved)
            }
        };
        known[number] = written.map(|()| Some(version).filter(|_| !ended));
        let turn = watched.turn.load(Ordering::Relaxed);
        let began = Instant::now();
        let Some(found) = watched.note(began, store.find(token).await) else { continue };
        let found = found.map(|record| read(Some(&*record.data)));
        if known[number].is_some_and(|expected| found != expected) {
            watched.stale(turn);
        }
    }
    let known = tokens.into_iter().zip(known);
    known.filter_map(|(token, known)| known.map(|known| (token, known))).collect()
}
