//! What is known of a session during one request.

use std::sync::Arc;

use crate::clock::{NEVER, Timestamp};
use crate::codec::{Codec, Document};
use crate::error::Result;
use crate::record::{Content, Data, Record};
use crate::token::{Key, Target};
use crate::value::Map;

use super::changes::Changes;
use super::settings::SessionOptions;

/// Which stored session it is.
#[derive(Clone, PartialEq)]
pub(super) enum Who {
    /// By what the client sent, or will be sent.
    Token(String),
    /// By what is listed.
    Key(Key),
}

impl Who {
    pub(super) fn target(&self) -> Target<'_> {
        match self {
            Who::Token(token) => Target::from(token),
            Who::Key(key) => Target::Key(key),
        }
    }

    pub(super) fn token(&self) -> Option<&str> {
        match self {
            Who::Token(token) => Some(token),
            Who::Key(_) => None,
        }
    }
}

/// What the store had.
pub(super) enum Base {
    /// Nobody has looked yet.
    Unknown,
    /// Nothing: this session is new.
    Nothing,
    /// A session, as these bytes.
    Stored { data: Data, expires_at: Option<Timestamp>, subject: Option<Box<str>> },
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
    pub(super) who: Option<Who>,
    pub(super) base: Base,
    /// As the request sees it: what was stored, and its own changes. Of an unknown base only the
    /// changes.
    pub(super) document: Arc<Document>,
    pub(super) changes: Changes,
    /// Whose session it shall be; `""` is nobody's.
    pub(super) subject: Option<String>,
    /// What earlier requests left for this one.
    pub(super) flash: Map,
    /// Sessions that were merged into this one, to be ended when it is stored.
    pub(super) absorbed: Vec<String>,
    pub(super) destroyed: bool,
    /// It is to be written whatever it holds: a renewed session that was never stored.
    pub(super) forced: bool,
    /// It has a token that the client was not told yet.
    pub(super) untold: bool,
    /// It is not the session of whoever sent the request: nothing about it is for their cookies.
    pub(super) listed: bool,
}

impl State {
    pub(super) fn new(who: Option<Who>, options: &SessionOptions, now: i64) -> Self {
        State {
            base: if who.is_none() { Base::Nothing } else { Base::Unknown },
            listed: matches!(who, Some(Who::Key(_))),
            who,
            document: Arc::new(Document {
                deadline: Some(deadline(options, now)),
                ..Document::default()
            }),
            changes: Changes::default(),
            subject: None,
            flash: Map::new(),
            absorbed: Vec::new(),
            destroyed: false,
            forced: false,
            untold: false,
        }
    }

    /// Starts over, as after the end of a session.
    pub(super) fn reset(&mut self, options: &SessionOptions, now: i64) {
        let listed = self.listed;
        *self = State { listed, ..State::new(None, options, now) };
    }

    pub(super) fn is_modified(&self) -> bool {
        let more = self.subject.is_some() || !self.absorbed.is_empty() || self.forced;
        more || !self.changes.is_empty()
    }

    pub(super) fn status(&self) -> Status {
        match (self.is_modified() || self.untold, self.destroyed) {
            (true, _) => Status::Modified,
            (false, true) => Status::Destroyed,
            (false, false) => Status::Unmodified,
        }
    }

    /// The store has no such session: it is new, and the token that was brought is not adopted.
    pub(super) fn found_nothing(&mut self, options: &SessionOptions, now: i64) {
        self.who = None;
        self.base = Base::Nothing;
        self.build(Document { deadline: Some(deadline(options, now)), ..Document::default() });
    }

    pub(super) fn found(
        &mut self,
        record: Record,
        options: &SessionOptions,
        now: i64,
    ) -> Result<()> {
        let document = decode(options.codec, &record, options, now)?;
        let Record { data, expires_at, subject } = record;
        self.base = Base::Stored { data, expires_at, subject };
        self.build(document);
        Ok(())
    }

    fn build(&mut self, mut document: Document) {
        // Their one request is this one.
        self.flash = std::mem::take(&mut document.flash);
        self.changes.saw(&self.flash);
        self.changes.apply(&mut document);
        self.document = Arc::new(document);
    }

    pub(super) fn size(&self) -> usize {
        let Base::Stored { data, .. } = &self.base else { return 0 };
        data.len() * DECODED
    }

    /// To be changed. A commit that is under way keeps what it writes.
    pub(super) fn document(&mut self) -> &mut Document {
        Arc::make_mut(&mut self.document)
    }

    /// When it ends if it is stored now.
    pub(super) fn expiry(&self, options: &SessionOptions, now: i64) -> i64 {
        expiry(self.document.deadline, options, now)
    }
}

pub(super) fn expiry(until: Option<i64>, options: &SessionOptions, now: i64) -> i64 {
    let deadline = until.unwrap_or_else(|| deadline(options, now));
    let idle = options.idle_timeout.map(|timeout| now.saturating_add(micros(timeout)));
    idle.map_or(deadline, |idle| idle.min(deadline))
}

pub(super) fn content<'a>(data: &'a [u8], expiry: i64, subject: Option<&'a str>) -> Content<'a> {
    Content::new(data, Timestamp::from_micros(expiry)).subject(subject)
}

/// A document that was made elsewhere may not say when it ends; then its record does. beego's
/// never says it, and its sessions live as long as somebody looks at them.
pub(super) fn decode(
    codec: Codec,
    record: &Record,
    options: &SessionOptions,
    now: i64,
) -> Result<Document> {
    let mut document = codec.decode(&record.data)?;
    let slides = codec == Codec::Beego && options.idle_timeout.is_some();
    let recorded = if slides { Some(NEVER) } else { record.expires_at.map(Timestamp::as_micros) };
    let said = document.deadline.or(recorded);
    document.deadline = Some(said.unwrap_or_else(|| deadline(options, now)));
    Ok(document)
}

fn deadline(options: &SessionOptions, now: i64) -> i64 {
    now.saturating_add(micros(options.lifetime))
}

pub(super) fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
