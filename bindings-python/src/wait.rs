//! Waiting for another thread with the interpreter released, and an eye on signals and forks.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use sessio::fork;

/// How long Ctrl-C may go unnoticed.
const SLICE: Duration = Duration::from_millis(50);

/// How a wait ended, if no signal ended it.
pub(crate) enum Waited<T> {
    Arrived(T),
    /// This is a child, in which nothing will arrive: a signal handler can fork.
    Forked,
    /// Nobody can send any more, or not in time.
    Lost,
}

/// Raises what a signal's handler raises: `KeyboardInterrupt`, for one.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    mut receiver: Receiver<T>,
    latest: Option<Instant>,
) -> PyResult<Waited<T>> {
    let born = fork::generation();
    loop {
        let received;
        // A receiver can be moved between threads, but not shared: so it goes in and out.
        (receiver, received) = py.detach(move || {
            let received = receiver.recv_timeout(SLICE);
            (receiver, received)
        });
        match received {
            Ok(value) => return Ok(Waited::Arrived(value)),
            Err(RecvTimeoutError::Disconnected) => return Ok(Waited::Lost),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
        }
        if fork::generation() != born {
            // The parent's sender may hold the channel's lock, for ever.
            std::mem::forget(receiver);
            return Ok(Waited::Forked);
        }
        if latest.is_some_and(|latest| Instant::now() >= latest) {
            return Ok(Waited::Lost);
        }
    }
}
