//! What can be said to a session that is no vector.
#![allow(missing_docs, clippy::unwrap_used)]

use sessio::Committed;
use sessio::blocking::{SessionManager, Store};

#[test]
fn after_a_commit_everything_can_be_read_and_changed_as_before() {
    let manager = SessionManager::new(&Store::open("memory:").unwrap());
    let session = manager.load(None);
    session.put("user", &7).unwrap();
    session.flash("for the next", &true).unwrap();
    let token = manager.commit(&session).unwrap().token.unwrap();
    let session = manager.load(Some(&token));
    assert_eq!(session.flashes().unwrap().len(), 1);
    let deadline = session.deadline().unwrap();
    for round in 1..4 {
        // Now and then nobody looks between two commits.
        if round != 2 {
            assert_eq!(session.get::<i64>("user").unwrap(), Some(7));
            assert_eq!(session.flashes().unwrap().len(), 1);
            assert_eq!(session.deadline().unwrap(), deadline);
        }
        session.put("round", &round).unwrap();
        session.remove("not there");
        assert_eq!(manager.commit(&session).unwrap().outcome, Committed::Saved);
        assert_eq!(manager.commit(&session).unwrap().outcome, Committed::Unmodified);
    }
    assert_eq!(session.keys().unwrap(), ["round", "user"]);
    assert!(session.asynchronous().size() > 0);
    session.clear();
    assert_eq!(manager.commit(&session).unwrap().outcome, Committed::Saved);
    assert!(manager.load(Some(&token)).keys().unwrap().is_empty());
}

#[test]
fn threads_that_commit_take_nothing_from_threads_that_read() {
    let manager = SessionManager::new(&Store::open("memory:").unwrap());
    let session = manager.load(None);
    session.put("user", &7).unwrap();
    let _ = manager.commit(&session).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..20_000 {
                if number % 3 == 0 {
                    session.put("number", &number).unwrap();
                }
                let _ = manager.commit(&session).unwrap();
            }
        });
        for _ in 0..20_000 {
            assert_eq!(session.get::<i64>("user").unwrap(), Some(7));
        }
    });
}
