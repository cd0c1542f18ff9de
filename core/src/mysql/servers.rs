//! The hosts of one store: how to log in to each, and which one the store is on.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use mysql_async::Opts;

use super::hosts::Hosts;

/// The server closes a connection on which nothing came for so long. It is longer than a
/// connection is ever idle here. It ends what the network kept of a connection that was given up,
/// where nothing else can.
pub(super) const SERVER_IDLE: Duration = Duration::from_secs(90);

// No Debug: the options hold the password, and the driver prints it.
pub(super) struct Servers {
    pub(super) hosts: Hosts,
    /// Each host, for messages, with how to connect to it.
    places: Vec<(String, Opts)>,
    /// What each connection sets at login, as `name = value`.
    pub(super) session_variables: Vec<String>,
    /// The store's: a server gives up what takes longer.
    pub(super) timeout: Duration,
    /// How many connections were opened so far.
    pub(super) opened: AtomicU64,
}

impl Servers {
    pub(super) fn new(
        hosts: Hosts,
        places: Vec<(String, Opts)>,
        session_variables: Vec<String>,
        timeout: Duration,
    ) -> Self {
        Servers { hosts, places, session_variables, timeout, opened: AtomicU64::new(0) }
    }

    pub(super) fn opts(&self, host: usize) -> Opts {
        self.places[host].1.clone()
    }

    /// A host, for messages.
    pub(super) fn place(&self, host: usize) -> &str {
        &self.places[host].0
    }
}
