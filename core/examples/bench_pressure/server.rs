//! The server, asked directly: rows made, counters read, connections counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder};
use sessio::{Content, Store, Target};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use super::Outcome;
use super::load::{SESSIONS, SIZE, token, tomorrow};

/// One for each side, so that its connections can be told from the others'.
const USERS: [&str; 3] = ["pressure_ours", "pressure_scs", "pressure_scs_text"];
const PASSWORD: &str = "pressure-dev-pw";

pub(crate) async fn connect(url: &str) -> Outcome<Conn> {
    let plain = url.split('?').next().unwrap_or(url);
    let options = OptsBuilder::from_opts(Opts::from_url(plain)?).prefer_socket(false);
    Ok(Conn::new(options).await?)
}

/// The first value of the answer, if there is one.
pub(crate) async fn run(url: &str, statement: &str) -> Outcome<String> {
    let value: Option<String> = connect(url).await?.query_first(statement).await?;
    Ok(format!("{{\"value\": \"{}\"}}", value.unwrap_or_default()))
}

/// Under what the table has a session.
pub(crate) fn key(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

pub(crate) async fn prepare(url: &str) -> Outcome<String> {
    let mut conn = connect(url).await?;
    users(&mut conn).await?;
    let store = Store::open(url)?;
    store.migrate().await?;
    conn.query_drop("TRUNCATE TABLE sessions").await?;
    let tokens: Vec<String> = (0..SESSIONS).map(token).collect();
    let content = Content::new(&[7; SIZE], tomorrow());
    let rows: Vec<_> = tokens.iter().map(|token| (Target::from(token), content)).collect();
    store.save_many(&rows).await?;
    let version: Option<String> = conn.query_first("SELECT VERSION()").await?;
    let version = version.unwrap_or_default();
    Ok(format!("{{\"sessions\": {SESSIONS}, \"bytes\": {SIZE}, \"version\": \"{version}\"}}"))
}

/// Without rights over the server: `read_only` holds for them.
pub(crate) async fn users(conn: &mut Conn) -> Outcome<()> {
    let database: Option<String> = conn.query_first("SELECT DATABASE()").await?;
    let database = database.ok_or("the URL names no database")?;
    for user in USERS {
        for statement in [
            format!("CREATE USER IF NOT EXISTS '{user}'@'%' IDENTIFIED BY '{PASSWORD}'"),
            format!("GRANT ALL ON `{database}`.* TO '{user}'@'%'"),
        ] {
            conn.query_drop(statement).await?;
        }
    }
    Ok(())
}

/// What one side makes the server do.
pub(crate) struct Watch {
    conn: Conn,
    before: Counters,
    connections: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    sampler: JoinHandle<Outcome<()>>,
}

struct Counters {
    reads: u64,
    writes: u64,
}

impl Watch {
    pub(crate) async fn start(url: &str, user: &str) -> Outcome<Self> {
        let mut conn = connect(url).await?;
        let (connections, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let sampler = tokio::spawn(sample(
            connect(url).await?,
            user.to_owned(),
            Arc::clone(&connections),
            Arc::clone(&stop),
        ));
        let before = Counters::read(&mut conn).await?;
        Ok(Watch { conn, before, connections, stop, sampler })
    }

    pub(crate) async fn stop(mut self) -> Outcome<String> {
        let after = Counters::read(&mut self.conn).await?;
        self.stop.store(true, Ordering::Relaxed);
        self.sampler.await??;
        Ok(format!(
            "{{\"reads\": {}, \"writes\": {}, \"connections\": {}}}",
            after.reads - self.before.reads,
            after.writes - self.before.writes,
            self.connections.load(Ordering::Relaxed),
        ))
    }
}

/// The most connections that a user has at once.
async fn sample(
    mut conn: Conn,
    user: String,
    most: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
) -> Outcome<()> {
    let select = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = ?";
    while !stop.load(Ordering::Relaxed) {
        let count: Option<u64> = conn.exec_first(select, (&user,)).await?;
        most.fetch_max(count.unwrap_or_default(), Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

impl Counters {
    /// Statements of the whole server. `Com_select` also counts what this program asks: a few.
    async fn read(conn: &mut Conn) -> Outcome<Self> {
        let rows: Vec<(String, u64)> = conn
            .query(
                "SHOW GLOBAL STATUS WHERE Variable_name IN \
                 ('Com_select', 'Com_insert', 'Com_update', 'Com_replace')",
            )
            .await?;
        let mut counters = Counters { reads: 0, writes: 0 };
        for (name, count) in rows {
            match name.as_str() {
                "Com_select" => counters.reads += count,
                _ => counters.writes += count,
            }
        }
        Ok(counters)
    }
}
