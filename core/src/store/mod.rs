//! The public handle: checks arguments, finds the backend of this process, hands over.

pub(crate) mod blocking;
mod cleanup;
#[cfg(test)]
pub(crate) mod faults;
mod markers;
mod plan;
pub mod task;
mod verb_table;
mod verbs;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::config::beego::BeegoConfig;
use crate::config::location::Location;
use crate::config::options::Options;
use crate::config::parse::parse;
use crate::memory::Memory;
use crate::mysql::Engine;
use crate::protocol::command::{Backend, CleanupRound, Command, Row, SourceLibrary};
use crate::protocol::error::{Error, Result};
use crate::protocol::join::{Combine, Join};
use crate::protocol::record::{Content, Record, Stats};
use crate::protocol::request::{Answer, Reply, Request};
use crate::protocol::token::{Id, Target};
use crate::runtime::BlockingOneshot;
use crate::runtime::fork::PerProcess;
use crate::store::cleanup::Cleaner;
use crate::store::plan::{Plan, Validator};

/// Sessions, in MySQL or in memory. Cloning is cheap, and clones are one store.
///
/// Opening connects to nothing and starts nothing: the first operation does. Every operation is
/// answered within the `timeout` option, waiting and connecting included. Futures may be polled on
/// any executor; dropping one loses the answer, never the write. A store works on in a forked
/// child, with connections of its own; a memory store starts empty there.
#[derive(Clone)]
pub struct Store(Arc<Inner>, Option<Instant>);

pub(crate) struct Inner {
    location: Location,
    options: Options,
    /// How the beego service beside it treats its sessions, where it was opened with that.
    beego: Option<BeegoConfig>,
    /// Copied out, because every operation reads them.
    rules: Validator,
    backend: PerProcess<AnyBackend>,
    closed: AtomicBool,
    cleaner: PerProcess<Cleaner>,
    cleanup_stopped: AtomicBool,
}

enum AnyBackend {
    Memory(Memory),
    MySql(Engine),
}

impl Store {
    /// A store with the options that the URL carries: `memory:`,
    /// `mysql://user:password@host:3306/database?table=sessions`, the same with several hosts
    /// (`a:3306,b:3306`, tried in this order), or a Go DSN
    /// (`user:password@tcp(host:3306)/database`). Also the JSON that a beego program gives to
    /// `NewManager`: then the table and its lifetimes are beego's, and so are the defaults of its
    /// [`SessionManager`](crate::SessionManager), cookie and all.
    ///
    /// URLs of other libraries are taken as they are (`mysql2://`, `mysql+pymysql://`,
    /// `ssl-mode=REQUIRED`); what cannot mean the same here is refused with what to say instead.
    ///
    /// Of a Go DSN's parameters `tls` counts, and `time_zone` where the table's expiry is a
    /// TIMESTAMP; what Go's driver would set as a variable of the server is set here too, but for
    /// those that the store sets itself; the others are Go's own. With a `loc` that is not UTC Go
    /// itself stores expiries that no other program can know of: do without it there.
    ///
    /// A table of SCS or beego is used as it is, and [`check`](Store::check) says what is dangerous
    /// about it. On MyISAM each write of one session is done or not done, as everywhere, but what
    /// was answered can be lost when the server crashes.
    ///
    /// # Errors
    /// `InvalidArgument` when the URL or an option in it is not understood. The server is not
    /// asked yet.
    pub fn open(url: &str) -> Result<Self> {
        Store::open_with(url, Options::new())
    }

    /// The same with options, which overrule those in the URL.
    ///
    /// # Errors
    /// As [`open`](Store::open).
    pub fn open_with(url: &str, options: Options) -> Result<Self> {
        let beego = BeegoConfig::of(url).transpose()?;
        let place = beego.as_ref().map_or(url, |config| &config.data_source);
        let (location, in_url) = parse(place)?;
        let configured = beego.as_ref().map(BeegoConfig::options).unwrap_or_default();
        let options = options.over(in_url.over(configured));
        options.check(&location)?;
        let inner = Inner {
            location,
            beego,
            rules: Validator::new(&options),
            options,
            backend: PerProcess::new(),
            closed: AtomicBool::new(false),
            cleaner: PerProcess::new(),
            cleanup_stopped: AtomicBool::new(false),
        };
        Ok(Store(Arc::new(inner), None))
    }

    /// Where the store is, without login: `memory:` or `mysql://host:3306/database`.
    pub fn location(&self) -> String {
        self.0.location.to_string()
    }

    pub(crate) fn beego(&self) -> Option<&BeegoConfig> {
        self.0.beego.as_ref()
    }

    /// The same store, whose operations are answered by this instant, if that is sooner than the
    /// `timeout` option says.
    #[doc(hidden)]
    pub fn until(&self, latest: Instant) -> Self {
        Store(Arc::clone(&self.0), Some(latest))
    }

    /// Whether its operations should have been answered.
    pub(crate) fn is_late(&self) -> bool {
        self.1.is_some_and(|latest| Instant::now() > latest)
    }

    /// The longest time an operation takes to be answered.
    pub fn timeout(&self) -> std::time::Duration {
        self.0.options.deadline()
    }

    /// Starts a verb. What needs no waiting (everything in memory, and whatever is refused) is
    /// answered by the return value; everything else through the reply, which is asked for then.
    ///
    /// The typed methods of this handle and of [`blocking::Store`] are
    /// this and a way to wait.
    pub fn start(
        &self,
        request: Request<'_>,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        if self.0.closed.load(Ordering::Relaxed) {
            return Some(Err(Error::closed()));
        }
        if let Request::Find(target) = request
            && let Some(found) = self.find_at_once(target)
        {
            return Some(found.map(Answer::Found));
        }
        let command = match self.0.rules.step(request) {
            Ok(Plan::Run(command)) => command,
            Ok(Plan::MigrateFrom(origin)) => return self.0.migrate_from(&self.0, origin, reply),
            Ok(Plan::Answer(answer)) => return Some(Ok(answer)),
            Ok(Plan::Many(commands, combine)) => return self.start_many(&commands, combine, reply),
            Err(error) => return Some(Err(error)),
        };
        self.0.run(&self.0, command, self.1, reply)
    }

    /// [`find`](Store::find) in memory, a fifth faster for taking no detour over requests. `None`
    /// means that it has to be [`start`](Store::start)ed.
    #[inline]
    pub fn find_at_once(&self, target: Target<'_>) -> Option<Result<Option<Record>>> {
        match self.0.backend.get() {
            Some(AnyBackend::Memory(_)) if self.0.closed.load(Ordering::Relaxed) => {
                Some(Err(Error::closed()))
            }
            Some(AnyBackend::Memory(memory)) => {
                // By reference: moving what was written a moment ago makes the processor wait.
                Some(Ok(self.0.rules.id(target).as_ref().and_then(|id| memory.find(id))))
            }
            Some(AnyBackend::MySql(_)) | None => None,
        }
    }

    /// Each part is an operation like any other, so it is batched with all others.
    fn start_many(
        &self,
        steps: &[Plan<'_>],
        combine: Combine,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        let gather = Arc::new(Join::new(steps.len()));
        let mut parts = Vec::with_capacity(steps.len());
        for (place, step) in steps.iter().enumerate() {
            match step {
                Plan::Run(command) => parts.push((place, *command)),
                Plan::Answer(answer) => gather.put(place, Ok(answer.clone())),
                Plan::Many(..) | Plan::MigrateFrom(_) => {
                    gather.put(place, Err(Error::internal("a bulk call within a bulk call")));
                }
            }
        }
        match self.0.place(&self.0) {
            Ok(AnyBackend::Memory(memory)) => memory.start_many(parts, &gather),
            Ok(AnyBackend::MySql(engine)) => engine.start_many(parts, &gather),
            Err(closed) => return Some(Err(closed)),
        }
        gather.finish(combine, reply)
    }

    /// Starts a command that is no verb of the store: see `ended`.
    pub(crate) fn start_command(
        &self,
        command: Command<'_>,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        self.0.run(&self.0, command, self.1, reply)
    }

    pub(crate) fn id(&self, target: Target<'_>) -> Option<Id> {
        self.0.rules.id(target)
    }

    pub(crate) fn new_id(&self, target: Target<'_>) -> Result<Id> {
        self.0.rules.new_id(target)
    }

    pub(crate) fn row<'a>(&self, content: Content<'a>) -> Result<Row<'a>> {
        self.0.rules.row(content)
    }

    #[cfg(test)]
    pub(crate) async fn call(&self, request: Request<'_>) -> Result<Answer> {
        crate::store::faults::around(self.answer(request)).await
    }

    #[cfg(not(test))]
    pub(crate) fn call<'a>(
        &'a self,
        request: Request<'a>,
    ) -> impl Future<Output = Result<Answer>> + Send + 'a {
        self.answer(request)
    }

    fn answer<'a>(&'a self, request: Request<'a>) -> AnswerFuture<'a> {
        AnswerFuture { store: self, phase: AnswerPhase::Request(request) }
    }

    /// A command that no program can ask for.
    fn answer_command<'a>(&'a self, command: Command<'a>) -> AnswerFuture<'a> {
        AnswerFuture { store: self, phase: AnswerPhase::Command(command) }
    }

    /// Ends the background cleanup of this store in this process and waits for a round that is
    /// running. Idempotent; nothing starts it again.
    pub fn stop_cleanup(&self) {
        self.0.cleanup_stopped.store(true, Ordering::Relaxed);
        if let Some(cleaner) = self.0.cleaner.get() {
            cleaner.stop();
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.0.options.clock.now()
    }

    /// What this store has done in this process.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        match self.0.backend.get() {
            Some(AnyBackend::Memory(memory)) => memory.count(&mut stats),
            Some(AnyBackend::MySql(engine)) => engine.count(&mut stats),
            None => {}
        }
        if let Some(cleaner) = self.0.cleaner.get() {
            cleaner.count(&mut stats);
        }
        stats
    }

    /// Refuses new operations, finishes those in flight, and lets go of connections and memory.
    /// Idempotent; takes at most the `timeout` option.
    pub async fn close(&self) {
        let (send, receive) = oneshot::channel();
        self.close_with(move || {
            let _ = send.send(());
        });
        // An error means that the runtime was shut down, and then everything is closed as well.
        let _ = receive.await;
    }

    /// The same, calling `finished` from any thread when it is done.
    pub fn close_with(&self, finished: impl FnOnce() + Send + 'static) {
        self.0.closed.store(true, Ordering::Relaxed);
        self.0.cleanup_stopped.store(true, Ordering::Relaxed);
        if let Some(cleaner) = self.0.cleaner.get() {
            cleaner.ask_to_stop();
        }
        match self.0.backend.get() {
            Some(AnyBackend::Memory(memory)) => memory.close(Box::new(finished)),
            Some(AnyBackend::MySql(engine)) => engine.close(Box::new(finished)),
            None => finished(),
        }
    }
}

/// The answer to a request, which starts when this is first polled.
///
/// Not an async block: that keeps room for the request, its copy and the answer side by side, and
/// the future of a commit, which holds this one, has to fit into a small allocation.
struct AnswerFuture<'a> {
    store: &'a Store,
    phase: AnswerPhase<'a>,
}

enum AnswerPhase<'a> {
    Request(Request<'a>),
    Command(Command<'a>),
    Waiting(oneshot::Receiver<Result<Answer>>),
    Answered,
}

impl Future for AnswerFuture<'_> {
    type Output = Result<Answer>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Answer>> {
        let this = &mut *self;
        let mut waiting = None;
        let reply = || Reply::waited_for(&mut waiting);
        // Answered already, unless it waits: a future that is polled once too often must not send a
        // write again.
        let now = match std::mem::replace(&mut this.phase, AnswerPhase::Answered) {
            AnswerPhase::Request(request) => this.store.start(request, reply),
            AnswerPhase::Command(command) => this.store.start_command(command, reply),
            AnswerPhase::Waiting(receiver) => {
                waiting = Some(receiver);
                None
            }
            AnswerPhase::Answered => None,
        };
        if let Some(answer) = now {
            return Poll::Ready(answer);
        }
        let Some(mut receiver) = waiting else {
            return Poll::Ready(Err(Error::internal("a request has no answer, or was answered")));
        };
        match Pin::new(&mut receiver).poll(context) {
            Poll::Ready(answer) => {
                Poll::Ready(answer.unwrap_or_else(|_| Err(Error::internal("no answer arrived"))))
            }
            Poll::Pending => {
                this.phase = AnswerPhase::Waiting(receiver);
                Poll::Pending
            }
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.0.location)
    }
}

impl Inner {
    /// `this` is the `Arc` around `self`, for the cleaner to hold weakly.
    pub(crate) fn run(
        &self,
        this: &Arc<Inner>,
        command: Command<'_>,
        until: Option<Instant>,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        match self.place(this) {
            Ok(AnyBackend::Memory(memory)) => memory.start(command, until, reply),
            Ok(AnyBackend::MySql(engine)) => engine.start(command, until, reply),
            Err(closed) => Some(Err(closed)),
        }
    }

    fn migrate_from(
        &self,
        this: &Arc<Inner>,
        origin: SourceLibrary,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        match self.place(this) {
            Ok(AnyBackend::Memory(memory)) => memory.migrate_from(origin, reply),
            Ok(AnyBackend::MySql(engine)) => engine.migrate_from(origin, reply),
            Err(closed) => Some(Err(closed)),
        }
    }

    #[inline]
    fn place(&self, this: &Arc<Inner>) -> Result<&AnyBackend> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(Error::closed());
        }
        if self.cleaner.get().is_none() {
            self.start_cleanup(this);
        }
        Ok(self.backend.get_or_init(|| match &self.location {
            Location::Memory => AnyBackend::Memory(Memory::new(&self.options)),
            Location::MySql(server) => AnyBackend::MySql(Engine::new(server, &self.options)),
        }))
    }

    /// One round of the background cleanup, on the cleanup's thread: how many it removed.
    fn delete_expired(self: Arc<Self>, limit: usize) -> Result<u64> {
        let parcel = BlockingOneshot::new();
        let command = Command::DeleteExpired(CleanupRound { limit, exclusive: true });
        let answer = self.run(&self, command, None, || {
            let parcel = parcel.clone();
            Reply::new(move |answer| parcel.deliver(answer))
        });
        let Answer::Count(removed) = answer.unwrap_or_else(|| parcel.wait())? else {
            return Err(Error::internal("cleanup was answered with something else than a count"));
        };
        Ok(removed)
    }

    fn start_cleanup(&self, this: &Arc<Inner>) {
        if self.cleanup_stopped.load(Ordering::Relaxed) {
            return;
        }
        if let Some(interval) = self.options.cleans_every() {
            // Weak: the thread must not keep a store open that its program has dropped.
            let store = Arc::downgrade(this);
            let round = move |limit| Some(store.upgrade()?.delete_expired(limit));
            self.cleaner.get_or_init(|| Cleaner::start(round, interval));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::protocol::clock::Expiry;
    use crate::protocol::error::ErrorKind;

    #[test]
    fn an_answer_that_is_asked_for_twice_does_nothing_twice() {
        let store = Store::open("memory:").unwrap();
        let content = Content::new(b"x", Expiry::Never);
        let mut answer = store.answer(Request::Insert(Target::from("a"), content));
        let mut poll = || Pin::new(&mut answer).poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(poll(), Poll::Ready(Ok(Answer::Done))));
        // Sent again it would say `AlreadyExists`.
        let Poll::Ready(Err(error)) = poll() else { panic!("it was answered again") };
        assert_eq!(error.kind(), ErrorKind::Internal);
    }
}
