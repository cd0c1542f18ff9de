//! sessio's log, for programs that have no `tracing` subscriber: C, Python and Node.
//!
//! A Rust program just installs its own subscriber; the target of every event starts with
//! `sessio`. No event carries a token, a key, session data or a password.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

pub use tracing::Level;

/// Hands every event at `level` or more severe to `sink`, as one line, from whichever thread it
/// happens on. False when this process has a subscriber already; only the first call counts.
pub fn forward(level: Level, sink: impl Fn(Level, &str) + Send + Sync + 'static) -> bool {
    tracing::subscriber::set_global_default(Forward { level, sink }).is_ok()
}

struct Forward<F> {
    level: Level,
    sink: F,
}

impl<F: Fn(Level, &str) + Send + Sync + 'static> Subscriber for Forward<F> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level && metadata.target().starts_with("sessio")
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = LogLine(String::new());
        event.record(&mut line);
        (self.sink)(*event.metadata().level(), &line.0);
    }

    // The core has no spans.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// `message name=value name=value`
struct LogLine(String);

impl Visit for LogLine {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}
