//! The oracle: which states a session can be in after what was answered, and whether each answer
//! is one that such a state gives.
//!
//! A call that was answered with an error may have been done or not, until the session is read or a
//! write of it is acknowledged: what is seen then is final. A write that acts later is found by the
//! next answer that no possible state explains.
//!
//! A call whose caller went away goes on. So nothing that is read says what becomes of it, and only
//! an acknowledged write of the session, which comes behind it, settles it.

use super::history::{Action, Call, Id, Said, World};

/// What was promised and not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// An acknowledged write is not there.
    Lost,
    /// What had ended, by an acknowledged call or by its expiry, is alive.
    Resurrected,
    /// A write that was answered with an error acted after the session had been seen without it.
    Stale,
    /// An answer that is not true of the session as it was.
    Untrue,
}

/// A broken promise: the number of the call that shows it, and what the states were.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) broken: Broken,
    pub(crate) call: usize,
}

pub(crate) fn check(calls: &[Call]) -> Vec<Fault> {
    let mut oracle = Oracle::new();
    calls.iter().for_each(|call| oracle.observe(call));
    oracle.faults
}

/// What is possible after the calls so far.
#[derive(Clone, Debug)]
pub(crate) struct Oracle {
    worlds: Vec<World>,
    /// Not answered, or with an error, and not settled by anything seen since.
    pending: Vec<Call>,
    /// Data of all writes that were answered with an error.
    unsure: Vec<u64>,
    calls: usize,
    pub(crate) faults: Vec<Fault>,
}

impl Oracle {
    pub(crate) fn new() -> Self {
        let worlds = vec![World::new()];
        Oracle { worlds, pending: Vec::new(), unsure: Vec::new(), calls: 0, faults: Vec::new() }
    }

    /// The one state that is possible, if there is only one.
    pub(crate) fn certain(&self) -> Option<&World> {
        match self.worlds.as_slice() {
            [world] if self.pending.is_empty() => Some(world),
            _ => None,
        }
    }

    /// How many calls have an unknown outcome.
    pub(crate) fn pending(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn observe(&mut self, call: &Call) {
        self.calls += 1;
        if !call.said.is_answer() {
            if call.action.is_write() {
                self.unsure.extend(call.action.write().map(|write| write.data));
                self.pending.push(call.clone());
            }
            return;
        }
        self.reach();
        let after = |world: &World| {
            // An expiry during the call counts as before or after it.
            [call.start, call.end].map(|now| call.action.step(world, now))
        };
        let fitting = self.worlds.iter().flat_map(after);
        let fitting = fitting.filter(|(_, said)| call.said.fits(said, &call.action));
        let fitting: Vec<World> = fitting.map(|(world, _)| world).collect();
        if fitting.is_empty() {
            let broken = self.name(call);
            self.faults.push(Fault { broken, call: self.calls - 1 });
            self.believe(call);
        } else {
            self.worlds = fitting;
        }
        let settles = |pending: &Call| {
            let final_when_read = pending.said != Said::Dropped || call.action.is_write();
            final_when_read && pending.action.meets(&call.action)
        };
        self.pending.retain(|pending| !settles(pending));
        self.worlds.sort();
        self.worlds.dedup();
    }

    /// Adds every state that the pending calls can have led to, done in whatever order.
    fn reach(&mut self) {
        let mut from = 0;
        while from < self.worlds.len() && self.worlds.len() < 1000 {
            let until = self.worlds.len();
            for at in from..until {
                for call in &self.pending {
                    for now in [call.start, call.end] {
                        let (world, _) = call.action.step(&self.worlds[at], now);
                        if !self.worlds.contains(&world) {
                            self.worlds.push(world);
                        }
                    }
                }
            }
            from = until;
        }
    }

    /// What an answer is that no possible state explains.
    fn name(&self, call: &Call) -> Broken {
        let id = call.action.ids().0;
        let could_live = self.could_live(id, call.start);
        match (&call.said, &call.action) {
            (Said::Found(None), _) => Broken::Lost,
            (Said::Found(Some(content)), _) => {
                if !could_live {
                    Broken::Resurrected
                } else if self.unsure.contains(&content.data) {
                    Broken::Stale
                } else {
                    Broken::Lost
                }
            }
            (Said::Yes(true), Action::Update(..) | Action::Touch(..) | Action::Delete(_))
            | (Said::Yes(true), Action::Rename(..))
                if !could_live =>
            {
                Broken::Resurrected
            }
            (Said::Yes(false), Action::Update(..) | Action::Touch(..) | Action::Listed(..)) => {
                Broken::Lost
            }
            _ => Broken::Untrue,
        }
    }

    fn could_live(&self, id: Id, now: i64) -> bool {
        let lives = |world: &World| world.get(&id).is_some_and(|content| content.expires > now);
        self.worlds.iter().any(lives)
    }

    /// Goes on from what was answered, so that one fault is counted once: either the answer is
    /// right now, or the call was done in spite of its answer.
    fn believe(&mut self, call: &Call) {
        let done: Vec<World> =
            self.worlds.iter().map(|world| call.action.step(world, call.start).0).collect();
        for world in &mut self.worlds {
            match (&call.said, &call.action) {
                (Said::Found(Some(content)), Action::Find(id)) => {
                    world.insert(*id, content.clone());
                }
                (_, Action::Listed(..)) => {}
                (Said::Found(None) | Said::Yes(false), action) => {
                    world.remove(&action.ids().0);
                }
                _ => {}
            }
        }
        if call.action.is_write() {
            self.worlds.extend(done);
        }
    }
}

#[cfg(test)]
mod tests {
    use sessio::{ErrorKind, Outcome};

    use super::*;
    use crate::history::{Content, NEVER, Write};

    const LATE: Said = Said::Failed(ErrorKind::Timeout);

    fn write(data: u64) -> Write {
        Write { data, expires: NEVER, subject: None }
    }

    fn found(data: u64) -> Said {
        Said::Found(Some(Content { data, expires: NEVER, subject: None }))
    }

    fn faults(calls: &[(Action, Said)]) -> Vec<Broken> {
        let call = |(at, (action, said)): (usize, &(Action, Said))| {
            let start = 1000 * i64::try_from(at).unwrap();
            Call { action: action.clone(), start, end: start + 10, said: said.clone() }
        };
        let calls: Vec<Call> = calls.iter().enumerate().map(call).collect();
        check(&calls).into_iter().map(|fault| fault.broken).collect()
    }

    /// The calls, each history beginning with an acknowledged save of 1.
    fn after_save(calls: &[(Action, Said)]) -> Vec<Broken> {
        faults(&[&[(Action::Save(0, write(1)), Said::Done)], calls].concat())
    }

    #[test]
    fn what_a_right_server_answers_is_accepted() {
        let swap = Action::Replace(0, 1, write(2));
        let moved = Action::Rename(0, 1, Some(write(3)));
        assert_eq!(
            after_save(&[
                (Action::Insert(0, write(9)), Said::Exists),
                (swap.clone(), Said::Wrote(Outcome::Saved)),
                (swap, Said::Wrote(Outcome::Conflict)),
                (moved, Said::Yes(true)),
                (Action::Find(0), Said::Found(None)),
                (Action::Find(1), found(3)),
                (Action::Delete(1), Said::Yes(true)),
                (Action::Delete(1), Said::Yes(false)),
                (Action::Update(1, write(4)), Said::Yes(false)),
                (Action::Insert(1, write(5)), Said::Done),
                (Action::Delete(1), Said::Done),
            ]),
            []
        );
    }

    #[test]
    fn a_failed_write_may_have_happened_or_not_until_a_read() {
        let late = (Action::Save(0, write(2)), LATE);
        for seen in [1, 2] {
            let (other, find) = (3 - seen, Action::Find(0));
            assert_eq!(after_save(&[late.clone(), (find.clone(), found(seen))]), []);
            let changed = [late.clone(), (find.clone(), found(seen)), (find, found(other))];
            let broken = if other == 2 { Broken::Stale } else { Broken::Lost };
            assert_eq!(after_save(&changed), [broken]);
        }
    }

    #[test]
    fn an_acknowledged_write_settles_what_failed_before() {
        let late = (Action::Save(0, write(2)), LATE);
        let find = |said| (Action::Find(0), said);
        let save = (Action::Save(0, write(3)), Said::Done);
        assert_eq!(after_save(&[late.clone(), save.clone(), find(found(3))]), []);
        assert_eq!(after_save(&[late.clone(), save, find(found(2))]), [Broken::Stale]);
        let delete = (Action::Delete(0), Said::Yes(true));
        assert_eq!(after_save(&[late.clone(), delete.clone(), find(Said::Found(None))]), []);
        assert_eq!(after_save(&[late.clone(), delete, find(found(2))]), [Broken::Resurrected]);
        let rename = (Action::Rename(0, 1, None), Said::Yes(true));
        assert_eq!(after_save(&[late.clone(), rename, find(found(2))]), [Broken::Resurrected]);
        let swap = (Action::Replace(0, 1, write(3)), Said::Wrote(Outcome::Saved));
        assert_eq!(after_save(&[late, swap, find(found(2))]), [Broken::Stale]);
    }

    #[test]
    fn two_failed_writes_may_happen_in_any_order_and_a_failed_rename_leaves_one_token() {
        let late = |data| (Action::Update(0, write(data)), LATE);
        let find = |id, said| (Action::Find(id), said);
        for seen in [1, 2, 3] {
            assert_eq!(after_save(&[late(2), late(3), find(0, found(seen))]), []);
        }
        let rename = (Action::Rename(0, 1, None), LATE);
        let moved = [rename.clone(), find(0, Said::Found(None)), find(1, found(1))];
        assert_eq!(after_save(&moved), []);
        let both = [rename.clone(), find(0, found(1)), find(1, found(1))];
        assert_eq!(after_save(&both), [Broken::Resurrected]);
        let neither = [rename, find(0, Said::Found(None)), find(1, Said::Found(None))];
        assert_eq!(after_save(&neither), [Broken::Lost]);
    }

    #[test]
    fn what_is_lost_or_untrue_is_found() {
        let find = |said| (Action::Find(0), said);
        assert_eq!(after_save(&[find(Said::Found(None))]), [Broken::Lost]);
        let saved = (Action::Save(0, write(2)), Said::Done);
        assert_eq!(after_save(&[saved, find(found(1))]), [Broken::Lost]);
        assert_eq!(after_save(&[(Action::Delete(0), Said::Yes(false))]), [Broken::Untrue]);
        let swap = (Action::Replace(0, 1, write(2)), Said::Wrote(Outcome::Conflict));
        assert_eq!(after_save(&[swap]), [Broken::Untrue]);
        let renamed = [(Action::Rename(0, 1, None), Said::Yes(false)), (Action::Find(1), found(1))];
        assert_eq!(after_save(&renamed), [Broken::Untrue]);
        assert_eq!(faults(&[(Action::Insert(0, write(1)), Said::Exists)]), [Broken::Untrue]);
    }

    #[test]
    fn a_subject_that_was_acknowledged_is_there_and_in_the_list() {
        let named = Write { subject: Some(7), ..write(1) };
        let swap = (Action::Replace(0, 1, named), Said::Wrote(Outcome::Saved));
        assert_eq!(after_save(&[swap.clone(), (Action::Find(0), found(1))]), [Broken::Lost]);
        assert_eq!(after_save(&[swap.clone(), (Action::Listed(0, 7), Said::Yes(true))]), []);
        let unlisted = (Action::Listed(0, 7), Said::Yes(false));
        assert_eq!(after_save(&[swap, unlisted]), [Broken::Lost]);
    }

    #[test]
    fn a_dropped_write_may_come_after_what_is_read_and_not_after_what_is_written() {
        let dropped = (Action::Save(0, write(2)), Said::Dropped);
        let find = |said| (Action::Find(0), said);
        let seen = [dropped.clone(), find(found(1)), find(found(2))];
        assert_eq!(after_save(&seen), []);
        let delete = (Action::Delete(0), Said::Yes(true));
        let ended = [dropped, find(found(1)), delete, find(Said::Found(None)), find(found(2))];
        assert_eq!(after_save(&ended), [Broken::Resurrected]);
    }

    #[test]
    fn an_expiry_that_has_passed_is_final() {
        let short = Write { expires: 1500, ..write(1) };
        let touch = (Action::Touch(0, NEVER), LATE);
        let find = |said| (Action::Find(0), said);
        let saved = (Action::Save(0, short), Said::Done);
        let ended = find(Said::Found(None));
        assert_eq!(faults(&[saved.clone(), touch.clone(), ended.clone(), ended.clone()]), []);
        let back = [saved, touch, ended, find(found(1))];
        assert_eq!(faults(&back), [Broken::Resurrected]);
    }
}
