//! Rust's part of the test that every value of every language is read by every other:
//! `round_trip write URL` prints `=> TOKEN`, and `round_trip read URL TOKEN WRITER` compares.

use sessio::blocking::{SessionManager, Store};
use sessio::{Error, ErrorKind, Map, Result, Timestamp, Value};

const DOCUMENTS: &str = include_str!("../../tests/documents.json");

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", url] => write(url),
        ["read", url, token, writer] => read(url, token, writer),
        _ => Err(failed("usage: round_trip write URL, or read URL TOKEN WRITER".to_owned())),
    }
}

fn failed(message: String) -> Error {
    Error::new(ErrorKind::Internal, message)
}

/// Each value by its name.
fn documents() -> Result<Map> {
    let bad = |_| failed("tests/documents.json is not what it should be".to_owned());
    let documents: Vec<serde_json::Value> = serde_json::from_str(DOCUMENTS).map_err(bad)?;
    let value = |document: &serde_json::Value| {
        let name = document["name"].as_str().unwrap_or_default().to_owned();
        let text = document["json"].as_str().unwrap_or_default();
        let whole: serde_json::Value = serde_json::from_str(text).map_err(bad)?;
        Ok((name, Value::from_json(&whole["values"]["v"].to_string())?))
    };
    documents.iter().map(value).collect()
}

fn write(url: &str) -> Result<()> {
    let manager = SessionManager::new(&Store::open(url)?);
    let session = manager.load(None);
    for (name, value) in documents()? {
        session.put_value(&name, value)?;
    }
    let result = manager.commit(&session)?;
    println!("=> {}", result.token.unwrap_or_default());
    Ok(())
}

fn read(url: &str, token: &str, writer: &str) -> Result<()> {
    let session = SessionManager::new(&Store::open(url)?).load(Some(token));
    let (expected, found) = (documents()?, session.values()?);
    for (name, value) in &expected {
        let wanted = if writer == "node" { as_a_date_has_it(value) } else { value.clone() };
        // By their text: not a number is not equal to itself, and 0 is to -0.
        let same = match found.get(name) {
            Some(value) => value.to_json()? == wanted.to_json()?,
            None => false,
        };
        if !same {
            return Err(failed(format!("{name}: not what {writer} was to write")));
        }
    }
    if found.len() != expected.len() {
        return Err(failed(format!("{} values too many", found.len() - expected.len())));
    }
    println!("{} values", found.len());
    Ok(())
}

/// JavaScript's dates have milliseconds.
fn as_a_date_has_it(value: &Value) -> Value {
    match value {
        Value::Time(at) => Timestamp::from_micros(at.as_micros().div_euclid(1000) * 1000).into(),
        Value::List(list) => list.iter().map(as_a_date_has_it).collect::<Vec<_>>().into(),
        Value::Map(map) => {
            let entry = |(key, value): (&String, &Value)| (key.clone(), as_a_date_has_it(value));
            map.iter().map(entry).collect::<Map>().into()
        }
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Unsigned(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Bytes(_) => value.clone(),
    }
}
