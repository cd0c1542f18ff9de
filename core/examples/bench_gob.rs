//! The Rust side of `./dev bench gob`: a session that Go has written is loaded and committed. The
//! codec alone is private, so this has the manager and a store in memory as well.
//!
//! `bench_gob MODE HEX SECONDS`, where a request looks at `all` values and changes one, looks at all
//! and changes all (`changed`), or only changes `one`. Prints one line of JSON.

use std::time::{Duration, Instant};

use sessio::{Expiry, Map, OnCorrupt, SessionOptions, Timestamp, Value, blocking};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const USAGE: &str = "see the file's head";
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, hex, seconds] = &arguments[..] else { return Err(USAGE.into()) };
    let request = match &mode[..] {
        "all" => all,
        "changed" => all_changed,
        "one" => one,
        _ => return Err(USAGE.into()),
    };
    let pair = |at: usize| u8::from_str_radix(hex.get(at..at + 2).unwrap_or_default(), 16);
    let stored = (0..hex.len()).step_by(2).map(pair).collect::<Result<Vec<u8>, _>>()?;
    let store = blocking::Store::open("memory:?cleanup_interval=0")?;
    let mut options = SessionOptions::new().on_corrupt(OnCorrupt::Fail);
    options.set("codec", "gob")?;
    let manager = blocking::SessionManager::with(&store, options)?;
    let long = Duration::try_from_secs_f64(seconds.parse()?)?;
    let (began, mut rounds) = (Instant::now(), 0u32);
    while began.elapsed() < long {
        store.save("t", &stored, Expiry::Never)?;
        let session = manager.load(Some("t"));
        request(&session, rounds)?;
        let _ = manager.commit(&session)?;
        rounds += 1;
    }
    let ns = began.elapsed().as_secs_f64() * 1e9 / f64::from(rounds);
    println!("{{\"ns\": {ns}, \"bytes\": {}}}", stored.len());
    Ok(())
}

fn one(session: &blocking::Session, round: u32) -> sessio::Result<()> {
    session.put("userID", &round)
}

fn all(session: &blocking::Session, round: u32) -> sessio::Result<()> {
    std::hint::black_box(session.values()?);
    one(session, round)
}

fn all_changed(session: &blocking::Session, round: u32) -> sessio::Result<()> {
    let values: Map = session.values()?;
    for (key, value) in values {
        session.put_value(&key, changed(value, round))?;
    }
    Ok(())
}

/// Another value of the same size, so that nothing can be copied from what was there.
fn changed(value: Value, round: u32) -> Value {
    match value {
        Value::Bool(yes) => (!yes).into(),
        Value::Int(number) => (number ^ 1).into(),
        Value::Unsigned(_) => round.into(),
        Value::Float(number) => (number + 1.0).into(),
        Value::Text(text) => text.chars().rev().collect::<String>().into(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| byte ^ 1).collect::<Vec<_>>().into(),
        Value::Time(instant) => Timestamp::from_micros(instant.as_micros() + 1).into(),
        Value::List(list) => {
            list.into_iter().map(|value| changed(value, round)).collect::<Vec<_>>().into()
        }
        Value::Map(map) => {
            map.into_iter().map(|(key, value)| (key, changed(value, round))).collect::<Map>().into()
        }
        Value::Null => Value::Null,
    }
}
