//! What else uses the server: large sessions beside small ones, and a hundred processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::{Content, Expiry, Store, Target};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Servers;
use crate::client::{Mix, Slot, now};
use crate::crowd::Crowd;
use crate::report::{Row, Seen};
use crate::servers::{Outcome, Table, connections};

use super::{SLACK, settle};

const MIB: usize = 1 << 20;

/// Sixteen savers of 1 MiB and one of 100 MiB at once, who are all served. Small sessions beside
/// them do not wait for more than one transfer.
pub(super) async fn large(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let store = table.store(&servers.a.address, &[("timeout", "10")])?;
    let crowd = Crowd::start(&store, 24, 1, Mix::Saves);
    let began = now();
    sleep(Duration::from_secs(2)).await;
    let beside = now();
    let stop = Arc::new(AtomicBool::new(false));
    let mut savers = JoinSet::new();
    for number in 0..16 {
        savers.spawn(save_large(store.clone(), number, Arc::clone(&stop)));
    }
    sleep(Duration::from_secs(3)).await;
    let end = now();
    stop.store(true, Ordering::Relaxed);
    let (mut saved, mut refused) = (0, None);
    while let Some(done) = savers.join_next().await {
        match done? {
            Ok(count) => saved += count,
            Err(error) => refused = Some(error),
        }
    }
    let mut slots = crowd.end().await;
    let bulk = save_100_mib(&store).await;
    settle(&table, &mut slots).await?;
    servers.a.sql("PURGE BINARY LOGS BEFORE NOW()").await?;

    let mut row = Row::of(name, &slots, &[], store.timeout() + SLACK);
    let seen = Seen::of(&slots);
    let (alone, beside) =
        (seen.quantile(0.5, began + 500_000, beside), seen.quantile(0.5, beside, end));
    let slowest = seen.quantile(0.99, end - 3_000_000, end);
    // One transfer and one statement, as they share the machine.
    let large = Duration::from_secs(3) / u32::try_from(saved.max(1))?;
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    row.note(format!(
        "small saves: p50 {:.1} ms alone, {:.1} ms beside {saved} of 1 MiB, {:.1} ms each; p99 {:.1}",
        millis(alone),
        millis(beside),
        millis(large),
        millis(slowest)
    ));
    row.demand(beside < Duration::from_millis(60), || "small saves wait for large ones".into());
    // With one queue for both it is ten: those that come meanwhile wait for several large ones.
    row.demand(slowest < large * 6, || "small saves wait for more than a few large ones".into());
    row.demand(refused.is_none(), || format!("a session of 1 MiB was refused: {refused:?}"));
    row.demand(bulk.is_ok(), || format!("100 MiB at once were refused: {bulk:?}"));
    Ok(row)
}

async fn save_large(store: Store, number: usize, stop: Arc<AtomicBool>) -> sessio::Result<usize> {
    let (token, data) = (format!("large-{number}"), vec![b'x'; MIB]);
    let mut saved = 0;
    while !stop.load(Ordering::Relaxed) {
        store.save(&token, &data, Expiry::Never).await?;
        saved += 1;
        sleep(Duration::from_millis(50)).await;
    }
    Ok(saved)
}

/// More than may wait, on a store that has nothing else to do.
async fn save_100_mib(store: &Store) -> sessio::Result<()> {
    let data = vec![b'x'; MIB];
    let tokens: Vec<String> = (0..100).map(|number| format!("bulk-{number}")).collect();
    let rows: Vec<(Target<'_>, Content<'_>)> = tokens
        .iter()
        .map(|token| (token.as_str().into(), Content::new(&data, Expiry::Never)))
        .collect();
    store.save_many(&rows).await
}

/// A hundred processes with all defaults, each with some callers, on a server that takes MySQL's
/// default number of connections. What they do not need any more they close.
pub(super) async fn processes(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    // It is there before the server is full.
    let mut root = servers.a.root().await?;
    root.query_drop("SET GLOBAL max_connections = 151").await?;
    let played = hundred(&mut root, &table).await;
    root.query_drop("SET GLOBAL max_connections = 500").await?;
    let Hundred { mut slots, busy, idle } = played?;
    settle(&table, &mut slots).await?;
    let mut row = Row::of(name, &slots, &[], Duration::from_secs(5) + SLACK);
    row.note(format!("{busy} connections at work, {idle} after 12 s without"));
    row.demand(idle <= 100, || format!("{idle} connections are kept for nothing"));
    Ok(row)
}

struct Hundred {
    slots: Vec<Slot>,
    /// Connections.
    busy: u64,
    idle: u64,
}

async fn hundred(root: &mut Conn, table: &Table) -> Outcome<Hundred> {
    let stores = (0..100).map(|_| table.store(&table.server.address, &[]));
    let stores: Vec<Store> = stores.collect::<Result<_, _>>()?;
    let crowds: Vec<Crowd> =
        stores.iter().map(|store| Crowd::start(store, 2, 2, Mix::Verbs)).collect();
    sleep(Duration::from_secs(4)).await;
    let busy = connections(root).await?;
    let mut slots = Vec::new();
    for crowd in crowds {
        slots.extend(crowd.end().await);
    }
    sleep(Duration::from_secs(12)).await;
    let idle = connections(root).await?;
    for store in &stores {
        store.close().await;
    }
    Ok(Hundred { slots, busy, idle })
}
