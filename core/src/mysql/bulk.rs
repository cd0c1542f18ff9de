//! The parts of a bulk call, a few at a time: so that they are never too many for the store, and
//! that the calls of others find their place between them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::batch::Queueable;
use crate::protocol::command::Command;
use crate::protocol::error::Error;
use crate::protocol::join::Join;
use crate::protocol::request::Reply;

use super::call::never_sent;
use super::call::{MAX_BATCH, QueuedCall};
use super::pool::{Pool, nanos};

/// So much of it waits or is under way at a time.
const ROWS: usize = 4 * MAX_BATCH;
const BYTES: usize = 1 << 20;

pub(super) struct Bulk {
    pool: Arc<Pool>,
    parts: Mutex<BulkParts>,
}

#[derive(Default)]
struct BulkParts {
    left: VecDeque<QueuedCall>,
    rows: usize,
    bytes: usize,
    /// A thread is sending: what is refused at once is answered in the middle of it.
    sending: bool,
}

/// All parts have the deadline of the whole call.
pub(super) fn start(pool: &Arc<Pool>, parts: Vec<(usize, Command<'_>)>, gather: &Arc<Join>) {
    let bulk = Arc::new(Bulk { pool: Arc::clone(pool), parts: Mutex::default() });
    let deadline = pool.now() + nanos(pool.servers.timeout);
    let pending = |(place, command): (usize, Command<'_>)| {
        let (bulk, gather) = (Arc::clone(&bulk), Arc::clone(gather));
        QueuedCall::new(command, deadline, &pool.clock, move |bytes| {
            Reply::new(move |answer| {
                gather.put(place, answer);
                bulk.ended(bytes);
            })
        })
    };
    let left = parts.into_iter().map(pending).collect();
    bulk.lock().left = left;
    bulk.send();
}

impl Bulk {
    fn lock(&self) -> std::sync::MutexGuard<'_, BulkParts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(self: &Arc<Self>, bytes: usize) {
        {
            let mut parts = self.lock();
            parts.rows -= 1;
            parts.bytes -= bytes;
        }
        self.send();
    }

    /// Sends what there is room for.
    fn send(self: &Arc<Self>) {
        if std::mem::replace(&mut self.lock().sending, true) {
            return;
        }
        while let Some(next) = self.next() {
            let now = self.pool.now();
            if next.deadline <= now {
                next.answer(Err(never_sent()));
            } else if self.pool.scheduler().is_closing() {
                next.answer(Err(Error::closed()));
            } else {
                self.pool.with_scheduler(|scheduler, now, todo| scheduler.submit(next, now, todo));
            }
        }
    }

    /// The next part, if there is room for it; otherwise no thread is sending any more.
    fn next(&self) -> Option<QueuedCall> {
        let mut parts = self.lock();
        let bytes = parts.left.front().map(QueuedCall::bytes);
        let full = |bytes| parts.rows > 0 && (parts.rows == ROWS || parts.bytes + bytes > BYTES);
        let Some(bytes) = bytes.filter(|bytes| !full(*bytes)) else {
            parts.sending = false;
            return None;
        };
        parts.rows += 1;
        parts.bytes += bytes;
        parts.left.pop_front()
    }
}
