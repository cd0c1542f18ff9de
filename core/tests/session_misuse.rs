//! What a program does with sessions that it should not.
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use sessio::blocking::{SessionManager, Store};
use sessio::{ErrorKind, Expiry, ManualClock, Options, Timestamp};

fn manager(clock: &ManualClock) -> SessionManager {
    let options = Options::new().clock(clock.clone());
    SessionManager::new(&Store::open_with("memory:?cleanup_interval=0", options).unwrap())
}

#[test]
fn a_session_is_committed_by_its_own_manager() {
    let clock = ManualClock::new(Timestamp::from_micros(1_704_067_200_000_000));
    let (one, other) = (manager(&clock), manager(&clock));
    let session = one.load(None);
    session.put("user", &7).unwrap();
    let error = other.commit(&session).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(one.clone().commit(&session).unwrap().token.is_some());
}

#[test]
fn a_deadline_is_an_instant_or_a_time_from_now() {
    let start = 1_704_067_200_000_000;
    let clock = ManualClock::new(Timestamp::from_micros(start));
    let session = manager(&clock).load(None);
    clock.advance(Duration::from_secs(5));
    session.set_deadline(Expiry::after(Duration::from_secs(60)));
    assert_eq!(session.deadline().unwrap().as_micros(), start + 65_000_000);
    session.set_deadline(Timestamp::from_micros(start + 1));
    assert_eq!(session.deadline().unwrap().as_micros(), start + 1);
}
