//! Bytes that the network holds while new connections pass: what was sent arrives much later.

use std::time::Duration;

use sessio::Store;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Servers;
use crate::client::{Mix, Slot, now};
use crate::crowd::Crowd;
use crate::history::{Action, Said};
use crate::proxy::Proxy;
use crate::report::{Row, TROUBLE};
use crate::servers::{Outcome, Table};

use super::{SLACK, Times, lasting, locks, recovered, settle};

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
    let (mut row, unsettled) = ended(&table, name, tasks).await?;
    row.demand(unsettled == 0, || {
        format!("{unsettled} sessions could not be written for 6 s, though new connections pass")
    });
    Ok(row)
}

/// The row of what these tasks did, and how many sessions could not be used again.
async fn ended(
    table: &Table,
    name: &'static str,
    tasks: Vec<JoinHandle<(Slot, bool)>>,
) -> Outcome<(Row, usize)> {
    let (mut slots, mut unsettled) = (Vec::new(), 0);
    for task in tasks {
        let (slot, settled) = task.await?;
        slots.push(slot);
        unsettled += usize::from(!settled);
    }
    settle(table, &mut slots).await?;
    Ok((Row::of(name, &slots, TROUBLE, Duration::from_secs(1) + SLACK), unsettled))
}

/// A session with two tokens, of which the first one is there unless the late write inserts it.
async fn warm_up(store: &Store, late: u8) -> Slot {
    let mut slot = Slot::new(Mix::Verbs);
    slot.add_token();
    if late != 2 {
        slot.call(store, Action::Save(0, lasting())).await;
    }
    // Whichever connection the late write takes, it is open and knows the statement.
    for _ in 0..6 {
        let id = slot.add_token();
        slot.call(store, Action::Insert(id, lasting())).await;
        slot.call(store, Action::Save(id, lasting())).await;
        slot.call(store, Action::Update(id, lasting())).await;
        slot.call(store, Action::Touch(id, now() + 3_600_000_000)).await;
    }
    slot
}

fn late_write(late: u8) -> Action {
    match late {
        0 => Action::Save(0, lasting()),
        1 => Action::Update(0, lasting()),
        2 => Action::Insert(0, lasting()),
        _ => Action::Touch(0, now() + 7_200_000_000),
    }
}

async fn one_late_write(store: Store, proxy: Proxy, late: u8, then: u8) -> (Slot, bool) {
    let mut slot = warm_up(&store, late).await;
    let first = slot.history.calls[0].action.write().map_or(0, |write| write.data);
    proxy.hold();
    slot.call(&store, late_write(late)).await;
    // "Read to find out", and then write over it.
    let read = until_answered(&mut slot, &store, || Action::Find(0)).await;
    let written = until_answered(&mut slot, &store, || match then {
        0 => Action::Delete(0),
        1 => Action::Rename(0, 1, None),
        2 => Action::Replace(0, first, lasting()),
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

/// The bytes of a write are held, and the `KILL` of its connection does not arrive either. A caller that
/// reads meanwhile must not be told what the late write then changes.
pub(super) async fn kept_kills(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let mut tasks = Vec::new();
    for late in 0..4 {
        for _ in 0..4 {
            let proxy = Proxy::to(&servers.a.address)?;
            let store = table.store(&proxy.address(), &[("timeout", "1")])?;
            tasks.push(tokio::spawn(read_before_the_kill(store, proxy, late)));
        }
    }
    let (mut row, unsettled) = ended(&table, name, tasks).await?;
    row.demand(unsettled == 0, || {
        format!("{unsettled} sessions could not be read for 6 s, though all passes")
    });
    Ok(row)
}

async fn read_before_the_kill(store: Store, proxy: Proxy, late: u8) -> (Slot, bool) {
    let mut slot = warm_up(&store, late).await;
    proxy.keep_kills(true);
    proxy.hold();
    slot.call(&store, late_write(late)).await;
    slot.call(&store, Action::Find(0)).await;
    proxy.release();
    sleep(Duration::from_millis(300)).await;
    slot.call(&store, Action::Find(0)).await;
    proxy.keep_kills(false);
    let read = until_answered(&mut slot, &store, || Action::Find(0)).await;
    (slot, read)
}

/// A write that is late is in a trigger which another user has defined. Meanwhile the server shows
/// its thread to no other user, and says of a `KILL` that the thread is that user's.
pub(super) async fn in_anothers_trigger(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let mut ready = Vec::new();
    for late in [0, 2, 0, 2] {
        for then in 0..2 {
            let store = table.store(&servers.a.address, &[("timeout", "1")])?;
            let slot = warm_up(&store, late).await;
            ready.push((store, slot, late, then));
        }
    }
    // This one has time to wait for the trigger. The server shows nothing of the thread while it
    // works, which must not be taken for a lost connection.
    let patient = table.store(&servers.a.address, &[("timeout", "2")])?;
    let mut waiting = warm_up(&patient, 0).await;
    let retries = patient.stats().retries;
    // It ends after the write was given up, and before the server would stop it.
    table.slow("INSERT", Duration::from_millis(950)).await?;
    waiting.call(&patient, late_write(0)).await;
    let retries = patient.stats().retries - retries;
    let tasks = ready.into_iter().map(|(store, slot, late, then)| {
        tokio::spawn(written_in_a_trigger(store, slot, late, then))
    });
    let (mut row, unsettled) = ended(&table, name, tasks.collect()).await?;
    row.demand(unsettled == 0, || {
        format!("{unsettled} sessions could not be used for 6 s after a write that took 950 ms")
    });
    row.demand(retries == 0, || "a write at work in a trigger was sent again".into());
    Ok(row)
}

async fn written_in_a_trigger(store: Store, mut slot: Slot, late: u8, then: u8) -> (Slot, bool) {
    slot.call(&store, late_write(late)).await;
    let ended = until_answered(&mut slot, &store, || match then {
        0 => Action::Delete(0),
        _ => Action::Rename(0, 1, None),
    })
    .await;
    sleep(Duration::from_millis(1200)).await;
    slot.call(&store, Action::Find(0)).await;
    slot.call(&store, Action::Find(1)).await;
    (slot, ended)
}

/// The network parts while writes wait for a lock, so that nothing can be killed: the server itself
/// has given them up when the lock is released. Another process looks before that and after it.
pub(super) async fn parted(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::with_plain_tokens(&servers.a).await?;
    let other = table.store(&servers.a.address, &[("timeout", "2")])?;
    let mut slots = Vec::new();
    for locked in [Locked::Rows, Locked::Tables] {
        let proxy = Proxy::to(&servers.a.address)?;
        let store = table.store(&proxy.address(), &[("timeout", "2")])?;
        slots.extend(part_while_locked(&table, (&store, &other), &proxy, locked).await?);
    }
    settle(&table, &mut slots).await?;
    Ok(Row::of(name, &slots, TROUBLE, Duration::from_secs(2) + SLACK))
}

#[derive(Clone, Copy, PartialEq)]
enum Locked {
    Rows,
    Tables,
}

async fn part_while_locked(
    table: &Table,
    (store, other): (&Store, &Store),
    proxy: &Proxy,
    locked: Locked,
) -> Outcome<Vec<Slot>> {
    let mut slots = Vec::new();
    for _ in 0..9 {
        slots.push(locks::saved(store, Mix::Verbs).await);
    }
    let root = match locked {
        Locked::Rows => locks::lock(table, &slots.iter().collect::<Vec<_>>()).await?,
        Locked::Tables => locks::read_locked(&table.server).await?,
    };
    let tasks = slots.into_iter().enumerate().map(|(at, mut slot)| {
        let store = store.clone();
        tokio::spawn(async move {
            slot.call(&store, late_write([0, 1, 3][at % 3])).await;
            slot
        })
    });
    let tasks: Vec<_> = tasks.collect();
    sleep(Duration::from_millis(300)).await;
    proxy.stall();
    let mut slots = Vec::new();
    for task in tasks {
        slots.push(task.await?);
    }
    sleep(Duration::from_millis(300)).await;
    for slot in &mut slots {
        slot.call(other, Action::Find(0)).await;
    }
    let how = if locked == Locked::Rows { "COMMIT" } else { "UNLOCK TABLES" };
    locks::unlock(root, how).await?;
    sleep(Duration::from_millis(500)).await;
    for slot in &mut slots {
        slot.call(other, Action::Find(0)).await;
    }
    proxy.go();
    for slot in &mut slots {
        until_answered(slot, store, || Action::Find(0)).await;
    }
    Ok(slots)
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
    let times = Times { began, before, over, end };
    recovered(name, (&table, &store), &mut slots, &times, 2.0).await
}

/// All connections fall silent while there are no calls: each call notices in a third of its time, and
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
