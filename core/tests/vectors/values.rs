//! The values of the vectors: what a file has, and what an answer looks like there.

// JSON's kinds of values are not ours and will not become more.
#![allow(clippy::wildcard_enum_match_arm)]

use serde_json::{Map, Value, json};
use sessio::{Entry, Expiry, Page, Record, Timestamp};

type Result<T> = std::result::Result<T, String>;

/// An object whose fields are taken out one by one, so that an unknown one is noticed.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn of(value: Value) -> Result<Self> {
        match value {
            Value::Object(map) => Ok(Fields(map)),
            other => Err(format!("not an object: {other}")),
        }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    pub(crate) fn need(&mut self, name: &str) -> Result<Value> {
        self.take(name).ok_or_else(|| format!("the field {name} is missing"))
    }

    /// Text, or a repetition of text.
    pub(crate) fn text(&mut self, name: &str) -> Result<String> {
        text(self.need(name)?)
    }

    pub(crate) fn text_if_any(&mut self, name: &str) -> Result<Option<String>> {
        self.take(name).map(text).transpose()
    }

    /// It must be there, and may be null.
    pub(crate) fn text_or_null(&mut self, name: &str) -> Result<Option<String>> {
        let value = self.need(name)?;
        if value.is_null() { Ok(None) } else { text(value).map(Some) }
    }

    pub(crate) fn bytes(&mut self, name: &str) -> Result<Vec<u8>> {
        bytes(self.need(name)?)
    }

    pub(crate) fn number<T: TryFrom<i64>>(&mut self, name: &str) -> Result<T> {
        let value = self.need(name)?;
        let number = value.as_i64().and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| format!("{name} is not such a number: {value}"))
    }

    pub(crate) fn array(&mut self, name: &str) -> Result<Vec<Value>> {
        match self.need(name)? {
            Value::Array(values) => Ok(values),
            other => Err(format!("{name} is not a list: {other}")),
        }
    }

    /// Empty if it is absent.
    pub(crate) fn object(&mut self, name: &str) -> Result<Map<String, Value>> {
        self.take(name).map_or(Ok(Map::new()), |value| Ok(Fields::of(value)?.0))
    }

    pub(crate) fn expiry(&mut self, start: i64) -> Result<Expiry> {
        let value = self.need("expires")?;
        if value.is_null() {
            return Ok(Expiry::Never);
        }
        let mut fields = Fields::of(value)?;
        let expiry = if fields.0.contains_key("at") {
            Expiry::At(Timestamp::from_micros(start + fields.number::<i64>("at")? * 1000))
        } else {
            Expiry::After(fields.number::<i64>("after")? * 1000)
        };
        fields.end().map(|()| expiry)
    }

    /// Everything was taken.
    pub(crate) fn end(self) -> Result<()> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("the field {name} is unknown here")),
        }
    }
}

fn text(value: Value) -> Result<String> {
    if let Value::String(text) = value {
        return Ok(text);
    }
    let mut fields = Fields::of(value)?;
    let repeated = fields.text("text")?.repeat(fields.number("times")?);
    fields.end().map(|()| repeated)
}

fn bytes(value: Value) -> Result<Vec<u8>> {
    if let Value::String(text) = value {
        return Ok(text.into_bytes());
    }
    let mut fields = Fields::of(value)?;
    let once = match fields.text_if_any("hex")? {
        Some(hex) => unhex(&hex)?,
        None => fields.text("text")?.into_bytes(),
    };
    let times = if fields.0.contains_key("times") { fields.number("times")? } else { 1 };
    fields.end().map(|()| once.repeat(times))
}

fn unhex(hex: &str) -> Result<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.map(byte).collect();
    bytes.filter(|_| hex.len().is_multiple_of(2)).ok_or_else(|| format!("not hexadecimal: {hex}"))
}

/// A list of 20,000 numbers a record would be unreadable in a failure; text says as much.
fn spelled(bytes: &[u8]) -> Value {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

// What an answer looks like: as in a file, but with bytes always in hexadecimal.

pub(crate) fn record(record: &Record, start: i64) -> Value {
    json!({
        "data": spelled(&record.data),
        "expires": record.expires_at.map(|at| micros_as_millis(at.as_micros() - start)),
        "subject": record.subject,
    })
}

/// A part of a millisecond would be a part that no vector can ask for: it must show.
pub(crate) fn micros_as_millis(micros: i64) -> Value {
    if micros % 1000 == 0 { (micros / 1000).into() } else { format!("{micros} µs").into() }
}

pub(crate) fn page(page: &Page, start: i64) -> Value {
    let entry = |entry: &Entry| {
        let mut listed = record(&entry.record, start);
        listed["key"] = entry.key.as_str().into();
        listed
    };
    json!({
        "entries": page.entries.iter().map(entry).collect::<Vec<_>>(),
        "next": page.next.map(|key| key.as_str().to_owned()),
    })
}

/// What a file expects, in the same form. `kind` says what a step gives.
pub(crate) fn expected(value: Value, kind: Kind) -> Result<Value> {
    match kind {
        Kind::Plain => Ok(value),
        Kind::Record => expected_record(value, false),
        Kind::Records => match value {
            Value::Array(records) => {
                records.into_iter().map(|value| expected_record(value, false)).collect()
            }
            other => Err(format!("not a list: {other}")),
        },
        Kind::Page => {
            let mut fields = Fields::of(value)?;
            let entries = fields.array("entries")?.into_iter();
            let entries = entries.map(|value| expected_record(value, true));
            let entries: Value = entries.collect::<Result<_>>()?;
            let page = json!({"entries": entries, "next": fields.need("next")?});
            fields.end().map(|()| page)
        }
    }
}

/// Some of what a commit gives is compared only where the file says it.
pub(crate) fn as_far_as_asked(mut got: Value, wanted: &Value) -> Value {
    if let Some(fields) = got.as_object_mut().filter(|got| got.contains_key("outcome")) {
        fields.retain(|name, _| {
            !["read", "headers", "attributes"].contains(&&name[..]) || wanted.get(name).is_some()
        });
    }
    got
}

/// What kind of value a step gives.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Plain,
    Record,
    Records,
    Page,
}

fn expected_record(value: Value, with_key: bool) -> Result<Value> {
    if value.is_null() && !with_key {
        return Ok(value);
    }
    let mut fields = Fields::of(value)?;
    let mut record = json!({
        "data": spelled(&fields.bytes("data")?),
        "expires": fields.need("expires")?,
        "subject": match fields.take("subject") {
            None | Some(Value::Null) => Value::Null,
            Some(subject) => text(subject)?.into(),
        },
    });
    if with_key {
        record["key"] = fields.text("key")?.into();
    }
    fields.end().map(|()| record)
}
