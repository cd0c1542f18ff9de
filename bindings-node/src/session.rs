//! What can be done with one session. The first argument is its number.

use sessio::operation::{SessionAnswer, SessionRequest};
use sessio::{Error, Expiry, Session, Value as Stored};

use crate::args::{Text, Value, invalid};
use crate::bridge::Status;
use crate::call::{Call, Outcome};
use crate::open::{answered, done};
use crate::tray::Out;

/// The largest integer that a JavaScript number holds with all before it.
pub(crate) const SAFE: f64 = 9_007_199_254_740_991.0;

pub(crate) fn session(call: &Call<'_>, number: Value<'_>) -> Result<Session, Error> {
    let session = call.bridge.sessions.get(number.handle()?);
    session.ok_or_else(|| invalid("there is no such session"))
}

fn this(call: &Call<'_>) -> Result<Session, Error> {
    session(call, call.argument(0))
}

fn text(value: Value<'_>, what: &str) -> Result<Text, Error> {
    let text = value.required_text(what)?;
    text.as_str(what)?;
    Ok(text)
}

fn owned(value: Value<'_>, what: &str) -> Result<String, Error> {
    Ok(value.required_text(what)?.as_str(what)?.to_owned())
}

const KEY: &str = "the key";

const NAME: &str = "the name";

/// A value as `lib/encode.js` hands it over: as JSON in `json`, or as it is.
fn value(value: Value<'_>, json: Value<'_>) -> Result<Stored, Error> {
    if let Some(text) = json.text()? {
        return Stored::from_json(text.as_str("the value")?);
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
        return Ok(Stored::Null);
    }
    if let Some(instant) = value.date() {
        return instant.map(Stored::Time);
    }
    let wrong = || Err(invalid("this cannot be the value of a session"));
    value.view().unwrap_or_else(wrong).map(Stored::from)
}

/// An integer where it is one in JavaScript: `Number.isSafeInteger`, and not -0.
#[allow(clippy::cast_possible_truncation)] // what is cast is whole and small enough
fn number_of(number: f64) -> Stored {
    let minus_zero = number == 0.0 && number.is_sign_negative();
    if number.fract() == 0.0 && number.abs() <= SAFE && !minus_zero {
        return Stored::Int(number as i64);
    }
    Stored::Float(number)
}

pub(crate) fn put(call: &Call<'_>) -> Outcome {
    let (key, value) = (text(call.argument(1), KEY)?, value(call.argument(2), call.argument(3))?);
    this(call)?.put_value(key.as_str(KEY)?, value)?;
    done()
}

pub(crate) fn put_float(call: &Call<'_>) -> Outcome {
    let key = text(call.argument(1), KEY)?;
    let number = call.argument(2).number().ok_or_else(|| invalid("a float must be a number"))?;
    this(call)?.put_value(key.as_str(KEY)?, Stored::Float(number))?;
    done()
}

/// By a whole number, or a bigint as JSON.
pub(crate) fn increment(call: &Call<'_>) -> Outcome {
    let key = text(call.argument(1), KEY)?;
    let Stored::Int(by) = value(call.argument(2), call.argument(3))? else {
        return Err(invalid("increment takes an integer from -2^63 to 2^63 - 1"));
    };
    this(call)?.increment(key.as_str(KEY)?, by)?;
    done()
}

pub(crate) fn append(call: &Call<'_>) -> Outcome {
    let (key, item) = (text(call.argument(1), KEY)?, value(call.argument(2), call.argument(3))?);
    this(call)?.append_value(key.as_str(KEY)?, item)?;
    done()
}

pub(crate) fn flash(call: &Call<'_>) -> Outcome {
    let (key, value) = (text(call.argument(1), KEY)?, value(call.argument(2), call.argument(3))?);
    this(call)?.flash_value(key.as_str(KEY)?, value)?;
    done()
}

pub(crate) fn remove(call: &Call<'_>) -> Outcome {
    let key = text(call.argument(1), KEY)?;
    this(call)?.remove(key.as_str(KEY)?);
    done()
}

pub(crate) fn clear(call: &Call<'_>) -> Outcome {
    this(call)?.clear();
    done()
}

/// Starts what may ask the store.
fn start(call: &Call<'_>, request: impl FnOnce(Session) -> SessionRequest) -> Outcome {
    Ok(call.bridge.start_session(request(this(call)?), Out::from))
}

pub(crate) fn ensure_loaded(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::EnsureLoaded)
}

pub(crate) fn get(call: &Call<'_>) -> Outcome {
    let key = owned(call.argument(1), KEY)?;
    start(call, |session| SessionRequest::Get(session, key))
}

/// A type that a program wants.
#[derive(Clone, Copy)]
enum Wanted {
    Text,
    Number,
    Bool,
    Integer,
    Time,
    Bytes,
}

impl Wanted {
    /// By the name that JavaScript has for it.
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Wanted::Text,
            "number" => Wanted::Number,
            "boolean" => Wanted::Bool,
            "bigint" => Wanted::Integer,
            "Date" => Wanted::Time,
            "Buffer" => Wanted::Bytes,
            _ => return None,
        })
    }

    fn fits(self, value: &Stored) -> bool {
        match value {
            Stored::Text(_) => matches!(self, Wanted::Text),
            Stored::Bool(_) => matches!(self, Wanted::Bool),
            Stored::Int(number) => match self {
                Wanted::Number => safe(*number).is_some(),
                Wanted::Integer => true,
                Wanted::Text | Wanted::Bool | Wanted::Time | Wanted::Bytes => false,
            },
            Stored::Unsigned(_) => matches!(self, Wanted::Integer),
            Stored::Float(_) => matches!(self, Wanted::Number),
            Stored::Time(_) => matches!(self, Wanted::Time),
            Stored::Bytes(_) => matches!(self, Wanted::Bytes),
            Stored::Null | Stored::List(_) | Stored::Map(_) => false,
        }
    }

    fn out(self) -> fn(SessionAnswer) -> Out {
        match self {
            Wanted::Integer => Out::integer,
            Wanted::Text | Wanted::Number | Wanted::Bool | Wanted::Time | Wanted::Bytes => {
                Out::from
            }
        }
    }
}

/// As a number, if that holds exactly this integer.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn safe(number: i64) -> Option<f64> {
    let number = number as f64;
    (number.abs() <= SAFE).then_some(number)
}

/// With the name of the type that is wanted.
pub(crate) fn get_as(call: &Call<'_>) -> Outcome {
    let key = owned(call.argument(1), KEY)?;
    let name = owned(call.argument(2), "a type")?;
    let wanted = Wanted::from_name(&name).ok_or_else(|| invalid("there is no such type"))?;
    let what = key.clone();
    let check = move |value: &Stored| {
        if wanted.fits(value) {
            return Ok(());
        }
        let more = match value {
            Stored::Int(_) | Stored::Unsigned(_) if name == "number" => " beyond 2^53 - 1",
            Stored::Int(_)
            | Stored::Unsigned(_)
            | Stored::Null
            | Stored::Bool(_)
            | Stored::Float(_)
            | Stored::Text(_)
            | Stored::Bytes(_)
            | Stored::Time(_)
            | Stored::List(_)
            | Stored::Map(_) => "",
        };
        let is = value.kind();
        Err(invalid(format!("the value of {what:?} is of kind {is}{more}, not a {name}")))
    };
    let request = SessionRequest::GetIf(this(call)?, key, Box::new(check));
    Ok(call.bridge.start_session(request, wanted.out()))
}

pub(crate) fn pop(call: &Call<'_>) -> Outcome {
    let key = owned(call.argument(1), KEY)?;
    start(call, |session| SessionRequest::Pop(session, key))
}

pub(crate) fn take(call: &Call<'_>) -> Outcome {
    let key = owned(call.argument(1), KEY)?;
    start(call, |session| SessionRequest::Take(session, key))
}

pub(crate) fn contains(call: &Call<'_>) -> Outcome {
    let key = owned(call.argument(1), KEY)?;
    start(call, |session| SessionRequest::Contains(session, key))
}

pub(crate) fn keys(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::Keys)
}

pub(crate) fn values(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::Values)
}

pub(crate) fn snapshot_json(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::SnapshotJson)
}

pub(crate) fn put_if_changed(call: &Call<'_>) -> Outcome {
    let key = owned(call.argument(1), KEY)?;
    let value = value(call.argument(2), call.argument(3))?;
    start(call, |session| SessionRequest::PutIfChanged(session, key, value))
}

/// The whole map as JSON.
pub(crate) fn assign(call: &Call<'_>) -> Outcome {
    let json = text(call.argument(1), "the values")?;
    let Stored::Map(values) = Stored::from_json(json.as_str("the values")?)? else {
        return Err(invalid("what is assigned must be an object"));
    };
    start(call, |session| SessionRequest::Assign(session, values))
}

pub(crate) fn flashes(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::Flashes)
}

pub(crate) fn renew(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::Renew)
}

pub(crate) fn regenerate(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::Regenerate)
}

pub(crate) fn store_empty(call: &Call<'_>) -> Outcome {
    this(call)?.store_empty();
    done()
}

pub(crate) fn ensure_token(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::EnsureToken)
}

pub(crate) fn destroy(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::Destroy)
}

pub(crate) fn merge_from(call: &Call<'_>) -> Outcome {
    let token = owned(call.argument(1), "the token")?;
    start(call, |session| SessionRequest::MergeFrom(session, token))
}

pub(crate) fn deadline(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::Deadline)
}

pub(crate) fn expires_at(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::ExpiresAt)
}

pub(crate) fn set_deadline(call: &Call<'_>) -> Outcome {
    let deadline: Expiry = call.argument(1).expiry()?;
    this(call)?.set_deadline(deadline);
    done()
}

pub(crate) fn touch(call: &Call<'_>) -> Outcome {
    this(call)?.touch();
    done()
}

pub(crate) fn extra(call: &Call<'_>) -> Outcome {
    let name = owned(call.argument(1), NAME)?;
    start(call, |session| SessionRequest::Extra(session, name))
}

/// Without a value it is removed.
pub(crate) fn set_extra(call: &Call<'_>) -> Outcome {
    let name = text(call.argument(1), NAME)?;
    let given = !(call.argument(2).is_undefined() && call.argument(3).is_undefined());
    let value = given.then(|| value(call.argument(2), call.argument(3))).transpose()?;
    this(call)?.set_extra(name.as_str(NAME)?, value)?;
    done()
}

pub(crate) fn idle_timeout(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::IdleTimeout)
}

/// In milliseconds, or null for that of the manager.
pub(crate) fn set_idle_timeout(call: &Call<'_>) -> Outcome {
    let timeout = call.argument(1);
    let timeout = (!timeout.is_null()).then(|| timeout.duration("an idle timeout")).transpose()?;
    this(call)?.set_idle_timeout(timeout)?;
    done()
}

pub(crate) fn remembered(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::Remembered)
}

pub(crate) fn remember_me(call: &Call<'_>) -> Outcome {
    let remember = call.argument(1).boolean();
    this(call)?.remember_me(remember.ok_or_else(|| invalid("rememberMe takes true or false"))?);
    done()
}

pub(crate) fn subject(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::Subject)
}

pub(crate) fn set_subject(call: &Call<'_>) -> Outcome {
    let subject = call.argument(1);
    let text = (!subject.is_null()).then(|| subject.required_text("the subject")).transpose()?;
    let subject = text.as_ref().map(|text| text.as_str("the subject")).transpose()?;
    this(call)?.set_subject(subject)?;
    done()
}

pub(crate) fn is_new(call: &Call<'_>) -> Outcome {
    start(call, SessionRequest::IsNew)
}

pub(crate) fn status(call: &Call<'_>) -> Outcome {
    answered(Out::Text(this(call)?.status().name().to_owned()))
}

pub(crate) fn token(call: &Call<'_>) -> Outcome {
    answered(Out::OptionalText(this(call)?.token()))
}

/// The number of an answer that JavaScript has: see `result` in `lib/answers.js`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of ours")]
pub(crate) fn cookie_taken(call: &Call<'_>) -> Outcome {
    let number = call.argument(1).number().ok_or_else(|| invalid("an answer has a number"))?;
    this(call)?.cookie_taken(number as u64);
    done()
}

pub(crate) fn key(call: &Call<'_>) -> Outcome {
    answered(Out::Key(this(call)?.key()))
}

/// Beyond this `lib/encode.js` need not go on: an object that holds itself has no end.
#[expect(clippy::unnecessary_wraps, reason = "as all calls")]
pub(crate) fn max_depth(_: &Call<'_>) -> Outcome {
    let depth = u32::try_from(Stored::MAX_DEPTH).unwrap_or(u32::MAX);
    Ok(Status::Answered(Out::Number(f64::from(depth))))
}
