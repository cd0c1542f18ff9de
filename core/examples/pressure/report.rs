//! What a scenario showed, and whether it kept its bounds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sessio::ErrorKind;

use crate::checker::{self, Broken};
use crate::client::{Slot, now};
use crate::history::{Call, Said};

/// Kinds that a server in trouble may be answered with.
pub(crate) const TROUBLE: &[ErrorKind] = &[ErrorKind::Timeout, ErrorKind::Unavailable];

/// The first message of each kind of this scenario, to be printed where it is not allowed.
static MESSAGES: Mutex<BTreeMap<&'static str, String>> = Mutex::new(BTreeMap::new());

pub(crate) fn remember(error: &sessio::Error) {
    let mut messages = MESSAGES.lock().unwrap_or_else(PoisonError::into_inner);
    messages.entry(error.kind().name()).or_insert_with(|| error.to_string());
}

/// All calls of a scenario, in the order of their ends.
pub(crate) struct Seen<'a>(pub(crate) Vec<&'a Call>);

impl<'a> Seen<'a> {
    pub(crate) fn of(slots: &'a [Slot]) -> Self {
        Seen(slots.iter().flat_map(|slot| &slot.history.calls).collect())
    }

    fn answered(&self, from: i64, until: i64) -> impl Iterator<Item = &&'a Call> {
        self.0.iter().filter(move |call| (from..until).contains(&call.end))
    }

    /// Acknowledged calls a second.
    pub(crate) fn rate(&self, from: i64, until: i64) -> f64 {
        let good = self.answered(from, until).filter(|call| call.said.is_answer());
        per_second(good.count(), until - from)
    }

    /// How many callers went away before they were answered.
    pub(crate) fn dropped(&self) -> usize {
        self.0.iter().filter(|call| call.said == Said::Dropped).count()
    }

    /// How many calls were answered with this error in that time.
    pub(crate) fn failed(&self, kind: ErrorKind, from: i64, until: i64) -> usize {
        self.answered(from, until).filter(|call| call.said.failed() == Some(kind)).count()
    }

    pub(crate) fn count(&self, from: i64, until: i64) -> usize {
        self.answered(from, until).count()
    }

    pub(crate) fn errors(&self, from: i64, until: i64) -> usize {
        self.answered(from, until).filter(|call| call.said.failed().is_some()).count()
    }

    /// So much of the calls that were answered in that time took at most so long.
    pub(crate) fn quantile(&self, of: f64, from: i64, until: i64) -> Duration {
        quantile(of, self.answered(from, until))
    }

    /// So much of the calls that were answered with this error were so within that time.
    pub(crate) fn took(&self, kind: ErrorKind, of: f64) -> Duration {
        quantile(of, self.0.iter().filter(|call| call.said.failed() == Some(kind)))
    }

    /// Seconds from an instant until as much is acknowledged as was before, but for a third.
    pub(crate) fn back(&self, since: i64, before: f64, until: i64) -> Option<f64> {
        let (step, window) = (100_000, 500_000);
        let mut at = since;
        while at + window <= until {
            if self.rate(at, at + window) >= before * 2.0 / 3.0 {
                let first = self.answered(at, at + window);
                let first = first.filter(|call| call.said.is_answer());
                let first = first.map(|call| call.end).min().unwrap_or(at);
                return Some(micros(first - since).as_secs_f64());
            }
            at += step;
        }
        None
    }
}

fn quantile<'a>(of: f64, calls: impl Iterator<Item = &'a &'a Call>) -> Duration {
    let mut took: Vec<i64> = calls.map(|call| call.end - call.start).collect();
    took.sort_unstable();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 1 of a length.
    let at = (took.len() as f64 * of) as usize;
    micros(took.get(at.min(took.len().saturating_sub(1))).copied().unwrap_or(0))
}

pub(crate) fn micros(count: i64) -> Duration {
    Duration::from_micros(u64::try_from(count).unwrap_or(0))
}

fn per_second(count: usize, micros: i64) -> f64 {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    f64::from(count) / self::micros(micros.max(1)).as_secs_f64()
}

/// A line of the table.
pub(crate) struct Row {
    name: &'static str,
    acknowledged: usize,
    lost: usize,
    resurrected: usize,
    stale: usize,
    untrue: usize,
    wrong_kinds: usize,
    errors: BTreeMap<&'static str, usize>,
    longest: Duration,
    back: String,
    notes: Vec<String>,
    broken: Vec<String>,
}

impl Row {
    /// What the calls of a scenario say by themselves: `allowed` are the errors that it may meet,
    /// `longest` is the longest that a call may take.
    pub(crate) fn of(
        name: &'static str,
        slots: &[Slot],
        allowed: &[ErrorKind],
        longest: Duration,
    ) -> Self {
        let calls = Seen::of(slots);
        let mut row = Row {
            name,
            acknowledged: 0,
            lost: 0,
            resurrected: 0,
            stale: 0,
            untrue: 0,
            wrong_kinds: 0,
            errors: BTreeMap::new(),
            longest: Duration::ZERO,
            back: "-".into(),
            notes: Vec::new(),
            broken: Vec::new(),
        };
        for call in &calls.0 {
            row.longest = row.longest.max(micros(call.end - call.start));
            match call.said.failed() {
                None if call.said == Said::Dropped => {}
                None => row.acknowledged += usize::from(call.action.is_write()),
                Some(kind) => {
                    *row.errors.entry(kind.name()).or_default() += 1;
                    row.wrong_kinds += usize::from(!allowed.contains(&kind));
                }
            }
        }
        row.check(slots);
        let (wrong, took) = (row.wrong_kinds, row.longest);
        row.demand(wrong == 0, || format!("{wrong} errors of kinds that must not come"));
        row.demand(took <= longest, || {
            format!("a call took {:.2} s of {:.2} s", took.as_secs_f64(), longest.as_secs_f64())
        });
        let messages =
            std::mem::take(&mut *MESSAGES.lock().unwrap_or_else(PoisonError::into_inner));
        for (kind, message) in messages {
            row.note(format!("first {kind}: {message}"));
        }
        row
    }

    fn check(&mut self, slots: &[Slot]) {
        for slot in slots {
            for fault in checker::check(&slot.history.calls) {
                let (count, word) = match fault.broken {
                    Broken::Lost => (&mut self.lost, "lost"),
                    Broken::Resurrected => (&mut self.resurrected, "resurrected"),
                    Broken::Stale => (&mut self.stale, "stale"),
                    Broken::Untrue => (&mut self.untrue, "untrue"),
                };
                *count += 1;
                if *count == 1 {
                    self.notes.push(format!("first {word}: {}", tail(slot, fault.call)));
                }
            }
        }
        for (count, word) in [
            (self.lost, "acknowledged writes lost"),
            (self.resurrected, "ended sessions alive again"),
            (self.stale, "failed writes that acted after they had been seen not to"),
            (self.untrue, "answers that were not true"),
        ] {
            self.demand(count == 0, || format!("{count} {word}"));
        }
    }

    /// A bound of the scenario's own.
    pub(crate) fn demand(&mut self, kept: bool, broken: impl FnOnce() -> String) {
        if !kept {
            self.broken.push(broken());
        }
    }

    /// Seconds from the end of the trouble until the service was back.
    pub(crate) fn back(&mut self, back: Option<f64>, most: f64) {
        self.back = back.map_or("never".into(), |seconds| format!("{seconds:.1}"));
        let said = self.back.clone();
        self.demand(back.is_some_and(|seconds| seconds <= most), || {
            format!("back after {said} s, not within {most} s")
        });
    }

    pub(crate) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    pub(crate) fn passed(&self) -> bool {
        self.broken.is_empty()
    }

    /// Whether all that was acknowledged is kept, and all that was said is so.
    pub(crate) fn is_true(&self) -> bool {
        self.lost + self.resurrected + self.stale + self.untrue == 0
    }

    pub(crate) const HEAD: &'static str = "scenario | acknowledged | lost | resurrected | stale | \
         untrue | wrong kinds | errors by kind | longest wait | seconds until back";

    pub(crate) fn print(&self) -> String {
        let errors: Vec<String> =
            self.errors.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let errors = if errors.is_empty() { "0".into() } else { errors.join(", ") };
        let mut text = format!(
            "{} | {} | {} | {} | {} | {} | {} | {errors} | {:.2} | {}",
            self.name,
            self.acknowledged,
            self.lost,
            self.resurrected,
            self.stale,
            self.untrue,
            self.wrong_kinds,
            self.longest.as_secs_f64(),
            self.back,
        );
        for line in &self.notes {
            let _ = write!(text, "\n    {line}");
        }
        for line in &self.broken {
            let _ = write!(text, "\n    FAILED: {line}");
        }
        text
    }
}

/// The last calls of the same session up to the one that shows a fault; tokens are numbers here.
fn tail(slot: &Slot, until: usize) -> String {
    let shown = &slot.history.calls[until];
    let related = slot.history.calls[..=until].iter();
    let related: Vec<&Call> = related.filter(|call| call.action.meets(&shown.action)).collect();
    let one = |call: &&Call| {
        let (start, end) = (micros(now() - call.start), micros(now() - call.end));
        let (ago, took) = (start.as_secs_f64(), start.saturating_sub(end).as_secs_f64());
        format!("{:?} -> {:?} ({took:.2} s, {ago:.1} s ago)", call.action, call.said)
    };
    related[related.len().saturating_sub(6)..].iter().map(one).collect::<Vec<_>>().join("; ")
}
