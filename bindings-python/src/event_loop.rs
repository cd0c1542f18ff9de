//! Delivers finished operations to asyncio event loops.
//!
//! One `LoopWaker` serves one event loop of one process. Runtime threads push completions into its
//! queue and wake the loop once for many of them; the loop then resolves its futures on its own
//! thread. Runtime threads never attach to the interpreter.
//!
//! The loop's registration of the reader is the only strong reference to a `LoopWaker`: closing the
//! loop frees it. Wakers are found by the address of their loop. The address alone does not
//! identify a loop, because addresses are reused; so each waker also has a weak reference to it.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyWeakrefMethods, PyWeakrefReference};
use sessio::completion::CompletionQueue;
use sessio::operation::{Answer, Reply, SessionAnswer};
use slab::Slab;

use crate::answer::{WriteResult, to_python};
use crate::error::{forked, guard, lost, raise};
use crate::log;
use crate::session::{self, SessionManager, View};

/// Completions resolved in one turn of the loop, so that a burst does not starve other callbacks.
const MAX_PER_TURN: usize = 256;

/// Weak references to the wakers of all loops, by the address of the loop.
static WAKERS: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

#[pyclass(frozen, weakref, module = "sessio._native")]
pub(crate) struct LoopWaker {
    event_loop: Py<PyWeakrefReference>,
    queue: Arc<CompletionQueue<Completion>>,
    /// Shared with the queue's wake callback, so that a late write never meets a closed socket.
    socket: Arc<WakeupSocket>,
    /// Locked only by attached threads. So no other thread holds the lock when the process forks.
    pending: Mutex<PendingCalls>,
}

/// Self-pipe: wakes the event loop from runtime threads.
struct WakeupSocket {
    write_end: UnixStream,
    read_end: UnixStream,
}

/// The index is the id that travels with the operation.
type PendingCalls = Slab<(Py<PyAny>, Caller)>;

/// A finished operation, from a runtime thread.
struct Completion {
    id: usize,
    answer: sessio::Result<AnyAnswer>,
}

enum AnyAnswer {
    Store(Answer),
    Session(SessionAnswer),
}

/// What started an operation. It decides how the answer is converted.
pub(crate) enum Caller {
    Store(WriteResult),
    /// With the session that the request is about, if it is about one.
    Manager(Py<SessionManager>, Option<Py<View>>),
}

impl Caller {
    fn to_python<'py>(&self, py: Python<'py>, answer: AnyAnswer) -> PyResult<Bound<'py, PyAny>> {
        match (self, answer) {
            (Caller::Store(write), AnyAnswer::Store(answer)) => to_python(py, answer, *write),
            (Caller::Manager(manager, _), AnyAnswer::Session(answer)) => {
                session::to_python(manager.bind(py), answer)
            }
            (Caller::Store(_), AnyAnswer::Session(_))
            | (Caller::Manager(..), AnyAnswer::Store(_)) => Err(raise(py, &lost())),
        }
    }
}

/// The future of an operation that is about to start, and the waker of its loop.
pub(crate) struct PendingCall<'py> {
    pub(crate) future: Bound<'py, PyAny>,
    waker: Bound<'py, LoopWaker>,
}

/// The event loop of this thread. Raises `RuntimeError` if none is running.
pub(crate) fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    RUNNING.import(py, "asyncio", "get_running_loop")?.call0()
}

impl<'py> PendingCall<'py> {
    pub(crate) fn new(event_loop: &Bound<'py, PyAny>) -> PyResult<Self> {
        let waker = LoopWaker::of(event_loop)?;
        let future = event_loop.call_method0(intern!(event_loop.py(), "create_future"))?;
        Ok(PendingCall { future, waker })
    }

    /// Registers the call. To be called only once the operation is certain to be answered:
    /// otherwise the entry would stay in the table.
    pub(crate) fn complete_with(
        &self,
        write: WriteResult,
    ) -> impl FnOnce(sessio::Result<Answer>) + Send + 'static {
        let complete = self.register(Caller::Store(write));
        move |answer| complete(answer.map(AnyAnswer::Store))
    }

    fn register(&self, caller: Caller) -> impl FnOnce(sessio::Result<AnyAnswer>) + Send + 'static {
        let waker = self.waker.get();
        let id = waker.pending().insert((self.future.clone().unbind(), caller));
        let queue = Arc::clone(&waker.queue);
        move |answer| queue.push(Completion { id, answer })
    }

    pub(crate) fn reply(&self, write: WriteResult) -> Reply {
        Reply::new(self.complete_with(write))
    }

    pub(crate) fn session_reply(
        &self,
        manager: Py<SessionManager>,
        view: Option<Py<View>>,
    ) -> Reply<SessionAnswer> {
        let complete = self.register(Caller::Manager(manager, view));
        Reply::new(move |answer| complete(answer.map(AnyAnswer::Session)))
    }
}

impl LoopWaker {
    fn of<'py>(event_loop: &Bound<'py, PyAny>) -> PyResult<Bound<'py, LoopWaker>> {
        let py = event_loop.py();
        let wakers = WAKERS.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
        let address = event_loop.as_ptr() as usize;
        if let Some(found) = wakers.get_item(address)?.as_ref().and_then(upgrade) {
            let waker = found.get();
            if waker.queue.is_orphaned() {
                waker.fail_forked(py);
            } else if waker.event_loop.bind(py).upgrade().is_some_and(|of| of.is(event_loop)) {
                return Ok(found);
            }
        }
        let waker = LoopWaker::open(event_loop)?;
        for (other, reference) in wakers.copy()? {
            if upgrade(&reference).is_none() {
                wakers.del_item(other)?;
            }
        }
        wakers.set_item(address, PyWeakrefReference::new(&waker)?)?;
        Ok(waker)
    }

    fn open<'py>(event_loop: &Bound<'py, PyAny>) -> PyResult<Bound<'py, LoopWaker>> {
        let py = event_loop.py();
        let (write_end, read_end) = UnixStream::pair()?;
        write_end.set_nonblocking(true)?;
        read_end.set_nonblocking(true)?;
        let socket = Arc::new(WakeupSocket { write_end, read_end });
        let wake = {
            let socket = Arc::clone(&socket);
            // A write to a full socket fails, which is fine: the socket is readable already.
            move || drop((&socket.write_end).write(&[1]))
        };
        let descriptor = socket.read_end.as_raw_fd();
        let waker = LoopWaker {
            event_loop: PyWeakrefReference::new(event_loop)?.unbind(),
            queue: Arc::new(CompletionQueue::new(wake)),
            socket,
            pending: Mutex::default(),
        };
        let waker = Bound::new(py, waker)?;
        event_loop.call_method1("add_reader", (descriptor, waker.getattr("drain")?))?;
        Ok(waker)
    }

    fn pending(&self) -> MutexGuard<'_, PendingCalls> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn resolve(&self, py: Python<'_>, Completion { id, answer }: Completion) {
        let call = self.pending().try_remove(id);
        let Some((future, caller)) = call else { return };
        let future = future.bind(py);
        let value = guard(py, || match answer {
            Ok(answer) => caller.to_python(py, answer),
            Err(error) => Err(raise(py, &error)),
        });
        if let Caller::Manager(manager, view) = &caller {
            session::after_answer(manager.bind(py), view.as_ref().map(|view| view.bind(py)));
        }
        let set = match value {
            Ok(value) => future.call_method1(intern!(py, "set_result"), (value,)),
            Err(error) => future.call_method1(intern!(py, "set_exception"), (error,)),
        };
        if let Err(error) = set {
            // A cancelled future takes no result. Its write has happened all the same.
            let done = future.call_method0(intern!(py, "done"));
            if !done.is_ok_and(|done| done.is_truthy().unwrap_or(false)) {
                error.write_unraisable(py, Some(future));
            }
        }
    }

    /// In a forked child: fails all pending calls with `Forked`. The sockets are shared with the
    /// parent, so the child must neither read from them nor change the loop's selector: that
    /// would take away the parent's wake-ups.
    fn fail_forked(&self, py: Python<'_>) {
        let ids: Vec<usize> = self.pending().iter().map(|(id, _)| id).collect();
        for id in ids {
            self.resolve(py, Completion { id, answer: Err(forked()) });
        }
    }
}

#[pymethods]
impl LoopWaker {
    /// The loop calls this when the socket is readable.
    fn drain(&self, py: Python<'_>) {
        if self.queue.is_orphaned() {
            return self.fail_forked(py);
        }
        // Read before the queue is drained, so that a later push wakes the loop again. Bytes that
        // do not fit the buffer cost one more turn of the loop.
        let _ = (&self.socket.read_end).read(&mut [0; 64]);
        for completion in self.queue.drain(MAX_PER_TURN) {
            self.resolve(py, completion);
        }
        log::drain(py);
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // `try_lock`, because the collector may run on a thread that holds the lock.
        let Ok(pending) = self.pending.try_lock() else { return Ok(()) };
        for (_, (future, caller)) in pending.iter() {
            visit.call(future)?;
            if let Caller::Manager(manager, view) = caller {
                visit.call(manager)?;
                view.iter().try_for_each(|view| visit.call(view))?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        // Dropped outside the lock: a finalizer may run Python code that comes back here.
        let pending = std::mem::take(&mut *self.pending());
        drop(pending);
    }
}

fn upgrade<'py>(reference: &Bound<'py, PyAny>) -> Option<Bound<'py, LoopWaker>> {
    reference.cast::<PyWeakrefReference>().ok()?.upgrade()?.cast_into().ok()
}

/// Called in a forked child: schedules `drain` on each loop, which then fails the pending calls.
/// Scheduled and not done here, because only a loop that keeps running in the child may resume
/// tasks.
#[pyfunction]
pub(crate) fn after_fork(py: Python<'_>) -> PyResult<()> {
    let Some(wakers) = WAKERS.get(py) else { return Ok(()) };
    for (_, reference) in wakers.bind(py).copy()? {
        let Some(waker) = upgrade(&reference) else { continue };
        if let Some(event_loop) = waker.get().event_loop.bind(py).upgrade() {
            // A closed loop refuses, and in debug mode also the loop of another thread. Neither
            // will run in the child.
            drop(event_loop.call_method1("call_soon", (waker.getattr("drain")?,)));
        }
    }
    Ok(())
}
