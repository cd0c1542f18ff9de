//! What is held for sessions that are gone, and what a refusal costs, counted.

use std::time::Duration;

use super::*;
use crate::protocol::clock::ManualClock;
use crate::protocol::token::Target;

const HOUR: i64 = 3_600_000_000;
const MONTH: i64 = 30 * 24 * HOUR;

/// Each shard may keep a little, so that a few sessions that come and go cost nothing.
const KEPT: usize = SHARDS * 200;

fn memory(caps: &[(&str, &str)]) -> (Memory, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_micros(HOUR));
    let mut options = Options::new().clock(clock.clone());
    caps.iter().for_each(|(name, cap)| options.set(name, cap).unwrap());
    (Memory::new(&options), clock)
}

fn id(number: u64) -> Id {
    Id::of(Target::Token(&number.to_le_bytes()), true, 43).unwrap()
}

fn row(expires_at: i64) -> Row<'static> {
    Row { data: b"1234567", expires_at, subject: Some("ada"), met: None }
}

fn save(memory: &Memory, number: u64, expires_at: i64) -> Result<Answer> {
    memory.run(Command::Write(id(number), Write::Save(row(expires_at))))
}

fn places(memory: &Memory) -> usize {
    memory.shards.iter().map(|shard| lock(shard).places()).sum()
}

#[test]
fn a_million_logins_and_logouts_leave_nothing() {
    let (memory, _) = memory(&[]);
    for number in 0..1_000_000 {
        save(&memory, number, MONTH).unwrap();
        memory.run(Command::Write(id(number), Write::Delete)).unwrap();
    }
    assert!(places(&memory) <= KEPT, "{} places", places(&memory));
    assert_eq!(memory.limits.bytes.load(Ordering::Relaxed), 0);
}

#[test]
fn a_million_renames_of_one_session_leave_nothing() {
    let (memory, _) = memory(&[]);
    save(&memory, 0, MONTH).unwrap();
    for number in 0..1_000_000 {
        let renamed = memory.run(Command::Rename(id(number), id(number + 1), None));
        assert!(matches!(renamed, Ok(Answer::Wrote(Outcome::Saved))));
    }
    assert!(places(&memory) <= KEPT, "{} places", places(&memory));
}

#[test]
fn a_million_touches_to_and_fro_leave_nothing() {
    let (memory, _) = memory(&[]);
    save(&memory, 0, MONTH).unwrap();
    for number in 0..1_000_000 {
        let expires_at = if number % 2 == 0 { 2 * HOUR + number * 1000 } else { MONTH };
        memory.run(Command::Write(id(0), Write::Touch(expires_at))).unwrap();
    }
    assert!(places(&memory) <= KEPT, "{} places", places(&memory));
}

#[test]
fn a_crowd_that_leaves_gives_its_places_back() {
    for cleaned in [false, true] {
        let (memory, clock) = memory(&[]);
        (0..200_000).for_each(|number| drop(save(&memory, number, MONTH).unwrap()));
        assert!(places(&memory) >= 400_000);
        if cleaned {
            clock.advance(Duration::from_secs(40 * 86_400));
            assert_eq!(memory.sweep(usize::MAX, memory.clock.now()), 200_000);
        } else {
            (0..200_000).for_each(|number| {
                memory.run(Command::Write(id(number), Write::Delete)).unwrap();
            });
        }
        assert!(places(&memory) <= KEPT, "{} places, cleaned: {cleaned}", places(&memory));
    }
}

#[test]
fn sessions_are_still_removed_in_time_after_many_others_are_gone() {
    let (memory, clock) = memory(&[]);
    for number in 0..50_000 {
        save(&memory, number, 2 * HOUR).unwrap();
        if number % 100 != 0 {
            memory.run(Command::Write(id(number), Write::Delete)).unwrap();
        }
    }
    assert_eq!(memory.sweep(usize::MAX, 2 * HOUR - 1), 0);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(memory.sweep(usize::MAX, 2 * HOUR), 500);
    assert_eq!(memory.limits.sessions.load(Ordering::Relaxed), 0);
}

#[test]
fn a_refusal_at_the_cap_sweeps_nothing_while_nothing_is_due() {
    let (memory, clock) = memory(&[("max_sessions", "1000")]);
    (0..1000)
        .for_each(|number| drop(save(&memory, number, 2 * HOUR + number.cast_signed()).unwrap()));
    for number in 0..10_000 {
        let refused = save(&memory, 5000 + number, MONTH);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Full);
    }
    assert_eq!(memory.sweeps.load(Ordering::Relaxed), 0);
    // The minute of their expiry has come, but not yet the instant.
    clock.advance(Duration::from_micros(HOUR.cast_unsigned() - 1));
    for number in 0..10_000 {
        assert!(save(&memory, 5000 + number, MONTH).is_err());
    }
    assert!(memory.sweeps.load(Ordering::Relaxed) <= 2, "{:?}", memory.sweeps);
    clock.advance(Duration::from_micros(10));
    (0..10).for_each(|number| drop(save(&memory, 5000 + number, MONTH).unwrap()));
    assert!(save(&memory, 6000, MONTH).is_err());
    assert!(memory.sweeps.load(Ordering::Relaxed) <= 4, "{:?}", memory.sweeps);
}

#[test]
fn a_touch_that_brings_an_expiry_nearer_makes_room_when_it_has_come() {
    let (memory, clock) = memory(&[("max_sessions", "1")]);
    save(&memory, 0, MONTH).unwrap();
    assert!(save(&memory, 1, MONTH).is_err());
    memory.run(Command::Write(id(0), Write::Touch(HOUR + 5))).unwrap();
    assert!(save(&memory, 1, MONTH).is_err());
    clock.advance(Duration::from_micros(5));
    save(&memory, 1, MONTH).unwrap();
}

#[test]
fn while_others_make_room_each_expired_session_lets_one_in() {
    let (memory, clock) = memory(&[("max_sessions", "800")]);
    (0..800).for_each(|number| drop(save(&memory, number, 2 * HOUR).unwrap()));
    clock.advance(Duration::from_secs(3600));
    let memory = &memory;
    std::thread::scope(|scope| {
        for thread in 1..=8 {
            scope.spawn(move || {
                (0..100).for_each(|number| {
                    save(memory, thread * 10_000 + number, MONTH).map(drop).unwrap();
                });
            });
        }
    });
    assert!(save(memory, 99, MONTH).is_err());
}

#[test]
fn clearing_leaves_nothing_and_no_count() {
    let (memory, clock) = memory(&[]);
    let each_shard = 3 * SWEEP_AT_ONCE as u64;
    let all = each_shard * SHARDS as u64;
    (0..all).for_each(|number| drop(save(&memory, number, MONTH).unwrap()));
    (all..all + 10).for_each(|number| drop(save(&memory, number, HOUR + 1).unwrap()));
    memory.end(&id(0), HOUR);
    clock.advance(Duration::from_secs(1));
    assert!(matches!(memory.run(Command::Clear), Ok(Answer::Count(live)) if live == all - 1));
    assert!(places(&memory) <= KEPT, "{} places", places(&memory));
    assert_eq!(memory.limits.sessions.load(Ordering::Relaxed), 0);
    assert_eq!(memory.limits.bytes.load(Ordering::Relaxed), 0);
    assert!(memory.subjects.ids("ada").is_empty() && !memory.ended.any(&[id(0)], 0));
    save(&memory, 7, MONTH).unwrap();
    assert!(memory.find(&id(7)).is_some());
}
