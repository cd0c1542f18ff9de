//! Data that a framework's adapter keeps beside the values, and how long a session lives idle.

use std::ffi::c_char;
use std::ptr;
use std::time::Duration;

use sessio::operation::SessionRequest;
use sessio::{Result, Value};

use crate::error::sessio_error;
use crate::guard::{arg, guard, invalid};
use crate::options::SESSIO_OFF;
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};

use super::call::call_session;
use super::lifecycle::{sessio_session, value_out};
use super::value::sessio_value;

/// Extra data of a framework's adapter, by name. SESSIO_NOT_FOUND if there is none. Loads the
/// session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_extra(
    session: *mut sessio_session,
    name: *const c_char,
    value: *mut *mut sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(value, ptr::null_mut()))?;
            let name = arg!(string(name))?.to_owned();
            Ok(value_out(
                slot,
                call_session(session, |session| SessionRequest::Extra(session, name))?,
            ))
        })
    }
}

/// # Safety
/// The pointers are NULL, or point to a live session and to a text.
unsafe fn set_extra(
    session: *mut sessio_session,
    name: *const c_char,
    value: Option<Value>,
) -> Result<i32> {
    // SAFETY: passed on from the caller.
    unsafe {
        let name = arg!(string(name))?.to_owned();
        call_session::<()>(session, |session| SessionRequest::SetExtra(session, name, value))?;
    }
    Ok(SESSIO_DONE)
}

/// Sets extra data: bookkeeping that a framework's adapter keeps beside the values. The functions
/// for values do not show it, it stays when the values are cleared, and it is merged name by name
/// when two requests conflict. It ends with the session, and with sessio_session_regenerate(). A
/// session with nothing else is not stored. Names should begin with the framework's, because all
/// programs of a session share them. The value is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_extra(
    session: *mut sessio_session,
    name: *const c_char,
    value: *const sessio_value,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || set_extra(session, name, Some(arg!(borrow(value))?.value().clone()))) }
}

/// Removes extra data, if it is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_remove_extra(
    session: *mut sessio_session,
    name: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || set_extra(session, name, None)) }
}

/// Makes the commit extend a session because it is used now, whatever the setting `touch_interval`
/// says, even if nothing else was changed. With an idle timeout, the session's own or the
/// manager's, that starts again, and the deadline stays. Without one a new lifetime begins; but a
/// deadline of sessio_session_set_deadline() stays, and so does any deadline in a document of a Go
/// program, because it does not say who has set it.
///
/// sessio_store_touch() moves the expiry of the row only, and a session does not outlive the expiry
/// within its data.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_touch(
    session: *mut sessio_session,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            call_session::<()>(session, SessionRequest::Touch)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Sets the idle timeout of this session in microseconds, regardless of the setting of the
/// managers. It is stored with the session and applies to every manager that reads it. SESSIO_OFF
/// is no idle timeout; 0 returns to the managers' setting. The commit moves the expiry accordingly,
/// but not beyond the deadline.
///
/// Fails with SESSIO_INVALID_ARGUMENT for another negative number, and for more than 200,000 years.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_set_idle_timeout_us(
    session: *mut sessio_session,
    timeout_us: i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let timeout = timeout_of(timeout_us)?;
            call_session::<()>(session, |session| {
                SessionRequest::SetIdleTimeout(session, timeout)
            })?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Zero in the core is "off" (SESSIO_OFF in C); 0 in C is "not set" (`None` in the core).
fn timeout_of(timeout_us: i64) -> Result<Option<Duration>> {
    if timeout_us == i64::from(SESSIO_OFF) {
        return Ok(Some(Duration::ZERO));
    }
    let micros = u64::try_from(timeout_us);
    let micros = micros.map_err(|_| invalid("timeout_us: must be SESSIO_OFF, 0 or positive"))?;
    Ok((micros != 0).then(|| Duration::from_micros(micros)))
}

/// Sets `*timeout_us` to the idle timeout that sessio_session_set_idle_timeout_us() has set;
/// SESSIO_OFF if that is none. SESSIO_NOT_FOUND if it was not called: then the setting of the
/// manager applies. Loads the session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_idle_timeout_us(
    session: *mut sessio_session,
    timeout_us: *mut i64,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(timeout_us, 0))?;
            let timeout: Option<Duration> = call_session(session, SessionRequest::IdleTimeout)?;
            let Some(timeout) = timeout else { return Ok(SESSIO_NOT_FOUND) };
            *slot = match timeout.as_micros() {
                0 => SESSIO_OFF.into(),
                micros => i64::try_from(micros).unwrap_or(i64::MAX),
            };
            Ok(SESSIO_DONE)
        })
    }
}
