//! The document as JSON, without an intermediate tree.

mod plain;
mod read;
mod write;

pub(crate) use read::value_from_json;
pub(super) use read::{decode, decode_plain, decode_untagged};
pub(super) use write::encode;
pub(crate) use write::{value_to_json, values_to_json};

/// Objects with one of these as their only key are not maps.
const INT: &str = "$int";
const FLOAT: &str = "$float";
const BYTES: &str = "$bytes";
const TIME: &str = "$time";
/// The way out for maps that look like one: the map stands within, as it is.
const MAP: &str = "$map";

const NAN: &str = "NaN";
const INFINITY: &str = "Infinity";
const NEGATIVE_INFINITY: &str = "-Infinity";
