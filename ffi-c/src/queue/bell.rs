//! Waking the one who polls: by a descriptor, if the program asked for it, and in poll itself.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use sessio::{Error, ErrorKind, Result};

#[derive(Default)]
pub(super) struct Bell {
    /// Whether it rang since it was last silenced.
    rang: Mutex<bool>,
    heard: Condvar,
    /// A program that only waits in poll does not pay for these.
    wire: OnceLock<Wire>,
}

struct Wire {
    in_end: UnixStream,
    out_end: UnixStream,
}

impl Bell {
    pub(super) fn ring(&self) {
        *self.rang() = true;
        self.heard.notify_one();
        // After `rang` is set, so that `fd` sees either this wire being used or that it rang.
        if let Some(wire) = self.wire.get() {
            wire.send();
        }
    }

    /// Must come before what rang is looked at: who rings later is heard later.
    pub(super) fn silence(&self) {
        *self.rang() = false;
        if let Some(wire) = self.wire.get() {
            wire.empty();
        }
    }

    /// Until it rings; at most so long, or for ever.
    pub(super) fn wait(&self, patience: Option<Duration>) {
        let rang = self.rang();
        match patience {
            Some(patience) => {
                drop(self.heard.wait_timeout_while(rang, patience, |rang| !*rang));
            }
            None => drop(self.heard.wait_while(rang, |rang| !*rang)),
        }
    }

    /// What is readable while it has rung and was not silenced.
    pub(super) fn fd(&self) -> Result<i32> {
        if self.wire.get().is_none() {
            let wire = Wire::new().map_err(|error| {
                let message = format!("the system gave no descriptors: {error}");
                Error::new(ErrorKind::Unavailable, message)
            })?;
            // Of two threads that ask first at the same time one loses, and its wire is dropped.
            if self.wire.set(wire).is_ok() && *self.rang() {
                self.wire.get().into_iter().for_each(Wire::send);
            }
        }
        self.wire
            .get()
            .map(|wire| wire.out_end.as_raw_fd())
            .ok_or_else(|| Error::new(ErrorKind::Internal, "a descriptor was made and lost"))
    }

    fn rang(&self) -> MutexGuard<'_, bool> {
        self.rang.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire {
    fn new() -> std::io::Result<Self> {
        let (in_end, out_end) = UnixStream::pair()?;
        in_end.set_nonblocking(true)?;
        out_end.set_nonblocking(true)?;
        Ok(Wire { in_end, out_end })
    }

    fn send(&self) {
        // It fails only when the wire is full, and then the other end is readable as it should be.
        let _ = (&self.in_end).write(&[1]);
    }

    fn empty(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.out_end).read(&mut bytes), Ok(got) if got == bytes.len()) {}
    }
}
