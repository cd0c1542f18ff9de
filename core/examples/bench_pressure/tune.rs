//! The batches of sessio, as they are on the wire.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::load::{Crowd, open, percentile};
use super::wire::{Seen, locked, relay};
use super::{Failure, Outcome};

/// A relay that counts is put before the server; its cost is in the figures.
pub(crate) fn measure(
    runtime: &Runtime,
    url: &str,
    crowd: Crowd,
    long: Duration,
) -> Outcome<String> {
    let seen = Arc::new(Mutex::new(Seen::new()));
    let (target, place) = host(url)?;
    let beside = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let port = beside.block_on(relay(target.to_owned(), Arc::clone(&seen)))?;
    let url = format!("{}127.0.0.1:{port}{}", &url[..place.start], &url[place.end..]);
    let store = open(runtime, &url)?;
    runtime.block_on(crowd.measure(&store, Duration::from_secs(1)))?;
    locked(&seen).again();
    let measured = runtime.block_on(crowd.measure(&store, long))?;
    let mut seen = locked(&seen).again();
    let statements = seen.statements.max(1);
    let total: f64 = seen.in_flight.values().sum();
    let share = |(connections, seconds): (&usize, &f64)| (*connections, seconds / total);
    let in_flight: BTreeMap<usize, f64> = seen.in_flight.iter().map(share).collect();
    let calls = u32::try_from(measured.all)?;
    Ok(format!(
        "{{\"measured\": {}, \"rows\": {:.2}, \"statements\": {statements}, \"took_p50\": {:.3}, \
         \"took_p99\": {:.3}, \"sizes\": {}, \"in_flight\": {}, \"connections\": {}}}",
        measured.json(),
        f64::from(calls) / f64::from(u32::try_from(statements)?),
        percentile(&mut seen.took, 50),
        percentile(&mut seen.took, 99),
        json(&seen.sizes),
        json(&in_flight),
        json(&seen.connections),
    ))
}

/// `host:port` of a URL, and where in it that is.
fn host(url: &str) -> Outcome<(&str, std::ops::Range<usize>)> {
    let bad = || Failure::from("the URL is not mysql://user:password@host:port/database");
    let start = url.find('@').ok_or_else(bad)? + 1;
    let end = start + url[start..].find('/').ok_or_else(bad)?;
    Ok((&url[start..end], start..end))
}

fn json<V: std::fmt::Display>(of: &BTreeMap<usize, V>) -> String {
    let pairs: Vec<_> = of.iter().map(|(key, value)| format!("\"{key}\": {value:.4}")).collect();
    format!("{{{}}}", pairs.join(", "))
}
