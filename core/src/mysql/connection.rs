//! One connection to the server, reopened when it is lost, and its prepared statements.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Value};
use tokio::time::{sleep, timeout};

use crate::protocol::clock::Clock;
use crate::protocol::error::{Error, ErrorKind};

use super::columns::ExpiryEncoding;
use super::connect::{self, Purpose, ServerThread};
use super::failure::Failure;
use super::layout::{self, Layout};
use super::literals::with_parameters;
use super::pool::Pool;
use super::sql::{MAX_MARKS, Statement};
use super::statements::{Shape, Statements};
use super::time_zone::{self, TimeZone};

/// How often a statement is sent again because of other transactions.
const BUSY_TRIES: u32 = 10;
const LOCK_TRIES: u32 = 3;

/// The most bytes of parameters that go as text where preparing is not worth its round trip.
const SHORT: usize = 64 << 10;

/// Fifteen bits: with the marks they fill a signed number.
const MAX_NONCE: u16 = 0x7fff;

pub(super) struct Connection {
    pub(super) pool: Arc<Pool>,
    purpose: Purpose,
    reconnects: bool,
    conn: Option<Conn>,
    thread: Option<ServerThread>,
    /// One that was lost and may still work at the server.
    given_up: Option<ServerThread>,
    statements: Statements,
    /// What the prepared statements were made for.
    layout: Option<Arc<Layout>>,
    /// Whether the connection has the time zone that the table's instants are written in.
    zoned: bool,
    /// Tells the swaps of one statement from those of another.
    nonce: u16,
}

/// Makes the parameters of a statement, each time it is sent: the driver keeps what it is given,
/// and nearly everything is sent once.
pub(super) type ParamsFn<'a> = dyn Fn() -> Result<Vec<Value>, Failure> + Send + Sync + 'a;

/// A statement that changes something, with its parameters.
pub(super) struct WriteStatement<'a> {
    pub(super) statement: Statement,
    pub(super) arity: usize,
    pub(super) params: Box<ParamsFn<'a>>,
    /// Undo it all unless so many rows were matched.
    pub(super) exactly: Option<u64>,
}

impl Connection {
    pub(super) fn new(pool: Arc<Pool>, purpose: Purpose) -> Self {
        Connection {
            pool,
            purpose,
            reconnects: false,
            conn: None,
            thread: None,
            given_up: None,
            statements: Statements::default(),
            layout: None,
            zoned: false,
            nonce: 0,
        }
    }

    /// Opens the connection: its host, and how long a statement takes that does nothing.
    pub(super) async fn open(&mut self) -> Result<(usize, Duration), Failure> {
        let pool = &self.pool;
        let (is_connected, moved) = (|host| pool.is_connected_to(host), |host| pool.moved_to(host));
        let opened = connect::open(&pool.servers, self.purpose, is_connected, moved).await?;
        let host = opened.thread.host;
        self.conn = Some(opened.conn);
        self.thread = Some(opened.thread);
        Ok((host, opened.round_trip))
    }

    pub(super) fn is_open(&self) -> bool {
        self.conn.is_some()
    }

    /// The connection as the server knows it.
    pub(super) fn thread(&self) -> Option<&ServerThread> {
        self.thread.as_ref()
    }

    /// Lets go of a connection whose state is not known. The server may still be at work for it:
    /// what it is there has to be ended by the [`Killer`](super::kill::Killer).
    pub(super) fn discard(&mut self) -> Option<ServerThread> {
        self.conn = None;
        self.statements = Statements::default();
        self.zoned = false;
        if let Some(thread) = self.thread.take() {
            self.given_up = Some(thread);
        }
        self.given_up.take()
    }

    pub(super) async fn disconnect(&mut self) {
        self.statements.clear();
        self.thread = None;
        if let Some(conn) = self.conn.take() {
            // Whether the server heard it makes no difference.
            let _ = timeout(Duration::from_millis(200), conn.disconnect()).await;
        }
    }

    fn place(&self) -> &str {
        let host = self.thread.as_ref().or(self.given_up.as_ref()).map(|thread| thread.host);
        self.pool.servers.place(host.unwrap_or_else(|| self.pool.servers.hosts.current()))
    }

    fn failure(&mut self, error: &mysql_async::Error) -> Failure {
        let failure = Failure::from_driver(error, self.place());
        if let Failure::Lost(_) = failure {
            self.given_up = self.discard();
        }
        if let Failure::Final(error) = &failure
            && error.kind() == ErrorKind::Schema
        {
            self.pool.forget_layout();
        }
        failure
    }

    /// The open connection, opened now if need be.
    pub(super) async fn conn(&mut self) -> Result<&mut Conn, Failure> {
        if self.conn.is_none() {
            // What the last one may still be doing would come after what this one does.
            if let Some(thread) = self.given_up.take() {
                self.pool.killer.end(&self.pool.servers, &thread).await;
            }
            self.open().await?;
        }
        self.conn.as_mut().ok_or_else(|| Failure::Final(Error::internal("no connection")))
    }

    /// The table's layout, read once for all connections. Each job asks for it first, and the
    /// statements that follow are in its words.
    pub(super) async fn layout(&mut self) -> Result<Arc<Layout>, Failure> {
        let layout = match self.pool.layout() {
            Some(layout) => layout,
            None => self.read_for_all().await?,
        };
        if !self.layout.as_ref().is_some_and(|ours| Arc::ptr_eq(ours, &layout)) {
            self.statements.clear();
            self.layout = Some(Arc::clone(&layout));
        }
        Ok(layout)
    }

    /// Reads the table's layout again: it may have been repaired.
    pub(super) async fn refresh_layout(&mut self) -> Result<(), Failure> {
        let layout = self.read_layout().await?;
        if self.pool.layout().is_some_and(|known| *known != layout) {
            self.pool.set_layout(Arc::new(layout));
        }
        Ok(())
    }

    async fn read_for_all(&mut self) -> Result<Arc<Layout>, Failure> {
        let mut tries = 0;
        let layout = loop {
            match self.read_layout().await {
                Err(Failure::Lost(_)) if tries == 0 && self.reconnects() => tries += 1,
                other => break other?,
            }
        };
        // Another connection may have asked meanwhile, and has statements for its own.
        if let Some(known) = self.pool.layout().filter(|known| **known == layout) {
            return Ok(known);
        }
        let layout = Arc::new(layout);
        self.pool.set_layout(Arc::clone(&layout));
        Ok(layout)
    }

    /// The columns of the table; none if it is missing.
    pub(super) async fn table_columns(&mut self) -> Result<Vec<layout::Column>, Failure> {
        self.count(1);
        let table = self.pool.table.clone();
        let columns = layout::columns(self.conn().await?, &table).await;
        columns.map_err(|error| self.failure(&error))
    }

    async fn read_layout(&mut self) -> Result<Layout, Failure> {
        let columns = self.table_columns().await?;
        let pool = Arc::clone(&self.pool);
        let (lifetime, names) = (pool.max_lifetime, pool.columns.as_ref());
        let mut layout = layout::recognise(&pool.table, &columns, lifetime, names)?;
        layout.guarded = !layout.is_exact() && !pool.hash_tokens;
        layout.asks_server = matches!(pool.clock, Clock::System);
        let answer = self.query(&layout::of_server(&pool.table)).await?;
        layout.told_by_server(&answer.concat());
        if let ExpiryEncoding::Timestamp { .. } = layout.expiry {
            let zone = self.time_zone().await?;
            (layout.expiry, layout.zone) = (zone.instants, zone.name);
        }
        Ok(layout)
    }

    /// The zone in which this connection writes a TIMESTAMP.
    pub(super) async fn time_zone(&mut self) -> Result<TimeZone, Failure> {
        self.set_time_zone().await?;
        time_zone::read(self.query(&time_zone::query()).await?)
    }

    async fn set_time_zone(&mut self) -> Result<(), Failure> {
        let setting = time_zone::setting(self.pool.time_zone.as_deref());
        self.execute(&setting).await
    }

    fn count(&self, statements: u64) {
        self.pool.counters.statements.fetch_add(statements, Ordering::Relaxed);
    }

    /// Prepares a statement, unless it is; none where it goes as text.
    async fn prepared(
        &mut self,
        statement: Statement,
        arity: usize,
        layout: &Layout,
        params: &[Value],
    ) -> Result<Option<mysql_async::Statement>, Failure> {
        if let Some(prepared) = self.statements.get((statement, arity)) {
            return Ok(Some(prepared));
        }
        if self.statements.none_left
            || !statement.is_prepared(arity)
            || (self.pool.sends_text() && are_short(params, layout))
        {
            return Ok(None);
        }
        self.count(1);
        let prepared = self.conn().await?.prep(statement.text(layout, arity)).await;
        let prepared = match prepared.map_err(|error| self.failure(&error)) {
            Err(Failure::NoStatement(_)) => {
                self.statements.none_left = true;
                return Ok(None);
            }
            other => other?,
        };
        if let Some(closed) = self.statements.put((statement, arity), prepared.clone()) {
            let closed = self.conn().await?.close(closed).await;
            closed.map_err(|error| self.failure(&error))?;
        }
        Ok(Some(prepared))
    }

    /// Before a statement is sent.
    async fn ready(&mut self) -> Result<Arc<Layout>, Failure> {
        let layout = match &self.layout {
            Some(layout) => Arc::clone(layout),
            None => self.layout().await?,
        };
        self.conn().await?;
        if let ExpiryEncoding::Timestamp { .. } = layout.expiry
            && !self.zoned
        {
            self.set_time_zone().await?;
            self.zoned = true;
        }
        Ok(layout)
    }

    /// Whether it opens another connection when this one is lost. A batch of calls goes to a
    /// connection that is open already instead.
    fn reconnects(&self) -> bool {
        self.reconnects
    }

    /// From now on, or not: for maintenance, whose statements are sent again one by one.
    pub(super) fn set_reconnects(&mut self, reconnects: bool) {
        self.reconnects = reconnects;
    }

    /// The rows of a query.
    pub(super) async fn rows(
        &mut self,
        statement: Statement,
        arity: usize,
        params: &ParamsFn<'_>,
    ) -> Result<Vec<Vec<Value>>, Failure> {
        let mut tries = Attempts::default();
        loop {
            let failure = match self.rows_once(statement, arity, params()?).await {
                Ok(rows) => return Ok(rows),
                Err(failure) => failure,
            };
            self.may_retry(failure, (statement, arity), true, &mut tries).await?;
        }
    }

    async fn rows_once(
        &mut self,
        statement: Statement,
        arity: usize,
        params: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, Failure> {
        let layout = self.ready().await?;
        let Some(prepared) = self.prepared(statement, arity, &layout, &params).await? else {
            return self.query(&with_parameters(&statement.text(&layout, arity), &params)).await;
        };
        self.count(1);
        let rows = self.conn().await?.exec(prepared, Params::Positional(params)).await;
        let rows: Vec<mysql_async::Row> = rows.map_err(|error| self.failure(&error))?;
        Ok(rows.into_iter().map(mysql_async::Row::unwrap).collect())
    }

    /// How many rows a change matched. It is sent again when other transactions were in the way,
    /// and, if it is `repeatable`, once more when the connection turns out to be dead and another
    /// one may be opened.
    pub(super) async fn change(
        &mut self,
        change: &WriteStatement<'_>,
        repeatable: bool,
    ) -> Result<u64, Failure> {
        let mut tries = Attempts::default();
        loop {
            let failure = match self.change_once(change).await {
                Ok(matched) => return Ok(matched),
                Err(failure) => failure,
            };
            let shape = (change.statement, change.arity);
            self.may_retry(failure, shape, repeatable, &mut tries).await?;
        }
    }

    /// Returns when the same statement may be sent again.
    pub(super) async fn may_retry(
        &mut self,
        failure: Failure,
        shape: Shape,
        repeatable: bool,
        tries: &mut Attempts,
    ) -> Result<(), Failure> {
        match failure {
            // The layout of the table may be another one now, too.
            Failure::Prepare(_) if tries.prepared < 2 => {
                tries.prepared += 1;
                self.statements.forget(shape);
            }
            Failure::Lost(_) if repeatable && self.reconnects && tries.lost == 0 => tries.lost += 1,
            Failure::Busy(_) if tries.busy < BUSY_TRIES => {
                tries.busy += 1;
                sleep(jitter(tries.busy)).await;
            }
            Failure::Locked(_) if self.reconnects && tries.busy < LOCK_TRIES => tries.busy += 1,
            failure @ (Failure::Lost(_)
            | Failure::Host(_)
            | Failure::Prepare(_)
            | Failure::NoStatement(_)
            | Failure::NoConnection(_)
            | Failure::Locked(_)
            | Failure::Busy(_)
            | Failure::Duplicate
            | Failure::Row(_)
            | Failure::Unclear(_)
            | Failure::Interrupted(_)
            | Failure::Final(_)) => return Err(failure),
        }
        self.pool.retry();
        Ok(())
    }

    async fn change_once(&mut self, change: &WriteStatement<'_>) -> Result<u64, Failure> {
        let Some(exactly) = change.exactly else {
            return self.execute_write(change).await;
        };
        self.execute("START TRANSACTION").await?;
        let matched = self.execute_write(change).await;
        match matched {
            Ok(matched) if matched == exactly => self.execute("COMMIT").await?,
            // The connection is closed, and the server rolls back.
            Err(Failure::Lost(_)) => {}
            Ok(_) | Err(_) => self.execute("ROLLBACK").await?,
        }
        matched
    }

    async fn execute_write(&mut self, change: &WriteStatement<'_>) -> Result<u64, Failure> {
        let layout = self.ready().await?;
        let params = (change.params)()?;
        let prepared = self.prepared(change.statement, change.arity, &layout, &params).await?;
        self.count(1);
        let conn = self.conn().await?;
        let done = match prepared {
            Some(prepared) => conn.exec_drop(prepared, Params::Positional(params)).await,
            None => {
                let text = change.statement.text(&layout, change.arity);
                conn.query_drop(with_parameters(&text, &params)).await
            }
        };
        match done {
            Ok(()) => Ok(conn.affected_rows()),
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// For the next swaps: never that of the ones before, whose marks may still be there.
    pub(super) fn next_nonce(&mut self) -> u16 {
        self.nonce = self.nonce % MAX_NONCE + 1;
        self.nonce
    }

    /// Which of the rows of a statement with this nonce were swapped, as bits. A number that
    /// something else has put there, a proxy that changes connections say, is none of ours.
    pub(super) async fn swap(
        &mut self,
        change: &WriteStatement<'_>,
        nonce: u16,
    ) -> Result<u64, Failure> {
        let swapped = self.change_once(change).await?;
        if swapped == 0 {
            return Ok(0);
        }
        let said = self.conn.as_ref().and_then(Conn::last_insert_id).unwrap_or(0);
        swap_marks(said, nonce, swapped, change.arity).ok_or_else(|| {
            Failure::Unclear(Error::new(
                ErrorKind::Unavailable,
                format!(
                    "{} did not say which sessions it changed, as behind a proxy that changes \
                     connections; some may have been",
                    self.place()
                ),
            ))
        })
    }

    /// A statement without parameters and without an answer.
    pub(super) async fn execute(&mut self, text: &str) -> Result<(), Failure> {
        self.count(1);
        let said = self.conn().await?.query_drop(text).await;
        said.map_err(|error| self.failure(&error))
    }

    /// The same; how many rows it changed.
    pub(super) async fn execute_count(&mut self, text: &str) -> Result<u64, Failure> {
        self.execute(text).await?;
        Ok(self.conn.as_ref().map_or(0, Conn::affected_rows))
    }

    /// A query without parameters, as text.
    pub(super) async fn query(&mut self, text: &str) -> Result<Vec<Vec<Value>>, Failure> {
        self.count(1);
        let rows = self.conn().await?.query(text).await;
        let rows: Vec<mysql_async::Row> = rows.map_err(|error| self.failure(&error))?;
        Ok(rows.into_iter().map(mysql_async::Row::unwrap).collect())
    }
}

/// Whether they can go as text, in which data may take twice its bytes.
fn are_short(params: &[Value], layout: &Layout) -> bool {
    let bytes = |value: &Value| match value {
        Value::Bytes(bytes) => bytes.len(),
        Value::NULL
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Float(_)
        | Value::Double(_)
        | Value::Date(..)
        | Value::Time(..) => size_of::<Value>(),
    };
    params.iter().map(bytes).sum::<usize>() <= SHORT.min(layout.max_statement / 4)
}

#[derive(Default)]
pub(super) struct Attempts {
    lost: u32,
    prepared: u32,
    busy: u32,
}

/// The rows that are marked, if what the server said is about this statement.
fn swap_marks(said: u64, nonce: u16, swapped: u64, arity: usize) -> Option<u64> {
    let rows = said & ((1 << MAX_MARKS) - 1);
    let ours = said >> MAX_MARKS == u64::from(nonce)
        && u64::from(rows.count_ones()) == swapped
        && rows < 1 << arity.min(MAX_MARKS);
    ours.then_some(rows)
}

fn jitter(attempt: u32) -> Duration {
    let mut random = [0u8];
    // Without randomness the pauses are equal, and still pauses.
    let _ = getrandom::fill(&mut random);
    Duration::from_micros(u64::from(random[0]) * 16 * u64::from(attempt) + 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A last insert id from elsewhere: of a table's own counter, of a trigger, of the statement
    /// before, of another client's statement on a connection that a proxy shares.
    #[test]
    fn no_number_from_elsewhere_is_taken_for_marks() {
        let ours = |rows: u64| 7 << MAX_MARKS | rows;
        assert_eq!(swap_marks(ours(0b101), 7, 2, 4), Some(0b101));
        for foreign in [3, 5, 0b101, 6 << MAX_MARKS | 0b101, u64::MAX] {
            assert_eq!(swap_marks(foreign, 7, 2, 4), None, "{foreign:#x}");
        }
        // Too many rows, or rows that are not there.
        assert_eq!(swap_marks(ours(0b111), 7, 2, 4), None);
        assert_eq!(swap_marks(ours(0b1_0001), 7, 2, 4), None);
    }
}
