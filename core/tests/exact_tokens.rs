//! Plain tokens in a table whose collation takes one for another: a token that was never issued
//! finds, changes, ends and overwrites no one's session.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sessio::{Content, ErrorKind, Expiry, Key, Options, Outcome, Store, Timestamp};

const TOKEN: &str = "aBcdefghijklmnopqrstuvwxyz-0123456789_ABCDE";

/// Tables as they are in the wild: their options, and how to make them.
fn tables() -> Vec<(String, Options)> {
    let scs = "(token CHAR(43) PRIMARY KEY, data BLOB NOT NULL, expiry TIMESTAMP(6) NOT NULL)";
    let beego = "(session_key CHAR(64) NOT NULL PRIMARY KEY, session_data BLOB, \
         session_expiry INT(11) UNSIGNED NOT NULL)";
    let kinds = [
        (scs, "DEFAULT CHARSET=latin1"),
        (scs, "DEFAULT CHARSET=utf8mb4"),
        (scs, "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"),
        (beego, "ENGINE=MyISAM DEFAULT CHARSET=utf8"),
        (beego, "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"),
    ];
    let named = kinds.map(|(columns, charset)| {
        let table = server::table();
        let mut options = server::options(&table);
        if columns == beego {
            options.set("max_lifetime", "1h").unwrap();
        } else {
            options.set("hash_tokens", "false").unwrap();
        }
        (format!("CREATE TABLE {table} {columns} {charset}"), options)
    });
    named.into()
}

async fn stores() -> Vec<(Store, Conn)> {
    let mut stores = Vec::new();
    for (create, options) in tables() {
        let mut admin = server::admin().await;
        admin.query_drop(&create).await.unwrap();
        stores.push((Store::open_with(&server::url(), options).unwrap(), admin));
    }
    stores
}

fn variants() -> Vec<String> {
    vec![
        TOKEN.to_lowercase(),
        TOKEN.to_uppercase(),
        format!("A{}", &TOKEN[1..]),
        // Malformed, and so no session's.
        format!("{TOKEN} "),
        format!("{} ", TOKEN.to_lowercase()),
        format!("á{}", &TOKEN[1..]),
        format!("{}\u{1f36a}", &TOKEN[1..]),
        format!("{}\u{ad}", &TOKEN[1..]),
        String::new(),
        "x".repeat(65),
    ]
}

fn live(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::after(Duration::from_secs(600)))
}

async fn untouched(store: &Store, before: &sessio::Record) {
    assert_eq!(store.find(TOKEN).await.unwrap().as_ref(), Some(before));
    assert_eq!(store.count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_variant_finds_and_changes_nothing() {
    for (store, _) in stores().await {
        store.save(TOKEN, b"mine", Timestamp::from_micros(2_000_000_000_000_000)).await.unwrap();
        let before = store.find(TOKEN).await.unwrap().unwrap();
        for variant in variants() {
            let key = Key::from_text(&variant);
            assert_eq!(store.find(&variant).await.unwrap(), None, "{variant}");
            assert!(!store.exists(&key).await.unwrap(), "{variant}");
            assert!(!store.update(&variant, live(b"x")).await.unwrap(), "{variant}");
            let swapped = store.replace(&variant, b"mine", live(b"x")).await.unwrap();
            assert_eq!(swapped, Outcome::Gone, "{variant}");
            assert!(!store.touch(&variant, Expiry::Never).await.unwrap(), "{variant}");
            assert!(!store.rename(&variant, "new", Some(live(b"x"))).await.unwrap(), "{variant}");
            assert!(!store.rename(&variant, "new", None).await.unwrap(), "{variant}");
            assert!(!store.delete(&variant).await.unwrap(), "{variant}");
            assert!(!store.delete(&key).await.unwrap(), "{variant}");
            untouched(&store, &before).await;
        }
    }
}

/// In one statement with those that are meant.
#[tokio::test]
async fn a_variant_among_many_changes_nothing() {
    for (store, _) in stores().await {
        let tokens: Vec<String> = (0..40).map(|number| format!("{number}-{TOKEN}")).collect();
        let tokens: Vec<String> = tokens.iter().map(|token| token[..43].to_owned()).collect();
        for token in &tokens {
            store.save(token, b"mine", Expiry::Never).await.unwrap();
        }
        let mut calls = Vec::new();
        for token in &tokens {
            let (yes, no) = (store.clone(), store.clone());
            let (token, variant) = (token.clone(), token.to_lowercase());
            calls.push(tokio::spawn(async move {
                assert_eq!(yes.replace(&token, b"mine", live(b"1")).await.unwrap(), Outcome::Saved);
                assert!(yes.update(&token, live(b"2")).await.unwrap());
                assert!(yes.touch(&token, Expiry::after(Duration::from_secs(60))).await.unwrap());
                assert_eq!(*yes.find(&token).await.unwrap().unwrap().data, *b"2");
            }));
            calls.push(tokio::spawn(async move {
                for data in [b"mine", b"2222"] {
                    let swapped = no.replace(&variant, data, live(b"x")).await.unwrap();
                    assert_eq!(swapped, Outcome::Gone);
                }
                assert!(!no.update(&variant, live(b"x")).await.unwrap());
                assert!(!no.touch(&variant, Expiry::After(-1)).await.unwrap());
                assert_eq!(no.find(&variant).await.unwrap(), None);
                assert!(!no.delete(&variant).await.unwrap());
            }));
        }
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(store.count().await.unwrap(), 40);
        let lower: Vec<String> = tokens.iter().map(|token| token.to_lowercase()).collect();
        let lower: Vec<_> = lower.iter().map(|token| token.as_str().into()).collect();
        assert_eq!(store.delete_many(&lower).await.unwrap(), 0);
        let found = store.find_many(&lower).await.unwrap();
        assert!(found.iter().all(Option::is_none));
        let exact: Vec<_> = tokens.iter().map(|token| token.as_str().into()).collect();
        assert_eq!(store.delete_many(&exact).await.unwrap(), 40);
    }
}

#[tokio::test]
async fn a_variant_overwrites_nothing_and_is_told_what_helps() {
    for (store, mut admin) in stores().await {
        store.save(TOKEN, b"mine", Timestamp::from_micros(2_000_000_000_000_000)).await.unwrap();
        let before = store.find(TOKEN).await.unwrap().unwrap();
        let variant = TOKEN.to_lowercase();
        store.save("other", b"", live(b"").expires_at).await.unwrap();
        for error in [
            store.save(&variant, b"x", Expiry::Never).await.unwrap_err(),
            store.insert(&variant, live(b"x")).await.unwrap_err(),
            store.rename("other", &variant, None).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            assert!(error.message().contains("ascii_bin"), "{error}");
            assert!(!error.message().to_lowercase().contains(&variant), "{error}");
        }
        assert!(store.delete("other").await.unwrap());
        untouched(&store, &before).await;
        // Those in the same statement are saved.
        let others: Vec<String> = (0..50).map(|number| format!("other-{number}")).collect();
        let mut rows = vec![(variant.as_str().into(), live(b"x"))];
        rows.extend(others.iter().map(|other| (other.as_str().into(), live(b"y"))));
        let error = store.save_many(&rows).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert_eq!(store.count().await.unwrap(), 51);
        assert_eq!(store.find(TOKEN).await.unwrap(), Some(before));
        // And what helps, helps.
        let error = store.save(&variant, b"x", Expiry::Never).await.unwrap_err();
        let (_, alter) = error.message().split_once("run ").unwrap();
        admin.query_drop(alter).await.unwrap();
        store.save(&variant, b"x", Expiry::Never).await.unwrap();
        assert_eq!(*store.find(&variant).await.unwrap().unwrap().data, *b"x");
        assert_eq!(*store.find(TOKEN).await.unwrap().unwrap().data, *b"mine");
    }
}

/// A session that has expired is in no one's way, but another's row is not ours to remove.
#[tokio::test]
async fn a_variant_of_an_expired_session_removes_nothing() {
    for (store, _) in stores().await {
        store.save(TOKEN, b"mine", Expiry::After(-7_200_000)).await.unwrap();
        let variant = TOKEN.to_lowercase();
        let error = store.insert(&variant, live(b"x")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        store.insert(TOKEN, live(b"again")).await.unwrap();
        assert_eq!(*store.find(TOKEN).await.unwrap().unwrap().data, *b"again");
    }
}

/// The token of a session may change to a variant of itself.
#[tokio::test]
async fn a_session_can_take_a_variant_of_its_own_token() {
    for (store, _) in stores().await {
        store.save(TOKEN, b"mine", Expiry::Never).await.unwrap();
        let variant = TOKEN.to_uppercase();
        assert!(store.rename(TOKEN, &variant, None).await.unwrap());
        assert_eq!(store.find(TOKEN).await.unwrap(), None);
        assert_eq!(*store.find(&variant).await.unwrap().unwrap().data, *b"mine");
    }
}
