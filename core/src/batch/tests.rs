//! What the policy gives, near and far, under more load than there is room for, and after a stall.

use super::model::{Seen, Setup, run};
use super::{MILLISECOND, Moment};

fn per_second(seen: &Seen, from: usize, to: usize) -> u64 {
    seen.good[from..to].iter().sum::<u64>() / (to - from) as u64
}

fn far(round_trip: Moment, callers: usize) -> Seen {
    run(Setup { round_trip: round_trip * MILLISECOND, callers, seconds: 10, ..Setup::default() })
}

#[test]
fn show() {
    let show = |name: &str, seen: &Seen| {
        println!(
            "{name:28} {:>7}/s p50 {:6.2} p99 {:6.2} rows {:5.1} conns {:2} over {} late {}",
            per_second(seen, 2, 4),
            seen.p50 as f64 / 1e6,
            seen.p99 as f64 / 1e6,
            seen.rows_a_statement,
            seen.most_connections,
            seen.overloaded,
            seen.late
        );
    };
    show("near 64", &run(Setup::default()));
    show("near 512", &run(Setup { callers: 512, ..Setup::default() }));
    show("near 1", &run(Setup { callers: 1, ..Setup::default() }));
    show("near 4", &run(Setup { callers: 4, ..Setup::default() }));
    show("near reads 64", &run(Setup { commit: 0, ..Setup::default() }));
    show("5 ms 64", &far(5, 64));
    show("20 ms 64", &far(20, 64));
    show("100 ms 64", &far(100, 64));
    show("20 ms 512", &far(20, 512));
    show("100 ms 512", &far(100, 512));
    show("commit 10", &run(Setup { commit: 10 * MILLISECOND, ..Setup::default() }));
    for rate in [2e3, 10e3, 30e3, 100e3] {
        show(&format!("near {rate}/s"), &run(Setup { per_second: Some(rate), ..Setup::default() }));
    }
    show(
        "20 ms 2000/s",
        &run(Setup { per_second: Some(2e3), round_trip: 20 * MILLISECOND, ..Setup::default() }),
    );
    let slow = Setup {
        statement: 0,
        row: 4 * MILLISECOND,
        cores: 16,
        connections: 4,
        seconds: 30,
        ..Setup::default()
    };
    for rate in [300., 480., 600., 1000., 2500.] {
        let seen = run(Setup { per_second: Some(rate), ..slow.clone() });
        show(&format!("slow rows {rate}/s"), &seen);
        println!("{:?}", seen.good);
    }
    let stalled = Setup {
        per_second: Some(1500.),
        round_trip: 20 * MILLISECOND,
        stall: Some((5000 * MILLISECOND, 11000 * MILLISECOND)),
        seconds: 20,
        ..Setup::default()
    };
    let seen = run(stalled);
    show("stall", &seen);
    println!("{:?}", seen.good);
}
