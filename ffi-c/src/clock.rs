//! A clock that a test moves.

use std::time::Duration;

use sessio::{ManualClock, Timestamp};

use crate::error::sessio_error;
use crate::guard::{borrow, borrow_if, free, guard, guard_or, handle, invalid};
use crate::status::SESSIO_DONE;

/// A clock for tests: it stands still until it is moved, so that expiry is tested without sleeping.
///
/// It decides what is expired and when sessions end. Deadlines of calls always go by real time.
pub struct sessio_clock(pub(crate) ManualClock);

/// A clock that shows `start_us`, microseconds since 1970-01-01T00:00:00 UTC. Give it to a store
/// with the `clock` of ::sessio_options. NULL only when something is very wrong.
///
/// Ownership: the caller owns it: sessio_clock_free(). Stores that were opened with it keep what
/// they need of it. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_clock_new(start_us: i64) -> *mut sessio_clock {
    guard_or(std::ptr::null_mut(), || {
        handle(sessio_clock(ManualClock::new(Timestamp::from_micros(start_us))))
    })
}

/// Moves a clock forward by `by_us` microseconds, for all stores that were opened with it.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a NULL clock and for a negative time: clocks of tests
/// do not go backwards.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_clock_advance(
    clock: *mut sessio_clock,
    by_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let clock = borrow(clock)?;
            let by = u64::try_from(by_us).map_err(|_| invalid("a clock cannot go backwards"))?;
            clock.0.advance(Duration::from_micros(by));
            Ok(SESSIO_DONE)
        })
    }
}

/// What a clock shows, in microseconds since 1970-01-01T00:00:00 UTC; 0 for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_clock_now_us(clock: *const sessio_clock) -> i64 {
    guard_or(0, || {
        // SAFETY: NULL or a live clock, as the header demands.
        unsafe { borrow_if(clock) }.map_or(0, |this| this.0.now().as_micros())
    })
}

/// Frees a clock. NULL is fine. Stores that were opened with it go on at the time that it shows.
///
/// Ownership: takes the clock. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_clock_free(clock: *mut sessio_clock) {
    guard_or((), || {
        // SAFETY: NULL or a clock that the program owns and gives up, as the header demands.
        unsafe { free(clock) }
    });
}
