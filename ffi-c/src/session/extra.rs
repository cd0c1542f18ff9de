//! What a framework keeps of a session beside its values, and how long the session lives unused.

use std::ffi::c_char;
use std::ptr;
use std::time::Duration;

use sessio::operation::SessionRequest;
use sessio::{Result, Value};

use crate::error::sessio_error;
use crate::guard::{borrow, guard, invalid, out, string};
use crate::options::SESSIO_OFF;
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

use super::door::ask;
use super::handle::{give, sessio_session};
use super::value::sessio_value;
use super::write::note;

/// What a framework's adapter keeps beside the values, under this name. SESSIO_NOT_FOUND when there
/// is nothing.
///
/// Fails as sessio_session_get().
///
/// Ownership: as sessio_session_get(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_extra(
    session: *const sessio_session,
    name: *const c_char,
    value: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(value, ptr::null_mut())?;
            let name = string(name)?.to_owned();
            Ok(give(slot, ask(session, |session| SessionRequest::Extra(session, name))?))
        })
    }
}

/// # Safety
/// As [`note`].
unsafe fn set_extra(
    session: *const sessio_session,
    name: *const c_char,
    value: Option<Value>,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe { note(session, name, |session, name| SessionRequest::SetExtra(session, name, value)) }
}

/// Keeps something beside the values, for the bookkeeping of a framework's adapter: no function
/// that reads values gives it, it stays when they are cleared, and it is merged name by name when
/// two requests meet. It ends with the session, and with sessio_session_regenerate(). By itself it
/// makes no session worth storing. Names should begin with the framework's, because all programs of
/// a session share them.
///
/// Fails as sessio_session_put_value().
///
/// Ownership: name and value are copied: the value stays whose it is. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_extra(
    session: *const sessio_session,
    name: *const c_char,
    value: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || set_extra(session, name, Some(borrow(value)?.value().clone()))) }
}

/// Removes what is kept beside the values under this name, if it is there.
///
/// Fails as sessio_session_remove().
///
/// Ownership: the name is copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remove_extra(
    session: *const sessio_session,
    name: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || set_extra(session, name, None)) }
}

/// Lets the commit move the end of a session because it is used now, whatever the setting
/// `touch_interval` says, and if nothing else was changed. With an idle timeout, the session's own
/// or the manager's, that begins anew, and the deadline stays. Without one a new lifetime begins,
/// but a deadline of sessio_session_set_deadline() stays, and so does each deadline in the
/// documents of Go programs, which do not say who has set it.
///
/// sessio_store_touch() moves the row alone, and a session does not live longer than it says
/// itself.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_touch(
    session: *const sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            ask::<()>(session, SessionRequest::Touch)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// How long a session lives without a request that looks at it, in microseconds, whatever the
/// managers' setting says: it is kept with the session, and holds for each manager that reads it.
/// SESSIO_OFF is as long as the deadline allows; 0 leaves it to the managers again. The commit
/// moves the session's end accordingly, but not beyond the deadline.
///
/// Fails with SESSIO_INVALID_ARGUMENT for NULL, for another negative number, and for more than
/// 200,000 years.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_idle_timeout_us(
    session: *const sessio_session,
    timeout_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let timeout = timeout_of(timeout_us)?;
            ask::<()>(session, |session| SessionRequest::SetIdleTimeout(session, timeout))?;
            Ok(SESSIO_DONE)
        })
    }
}

/// The core's zero is C's "off", and C's 0 is the core's "nothing said".
fn timeout_of(timeout_us: i64) -> Result<Option<Duration>> {
    if timeout_us == i64::from(SESSIO_OFF) {
        return Ok(Some(Duration::ZERO));
    }
    let micros = u64::try_from(timeout_us);
    let micros = micros.map_err(|_| invalid("an idle timeout is SESSIO_OFF or not negative"))?;
    Ok((micros != 0).then(|| Duration::from_micros(micros)))
}

/// Sets `*timeout_us` to the idle timeout of this session alone, as
/// sessio_session_set_idle_timeout_us() was told. SESSIO_NOT_FOUND, and `*timeout_us` is 0, where
/// it was told nothing: then that of the manager holds.
///
/// Fails as sessio_session_ensure_loaded(), and `*timeout_us` is 0 then.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_idle_timeout_us(
    session: *const sessio_session,
    timeout_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = out(timeout_us, 0)?;
            let timeout: Option<Duration> = ask(session, SessionRequest::IdleTimeout)?;
            let Some(timeout) = timeout else { return Ok(SESSIO_NOT_FOUND) };
            *slot = match timeout.as_micros() {
                0 => SESSIO_OFF.into(),
                micros => i64::try_from(micros).unwrap_or(i64::MAX),
            };
            Ok(SESSIO_DONE)
        })
    }
}
