//! What a server, a proxy or a cluster refuses becomes the right error, and is not asked again for
//! each row of a batch.

// A helper of tests may panic as they do.
#![allow(clippy::unwrap_used)]

#[path = "support/common.rs"]
mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mysql_async::prelude::Queryable;
use sessio::ErrorKind::{self, InvalidArgument, Schema, Timeout, Unavailable};
use sessio::{Error, Expiry, Options, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// When the server refuses.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Login,
    /// What is sent at a login is answered; then every statement is refused.
    Statement,
}

struct Refuser {
    port: u16,
    /// Logins, or statements after them, that were refused.
    refused: Arc<AtomicUsize>,
}

/// A server that has one answer.
async fn refuser(phase: Phase, code: u16, state: &'static str, says: &'static str) -> Refuser {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let refused = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&refused);
    let mut error = vec![0xff];
    error.extend(code.to_le_bytes());
    error.extend(format!("#{state}{says}").into_bytes());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (error, counter) = (error.clone(), Arc::clone(&counter));
            // It ends when the client goes away.
            tokio::spawn(async move { serve(stream, phase, &error, &counter).await.ok() });
        }
    });
    Refuser { port, refused }
}

async fn serve(
    mut stream: TcpStream,
    phase: Phase,
    error: &[u8],
    refused: &AtomicUsize,
) -> std::io::Result<()> {
    const OK: &[u8] = &[0, 0, 0, 2, 0, 0, 0];
    send(&mut stream, 0, &greeting()).await?;
    let (number, _) = receive(&mut stream).await?;
    if phase == Phase::Login {
        refused.fetch_add(1, Ordering::SeqCst);
        return send(&mut stream, number + 1, error).await;
    }
    send(&mut stream, number + 1, OK).await?;
    loop {
        let (number, command) = receive(&mut stream).await?;
        let text = String::from_utf8_lossy(command.get(1..).unwrap_or_default()).into_owned();
        match command.first() {
            Some(3) if text.starts_with("SET ") => send(&mut stream, number + 1, OK).await?,
            Some(3) if text.starts_with("SELECT @@") => variables(&mut stream, &text).await?,
            // COM_QUIT, COM_STMT_CLOSE: without an answer.
            Some(1) => return Ok(()),
            Some(25) => {}
            _ => {
                refused.fetch_add(1, Ordering::SeqCst);
                send(&mut stream, number + 1, error).await?;
            }
        }
    }
}

fn greeting() -> Vec<u8> {
    let mut greeting = b"\x0a8.0.36\0\x07\0\0\0abcdefgh\0".to_vec();
    // No TLS, and no session tracking.
    let (low, high) = (0xf7ff_u16, 0x001f_u16);
    greeting.extend(low.to_le_bytes());
    greeting.extend([0x21, 2, 0]);
    greeting.extend(high.to_le_bytes());
    greeting.push(21);
    greeting.extend([0; 10]);
    greeting.extend(b"abcdefghijkl\0mysql_native_password\0");
    greeting
}

/// One row of system variables.
async fn variables(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    let names: Vec<&str> = text.trim_start_matches("SELECT ").split(',').map(str::trim).collect();
    let mut number = 0;
    let mut next = || {
        number += 1;
        number
    };
    send(stream, next(), &[u8::try_from(names.len()).unwrap()]).await?;
    for name in &names {
        let mut column = b"\x03def\0\0\0".to_vec();
        column.push(u8::try_from(name.len()).unwrap());
        column.extend(name.as_bytes());
        // utf8mb4 text.
        column.extend(b"\0\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0");
        send(stream, next(), &column).await?;
    }
    send(stream, next(), b"\xfe\0\0\x02\0").await?;
    let mut row = Vec::new();
    for name in &names {
        let value: &[u8] = match *name {
            name if name.contains("max_allowed_packet") => b"16777216",
            name if name.contains("wait_timeout") => b"28800",
            _ => b"0",
        };
        row.push(u8::try_from(value.len()).unwrap());
        row.extend(value);
    }
    send(stream, next(), &row).await?;
    send(stream, next(), b"\xfe\0\0\x02\0").await
}

async fn send(stream: &mut TcpStream, number: u8, body: &[u8]) -> std::io::Result<()> {
    let mut packet = u32::try_from(body.len()).unwrap().to_le_bytes();
    packet[3] = number;
    stream.write_all(&[&packet, body].concat()).await
}

async fn receive(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let mut body =
        vec![0; usize::from(head[0]) | usize::from(head[1]) << 8 | usize::from(head[2]) << 16];
    stream.read_exact(&mut body).await?;
    Ok((head[3], body))
}

fn store(port: u16) -> Store {
    let mut options = Options::new();
    options.set("timeout", "2s").unwrap();
    options.set("cleanup_interval", "0").unwrap();
    Store::open_with(&format!("mysql://u:secret@127.0.0.1:{port}/app"), options).unwrap()
}

fn assert_is(error: &Error, kind: ErrorKind, retryable: bool, code: u16, says: &str) {
    let text = error.message();
    assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{code}: {text}");
    assert_eq!(error.errno(), Some(code), "{text}");
    assert!(text.contains(says), "{code}: {text}");
    assert!(text.contains("127.0.0.1"), "{code} names no host: {text}");
    assert!(!text.contains("secret"), "{code}: {text}");
}

const INSECURE: &str =
    "Connections using insecure transport are prohibited while --require_secure_transport=ON.";
const LOCKED: &str = "Access denied for user 'u'@'localhost'. Account is locked.";

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_told_in_the_servers_words() {
    for (code, state, says, kind, retryable, advice) in [
        (3159, "HY000", INSECURE, Unavailable, false, "set tls="),
        (3118, "HY000", LOCKED, Unavailable, false, "account"),
        (3955, "HY000", "Account is blocked for 2 day(s)", Unavailable, false, "account"),
        (1045, "28000", "Access denied for user 'u'", Unavailable, false, "URL"),
        (1129, "HY000", "Host 'x' is blocked", Unavailable, false, "FLUSH HOSTS"),
        (1820, "HY000", "You must reset your password", Unavailable, false, "account"),
        (2059, "HY000", "Authentication plugin cannot be loaded", Unavailable, false, "account"),
        (1040, "08004", "Too many connections", Unavailable, true, "connections"),
        (1226, "42000", "has exceeded the 'max_user_connections'", Unavailable, true, "limit"),
        (1193, "HY000", "Unknown system variable 'x'", InvalidArgument, false, "session_variables"),
        (1049, "42000", "Unknown database 'app'", Schema, false, "URL"),
        (1053, "08S01", "Server shutdown in progress", Unavailable, true, "try again"),
        (1105, "HY000", "the cluster sleeps", Unavailable, true, "try again"),
        (7777, "HY000", "words of another server", Unavailable, true, "try again"),
    ] {
        let server = refuser(Phase::Login, code, state, says).await;
        let error = store(server.port).find("x").await.unwrap_err();
        assert_is(&error, kind, retryable, code, says.trim_end_matches('.'));
        assert!(error.message().contains(advice), "{code}: {error}");
        let logins = server.refused.load(Ordering::SeqCst);
        assert!((1..=40).contains(&logins), "{code}: {logins} logins for one call");
    }
}

/// What every statement, `ping` too, is refused by is left for the next host, and no caller notices.
#[tokio::test(flavor = "multi_thread")]
async fn where_one_host_cannot_serve_the_next_one_does() {
    let (direct, table) = common::store().await;
    direct.save("a", b"x", Expiry::Never).await.unwrap();
    let home = common::address(&common::url());
    let not_ready = "WSREP has not yet prepared node for application use";
    for first in 0..4 {
        let server = refuser(Phase::Statement, 1047, "08S01", not_ready).await;
        let hosts = format!("127.0.0.1:{},{home}", server.port);
        let url = common::at(&common::url(), &hosts);
        let store = Store::open_with(&url, common::options(&table)).unwrap();
        match first {
            0 => store.ping().await.unwrap(),
            1 => assert!(store.exists("a").await.unwrap()),
            2 => assert_eq!(store.count().await.unwrap(), 1),
            _ => store.save("a", b"x", Expiry::Never).await.unwrap(),
        }
        store.ping().await.unwrap();
        assert!(server.refused.load(Ordering::SeqCst) > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_host_can_serve_there_is_no_storm_of_logins() {
    let not_ready = "WSREP has not yet prepared node for application use";
    for phase in [Phase::Login, Phase::Statement] {
        let (one, two) = (
            refuser(phase, 1047, "08S01", not_ready).await,
            refuser(phase, 1047, "08S01", not_ready).await,
        );
        let hosts = format!("127.0.0.1:{},127.0.0.1:{}", one.port, two.port);
        let store =
            Store::open_with(&format!("mysql://u:secret@{hosts}/app?timeout=2s"), Options::new())
                .unwrap();
        let until = tokio::time::Instant::now() + std::time::Duration::from_secs(3);
        let mut callers = tokio::task::JoinSet::new();
        for number in 0..32 {
            let store = store.clone();
            callers.spawn(async move {
                while tokio::time::Instant::now() < until {
                    let error = store.find(&number.to_string()).await.unwrap_err();
                    assert_eq!(error.kind(), Unavailable, "{error}");
                    assert!(error.is_retryable(), "{error}");
                    assert!(error.message().contains(not_ready), "{error}");
                }
            });
        }
        while let Some(ended) = callers.join_next().await {
            ended.unwrap();
        }
        let logins = match phase {
            Phase::Login => one.refused.load(Ordering::SeqCst) + two.refused.load(Ordering::SeqCst),
            Phase::Statement => usize::try_from(store.stats().connections).unwrap(),
        };
        assert!(logins <= 200, "{phase:?}: {logins} logins in three seconds");
    }
}

/// A batch of finds, and one of saves; the text of what failed.
async fn crowd(store: &Store) -> Vec<Error> {
    let mut calls = Vec::new();
    for number in 0..64 {
        let (finder, saver) = (store.clone(), store.clone());
        let token = format!("token{number}");
        let found = token.clone();
        calls.push(tokio::spawn(async move { finder.find(&found).await.map(drop) }));
        calls.push(tokio::spawn(async move { saver.save(&token, b"data", Expiry::Never).await }));
    }
    let mut errors = Vec::new();
    for call in calls {
        errors.push(call.await.unwrap().unwrap_err());
    }
    errors
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_statement_is_told_to_all_and_not_asked_for_each() {
    for (code, state, says, kind, retryable, shown) in [
        (9001, "HY000", "Max connect timeout reached", Unavailable, true, true),
        (3100, "HY000", "Error on observer while running", Unavailable, true, true),
        (1290, "HY000", "running with the --read-only", Unavailable, true, true),
        (1047, "08S01", "WSREP has not yet prepared node", Unavailable, true, true),
        (1105, "HY000", "primary is not serving", Unavailable, true, false),
        (1317, "70100", "interrupted, Sql: token", Timeout, true, false),
        (2013, "HY000", "Lost connection to backend", Unavailable, true, true),
        (1364, "HY000", "Field 'x' doesn't have a default", Schema, false, true),
        (1176, "42000", "Key 'PRIMARY' doesn't exist", Schema, false, true),
        (1305, "42000", "FUNCTION f does not exist", Schema, false, true),
        (1665, "HY000", "Cannot execute statement", Unavailable, false, true),
        (7777, "HY000", "near 'token1'", Unavailable, true, false),
    ] {
        let server = refuser(Phase::Statement, code, state, says).await;
        let store = store(server.port);
        for error in crowd(&store).await {
            assert_is(&error, kind, retryable, code, if shown { says } else { "error" });
            assert!(shown || !error.message().contains(says), "{code}: {error}");
        }
        let asked = server.refused.load(Ordering::SeqCst);
        // Where the connection is given up, the server is asked to end it, until it says that it has.
        let most = if [9001, 2013].contains(&code) { 80 } else { 16 };
        assert!(asked <= most, "{code}: 128 calls were {asked} statements");
    }
}

/// A trigger refuses what a real server was sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_64_is_not_halved_when_no_row_is_to_blame() {
    let (store, table) = common::store().await;
    let mut admin = common::admin().await;
    // Where another transaction may be in the way it is tried again, some ten times, as a whole.
    for (code, kind, retryable, most) in [
        (3101, Unavailable, true, 60),
        (1180, Unavailable, true, 60),
        (8022, Unavailable, true, 60),
        (3100, Unavailable, true, 20),
        // Its connection is given up, and it is tried on others.
        (9001, Unavailable, true, 60),
        (1105, Unavailable, true, 20),
        (7777, Unavailable, true, 20),
        (1364, Schema, false, 20),
    ] {
        let create = format!(
            "CREATE TRIGGER {table}_refuses BEFORE INSERT ON {table} FOR EACH ROW SIGNAL SQLSTATE \
             'HY000' SET MYSQL_ERRNO = {code}, MESSAGE_TEXT = 'the cluster says no'"
        );
        admin.query_drop(create).await.unwrap();
        let tokens: Vec<String> = (0..64).map(|number| format!("t{code}-{number}")).collect();
        let rows: Vec<_> = tokens
            .iter()
            .map(|token| (token.as_str().into(), sessio::Content::new(b"1", Expiry::Never)))
            .collect();
        let before = store.stats().statements;
        let error = store.save_many(&rows).await.unwrap_err();
        let asked = store.stats().statements - before;
        assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{code}: {error}");
        assert_eq!(error.errno(), Some(code));
        assert!(asked <= most, "{code}: {asked} statements for 64 rows");
        admin.query_drop(format!("DROP TRIGGER {table}_refuses")).await.unwrap();
    }
}
