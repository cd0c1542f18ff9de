//! When sessions are due, without a list to keep sorted.
//!
//! A session's number lies in a bucket no later than its expiry. Moving an expiry further away
//! leaves the number where it is: when its bucket comes up, the sweeper sees that the session
//! still lives and puts the number into a later one. So a touch, the most frequent write, costs
//! nothing here, and a session has about 8 bytes in all of this.
//!
//! What has come up is sorted by expiry, so that a sweep looks at what is due and at nothing else.
//! A session that is gone leaves its number behind; the shard starts afresh when there are too
//! many of those.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::protocol::clock::NEVER;

/// About a minute: wide enough that a bucket is shared by many sessions of a day.
const WIDTH: i64 = 64_000_000;

#[derive(Default)]
pub(super) struct Due {
    buckets: BTreeMap<i64, Vec<u64>>,
    /// The numbers of the buckets that have come up, each with an instant no later than its expiry.
    near: BinaryHeap<Reverse<(i64, u64)>>,
    /// The last bucket that has come up.
    near_to: Option<i64>,
    /// Numbers in all of this.
    len: usize,
}

/// What the sweeper found behind a number.
pub(super) enum Verdict {
    /// Removed, or not there any more.
    Done,
    /// It lives until then.
    Later(i64),
    /// Enough for this round.
    Stop,
}

impl Due {
    /// An expiry changed; `before` is `None` for a new session.
    pub(super) fn moved(&mut self, number: u64, before: Option<i64>, after: i64) {
        let sooner = before.is_none_or(|before| {
            bucket(after) < bucket(before) || after < before && self.is_near(after)
        });
        if sooner {
            self.add(number, after);
        }
    }

    pub(super) fn add(&mut self, number: u64, expires_at: i64) {
        if expires_at == NEVER {
            return;
        }
        self.len += 1;
        if self.is_near(expires_at) {
            self.near.push(Reverse((expires_at, number)));
        } else {
            self.buckets.entry(bucket(expires_at)).or_default().push(number);
        }
    }

    fn is_near(&self, expires_at: i64) -> bool {
        Some(bucket(expires_at)) <= self.near_to
    }

    /// How many numbers it holds, those of sessions that are gone included.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Nothing is due before.
    pub(super) fn next(&self) -> i64 {
        let near = self.near.peek().map_or(NEVER, |Reverse((at, _))| *at);
        let far = self.buckets.first_key_value().map_or(NEVER, |(at, _)| begin(*at));
        near.min(far)
    }

    /// Visits every number that may be due.
    pub(super) fn sweep(&mut self, now: i64, mut visit: impl FnMut(u64) -> Verdict) {
        self.draw_near(now);
        while let Some(Reverse((at, number))) = self.near.peek().copied()
            && at <= now
        {
            let verdict = visit(number);
            if let Verdict::Stop = verdict {
                return;
            }
            self.near.pop();
            self.len -= 1;
            if let Verdict::Later(expires_at) = verdict {
                self.add(number, expires_at);
            }
        }
        if self.near.capacity() > 4 * self.near.len() {
            self.near.shrink_to(2 * self.near.len());
        }
    }

    fn draw_near(&mut self, now: i64) {
        while let Some(first) = self.buckets.first_entry()
            && *first.key() <= bucket(now)
        {
            let (at, mut numbers) = first.remove_entry();
            self.len -= numbers.len();
            // A session that was moved back and forth has several entries; they meet here.
            numbers.sort_unstable();
            numbers.dedup();
            self.len += numbers.len();
            self.near.extend(numbers.into_iter().map(|number| Reverse((begin(at), number))));
        }
        self.near_to = self.near_to.max(Some(bucket(now)));
    }
}

fn begin(bucket: i64) -> i64 {
    bucket.saturating_mul(WIDTH)
}

fn bucket(instant: i64) -> i64 {
    instant.div_euclid(WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_expiry_is_met_at_its_new_time_only() {
        let mut due = Due::default();
        due.moved(7, None, 10 * WIDTH);
        due.moved(7, Some(10 * WIDTH), 20 * WIDTH);
        let mut visits = 0;
        due.sweep(10 * WIDTH, |_| {
            visits += 1;
            Verdict::Later(20 * WIDTH)
        });
        due.sweep(19 * WIDTH, |_| panic!("not due yet"));
        due.sweep(20 * WIDTH, |_| {
            visits += 1;
            Verdict::Done
        });
        assert_eq!((visits, due.len(), due.buckets.len()), (2, 0, 0));
    }

    #[test]
    fn moving_back_and_forth_leaves_one_entry() {
        let mut due = Due::default();
        due.moved(7, None, 9 * WIDTH);
        for _ in 0..100 {
            due.moved(7, Some(9 * WIDTH), 5 * WIDTH);
            due.moved(7, Some(5 * WIDTH), 9 * WIDTH);
        }
        due.sweep(5 * WIDTH, |_| Verdict::Later(9 * WIDTH));
        due.sweep(9 * WIDTH, |_| Verdict::Later(20 * WIDTH));
        assert_eq!((due.len(), due.buckets.values().map(Vec::len).sum::<usize>()), (1, 1));
    }

    #[test]
    fn sessions_of_one_minute_are_visited_when_they_are_due_and_at_no_other_time() {
        let mut due = Due::default();
        (0..1000).for_each(|number| due.moved(number, None, 1000 * number.cast_signed()));
        let mut visits = 0;
        for now in 0..1000 * 1000 {
            if now < due.next() {
                continue;
            }
            due.sweep(now, |number| {
                visits += 1;
                let expires_at = 1000 * number.cast_signed();
                if expires_at <= now { Verdict::Done } else { Verdict::Later(expires_at) }
            });
        }
        assert_eq!((due.len(), due.next()), (0, NEVER));
        assert!(visits <= 2000, "{visits} visits of 1000 sessions");
    }

    #[test]
    fn an_expiry_that_comes_nearer_is_met_within_the_minute_that_has_come_up() {
        let mut due = Due::default();
        due.moved(7, None, 5000);
        due.sweep(1, |_| Verdict::Later(5000));
        assert_eq!(due.next(), 5000);
        due.moved(7, Some(5000), 3000);
        assert_eq!(due.next(), 3000);
        let mut met = 0;
        due.sweep(3000, |_| {
            met += 1;
            Verdict::Done
        });
        assert_eq!(met, 1);
    }

    #[test]
    fn a_sweep_that_is_stopped_leaves_what_it_did_not_do() {
        let mut due = Due::default();
        (0..10).for_each(|number| due.moved(number, None, 1000));
        let mut left = 4;
        due.sweep(2000, |_| {
            left -= 1;
            if left < 0 { Verdict::Stop } else { Verdict::Done }
        });
        assert_eq!(due.len(), 6);
        assert!(due.next() <= 2000);
    }
}
