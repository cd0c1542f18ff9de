//! A login whose process is killed at every message between it and the server, one by one:
//! exactly one of the two tokens is valid afterwards, and the session's data is whole.
#![allow(missing_docs, clippy::unwrap_used)]

mod support {
    pub(crate) mod common;
    pub(crate) mod proxy;
}

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use sessio::{CommitOutcome, SessionManager, Store};
use support::common as server;
use support::proxy::Proxy;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [mode, url, table, token] if mode == "login" => {
            runtime.block_on(log_in(url, table, token));
        }
        _ => runtime.block_on(kill_at_every_message()),
    }
}

/// What the process that is killed does: a request that logs in.
async fn log_in(url: &str, table: &str, token: &str) {
    let store = Store::open_with(url, server::options(table)).unwrap();
    let manager = SessionManager::new(store);
    let session = manager.load(Some(token));
    assert!(session.renew().await.unwrap());
    session.put("user", "ada").unwrap();
    let result = manager.commit(&session).await.unwrap();
    assert_eq!(result.outcome, CommitOutcome::Saved);
}

#[derive(Default)]
struct Seen {
    old_token: usize,
    new_token: usize,
    logged_in: usize,
}

async fn kill_at_every_message() {
    let (store, table) = server::store().await;
    let manager = SessionManager::new(store.clone());
    let mut seen = Seen::default();
    for message in 0.. {
        let visitor = manager.load(None);
        visitor.put("cart", &[1, 2]).unwrap();
        let token = manager.commit(&visitor).await.unwrap().token.unwrap();
        let survived = run_until(message, &table, &token).await;

        let page = manager.list(None, 10).await.unwrap();
        assert_eq!(page.sessions.len(), 1, "killed at message {message}");
        let session = &page.sessions[0];
        let cart: Option<Vec<i64>> = session.get("cart").await.unwrap();
        assert_eq!(cart, Some(vec![1, 2]), "killed at message {message}");
        let user: Option<String> = session.get("user").await.unwrap();
        let old_is_valid = store.exists(token.as_str()).await.unwrap();
        assert!(!(old_is_valid && user.is_some()), "logged in with the token from before");
        match (old_is_valid, user) {
            (true, _) => seen.old_token += 1,
            (false, None) => seen.new_token += 1,
            (false, Some(_)) => seen.logged_in += 1,
        }
        session.destroy().await.unwrap();
        if survived {
            assert!(!old_is_valid);
            println!(
                "killed at each of {message} messages: {} times the old token was valid, {} times \
                 the new one, {} times with the login",
                seen.old_token, seen.new_token, seen.logged_in
            );
            // Otherwise no kill came where it matters. Token and login come together.
            assert!(seen.old_token > 0 && seen.new_token == 0 && seen.logged_in > 0);
            break;
        }
    }
    store.close().await;
}

/// Runs the login in a process that is killed when the message of this number is about to pass.
/// True when it had ended by then.
async fn run_until(message: usize, table: &str, token: &str) -> bool {
    let proxy = Proxy::to(server::address(&server::url())).await;
    let process: Arc<Mutex<Option<Child>>> = Arc::default();
    let (killed, mut passed) = (Arc::clone(&process), 0);
    proxy.watch(move || {
        passed += 1;
        if passed <= message {
            return true;
        }
        if let Some(process) = killed.lock().unwrap().as_mut() {
            process.kill().unwrap();
        }
        false
    });
    let mut login = Command::new(std::env::current_exe().unwrap());
    login
        .args(["login", &server::at(&server::url(), &proxy.address), table, token])
        .stderr(Stdio::null());
    {
        // Held until there is something to kill.
        let mut process = process.lock().unwrap();
        *process = Some(login.spawn().unwrap());
    }
    loop {
        if let Some(status) = process.lock().unwrap().as_mut().unwrap().try_wait().unwrap() {
            return status.success();
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}
