//! Commits whose answer is lost, of sessions whose token the program knows, and of those that start
//! over.

use std::time::Duration;

use crate::codec::Codec;
use crate::config::options::Options;
use crate::protocol::clock::{Expiry, ManualClock, Timestamp};
use crate::store::Store;
use crate::store::faults::{Fault, script};

use super::{CommitOutcome, Session, SessionManager, SessionOptions};

fn manager() -> SessionManager {
    let options = SessionOptions::new().codec(Codec::Json);
    SessionManager::with(Store::open("memory:").unwrap(), options).unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}

async fn loses(fault: Fault, manager: &SessionManager, session: &Session) {
    script([fault]);
    assert!(manager.commit(session).await.is_err());
    script([]);
}

#[test]
fn a_created_session_is_found_out_about_and_keeps_its_token() {
    run(async {
        for fault in [Fault::Lost, Fault::Refused] {
            let manager = manager();
            let session = manager.create("chosen").unwrap();
            session.put("x", &1).unwrap();
            loses(fault, &manager, &session).await;
            let result = manager.commit(&session).await.unwrap();
            assert_eq!(result.token.as_deref(), Some("chosen"), "{fault:?}");
            assert!(result.set_cookie.is_some());
            assert_eq!(manager.store().count().await.unwrap(), 1);
        }
    });
}

#[test]
fn a_created_session_whose_answer_was_lost_never_becomes_another_one() {
    run(async {
        let manager = manager();
        let session = manager.create("chosen").unwrap();
        session.put("x", &1).unwrap();
        loses(Fault::Refused, &manager, &session).await;
        let other = manager.create("chosen").unwrap();
        other.put("x", &"another's").unwrap();
        assert_eq!(manager.commit(&other).await.unwrap().outcome, CommitOutcome::Saved);
        assert_eq!(session.get::<i64>("x").await.unwrap(), Some(1));
        let result = manager.commit(&session).await.unwrap();
        assert_eq!((result.outcome, result.set_cookie), (CommitOutcome::Conflict, None));
        loses(Fault::Refused, &manager, &session).await;
        session.destroy().await.unwrap();
        assert!(manager.store().exists("chosen").await.unwrap());
    });
}

#[test]
fn a_token_that_was_told_is_kept_over_a_lost_answer() {
    run(async {
        for fault in [Fault::Lost, Fault::Refused] {
            let manager = manager();
            let session = manager.load(None);
            session.put("x", &1).unwrap();
            let told = session.ensure_token().await.unwrap();
            loses(fault, &manager, &session).await;
            assert_eq!(session.ensure_token().await.unwrap(), told, "{fault:?}");
            assert_eq!(manager.commit(&session).await.unwrap().token, told);
        }
    });
}

#[test]
fn one_that_starts_over_does_so_once_whatever_becomes_of_the_answer() {
    run(async {
        for fault in [Fault::Lost, Fault::Refused] {
            let manager = manager();
            let session = manager.create("old").unwrap();
            session.put("x", &1).unwrap();
            manager.commit(&session).await.unwrap().taken();
            assert!(session.regenerate().await.unwrap());
            session.increment("n", 1).unwrap();
            loses(fault, &manager, &session).await;
            let token = manager.commit(&session).await.unwrap().token.unwrap();
            assert!(token != "old" && !manager.store().exists("old").await.unwrap());
            let found = manager.find(&token).await.unwrap().unwrap();
            assert_eq!(found.keys().await.unwrap(), ["n"], "{fault:?}");
            assert_eq!(found.get::<i64>("n").await.unwrap(), Some(1));
            assert_eq!(manager.store().count().await.unwrap(), 1);
        }
    });
}

/// Two managers over one store, the first with an idle timeout, and the store's clock, at 0.
fn two(idle: Duration) -> (ManualClock, [SessionManager; 2]) {
    let clock = ManualClock::new(Timestamp::from_micros(0));
    let store = Store::open_with("memory:", Options::new().clock(clock.clone())).unwrap();
    let hour = SessionOptions::new().lifetime(Duration::from_secs(3600));
    let managers = [hour.clone().idle_timeout(idle), hour]
        .map(|options| SessionManager::with(store.clone(), options).unwrap());
    (clock, managers)
}

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp::from_micros(seconds * 1_000_000))
}

#[test]
fn managers_with_other_options_agree_about_a_session_that_says_it_itself() {
    run(async {
        let (clock, managers) = two(Duration::from_secs(10));
        let session = managers[0].create("t").unwrap();
        session.put("x", &1).unwrap();
        session.set_idle_timeout(Some(Duration::from_secs(100))).unwrap();
        assert_eq!(managers[0].commit(&session).await.unwrap().expires_at, at(100));
        for round in 1..10i64 {
            clock.advance(Duration::from_secs(60));
            let manager = &managers[usize::from(round % 2 == 0)];
            let session = manager.find("t").await.unwrap().unwrap();
            if round > 5 {
                session.put("x", &round).unwrap();
            }
            assert_eq!(manager.commit(&session).await.unwrap().expires_at, at(60 * round + 100));
        }
    });
}

#[test]
fn no_request_that_reads_ends_a_row_that_lives_on() {
    run(async {
        let (clock, [manager, other]) = two(Duration::from_secs(600));
        let session = manager.create("t").unwrap();
        session.put("x", &1).unwrap();
        session.set_deadline(Expiry::At(Timestamp::from_micros(100_000_000)));
        manager.commit(&session).await.unwrap().taken();
        let writer = other.find("t").await.unwrap().unwrap();
        clock.advance(Duration::from_secs(50));
        assert!(manager.store().touch("t", Expiry::after(Duration::from_secs(600))).await.unwrap());
        let reader = manager.find("t").await.unwrap().unwrap();
        clock.advance(Duration::from_secs(50));
        // By what they know it has ended, and they leave what there is.
        let result = manager.commit(&reader).await.unwrap();
        assert_eq!((result.outcome, result.expires_at), (CommitOutcome::Unmodified, at(650)));
        writer.put("x", &2).unwrap();
        assert_eq!(other.commit(&writer).await.unwrap().outcome, CommitOutcome::Gone);
        let record = manager.store().find("t").await.unwrap().unwrap();
        assert_eq!(record.expires_at, at(650));
        // The deadline holds all the same.
        assert!(manager.find("t").await.unwrap().is_none());
    });
}

#[test]
fn a_scheme_alone_is_no_token() {
    let tokens = ["Bearer", "bearer ", "", "Bearer t", "bEARER  t ", "Bearert", "t"];
    let seen = tokens.map(|header| manager().load_header(header.as_bytes()).token());
    let expected = [None, None, None, Some("t"), Some("t"), Some("Bearert"), Some("t")];
    assert_eq!(seen, expected.map(|token| token.map(str::to_owned)));
}
