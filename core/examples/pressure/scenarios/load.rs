//! More than the server can do, and a server that does nothing for a while.

use std::time::Duration;

use sessio::ErrorKind;
use tokio::task::JoinSet;

use crate::Servers;
use crate::client::{Mix, now};
use crate::crowd::Pool;
use crate::proxy::Proxy;
use crate::report::{Row, Seen};
use crate::servers::{Outcome, Table};

use super::{SLACK, settle};

const OVERLOAD: &[ErrorKind] = &[ErrorKind::Overloaded, ErrorKind::Timeout];

pub(super) async fn overload_a_fifth(servers: &Servers, name: &'static str) -> Outcome<Row> {
    overload(servers, name, &Load { times: 1.2, seconds: 30, rows: Rows::Beside }).await
}

pub(super) async fn overload_twice(servers: &Servers, name: &'static str) -> Outcome<Row> {
    overload(servers, name, &Load { times: 2.0, seconds: 16, rows: Rows::InLine }).await
}

pub(super) async fn overload_five_times(servers: &Servers, name: &'static str) -> Outcome<Row> {
    overload(servers, name, &Load { times: 5.0, seconds: 12, rows: Rows::Beside }).await
}

/// The while is long enough for calls to wait for as long as their timeout, if the store lets them:
/// at 1.2 times the capacity that takes 25 s, at two times 5 s.
struct Load {
    times: f64,
    seconds: u32,
    rows: Rows,
}

/// Each row costs 2 ms at the server.
#[derive(Clone, Copy)]
enum Rows {
    /// Connections do theirs beside one another: the more there are, the more is done.
    Beside,
    /// The server does one at a time, for however many connections.
    InLine,
}

/// The capacity is what a closed loop gets; then so many times that is offered for a while, and
/// four fifths of it afterwards.
async fn overload(servers: &Servers, name: &'static str, load: &Load) -> Outcome<Row> {
    let &Load { times, seconds, rows } = load;
    let table = Table::new(&servers.a).await?;
    let timeout = Duration::from_secs(5);
    let (connections, cost) = match rows {
        Rows::Beside => ("4", "SLEEP(0.002)"),
        Rows::InLine => ("16", "GET_LOCK('row', 60), SLEEP(0.002), RELEASE_LOCK('row')"),
    };
    let store = table.store(&servers.a.address, &[("connections", connections)])?;
    let pool = Pool::new(&store, 20_000, Mix::Saves);
    pool.fill().await;
    table.before("UPDATE", cost).await?;
    let measured = now();
    pool.saturate(256, Duration::from_secs(4)).await;
    // The first second is for connecting.
    let capacity = pool.rate(measured + 1_000_000, measured + 4_000_000);
    let (began, mut live) = (now(), JoinSet::new());
    pool.offer(capacity * times, Duration::from_secs(seconds.into()), &mut live).await;
    let over = now();
    pool.offer(capacity * 0.8, Duration::from_secs(6), &mut live).await;
    let end = now();
    let mut slots = pool.end(live).await;
    table.quick("UPDATE").await?;
    settle(&table, &mut slots).await?;

    let mut row = Row::of(name, &slots, OVERLOAD, timeout + SLACK);
    let seen = Seen::of(&slots);
    // Of the load the second half, when all queues are as long as they become.
    let during = seen.rate(began + 500_000 * i64::from(seconds), over) / capacity;
    let after = seen.rate(over + 2_000_000, end) / capacity;
    row.note(format!(
        "capacity {capacity:.0}/s; of it {:.0} % during the second half of the load, {:.0} % \
         of the 80 % offered from 2 s after it",
        during * 100.0,
        after * 100.0
    ));
    row.demand(during >= 0.85, || format!("goodput {:.0} % of the capacity", during * 100.0));
    row.demand(after >= 0.76, || format!("{:.0} % of the capacity, 80 offered", after * 100.0));
    let (refused, late) = (
        seen.failed(ErrorKind::Overloaded, began, end),
        seen.failed(ErrorKind::Timeout, began, end),
    );
    row.demand(refused > 0, || "nothing was refused as Overloaded".into());
    let told = seen.took(ErrorKind::Overloaded, 0.5);
    row.demand(told < Duration::from_millis(100), || {
        format!("half of those who were refused waited longer than {:.2} s", told.as_secs_f64())
    });
    let offered = seen.count(began, end);
    row.demand(late * 50 <= offered, || format!("{late} of {offered} calls timed out"));
    row.back(seen.back(over, capacity * 0.8 * 1.2, end), 2.0);
    Ok(row)
}

pub(super) async fn stall_longer_than_the_timeout(
    servers: &Servers,
    name: &'static str,
) -> Outcome<Row> {
    stall(servers, name, "5", 6).await
}

pub(super) async fn stall_short_timeout(servers: &Servers, name: &'static str) -> Outcome<Row> {
    stall(servers, name, "1", 3).await
}

/// 1,500 saves a second over a line of 20 ms that passes nothing for a while.
async fn stall(servers: &Servers, name: &'static str, timeout: &str, seconds: u64) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let proxy = Proxy::to(&servers.a.address)?;
    proxy.delay(Duration::from_millis(20));
    let store = table.store(&proxy.address(), &[("timeout", timeout)])?;
    let pool = Pool::new(&store, 20_000, Mix::Saves);
    let (began, mut live) = (now(), JoinSet::new());
    pool.offer(1500.0, Duration::from_secs(4), &mut live).await;
    let before = now();
    proxy.stall();
    pool.offer(1500.0, Duration::from_secs(seconds), &mut live).await;
    proxy.go();
    let over = now();
    pool.offer(1500.0, Duration::from_secs(8), &mut live).await;
    let end = now();
    let mut slots = pool.end(live).await;
    settle(&table, &mut slots).await?;

    let allowed = [ErrorKind::Timeout, ErrorKind::Overloaded, ErrorKind::Unavailable];
    let longest = store.timeout() + SLACK;
    let mut row = Row::of(name, &slots, &allowed, longest);
    let seen = Seen::of(&slots);
    let full = seen.rate(began + 1_000_000, before);
    row.back(seen.back(over, full, end), 2.0);
    let after = seen.rate(over + 2_000_000, end);
    row.note(format!("{full:.0}/s before, {after:.0}/s from 2 s after the stall"));
    row.demand(after >= 0.95 * full, || format!("{after:.0}/s of {full:.0}/s afterwards"));
    let errors = seen.errors(over + 2_000_000, end);
    row.demand(errors == 0, || format!("{errors} errors from 2 s after the stall"));
    Ok(row)
}
