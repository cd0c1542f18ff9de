//! Instants as text, and as what serde sees of them.

use std::fmt;

use serde::de::{self, Deserializer, EnumAccess, VariantAccess, Visitor};
use serde::ser::{self, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::protocol::clock::{NEVER, Timestamp};

/// 0001-01-01T00:00:00 UTC; years before it have no spelling that every language reads.
const FIRST: i64 = -62_135_596_800_000_000;

/// The name under which our own serializer and deserializer see an instant pass (and, reading, a
/// whole [`Value`](super::Value)): to all others it is a newtype like any.
pub(super) const SIGNAL: &str = "$sessio::Timestamp";

/// Whether it is within the years 1 to 9999.
pub(crate) fn in_calendar(instant: Timestamp) -> bool {
    (FIRST..=NEVER).contains(&instant.as_micros())
}

/// `2024-01-02T03:04:05.678901Z`; `None` outside the years 1 to 9999.
pub(crate) fn write(instant: Timestamp) -> Option<String> {
    if !in_calendar(instant) {
        return None;
    }
    let micros = instant.as_micros();
    let moment = OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000)).ok()?;
    let (year, month, day) = moment.to_calendar_date();
    let (hour, minute, second) = moment.to_hms();
    let (month, micros) = (u8::from(month), micros.rem_euclid(1_000_000));
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"))
}

/// Reads RFC 3339 with any offset and any precision; what is below a microsecond is cut off.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let micros = i64::try_from(moment.unix_timestamp_nanos().div_euclid(1000)).ok()?;
    Some(Timestamp::from_micros(micros)).filter(|instant| in_calendar(*instant))
}

/// RFC 3339 text; within [`to_value`](crate::to_value) a time.
impl ser::Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = write(*self).ok_or_else(|| {
            ser::Error::custom("a time must be within the years 1 to 9999 to be stored")
        })?;
        serializer.serialize_newtype_struct(SIGNAL, &text)
    }
}

/// From RFC 3339 text, or from a time within [`from_value`](crate::from_value).
impl<'de> de::Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(SIGNAL, Instant)
    }
}

struct Instant;

impl<'de> Visitor<'de> for Instant {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time as RFC 3339 text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Timestamp, D::Error> {
        inner.deserialize_str(self)
    }

    /// How our own deserializer hands over a time.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Timestamp, A::Error> {
        let (micros, variant) = access.variant()?;
        variant.unit_variant()?;
        Ok(Timestamp::from_micros(micros))
    }
}
