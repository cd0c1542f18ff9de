//! Versions: of the header, for the preprocessor, and of the linked library.

use std::ffi::c_char;

use crate::guard::guard_or;

/// Major version of this header.
pub const SESSIO_VERSION_MAJOR: u32 = 0;
/// Minor version of this header.
pub const SESSIO_VERSION_MINOR: u32 = 1;
/// Patch version of this header.
pub const SESSIO_VERSION_PATCH: u32 = 0;
/// Version of this header as one number: major * 1000000 + minor * 1000 + patch.
pub const SESSIO_VERSION_NUMBER: u32 = 1000;
/// Rises when programs must be recompiled. The soname of the library ends with it.
pub const SESSIO_ABI_VERSION: u32 = 0;

/// The version of the linked library as text, such as `"0.1.0"`. Static text.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_version() -> *const c_char {
    guard_or(c"".as_ptr(), || concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast())
}

/// The version of the linked library as a number. A library with a lower number than
/// SESSIO_VERSION_NUMBER lacks functions that this header declares.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_version_number() -> u32 {
    guard_or(0, || SESSIO_VERSION_NUMBER)
}

/// The ABI of the linked library, which must equal SESSIO_ABI_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn sessio_abi_version() -> u32 {
    guard_or(u32::MAX, || SESSIO_ABI_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_the_crates_version() {
        let parts = [SESSIO_VERSION_MAJOR, SESSIO_VERSION_MINOR, SESSIO_VERSION_PATCH];
        assert_eq!(parts.map(|part| part.to_string()).join("."), env!("CARGO_PKG_VERSION"));
        assert_eq!(SESSIO_VERSION_NUMBER, (parts[0] * 1000 + parts[1]) * 1000 + parts[2]);
    }
}
