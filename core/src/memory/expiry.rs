//! When sessions are due, without a list to keep sorted.
//!
//! A session's number lies in a bucket no later than its expiry. Moving an expiry further away
//! leaves the number where it is: when its bucket comes up, the sweeper sees that the session
//! still lives and puts the number into a later one. So a touch, the most frequent write, costs
//! nothing here, and a session has about 8 bytes in all of this.

use std::collections::BTreeMap;

use crate::clock::NEVER;

/// About a minute: wide enough that a bucket is shared by many sessions of a day.
const WIDTH: i64 = 64_000_000;

#[derive(Default)]
pub(super) struct Due {
    buckets: BTreeMap<i64, Vec<u64>>,
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
        let earlier = before.is_none_or(|before| before == NEVER || bucket(after) < bucket(before));
        if earlier {
            self.add(number, after);
        }
    }

    fn add(&mut self, number: u64, expires_at: i64) {
        if expires_at != NEVER {
            self.buckets.entry(bucket(expires_at)).or_default().push(number);
        }
    }

    /// Visits every number that may be due.
    pub(super) fn sweep(&mut self, now: i64, mut visit: impl FnMut(u64) -> Verdict) {
        while let Some(entry) = self.buckets.first_entry() {
            if *entry.key() > bucket(now) {
                return;
            }
            let (at, mut numbers) = entry.remove_entry();
            // A session that was moved back and forth has several entries; they meet here.
            numbers.sort_unstable();
            numbers.dedup();
            let mut kept = Vec::new();
            let mut stopped = false;
            while let Some(number) = numbers.pop() {
                match visit(number) {
                    Verdict::Done => {}
                    Verdict::Later(expires_at) if bucket(expires_at) == at => kept.push(number),
                    Verdict::Later(expires_at) => self.add(number, expires_at),
                    Verdict::Stop => {
                        kept.push(number);
                        stopped = true;
                        break;
                    }
                }
            }
            kept.append(&mut numbers);
            let current = at == bucket(now);
            if !kept.is_empty() {
                self.buckets.insert(at, kept);
            }
            if stopped || current {
                return;
            }
        }
    }
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
        assert_eq!((visits, due.buckets.len()), (2, 0));
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
        assert_eq!(due.buckets.values().map(Vec::len).sum::<usize>(), 1);
    }
}
