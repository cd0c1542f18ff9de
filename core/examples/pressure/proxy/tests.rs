//! Each order, as a client and a server see it.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::Proxy;

const SOON: Duration = Duration::from_millis(300);
const LATE: Duration = Duration::from_secs(10);

/// A proxy before a server that says what it hears.
fn echo() -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::to(&listener.local_addr().unwrap().to_string()).unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            client.set_nodelay(true).unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = client.read(&mut buffer) {
                    if client.write_all(&buffer[..count]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    proxy
}

fn connect(proxy: &Proxy) -> TcpStream {
    let client = TcpStream::connect(proxy.address()).unwrap();
    client.set_nodelay(true).unwrap();
    client
}

/// What is heard after saying this; nothing within `wait` is `WouldBlock`.
fn say(client: &mut TcpStream, bytes: &[u8], wait: Duration) -> Result<Vec<u8>, ErrorKind> {
    client.write_all(bytes).map_err(|error| error.kind())?;
    hear(client, wait)
}

fn hear(client: &mut TcpStream, wait: Duration) -> Result<Vec<u8>, ErrorKind> {
    client.set_read_timeout(Some(wait)).unwrap();
    let mut buffer = [0; 4096];
    let count = client.read(&mut buffer).map_err(|error| error.kind())?;
    Ok(buffer[..count].to_vec())
}

#[test]
fn bytes_pass_and_connections_are_counted() {
    let proxy = echo();
    let (mut one, mut two) = (connect(&proxy), connect(&proxy));
    assert_eq!(say(&mut one, b"one", LATE).unwrap(), b"one");
    assert_eq!(say(&mut two, b"two", LATE).unwrap(), b"two");
    assert_eq!(proxy.connections(), 2);
}

#[test]
fn a_delay_is_a_round_trip_and_keeps_the_order() {
    let proxy = echo();
    let mut client = connect(&proxy);
    say(&mut client, b"x", LATE).unwrap();
    proxy.delay(Duration::from_millis(100));
    let began = Instant::now();
    say(&mut client, b"y", LATE).unwrap();
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(100) && took < Duration::from_secs(2), "{took:?}");
    client.write_all(b"1").unwrap();
    thread::sleep(Duration::from_millis(10));
    proxy.delay(Duration::ZERO);
    client.write_all(b"2").unwrap();
    let mut heard = hear(&mut client, LATE).unwrap();
    while heard.len() < 2 {
        heard.extend(hear(&mut client, LATE).unwrap());
    }
    assert_eq!(heard, b"12");
}

#[test]
fn a_stall_holds_all_and_a_hold_lets_new_connections_pass() {
    let proxy = echo();
    let mut old = connect(&proxy);
    say(&mut old, b"x", LATE).unwrap();
    proxy.stall();
    assert_eq!(say(&mut old, b"a", SOON), Err(ErrorKind::WouldBlock));
    assert_eq!(say(&mut connect(&proxy), b"a", SOON), Err(ErrorKind::WouldBlock));
    proxy.go();
    assert_eq!(hear(&mut old, LATE).unwrap(), b"a");
    proxy.hold();
    assert_eq!(say(&mut old, b"b", SOON), Err(ErrorKind::WouldBlock));
    assert_eq!(say(&mut connect(&proxy), b"c", LATE).unwrap(), b"c");
    proxy.release();
    assert_eq!(hear(&mut old, LATE).unwrap(), b"b");
}

#[test]
fn a_kill_is_kept_and_everything_else_passes() {
    let proxy = echo();
    proxy.keep_kills(true);
    let (mut one, mut two) = (connect(&proxy), connect(&proxy));
    assert_eq!(say(&mut one, b"KILL 7", SOON), Err(ErrorKind::WouldBlock));
    assert_eq!(say(&mut two, b"SELECT 7", LATE).unwrap(), b"SELECT 7");
    proxy.keep_kills(false);
    assert_eq!(hear(&mut one, LATE).unwrap(), b"KILL 7");
}

#[test]
fn what_is_held_arrives_though_its_sender_has_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::to(&listener.local_addr().unwrap().to_string()).unwrap();
    let mut client = connect(&proxy);
    let (mut server, _) = listener.accept().unwrap();
    proxy.hold();
    client.write_all(b"late").unwrap();
    drop(client);
    assert_eq!(hear(&mut server, SOON), Err(ErrorKind::WouldBlock));
    proxy.release();
    assert_eq!(hear(&mut server, LATE).unwrap(), b"late");
    assert_eq!(hear(&mut server, LATE).unwrap(), b"");
}

#[test]
fn connections_end_in_each_of_three_ways() {
    let proxy = echo();
    let mut client = connect(&proxy);
    say(&mut client, b"x", LATE).unwrap();
    proxy.cut();
    // Half of it may still be said by the server, but never all.
    assert!(say(&mut client, b"1234", LATE).unwrap_or_default().len() < 4);

    let mut client = connect(&proxy);
    say(&mut client, b"x", LATE).unwrap();
    proxy.reset();
    assert_eq!(hear(&mut client, LATE), Err(ErrorKind::ConnectionReset));

    let mut client = connect(&proxy);
    say(&mut client, b"x", LATE).unwrap();
    proxy.half_close();
    assert_eq!(hear(&mut client, LATE).unwrap(), b"");
    client.write_all(b"still").unwrap();
}

#[test]
fn new_connections_are_refused_or_hear_nothing() {
    let proxy = echo();
    proxy.refuse();
    let refused = || TcpStream::connect(proxy.address()).is_err();
    assert!((0..100).any(|_| {
        thread::sleep(Duration::from_millis(10));
        refused()
    }));
    proxy.black_hole();
    let connected = (0..100).find_map(|_| {
        thread::sleep(Duration::from_millis(10));
        TcpStream::connect(proxy.address()).ok()
    });
    assert_eq!(say(&mut connected.unwrap(), b"x", SOON), Err(ErrorKind::WouldBlock));
    proxy.accept();
    assert_eq!(say(&mut connect(&proxy), b"x", LATE).unwrap(), b"x");
}

#[test]
fn a_slow_line_takes_its_time() {
    let proxy = echo();
    let mut client = connect(&proxy);
    say(&mut client, b"x", LATE).unwrap();
    proxy.throttle(Some(1000));
    let began = Instant::now();
    let mut heard = say(&mut client, &[7; 500], LATE).unwrap().len();
    while heard < 500 {
        heard += hear(&mut client, LATE).unwrap().len();
    }
    assert!(began.elapsed() > Duration::from_millis(400));
}

/// 32 connections that send 1,000 packets a second each. What the proxy adds to the delay depends
/// on the machine; run it alone, with --nocapture, to see it.
#[test]
fn thirty_thousand_packets_a_second() {
    let proxy = echo();
    proxy.delay(Duration::from_millis(5));
    let clients: Vec<_> = (0..32).map(|_| connect(&proxy)).collect();
    let pace = |mut client: TcpStream| {
        thread::spawn(move || {
            let mut reader = client.try_clone().unwrap();
            let began = Instant::now();
            let late = thread::spawn(move || {
                let mut heard = [0; 8];
                let mut took = Vec::new();
                while took.len() < 1000 {
                    reader.read_exact(&mut heard).unwrap();
                    let sent = Duration::from_nanos(u64::from_le_bytes(heard));
                    took.push(began.elapsed() - sent);
                }
                took
            });
            for number in 0..1000u32 {
                let due = Duration::from_millis(1) * number;
                thread::sleep(due.saturating_sub(began.elapsed()));
                let now = u64::try_from(began.elapsed().as_nanos()).unwrap();
                client.write_all(&now.to_le_bytes()).unwrap();
            }
            late.join().unwrap()
        })
    };
    let threads: Vec<_> = clients.into_iter().map(pace).collect();
    let mut took: Vec<Duration> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
    took.sort_unstable();
    let at = |part: usize| took[took.len() * part / 100 - 1];
    println!("p50 {:?}, p99 {:?}, most {:?}", at(50), at(99), at(100));
    assert!(at(1) >= Duration::from_millis(5) && at(50) < Duration::from_secs(1));
}
