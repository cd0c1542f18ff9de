//! What the policy gives, near and far, under more load than there is room for, and after a stall.

use super::model::{Asked, Seen, Setup, run};
use super::{Batch, Class, MILLISECOND, Role, Scheduler, SchedulerLimits, Share, Take, Todo};

const LIMITS: SchedulerLimits = SchedulerLimits {
    connections: 16,
    timeout: 5000 * MILLISECOND,
    batch_bytes: 1 << 20,
    waiting_bytes: 1 << 30,
};

fn per_second(seen: &Seen, from: usize, to: usize) -> u64 {
    seen.good[from..to].iter().sum::<u64>() / (to - from) as u64
}

fn far(round_trip: u64, callers: usize) -> Seen {
    run(Setup { round_trip: round_trip * MILLISECOND, callers, seconds: 10, ..Setup::default() })
}

#[test]
fn near_two_batches_are_under_way_and_they_are_full() {
    let seen = run(Setup::default());
    assert!(seen.rows_a_statement >= 28.0, "{seen:?}");
    assert!(seen.most_connections <= 3, "{seen:?}");
    // Two queues by key, each with a connection, gave 23,000 here.
    assert!(per_second(&seen, 2, 4) > 30_000, "{seen:?}");
}

#[test]
fn a_lone_caller_never_waits() {
    let seen = run(Setup { callers: 1, ..Setup::default() });
    // A round trip, a statement with its row, a commit, and the time that a task needs to run.
    assert!(seen.p99 < MILLISECOND + 300_000, "{seen:?}");
    assert_eq!(seen.most_connections, 1);
}

/// Calls of a request: a read, and a write by those who were just answered.
#[test]
fn near_a_second_connection_is_opened_when_a_call_has_waited_for_as_long_as_that_takes() {
    let class = |pace| Class { rows: 64, pace, role: Role::Calls };
    let share = Share { batches: 2, least: 1, part: 1 };
    let mut scheduler = Scheduler::new(LIMITS, vec![class(0), class(1)], vec![share, share]);
    let asked = |class, key| Asked { class, key, since: 0, deadline: 5000 * MILLISECOND };
    let mut todo = Todo::default();
    for key in 0..8 {
        scheduler.submit(asked(0, key), 0, &mut todo);
    }
    assert_eq!(std::mem::take(&mut todo.open).len(), 1);
    scheduler.opened(0, 0, 100_000, 3 * MILLISECOND);
    let Take::Batch(batch) = scheduler.take(0, 3 * MILLISECOND, &mut todo) else {
        panic!("the calls are not sent");
    };
    assert_eq!(batch.calls.len(), 8);
    // The connection is busy, and nothing is under way of the class that comes now.
    for key in 10..18 {
        scheduler.submit(asked(1, key), 4 * MILLISECOND, &mut todo);
    }
    let mut tick = |at, todo: &mut Todo<Asked>| scheduler.tick(at * MILLISECOND, todo).unwrap();
    assert_eq!(tick(6, &mut todo), 7 * MILLISECOND);
    assert!(todo.open.is_empty());
    tick(7, &mut todo);
    assert_eq!(todo.open.len(), 1);
}

/// A store's first calls are often its migration and a write behind it. The connection that is
/// being opened for the one does not take the other.
#[test]
fn a_connection_that_is_opened_for_maintenance_keeps_no_call_waiting() {
    let call = Class { rows: 64, pace: 0, role: Role::Calls };
    let long = Class { rows: 1, pace: 1, role: Role::Long };
    let share = Share { batches: 2, least: 1, part: 1 };
    let mut scheduler = Scheduler::new(LIMITS, vec![call, long], vec![share, share]);
    let asked = |class| Asked { class, key: class as u64, since: 0, deadline: LIMITS.timeout };
    let mut todo = Todo::default();
    scheduler.submit(asked(1), 0, &mut todo);
    let for_long = std::mem::take(&mut todo.open);
    assert_eq!(for_long.len(), 1);
    // One call wants one connection, however often that is looked at.
    scheduler.tick(MILLISECOND, &mut todo);
    assert!(todo.open.is_empty());
    scheduler.submit(asked(0), MILLISECOND, &mut todo);
    assert!(todo.open.len() == 1 && todo.open != for_long);
}

/// A connection for maintenance that is open takes no calls, so it is no reason to keep them
/// waiting for one that cannot be opened.
#[test]
fn calls_that_no_open_connection_serves_are_given_up_with_the_reason() {
    let call = Class { rows: 64, pace: 0, role: Role::Calls };
    let long = Class { rows: 1, pace: 1, role: Role::Long };
    let share = Share { batches: 2, least: 1, part: 1 };
    let mut scheduler = Scheduler::new(LIMITS, vec![call, long], vec![share, share]);
    let asked = |class, key, since| Asked { class, key, since, deadline: since + LIMITS.timeout };
    let start = 10_000 * MILLISECOND;
    let mut todo = Todo::default();
    scheduler.submit(asked(1, 1, start), start, &mut todo);
    let for_long = todo.open.pop().unwrap();
    scheduler.opened(for_long, 0, 100_000, start);
    let Take::Batch(_) = scheduler.take(for_long, start, &mut todo) else { panic!("not sent") };
    scheduler.submit(asked(0, 2, start), start, &mut todo);
    scheduler.submit(asked(1, 3, start), start, &mut todo);
    let for_calls: Vec<usize> = todo.open.drain(..).collect();
    let (patience, late) = (500 * MILLISECOND, start + 600 * MILLISECOND);
    let early = scheduler.open_failed(for_calls[0], patience, start + 1, &mut todo);
    assert_eq!(early.map(|calls| calls.len()), Some(0));
    scheduler.tick(late, &mut todo);
    let slot = todo.open.pop().unwrap();
    // Maintenance waits for the connection that is open.
    let failed = scheduler.open_failed(slot, patience, late, &mut todo).unwrap();
    assert_eq!(failed.iter().map(|call| call.key).collect::<Vec<_>>(), [2]);
    // Where there is a connection for calls, all are served: maintenance borrows it.
    scheduler.submit(asked(0, 4, late), late, &mut todo);
    scheduler.opened(for_calls[0], 0, 100_000, late);
    let Take::Batch(_) = scheduler.take(for_calls[0], late, &mut todo) else { panic!("not sent") };
    assert!(scheduler.open_failed(slot + 1, patience, late, &mut todo).is_none());
}

/// A connection is woken for a call that another one takes before it. What else waits there is not
/// forgotten, however long the first batch took.
#[test]
fn a_connection_that_was_called_for_nothing_takes_what_else_there_is() {
    let class = Class { rows: 64, pace: 0, role: Role::Calls };
    let share = Share { batches: 2, least: 1, part: 1 };
    let mut scheduler = Scheduler::new(LIMITS, vec![class, class], vec![share]);
    let asked = |class, key, since| Asked { class, key, since, deadline: since + LIMITS.timeout };
    let mut todo = Todo::default();
    let second = 1000 * MILLISECOND;
    let answer = |scheduler: &mut Scheduler<Asked>, batch: Batch<Asked>, now, todo: &mut _| {
        scheduler.finished(0, now);
        scheduler.release(batch.calls.iter().filter_map(|taken| taken.hold), now, todo);
    };
    scheduler.submit(asked(0, 1, 0), 0, &mut todo);
    scheduler.opened(0, 0, 100_000, 0);
    let Take::Batch(batch) = scheduler.take(0, 0, &mut todo) else { panic!("not sent") };
    answer(&mut scheduler, batch, second, &mut todo);
    assert!(matches!(scheduler.take(0, second, &mut todo), Take::Idle));
    // The connection is called for class 0, and takes that call first.
    scheduler.submit(asked(0, 2, second), second, &mut todo);
    scheduler.submit(asked(1, 3, second), second, &mut todo);
    assert_eq!(todo.wake, [0]);
    let Take::Batch(batch) = scheduler.take(0, second, &mut todo) else { panic!("not sent") };
    answer(&mut scheduler, batch, 2 * second, &mut todo);
    let taken = scheduler.take(0, 2 * second, &mut todo);
    assert!(matches!(taken, Take::Batch(_)), "{taken:?}");
}

#[test]
fn far_a_call_takes_one_round_trip() {
    for (round_trip, part) in [(5, 1.3), (20, 1.15), (100, 1.15)] {
        let seen = far(round_trip, 64);
        // Beside the commit.
        let round_trips = (seen.p50 - MILLISECOND) as f64 / (round_trip * MILLISECOND) as f64;
        assert!(round_trips <= part, "{round_trip} ms: {round_trips} {seen:?}");
    }
    let seen = far(20, 512);
    assert!(per_second(&seen, 2, 10) > 20_000, "{seen:?}");
}

#[test]
fn what_is_more_than_the_server_can_do_is_refused_and_the_rest_is_done() {
    let slow = Setup {
        statement: 0,
        row: 4 * MILLISECOND,
        cores: 16,
        connections: 4,
        seconds: 30,
        ..Setup::default()
    };
    // Three connections at 250 rows a second each.
    for rate in [900.0, 1500.0, 3750.0] {
        let seen = run(Setup { per_second: Some(rate), ..slow.clone() });
        assert!(per_second(&seen, 10, 30) > 640, "{rate}: {seen:?}");
        assert!(seen.overloaded > 0 && seen.late == 0, "{rate}: {seen:?}");
    }
    for rate in [300.0, 700.0] {
        let seen = run(Setup { per_second: Some(rate), ..slow.clone() });
        assert_eq!((seen.overloaded, seen.late), (0, 0), "{rate}: {seen:?}");
    }
    // One row after the other, on however many connections.
    let in_line = Setup { connections: 16, cores: 1, row: 2 * MILLISECOND, ..slow.clone() };
    for rate in [600.0, 1000.0, 2500.0] {
        let seen = run(Setup { per_second: Some(rate), ..in_line.clone() });
        assert!(per_second(&seen, 10, 30) > 470, "{rate}: {seen:?}");
        assert!(seen.overloaded > 0 && seen.late == 0, "{rate}: {seen:?}");
    }
    // A crowd that waits for its answers is never too much.
    let seen = run(Setup { callers: 1000, ..slow });
    assert_eq!((seen.overloaded, seen.late), (0, 0), "{seen:?}");
}

#[test]
fn after_a_stall_that_is_longer_than_the_timeout_all_is_as_before() {
    let second = 1000 * MILLISECOND;
    let seen = run(Setup {
        per_second: Some(1500.0),
        round_trip: 20 * MILLISECOND,
        stall: Some((5 * second, 11 * second)),
        seconds: 20,
        ..Setup::default()
    });
    assert!(per_second(&seen, 2, 5) > 1400, "{seen:?}");
    assert!(per_second(&seen, 13, 20) > 1400, "{seen:?}");
}

#[test]
fn writes_of_one_key_never_travel_on_two_connections() {
    // With ten keys for 64 callers all but ten wait or join; nothing is lost on the way.
    let seen = run(Setup { keys: 10, ..Setup::default() });
    assert!(per_second(&seen, 2, 4) > 10_000, "{seen:?}");
    assert_eq!((seen.overloaded, seen.late), (0, 0), "{seen:?}");
}
