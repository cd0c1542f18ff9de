//! Which sessions have ended a while ago. Taken while a shard is locked, never the other way round.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;

use crate::protocol::marker::KEPT;
use crate::protocol::token::Id;

#[derive(Default)]
pub(super) struct Markers(Mutex<Known>);

#[derive(Default)]
struct Known {
    at: HashMap<Id, i64>,
    /// In the order in which they ended.
    order: VecDeque<(i64, Id)>,
}

impl Markers {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn mark(&self, id: &Id, now: i64) {
        let mut markers = self.lock();
        markers.at.insert(*id, now);
        markers.order.push_back((now, *id));
        while let Some((at, id)) = markers.order.front().copied()
            && at <= now.saturating_sub(KEPT)
        {
            markers.order.pop_front();
            if markers.at.get(&id) == Some(&at) {
                markers.at.remove(&id);
            }
        }
    }

    pub(super) fn any(&self, ids: &[Id], since: i64) -> bool {
        let markers = self.lock();
        ids.iter().any(|id| markers.at.get(id).is_some_and(|at| *at > since))
    }

    pub(super) fn clear(&self) {
        *self.lock() = Known::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::token::Target;

    #[test]
    fn markers_are_known_for_a_while_and_then_forgotten() {
        let id = |token: &str| Id::of(Target::from(token), true, 43).unwrap();
        let ended = Markers::default();
        ended.mark(&id("a"), 1);
        ended.mark(&id("a"), 5);
        assert!(ended.any(&[id("b"), id("a")], 4));
        assert!(!ended.any(&[id("a")], 5));
        ended.mark(&id("b"), KEPT + 1);
        assert!(ended.any(&[id("a")], 0));
        ended.mark(&id("c"), KEPT + 5);
        let markers = ended.lock();
        assert_eq!((markers.at.len(), markers.order.len()), (2, 2));
    }
}
