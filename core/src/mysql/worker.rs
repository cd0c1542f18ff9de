//! A task that owns a connection: opens it, takes batches, runs them, answers, until it is closed.
//!
//! Statements run here and nowhere else, so a caller who goes away never cancels one.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::batch::{Batch, Doubt, KeyLock, MILLISECOND, Moment, Take, TakenCall};
use crate::protocol::error::Error;
use crate::runtime::fork::fork_guarded;

use super::call::{BatchKind, QueuedCall, Unbatched, Work};
use super::connect::{Purpose, ServerThread};
use super::connection::Connection;
use super::failure::Failure;
use super::group::Group;
use super::kill::{self, ThreadState};
use super::pool::Pool;
use super::{reads, unbatched, writes};

/// How often a call is sent again because its connection was lost.
const LOST_TRIES: u8 = 5;

/// ... or because its host could not serve it; and the first pause between two tries, which is
/// doubled each time: together about a second and a half.
const HOST_TRIES: u8 = 7;
const HOST_PAUSE: Moment = 10 * MILLISECOND;

/// Opens the connection of this slot and runs it until it is closed or lost.
pub(super) async fn run(pool: Arc<Pool>, slot: usize) {
    let slot = OpenSlot { pool, index: slot, ended: false };
    let mut connection = Connection::new(Arc::clone(&slot.pool), Purpose::Calls);
    match connection.open().await {
        Ok((host, round_trip)) => slot.pool.opened(slot.index, host, round_trip),
        Err(failure) => return slot.failed(failure),
    }
    while let Some(batch) = next(&slot.pool, slot.index).await {
        if batch.calls.len() > 1 {
            slot.pool.counters.batches.fetch_add(1, Ordering::Relaxed);
        }
        let rows = batch.calls.len();
        if !run_batch(&slot, &mut connection, batch).await {
            return slot.end();
        }
        linger(&slot.pool, slot.index, rows).await;
    }
    connection.disconnect().await;
    slot.end();
}

/// What the scheduler knows of this task. When it is dropped in the middle, by a panic or by the
/// end of the runtime, the connection is gone.
struct OpenSlot {
    pool: Arc<Pool>,
    index: usize,
    ended: bool,
}

impl OpenSlot {
    fn end(mut self) {
        self.ended = true;
        self.pool.with_scheduler(|scheduler, now, todo| scheduler.closed(self.index, now, todo));
    }

    fn failed(mut self, failure: Failure) {
        self.ended = true;
        self.pool.open_failed(self.index, failure);
    }
}

impl Drop for OpenSlot {
    fn drop(&mut self) {
        if !self.ended {
            self.pool
                .with_scheduler(|scheduler, now, todo| scheduler.closed(self.index, now, todo));
        }
    }
}

/// The keys of a batch. A panic in the middle must not keep them for ever.
struct HeldKeys(Arc<Pool>, Vec<KeyLock>);

impl HeldKeys {
    /// They are taken care of.
    fn let_go(mut self) {
        self.1.clear();
    }
}

impl Drop for HeldKeys {
    fn drop(&mut self) {
        let holds = std::mem::take(&mut self.1);
        if !holds.is_empty() {
            self.0.with_scheduler(|scheduler, now, todo| scheduler.release(holds, now, todo));
        }
    }
}

/// Waits for work; none when the connection is to be closed.
async fn next(pool: &Arc<Pool>, slot: usize) -> Option<Batch<QueuedCall>> {
    loop {
        match pool.with_scheduler(|scheduler, now, todo| scheduler.take(slot, now, todo)) {
            Take::Batch(batch) => return Some(batch),
            Take::Close => return None,
            Take::Idle => {}
        }
        pool.wake[slot].notified().await;
        // Those who are about to call as well get the chance to be in the same batch.
        tokio::task::yield_now().await;
    }
}

/// Callers who were answered together often call again together.
async fn linger(pool: &Arc<Pool>, slot: usize, rows: usize) {
    let since = pool.now();
    while pool.scheduler().lingers(slot, rows, since, pool.now()) {
        tokio::task::yield_now().await;
    }
}

/// The calls of a batch, in the form in which they are done.
enum Calls {
    Reads(Vec<TakenCall<QueuedCall>>),
    Writes(Vec<Group>),
    Unbatched(Vec<TakenCall<QueuedCall>>),
}

impl Calls {
    fn new(kind: BatchKind, calls: Vec<TakenCall<QueuedCall>>) -> Self {
        match kind {
            BatchKind::Read => Calls::Reads(calls),
            BatchKind::Short | BatchKind::Long => Calls::Unbatched(calls),
            BatchKind::Save
            | BatchKind::Insert
            | BatchKind::Update
            | BatchKind::Replace
            | BatchKind::Touch
            | BatchKind::Delete
            | BatchKind::Rename => Calls::Writes(Group::all_of(kind, calls)),
        }
    }

    fn iter(&self) -> Box<dyn Iterator<Item = &QueuedCall> + '_> {
        match self {
            Calls::Reads(calls) | Calls::Unbatched(calls) => {
                Box::new(calls.iter().map(|taken| &taken.call))
            }
            Calls::Writes(groups) => Box::new(groups.iter().flat_map(Group::calls)),
        }
    }

    fn holds(&self) -> Vec<KeyLock> {
        match self {
            Calls::Reads(calls) | Calls::Unbatched(calls) => {
                calls.iter().filter_map(|taken| taken.hold).collect()
            }
            Calls::Writes(groups) => groups.iter().filter_map(Group::hold).collect(),
        }
    }

    /// What is not answered, and the holds of the rest.
    fn left(self) -> (Vec<TakenCall<QueuedCall>>, Vec<KeyLock>) {
        let (mut left, mut holds) = (Vec::new(), Vec::new());
        match self {
            Calls::Reads(calls) | Calls::Unbatched(calls) => {
                for taken in calls {
                    if taken.call.is_answered() {
                        holds.extend(taken.hold);
                    } else {
                        left.push(taken);
                    }
                }
            }
            Calls::Writes(groups) => {
                for group in groups {
                    let (calls, hold) = group.into_calls();
                    left.extend(calls);
                    holds.extend(hold);
                }
            }
        }
        (left, holds)
    }

    /// The earliest deadline of the calls that are not answered.
    fn deadline(&self) -> Option<Moment> {
        self.iter().filter(|call| !call.is_answered()).map(|call| call.deadline).min()
    }

    fn expire(&self, now: Moment, why: &Error) {
        let late = self.iter().filter(|call| call.deadline <= now);
        late.for_each(|call| call.answer(Err(why.clone())));
    }

    fn fail(&self, error: &Error) {
        self.iter().for_each(|call| call.answer(Err(error.clone())));
    }
}

/// How the work on a batch ended.
enum End {
    /// By itself.
    Done(Result<(), Failure>),
    /// The connection is not to be waited for any longer.
    GivenUp,
}

/// False when the connection is gone.
async fn run_batch(slot: &OpenSlot, connection: &mut Connection, batch: Batch<QueuedCall>) -> bool {
    let kind = BatchKind::of_class(batch.class);
    let calls = Calls::new(kind, batch.calls);
    let held = HeldKeys(Arc::clone(&slot.pool), calls.holds());
    let thread = connection.thread().cloned();
    let end = {
        let work = work(connection, kind, &calls, batch.doubt);
        match &thread {
            Some(thread) => watched(&slot.pool, thread, kind, &calls, work).await,
            None => End::Done(work.await),
        }
    };
    held.let_go();
    let again = Again { class: batch.class, locked: batch.locked, doubt: batch.doubt };
    match end {
        End::Done(Ok(())) => {
            if connection.is_open() {
                *slot.pool.host_failure() = None;
            }
            finish(slot, calls);
            // Maintenance that lost the connection and could not open it anew was told why.
            connection.is_open()
        }
        End::Done(Err(failure)) => failed(slot, connection, calls, again, failure),
        End::GivenUp => {
            let thread = connection.discard();
            give_up(slot, kind, calls, again.after(Doubt::Stopped), thread, Error::too_late());
            false
        }
    }
}

async fn work(
    connection: &mut Connection,
    kind: BatchKind,
    calls: &Calls,
    doubt: Doubt,
) -> Result<(), Failure> {
    match calls {
        Calls::Reads(calls) => reads::run(connection, calls).await,
        Calls::Writes(groups) => writes::run(connection, kind, groups, doubt).await,
        Calls::Unbatched(calls) => {
            connection.set_reconnects(true);
            for taken in calls {
                let Work::Unbatched(single) = &taken.call.work else { continue };
                let answer = unbatched::run(connection, single).await;
                match answer {
                    Err(failure @ Failure::Host(_)) if !matches!(single, Unbatched::Migrate) => {
                        return Err(failure);
                    }
                    answer => taken.call.answer(answer.map_err(Failure::error)),
                }
            }
            connection.set_reconnects(false);
            Ok(())
        }
    }
}

/// Runs the work until it is done, or until there is no use in waiting for it. On the way every
/// call whose time is up is answered.
///
/// A connection from which nothing came for a third of the time that its calls had is looked at
/// over another one. If the server works on the statement, it goes on; if the server waits for the
/// statement, or does not know the connection, or does not answer at all, it is given up, and the
/// rest of the time is for another try. Shortly before the time is up a write is given up too: so
/// it can be made sure in time that it does not happen later.
async fn watched(
    pool: &Arc<Pool>,
    thread: &ServerThread,
    kind: BatchKind,
    calls: &Calls,
    work: impl Future<Output = Result<(), Failure>>,
) -> End {
    let mut work = pin!(work);
    let began = pool.now();
    let Some(deadline) = calls.deadline() else { return End::Done(work.await) };
    let left = deadline.saturating_sub(began);
    let last = match kind.writes() {
        true => began + left - left / 5,
        false => deadline,
    };
    if !matches!(calls, Calls::Unbatched(_)) {
        let silent = pool.instant(began + left / 3);
        if let Ok(done) = timeout_at(silent, &mut work).await {
            return End::Done(done);
        }
        tokio::select! {
            biased;
            done = &mut work => return End::Done(done),
            lost = is_lost(pool, thread) => if lost { return End::GivenUp },
            () = sleep_until(pool.instant(last)) => {}
        }
    }
    if let Ok(done) = timeout_at(pool.instant(last), &mut work).await {
        return End::Done(done);
    }
    if kind.writes() {
        return End::GivenUp;
    }
    loop {
        calls.expire(pool.now(), &Error::too_late());
        let Some(deadline) = calls.deadline() else { return End::GivenUp };
        if let Ok(done) = timeout_at(pool.instant(deadline), &mut work).await {
            return End::Done(done);
        }
    }
}

/// Whether a connection that is silent is to be given up.
async fn is_lost(pool: &Arc<Pool>, thread: &ServerThread) -> bool {
    loop {
        match pool.killer.inspect(&pool.servers, thread).await {
            // Its answer may be on the way: it had a third of the time for that already.
            ThreadState::Waiting | ThreadState::Gone => return true,
            ThreadState::Working => return false,
            ThreadState::NoAnswer if !pool.servers.hosts.has_several() => {
                sleep(Duration::from_millis(100)).await
            }
            ThreadState::NoAnswer => {
                if let Some(next) = pool.servers.hosts.leave(thread.host, Instant::now()) {
                    pool.moved_to(next);
                }
                return true;
            }
        }
    }
}

/// All calls are answered.
fn finish(slot: &OpenSlot, calls: Calls) {
    slot.pool.with_scheduler(|scheduler, now, todo| {
        scheduler.finished(slot.index, now);
        scheduler.release(calls.holds(), now, todo);
    });
}

/// How a batch was sent.
#[derive(Clone, Copy)]
struct Again {
    class: usize,
    locked: bool,
    doubt: Doubt,
}

impl Again {
    /// What was stopped once stays in doubt, however often it is lost afterwards.
    fn after(self, doubt: Doubt) -> Self {
        Again { doubt: self.doubt.max(doubt), ..self }
    }

    fn batch(self, calls: Vec<TakenCall<QueuedCall>>) -> Batch<QueuedCall> {
        let Again { class, locked, doubt } = self;
        Batch { class, calls, doubt, locked, not_before: 0 }
    }
}

/// The work ended before all calls were answered. False when the connection is gone.
fn failed(
    slot: &OpenSlot,
    connection: &mut Connection,
    calls: Calls,
    again: Again,
    failure: Failure,
) -> bool {
    let pool = &slot.pool;
    let kind = BatchKind::of_class(again.class);
    match failure {
        Failure::Lost(error) => {
            too_often(&calls, LOST_TRIES, &error);
            // What has ended this connection may have ended others: those that are free can be
            // opened anew, and no call finds out at its own cost.
            pool.with_scheduler(|scheduler, now, todo| scheduler.close_all_idle(now, todo));
            let thread = connection.discard();
            give_up(slot, kind, calls, again.after(Doubt::Lost), thread, error);
            return false;
        }
        Failure::Locked(_) if kind.writes() => {
            pool.retry();
            let (left, holds) = calls.left();
            pool.with_scheduler(|scheduler, now, todo| {
                scheduler.finished(slot.index, now);
                scheduler.release(holds, now, todo);
                if !left.is_empty() {
                    scheduler.met_lock(again.batch(left), now, todo);
                }
            });
        }
        Failure::Host(error) => {
            *pool.host_failure() = Some(error.clone());
            let host = connection.thread().map(|thread| thread.host);
            let next = host.and_then(|host| pool.servers.hosts.leave(host, Instant::now()));
            if let Some(next) = next {
                pool.moved_to(next);
            }
            if !pool.servers.hosts.has_several() {
                calls.fail(&error);
            }
            too_often(&calls, HOST_TRIES, &error);
            let elsewhere = host.is_some_and(|host| pool.servers.hosts.current() != host);
            // In a planned change of hosts there can be a moment in which none can be written to.
            let tries = calls.iter().map(QueuedCall::tries).max().unwrap_or(0);
            let pause = if elsewhere { 0 } else { HOST_PAUSE << tries.min(8) };
            send_again(slot, calls, again, pause);
        }
        Failure::Interrupted(error) => {
            too_often(&calls, 1, &error);
            send_again(slot, calls, again, 0);
        }
        failure @ (Failure::Prepare(_)
        | Failure::NoStatement(_)
        | Failure::NoConnection(_)
        | Failure::Locked(_)
        | Failure::Busy(_)
        | Failure::Duplicate
        | Failure::Row(_)
        | Failure::Unclear(_)
        | Failure::Final(_)) => {
            calls.fail(&failure.error());
            finish(slot, calls);
        }
    }
    connection.is_open()
}

/// Those who were sent so often are answered with the error.
fn too_often(calls: &Calls, most: u8, error: &Error) {
    let again = calls.iter().filter(|call| !call.is_answered());
    again.filter(|call| call.tried(most)).for_each(|call| call.answer(Err(error.clone())));
}

/// The connection is free again, and what is not answered goes to another one.
fn send_again(slot: &OpenSlot, calls: Calls, again: Again, pause: Moment) {
    let (left, holds) = calls.left();
    slot.pool.retry();
    slot.pool.with_scheduler(|scheduler, now, todo| {
        scheduler.finished(slot.index, now);
        scheduler.release(holds, now, todo);
        if !left.is_empty() {
            let batch = Batch { not_before: now + pause, ..again.batch(left) };
            scheduler.again(batch, now, todo);
        }
    });
}

/// The connection is given up. What reads is sent again at once. What writes may still happen: its
/// keys stay held until the server does not know the connection any more; who has no time left for
/// that is told `why`.
fn give_up(
    slot: &OpenSlot,
    kind: BatchKind,
    calls: Calls,
    again: Again,
    thread: Option<ServerThread>,
    why: Error,
) {
    let pool = &slot.pool;
    pool.retry();
    if !kind.writes() {
        let (left, holds) = calls.left();
        pool.with_scheduler(|scheduler, now, todo| {
            scheduler.release(holds, now, todo);
            if !left.is_empty() {
                scheduler.again(again.batch(left), now, todo);
            }
        });
        if let Some(thread) = thread {
            end_statement(pool, thread);
        }
        return;
    }
    pool.scheduler().unsettle(calls.holds());
    let running = pool.ending.task_started();
    let task = {
        let pool = Arc::clone(pool);
        async move {
            settle(&pool, calls, again, thread, &why).await;
            drop(running);
        }
    };
    if let Some(handle) = pool.handle.get() {
        handle.spawn(fork_guarded(task));
    }
}

/// Stops the server from going on with a statement that no caller waits for.
fn end_statement(pool: &Arc<Pool>, thread: ServerThread) {
    let running = pool.ending.task_started();
    let ends = Arc::clone(pool);
    if let Some(handle) = pool.handle.get() {
        handle.spawn(fork_guarded(async move {
            ends.killer.end(&ends.servers, &thread).await;
            drop(running);
        }));
    }
}

/// Waits until the connection is ended at the server, and gives its calls another try.
async fn settle(
    pool: &Arc<Pool>,
    calls: Calls,
    again: Again,
    thread: Option<ServerThread>,
    why: &Error,
) {
    let held = HeldKeys(Arc::clone(pool), calls.holds());
    if let Some(thread) = &thread {
        let ended = pin!(ended(pool, thread));
        let mut ended = ended;
        loop {
            let deadline = calls.deadline().map(|deadline| pool.instant(deadline));
            tokio::select! {
                () = &mut ended => break,
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    calls.expire(pool.now(), why);
                }
            }
        }
    }
    held.let_go();
    let (left, holds) = calls.left();
    pool.with_scheduler(|scheduler, now, todo| {
        scheduler.release(holds, now, todo);
        if !left.is_empty() {
            scheduler.again(again.batch(left), now, todo);
        }
    });
}

/// Returns when nothing can happen any more on a connection that was given up.
async fn ended(pool: &Arc<Pool>, thread: &ServerThread) {
    let began = Instant::now();
    let over = kill::ends_by_itself_at(&pool.servers, began);
    let mut pause = Duration::from_millis(10);
    while !pool.killer.end(&pool.servers, thread).await {
        let closing = pool.scheduler().is_closing() && began.elapsed() > pool.servers.timeout;
        if Instant::now() >= over || closing {
            return;
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}
