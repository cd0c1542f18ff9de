//! Rust values to column values and back.

use mysql_async::Value;
use time::{Date, Month, OffsetDateTime};

use crate::protocol::clock::NEVER;
use crate::protocol::error::{Error, ErrorKind, Result};

const SECOND: i64 = 1_000_000;

/// The last second of an unsigned INT: what never ends.
const LAST_WRITE_NEVER: i64 = u32::MAX as i64;

/// 1000-01-01 00:00:00, the beginning of DATETIME.
const DATETIME_FIRST: i64 = -30_610_224_000_000_000;

/// How the expiry column says when a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpiryEncoding {
    DateTime,
    /// UTC's wall clock in a column that takes it for that of the connection's time zone. There it
    /// begins and ends with these.
    Timestamp {
        first: i64,
        last: i64,
    },
    /// The second of the last write. The session ends so many seconds later.
    LastWrite {
        lifetime: i64,
    },
}

impl ExpiryEncoding {
    /// A TIMESTAMP where the connection's time zone is UTC: from 1970-01-01 00:00:01 to
    /// 2038-01-19 03:14:07.
    pub(super) const TIMESTAMP: ExpiryEncoding =
        ExpiryEncoding::Timestamp { first: SECOND, last: 2_147_483_647 * SECOND };

    /// For storing. "Never" is the last instant that the column holds.
    pub(super) fn store(self, micros: i64) -> Result<Value> {
        match self {
            ExpiryEncoding::DateTime => Ok(date(micros)),
            ExpiryEncoding::Timestamp { last, .. } if micros == NEVER => Ok(date(last)),
            ExpiryEncoding::Timestamp { last, .. } if micros >= last => Err(Error::new(
                ErrorKind::Unsupported,
                "the table's expiry is a TIMESTAMP, which ends on 2038-01-19; change it to \
                 DATETIME(6), as check says, or use an earlier expiry",
            )),
            ExpiryEncoding::Timestamp { first, .. } => Ok(date(micros.max(first))),
            ExpiryEncoding::LastWrite { .. } if micros == NEVER => Ok(Value::Int(LAST_WRITE_NEVER)),
            ExpiryEncoding::LastWrite { lifetime } => {
                // Rounded up: rather a moment longer than gone too early.
                let seconds = -(-micros).div_euclid(SECOND);
                Ok(Value::Int((seconds - lifetime).clamp(0, LAST_WRITE_NEVER)))
            }
        }
    }

    /// From a row.
    pub(super) fn load(self, value: &Value) -> Result<i64> {
        match self {
            ExpiryEncoding::DateTime => micros(value),
            ExpiryEncoding::Timestamp { last, .. } => {
                micros(value).map(|micros| if micros >= last { NEVER } else { micros })
            }
            ExpiryEncoding::LastWrite { lifetime } => {
                let seconds = number(value).and_then(|seconds| i64::try_from(seconds).ok());
                match seconds.ok_or_else(no_instant)? {
                    LAST_WRITE_NEVER.. => Ok(NEVER),
                    written => Ok((written + lifetime) * SECOND),
                }
            }
        }
    }

    /// What a session that is stored with this expiry has when it is read again.
    pub(super) fn kept(self, micros: i64) -> Result<i64> {
        self.load(&self.store(micros)?)
    }

    /// What no row comes before.
    pub(super) fn lowest(self) -> Value {
        match self {
            // The zero date, which a server without strict mode stores.
            ExpiryEncoding::DateTime | ExpiryEncoding::Timestamp { .. } => {
                Value::Date(0, 0, 0, 0, 0, 0, 0)
            }
            ExpiryEncoding::LastWrite { .. } => Value::Int(0),
        }
    }

    /// To compare with: of what is greater, `now` has not reached the end yet.
    pub(super) fn now(self, micros: i64) -> Value {
        match self {
            ExpiryEncoding::DateTime | ExpiryEncoding::Timestamp { .. } => date(micros),
            ExpiryEncoding::LastWrite { lifetime } => {
                Value::Int(micros.div_euclid(SECOND) - lifetime)
            }
        }
    }
}

fn date(micros: i64) -> Value {
    let micros = micros.clamp(DATETIME_FIRST, NEVER);
    let seconds = micros.div_euclid(SECOND);
    let fraction = u32::try_from(micros.rem_euclid(SECOND)).unwrap_or(0);
    let Ok(at) = OffsetDateTime::from_unix_timestamp(seconds) else {
        // The clamp above keeps it within the years 1000 to 9999.
        return Value::NULL;
    };
    Value::Date(
        u16::try_from(at.year()).unwrap_or(1000),
        at.month().into(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        fraction,
    )
}

/// Also as text, as a statement is answered that was not prepared.
pub(super) fn micros(value: &Value) -> Result<i64> {
    let (year, month, day, hour, minute, second, fraction) = match value {
        Value::Date(year, month, day, hour, minute, second, fraction) => {
            (*year, *month, *day, *hour, *minute, *second, *fraction)
        }
        Value::Bytes(text) => from_text(text).ok_or_else(no_instant)?,
        Value::NULL
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Float(_)
        | Value::Double(_)
        | Value::Time(..) => return Err(no_instant()),
    };
    let month = Month::try_from(month).map_err(|_| no_instant())?;
    let at = Date::from_calendar_date(year.into(), month, day)
        .and_then(|date| date.with_hms(hour, minute, second))
        .map_err(|_| no_instant())?;
    Ok(at.assume_utc().unix_timestamp() * SECOND + i64::from(fraction))
}

/// `2024-01-01 00:00:00.123456`, with or without the fraction.
fn from_text(text: &[u8]) -> Option<(u16, u8, u8, u8, u8, u8, u32)> {
    let text = std::str::from_utf8(text).ok()?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = seconds.split(['-', ' ', ':']);
    let year = parts.next()?.parse().ok()?;
    let mut part = || parts.next()?.parse::<u8>().ok();
    let (month, day, hour, minute, second) = (part()?, part()?, part()?, part()?, part()?);
    let micros = format!("{fraction:0<6}").parse().ok()?;
    Some((year, month, day, hour, minute, second, micros))
}

fn no_instant() -> Error {
    Error::new(ErrorKind::Corrupt, "the expiry in the table is not an instant")
}

/// A number, however the protocol spells it.
pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::UInt(number) => Some(*number),
        Value::Int(number) => u64::try_from(*number).ok(),
        Value::Bytes(digits) => std::str::from_utf8(digits).ok()?.parse().ok(),
        Value::NULL | Value::Float(_) | Value::Double(_) | Value::Date(..) | Value::Time(..) => {
            None
        }
    }
}

pub(super) fn bytes(value: Value) -> Result<Vec<u8>> {
    let Value::Bytes(bytes) = value else {
        return Err(Error::new(ErrorKind::Corrupt, "a column of the table is not of its type"));
    };
    Ok(bytes)
}

/// NULL and empty are no text.
pub(super) fn text(value: Value) -> Result<Option<Box<str>>> {
    if value == Value::NULL {
        return Ok(None);
    }
    let text = String::from_utf8(bytes(value)?);
    let text = text.map_err(|_| Error::new(ErrorKind::Corrupt, "a subject is not UTF-8"))?;
    Ok(Some(text.into_boxed_str()).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_survive_the_column() {
        let all = [0, -1, 1_704_067_200_000_000, 1_704_067_200_123_456, NEVER, DATETIME_FIRST];
        for micros in all {
            let stored = ExpiryEncoding::DateTime.store(micros).unwrap();
            assert_eq!(ExpiryEncoding::DateTime.load(&stored).unwrap(), micros);
        }
    }

    #[test]
    fn an_instant_is_read_from_text_too() {
        for (text, micros) in [
            ("2024-01-01 00:00:00.123456", 1_704_067_200_123_456),
            ("2024-01-01 00:00:00", 1_704_067_200_000_000),
            ("2024-01-01 00:00:00.5", 1_704_067_200_500_000),
        ] {
            let value = Value::Bytes(text.into());
            assert_eq!(ExpiryEncoding::DateTime.load(&value).unwrap(), micros);
        }
        assert!(ExpiryEncoding::DateTime.load(&Value::Bytes(b"soon".to_vec())).is_err());
    }

    #[test]
    fn a_timestamp_column_says_where_it_ends() {
        let column = ExpiryEncoding::TIMESTAMP;
        assert_eq!(column.kept(NEVER).unwrap(), NEVER);
        assert_eq!(column.kept(2_147_483_646_999_999).unwrap(), 2_147_483_646_999_999);
        let error = column.store(2_147_483_647_000_000).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(column.kept(-5).unwrap(), SECOND);
    }

    #[test]
    fn a_last_write_is_the_expiry_less_the_lifetime_in_whole_seconds() {
        let column = ExpiryEncoding::LastWrite { lifetime: 3600 };
        assert_eq!(column.store(1_700_003_600 * SECOND).unwrap(), Value::Int(1_700_000_000));
        assert_eq!(column.kept(1_700_003_600 * SECOND - 1).unwrap(), 1_700_003_600 * SECOND);
        assert_eq!(column.kept(-5).unwrap(), 3600 * SECOND);
        // What ends after the column does never ends.
        for micros in [NEVER, (LAST_WRITE_NEVER + 3600) * SECOND] {
            assert_eq!(column.kept(micros).unwrap(), NEVER, "{micros}");
        }
    }

    /// As the backend's rule has it, `now < expires_at`, and as beego's GC has it.
    #[test]
    fn a_last_write_ends_at_its_second() {
        let column = ExpiryEncoding::LastWrite { lifetime: 10 };
        let expires_at = 1_700_000_000 * SECOND;
        let lives = |now| {
            let (Value::Int(stored), Value::Int(bound)) =
                (column.store(expires_at).unwrap(), column.now(now))
            else {
                panic!("no numbers");
            };
            stored > bound
        };
        assert!(lives(expires_at - 1) && !lives(expires_at) && !lives(expires_at + 1));
    }
}
