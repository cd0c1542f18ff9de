//! A server and its callers under a virtual clock, with the real scheduler between them.
//!
//! A statement waits for one of the server's cores, costs it something and something for each row,
//! then a commit that overlaps with others'; the network adds a round trip. Callers are a closed
//! loop (each calls again soon after its answer) or come at random times.

// Times and keys are drawn at random, from numbers that fit.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{
    Batch, Class, MILLISECOND, Moment, Queueable, Refused, Role, Scheduler, SchedulerLimits, Share,
    Take, Todo,
};

const SECOND: Moment = 1000 * MILLISECOND;
const MICROSECOND: Moment = 1000;

#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) callers: usize,
    /// Instead of callers that wait for their answers: so many calls a second.
    pub(super) per_second: Option<f64>,
    pub(super) connections: usize,
    pub(super) round_trip: Moment,
    pub(super) statement: Moment,
    pub(super) row: Moment,
    pub(super) commit: Moment,
    pub(super) cores: usize,
    pub(super) timeout: Moment,
    /// The server does nothing in this time.
    pub(super) stall: Option<(Moment, Moment)>,
    pub(super) seconds: u64,
    /// How many keys there are; callers choose at random.
    pub(super) keys: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            callers: 64,
            per_second: None,
            connections: 16,
            round_trip: 100 * MICROSECOND,
            statement: 120 * MICROSECOND,
            row: 20 * MICROSECOND,
            commit: MILLISECOND,
            cores: 2,
            timeout: 5 * SECOND,
            stall: None,
            seconds: 4,
            keys: u64::MAX,
        }
    }
}

#[derive(Debug)]
pub(super) struct Seen {
    /// Answered in time, in each second.
    pub(super) good: Vec<u64>,
    pub(super) overloaded: u64,
    pub(super) late: u64,
    pub(super) p50: Moment,
    pub(super) p99: Moment,
    pub(super) rows_a_statement: f64,
    pub(super) most_connections: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) class: usize,
    pub(super) key: u64,
    pub(super) since: Moment,
    pub(super) deadline: Moment,
}

impl Queueable for Asked {
    fn class(&self) -> usize {
        self.class
    }
    fn keys(&self) -> [Option<u64>; 2] {
        [Some(self.key), None]
    }
    fn is_ordered(&self) -> bool {
        true
    }
    fn bytes(&self) -> usize {
        100
    }
    fn deadline(&self) -> Moment {
        self.deadline
    }
    fn joins(&self, next: &Self) -> bool {
        self.key == next.key
    }
}

#[derive(Debug)]
enum Event {
    Arrives,
    Opened(usize),
    Takes(usize),
    Ends(usize),
    Tick,
}

struct Model {
    setup: Setup,
    scheduler: Scheduler<Asked>,
    now: Moment,
    events: BinaryHeap<Reverse<(Moment, u64)>>,
    what: std::collections::HashMap<u64, Event>,
    next: u64,
    random: u64,
    cores: Vec<Moment>,
    under_way: Vec<Option<(Batch<Asked>, Moment)>>,
    lingering: Vec<Option<(usize, Moment)>>,
    next_tick: Moment,
    took: Vec<Moment>,
    statements: u64,
    rows: u64,
    seen: Seen,
}

pub(super) fn run(setup: Setup) -> Seen {
    let limits = SchedulerLimits {
        connections: setup.connections,
        timeout: setup.timeout,
        batch_bytes: 1 << 20,
        waiting_bytes: 1 << 30,
    };
    let class = Class { rows: 64, pace: 0, role: Role::Calls };
    let share = Share { batches: 2, least: 1, part: 1 };
    let mut model = Model {
        scheduler: Scheduler::new(limits, vec![class], vec![share]),
        now: 0,
        events: BinaryHeap::new(),
        what: std::collections::HashMap::new(),
        next: 0,
        random: 88_172_645_463_325_252,
        cores: vec![0; setup.cores],
        under_way: (0..setup.connections).map(|_| None).collect(),
        lingering: vec![None; setup.connections],
        next_tick: Moment::MAX,
        took: Vec::new(),
        statements: 0,
        rows: 0,
        seen: Seen {
            good: vec![0; usize::try_from(setup.seconds).unwrap() + 30],
            overloaded: 0,
            late: 0,
            p50: 0,
            p99: 0,
            rows_a_statement: 0.0,
            most_connections: 0,
        },
        setup,
    };
    model.run();
    model.seen
}

impl Model {
    fn at(&mut self, at: Moment, event: Event) {
        self.next += 1;
        self.what.insert(self.next, event);
        self.events.push(Reverse((at, self.next)));
    }

    /// Between 0 and 1.
    fn random(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as f64 / (1u64 << 53) as f64
    }

    fn run(&mut self) {
        match self.setup.per_second {
            Some(_) => self.at(0, Event::Arrives),
            None => {
                for _ in 0..self.setup.callers {
                    let at = (self.random() * 1e6) as Moment;
                    self.at(at, Event::Arrives);
                }
            }
        }
        let end = self.setup.seconds * SECOND;
        while let Some(Reverse((at, id))) = self.events.pop() {
            if at > end {
                break;
            }
            self.now = at;
            match self.what.remove(&id).unwrap() {
                Event::Arrives => self.arrives(),
                Event::Opened(slot) => {
                    let round_trip = self.setup.round_trip + 30 * MICROSECOND;
                    self.scheduler.opened(slot, 0, round_trip, self.now);
                    self.takes(slot);
                }
                Event::Takes(slot) => self.takes(slot),
                Event::Ends(slot) => self.ends(slot),
                Event::Tick => {
                    self.next_tick = Moment::MAX;
                    let mut todo = Todo::default();
                    let next = self.scheduler.tick(self.now, &mut todo);
                    if let Some(next) = next {
                        self.next_tick = next;
                        self.at(next, Event::Tick);
                    }
                    self.perform(todo);
                }
            }
        }
        self.took.sort_unstable();
        let part = |part: usize| self.took.get(self.took.len() * part / 100).copied().unwrap_or(0);
        (self.seen.p50, self.seen.p99) = (part(50), part(99));
        self.seen.rows_a_statement = self.rows as f64 / self.statements.max(1) as f64;
    }

    fn perform(&mut self, todo: Todo<Asked>) {
        for slot in todo.wake {
            // The time that a task needs to run.
            self.at(self.now + 10 * MICROSECOND, Event::Takes(slot));
        }
        for slot in todo.open {
            self.at(self.now + 5 * self.setup.round_trip + MILLISECOND, Event::Opened(slot));
        }
        for (call, why) in todo.refused {
            match why {
                Refused::Overloaded => self.seen.overloaded += 1,
                Refused::TooLate(_) => self.seen.late += 1,
            }
            self.comes_back(call);
        }
        if todo.tick {
            self.at(self.now, Event::Tick);
        }
    }

    fn comes_back(&mut self, _: Asked) {
        if self.setup.per_second.is_none() {
            let think = (self.random() * 30e3) as Moment + 15 * MICROSECOND;
            self.at(self.now + think, Event::Arrives);
        }
    }

    fn arrives(&mut self) {
        if let Some(rate) = self.setup.per_second {
            let pause = -(1.0 - self.random()).ln() / rate * 1e9;
            self.at(self.now + pause as Moment, Event::Arrives);
        }
        let key = (self.random() * self.setup.keys.min(1 << 50) as f64) as u64;
        let deadline = self.now + self.setup.timeout;
        let call = Asked { class: 0, key, since: self.now, deadline };
        let mut todo = Todo::default();
        self.scheduler.submit(call, self.now, &mut todo);
        self.perform(todo);
    }

    fn takes(&mut self, slot: usize) {
        if self.under_way[slot].is_some() {
            return;
        }
        if let Some((rows, since)) = self.lingering[slot]
            && self.scheduler.lingers(slot, rows, since, self.now)
        {
            return self.at(self.now + 5 * MICROSECOND, Event::Takes(slot));
        }
        self.lingering[slot] = None;
        let mut todo = Todo::default();
        match self.scheduler.take(slot, self.now, &mut todo) {
            Take::Batch(batch) => self.send(slot, batch),
            Take::Idle => {}
            Take::Close => self.scheduler.closed(slot, self.now, &mut todo),
        }
        self.perform(todo);
    }

    fn send(&mut self, slot: usize, batch: Batch<Asked>) {
        let rows = batch.calls.len() as u64;
        self.rows += rows;
        self.statements += 1;
        let mut arrives = self.now + self.setup.round_trip / 2;
        if let Some((from, to)) = self.setup.stall
            && arrives >= from
        {
            arrives = arrives.max(to);
        }
        let core = self.cores.iter_mut().min().unwrap();
        let done = arrives.max(*core) + self.setup.statement + self.setup.row * rows;
        *core = done;
        self.under_way[slot] = Some((batch, self.now));
        let busy = self.under_way.iter().flatten().count();
        self.seen.most_connections = self.seen.most_connections.max(busy);
        self.at(done + self.setup.commit + self.setup.round_trip / 2, Event::Ends(slot));
    }

    fn ends(&mut self, slot: usize) {
        let (batch, sent) = self.under_way[slot].take().unwrap();
        // A write that takes four fifths of the time that it has left is given up.
        let given_up = batch.calls.iter().map(|taken| taken.call.deadline).min().unwrap_or(0);
        let given_up = self.now > sent + given_up.saturating_sub(sent) * 4 / 5;
        let mut todo = Todo::default();
        let holds: Vec<_> = batch.calls.iter().filter_map(|taken| taken.hold).collect();
        let rows = batch.calls.len();
        self.scheduler.finished(slot, self.now);
        self.scheduler.release(holds, self.now, &mut todo);
        for taken in batch.calls {
            let took = self.now - taken.call.since;
            if !given_up {
                self.seen.good[usize::try_from(self.now / SECOND).unwrap()] += 1;
                self.took.push(took);
            } else {
                self.seen.late += 1;
            }
            self.comes_back(taken.call);
        }
        self.perform(todo);
        self.lingering[slot] = Some((rows, self.now));
        self.takes(slot);
    }
}
