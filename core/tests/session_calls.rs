//! What can be said to a session that is no vector.
#![allow(missing_docs, clippy::unwrap_used)]

use sessio::blocking::{SessionManager, Store};
use sessio::{Committed, SessionOptions};

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

/// A commit may find that another thread's has taken the changes along; but not written them yet.
#[test]
fn what_a_commit_of_a_shared_session_returned_for_is_stored() {
    let manager = SessionManager::new(&Store::open("memory:").unwrap());
    let session = manager.load(None);
    session.put("user", &7).unwrap();
    let token = manager.commit(&session).unwrap().token.unwrap();
    std::thread::scope(|scope| {
        for key in ["a", "b", "c", "d"] {
            let (manager, session, token) = (&manager, &session, &token);
            scope.spawn(move || {
                for round in 0..2_000 {
                    session.put(key, &round).unwrap();
                    let _ = manager.commit(session).unwrap();
                    let stored = manager.load(Some(token)).get::<i32>(key).unwrap();
                    assert_eq!(stored, Some(round));
                }
            });
        }
    });
}

#[test]
fn managers_side_by_side_keep_to_their_own_cookies() {
    let store = Store::open("memory:").unwrap();
    let manager = |settings: &str| {
        SessionManager::with(&store, SessionOptions::from_query(settings).unwrap()).unwrap()
    };
    let (shop, admin) = (manager("cookie_name=shop"), manager("cookie_name=__Host-admin"));
    let mut header = String::from("theme=dark");
    for (manager, user) in [(&shop, "guest"), (&admin, "ada")] {
        let session = manager.load_cookie(header.as_bytes());
        session.put("user", user).unwrap();
        let set_cookie = manager.commit(&session).unwrap().set_cookie.unwrap();
        header = format!("{header}; {}", set_cookie.split(';').next().unwrap());
    }
    for (manager, user) in [(&shop, "guest"), (&admin, "ada")] {
        let session = manager.load_cookie(header.as_bytes());
        assert_eq!(session.get::<String>("user").unwrap().as_deref(), Some(user));
    }
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
