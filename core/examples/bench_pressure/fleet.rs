//! One of many processes that each do little, all with the defaults.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sessio::Store;

use super::Outcome;
use super::load::{Crowd, SESSIONS, Work, json_of, random};

/// Calls that come together, once a second.
const BURST: usize = 8;

pub(crate) async fn member(url: &str, long: Duration) -> Outcome<String> {
    let store = Store::open(url)?;
    let began = Instant::now();
    let mut state = u64::from(std::process::id()) * 7_919 + 1;
    let (mut errors, mut calls, mut longest) = (BTreeMap::new(), 0, 0.0);
    // Not all of them in the same instant.
    let offset = u64::try_from(random(&mut state) % 1000)?;
    tokio::time::sleep(Duration::from_millis(offset)).await;
    while began.elapsed() < long {
        let next = Instant::now() + Duration::from_secs(1);
        let burst: Vec<_> = (0..BURST)
            .map(|_| tokio::spawn(request(store.clone(), random(&mut state) % SESSIONS)))
            .collect();
        for request in burst {
            for call in request.await?? {
                calls += 1;
                longest = call.ms().max(longest);
                if let Some(kind) = call.error {
                    *errors.entry(kind.name()).or_insert(0) += 1;
                }
            }
        }
        tokio::time::sleep_until(next.into()).await;
    }
    store.close().await;
    Ok(format!(
        "{{\"calls\": {calls}, \"longest\": {longest:.1}, \"errors\": {}}}",
        json_of(&errors)
    ))
}

/// As a page does it: a find, then a save.
async fn request(store: Store, number: usize) -> Outcome<Vec<super::load::Call>> {
    let mut calls = Vec::new();
    for work in [Work::Find, Work::Save] {
        calls.push(Crowd { work, callers: 1 }.call(&store, number).await?);
    }
    Ok(calls)
}
