//! The document as `MessagePack`: a map with the members and names of the JSON form.

mod read;
mod write;

pub(super) use read::decode;
pub(super) use write::encode;

/// The extension type of instants, from the `MessagePack` specification.
const TIMESTAMP: i8 = -1;
