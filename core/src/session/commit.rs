//! Stores what a request did to its session, without undoing what others did meanwhile.

use std::sync::Arc;

use crate::codec::DecodedDocument;
use crate::protocol::clock::{NEVER, Timestamp, micros};
use crate::protocol::error::{Error, ErrorKind, Result};
use crate::protocol::record::{ConflictRow, Content, Data, Outcome, Record};
use crate::store::Store;
use crate::store::task::to_end;

use super::commit_result::{CommitOutcome, CommitResult};
use super::context::Context;
use super::events::Event;
use super::expiry::{expiry, is_due};
use super::handle::Session;
use super::manager::SessionManager;
use super::mark::mark;
use super::pending::{Chooser, Chosen, PendingChanges};
use super::settings::OnConflict;
use super::state::{CommitWork, Ending, LoadedRecord, NextStep, Phase, SessionRef, decode};

impl SessionManager {
    /// Stores what was changed, and says what to send to the client.
    ///
    /// A new session is inserted under a new token. One that was loaded is written only if the
    /// store still has what was loaded: if another request has changed it since, this one's
    /// changes are put on top, key by key (or what [`OnConflict`] says); if it was ended or
    /// renewed, nothing is stored and no cookie is sent. In the common case that is one statement,
    /// and none where nothing was changed. Of a session that was only read the expiry is moved from
    /// time to time, if there is an idle timeout. SCS `Commit`.
    ///
    /// Dropping the future loses the answer alone: what was begun is done to its end, and the next
    /// commit of the same view sends the cookie.
    ///
    /// # Errors
    /// As [`Store::insert`](crate::Store::insert) and [`Store::replace`](crate::Store::replace).
    /// `Overloaded` when other requests changed this session first for longer than the store's
    /// timeout. The changes are kept, so it can be called again; after `Timeout` and `Unavailable`
    /// that finds out first whether they were stored. `InvalidArgument` for a session of another
    /// manager, whose store may be another one too.
    pub async fn commit(&self, session: &Session) -> Result<CommitResult> {
        let result = to_end(self.clone().commit_untaken(session.clone())).await?;
        result.taken();
        Ok(result)
    }

    /// The same without the last step: the binding that hands the answer to the program calls
    /// `taken`.
    pub(crate) async fn commit_untaken(self, session: Session) -> Result<CommitResult> {
        let policy = self.0.options.on_conflict;
        self.commit_untaken_with(session, policy).await
    }

    pub(super) async fn commit_untaken_with(
        self,
        session: Session,
        policy: OnConflict,
    ) -> Result<CommitResult> {
        self.owns(&session)?;
        let result = commit(&session, policy).await?;
        let was_read = session.lock().was_read();
        Ok(CommitResult { was_read, ..result })
    }

    fn owns(&self, session: &Session) -> Result<()> {
        if Arc::ptr_eq(&self.0, &session.manager) {
            return Ok(());
        }
        Err(Error::invalid("this session is another manager's: commit it there"))
    }
}

async fn commit(session: &Session, policy: OnConflict) -> Result<CommitResult> {
    // All of it together is one operation of the store.
    let store = session.store_for_one_operation();
    let _turn = session.turn().await;
    find_out(session, &store).await?;
    if session.lock().is_modified() {
        session.lock().mark_read();
        session.load_in(&store).await?;
    }
    loop {
        let next = session.lock().next();
        match next {
            NextStep::AskWhetherEnded(tokens) => {
                if Box::pin(ended_a_moment_ago(session, &store, &tokens)).await? {
                    return Ok(gone(session));
                }
                session.lock().is_unknown();
            }
            NextStep::Gone { modified: true } => return Ok(gone(session)),
            NextStep::Gone { modified: false } => {
                return Ok(CommitResult::nothing(CommitOutcome::Gone, None));
            }
            NextStep::Write => return write(session, &store, policy).await,
            NextStep::Leave => return commit_unmodified(session, &store).await,
        }
    }
}

/// What became of a write whose answer was lost.
pub(super) async fn find_out(session: &Session, store: &Store) -> Result<()> {
    let Some(who) = session.lock().tried() else { return Ok(()) };
    let found = Box::pin(store.find(who.target())).await?;
    session.lock().learned(found, &session.manager.options, session.manager.now())
}

/// Whether the tokens that the request came with were renewed or ended by another one, so that the
/// client has, or is about to get, a newer one. Asked once, and of what is to be written alone.
async fn ended_a_moment_ago(session: &Session, store: &Store, tokens: &[String]) -> Result<bool> {
    let (manager, window) = (&session.manager, micros(session.manager.options.ended_window));
    if window == 0 {
        return Ok(false);
    }
    store.has_ended(tokens, manager.now().saturating_sub(window)).await
}

/// Nothing to write.
async fn commit_unmodified(session: &Session, store: &Store) -> Result<CommitResult> {
    let manager = &session.manager;
    let Some((stored, expiry)) = due_touch(session) else {
        return Ok(result_for(session, CommitOutcome::Unmodified));
    };
    // Only over what was loaded: another request may have set a deadline since.
    let content = content(&stored.data, expiry, None);
    match store.replace(stored.who.target(), &stored.data, content).await? {
        Outcome::Saved => {
            session.lock().touched(expiry);
            manager.emit(Event::Touched);
            Ok(result_for(session, CommitOutcome::Unmodified))
        }
        // The request that wrote it has moved the expiry too.
        Outcome::Conflict => Ok(result_for(session, CommitOutcome::Unmodified)),
        Outcome::Gone => Ok(gone(session)),
    }
}

fn due_touch(session: &Session) -> Option<(Arc<LoadedRecord>, i64)> {
    let (state, options) = (session.lock(), &session.manager.options);
    let stored = state.shared().filter(|_| !state.listed)?;
    let now = session.manager.now();
    let expiry = expiry(&state.document, options, now);
    let due = is_due(stored.expires_at, expiry, &state.document, options);
    // Nothing is ended by being read: its row may live on.
    (due && expiry > now).then(|| (Arc::clone(stored), expiry))
}

/// What a commit has taken, which goes back when it is dropped: by an error, or a panic.
struct TakenWork<'a> {
    session: &'a Session,
    /// Boxed: a commit's future has to fit into a small allocation (see [`to_end`]).
    work: Option<Box<CommitWork>>,
}

impl<'a> TakenWork<'a> {
    fn of(session: &'a Session) -> Self {
        TakenWork { session, work: Some(Box::new(session.lock().take())) }
    }

    fn work(&mut self) -> Result<&mut CommitWork> {
        self.work.as_deref_mut().ok_or_else(|| Error::internal("a commit has lost what it writes"))
    }

    /// There is nothing to write it to.
    fn found_gone(self) -> Result<CommitResult> {
        let session = self.session;
        self.done().map(drop)?;
        Ok(gone(session))
    }

    fn done(mut self) -> Result<CommitWork> {
        let work = self.work.take().map(|work| *work);
        work.ok_or_else(|| Error::internal("a commit has lost what it wrote"))
    }
}

impl Drop for TakenWork<'_> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.session.lock().restore(work.pending);
        }
    }
}

/// How an attempt to write ended.
enum Attempt {
    /// It is stored, as this session, until then.
    Done(SessionRef, i64),
    /// Another request has changed it since; what it stored, where that is known.
    ConflictRow(Option<Record>),
    /// There is no such session any more.
    Gone,
}

async fn write(session: &Session, store: &Store, policy: OnConflict) -> Result<CommitResult> {
    let manager = &session.manager;
    let (mut taken, mut merged) = (TakenWork::of(session), false);
    loop {
        let work = taken.work()?;
        work.check_fit(manager)?;
        let mut data = work.encode(manager)?;
        let same = work.is_stored_as(&data);
        if same && !work.touches(session) {
            session.lock().unchanged(taken.done()?.pending);
            end_merged(session, store).await?;
            return Box::pin(commit_unmodified(session, store)).await;
        }
        let is_new = work.base.is_none();
        // A use of the session takes nothing from what others have stored, and depends on none of
        // it.
        let only_touches = work.only_touches();
        let policy = if only_touches && !is_new { OnConflict::Merge } else { policy };
        if !same && work.is_told_apart(policy) {
            mark(Arc::make_mut(&mut work.document))?;
            data = work.encode(manager)?;
        }
        let attempt = match work.expiry(session) {
            Some(expiry) => attempt(session, store, work, (&data, expiry), policy).await?,
            None => Box::pin(look_after_its_end(store, work)).await?,
        };
        match attempt {
            Attempt::Done(who, expiry) => {
                session.lock().written(taken.done()?, who, data, expiry);
                if same {
                    manager.emit(Event::Touched);
                }
                if merged {
                    manager.emit(Event::Merged);
                }
                end_merged(session, store).await?;
                let outcome = if same { CommitOutcome::Unmodified } else { CommitOutcome::Saved };
                return Ok(result_for(session, outcome));
            }
            Attempt::Gone => return taken.found_gone(),
            // There is no putting a new session on top of another one.
            Attempt::ConflictRow(_) if policy == OnConflict::Fail || is_new => {
                drop(taken);
                manager.emit(Event::Conflict);
                return Ok(result_for(session, CommitOutcome::Conflict));
            }
            Attempt::ConflictRow(record) => {
                merged = true;
                // Of those that meet one wins, so all get their turn; but there may be no end to
                // them.
                if store.is_late() {
                    return Err(Error::new(
                        ErrorKind::Overloaded,
                        "other requests kept changing this session first; try again",
                    ));
                }
                if !Box::pin(rebase(session, store, work, record, policy)).await? {
                    return taken.found_gone();
                }
            }
        }
    }
}

/// By what this view knows it has ended, but another request may have moved its end.
async fn look_after_its_end(store: &Store, work: &CommitWork) -> Result<Attempt> {
    let Some(base) = &work.base else { return Ok(Attempt::Gone) };
    let found = store.find(base.who.target()).await?;
    let changed = found.filter(|record| *record.data != *base.data);
    Ok(changed.map_or(Attempt::Gone, |record| Attempt::ConflictRow(Some(record))))
}

/// One statement. What may have been done although it failed is noted, and found out by the next
/// commit.
async fn attempt(
    session: &Session,
    store: &Store,
    work: &mut CommitWork,
    (data, expiry): (&Data, i64),
    policy: OnConflict,
) -> Result<Attempt> {
    let (manager, met) = (&session.manager, ConflictRow::default());
    let moves = work.base.is_none() || work.pending.renews;
    let new = match (moves, work.pending.token.take()) {
        (false, token) => {
            work.pending.token = token;
            None
        }
        (true, Some(chosen)) => Some(chosen),
        (true, None) => Some(Chosen { text: manager.options.token()?, by: Chooser::Commit }),
    };
    let subject = work.pending.subject.clone();
    let content = content(data, expiry, subject.as_deref());
    let wrote = match (&work.base, &new) {
        (None, None) => Err(Error::internal("a new session has no token")),
        (None, Some(token)) => match store.insert(&token.text, content).await {
            Ok(()) => Ok(Outcome::Saved),
            Err(error)
                if error.kind() == ErrorKind::AlreadyExists && token.by == Chooser::Program =>
            {
                Ok(Outcome::Conflict)
            }
            Err(error) => Err(error),
        },
        (Some(base), Some(token)) => {
            store.move_to(base.who.target(), &token.text, &base.data, content.met(&met)).await
        }
        (Some(base), None) => match policy {
            OnConflict::Merge | OnConflict::Fail => {
                store.replace(base.who.target(), &base.data, content.met(&met)).await
            }
            OnConflict::Overwrite => {
                let saved = store.update(base.who.target(), content).await;
                saved.map(|saved| if saved { Outcome::Saved } else { Outcome::Gone })
            }
        },
    };
    match wrote {
        Ok(Outcome::Saved) => {
            let happened = match (&work.base, &new) {
                (None, _) => Some(Event::Created),
                (Some(_), Some(_)) => Some(Event::Renewed),
                (Some(_), None) => None,
            };
            happened.into_iter().for_each(|event| manager.emit(event));
            let kept = work.base.as_ref().map(|base| base.who.clone());
            let who = new.as_ref().map(|token| SessionRef::of(&token.text)).or(kept);
            let done = who.map(|who| Attempt::Done(who, expiry));
            done.ok_or_else(|| Error::internal("a session without a token"))
        }
        Ok(Outcome::Conflict) => {
            work.pending.token = new.or(work.pending.token.take());
            Ok(Attempt::ConflictRow(met.record().cloned()))
        }
        Ok(Outcome::Gone) => Ok(Attempt::Gone),
        Err(error) => {
            work.pending.token = new.clone().or(work.pending.token.take());
            if may_be_done(error.kind()) {
                work.pending.tried(new, data.clone());
            }
            Err(error)
        }
    }
}

/// Whether a write that failed with this may have happened.
fn may_be_done(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Closed | ErrorKind::Forked => true,
        ErrorKind::Internal => true,
        ErrorKind::InvalidArgument
        | ErrorKind::AlreadyExists
        | ErrorKind::TooLarge
        | ErrorKind::Full
        | ErrorKind::Overloaded
        | ErrorKind::Schema
        | ErrorKind::Unsupported
        | ErrorKind::Corrupt => false,
    }
}

/// Puts the changes on top of what is stored now, or the own copy in its place. False when nothing
/// is.
async fn rebase(
    session: &Session,
    store: &Store,
    work: &mut CommitWork,
    met: Option<Record>,
    policy: OnConflict,
) -> Result<bool> {
    let manager = &session.manager;
    let Some(base) = &work.base else {
        return Err(Error::internal("a new session met another one"));
    };
    let found = match met {
        Some(record) => Some(record),
        None => store.find(base.who.target()).await?,
    };
    let Some(record) = found else { return Ok(false) };
    work.overwrites = policy == OnConflict::Overwrite;
    if !work.overwrites {
        let mut fresh = decode(&record, &manager.options, manager.now())?;
        work.pending.changes.apply(&mut fresh)?;
        work.document = Arc::new(fresh);
    }
    if let Some(base) = work.base.as_mut().map(Arc::make_mut) {
        base.data = record.data;
        base.expires_at = record.expires_at;
    }
    Ok(true)
}

/// Ends the sessions that were merged into this one. What fails is tried again by the next commit.
async fn end_merged(session: &Session, store: &Store) -> Result<()> {
    loop {
        let Some(token) = session.lock().pending.merged.first().cloned() else { return Ok(()) };
        Box::pin(store.end((&token).into())).await?;
        session.lock().pending.merged.retain(|merged| *merged != token);
    }
}

/// It was ended or renewed by another request: this view starts over, and sends no cookie.
fn gone(session: &Session) -> CommitResult {
    let manager = &session.manager;
    session.lock().ended(Ending::Elsewhere, &manager.options, manager.now());
    manager.emit(Event::Gone);
    CommitResult::nothing(CommitOutcome::Gone, None)
}

/// What to send.
fn result_for(session: &Session, outcome: CommitOutcome) -> CommitResult {
    let (options, now) = (&session.manager.options, session.manager.now());
    let mut state = session.lock();
    let tells = options.sends_cookie && !state.listed;
    let (who, expires_at) = match &state.phase {
        Phase::Ended(Ending::Here) => {
            let cookie = tells.then(|| options.cookie.deletion());
            return CommitResult::nothing(CommitOutcome::Destroyed, cookie);
        }
        Phase::New { .. } | Phase::NotLoaded(_) | Phase::Ended(Ending::Elsewhere) => {
            return CommitResult::nothing(outcome, None);
        }
        Phase::Loaded(stored) => (stored.who.clone(), stored.expires_at),
    };
    let token = who.token().map(str::to_owned);
    let due = state.pending.cookie.is_some() && outcome != CommitOutcome::Conflict;
    let persistent = state.document.remember.unwrap_or(options.cookie.is_persistent());
    let cookie = token.as_deref().filter(|_| tells && due).map(|token| {
        options.cookie.parts(token, expires_at, Timestamp::from_micros(now), persistent)
    });
    if !tells {
        state.pending.cookie = None;
    }
    let carries = cookie.is_some().then(|| (session.clone(), state.carry_cookie()));
    CommitResult { token, expires_at, carries, ..CommitResult::nothing(outcome, cookie) }
}

impl CommitWork {
    /// What did not fit when it was looked at may have been replaced since by what does.
    fn check_fit(&self, manager: &Context) -> Result<()> {
        if !self.misfits {
            return Ok(());
        }
        let mut document = match &self.base {
            Some(base) => manager.options.decode(&base.data)?,
            None => DecodedDocument::default(),
        };
        self.pending.changes.apply(&mut document)
    }

    /// What was not changed stays as it is, to the byte.
    fn encode(&self, manager: &Context) -> Result<Data> {
        match &self.base {
            Some(base) if self.pending.changes.is_empty() && !self.overwrites => {
                Ok(base.data.clone())
            }
            Some(_) | None => {
                let options = &manager.options;
                options.codec.encode(&self.document, options.registered).map(Data::from)
            }
        }
    }

    /// The store has exactly this already: equal documents are stored as equal bytes.
    fn is_stored_as(&self, data: &[u8]) -> bool {
        let same = self.base.as_ref().is_some_and(|base| *base.data == *data);
        same && self.pending.subject.is_none() && !self.pending.renews
    }

    /// Whether it must not be taken for another request's write that stores the same.
    fn is_told_apart(&self, policy: OnConflict) -> bool {
        let depends = policy == OnConflict::Fail || self.pending.changes.operates();
        // A new token tells apart as well, and so does one that has not been used before.
        depends && self.base.is_some() && !self.pending.renews
    }

    /// Whether its end is to be moved, however little.
    fn touches(&self, session: &Session) -> bool {
        let (expiry, base) = (self.expiry(session), self.base.as_ref());
        let before = base.map_or(NEVER, |base| base.expires_at.map_or(NEVER, Timestamp::as_micros));
        self.pending.changes.touches() && expiry != Some(before)
    }

    fn only_touches(&self) -> bool {
        let PendingChanges { changes, subject, renews, .. } = &self.pending;
        changes.only_touches() && subject.is_none() && !renews
    }

    /// When it ends once it is stored; none where it has ended by itself, and this request did not
    /// ask for that. That of a listed session stays, unless this request moves it.
    fn expiry(&self, session: &Session) -> Option<i64> {
        let (options, now) = (&session.manager.options, session.manager.now());
        let asked = self.pending.changes.has_deadline();
        let moves = self.pending.changes.moves_end();
        let listed = self.base.as_ref().filter(|_| self.listed && !moves);
        let expiry = match listed {
            Some(base) => base.expires_at.map_or(NEVER, Timestamp::as_micros),
            None => expiry(&self.document, options, now),
        };
        (asked || expiry > now || self.base.is_none()).then_some(expiry)
    }
}

pub(super) fn content<'a>(data: &'a [u8], expiry: i64, subject: Option<&'a str>) -> Content<'a> {
    Content::new(data, Timestamp::from_micros(expiry)).subject(subject)
}
