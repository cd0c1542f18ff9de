//! The shortest tour: save, find, compare-and-swap, rename, end. No server is needed.
//!
//! `cargo run --example quickstart`, or with the URL of a MySQL database as its argument.

use std::time::Duration;

use sessio::blocking::Store;
use sessio::{Content, Expiry, Outcome, Token};

fn main() -> sessio::Result<()> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "memory:".to_owned());
    let store = Store::open(&url)?;
    store.migrate()?;
    println!("opened {store:?}");

    // The token goes to the client, in a cookie for example; it is the only thing that does.
    let token = Token::generate()?;
    let hour = Expiry::after(Duration::from_secs(3600));
    store.save_content(&token, Content::new(b"cart: empty", hour).subject("ada"))?;
    println!("saved a session for ada, for an hour");

    let record = store.find(&token)?.ok_or_else(lost)?;
    println!("found {} bytes: {}", record.data.len(), String::from_utf8_lossy(&record.data));

    // Two requests may have loaded the same session: only the first of them may write.
    let change = |data| store.replace(&token, &record.data, Content::new(data, hour));
    assert_eq!(change(b"cart: 1 apple")?, Outcome::Saved);
    assert_eq!(change(b"cart: 1 pear")?, Outcome::Conflict);
    println!("changed it; a second change of what was loaded before is a conflict");

    // After a login the token changes, so that a client that knew the old one is not logged in too.
    let fresh = Token::generate()?;
    assert!(store.rename(&token, &fresh, None)?);
    assert!(store.find(&token)?.is_none());
    println!("renamed it; the old token finds nothing");

    println!("ada has {} session", store.list_subject("ada", None, 10)?.entries.len());
    println!("signed ada out everywhere: {} ended", store.delete_subject("ada", None)?);
    store.close();
    Ok(())
}

fn lost() -> sessio::Error {
    sessio::Error::new(sessio::ErrorKind::Internal, "what was just saved is not there")
}
