//! Connections that end, and a server that dies.

use std::time::Duration;

use sessio::SessionManager;
use tokio::time::sleep;

use crate::Servers;
use crate::client::{Mix, Slot, now};
use crate::crowd::Crowd;
use crate::proxy::Proxy;
use crate::report::{Row, Seen, micros};
use crate::servers::{Outcome, Table};

use super::{Times, recovered, settle};

/// What is acknowledged right after a quiet spell, in which the server closed all connections,
/// over a line of 20 ms: 32 sessions whose subject alone changes.
pub(super) async fn idle_subjects(servers: &Servers, name: &'static str) -> Outcome<Row> {
    idle(servers, name, Mix::Subjects, 0.5).await
}

/// The same with logins, and then one login at a time.
pub(super) async fn idle_logins(servers: &Servers, name: &'static str) -> Outcome<Row> {
    idle(servers, name, Mix::Logins, 0.8).await
}

async fn idle(servers: &Servers, name: &'static str, mix: Mix, most: f64) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let proxy = Proxy::to(&servers.a.address)?;
    proxy.delay(Duration::from_millis(20));
    let store = table.store(&proxy.address(), &[])?;
    let manager = SessionManager::new(store.clone());
    let mut slots: Vec<Slot> = (0..32).map(|_| Slot::new(mix)).collect();
    let mut slowest = 0;
    for round in 0..8 {
        close_all(servers).await?;
        let began = now();
        slots = all_at_once(&manager, slots).await?;
        if round > 0 {
            slowest = slowest.max(now() - began);
        }
        for slot in &mut slots {
            slot.read_back(&store).await;
        }
    }
    if mix == Mix::Logins {
        for slot in &mut slots[..24] {
            close_all(servers).await?;
            slot.only_log_in(&manager).await;
        }
    }
    settle(&table, &mut slots).await?;
    let mut row = Row::of(name, &slots, &[], store.timeout());
    let slowest = micros(slowest).as_secs_f64();
    row.note(format!("slowest round of 32 on closed connections: {slowest:.2} s"));
    row.demand(slowest <= most, || format!("a round took {slowest:.2} s, not {most} s"));
    Ok(row)
}

async fn close_all(servers: &Servers) -> Outcome<()> {
    servers.a.kill_all().await?;
    sleep(Duration::from_millis(100)).await;
    Ok(())
}

async fn all_at_once(manager: &SessionManager, slots: Vec<Slot>) -> Outcome<Vec<Slot>> {
    let turns = slots.into_iter().map(|mut slot| {
        let manager = manager.clone();
        tokio::spawn(async move {
            slot.turn(&manager).await;
            slot
        })
    });
    let turns: Vec<_> = turns.collect();
    let mut slots = Vec::new();
    for turn in turns {
        slots.push(turn.await?);
    }
    Ok(slots)
}

/// Killed under load and started again two seconds later, twice.
pub(super) async fn killed(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let store = table.store(&servers.a.address, &[])?;
    let crowd = Crowd::start(&store, 32, 4, Mix::Verbs);
    let began = now();
    sleep(Duration::from_secs(2)).await;
    let before = now();
    let (mut over, mut end) = (before, before);
    for _ in 0..2 {
        servers.a.call("pressure_kill").await?;
        sleep(Duration::from_secs(2)).await;
        // Returns when the server answers.
        servers.a.call("pressure_start").await?;
        over = now();
        sleep(Duration::from_secs(4)).await;
        end = now();
    }
    let mut slots = crowd.end().await;
    let times = Times { began, before, over, end };
    recovered(name, (&table, &store), &mut slots, &times, 3.0).await
}

/// Resets, cuts, half-closed connections, a slow line: no caller notices. Then new connections are
/// refused, or hear nothing, for a second each.
pub(super) async fn faults(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let proxy = Proxy::to(&servers.a.address)?;
    let store = table.store(&proxy.address(), &[])?;
    let crowd = Crowd::start(&store, 32, 4, Mix::Verbs);
    let began = now();
    sleep(Duration::from_secs(2)).await;
    let before = now();
    for fault in [Proxy::reset, Proxy::cut, Proxy::half_close] {
        for _ in 0..20 {
            fault(&proxy);
            sleep(Duration::from_millis(120)).await;
        }
    }
    proxy.throttle(Some(50_000));
    sleep(Duration::from_secs(4)).await;
    proxy.throttle(None);
    sleep(Duration::from_secs(1)).await;
    let restored = now();
    for arrivals in [Proxy::refuse, Proxy::black_hole] {
        arrivals(&proxy);
        proxy.reset();
        sleep(Duration::from_secs(1)).await;
        proxy.accept();
        // What is in the black hole hears nothing more.
        proxy.reset();
        sleep(Duration::from_secs(2)).await;
    }
    let over = now();
    sleep(Duration::from_secs(2)).await;
    let end = now();
    let mut slots = crowd.end().await;
    let times = Times { began, before, over, end };
    let mut row = recovered(name, (&table, &store), &mut slots, &times, 2.0).await?;
    let errors = Seen::of(&slots).errors(before, restored);
    row.demand(errors == 0, || format!("{errors} errors under resets, cuts and half-closes"));
    Ok(row)
}
