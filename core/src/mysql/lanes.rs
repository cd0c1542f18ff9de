//! Where jobs wait, and which connection takes them.
//!
//! There is no timer: a batch is whatever waited while the last one was on the wire. Reads wait in
//! one queue that every connection serves. Writes are sharded by key, so that two writes of one
//! session keep their order and two connections never meet on a row.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::error::{Error, ErrorKind};

use super::job::{Job, Work};

/// Rows of one statement: beyond this a larger batch buys little and delays everyone in it.
pub(super) const MAX_BATCH: usize = 64;

/// A second connection starts on reads only when this many wait: until then they are served
/// sooner, and with fewer statements, by joining the next batch of the first.
const READ_BACKLOG: usize = 16;

/// ... or when the first has been at it for so long that it may be stuck.
const READ_STALLED: Duration = Duration::from_millis(20);

/// Writes have so many connections: one sends while the other's commit reaches the disk. More would
/// only cut the batches into smaller ones, each with a commit of its own.
const WRITERS: usize = 2;

/// Waiting beyond this is not going to be answered in time anyway.
const MAX_WAITING: usize = 20_000;
const MAX_WAITING_BYTES: usize = 64 << 20;

pub(super) struct Lanes {
    queues: Mutex<Queues>,
    wake: Vec<Notify>,
}

struct Queues {
    reads: VecDeque<Job>,
    writes: Vec<VecDeque<Job>>,
    /// Connections without work, the most recently used last.
    idle: Vec<usize>,
    /// Connections that are reading now.
    reading: usize,
    /// Whoever has a later deadline than this asked when the last of them had stalled: every job
    /// has the same time, and so nobody needs to look at the clock here.
    stalled: Instant,
    timeout: Duration,
    waiting: usize,
    bytes: usize,
    closing: bool,
}

/// What a connection does next.
pub(super) struct Batch {
    pub(super) jobs: Vec<Job>,
    /// Whether others may join with the next batch of reads.
    pub(super) reads: bool,
}

impl Lanes {
    /// `timeout` is what every job's deadline was made with.
    pub(super) fn new(connections: usize, timeout: Duration) -> Self {
        Lanes {
            queues: Mutex::new(Queues {
                reads: VecDeque::new(),
                writes: (0..connections.min(WRITERS)).map(|_| VecDeque::new()).collect(),
                idle: Vec::new(),
                reading: 0,
                stalled: Instant::now(),
                timeout,
                waiting: 0,
                bytes: 0,
                closing: false,
            }),
            wake: (0..connections).map(|_| Notify::new()).collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `spread` chooses the queue of a write, and so its connection. What is refused is answered.
    pub(super) fn push(&self, job: Job, spread: u64) {
        let mut queues = self.lock();
        if queues.closing {
            drop(queues);
            return job.ticket.reply.send(Err(Error::closed()));
        }
        let bytes = job.work.bytes();
        if queues.waiting >= MAX_WAITING || queues.bytes + bytes > MAX_WAITING_BYTES {
            let error = Error::new(
                ErrorKind::Overloaded,
                "too many operations wait for the server already; shed load and try again",
            );
            drop(queues);
            return job.ticket.reply.send(Err(error));
        }
        queues.waiting += 1;
        queues.bytes += bytes;
        let awake = match &job.work {
            Work::Write(_) => {
                let shard = usize::try_from(spread % queues.writes.len() as u64).unwrap_or(0);
                queues.writes[shard].push_back(job);
                let idle = queues.idle.iter().position(|index| *index == shard);
                idle.map(|at| queues.idle.remove(at))
            }
            Work::Read { .. } => {
                let late = job.ticket.deadline > queues.stalled;
                queues.reads.push_back(job);
                let enough = queues.reading == 0 || queues.reads.len() >= READ_BACKLOG || late;
                if enough { queues.idle.pop() } else { None }
            }
            Work::Single(_) => {
                queues.reads.push_back(job);
                queues.idle.pop()
            }
        };
        drop(queues);
        if let Some(index) = awake {
            self.wake[index].notify_one();
        }
    }

    /// Waits for work; `None` when the store is closed and everything is done.
    pub(super) async fn next(&self, index: usize, was_reading: bool) -> Option<Batch> {
        let mut reading = was_reading;
        loop {
            {
                let mut queues = self.lock();
                queues.reading -= usize::from(reading);
                reading = false;
                queues.idle.retain(|idle| *idle != index);
                if let Some(batch) = queues.take(index) {
                    return Some(batch);
                }
                if queues.closing {
                    return None;
                }
                queues.idle.push(index);
            }
            self.wake[index].notified().await;
            // Whoever is about to ask as well gets the chance to be in the same batch.
            tokio::task::yield_now().await;
        }
    }

    /// Takes no more jobs, and answers what waits for this connection, whose task has ended. After a
    /// [`close`](Lanes::close) that is nothing, while others may still have writes to do.
    pub(super) fn abandon(&self, index: usize) {
        let mut queues = self.lock();
        queues.closing = true;
        let mut jobs = std::mem::take(&mut queues.reads);
        if let Some(lane) = queues.writes.get_mut(index) {
            jobs.append(lane);
        }
        drop(queues);
        for job in jobs {
            job.ticket.reply.send(Err(Error::new(
                ErrorKind::Closed,
                "the runtime that the store was given has ended; open a new store",
            )));
        }
    }

    /// Takes no more jobs; what waits is still done.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        for wake in &self.wake {
            wake.notify_one();
        }
    }
}

impl Queues {
    /// The older of the two heads first: then nobody waits behind work that came later, and so
    /// every batch ends before the deadlines of those who wait for it.
    fn take(&mut self, index: usize) -> Option<Batch> {
        let since = |queue: &VecDeque<Job>| queue.front().map(|job| job.ticket.deadline);
        let write = self.writes.get(index).and_then(since);
        let write_first = match (since(&self.reads), write) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(read), Some(write)) => write < read,
        };
        let writes = self.writes.get_mut(index).filter(|_| write_first);
        let queue = writes.unwrap_or(&mut self.reads);
        let alone = matches!(queue.front()?.work, Work::Single(_));
        let joins = |job: &&Job| alone || !matches!(job.work, Work::Single(_));
        let most = if alone { 1 } else { MAX_BATCH };
        let count = queue.iter().take(most).take_while(joins).count();
        let jobs: Vec<Job> = queue.drain(..count).collect();
        self.waiting -= count;
        self.bytes -= jobs.iter().map(|job| job.work.bytes()).sum::<usize>();
        let reads = !write_first && !alone;
        if reads {
            self.reading += 1;
            self.stalled = Instant::now() + READ_STALLED + self.timeout;
        }
        Some(Batch { jobs, reads })
    }
}
