//! The Rust parts of the story that `./dev demo` tells: four languages share one login.
//!
//! `story migrate|list|cleanup URL`

use std::time::{Duration, Instant};

use sessio::blocking::{SessionManager, Store};
use sessio::{Content, Error, ErrorKind, Expiry, Options, Result, Token};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let step = arguments.next().unwrap_or_default();
    let url = arguments.next().unwrap_or_default();
    match step.as_str() {
        "migrate" => migrate(&url),
        "list" => list(&url),
        "cleanup" => cleanup(&url),
        _ => Err(Error::new(ErrorKind::InvalidArgument, "usage: story migrate|list|cleanup URL")),
    }
}

fn migrate(url: &str) -> Result<()> {
    let store = Store::open(url)?;
    store.migrate()?;
    println!("the table is there, and check finds {} faults", store.check()?.len());
    store.close();
    Ok(())
}

fn list(url: &str) -> Result<()> {
    let store = Store::open(url)?;
    let (sessions, _) = SessionManager::new(&store).list_subject("ada", None, 10)?;
    println!("ada has {} session(s):", sessions.len());
    for session in &sessions {
        // A key is not the token: it logs no one in, but it can be acted on.
        let key = session.key().map(|key| key.as_str()[..8].to_owned()).unwrap_or_default();
        let device: Option<String> = session.get("device")?;
        let cart: Vec<String> = session.get("cart")?.unwrap_or_default();
        println!("  key {key}…  {}: cart {cart:?}", device.unwrap_or_default());
    }
    store.close();
    Ok(())
}

/// Waits until the background cleanup has removed a session that ended.
fn cleanup(url: &str) -> Result<()> {
    let mut options = Options::new();
    options.set("cleanup_interval", "100ms")?;
    let store = Store::open_with(url, options)?;
    let soon = Expiry::after(Duration::from_millis(50));
    store.save_content(&Token::generate()?, Content::new(b"short", soon).subject("guest"))?;
    let saved = Instant::now();
    while store.stats().removed == 0 {
        if saved.elapsed() > Duration::from_secs(10) {
            return Err(Error::new(ErrorKind::Internal, "nothing was cleaned up in 10 seconds"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    println!("a guest's session of 50 ms was removed after {} ms", saved.elapsed().as_millis());
    println!("{} live session(s) are left", store.count()?);
    store.close();
    Ok(())
}
