//! The calls that wait: by class, in their order, and one after the other where they write one key.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use super::Moment;
use super::connections::Role;

/// How the calls of one class travel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class {
    /// The most keys of one batch; 1 for calls that travel alone.
    pub(crate) rows: usize,
    /// With which others it is measured, and shares the connections.
    pub(crate) pace: usize,
    /// On which connections it travels.
    pub(crate) role: Role,
}

/// What waits.
pub(crate) trait Queueable {
    /// Its class, as an index into those that the scheduler was made with.
    fn class(&self) -> usize;
    /// The keys it is about, as numbers that are equal where the keys are.
    fn keys(&self) -> [Option<u64>; 2];
    /// Whether it must wait for earlier calls of its keys. One that only reads need not.
    fn is_ordered(&self) -> bool;
    fn bytes(&self) -> usize;
    fn deadline(&self) -> Moment;
    /// Whether `next`, a call of the same class and the same number of a key, can be done by the
    /// same row of the same statement.
    fn joins(&self, next: &Self) -> bool;
}

/// The keys that a call holds until it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyLock {
    id: u64,
    keys: [Option<u64>; 2],
}

impl KeyLock {
    pub(super) fn keys(self) -> impl Iterator<Item = u64> {
        self.keys.into_iter().flatten()
    }
}

/// A call that was taken from the queue.
#[derive(Debug)]
pub(crate) struct TakenCall<C> {
    pub(crate) call: C,
    /// What is to be released when it has ended; none for a call that joins the one before it.
    pub(crate) hold: Option<KeyLock>,
}

/// A key's calls, by their numbers, the one that may be sent or is under way first.
struct KeyQueue {
    first: u64,
    rest: VecDeque<u64>,
}

pub(super) struct Waiting<C> {
    pub(super) id: u64,
    pub(super) since: Moment,
    /// How many of its class could be sent before it when it came.
    ahead: usize,
    pub(super) call: C,
}

/// The calls that can be sent, by class.
struct ReadyCalls<C> {
    /// The oldest first.
    calls: VecDeque<Waiting<C>>,
    /// How long the queue takes to advance by one call, smoothed; 0 where it was never long.
    step: Moment,
}

impl<C> ReadyCalls<C> {
    /// Learns from a call that is sent now. The queue advances by a batch at a time, so short waits
    /// say nothing of its speed.
    fn learn(&mut self, first: &Waiting<C>, long: Moment, now: Moment) {
        if self.calls.is_empty() {
            // What comes next finds another load.
            self.step = 0;
            return;
        }
        let waited = now.saturating_sub(first.since);
        if waited >= long && first.ahead > 0 {
            let step = waited / first.ahead as Moment;
            self.step = match self.step {
                0 => step,
                before => before - before / 4 + step / 4,
            };
        }
    }
}

pub(super) struct Queue<C> {
    next_id: u64,
    /// A wait from which the speed of the queue is learned.
    long: Moment,
    /// What may be sent, by class.
    ready: Vec<ReadyCalls<C>>,
    lines: HashMap<u64, KeyQueue, BuildHasherDefault<AsItIs>>,
    /// What waits for an earlier call of one of its keys.
    behind: HashMap<u64, Waiting<C>, BuildHasherDefault<AsItIs>>,
    /// Keys of writes that may still happen though they were given up: reads wait for them too.
    unsettled: HashSet<u64, BuildHasherDefault<AsItIs>>,
    bytes: usize,
}

impl<C: Queueable> Queue<C> {
    pub(super) fn new(classes: usize, long: Moment) -> Self {
        Queue {
            next_id: 1,
            long,
            ready: (0..classes).map(|_| ReadyCalls { calls: VecDeque::new(), step: 0 }).collect(),
            lines: HashMap::default(),
            behind: HashMap::default(),
            unsettled: HashSet::default(),
            bytes: 0,
        }
    }

    /// How many can be sent.
    pub(super) fn ready(&self, class: usize) -> usize {
        self.ready[class].calls.len()
    }

    /// How long a call would wait that comes now.
    pub(super) fn wait(&self, class: usize) -> Moment {
        let ready = &self.ready[class];
        ready.step.saturating_mul(ready.calls.len() as Moment)
    }

    /// Since when the first of them waits.
    pub(super) fn since(&self, class: usize) -> Option<Moment> {
        self.ready[class].calls.front().map(|waiting| waiting.since)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.behind.is_empty() && self.ready.iter().all(|ready| ready.calls.is_empty())
    }

    pub(super) fn push(&mut self, call: C, now: Moment) {
        let id = self.next_id;
        self.next_id += 1;
        self.bytes += call.bytes();
        let ahead = self.ready(call.class());
        let waiting = Waiting { id, since: now, ahead, call };
        let keys = self.lined_up(&waiting.call);
        let mut first = true;
        for key in keys.into_iter().flatten() {
            first &= self.line_up(key, id);
        }
        if first {
            self.ready[waiting.call.class()].calls.push_back(waiting);
        } else {
            self.behind.insert(id, waiting);
        }
    }

    /// The keys that a call has to line up for.
    fn lined_up(&self, call: &C) -> [Option<u64>; 2] {
        let keys = call.keys();
        let unsettled = || keys.iter().flatten().any(|key| self.unsettled.contains(key));
        if call.is_ordered() || (!self.unsettled.is_empty() && unsettled()) {
            let [first, second] = keys;
            [first, second.filter(|_| second != first)]
        } else {
            [None, None]
        }
    }

    /// Whether it is the first.
    fn line_up(&mut self, key: u64, id: u64) -> bool {
        let mut first = false;
        let line = self.lines.entry(key).or_insert_with(|| {
            first = true;
            KeyQueue { first: id, rest: VecDeque::new() }
        });
        if !first {
            line.rest.push_back(id);
        }
        first
    }

    /// Takes the oldest calls of a class, with those that join them, as long as `fits` says so of
    /// the number of keys and the bytes with the next one.
    pub(super) fn take(
        &mut self,
        class: usize,
        now: Moment,
        mut fits: impl FnMut(usize, usize) -> bool,
    ) -> Vec<TakenCall<C>> {
        let (mut taken, mut rows, mut bytes) = (Vec::new(), 0, 0);
        while let Some(next) = self.ready[class].calls.front() {
            bytes += next.call.bytes();
            if rows > 0 && !fits(rows + 1, bytes) {
                break;
            }
            rows += 1;
            let Some(next) = self.ready[class].calls.pop_front() else { break };
            self.ready[class].learn(&next, self.long, now);
            self.bytes -= next.call.bytes();
            let hold = self.held(next.id, &next.call);
            let key = hold.and_then(|hold| match hold.keys {
                [Some(key), None] => Some(key),
                [_, _] => None,
            });
            taken.push(TakenCall { call: next.call, hold });
            if let Some(key) = key {
                self.take_joining(key, &mut taken, &mut bytes);
            }
        }
        taken
    }

    fn held(&self, id: u64, call: &C) -> Option<KeyLock> {
        let keys = call.keys();
        let first_of = |key: &Option<u64>| {
            key.filter(|key| self.lines.get(key).is_some_and(|line| line.first == id))
        };
        let [first, second] = [first_of(&keys[0]), first_of(&keys[1])];
        let second = second.filter(|_| second != first);
        (first.is_some() || second.is_some()).then_some(KeyLock { id, keys: [first, second] })
    }

    /// The calls behind the last one taken that can be done by the same row.
    fn take_joining(&mut self, key: u64, taken: &mut Vec<TakenCall<C>>, bytes: &mut usize) {
        while let Some(next) = self.lines.get(&key).and_then(|line| line.rest.front()).copied() {
            let joins = |waiting: &Waiting<C>| {
                let last = taken.last().map(|taken| &taken.call);
                last.is_some_and(|last| {
                    last.class() == waiting.call.class() && last.joins(&waiting.call)
                })
            };
            if !self.behind.get(&next).is_some_and(joins) {
                return;
            }
            let Some(waiting) = self.behind.remove(&next) else { return };
            if let Some(line) = self.lines.get_mut(&key) {
                line.rest.pop_front();
            }
            self.bytes -= waiting.call.bytes();
            *bytes += waiting.call.bytes();
            taken.push(TakenCall { call: waiting.call, hold: None });
        }
    }

    /// Those that waited for these keys may go.
    pub(super) fn release(&mut self, hold: KeyLock) {
        for key in hold.keys.into_iter().flatten() {
            self.unsettled.remove(&key);
            self.next_in_line(key, hold.id);
        }
    }

    /// From now on reads wait for these keys too.
    pub(super) fn unsettle(&mut self, hold: KeyLock) {
        self.unsettled.extend(hold.keys.into_iter().flatten());
    }

    fn next_in_line(&mut self, key: u64, id: u64) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        if line.first != id {
            line.rest.retain(|other| *other != id);
            return;
        }
        let Some(next) = line.rest.pop_front() else {
            self.lines.remove(&key);
            return;
        };
        line.first = next;
        self.make_ready(next);
    }

    fn make_ready(&mut self, id: u64) {
        let Some(waiting) = self.behind.get(&id) else { return };
        let is_first = |key: &u64| self.lines.get(key).is_none_or(|line| line.first == id);
        if !waiting.call.keys().iter().flatten().all(is_first) {
            return;
        }
        let Some(waiting) = self.behind.remove(&id) else { return };
        let queue = &mut self.ready[waiting.call.class()].calls;
        let at = queue.partition_point(|other| other.id < id);
        // It waited for another call of its key, not for the queue.
        queue.insert(at, Waiting { ahead: 0, ..waiting });
    }

    /// Takes out what `is_late` says so of.
    pub(super) fn expire(&mut self, is_late: impl Fn(&C) -> bool) -> Vec<C> {
        let mut late: Vec<u64> = Vec::new();
        let ready = self.ready.iter().flat_map(|ready| &ready.calls);
        late.extend(ready.filter(|waiting| is_late(&waiting.call)).map(|waiting| waiting.id));
        let behind = self.behind.values();
        late.extend(behind.filter(|waiting| is_late(&waiting.call)).map(|waiting| waiting.id));
        late.into_iter().filter_map(|id| self.remove(id)).collect()
    }

    /// Takes out all such calls that wait since then or longer.
    pub(super) fn waiting_since(&mut self, since: Moment, is: impl Fn(&C) -> bool) -> Vec<C> {
        let all = self.ready.iter().flat_map(|ready| &ready.calls).chain(self.behind.values());
        let old: Vec<u64> = all
            .filter(|waiting| waiting.since <= since && is(&waiting.call))
            .map(|waiting| waiting.id)
            .collect();
        old.into_iter().filter_map(|id| self.remove(id)).collect()
    }

    /// Takes out the first of a class if its time ends before then.
    pub(super) fn pop_late(&mut self, class: usize, before: Moment) -> Option<C> {
        let first = self.ready[class].calls.front()?;
        if first.call.deadline() > before {
            return None;
        }
        self.remove(first.id)
    }

    fn remove(&mut self, id: u64) -> Option<C> {
        let waiting = self.behind.remove(&id).or_else(|| {
            self.ready.iter_mut().find_map(|ready| {
                let at = ready.calls.binary_search_by_key(&id, |waiting| waiting.id).ok()?;
                ready.calls.remove(at)
            })
        })?;
        self.bytes -= waiting.call.bytes();
        for key in waiting.call.keys().into_iter().flatten() {
            self.next_in_line(key, id);
        }
        Some(waiting.call)
    }

    /// The first moment at which one of them expires.
    pub(super) fn first_deadline(&self) -> Option<Moment> {
        let ready = self.ready.iter().flat_map(|ready| &ready.calls);
        ready.chain(self.behind.values()).map(|waiting| waiting.call.deadline()).min()
    }
}

/// The numbers are spread evenly already.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        // Ids count up: the high bits must differ too, for the table's tags.
        self.0 = number ^ number.rotate_left(47);
    }
}
