//! Go's `time.Time`, as its own method writes it.

use crate::protocol::clock::Timestamp;
use crate::value::in_calendar;

/// From the year 1, where Go begins, to 1970.
const TO_UNIX: i64 = 62_135_596_800;

/// The instant, of which Go keeps nanoseconds and a zone; `None` for what is no time of Go's.
pub(super) fn read_any(bytes: &[u8]) -> Option<i64> {
    // Version, seconds, nanoseconds, minutes of the zone, and in version 2 its seconds.
    let (version, rest) = bytes.split_first()?;
    let (seconds, rest) = rest.split_first_chunk()?;
    let (nanos, zone) = rest.split_first_chunk()?;
    let nanos = u32::from_be_bytes(*nanos);
    let sound = matches!((version, zone.len()), (1, 2) | (2, 3)) && nanos < 1_000_000_000;
    let seconds = i64::from_be_bytes(*seconds).checked_sub(TO_UNIX).filter(|_| sound)?;
    Some(seconds.saturating_mul(1_000_000).saturating_add(i64::from(nanos / 1000)))
}

/// The same, if it is an instant that a session can hold.
pub(super) fn read(bytes: &[u8]) -> Option<Timestamp> {
    read_any(bytes).map(Timestamp::from_micros).filter(|instant| in_calendar(*instant))
}

/// In UTC.
pub(super) fn write(instant: Timestamp) -> [u8; 15] {
    let micros = instant.as_micros();
    let seconds = micros.div_euclid(1_000_000).saturating_add(TO_UNIX).to_be_bytes();
    let nanos = i32::try_from(micros.rem_euclid(1_000_000) * 1000).unwrap_or(0).to_be_bytes();
    let mut bytes = [0xff; 15];
    bytes[0] = 1;
    bytes[1..9].copy_from_slice(&seconds);
    bytes[9..13].copy_from_slice(&nanos);
    bytes
}
