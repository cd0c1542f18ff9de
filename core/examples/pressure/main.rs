//! sessio under pressure: what it acknowledges while its server is overloaded, stalled, locked,
//! killed or read-only, and what is true of it afterwards.
//!
//! `./dev test pressure [SCENARIO…]` runs it: it wants servers of its own, which it ends and
//! reconfigures. Prints a line a scenario, and ends with `N passed, N failed`.

mod calls;
mod checker;
mod client;
mod crowd;
mod history;
mod proxy;
mod report;
mod scenarios;
mod servers;

use std::time::Instant;

use report::Row;
use scenarios::Scenario;
use servers::{Outcome, Server};

/// Where the scenarios are played.
pub(crate) struct Servers {
    pub(crate) a: Server,
    /// Replicates from `a`, and `a` from it.
    pub(crate) b: Server,
}

fn main() -> Outcome<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let chosen: Vec<Scenario> = scenarios::ALL
        .into_iter()
        .filter(|scenario| wanted.is_empty() || wanted.iter().any(|name| name == scenario.name()))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = scenarios::ALL.iter().map(|scenario| scenario.name()).collect();
        return Err(format!("there are the scenarios {}", names.join(", ")).into());
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let failed = runtime.block_on(run(&chosen))?;
    println!("{} passed, {failed} failed", chosen.len() - failed);
    if failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

async fn run(chosen: &[Scenario]) -> Outcome<usize> {
    let servers = Servers { a: Server::of("A")?, b: Server::of("B")? };
    servers.a.prepare().await?;
    servers.b.prepare().await?;
    println!("{}", Row::HEAD);
    let mut failed = 0;
    for scenario in chosen {
        let began = Instant::now();
        let mut passed = play(*scenario, &servers).await;
        if passed == Passed::TooSlow {
            passed = play(*scenario, &servers).await;
        }
        eprintln!("{}: {:.0} s", scenario.name(), began.elapsed().as_secs_f64());
        failed += usize::from(passed != Passed::Yes);
    }
    Ok(failed)
}

#[derive(Clone, Copy, PartialEq)]
enum Passed {
    Yes,
    /// Nothing untrue was said, but a rate, a time or a kind was out of its bounds. A machine that
    /// does nothing for a moment does that too, so the scenario is played once more.
    TooSlow,
    No,
}

async fn play(scenario: Scenario, servers: &Servers) -> Passed {
    match scenario.play(servers).await {
        Ok(row) => {
            println!("{}", row.print());
            match (row.passed(), row.is_true()) {
                (true, _) => Passed::Yes,
                (false, true) => Passed::TooSlow,
                (false, false) => Passed::No,
            }
        }
        Err(error) => {
            println!("{} | FAILED: {error}", scenario.name());
            Passed::No
        }
    }
}
