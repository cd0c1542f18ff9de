//! The public handle: checks arguments, finds the backend of this process, hands over.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;

use crate::backend::{self, Backend, Command, Round, Row, Write};
use crate::cleanup::Cleaner;
use crate::clock::Expiry;
use crate::error::{Error, ErrorKind, Result};
use crate::fork::PerProcess;
use crate::gather::{Combine, Gather, combine_count, combine_found};
use crate::limits::{MAX_MANY, MAX_PAGE, MAX_ROUND, check_limit, check_subject, no_token};
use crate::memory::Memory;
use crate::mysql::Engine;
use crate::operation::{Answer, Reply, Request};
use crate::options::Options;
use crate::record::{Content, Outcome, Record, Stats};
use crate::token::{Id, Key, Target};
use crate::url::{self, Location};

/// Sessions, in MySQL or in memory. Cloning is cheap, and clones are one store.
///
/// Opening connects to nothing and starts nothing: the first operation does. Every operation is
/// answered within the `timeout` option, waiting and connecting included. Futures may be polled on
/// any executor; dropping one loses the answer, never the write. A store works on in a forked
/// child, with connections of its own; a memory store starts empty there.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

pub(crate) struct Inner {
    location: Location,
    options: Options,
    /// Copied out, because every operation reads it.
    hash_tokens: bool,
    plain_width: usize,
    backend: PerProcess<Place>,
    closed: AtomicBool,
    cleaner: PerProcess<Cleaner>,
    cleanup_stopped: AtomicBool,
}

enum Place {
    Memory(Memory),
    MySql(Engine),
}

impl Store {
    /// A store with the options that the URL carries: `memory:`,
    /// `mysql://user:password@host:3306/database?table=sessions`, the same with several hosts
    /// (`a:3306,b:3306`, tried in this order), or a Go DSN
    /// (`user:password@tcp(host:3306)/database`).
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
        let (location, in_url) = url::parse(url)?;
        let options = options.over(in_url);
        options.check(&location)?;
        Ok(Store(Arc::new(Inner {
            location,
            hash_tokens: options.hashes_tokens(),
            plain_width: options.plain_width(),
            options,
            backend: PerProcess::new(),
            closed: AtomicBool::new(false),
            cleaner: PerProcess::new(),
            cleanup_stopped: AtomicBool::new(false),
        })))
    }

    /// Where the store is, without login: `memory:` or `mysql://host:3306/database`.
    pub fn location(&self) -> String {
        self.0.location.to_string()
    }

    /// The longest time an operation takes to be answered.
    pub fn timeout(&self) -> std::time::Duration {
        self.0.options.deadline()
    }

    /// Starts a verb. What needs no waiting (everything in memory, and whatever is refused) is
    /// answered by the return value; everything else through the reply, which is asked for then.
    ///
    /// The typed methods of this handle and of [`blocking::Store`](crate::blocking::Store) are
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
        let command = match self.command(request) {
            Ok(Step::Run(command)) => command,
            Ok(Step::Answer(answer)) => return Some(Ok(answer)),
            Ok(Step::Many(commands, combine)) => return self.start_many(&commands, combine, reply),
            Err(error) => return Some(Err(error)),
        };
        self.0.run(&self.0, command, reply)
    }

    /// [`find`](Store::find) in memory, a fifth faster for taking no detour over requests. `None`
    /// means that it has to be [`start`](Store::start)ed.
    #[inline]
    pub fn find_at_once(&self, target: Target<'_>) -> Option<Result<Option<Record>>> {
        match self.0.backend.get() {
            Some(Place::Memory(_)) if self.0.closed.load(Ordering::Relaxed) => {
                Some(Err(Error::closed()))
            }
            Some(Place::Memory(memory)) => {
                // By reference: moving what was written a moment ago makes the processor wait.
                Some(Ok(self.id(target).as_ref().and_then(|id| memory.find(id))))
            }
            Some(Place::MySql(_)) | None => None,
        }
    }

    #[inline]
    fn id(&self, target: Target<'_>) -> Option<Id> {
        Id::of(target, self.0.hash_tokens, self.0.plain_width)
    }

    /// For writes that would bring a token into the store.
    fn new_id(&self, target: Target<'_>) -> Result<Id> {
        self.id(target).ok_or_else(|| no_token(self.0.plain_width))
    }

    fn row<'a>(&self, content: Content<'a>) -> Result<Row<'a>> {
        let limit = self.0.options.data_limit();
        if content.data.len() > limit {
            let message = format!(
                "{} bytes of session data are over the limit of {limit}; store less, or raise \
                 max_data",
                content.data.len(),
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        content.subject.map_or(Ok(()), |subject| {
            if subject.is_empty() { Ok(()) } else { check_subject(subject) }
        })?;
        let expires_at = self.resolve(content.expires_at);
        Ok(Row { data: content.data, expires_at, subject: content.subject, met: content.met })
    }

    fn resolve(&self, expiry: Expiry) -> i64 {
        match expiry {
            Expiry::After(_) => expiry.resolve(self.0.options.clock.now()),
            Expiry::Never | Expiry::At(_) => expiry.resolve(0),
        }
    }

    fn command<'a>(&self, request: Request<'a>) -> Result<Step<'a>> {
        let none_found = Step::Answer(Answer::Found(None));
        let no = Step::Answer(Answer::Is(false));
        let gone = Step::Answer(Answer::Wrote(Outcome::Gone));
        let write = |target, otherwise: Step<'a>, write: Write<'a>| {
            Ok(self.id(target).map_or(otherwise, |id| Step::Run(Command::Write(id, write))))
        };
        let store =
            |target, write: Write<'a>| Ok(Step::Run(Command::Write(self.new_id(target)?, write)));
        match request {
            Request::Find(target) => {
                Ok(self.id(target).map_or(none_found, |id| Step::Run(Command::Find(id))))
            }
            Request::Exists(target) => {
                Ok(self.id(target).map_or(no, |id| Step::Run(Command::Exists(id))))
            }
            Request::Save(target, content) => store(target, Write::Save(self.row(content)?)),
            Request::Insert(target, content) => store(target, Write::Insert(self.row(content)?)),
            Request::Update(target, content) => {
                write(target, gone, Write::Update(self.row(content)?))
            }
            Request::Replace(target, expected, content) => {
                write(target, gone, Write::Replace(expected, self.row(content)?))
            }
            Request::Touch(target, expiry) => {
                write(target, gone, Write::Touch(self.resolve(expiry)))
            }
            Request::Delete(target) => write(target, no, Write::Delete),
            Request::Rename(old, new, content) => {
                let new = self.new_id(new)?;
                let row = content.map(|content| self.row(content)).transpose()?;
                Ok(self.id(old).map_or(gone, |old| Step::Run(Command::Rename(old, new, row))))
            }
            Request::FindMany(targets) => {
                let find = |target: &Target<'a>| self.command(Request::Find(*target));
                many(targets, find, combine_found)
            }
            Request::SaveMany(rows) => {
                let save = |(target, content): &(Target<'a>, Content<'a>)| {
                    self.command(Request::Save(*target, *content))
                };
                many(rows, save, |_| Answer::Done)
            }
            Request::DeleteMany(targets) => {
                let delete = |target: &Target<'a>| self.command(Request::Delete(*target));
                many(targets, delete, combine_count)
            }
            Request::Count => Ok(Step::Run(Command::Count)),
            Request::List(after, limit) => Ok(Step::Run(list(None, after, limit)?)),
            Request::ListSubject(subject, after, limit) => {
                check_subject(subject)?;
                Ok(Step::Run(list(Some(subject), after, limit)?))
            }
            Request::DeleteSubject(subject, keep) => {
                check_subject(subject)?;
                let keep = keep.and_then(|target| self.id(target));
                Ok(Step::Run(Command::DeleteSubject(subject, keep)))
            }
            Request::DeleteExpired(limit) => {
                check_limit(limit, MAX_ROUND)?;
                Ok(Step::Run(Command::DeleteExpired(Round { limit, exclusive: false })))
            }
            Request::Migrate => Ok(Step::Run(Command::Migrate)),
            Request::Check => Ok(Step::Run(Command::Check)),
            Request::Ping => Ok(Step::Run(Command::Ping)),
        }
    }

    /// Each part is an operation like any other, so it is batched with everybody's.
    fn start_many(
        &self,
        steps: &[Step<'_>],
        combine: Combine,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        let gather = Arc::new(Gather::new(steps.len()));
        for (index, step) in steps.iter().enumerate() {
            let later = || {
                let gather = Arc::clone(&gather);
                Reply::new(move |answer| gather.put(index, answer))
            };
            let now = match step {
                Step::Answer(answer) => Some(Ok(answer.clone())),
                Step::Run(command) => self.0.run(&self.0, *command, later),
                Step::Many(..) => Some(Err(Error::internal("a bulk call within a bulk call"))),
            };
            if let Some(answer) = now {
                gather.put(index, answer);
            }
        }
        gather.finish(combine, reply)
    }

    pub(crate) async fn call(&self, request: Request<'_>) -> Result<Answer> {
        let mut waiting = None;
        let now = self.start(request, || {
            let (send, receive) = oneshot::channel();
            waiting = Some(receive);
            // A receiver that is gone has been dropped by its caller: the answer is not wanted.
            Reply::new(move |answer| drop(send.send(answer)))
        });
        match (now, waiting) {
            (Some(answer), _) => answer,
            (None, Some(receive)) => {
                receive.await.unwrap_or_else(|_| Err(Error::internal("no answer arrived")))
            }
            (None, None) => Err(Error::internal("an operation took no reply and gave no answer")),
        }
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
            Some(Place::Memory(memory)) => memory.count(&mut stats),
            Some(Place::MySql(engine)) => engine.count(&mut stats),
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
            Some(Place::Memory(memory)) => memory.close(Box::new(finished)),
            Some(Place::MySql(engine)) => engine.close(Box::new(finished)),
            None => finished(),
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
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        if self.closed.load(Ordering::Relaxed) {
            return Some(Err(Error::closed()));
        }
        if self.cleaner.get().is_none() {
            self.start_cleanup(this);
        }
        let place = self.backend.get_or_init(|| match &self.location {
            Location::Memory => Place::Memory(Memory::new(&self.options)),
            Location::MySql(server) => Place::MySql(Engine::new(server, &self.options)),
        });
        match place {
            Place::Memory(memory) => memory.start(command, reply),
            Place::MySql(engine) => engine.start(command, reply),
        }
    }

    fn start_cleanup(&self, this: &Arc<Inner>) {
        if self.cleanup_stopped.load(Ordering::Relaxed) {
            return;
        }
        if let Some(interval) = self.options.cleans_every() {
            self.cleaner.get_or_init(|| Cleaner::start(Arc::downgrade(this), interval));
        }
    }
}

/// What a checked request has become.
enum Step<'a> {
    Run(Command<'a>),
    /// Known without asking: no stored session can have such a token.
    Answer(Answer),
    Many(Vec<Step<'a>>, Combine),
}

/// Checks every part before any is started.
fn many<'a, T>(
    parts: &[T],
    step: impl Fn(&T) -> Result<Step<'a>>,
    combine: Combine,
) -> Result<Step<'a>> {
    if parts.len() > MAX_MANY {
        return Err(Error::invalid(format!("at most {MAX_MANY} sessions in one call")));
    }
    Ok(Step::Many(parts.iter().map(step).collect::<Result<_>>()?, combine))
}

fn list<'a>(subject: Option<&'a str>, after: Option<&Key>, limit: usize) -> Result<Command<'a>> {
    check_limit(limit, MAX_PAGE)?;
    Ok(Command::List(backend::Page { subject, after: after.copied(), limit }))
}
