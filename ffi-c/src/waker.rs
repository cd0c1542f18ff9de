//! Wakes the thread that polls a queue or a log: inside a poll that waits, and through a file
//! descriptor if the program has asked for one.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use sessio::{Error, ErrorKind, Result};

#[derive(Default)]
pub(crate) struct Waker {
    /// Whether `wake` was called since the last `clear`.
    is_set: Mutex<bool>,
    condvar: Condvar,
    /// A program that only waits in poll does not pay for the descriptors.
    descriptors: OnceLock<WakeDescriptors>,
}

/// A socket pair, as in the self-pipe trick: what is written to one end makes the other readable.
struct WakeDescriptors {
    write_end: UnixStream,
    read_end: UnixStream,
}

impl Waker {
    pub(crate) fn wake(&self) {
        *self.is_set() = true;
        self.condvar.notify_one();
        // After `is_set`, so that `fd` either sees these descriptors used or sees the flag.
        if let Some(descriptors) = self.descriptors.get() {
            descriptors.write();
        }
    }

    /// Must be called before it is looked whether there is something to take: a later `wake` is
    /// then seen later.
    pub(crate) fn clear(&self) {
        *self.is_set() = false;
        if let Some(descriptors) = self.descriptors.get() {
            descriptors.drain();
        }
    }

    /// Waits for `wake`; for `timeout` at most, or without a limit.
    pub(crate) fn wait(&self, timeout: Option<Duration>) {
        let is_set = self.is_set();
        match timeout {
            Some(timeout) => {
                drop(self.condvar.wait_timeout_while(is_set, timeout, |is_set| !*is_set));
            }
            None => drop(self.condvar.wait_while(is_set, |is_set| !*is_set)),
        }
    }

    /// A descriptor that is readable from a `wake` until the next `clear`.
    pub(crate) fn fd(&self) -> Result<i32> {
        if self.descriptors.get().is_none() {
            let made = WakeDescriptors::new().map_err(|error| {
                let message = format!("no file descriptor could be made: {error}");
                Error::new(ErrorKind::Unavailable, message)
            })?;
            // Of two threads that ask first at the same time one loses, and its pair is dropped.
            if self.descriptors.set(made).is_ok() && *self.is_set() {
                self.descriptors.get().into_iter().for_each(WakeDescriptors::write);
            }
        }
        self.descriptors
            .get()
            .map(|descriptors| descriptors.read_end.as_raw_fd())
            .ok_or_else(|| Error::new(ErrorKind::Internal, "a descriptor was made and lost"))
    }

    fn is_set(&self) -> MutexGuard<'_, bool> {
        self.is_set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WakeDescriptors {
    fn new() -> std::io::Result<Self> {
        let (write_end, read_end) = UnixStream::pair()?;
        write_end.set_nonblocking(true)?;
        read_end.set_nonblocking(true)?;
        Ok(WakeDescriptors { write_end, read_end })
    }

    fn write(&self) {
        // It fails only when the socket is full, and then the other end is readable already.
        let _ = (&self.write_end).write(&[1]);
    }

    fn drain(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.read_end).read(&mut bytes), Ok(got) if got == bytes.len()) {}
    }
}
