//! What is known of a session during one request: its phase, and what is still to be done. What
//! happens to it is said here, without asking the store or the clock.

use std::sync::Arc;

use crate::codec::{Codec, DecodedDocument};
use crate::protocol::clock::{NEVER, Timestamp};
use crate::protocol::error::Result;
use crate::protocol::record::{Data, Record};
use crate::protocol::token::{Key, Target};
use crate::value::{Map, Value};

use super::changes::Deadline;
use super::expiry::{Touch, idle_of, instant, new_deadline};
use super::operations::Operation;
use super::pending::{Chooser, Chosen, PendingChanges};
use super::settings::SessionOptions;

/// Which stored session it is.
#[derive(Clone, PartialEq)]
pub(super) enum SessionRef {
    /// By what the client sent, or will be sent.
    Token(Arc<str>),
    /// By what is listed.
    Key(Key),
}

impl SessionRef {
    pub(super) fn of(token: &str) -> Self {
        SessionRef::Token(token.into())
    }

    /// No token of a session is other than text, or empty.
    pub(super) fn named(target: Target<'_>) -> Option<Self> {
        match target {
            Target::Token(token) => {
                let text = std::str::from_utf8(token).ok();
                text.filter(|text| !text.is_empty()).map(SessionRef::of)
            }
            Target::Key(key) => Some(SessionRef::Key(*key)),
        }
    }

    pub(super) fn target(&self) -> Target<'_> {
        match self {
            SessionRef::Token(token) => Target::from(&**token),
            SessionRef::Key(key) => Target::Key(key),
        }
    }

    pub(super) fn token(&self) -> Option<&str> {
        match self {
            SessionRef::Token(token) => Some(token),
            SessionRef::Key(_) => None,
        }
    }
}

/// What the store had.
#[derive(Clone)]
pub(super) struct LoadedRecord {
    pub(super) who: SessionRef,
    pub(super) data: Data,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) subject: Option<Box<str>>,
}

/// Where a session is in its life, as this request sees it.
pub(super) enum Phase {
    /// It was never stored.
    New {
        /// Tokens that the request came with and that the store does not know: they never lived,
        /// or have ended. Empty once it is known that they did not end a moment ago.
        brought: Vec<String>,
        /// The session that the request came with, if this process cannot read it.
        unreadable: Option<SessionRef>,
    },
    /// The store may have one of these; it was not asked yet.
    NotLoaded(Arc<[SessionRef]>),
    Loaded(Arc<LoadedRecord>),
    Ended(Ending),
}

/// By whom a session has ended.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Ending {
    /// By this request. What is put in from now on makes a new session.
    Here,
    /// By another request, which may have given the client a newer cookie: from now on nothing is
    /// stored and no cookie is sent.
    Elsewhere,
}

/// Whether there is something to commit; the values are SCS's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing was changed since it was loaded or committed.
    Unmodified,
    /// Something was.
    Modified,
    /// It was ended; nothing was put into it since.
    Destroyed,
}

impl Status {
    /// Its name, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Status::Unmodified => "unmodified",
            Status::Modified => "modified",
            Status::Destroyed => "destroyed",
        }
    }
}

/// How much larger a session is than its bytes, with these, more or less: most of its values are
/// kept as they were read.
const DECODED: usize = 4;

pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) pending: PendingChanges,
    /// As the request sees it: what was stored, and its own changes. Of what is not loaded only the
    /// changes.
    pub(super) document: Arc<DecodedDocument>,
    /// What earlier requests left, and whether this one has read it.
    flash: Map,
    flash_is_read: bool,
    /// How many answers have carried a cookie.
    cookies: u64,
    /// It is not the session of the client that sent the request: nothing about it is for that
    /// client's cookies.
    pub(super) listed: bool,
    /// Something that was to be done to a value did not fit what turned out to be there.
    misfits: bool,
    /// Something of it was told, or is to be written: what was only loaded was not shown to anyone.
    was_looked_at: bool,
}

/// What a commit has to do.
pub(super) enum NextStep {
    /// Of something that is to be written in the place of these.
    AskWhetherEnded(Vec<String>),
    Gone {
        modified: bool,
    },
    Write,
    Leave,
}

/// What a commit writes: what was pending, and what is stored of it.
pub(super) struct CommitWork {
    pub(super) pending: PendingChanges,
    pub(super) document: Arc<DecodedDocument>,
    /// `None` for a new session.
    pub(super) base: Option<Arc<LoadedRecord>>,
    pub(super) listed: bool,
    /// Another request has changed it since, and its own copy is to replace that.
    pub(super) overwrites: bool,
    /// Some change may not fit what is stored: it is missing in the document.
    pub(super) misfits: bool,
}

impl State {
    /// Of the session of one of these, or of none.
    pub(super) fn new(candidates: Arc<[SessionRef]>, options: &SessionOptions, now: i64) -> Self {
        State {
            listed: candidates.iter().any(|who| matches!(who, SessionRef::Key(_))),
            phase: match candidates.is_empty() {
                true => Phase::New { brought: Vec::new(), unreadable: None },
                false => Phase::NotLoaded(candidates),
            },
            pending: PendingChanges::default(),
            document: Arc::new(empty(options, now)),
            flash: Map::new(),
            flash_is_read: false,
            cookies: 0,
            misfits: false,
            was_looked_at: false,
        }
    }

    /// Whether a commit has to change the store.
    pub(super) fn is_modified(&self) -> bool {
        match self.phase {
            Phase::New { .. } | Phase::Ended(Ending::Here) => self.pending.puts_something_in(),
            // It may turn out to be new.
            Phase::NotLoaded(_) => self.pending.changes_something() || self.pending.stores_empty,
            Phase::Loaded(_) | Phase::Ended(Ending::Elsewhere) => self.pending.changes_something(),
        }
    }

    pub(super) fn status(&self) -> Status {
        match (self.is_modified() || self.pending.cookie.is_some(), &self.phase) {
            (true, _) => Status::Modified,
            (false, Phase::Ended(Ending::Here)) => Status::Destroyed,
            (
                false,
                Phase::New { .. }
                | Phase::NotLoaded(_)
                | Phase::Loaded(_)
                | Phase::Ended(Ending::Elsewhere),
            ) => Status::Unmodified,
        }
    }

    pub(super) fn stored(&self) -> Option<&LoadedRecord> {
        self.shared().map(|stored| &**stored)
    }

    pub(super) fn shared(&self) -> Option<&Arc<LoadedRecord>> {
        match &self.phase {
            Phase::Loaded(stored) => Some(stored),
            Phase::New { .. } | Phase::NotLoaded(_) | Phase::Ended(_) => None,
        }
    }

    /// Which session it is, as far as is known.
    pub(super) fn who(&self) -> Option<&SessionRef> {
        match &self.phase {
            Phase::Loaded(stored) => Some(&stored.who),
            Phase::NotLoaded(candidates) => candidates.first(),
            Phase::New { .. } | Phase::Ended(_) => None,
        }
    }

    /// The sessions to ask the store for, if it was not asked yet.
    pub(super) fn candidates(&self) -> Option<&Arc<[SessionRef]>> {
        match &self.phase {
            Phase::NotLoaded(candidates) => Some(candidates),
            Phase::New { .. } | Phase::Loaded(_) | Phase::Ended(_) => None,
        }
    }

    pub(super) fn mark_read(&mut self) {
        self.was_looked_at = true;
    }

    /// Whether what the program answers may depend on the cookie that it came by.
    pub(super) fn was_read(&self) -> bool {
        self.was_looked_at && !self.listed
    }

    /// The store has none of them: it is new, and the tokens that were brought are not adopted.
    pub(super) fn found_nothing(&mut self, options: &SessionOptions, now: i64) {
        let brought = self.candidates().into_iter().flat_map(|candidates| candidates.iter());
        let brought = brought.filter_map(SessionRef::token).map(str::to_owned).collect();
        self.is_new(Phase::New { brought, unreadable: None }, options, now);
    }

    /// There is one that cannot be read, and the request gets a new one.
    pub(super) fn found_unreadable(&mut self, who: SessionRef, options: &SessionOptions, now: i64) {
        let unreadable = Some(who);
        self.is_new(Phase::New { brought: Vec::new(), unreadable }, options, now);
    }

    fn is_new(&mut self, phase: Phase, options: &SessionOptions, now: i64) {
        self.phase = phase;
        self.pending.changes.forget_removals();
        self.build(empty(options, now));
    }

    /// False where its deadline has passed, which is as if it were not there.
    pub(super) fn found(
        &mut self,
        who: SessionRef,
        record: Record,
        options: &SessionOptions,
        now: i64,
    ) -> Result<bool> {
        let document = decode(&record, options, now)?;
        if has_passed(&document, now) {
            return Ok(false);
        }
        let Record { data, expires_at, subject } = record;
        self.phase = Phase::Loaded(Arc::new(LoadedRecord { who, data, expires_at, subject }));
        self.flash = document.flash.clone();
        self.build(document);
        Ok(true)
    }

    fn build(&mut self, mut document: DecodedDocument) {
        // What does not fit is the commit's to say.
        self.misfits = self.pending.changes.apply(&mut document).is_err();
        self.document = Arc::new(document);
    }

    pub(super) fn size(&self) -> usize {
        self.stored().map_or(0, |stored| stored.data.len() * DECODED)
    }

    /// To be changed. A commit that is under way keeps what it writes.
    fn document(&mut self) -> &mut DecodedDocument {
        Arc::make_mut(&mut self.document)
    }

    fn is_loaded(&self) -> bool {
        self.candidates().is_none()
    }

    pub(super) fn put(&mut self, key: &str, value: Value) {
        // What is not known yet is built from the changes.
        if self.is_loaded() {
            self.document().values.insert(key.to_owned(), value.clone());
        }
        self.pending.changes.put(key.to_owned(), value);
    }

    /// Whether it was a change. Of a session that was looked at.
    pub(super) fn put_if_changed(&mut self, key: &str, value: Value) -> Result<bool> {
        let changed = !self.document.values.has(key, &value)?;
        if changed {
            self.put(key, value);
        }
        Ok(changed)
    }

    /// It is to hold these values and no others: what differs is a change. Of a session that was
    /// looked at.
    pub(super) fn assign(&mut self, values: Map) -> Result<()> {
        let there = &self.document.values;
        let gone = there.keys().filter(|key| !values.contains_key(*key)).cloned();
        let gone: Vec<String> = gone.collect();
        let is_news = |(key, value): (String, Value)| match there.has(&key, &value) {
            Ok(true) => None,
            Ok(false) => Some(Ok((key, value))),
            Err(error) => Some(Err(error)),
        };
        // All of it is known before anything is noted.
        let news: Vec<(String, Value)> =
            values.into_iter().filter_map(is_news).collect::<Result<_>>()?;
        gone.iter().for_each(|key| self.remove(key));
        news.into_iter().for_each(|(key, value)| self.put(&key, value));
        Ok(())
    }

    pub(super) fn operate(&mut self, key: &str, operation: Operation) -> Result<()> {
        if self.is_loaded() {
            let value = operation.apply(key, self.document.values.get(key)?.as_ref())?;
            self.document().values.insert(key.to_owned(), value);
        }
        self.pending.changes.operate(key, operation)
    }

    pub(super) fn remove(&mut self, key: &str) {
        let there = self.document.values.contains_key(key);
        if there {
            self.document().values.remove(key);
        }
        if there || !self.is_loaded() {
            self.pending.changes.remove(key.to_owned());
        }
    }

    pub(super) fn clear(&mut self) {
        let empty = self.document.values.is_empty() && self.document.flash.is_empty();
        if !empty || !self.is_loaded() {
            self.document().values.clear();
            self.document().flash.clear();
            self.pending.changes.clear();
        }
    }

    pub(super) fn flash(&mut self, key: &str, value: Value) {
        self.document().flash.insert(key.to_owned(), value.clone());
        self.pending.changes.flash(key.to_owned(), value);
    }

    /// What earlier requests left: from now on they are read. Those of a listed session are its
    /// owner's.
    pub(super) fn read_flashes(&mut self) -> Map {
        if !self.listed && !self.flash_is_read && !self.flash.is_empty() {
            let flash = self.flash.clone();
            self.document().flash.retain(|key, value| flash.get(key) != Some(value));
            self.pending.changes.saw(&flash);
            self.flash_is_read = true;
        }
        self.flash.clone()
    }

    pub(super) fn set_deadline(&mut self, deadline: i64) {
        self.move_deadline(Deadline { at: Some(deadline), fixed: true });
    }

    fn move_deadline(&mut self, deadline: Deadline) {
        let document = self.document();
        (document.deadline, document.fixed) = (deadline.at, deadline.fixed);
        self.pending.changes.set_deadline(deadline);
    }

    /// Its end is to be moved by this use of it.
    pub(super) fn touch(&mut self, options: &SessionOptions, now: i64) {
        let touch = Touch::new(options, now);
        if self.is_loaded() {
            touch.apply(self.document());
        }
        self.pending.changes.touch(touch);
    }

    pub(super) fn set_remember(&mut self, remember: bool) {
        self.document().remember = Some(remember);
        self.pending.changes.set_remember(remember);
    }

    pub(super) fn set_idle(&mut self, idle: Option<i64>) {
        self.document().idle = idle;
        self.pending.changes.set_idle(idle);
    }

    pub(super) fn set_extra(&mut self, name: &str, value: Option<Value>) {
        match value.clone() {
            Some(value) => drop(self.document().extra.insert(name.to_owned(), value)),
            None if self.document.extra.contains_key(name) => {
                self.document().extra.remove(name);
            }
            None if self.is_loaded() => return,
            None => {}
        }
        self.pending.changes.set_extra(name.to_owned(), value);
    }

    pub(super) fn subject(&self) -> Option<&str> {
        let tried = self.pending.tried.as_ref().and_then(|tried| tried.subject.as_deref());
        let stored = self.stored().and_then(|stored| stored.subject.as_deref());
        let subject = self.pending.subject.as_deref().or(tried).or(stored);
        subject.filter(|subject| !subject.is_empty())
    }

    fn has_ended_elsewhere(&self) -> bool {
        matches!(self.phase, Phase::Ended(Ending::Elsewhere))
    }

    /// It is to get a new token. False where another request has ended it.
    pub(super) fn renew(&mut self) -> bool {
        let lives = !self.has_ended_elsewhere();
        self.pending.renews |= lives;
        self.forget_token_of_new();
        lives
    }

    /// It is to start over, under a new token. False where another request has ended it.
    pub(super) fn regenerate(&mut self, options: &SessionOptions, now: i64) -> bool {
        if self.has_ended_elsewhere() {
            return false;
        }
        self.pending.restart(new_deadline(options, now), self.stored().is_some());
        self.forget_token_of_new();
        self.document = Arc::new(empty(options, now));
        (self.flash, self.flash_is_read) = (Map::new(), false);
        true
    }

    /// The token of a session that is not stored yet is renewed by choosing another one.
    fn forget_token_of_new(&mut self) {
        if self.stored().is_none() {
            self.pending.forget_token();
        }
    }

    /// What the client has, or is to get as far as the program was told.
    pub(super) fn token(&self) -> Option<&str> {
        let next = self.pending.token.as_ref().filter(|token| token.by != Chooser::Commit);
        match self.phase {
            Phase::New { .. } | Phase::Ended(Ending::Here) => next.map(|token| &token.text[..]),
            Phase::NotLoaded(_) | Phase::Loaded(_) | Phase::Ended(Ending::Elsewhere) => {
                self.who().and_then(SessionRef::token)
            }
        }
    }

    /// The token under which the next commit stores it, of one that is looked up; none where
    /// that is none, or is not known.
    pub(super) fn ensure_token(&mut self, options: &SessionOptions) -> Result<Option<String>> {
        let keeps_its_own = match self.phase {
            Phase::New { .. } | Phase::Ended(Ending::Here) => false,
            Phase::Loaded(_) => !self.pending.renews,
            Phase::NotLoaded(_) | Phase::Ended(Ending::Elsewhere) => true,
        };
        if keeps_its_own {
            return Ok(self.who().and_then(SessionRef::token).map(str::to_owned));
        }
        let mut next = match self.pending.token.take() {
            Some(chosen) => chosen,
            None => Chosen { text: options.token()?, by: Chooser::Told },
        };
        if next.by == Chooser::Commit {
            next.by = Chooser::Told;
        }
        let text = next.text.clone();
        self.pending.token = Some(next);
        Ok(Some(text))
    }

    /// Takes over what another session holds, which ends when this one is stored.
    pub(super) fn merge(&mut self, token: &str, theirs: &DecodedDocument) {
        for (key, slot) in theirs.values.slots() {
            self.document().values.insert(key.clone(), slot.clone());
            self.pending.changes.put(key.clone(), slot.clone());
        }
        if theirs.deadline > self.document.deadline {
            self.move_deadline(Deadline { at: theirs.deadline, fixed: theirs.fixed });
        }
        self.pending.merged.push(token.to_owned());
    }

    /// It has ended, and this view starts over.
    pub(super) fn ended(&mut self, ending: Ending, options: &SessionOptions, now: i64) {
        let State { listed, cookies, was_looked_at, .. } = *self;
        let over = State::new(Arc::new([]), options, now);
        *self = State { phase: Phase::Ended(ending), listed, cookies, was_looked_at, ..over };
    }

    /// What a commit has to do first.
    pub(super) fn next(&self) -> NextStep {
        let strangers = self.strangers();
        match (&self.phase, self.is_modified()) {
            (_, true) if !strangers.is_empty() => NextStep::AskWhetherEnded(strangers),
            (Phase::Ended(Ending::Elsewhere), modified) => NextStep::Gone { modified },
            (_, true) => NextStep::Write,
            (_, false) => NextStep::Leave,
        }
    }

    /// The tokens that were brought and may have ended a moment ago, where something is to be
    /// written in their place.
    pub(super) fn strangers(&self) -> Vec<String> {
        match &self.phase {
            Phase::New { brought, .. } if self.is_modified() => brought.clone(),
            Phase::New { .. } | Phase::NotLoaded(_) | Phase::Loaded(_) | Phase::Ended(_) => {
                Vec::new()
            }
        }
    }

    /// The tokens that were brought did not end a moment ago.
    pub(super) fn is_unknown(&mut self) {
        if let Phase::New { brought, .. } = &mut self.phase {
            brought.clear();
        }
    }

    /// Everything that is pending, for a commit that is to write it.
    pub(super) fn take(&mut self) -> CommitWork {
        CommitWork {
            pending: std::mem::take(&mut self.pending),
            document: Arc::clone(&self.document),
            base: self.shared().cloned(),
            listed: self.listed,
            overwrites: false,
            misfits: self.misfits,
        }
    }

    /// What was not written is still to be done.
    pub(super) fn restore(&mut self, pending: PendingChanges) {
        let later = std::mem::replace(&mut self.pending, pending);
        self.pending.then(later);
    }

    /// The work is done: the store has this.
    pub(super) fn written(&mut self, work: CommitWork, who: SessionRef, data: Data, expiry: i64) {
        let CommitWork { pending, document, base, .. } = work;
        let before = base.as_ref().map(|base| (&base.who, base.expires_at));
        let expires_at = instant(expiry);
        let news = before != Some((&who, expires_at)) || pending.changes.has_remember();
        let kept = || base.as_ref().and_then(|base| base.subject.clone());
        let subject = pending.subject.map(String::into_boxed_str).or_else(kept);
        self.phase = Phase::Loaded(Arc::new(LoadedRecord { who, data, expires_at, subject }));
        self.document = document;
        self.misfits = false;
        // What was changed while it was written.
        if !self.pending.changes.is_empty() {
            let changes = self.pending.changes.clone();
            self.misfits = changes.apply(self.document()).is_err();
        }
        self.pending.merged.splice(0..0, pending.merged);
        self.pending.cookie = self.pending.cookie.or(pending.cookie);
        self.owe_cookie_if(news);
    }

    /// The store had all of it already.
    pub(super) fn unchanged(&mut self, pending: PendingChanges) {
        self.pending.merged.splice(0..0, pending.merged);
        self.pending.cookie = self.pending.cookie.or(pending.cookie);
    }

    /// A value of this key was taken out of the stored session, or was not there: this is what is
    /// stored now; `moved` says whether that moved its expiry.
    pub(super) fn took(
        &mut self,
        key: &str,
        stored: &LoadedRecord,
        document: &DecodedDocument,
        moved: bool,
    ) {
        self.phase = Phase::Loaded(Arc::new(stored.clone()));
        if self.flash_is_read {
            self.flash.remove(key);
        } else {
            self.flash = document.flash.clone();
        }
        self.build(document.clone());
        self.owe_cookie_if(moved);
    }

    /// Its expiry was moved, and nothing else.
    pub(super) fn touched(&mut self, expiry: i64) {
        if let Phase::Loaded(stored) = &mut self.phase {
            Arc::make_mut(stored).expires_at = instant(expiry);
            self.owe_cookie_if(true);
        }
    }

    /// What the store has where a write was tried whose answer was lost. Where it was done, only
    /// what was noted since is still to be done.
    pub(super) fn learned(
        &mut self,
        found: Option<Record>,
        options: &SessionOptions,
        now: i64,
    ) -> Result<()> {
        let Some(tried) = &self.pending.tried else { return Ok(()) };
        let done = found.as_ref().is_some_and(|record| tried.was_done_as(record));
        let token = tried.token.as_ref().map(|token| SessionRef::of(&token.text));
        let (Some(record), true, Some(who)) = (found, done, token.or_else(|| self.who().cloned()))
        else {
            self.pending.try_again();
            return Ok(());
        };
        let document = decode(&record, options, now)?;
        let Record { data, expires_at, subject } = record;
        self.phase = Phase::Loaded(Arc::new(LoadedRecord { who, data, expires_at, subject }));
        self.pending.tried = None;
        self.pending.token = None;
        // With what other requests had changed when it was done.
        self.build(document);
        self.owe_cookie_if(true);
        Ok(())
    }

    /// Where to look for what was tried.
    pub(super) fn tried(&self) -> Option<SessionRef> {
        let tried = self.pending.tried.as_ref()?;
        let token = tried.token.as_ref().map(|token| SessionRef::of(&token.text));
        token.or_else(|| self.who().cloned())
    }

    /// Whether something was tried under a token that another session may have.
    pub(super) fn tried_as_program_said(&self) -> bool {
        let token = self.pending.tried.as_ref().and_then(|tried| tried.token.as_ref());
        token.is_some_and(|token| token.by == Chooser::Program)
    }

    fn owe_cookie_if(&mut self, news: bool) {
        if news && self.pending.cookie.is_none() {
            self.pending.cookie = Some(self.cookies);
        }
    }

    /// The number of an answer that carries the cookie which is due.
    pub(super) fn carry_cookie(&mut self) -> u64 {
        self.cookies += 1;
        self.pending.cookie = Some(self.cookies);
        self.cookies
    }

    /// The client gets the answer of this number.
    pub(super) fn cookie_was_taken(&mut self, number: u64) {
        self.pending.cookie = self.pending.cookie.filter(|due| *due != number);
    }
}

fn empty(options: &SessionOptions, now: i64) -> DecodedDocument {
    DecodedDocument { deadline: Some(new_deadline(options, now)), ..DecodedDocument::default() }
}

pub(super) fn has_passed(document: &DecodedDocument, now: i64) -> bool {
    document.deadline.is_some_and(|deadline| deadline <= now)
}

/// A document that was made elsewhere may not say when it ends; then its record does. beego's
/// never says it, and its sessions live as long as they are used.
pub(super) fn decode(
    record: &Record,
    options: &SessionOptions,
    now: i64,
) -> Result<DecodedDocument> {
    let mut document = options.decode(&record.data)?;
    let slides = options.codec == Codec::Beego && idle_of(&document, options).is_some();
    let recorded = if slides { Some(NEVER) } else { record.expires_at.map(Timestamp::as_micros) };
    let said = document.deadline.or(recorded);
    document.deadline = Some(said.unwrap_or_else(|| new_deadline(options, now)));
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Registered;

    const NOW: i64 = 1_704_067_200_000_000;
    const DAY: i64 = 86_400_000_000;

    fn options() -> SessionOptions {
        SessionOptions::new()
    }

    fn token(text: &str) -> SessionRef {
        SessionRef::of(text)
    }

    fn chosen(text: &str, by: Chooser) -> Chosen {
        Chosen { text: text.to_owned(), by }
    }

    fn record(values: &[(&str, i64)], flash: &[(&str, i64)], deadline: i64) -> Record {
        let map = |of: &[(&str, i64)]| -> Map {
            of.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect()
        };
        let document = DecodedDocument {
            deadline: Some(deadline),
            values: map(values).into(),
            flash: map(flash),
            ..DecodedDocument::default()
        };
        let data = Codec::Json.encode(&document, Registered::NONE).unwrap().into();
        Record { data, expires_at: Some(Timestamp::from_micros(deadline)), subject: None }
    }

    fn loaded() -> State {
        let mut state = State::new([token("t")].into(), &options(), NOW);
        let found = record(&[("user", 7)], &[("note", 1)], NOW + DAY);
        assert!(state.found(token("t"), found, &options(), NOW).unwrap());
        state
    }

    fn value(state: &State, key: &str) -> Option<Value> {
        state.document.values.get(key).unwrap()
    }

    fn ended_elsewhere(state: &mut State) {
        state.ended(Ending::Elsewhere, &options(), NOW);
    }

    #[test]
    fn a_new_session_needs_no_question_to_the_store() {
        let state = State::new([].into(), &options(), NOW);
        assert!(state.candidates().is_none() && state.who().is_none() && !state.is_modified());
        assert_eq!(state.status(), Status::Unmodified);
    }

    #[test]
    fn what_was_changed_before_it_was_looked_at_is_put_on_top() {
        let mut state = State::new([token("t")].into(), &options(), NOW);
        state.put("x", 1.into());
        state.remove("user");
        state.operate("n", Operation::Increment(2)).unwrap();
        let found = record(&[("user", 7), ("n", 40)], &[], NOW + DAY);
        assert!(state.found(token("t"), found, &options(), NOW).unwrap());
        assert!(value(&state, "x") == Some(1.into()) && value(&state, "user").is_none());
        assert!(value(&state, "n") == Some(42.into()));
    }

    #[test]
    fn a_session_whose_deadline_has_passed_is_not_found() {
        let mut state = State::new([token("t")].into(), &options(), NOW);
        let found = record(&[("user", 7)], &[], NOW);
        assert!(!state.found(token("t"), found, &options(), NOW).unwrap());
        assert!(state.candidates().is_some());
    }

    #[test]
    fn unknown_tokens_are_remembered_until_they_are_known_not_to_have_ended() {
        let mut state = State::new([token("a"), token("b")].into(), &options(), NOW);
        state.remove("x");
        state.found_nothing(&options(), NOW);
        assert!(!state.is_modified() && state.strangers().is_empty());
        state.put("x", 1.into());
        assert_eq!(state.strangers(), ["a", "b"]);
        state.is_unknown();
        assert!(state.strangers().is_empty() && state.is_modified());
    }

    #[test]
    fn what_cannot_be_read_is_new_and_still_there_to_be_ended() {
        let mut state = State::new([token("t")].into(), &options(), NOW);
        state.found_unreadable(token("t"), &options(), NOW);
        state.put("x", 1.into());
        assert!(state.strangers().is_empty() && state.who().is_none());
        let there =
            matches!(&state.phase, Phase::New { unreadable: Some(who), .. } if *who == token("t"));
        assert!(there);
    }

    #[test]
    fn after_another_request_ended_it_nothing_makes_it_new_again() {
        let mut state = loaded();
        ended_elsewhere(&mut state);
        assert!(value(&state, "user").is_none() && !state.renew());
        assert_eq!(state.status(), Status::Unmodified);
        state.put("x", 1.into());
        assert!(state.is_modified() && matches!(state.phase, Phase::Ended(Ending::Elsewhere)));
    }

    #[test]
    fn after_this_request_ended_it_what_is_put_in_is_new() {
        let mut state = loaded();
        state.put("x", 1.into());
        state.ended(Ending::Here, &options(), NOW);
        assert!(!state.is_modified());
        assert_eq!(state.status(), Status::Destroyed);
        state.remove("x");
        assert_eq!(state.status(), Status::Destroyed);
        state.put("y", 1.into());
        assert_eq!(state.status(), Status::Modified);
        assert!(state.take().base.is_none());
    }

    #[test]
    fn only_differences_are_changes() {
        let mut state = loaded();
        let same = state.document.values.to_map().unwrap();
        state.assign(same.clone()).unwrap();
        assert!(!state.is_modified());
        assert!(!state.put_if_changed("user", 7.into()).unwrap() && !state.is_modified());
        state.assign(Map::from([("new".to_owned(), 1.into())])).unwrap();
        let changes = &state.pending.changes;
        assert!(
            matches!(changes.of("user"), Some(None)) && matches!(changes.of("new"), Some(Some(_)))
        );
        state.assign(Map::from([("user".to_owned(), 7.0.into())])).unwrap();
        assert!(value(&state, "user") == Some(7.0.into()) && value(&state, "new").is_none());
    }

    #[test]
    fn renewing_is_noted_and_nothing_else() {
        let mut state = loaded();
        assert!(state.renew() && state.is_modified());
        assert_eq!(state.who().and_then(SessionRef::token), Some("t"));
        let work = state.take();
        assert!(work.pending.renews && work.base.is_some() && !state.is_modified());
        state.restore(work.pending);
        assert!(state.pending.renews);
    }

    #[test]
    fn a_commit_keeps_what_it_writes_and_what_is_noted_meanwhile_is_the_next_ones() {
        let mut state = loaded();
        state.put("x", 1.into());
        state.pending.subject = Some("ada".to_owned());
        let work = state.take();
        state.put("x", 2.into());
        state.pending.subject = Some("bob".to_owned());
        assert!(work.document.values.get("x").unwrap() == Some(1.into()));
        state.written(work, token("t"), Data::from(vec![1]), NOW + DAY);
        assert!(value(&state, "x") == Some(2.into()) && state.is_modified());
        assert_eq!(state.subject(), Some("bob"));
        assert_eq!(state.stored().and_then(|stored| stored.subject.as_deref()), Some("ada"));
    }

    #[test]
    fn a_cookie_is_due_for_a_new_token_or_a_new_end_until_it_was_taken() {
        let mut state = loaded();
        let write = |state: &mut State, who: &str, expiry: i64| {
            let work = state.take();
            state.written(work, token(who), Data::from(vec![1]), expiry);
        };
        write(&mut state, "t", NOW + DAY);
        assert!(state.pending.cookie.is_none());
        write(&mut state, "t", NOW + DAY + 1);
        let first = state.carry_cookie();
        // A commit that fails gives it back.
        let work = state.take();
        assert!(state.pending.cookie.is_none());
        state.restore(work.pending);
        let second = state.carry_cookie();
        state.cookie_was_taken(first);
        assert!(state.pending.cookie.is_some());
        state.cookie_was_taken(second);
        assert!(state.pending.cookie.is_none());
        write(&mut state, "u", NOW + DAY + 1);
        assert!(state.pending.cookie.is_some());
    }

    #[test]
    fn flash_values_are_read_once_asked_for_and_not_before() {
        let mut state = loaded();
        state.put("x", 1.into());
        assert_eq!(state.document.flash.len(), 1);
        assert_eq!(state.read_flashes().len(), 1);
        assert!(state.document.flash.is_empty());
        assert_eq!(state.read_flashes().len(), 1);
        let mut listed = loaded();
        listed.listed = true;
        assert_eq!(listed.read_flashes().len(), 1);
        assert!(!listed.is_modified());
    }

    #[test]
    fn a_write_whose_answer_was_lost_is_done_if_its_token_is_there() {
        let mut state = loaded();
        state.renew();
        state.operate("user", Operation::Increment(1)).unwrap();
        let mut work = state.take();
        work.pending.tried(Some(chosen("new", Chooser::Commit)), Data::from(vec![1]));
        state.restore(work.pending);
        state.put("later", 1.into());
        assert_eq!(state.tried().as_ref().and_then(SessionRef::token), Some("new"));
        state
            .learned(Some(record(&[("user", 8), ("other", 1)], &[], NOW + DAY)), &options(), NOW)
            .unwrap();
        assert_eq!(state.who().and_then(SessionRef::token), Some("new"));
        assert!(state.pending.cookie.is_some() && !state.pending.renews);
        assert!(
            value(&state, "user") == Some(8.into()) && state.pending.changes.of("user").is_none()
        );
        assert!(state.pending.changes.of("later").is_some());
        // What another request had changed when it was done is not overwritten by the next one.
        assert!(value(&state, "other") == Some(1.into()) && value(&state, "later").is_some());
    }

    #[test]
    fn a_write_whose_answer_was_lost_is_to_be_done_again_if_it_is_not_there() {
        let mut state = loaded();
        state.renew();
        state.put("x", 1.into());
        let mut work = state.take();
        work.pending.tried(Some(chosen("new", Chooser::Commit)), Data::from(vec![1]));
        state.restore(work.pending);
        state.learned(None, &options(), NOW).unwrap();
        assert_eq!(state.who().and_then(SessionRef::token), Some("t"));
        assert!(state.pending.renews && state.pending.changes.of("x").is_some());
        assert!(state.pending.tried.is_none());
    }

    #[test]
    fn under_a_token_of_the_programs_another_session_is_not_taken_for_what_was_tried() {
        let ours = record(&[("x", 1)], &[], NOW + DAY);
        for (there, done) in [(ours.clone(), true), (record(&[("x", 2)], &[], NOW + DAY), false)] {
            let mut state = State::new([].into(), &options(), NOW);
            state.pending.token = Some(chosen("t", Chooser::Program));
            state.put("x", 1.into());
            let mut work = state.take();
            let token = work.pending.token.clone();
            work.pending.tried(token, ours.data.clone());
            state.restore(work.pending);
            assert!(state.tried_as_program_said());
            state.learned(Some(there), &options(), NOW).unwrap();
            assert_eq!((state.stored().is_some(), state.is_modified()), (done, !done));
            // It is tried again under the same token.
            assert_eq!(state.token(), Some("t"));
            assert_eq!(state.pending.token.is_some(), !done);
        }
    }

    #[test]
    fn regenerating_is_noted_and_voids_what_was_noted_before() {
        let mut state = loaded();
        state.put("x", 1.into());
        state.set_remember(true);
        state.pending.subject = Some("ada".to_owned());
        assert!(state.regenerate(&options(), NOW + DAY / 2));
        assert!(value(&state, "user").is_none() && value(&state, "x").is_none());
        assert!(state.read_flashes().is_empty() && state.subject().is_none());
        assert_eq!(state.document.deadline, Some(NOW + DAY / 2 + DAY));
        state.put("y", 1.into());
        let work = state.take();
        assert!(work.pending.renews && work.base.is_some() && work.document.remember.is_none());
        assert!(work.document.values.keys().eq(["y"]));
    }

    #[test]
    fn regenerating_what_is_not_stored_stores_nothing() {
        let mut state = State::new([].into(), &options(), NOW);
        state.put("x", 1.into());
        assert!(state.regenerate(&options(), NOW) && !state.is_modified());
        state.put("y", 1.into());
        assert!(state.is_modified() && value(&state, "x").is_none());
        let mut state = loaded();
        ended_elsewhere(&mut state);
        assert!(!state.regenerate(&options(), NOW));
    }

    #[test]
    fn what_is_to_be_stored_empty_is_stored_where_it_is_new() {
        let mut state = State::new([token("t")].into(), &options(), NOW);
        state.pending.stores_empty = true;
        assert!(state.is_modified());
        state.found_nothing(&options(), NOW);
        assert_eq!(state.strangers(), ["t"]);
        let mut state = loaded();
        state.pending.stores_empty = true;
        assert!(!state.is_modified());
    }

    #[test]
    fn a_token_that_was_told_is_the_next_one_until_it_is_renewed() {
        let ensure = |state: &mut State| state.ensure_token(&options()).unwrap().unwrap();
        let mut state = State::new([].into(), &options(), NOW);
        assert!(state.token().is_none());
        let first = ensure(&mut state);
        assert_eq!(ensure(&mut state), first);
        assert_eq!(state.token(), Some(&first[..]));
        assert!(!state.is_modified());
        state.renew();
        assert!(state.token().is_none() && ensure(&mut state) != first);
        let mut state = loaded();
        assert_eq!(ensure(&mut state), "t");
        state.renew();
        let next = ensure(&mut state);
        assert!(next != "t" && state.renew() && ensure(&mut state) == next);
        assert_eq!(state.token(), Some("t"));
        ended_elsewhere(&mut state);
        assert!(state.ensure_token(&options()).unwrap().is_none());
    }

    #[test]
    fn a_swap_whose_answer_was_lost_is_known_by_its_bytes() {
        let tried = record(&[("x", 1)], &[], NOW + DAY);
        for (there, done) in [(tried.clone(), true), (record(&[], &[], NOW + DAY), false)] {
            let mut state = loaded();
            state.put("x", 1.into());
            let mut work = state.take();
            work.pending.tried(None, tried.data.clone());
            state.restore(work.pending);
            state.learned(Some(there), &options(), NOW).unwrap();
            assert_eq!(state.is_modified(), !done);
        }
    }

    #[test]
    fn merging_takes_values_and_the_later_deadline() {
        let mut state = loaded();
        let theirs = decode(&record(&[("cart", 1)], &[], NOW + 2 * DAY), &options(), NOW).unwrap();
        state.merge("other", &theirs);
        assert!(value(&state, "cart") == Some(1.into()));
        assert_eq!(state.document.deadline, Some(NOW + 2 * DAY));
        assert_eq!(state.pending.merged, ["other"]);
    }

    #[test]
    fn what_was_taken_out_shows_what_is_stored_now() {
        let mut state = loaded();
        state.put("x", 1.into());
        let document = decode(&record(&[("user", 9)], &[], NOW + DAY), &options(), NOW).unwrap();
        let stored = state.stored().cloned().unwrap();
        state.took("code", &stored, &document, false);
        assert!(value(&state, "user") == Some(9.into()) && value(&state, "x") == Some(1.into()));
        assert!(state.read_flashes().is_empty());
    }
}
