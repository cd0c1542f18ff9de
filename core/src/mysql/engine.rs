//! The store's engine on a server: takes commands, minds the time, opens connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{self, Duration};

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, sleep_until};

use crate::batch::{Doubt, Refused, Todo};
use crate::config::location::Server;
use crate::config::options::Options;
use crate::protocol::command::{Backend, Command, SourceLibrary};
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::protocol::join::Join;
use crate::protocol::record::Stats;
use crate::protocol::request::{Answer, Reply};
use crate::runtime;
use crate::runtime::fork::fork_guarded;

use super::call::{QueuedCall, Work, never_sent};
use super::connect::{self, Purpose};
use super::connection::Connection;
use super::failure::Failure;
use super::pool::{Pool, nanos};
use super::shutdown::RunningTask;
use super::{bulk, migrate_from, worker};

pub(crate) struct Engine {
    pool: Arc<Pool>,
    /// Where the tasks run, if it was chosen.
    chosen: Option<Handle>,
    started: AtomicBool,
}

impl Engine {
    pub(crate) fn new(server: &Server, options: &Options) -> Self {
        Engine {
            pool: Arc::new(Pool::new(server, options)),
            chosen: options.runtime.clone(),
            started: AtomicBool::new(false),
        }
    }

    #[cold]
    fn start_tasks(&self) -> Result<()> {
        let handle = match &self.chosen {
            Some(handle) => handle.clone(),
            None => runtime::handle()?,
        };
        let handle = self.pool.handle.get_or_init(|| handle);
        if !self.started.swap(true, Ordering::AcqRel) {
            let timer_wake = Timer(Arc::clone(&self.pool), self.pool.ending.task_started());
            handle.spawn(fork_guarded(timer_wake.run()));
        }
        Ok(())
    }
}

impl Backend for Engine {
    fn start(
        &self,
        command: Command<'_>,
        until: Option<time::Instant>,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        if !self.started.load(Ordering::Acquire)
            && let Err(error) = self.start_tasks()
        {
            return Some(Err(error));
        }
        let pool = &self.pool;
        let now = pool.now();
        let left = until.map(|until| until.saturating_duration_since(time::Instant::now()));
        let patience = left.map_or(pool.servers.timeout, |left| left.min(pool.servers.timeout));
        let deadline = now + nanos(patience);
        let pending = QueuedCall::new(command, deadline, &pool.clock, |_| reply());
        let mut todo = Todo::default();
        let mut scheduler = pool.scheduler();
        if scheduler.is_closing() {
            drop(scheduler);
            pending.answer(Err(Error::closed()));
            return None;
        }
        scheduler.submit(pending, now, &mut todo);
        drop(scheduler);
        pool.perform(todo);
        None
    }

    fn start_many(&self, parts: Vec<(usize, Command<'_>)>, gather: &Arc<Join>) {
        match self.start_tasks() {
            Ok(()) => bulk::start(&self.pool, parts, gather),
            Err(error) => {
                parts.into_iter().for_each(|(place, _)| gather.put(place, Err(error.clone())));
            }
        }
    }

    fn migrate_from(
        &self,
        origin: SourceLibrary,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        if let Err(error) = self.start_tasks() {
            return Some(Err(error));
        }
        let handle = self.pool.handle.get()?;
        // On a connection of its own: those who wait for the others have a deadline.
        let mut connection = Connection::new(Arc::clone(&self.pool), Purpose::Unbounded);
        connection.set_reconnects(true);
        let (reply, running) = (reply(), self.pool.ending.task_started());
        handle.spawn(fork_guarded(async move {
            let done = migrate_from::run(&mut connection, origin).await;
            reply.send(done.map(|()| Answer::Done).map_err(Failure::error));
            connection.disconnect().await;
            drop(running);
        }));
        None
    }

    fn close(&self, finished: Box<dyn FnOnce() + Send>) {
        self.pool.with_scheduler(|scheduler, now, todo| scheduler.close(now, todo));
        self.pool.timer_wake.notify_one();
        self.pool.ending.then(finished);
    }

    fn count(&self, stats: &mut Stats) {
        let counters = &self.pool.counters;
        stats.statements = counters.statements.load(Ordering::Relaxed);
        stats.batches = counters.batches.load(Ordering::Relaxed);
        stats.retries = counters.retries.load(Ordering::Relaxed);
        stats.connections = self.pool.servers.opened.load(Ordering::Relaxed);
        stats.removed = counters.removed.load(Ordering::Relaxed);
    }
}

impl Drop for Engine {
    /// The last handle is gone: the tasks finish what waits and disconnect.
    fn drop(&mut self) {
        self.pool.with_scheduler(|scheduler, now, todo| scheduler.close(now, todo));
        self.pool.timer_wake.notify_one();
    }
}

impl Pool {
    /// Does what the scheduler asked for.
    pub(super) fn perform(self: &Arc<Self>, todo: Todo<QueuedCall>) {
        let Todo { wake, open, refused, tick } = todo;
        wake.into_iter().for_each(|slot| self.wake[slot].notify_one());
        for slot in open {
            self.spawn_connection(slot);
        }
        if tick {
            self.timer_wake.notify_one();
        }
        for (call, why) in refused {
            call.answer(Err(self.refusal(&call, why)));
        }
    }

    fn spawn_connection(self: &Arc<Self>, slot: usize) {
        let Some(handle) = self.handle.get() else { return };
        let (pool, running) = (Arc::clone(self), self.ending.task_started());
        handle.spawn(async move {
            let connection = fork_guarded(worker::run(pool, slot));
            connection.await;
            drop(running);
        });
    }

    fn refusal(&self, call: &QueuedCall, why: Refused) -> Error {
        match why {
            Refused::Overloaded => Error::new(
                ErrorKind::Overloaded,
                "more calls wait for the server than it does in their time, so this one was not \
                 sent; shed load and try again",
            ),
            // While no host serves, that is what is wrong. What only reads is in no doubt.
            Refused::TooLate(Doubt::None) => self.host_failure().clone().unwrap_or_else(never_sent),
            Refused::TooLate(_) if matches!(call.work, Work::Read { .. }) => {
                self.host_failure().clone().unwrap_or_else(Error::too_late)
            }
            Refused::TooLate(_) => Error::too_late(),
        }
    }
}

/// Tells the scheduler the time when something is due.
struct Timer(Arc<Pool>, RunningTask);

impl Timer {
    async fn run(self) {
        let pool = &self.0;
        loop {
            let next = pool.with_scheduler(|scheduler, now, todo| {
                let next = scheduler.tick(now, todo);
                (next, scheduler.is_closing() && scheduler.is_quiet())
            });
            pool.killer.close_idle();
            if pool.moved.swap(false, Ordering::AcqRel) {
                start_failback(pool);
            }
            match next {
                (_, true) => return,
                (None, _) => pool.timer_wake.notified().await,
                (Some(at), _) => {
                    tokio::select! {
                        () = sleep_until(pool.instant(at)) => {}
                        () = pool.timer_wake.notified() => {}
                    }
                }
            }
        }
    }
}

impl Drop for Timer {
    /// Where the runtime has ended, no task is left to answer what waits.
    fn drop(&mut self) {
        let pool = &self.0;
        let left = pool.with_scheduler(|scheduler, now, todo| {
            scheduler.close(now, todo);
            scheduler.give_up_all(now)
        });
        for call in left {
            call.answer(Err(Error::new(
                ErrorKind::Closed,
                "the runtime that the store was given has ended; open a new store",
            )));
        }
        let _ = &self.1;
    }
}

/// Goes back to the first host when that has been well for a while.
fn start_failback(pool: &Arc<Pool>) {
    let Some(handle) = pool.handle.get() else { return };
    if pool.failback.swap(true, Ordering::AcqRel) {
        return;
    }
    let (pool, running) = (Arc::clone(pool), pool.ending.task_started());
    handle.spawn(fork_guarded(async move {
        failback(&pool).await;
        pool.failback.store(false, Ordering::Release);
        drop(running);
    }));
}

/// Between two probes of the first host, and how often it must be well one after the other.
const PROBE_PAUSE: Duration = Duration::from_secs(1);
const PROBES: u32 = 3;

async fn failback(pool: &Arc<Pool>) {
    let mut well = 0;
    while let Some(rest) = pool.servers.hosts.until_first_is_retried(Instant::now()) {
        if pool.scheduler().is_closing() {
            return;
        }
        if !rest.is_zero() {
            sleep(rest.min(PROBE_PAUSE)).await;
            continue;
        }
        let first = pool.servers.hosts.first();
        let looked = tokio::time::timeout(
            pool.servers.timeout.min(PROBE_PAUSE),
            connect::login(&pool.servers, first, Purpose::Calls),
        );
        well = match looked.await {
            Ok(Ok(opened)) if !opened.is_read_only() => well + 1,
            _ => 0,
        };
        if well == PROBES {
            let from = pool.servers.hosts.current();
            if pool.servers.hosts.go(from, first) {
                pool.moved_to(first);
            }
            return;
        }
        sleep(PROBE_PAUSE).await;
    }
}
