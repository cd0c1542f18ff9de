//! A server that refuses logins.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use tokio::time::sleep;

use crate::Servers;
use crate::client::{Mix, now};
use crate::crowd::Crowd;
use crate::report::{Row, micros};
use crate::servers::{Outcome, Server, Table, USER, connections, end_connections, make_user};

use super::{SLACK, Times, recovered, settle};

/// More logins a second than this is a storm.
const LOGINS: f64 = 40.0;

/// The user may have one connection: every session can be saved and found through it.
pub(super) async fn one_connection(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    allow(&servers.a, 1).await?;
    let played = one_connection_allowed(servers, &table, name).await;
    allow(&servers.a, 0).await?;
    let (mut row, logins, seconds) = played?;
    count_logins(&mut row, logins, seconds);
    Ok(row)
}

async fn one_connection_allowed(
    servers: &Servers,
    table: &Table,
    name: &'static str,
) -> Outcome<(Row, u64, f64)> {
    servers.a.kill_all().await?;
    sleep(Duration::from_millis(300)).await;
    let store = table.store(&servers.a.address, &[("timeout", "3")])?;
    let (began, logins) = (now(), logins(&mut servers.a.root().await?).await?);
    let crowd = Crowd::start(&store, 40, 1, Mix::Verbs);
    sleep(Duration::from_secs(5)).await;
    let logins = self::logins(&mut servers.a.root().await?).await? - logins;
    let seconds = micros(now() - began).as_secs_f64();
    let mut slots = crowd.end().await;
    store.close().await;
    allow(&servers.a, 0).await?;
    settle(table, &mut slots).await?;
    Ok((Row::of(name, &slots, &[], store.timeout() + SLACK), logins, seconds))
}

async fn allow(server: &Server, connections: u32) -> Outcome<()> {
    for host in ["%", "localhost"] {
        let limit = format!("WITH MAX_USER_CONNECTIONS {connections}");
        server.sql(&format!("ALTER USER '{USER}'@'{host}' {limit}")).await?;
    }
    Ok(())
}

/// How many logins there have been, refused ones too.
async fn logins(root: &mut Conn) -> Outcome<u64> {
    let which = "'Connections', 'Connection_errors_max_connections'";
    let status = format!("SHOW GLOBAL STATUS WHERE Variable_name IN ({which})");
    let counts: Vec<(String, u64)> = root.query(status).await?;
    Ok(counts.into_iter().map(|(_, count)| count).sum())
}

fn count_logins(row: &mut Row, logins: u64, seconds: f64) {
    let rate = f64::from(u32::try_from(logins).unwrap_or(u32::MAX)) / seconds;
    row.note(format!("{logins} logins in {seconds:.1} s: {rate:.0} a second"));
    row.demand(rate <= LOGINS, || format!("{rate:.0} logins a second"));
}

/// Others have all connections for two seconds, and no store has one.
pub(super) async fn too_many(servers: &Servers, name: &'static str) -> Outcome<Row> {
    let table = Table::new(&servers.a).await?;
    let store = table.store(&servers.a.address, &[])?;
    let crowd = Crowd::start(&store, 16, 2, Mix::Verbs);
    let began = now();
    sleep(Duration::from_secs(2)).await;
    let before = now();
    let others = others(&servers.a).await?;
    let mut root = servers.a.root().await?;
    let held = fill(&mut root, others).await;
    let (logins, from) = (logins(&mut root).await?, now());
    sleep(Duration::from_secs(2)).await;
    let logins = self::logins(&mut root).await? - logins;
    let seconds = micros(now() - from).as_secs_f64();
    root.query_drop("SET GLOBAL max_connections = 500").await?;
    for other in held? {
        other.disconnect().await?;
    }
    let over = now();
    sleep(Duration::from_secs(3)).await;
    let end = now();
    let mut slots = crowd.end().await;
    let times = Times { began, before, over, end };
    let mut row = recovered(name, (&table, &store), &mut slots, &times, 2.0).await?;
    count_logins(&mut row, logins, seconds);
    Ok(row)
}

/// How another user logs in.
async fn others(server: &Server) -> Outcome<OptsBuilder> {
    make_user(&mut server.root().await?, "other").await?;
    let (host, port) = server.address.split_once(':').ok_or("an address without a port")?;
    Ok(OptsBuilder::default()
        .ip_or_hostname(host.to_owned())
        .tcp_port(port.parse()?)
        .prefer_socket(false)
        .user(Some("other"))
        .pass(Some(USER)))
}

/// Takes every connection that the server has, and those of the stores.
async fn fill(root: &mut Conn, login: OptsBuilder) -> Outcome<Vec<Conn>> {
    root.query_drop("SET GLOBAL max_connections = 10").await?;
    let mut others = Vec::new();
    for _ in 0..50 {
        end_connections(root).await?;
        while let Ok(other) = Conn::new(login.clone()).await {
            others.push(other);
        }
        if connections(root).await? == 0 {
            return Ok(others);
        }
    }
    Err("the stores keep their connections".into())
}
