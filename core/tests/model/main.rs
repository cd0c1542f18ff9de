//! 64 callers make 10,000 random calls each, at the same time, on one store; every answer must be
//! the model's. A difference is shrunk to the fewest calls that still show it.

// A helper of tests may panic as they do.
// One arm for each verb.
#![allow(clippy::unwrap_used, clippy::too_many_lines)]

#[path = "../support/environment.rs"]
mod environment;
mod oracle;
mod plan;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use sessio::blocking::{Begun, Store};
use sessio::operation::{Answer, Request};
use sessio::{ErrorKind, Expiry, Key, ManualClock, Options, Outcome, Target, Timestamp};

use oracle::Oracle;
use plan::{BATONS, CALLERS, Op, PHASES, Plan, Plans, RACES, SLOTS, Together};

/// So many plans of so many calls for each of the 64 callers: 10,000.
const PLANS: u32 = 40;
const CALLS: usize = 250;

/// 2024-01-01T00:00:00Z; a phase later the sessions that were to end then have ended.
const START: i64 = 1_704_067_200_000_000;
const PHASE: i64 = 10_000_000;

#[test]
fn memory_answers_as_the_model() {
    compare("memory:");
}

#[test]
fn mysql_answers_as_the_model() {
    compare(&environment::given("SESSIO_TEST_MYSQL_URL"));
}

fn compare(url: &str) {
    let config = Config {
        cases: PLANS,
        max_shrink_iters: 2000,
        max_shrink_time: 60_000,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let outcome =
        runner.run(&Plans { calls: CALLS }, |plan| run(url, &plan).map_err(TestCaseError::fail));
    if let Err(difference) = outcome {
        panic!("{difference}");
    }
}

/// What all callers share.
struct Stage<'a> {
    store: &'a Store,
    /// Who won an insert that all try: one winner for each.
    wins: [AtomicU64; RACES],
    /// How often the shared counter was raised.
    raised: AtomicU64,
    differences: Mutex<Vec<String>>,
}

fn run(url: &str, plan: &Plan) -> Result<(), String> {
    static TABLES: AtomicU64 = AtomicU64::new(0);
    let clock = ManualClock::new(Timestamp::from_micros(START));
    let mut options = Options::new().clock(clock.clone());
    let mut set = |name, value: &str| options.set(name, value).map_err(|e| e.to_string());
    let table = TABLES.fetch_add(1, Ordering::Relaxed);
    set("table", &format!("model_{}_{table}", std::process::id()))?;
    set("hash_tokens", if plan.plain { "false" } else { "true" })?;
    set("cleanup_interval", "0")?;
    set("timeout", "30")?;
    let store = Store::open_with(url, options).map_err(|error| error.to_string())?;
    store.migrate().map_err(|error| format!("migrate: {error}"))?;
    let stage = Stage {
        store: &store,
        wins: Default::default(),
        raised: AtomicU64::new(0),
        differences: Mutex::new(Vec::new()),
    };
    let mut oracles = stage.set_up()?;
    for phase in 0..PHASES {
        let now = clock.now().as_micros();
        std::thread::scope(|scope| {
            for oracle in &mut oracles {
                let ops = plan.of(oracle.caller, phase);
                let stage = &stage;
                scope.spawn(move || stage.play(oracle, &ops, now));
            }
        });
        stage.no_difference()?;
        clock.advance(Duration::from_micros(PHASE.unsigned_abs()));
    }
    stage.look_around(plan, &oracles, clock.now().as_micros())?;
    store.close();
    Ok(())
}

impl Stage<'_> {
    /// All start with all sessions, which is also how their keys become known.
    fn set_up(&self) -> Result<Vec<Oracle>, String> {
        let failed = |error: sessio::Error| format!("setting up: {error}");
        self.store.save("counter", b"0", Expiry::Never).map_err(failed)?;
        self.store.save("baton-0", b"", Expiry::Never).map_err(failed)?;
        let mut oracles = Vec::new();
        for caller in 0..CALLERS {
            let mut oracle = Oracle::new(caller);
            let rows: Vec<_> = (0..SLOTS).map(|slot| (oracle.token(slot), [slot])).collect();
            let content =
                |data| sessio::Content::new(data, Expiry::Never).subject(oracle.subject());
            let rows: Vec<_> =
                rows.iter().map(|(token, data)| (Target::from(*token), content(data))).collect();
            self.store.save_many(&rows).map_err(failed)?;
            let page = self.store.list_subject(oracle.subject(), None, 100).map_err(failed)?;
            let keys: Vec<(u8, Key)> =
                page.entries.iter().map(|entry| (entry.record.data[0], entry.key)).collect();
            oracle.begin(&keys);
            oracles.push(oracle);
        }
        Ok(oracles)
    }

    /// One caller's calls, one after the other, until there is a difference anywhere.
    fn play(&self, oracle: &mut Oracle, ops: &[Op], now: i64) {
        for op in ops {
            let done = if let Op::Together(together) = op {
                self.together(*together)
            } else {
                oracle.check(op, now, START + PHASE, |request| self.ask(request))
            };
            if let Err(difference) = done {
                let told = format!("caller {}, {op:?}: {difference}", oracle.caller);
                self.differences.lock().unwrap().push(told);
            }
            if !self.differences.lock().unwrap().is_empty() {
                return;
            }
        }
    }

    fn ask(&self, request: Request<'_>) -> sessio::Result<Answer> {
        match self.store.begin(request)? {
            Begun::Answered(answer) => Ok(answer),
            Begun::Waiting(pending) => {
                let answer = pending.wait(Duration::from_secs(60));
                answer.expect("an answer comes within the timeout of 30 s")
            }
        }
    }

    fn together(&self, op: Together) -> Result<(), String> {
        match op {
            Together::Raise => self.raise(),
            Together::Race(race) => self.race(race),
            Together::Pass(from, to) => self.pass(from, to),
        }
    }

    /// Reads a number and writes the next one, if no other did.
    fn raise(&self) -> Result<(), String> {
        let failed = |error: sessio::Error| error.to_string();
        let record = self.store.find("counter").map_err(failed)?.ok_or("no counter")?;
        let text = String::from_utf8_lossy(&record.data).into_owned();
        let next = text.parse::<u64>().map_err(|_| format!("the counter is {text}"))? + 1;
        let content = next.to_string();
        let content = sessio::Content::new(content.as_bytes(), Expiry::Never);
        match self.store.replace("counter", &record.data, content).map_err(failed)? {
            Outcome::Saved => drop(self.raised.fetch_add(1, Ordering::Relaxed)),
            Outcome::Conflict => {}
            Outcome::Gone => return Err("the counter is gone".to_owned()),
        }
        Ok(())
    }

    fn race(&self, race: u8) -> Result<(), String> {
        let content = sessio::Content::new(b"won", Expiry::Never);
        match self.store.insert(&format!("race-{race}"), content) {
            Ok(()) => drop(self.wins[usize::from(race)].fetch_add(1, Ordering::Relaxed)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }

    /// Only one of the batons lives, however they are renamed.
    fn pass(&self, from: u8, to: u8) -> Result<(), String> {
        let renamed = self.store.rename(&format!("baton-{from}"), &format!("baton-{to}"), None);
        renamed.map(drop).map_err(|error| error.to_string())
    }

    fn no_difference(&self) -> Result<(), String> {
        match self.differences.lock().unwrap().first() {
            None => Ok(()),
            Some(first) => Err(first.clone()),
        }
    }

    /// When all are done, the whole store must be what all models say together.
    fn look_around(&self, plan: &Plan, oracles: &[Oracle], now: i64) -> Result<(), String> {
        let failed = |error: sessio::Error| format!("in the end: {error}");
        let mut live = 2;
        for oracle in oracles {
            oracle.check_all(now, |request| self.ask(request))?;
            live += oracle.live(now);
        }
        for (race, wins) in self.wins.iter().enumerate() {
            let tried = plan.tries(race);
            let wins = wins.load(Ordering::Relaxed);
            if wins != u64::from(tried) {
                return Err(format!("race {race} has {wins} winners"));
            }
            live += u64::from(tried);
        }
        let batons: Vec<String> = (0..BATONS).map(|baton| format!("baton-{baton}")).collect();
        let batons: Vec<Target<'_>> = batons.iter().map(Target::from).collect();
        let batons = self.store.find_many(&batons).map_err(failed)?;
        if batons.iter().flatten().count() != 1 {
            return Err(format!("{} batons live", batons.iter().flatten().count()));
        }
        let counter = self.store.find("counter").map_err(failed)?.ok_or("no counter")?;
        let raised = self.raised.load(Ordering::Relaxed).to_string();
        if *counter.data != *raised.as_bytes() {
            return Err(format!("raised {raised} times, but another number is stored"));
        }
        let counted = self.store.count().map_err(failed)?;
        if counted != live {
            return Err(format!("{counted} are counted, {live} should live"));
        }
        self.check_pages(live)
    }

    fn check_pages(&self, live: u64) -> Result<(), String> {
        let (mut after, mut listed) = (None, 0);
        loop {
            let page = self.store.list(after.as_ref(), 100).map_err(|error| error.to_string())?;
            let keys = page.entries.iter().map(|entry| entry.key);
            if !after.into_iter().chain(keys).is_sorted_by(|a, b| a < b) {
                return Err("pages are out of order".to_owned());
            }
            listed += page.entries.len() as u64;
            match page.next {
                Some(next) => after = Some(next),
                None if listed == live => return Ok(()),
                None => return Err(format!("{listed} are listed, {live} should live")),
            }
        }
    }
}
