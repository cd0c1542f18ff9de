//! Locks that others hold, and maintenance beside the work.

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::{Content, ErrorKind, Expiry, Store};
use tokio::time::sleep;

use crate::Servers;
use crate::calls::subject;
use crate::client::{Mix, Slot, fresh, now};
use crate::crowd::Crowd;
use crate::history::{Action, Said, Write};
use crate::report::{Row, Seen};
use crate::servers::{Outcome, Server, Table, USER};

use super::{SLACK, Times, lasting, recovered, settle};

const ALLOWED: &[ErrorKind] = &[ErrorKind::Timeout, ErrorKind::Overloaded, ErrorKind::Unavailable];

/// A transaction that holds the rows of these sessions, whose tokens are stored as they are.
pub(super) async fn lock(table: &Table, slots: &[&Slot]) -> Outcome<Conn> {
    let mut root = table.server.root().await?;
    let tokens: Vec<String> =
        slots.iter().map(|slot| format!("'{}'", slot.history.tokens[0])).collect();
    root.query_drop("BEGIN").await?;
    let rows = format!("{USER}.{} WHERE token IN ({})", table.name, tokens.join(", "));
    root.query_drop(format!("SELECT token FROM {rows} FOR UPDATE")).await?;
    Ok(root)
}

pub(super) async fn saved(store: &Store, mix: Mix) -> Slot {
    let mut slot = Slot::new(mix);
    slot.call(store, Action::Save(0, lasting())).await;
    slot
}

/// The row of one of 48 callers is locked for 8 s.
pub(super) async fn one_row(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::with_plain_tokens(&servers.a).await?;
    let store = table.store(&servers.a.address, &[])?;
    let own = vec![saved(&store, Mix::Saves).await];
    locked(table, store, name, vec![(own, Mix::Saves)]).await
}

/// Three rows are locked for 8 s: that of a caller who saves, that of one who does everything, and
/// one of five that are written together.
pub(super) async fn three_rows(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::with_plain_tokens(&servers.a).await?;
    let store = table.store(&servers.a.address, &[])?;
    let mut victims = Vec::new();
    for (count, mix) in [(1, Mix::Saves), (1, Mix::Verbs), (5, Mix::Bulk)] {
        let mut slots = Vec::new();
        for _ in 0..count {
            slots.push(saved(&store, mix).await);
        }
        victims.push((slots, mix));
    }
    locked(table, store, name, victims).await
}

/// The middle one of each group is locked, and 47 others save.
async fn locked(
    table: Table,
    store: Store,
    name: &'static str,
    victims: Vec<(Vec<Slot>, Mix)>,
) -> Outcome<Row> {
    let others = Crowd::start(&store, 47, 1, Mix::Saves);
    let began = now();
    sleep(Duration::from_secs(2)).await;
    let locked = now();
    let rows: Vec<&Slot> = victims.iter().map(|(group, _)| &group[group.len() / 2]).collect();
    let root = lock(&table, &rows).await?;
    let victims: Vec<Crowd> =
        victims.into_iter().map(|(slots, mix)| Crowd::over(&store, vec![slots], mix)).collect();
    sleep(Duration::from_secs(8)).await;
    let unlocked = now();
    unlock(root, "COMMIT").await?;
    sleep(Duration::from_secs(2)).await;
    let mut slots = others.end().await;
    let (rate, during, slowest) = {
        let seen = Seen::of(&slots);
        let before = seen.rate(began + 500_000, locked);
        // The slowest call, for a caller who waits makes few calls.
        (before, seen.rate(locked, unlocked), seen.quantile(1.0, locked, unlocked))
    };
    for crowd in victims {
        slots.extend(crowd.end().await);
    }
    settle(&table, &mut slots).await?;

    let mut row = Row::of(name, &slots, ALLOWED, store.timeout() + SLACK);
    row.note(format!(
        "others: {rate:.0}/s before, {during:.0}/s during the lock, slowest call {:.2} s",
        slowest.as_secs_f64()
    ));
    row.demand(during >= 0.7 * rate, || format!("others: {during:.0}/s of {rate:.0}/s"));
    // The first batch meets the lock for the least time that MySQL can be told to wait, a second.
    row.demand(slowest.as_secs_f64() < 1.2, || "others wait for the locked row".into());
    Ok(row)
}

pub(super) async fn unlock(mut root: Conn, how: &str) -> Outcome<()> {
    root.query_drop(how).await?;
    root.disconnect().await?;
    Ok(())
}

pub(super) async fn read_locked(server: &Server) -> Outcome<Conn> {
    let mut root = server.root().await?;
    root.query_drop("FLUSH TABLES WITH READ LOCK").await?;
    Ok(root)
}

/// Callers who wait for a few milliseconds and drop the call, while rows are locked for longer than
/// that: what they left under way is done, and does not come after what they write next.
pub(super) async fn cancelled(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::with_plain_tokens(&servers.a).await?;
    let store = table.store(&servers.a.address, &[])?;
    let hasty = (0..48).map(|_| vec![Slot::impatient(Mix::Verbs, 30)]).collect();
    let crowd = Crowd::over(&store, hasty, Mix::Verbs);
    let mut root = servers.a.root().await?;
    root.query_drop("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await?;
    let rows = format!("SELECT token FROM {USER}.{} ORDER BY token", table.name);
    for round in 0..16 {
        root.query_drop("BEGIN").await?;
        root.query_drop(format!("{rows} LIMIT {} FOR UPDATE", 1 + round % 8)).await?;
        sleep(Duration::from_millis(300)).await;
        root.query_drop("COMMIT").await?;
        sleep(Duration::from_millis(100)).await;
    }
    root.disconnect().await?;
    let mut slots = crowd.end().await;
    settle(&table, &mut slots).await?;
    let mut row = Row::of(name, &slots, &[], store.timeout() + SLACK);
    let dropped = Seen::of(&slots).dropped();
    row.note(format!("{dropped} calls were dropped"));
    row.demand(dropped > 500, || format!("only {dropped} calls were dropped"));
    Ok(row)
}

/// Nothing can be written for twice the timeout, three times.
pub(super) async fn read_lock(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let store = table.store(&servers.a.address, &[("timeout", "1")])?;
    let crowd = Crowd::start(&store, 24, 4, Mix::Verbs);
    let began = now();
    sleep(Duration::from_secs(2)).await;
    let before = now();
    let mut over = before;
    for _ in 0..3 {
        let root = read_locked(&servers.a).await?;
        sleep(Duration::from_secs(2)).await;
        over = now();
        unlock(root, "UNLOCK TABLES").await?;
        sleep(Duration::from_millis(2500)).await;
    }
    let end = now();
    let mut slots = crowd.end().await;
    let times = Times { began, before, over, end };
    recovered(name, (&table, &store), &mut slots, &times, 2.0).await
}

/// A write times out under the lock; what comes after it waits for the unlock and is acknowledged.
/// The late write must not come after that.
pub(super) async fn read_lock_rounds(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let store = table.store(&servers.a.address, &[("timeout", "0.4")])?;
    let mut slots = Vec::new();
    for _ in 0..16 {
        let mut round = Vec::new();
        for which in 0..12 {
            let mut slot = saved(&store, Mix::Verbs).await;
            slot.add_token();
            round.push((which, slot));
        }
        let root = read_locked(&servers.a).await?;
        let tasks: Vec<_> = round
            .into_iter()
            .map(|(which, slot)| tokio::spawn(write_twice(store.clone(), which, slot)))
            .collect();
        sleep(Duration::from_millis(520)).await;
        unlock(root, "UNLOCK TABLES").await?;
        for task in tasks {
            slots.push(task.await?);
        }
        sleep(Duration::from_millis(100)).await;
        let last = slots.len() - 12;
        for slot in &mut slots[last..] {
            slot.call(&store, Action::Find(0)).await;
            slot.call(&store, Action::Find(1)).await;
        }
    }
    settle(&table, &mut slots).await?;
    Ok(Row::of(name, &slots, ALLOWED, store.timeout() + SLACK))
}

/// Of the verbs one that times out, and another one over it.
async fn write_twice(store: Store, which: usize, mut slot: Slot) -> Slot {
    let first = match which % 3 {
        0 => Action::Save(0, lasting()),
        1 => Action::Update(0, lasting()),
        _ => Action::Touch(0, now() + 7_200_000_000),
    };
    let then = match which / 3 {
        0 => Action::Delete(0),
        1 => Action::Rename(0, 1, None),
        2 => Action::Save(0, lasting()),
        _ => Action::Update(0, lasting()),
    };
    slot.call(&store, first).await;
    slot.call(&store, then).await;
    slot
}

/// Sessions end while a touch of them waits for a lock.
pub(super) async fn touch_past_the_expiry(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::with_plain_tokens(&servers.a).await?;
    let mut slots = Vec::new();
    let mut longest = Duration::ZERO;
    // With 5 s the touch is still waiting when the session ends, with 1 s it has timed out.
    for timeout in ["5", "1"] {
        let options = [("timeout", timeout)];
        let store = table.store(&servers.a.address, &options)?;
        longest = longest.max(store.timeout() + SLACK);
        slots.extend(expire_while_locked(&table, &store).await?);
    }
    settle(&table, &mut slots).await?;
    Ok(Row::of(name, &slots, ALLOWED, longest))
}

async fn expire_while_locked(table: &Table, store: &Store) -> Outcome<Vec<Slot>> {
    let mut slots = Vec::new();
    // The server waits for a lock for a second at a time: the last ones end while it does so for
    // the third time. They are few enough for all of them to be waited for at a time.
    for number in 0..4 {
        let mut slot = Slot::new(Mix::Verbs);
        let write = Write { expires: now() + 1_600_000 + number * 300_000, ..lasting() };
        slot.call(store, Action::Save(0, write)).await;
        slots.push(slot);
    }
    let root = lock(table, &slots.iter().collect::<Vec<_>>()).await?;
    let until = now() + 3_600_000_000;
    let touches: Vec<_> = slots
        .iter()
        .map(|slot| {
            let (store, token) = (store.clone(), slot.history.tokens[0].clone());
            tokio::spawn(async move {
                let moved = store.touch(&token, sessio::Timestamp::from_micros(until)).await;
                moved.map_or_else(|error| Said::Failed(error.kind()), Said::Yes)
            })
        })
        .collect();
    let began = now();
    sleep(Duration::from_millis(2750)).await;
    let mut ended = Vec::new();
    for slot in &slots {
        ended.push((store.find(slot.history.tokens[0].as_str()).await, now()));
    }
    unlock(root, "COMMIT").await?;
    for ((slot, touch), (found, at)) in slots.iter_mut().zip(touches).zip(ended) {
        let said = touch.await?;
        // The touch was under way when the session was seen to have ended.
        if said.failed().is_some() {
            slot.note(Action::Touch(0, until), began, said.clone());
        }
        if let Ok(None) = found {
            slot.note(Action::Find(0), at, Said::Found(None));
        }
        if said.failed().is_none() {
            slot.note(Action::Touch(0, until), at, said);
        }
        slot.call(store, Action::Find(0)).await;
    }
    Ok(slots)
}

/// A cleanup and a `delete_subject` in which each row costs 75 ms, and counts of many rows. They
/// begin in a quiet moment, on whatever connections the store likes best.
pub(super) async fn maintenance(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    // Two works at a time: if they took the connections of the callers, none would be left.
    let store = table.store(&servers.a.address, &[("connections", "2")])?;
    let devices = prepare_maintenance(&table, &store).await?;
    let mut slots = Vec::new();
    let began = now();
    let crowd = Crowd::start(&store, 24, 1, Mix::Saves);
    sleep(Duration::from_secs(2)).await;
    slots.extend(crowd.end().await);
    let before = now();
    let busy = tokio::spawn({
        let store = store.clone();
        async move {
            let slow = tokio::join!(store.delete_expired(20), store.delete_subject(&devices, None));
            let counted = tokio::join!(store.count(), store.count(), store.count());
            slow.0.and(slow.1).and(counted.0).and(counted.1).and(counted.2)
        }
    });
    sleep(Duration::from_millis(100)).await;
    let crowd = Crowd::start(&store, 24, 1, Mix::Saves);
    let ended = busy.await?;
    let after = now();
    slots.extend(crowd.end().await);
    table.quick("DELETE").await?;
    settle(&table, &mut slots).await?;

    let mut row = Row::of(name, &slots, &[], Duration::from_millis(500));
    let seen = Seen::of(&slots);
    let (quiet, busy) = (seen.rate(began + 500_000, before), seen.rate(before + 500_000, after));
    row.note(format!(
        "{quiet:.0} saves a second without and {busy:.0} with {:.1} s of maintenance; p99 {:.3} s",
        crate::report::micros(after - before).as_secs_f64(),
        seen.quantile(0.99, before, after).as_secs_f64()
    ));
    row.demand(ended.is_ok(), || format!("maintenance failed: {ended:?}"));
    Ok(row)
}

/// The subject that is to be ended.
async fn prepare_maintenance(table: &Table, store: &Store) -> Outcome<String> {
    let devices = subject(fresh());
    for number in 0..20 {
        let expired = Expiry::after(Duration::from_micros(1));
        store.save(&format!("expired-{number}"), b"", expired).await?;
        let device = Content::new(b"", Expiry::Never).subject(devices.as_str());
        store.save_content(&format!("device-{number}"), device).await?;
    }
    // Ten to the fifth, twice.
    let digits = "SELECT 0 AS n UNION ALL SELECT 1";
    let digits: String =
        (2..10).fold(digits.into(), |all, n| format!("{all} UNION ALL SELECT {n}"));
    let from: Vec<String> = ('a'..='e').map(|name| format!("({digits}) AS {name}")).collect();
    let half = "(SELECT 0 AS n UNION ALL SELECT 1) AS f";
    let rows = format!(
        "SELECT CONCAT('many-', a.n, b.n, c.n, d.n, e.n, f.n), '', '2100-01-01' FROM {}, {half}",
        from.join(", ")
    );
    let into = format!("INSERT INTO {USER}.{} (token, data, expiry) {rows}", table.name);
    table.server.sql(&into).await?;
    table.slow("DELETE", Duration::from_millis(75)).await?;
    Ok(devices)
}
