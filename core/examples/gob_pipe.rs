//! What a Go program has stored, after a request here: tests/gob compares the two.
//!
//! `gob_pipe CODEC keep` puts a value beside what is there; with `rewrite` every value is changed
//! before, in all its parts, and changed back. Sessions come in and go out each behind its length, 4 bytes in network order.

use std::io::{ErrorKind, Read, Write};

use sessio::{Expiry, ManualClock, OnCorrupt, Options, SessionOptions, Timestamp, Value, blocking};

/// The key that is put; tests/gob takes it out again.
const ADDED: &str = "added by sessio";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [codec, mode] = &arguments[..] else { return Err("usage: gob_pipe CODEC MODE".into()) };
    let rewrite = match &mode[..] {
        "keep" => false,
        "rewrite" => true,
        _ => return Err("MODE is keep or rewrite".into()),
    };
    // Long ago, so that no session has ended.
    let clock = ManualClock::new(Timestamp::from_micros(i64::MIN));
    let options = Options::new().clock(clock);
    let store = blocking::Store::open_with("memory:?cleanup_interval=0", options)?;
    let mut options = SessionOptions::new().on_corrupt(OnCorrupt::Fail);
    options.set("codec", codec)?;
    let manager = blocking::SessionManager::with(&store, options)?;
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    loop {
        let mut length = [0; 4];
        match input.read_exact(&mut length) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let mut stored = vec![0; u32::from_be_bytes(length).try_into()?];
        input.read_exact(&mut stored)?;
        store.save("t", &stored, Expiry::Never)?;
        let session = manager.load(Some("t"));
        if rewrite {
            let values = session.values()?;
            for (key, value) in &values {
                session.put_value(key, emptied(value))?;
            }
            let _ = manager.commit(&session)?;
            let session = manager.load(Some("t"));
            for (key, value) in values {
                session.put_value(&key, value)?;
            }
            let _ = manager.commit(&session)?;
        }
        let session = manager.load(Some("t"));
        session.put(ADDED, &true)?;
        let _ = manager.commit(&session)?;
        let written = store.find("t")?.ok_or("the session is gone")?.data;
        output.write_all(&u32::try_from(written.len())?.to_be_bytes())?;
        output.write_all(&written)?;
        output.flush()?;
    }
}

/// Another value, which is written as the same Go type.
fn emptied(value: &Value) -> Value {
    match value {
        Value::Bool(yes) => (!yes).into(),
        Value::Int(_) | Value::Unsigned(_) => 0.into(),
        Value::Float(_) => 0.5.into(),
        Value::Text(_) => "".into(),
        Value::Time(_) => Timestamp::from_micros(0).into(),
        // The keys of what is a map to Go.
        Value::List(list)
            if list.iter().all(|item| matches!(item, Value::List(pair) if pair.len() == 2)) =>
        {
            value.clone()
        }
        Value::List(list) => list.iter().map(emptied).collect::<Vec<_>>().into(),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| (key.clone(), emptied(value)));
            entries.collect::<sessio::Map>().into()
        }
        Value::Null | Value::Bytes(_) => value.clone(),
    }
}
