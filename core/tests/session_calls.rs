//! What can be said to a session that is no vector.
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use sessio::blocking::{SessionManager, Store};
use sessio::{Committed, ErrorKind, Expiry, ManualClock, Options, Timestamp};

#[test]
fn a_deadline_can_be_said_from_now_on_by_the_stores_clock() {
    let clock = ManualClock::new(Timestamp::from_micros(5_000_000));
    let options = Options::new().clock(clock.clone());
    let manager = SessionManager::new(&Store::open_with("memory:", options).unwrap());
    let session = manager.load(None);
    clock.advance(Duration::from_secs(1));
    session.set_deadline(Expiry::after(Duration::from_secs(10)));
    assert_eq!(session.deadline().unwrap(), Timestamp::from_micros(16_000_000));
    session.set_deadline(Timestamp::from_micros(7_000_000));
    assert_eq!(session.deadline().unwrap(), Timestamp::from_micros(7_000_000));
}

#[test]
fn a_session_is_committed_by_its_own_manager_alone() {
    let store = Store::open("memory:").unwrap();
    let [ours, theirs] = [SessionManager::new(&store), SessionManager::new(&store)];
    let session = ours.load(None);
    session.put("user", &7).unwrap();
    let refused = theirs.commit(&session).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert_eq!(store.count().unwrap(), 0);
    assert!(ours.clone().commit(&session).unwrap().token.is_some());
}

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
    let asleep = session.asynchronous().size();
    assert_eq!(session.keys().unwrap(), ["round", "user"]);
    assert!(session.asynchronous().size() > asleep && asleep > 0);
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
