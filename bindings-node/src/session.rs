//! The methods of one session. The first argument is its number.

use sessio::operation::{SessionAnswer, SessionRequest};
use sessio::{Error, Expiry, Session, Value};

use crate::arguments::{JsValue, MAX_SAFE_INTEGER, Text, exact_number, invalid};
use crate::call::{Call, CallResult, answered, done};
use crate::encode::Response;

pub(crate) fn session(call: &Call<'_>, number: JsValue<'_>) -> Result<Session, Error> {
    call.environment.sessions.get(number.handle()?)
}

fn this(call: &Call<'_>) -> Result<Session, Error> {
    session(call, call.argument(0))
}

fn text(value: JsValue<'_>, what: &str) -> Result<Text, Error> {
    let text = value.required_text(what)?;
    text.as_str(what)?;
    Ok(text)
}

fn owned(value: JsValue<'_>, what: &str) -> Result<String, Error> {
    Ok(value.required_text(what)?.as_str(what)?.to_owned())
}

const KEY: &str = "the key";

const NAME: &str = "the name";

/// A value as `lib/encode.js` passes it: as JSON in `json`, or as it is.
fn value(value: JsValue<'_>, json: JsValue<'_>) -> Result<Value, Error> {
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

pub(crate) fn put(call: &Call<'_>) -> CallResult {
    let (key, value) = (text(call.argument(1), KEY)?, value(call.argument(2), call.argument(3))?);
    this(call)?.put_value(key.as_str(KEY)?, value)?;
    done()
}

pub(crate) fn put_float(call: &Call<'_>) -> CallResult {
    let key = text(call.argument(1), KEY)?;
    let number = call.argument(2).number().ok_or_else(|| invalid("a float must be a number"))?;
    this(call)?.put_value(key.as_str(KEY)?, Value::Float(number))?;
    done()
}

/// Takes a whole number, or a bigint as JSON.
pub(crate) fn increment(call: &Call<'_>) -> CallResult {
    let key = text(call.argument(1), KEY)?;
    let Value::Int(by) = value(call.argument(2), call.argument(3))? else {
        return Err(invalid("increment takes an integer from -2^63 to 2^63 - 1"));
    };
    this(call)?.increment(key.as_str(KEY)?, by)?;
    done()
}

pub(crate) fn append(call: &Call<'_>) -> CallResult {
    let (key, item) = (text(call.argument(1), KEY)?, value(call.argument(2), call.argument(3))?);
    this(call)?.append_value(key.as_str(KEY)?, item)?;
    done()
}

pub(crate) fn flash(call: &Call<'_>) -> CallResult {
    let (key, value) = (text(call.argument(1), KEY)?, value(call.argument(2), call.argument(3))?);
    this(call)?.flash_value(key.as_str(KEY)?, value)?;
    done()
}

pub(crate) fn remove(call: &Call<'_>) -> CallResult {
    let key = text(call.argument(1), KEY)?;
    this(call)?.remove(key.as_str(KEY)?);
    done()
}

pub(crate) fn clear(call: &Call<'_>) -> CallResult {
    this(call)?.clear();
    done()
}

/// Starts a request that may have to ask the store.
fn start(call: &Call<'_>, request: impl FnOnce(Session) -> SessionRequest) -> CallResult {
    Ok(call.environment.start_session(request(this(call)?), Response::from))
}

pub(crate) fn ensure_loaded(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::EnsureLoaded)
}

pub(crate) fn get(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), KEY)?;
    start(call, |session| SessionRequest::Get(session, key))
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
    let key = owned(call.argument(1), KEY)?;
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

pub(crate) fn pop(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), KEY)?;
    start(call, |session| SessionRequest::Pop(session, key))
}

pub(crate) fn take(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), KEY)?;
    start(call, |session| SessionRequest::Take(session, key))
}

pub(crate) fn contains(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), KEY)?;
    start(call, |session| SessionRequest::Contains(session, key))
}

pub(crate) fn keys(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::Keys)
}

pub(crate) fn values(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::Values)
}

pub(crate) fn snapshot_json(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::SnapshotJson)
}

pub(crate) fn put_if_changed(call: &Call<'_>) -> CallResult {
    let key = owned(call.argument(1), KEY)?;
    let value = value(call.argument(2), call.argument(3))?;
    start(call, |session| SessionRequest::PutIfChanged(session, key, value))
}

/// The whole map as JSON.
pub(crate) fn assign(call: &Call<'_>) -> CallResult {
    let json = text(call.argument(1), "the values")?;
    let Value::Map(values) = Value::from_json(json.as_str("the values")?)? else {
        return Err(invalid("the values to assign must be an object"));
    };
    start(call, |session| SessionRequest::Assign(session, values))
}

pub(crate) fn flashes(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::Flashes)
}

pub(crate) fn renew(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::Renew)
}

pub(crate) fn regenerate(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::Regenerate)
}

pub(crate) fn store_empty(call: &Call<'_>) -> CallResult {
    this(call)?.store_empty();
    done()
}

pub(crate) fn ensure_token(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::EnsureToken)
}

pub(crate) fn destroy(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::Destroy)
}

pub(crate) fn merge_from(call: &Call<'_>) -> CallResult {
    let token = owned(call.argument(1), "the token")?;
    start(call, |session| SessionRequest::MergeFrom(session, token))
}

pub(crate) fn deadline(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::Deadline)
}

pub(crate) fn expires_at(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::ExpiresAt)
}

pub(crate) fn set_deadline(call: &Call<'_>) -> CallResult {
    let deadline: Expiry = call.argument(1).expiry()?;
    this(call)?.set_deadline(deadline);
    done()
}

pub(crate) fn touch(call: &Call<'_>) -> CallResult {
    this(call)?.touch();
    done()
}

pub(crate) fn extra(call: &Call<'_>) -> CallResult {
    let name = owned(call.argument(1), NAME)?;
    start(call, |session| SessionRequest::Extra(session, name))
}

/// Without a value the name is removed.
pub(crate) fn set_extra(call: &Call<'_>) -> CallResult {
    let name = text(call.argument(1), NAME)?;
    let has_value = !(call.argument(2).is_undefined() && call.argument(3).is_undefined());
    let value = has_value.then(|| value(call.argument(2), call.argument(3))).transpose()?;
    this(call)?.set_extra(name.as_str(NAME)?, value)?;
    done()
}

pub(crate) fn idle_timeout(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::IdleTimeout)
}

/// Takes milliseconds, or null for the manager's option.
pub(crate) fn set_idle_timeout(call: &Call<'_>) -> CallResult {
    let timeout = call.argument(1);
    let timeout = (!timeout.is_null()).then(|| timeout.duration("the idle timeout")).transpose()?;
    this(call)?.set_idle_timeout(timeout)?;
    done()
}

pub(crate) fn remembered(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::Remembered)
}

pub(crate) fn remember_me(call: &Call<'_>) -> CallResult {
    let remember = call.argument(1).boolean();
    this(call)?.remember_me(remember.ok_or_else(|| invalid("remember must be true or false"))?);
    done()
}

pub(crate) fn subject(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::Subject)
}

pub(crate) fn set_subject(call: &Call<'_>) -> CallResult {
    let subject = call.argument(1);
    let text = (!subject.is_null()).then(|| subject.required_text("the subject")).transpose()?;
    let subject = text.as_ref().map(|text| text.as_str("the subject")).transpose()?;
    this(call)?.set_subject(subject)?;
    done()
}

pub(crate) fn is_new(call: &Call<'_>) -> CallResult {
    start(call, SessionRequest::IsNew)
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
