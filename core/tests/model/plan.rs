//! What the callers do: random, and shrunk by leaving out.

use std::fmt;

use proptest::prelude::*;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

pub(crate) const CALLERS: u8 = 64;
/// A caller has so many tokens of its own, few enough that its calls meet each other's traces.
pub(crate) const SLOTS: u8 = 6;
pub(crate) const PHASES: u8 = 2;
pub(crate) const RACES: usize = 20;
pub(crate) const BATONS: u8 = 4;

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Find(u8),
    Exists(u8),
    FindByKey(u8),
    FindMany(Vec<u8>),
    Save(u8, Content),
    SaveMany(Vec<(u8, Content)>),
    Insert(u8, Content),
    Update(u8, Content),
    /// What is expected: the stored data, or something else.
    Replace(u8, Guess, Content),
    Touch(u8, End),
    Rename(u8, u8, Option<Content>),
    Delete(u8),
    DeleteByKey(u8),
    DeleteMany(Vec<u8>),
    ListSubject(usize),
    DeleteSubject(Option<u8>),
    DeleteExpired(usize),
    Together(Together),
}

/// What is about sessions that all callers share.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Together {
    /// Raise the counter.
    Raise,
    /// Insert what all try to insert.
    Race(u8),
    /// Rename the one baton that all pass around.
    Pass(u8, u8),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Content {
    pub(crate) data: u8,
    pub(crate) end: End,
    pub(crate) subject: Subject,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Past,
    Now,
    /// At the very instant at which the second phase begins.
    NextPhase,
    Far,
    Never,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    Keep,
    Own,
    None,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Guess {
    Right,
    Wrong,
    Empty,
}

#[derive(Clone)]
pub(crate) struct Plan {
    /// Whether tokens are stored as they are.
    pub(crate) plain: bool,
    /// Caller, phase and call, in this order.
    steps: Vec<(u8, u8, Op)>,
}

/// A difference that needs a race hardly shrinks, and 16,000 calls are not readable.
const SHOWN: usize = 60;

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tokens = if self.plain { "plain" } else { "hashed" };
        writeln!(f, "{} calls, {tokens} tokens", self.steps.len())?;
        for (caller, phase, op) in self.steps.iter().take(SHOWN) {
            writeln!(f, "  caller {caller}, phase {phase}: {op:?}")?;
        }
        if self.steps.len() > SHOWN { writeln!(f, "  …") } else { Ok(()) }
    }
}

impl Plan {
    pub(crate) fn of(&self, caller: u8, phase: u8) -> Vec<Op> {
        let theirs = self.steps.iter().filter(|step| (step.0, step.1) == (caller, phase));
        theirs.map(|step| step.2.clone()).collect()
    }

    /// Whether this race is tried.
    pub(crate) fn tries(&self, race: usize) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(step.2, Op::Together(Together::Race(n)) if usize::from(n) == race))
    }
}

fn content() -> impl Strategy<Value = Content> {
    let end = prop_oneof![
        Just(End::Past),
        Just(End::Now),
        Just(End::NextPhase),
        Just(End::Far),
        Just(End::Never)
    ];
    let subject = prop_oneof![Just(Subject::Keep), Just(Subject::Own), Just(Subject::None)];
    (any::<u8>(), end, subject).prop_map(|(data, end, subject)| Content { data, end, subject })
}

fn op() -> BoxedStrategy<Op> {
    let slot = || 0..SLOTS;
    let slots = || prop::collection::vec(slot(), 0..5);
    let guess =
        prop_oneof![4 => Just(Guess::Right), 1 => Just(Guess::Wrong), 1 => Just(Guess::Empty)];
    let end = content().prop_map(|content| content.end);
    let single = prop_oneof![
        6 => slot().prop_map(Op::Find),
        1 => slot().prop_map(Op::Exists),
        1 => slot().prop_map(Op::FindByKey),
        5 => (slot(), content()).prop_map(|(slot, content)| Op::Save(slot, content)),
        3 => (slot(), content()).prop_map(|(slot, content)| Op::Insert(slot, content)),
        3 => (slot(), content()).prop_map(|(slot, content)| Op::Update(slot, content)),
        4 => (slot(), guess, content()).prop_map(|(slot, guess, new)| Op::Replace(slot, guess, new)),
        3 => (slot(), end).prop_map(|(slot, end)| Op::Touch(slot, end)),
        3 => (slot(), slot(), prop::option::of(content())).prop_map(|(a, b, new)| Op::Rename(a, b, new)),
        2 => slot().prop_map(Op::Delete),
        1 => slot().prop_map(Op::DeleteByKey),
    ];
    let several = prop_oneof![
        3 => slots().prop_map(Op::FindMany),
        2 => prop::collection::vec((slot(), content()), 0..5).prop_map(Op::SaveMany),
        1 => slots().prop_map(Op::DeleteMany),
        2 => (1..4usize).prop_map(Op::ListSubject),
        1 => prop::option::of(slot()).prop_map(Op::DeleteSubject),
        1 => (1..50usize).prop_map(Op::DeleteExpired),
    ];
    let races = 0..u8::try_from(RACES).expect("few races");
    let shared = prop_oneof![
        2 => Just(Together::Raise),
        1 => races.prop_map(Together::Race),
        1 => (0..BATONS, 0..BATONS).prop_map(|(from, to)| Together::Pass(from, to)),
    ];
    prop_oneof![32 => single, 10 => several, 4 => shared.prop_map(Op::Together)].boxed()
}

/// Plans of exactly so many calls for each caller, which proptest's own vectors cannot make
/// without losing the ability to shrink.
#[derive(Debug)]
pub(crate) struct Plans {
    pub(crate) calls: usize,
}

impl Strategy for Plans {
    type Tree = Shrinking;
    type Value = Plan;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let op = op();
        let plain = any::<bool>().new_tree(runner)?.current();
        let mut steps = Vec::new();
        for caller in 0..CALLERS {
            for call in 0..self.calls {
                let phase = call * usize::from(PHASES) / self.calls;
                let phase = u8::try_from(phase).expect("few phases");
                steps.push((caller, phase, op.new_tree(runner)?.current()));
            }
        }
        Ok(Shrinking { chunk: steps.len(), plan: Plan { plain, steps }, at: 0, before: None })
    }
}

/// Leaves out halves, quarters, …, single calls, as long as the difference stays.
pub(crate) struct Shrinking {
    plan: Plan,
    chunk: usize,
    at: usize,
    /// What to go back to if the difference vanished.
    before: Option<Plan>,
}

impl ValueTree for Shrinking {
    type Value = Plan;

    fn current(&self) -> Plan {
        self.plan.clone()
    }

    fn simplify(&mut self) -> bool {
        while self.at >= self.plan.steps.len() || self.chunk >= self.plan.steps.len() {
            self.chunk /= 2;
            self.at = 0;
            if self.chunk == 0 {
                return false;
            }
        }
        self.before = Some(self.plan.clone());
        let end = self.plan.steps.len().min(self.at + self.chunk);
        self.plan.steps.drain(self.at..end);
        true
    }

    /// Goes back and leaves out the next part instead.
    fn complicate(&mut self) -> bool {
        let Some(before) = self.before.take() else { return false };
        self.plan = before;
        self.at += self.chunk;
        self.simplify()
    }
}
