//! Two or three views of one session, in any order: every answer, every cookie and every row must
//! be the oracle's. A difference is shrunk to the fewest steps that still show it.

// A test may be as long as its list of cases.
#![allow(clippy::too_many_lines)]

mod oracle;

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use tokio::runtime::{Builder, Runtime};

use crate::codec::Codec;
use crate::config::options::Options;
use crate::environment;
use crate::protocol::clock::{ManualClock, NEVER, Timestamp};
use crate::protocol::error::Result;
use crate::protocol::token::{Id, Target};
use crate::session::commit_result::CommitResult;
use crate::session::handle::Session;
use crate::session::state::Phase as Real;
use crate::session::{CommitOutcome, SessionManager, SessionOptions};
use crate::store::Store;
use crate::store::faults::{Fault, script};
use crate::value::Value;

use oracle::{Cookie, Doc, IDLE, LIFETIME, Note, Oracle, Phase, Row, Said, View, WINDOW};

const START: i64 = 1_704_067_200_000_000;
const VIEWS: usize = 3;
const CODECS: [Codec; 2] = [Codec::Json, Codec::MsgPack];

/// Steps of a run, on average.
const STEPS: usize = 50;

/// What happens to the operations of a commit.
#[derive(Clone, Copy, Debug)]
enum Luck {
    Good,
    /// Dropped after so many polls; all of its operations wait.
    Dropped(u8),
    /// The operation of this number is done, but its answer is lost; or it is not done.
    Lost(u8),
    Refused(u8),
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// With one of the tokens that were told, the latest first; or with none.
    Load(Option<u8>),
    Get,
    Put(u8),
    Remove(u8),
    Clear,
    Add(u8),
    Item,
    Flash(u8),
    Flashes,
    Take(u8),
    TakeFlash(u8),
    Renew,
    Regenerate,
    Destroy,
    Deadline(u8),
    Touch,
    Advance(u8),
    Commit(Luck),
}

fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        6 => Just(Luck::Good),
        2 => (0u8..8).prop_map(Luck::Dropped),
        2 => (0u8..3).prop_map(Luck::Lost),
        1 => (0u8..4).prop_map(Luck::Refused),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0u8..2;
    prop_oneof![
        4 => prop::option::weighted(0.95, 0u8..3).prop_map(Step::Load),
        2 => Just(Step::Get),
        4 => key.clone().prop_map(Step::Put),
        1 => key.clone().prop_map(Step::Remove),
        1 => Just(Step::Clear),
        2 => key.clone().prop_map(Step::Add),
        2 => Just(Step::Item),
        1 => key.clone().prop_map(Step::Flash),
        1 => Just(Step::Flashes),
        2 => key.clone().prop_map(Step::Take),
        1 => key.clone().prop_map(Step::TakeFlash),
        2 => Just(Step::Renew),
        1 => Just(Step::Regenerate),
        1 => Just(Step::Destroy),
        1 => (0u8..4).prop_map(Step::Deadline),
        1 => Just(Step::Touch),
        2 => (0u8..6).prop_map(Step::Advance),
        8 => luck().prop_map(Step::Commit),
    ]
}

#[test]
fn in_memory_every_view_is_the_oracles() {
    compare("memory:", 2_000);
}

#[test]
fn on_a_server_every_view_is_the_oracles() {
    compare(&environment::given("SESSIO_TEST_MYSQL_URL"), 20);
}

fn compare(url: &str, runs: u32) {
    let runs = std::env::var("SESSIO_MODEL_RUNS").map_or(runs, |runs| runs.parse().unwrap());
    let seed = std::env::var("SESSIO_MODEL_SEED").map_or(1, |seed| seed.parse().unwrap());
    let config = Config {
        cases: runs,
        max_shrink_iters: 4_000,
        max_shrink_time: 60_000,
        failure_persistence: None,
        // The same runs each time, so that a failure is that of a change. Others by
        // SESSIO_MODEL_SEED, and more by SESSIO_MODEL_RUNS.
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    let setting = Setting::new(url);
    let steps = prop::collection::vec((0..VIEWS, step()), 0..=2 * STEPS);
    let outcome = TestRunner::new(config)
        .run(&steps, |steps| setting.run(&steps).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(what, steps)) => panic!("{what}; by {steps:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// A store for all runs; each begins with an empty one.
struct Setting {
    runtime: Runtime,
    clock: ManualClock,
    store: Store,
    managers: [SessionManager; 2],
}

impl Setting {
    fn new(url: &str) -> Self {
        let clock = ManualClock::new(Timestamp::from_micros(START));
        let mut options = Options::new().clock(clock.clone());
        options.set("cleanup_interval", "0").unwrap();
        options.set("table", &format!("session_model_{}", std::process::id())).unwrap();
        let store = Store::open_with(url, options).unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(store.migrate()).unwrap();
        let managers = CODECS.map(|codec| {
            let micros = |micros: i64| Duration::from_micros(micros.unsigned_abs());
            let options = SessionOptions::new()
                .lifetime(micros(LIFETIME))
                .idle_timeout(micros(IDLE))
                .ended_window(micros(WINDOW))
                .codec(codec)
                .read_codecs(CODECS);
            SessionManager::with(store.clone(), options).unwrap()
        });
        Setting { runtime, clock, store, managers }
    }

    fn run(&self, steps: &[(usize, Step)]) -> std::result::Result<(), String> {
        for key in self.rows_by_key().into_keys() {
            let target = crate::protocol::token::Key::from_text(&key);
            self.runtime.block_on(self.store.delete(&target)).unwrap();
        }
        let mut stage = Stage::new(self);
        for (number, (view, step)) in steps.iter().enumerate() {
            stage
                .step(*view, *step)
                .map_err(|what| format!("step {number}, {step:?} of view {view}: {what}"))?;
        }
        Ok(())
    }

    fn rows_by_key(&self) -> BTreeMap<String, Row> {
        let page = self.runtime.block_on(self.store.list(None, 1000)).unwrap();
        let row = |entry: crate::protocol::record::Entry| {
            let expiry = entry.record.expires_at.map_or(NEVER, Timestamp::as_micros);
            (entry.key.as_str().to_owned(), Row { doc: doc(&entry.record.data), expiry })
        };
        page.entries.into_iter().map(row).collect()
    }
}

/// A row, and its token if a client was told.
type Told = (Option<String>, Row);

fn sorted(rows: impl Iterator<Item = Told>) -> Vec<Told> {
    let mut rows: Vec<Told> = rows.collect();
    rows.sort_by_key(|row| format!("{row:?}"));
    rows
}

fn key(token: &str) -> String {
    let id = Id::of(Target::from(token), true, 43).unwrap();
    id.key().as_str().to_owned()
}

fn name(key: u8) -> String {
    format!("k{key}")
}

fn flash_name(key: u8) -> String {
    format!("f{key}")
}

fn number(value: &Value) -> i64 {
    let Value::Int(number) = value else { panic!("a {}", value.kind()) };
    *number
}

fn doc(data: &[u8]) -> Doc {
    let read = CODECS.iter().find_map(|codec| Some((*codec, codec.decode(data).ok()?)));
    let (codec, document) = read.unwrap();
    of_document(&document, codec)
}

fn of_document(document: &crate::codec::DecodedDocument, codec: Codec) -> Doc {
    let map = document.values.to_map().unwrap();
    let keyed = |name: fn(u8) -> String, map: &crate::value::Map| -> BTreeMap<u8, i64> {
        (0..2).filter_map(|key| Some((key, number(map.get(&name(key))?)))).collect()
    };
    let items = match map.get("items") {
        Some(Value::List(items)) => items.iter().map(number).collect(),
        _ => Vec::new(),
    };
    Doc {
        values: keyed(name, &map),
        items,
        flash: keyed(flash_name, &document.flash),
        deadline: document.deadline.unwrap(),
        fixed: document.fixed,
        codec,
    }
}

fn tried(session: &Session) -> Option<Vec<u8>> {
    session.lock().pending.tried.as_ref().map(|tried| tried.data.to_vec())
}

struct Stage<'a> {
    setting: &'a Setting,
    oracle: Oracle,
    views: Vec<(Session, View)>,
    tokens: Vec<String>,
    next: i64,
}

fn differ<T: PartialEq + std::fmt::Debug>(
    what: &str,
    seen: &T,
    expected: &T,
) -> std::result::Result<(), String> {
    if seen == expected {
        return Ok(());
    }
    Err(format!("{what} is {seen:?}, and should be {expected:?}"))
}

impl<'a> Stage<'a> {
    fn new(setting: &'a Setting) -> Self {
        let mut oracle = Oracle::default();
        oracle.now = setting.clock.now().as_micros();
        let mut stage = Stage { setting, oracle, views: Vec::new(), tokens: Vec::new(), next: 0 };
        for view in 0..VIEWS {
            let opened = stage.opened(view, None);
            stage.views.push(opened);
        }
        stage
    }

    fn opened(&self, view: usize, token: Option<&String>) -> (Session, View) {
        let session = self.setting.managers[view % 2].load(token.map(String::as_str));
        (session, View::new(token.cloned(), CODECS[view % 2], self.oracle.now))
    }

    fn block<T>(&self, future: impl Future<Output = Result<T>>) -> T {
        self.setting.runtime.block_on(future).unwrap()
    }

    fn step(&mut self, view: usize, step: Step) -> std::result::Result<(), String> {
        self.next += 1;
        let next = self.next;
        let (session, mut model) = self.views[view].clone();
        match step {
            Step::Load(nth) => {
                let token = nth.and_then(|nth| self.tokens.iter().rev().nth(nth.into()).cloned());
                self.views[view] = self.opened(view, token.as_ref());
                return Ok(());
            }
            Step::Advance(seconds) => {
                let seconds = [1, 9, 11, 29, 31, 90][usize::from(seconds)];
                self.setting.clock.advance(Duration::from_secs(seconds));
                self.oracle.now = self.setting.clock.now().as_micros();
                return Ok(());
            }
            Step::Get => {
                self.block(session.ensure_loaded());
                self.oracle.load(&mut model);
            }
            Step::Put(key) => {
                session.put_value(&name(key), next.into()).unwrap();
                model.note(Note::Put(key, next));
            }
            Step::Remove(key) => {
                session.remove(&name(key));
                model.note(Note::Remove(key));
            }
            Step::Clear => {
                session.clear();
                model.note(Note::Clear);
            }
            Step::Add(key) => {
                session.increment(&name(key), 1000).unwrap();
                model.note(Note::Add(key, 1000));
            }
            Step::Item => {
                session.append_value("items", next.into()).unwrap();
                model.note(Note::Item(next));
            }
            Step::Flash(key) => {
                session.flash_value(&flash_name(key), next.into()).unwrap();
                model.note(Note::Flash(key, next));
            }
            Step::Flashes => {
                let seen = self.block(session.flashes());
                self.oracle.load(&mut model);
                let seen: BTreeMap<u8, i64> = (0..2)
                    .filter_map(|key| Some((key, number(seen.get(&flash_name(key))?))))
                    .collect();
                differ("what was left", &seen, &model.flashes())?;
            }
            Step::Take(key) => {
                let taken = self.block(session.take(&name(key))).as_ref().map(number);
                differ("what was taken", &taken, &self.oracle.take(&mut model, key, false))?;
            }
            Step::TakeFlash(key) => {
                let taken = self.block(session.take(&flash_name(key))).as_ref().map(number);
                differ("what was taken", &taken, &self.oracle.take(&mut model, key, true))?;
            }
            Step::Renew => {
                let renews = self.block(session.renew());
                self.oracle.load(&mut model);
                differ("whether it is renewed", &renews, &model.renew())?;
            }
            Step::Regenerate => {
                let restarts = self.block(session.regenerate());
                self.oracle.load(&mut model);
                let should = model.regenerate(self.oracle.now);
                differ("whether it starts over", &restarts, &should)?;
            }
            Step::Destroy => {
                self.block(session.destroy());
                self.oracle.destroy(&mut model);
            }
            Step::Deadline(nth) => {
                let seconds = [-1, 20, 110, 1000][usize::from(nth)];
                let deadline = self.oracle.now + seconds * 1_000_000;
                session.set_deadline(Timestamp::from_micros(deadline));
                model.note(Note::Deadline(deadline));
            }
            Step::Touch => {
                session.touch();
                model.note(Note::Touch);
            }
            // Whether a touch was done whose answer was lost, the bytes do not tell.
            Step::Commit(Luck::Lost(_) | Luck::Refused(_)) if model.touches() => {
                self.commit(view, &session, &mut model, Luck::Good)?;
            }
            Step::Commit(luck) => self.commit(view, &session, &mut model, luck)?,
        }
        self.views[view] = (session.clone(), model.clone());
        self.look_around(&session, &model)
    }

    fn commit(
        &mut self,
        view: usize,
        session: &Session,
        model: &mut View,
        luck: Luck,
    ) -> std::result::Result<(), String> {
        let guess = format!("new of step {}", self.next);
        let (mut after, mut committed) = (self.oracle.clone(), model.clone());
        let said = after.commit(&mut committed, &guess);
        let (tried_before, rows_before) = (tried(session), self.setting.rows_by_key());
        match self.try_to_commit(view, session, luck) {
            Some(Ok(result)) => {
                differ("the commit", &self.of_sent(&result), &said)?;
                (self.oracle, *model) = (after, committed);
                if let Some(token) = result.token {
                    let Phase::Loaded { token: known, .. } = model.phase.clone() else {
                        return Err(format!("a token of {:?}", model.phase));
                    };
                    self.oracle.learn(&known, &token, model);
                    if !self.tokens.contains(&token) {
                        self.tokens.push(token);
                    }
                }
            }
            // It was dropped, and is done all the same.
            None => {
                (self.oracle, *model) = (after, committed);
                model.not_told(&said);
            }
            Some(Err(_)) => {
                // By their keys: a row that has got another token may be the same otherwise.
                let done = self.setting.rows_by_key() != rows_before;
                if done {
                    differ("what is stored", &self.rows(), &self.live_rows(&after))?;
                }
                self.follow(session, model);
                // Whatever was stored is found out about; so is what was tried anew.
                let stored = done && said.outcome == CommitOutcome::Saved;
                let anew = tried(session).is_some() && tried(session) != tried_before;
                if stored || anew {
                    self.oracle.find_out(model);
                    model.doubts(match (model.swaps(), tried(session)) {
                        // Found by its bytes, even where another request has stored the same.
                        (Some(token), Some(data)) => Some((token, doc(&data))),
                        _ => stored.then_some(committed.phase).and_then(Phase::row),
                    });
                }
                if done {
                    self.oracle = after;
                }
            }
        }
        Ok(())
    }

    /// How far a commit that failed has come.
    fn follow(&self, session: &Session, model: &mut View) {
        let state = session.lock();
        if model.has_doubt() && state.pending.tried.is_none() {
            self.oracle.find_out(model);
        }
        if state.candidates().is_none() {
            self.oracle.load(model);
        }
        if let (Real::New { brought, .. }, Phase::New { brought: guess }) =
            (&state.phase, &mut model.phase)
            && brought.is_empty()
        {
            *guess = None;
        }
        if state.pending.changes.is_empty() && state.pending.tried.is_none() {
            model.forget();
        }
    }

    /// None where it was dropped before it was answered.
    fn try_to_commit(
        &self,
        view: usize,
        session: &Session,
        luck: Luck,
    ) -> Option<Result<CommitResult>> {
        let nth = |nth: u8, fault| (0..nth).map(|_| Fault::None).chain([fault]);
        match luck {
            Luck::Good => script([]),
            Luck::Dropped(_) => script([Fault::Waits; 16]),
            Luck::Lost(number) => script(nth(number, Fault::Lost)),
            Luck::Refused(number) => script(nth(number, Fault::Refused)),
        }
        let manager = &self.setting.managers[view % 2];
        let answer = match luck {
            Luck::Dropped(polls) => {
                let _inside = self.setting.runtime.enter();
                let mut commit = pin!(manager.commit(session));
                let mut context = Context::from_waker(Waker::noop());
                (0..=polls).find_map(|_| match commit.as_mut().poll(&mut context) {
                    Poll::Ready(answer) => Some(answer),
                    Poll::Pending => None,
                })
            }
            Luck::Good | Luck::Lost(_) | Luck::Refused(_) => {
                Some(self.setting.runtime.block_on(manager.commit(session)))
            }
        };
        script([]);
        drop(self.setting.runtime.block_on(session.turn()));
        answer
    }

    fn of_sent(&self, result: &CommitResult) -> Said {
        let cookie = match result.set_cookie.as_deref() {
            None => Cookie::Nothing,
            Some(cookie) if cookie.contains("Max-Age=0") => Cookie::Clear,
            Some(_) => Cookie::Token,
        };
        let expiry = result.expires_at.map(Timestamp::as_micros);
        Said { outcome: result.outcome, cookie, expiry }
    }

    fn rows(&self) -> Vec<Told> {
        let token = |of: &str| self.tokens.iter().find(|token| key(token) == of).cloned();
        let rows = self.setting.rows_by_key().into_iter();
        sorted(rows.map(|(key, row)| (token(&key), row)))
    }

    fn live_rows(&self, oracle: &Oracle) -> Vec<Told> {
        let live = oracle.rows.iter().filter(|(_, row)| row.expiry > oracle.now);
        let told = |token: &String| self.tokens.contains(token).then(|| token.clone());
        sorted(live.map(|(token, row)| (told(token), row.clone())))
    }

    fn look_around(&self, session: &Session, model: &View) -> std::result::Result<(), String> {
        differ("what is stored", &self.rows(), &self.live_rows(&self.oracle))?;
        let state = session.lock();
        differ("whether it is modified", &state.is_modified(), &model.is_modified())?;
        if state.candidates().is_none() {
            let shown = of_document(&state.document, model.shown.codec);
            differ("what the request sees", &shown, &model.shown)?;
        }
        Ok(())
    }
}
