//! What the connections of one store have in common.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use mysql_async::{Opts, OptsBuilder, Value};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::batch::{Moment, Scheduler, SchedulerLimits, Todo};
use crate::config::location::{Host, Server};
use crate::config::names::ColumnNames;
use crate::config::options::Options;
use crate::protocol::clock::Clock;
use crate::protocol::error::Error;
use crate::protocol::token::Key;

use super::call::{BATCH_BYTES, QueuedCall, classes};
use super::failure::Failure;
use super::hosts::Hosts;
use super::kill::Killer;
use super::layout::Layout;
use super::servers::{SERVER_IDLE, Servers};
use super::shutdown::Shutdown;
use super::tls::ssl;

/// The server needs some microseconds more for a statement that it has to parse. They are not felt
/// beside a round trip that is longer than this.
const PREPARING_PAYS: Duration = Duration::from_millis(2);

/// While no connection can be opened, a call waits so long for one: a server that restarts is often
/// back by then.
const RECONNECT_FOR: Duration = Duration::from_secs(1);

/// What may wait, in bytes.
const WAITING_BYTES: usize = 64 << 20;

// No Debug: the options hold the password, and the driver prints it.
pub(super) struct Pool {
    scheduler: Mutex<Scheduler<QueuedCall>>,
    epoch: Instant,
    /// Wakes a connection's task.
    pub(super) wake: Vec<Notify>,
    /// Wakes the task that minds the time.
    pub(super) timer_wake: Notify,
    pub(super) ending: Arc<Shutdown>,
    pub(super) handle: OnceLock<Handle>,
    pub(super) servers: Servers,
    pub(super) killer: Killer,
    /// Why the hosts do not serve: the last connection could not be opened, or the last batch was
    /// refused by its host. None since a host has answered a batch: a login alone shows nothing, a
    /// node of a cluster that is not ready takes logins.
    host_failure: Mutex<Option<Error>>,
    /// Whether swaps of many sessions can be sent together: not where something between us and the
    /// table changes the numbers that say which were done.
    pub(super) swaps_together: AtomicBool,
    /// The store has moved to another host since the timer looked last: it sees to the way back.
    pub(super) moved: AtomicBool,
    /// Whether a task waits for the first host to be well again.
    pub(super) failback: AtomicBool,
    /// Whether a round trip costs a call more than what the server saves with a prepared statement.
    sends_text: AtomicBool,
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
    pub(super) counters: PoolCounters,
    layout: Mutex<Option<Arc<Layout>>>,
    /// The expiry and the token up to which cleanup has passed over rows that cannot be deleted.
    passed: Mutex<Option<(Value, Key)>>,
}

#[derive(Default)]
pub(super) struct PoolCounters {
    pub(super) statements: AtomicU64,
    pub(super) batches: AtomicU64,
    pub(super) retries: AtomicU64,
    pub(super) removed: AtomicU64,
}

impl Pool {
    /// What was measured of the network.
    pub(super) fn set_round_trip(&self, round_trip: Duration) {
        self.sends_text.store(round_trip > PREPARING_PAYS, Ordering::Relaxed);
    }

    /// Whether statements go as text, because the server is far. A statement is prepared on each
    /// connection and for each size of a batch, and the call that waits for that takes two round
    /// trips.
    pub(super) fn sends_text(&self) -> bool {
        self.sends_text.load(Ordering::Relaxed)
    }

    pub(super) fn new(server: &Server, options: &Options) -> Self {
        let place = |host: &Host| (host.to_string(), opts(server, host, options));
        let connections = options.connection_count();
        let limits = SchedulerLimits {
            connections,
            timeout: nanos(options.deadline()),
            batch_bytes: BATCH_BYTES,
            waiting_bytes: WAITING_BYTES,
        };
        let (classes, shares) = classes();
        Pool {
            scheduler: Mutex::new(Scheduler::new(limits, classes, shares)),
            epoch: Instant::now(),
            wake: (0..connections).map(|_| Notify::new()).collect(),
            timer_wake: Notify::new(),
            ending: Arc::new(Shutdown::default()),
            handle: OnceLock::new(),
            servers: Servers::new(
                Hosts::new(server.hosts.len(), first_host(server.hosts.len(), options)),
                server.hosts.iter().map(place).collect(),
                options.assignments().collect(),
                options.deadline(),
            ),
            killer: Killer::default(),
            host_failure: Mutex::new(None),
            swaps_together: AtomicBool::new(true),
            moved: AtomicBool::new(false),
            failback: AtomicBool::new(false),
            sends_text: AtomicBool::new(false),
            clock: options.clock.clone(),
            table: options.table_name().to_owned(),
            hash_tokens: options.hashes_tokens(),
            max_lifetime: options.max_lifetime.and_then(|time| i64::try_from(time.as_secs()).ok()),
            max_data: options.data_limit(),
            columns: options.columns.clone(),
            passed: Mutex::new(None),
            time_zone: server.time_zone.clone(),
            counters: PoolCounters::default(),
            layout: Mutex::new(None),
        }
    }

    pub(super) fn now(&self) -> Moment {
        nanos(self.epoch.elapsed())
    }

    pub(super) fn instant(&self, moment: Moment) -> Instant {
        self.epoch + Duration::from_nanos(moment)
    }

    pub(super) fn scheduler(&self) -> MutexGuard<'_, Scheduler<QueuedCall>> {
        self.scheduler.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the scheduler something, and does what it asks for then.
    pub(super) fn with_scheduler<T>(
        self: &Arc<Self>,
        what: impl FnOnce(&mut Scheduler<QueuedCall>, Moment, &mut Todo<QueuedCall>) -> T,
    ) -> T {
        let mut todo = Todo::default();
        let result = what(&mut self.scheduler(), self.now(), &mut todo);
        self.perform(todo);
        result
    }

    pub(super) fn is_connected_to(&self, host: usize) -> bool {
        self.scheduler().is_connected_to(host)
    }

    /// All connections go to this host now.
    pub(super) fn moved_to(self: &Arc<Self>, host: usize) {
        tracing::info!(host = self.servers.place(host), "the store moves to another host");
        // Of two moves at the same time the later one counts here, too.
        self.with_scheduler(|scheduler, now, todo| {
            scheduler.move_to(self.servers.hosts.current(), now, todo)
        });
        self.moved.store(true, Ordering::Release);
        self.timer_wake.notify_one();
    }

    pub(super) fn host_failure(&self) -> MutexGuard<'_, Option<Error>> {
        self.host_failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection was opened.
    pub(super) fn opened(self: &Arc<Self>, slot: usize, host: usize, round_trip: Duration) {
        let round_trip = self.with_scheduler(|scheduler, now, _| {
            scheduler.opened(slot, host, nanos(round_trip), now);
            scheduler.round_trip()
        });
        self.set_round_trip(Duration::from_nanos(round_trip));
    }

    /// A connection could not be opened. Calls that no other connection serves are told why when
    /// they have waited for long, and all of them where waiting cannot help.
    pub(super) fn open_failed(self: &Arc<Self>, slot: usize, failure: Failure) {
        let waits =
            matches!(&failure, Failure::NoConnection(_) | Failure::Host(_) | Failure::Lost(_));
        let error = failure.error();
        let persist = if waits {
            RECONNECT_FOR.min(self.servers.timeout.mul_f64(0.8))
        } else {
            Duration::ZERO
        };
        tracing::debug!(%error, "a connection was not opened");
        let failed = self.with_scheduler(|scheduler, now, todo| {
            let failed = scheduler.open_failed(slot, nanos(persist), now, todo);
            if failed.is_some() {
                *self.host_failure() = Some(error.clone());
            }
            failed.unwrap_or_default()
        });
        for call in failed {
            call.answer(Err(error.clone()));
        }
    }

    pub(super) fn retry(&self) {
        self.counters.retries.fetch_add(1, Ordering::Relaxed);
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

/// The host to begin with.
fn first_host(hosts: usize, options: &Options) -> usize {
    let mut random = [0u8; 2];
    // Without randomness it is the first one, as without the option.
    if options.spreads_hosts() && getrandom::fill(&mut random).is_ok() {
        usize::from(u16::from_le_bytes(random)) % hosts
    } else {
        0
    }
}

pub(super) fn nanos(duration: Duration) -> Moment {
    Moment::try_from(duration.as_nanos()).unwrap_or(Moment::MAX / 4).min(Moment::MAX / 4)
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
        // The line keeps its statements itself, and closes them.
        .stmt_cache_size(0)
        // Both are known already; otherwise the driver asks for them, which is a round trip.
        .max_allowed_packet(Some(1 << 30))
        .wait_timeout(Some(usize::try_from(SERVER_IDLE.as_secs()).unwrap_or(90)))
        .ssl_opts(ssl(options));
    match host {
        Host::Tcp(name, port) => builder.ip_or_hostname(name).tcp_port(*port).into(),
        Host::Socket(path) => builder.socket(Some(path)).into(),
    }
}
