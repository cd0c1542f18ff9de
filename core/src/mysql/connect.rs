//! Opens a connection: which host, what it is told at login, and what it says of itself.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, Value};
use tokio::time::{Instant, timeout};

use crate::protocol::error::{Error, ErrorKind};

use super::columns::{bytes, number};
use super::failure::Failure;
use super::servers::{SERVER_IDLE, Servers};
use super::tls;

/// A row that another transaction has locked is waited for so long, in seconds: the least that
/// MySQL takes. All rows of the statement wait with it.
const ROW_LOCK_WAIT: u64 = 1;

/// Error numbers.
const UNKNOWN_VARIABLE: u16 = 1193;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// For calls, which have the store's timeout: the server stops what takes longer.
    Calls,
    /// For what takes as long as it takes.
    Unbounded,
}

/// A connection as the server knows it: enough to end it from another one.
#[derive(Clone, Debug)]
pub(super) struct ServerThread {
    pub(super) host: usize,
    /// The server's number of it.
    pub(super) id: u32,
    /// Which server it is: behind one address there can be several. Empty where that is not told.
    pub(super) server: String,
    pub(super) since: Instant,
}

pub(super) struct Opened {
    pub(super) conn: Conn,
    pub(super) thread: ServerThread,
    /// How long a statement takes that does nothing.
    pub(super) round_trip: Duration,
    read_only: bool,
}

impl Opened {
    pub(super) fn is_read_only(&self) -> bool {
        self.read_only
    }
}

/// On the host that the store is on, or else on the next one that can be reached; of several, one
/// that can be written to. The store moves to it.
pub(super) async fn open(
    servers: &Servers,
    purpose: Purpose,
    is_connected: impl FnOnce(usize) -> bool,
    moved_to: impl Fn(usize),
) -> Result<Opened, Failure> {
    let from = servers.hosts.current();
    let mut hosts = servers.hosts.candidates(Instant::now());
    // One connection that fails says little of a host on which others work.
    if is_connected(from) {
        hosts.retain(|(host, _)| *host == from);
    }
    let patience = servers.timeout.mul_f64(0.8) / u32::try_from(hosts.len()).unwrap_or(1);
    let (mut reasons, mut read_only) = (Vec::new(), None);
    for (host, ill) in hosts {
        // Rather one that can be read from than one that was found unable to serve.
        if ill && read_only.is_some() {
            break;
        }
        let failure = match timeout(patience, login(servers, host, purpose)).await {
            Ok(Ok(opened)) if opened.read_only && servers.hosts.has_several() => {
                read_only.get_or_insert(opened);
                continue;
            }
            Ok(Ok(opened)) => return Ok(settle_on(servers, from, opened, moved_to)),
            Ok(Err(failure)) => failure,
            Err(_) => Failure::NoConnection(Error::new(
                ErrorKind::Unavailable,
                format!("{} does not answer; is it the right address?", servers.place(host)),
            )),
        };
        if !matches!(&failure, Failure::NoConnection(_) | Failure::Host(_) | Failure::Lost(_)) {
            return Err(failure);
        }
        servers.hosts.mark_unhealthy(host, Instant::now());
        reasons.push(failure);
    }
    if let Some(opened) = read_only {
        return Ok(settle_on(servers, from, opened, moved_to));
    }
    Err(all_of(reasons))
}

fn settle_on(servers: &Servers, from: usize, opened: Opened, moved_to: impl Fn(usize)) -> Opened {
    let host = opened.thread.host;
    if host != from && servers.hosts.go(from, host) {
        moved_to(host);
    }
    opened
}

/// One failure for all hosts.
fn all_of(reasons: Vec<Failure>) -> Failure {
    let mut errors: Vec<Error> = reasons.into_iter().map(Failure::error).collect();
    match errors.len() {
        0 => Failure::NoConnection(Error::new(ErrorKind::Unavailable, "there is no host to reach")),
        1 => Failure::NoConnection(errors.remove(0)),
        _ => {
            let all: Vec<&str> = errors.iter().map(Error::message).collect();
            let message = format!("no host can be used: {}", all.join("; "));
            Failure::NoConnection(Error::new(ErrorKind::Unavailable, message))
        }
    }
}

/// On one host, whether the store is on it or not.
pub(super) async fn login(
    servers: &Servers,
    host: usize,
    purpose: Purpose,
) -> Result<Opened, Failure> {
    let failed = |error: &mysql_async::Error| Failure::at_login(error, servers.place(host));
    let since = Instant::now();
    let mut conn = connect(servers.opts(host)).await.map_err(|error| failed(&error))?;
    servers.opened.fetch_add(1, Ordering::Relaxed);
    set(&mut conn, servers, purpose).await.map_err(|error| failed(&error))?;
    let began = Instant::now();
    let (server, read_only) = identity(&mut conn).await.map_err(|error| failed(&error))?;
    let round_trip = began.elapsed();
    let thread = ServerThread { host, id: conn.id(), server, since };
    Ok(Opened { conn, thread, round_trip, read_only })
}

async fn connect(opts: Opts) -> mysql_async::Result<Conn> {
    match Conn::new(opts.clone()).await {
        Err(error) => match tls::by_its_own_name(&opts, &error) {
            Some(opts) => Conn::new(opts).await,
            None => Err(error),
        },
        open => open,
    }
}

/// All settings in one statement; one by one where the server does not know all of them.
async fn set(conn: &mut Conn, servers: &Servers, purpose: Purpose) -> mysql_async::Result<()> {
    let version = conn.server_version();
    let isolation = match version {
        (8 | 9, ..) | (11, 1.., _) | (12.., ..) => "transaction_isolation",
        (10, ..) | (11, 0, _) => "tx_isolation",
        // What a proxy says of itself can be anything.
        _ => {
            conn.query_drop("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await?;
            ""
        }
    };
    let is_mariadb = version.0 >= 10;
    let mut needed = vec![
        "time_zone = '+00:00'".to_owned(),
        "autocommit = 1".to_owned(),
        "sql_mode = 'STRICT_ALL_TABLES'".to_owned(),
    ];
    if !isolation.is_empty() {
        needed.push(format!("{isolation} = 'READ-COMMITTED'"));
    }
    let limits = limits(servers.timeout, is_mariadb, purpose);
    let all = [&needed[..], &limits[..], &servers.session_variables[..]].concat();
    match conn.query_drop(format!("SET {}", all.join(", "))).await {
        Err(mysql_async::Error::Server(error)) if error.code == UNKNOWN_VARIABLE => {}
        done => return done,
    }
    let needed = [&needed[..], &servers.session_variables[..]].concat();
    conn.query_drop(format!("SET {}", needed.join(", "))).await?;
    for limit in limits {
        match conn.query_drop(format!("SET {limit}")).await {
            Err(mysql_async::Error::Server(error)) if error.code == UNKNOWN_VARIABLE => {}
            done => done?,
        }
    }
    Ok(())
}

/// The server gives up before the caller does: what was answered `Timeout` must not happen later.
fn limits(timeout: Duration, is_mariadb: bool, purpose: Purpose) -> Vec<String> {
    if purpose == Purpose::Unbounded {
        return Vec::new();
    }
    let table_lock_wait = timeout.mul_f64(0.7).as_secs().max(1);
    let longest = match is_mariadb {
        true => format!("max_statement_time = {:.3}", timeout.as_secs_f64().max(0.001)),
        // For reading statements only: MySQL has no such limit for others.
        false => format!("max_execution_time = {}", timeout.as_millis().max(1)),
    };
    vec![
        format!("innodb_lock_wait_timeout = {ROW_LOCK_WAIT}"),
        format!("lock_wait_timeout = {table_lock_wait}"),
        format!("wait_timeout = {}", SERVER_IDLE.as_secs()),
        longest,
    ]
}

/// Which server it is, and whether it can only be read from.
async fn identity(conn: &mut Conn) -> mysql_async::Result<(String, bool)> {
    let asked = "SELECT @@hostname, @@port, @@server_id, @@global.read_only";
    let row: Option<mysql_async::Row> = match conn.query_first(asked).await {
        Err(mysql_async::Error::Server(error)) if error.code == UNKNOWN_VARIABLE => None,
        answer => answer?,
    };
    let mut cells = row.map(mysql_async::Row::unwrap).unwrap_or_default().into_iter();
    let server: Vec<Vec<u8>> = cells.by_ref().take(3).filter_map(|cell| bytes(cell).ok()).collect();
    let server = server.join(&b':');
    let read_only = cells.next().unwrap_or(Value::NULL);
    let is_off = number(&read_only) == Some(0)
        || read_only == Value::NULL
        || matches!(&read_only, Value::Bytes(word) if word == b"OFF");
    Ok((String::from_utf8_lossy(&server).into_owned(), !is_off))
}
