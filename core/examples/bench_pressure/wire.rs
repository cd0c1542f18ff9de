//! Looks at what passes between sessio and the server, without changing it: which statements, with
//! room for how many rows, and how many connections wait for an answer at once.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The commands of the protocol that matter here.
const QUERY: u8 = 0x03;
const PREPARE: u8 = 0x16;
const EXECUTE: u8 = 0x17;

/// What all connections did since the counting began.
pub(crate) struct Seen {
    pub(crate) statements: u64,
    /// By the number of rows that a statement has room for.
    pub(crate) sizes: BTreeMap<usize, u64>,
    /// Statements by the number of their connection.
    pub(crate) connections: BTreeMap<usize, u64>,
    /// Seconds with so many connections waiting for an answer.
    pub(crate) in_flight: BTreeMap<usize, f64>,
    /// Milliseconds from a statement to its answer.
    pub(crate) took: Vec<f64>,
    waiting: usize,
    changed: Instant,
}

impl Seen {
    pub(crate) fn new() -> Self {
        Seen {
            statements: 0,
            sizes: BTreeMap::new(),
            connections: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            took: Vec::new(),
            waiting: 0,
            changed: Instant::now(),
        }
    }

    /// Begins to count again. Who waits now still waits.
    pub(crate) fn again(&mut self) -> Self {
        let waiting = self.waiting;
        self.wait(0);
        std::mem::replace(self, Seen { waiting, ..Seen::new() })
    }

    fn wait(&mut self, more: isize) {
        let now = Instant::now();
        let spent = (now - self.changed).as_secs_f64();
        *self.in_flight.entry(self.waiting).or_insert(0.0) += spent;
        self.waiting = self.waiting.saturating_add_signed(more);
        self.changed = now;
    }
}

pub(crate) type Shared = Arc<Mutex<Seen>>;

/// Passes connections on to `target` for ever.
pub(crate) async fn relay(target: String, seen: Shared) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((client, _)) = listener.accept().await else { return };
            let (target, seen) = (target.clone(), Arc::clone(&seen));
            // An error is the end of this connection, which its two ends notice.
            tokio::spawn(async move { pass(client, &target, number, seen).await.ok() });
        }
    });
    Ok(port)
}

async fn pass(client: TcpStream, target: &str, number: usize, seen: Shared) -> io::Result<()> {
    let server = TcpStream::connect(target).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let link = Arc::new(Mutex::new(Link::new(number, seen)));
    let answers = Arc::clone(&link);
    let down = tokio::spawn(async move {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let length = from_server.read(&mut buffer).await?;
            if length == 0 {
                return to_client.shutdown().await;
            }
            locked(&answers).answered(&buffer[..length]);
            to_client.write_all(&buffer[..length]).await?;
        }
    });
    let mut buffer = vec![0; 64 << 10];
    loop {
        let length = from_client.read(&mut buffer).await?;
        if length == 0 {
            break;
        }
        locked(&link).asked(&buffer[..length]);
        to_server.write_all(&buffer[..length]).await?;
    }
    to_server.shutdown().await?;
    down.await.unwrap_or(Ok(()))
}

pub(crate) fn locked<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection.
struct Link {
    number: usize,
    seen: Shared,
    packets: Packets,
    /// Rows that each prepared statement has room for.
    prepared: HashMap<[u8; 4], usize>,
    /// That of a statement being prepared, until its number is known.
    preparing: Option<usize>,
    answer: Vec<u8>,
    since: Option<Instant>,
}

impl Link {
    fn new(number: usize, seen: Shared) -> Self {
        Link {
            number,
            seen,
            packets: Packets::default(),
            prepared: HashMap::new(),
            preparing: None,
            answer: Vec::new(),
            since: None,
        }
    }

    fn asked(&mut self, bytes: &[u8]) {
        for command in self.packets.feed(bytes) {
            match command.split_first() {
                Some((&PREPARE, text)) => {
                    self.preparing = Some(rows(text));
                    self.answer.clear();
                }
                Some((&QUERY, text)) => self.statement(rows(text)),
                Some((&EXECUTE, rest)) => {
                    let number = rest.first_chunk().copied().unwrap_or_default();
                    let rows = self.prepared.get(&number).copied().unwrap_or_default();
                    self.statement(rows);
                }
                _ => {}
            }
        }
    }

    fn statement(&mut self, rows: usize) {
        let mut seen = locked(&self.seen);
        seen.statements += 1;
        *seen.sizes.entry(rows).or_insert(0) += 1;
        *seen.connections.entry(self.number).or_insert(0) += 1;
        if self.since.is_none() {
            seen.wait(1);
            self.since = Some(Instant::now());
        }
    }

    fn answered(&mut self, bytes: &[u8]) {
        if let Some(since) = self.since.take() {
            let mut seen = locked(&self.seen);
            seen.wait(-1);
            seen.took.push(since.elapsed().as_secs_f64() * 1e3);
        }
        if let Some(rows) = self.preparing {
            self.answer.extend(bytes);
            // Length and sequence, 0 for success, the statement's number.
            if let Some([_, _, _, _, first, number @ ..]) = self.answer.first_chunk::<9>() {
                if *first == 0 {
                    self.prepared.insert(*number, rows);
                }
                self.preparing = None;
            }
        }
    }
}

/// How many rows a statement has room for: of a write its rows, of a read its keys.
fn rows(text: &[u8]) -> usize {
    let text = String::from_utf8_lossy(text);
    if text.starts_with("INSERT") {
        return text.matches("(?,?,").count();
    }
    let list = text.split_once("IN (").and_then(|(_, rest)| rest.split_once(')'));
    list.map_or(1, |(keys, _)| keys.matches('?').count())
}

/// Cuts what a client sends into commands: packets with which it begins to speak.
#[derive(Default)]
struct Packets {
    header: Vec<u8>,
    body: Vec<u8>,
    missing: usize,
}

impl Packets {
    fn feed(&mut self, mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut commands = Vec::new();
        while !bytes.is_empty() {
            if self.header.len() < 4 {
                self.header.push(bytes[0]);
                bytes = &bytes[1..];
                if let [low, middle, high, _] = self.header[..] {
                    self.missing =
                        usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
                }
            } else {
                let (part, rest) = bytes.split_at(self.missing.min(bytes.len()));
                self.body.extend(part);
                self.missing -= part.len();
                bytes = rest;
            }
            if self.header.len() == 4 && self.missing == 0 {
                let body = std::mem::take(&mut self.body);
                if self.header[3] == 0 {
                    commands.push(body);
                }
                self.header.clear();
            }
        }
        commands
    }
}
