//! sessio's log, handed to `logging`.
//!
//! Events happen on runtime threads, which never attach to the interpreter: one that did would
//! queue for its lock behind busy Python threads, and fall over when the interpreter ends. So
//! lines are put aside, and the next call into sessio from Python hands them on.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use sessio::fork::{self, PerProcess};
use sessio::logging::{Level, forward};

/// More than an outage logs in minutes; beyond it only the number of lost lines is kept.
const CAPACITY: usize = 1000;

/// A fork can happen while a runtime thread holds the lock, so a child has a queue of its own.
static QUEUE: PerProcess<Mutex<Queue>> = PerProcess::unwatched();
static WAITING: AtomicBool = AtomicBool::new(false);

#[derive(Default)]
struct Queue {
    lines: VecDeque<(Level, String)>,
    lost: usize,
}

/// From here on events are put aside. Without effect in a process that has a subscriber of its
/// own: a Rust program that embeds Python.
pub(crate) fn collect() {
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
        WAITING.store(true, Ordering::Release);
    });
}

/// Hands on what was put aside: one load when that is nothing.
#[inline]
pub(crate) fn drain(py: Python<'_>) {
    if WAITING.load(Ordering::Relaxed) {
        hand_on(py);
    }
}

#[cold]
fn hand_on(py: Python<'_>) {
    // Before the queue is emptied: a line that comes later says so again.
    WAITING.store(false, Ordering::SeqCst);
    let Some(queue) = QUEUE.get() else { return };
    // Out of the lock first: a handler may call into sessio again.
    let taken = std::mem::take(&mut *queue.lock().unwrap_or_else(PoisonError::into_inner));
    if let Err(error) = write(py, taken) {
        // A handler that raises must not fail the operation that happened to meet it.
        error.write_unraisable(py, None);
    }
}

fn write(py: Python<'_>, taken: Queue) -> PyResult<()> {
    static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = || -> PyResult<_> {
        let logger = py.import("logging")?.call_method1("getLogger", ("sessio",))?;
        Ok(logger.getattr("log")?.unbind())
    };
    let log = LOG.get_or_try_init(py, make)?.bind(py);
    for (level, line) in taken.lines {
        log.call1((number(level), line))?;
    }
    if taken.lost > 0 {
        let lost = "%d lines of the log were lost: too many at once";
        log.call1((number(Level::WARN), lost, taken.lost))?;
    }
    Ok(())
}

/// The level as `logging` counts it.
fn number(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    }
}

/// Hands lines that were put aside to `logging`: for the end of the process.
#[pyfunction]
pub(crate) fn drain_log(py: Python<'_>) {
    drain(py);
}
