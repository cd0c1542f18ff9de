//! Bytes that the network holds while new connections pass: what was sent arrives much later.

use std::time::Duration;

use sessio::{ErrorKind, Store};
use tokio::time::sleep;

use crate::Servers;
use crate::client::{Mix, Slot, fresh, now};
use crate::crowd::Crowd;
use crate::history::{Action, Said, Write};
use crate::proxy::Proxy;
use crate::report::{Row, Seen, TROUBLE};
use crate::servers::{Outcome, Table};

use super::{SLACK, settle};

fn lasting() -> Write {
    Write { data: fresh(), expires: now() + 3_600_000_000, subject: None }
}

/// Each write that can be late, and each that can come after it, on a line of its own.
pub(super) async fn held_bytes(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let mut tasks = Vec::new();
    for late in 0..4 {
        for then in 0..4 {
            let proxy = Proxy::to(&servers.a.address)?;
            let store = table.store(&proxy.address(), &[("timeout", "1")])?;
            tasks.push(tokio::spawn(one_late_write(store, proxy, late, then)));
        }
    }
    let (mut slots, mut unsettled) = (Vec::new(), 0);
    for task in tasks {
        let (slot, settled) = task.await?;
        slots.push(slot);
        unsettled += usize::from(!settled);
    }
    settle(&table, &mut slots).await?;
    let mut row = Row::of(name, &slots, TROUBLE, Duration::from_secs(1) + SLACK);
    row.demand(unsettled == 0, || {
        format!("{unsettled} sessions could not be written for 6 s, though new connections pass")
    });
    Ok(row)
}

async fn one_late_write(store: Store, proxy: Proxy, late: u8, then: u8) -> (Slot, bool) {
    let mut slot = Slot::new(Mix::Verbs);
    slot.add_token();
    let first = lasting();
    if late != 2 {
        slot.call(&store, Action::Save(0, first)).await;
    }
    // Whichever connection the late write takes, it is open and knows the statement.
    for _ in 0..6 {
        let id = slot.add_token();
        slot.call(&store, Action::Insert(id, lasting())).await;
        slot.call(&store, Action::Save(id, lasting())).await;
        slot.call(&store, Action::Update(id, lasting())).await;
        slot.call(&store, Action::Touch(id, now() + 3_600_000_000)).await;
    }
    proxy.hold();
    let action = match late {
        0 => Action::Save(0, lasting()),
        1 => Action::Update(0, lasting()),
        2 => Action::Insert(0, lasting()),
        _ => Action::Touch(0, now() + 7_200_000_000),
    };
    slot.call(&store, action).await;
    // "Read to find out", and then write over it.
    let read = until_answered(&mut slot, &store, || Action::Find(0)).await;
    let written = until_answered(&mut slot, &store, || match then {
        0 => Action::Delete(0),
        1 => Action::Rename(0, 1, None),
        2 => Action::Replace(0, first.data, lasting()),
        _ => Action::Save(0, lasting()),
    })
    .await;
    proxy.release();
    sleep(Duration::from_millis(500)).await;
    slot.call(&store, Action::Find(0)).await;
    slot.call(&store, Action::Find(1)).await;
    (slot, read && written)
}

async fn until_answered(slot: &mut Slot, store: &Store, action: impl Fn() -> Action) -> bool {
    for _ in 0..6 {
        if !matches!(slot.call(store, action()).await, Said::Failed(_)) {
            return true;
        }
        sleep(Duration::from_millis(50)).await;
    }
    false
}

/// The same to all connections of a store at work, five times.
pub(super) async fn held_under_load(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let proxy = Proxy::to(&servers.a.address)?;
    let store = table.store(&proxy.address(), &[("timeout", "1")])?;
    let crowd = Crowd::start(&store, 32, 4, Mix::Verbs);
    let began = now();
    sleep(Duration::from_secs(2)).await;
    let before = now();
    let mut over = before;
    for _ in 0..5 {
        proxy.hold();
        sleep(Duration::from_millis(2500)).await;
        over = now();
        proxy.release();
        sleep(Duration::from_millis(1500)).await;
    }
    let end = now();
    let mut slots = crowd.end().await;
    settle(&table, &mut slots).await?;
    let allowed = [ErrorKind::Timeout, ErrorKind::Unavailable, ErrorKind::Overloaded];
    let mut row = Row::of(name, &slots, &allowed, store.timeout() + SLACK);
    let seen = Seen::of(&slots);
    row.back(seen.back(over, seen.rate(began + 500_000, before), end), 2.0);
    Ok(row)
}

/// All connections fall silent while nobody calls: each call notices in a third of its time, and
/// is done on a new one.
pub(super) async fn silent(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let proxy = Proxy::to(&servers.a.address)?;
    let store = table.store(&proxy.address(), &[("timeout", "6")])?;
    let crowd = Crowd::start(&store, 16, 1, Mix::Verbs);
    sleep(Duration::from_secs(1)).await;
    let mut slots = crowd.end().await;
    for slot in &mut slots {
        // Known to be there, whatever the caller did last.
        let id = slot.add_token();
        slot.call(&store, Action::Save(id, lasting())).await;
    }
    sleep(Duration::from_millis(500)).await;
    proxy.hold();
    let tasks: Vec<_> = slots
        .into_iter()
        .enumerate()
        .map(|(at, mut slot)| {
            let store = store.clone();
            tokio::spawn(async move {
                sleep(Duration::from_millis(10 * u64::try_from(at).unwrap_or(0))).await;
                let id = slot.history.tokens.len() - 1;
                let touch = Action::Touch(id, now() + 3_600_000_000);
                let action = match at % 3 {
                    0 => Action::Find(id),
                    1 => Action::Save(id, lasting()),
                    _ => touch,
                };
                slot.call(&store, action).await;
                slot
            })
        })
        .collect();
    let mut slots = Vec::new();
    for task in tasks {
        slots.push(task.await?);
    }
    proxy.release();
    settle(&table, &mut slots).await?;
    Ok(Row::of(name, &slots, &[], Duration::from_secs(4)))
}
