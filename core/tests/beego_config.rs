//! A store that is opened with beego's own configuration, on beego's own table.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod server;

use mysql_async::prelude::Queryable;
use sessio::{CommitOutcome, ErrorKind, Options, SessionManager, Store, Token};

/// The server's URL as the data source name of a Go program.
fn data_source() -> String {
    let url = server::url();
    let (login, rest) = url.strip_prefix("mysql://").unwrap().split_once('@').unwrap();
    let (_, database) = rest.split_once('/').unwrap();
    format!("{login}@tcp({})/{database}?charset=utf8", server::address(&url))
}

fn config(more: &str) -> String {
    let source = data_source();
    format!(
        r#"{{"cookieName":"beegosessionid","enableSetCookie,omitempty":true,"gclifetime":3600,
            "ProviderConfig":"{source}","SessionIDPrefix":"app-"{more}}}"#
    )
}

fn open(table: &str, more: &str) -> SessionManager {
    let options: Options = server::options(table);
    SessionManager::new(Store::open_with(&config(more), options).unwrap())
}

#[tokio::test]
async fn a_login_is_a_row_as_beego_makes_it() {
    let table = server::beego_table("MyISAM").await;
    let manager = open(&table, "");
    let session = manager.load(None);
    session.put("username", "astaxie").unwrap();
    session.put("uid", &7).unwrap();
    let result = manager.commit(&session).await.unwrap();
    let sid = result.token.unwrap();
    assert_eq!((sid.len(), sid.strip_prefix("app-").map(str::len)), (36, Some(32)));
    let cookie = format!("beegosessionid={sid}; HttpOnly; Path=/");
    assert_eq!(result.set_cookie.as_deref(), Some(&*cookie));
    let mut admin = server::admin().await;
    let row: Option<(String, Vec<u8>, i64)> = admin
        .query_first(format!(
            "SELECT session_key, session_data, CAST(session_expiry AS SIGNED) - UNIX_TIMESTAMP() FROM {table}"
        ))
        .await
        .unwrap();
    let (key, data, written) = row.unwrap();
    assert_eq!(key, sid);
    assert!((-5..=1).contains(&written), "written {written} s from now");
    let read = data.windows(7).any(|window| window == b"astaxie");
    assert!(read, "gob holds its texts as they are");

    let session = manager.load_cookie(format!("a=b; beegosessionid={sid}").as_bytes());
    assert_eq!(session.get::<i64>("uid").await.unwrap(), Some(7));
    assert!(session.renew().await.unwrap());
    let result = manager.commit(&session).await.unwrap();
    let renewed = result.token.unwrap();
    assert!(renewed.starts_with("app-") && renewed != sid);
    assert!(manager.load(Some(&sid)).is_new().await.unwrap());
    let session = manager.load(Some(&renewed));
    session.destroy().await.unwrap();
    assert_eq!(manager.commit(&session).await.unwrap().outcome, CommitOutcome::Destroyed);
    let left: Option<u64> =
        admin.query_first(format!("SELECT COUNT(*) FROM {table}")).await.unwrap();
    assert_eq!(left, Some(0));
}

#[tokio::test]
async fn a_session_lives_for_the_lifetime_after_its_last_use_and_no_longer() {
    let table = server::beego_table("MyISAM").await;
    let manager = open(&table, r#","maxLifetime":600"#);
    let mut admin = server::admin().await;
    let mut age = async |seconds: u64| {
        let sql = format!("UPDATE {table} SET session_expiry = UNIX_TIMESTAMP() - {seconds}");
        admin.query_drop(sql).await.unwrap();
    };
    let session = manager.load(None);
    session.put("n", &1).unwrap();
    let token = manager.commit(&session).await.unwrap().token.unwrap();
    age(590).await;
    let session = manager.load(Some(&token));
    assert_eq!(session.get::<i64>("n").await.unwrap(), Some(1));
    // Reading is using, and beego writes at the end of every request.
    let result = manager.commit(&session).await.unwrap();
    assert!(result.expires_at.is_some());
    let sql = format!("SELECT UNIX_TIMESTAMP() - CAST(session_expiry AS SIGNED) FROM {table}");
    let unused: Option<i64> = server::admin().await.query_first(sql).await.unwrap();
    assert!(unused.is_some_and(|seconds| seconds < 60), "{unused:?}");
    age(601).await;
    assert!(manager.load(Some(&token)).is_new().await.unwrap());
}

#[tokio::test]
async fn no_cookie_is_sent_where_beego_sends_none() {
    let table = server::beego_table("MyISAM").await;
    let manager = open(&table, r#","enableSetCookie":false"#);
    let session = manager.load(None);
    session.put("n", &1).unwrap();
    let result = manager.commit(&session).await.unwrap();
    assert!(result.token.is_some() && result.set_cookie.is_none());
    session.destroy().await.unwrap();
    assert_eq!(manager.commit(&session).await.unwrap().set_cookie, None);
}

/// beego would answer such a program with a new session for every request (B13).
#[tokio::test]
async fn what_does_not_fit_the_column_is_refused() {
    let table = server::beego_table("MyISAM").await;
    let manager = open(&table, "");
    let long = "x".repeat(65);
    assert!(manager.load(Some(&long)).is_new().await.unwrap());
    let error = manager.store().save(&Token::from(long), b"", sessio::Expiry::Never).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidArgument);
    let error = Store::open(&config(r#","sessionIDLength":31"#)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}
