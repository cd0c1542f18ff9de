//! A clock for tests, which the test moves.

use std::time::Duration;

use sessio::{ManualClock, Timestamp};

use crate::error::sessio_error;
use crate::guard::{arg, borrow_if, free, guard, guard_or, into_raw, invalid};
use crate::status::SESSIO_DONE;

/// A clock for tests: it stands still until sessio_clock_advance() moves it, so that expiry can be
/// tested without sleeping. It decides what has expired; timeouts of calls use real time.
pub struct sessio_clock(pub(crate) ManualClock);

/// Makes a clock that shows `start_us`. Give it to stores with the member `clock` of
/// ::sessio_options. Free it with sessio_clock_free(). NULL only after a bug in sessio.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_clock_new(start_us: i64) -> *mut sessio_clock {
    guard_or(std::ptr::null_mut(), || {
        into_raw(sessio_clock(ManualClock::new(Timestamp::from_micros(start_us))))
    })
}

/// Moves a clock forward by `by_us` microseconds, for all stores that were opened with it. Fails
/// with SESSIO_INVALID_ARGUMENT for a negative time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_clock_advance(
    clock: *mut sessio_clock,
    by_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let clock = arg!(borrow(clock))?;
            let by =
                u64::try_from(by_us).map_err(|_| invalid("by_us: a clock cannot go backwards"))?;
            clock.0.advance(Duration::from_micros(by));
            Ok(SESSIO_DONE)
        })
    }
}

/// The time that a clock shows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_clock_now_us(clock: *const sessio_clock) -> i64 {
    guard_or(0, || {
        // SAFETY: NULL or a live clock, as the header demands.
        unsafe { borrow_if(clock) }.map_or(0, |this| this.0.now().as_micros())
    })
}

/// Frees a clock. Stores that were opened with it keep the time that it showed last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_clock_free(clock: *mut sessio_clock) {
    guard_or((), || {
        // SAFETY: NULL or a clock that the program owns and gives up, as the header demands.
        unsafe { free(clock) }
    });
}
