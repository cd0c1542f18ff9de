//! Rust values to column values and back.

use mysql_async::Value;
use time::{Date, Month, OffsetDateTime};

use crate::clock::NEVER;
use crate::error::{Error, ErrorKind, Result};

/// 1970-01-01 00:00:01 and 2038-01-19 03:14:07.999999, the ends of a TIMESTAMP column.
const TIMESTAMP_FIRST: i64 = 1_000_000;
const TIMESTAMP_LAST: i64 = 2_147_483_647_999_999;

/// 1000-01-01 00:00:00, the beginning of DATETIME.
const DATETIME_FIRST: i64 = -30_610_224_000_000_000;

/// What type the expiry column has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instants {
    DateTime,
    Timestamp,
}

impl Instants {
    /// For storing. "Never" is the last instant that the column holds.
    pub(super) fn store(self, micros: i64) -> Result<Value> {
        match self {
            Instants::DateTime => Ok(date(micros)),
            Instants::Timestamp if micros == NEVER => Ok(date(TIMESTAMP_LAST)),
            Instants::Timestamp if micros > TIMESTAMP_LAST => Err(Error::new(
                ErrorKind::Unsupported,
                "the table's expiry is a TIMESTAMP, which ends on 2038-01-19; change it to \
                 DATETIME(6) or use an earlier expiry",
            )),
            Instants::Timestamp => Ok(date(micros.max(TIMESTAMP_FIRST))),
        }
    }

    /// From a row.
    pub(super) fn load(self, value: &Value) -> Result<i64> {
        let micros = micros(value)?;
        let last = self == Instants::Timestamp && micros == TIMESTAMP_LAST;
        Ok(if last { NEVER } else { micros })
    }
}

/// An instant to compare with.
pub(super) fn date(micros: i64) -> Value {
    let micros = micros.clamp(DATETIME_FIRST, NEVER);
    let seconds = micros.div_euclid(1_000_000);
    let fraction = u32::try_from(micros.rem_euclid(1_000_000)).unwrap_or(0);
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

fn micros(value: &Value) -> Result<i64> {
    let corrupt = || Error::new(ErrorKind::Corrupt, "the expiry in the table is not an instant");
    let Value::Date(year, month, day, hour, minute, second, fraction) = *value else {
        return Err(corrupt());
    };
    let month = Month::try_from(month).map_err(|_| corrupt())?;
    let at = Date::from_calendar_date(year.into(), month, day)
        .and_then(|date| date.with_hms(hour, minute, second))
        .map_err(|_| corrupt())?;
    Ok(at.assume_utc().unix_timestamp() * 1_000_000 + i64::from(fraction))
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
            let stored = Instants::DateTime.store(micros).unwrap();
            assert_eq!(Instants::DateTime.load(&stored).unwrap(), micros);
        }
    }

    #[test]
    fn a_timestamp_column_says_where_it_ends() {
        let column = Instants::Timestamp;
        assert_eq!(column.load(&column.store(NEVER).unwrap()).unwrap(), NEVER);
        let error = column.store(TIMESTAMP_LAST + 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(column.load(&column.store(-5).unwrap()).unwrap(), TIMESTAMP_FIRST);
    }
}
