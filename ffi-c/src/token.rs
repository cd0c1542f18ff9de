//! Makes new tokens.

use std::ffi::c_char;

use sessio::Token;

use crate::error::sessio_error;
use crate::guard::{guard, invalid, named, uninit_slice};
use crate::status::SESSIO_DONE;

/// Size of a buffer for sessio_generate_token(): 43 characters and the NUL.
pub const SESSIO_TOKEN_SIZE: usize = 44;

/// Writes a new token, 43 characters of base64url and a NUL, into `buffer`, whose size is
/// `capacity` (at least SESSIO_TOKEN_SIZE).
///
/// The token has 32 random bytes straight from the operating system, so no two processes ever make
/// the same one, forked or not. It is the client's secret: never log it.
///
/// Fails with SESSIO_INVALID_ARGUMENT if the buffer is too small, and leaves it unchanged; with
/// SESSIO_INTERNAL if the system has no randomness, and the buffer holds `""`.
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
                return Err(invalid("capacity: must be at least SESSIO_TOKEN_SIZE"));
            }
            let buffer = named("buffer", uninit_slice(buffer.cast::<u8>(), SESSIO_TOKEN_SIZE))?;
            buffer[0].write(0);
            let token = Token::generate()?;
            for (place, byte) in buffer.iter_mut().zip(token.as_str().bytes().chain([0])) {
                place.write(byte);
            }
            Ok(SESSIO_DONE)
        })
    }
}
