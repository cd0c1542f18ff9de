//! In which time zone the instants of a TIMESTAMP column are written.
//!
//! Go SCS writes UTC's wall clock as text, on connections that have the server's time zone. The
//! column takes the text for that of the zone. It gives the same text back to a connection in the
//! same zone, and another text to one in another zone. So a connection of ours takes on the zone of
//! Go's, and goes on speaking of UTC.

use mysql_async::Value;

use crate::protocol::error::Error;

use super::columns::{ExpiryEncoding, bytes};
use super::failure::Failure;

pub(super) struct TimeZone {
    pub(super) name: String,
    pub(super) instants: ExpiryEncoding,
}

/// Sets the zone that a Go DSN asks for, or else the server's default.
pub(super) fn setting(asked: Option<&str>) -> String {
    let zone = asked.map(|zone| format!("'{zone}'"));
    format!("SET time_zone = {}", zone.as_deref().unwrap_or("@@global.time_zone"))
}

/// Where a TIMESTAMP begins and ends, in seconds of UTC.
const FIRST: i64 = 1;
const LAST: i64 = 2_147_483_647;

/// Asks what the zone is called, and how far ahead of UTC it is.
pub(super) fn query() -> String {
    // In a winter and a summer too, for a zone can be UTC's neighbour at one end alone.
    let instants = [FIRST, LAST, 1_704_067_200, 1_719_792_000];
    let ahead = instants.map(|at| {
        format!("TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', FROM_UNIXTIME({at})) - {at}")
    });
    let name = "IF(@@session.time_zone = 'SYSTEM', @@system_time_zone, @@session.time_zone)";
    format!("SELECT {}, {name}", ahead.join(", "))
}

/// The answer to [`query`].
pub(super) fn read(row: Vec<Vec<Value>>) -> Result<TimeZone, Failure> {
    let mut cells = row.into_iter().flatten().map(text);
    let mut ahead = || cells.next()?.parse::<i64>().ok();
    let (Some(first), Some(last), Some(winter), Some(summer)) =
        (ahead(), ahead(), ahead(), ahead())
    else {
        return Err(Failure::Final(Error::internal("the server does not say what time it is")));
    };
    let is_utc = [first, last, winter, summer] == [0; 4];
    Ok(TimeZone {
        name: if is_utc { "UTC".to_owned() } else { cells.next().unwrap_or_default() },
        instants: ExpiryEncoding::Timestamp {
            first: (FIRST + first) * 1_000_000,
            last: (LAST + last) * 1_000_000,
        },
    })
}

fn text(value: Value) -> String {
    bytes(value).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
}
