//! Ends connections that were given up, at the server.
//!
//! A connection that is closed here may live on there: its statement waits for a lock, or its bytes
//! are still on their way. What it does then would come after what was answered meanwhile. So it is
//! killed over another connection, and only when the server does not know it any more is it settled
//! what it has done.

use std::sync::Arc;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::cells::number;
use super::connect::{self, Opened, Purpose, Session};
use super::shared::Shared;

/// Error numbers: no such thread, and somebody else's.
const NO_SUCH_THREAD: u16 = 1094;
const NOT_OURS: u16 = 1095;

/// Between two looks at a thread that is being ended.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// The connection is closed when nothing was to be ended for so long.
const IDLE: Duration = Duration::from_secs(5);

/// What the server knows of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It works on a statement.
    Working,
    /// It waits for the next one: ours is on its way, or its answer.
    Waiting,
    /// It has none of that number.
    Gone,
    /// The server could not be asked.
    NoAnswer,
}

/// The connection over which others are ended; one for all, opened when it is needed.
#[derive(Default)]
pub(super) struct Killer(Mutex<Option<Own>>);

struct Own {
    opened: Opened,
    used: Instant,
}

impl Killer {
    /// Asks the server what a connection is doing.
    pub(super) async fn look(&self, shared: &Arc<Shared>, session: &Session) -> Known {
        let patience = shared.timeout.mul_f64(0.2);
        let asked = timeout(patience, async {
            let mut own = self.0.lock().await;
            let opened = reach(&mut own, shared, session).await?;
            // 1 while it works. Its own threads a user may always see.
            let look = format!(
                "SELECT COMMAND <> 'Sleep' FROM information_schema.PROCESSLIST WHERE ID = {}",
                session.thread,
            );
            let row: Result<Option<mysql_async::Row>, _> = opened.conn.query_first(look).await;
            match row {
                Ok(None) => Some(Known::Gone),
                Ok(Some(row)) => match row.unwrap().first().and_then(number) {
                    Some(0) => Some(Known::Waiting),
                    _ => Some(Known::Working),
                },
                Err(_) => {
                    *own = None;
                    None
                }
            }
        });
        asked.await.ok().flatten().unwrap_or(Known::NoAnswer)
    }

    /// Ends a connection. True when the server does not know it any more, so that nothing of it can
    /// happen from now on.
    pub(super) async fn end(&self, shared: &Arc<Shared>, session: &Session) -> bool {
        let patience = shared.timeout.min(Duration::from_secs(2));
        let ended = timeout(patience, async {
            let mut own = self.0.lock().await;
            let ended = match reach(&mut own, shared, session).await {
                Some(opened) => kill(opened, session).await,
                None => Some(false),
            };
            if ended.is_none() {
                *own = None;
            }
            ended.unwrap_or(false)
        });
        match ended.await {
            Ok(ended) => ended,
            Err(_) => {
                // The future that held it was dropped, and its connection may be in the middle.
                *self.0.lock().await = None;
                false
            }
        }
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
async fn reach<'a>(
    own: &'a mut Option<Own>,
    shared: &Arc<Shared>,
    session: &Session,
) -> Option<&'a mut Opened> {
    let fits = |opened: &Opened| {
        opened.session.host == session.host && opened.session.server == session.server
    };
    if !own.as_ref().is_some_and(|own| fits(&own.opened)) {
        *own = None;
        let opened = connect::login(shared, session.host, Purpose::Calls).await.ok()?;
        *own = Some(Own { opened, used: Instant::now() });
    }
    let own = own.as_mut().filter(|own| fits(&own.opened))?;
    own.used = Instant::now();
    Some(&mut own.opened)
}

/// None when the connection broke.
async fn kill(opened: &mut Opened, session: &Session) -> Option<bool> {
    // After a restart of the server the number may be another's, and ours is gone.
    let uptime: Option<(String, u64)> =
        opened.conn.query_first("SHOW GLOBAL STATUS LIKE 'Uptime'").await.ok()?;
    if uptime.is_some_and(|(_, seconds)| seconds + 1 < session.since.elapsed().as_secs()) {
        return Some(true);
    }
    let mut pause = FIRST_PAUSE;
    loop {
        match opened.conn.query_drop(format!("KILL {}", session.thread)).await {
            Ok(()) => {}
            Err(mysql_async::Error::Server(error)) => {
                return Some([NO_SUCH_THREAD, NOT_OURS].contains(&error.code));
            }
            Err(_) => return None,
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// From then on nothing that the network kept of the connection can reach its server: the server
/// itself has closed it, and has stopped what it was doing.
pub(super) fn over_by_itself(shared: &Shared, since: Instant) -> Instant {
    since + connect::SERVER_IDLE + shared.timeout * 2
}
