//! A TCP proxy that delays, holds, cuts and refuses on request: for tests, measurements and by
//! hand (`core/examples/proxy.rs`).
//!
//! It runs on two threads of its own, so that its user does not slow it down: one moves
//! bytes, the other keeps the delay. The runtime's timer counts in milliseconds, which is too
//! coarse for a delay of 1 ms; a thread that sleeps on a condition variable is late by some 60 µs.
#![allow(dead_code)] // Each program uses a part of it.

mod late;
mod link;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;

use late::Delayed;
use link::Link;

/// A proxy between a port of 127.0.0.1 and a server. It ends when it is dropped.
pub(crate) struct Proxy {
    port: u16,
    orders: watch::Sender<Orders>,
    opened: Arc<AtomicU64>,
    _end: oneshot::Sender<()>,
}

/// What is to be done with the bytes. Connections are numbered from 1 in the order they came, so a
/// number says which of them an order is for: those up to it.
#[derive(Clone, Copy)]
struct Orders {
    /// The whole round trip.
    delay: Duration,
    stalled: bool,
    held: u64,
    cut: u64,
    half_closed: u64,
    reset: u64,
    keeps_kills: bool,
    bytes_per_second: Option<u64>,
    arrivals: Arrivals,
}

#[derive(Clone, Copy, PartialEq)]
enum Arrivals {
    Accept,
    /// No process listens.
    Refuse,
    /// They are accepted, and hear nothing.
    BlackHole,
}

impl Proxy {
    /// A proxy on a free port. `target` is `host:port`.
    pub(crate) fn to(target: &str) -> io::Result<Self> {
        Proxy::between(0, target)
    }

    /// A proxy on this port; 0 is any that is free.
    pub(crate) fn between(port: u16, target: &str) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (orders, received) = watch::channel(Orders {
            delay: Duration::ZERO,
            stalled: false,
            held: 0,
            cut: 0,
            half_closed: 0,
            reset: 0,
            keeps_kills: false,
            bytes_per_second: None,
            arrivals: Arrivals::Accept,
        });
        let (end, ended) = oneshot::channel();
        let opened = Arc::new(AtomicU64::new(0));
        let delayed = Delayed::start()?;
        let arrivals = Listening {
            address,
            target: target.to_owned(),
            orders: received,
            opened: Arc::clone(&opened),
            delayed: Arc::clone(&delayed),
            throttles: Arc::default(),
        };
        thread::Builder::new().name("proxy".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = ended => {}
                    () = arrivals.listen(listener) => {}
                }
            });
            delayed.end();
        })?;
        Ok(Proxy { port: address.port(), orders, opened, _end: end })
    }

    /// The port it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `127.0.0.1` and the port.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// How many connections have come, refused ones not counted.
    pub(crate) fn connections(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Adds so much to each round trip, half each way; a new connection takes one and a half before
    /// the server hears of it, as a TCP handshake does.
    pub(crate) fn delay(&self, round_trip: Duration) {
        self.orders.send_modify(|orders| orders.delay = round_trip);
    }

    /// Holds all bytes, of new connections as well, until [`go`](Self::go).
    pub(crate) fn stall(&self) {
        self.orders.send_modify(|orders| orders.stalled = true);
    }

    /// Ends a stall.
    pub(crate) fn go(&self) {
        self.orders.send_modify(|orders| orders.stalled = false);
    }

    /// Holds the bytes of the connections there are; new ones pass. What a client sends before it
    /// closes its end reaches the server after [`release`](Self::release).
    pub(crate) fn hold(&self) {
        let until = self.connections();
        self.orders.send_modify(|orders| orders.held = until);
    }

    /// Lets the held bytes go.
    pub(crate) fn release(&self) {
        self.orders.send_modify(|orders| orders.held = 0);
    }

    /// Holds whatever says `KILL`, of new connections as well, and what comes behind it.
    pub(crate) fn keep_kills(&self, keeps: bool) {
        self.orders.send_modify(|orders| orders.keeps_kills = keeps);
    }

    /// Ends each connection there is in the middle of the next bytes that it carries.
    pub(crate) fn cut(&self) {
        let until = self.connections();
        self.orders.send_modify(|orders| orders.cut = until);
    }

    /// Closes the direction towards the client of each connection there is. What the client sends
    /// still reaches the server.
    pub(crate) fn half_close(&self) {
        let until = self.connections();
        self.orders.send_modify(|orders| orders.half_closed = until);
    }

    /// Resets each connection there is, at once and on both sides.
    pub(crate) fn reset(&self) {
        let until = self.connections();
        self.orders.send_modify(|orders| orders.reset = until);
    }

    /// New connections are refused.
    pub(crate) fn refuse(&self) {
        self.orders.send_modify(|orders| orders.arrivals = Arrivals::Refuse);
    }

    /// New connections are accepted and hear nothing.
    pub(crate) fn black_hole(&self) {
        self.orders.send_modify(|orders| orders.arrivals = Arrivals::BlackHole);
    }

    /// New connections are passed on, as in the beginning.
    pub(crate) fn accept(&self) {
        self.orders.send_modify(|orders| orders.arrivals = Arrivals::Accept);
    }

    /// Passes at most so many bytes a second in each direction, all connections together.
    pub(crate) fn throttle(&self, bytes_per_second: Option<u64>) {
        self.orders.send_modify(|orders| orders.bytes_per_second = bytes_per_second);
    }
}

impl Orders {
    fn hold_back(&self, number: u64) -> bool {
        self.stalled || number <= self.held
    }
}

/// Accepts connections and starts what moves their bytes.
struct Listening {
    address: SocketAddr,
    target: String,
    orders: watch::Receiver<Orders>,
    opened: Arc<AtomicU64>,
    delayed: Arc<Delayed>,
    /// Towards the server and towards the client.
    throttles: Arc<[Mutex<Option<Instant>>; 2]>,
}

impl Listening {
    async fn listen(mut self, first: std::net::TcpListener) {
        let Ok(mut listener) = TcpListener::from_std(first) else { return };
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((client, _)) = accepted {
                        self.pass(client);
                    }
                }
                refused = refusing(&mut self.orders, true) => {
                    if !refused {
                        return;
                    }
                    drop(listener);
                    if !refusing(&mut self.orders, false).await {
                        return;
                    }
                    // The port may be in use by a connection that is ending.
                    listener = loop {
                        match TcpListener::bind(self.address).await {
                            Ok(listener) => break listener,
                            Err(_) => sleep(Duration::from_millis(5)).await,
                        }
                    };
                }
            }
        }
    }

    fn pass(&self, client: TcpStream) {
        let link = Link {
            number: self.opened.fetch_add(1, Ordering::Relaxed) + 1,
            orders: self.orders.clone(),
            delayed: Arc::clone(&self.delayed),
            throttles: Arc::clone(&self.throttles),
        };
        let target = self.target.clone();
        // An error is the end of this connection, which its two ends notice.
        tokio::spawn(async move { link.run(client, &target).await.ok() });
    }
}

/// Waits until new connections are refused, or until they are not. False when the proxy has ended.
async fn refusing(orders: &mut watch::Receiver<Orders>, refuse: bool) -> bool {
    orders.wait_for(|orders| (orders.arrivals == Arrivals::Refuse) == refuse).await.is_ok()
}

/// A panic elsewhere does not matter here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
