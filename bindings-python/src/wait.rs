//! Blocks on a runtime thread's answer with the interpreter released, and reacts to signals and
//! forks.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use sessio::fork;
use sessio::operation::Reply;

use crate::error::{forked, lost, raise};

/// Interval at which a waiting call checks for signals: the longest delay of Ctrl-C.
const SIGNAL_POLL: Duration = Duration::from_millis(50);

/// How a wait ended, if no signal ended it.
pub(crate) enum WaitOutcome<T> {
    Answered(T),
    /// This process is a forked child: no answer will arrive. A signal handler can fork.
    Forked,
    /// The sender is gone, or the deadline has passed.
    Lost,
}

/// Blocks until a value arrives, or until `latest`. Raises what a signal handler raises, such as
/// `KeyboardInterrupt`.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    mut receiver: Receiver<T>,
    latest: Option<Instant>,
) -> PyResult<WaitOutcome<T>> {
    let generation = fork::generation();
    loop {
        let received;
        // A `Receiver` is not `Sync`: the closure must own it, and gives it back.
        (receiver, received) = py.detach(move || {
            let received = receiver.recv_timeout(SIGNAL_POLL);
            (receiver, received)
        });
        match received {
            Ok(value) => return Ok(WaitOutcome::Answered(value)),
            Err(RecvTimeoutError::Disconnected) => return Ok(WaitOutcome::Lost),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
        }
        if fork::generation() != generation {
            // Leaked: in the child the channel's lock may be held by a thread that does not exist,
            // and dropping the receiver would wait for it forever.
            std::mem::forget(receiver);
            return Ok(WaitOutcome::Forked);
        }
        if latest.is_some_and(|latest| Instant::now() >= latest) {
            return Ok(WaitOutcome::Lost);
        }
    }
}

/// One call that blocks unless the core answers it at once.
pub(crate) struct BlockingCall<T>(Option<Receiver<sessio::Result<T>>>);

impl<T: Send + 'static> BlockingCall<T> {
    pub(crate) fn new() -> Self {
        BlockingCall(None)
    }

    /// Called by the core when the operation goes to a runtime thread.
    pub(crate) fn reply(&mut self) -> Reply<T> {
        let (answered, answer) = sync_channel(1);
        self.0 = Some(answer);
        Reply::new(move |answer| {
            // Fails after Ctrl-C, when the receiver is gone. The answer is not needed then.
            let _ = answered.send(answer);
        })
    }

    /// Returns the answer, and blocks for it if the core did not answer at once.
    #[inline]
    pub(crate) fn wait(self, py: Python<'_>, now: Option<sessio::Result<T>>) -> PyResult<T> {
        // Apart, so that an answer in memory is not moved through the code that blocks.
        let answer = match now {
            Some(answer) => answer,
            None => self.block(py)?,
        };
        answer.map_err(|error| raise(py, &error))
    }

    #[cold]
    fn block(self, py: Python<'_>) -> PyResult<sessio::Result<T>> {
        let Some(receiver) = self.0 else { return Ok(Err(lost())) };
        Ok(match wait(py, receiver, None)? {
            WaitOutcome::Answered(answer) => answer,
            WaitOutcome::Forked => Err(forked()),
            WaitOutcome::Lost => Err(lost()),
        })
    }
}
