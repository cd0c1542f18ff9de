//! Who is sent when, and on which connection.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasherDefault;

use super::connections::{ConnectionPhase, ConnectionState, Connections, Role};
use super::pace::Pace;
use super::queue::{AsItIs, Class, KeyLock, Queue, Queueable, TakenCall};
use super::{MILLISECOND, Moment};

const SECOND: Moment = 1000 * MILLISECOND;

/// A connection that others have made needless is closed after so long, the last one later.
const IDLE: Moment = 10 * SECOND;
const LAST_IDLE: Moment = 60 * SECOND;

/// The oldest that a connection becomes, and how much younger some are closed, so that not all of
/// a fleet open new ones together.
const MAX_AGE: Moment = 1800 * SECOND;
const AGE_STEP: Moment = 37 * SECOND;

/// Between attempts to open a connection, from the first failure on.
const FIRST_PAUSE: Moment = 50 * MILLISECOND;
const LONGEST_PAUSE: Moment = SECOND;

/// How long a key is sent alone after it met a lock.
const SUSPECT: Moment = 10 * SECOND;
/// Between two attempts on a row that is locked.
const LOCK_PAUSE: Moment = 20 * MILLISECOND;

/// For how long a connection waits, at the most, for the callers that it has just answered: a part
/// of its last round.
const LINGER_PART: Moment = 20;
const LONGEST_LINGER: Moment = MILLISECOND / 10;

/// Batches are sent beside others as long as each takes no more than this part of the timeout.
const LONGEST_ROUND: Moment = 8;

/// Maintenance goes over ordinary connections for so long after it got none of its own.
const BORROW: Moment = 10 * SECOND;

#[derive(Clone, Copy)]
pub(crate) struct SchedulerLimits {
    pub(crate) connections: usize,
    /// The time that each call has.
    pub(crate) timeout: Moment,
    /// The most bytes of one batch, and of all that waits.
    pub(crate) batch_bytes: usize,
    pub(crate) waiting_bytes: usize,
}

/// How the calls of several classes share the connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// Where the network is near: so many batches at a time, as long as they are not full.
    pub(crate) batches: usize,
    /// ... and another one only with so many rows.
    pub(crate) least: usize,
    /// The most batches at a time, as a part of the connections: 1 is all of them.
    pub(crate) part: usize,
}

/// Why a call is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It would not be done in its time.
    Overloaded,
    /// Its time is up; what is not known of it.
    TooLate(Doubt),
}

/// What is not known of a batch that was sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// It was not sent, or it was not done.
    None,
    /// The connection broke.
    Lost,
    /// The connection was given up, and ended at the server.
    Stopped,
}

/// Calls that travel together.
#[derive(Debug)]
pub(crate) struct Batch<C> {
    pub(crate) class: usize,
    pub(crate) calls: Vec<TakenCall<C>>,
    /// Whether it was sent before, and what became of that.
    pub(crate) doubt: Doubt,
    /// Whether it met a lock: then it is one key alone, on one of few connections.
    pub(crate) locked: bool,
    /// Not to be sent before.
    pub(crate) not_before: Moment,
}

/// What a connection does next.
#[derive(Debug)]
pub(crate) enum Take<C> {
    Batch(Batch<C>),
    /// Wait to be woken.
    Idle,
    Close,
}

/// What has to be done now, outside of the scheduler's lock.
#[derive(Debug)]
pub(crate) struct Todo<C> {
    /// Connections to wake.
    pub(crate) wake: Vec<usize>,
    /// Connections to open.
    pub(crate) open: Vec<usize>,
    pub(crate) refused: Vec<(C, Refused)>,
    /// Whether [`Scheduler::tick`] is due earlier than it said.
    pub(crate) tick: bool,
}

impl<C> Default for Todo<C> {
    fn default() -> Self {
        Todo { wake: Vec::new(), open: Vec::new(), refused: Vec::new(), tick: false }
    }
}

pub(crate) struct Scheduler<C> {
    limits: SchedulerLimits,
    classes: Vec<Class>,
    shares: Vec<Share>,
    paces: Vec<Pace>,
    queue: Queue<C>,
    slots: Connections,
    /// Batches to be sent again, before all others.
    again: VecDeque<Batch<C>>,
    /// One key each that met a lock.
    locked: VecDeque<Batch<C>>,
    suspects: HashMap<u64, Moment, BuildHasherDefault<AsItIs>>,
    /// The host that new batches go to: where the first connection was opened, until the store
    /// moves.
    endpoint: Option<usize>,
    /// The network's part of a round.
    round_trip: Moment,
    /// How long it takes to open a connection, smoothed.
    opening: Moment,
    pause: Moment,
    /// When a connection may be opened again.
    open_after: Moment,
    borrow_until: Moment,
    next_tick: Moment,
    closing: bool,
}

impl<C: Queueable> Scheduler<C> {
    pub(crate) fn new(limits: SchedulerLimits, classes: Vec<Class>, shares: Vec<Share>) -> Self {
        Scheduler {
            queue: Queue::new(classes.len(), limits.timeout / 8),
            slots: Connections::new(limits.connections),
            paces: shares.iter().map(|_| Pace::default()).collect(),
            limits,
            classes,
            shares,
            again: VecDeque::new(),
            locked: VecDeque::new(),
            suspects: HashMap::default(),
            endpoint: None,
            round_trip: 0,
            opening: 0,
            pause: 0,
            open_after: 0,
            borrow_until: 0,
            next_tick: Moment::MAX,
            closing: false,
        }
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing
    }

    /// Nothing waits and nothing is under way.
    pub(crate) fn is_quiet(&self) -> bool {
        self.waits_for_nothing()
            && self.slots.count(|slot| matches!(slot.state, ConnectionPhase::Busy(_))) == 0
    }

    fn waits_for_nothing(&self) -> bool {
        self.queue.is_empty() && self.again.is_empty() && self.locked.is_empty()
    }

    pub(crate) fn is_connected_to(&self, endpoint: usize) -> bool {
        self.slots.count(|slot| slot.is_open() && slot.endpoint == endpoint) > 0
    }

    // --- calls ----------------------------------------------------------------------------------

    /// A call came.
    pub(crate) fn submit(&mut self, call: C, now: Moment, todo: &mut Todo<C>) {
        let class = call.class();
        let too_many = self.queue.bytes() + call.bytes() > self.limits.waiting_bytes;
        if (too_many && !self.queue.is_empty()) || self.is_overloaded(class, now) {
            todo.refused.push((call, Refused::Overloaded));
            return;
        }
        let deadline = call.deadline();
        self.queue.push(call, now);
        self.start(class, now, todo);
        self.tick_by(deadline, todo);
    }

    /// Whether a call that comes now would not be done in its time: by how fast the queue was
    /// lately, or, where it stands still, by how long the first call has waited.
    fn is_overloaded(&self, class: usize, now: Moment) -> bool {
        let Some(since) = self.queue.since(class) else { return false };
        let patience = self.limits.timeout - self.needed(class);
        // A queue that stands still may go on at once. One that is long is too much for the server,
        // and the shorter it is kept the sooner all is well again.
        now.saturating_sub(since) > patience / 2 || self.queue.wait(class) > patience / 3
    }

    /// The time that a batch must be given: more than what they take, since a write is given up
    /// before its time is up. A stall that was measured must not refuse calls for ever.
    fn needed(&self, class: usize) -> Moment {
        let round = self.paces[self.classes[class].pace].round();
        (round * 3 / 2).min(self.limits.timeout / 2)
    }

    // --- connections ----------------------------------------------------------------------------

    /// A connection was opened, with the time that a statement without work took on it.
    pub(crate) fn opened(&mut self, slot: usize, endpoint: usize, round_trip: Moment, now: Moment) {
        // One that was being opened while the store moved on is closed when it asks for work.
        if *self.endpoint.get_or_insert(endpoint) == endpoint {
            self.round_trip = match self.round_trip {
                0 => round_trip,
                // The shortest: all else is the server's or our own business. It rises slowly.
                before => round_trip.min(before + before / 16),
            };
        }
        self.pause = 0;
        self.open_after = 0;
        let took = now.saturating_sub(self.slots.get(slot).opened);
        self.opening = match self.opening {
            0 => took,
            before => before - before / 4 + took / 4,
        };
        self.slots.set(slot, ConnectionPhase::Idle(now));
        let slot = self.slots.get_mut(slot);
        (slot.endpoint, slot.opened, slot.met_lock) = (endpoint, now, false);
    }

    /// How long a statement takes that does nothing, as the connections to this host have measured.
    pub(crate) fn round_trip(&self) -> Moment {
        self.round_trip
    }

    /// It could not be opened: the next attempt is made after a pause. Where there are calls that
    /// no open connection serves, those of them that have waited so long are taken out and returned;
    /// none where each is served.
    pub(crate) fn open_failed(
        &mut self,
        slot: usize,
        patience: Moment,
        now: Moment,
        todo: &mut Todo<C>,
    ) -> Option<Vec<C>> {
        self.slots.set(slot, ConnectionPhase::Closed);
        self.pause = (self.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        self.open_after = now + self.pause;
        if self.slots.count(ConnectionState::takes_calls) > 0 {
            self.borrow_until = now + BORROW;
            self.start_all(now, todo);
        }
        self.tick_by(self.open_after, todo);
        let unserved: Vec<bool> =
            (0..self.classes.len()).map(|class| !self.is_served(class, now)).collect();
        unserved.contains(&true).then(|| self.give_up(patience, &unserved, now))
    }

    /// Whether a connection is open that takes calls of this class, now or after its batch.
    fn is_served(&self, class: usize, now: Moment) -> bool {
        let (role, borrows) = (self.classes[class].role, self.borrows(now));
        self.slots
            .iter()
            .any(|(index, slot)| slot.takes_calls() && self.slots.serves(index, role, borrows))
    }

    /// A connection is gone: closed, or given up.
    pub(crate) fn closed(&mut self, slot: usize, now: Moment, todo: &mut Todo<C>) {
        for pace in &mut self.paces {
            pace.ended(slot);
        }
        self.slots.set(slot, ConnectionPhase::Closed);
        self.start_all(now, todo);
    }

    /// Batches go to this host from now on; connections to others are closed when they are free.
    pub(crate) fn move_to(&mut self, endpoint: usize, now: Moment, todo: &mut Todo<C>) {
        if self.endpoint == Some(endpoint) {
            return;
        }
        self.endpoint = Some(endpoint);
        self.round_trip = 0;
        (self.pause, self.open_after) = (0, 0);
        self.close_all_idle(now, todo);
    }

    /// Closes the connections that are free: each that is needed is opened anew.
    pub(crate) fn close_all_idle(&mut self, now: Moment, todo: &mut Todo<C>) {
        let idle: Vec<usize> =
            self.slots.iter().filter(|(_, slot)| slot.is_idle()).map(|(index, _)| index).collect();
        for slot in idle {
            self.slots.set(slot, ConnectionPhase::Closing);
            todo.wake.push(slot);
        }
        self.start_all(now, todo);
    }

    /// Takes no more calls; what waits is still done, and then all connections are closed.
    pub(crate) fn close(&mut self, now: Moment, todo: &mut Todo<C>) {
        self.closing = true;
        self.close_idle(now, todo);
    }

    // --- batches --------------------------------------------------------------------------------

    /// What a connection that is free does.
    pub(crate) fn take(&mut self, slot: usize, now: Moment, todo: &mut Todo<C>) -> Take<C> {
        let state = self.slots.get(slot).state;
        if state == ConnectionPhase::Closing || self.is_to_close(slot, now) {
            self.slots.set(slot, ConnectionPhase::Closing);
            self.start_all(now, todo);
            return Take::Close;
        }
        if let Some(batch) = self.next_batch(slot, now, todo) {
            return Take::Batch(batch);
        }
        if self.closing && self.waits_for_nothing() {
            self.slots.set(slot, ConnectionPhase::Closing);
            return Take::Close;
        }
        let since = match state {
            ConnectionPhase::Idle(since) => since,
            ConnectionPhase::Closed
            | ConnectionPhase::Opening
            | ConnectionPhase::Called(_)
            | ConnectionPhase::Lingering(_)
            | ConnectionPhase::Busy(_)
            | ConnectionPhase::Closing => now,
        };
        self.slots.set(slot, ConnectionPhase::Idle(since));
        self.tick_by(now + IDLE, todo);
        Take::Idle
    }

    fn next_batch(&mut self, slot: usize, now: Moment, todo: &mut Todo<C>) -> Option<Batch<C>> {
        let batch = self
            .take_again(slot, now)
            .or_else(|| self.take_locked(slot, now))
            .or_else(|| self.take_new(slot, now, todo))?;
        let rows = batch.calls.iter().filter(|taken| taken.hold.is_some()).count();
        let rows = if rows == 0 { batch.calls.len() } else { rows };
        self.slots.get_mut(slot).met_lock = batch.locked;
        self.slots.set(slot, ConnectionPhase::Busy(batch.class));
        if !batch.locked {
            self.paces[self.classes[batch.class].pace].sent(slot, rows, now);
        }
        // There may be another one for another connection.
        self.start_all(now, todo);
        Some(batch)
    }

    fn take_again(&mut self, slot: usize, now: Moment) -> Option<Batch<C>> {
        let fits = |batch: &Batch<C>| {
            batch.not_before <= now
                && self.slots.serves(slot, self.classes[batch.class].role, self.borrows(now))
        };
        let at = self.again.iter().position(fits)?;
        self.again.remove(at)
    }

    /// One that met a lock may meet it again, so not all connections wait for locks at once, and
    /// none waits twice in a row while there is other work.
    fn take_locked(&mut self, slot: usize, now: Moment) -> Option<Batch<C>> {
        let own = self.slots.get(slot);
        let all = self.slots.count(|slot| slot.role == own.role);
        let waiting = |slot: &ConnectionState| {
            slot.met_lock && slot.role == own.role && matches!(slot.state, ConnectionPhase::Busy(_))
        };
        if self.slots.count(waiting) >= all.div_ceil(4)
            || (own.met_lock
                && self
                    .classes
                    .iter()
                    .enumerate()
                    .any(|(class, rules)| rules.role == own.role && self.queue.ready(class) > 0))
        {
            return None;
        }
        let fits = |batch: &Batch<C>| {
            batch.not_before <= now
                && self.slots.serves(slot, self.classes[batch.class].role, false)
        };
        let at = self.locked.iter().position(fits)?;
        self.locked.remove(at)
    }

    fn take_new(&mut self, slot: usize, now: Moment, todo: &mut Todo<C>) -> Option<Batch<C>> {
        loop {
            let class = self.oldest(slot, now, todo)?;
            let most = self.most_rows(class);
            let bytes = self.limits.batch_bytes;
            let calls = self.queue.take(class, now, |rows, with| rows <= most && with <= bytes);
            let calls = self.set_suspects_aside(class, calls, now);
            if !calls.is_empty() {
                return Some(Batch {
                    class,
                    calls,
                    doubt: Doubt::None,
                    locked: false,
                    not_before: 0,
                });
            }
        }
    }

    /// The class whose first call waits longest, of those that may start now.
    fn oldest(&mut self, slot: usize, now: Moment, todo: &mut Todo<C>) -> Option<usize> {
        let mut oldest: Option<(Moment, usize)> = None;
        for class in 0..self.classes.len() {
            if self.queue.ready(class) == 0
                || !self.slots.serves(slot, self.classes[class].role, self.borrows(now))
            {
                continue;
            }
            self.refuse_late(class, now, todo);
            if let Some(since) = self.queue.since(class)
                && oldest.is_none_or(|(before, _)| since < before)
                && self.may_start(class, self.queue.ready(class), Some(slot), now)
            {
                oldest = Some((since, class));
            }
        }
        oldest.map(|(_, class)| class)
    }

    /// The first ones that would not be done in their time are not sent.
    fn refuse_late(&mut self, class: usize, now: Moment, todo: &mut Todo<C>) {
        let needed = self.needed(class);
        while let Some(late) = self.queue.pop_late(class, now + needed) {
            let why = match late.deadline() <= now {
                true => Refused::TooLate(Doubt::None),
                false => Refused::Overloaded,
            };
            todo.refused.push((late, why));
        }
    }

    /// Where a full batch would leave nothing for the next connection, each gets its share.
    fn most_rows(&self, class: usize) -> usize {
        let rules = &self.classes[class];
        let (pace, share) = (&self.paces[rules.pace], &self.shares[rules.pace]);
        let all = self.queue.ready(class) + pace.rows();
        let quarter = rules.rows.div_ceil(4);
        if pace.is_mostly_travel(self.round_trip) {
            // Half of the connections take all that there is, and the others those who come just
            // after them: else these would wait for a whole round.
            let connections = self.slots.count(|slot| slot.role == rules.role);
            return all.div_ceil(connections.div_ceil(2).max(1)).clamp(quarter, rules.rows);
        }
        if all < share.batches * quarter {
            return rules.rows;
        }
        all.div_ceil(share.batches).min(rules.rows)
    }

    /// Keys that met a lock a moment ago go alone.
    fn set_suspects_aside(
        &mut self,
        class: usize,
        calls: Vec<TakenCall<C>>,
        now: Moment,
    ) -> Vec<TakenCall<C>> {
        if self.suspects.is_empty() {
            return calls;
        }
        self.suspects.retain(|_, until| *until > now);
        let mut sound = Vec::with_capacity(calls.len());
        for group in groups(calls) {
            let suspect = group
                .first()
                .and_then(|first| first.hold)
                .is_some_and(|hold| hold.keys().any(|key| self.suspects.contains_key(&key)));
            if suspect {
                self.locked.push_back(Batch {
                    class,
                    calls: group,
                    doubt: Doubt::None,
                    locked: true,
                    not_before: 0,
                });
            } else {
                sound.extend(group);
            }
        }
        sound
    }

    /// A batch was answered, or its calls are to be answered without it: the connection is free
    /// again. `rows` is how many callers may come back now.
    pub(crate) fn finished(&mut self, slot: usize, now: Moment) {
        let ConnectionPhase::Busy(class) = self.slots.get(slot).state else {
            return;
        };
        let pace = &mut self.paces[self.classes[class].pace];
        let Some(sent) = pace.ended(slot) else {
            self.slots.set(slot, ConnectionPhase::Called(class));
            return;
        };
        pace.learn(sent, self.round_trip, now);
        self.slots.set(
            slot,
            if sent.rows > 1 {
                ConnectionPhase::Lingering(class)
            } else {
                ConnectionPhase::Called(class)
            },
        );
    }

    /// Whether a connection that has just answered `rows` callers should wait a little longer,
    /// since they are likely to come back.
    pub(crate) fn lingers(&self, slot: usize, rows: usize, since: Moment, now: Moment) -> bool {
        let ConnectionPhase::Lingering(class) = self.slots.get(slot).state else { return false };
        let rules = &self.classes[class];
        let round = self.paces[rules.pace].round();
        now < since + (round / LINGER_PART).min(LONGEST_LINGER)
            && self.queue.ready(class) < rows.min(rules.rows)
            && self.again.is_empty()
    }

    /// These keys are free again.
    pub(crate) fn release(
        &mut self,
        holds: impl IntoIterator<Item = KeyLock>,
        now: Moment,
        todo: &mut Todo<C>,
    ) {
        for hold in holds {
            self.queue.release(hold);
            if !self.suspects.is_empty() {
                for key in hold.keys() {
                    self.suspects.remove(&key);
                }
            }
        }
        self.start_all(now, todo);
    }

    /// What was sent for these keys may still happen: reads wait for them too.
    pub(crate) fn unsettle(&mut self, holds: impl IntoIterator<Item = KeyLock>) {
        holds.into_iter().for_each(|hold| self.queue.unsettle(hold));
    }

    /// To be sent again, before all others.
    pub(crate) fn again(&mut self, batch: Batch<C>, now: Moment, todo: &mut Todo<C>) {
        self.tick_by(batch.not_before.max(now + 1), todo);
        self.again.push_back(batch);
        self.start_all(now, todo);
    }

    /// One of these rows is locked by another transaction. It is not known which, so each goes
    /// alone; where there is but one, it is known.
    pub(crate) fn met_lock(&mut self, batch: Batch<C>, now: Moment, todo: &mut Todo<C>) {
        let groups = groups(batch.calls);
        let alone = groups.len() == 1;
        for calls in groups {
            if let Some(hold) = calls.first().and_then(|first| first.hold)
                && alone
            {
                self.suspects.extend(hold.keys().map(|key| (key, now + SUSPECT)));
            }
            let not_before = if alone { now + LOCK_PAUSE } else { 0 };
            self.locked.push_back(Batch {
                class: batch.class,
                calls,
                doubt: batch.doubt,
                locked: true,
                not_before,
            });
            self.tick_by(not_before.max(now + 1), todo);
        }
        self.start_all(now, todo);
    }

    // --- decisions ------------------------------------------------------------------------------

    fn borrows(&self, now: Moment) -> bool {
        now < self.borrow_until
    }

    /// Whether a batch of this class may be sent beside those under way, and beside those that
    /// other connections than `own` were called for.
    fn may_start(&self, class: usize, rows: usize, own: Option<usize>, now: Moment) -> bool {
        let rules = &self.classes[class];
        let (pace, share) = (&self.paces[rules.pace], &self.shares[rules.pace]);
        let connections = self.slots.count(|slot| slot.role == rules.role).max(1);
        let of_pace = |other: usize| self.classes[other].pace == rules.pace;
        let own = own.is_some_and(|own| self.slots.get(own).called().is_some_and(of_pace));
        let live = pace.batches(now) + self.called(of_pace) - usize::from(own);
        if live >= connections.div_ceil(share.part) && share.part > 1 {
            return false;
        }
        // More of them would take longer, not do more. The end of one under way asks again.
        let longest = self.limits.timeout / LONGEST_ROUND;
        if rules.role == Role::Calls
            && pace.rows() > 0
            && pace.expected(rows.min(rules.rows)) > longest
        {
            return false;
        }
        if live == 0 || pace.is_mostly_travel(self.round_trip) || rows >= rules.rows {
            return true;
        }
        let all = rows + pace.rows();
        live < share.batches && rows >= share.least && 2 * share.batches * rows >= all
    }

    /// How many connections were woken for classes of this kind and have not taken yet.
    fn called(&self, of: impl Fn(usize) -> bool) -> usize {
        self.slots.count(|slot| slot.called().is_some_and(&of))
    }

    fn start_all(&mut self, now: Moment, todo: &mut Todo<C>) {
        for class in 0..self.classes.len() {
            if self.queue.ready(class) > 0 {
                self.start(class, now, todo);
            }
        }
        self.start_again(now, todo);
    }

    /// Wakes a connection for batches that are to be sent again.
    fn start_again(&mut self, now: Moment, todo: &mut Todo<C>) {
        let due = |batch: &&Batch<C>| batch.not_before <= now;
        let due: Vec<usize> =
            self.again.iter().chain(&self.locked).filter(due).map(|batch| batch.class).collect();
        for class in due {
            if self.called(|other| other == class) > 0 {
                continue;
            }
            self.call(class, now, todo);
        }
    }

    /// Wakes or opens a connection for a class, if one may start.
    fn start(&mut self, class: usize, now: Moment, todo: &mut Todo<C>) {
        let rules = self.classes[class];
        let covered = self.called(|other| other == class) * rules.rows;
        let Some(rows) = self.queue.ready(class).checked_sub(covered).filter(|rows| *rows > 0)
        else {
            return;
        };
        if self.may_start(class, rows, None, now) {
            self.call(class, now, todo);
        } else if let Some(at) = self.paces[rules.pace].next_long(now) {
            self.tick_by(at, todo);
        }
    }

    fn call(&mut self, class: usize, now: Moment, todo: &mut Todo<C>) {
        let rules = self.classes[class];
        if let Some(slot) = self.slots.idle_for(rules.role, self.borrows(now)) {
            self.slots.set(slot, ConnectionPhase::Called(class));
            todo.wake.push(slot);
            return;
        }
        // Those that are for this role: another one's do not take these calls when they are open.
        let opening = self.slots.opening_for(rules.role, self.borrows(now));
        let open = self.slots.count(|slot| slot.is_open());
        let ready = self.queue.ready(class);
        let enough = (1 + ready / rules.rows.div_ceil(4)).min(ready).max(1);
        if opening >= enough || (self.borrows(now) && open > 0 && rules.role != Role::Calls) {
            return;
        }
        let open_after = self.open_after.max(self.worth_opening(class));
        if now < open_after {
            return self.tick_by(open_after, todo);
        }
        if let Some(slot) = self.slots.closed_for(rules.role) {
            self.slots.set(slot, ConnectionPhase::Opening);
            self.slots.get_mut(slot).opened = now;
            todo.open.push(slot);
        }
    }

    /// When a class should have one more connection. Near the server, where one soon is free again,
    /// that is when a call has waited for as long as opening takes, or when a full batch waits: a
    /// hundred processes that open two for each burst of calls use up what a server has.
    fn worth_opening(&self, class: usize) -> Moment {
        let rules = &self.classes[class];
        let open = self.slots.count(|slot| slot.is_open() && slot.role == rules.role);
        if open == 0
            || rules.role != Role::Calls
            || self.queue.ready(class) >= rules.rows
            || self.paces[rules.pace].is_mostly_travel(self.round_trip)
        {
            return 0;
        }
        self.queue.since(class).map_or(0, |since| since + self.opening)
    }

    /// Whether a free connection should not be used any more.
    fn is_to_close(&self, slot: usize, now: Moment) -> bool {
        let own = self.slots.get(slot);
        let age = MAX_AGE - AGE_STEP * (slot as Moment % 16);
        Some(own.endpoint) != self.endpoint || now > own.opened + age
    }

    fn close_idle(&mut self, now: Moment, todo: &mut Todo<C>) {
        let mut left =
            self.slots.count(|slot| slot.is_open() && slot.state != ConnectionPhase::Closing);
        let done = self.closing && self.waits_for_nothing();
        let idle: Vec<(usize, Moment)> = self
            .slots
            .iter()
            .filter_map(|(index, slot)| match slot.state {
                ConnectionPhase::Idle(since) => Some((index, since)),
                ConnectionPhase::Closed
                | ConnectionPhase::Opening
                | ConnectionPhase::Called(_)
                | ConnectionPhase::Lingering(_)
                | ConnectionPhase::Busy(_)
                | ConnectionPhase::Closing => None,
            })
            .collect();
        for (slot, since) in idle {
            let patience = if left > 1 { IDLE } else { LAST_IDLE };
            if done || now >= since + patience || self.is_to_close(slot, now) {
                left -= 1;
                self.slots.set(slot, ConnectionPhase::Closing);
                todo.wake.push(slot);
            }
        }
    }

    // --- time -----------------------------------------------------------------------------------

    fn tick_by(&mut self, at: Moment, todo: &mut Todo<C>) {
        if at < self.next_tick {
            self.next_tick = at;
            todo.tick = true;
        }
    }

    /// Does what is due, and says when it is to be called again.
    pub(crate) fn tick(&mut self, now: Moment, todo: &mut Todo<C>) -> Option<Moment> {
        self.next_tick = Moment::MAX;
        self.expire(now, todo);
        self.close_idle(now, todo);
        self.start_all(now, todo);
        let deadlines = [
            self.queue.first_deadline(),
            self.again
                .iter()
                .chain(&self.locked)
                .flat_map(|batch| &batch.calls)
                .map(|taken| taken.call.deadline())
                .min(),
            self.again
                .iter()
                .chain(&self.locked)
                .map(|batch| batch.not_before)
                .filter(|at| *at > now)
                .min(),
        ];
        for at in deadlines.into_iter().flatten() {
            self.tick_by(at.max(now + 1), todo);
        }
        if self.slots.count(|slot| slot.is_open()) > 0 {
            self.tick_by(now + SECOND, todo);
        }
        todo.tick = false;
        (self.next_tick != Moment::MAX).then_some(self.next_tick)
    }

    fn expire(&mut self, now: Moment, todo: &mut Todo<C>) {
        for late in self.queue.expire(|call| call.deadline() <= now) {
            todo.refused.push((late, Refused::TooLate(Doubt::None)));
        }
        for again in [&mut self.again, &mut self.locked] {
            for mut batch in std::mem::take(again) {
                let (late, holds) = drop_late(&mut batch.calls, now);
                let why = Refused::TooLate(batch.doubt);
                todo.refused.extend(late.into_iter().map(|call| (call, why)));
                holds.into_iter().for_each(|hold| self.queue.release(hold));
                if !batch.calls.is_empty() {
                    again.push_back(batch);
                }
            }
        }
    }

    /// All that waits, since none of it can be done.
    pub(crate) fn give_up_all(&mut self, now: Moment) -> Vec<C> {
        self.give_up(0, &vec![true; self.classes.len()], now)
    }

    /// What waits of these classes: to be sent again, or new and since so long.
    fn give_up(&mut self, waited: Moment, classes: &[bool], now: Moment) -> Vec<C> {
        let since = now.saturating_sub(waited);
        let mut all = self.queue.waiting_since(since, |call| classes[call.class()]);
        for again in [&mut self.again, &mut self.locked] {
            for batch in std::mem::take(again) {
                if !classes[batch.class] {
                    again.push_back(batch);
                    continue;
                }
                for taken in batch.calls {
                    taken.hold.into_iter().for_each(|hold| self.queue.release(hold));
                    all.push(taken.call);
                }
            }
        }
        all
    }
}

/// The calls of each key together.
pub(crate) fn groups<C>(calls: Vec<TakenCall<C>>) -> Vec<Vec<TakenCall<C>>> {
    let mut groups: Vec<Vec<TakenCall<C>>> = Vec::new();
    for taken in calls {
        match groups.last_mut() {
            Some(group) if taken.hold.is_none() && group[0].hold.is_some() => group.push(taken),
            _ => groups.push(vec![taken]),
        }
    }
    groups
}

/// Takes out the calls whose time is up, and the holds that none is left for.
fn drop_late<C: Queueable>(calls: &mut Vec<TakenCall<C>>, now: Moment) -> (Vec<C>, Vec<KeyLock>) {
    let (mut late, mut holds, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for group in groups(std::mem::take(calls)) {
        let mut hold = group.first().and_then(|first| first.hold);
        for taken in group {
            if taken.call.deadline() <= now {
                late.push(taken.call);
            } else {
                kept.push(TakenCall { call: taken.call, hold: hold.take() });
            }
        }
        holds.extend(hold);
    }
    *calls = kept;
    (late, holds)
}
