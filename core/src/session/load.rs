//! Loads a session from the store, when it is first read.

use std::sync::Arc;

use crate::protocol::error::{Error, ErrorKind, Result};
use crate::protocol::record::Record;
use crate::protocol::token::Target;
use crate::store::Store;

use super::events::Event;
use super::handle::Session;
use super::settings::{OnCorrupt, SessionOptions};
use super::state::{SessionRef, State};

impl Session {
    /// Asks the store now, unless that was done. The methods that read do it by themselves; a
    /// program that asks here first knows that none of them waits for the store afterwards.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn ensure_loaded(&self) -> Result<()> {
        self.load_in(&self.manager.store).await
    }

    /// The same as a part of a longer operation.
    pub(super) async fn load_in(&self, store: &Store) -> Result<()> {
        let candidates = match self.lock().candidates() {
            Some(candidates) => Arc::clone(candidates),
            None => return Ok(()),
        };
        let mut unreadable = None;
        if let [who] = &*candidates {
            if let Some(record) = store.find(who.target()).await?
                && self.accept(&candidates, who, record, &mut unreadable)
            {
                return Ok(());
            }
        } else {
            for (who, record) in Box::pin(find_all(store, &candidates)).await? {
                if self.accept(&candidates, who, record, &mut unreadable) {
                    return Ok(());
                }
            }
        }
        if let Some((who, error)) = unreadable {
            return self.meet_corrupt(&candidates, who, error);
        }
        self.update(&candidates, State::found_nothing);
        Ok(())
    }

    /// Whether this is the session; the first that cannot be read is noted.
    fn accept(
        &self,
        candidates: &Arc<[SessionRef]>,
        who: &SessionRef,
        record: Record,
        unreadable: &mut Option<(SessionRef, Error)>,
    ) -> bool {
        let mut found = Ok(true);
        self.update(candidates, |state, options, now| {
            found = state.found(who.clone(), record, options, now);
        });
        found.unwrap_or_else(|error| {
            unreadable.get_or_insert((who.clone(), error));
            false
        })
    }

    /// Changes a state that is not loaded yet. Destroyed or loaded by another task
    /// meanwhile, it stays as it is.
    fn update(
        &self,
        candidates: &Arc<[SessionRef]>,
        change: impl FnOnce(&mut State, &SessionOptions, i64),
    ) {
        let mut state = self.lock();
        if state.candidates().is_some_and(|there| Arc::ptr_eq(there, candidates)) {
            change(&mut state, &self.manager.options, self.manager.now());
        }
    }

    fn meet_corrupt(
        &self,
        candidates: &Arc<[SessionRef]>,
        who: SessionRef,
        error: Error,
    ) -> Result<()> {
        if error.kind() != ErrorKind::Corrupt {
            return Err(error);
        }
        self.manager.emit(Event::Corrupt);
        tracing::warn!(error = %error, "a session could not be decoded");
        match self.manager.options.on_corrupt {
            OnCorrupt::Fresh => {
                self.update(candidates, |state, options, now| {
                    state.found_unreadable(who, options, now);
                });
                Ok(())
            }
            OnCorrupt::Fail => Err(error),
        }
    }
}

/// Those of them that live, in their order; by one statement.
async fn find_all<'a>(
    store: &Store,
    candidates: &'a [SessionRef],
) -> Result<Vec<(&'a SessionRef, Record)>> {
    let targets: Vec<Target<'_>> = candidates.iter().map(SessionRef::target).collect();
    let found = store.find_many(&targets).await?;
    Ok(candidates.iter().zip(found).filter_map(|(who, record)| Some((who, record?))).collect())
}
