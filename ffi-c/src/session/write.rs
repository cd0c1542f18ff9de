//! Several values of a session, put at once.

use std::ffi::c_char;

use sessio::operation::SessionRequest;
use sessio::{Map, Value, from_value};

use crate::error::sessio_error;
use crate::guard::{arg, guard};
use crate::status::SESSIO_DONE;

use super::call::call_session;
use super::lifecycle::sessio_session;

/// Sets the values of all keys of a JSON object; other keys keep their values. Fails as
/// sessio_session_put_json(), and then sets nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_session_put_values(
    session: *mut sessio_session,
    json: *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            arg!(borrow(session))?;
            let values: Map = from_value(Value::from_json(arg!(string(json))?)?)?;
            values.values().try_for_each(Value::check)?;
            for (key, value) in values {
                call_session::<()>(session, |session| SessionRequest::Put(session, key, value))?;
            }
            Ok(SESSIO_DONE)
        })
    }
}
