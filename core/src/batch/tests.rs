//! What the policy gives, near and far, under more load than there is room for, and after a stall.

use super::MILLISECOND;
use super::model::{Seen, Setup, run};

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
fn a_lone_caller_waits_for_nobody() {
    let seen = run(Setup { callers: 1, ..Setup::default() });
    // A round trip, a statement with its row, a commit, and the time that a task needs to run.
    assert!(seen.p99 < MILLISECOND + 300_000, "{seen:?}");
    assert_eq!(seen.most_connections, 1);
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
