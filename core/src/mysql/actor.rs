//! A task that owns a connection: takes what waits, runs it, answers, and again.
//!
//! Statements run here and nowhere else, so a caller who goes away never cancels one.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::{Instant, timeout_at};

use super::job::{Job, Tickets, Work};
use super::line::Line;
use super::reads::{self, Ask};
use super::rounds::rounds;
use super::shared::Shared;
use super::{single, writes};

/// Runs until the store is closed and everything that waited is done.
pub(super) async fn run(shared: Arc<Shared>, index: usize) {
    let mut line = Line::new(Arc::clone(&shared));
    let mut reading = false;
    while let Some(batch) = shared.lanes.next(index, reading).await {
        reading = batch.reads;
        if batch.jobs.len() > 1 {
            shared.counters.batches.fetch_add(1, Ordering::Relaxed);
        }
        work(&mut line, batch.jobs).await;
    }
    line.goodbye().await;
}

async fn work(line: &mut Line, jobs: Vec<Job>) {
    let (mut asks, mut changes, mut singles) = (Vec::new(), Vec::new(), Vec::new());
    let mut waiting = Vec::with_capacity(jobs.len());
    for (ticket, job) in jobs.into_iter().enumerate() {
        waiting.push(job.ticket);
        match job.work {
            Work::Read { key, data } => asks.push(Ask { key, data, ticket }),
            Work::Write(change) => changes.push((change, ticket)),
            Work::Single(single) => singles.push(single),
        }
    }
    let tickets = Tickets::new(waiting);
    let finished = before_deadline(&tickets, async {
        if !asks.is_empty() {
            reads::run(line, &asks, &tickets).await;
        }
        for round in rounds(changes, line.shared.clock.now()) {
            for (kind, groups) in round {
                writes::run(line, kind, &groups, &tickets).await;
            }
        }
        for single in &singles {
            let answer = single::run(line, single).await;
            tickets.answer_all(&answer.map_err(super::failure::Failure::error));
        }
    })
    .await;
    if !finished {
        // The server may still be at it, and its answer would be taken for that of the next.
        line.abandon();
    }
}

/// Runs the work until everybody has an answer: its own, or that it took too long. False when the
/// work was left in the middle.
async fn before_deadline(tickets: &Tickets, work: impl Future<Output = ()>) -> bool {
    let mut work = pin!(work);
    let mut last = Instant::now();
    loop {
        // With everybody answered there is only the end of a transaction left to wait for.
        let all_answered = tickets.deadline().is_none();
        last = tickets.deadline().unwrap_or(last);
        if timeout_at(last, &mut work).await.is_ok() {
            return true;
        }
        if all_answered {
            return false;
        }
        tickets.expire(Instant::now());
        if tickets.deadline().is_none() {
            return false;
        }
    }
}
