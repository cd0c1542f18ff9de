//! Ends connections that were given up, at the server.
//!
//! A connection that is closed here may live on there: its statement waits for a lock, or its bytes
//! are still on their way. What it does then would come after what was answered meanwhile. So it is
//! killed over another connection, and only when the server does not know it any more is it settled
//! what it has done.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::columns::number;
use super::connect::{self, Opened, Purpose, ServerThread};
use super::servers::{SERVER_IDLE, Servers};

/// Error numbers: no such thread, and another user's.
const NO_SUCH_THREAD: u16 = 1094;
const NOT_OURS: u16 = 1095;

/// Columns of SHOW PROCESSLIST.
const LISTED_ID: usize = 0;
const LISTED_COMMAND: usize = 4;

/// Between two looks at a thread that is being ended.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// The connection is closed when nothing was to be ended for so long.
const IDLE: Duration = Duration::from_secs(5);

/// What the server knows of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThreadState {
    /// It works on a statement.
    Working,
    /// It waits for the next one: ours is on its way, or its answer.
    Waiting,
    /// It has none of that number.
    Gone,
    /// The server could not be asked.
    NoAnswer,
}

/// The connection over which others are ended; one for all, opened when it is needed. It is taken
/// out while it is used: one whose user was dropped in the middle is closed with it.
#[derive(Default)]
pub(super) struct Killer(Mutex<Option<AdminConnection>>);

struct AdminConnection {
    opened: Opened,
    used: Instant,
}

impl Killer {
    /// Asks the server what a connection is doing.
    pub(super) async fn inspect(&self, servers: &Servers, thread: &ServerThread) -> ThreadState {
        let patience = servers.timeout.mul_f64(0.2);
        let asked = timeout(patience, async {
            let mut own = self.0.lock().await;
            let mut opened = reach(own.take(), servers, thread).await?;
            let known = inspect(&mut opened, thread).await?;
            *own = Some(AdminConnection { opened, used: Instant::now() });
            Some(known)
        });
        asked.await.ok().flatten().unwrap_or(ThreadState::NoAnswer)
    }

    /// Ends a connection. True when the server does not know it any more, so that nothing of it can
    /// happen from now on.
    pub(super) async fn end(&self, servers: &Servers, thread: &ServerThread) -> bool {
        let patience = servers.timeout.min(Duration::from_secs(2));
        let ended = timeout(patience, async {
            let mut own = self.0.lock().await;
            let mut opened = reach(own.take(), servers, thread).await?;
            let ended = kill(&mut opened, thread).await?;
            *own = Some(AdminConnection { opened, used: Instant::now() });
            Some(ended)
        });
        ended.await.ok().flatten().unwrap_or(false)
    }

    /// Closes the connection if it is not used. Called now and then.
    pub(super) fn close_idle(&self) {
        if let Ok(mut own) = self.0.try_lock()
            && own.as_ref().is_some_and(|own| own.used.elapsed() >= IDLE)
        {
            *own = None;
        }
    }
}

/// A connection to the server of the session; none where it cannot be reached, or where another
/// server answers under its address.
async fn reach(
    own: Option<AdminConnection>,
    servers: &Servers,
    thread: &ServerThread,
) -> Option<Opened> {
    let fits = |opened: &Opened| {
        opened.thread.host == thread.host && opened.thread.server == thread.server
    };
    match own.map(|own| own.opened).filter(fits) {
        Some(opened) => Some(opened),
        None => connect::login(servers, thread.host, Purpose::Calls).await.ok().filter(fits),
    }
}

/// None when the connection broke.
async fn inspect(opened: &mut Opened, thread: &ServerThread) -> Option<ThreadState> {
    // A user may always see its own threads. information_schema.PROCESSLIST would list one thread
    // alone, but MySQL refuses it (3854) as long as any statement in the list has bytes that are no
    // text, as ours have.
    let listed: Vec<mysql_async::Row> = opened.conn.query("SHOW PROCESSLIST").await.ok()?;
    let command = listed.into_iter().map(mysql_async::Row::unwrap).find_map(|row| {
        let id = row.get(LISTED_ID).and_then(number);
        (id == Some(thread.id.into())).then(|| row.into_iter().nth(LISTED_COMMAND))
    });
    match command {
        Some(Some(mysql_async::Value::Bytes(command))) if command == b"Sleep" => {
            Some(ThreadState::Waiting)
        }
        Some(_) => Some(ThreadState::Working),
        None => is_there(opened, thread).await,
    }
}

/// A thread is not listed while it runs a trigger or a function that has another user's rights.
/// What tells it from one that is gone is the error of a statement that is about it.
async fn is_there(opened: &mut Opened, thread: &ServerThread) -> Option<ThreadState> {
    let asks = match opened.conn.server_version().0 {
        10.. => "SHOW EXPLAIN FOR",
        _ => "EXPLAIN FOR CONNECTION",
    };
    match opened.conn.query_drop(format!("{asks} {}", thread.id)).await {
        Err(mysql_async::Error::Server(error)) if error.code == NO_SUCH_THREAD => {
            Some(ThreadState::Gone)
        }
        Ok(()) | Err(mysql_async::Error::Server(_)) => Some(ThreadState::Working),
        Err(_) => None,
    }
}

/// None when the connection broke.
async fn kill(opened: &mut Opened, thread: &ServerThread) -> Option<bool> {
    // After a restart of the server the number may be another's, and ours is gone.
    let asked = "SHOW GLOBAL STATUS LIKE 'Uptime'";
    let uptime: Option<mysql_async::Row> = opened.conn.query_first(asked).await.ok()?;
    let uptime = uptime.and_then(|row| row.unwrap().get(1).and_then(number));
    if uptime.is_some_and(|seconds| seconds + 1 < thread.since.elapsed().as_secs()) {
        return Some(true);
    }
    let mut pause = FIRST_PAUSE;
    loop {
        match opened.conn.query_drop(format!("KILL {}", thread.id)).await {
            Ok(()) => {}
            Err(mysql_async::Error::Server(error)) if error.code == NO_SUCH_THREAD => {
                return Some(true);
            }
            // That it is another user's is said of ours, too, as long as it runs a trigger or a
            // function that has that user's rights. A number is never given to two threads.
            Err(mysql_async::Error::Server(error)) if error.code == NOT_OURS => {}
            Err(mysql_async::Error::Server(_)) => return Some(false),
            Err(_) => return None,
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// From then on nothing that the network kept of the connection can reach its server: the server
/// itself has closed it, and has stopped what it was doing.
pub(super) fn ends_by_itself_at(servers: &Servers, since: Instant) -> Instant {
    since + SERVER_IDLE + servers.timeout * 2
}
