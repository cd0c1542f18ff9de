//! Where an event loop's answers arrive.
//!
//! A hub belongs to one event loop in one process. Runtime threads push answers to its queue and,
//! once for many, make its socket readable; the loop then drains them all in one call, on its own
//! thread. They never attach to the interpreter.
//!
//! What keeps a hub alive is the loop's registration of its reader, and nothing else: closing the
//! loop frees it. Hubs are found by the address of their loop, which is checked against a weak
//! reference, because addresses are used again.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyWeakrefMethods, PyWeakrefReference};
use sessio::completion::Completions;
use sessio::operation::{Answer, Reply, SessionAnswer};

use crate::answer::{Form, to_python};
use crate::error::{forked, guard, lost, raise};
use crate::log;
use crate::session::{self, SessionManager, View};

/// So that a burst cannot keep the loop from its other work.
const AT_ONCE: usize = 256;

/// Weak references to the hubs of all loops, by the address of the loop.
static HUBS: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

#[pyclass(frozen, weakref, module = "sessio._native")]
pub(crate) struct Hub {
    event_loop: Py<PyWeakrefReference>,
    finished: Arc<Completions<(usize, sessio::Result<Arrived>)>>,
    /// Shared with `finished`, so that no write ever meets a closed socket.
    bell: Arc<Bell>,
    /// Only touched while attached, so no other thread holds it at a fork.
    waiting: Mutex<Slots>,
}

/// A pair of sockets: what is written on one makes the other readable.
struct Bell {
    hammer: UnixStream,
    ear: UnixStream,
}

/// What runtime threads bring.
enum Arrived {
    Verb(Answer),
    Session(SessionAnswer),
}

/// Who asked, and thereby what becomes of the answer.
pub(crate) enum Asker {
    Store(Form),
    /// And what it was about.
    Manager(Py<SessionManager>, Option<Py<View>>),
}

impl Asker {
    fn to_python<'py>(&self, py: Python<'py>, arrived: Arrived) -> PyResult<Bound<'py, PyAny>> {
        match (self, arrived) {
            (Asker::Store(form), Arrived::Verb(answer)) => to_python(py, answer, *form),
            (Asker::Manager(manager, _), Arrived::Session(answer)) => {
                session::to_python(manager.bind(py), answer)
            }
            (Asker::Store(_), Arrived::Session(_)) | (Asker::Manager(..), Arrived::Verb(_)) => {
                Err(raise(py, &lost()))
            }
        }
    }
}

/// Futures by the number that travels with their operation.
#[derive(Default)]
struct Slots {
    futures: Vec<Option<(Py<PyAny>, Asker)>>,
    free: Vec<usize>,
}

impl Slots {
    fn put(&mut self, future: Py<PyAny>, asker: Asker) -> usize {
        match self.free.pop() {
            Some(slot) => {
                self.futures[slot] = Some((future, asker));
                slot
            }
            None => {
                self.futures.push(Some((future, asker)));
                self.futures.len() - 1
            }
        }
    }

    fn take(&mut self, slot: usize) -> Option<(Py<PyAny>, Asker)> {
        let taken = self.futures.get_mut(slot)?.take()?;
        self.free.push(slot);
        Some(taken)
    }
}

/// The future of one operation and where its answer is to be sent.
pub(crate) struct Ticket<'py> {
    pub(crate) future: Bound<'py, PyAny>,
    hub: Bound<'py, Hub>,
}

/// The loop that runs here.
pub(crate) fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    RUNNING.import(py, "asyncio", "get_running_loop")?.call0()
}

impl<'py> Ticket<'py> {
    /// A future of this loop.
    pub(crate) fn new(event_loop: &Bound<'py, PyAny>) -> PyResult<Self> {
        let hub = Hub::of(event_loop)?;
        let future = event_loop.call_method0(intern!(event_loop.py(), "create_future"))?;
        Ok(Ticket { future, hub })
    }

    /// To be called when the operation is known to be under way.
    pub(crate) fn deliver(
        &self,
        form: Form,
    ) -> impl FnOnce(sessio::Result<Answer>) + Send + 'static {
        let deliver = self.deliver_to(Asker::Store(form));
        move |answer| deliver(answer.map(Arrived::Verb))
    }

    fn deliver_to(&self, asker: Asker) -> impl FnOnce(sessio::Result<Arrived>) + Send + 'static {
        let hub = self.hub.get();
        let slot = hub.slots().put(self.future.clone().unbind(), asker);
        let finished = Arc::clone(&hub.finished);
        move |answer| finished.push((slot, answer))
    }

    pub(crate) fn reply(&self, form: Form) -> Reply {
        Reply::new(self.deliver(form))
    }

    pub(crate) fn session_reply(
        &self,
        manager: Py<SessionManager>,
        about: Option<Py<View>>,
    ) -> Reply<SessionAnswer> {
        let deliver = self.deliver_to(Asker::Manager(manager, about));
        Reply::new(move |answer| deliver(answer.map(Arrived::Session)))
    }
}

impl Hub {
    fn of<'py>(event_loop: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Hub>> {
        let py = event_loop.py();
        let hubs = HUBS.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
        let address = event_loop.as_ptr() as usize;
        if let Some(hub) = hubs.get_item(address)?.as_ref().and_then(alive) {
            let there = hub.get();
            if there.finished.is_orphaned() {
                there.forked(py);
            } else if there.event_loop.bind(py).upgrade().is_some_and(|of| of.is(event_loop)) {
                return Ok(hub);
            }
        }
        let hub = Hub::open(event_loop)?;
        for (other, reference) in hubs.copy()? {
            if alive(&reference).is_none() {
                hubs.del_item(other)?;
            }
        }
        hubs.set_item(address, PyWeakrefReference::new(&hub)?)?;
        Ok(hub)
    }

    fn open<'py>(event_loop: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Hub>> {
        let py = event_loop.py();
        let (hammer, ear) = UnixStream::pair()?;
        hammer.set_nonblocking(true)?;
        ear.set_nonblocking(true)?;
        let bell = Arc::new(Bell { hammer, ear });
        let ring = {
            let bell = Arc::clone(&bell);
            // A full socket is readable already, which is all that is wanted.
            move || drop((&bell.hammer).write(&[1]))
        };
        let descriptor = bell.ear.as_raw_fd();
        let hub = Hub {
            event_loop: PyWeakrefReference::new(event_loop)?.unbind(),
            finished: Arc::new(Completions::new(ring)),
            bell,
            waiting: Mutex::default(),
        };
        let hub = Bound::new(py, hub)?;
        event_loop.call_method1("add_reader", (descriptor, hub.getattr("drain")?))?;
        Ok(hub)
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, py: Python<'_>, slot: usize, answer: sessio::Result<Arrived>) {
        let taken = self.slots().take(slot);
        let Some((future, asker)) = taken else { return };
        let future = future.bind(py);
        let value = guard(py, || match answer {
            Ok(arrived) => asker.to_python(py, arrived),
            Err(error) => Err(raise(py, &error)),
        });
        if let Asker::Manager(manager, about) = &asker {
            session::arrived(manager.bind(py), about.as_ref().map(|view| view.bind(py)));
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

    /// In the child: tells whoever still waits here. The sockets are shared with the parent, so
    /// reading from them, or telling the loop's selector about them, would take away its answers.
    fn forked(&self, py: Python<'_>) {
        let slots = self.slots().futures.len();
        for slot in 0..slots {
            self.settle(py, slot, Err(forked()));
        }
    }
}

#[pymethods]
impl Hub {
    /// Called by the loop when its socket is readable.
    fn drain(&self, py: Python<'_>) {
        if self.finished.is_orphaned() {
            return self.forked(py);
        }
        // Before the queue is emptied: what is pushed from here on rings again. However often it
        // rang, there is one byte or a few; what is left rings the loop once more for nothing.
        let _ = (&self.bell.ear).read(&mut [0; 64]);
        for (slot, answer) in self.finished.drain(AT_ONCE) {
            self.settle(py, slot, answer);
        }
        log::drain(py);
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Taken only for moments, by attached threads, and the collector runs on one of those.
        let Ok(slots) = self.waiting.try_lock() else { return Ok(()) };
        for (future, asker) in slots.futures.iter().flatten() {
            visit.call(future)?;
            if let Asker::Manager(manager, about) = asker {
                visit.call(manager)?;
                about.iter().try_for_each(|view| visit.call(view))?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let futures = std::mem::take(&mut self.slots().futures);
        drop(futures);
    }
}

/// The hub behind a weak reference.
fn alive<'py>(reference: &Bound<'py, PyAny>) -> Option<Bound<'py, Hub>> {
    reference.cast::<PyWeakrefReference>().ok()?.upgrade()?.cast_into().ok()
}

/// Called in a forked child: a loop that goes on there learns that what it waits for is not
/// coming. Scheduled, not done: where the loop does not go on, nobody is to hear of it.
#[pyfunction]
pub(crate) fn after_fork(py: Python<'_>) -> PyResult<()> {
    let Some(hubs) = HUBS.get(py) else { return Ok(()) };
    for (_, reference) in hubs.bind(py).copy()? {
        let Some(hub) = alive(&reference) else { continue };
        if let Some(event_loop) = hub.get().event_loop.bind(py).upgrade() {
            // A closed loop, or one of another thread in debug mode, refuses: it will not go on.
            drop(event_loop.call_method1("call_soon", (hub.getattr("drain")?,)));
        }
    }
    Ok(())
}
