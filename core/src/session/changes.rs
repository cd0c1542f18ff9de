//! What one request did to its session, key by key: put on top of whatever is stored by then.
//!
//! This is how two requests that change different keys both win: a commit that finds the session
//! changed does not write its own copy of everything, but applies this to the fresh one.

use std::collections::BTreeMap;

use crate::codec::{DecodedDocument, LazyValue, Values};
use crate::protocol::error::Result;
use crate::value::{Map, Value};

use super::expiry::Touch;
use super::operations::Operation;

/// A log of changes, of which only the last of each key counts.
#[derive(Clone, Default)]
pub(super) struct Changes {
    /// Nothing of what was there before is kept, whatever it is, and the lifetime ends then.
    restarts: Option<i64>,
    /// Everything that was there before the changes below is removed.
    cleared: bool,
    values: BTreeMap<String, Change>,
    /// Flash values for a later request.
    flash: Map,
    /// Flash values that this request has read.
    seen: Map,
    deadline: Option<Deadline>,
    remember: Option<bool>,
    /// `Some(None)` takes the session's own away.
    idle: Option<Option<i64>>,
    touched: Option<Touch>,
    /// What programs keep beside the values; `None` is removed.
    extra: BTreeMap<String, Option<Value>>,
}

/// The end of a lifetime.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    pub(super) at: Option<i64>,
    /// No use of the session moves it.
    pub(super) fixed: bool,
}

/// What happened to a key.
#[derive(Clone)]
enum Change {
    /// It has this value now, or none.
    Set {
        /// It was removed first, and with it what its codec knows of its type.
        removed: bool,
        value: Option<LazyValue>,
    },
    /// Whatever its value is by then, this is done to it.
    Operated(Vec<Operation>),
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        let Changes { restarts, cleared, values, flash, seen, .. } = self;
        let Changes { deadline, remember, idle, touched, extra, .. } = self;
        restarts.is_none()
            && !cleared
            && values.is_empty()
            && flash.is_empty()
            && seen.is_empty()
            && deadline.is_none()
            && remember.is_none()
            && idle.is_none()
            && touched.is_none()
            && extra.is_empty()
    }

    /// Whether a session that holds nothing holds something with these.
    pub(super) fn puts_something_in(&self) -> bool {
        let has_value = |change: &Change| match change {
            Change::Set { value, .. } => value.is_some(),
            Change::Operated(_) => true,
        };
        !self.flash.is_empty() || self.values.values().any(has_value)
    }

    /// From here on it is as if the session had just begun.
    pub(super) fn restart(deadline: i64) -> Self {
        Changes { restarts: Some(deadline), cleared: true, ..Changes::default() }
    }

    /// Whether what they lead to depends on what is stored.
    pub(super) fn operates(&self) -> bool {
        self.values.values().any(|change| matches!(change, Change::Operated(_)))
    }

    /// There is nothing that could be removed.
    pub(super) fn forget_removals(&mut self) {
        self.restarts = None;
        self.cleared = false;
        self.seen.clear();
        self.values.retain(|_, change| !matches!(change, Change::Set { value: None, .. }));
    }

    pub(super) fn put(&mut self, key: String, value: impl Into<LazyValue>) {
        self.set(key, false, Some(value.into()));
    }

    pub(super) fn remove(&mut self, key: String) {
        self.set(key, true, None);
    }

    fn set(&mut self, key: String, removed: bool, value: Option<LazyValue>) {
        let before = self.values.get(&key);
        let before =
            before.is_some_and(|before| matches!(before, Change::Set { removed: true, .. }));
        self.values.insert(key, Change::Set { removed: removed || before, value });
    }

    /// An operation on a value that is not known yet; at once where this request has set it.
    pub(super) fn operate(&mut self, key: &str, operation: Operation) -> Result<()> {
        match self.values.get_mut(key) {
            Some(Change::Operated(operations)) => operations.push(operation),
            Some(Change::Set { value, .. }) => {
                let known = value.as_ref().map(LazyValue::value).transpose()?;
                *value = Some(operation.apply(key, known)?.into());
            }
            None if self.cleared => {
                let value = operation.apply(key, None)?;
                self.set(key.to_owned(), true, Some(value.into()));
            }
            None => {
                self.values.insert(key.to_owned(), Change::Operated(vec![operation]));
            }
        }
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        self.cleared = true;
        self.values.clear();
        self.flash.clear();
    }

    pub(super) fn flash(&mut self, key: String, value: Value) {
        self.flash.insert(key, value);
    }

    pub(super) fn saw(&mut self, flash: &Map) {
        self.seen.extend(flash.iter().map(|(key, value)| (key.clone(), value.clone())));
    }

    pub(super) fn set_deadline(&mut self, deadline: Deadline) {
        self.deadline = Some(deadline);
    }

    pub(super) fn has_deadline(&self) -> bool {
        self.deadline.is_some() || self.restarts.is_some()
    }

    pub(super) fn set_remember(&mut self, remember: bool) {
        self.remember = Some(remember);
    }

    pub(super) fn set_idle(&mut self, idle: Option<i64>) {
        self.idle = Some(idle);
    }

    pub(super) fn set_extra(&mut self, name: String, value: Option<Value>) {
        self.extra.insert(name, value);
    }

    pub(super) fn touch(&mut self, touch: Touch) {
        self.touched = Some(touch);
    }

    pub(super) fn touches(&self) -> bool {
        self.touched.is_some()
    }

    /// Whether the end is to be moved by use, and nothing else is to be done.
    pub(super) fn only_touches(&self) -> bool {
        let others = || Changes { touched: None, ..self.clone() };
        self.touches() && others().is_empty()
    }

    /// Whether the program wants the end to be moved.
    pub(super) fn moves_end(&self) -> bool {
        self.has_deadline() || self.idle.is_some() || self.touches()
    }

    pub(super) fn has_remember(&self) -> bool {
        self.remember.is_some()
    }

    /// What this request has set a key to, if it has; `Some(None)` is nothing.
    pub(super) fn of(&self, key: &str) -> Option<Option<&LazyValue>> {
        match self.values.get(key) {
            Some(Change::Set { value, .. }) => Some(value.as_ref()),
            Some(Change::Operated(_)) => None,
            None => self.cleared.then_some(None),
        }
    }

    /// These and then the others.
    pub(super) fn then(&mut self, others: Changes) {
        if others.restarts.is_some() {
            *self = others;
            return;
        }
        if others.cleared {
            self.clear();
        }
        for (key, change) in others.values {
            match change {
                Change::Set { removed, value } => self.set(key, removed, value),
                Change::Operated(operations) => {
                    for operation in operations {
                        // It was tried on this very value when it was asked for.
                        let _ = self.operate(&key, operation);
                    }
                }
            }
        }
        self.flash.extend(others.flash);
        self.seen.extend(others.seen);
        self.deadline = others.deadline.or(self.deadline);
        self.remember = others.remember.or(self.remember);
        self.idle = others.idle.or(self.idle);
        self.touched = others.touched.or(self.touched);
        self.extra.extend(others.extra);
    }

    /// Puts them on top of a document. An operation that its value does not take is left out and
    /// is the error, the others are done all the same.
    pub(super) fn apply(&self, document: &mut DecodedDocument) -> Result<()> {
        if let Some(deadline) = self.restarts {
            *document = DecodedDocument { deadline: Some(deadline), ..DecodedDocument::default() };
        }
        // Another request's flash value of the same name is not the one that was seen.
        document.flash.retain(|key, value| self.seen.get(key) != Some(value));
        if self.cleared {
            document.values.clear();
            document.flash.clear();
        }
        let mut done = Ok(());
        for (key, change) in &self.values {
            if let Err(error) = change.apply(key, &mut document.values) {
                done = Err(error);
            }
        }
        document.flash.extend(self.flash.iter().map(|(key, value)| (key.clone(), value.clone())));
        if let Some(Deadline { at, fixed }) = self.deadline {
            (document.deadline, document.fixed) = (at, fixed);
        }
        if let Some(remember) = self.remember {
            document.remember = Some(remember);
        }
        if let Some(idle) = self.idle {
            document.idle = idle;
        }
        if let Some(touch) = self.touched {
            touch.apply(document);
        }
        for (name, value) in &self.extra {
            match value {
                Some(value) => drop(document.extra.insert(name.clone(), value.clone())),
                None => drop(document.extra.remove(name)),
            }
        }
        done
    }
}

impl Change {
    fn apply(&self, key: &str, values: &mut Values) -> Result<()> {
        match self {
            Change::Set { removed, value } => {
                if *removed {
                    values.remove(key);
                }
                if let Some(slot) = value {
                    values.insert(key.to_owned(), slot.clone());
                }
            }
            Change::Operated(operations) => {
                for operation in operations {
                    let value = operation.apply(key, values.get(key)?.as_ref())?;
                    values.insert(key.to_owned(), value);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(values: &[(&str, i64)]) -> DecodedDocument {
        let map: Map =
            values.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        DecodedDocument { values: map.into(), ..DecodedDocument::default() }
    }

    fn after(changes: &Changes, values: &[(&str, i64)]) -> Map {
        let mut document = document(values);
        changes.apply(&mut document).unwrap();
        document.values.to_map().unwrap()
    }

    #[test]
    fn operations_are_done_to_what_is_there_by_then() {
        let mut changes = Changes::default();
        changes.operate("n", Operation::Increment(2)).unwrap();
        changes.operate("n", Operation::Increment(3)).unwrap();
        changes.operate("list", Operation::Append(7.into())).unwrap();
        let list = Value::List(vec![7.into()]);
        assert!(after(&changes, &[("n", 10)]).get("n") == Some(&15.into()));
        let fresh = after(&changes, &[]);
        assert!(fresh.get("n") == Some(&5.into()) && fresh.get("list") == Some(&list));
    }

    #[test]
    fn operations_behind_a_value_of_this_request_are_done_at_once() {
        let mut changes = Changes::default();
        changes.put("n".to_owned(), Value::from(1));
        changes.operate("n", Operation::Increment(1)).unwrap();
        assert!(after(&changes, &[("n", 10)]).get("n") == Some(&2.into()));
        changes.remove("n".to_owned());
        changes.operate("n", Operation::Increment(1)).unwrap();
        assert!(after(&changes, &[("n", 10)]).get("n") == Some(&1.into()));
        changes.clear();
        changes.operate("m", Operation::Increment(1)).unwrap();
        assert!(after(&changes, &[("m", 10)]).get("m") == Some(&1.into()));
    }

    #[test]
    fn an_operation_that_does_not_fit_keeps_no_other_change_back() {
        let mut changes = Changes::default();
        changes.operate("n", Operation::Append(1.into())).unwrap();
        changes.put("x".to_owned(), Value::from(1));
        let mut document = document(&[("n", 1)]);
        assert!(changes.apply(&mut document).is_err());
        assert!(document.values.get("x").unwrap() == Some(1.into()));
        changes.put("n".to_owned(), Value::from(2));
        assert!(changes.apply(&mut document).is_ok());
    }

    #[test]
    fn what_starts_over_keeps_nothing_but_what_is_noted_later() {
        let mut first = Changes::default();
        first.put("a".to_owned(), Value::from(1));
        first.set_remember(true);
        let mut later = Changes::restart(5);
        later.operate("n", Operation::Increment(1)).unwrap();
        first.then(later);
        let mut there = DecodedDocument { remember: Some(true), ..document(&[("a", 5), ("n", 1)]) };
        there.other.insert("member".to_owned(), 1.into());
        first.apply(&mut there).unwrap();
        let values = Map::from([("n".to_owned(), 1.into())]);
        assert!(
            there
                == DecodedDocument {
                    deadline: Some(5),
                    values: values.into(),
                    ..DecodedDocument::default()
                }
        );
        assert!(!first.is_empty() && matches!(first.of("a"), Some(None)));
    }

    #[test]
    fn what_is_noted_later_comes_later() {
        let mut first = Changes::default();
        first.put("a".to_owned(), Value::from(1));
        first.operate("n", Operation::Increment(1)).unwrap();
        let mut later = Changes::default();
        later.remove("a".to_owned());
        later.operate("n", Operation::Increment(1)).unwrap();
        first.then(later);
        let map = after(&first, &[("a", 5), ("n", 1)]);
        assert!(!map.contains_key("a") && map.get("n") == Some(&3.into()));
    }
}
