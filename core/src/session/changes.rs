//! What one request did to its session, key by key: put on top of whatever is stored by then.
//!
//! This is how two requests that change different keys both win: a commit that finds the session
//! changed does not write its own copy of everything, but applies this to the fresh one.

use std::collections::BTreeMap;

use crate::codec::{Document, Slot};
use crate::value::{Map, Value};

/// A log of changes, of which only the last of each key counts.
#[derive(Default)]
pub(super) struct Changes {
    /// Everything that was there before the changes below is removed.
    cleared: bool,
    values: BTreeMap<String, Change>,
    /// Flash values for the next request.
    flash: Map,
    /// Flash values that this request has seen: their one request is over.
    seen: Map,
    deadline: Option<Option<i64>>,
    remember: Option<bool>,
}

/// What happened to a key.
struct Change {
    /// It was removed first, and with it what its codec knows of its type.
    removed: bool,
    /// Its new value, if it has one.
    value: Option<Slot>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        let Changes { cleared, values, flash, seen, deadline, remember } = self;
        !cleared
            && values.is_empty()
            && flash.is_empty()
            && seen.is_empty()
            && deadline.is_none()
            && remember.is_none()
    }

    pub(super) fn put(&mut self, key: String, value: impl Into<Slot>) {
        self.change(key, Change { removed: false, value: Some(value.into()) });
    }

    pub(super) fn remove(&mut self, key: String) {
        self.change(key, Change { removed: true, value: None });
    }

    fn change(&mut self, key: String, mut change: Change) {
        change.removed |= self.values.get(&key).is_some_and(|before| before.removed);
        self.values.insert(key, change);
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

    pub(super) fn set_deadline(&mut self, deadline: Option<i64>) {
        self.deadline = Some(deadline);
    }

    pub(super) fn set_remember(&mut self, remember: bool) {
        self.remember = Some(remember);
    }

    pub(super) fn has_remember(&self) -> bool {
        self.remember.is_some()
    }

    /// These and then the others.
    pub(super) fn then(&mut self, others: Changes) {
        if others.cleared {
            self.clear();
        }
        others.values.into_iter().for_each(|(key, change)| self.change(key, change));
        self.flash.extend(others.flash);
        self.seen.extend(others.seen);
        self.deadline = others.deadline.or(self.deadline);
        self.remember = others.remember.or(self.remember);
    }

    pub(super) fn apply(&self, document: &mut Document) {
        // Another request's flash value of the same name is not the one that was seen.
        document.flash.retain(|key, value| self.seen.get(key) != Some(value));
        if self.cleared {
            document.values.clear();
            document.flash.clear();
        }
        for (key, Change { removed, value }) in &self.values {
            if *removed {
                document.values.remove(key);
            }
            if let Some(slot) = value {
                document.values.insert(key.clone(), slot.clone());
            }
        }
        document.flash.extend(self.flash.iter().map(|(key, value)| (key.clone(), value.clone())));
        if let Some(deadline) = self.deadline {
            document.deadline = deadline;
        }
        if let Some(remember) = self.remember {
            document.remember = Some(remember);
        }
    }
}
