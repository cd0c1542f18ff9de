//! The scenarios, by what is done to the server.

mod beside;
mod hosts;
mod late;
mod load;
mod locks;
mod logins;
mod network;

use std::time::Duration;

use sessio::{ErrorKind, Store};

use crate::Servers;
use crate::client::{Slot, fresh, now, read_all};
use crate::history::Write;
use crate::report::{Row, Seen};
use crate::servers::{Outcome, Table};

/// How long a call may take beside its timeout.
pub(crate) const SLACK: Duration = Duration::from_millis(300);

/// Kinds that calls may be answered with while nothing works.
const TROUBLED: &[ErrorKind] = &[ErrorKind::Timeout, ErrorKind::Unavailable, ErrorKind::Overloaded];

macro_rules! scenarios {
    ($($scenario:ident $name:literal $play:expr;)*) => {
        #[derive(Clone, Copy, PartialEq)]
        pub(crate) enum Scenario { $($scenario,)* }

        pub(crate) const ALL: [Scenario; [$($name),*].len()] = [$(Scenario::$scenario),*];

        impl Scenario {
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Scenario::$scenario => $name,)* }
            }

            pub(crate) async fn play(self, servers: &Servers) -> Outcome<Row> {
                match self { $(Scenario::$scenario => $play(servers, self.name()).await,)* }
            }
        }
    };
}

scenarios! {
    Overload12 "overload-1.2" load::overload_a_fifth;
    Overload2 "overload-2" load::overload_twice;
    Overload5 "overload-5" load::overload_five_times;
    StallLong "stall-6s" load::stall_longer_than_the_timeout;
    StallShort "stall-3s" load::stall_short_timeout;
    Locked "locked-row" locks::one_row;
    LockedRows "locked-rows" locks::three_rows;
    ReadLock "read-lock" locks::read_lock;
    ReadLockShort "read-lock-rounds" locks::read_lock_rounds;
    LateTouch "expired-while-locked" locks::touch_past_the_expiry;
    Cancelled "cancelled-calls" locks::cancelled;
    Maintenance "maintenance" locks::maintenance;
    Large "large-beside-small" beside::large;
    Processes "hundred-processes" beside::processes;
    Held "held-bytes" late::held_bytes;
    KeptKills "held-kills" late::kept_kills;
    Hidden "anothers-trigger" late::in_anothers_trigger;
    Parted "parted-while-locked" late::parted;
    Silent "silent-connections" late::silent;
    HeldLoad "held-bytes-load" late::held_under_load;
    IdleSubjects "idle-closed-subjects" network::idle_subjects;
    IdleLogins "idle-closed-logins" network::idle_logins;
    Killed "server-killed" network::killed;
    Proxy "network-faults" network::faults;
    TwoHosts "two-hosts" hosts::two;
    ThreeHosts "three-hosts" hosts::three;
    Stray "stray-connection" hosts::stray;
    NotReady "host-not-ready" hosts::not_ready;
    UserConnections "one-connection-allowed" logins::one_connection;
    TooMany "too-many-connections" logins::too_many;
}

/// What every scenario does at its end: waits until all is calm, reads everything through a store
/// of its own, straight from the server, and lets the checker look at it.
pub(crate) async fn settle(table: &Table, slots: &mut [Slot]) -> Outcome<()> {
    tokio::time::sleep(Duration::from_secs(3)).await;
    let store = table.store(&table.server.address, &[("timeout", "10")])?;
    read_all(&store, slots).await?;
    store.close().await;
    Ok(())
}

/// A write of a session that lasts.
fn lasting() -> Write {
    Write { data: fresh(), expires: now() + 3_600_000_000, subject: None }
}

/// When a scenario made its trouble, in microseconds since 1970.
struct Times {
    began: i64,
    /// All was well until then.
    before: i64,
    /// The trouble was over.
    over: i64,
    end: i64,
}

/// The row of a scenario after whose trouble as much is to be acknowledged as before it, within so
/// many seconds.
async fn recovered(
    name: &'static str,
    (table, store): (&Table, &Store),
    slots: &mut [Slot],
    times: &Times,
    most: f64,
) -> Outcome<Row> {
    settle(table, slots).await?;
    let mut row = Row::of(name, slots, TROUBLED, store.timeout() + SLACK);
    let seen = Seen::of(slots);
    // The first half second is for connecting.
    let full = seen.rate(times.began + 500_000, times.before);
    row.back(seen.back(times.over, full, times.end), most);
    Ok(row)
}
