//! Forwards sessio's log to Python's `logging`.
//!
//! Runtime threads log but never attach to the interpreter: they would wait for its lock behind
//! busy Python threads, and crash when the interpreter ends. So lines are queued, and the next call
//! from Python passes them to `logging`.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use sessio::fork::{self, PerProcess};
use sessio::logging::{Level, forward};

/// More lines than an outage logs in minutes. Further lines are only counted.
const CAPACITY: usize = 1000;

/// Per process, because a fork can happen while a runtime thread holds the lock.
static QUEUE: PerProcess<Mutex<LogQueue>> = PerProcess::unwatched();
static NOT_EMPTY: AtomicBool = AtomicBool::new(false);

#[derive(Default)]
struct LogQueue {
    lines: VecDeque<(Level, String)>,
    lost: usize,
}

/// Starts to queue log lines. Has no effect if the process has its own `tracing` subscriber, as a
/// Rust program that embeds Python may.
pub(crate) fn subscribe() {
    fork::watch();
    forward(Level::DEBUG, |level, line| {
        let queue = QUEUE.get_or_init(Mutex::default);
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.lines.len() < CAPACITY {
            queue.lines.push_back((level, line.to_owned()));
        } else {
            queue.lost += 1;
        }
        drop(queue);
        NOT_EMPTY.store(true, Ordering::Release);
    });
}

/// Passes queued lines to `logging`. Costs one load if there are none.
#[inline]
pub(crate) fn drain(py: Python<'_>) {
    if NOT_EMPTY.load(Ordering::Relaxed) {
        write_all(py);
    }
}

#[cold]
fn write_all(py: Python<'_>) {
    // Before the queue is emptied, so that a line pushed later sets it again.
    NOT_EMPTY.store(false, Ordering::SeqCst);
    let Some(queue) = QUEUE.get() else { return };
    // Taken out of the lock first: a log handler may call into sessio again.
    let lines = std::mem::take(&mut *queue.lock().unwrap_or_else(PoisonError::into_inner));
    if let Err(error) = write(py, lines) {
        // An exception of a log handler must not fail the call that flushes the log.
        error.write_unraisable(py, None);
    }
}

fn write(py: Python<'_>, queue: LogQueue) -> PyResult<()> {
    static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = || -> PyResult<_> {
        let logger = py.import("logging")?.call_method1("getLogger", ("sessio",))?;
        Ok(logger.getattr("log")?.unbind())
    };
    let log = LOG.get_or_try_init(py, make)?.bind(py);
    for (level, line) in queue.lines {
        log.call1((number(level), line))?;
    }
    if queue.lost > 0 {
        let lost = "%d log lines were dropped because the queue was full";
        log.call1((number(Level::WARN), lost, queue.lost))?;
    }
    Ok(())
}

/// The level's number in `logging`.
fn number(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    }
}

/// Passes queued lines to `logging`. Called when the process exits.
#[pyfunction]
pub(crate) fn drain_log(py: Python<'_>) {
    drain(py);
}
