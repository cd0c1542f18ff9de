//! Settings of the whole server, one after the other: each is put back before the next.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use std::future::Future;

use mysql_async::prelude::Queryable;
use sessio::{Content, ErrorKind, Expiry, Outcome, Store};
use tokio::sync::Mutex;

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Runs it with a global variable of the server set, and sets it back in any case.
async fn with<F: Future<Output = ()> + Send + 'static>(variable: &str, value: &str, run: F) {
    let _alone = ONE_AT_A_TIME.lock().await;
    let mut admin = server::admin().await;
    let ask = format!("SELECT CAST(@@GLOBAL.{variable} AS CHAR)");
    let before: String = admin.query_first(ask).await.unwrap().unwrap();
    let quoted = if before.parse::<u64>().is_ok() { before } else { format!("'{before}'") };
    admin.query_drop(format!("SET GLOBAL {variable} = {value}")).await.unwrap();
    let ended = tokio::spawn(run).await;
    admin.query_drop(format!("SET GLOBAL {variable} = {quoted}")).await.unwrap();
    ended.unwrap();
}

fn subject(data: &[u8]) -> Content<'_> {
    Content::new(data, Expiry::Never).subject("ada")
}

#[tokio::test]
async fn a_table_is_made_and_changed_where_rows_are_compact_by_default() {
    with("innodb_default_row_format", "'compact'", async {
        let (store, _) = server::store().await;
        store.save_content("a", subject(b"1")).await.unwrap();
        let scs = server::scs_table(&mut server::admin().await).await;
        let store = Store::open_with(&server::url(), server::options(&scs)).unwrap();
        store.migrate_from("scs").await.unwrap();
        store.save_content("a", subject(b"1")).await.unwrap();
        assert_eq!(store.check().await.unwrap(), []);

        let scs = server::scs_table(&mut server::admin().await).await;
        let store = Store::open_with(&server::url(), server::options(&scs)).unwrap();
        for issue in store.check().await.unwrap() {
            server::admin().await.query_drop(&issue.fix).await.unwrap();
        }
        assert_eq!(store.check().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn what_fits_into_a_small_packet_is_stored_and_the_rest_is_told_why() {
    for packet in [8 << 10, 16 << 10, 64 << 10] {
        with("max_allowed_packet", &packet.to_string(), async move {
            let (store, _) = server::store().await;
            let most = packet * 3 / 4;
            for bytes in [0, 100, most] {
                let data = vec![7; bytes];
                store.save_content("a", subject(&data)).await.unwrap();
                let record = store.find("a").await.unwrap().unwrap();
                assert_eq!(record.data.len(), bytes);
            }
            // Both what was and what will be have to fit.
            let (from, to) = (vec![1; packet / 3], vec![2; packet / 3]);
            store.save("a", &from, Expiry::Never).await.unwrap();
            let swapped = store.replace("a", &from, Content::new(&to, Expiry::Never));
            assert_eq!(swapped.await.unwrap(), Outcome::Saved);
            let error = store.save("a", &vec![7; packet], Expiry::Never).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
            let says = format!("max_allowed_packet is {packet}");
            assert!(error.message().contains(&says), "{error}");
            assert!(!error.message().contains("ALTER TABLE"), "{error}");
            let calls: Vec<_> = (0..200)
                .map(|number| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        let (token, data) = (format!("t{number}"), vec![1; 50]);
                        store.save_content(&token, subject(&data)).await.unwrap();
                        assert!(store.update(&token, subject(&data)).await.unwrap());
                        let to = Content::new(b"2", Expiry::Never);
                        assert_eq!(store.replace(&token, &data, to).await.unwrap(), Outcome::Saved);
                        assert!(store.find(&token).await.unwrap().is_some());
                    })
                })
                .collect();
            for call in calls {
                call.await.unwrap();
            }
            assert_eq!(store.delete_subject("ada", None).await.unwrap(), 201);
            let codes: Vec<_> = store.check().await.unwrap().iter().map(|f| f.code).collect();
            assert_eq!(codes, ["max_allowed_packet"]);
        })
        .await;
    }
}

/// Other programs have taken all prepared statements that the server gives out.
#[tokio::test]
async fn without_prepared_statements_everything_goes_as_text() {
    with("max_prepared_stmt_count", "0", async {
        let (_, table) = server::store().await;
        let mut options = server::options(&table);
        options.set("connections", "4").unwrap();
        let store = Store::open_with(&server::url(), options).unwrap();
        let odd: Vec<u8> = (0..=255).chain(*b"'\\?\"; -- ").collect();
        let each = |store: Store, token: String, odd: Vec<u8>| async move {
            store.insert(&token, subject(&odd)).await.unwrap();
            let record = store.find(&token).await.unwrap().unwrap();
            assert_eq!((&*record.data, record.subject.as_deref()), (&odd[..], Some("ada")));
            let swapped = store.replace(&token, &odd, subject(b"1")).await.unwrap();
            assert_eq!(swapped, Outcome::Saved);
            assert_eq!(
                store.replace(&token, &odd, subject(b"2")).await.unwrap(),
                Outcome::Conflict
            );
            assert!(store.update(&token, subject(&odd)).await.unwrap());
            store.save_content(&token, subject(&odd)).await.unwrap();
            assert!(store.touch(&token, Expiry::Never).await.unwrap());
            let new = format!("{token}'");
            assert!(store.rename(&token, &new, None).await.unwrap());
            assert!(store.exists(&new).await.unwrap() && !store.exists(&token).await.unwrap());
            assert_eq!(&*store.find(&new).await.unwrap().unwrap().data, &odd[..]);
        };
        each(store.clone(), "alone".into(), odd.clone()).await;
        let calls: Vec<_> = (0..100)
            .map(|number| tokio::spawn(each(store.clone(), number.to_string(), odd.clone())))
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(store.count().await.unwrap(), 101);
        assert_eq!(store.list_subject("ada", None, 200).await.unwrap().entries.len(), 101);
        store.save("old", b"", Expiry::After(-1)).await.unwrap();
        assert_eq!(store.delete_expired(10).await.unwrap(), 1);
        assert!(store.delete("alone'").await.unwrap() && !store.delete("alone'").await.unwrap());
        assert_eq!(store.delete_subject("ada", None).await.unwrap(), 100);
        let connections = store.stats().connections;
        assert!(connections <= 8, "{connections} logins: a connection is not to blame");
    })
    .await;
}

/// The test server of MySQL writes a binlog, that of MariaDB does not.
#[tokio::test]
async fn a_binlog_of_statements_is_named() {
    with("binlog_format", "'STATEMENT'", async {
        let logs: u8 =
            server::admin().await.query_first("SELECT @@log_bin").await.unwrap().unwrap();
        let (store, _) = server::store().await;
        let saved = store.save("a", b"1", Expiry::Never).await;
        let codes: Vec<_> = store.check().await.unwrap().iter().map(|f| f.code).collect();
        if logs == 0 {
            assert_eq!((saved.is_ok(), codes), (true, vec![]));
            return;
        }
        let error = saved.unwrap_err();
        assert_eq!(
            (error.kind(), error.is_retryable()),
            (ErrorKind::Unavailable, false),
            "{error}"
        );
        assert!(error.message().contains("binlog_format=ROW"), "{error}");
        assert_eq!(codes, ["binlog_format"]);
        let mut options = server::options(&server::table());
        options.set("session_variables", "binlog_format=ROW").unwrap();
        let store = Store::open_with(&server::url(), options).unwrap();
        store.migrate().await.unwrap();
        store.save("a", b"1", Expiry::Never).await.unwrap();
        assert_eq!(store.check().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn each_connection_sets_the_variables_of_the_options() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let (store, table) = server::store().await;
    store.save("a", b"1", Expiry::Never).await.unwrap();
    let mut admin = server::admin().await;
    for statement in [
        format!("ALTER TABLE {table} ADD seen VARCHAR(99) NULL"),
        format!(
            "CREATE TRIGGER {table}_t BEFORE INSERT ON {table} FOR EACH ROW SET NEW.seen = \
             CONCAT_WS(',', @@net_write_timeout, @@max_sort_length, @@innodb_lock_wait_timeout)"
        ),
    ] {
        admin.query_drop(statement).await.unwrap();
    }
    let variables = "net_write_timeout=71,max_sort_length=4100,innodb_lock_wait_timeout=7";
    let mut options = server::options(&table);
    options.set("session_variables", variables).unwrap();
    let by_option = Store::open_with(&server::url(), options).unwrap();
    let url = server::url();
    let (login, rest) = url.strip_prefix("mysql://").unwrap().rsplit_once('@').unwrap();
    let (address, database) = rest.split_once('/').unwrap();
    let go = format!(
        "{login}@tcp({address})/{database}?net_write_timeout=71&max_sort_length=4100\
         &innodb_lock_wait_timeout=7&parseTime=true&wait_timeout=100"
    );
    let by_dsn = Store::open_with(&go, server::options(&table)).unwrap();
    for store in [by_option, by_dsn] {
        store.delete("a").await.unwrap();
        store.save("a", b"1", Expiry::Never).await.unwrap();
        let seen: Option<String> =
            admin.query_first(format!("SELECT seen FROM {table}")).await.unwrap().unwrap();
        assert_eq!(seen.as_deref(), Some("71,4100,7"));
    }
}
