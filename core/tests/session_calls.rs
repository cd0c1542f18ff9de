//! What can be said to a session that is no vector.
#![allow(missing_docs, clippy::unwrap_used)]

use sessio::blocking::{SessionManager, Store};
use sessio::{CommitOutcome, SessionOptions};

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
        // Now and then nothing is read between two commits.
        if round != 2 {
            assert_eq!(session.get::<i64>("user").unwrap(), Some(7));
            assert_eq!(session.flashes().unwrap().len(), 1);
            assert_eq!(session.deadline().unwrap(), deadline);
        }
        session.put("round", &round).unwrap();
        session.remove("not there");
        assert_eq!(manager.commit(&session).unwrap().outcome, CommitOutcome::Saved);
        assert_eq!(manager.commit(&session).unwrap().outcome, CommitOutcome::Unmodified);
    }
    assert_eq!(session.keys().unwrap(), ["round", "user"]);
    assert!(session.asynchronous().size() > 0);
    session.clear();
    assert_eq!(manager.commit(&session).unwrap().outcome, CommitOutcome::Saved);
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

/// A manager and the token of a session that holds `n` = 1.
fn one_session() -> (SessionManager, String) {
    let store = Store::open("memory:?cleanup_interval=0").unwrap();
    let manager = SessionManager::new(&store);
    let session = manager.load(None);
    session.put("n", &1).unwrap();
    let token = manager.commit(&session).unwrap().token.unwrap();
    (manager, token)
}

fn overtake(manager: &SessionManager, token: &str) {
    let other = manager.load(Some(token));
    other.increment("n", 10).unwrap();
    assert_eq!(manager.commit(&other).unwrap().outcome, CommitOutcome::Saved);
}

#[test]
fn a_change_is_made_again_until_it_is_the_first() {
    let (manager, token) = one_session();
    let mut runs = 0;
    let changed = manager.transact(&token, |session| {
        let n: i64 = session.get("n")?.unwrap();
        runs += 1;
        if runs < 3 {
            overtake(&manager, &token);
        }
        session.put("n", &(n * 2))?;
        Ok(n)
    });
    let (n, result) = changed.unwrap().unwrap();
    assert_eq!((runs, n, result.outcome), (3, 21, CommitOutcome::Saved));
    assert_eq!(manager.load(Some(&token)).get::<i64>("n").unwrap(), Some(42));
    let refused: sessio::Result<Option<((), _)>> = manager.transact(&token, |session| {
        session.put("n", &0)?;
        Err(sessio::Error::new(sessio::ErrorKind::InvalidArgument, "no"))
    });
    assert_eq!(refused.unwrap_err().message(), "no");
    assert_eq!(manager.load(Some(&token)).get::<i64>("n").unwrap(), Some(42));
}

#[test]
fn the_parts_of_a_transaction_say_when_to_go_on() {
    let (manager, token) = one_session();
    let transaction = manager.transaction(&token);
    let late = transaction.begin().unwrap().unwrap();
    late.put("n", &2).unwrap();
    overtake(&manager, &token);
    assert!(transaction.finish(&late).unwrap().is_none());
    let fresh = transaction.begin().unwrap().unwrap();
    assert_eq!(fresh.get::<i64>("n").unwrap(), Some(11));
    fresh.renew().unwrap();
    let result = transaction.finish(&fresh).unwrap().unwrap();
    assert!(result.set_cookie.is_some());
    // It was handed over: it is not due again.
    assert!(manager.commit(&fresh).unwrap().set_cookie.is_none());
    assert!(transaction.begin().unwrap().is_none());
    assert!(!format!("{transaction:?}").contains(&token));
}

#[test]
fn a_refused_map_changes_nothing_and_the_error_says_where() {
    let (manager, token) = one_session();
    let session = manager.load(Some(&token));
    let never = sessio::Value::Time(sessio::Timestamp::from_micros(i64::MAX));
    let values = [("n", 2.into()), ("times", vec![sessio::Value::Null, never.clone()].into())];
    let values: sessio::Map =
        values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let told = |error: sessio::Error| error.message().split(':').next().unwrap().to_owned();
    assert_eq!(told(session.assign(values).unwrap_err()), "times[1]");
    assert_eq!(told(session.put_if_changed("n", never.clone()).unwrap_err()), "n");
    assert_eq!(told(session.put_value("at", never.clone()).unwrap_err()), "at");
    assert_eq!(told(session.append_value("times", never).unwrap_err()), "times[]");
    assert_eq!(told(session.get::<String>("n").unwrap_err()), "n");
    assert_eq!(session.snapshot_json().unwrap(), r#"{"n":1}"#);
    assert_eq!(manager.commit(&session).unwrap().outcome, CommitOutcome::Unmodified);
}

#[test]
fn what_was_only_loaded_was_not_read() {
    let (manager, token) = one_session();
    let session = manager.load(Some(&token));
    session.ensure_loaded().unwrap();
    let result = manager.commit(&session).unwrap();
    assert!(!result.was_read && result.headers().is_empty());
    assert_eq!(session.get::<i64>("n").unwrap(), Some(1));
    let result = manager.commit(&session).unwrap();
    assert_eq!(result.headers(), [("Vary", "Cookie".to_owned())]);
    let refused = manager.load(Some(&token));
    assert!(refused.get::<String>("n").is_err());
    assert!(manager.commit(&refused).unwrap().was_read);
}
