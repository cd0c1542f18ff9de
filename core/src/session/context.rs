//! What all sessions of one manager share: its store, its settings, and what is counted.

use crate::store::Store;

use super::events::{Event, EventCounters};
use super::settings::SessionOptions;

pub(super) struct Context {
    pub(super) store: Store,
    pub(super) options: SessionOptions,
    pub(super) counters: EventCounters,
}

impl Context {
    pub(super) fn now(&self) -> i64 {
        self.store.now()
    }

    pub(super) fn emit(&self, event: Event) {
        self.counters.add(event);
        if let Some(listener) = &self.options.listener {
            listener(event);
        }
    }
}
