//! Several hosts: two servers that replicate to each other, each behind proxies, so that two may
//! look like three.

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::{ErrorKind, Expiry, Store};
use tokio::time::sleep;

use crate::Servers;
use crate::client::{Mix, Slot, now};
use crate::crowd::Crowd;
use crate::report::Row;
use crate::servers::{Outcome, Server, Table, USER, make_user};

use super::{SLACK, settle};
use crate::proxy::Proxy;

const FAILBACK: Duration = Duration::from_secs(15);

/// `a` becomes read-only, `b` catches up and becomes writable; no caller sees an error. Then `a` is
/// writable again.
pub(super) async fn two(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let hosts = [&servers.a, &servers.b];
    planned(servers, name, &hosts, Trouble::ReadOnly).await
}

/// The same with a third host, which is `b` once more.
pub(super) async fn three(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let hosts = [&servers.a, &servers.b, &servers.b];
    planned(servers, name, &hosts, Trouble::ReadOnly).await
}

/// `a` refuses all writes as a node of a cluster that is not ready.
pub(super) async fn not_ready(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let hosts = [&servers.a, &servers.b, &servers.b];
    planned(servers, name, &hosts, Trouble::NotReady).await
}

#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    ReadOnly,
    NotReady,
}

async fn planned(
    servers: &Servers,
    name: &'static str,
    hosts: &[&Server],
    trouble: Trouble,
) -> Outcome<Row> {
    let (a, b) = (&servers.a, &servers.b);
    replicate(a, b).await?;
    read_only(b, true).await?;
    let table = Table::new(a).await?;
    catch_up(a, b).await?;
    let played = play(servers, name, hosts, trouble, &table).await;
    read_only(a, false).await?;
    read_only(b, false).await?;
    stop_replicating(a, b).await?;
    played
}

async fn play(
    servers: &Servers,
    name: &'static str,
    hosts: &[&Server],
    trouble: Trouble,
    table: &Table,
) -> Outcome<Row> {
    let (a, b) = (&servers.a, &servers.b);
    let proxies: Vec<Proxy> =
        hosts.iter().map(|host| Proxy::to(&host.address)).collect::<Result<_, _>>()?;
    let addresses: Vec<String> = proxies.iter().map(Proxy::address).collect();
    let store = table.store(&addresses.join(","), &[])?;
    let mut slots = Vec::new();

    // What the saves are told over the failover is true on the other host, too. What is read is
    // the same on both: a copy may be late meanwhile.
    let crowd = Crowd::start(&store, 24, 4, Mix::Saves);
    let readers = Crowd::start(&store, 8, 1, Mix::Reads);
    sleep(Duration::from_secs(2)).await;
    let mut places = vec![places_of(a, b).await?];
    begin(trouble, table, a).await?;
    catch_up(a, b).await?;
    read_only(b, false).await?;
    sleep(Duration::from_secs(3)).await;
    slots.extend(crowd.end().await);
    slots.extend(readers.end().await);
    let errors = failures(&slots);

    // Everything, on the host that it moved to: nothing that is read is old.
    let crowd = Crowd::start(&store, 32, 4, Mix::Verbs);
    sleep(Duration::from_secs(3)).await;
    places.push(places_of(a, b).await?);
    slots.extend(crowd.end().await);

    // The first host is well again.
    catch_up(b, a).await?;
    end(trouble, table, a).await?;
    let back = failback(&store, b).await?;
    places.push(places_of(a, b).await?);
    let crowd = Crowd::start(&store, 32, 4, Mix::Verbs);
    sleep(Duration::from_secs(2)).await;
    places.push(places_of(a, b).await?);
    slots.extend(crowd.end().await);
    catch_up(a, b).await?;
    catch_up(b, a).await?;
    settle(table, &mut slots).await?;

    let mut row = Row::of(name, &slots, &[], store.timeout() + SLACK);
    row.note(format!("connections on the first and the other host: {places:?}"));
    row.demand(errors == 0, || format!("{errors} errors were seen during the failover"));
    let split = places.iter().any(|(a, b)| *a > 0 && *b > 0);
    row.demand(!split, || "connections of one store on two hosts".into());
    row.back(back, FAILBACK.as_secs_f64());
    Ok(row)
}

/// The first host resets its connections and refuses new ones for a moment, five times; the other
/// one is a copy that cannot be written. No connection may stay on the copy.
pub(super) async fn stray(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let (a, b) = (&servers.a, &servers.b);
    replicate(a, b).await?;
    read_only(b, true).await?;
    let table = Table::new(a).await?;
    catch_up(a, b).await?;
    let played = play_stray(a, b, &table, name).await;
    read_only(b, false).await?;
    stop_replicating(a, b).await?;
    played
}

async fn play_stray(a: &Server, b: &Server, table: &Table, name: &'static str) -> Outcome<Row> {
    let (first, other) = (Proxy::to(&a.address)?, Proxy::to(&b.address)?);
    let hosts = format!("{},{}", first.address(), other.address());
    let store = table.store(&hosts, &[])?;
    let crowd = Crowd::start(&store, 24, 4, Mix::Saves);
    let readers = Crowd::start(&store, 8, 1, Mix::Reads);
    sleep(Duration::from_secs(1)).await;
    for _ in 0..5 {
        first.refuse();
        first.reset();
        sleep(Duration::from_millis(30)).await;
        first.accept();
        sleep(Duration::from_millis(500)).await;
    }
    let mut slots = crowd.end().await;
    slots.extend(readers.end().await);
    let back = failback(&store, b).await?;
    let crowd = Crowd::start(&store, 32, 4, Mix::Verbs);
    sleep(Duration::from_secs(3)).await;
    let places = places_of(a, b).await?;
    slots.extend(crowd.end().await);
    settle(table, &mut slots).await?;
    let trouble = [ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::Overloaded];
    let mut row = Row::of(name, &slots, &trouble, store.timeout() + SLACK);
    row.note(format!("connections on the first and the other host: {places:?}"));
    row.demand(places.1 == 0, || "a connection stays on the copy".into());
    row.back(back, FAILBACK.as_secs_f64());
    Ok(row)
}

/// How many connections stay on each of two servers. A store that is away from its first host looks
/// at that once a second, over a connection that is closed at once and takes no calls: it is not
/// counted.
async fn places_of(a: &Server, b: &Server) -> Outcome<(u64, u64)> {
    let mut places = (0, 0);
    for _ in 0..20 {
        places = (a.connections().await?, b.connections().await?);
        if places.0 == 0 || places.1 == 0 {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(places)
}

fn failures(slots: &[Slot]) -> usize {
    let calls = slots.iter().flat_map(|slot| &slot.history.calls);
    calls.filter(|call| call.said.failed().is_some()).count()
}

async fn begin(trouble: Trouble, table: &Table, a: &Server) -> Outcome<()> {
    if trouble == Trouble::ReadOnly {
        return read_only(a, true).await;
    }
    let mut root = a.root().await?;
    root.query_drop("SET sql_log_bin = 0").await?;
    for verb in ["INSERT", "UPDATE", "DELETE"] {
        let (name, signal) = (&table.name, "SIGNAL SQLSTATE '08S01' SET MYSQL_ERRNO = 1047");
        root.query_drop(format!(
            "CREATE TRIGGER {USER}.{name}_{verb} BEFORE {verb} ON {USER}.{name} FOR EACH ROW \
             {signal}, MESSAGE_TEXT = 'WSREP has not yet prepared node for application use'"
        ))
        .await?;
    }
    Ok(())
}

async fn end(trouble: Trouble, table: &Table, a: &Server) -> Outcome<()> {
    if trouble == Trouble::ReadOnly {
        return read_only(a, false).await;
    }
    let mut root = a.root().await?;
    root.query_drop("SET sql_log_bin = 0").await?;
    for verb in ["INSERT", "UPDATE", "DELETE"] {
        root.query_drop(format!("DROP TRIGGER {USER}.{}_{verb}", table.name)).await?;
    }
    Ok(())
}

async fn read_only(server: &Server, on: bool) -> Outcome<()> {
    server.sql(&format!("SET GLOBAL read_only = {}", u8::from(on))).await
}

/// Each server copies what the other one writes, from now on.
async fn replicate(a: &Server, b: &Server) -> Outcome<()> {
    stop_replicating(a, b).await?;
    for (server, from) in [(a, b), (b, a)] {
        let (host, port) = from.address.split_once(':').ok_or("an address without a port")?;
        let mut root = server.root().await?;
        let words = Words::of(&root);
        for statement in words.forget {
            root.query_drop(*statement).await?;
        }
        make_user(&mut root, USER_THAT_COPIES).await?;
        root.query_drop(format!("GRANT REPLICATION SLAVE ON *.* TO {USER_THAT_COPIES}")).await?;
        root.query_drop(words.forget_own).await?;
        let (change, source, how) = (words.change, words.source, words.by_position);
        root.query_drop(format!(
            "CHANGE {change} TO {source}_HOST = '{host}', {source}_PORT = {port}, {source}_USER = \
             '{USER_THAT_COPIES}', {source}_PASSWORD = '{USER}', {source}_CONNECT_RETRY = 1, {how}"
        ))
        .await?;
    }
    for server in [a, b] {
        let mut root = server.root().await?;
        let replica = Words::of(&root).replica;
        root.query_drop(format!("START {replica}")).await?;
    }
    Ok(())
}

const USER_THAT_COPIES: &str = "copy";

/// What the two kinds of servers call the same.
struct Words {
    replica: &'static str,
    change: &'static str,
    source: &'static str,
    by_position: &'static str,
    /// Whom it copies from, and what it has copied.
    forget: &'static [&'static str],
    /// What it has written itself.
    forget_own: &'static str,
}

impl Words {
    fn of(conn: &Conn) -> Self {
        if is_mariadb(conn) {
            return Words {
                replica: "SLAVE",
                change: "MASTER",
                source: "MASTER",
                by_position: "MASTER_USE_GTID = slave_pos",
                forget: &["RESET SLAVE ALL", "RESET MASTER", "SET GLOBAL gtid_slave_pos = ''"],
                forget_own: "RESET MASTER",
            };
        }
        Words {
            replica: "REPLICA",
            change: "REPLICATION SOURCE",
            source: "SOURCE",
            by_position: "SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1",
            forget: &["RESET REPLICA ALL"],
            forget_own: "RESET BINARY LOGS AND GTIDS",
        }
    }
}

/// Versions of MariaDB begin at 10.
fn is_mariadb(conn: &Conn) -> bool {
    conn.server_version().0 >= 10
}

async fn stop_replicating(a: &Server, b: &Server) -> Outcome<()> {
    for server in [a, b] {
        let mut root = server.root().await?;
        let replica = Words::of(&root).replica;
        root.query_drop(format!("STOP {replica}")).await?;
    }
    Ok(())
}

/// Waits until one server has what the other one wrote itself.
async fn catch_up(from: &Server, to: &Server) -> Outcome<()> {
    let (mut from, mut to) = (from.root().await?, to.root().await?);
    let wait = if is_mariadb(&from) {
        let asked = "SELECT @@gtid_binlog_pos, CONCAT(@@gtid_domain_id, '-')";
        let row: Option<(String, String)> = from.query_first(asked).await?;
        let (written, own) = row.ok_or("a server without positions")?;
        let Some(position) = written.split(',').find(|part| part.starts_with(&own)) else {
            return Ok(());
        };
        format!("SELECT MASTER_GTID_WAIT('{position}', 10)")
    } else {
        let written: Option<String> = from.query_first("SELECT @@GLOBAL.gtid_executed").await?;
        let written = written.ok_or("a server without positions")?;
        format!("SELECT WAIT_FOR_EXECUTED_GTID_SET('{written}', 10)")
    };
    let done: Option<i64> = to.query_first(wait).await?;
    if done == Some(0) { Ok(()) } else { Err("a server does not replicate".into()) }
}

/// Seconds until nothing is connected to the other host, while a caller saves now and then.
async fn failback(store: &Store, other: &Server) -> Outcome<Option<f64>> {
    let began = std::time::Instant::now();
    while began.elapsed() < FAILBACK + Duration::from_secs(2) {
        // Its answer does not matter: it keeps the store at work.
        let _ = store.save("failback", &now().to_le_bytes(), Expiry::Never).await;
        if other.connections().await? == 0 {
            return Ok(Some(began.elapsed().as_secs_f64()));
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(None)
}
