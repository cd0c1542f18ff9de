//! Puts the writes that wait into as few statements as their order allows.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::token::Key;

use super::job::{Change, Content, Verb};

/// One key's change in one statement, and everybody who is answered by it.
pub(super) struct Group {
    pub(super) change: Change,
    pub(super) tickets: Vec<usize>,
    /// Other swaps of the session, in their order. Once it is known what this one left there, most
    /// of them are known to come too late, without asking the server for each.
    pub(super) behind: Vec<Waiting>,
}

/// Statements of a round, each over different keys, sorted by key: two transactions that lock
/// rows in the same order cannot deadlock.
pub(super) type Round = BTreeMap<Kind, Vec<Group>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Save,
    Insert,
    Update,
    Replace,
    Touch,
    Delete,
    Rename,
}

impl Change {
    pub(super) fn kind(&self) -> Kind {
        match &self.verb {
            Verb::Save(_) => Kind::Save,
            Verb::Insert(_) => Kind::Insert,
            Verb::Update(_) => Kind::Update,
            Verb::Replace(..) => Kind::Replace,
            Verb::Touch(_) => Kind::Touch,
            Verb::Delete => Kind::Delete,
            Verb::Rename(..) => Kind::Rename,
        }
    }

    /// Whether it moves the expiry into the past: what follows must find the session gone.
    pub(super) fn ends_it(&self, now: i64) -> bool {
        match &self.verb {
            Verb::Save(Content { expires_at, .. })
            | Verb::Update(Content { expires_at, .. })
            | Verb::Touch(expires_at) => *expires_at <= now,
            Verb::Insert(_) | Verb::Replace(..) | Verb::Delete | Verb::Rename(..) => false,
        }
    }

    fn other_key(&self) -> Option<Key> {
        if let Verb::Rename(new, _) = &self.verb { Some(*new) } else { None }
    }
}

/// The writes in the order they came, with their tickets. Writes of one key are merged where only
/// the last one shows, and otherwise follow each other in rounds.
pub(super) fn rounds(mut writes: Vec<Waiting>, now: i64) -> Vec<Round> {
    let mut rounds = Vec::new();
    while !writes.is_empty() {
        let (round, rest) = round(writes, now);
        rounds.push(round);
        writes = rest;
    }
    rounds
}

/// A change, and who is answered by it.
pub(super) type Waiting = (Change, usize);

fn round(writes: Vec<Waiting>, now: i64) -> (Round, Vec<Waiting>) {
    let mut round = Round::new();
    // Where each key's group is, and the keys that have something left for a later round.
    let mut places: HashMap<Key, (Kind, usize)> = HashMap::new();
    let mut later: HashSet<Key> = HashSet::new();
    let mut rest = Vec::new();
    for (change, ticket) in writes {
        let (key, kind, other) = (change.key, change.kind(), change.other_key());
        let taken = |key: &Key| later.contains(key) || places.contains_key(key);
        let place = places.get(&key).filter(|_| !later.contains(&key)).copied();
        let joins = place.filter(|(same, _)| *same == kind);
        let joins = joins.filter(|_| kind.is_repeatable() || kind == Kind::Replace);
        let joined = joins.and_then(|(_, index)| round.get_mut(&kind)?.get_mut(index));
        match (joined, place) {
            (Some(group), _) if kind == Kind::Replace => group.behind.push((change, ticket)),
            (Some(group), _) if !group.change.ends_it(now) => {
                group.merge(change.verb, ticket);
            }
            (None, None) if !taken(&key) && !other.is_some_and(|other| taken(&other)) => {
                let groups = round.entry(kind).or_default();
                places.insert(key, (kind, groups.len()));
                if let Some(other) = other {
                    // Nothing joins a rename, so the index is never used.
                    places.entry(other).or_insert((kind, usize::MAX));
                }
                groups.push(Group::new(change, ticket));
            }
            (Some(_) | None, Some(_) | None) => {
                later.insert(key);
                later.extend(other);
                rest.push((change, ticket));
            }
        }
    }
    for groups in round.values_mut() {
        groups.sort_unstable_by_key(|group| group.change.key);
    }
    (round, rest)
}

impl Kind {
    /// Whether doing it again changes nothing: it may be sent again after a lost connection, and
    /// a later one of the same key makes an earlier one unseen.
    pub(super) fn is_repeatable(self) -> bool {
        match self {
            Kind::Save | Kind::Update | Kind::Touch | Kind::Delete => true,
            Kind::Insert | Kind::Replace | Kind::Rename => false,
        }
    }
}

impl Group {
    fn new(change: Change, ticket: usize) -> Self {
        Group { change, tickets: vec![ticket], behind: Vec::new() }
    }

    /// What is left to do of those behind another one.
    pub(super) fn of(mut swaps: Vec<Waiting>) -> Option<Self> {
        let behind = swaps.split_off(swaps.len().min(1));
        let (change, ticket) = swaps.pop()?;
        Some(Group { behind, ..Group::new(change, ticket) })
    }

    /// The swaps behind this one that come too late, where the session's data is `current` now;
    /// and the first that does not, with all behind it.
    pub(super) fn too_late(&self, current: &[u8]) -> (&[Waiting], &[Waiting]) {
        let fits = |(change, _): &Waiting| matches!(&change.verb, Verb::Replace(expected, _) if expected == current);
        self.behind.split_at(self.behind.iter().position(fits).unwrap_or(self.behind.len()))
    }

    /// The last wins; what it leaves as it is comes from the one before.
    fn merge(&mut self, verb: Verb, ticket: usize) {
        self.tickets.push(ticket);
        let before = match &self.change.verb {
            Verb::Save(content) | Verb::Update(content) => content.subject.clone(),
            Verb::Insert(_)
            | Verb::Replace(..)
            | Verb::Touch(_)
            | Verb::Delete
            | Verb::Rename(..) => None,
        };
        let keep = |content: Content| Content { subject: content.subject.or(before), ..content };
        self.change.verb = match verb {
            Verb::Save(content) => Verb::Save(keep(content)),
            Verb::Update(content) => Verb::Update(keep(content)),
            other @ (Verb::Insert(_)
            | Verb::Replace(..)
            | Verb::Touch(_)
            | Verb::Delete
            | Verb::Rename(..)) => other,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::from_text(name)
    }

    fn save(name: &str, subject: Option<&str>) -> Change {
        let subject = subject.map(str::to_owned);
        let content = Content { data: name.into(), expires_at: 9, subject, met: None };
        Change { key: key(name), verb: Verb::Save(content) }
    }

    fn delete(name: &str) -> Change {
        Change { key: key(name), verb: Verb::Delete }
    }

    fn numbered(changes: Vec<Change>) -> Vec<Waiting> {
        changes.into_iter().zip(0..).collect()
    }

    #[test]
    fn different_keys_share_a_statement_in_the_order_of_the_keys() {
        let rounds = rounds(numbered(vec![save("c", None), delete("d"), save("a", None)]), 0);
        assert_eq!(rounds.len(), 1);
        let saves: Vec<&str> =
            rounds[0][&Kind::Save].iter().map(|group| group.change.key.as_str()).collect();
        assert_eq!(saves, ["a", "c"]);
    }

    #[test]
    fn one_key_keeps_its_order_and_a_later_save_covers_an_earlier_one() {
        let changes = vec![save("a", Some("ada")), save("a", None), delete("a"), save("a", None)];
        let rounds = rounds(numbered(changes), 0);
        let tickets = |round: usize, kind| rounds[round][&kind][0].tickets.clone();
        assert_eq!(tickets(0, Kind::Save), [0, 1]);
        assert_eq!((tickets(1, Kind::Delete), tickets(2, Kind::Save)), (vec![2], vec![3]));
        let Verb::Save(content) = &rounds[0][&Kind::Save][0].change.verb else { panic!() };
        assert_eq!(content.subject.as_deref(), Some("ada"));
    }

    #[test]
    fn swaps_of_a_session_wait_behind_the_first_and_keep_their_order() {
        let swap = |from: &str, to: &str| {
            let content = Content { data: to.into(), expires_at: 9, subject: None, met: None };
            Change { key: key("a"), verb: Verb::Replace(from.into(), content) }
        };
        let swaps = vec![swap("1", "2"), swap("1", "3"), swap("2", "4"), swap("1", "5")];
        let rounds = rounds(numbered(swaps), 5);
        let [group] = &rounds[0][&Kind::Replace][..] else { panic!() };
        assert_eq!((rounds.len(), group.behind.len()), (1, 3));
        let late = |current: &[u8]| {
            let (late, left) = group.too_late(current);
            (late.len(), left.len())
        };
        assert_eq!([late(b"2"), late(b"1"), late(b"x")], [(1, 2), (0, 3), (3, 0)]);
        let left = Group::of(group.too_late(b"2").1.to_vec()).unwrap();
        assert_eq!((left.tickets.as_slice(), left.behind.len()), (&[2][..], 1));
        assert!(Group::of(Vec::new()).is_none());
    }

    #[test]
    fn what_follows_the_end_of_a_session_is_not_merged_into_it() {
        let touch = |expires_at| Change { key: key("a"), verb: Verb::Touch(expires_at) };
        assert_eq!(rounds(numbered(vec![touch(9), touch(12)]), 5).len(), 1);
        assert_eq!(rounds(numbered(vec![touch(5), touch(12)]), 5).len(), 2);
    }

    #[test]
    fn a_rename_waits_for_both_its_keys_and_both_wait_for_it() {
        let rename = Change { key: key("a"), verb: Verb::Rename(key("b"), None) };
        let rounds = rounds(numbered(vec![save("b", None), rename, delete("b")]), 0);
        assert_eq!(rounds.len(), 3);
        assert!(rounds[1].contains_key(&Kind::Rename) && rounds[2].contains_key(&Kind::Delete));
    }
}
