//! Asking the store for a session, when somebody first wants to know.

use crate::error::{Error, ErrorKind, Result};
use crate::record::Record;
use crate::store::Store;
use crate::token::Target;

use super::events::Event;
use super::handle::Session;
use super::settings::{OnCorrupt, SessionOptions};
use super::state::{State, Who};

impl Session {
    /// Asks the store now, unless that was done. The methods that read do it by themselves; a
    /// program that asks here first knows that none of them waits for the store afterwards.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn look(&self) -> Result<()> {
        self.look_in(&self.manager.store).await
    }

    /// The same as a part of a longer operation.
    pub(super) async fn look_in(&self, store: &Store) -> Result<()> {
        let candidates = match self.lock().candidates() {
            Some(candidates) => candidates.clone(),
            None => return Ok(()),
        };
        let mut unreadable = None;
        for (who, record) in find(store, &candidates).await? {
            let mut found = Ok(true);
            self.update(&candidates, |state, options, now| {
                found = state.found(who.clone(), record, options, now);
            });
            match found {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) => unreadable = unreadable.or(Some((who, error))),
            }
        }
        if let Some((who, error)) = unreadable {
            return self.meet_corrupt(&candidates, who, error);
        }
        self.update(&candidates, State::found_nothing);
        Ok(())
    }

    /// Changes a state that nobody has looked up yet. Destroyed or looked at by another task
    /// meanwhile, it stays as it is.
    fn update(&self, candidates: &[Who], change: impl FnOnce(&mut State, &SessionOptions, i64)) {
        let mut state = self.lock();
        if state.candidates().is_some_and(|there| there == candidates) {
            change(&mut state, &self.manager.options, self.manager.now());
        }
    }

    fn meet_corrupt(&self, candidates: &[Who], who: Who, error: Error) -> Result<()> {
        if error.kind() != ErrorKind::Corrupt {
            return Err(error);
        }
        self.manager.happened(Event::Corrupt);
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
async fn find(store: &Store, candidates: &[Who]) -> Result<Vec<(Who, Record)>> {
    if let [who] = candidates {
        let found = store.find(who.target()).await?;
        return Ok(found.map(|record| (who.clone(), record)).into_iter().collect());
    }
    let targets: Vec<Target<'_>> = candidates.iter().map(Who::target).collect();
    let found = store.find_many(&targets).await?;
    let living = candidates.iter().zip(found);
    Ok(living.filter_map(|(who, record)| Some((who.clone(), record?))).collect())
}
