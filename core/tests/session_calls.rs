//! What can be said to a session that is no vector.
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use sessio::blocking::{SessionManager, Store};
use sessio::{ErrorKind, Expiry, ManualClock, Options, Timestamp};

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
