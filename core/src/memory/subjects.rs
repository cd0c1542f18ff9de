//! Whose sessions are whose. A shard's lock may be held when this one is taken, never after.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::{HashMap, HashSet};

use crate::protocol::token::Id;

#[derive(Default)]
pub(super) struct Subjects(Mutex<HashMap<String, HashSet<Id>>>);

impl Subjects {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, HashSet<Id>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Most sessions have no subject, and they never get here.
    pub(super) fn change(&self, id: &Id, before: Option<&str>, after: Option<&str>) {
        if before.is_none() && after.is_none() {
            return;
        }
        let mut subjects = self.lock();
        if let Some(before) = before
            && let Some(ids) = subjects.get_mut(before)
        {
            ids.remove(id);
            if ids.is_empty() {
                subjects.remove(before);
                if subjects.capacity() > 4 * subjects.len() + 64 {
                    let most = 2 * subjects.len();
                    subjects.shrink_to(most);
                }
            } else if ids.capacity() > 4 * ids.len() + 64 {
                ids.shrink_to(2 * ids.len());
            }
        }
        if let Some(after) = after {
            subjects.entry_ref(after).or_default().insert(*id);
        }
    }

    pub(super) fn ids(&self, subject: &str) -> Vec<Id> {
        self.lock().get(subject).map(|ids| ids.iter().copied().collect()).unwrap_or_default()
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }
}
