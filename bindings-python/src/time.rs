//! Converts `datetime` and `timedelta` from and to microseconds; `ManualClock`.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyDelta, PyDeltaAccess, PyTzInfo};
use sessio::{Expiry, Timestamp};

use crate::error::{guard, invalid, type_error};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// 1970-01-01T00:00:00Z as a `datetime`.
fn epoch(py: Python<'_>) -> PyResult<&Bound<'_, PyDateTime>> {
    static EPOCH: PyOnceLock<Py<PyDateTime>> = PyOnceLock::new();
    let make = || -> PyResult<_> {
        let utc = PyTzInfo::utc(py)?;
        Ok(PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&*utc))?.unbind())
    };
    Ok(EPOCH.get_or_try_init(py, make)?.bind(py))
}

/// The span in microseconds. It saturates at the limits of `i64`, 292,000 years.
pub(crate) fn delta_micros(delta: &Bound<'_, PyDelta>) -> i64 {
    let rest = i64::from(delta.get_seconds()) * 1_000_000 + i64::from(delta.get_microseconds());
    i64::from(delta.get_days()).saturating_mul(MICROS_PER_DAY).saturating_add(rest)
}

pub(crate) const NAIVE: &str =
    "a datetime must have a time zone: use datetime.now(timezone.utc), for example";

pub(crate) fn micros(instant: &Bound<'_, PyDateTime>) -> PyResult<i64> {
    micros_if_aware(instant)?.ok_or_else(|| invalid(instant.py(), NAIVE))
}

/// None for a naive `datetime`. Offsets and folds are left to Python: the instant is the difference
/// to an aware epoch.
pub(crate) fn micros_if_aware(instant: &Bound<'_, PyDateTime>) -> PyResult<Option<i64>> {
    let py = instant.py();
    if instant.call_method0(pyo3::intern!(py, "utcoffset"))?.is_none() {
        return Ok(None);
    }
    Ok(Some(delta_micros(instant.sub(epoch(py)?)?.cast::<PyDelta>()?)))
}

/// An aware `datetime`, a `timedelta` from now, or `None` for never.
pub(crate) fn expiry(object: &Bound<'_, PyAny>) -> PyResult<Expiry> {
    if object.is_none() {
        Ok(Expiry::Never)
    } else if let Ok(delta) = object.cast::<PyDelta>() {
        Ok(Expiry::After(delta_micros(delta)))
    } else if let Ok(instant) = object.cast::<PyDateTime>() {
        Ok(Expiry::At(Timestamp::from_micros(micros(instant)?)))
    } else {
        Err(type_error(object, "expires_at", "a datetime, a timedelta or None"))
    }
}

/// The instant in UTC.
pub(crate) fn datetime(py: Python<'_>, instant: Timestamp) -> PyResult<Bound<'_, PyAny>> {
    let micros = instant.as_micros();
    let rest = micros.rem_euclid(MICROS_PER_DAY);
    // Each part fits: a day has 86,400 seconds, and an i64 of microseconds 107 million days.
    let part = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let days = part(micros.div_euclid(MICROS_PER_DAY));
    let delta = PyDelta::new(py, days, part(rest / 1_000_000), part(rest % 1_000_000), false)?;
    epoch(py)?.add(delta)
}

/// A clock for tests, which moves only when `advance` is called. Stores take it as `clock=...`. It
/// decides when sessions expire. The timeout of calls and the interval of the background cleanup
/// use real time.
///
/// Several stores and threads may share a clock.
#[pyclass(frozen, module = "sessio")]
pub(crate) struct ManualClock(pub(crate) sessio::ManualClock);

#[pymethods]
impl ManualClock {
    /// A clock that is set to `start`, an aware datetime.
    ///
    /// Raises `TypeError` for other types and `InvalidArgument` for a naive datetime.
    #[new]
    fn new(start: &Bound<'_, PyAny>) -> PyResult<Self> {
        let instant = start.cast::<PyDateTime>();
        let instant = instant.map_err(|_| type_error(start, "start", "a datetime"))?;
        let start = Timestamp::from_micros(micros(instant)?);
        Ok(ManualClock(sessio::ManualClock::new(start)))
    }

    /// The clock's time, an aware datetime in UTC.
    fn now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime(py, self.0.now())
    }

    /// Moves the clock forward by a timedelta, for all stores that use it.
    ///
    /// Raises `InvalidArgument` for a negative timedelta.
    fn advance(&self, by: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = by.py();
        guard(py, || {
            let delta = by.cast::<PyDelta>().map_err(|_| type_error(by, "by", "a timedelta"))?;
            let by = u64::try_from(delta_micros(delta));
            let by = by.map_err(|_| {
                invalid(py, "by must not be negative: a clock can only be moved forward")
            })?;
            self.0.advance(Duration::from_micros(by));
            Ok(())
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<sessio.ManualClock at {}>", self.now(py)?.str()?))
    }
}
