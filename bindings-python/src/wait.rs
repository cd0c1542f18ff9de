//! Waiting for another thread with the interpreter released, and an eye on signals and forks.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use sessio::fork;
use sessio::operation::Reply;

use crate::error::{forked, lost, raise};

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

/// An answer that is there at once, or is waited for.
pub(crate) struct Pending<T>(Option<Receiver<sessio::Result<T>>>);

impl<T: Send + 'static> Pending<T> {
    pub(crate) fn new() -> Self {
        Pending(None)
    }

    /// Where the answer is to be sent when it is not there at once.
    pub(crate) fn reply(&mut self) -> Reply<T> {
        let (answered, answer) = sync_channel(1);
        self.0 = Some(answer);
        Reply::new(move |answer| {
            // After Ctrl-C nobody waits any more, which is nothing to report.
            let _ = answered.send(answer);
        })
    }

    pub(crate) fn wait(self, py: Python<'_>, now: Option<sessio::Result<T>>) -> PyResult<T> {
        let answer = match (now, self.0) {
            (Some(answer), _) => answer,
            (None, Some(waiting)) => match wait(py, waiting, None)? {
                Waited::Arrived(answer) => answer,
                Waited::Forked => Err(forked()),
                Waited::Lost => Err(lost()),
            },
            (None, None) => Err(lost()),
        };
        answer.map_err(|error| raise(py, &error))
    }
}
