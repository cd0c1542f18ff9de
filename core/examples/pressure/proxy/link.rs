//! One connection: its bytes are read at once, and written when they may be.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, sleep_until};

use super::late::{Delayed, Late};
use super::{Arrivals, Orders, lock};

pub(super) enum Piece {
    Bytes(Vec<u8>),
    End,
}

impl Piece {
    fn kills(&self) -> bool {
        match self {
            Piece::Bytes(bytes) => bytes.windows(5).any(|word| word == b"KILL "),
            Piece::End => false,
        }
    }
}

/// One connection.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) number: u64,
    pub(super) orders: watch::Receiver<Orders>,
    pub(super) delayed: Arc<Delayed>,
    pub(super) throttles: Arc<[Mutex<Option<Instant>>; 2]>,
}

impl Link {
    pub(super) async fn run(mut self, mut client: TcpStream, target: &str) -> io::Result<()> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        // For good: what has come into a black hole does not leave it.
        if self.orders.borrow().arrivals == Arrivals::BlackHole {
            let number = self.number;
            self.orders.wait_for(|orders| number <= orders.reset).await.map_err(gone)?;
            return client.set_zero_linger();
        }
        let delay = self.orders.borrow().delay;
        if !delay.is_zero() {
            sleep(delay * 3 / 2).await;
        }
        let mut server = TcpStream::connect(target).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let reset = {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            let (up, down) = (self.way(), self.way());
            let (mut orders, number) = (self.orders.clone(), self.number);
            tokio::select! {
                cut = async { tokio::try_join!(
                    up.0.read(from_client),
                    self.deliver(Way::Up, up.1, to_server),
                    down.0.read(from_server),
                    self.deliver(Way::Down, down.1, to_client),
                ) } => { cut?; false }
                _ = orders.wait_for(|orders| number <= orders.reset) => true,
            }
        };
        if reset {
            client.set_zero_linger()?;
            server.set_zero_linger()?;
        }
        Ok(())
    }

    fn way(&self) -> (Source, mpsc::UnboundedReceiver<Piece>) {
        let (to, pieces) = mpsc::unbounded_channel();
        let source = Source {
            to,
            orders: self.orders.clone(),
            delayed: Arc::clone(&self.delayed),
            pending: Arc::default(),
        };
        (source, pieces)
    }

    /// Writes what has arrived, as soon as it may. An error is a cut, the end of both directions.
    async fn deliver(
        &self,
        way: Way,
        mut pieces: mpsc::UnboundedReceiver<Piece>,
        mut to: WriteHalf<'_>,
    ) -> io::Result<()> {
        let mut orders = self.orders.clone();
        let (mut half_closes, mut half_closed) = (self.orders.clone(), false);
        loop {
            let piece = tokio::select! {
                piece = pieces.recv() => piece,
                () = half_close(&mut half_closes, self.number), if way == Way::Down && !half_closed => {
                    half_closed = true;
                    let _ = to.shutdown().await;
                    continue;
                }
            };
            let kills = way == Way::Up && piece.as_ref().is_some_and(Piece::kills);
            let kept =
                |orders: &Orders| orders.hold_back(self.number) || (kills && orders.keeps_kills);
            let let_go = orders.wait_for(|orders| !kept(orders)).await;
            let Ok(now) = let_go.map(|orders| *orders) else { return Ok(()) };
            let Some(Piece::Bytes(bytes)) = piece else {
                let _ = to.shutdown().await;
                return Ok(());
            };
            if self.number <= now.cut {
                to.write_all(&bytes[..bytes.len() / 2]).await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            let written = match now.bytes_per_second {
                Some(most) => self.write_slowly(way, &mut to, &bytes, most).await,
                None => to.write_all(&bytes).await,
            };
            // Its reader has gone. The other direction may go on.
            if written.is_err() && !half_closed {
                return Ok(());
            }
        }
    }

    async fn write_slowly(
        &self,
        way: Way,
        to: &mut WriteHalf<'_>,
        bytes: &[u8],
        most: u64,
    ) -> io::Result<()> {
        let slice = usize::try_from(most / 50).unwrap_or(usize::MAX).max(1);
        for part in bytes.chunks(slice) {
            let took = Duration::from_secs(part.len() as u64) / u32::try_from(most).unwrap_or(1);
            let free = {
                let mut throttle = lock(&self.throttles[way as usize]);
                let free = throttle.unwrap_or_else(Instant::now).max(Instant::now());
                *throttle = Some(free + took);
                free
            };
            sleep_until(free.into()).await;
            to.write_all(part).await?;
        }
        Ok(())
    }
}

/// Waits until the connection is to be half-closed; for ever when the proxy has ended.
async fn half_close(orders: &mut watch::Receiver<Orders>, number: u64) {
    if orders.wait_for(|orders| number <= orders.half_closed).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
}

/// Reads one direction of a connection.
struct Source {
    to: mpsc::UnboundedSender<Piece>,
    orders: watch::Receiver<Orders>,
    delayed: Arc<Delayed>,
    /// How many pieces of it are being delayed.
    pending: Arc<AtomicUsize>,
}

impl Source {
    async fn read(self, mut from: ReadHalf<'_>) -> io::Result<()> {
        let mut buffer = vec![0; 65_536];
        loop {
            let piece = match from.read(&mut buffer).await {
                Ok(0) | Err(_) => Piece::End,
                Ok(count) => Piece::Bytes(buffer[..count].to_vec()),
            };
            let ended = matches!(piece, Piece::End);
            let delay = self.orders.borrow().delay / 2;
            if delay.is_zero() && self.pending.load(Ordering::Acquire) == 0 {
                // An error means that the delivering task has ended.
                let _ = self.to.send(piece);
            } else {
                self.pending.fetch_add(1, Ordering::Relaxed);
                let pending = Arc::clone(&self.pending);
                self.delayed.add(delay, Late { piece, to: self.to.clone(), pending });
            }
            if ended {
                return Ok(());
            }
        }
    }
}
