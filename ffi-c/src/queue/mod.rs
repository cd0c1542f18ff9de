//! Completion queues: made, polled, woken and freed.

mod pending;
mod process_queue;

pub mod session;

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use sessio::Result;
use sessio::fork::PerProcess;
use sessio::operation::{Request, SessionRequest};

use crate::completion::sessio_completion;
use crate::error::sessio_error;
use crate::guard::{arg, free, guard, guard_or, into_raw, invalid};
use crate::status::SESSIO_DONE;
use crate::store::sessio_store;

use process_queue::ProcessQueue;

/// A completion queue, for event loops and language bindings: submit calls with a tag, wait until
/// the descriptor is readable, poll. One queue serves any number of stores and managers.
///
/// The tag is any pointer, which is not dereferenced, or an integer:
/// `(void *)(uintptr_t)number`, and `(uintptr_t)completion.tag` again.
///
/// Every submission that returned SESSIO_DONE produces exactly one completion, errors included.
/// Calls that are pending at the same time share statements, so submit several before you wait.
///
/// A sessio_queue_… function that submits a call takes the arguments of the function that it is
/// named after, fails with SESSIO_INVALID_ARGUMENT for arguments that cannot be read and with
/// SESSIO_OVERLOADED, and has then submitted nothing. All other errors of the call come with its
/// completion. Everything it is given is copied, so sessions, managers and stores may be freed
/// while the call is pending.
pub struct sessio_queue {
    shared: Arc<SharedQueue>,
    /// Of the calls that are submitted with this handle, if it is not that of their store.
    timeout: Option<Duration>,
}

/// What all handles of a queue share.
struct SharedQueue {
    here: PerProcess<Arc<ProcessQueue>>,
    /// That of this process, or of the nearest ancestor that had one: it is never freed in a
    /// child, which reads there what was pending.
    latest: AtomicPtr<ProcessQueue>,
}

impl sessio_queue {
    fn new() -> Self {
        let shared =
            SharedQueue { here: PerProcess::new(), latest: AtomicPtr::new(ptr::null_mut()) };
        shared.here();
        sessio_queue { shared: Arc::new(shared), timeout: None }
    }

    fn here(&self) -> &Arc<ProcessQueue> {
        self.shared.here()
    }

    /// Starts a call of a session or a manager whose answer comes out of the queue.
    fn submit_session(&self, request: SessionRequest, tag: *mut c_void) -> Result<i32> {
        self.here().submit_session(request, tag, self.timeout)
    }
}

impl SharedQueue {
    /// The queue of this process.
    fn here(&self) -> &Arc<ProcessQueue> {
        self.here.get().unwrap_or_else(|| self.first_use())
    }

    #[cold]
    fn first_use(&self) -> &Arc<ProcessQueue> {
        // SAFETY: NULL, or a queue that an Arc in `self.here` owns: that of a parent, which is
        // leaked in this process.
        let parent = unsafe { self.latest.load(Ordering::Acquire).as_ref() };
        let make = || Arc::new(parent.map_or_else(ProcessQueue::new, ProcessQueue::after_fork));
        let here = self.here.get_or_init(make);
        self.latest.store(Arc::as_ptr(here).cast_mut(), Ordering::Release);
        here
    }
}

/// Starts a verb of a store whose answer comes out of the queue.
///
/// # Safety
/// The pointers are NULL or point to a live queue and a live store.
pub(crate) unsafe fn submit(
    queue: *const sessio_queue,
    store: *const sessio_store,
    request: Request<'_>,
    tag: *mut c_void,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    let (queue, store) = unsafe { (arg!(borrow(queue))?, arg!(borrow(store))?) };
    queue.here().submit(store.store.asynchronous(), request, tag, queue.timeout)
}

/// Makes a queue.
///
/// Fork: the queue works in a child. Calls that were pending, or finished and not yet polled, at
/// the fork complete there with SESSIO_FORKED, and in the parent as usual.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_new(
    queue: *mut *mut sessio_queue,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(queue, ptr::null_mut()))?;
            *slot = into_raw(sessio_queue::new());
            Ok(SESSIO_DONE)
        })
    }
}

/// Another handle of the same queue, for calls with their own timeout: a call that is submitted
/// with it completes with SESSIO_TIMEOUT after `timeout_ms` milliseconds, if that is sooner than
/// the `timeout` of its store allows. A write that timed out may or may not have happened.
///
/// Everything else is the same as with the first handle: both poll the same completions. A program
/// makes one for each timeout that it uses, or one for a call. Free each handle.
///
/// Fails with SESSIO_INVALID_ARGUMENT if `timeout_ms` is not positive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_with_timeout(
    queue: *mut sessio_queue,
    timeout_ms: i64,
    with_timeout: *mut *mut sessio_queue,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(with_timeout, ptr::null_mut()))?;
            let shared = Arc::clone(&arg!(borrow(queue))?.shared);
            let timeout = u64::try_from(timeout_ms).ok().filter(|timeout| *timeout > 0);
            let timeout = timeout.ok_or_else(|| invalid("timeout_ms: must be positive"))?;
            let timeout = Some(Duration::from_millis(timeout));
            *slot = into_raw(sessio_queue { shared, timeout });
            Ok(SESSIO_DONE)
        })
    }
}

/// A file descriptor that is readable while there are completions to poll, for `poll`, `epoll`,
/// `select` and any event loop. It may be readable without any, after a sessio_queue_poll() that
/// was faster. Do not read from it or close it; it belongs to the queue. A forked child must ask
/// again: the descriptor that it inherits is the parent's.
///
/// Returns a negative status if it fails, SESSIO_UNAVAILABLE if the system has no descriptors left.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_fd(
    queue: *mut sessio_queue,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || arg!(borrow(queue))?.here().fd()) }
}

/// Takes up to `capacity` completions out of a queue, oldest first, and returns how many, or a
/// negative status. Without any it waits for the first one for `timeout_ms` milliseconds: 0 does
/// not wait, a negative number waits without limit. sessio_queue_wake() ends the wait.
///
/// Sets as many completions as it returns and leaves the others alone. Their objects belong to the
/// caller: see sessio_completion_clear(). Fails with SESSIO_INVALID_ARGUMENT for a capacity of 0,
/// and while another thread polls the same queue; nothing is taken then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_poll(
    queue: *mut sessio_queue,
    completions: *mut sessio_completion,
    capacity: usize,
    timeout_ms: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            if capacity == 0 {
                return Err(invalid("capacity: must be at least 1"));
            }
            let capacity = capacity.min(MAX_COMPLETIONS);
            let completions = arg!(uninit_slice(completions, capacity))?;
            let timeout = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
            let taken = arg!(borrow(queue))?.here().poll(completions, timeout)?;
            Ok(i32::try_from(taken).unwrap_or(i32::MAX))
        })
    }
}

/// Wakes the thread that polls a queue: a sessio_queue_poll() that waits returns now, with 0 if
/// there are no completions; if none waits, the next one does not wait. The descriptor becomes
/// readable too. For programs that stop the polling thread, or give it other work.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_wake(
    queue: *mut sessio_queue,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            arg!(borrow(queue))?.here().wake();
            Ok(SESSIO_DONE)
        })
    }
}

/// More would only keep an event loop from its other work.
const MAX_COMPLETIONS: usize = 4096;

/// Frees a handle of a queue; the last one frees the queue and its descriptor. Calls that are
/// pending then are carried out, and their answers dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_free(queue: *mut sessio_queue) {
    guard_or((), || {
        // SAFETY: NULL or a queue that the program owns and gives up, as the header demands.
        unsafe { free(queue) }
    });
}
