//! Encodes responses into a buffer that JavaScript owns; `lib/answers.js` decodes them.
//!
//! An object made through Node's C interface costs more than a find, so a response is written as
//! plain numbers and bytes, and JavaScript builds its own objects from them.
//!
//! Every item starts at a multiple of 8. A number is a native-endian double, a text its length in
//! bytes and then UTF-8. A response starts with its tag.

use std::ffi::c_void;
use std::ptr;

use napi::bindgen_prelude::sys;
use sessio::operation::{Answer, SessionAnswer};
use sessio::{
    CheckIssue, CommitResult, CookieParts, Entry, Error, ErrorKind, Event, Key, Map, Page, Record,
    SessionPage, SessionStats, Stats, Timestamp, Value,
};

use crate::arguments::exact_number;
use crate::options::camel_case;

/// What a call gives to JavaScript. Without `Debug`: it can hold a token.
pub(crate) enum Response {
    Answer(Answer),
    Failed(Error),
    Text(String),
    Number(f64),
    Stats(Stats),
    OptionalText(Option<String>),
    Texts(Vec<String>),
    Key(Option<Key>),
    /// A value of a session; `undefined` if there is none.
    Value(Option<Value>),
    /// A value that becomes a `BigInt` if it is an integer.
    Integer(Option<Value>),
    Values(Map),
    /// Boxed, because it is much larger than the others.
    CommitResult(Box<CommitResult>),
    /// Becomes `Sessions` on the environment's thread: see `register_page`.
    SessionPage(SessionPage),
    Sessions(Vec<u32>, Option<Key>),
    SessionStats(SessionStats),
    /// With the identity of the manager that emitted it.
    Event(f64, Event),
}

impl From<Result<Answer, Error>> for Response {
    fn from(answer: Result<Answer, Error>) -> Self {
        answer.map_or_else(Response::Failed, Response::Answer)
    }
}

impl From<SessionAnswer> for Response {
    fn from(answer: SessionAnswer) -> Self {
        match answer {
            SessionAnswer::Done => Response::Answer(Answer::Done),
            SessionAnswer::Is(yes) => Response::Answer(Answer::Is(yes)),
            SessionAnswer::Value(value) => Response::Value(value),
            SessionAnswer::Values(map) => Response::Values(map),
            SessionAnswer::Text(text) => Response::Text(text),
            SessionAnswer::Keys(keys) => Response::Texts(keys),
            SessionAnswer::Ends(instant) => Response::Value(Some(Value::Time(instant))),
            SessionAnswer::Expires(instant) => Response::Value(instant.map(Value::Time)),
            SessionAnswer::Subject(text) | SessionAnswer::Token(text) => {
                Response::OptionalText(text)
            }
            SessionAnswer::Remembered(remembered) => Response::Value(remembered.map(Value::Bool)),
            // In milliseconds, as times are.
            SessionAnswer::Lasts(time) => {
                Response::Value(time.map(|time| Value::Float(time.as_secs_f64() * 1000.0)))
            }
            SessionAnswer::Session(session) | SessionAnswer::Begun(session) => {
                let sessions = session.into_iter().collect();
                Response::SessionPage(SessionPage { sessions, next: None })
            }
            SessionAnswer::CommitResult(result) | SessionAnswer::Finished(Some(result)) => {
                Response::CommitResult(Box::new(result))
            }
            SessionAnswer::Finished(None) => Response::Value(Some(Value::Null)),
            SessionAnswer::Page(page) => Response::SessionPage(page),
        }
    }
}

impl Response {
    /// A value that becomes a `BigInt`.
    pub(crate) fn integer(answer: SessionAnswer) -> Self {
        if let SessionAnswer::Value(value) = answer {
            return Response::Integer(value);
        }
        Response::from(answer)
    }
}

/// One finished call, or an event.
pub(crate) struct Completion {
    /// The id of the pending call; `None` for an event.
    pub(crate) id: Option<u32>,
    pub(crate) response: Response,
}

/// What is written instead of an id for an event: `lib/calls.js` compares with it.
pub(crate) const NO_ID: f64 = -1.0;

/// Declares `Tag`, the first number of a response, and the names under which JavaScript gets them.
macro_rules! tags {
    ($($name:ident),* $(,)?) => {
        #[derive(Clone, Copy)]
        #[repr(u8)]
        enum Tag {
            $($name),*
        }

        pub(crate) const TAGS: &[&str] = &[$(stringify!($name)),*];
    };
}

tags! {
    Done,
    False,
    True,
    None,
    Record,
    Records,
    Text,
    Number,
    Page,
    CheckIssues,
    Stats,
    Failed,
    BigInt,
    Date,
    Bytes,
    Json,
    Values,
    Texts,
    Key,
    CommitResult,
    Sessions,
    Event,
}

/// The length of a text that is `null`.
const NO_TEXT: f64 = -1.0;

/// The `ArrayBuffer` for responses. Only `lib/calls.js` has it, so no program can transfer it away.
pub(crate) struct SharedBuffer {
    env: sys::napi_env,
    reference: sys::napi_ref,
    bytes: *mut u8,
    len: usize,
}

impl SharedBuffer {
    /// Keeps the `ArrayBuffer` alive. `None` for any other value.
    pub(crate) fn new(env: sys::napi_env, buffer: sys::napi_value) -> Option<Self> {
        let mut bytes: *mut c_void = ptr::null_mut();
        let (mut len, mut reference) = (0, ptr::null_mut());
        // SAFETY: a value of the running call, and locals for the results.
        let status = unsafe {
            match sys::napi_get_arraybuffer_info(env, buffer, &raw mut bytes, &raw mut len) {
                sys::Status::napi_ok => {
                    sys::napi_create_reference(env, buffer, 1, &raw mut reference)
                }
                status => status,
            }
        };
        (status == sys::Status::napi_ok).then(|| SharedBuffer {
            env,
            reference,
            bytes: bytes.cast(),
            len,
        })
    }

    pub(crate) fn as_mut(&mut self) -> &mut [u8] {
        if self.bytes.is_null() {
            return &mut [];
        }
        // SAFETY: Node said that `len` bytes lie at `bytes`. They do not move, the reference keeps
        // them alive, and no JavaScript that knows them runs while this is borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.bytes, self.len) }
    }
}

impl Default for SharedBuffer {
    /// An empty buffer.
    fn default() -> Self {
        SharedBuffer {
            env: ptr::null_mut(),
            reference: ptr::null_mut(),
            bytes: ptr::null_mut(),
            len: 0,
        }
    }
}

impl Drop for SharedBuffer {
    fn drop(&mut self) {
        if !self.reference.is_null() {
            // SAFETY: made by `new`, and deleted once, on the thread of its environment.
            unsafe { sys::napi_delete_reference(self.env, self.reference) };
        }
    }
}

/// Writes responses. When the buffer is full it goes on counting: `used` is then the size to
/// allocate.
pub(crate) struct Encoder<'a> {
    buffer: &'a mut [u8],
    used: usize,
}

impl<'a> Encoder<'a> {
    pub(crate) fn new(buffer: &'a mut [u8]) -> Self {
        Encoder { buffer, used: 0 }
    }

    /// How many bytes were written, or would have been with enough space.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    pub(crate) fn overflowed(&self) -> bool {
        self.used > self.buffer.len()
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let end = self.used + bytes.len();
        if let Some(target) = self.buffer.get_mut(self.used..end) {
            target.copy_from_slice(bytes);
        }
        self.used = end.next_multiple_of(8);
    }

    fn number(&mut self, number: f64) {
        self.bytes(&number.to_ne_bytes());
    }

    /// Exact up to 2^53, far above every count here.
    #[allow(clippy::cast_precision_loss)]
    fn count(&mut self, count: u64) {
        self.number(count as f64);
    }

    fn size(&mut self, size: usize) {
        self.count(size as u64);
    }

    fn tag(&mut self, tag: Tag) {
        self.number(f64::from(tag as u8));
    }

    fn flag(&mut self, yes: bool) {
        self.tag(if yes { Tag::True } else { Tag::False });
    }

    fn text(&mut self, text: &str) {
        self.size(text.len());
        self.bytes(text.as_bytes());
    }

    fn optional_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.number(NO_TEXT),
        }
    }

    pub(crate) fn completion(&mut self, completion: &Completion) {
        self.number(completion.id.map_or(NO_ID, f64::from));
        self.response(&completion.response);
    }

    pub(crate) fn response(&mut self, response: &Response) {
        match response {
            Response::Answer(answer) => self.answer(answer),
            Response::Failed(error) => self.failed(error),
            Response::Text(text) => {
                self.tag(Tag::Text);
                self.text(text);
            }
            Response::Number(number) => {
                self.tag(Tag::Number);
                self.number(*number);
            }
            Response::Stats(stats) => self.stats(&stats.fields()),
            Response::SessionStats(stats) => self.stats(&stats.fields()),
            Response::OptionalText(text) => match text {
                Some(text) => {
                    self.tag(Tag::Text);
                    self.text(text);
                }
                None => self.tag(Tag::None),
            },
            Response::Texts(texts) => {
                self.tag(Tag::Texts);
                self.size(texts.len());
                texts.iter().for_each(|text| self.text(text));
            }
            Response::Key(key) => match key {
                Some(key) => {
                    self.tag(Tag::Key);
                    self.text(key.as_str());
                }
                None => self.tag(Tag::None),
            },
            Response::Value(value) => match value {
                Some(value) => self.value(value),
                None => self.tag(Tag::Done),
            },
            Response::Integer(value) => match value {
                Some(Value::Int(number)) => self.big_int(number),
                Some(Value::Unsigned(number)) => self.big_int(number),
                Some(other) => self.value(other),
                None => self.tag(Tag::Done),
            },
            Response::Values(values) => {
                self.tag(Tag::Values);
                self.size(values.len());
                for (key, value) in values {
                    self.text(key);
                    self.value(value);
                }
            }
            Response::CommitResult(result) => self.commit_result(result),
            Response::SessionPage(_) => {
                let message = "the sessions of a page have no numbers; please report it";
                self.failed(&Error::new(ErrorKind::Internal, message));
            }
            Response::Sessions(numbers, next) => {
                self.tag(Tag::Sessions);
                self.optional_text(next.as_ref().map(Key::as_str));
                self.size(numbers.len());
                numbers.iter().for_each(|number| self.number(f64::from(*number)));
            }
            Response::Event(identity, event) => {
                self.tag(Tag::Event);
                self.number(*identity);
                self.text(event.name());
            }
        }
    }

    fn big_int(&mut self, number: &impl ToString) {
        self.tag(Tag::BigInt);
        self.text(&number.to_string());
    }

    fn float(&mut self, number: f64) {
        self.tag(Tag::Number);
        self.number(number);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.tag(Tag::None),
            Value::Bool(yes) => self.flag(*yes),
            Value::Int(number) => match exact_number(*number) {
                Some(number) => self.float(number),
                None => self.big_int(number),
            },
            Value::Unsigned(number) => self.big_int(number),
            Value::Float(number) => self.float(*number),
            Value::Text(text) => {
                self.tag(Tag::Text);
                self.text(text);
            }
            Value::Bytes(bytes) => {
                self.tag(Tag::Bytes);
                self.size(bytes.len());
                self.bytes(bytes);
            }
            Value::Time(instant) => {
                self.tag(Tag::Date);
                self.number(to_millis(*instant));
            }
            Value::List(_) | Value::Map(_) => match value.to_json() {
                Ok(json) => {
                    self.tag(Tag::Json);
                    self.text(&json);
                }
                Err(error) => self.failed(&error),
            },
        }
    }

    fn commit_result(&mut self, result: &CommitResult) {
        self.tag(Tag::CommitResult);
        self.text(result.outcome.name());
        self.optional_text(result.token.as_deref());
        self.number(result.expires_at.map_or(f64::NAN, to_millis));
        self.optional_text(result.set_cookie.as_deref());
        let carried = result.carried().and_then(|number| u32::try_from(number).ok());
        self.number(carried.map_or(f64::NAN, f64::from));
        self.flag(result.was_read);
        let headers = result.headers();
        self.size(headers.len());
        for (name, value) in &headers {
            self.text(name);
            self.text(value);
        }
        self.flag(result.cookie.is_some());
        result.cookie.iter().for_each(|cookie| self.cookie(cookie));
    }

    fn cookie(&mut self, cookie: &CookieParts) {
        self.text(&cookie.name);
        self.text(&cookie.value);
        self.text(&cookie.path);
        self.optional_text(cookie.domain.as_deref());
        self.number(cookie.expires.map_or(f64::NAN, to_millis));
        match cookie.max_age {
            Some(age) => self.count(age.as_secs()),
            None => self.number(f64::NAN),
        }
        self.flag(cookie.secure);
        self.flag(cookie.http_only);
        self.text(cookie.same_site.name());
        self.flag(cookie.partitioned);
    }

    fn answer(&mut self, answer: &Answer) {
        match answer {
            Answer::Done => self.tag(Tag::Done),
            Answer::Is(yes) => self.flag(*yes),
            Answer::Found(record) => self.optional_record(record.as_ref()),
            Answer::FoundMany(records) => {
                self.tag(Tag::Records);
                self.size(records.len());
                records.iter().for_each(|record| self.optional_record(record.as_ref()));
            }
            Answer::Wrote(outcome) => {
                self.tag(Tag::Text);
                self.text(outcome.name());
            }
            Answer::Count(count) => {
                self.tag(Tag::Number);
                self.count(*count);
            }
            Answer::Listed(page) => self.page(page),
            Answer::Checked(issues) => {
                self.tag(Tag::CheckIssues);
                self.size(issues.len());
                issues.iter().for_each(|issue| self.issue(issue));
            }
        }
    }

    fn optional_record(&mut self, record: Option<&Record>) {
        match record {
            Some(record) => {
                self.tag(Tag::Record);
                self.record(record);
            }
            None => self.tag(Tag::None),
        }
    }

    fn record(&mut self, record: &Record) {
        self.number(record.expires_at.map_or(f64::NAN, to_millis));
        self.size(record.data.len());
        self.bytes(&record.data);
        self.optional_text(record.subject.as_deref());
    }

    fn page(&mut self, page: &Page) {
        self.tag(Tag::Page);
        self.optional_text(page.next.as_ref().map(Key::as_str));
        self.size(page.entries.len());
        for Entry { key, record } in &page.entries {
            self.text(key.as_str());
            self.record(record);
        }
    }

    fn issue(&mut self, issue: &CheckIssue) {
        self.text(issue.severity.name());
        self.text(issue.code);
        self.text(&issue.message);
        self.text(&issue.fix);
    }

    fn stats(&mut self, fields: &[(&str, u64)]) {
        self.tag(Tag::Stats);
        self.size(fields.len());
        for (name, value) in fields {
            self.text(name);
            self.count(*value);
        }
    }

    fn failed(&mut self, error: &Error) {
        self.tag(Tag::Failed);
        self.text(error.kind().name());
        self.text(&error.message_with(camel_case));
        self.flag(error.is_retryable());
        self.number(error.errno().map_or(f64::NAN, f64::from));
        self.optional_text(error.sqlstate());
    }
}

/// A `Date` holds whole milliseconds. Rounding down never makes an expiry look later than it is.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn to_millis(instant: Timestamp) -> f64 {
    instant.as_micros().div_euclid(1000) as f64
}
