//! What a session must do, said without bytes, statements and tasks.

use std::collections::BTreeMap;

use crate::codec::Codec;
use crate::session::CommitOutcome;

/// In microseconds, as the manager's options of the model say.
pub(super) const LIFETIME: i64 = 1_000_000_000;
pub(super) const IDLE: i64 = 100_000_000;
pub(super) const WINDOW: i64 = 30_000_000;

/// Something that a request notes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Note {
    Put(u8, i64),
    Remove(u8),
    Clear,
    Add(u8, i64),
    Item(i64),
    Flash(u8, i64),
    Seen(BTreeMap<u8, i64>),
    Deadline(i64),
    Touch,
    /// Nothing before it counts; the new deadline.
    Restart(i64),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Doc {
    pub(super) values: BTreeMap<u8, i64>,
    pub(super) items: Vec<i64>,
    pub(super) flash: BTreeMap<u8, i64>,
    pub(super) deadline: i64,
    pub(super) fixed: bool,
    pub(super) codec: Codec,
}

impl Doc {
    fn new(codec: Codec, now: i64) -> Self {
        let (values, items, flash) = Default::default();
        Doc { values, items, flash, deadline: now + LIFETIME, fixed: false, codec }
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.items.is_empty() && self.flash.is_empty()
    }

    fn with(mut self, log: &[Note]) -> Self {
        for note in log {
            match note {
                Note::Put(key, value) => drop(self.values.insert(*key, *value)),
                Note::Remove(key) => drop(self.values.remove(key)),
                Note::Clear => {
                    self.values.clear();
                    self.items.clear();
                    self.flash.clear();
                }
                Note::Add(key, by) => *self.values.entry(*key).or_default() += by,
                Note::Item(item) => self.items.push(*item),
                Note::Flash(key, value) => drop(self.flash.insert(*key, *value)),
                Note::Seen(seen) => self.flash.retain(|key, value| seen.get(key) != Some(value)),
                Note::Deadline(deadline) => (self.deadline, self.fixed) = (*deadline, true),
                // There is an idle timeout, so the deadline stays.
                Note::Touch => {}
                Note::Restart(deadline) => {
                    self = Doc { deadline: *deadline, ..Doc::new(self.codec, 0) };
                }
            }
        }
        self
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) doc: Doc,
    pub(super) expiry: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    New { brought: Option<String> },
    NotLoaded(String),
    Loaded { token: String, base: Row },
    Here,
    Elsewhere,
}

impl Phase {
    pub(super) fn row(self) -> Option<(String, Doc)> {
        match self {
            Phase::Loaded { token, base } => Some((token, base.doc)),
            Phase::New { .. } | Phase::NotLoaded(_) | Phase::Here | Phase::Elsewhere => None,
        }
    }
}

/// A write whose answer was lost.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    /// Under which token, if it was done under a new one.
    token: Option<String>,
    doc: Doc,
    log: Vec<Note>,
    renews: bool,
    moves: bool,
}

#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) phase: Phase,
    pub(super) shown: Doc,
    log: Vec<Note>,
    renews: bool,
    cookie: bool,
    flash: BTreeMap<u8, i64>,
    flash_read: bool,
    doubt: Option<Doubt>,
    codec: Codec,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cookie {
    Nothing,
    Token,
    Clear,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    pub(super) outcome: CommitOutcome,
    pub(super) cookie: Cookie,
    pub(super) expiry: Option<i64>,
}

#[derive(Clone, Default)]
pub(super) struct Oracle {
    pub(super) rows: BTreeMap<String, Row>,
    ended: BTreeMap<String, i64>,
    pub(super) now: i64,
}

impl View {
    pub(super) fn new(token: Option<String>, codec: Codec, now: i64) -> Self {
        View {
            phase: token.map_or(Phase::New { brought: None }, Phase::NotLoaded),
            shown: Doc::new(codec, now),
            log: Vec::new(),
            renews: false,
            cookie: false,
            flash: BTreeMap::new(),
            flash_read: false,
            doubt: None,
            codec,
        }
    }

    fn is_loaded(&self) -> bool {
        !matches!(self.phase, Phase::NotLoaded(_))
    }

    pub(super) fn note(&mut self, note: Note) {
        let matters = match &note {
            Note::Remove(key) => !self.is_loaded() || self.shown.values.contains_key(key),
            Note::Clear => !self.is_loaded() || !self.shown.is_empty(),
            Note::Put(..)
            | Note::Add(..)
            | Note::Item(_)
            | Note::Flash(..)
            | Note::Seen(_)
            | Note::Restart(_)
            | Note::Touch
            | Note::Deadline(_) => true,
        };
        if matters {
            self.shown = self.shown.clone().with(std::slice::from_ref(&note));
            self.log.push(note);
        }
    }

    pub(super) fn renew(&mut self) -> bool {
        let lives = self.phase != Phase::Elsewhere;
        self.renews |= lives;
        lives
    }

    pub(super) fn touches(&self) -> bool {
        self.log.contains(&Note::Touch)
    }

    pub(super) fn regenerate(&mut self, now: i64) -> bool {
        if self.phase == Phase::Elsewhere {
            return false;
        }
        self.renews = matches!(self.phase, Phase::Loaded { .. }) || self.doubt.is_some();
        self.log.clear();
        (self.flash, self.flash_read) = (BTreeMap::new(), false);
        self.note(Note::Restart(now + LIFETIME));
        true
    }

    pub(super) fn flashes(&mut self) -> BTreeMap<u8, i64> {
        if !self.flash_read && !self.flash.is_empty() {
            self.note(Note::Seen(self.flash.clone()));
            self.flash_read = true;
        }
        self.flash.clone()
    }

    fn puts_something_in(&self) -> bool {
        let mut set = BTreeMap::new();
        let mut more = self.renews || self.doubt.is_some();
        for note in &self.log {
            match note {
                Note::Put(key, _) | Note::Add(key, _) => drop(set.insert(*key, true)),
                Note::Remove(key) => drop(set.insert(*key, false)),
                Note::Item(_) => drop(set.insert(u8::MAX, true)),
                Note::Clear | Note::Restart(_) => {
                    set.clear();
                    more = self.renews || self.doubt.is_some();
                }
                Note::Flash(..) => more = true,
                Note::Seen(_) | Note::Deadline(_) | Note::Touch => {}
            }
        }
        more || set.values().any(|value| *value)
    }

    pub(super) fn is_modified(&self) -> bool {
        match self.phase {
            Phase::New { .. } | Phase::Here => self.puts_something_in(),
            Phase::NotLoaded(_) | Phase::Loaded { .. } | Phase::Elsewhere => {
                self.renews || self.doubt.is_some() || !self.log.is_empty()
            }
        }
    }

    fn over(&mut self, phase: Phase, now: i64) {
        *self = View { phase, ..View::new(None, self.codec, now) };
    }

    fn result_for(&mut self, outcome: CommitOutcome, now: i64) -> Said {
        let Phase::Loaded { base, .. } = &self.phase else {
            let here = self.phase == Phase::Here;
            let outcome = if here { CommitOutcome::Destroyed } else { outcome };
            let cookie = if here { Cookie::Clear } else { Cookie::Nothing };
            return Said { outcome, cookie, expiry: None };
        };
        let cookie = match (std::mem::take(&mut self.cookie), base.expiry > now) {
            (false, _) => Cookie::Nothing,
            (true, true) => Cookie::Token,
            (true, false) => Cookie::Clear,
        };
        Said { outcome, cookie, expiry: Some(base.expiry) }
    }

    /// Its answer was lost, so the client has no cookie yet.
    pub(super) fn not_told(&mut self, said: &Said) {
        self.cookie |= said.cookie != Cookie::Nothing && matches!(self.phase, Phase::Loaded { .. });
    }

    /// The token of the row that a commit would change in its place.
    pub(super) fn swaps(&self) -> Option<String> {
        match &self.phase {
            Phase::Loaded { token, .. } => (!self.renews).then(|| token.clone()),
            Phase::New { .. } | Phase::NotLoaded(_) | Phase::Here | Phase::Elsewhere => None,
        }
    }

    /// What was to be written is in doubt: it was done, as this row, or it was not.
    pub(super) fn doubts(&mut self, done: Option<(String, Doc)>) {
        let (token, doc) = match done {
            Some((token, doc)) => (Some(token), doc),
            None => (None, Doc::new(self.codec, -1)),
        };
        let (log, renews) = (std::mem::take(&mut self.log), std::mem::take(&mut self.renews));
        let moves = renews || !matches!(self.phase, Phase::Loaded { .. });
        self.doubt = Some(Doubt { token, doc, log, renews, moves });
    }

    /// All that was noted was void.
    pub(super) fn forget(&mut self) {
        self.log.clear();
    }

    pub(super) fn has_doubt(&self) -> bool {
        self.doubt.is_some()
    }
}

impl Oracle {
    fn live(&self, token: &str) -> Option<&Row> {
        self.rows.get(token).filter(|row| row.expiry > self.now)
    }

    fn expiry(&self, deadline: i64) -> i64 {
        deadline.min(self.now + IDLE)
    }

    pub(super) fn load(&self, view: &mut View) {
        let Phase::NotLoaded(token) = view.phase.clone() else { return };
        match self.live(&token).filter(|row| row.doc.deadline > self.now) {
            Some(base) => {
                view.flash = base.doc.flash.clone();
                view.shown = base.doc.clone().with(&view.log);
                view.phase = Phase::Loaded { token, base: base.clone() };
            }
            None => {
                view.shown = Doc::new(view.codec, self.now).with(&view.log);
                view.phase = Phase::New { brought: Some(token) };
            }
        }
    }

    /// What became of a write whose answer was lost.
    pub(super) fn find_out(&self, view: &mut View) {
        let Some(Doubt { token, doc, log, renews, moves }) = view.doubt.take() else { return };
        let there = token.and_then(|token| Some((token.clone(), self.live(&token)?.clone())));
        match there.filter(|(_, row)| moves || row.doc == doc) {
            Some((token, base)) => {
                view.shown = base.doc.clone().with(&view.log);
                view.phase = Phase::Loaded { token, base };
                view.cookie = true;
            }
            None => {
                view.log.splice(0..0, log);
                view.renews |= renews;
            }
        }
    }

    pub(super) fn destroy(&mut self, view: &mut View) {
        let doubt = view.doubt.take().and_then(|doubt| doubt.token);
        let own = match &view.phase {
            Phase::NotLoaded(token) | Phase::Loaded { token, .. } => Some(token.clone()),
            Phase::New { .. } | Phase::Here | Phase::Elsewhere => None,
        };
        for token in own.into_iter().chain(doubt) {
            if self.live(&token).is_some() {
                self.ended.insert(token.clone(), self.now);
            }
            self.rows.remove(&token);
        }
        view.over(Phase::Here, self.now);
    }

    pub(super) fn take(&mut self, view: &mut View, key: u8, flash: bool) -> Option<i64> {
        self.find_out(view);
        self.load(view);
        let new = !matches!(view.phase, Phase::Loaded { .. });
        let shown = view.shown.values.get(&key).copied();
        let own = if new { Some(shown) } else { own(&view.log, key) };
        if !flash && let Some(own) = own {
            if own.is_some() {
                view.note(Note::Remove(key));
            }
            return own;
        }
        // A flash value is no value, but clearing takes both.
        let clears = |note: &Note| matches!(note, Note::Clear | Note::Restart(_));
        if flash && view.log.iter().any(clears) {
            return None;
        }
        let Phase::Loaded { token, base } = view.phase.clone() else { return None };
        let mut from = base;
        loop {
            if from.doc.deadline <= self.now {
                return None;
            }
            let mut doc = from.doc.clone();
            let taken = if flash { doc.flash.remove(&key) } else { doc.values.remove(&key) };
            let Some(value) = taken else {
                took(view, key, flash, &token, from);
                return None;
            };
            match self.live(&token) {
                None => {
                    view.over(Phase::Elsewhere, self.now);
                    return None;
                }
                Some(row) if row.doc != from.doc => from = row.clone(),
                Some(_) => {
                    doc.codec = view.codec;
                    let row = Row { expiry: self.expiry(doc.deadline), doc };
                    view.cookie |= from.expiry != row.expiry;
                    self.rows.insert(token.clone(), row.clone());
                    took(view, key, flash, &token, row);
                    return Some(value);
                }
            }
        }
    }

    /// `token` is the one that it gets if it gets a new one.
    pub(super) fn commit(&mut self, view: &mut View, token: &str) -> Said {
        self.find_out(view);
        if view.is_modified() {
            self.load(view);
            if let Phase::New { brought } = &mut view.phase
                && view_puts(view.log.as_slice(), view.renews)
            {
                let since = self.now - WINDOW;
                let ended = |token: String| self.ended.get(&token).is_some_and(|at| *at > since);
                if brought.take().is_some_and(ended) {
                    return self.gone(view);
                }
            }
        }
        match (&view.phase, view.is_modified()) {
            (Phase::Elsewhere, true) => self.gone(view),
            (Phase::Elsewhere, false) => {
                Said { outcome: CommitOutcome::Gone, cookie: Cookie::Nothing, expiry: None }
            }
            (_, true) => self.write(view, token),
            (_, false) => self.commit_unmodified(view),
        }
    }

    fn gone(&self, view: &mut View) -> Said {
        view.over(Phase::Elsewhere, self.now);
        Said { outcome: CommitOutcome::Gone, cookie: Cookie::Nothing, expiry: None }
    }

    fn commit_unmodified(&mut self, view: &mut View) -> Said {
        let Phase::Loaded { token, base } = &mut view.phase else {
            return view.result_for(CommitOutcome::Unmodified, self.now);
        };
        let expiry = self.expiry(view.shown.deadline);
        if expiry <= self.now || (expiry - base.expiry).abs() < IDLE / 10 {
            return view.result_for(CommitOutcome::Unmodified, self.now);
        }
        match self.live(token) {
            None => self.gone(view),
            Some(row) if row.doc != base.doc => {
                view.result_for(CommitOutcome::Unmodified, self.now)
            }
            Some(_) => {
                base.expiry = expiry;
                self.rows.insert(token.clone(), base.clone());
                view.cookie = true;
                view.result_for(CommitOutcome::Unmodified, self.now)
            }
        }
    }

    fn write(&mut self, view: &mut View, new: &str) -> Said {
        let asks = |note: &Note| matches!(note, Note::Deadline(_) | Note::Restart(_));
        let asked = view.log.iter().any(asks);
        let (old, mut from) = match view.phase.clone() {
            Phase::Loaded { token, base } => (Some(token), Some(base)),
            Phase::New { .. } | Phase::NotLoaded(_) | Phase::Here | Phase::Elsewhere => {
                (None, None)
            }
        };
        let mut doc = view.shown.clone();
        loop {
            match &from {
                Some(base) if view.log.is_empty() => doc.codec = base.doc.codec,
                Some(_) | None => doc.codec = view.codec,
            }
            if let Some(base) = &from
                && base.doc == doc
                && !view.renews
                && !(view.touches() && self.moves(base, asked))
            {
                view.log.clear();
                return self.commit_unmodified(view);
            }
            let expiry = self.expiry(doc.deadline);
            if let (Some(base), Some(old)) = (&from, &old)
                && !asked
                && expiry <= self.now
            {
                match self.live(old).filter(|row| row.doc != base.doc) {
                    Some(row) => {
                        doc = row.doc.clone().with(&view.log);
                        from = Some(row.clone());
                        continue;
                    }
                    None => return self.gone(view),
                }
            }
            let (Some(base), Some(old)) = (&from, &old) else {
                return self.written(view, None, new, Row { doc, expiry });
            };
            match self.live(old) {
                None => return self.gone(view),
                Some(row) if row.doc != base.doc => {
                    doc = row.doc.clone().with(&view.log);
                    from = Some(row.clone());
                }
                Some(_) => {
                    let token = if view.renews { new } else { old.as_str() };
                    let before = Some((old.clone(), base.expiry));
                    let touched = base.doc == doc && !view.renews;
                    let said = self.written(view, before, token, Row { doc, expiry });
                    let outcome = if touched { CommitOutcome::Unmodified } else { said.outcome };
                    return Said { outcome, ..said };
                }
            }
        }
    }

    /// Whether a use of it now would move its end, or find that it is over.
    fn moves(&self, row: &Row, asked: bool) -> bool {
        let expiry = self.expiry(row.doc.deadline);
        expiry != row.expiry || (expiry <= self.now && !asked)
    }

    fn written(
        &mut self,
        view: &mut View,
        before: Option<(String, i64)>,
        token: &str,
        row: Row,
    ) -> Said {
        view.cookie |= before != Some((token.to_owned(), row.expiry));
        if let Some((old, _)) = before.filter(|(old, _)| old != token) {
            self.rows.remove(&old);
            self.ended.insert(old, self.now);
        }
        self.rows.insert(token.to_owned(), row.clone());
        view.shown = row.doc.clone();
        view.log.clear();
        view.renews = false;
        view.phase = Phase::Loaded { token: token.to_owned(), base: row };
        view.result_for(CommitOutcome::Saved, self.now)
    }

    /// A token becomes known.
    pub(super) fn learn(&mut self, guess: &str, token: &str, view: &mut View) {
        if let Some(row) = self.rows.remove(guess) {
            self.rows.insert(token.to_owned(), row);
        }
        if let Phase::Loaded { token: own, .. } = &mut view.phase
            && own == guess
        {
            token.clone_into(own);
        }
    }
}

fn view_puts(log: &[Note], renews: bool) -> bool {
    let mut view = View::new(None, Codec::Json, 0);
    view.log = log.to_vec();
    view.renews = renews;
    view.puts_something_in()
}

/// What this request has itself put under a key or removed, if it has.
fn own(log: &[Note], key: u8) -> Option<Option<i64>> {
    let mut own = None;
    for note in log {
        own = match (note, own) {
            (Note::Put(at, value), _) if *at == key => Some(Some(*value)),
            (Note::Remove(at), _) if *at == key => Some(None),
            (Note::Clear | Note::Restart(_), _) => Some(None),
            (Note::Add(at, by), Some(value)) if *at == key => Some(Some(value.unwrap_or(0) + by)),
            (_, own) => own,
        };
    }
    own
}

fn took(view: &mut View, key: u8, flash: bool, token: &str, row: Row) {
    if view.flash_read {
        if flash {
            view.flash.remove(&key);
        }
    } else {
        view.flash = row.doc.flash.clone();
    }
    view.shown = row.doc.clone().with(&view.log);
    view.phase = Phase::Loaded { token: token.to_owned(), base: row };
}
