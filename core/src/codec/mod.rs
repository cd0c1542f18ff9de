//! What is stored for a session: one document, in one of two spellings.

mod json;
mod msgpack;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use json::{value_from_json, value_to_json};
pub(crate) use values::Values;

use crate::error::Result;
use crate::value::Map;

/// How a session's document is spelled. Both spell every value, and keep its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Codec {
    /// JSON: readable by every language, and by hand in SQL. What JSON has no spelling for is an
    /// object with one member: `{"$bytes":"…"}` (base64), `{"$time":"…"}` (RFC 3339),
    /// `{"$int":"…"}` (beyond 2^53-1), `{"$float":"NaN"}`. A map that looks like one of them is
    /// stored within `{"$map":…}`.
    #[default]
    Json,
    /// `MessagePack`: the same document, smaller and binary.
    MsgPack,
}

impl Codec {
    /// The name that options use: `json` or `msgpack`.
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Json => "json",
            Codec::MsgPack => "msgpack",
        }
    }

    /// The codec of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Codec::Json, Codec::MsgPack].into_iter().find(|codec| codec.name() == name)
    }

    /// Equal documents give equal bytes. `InvalidArgument` for what has no spelling: times outside
    /// the years 1 to 9999, and what is nested too deep.
    pub(crate) fn encode(self, document: &Document) -> Result<Vec<u8>> {
        match self {
            Codec::Json => json::encode(document),
            Codec::MsgPack => msgpack::encode(document),
        }
    }

    /// `Corrupt` for what this codec did not write.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<Document> {
        match self {
            Codec::Json => json::decode(bytes),
            Codec::MsgPack => msgpack::decode(bytes),
        }
    }
}

/// What is stored for a session.
#[derive(Clone, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(crate) struct Document {
    /// When the session ends at the latest, in unix microseconds; `None` is never.
    pub(crate) deadline: Option<i64>,
    pub(crate) values: Values,
    /// Values for exactly one later request.
    pub(crate) flash: Map,
    pub(crate) remember: Option<bool>,
    /// Members that this version does not know: they are written back as they were.
    pub(crate) other: Map,
}

/// A member of a document, by its name.
enum Member {
    Deadline,
    Values,
    Flash,
    Remember,
    Other(String),
}

const DEADLINE: &str = "deadline";
const VALUES: &str = "values";
const FLASH: &str = "flash";
const REMEMBER: &str = "remember";

impl Member {
    fn of(name: &str) -> Self {
        match name {
            DEADLINE => Member::Deadline,
            VALUES => Member::Values,
            FLASH => Member::Flash,
            REMEMBER => Member::Remember,
            other => Member::Other(other.to_owned()),
        }
    }
}

pub(crate) const TOO_DEEP: &str =
    "the session has more than 64 lists and maps within one another; nest less";
pub(crate) const NO_SUCH_TIME: &str = "a time of the session is outside the years 1 to 9999";
