//! What the verbs of sessions take, and the methods that are none: the first argument is a session's
//! number.

use std::time::Duration;

use sessio::operation::{SessionAnswer, SessionRequest};
use sessio::{Error, Map, Session, Value};

use crate::arguments::{JsValue, MAX_SAFE_INTEGER, Text, exact_number, invalid};
use crate::call::{Call, CallResult, answered, done};
use crate::encode::Response;

pub(crate) fn session(call: &Call<'_>, number: JsValue<'_>) -> Result<Session, Error> {
    call.environment.sessions.get(number.handle()?)
}

pub(crate) fn this(call: &Call<'_>) -> Result<Session, Error> {
    session(call, call.argument(0))
}

pub(crate) fn text(value: JsValue<'_>, what: &str) -> Result<Text, Error> {
    let text = value.required_text(what)?;
    text.as_str(what)?;
    Ok(text)
}

pub(crate) fn owned(value: JsValue<'_>, what: &str) -> Result<String, Error> {
    Ok(value.required_text(what)?.as_str(what)?.to_owned())
}

/// None for `null`.
pub(crate) fn text_or_null(value: JsValue<'_>, what: &str) -> Result<Option<Text>, Error> {
    (!value.is_null()).then(|| value.required_text(what)).transpose()
}

/// A value as `lib/encode.js` passes it: as JSON in `json`, or as it is.
pub(crate) fn value(value: JsValue<'_>, json: JsValue<'_>) -> Result<Value, Error> {
    if let Some(text) = json.text()? {
        return Value::from_json(text.as_str("the value")?);
    }
    if let Some(text) = value.text()? {
        return Ok(text.as_str("the value")?.into());
    }
    if let Some(number) = value.number() {
        return Ok(number_of(number));
    }
    if let Some(boolean) = value.boolean() {
        return Ok(boolean.into());
    }
    if value.is_null() {
        return Ok(Value::Null);
    }
    if let Some(instant) = value.date() {
        return instant.map(Value::Time);
    }
    let wrong = || Err(invalid("a session cannot hold this value"));
    value.view().unwrap_or_else(wrong).map(Value::from)
}

/// An integer if `Number.isSafeInteger` says so and it is not -0, otherwise a float.
#[allow(clippy::cast_possible_truncation)] // only whole numbers in the range are cast
fn number_of(number: f64) -> Value {
    let minus_zero = number == 0.0 && number.is_sign_negative();
    if number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER && !minus_zero {
        return Value::Int(number as i64);
    }
    Value::Float(number)
}

/// None where the value is `undefined`.
pub(crate) fn optional_value(
    value: JsValue<'_>,
    json: JsValue<'_>,
) -> Result<Option<Value>, Error> {
    let is_missing = value.is_undefined() && json.is_undefined();
    (!is_missing).then(|| self::value(value, json)).transpose()
}

/// A whole number, or a bigint as JSON.
pub(crate) fn integer(value: JsValue<'_>, json: JsValue<'_>, verb: &str) -> Result<i64, Error> {
    let Value::Int(integer) = self::value(value, json)? else {
        return Err(invalid(format!("{verb} takes an integer from -2^63 to 2^63 - 1")));
    };
    Ok(integer)
}

/// The whole map as JSON.
pub(crate) fn map(json: JsValue<'_>, what: &str) -> Result<Map, Error> {
    let Value::Map(map) = Value::from_json(text(json, what)?.as_str(what)?)? else {
        return Err(invalid(format!("{what} must be an object")));
    };
    Ok(map)
}

pub(crate) fn flag(value: JsValue<'_>, name: &str) -> Result<bool, Error> {
    value.boolean().ok_or_else(|| invalid(format!("{name} must be true or false")))
}

/// Milliseconds; none for `null`.
pub(crate) fn timeout(value: JsValue<'_>, what: &str) -> Result<Option<Duration>, Error> {
    (!value.is_null()).then(|| value.duration(what)).transpose()
}

pub(crate) fn put_float(call: &Call<'_>) -> CallResult {
    let key = text(call.argument(1), "the key")?;
    let number = call.argument(2).number().ok_or_else(|| invalid("a float must be a number"))?;
    this(call)?.put_value(key.as_str("the key")?, Value::Float(number))?;
    done()
}

/// The type of value that a typed read returns.
#[derive(Clone, Copy)]
enum ExpectedType {
    Text,
    Number,
    Bool,
    Integer,
    Time,
    Bytes,
}

impl ExpectedType {
    /// By its name in JavaScript.
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "string" => ExpectedType::Text,
            "number" => ExpectedType::Number,
            "boolean" => ExpectedType::Bool,
            "bigint" => ExpectedType::Integer,
            "Date" => ExpectedType::Time,
            "Buffer" => ExpectedType::Bytes,
            _ => return None,
        })
    }

    fn matches(self, value: &Value) -> bool {
        match value {
            Value::Text(_) => matches!(self, ExpectedType::Text),
            Value::Bool(_) => matches!(self, ExpectedType::Bool),
            Value::Int(number) => match self {
                ExpectedType::Number => exact_number(*number).is_some(),
                ExpectedType::Integer => true,
                ExpectedType::Text
                | ExpectedType::Bool
                | ExpectedType::Time
                | ExpectedType::Bytes => false,
            },
            Value::Unsigned(_) => matches!(self, ExpectedType::Integer),
            Value::Float(_) => matches!(self, ExpectedType::Number),
            Value::Time(_) => matches!(self, ExpectedType::Time),
            Value::Bytes(_) => matches!(self, ExpectedType::Bytes),
            Value::Null | Value::List(_) | Value::Map(_) => false,
        }
    }

    fn convert(self) -> fn(SessionAnswer) -> Response {
        match self {
            ExpectedType::Integer => Response::integer,
            ExpectedType::Text
            | ExpectedType::Number
            | ExpectedType::Bool
            | ExpectedType::Time
            | ExpectedType::Bytes => Response::from,
        }
    }
}

/// Takes the name of the expected type.
pub(crate) fn get_as(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), "the key")?;
    let name = owned(call.argument(2), "the type")?;
    let expected = ExpectedType::from_name(&name)
        .ok_or_else(|| invalid(format!("there is no type {name:?}")))?;
    let checked_key = key.clone();
    let check = move |value: &Value| {
        if expected.matches(value) {
            return Ok(());
        }
        let detail = match value {
            Value::Int(_) | Value::Unsigned(_) if name == "number" => " beyond 2^53 - 1",
            Value::Int(_)
            | Value::Unsigned(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Time(_)
            | Value::List(_)
            | Value::Map(_) => "",
        };
        let kind = value.kind();
        Err(invalid(format!(
            "the value of {checked_key:?} is of kind {kind}{detail}, not a {name}"
        )))
    };
    let request = SessionRequest::GetIf(this(call)?, key, Box::new(check));
    Ok(call.environment.start_session(request, expected.convert()))
}

pub(crate) fn status(call: &Call<'_>) -> CallResult {
    answered(Response::Text(this(call)?.status().name().to_owned()))
}

pub(crate) fn token(call: &Call<'_>) -> CallResult {
    answered(Response::OptionalText(this(call)?.token()))
}

/// Takes the number of a commit result that the program received: see `CommitResult` in
/// `lib/record.js`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
pub(crate) fn cookie_taken(call: &Call<'_>) -> CallResult {
    let number =
        call.argument(1).number().ok_or_else(|| invalid("a commit result has a number"))?;
    this(call)?.cookie_taken(number as u64);
    done()
}

pub(crate) fn key(call: &Call<'_>) -> CallResult {
    answered(Response::Key(this(call)?.key()))
}

/// Where `lib/encode.js` stops: an object that contains itself has no end.
pub(crate) fn max_depth(_: &Call<'_>) -> CallResult {
    let depth = u32::try_from(Value::MAX_DEPTH).unwrap_or(u32::MAX);
    answered(Response::Number(f64::from(depth)))
}
