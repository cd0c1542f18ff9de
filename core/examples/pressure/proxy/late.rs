//! The delay: a thread that hands pieces on when they are due.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::link::Piece;
use super::lock;

/// What is delayed, of all connections, in the order in which it is due.
pub(super) struct Delayed {
    queue: Mutex<Queue>,
    added: Condvar,
}

#[derive(Default)]
struct Queue {
    late: VecDeque<(Instant, Late)>,
    ended: bool,
}

pub(super) struct Late {
    pub(super) piece: Piece,
    pub(super) to: mpsc::UnboundedSender<Piece>,
    pub(super) pending: Arc<AtomicUsize>,
}

impl Delayed {
    pub(super) fn start() -> io::Result<Arc<Self>> {
        let delayed = Arc::new(Delayed { queue: Mutex::default(), added: Condvar::new() });
        let own = Arc::clone(&delayed);
        thread::Builder::new().name("proxy-delay".into()).spawn(move || own.run())?;
        Ok(delayed)
    }

    pub(super) fn add(&self, delay: Duration, late: Late) {
        let mut queue = lock(&self.queue);
        let due = Instant::now() + delay;
        // A delay that became shorter overtakes nothing.
        let due = queue.late.back().map_or(due, |(last, _)| due.max(*last));
        queue.late.push_back((due, late));
        if queue.late.len() == 1 {
            self.added.notify_one();
        }
    }

    fn run(&self) {
        let mut queue = lock(&self.queue);
        while !queue.ended {
            let now = Instant::now();
            let wait = queue.late.front().map(|(due, _)| due.saturating_duration_since(now));
            match wait {
                None => queue = self.added.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => {
                    if let Some((_, late)) = queue.late.pop_front() {
                        let _ = late.to.send(late.piece);
                        late.pending.fetch_sub(1, Ordering::Release);
                    }
                }
                Some(wait) => {
                    let waited = self.added.wait_timeout(queue, wait);
                    queue = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    pub(super) fn end(&self) {
        let mut queue = lock(&self.queue);
        queue.ended = true;
        queue.late.clear();
        self.added.notify_one();
    }
}
