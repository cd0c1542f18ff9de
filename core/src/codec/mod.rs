//! What is stored for a session: one document, in one of five spellings.

mod gob;
mod json;
mod msgpack;
mod scs_v1;
#[cfg(test)]
mod tests;
mod text;
mod values;

pub(crate) use gob::Registered;
pub(crate) use json::{value_from_json, value_to_json, values_to_json};
pub(crate) use values::{LazyValue, Values};

use std::sync::Arc;

use crate::protocol::error::{Error, Result};
use crate::value::{Map, Value};

/// How a session's document is spelled. `Json` and `MsgPack` spell every value, and keep its type.
/// The others are what Go programs store, so that these need not change; see the page "Next to a Go
/// service" for what each of them keeps.
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
    /// What SCS v2 stores unless it is told otherwise: Go's `encoding/gob` of a deadline and a
    /// `map[string]interface{}`. What is not changed stays as it is, to the byte. What is changed
    /// keeps its Go type if it keeps its kind, and a commit fails for what the type cannot hold;
    /// new values become `bool`, `int`, `uint64`, `float64`, `string`, `[]byte`, `[]string`,
    /// `[]int`, `[]float64` or `[]bool`. Times, other lists and maps need a type that the Go
    /// program has registered: [`gob_registered`](crate::SessionOptions::gob_registered). How wide
    /// the integers of a declared type are (`type Role int8`) is not stored: there a number that Go
    /// cannot read is not noticed. SCS's `RememberMe` is `remember_me`; flash values are bytes
    /// under the key `__sessioFlash`, and an idle timeout of the session's own is text under
    /// `__sessioIdle`, and what programs keep beside the values is bytes under `__sessioExtra`: Go
    /// programs keep all of them without knowing, and do not act on them.
    Gob,
    /// What SCS v1 stores: the JSON `{"data":{…},"deadline":…}`. There, bytes become base64 text
    /// and times RFC 3339 text, and come back as text; a commit fails for floats that are no
    /// numbers.
    ScsV1,
    /// What beego stores: Go's `encoding/gob` of a `map[interface{}]interface{}`, as
    /// [`Gob`](Codec::Gob) otherwise. Keys that are integers or bools are seen as text; those of
    /// other types are kept, and not seen. A commit fails for a null, over which beego panics.
    Beego,
}

impl Codec {
    const ALL: [Codec; 5] = [Codec::Json, Codec::MsgPack, Codec::Gob, Codec::ScsV1, Codec::Beego];

    /// The name that options use: `json`, `msgpack`, `gob`, `scs_v1` or `beego`.
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Json => "json",
            Codec::MsgPack => "msgpack",
            Codec::Gob => "gob",
            Codec::ScsV1 => "scs_v1",
            Codec::Beego => "beego",
        }
    }

    /// The codec of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Codec::ALL.into_iter().find(|codec| codec.name() == name)
    }

    /// Whether a document says if its deadline was set, or is the end of a lifetime.
    pub(crate) fn tells_deadlines_apart(self) -> bool {
        matches!(self, Codec::Json | Codec::MsgPack)
    }

    /// Equal documents give equal bytes. `InvalidArgument` for what has no spelling: times outside
    /// the years 1 to 9999, what is nested too deep, and what a Go program could not read, unless
    /// it has `registered` more types than Go has.
    pub(crate) fn encode(
        self,
        document: &DecodedDocument,
        registered: Registered,
    ) -> Result<Vec<u8>> {
        match self {
            Codec::Json => json::encode(document),
            Codec::MsgPack => msgpack::encode(document),
            Codec::Gob => gob::encode_scs(document, registered),
            Codec::ScsV1 => scs_v1::encode(document),
            Codec::Beego => gob::encode_beego(document, registered),
        }
    }

    /// `Corrupt` for what nothing of this codec has written.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<DecodedDocument> {
        match self {
            Codec::Json => json::decode(bytes),
            Codec::MsgPack => msgpack::decode(bytes),
            Codec::Gob => gob::decode_scs(bytes),
            Codec::ScsV1 => scs_v1::decode(bytes),
            Codec::Beego => gob::decode_beego(bytes),
        }
    }
}

/// What is stored for a session.
#[derive(Clone, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(crate) struct DecodedDocument {
    /// When the session ends at the latest, in unix microseconds; `None` is never.
    pub(crate) deadline: Option<i64>,
    pub(crate) values: Values,
    /// Values for exactly one later request.
    pub(crate) flash: Map,
    pub(crate) remember: Option<bool>,
    /// How long it lives unused, in microseconds, whatever managers say; 0 is as long as the
    /// deadline allows.
    pub(crate) idle: Option<i64>,
    /// The program has set the deadline: no use of the session moves it. The documents of Go
    /// programs do not say this.
    pub(crate) fixed: bool,
    /// What programs keep for themselves beside the values.
    pub(crate) extra: Map,
    /// Members that this version does not know: they are written back as they were.
    pub(crate) other: Map,
    pub(crate) origin: Origin,
}

/// What a codec has to know of what it read to write it back as it was.
#[derive(Clone, Default)]
pub(crate) enum Origin {
    /// Nothing.
    #[default]
    New,
    Gob(Arc<gob::GobOrigin>),
    /// The deadline in nanoseconds, which are cut off for all others.
    ScsV1 {
        nanos: i64,
    },
}

impl Origin {
    fn gob(&self) -> Option<&gob::GobOrigin> {
        match self {
            Origin::Gob(origin) => Some(origin),
            Origin::New | Origin::ScsV1 { .. } => None,
        }
    }
}

/// A document is what it holds, wherever it is from.
#[cfg(test)]
impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The keys of values under which the documents of Go programs have what is no value here: the
/// first is SCS's, the others are ours.
const REMEMBER_KEY: &str = "__rememberMe";
const FLASH_KEY: &str = "__sessioFlash";
const IDLE_KEY: &str = "__sessioIdle";
const EXTRA_KEY: &str = "__sessioExtra";

impl DecodedDocument {
    /// Whether the values leave those keys free that have another meaning.
    fn check_keys(&self) -> Result<()> {
        let ours = [FLASH_KEY, IDLE_KEY, EXTRA_KEY];
        let taken = ours.into_iter().find(|key| self.values.contains_key(key));
        let message = |key| format!("the key {key:?} is sessio's own: take another");
        taken.map_or(Ok(()), |key| Err(Error::invalid(message(key))))
    }
}

/// An idle timeout as text: Go's integers may have 32 bits.
fn write_idle(micros: i64) -> String {
    micros.to_string()
}

fn read_idle(stored: &Value) -> Option<i64> {
    let Value::Text(micros) = stored else { return None };
    micros.parse().ok().filter(|micros| *micros >= 0)
}

/// A member of a document, by its name.
enum Member {
    Deadline,
    Values,
    Flash,
    Remember,
    Idle,
    Fixed,
    Extra,
    Other(String),
}

const DEADLINE: &str = "deadline";
const VALUES: &str = "values";
/// What SCS v1 calls the values.
const SCS_V1_DATA: &str = "data";
const FLASH: &str = "flash";
const REMEMBER: &str = "remember";
const IDLE: &str = "idle";
const FIXED: &str = "fixed";
const EXTRA: &str = "extra";

impl Member {
    fn of(name: &str) -> Self {
        match name {
            DEADLINE => Member::Deadline,
            VALUES => Member::Values,
            FLASH => Member::Flash,
            REMEMBER => Member::Remember,
            IDLE => Member::Idle,
            FIXED => Member::Fixed,
            EXTRA => Member::Extra,
            other => Member::Other(other.to_owned()),
        }
    }
}

pub(crate) const TOO_DEEP: &str =
    "the session has more than 64 lists and maps within one another; nest less";
pub(crate) const NO_SUCH_TIME: &str = "a time of the session is outside the years 1 to 9999";
