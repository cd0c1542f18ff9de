//! What a request's session costs the server.
#![allow(missing_docs, clippy::unwrap_used, clippy::too_many_lines)]

#[path = "support/common.rs"]
mod support;

use std::time::Duration;

use sessio::{
    CommitOutcome, Event, ManualClock, SessionManager, SessionOptions, Store, Timestamp, Token,
};

/// Statements since the last time.
struct Meter<'a>(&'a Store, u64);

impl Meter<'_> {
    fn spent(&mut self) -> u64 {
        let now = self.0.stats().statements;
        now - std::mem::replace(&mut self.1, now)
    }
}

#[tokio::test]
async fn a_request_costs_what_it_does_and_no_more() {
    let mut options = support::options(&support::table());
    // Or another one would have to prepare them again.
    options.set("connections", "1").unwrap();
    let store = Store::open_with(&support::url(), options).unwrap();
    store.migrate().await.unwrap();
    let manager = SessionManager::new(store.clone());
    // The second time nothing is prepared any more.
    for warm in [false, true] {
        let mut meter = Meter(&store, store.stats().statements);
        let expect = |meter: &mut Meter<'_>, statements: u64, what: &str| {
            let spent = meter.spent();
            assert!(!warm || spent == statements, "{what}: {spent} statements");
        };
        let session = manager.load(None);
        session.put("user", &7).unwrap();
        let token = manager.commit(&session).await.unwrap().token.unwrap();
        expect(&mut meter, 1, "a new session");

        let session = manager.load(Some(&token));
        let _ = manager.commit(&session).await.unwrap();
        expect(&mut meter, 0, "a request that never looks");

        let session = manager.load(Some(&token));
        assert_eq!(session.get::<i64>("user").await.unwrap(), Some(7));
        assert_eq!(session.keys().await.unwrap().len(), 1);
        let _ = manager.commit(&session).await.unwrap();
        expect(&mut meter, 1, "a request that only reads");

        session.put("page", "a").unwrap();
        let _ = manager.commit(&session).await.unwrap();
        expect(&mut meter, 1, "the commit of what was read");

        let faster = manager.load(Some(&token));
        faster.put("other", &1).unwrap();
        let _ = manager.commit(&faster).await.unwrap();
        meter.spent();
        session.put("page", "b").unwrap();
        let _ = manager.commit(&session).await.unwrap();
        expect(&mut meter, 3, "a commit that met another one: what is there now, and again");

        // One statement, so a process that is killed has renewed the session or has not.
        let session = manager.load(Some(&token));
        assert!(session.renew().await.unwrap());
        session.put("user", "ada").unwrap();
        let renewed = manager.commit(&session).await.unwrap().token.unwrap();
        expect(&mut meter, 2, "a login: one read, and one write with the new token");

        let session = manager.load(Some(&renewed));
        assert!(session.regenerate().await.unwrap());
        session.put("user", "ada").unwrap();
        let renewed = manager.commit(&session).await.unwrap().token.unwrap();
        expect(&mut meter, 2, "starting over under a new token: one read, one write");

        let session = manager.find(&renewed).await.unwrap().unwrap();
        expect(&mut meter, 1, "a session or none");
        session.touch();
        let _ = manager.commit(&session).await.unwrap();
        expect(&mut meter, 1, "a touch of what was read");

        let session = manager.create(Token::generate().unwrap().as_str()).unwrap();
        session.store_empty();
        let _ = manager.commit(&session).await.unwrap();
        expect(&mut meter, 1, "a new session under a token of the program's");

        let late = manager.load(Some(&token));
        assert_eq!(late.get::<String>("user").await.unwrap(), None);
        let _ = manager.commit(&late).await.unwrap();
        expect(&mut meter, 1, "a request under a token that is gone, which writes nothing");
        late.put("page", "c").unwrap();
        assert_eq!(manager.commit(&late).await.unwrap().outcome, CommitOutcome::Gone);
        expect(&mut meter, 1, "whether the token has ended a moment ago");

        let several = format!("session=a; session=b; session={renewed}");
        let session = manager.load_cookie(several.as_bytes());
        assert_eq!(session.get::<String>("user").await.unwrap().as_deref(), Some("ada"));
        meter.spent();
        session.destroy().await.unwrap();
        let _ = manager.commit(&session).await.unwrap();
        expect(&mut meter, 1, "an end");

        let unlooked = manager.load(Some(&renewed));
        unlooked.destroy().await.unwrap();
        let _ = manager.commit(&unlooked).await.unwrap();
        expect(&mut meter, 2, "an end of what has ended");
    }
}

#[tokio::test]
async fn a_thousand_requests_in_a_minute_move_the_expiry_at_most_twice() {
    for url in ["memory:".to_owned(), support::url()] {
        let clock = ManualClock::new(Timestamp::from_micros(1_704_067_200_000_000));
        let options = support::options(&support::table()).clock(clock.clone());
        let store = Store::open_with(&url, options).unwrap();
        store.migrate().await.unwrap();
        let half_an_hour = SessionOptions::new().idle_timeout(Duration::from_secs(1800));
        let manager = SessionManager::with(store, half_an_hour).unwrap();
        let session = manager.load(None);
        session.put("user", &7).unwrap();
        let token = manager.commit(&session).await.unwrap().token.unwrap();
        for minute in 0..4 {
            let before = manager.stats().get(Event::Touched);
            for _ in 0..1000 {
                clock.advance(Duration::from_millis(60));
                let session = manager.load(Some(&token));
                assert!(session.contains("user").await.unwrap());
                let _ = manager.commit(&session).await.unwrap();
            }
            let touches = manager.stats().get(Event::Touched) - before;
            assert!(touches <= 2, "{touches} in minute {minute}");
        }
        assert!(manager.stats().get(Event::Touched) > 0);
    }
}
