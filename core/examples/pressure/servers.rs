//! The servers that `tools/pressure.sh` started, and what is done to them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, Row};
use sessio::{Options, Store};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Outcome<T> = Result<T, Failure>;

/// The user that the stores log in as: it has no right to write on a server that is read-only.
pub(crate) const USER: &str = "pressure";

/// A private server.
#[derive(Clone)]
pub(crate) struct Server {
    instance: String,
    pub(crate) address: String,
    socket: String,
}

impl Server {
    /// `a` is what `SESSIO_PRESSURE_A` says: instance, port and socket.
    pub(crate) fn of(name: &str) -> Outcome<Self> {
        let variable = format!("SESSIO_PRESSURE_{name}");
        let value = std::env::var(&variable)
            .map_err(|_| format!("{variable} is not set; run this by ./dev test pressure"))?;
        let parts: Vec<&str> = value.split(' ').collect();
        let [instance, port, socket] = parts[..] else {
            return Err(format!("{variable} must be an instance, a port and a socket").into());
        };
        Ok(Server {
            instance: instance.into(),
            address: format!("127.0.0.1:{port}"),
            socket: socket.into(),
        })
    }

    /// The database and its user, anew.
    pub(crate) async fn prepare(&self) -> Outcome<()> {
        let mut root = self.root().await?;
        root.query_drop(format!("CREATE DATABASE IF NOT EXISTS {USER}")).await?;
        for host in ["%", "localhost"] {
            let user = format!("'{USER}'@'{host}'");
            make_user(&mut root, &user).await?;
            root.query_drop(format!("GRANT ALL ON {USER}.* TO {user}")).await?;
        }
        Ok(())
    }

    /// A connection with all rights, over the socket.
    pub(crate) async fn root(&self) -> Outcome<Conn> {
        let options = OptsBuilder::default().user(Some("root")).socket(Some(self.socket.clone()));
        Ok(Conn::new(options).await?)
    }

    pub(crate) async fn sql(&self, statement: &str) -> Outcome<()> {
        Ok(self.root().await?.query_drop(statement).await?)
    }

    /// How many connections the stores have here.
    pub(crate) async fn connections(&self) -> Outcome<u64> {
        connections(&mut self.root().await?).await
    }

    /// Ends every connection that a store has here.
    pub(crate) async fn kill_all(&self) -> Outcome<()> {
        end_connections(&mut self.root().await?).await
    }

    /// A function of `tools/pressure.sh` for this server.
    pub(crate) async fn call(&self, function: &str) -> Outcome<()> {
        let instance = self.instance.clone();
        let function = function.to_owned();
        let done = tokio::task::spawn_blocking(move || {
            std::process::Command::new("./dev").args(["call", &function, &instance]).status()
        });
        let status = done.await??;
        if status.success() { Ok(()) } else { Err(format!("./dev call: {status}").into()) }
    }
}

/// Another user with the same password, or the one there is.
pub(crate) async fn make_user(root: &mut Conn, user: &str) -> Outcome<()> {
    root.query_drop(format!("DROP USER IF EXISTS {user}")).await?;
    root.query_drop(format!("CREATE USER {user} IDENTIFIED BY '{USER}'")).await?;
    Ok(())
}

/// Ends every connection that a store has at the server of this one.
pub(crate) async fn end_connections(root: &mut Conn) -> Outcome<()> {
    for id in threads(root).await? {
        // It may have gone by itself.
        let _ = root.query_drop(format!("KILL {id}")).await;
    }
    Ok(())
}

/// How many connections the stores have at the server of this one.
pub(crate) async fn connections(root: &mut Conn) -> Outcome<u64> {
    Ok(threads(root).await?.len() as u64)
}

/// MySQL refuses information_schema.PROCESSLIST while a listed statement has bytes that are no text.
async fn threads(root: &mut Conn) -> Outcome<Vec<u64>> {
    let listed: Vec<Row> = root.query("SHOW PROCESSLIST").await?;
    let of_stores = listed.into_iter().filter(|row| row.get(1).flatten() == Some(USER.to_owned()));
    Ok(of_stores.filter_map(|row| row.get(0)).collect())
}

/// A table that no other scenario has, and stores on it.
pub(crate) struct Table {
    pub(crate) server: Server,
    pub(crate) name: String,
    /// Tokens are stored as they are, so that a row can be found by its token.
    plain: bool,
}

impl Table {
    pub(crate) async fn new(server: &Server) -> Outcome<Self> {
        Table::make(server, false).await
    }

    pub(crate) async fn with_plain_tokens(server: &Server) -> Outcome<Self> {
        Table::make(server, true).await
    }

    async fn make(server: &Server, plain: bool) -> Outcome<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
        server.sql(&format!("DROP TABLE IF EXISTS {USER}.{name}")).await?;
        let table = Table { server: server.clone(), name, plain };
        table.store(&server.address, &[])?.migrate().await?;
        Ok(table)
    }

    /// A store that reaches the server by this address, or addresses.
    pub(crate) fn store(&self, address: &str, options: &[(&str, &str)]) -> Outcome<Store> {
        let mut all = Options::new();
        all.set("table", &self.name)?;
        all.set("cleanup_interval", "0")?;
        all.set("hash_tokens", if self.plain { "false" } else { "true" })?;
        for (name, value) in options {
            all.set(name, value)?;
        }
        Ok(Store::open_with(&format!("mysql://{USER}:{USER}@{address}/{USER}"), all)?)
    }

    /// Makes each row that is written cost so much.
    pub(crate) async fn slow(&self, verb: &str, cost: Duration) -> Outcome<()> {
        self.before(verb, &format!("SLEEP({})", cost.as_secs_f64())).await
    }

    /// Has the server compute this before each row that is written, with the rights of another user.
    pub(crate) async fn before(&self, verb: &str, cost: &str) -> Outcome<()> {
        let name = &self.name;
        let trigger = format!("{USER}.{name}_{verb} BEFORE {verb} ON {USER}.{name}");
        self.server.sql(&format!("CREATE TRIGGER {trigger} FOR EACH ROW DO {cost}")).await
    }

    pub(crate) async fn quick(&self, verb: &str) -> Outcome<()> {
        self.server.sql(&format!("DROP TRIGGER {USER}.{}_{verb}", self.name)).await
    }
}
