//! A user who is signed out everywhere is: no race hides a session from its subject.

// A helper of tests may panic as they do.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, Ordering};

use sessio::blocking::Store;
use sessio::{Content, Expiry};

/// The cleanup removes what expired while its owner saves it again under the same subject.
#[test]
fn cleanup_does_not_hide_a_session_that_is_saved_again() {
    let store = Store::open("memory:?cleanup_interval=0").unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                store.delete_expired(100).unwrap();
            }
        });
        let tokens: Vec<String> = (0..64).map(|token| token.to_string()).collect();
        let hidden = (0..20_000).find(|_| {
            for expiry in [Expiry::After(-1), Expiry::Never] {
                for token in &tokens {
                    let content = Content::new(b"", expiry).subject("ada");
                    store.save_content(token, content).unwrap();
                }
            }
            store.list_subject("ada", None, 100).unwrap().entries.len() != tokens.len()
        });
        done.store(true, Ordering::Relaxed);
        assert_eq!(hidden, None, "a live session is in no list of its subject's");
    });
    assert_eq!(store.delete_subject("ada", None).unwrap(), 64);
    assert_eq!(store.count().unwrap(), 0);
}
