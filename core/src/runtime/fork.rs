//! What survives a fork, and what must not.
//!
//! After `fork` the child has one thread and copies of the parent's memory and sockets. The
//! runtime's threads are gone, locks may be held by threads that do not exist, and closing a
//! connection would send COM_QUIT on the parent's socket. So everything that is tied to a process
//! lives in a [`PerProcess`]: the child makes its own at first use, and the parent's is leaked.
//!
//! The check is one atomic load: `pthread_atfork` bumps a generation in the child. Asking for the
//! process id instead would cost a system call on every operation.
//!
//! What is one for all processes cannot be made anew: the driver's pool of buffers is a global
//! queue without locks, and a child that finds it in the middle of a change waits for ever. So a
//! fork first waits until none of our tasks is being polled (`whole`); a poll takes microseconds.

// The one place in the core that is allowed to be unsafe.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

static GENERATION: AtomicU32 = AtomicU32::new(1);
static HOOK: Once = Once::new();

/// How many threads are polling a task of ours, and how many are about to fork.
static POLLING: AtomicU32 = AtomicU32::new(0);
static FORKING: AtomicU32 = AtomicU32::new(0);

/// A task that is stuck, in a log callback say, must not hang the thread that forks.
const PATIENCE: Duration = Duration::from_secs(1);
const GLANCE: Duration = Duration::from_micros(20);

thread_local! {
    /// How deep this thread is in polls: a log callback may fork, and must not wait for itself.
    static MINE: Cell<u32> = const { Cell::new(0) };
}

/// Runs before the fork, on the thread that forks.
extern "C" fn before() {
    // Both sides write theirs before they read the other's, all in one order, so one of them sees
    // the other.
    FORKING.fetch_add(1, Ordering::SeqCst);
    let mine = MINE.get();
    if POLLING.load(Ordering::SeqCst) > mine {
        let start = Instant::now();
        while POLLING.load(Ordering::SeqCst) > mine && start.elapsed() < PATIENCE {
            sleep(GLANCE);
        }
    }
}

extern "C" fn in_parent() {
    FORKING.fetch_sub(1, Ordering::SeqCst);
}

/// Runs in the child, where only async-signal-safe work is allowed.
extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    FORKING.store(0, Ordering::SeqCst);
    POLLING.store(MINE.get(), Ordering::SeqCst);
}

/// While it lives this process does not fork.
struct ForkGuarded(u32);

impl ForkGuarded {
    fn enter() -> Self {
        POLLING.fetch_add(1, Ordering::SeqCst);
        while FORKING.load(Ordering::SeqCst) > 0 && MINE.get() == 0 {
            POLLING.fetch_sub(1, Ordering::SeqCst);
            sleep(GLANCE);
            POLLING.fetch_add(1, Ordering::SeqCst);
        }
        ForkGuarded(MINE.replace(MINE.get() + 1))
    }
}

impl Drop for ForkGuarded {
    fn drop(&mut self) {
        MINE.set(self.0);
        POLLING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The same task; the process forks only between its polls.
pub(crate) fn fork_guarded<F: Future>(task: F) -> impl Future<Output = F::Output> {
    let mut task = Box::pin(task);
    poll_fn(move |context| {
        let _undivided = ForkGuarded::enter();
        task.as_mut().poll(context)
    })
}

/// A number that differs between a process and its forked children.
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Makes [`generation`] notice forks from here on. Called by every [`PerProcess::new`].
pub fn watch() {
    HOOK.call_once(|| {
        // SAFETY: the handlers are `extern "C"` functions without arguments, and the child's only
        // writes atomics, which is allowed between fork and exec.
        let failed = unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
        // It fails only without memory for the list entry; then forks go unnoticed, as they
        // would in any library.
        debug_assert_eq!(failed, 0);
    });
}

/// A value that every process makes for itself, at first use.
pub struct PerProcess<T> {
    slot: AtomicPtr<ProcessSlot<T>>,
    owns: PhantomData<ProcessSlot<T>>,
}

struct ProcessSlot<T> {
    generation: u32,
    value: T,
}

impl<T> PerProcess<T> {
    /// Nothing made yet. For statics; [`new`](Self::new) also arms the fork hook.
    pub const fn unwatched() -> Self {
        PerProcess { slot: AtomicPtr::new(ptr::null_mut()), owns: PhantomData }
    }

    /// Nothing made yet.
    pub fn new() -> Self {
        watch();
        PerProcess::unwatched()
    }

    /// This process's value, if it was made.
    pub fn get(&self) -> Option<&T> {
        let slot = self.slot.load(Ordering::Acquire);
        // SAFETY: a pointer in the slot came from `Box::into_raw` and is freed only in `drop`,
        // which needs the last reference to `self`; a replaced one is leaked.
        let slot = unsafe { slot.as_ref() }?;
        (slot.generation == generation()).then_some(&slot.value)
    }

    /// This process's value, made now if need be. Of two threads that make one at the same time,
    /// one loses, and its value is dropped.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        match self.get() {
            Some(value) => value,
            None => self.init(make()),
        }
    }

    #[cold]
    fn init(&self, value: T) -> &T {
        let fresh = Box::into_raw(Box::new(ProcessSlot { generation: generation(), value }));
        loop {
            let current = self.slot.load(Ordering::Acquire);
            if let Some(winner) = self.get() {
                // SAFETY: `fresh` was made above and never published.
                drop(unsafe { Box::from_raw(fresh) });
                return winner;
            }
            // A stale slot belongs to the parent: it is left as it is, for ever.
            let published =
                self.slot.compare_exchange(current, fresh, Ordering::AcqRel, Ordering::Acquire);
            if published.is_ok() {
                // SAFETY: published just now; see `get`.
                return unsafe { &(*fresh).value };
            }
        }
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        PerProcess::new()
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if self.get().is_some() {
            // SAFETY: `&mut self` means that no reference from `get` is left, and the slot is of
            // this process, so its value may run its destructor here.
            drop(unsafe { Box::from_raw(*self.slot.get_mut()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_fork_comes_in_the_middle_of_a_poll() {
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;
        watch();
        let (enough, half) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let threads = [(); 2].map(|()| {
            let (enough, half) = (Arc::clone(&enough), Arc::clone(&half));
            std::thread::spawn(move || {
                while !enough.load(Ordering::Relaxed) {
                    let undivided = ForkGuarded::enter();
                    half.store(true, Ordering::Relaxed);
                    std::thread::yield_now();
                    half.store(false, Ordering::Relaxed);
                    drop(undivided);
                }
            })
        });
        for _ in 0..50 {
            // SAFETY: the child only reads atomics and leaves without running destructors.
            match unsafe { libc::fork() } {
                0 => {
                    let split = half.load(Ordering::Relaxed) || POLLING.load(Ordering::Relaxed) > 0;
                    // SAFETY: ends the child at once.
                    unsafe { libc::_exit(i32::from(split)) }
                }
                child => {
                    let mut status = -1;
                    // SAFETY: waits for the child made above, into a local.
                    unsafe { libc::waitpid(child, &raw mut status, 0) };
                    assert_eq!(status, 0);
                }
            }
        }
        enough.store(true, Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }

    #[test]
    fn a_child_makes_its_own_value() {
        let numbers = AtomicU32::new(0);
        let cell = PerProcess::new();
        let make = || numbers.fetch_add(1, Ordering::Relaxed);
        assert_eq!((*cell.get_or_init(make), *cell.get_or_init(make)), (0, 0));
        // SAFETY: the child only reads atomics and leaves without running destructors.
        match unsafe { libc::fork() } {
            0 => {
                let sound = cell.get().is_none() && *cell.get_or_init(make) == 1;
                // SAFETY: ends the child at once.
                unsafe { libc::_exit(i32::from(!sound)) }
            }
            child => {
                let mut status = -1;
                // SAFETY: waits for the child made above, into a local.
                unsafe { libc::waitpid(child, &raw mut status, 0) };
                assert_eq!((status, *cell.get_or_init(make)), (0, 0));
            }
        }
    }
}
