//! A TCP proxy that delays, holds, cuts and refuses on request.
//!
//! `proxy LISTEN_PORT|0 TARGET [--delay MS]` listens on 127.0.0.1, prints its port and reads
//! commands from its input, one a line, until that ends. It answers each with `ok`, `count` with
//! the number of connections that have come.
//!
//! | command | what it does |
//! |---|---|
//! | `delay MS` | adds so much to each round trip, half each way |
//! | `stall` / `go` | holds all bytes, of new connections too |
//! | `hold` / `release` | holds the bytes of the connections there are; new ones pass |
//! | `cut` | ends each connection in the middle of its next bytes |
//! | `half-close` | closes the direction towards the client |
//! | `reset` | resets each connection at once |
//! | `refuse` / `black-hole` / `accept` | what new connections meet |
//! | `throttle BYTES_PER_S` | all connections together, in each direction; 0 ends it |
//! | `count` | connections that have come |

#[path = "pressure/proxy/mod.rs"]
mod proxy;

use std::io::{BufRead, Write, stdin, stdout};
use std::time::Duration;

use proxy::Proxy;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (port, target, delay) = match arguments.as_slice() {
        [port, target] => (port, target, None),
        [port, target, option, delay] if option == "--delay" => (port, target, Some(delay)),
        _ => return Err("usage: proxy LISTEN_PORT|0 TARGET [--delay MS]".into()),
    };
    let proxy = Proxy::between(port.parse()?, target)?;
    if let Some(delay) = delay {
        proxy.delay(milliseconds(delay)?);
    }
    answer(&proxy.port().to_string())?;
    for line in stdin().lock().lines() {
        let said = obey(&proxy, line?.trim()).unwrap_or_else(|error| format!("error: {error}"));
        answer(&said)?;
    }
    Ok(())
}

fn answer(line: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn milliseconds(text: &str) -> Result<Duration, Failure> {
    Ok(Duration::try_from_secs_f64(text.parse::<f64>()? / 1000.0)?)
}

fn obey(proxy: &Proxy, line: &str) -> Result<String, Failure> {
    let (command, argument) = line.split_once(' ').unwrap_or((line, ""));
    match command {
        "delay" => proxy.delay(milliseconds(argument)?),
        "stall" => proxy.stall(),
        "go" => proxy.go(),
        "hold" => proxy.hold(),
        "release" => proxy.release(),
        "cut" => proxy.cut(),
        "half-close" => proxy.half_close(),
        "reset" => proxy.reset(),
        "refuse" => proxy.refuse(),
        "black-hole" => proxy.black_hole(),
        "accept" => proxy.accept(),
        "throttle" => proxy.throttle(Some(argument.parse()?).filter(|most| *most > 0)),
        "count" => return Ok(proxy.connections().to_string()),
        _ => return Err(format!("there is no command {command:?}").into()),
    }
    Ok("ok".into())
}
