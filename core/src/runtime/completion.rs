//! Answers for an event loop: collected, and announced once for many.

use std::sync::{Mutex, PoisonError};

use crate::runtime::fork::generation;

/// Finished operations on their way to one consumer, which is woken once when the first arrives
/// and then not again until it has drained them.
///
/// `T` is what the consumer needs to settle an operation: a tag or a slot, and the answer.
/// Any thread may push; one consumer drains.
pub struct CompletionQueue<T> {
    finished: Mutex<Finished<T>>,
    wake: Box<dyn Fn() + Send + Sync>,
    generation: u32,
}

struct Finished<T> {
    waiting: Vec<T>,
    announced: bool,
}

impl<T> CompletionQueue<T> {
    /// `wake` is called from any thread and must neither block nor call back into this queue.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        CompletionQueue {
            finished: Mutex::new(Finished { waiting: Vec::new(), announced: false }),
            wake: Box::new(wake),
            generation: generation(),
        }
    }

    /// Adds a finished operation, and wakes the consumer if it has not been told yet.
    pub fn push(&self, item: T) {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.waiting.push(item);
        let tell = !std::mem::replace(&mut finished.announced, true);
        drop(finished);
        if tell {
            (self.wake)();
        }
    }

    /// Takes what has finished, at most `limit`, oldest first. When something is left the consumer
    /// is woken again, so that a burst cannot keep an event loop from its other work.
    pub fn drain(&self, limit: usize) -> Vec<T> {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let count = finished.waiting.len().min(limit);
        if count == finished.waiting.len() {
            finished.announced = false;
            return std::mem::take(&mut finished.waiting);
        }
        let taken = finished.waiting.drain(..count).collect();
        finished.announced = true;
        drop(finished);
        (self.wake)();
        taken
    }

    /// Whether the process forked since this was made: then nothing will ever arrive here, its
    /// lock may be held by a thread that does not exist, and callers that wait are to be answered
    /// `Forked`.
    pub fn is_orphaned(&self) -> bool {
        self.generation != generation()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn many_completions_wake_once_and_a_rest_wakes_again() {
        let wakes = Arc::new(AtomicUsize::new(0));
        let queue = {
            let wakes = Arc::clone(&wakes);
            CompletionQueue::new(move || {
                wakes.fetch_add(1, Ordering::Relaxed);
            })
        };
        (0..5).for_each(|n| queue.push(n));
        assert_eq!(wakes.load(Ordering::Relaxed), 1);
        assert_eq!(queue.drain(3), [0, 1, 2]);
        assert_eq!(wakes.load(Ordering::Relaxed), 2);
        assert_eq!(queue.drain(3), [3, 4]);
        queue.push(5);
        assert_eq!((wakes.load(Ordering::Relaxed), queue.drain(9)), (3, vec![5]));
    }
}
