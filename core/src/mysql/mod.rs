//! Sessions in MySQL or MariaDB.
//!
//! A few tasks own a connection each ([`actor`], [`mod@line`]) and take whatever waits ([`lanes`]):
//! reads become one statement ([`reads`]), writes are merged and sorted into rounds ([`rounds`],
//! [`writes`]). The engine is built and its tasks are started at the first operation.

mod actor;
mod answers;
mod cells;
mod check;
mod failure;
mod job;
mod lanes;
mod layout;
mod line;
mod mend;
mod migrate;
mod migrate_from;
mod params;
mod reads;
mod rounds;
mod seen;
mod shared;
mod single;
mod sql;
#[cfg(test)]
mod tests;
mod tls;
mod writes;
mod zones;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::backend::{Backend, Command, Origin};
use crate::error::Result;
use crate::fork::whole;
use crate::operation::{Answer, Reply};
use crate::options::Options;
use crate::record::Stats;
use crate::runtime;
use crate::url::Server;

use failure::Failure;
use job::{Job, Ticket, Work};
use line::Line;
use shared::Shared;

pub(crate) struct Engine {
    shared: Arc<Shared>,
    /// Where the tasks run, if it was chosen.
    chosen: Option<Handle>,
    connections: usize,
    timeout: Duration,
    started: AtomicBool,
    ending: Arc<Ending>,
}

/// A connection's task, for as long as it is not dropped: by its end, or by the end of the
/// runtime that the program has chosen. Then nobody is left to answer what waits.
struct Running(Arc<Shared>, Arc<Ending>, usize);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.lanes.abandon(self.2);
        self.1.one_less();
    }
}

/// A task that owns a connection and takes nothing from the lanes.
struct Apart(Arc<Ending>);

impl Drop for Apart {
    fn drop(&mut self) {
        self.0.one_less();
    }
}

/// Who is told when the last task has ended.
#[derive(Default)]
struct Ending {
    running: AtomicUsize,
    finished: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

impl Engine {
    pub(crate) fn new(server: &Server, options: &Options) -> Self {
        Engine {
            shared: Arc::new(Shared::new(server, options)),
            chosen: options.runtime.clone(),
            connections: options.connection_count(),
            timeout: options.deadline(),
            started: AtomicBool::new(false),
            ending: Arc::new(Ending::default()),
        }
    }

    fn handle(&self) -> Result<Handle> {
        match &self.chosen {
            Some(handle) => Ok(handle.clone()),
            None => runtime::handle(),
        }
    }

    #[cold]
    fn start_actors(&self) -> Result<()> {
        let handle = self.handle()?;
        if self.started.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.ending.running.store(self.connections, Ordering::Release);
        for index in 0..self.connections {
            let running = Running(Arc::clone(&self.shared), Arc::clone(&self.ending), index);
            let respawn = handle.clone();
            handle.spawn(async move {
                let run = || respawn.spawn(whole(actor::run(Arc::clone(&running.0), index)));
                // A panic is a bug of ours; it costs the callers of one batch an error, and
                // everybody else nothing.
                while run().await.is_err_and(|error| error.is_panic()) {
                    tracing::error!("a connection task panicked and was started again");
                }
            });
        }
        Ok(())
    }
}

impl Backend for Engine {
    fn start(&self, command: Command<'_>, reply: impl FnOnce() -> Reply) -> Option<Result<Answer>> {
        if !self.started.load(Ordering::Acquire)
            && let Err(error) = self.start_actors()
        {
            return Some(Err(error));
        }
        let spread = match &command {
            Command::Write(id, _) | Command::Rename(id, ..) => id.spread(),
            Command::Find(_)
            | Command::Exists(_)
            | Command::Count
            | Command::List(_)
            | Command::DeleteSubject(..)
            | Command::DeleteExpired(_)
            | Command::Migrate
            | Command::Check
            | Command::Ping => 0,
        };
        let ticket = Ticket { reply: reply(), deadline: Instant::now() + self.timeout };
        let job = Job { work: Work::from_command(command), ticket };
        self.shared.lanes.push(job, spread);
        None
    }

    fn migrate_from(
        &self,
        origin: Origin,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        let handle = match self.start_actors().and_then(|()| self.handle()) {
            Ok(handle) => handle,
            Err(error) => return Some(Err(error)),
        };
        // On a connection of its own: whoever waits for the others has a deadline.
        let (mut line, reply) = (Line::new(Arc::clone(&self.shared)), reply());
        let apart = self.ending.one_more();
        handle.spawn(whole(async move {
            let done = migrate_from::run(&mut line, origin).await;
            reply.send(done.map(|()| Answer::Done).map_err(Failure::error));
            line.goodbye().await;
            drop(apart);
        }));
        None
    }

    fn close(&self, finished: Box<dyn FnOnce() + Send>) {
        self.shared.lanes.close();
        self.ending.then(finished);
    }

    fn count(&self, stats: &mut Stats) {
        let counters = &self.shared.counters;
        stats.statements = counters.statements.load(Ordering::Relaxed);
        stats.batches = counters.batches.load(Ordering::Relaxed);
        stats.retries = counters.retries.load(Ordering::Relaxed);
        stats.connections = counters.connections.load(Ordering::Relaxed);
        stats.removed = counters.removed.load(Ordering::Relaxed);
    }
}

impl Drop for Engine {
    /// The last handle is gone: the tasks finish what waits and say goodbye.
    fn drop(&mut self) {
        self.shared.lanes.close();
    }
}

impl Ending {
    fn one_more(self: &Arc<Self>) -> Apart {
        self.running.fetch_add(1, Ordering::AcqRel);
        Apart(Arc::clone(self))
    }

    fn then(&self, finished: Box<dyn FnOnce() + Send>) {
        let mut waiting = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        if self.running.load(Ordering::Acquire) == 0 {
            drop(waiting);
            return finished();
        }
        waiting.push(finished);
    }

    fn one_less(&self) {
        let mut waiting = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        if self.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            let all = std::mem::take(&mut *waiting);
            drop(waiting);
            all.into_iter().for_each(|finished| finished());
        }
    }
}
