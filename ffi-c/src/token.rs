//! New tokens.

use std::ffi::c_char;

use sessio::Token;

use crate::error::sessio_error;
use crate::guard::{guard, invalid, room};
use crate::status::SESSIO_DONE;

/// Room for a token of sessio_generate_token(): 43 characters and the NUL.
pub const SESSIO_TOKEN_SIZE: usize = 44;

/// Writes a new token, 43 characters of base64url and a NUL, into `buffer`, which has room for
/// `capacity` (at least SESSIO_TOKEN_SIZE) characters.
///
/// It holds 32 bytes straight from the operating system, so that no two processes ever make the
/// same one, forked or not. It is the client's secret: never log it.
///
/// Fails with SESSIO_INVALID_ARGUMENT (NULL, too small: the buffer is untouched) and
/// SESSIO_INTERNAL (the system has no randomness to give: the buffer holds `""`).
///
/// Ownership: the buffer is the caller's. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_generate_token(
    buffer: *mut c_char,
    capacity: usize,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            if capacity < SESSIO_TOKEN_SIZE {
                return Err(invalid("the buffer for a token needs room for SESSIO_TOKEN_SIZE"));
            }
            let buffer = room(buffer.cast::<u8>(), SESSIO_TOKEN_SIZE)?;
            buffer[0].write(0);
            let token = Token::generate()?;
            for (place, byte) in buffer.iter_mut().zip(token.as_str().bytes().chain([0])) {
                place.write(byte);
            }
            Ok(SESSIO_DONE)
        })
    }
}
