//! One connection to the server, reopened when it is lost, and its prepared statements.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, Params, Value};
use tokio::time::{Instant, sleep, timeout};

use crate::error::{Error, ErrorKind};

use super::cells::Instants;
use super::failure::Failure;
use super::layout::{self, Layout};
use super::shared::Shared;
use super::sql::Statement;
use super::{tls, zones};

/// While no host answers, trying goes on for this long: a server that restarts is often back by
/// then, and nobody waits long for one that is down.
const PERSIST: Duration = Duration::from_secs(1);

/// How often a statement is sent again because of other transactions.
const BUSY_TRIES: u32 = 10;

pub(super) struct Line {
    pub(super) shared: Arc<Shared>,
    conn: Option<Conn>,
    prepared: HashMap<(Statement, usize), mysql_async::Statement>,
    /// What the prepared statements were made for.
    layout: Option<Arc<Layout>>,
    /// Whether the connection has the time zone that the table's instants are written in.
    zoned: bool,
    /// The connection's last insert id, in which swaps leave their marks.
    marks: u64,
}

/// Makes the parameters of a statement, each time it is sent: the driver keeps what it is given,
/// and nearly everything is sent once.
pub(super) type Values<'a> = dyn Fn() -> Result<Vec<Value>, Failure> + Send + Sync + 'a;

/// A statement that changes something, with its parameters.
pub(super) struct Change<'a> {
    pub(super) statement: Statement,
    pub(super) arity: usize,
    pub(super) params: Box<Values<'a>>,
    /// Undo it all unless so many rows were matched.
    pub(super) exactly: Option<u64>,
}

impl Line {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Line { shared, conn: None, prepared: HashMap::new(), layout: None, zoned: false, marks: 0 }
    }

    /// Lets go of a connection whose state is not known. Closing the socket also makes the server
    /// roll back what was not committed.
    pub(super) fn abandon(&mut self) {
        self.conn = None;
        self.prepared.clear();
        self.zoned = false;
        self.marks = 0;
    }

    pub(super) async fn goodbye(&mut self) {
        self.prepared.clear();
        if let Some(conn) = self.conn.take() {
            // Whether the server heard it makes no difference.
            let _ = timeout(Duration::from_millis(200), conn.disconnect()).await;
        }
    }

    fn failure(&mut self, error: &mysql_async::Error) -> Failure {
        let failure = Failure::from_driver(error, &self.shared.place());
        if let Failure::Lost(_) = failure {
            self.abandon();
            // Read-only, shutting down, or out of the cluster: another host may be better.
            if let mysql_async::Error::Server(server) = error
                && [1053, 1290, 1792, 1836, 1047].contains(&server.code)
            {
                self.shared.next_host(self.shared.host());
            }
        }
        if let Failure::Final(error) = &failure
            && error.kind() == ErrorKind::Schema
        {
            self.shared.forget_layout();
        }
        failure
    }

    /// The open connection, opened now if need be.
    pub(super) async fn conn(&mut self) -> Result<&mut Conn, Failure> {
        if self.conn.is_none() {
            self.conn = Some(self.connect().await?);
        }
        self.conn.as_mut().ok_or_else(|| Failure::Final(Error::internal("no connection")))
    }

    async fn connect(&mut self) -> Result<Conn, Failure> {
        let (began, shared) = (Instant::now(), Arc::clone(&self.shared));
        let mut pause = Duration::from_millis(50);
        // Told before the callers' deadline, so that they hear what is wrong and not only "late".
        let patience = shared.timeout.mul_f64(0.8) / u32::try_from(shared.hosts()).unwrap_or(1);
        loop {
            let mut reasons = Vec::new();
            for _ in 0..shared.hosts() {
                let host = shared.host();
                match timeout(patience, login(shared.opts(host))).await {
                    Ok(Ok(conn)) => {
                        shared.counters.connections.fetch_add(1, Ordering::Relaxed);
                        return Ok(conn);
                    }
                    Ok(Err(error)) => {
                        let failure = Failure::from_driver(&error, &shared.place());
                        if !matches!(failure, Failure::Lost(_)) {
                            return Err(failure);
                        }
                        reasons.push(format!("{} ({})", shared.place(), brief(&error)));
                    }
                    Err(_) => reasons.push(format!("{} (no answer)", shared.place())),
                }
                shared.next_host(host);
            }
            if began.elapsed() + pause > PERSIST.min(shared.timeout.mul_f64(0.8)) {
                let message =
                    format!("cannot reach {}; is the server running?", reasons.join(", "));
                return Err(Failure::Final(Error::new(ErrorKind::Unavailable, message)));
            }
            sleep(pause).await;
            pause *= 2;
        }
    }

    /// The table's layout, read once for all connections. Each job asks for it first, and the
    /// statements that follow are in its words.
    pub(super) async fn layout(&mut self) -> Result<Arc<Layout>, Failure> {
        let layout = match self.shared.layout() {
            Some(layout) => layout,
            None => self.read_for_all().await?,
        };
        if !self.layout.as_ref().is_some_and(|ours| Arc::ptr_eq(ours, &layout)) {
            self.prepared.clear();
            self.layout = Some(Arc::clone(&layout));
        }
        Ok(layout)
    }

    /// Looks at the table again: somebody may have mended it.
    pub(super) async fn refresh_layout(&mut self) -> Result<(), Failure> {
        let layout = self.read_layout().await?;
        if self.shared.layout().is_some_and(|known| *known != layout) {
            self.shared.set_layout(Arc::new(layout));
        }
        Ok(())
    }

    async fn read_for_all(&mut self) -> Result<Arc<Layout>, Failure> {
        let mut tries = 0;
        let layout = loop {
            match self.read_layout().await {
                Err(Failure::Lost(_)) if tries == 0 => tries += 1,
                other => break other?,
            }
        };
        // Another connection may have asked meanwhile, and has statements for its own.
        if let Some(known) = self.shared.layout().filter(|known| **known == layout) {
            return Ok(known);
        }
        let layout = Arc::new(layout);
        self.shared.set_layout(Arc::clone(&layout));
        Ok(layout)
    }

    /// The columns of the table; none if it is missing.
    pub(super) async fn table_columns(&mut self) -> Result<Vec<layout::Column>, Failure> {
        self.count(1);
        let table = self.shared.table.clone();
        let columns = layout::columns(self.conn().await?, &table).await;
        columns.map_err(|error| self.failure(&error))
    }

    async fn read_layout(&mut self) -> Result<Layout, Failure> {
        let columns = self.table_columns().await?;
        let shared = Arc::clone(&self.shared);
        let (lifetime, names) = (shared.max_lifetime, shared.columns.as_ref());
        let mut layout = layout::recognise(&shared.table, &columns, lifetime, names)?;
        layout.guarded = !layout.is_exact() && !shared.hash_tokens;
        let answer = self.ask(&layout::of_server(&shared.table)).await?;
        layout.told_by_server(&answer.concat());
        if let Instants::Timestamp { .. } = layout.expiry {
            let zone = zones::read(self).await?;
            (layout.expiry, layout.zone) = (zone.instants, zone.name);
        }
        Ok(layout)
    }

    fn count(&self, statements: u64) {
        self.shared.counters.statements.fetch_add(statements, Ordering::Relaxed);
    }

    async fn prepared(
        &mut self,
        statement: Statement,
        arity: usize,
    ) -> Result<mysql_async::Statement, Failure> {
        if let Some(prepared) = self.prepared.get(&(statement, arity))
            && self.conn.is_some()
        {
            return Ok(prepared.clone());
        }
        let layout = match &self.layout {
            Some(layout) => Arc::clone(layout),
            None => self.layout().await?,
        };
        if let Instants::Timestamp { .. } = layout.expiry
            && !self.zoned
        {
            zones::enter(self).await?;
            self.zoned = true;
        }
        let text = statement.text(&layout, arity);
        self.count(1);
        let prepared = self.conn().await?.prep(text).await;
        let prepared = prepared.map_err(|error| self.failure(&error))?;
        self.prepared.insert((statement, arity), prepared.clone());
        Ok(prepared)
    }

    /// The rows of a query, which is sent again once if the connection turns out to be dead.
    pub(super) async fn rows(
        &mut self,
        statement: Statement,
        arity: usize,
        params: &Values<'_>,
    ) -> Result<Vec<Vec<Value>>, Failure> {
        let mut sent = 0;
        loop {
            sent += 1;
            match self.rows_once(statement, arity, params()?).await {
                Err(Failure::Lost(_)) if sent == 1 => self.retry(),
                other => return other,
            }
        }
    }

    async fn rows_once(
        &mut self,
        statement: Statement,
        arity: usize,
        params: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, Failure> {
        let prepared = self.prepared(statement, arity).await?;
        self.count(1);
        let rows = self.conn().await?.exec(prepared, Params::Positional(params)).await;
        let rows: Vec<mysql_async::Row> = rows.map_err(|error| self.failure(&error))?;
        Ok(rows.into_iter().map(mysql_async::Row::unwrap).collect())
    }

    /// How many rows a change matched. It is sent again when other transactions were in the way,
    /// and, if it is `repeatable`, once more when the connection turns out to be dead.
    pub(super) async fn change(
        &mut self,
        change: &Change<'_>,
        repeatable: bool,
    ) -> Result<u64, Failure> {
        let (mut lost, mut busy) = (0, 0);
        loop {
            match self.change_once(change).await {
                Err(Failure::Lost(_)) if repeatable && lost == 0 => lost += 1,
                Err(Failure::Busy(_)) if busy < BUSY_TRIES => {
                    busy += 1;
                    sleep(jitter(busy)).await;
                }
                other => return other,
            }
            self.retry();
        }
    }

    async fn change_once(&mut self, change: &Change<'_>) -> Result<u64, Failure> {
        let Some(exactly) = change.exactly else {
            return self.execute(change).await;
        };
        self.say("START TRANSACTION").await?;
        let matched = self.execute(change).await;
        match matched {
            Ok(matched) if matched == exactly => self.say("COMMIT").await?,
            Ok(_) => self.say("ROLLBACK").await?,
            // The connection is closed, and the server has rolled back.
            Err(Failure::Lost(_)) => {}
            Err(_) => self.say("ROLLBACK").await?,
        }
        matched
    }

    async fn execute(&mut self, change: &Change<'_>) -> Result<u64, Failure> {
        let prepared = self.prepared(change.statement, change.arity).await?;
        self.count(1);
        let params = Params::Positional((change.params)()?);
        let conn = self.conn().await?;
        match conn.exec_drop(prepared, params).await {
            Ok(()) => Ok(conn.affected_rows()),
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// Which of the rows of a swap were swapped, as bits. When the server's answer makes no sense,
    /// as behind a proxy that changes connections, it is as good as lost.
    pub(super) async fn swap(&mut self, change: &Change<'_>) -> Result<u64, Failure> {
        let mut busy = 0;
        let swapped = loop {
            let failure = match self.change_once(change).await {
                Ok(swapped) => break swapped,
                Err(lost @ Failure::Lost(_)) => return Err(lost),
                Err(failure) => failure,
            };
            // What failed was undone, but for its marks.
            self.say("DO LAST_INSERT_ID(0)").await?;
            self.marks = 0;
            if !matches!(failure, Failure::Busy(_)) || busy == BUSY_TRIES {
                return Err(failure);
            }
            busy += 1;
            sleep(jitter(busy)).await;
            self.retry();
        };
        let said = self.conn.as_ref().and_then(Conn::last_insert_id).unwrap_or(0);
        let marks = if swapped == 0 { self.marks } else { said };
        let rows = marks ^ std::mem::replace(&mut self.marks, marks);
        if u64::from(rows.count_ones()) == swapped {
            return Ok(rows);
        }
        self.abandon();
        Err(Failure::Lost(Error::internal("the server did not say which sessions it changed")))
    }

    /// A statement without parameters and without an answer.
    pub(super) async fn say(&mut self, text: &str) -> Result<(), Failure> {
        self.count(1);
        let said = self.conn().await?.query_drop(text).await;
        said.map_err(|error| self.failure(&error))
    }

    /// The same; how many rows it changed.
    pub(super) async fn tell(&mut self, text: &str) -> Result<u64, Failure> {
        self.say(text).await?;
        Ok(self.conn.as_ref().map_or(0, Conn::affected_rows))
    }

    /// A query without parameters, as text.
    pub(super) async fn ask(&mut self, text: &str) -> Result<Vec<Vec<Value>>, Failure> {
        self.count(1);
        let rows = self.conn().await?.query(text).await;
        let rows: Vec<mysql_async::Row> = rows.map_err(|error| self.failure(&error))?;
        Ok(rows.into_iter().map(mysql_async::Row::unwrap).collect())
    }

    pub(super) fn retry(&self) {
        self.shared.counters.retries.fetch_add(1, Ordering::Relaxed);
    }
}

async fn login(opts: Opts) -> mysql_async::Result<Conn> {
    match Conn::new(opts.clone()).await {
        Err(error) => match tls::by_its_own_name(&opts, &error) {
            Some(opts) => Conn::new(opts).await,
            None => Err(error),
        },
        open => open,
    }
}

fn brief(error: &mysql_async::Error) -> String {
    match error {
        mysql_async::Error::Io(io) => io.to_string().replace("Input/output error: ", ""),
        mysql_async::Error::Server(server) => format!("{} {}", server.code, server.message),
        mysql_async::Error::Driver(_)
        | mysql_async::Error::Other(_)
        | mysql_async::Error::Url(_) => "the handshake failed".to_owned(),
    }
}

fn jitter(attempt: u32) -> Duration {
    let mut random = [0u8];
    // Without randomness the pauses are equal, and still pauses.
    let _ = getrandom::fill(&mut random);
    Duration::from_micros(u64::from(random[0]) * 16 * u64::from(attempt) + 200)
}
