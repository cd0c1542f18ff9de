//! The completion queue: submit, be woken by a descriptor, poll many.

mod bell;
mod mailbox;
mod slots;

// In the order of the header.
pub mod token;

pub mod key;

pub mod many;

pub mod session;

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use sessio::Result;
use sessio::fork::PerProcess;
use sessio::operation::Request;

use crate::completion::sessio_completion;
use crate::error::sessio_error;
use crate::guard::{borrow, free, guard, guard_or, handle, invalid, out, room};
use crate::status::SESSIO_DONE;
use crate::store::sessio_store;

use mailbox::Mailbox;

/// Operations on their way, for programs with an event loop: submit with a tag, wait for the
/// descriptor to be readable, poll. One queue serves any number of stores.
///
/// Every submission that returned SESSIO_DONE gives exactly one completion, errors included.
/// Operations in flight at the same time share statements, so submit before you wait.
pub struct sessio_queue {
    mailbox: PerProcess<Arc<Mailbox>>,
    /// The mailbox of this process, or of the nearest ancestor that had one: it is never freed in
    /// a child, and read there for what was in flight.
    latest: AtomicPtr<Mailbox>,
}

impl sessio_queue {
    fn new() -> Self {
        let queue =
            sessio_queue { mailbox: PerProcess::new(), latest: AtomicPtr::new(ptr::null_mut()) };
        queue.mailbox();
        queue
    }

    fn mailbox(&self) -> &Arc<Mailbox> {
        self.mailbox.get().unwrap_or_else(|| self.first_use())
    }

    #[cold]
    fn first_use(&self) -> &Arc<Mailbox> {
        // SAFETY: NULL, or a mailbox whose Arc is in a slot of `self.mailbox`: that of a parent,
        // which is leaked here.
        let parents = unsafe { self.latest.load(Ordering::Acquire).as_ref() };
        let make = || Arc::new(parents.map_or_else(Mailbox::new, Mailbox::after_fork));
        let mailbox = self.mailbox.get_or_init(make);
        self.latest.store(Arc::as_ptr(mailbox).cast_mut(), Ordering::Release);
        mailbox
    }
}

/// Starts a verb whose answer comes out of the queue.
///
/// # Safety
/// The pointers are NULL or point to a live queue and a live store.
unsafe fn submit(
    queue: *const sessio_queue,
    store: *const sessio_store,
    request: Request<'_>,
    tag: *mut c_void,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    let (queue, store) = unsafe { (borrow(queue)?, borrow(store)?) };
    queue.mailbox().submit(store.store.asynchronous(), request, tag)
}

/// Makes a queue.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Ownership: sets `*queue` to a queue that the caller owns: sessio_queue_free(). Threads: any.
/// Fork: the queue works on in a child; what was in flight, or finished and not yet polled, when
/// the process forked comes out of it there as SESSIO_FORKED, and in the parent as ever.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_new(
    queue: *mut *mut sessio_queue,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(queue, ptr::null_mut())?;
            *slot = handle(sessio_queue::new());
            Ok(SESSIO_DONE)
        })
    }
}

/// A file descriptor that is readable while something has finished and was not polled, for `poll`,
/// `epoll`, `select` and every event loop. It may be readable with nothing finished, when
/// sessio_queue_poll() was faster. Neither read from it nor close it.
///
/// Gives a negative status when it fails: SESSIO_INVALID_ARGUMENT for NULL, SESSIO_UNAVAILABLE when
/// the system has no descriptors left.
///
/// Ownership: belongs to the queue and lives as long. Threads: any. Fork: a child must ask again;
/// the descriptor it has inherited is the parent's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_fd(
    queue: *const sessio_queue,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || borrow(queue)?.mailbox().fd()) }
}

/// Takes up to `capacity` finished operations out of a queue, oldest first, and returns how many;
/// or a negative status. Where nothing has finished it waits for the first, at most `timeout_ms`
/// milliseconds: 0 does not wait, a negative number waits for ever.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, for a capacity of 0, and while another thread polls
/// the same queue; nothing is taken then.
///
/// Ownership: sets as many completions as it returns and leaves the others alone; what they point
/// to is the program's: sessio_completion_clear(). Threads: one at a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_poll(
    queue: *const sessio_queue,
    completions: *mut sessio_completion,
    capacity: usize,
    timeout_ms: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            if capacity == 0 {
                return Err(invalid("a poll needs room for at least one completion"));
            }
            let capacity = capacity.min(MOST_AT_ONCE);
            let completions = room(completions, capacity)?;
            let patience = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
            let taken = borrow(queue)?.mailbox().poll(completions, patience)?;
            Ok(i32::try_from(taken).unwrap_or(i32::MAX))
        })
    }
}

/// More would only keep an event loop from its other work.
const MOST_AT_ONCE: usize = 4096;

/// Frees a queue. NULL is fine. What is in flight is done all the same, and its answers are
/// dropped.
///
/// Ownership: takes the queue and its descriptor. Threads: no other may be using it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_queue_free(queue: *mut sessio_queue) {
    guard_or((), || {
        // SAFETY: NULL or a queue that the program owns and gives up, as the header demands.
        unsafe { free(queue) }
    });
}
