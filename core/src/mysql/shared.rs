//! What the connections of one store have in common.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mysql_async::{Opts, OptsBuilder, Value};

use crate::clock::Clock;
use crate::names::ColumnNames;
use crate::options::Options;
use crate::token::Key;
use crate::url::{Host, Server};

use super::lanes::Lanes;
use super::layout::Layout;
use super::tls::ssl;

// No Debug: the options hold the password, and the driver prints it.
pub(super) struct Shared {
    pub(super) lanes: Lanes,
    pub(super) clock: Clock,
    pub(super) table: String,
    pub(super) hash_tokens: bool,
    /// In seconds.
    pub(super) max_lifetime: Option<i64>,
    /// That of the options.
    pub(super) max_data: usize,
    /// What the columns are called, where they have names of their own.
    pub(super) columns: Option<ColumnNames>,
    /// That of a Go DSN, if it has one.
    pub(super) time_zone: Option<String>,
    pub(super) timeout: Duration,
    pub(super) counters: Counters,
    /// Each host, for messages, with how to connect to it.
    places: Vec<(String, Opts)>,
    /// The host that all connections use, until it fails.
    current: AtomicUsize,
    layout: Mutex<Option<Arc<Layout>>>,
    /// The expiry and the token up to which cleanup has passed over rows that cannot be deleted.
    passed: Mutex<Option<(Value, Key)>>,
}

#[derive(Default)]
pub(super) struct Counters {
    pub(super) statements: AtomicU64,
    pub(super) batches: AtomicU64,
    pub(super) retries: AtomicU64,
    pub(super) connections: AtomicU64,
    pub(super) removed: AtomicU64,
}

impl Shared {
    pub(super) fn new(server: &Server, options: &Options) -> Self {
        let place = |host: &Host| (host.to_string(), opts(server, host, options));
        Shared {
            lanes: Lanes::new(options.connection_count(), options.deadline()),
            clock: options.clock.clone(),
            table: options.table_name().to_owned(),
            hash_tokens: options.hashes_tokens(),
            max_lifetime: options.max_lifetime.and_then(|time| i64::try_from(time.as_secs()).ok()),
            max_data: options.data_limit(),
            columns: options.columns.clone(),
            passed: Mutex::new(None),
            time_zone: server.time_zone.clone(),
            timeout: options.deadline(),
            counters: Counters::default(),
            places: server.hosts.iter().map(place).collect(),
            current: AtomicUsize::new(0),
            layout: Mutex::new(None),
        }
    }

    pub(super) fn hosts(&self) -> usize {
        self.places.len()
    }

    pub(super) fn host(&self) -> usize {
        self.current.load(Ordering::Relaxed)
    }

    /// Everybody moves on to the next host, unless somebody has done so already.
    pub(super) fn next_host(&self, from: usize) {
        let next = (from + 1) % self.places.len();
        let _ = self.current.compare_exchange(from, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(super) fn opts(&self, host: usize) -> Opts {
        self.places[host].1.clone()
    }

    /// The current host, for messages.
    pub(super) fn place(&self) -> String {
        self.places[self.host()].0.clone()
    }

    pub(super) fn layout(&self) -> Option<Arc<Layout>> {
        self.layout.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_layout(&self, layout: Arc<Layout>) {
        *self.layout.lock().unwrap_or_else(PoisonError::into_inner) = Some(layout);
    }

    pub(super) fn passed(&self) -> Option<(Value, Key)> {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_passed(&self, passed: Option<(Value, Key)>) {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner) = passed;
    }

    pub(super) fn forget_layout(&self) {
        *self.layout.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Sent last to first.
fn setup(options: &Options) -> Vec<String> {
    let own: Vec<String> = options.assignments().collect();
    let own = (!own.is_empty()).then(|| format!("SET {}", own.join(", ")));
    let ours = [
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned(),
        "SET time_zone = '+00:00', autocommit = 1, sql_mode = 'STRICT_ALL_TABLES'".to_owned(),
    ];
    own.into_iter().chain(ours).collect()
}

fn opts(server: &Server, host: &Host, options: &Options) -> Opts {
    let builder = OptsBuilder::default()
        .user(Some(&server.user))
        .pass(server.password.as_ref())
        .db_name(Some(&server.database))
        // Otherwise each connection on loopback logs in twice.
        .prefer_socket(false)
        // A conditional write must learn whether it matched, not whether it changed anything.
        .client_found_rows(true)
        .tcp_keepalive(Some(Duration::from_secs(30)))
        // The line keeps its statements; this is only to be larger than their number.
        .stmt_cache_size(512)
        .ssl_opts(ssl(options))
        .setup(setup(options));
    match host {
        Host::Tcp(name, port) => builder.ip_or_hostname(name).tcp_port(*port).into(),
        Host::Socket(path) => builder.socket(Some(path)).into(),
    }
}
