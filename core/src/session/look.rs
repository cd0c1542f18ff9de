//! Asking the store for a session, when somebody first wants to know.

use crate::error::{Error, ErrorKind, Result};

use super::events::Event;
use super::handle::Session;
use super::settings::{OnCorrupt, SessionOptions};
use super::state::{Base, State, Who};

impl Session {
    /// Asks the store now, unless that was done. The methods that read do it by themselves; a
    /// program that asks here first knows that none of them waits for the store afterwards.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub async fn look(&self) -> Result<()> {
        let who = {
            let state = self.lock();
            match (&state.base, &state.who) {
                (Base::Unknown, Some(who)) => who.clone(),
                (Base::Unknown, None) | (Base::Nothing | Base::Stored { .. }, _) => return Ok(()),
            }
        };
        let Some(record) = self.manager.store.find(who.target()).await? else {
            self.update(&who, State::found_nothing);
            return Ok(());
        };
        let mut failed = None;
        self.update(&who, |state, options, now| failed = state.found(record, options, now).err());
        failed.map_or(Ok(()), |error| self.meet_corrupt(&who, error))
    }

    /// Changes a state that nobody has looked up yet. Destroyed or looked at by another task
    /// meanwhile, it stays as it is.
    fn update(&self, who: &Who, change: impl FnOnce(&mut State, &SessionOptions, i64)) {
        let mut state = self.lock();
        if matches!(state.base, Base::Unknown) && state.who.as_ref() == Some(who) {
            change(&mut state, &self.manager.options, self.manager.now());
        }
    }

    fn meet_corrupt(&self, who: &Who, error: Error) -> Result<()> {
        if error.kind() != ErrorKind::Corrupt {
            return Err(error);
        }
        self.manager.happened(Event::Corrupt);
        tracing::warn!(error = %error, "a session could not be decoded");
        match self.manager.options.on_corrupt {
            OnCorrupt::Fresh => {
                self.update(who, State::found_nothing);
                Ok(())
            }
            OnCorrupt::Fail => Err(error),
        }
    }
}
