//! Encrypted connections. The test server's certificate is for localhost and 127.0.0.1, from the
//! authority in SESSIO_TEST_CA. SESSIO_TEST_TLS_URL names that server, where it is another than
//! all public ones.
#![allow(missing_docs, clippy::unwrap_used)]

mod support {
    pub(crate) mod common;
    pub(crate) mod proxy;
}

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use sessio::{ErrorKind, Store};
use support::common as server;
use support::proxy::Proxy;

fn url() -> String {
    std::env::var("SESSIO_TEST_TLS_URL").unwrap_or_else(|_| server::url())
}

fn open_at(options: &[(&str, &str)], address: &str) -> Store {
    let mut all = server::options(&server::table());
    for (name, value) in options {
        all.set(name, value).unwrap();
    }
    Store::open_with(&server::at(&url(), address), all).unwrap()
}

fn open(options: &[(&str, &str)]) -> Store {
    open_at(options, &server::address(&url()))
}

fn ca() -> String {
    server::environment::given("SESSIO_TEST_CA")
}

#[tokio::test]
async fn each_mode_accepts_what_it_should() {
    let ca = ca();
    for options in [
        vec![("tls", "required")],
        vec![("tls", "verify-ca"), ("ca", &ca)],
        vec![("tls", "verify-identity"), ("ca", &ca)],
    ] {
        let store = open(&options);
        store.migrate().await.unwrap_or_else(|error| panic!("{options:?}: {error}"));
        store.close().await;
    }
}

/// A file beside the authority's.
fn beside(name: &str) -> String {
    let ca = std::path::PathBuf::from(ca());
    ca.with_file_name(name).to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_is_given_one() {
    let mut admin = Conn::new(Opts::from_url(&url()).unwrap()).await.unwrap();
    let user = format!("x509_{}", std::process::id());
    for statement in [
        format!("CREATE USER {user}@'%' IDENTIFIED BY 'pw' REQUIRE X509"),
        format!("GRANT ALL ON *.* TO {user}@'%'"),
    ] {
        admin.query_drop(statement).await.unwrap();
    }
    let (rest, place) = (url(), server::address(&url()));
    let url = format!("mysql://{user}:pw@{place}/{}", rest.rsplit_once('/').unwrap().1);
    let (certificate, key) = (beside("client.pem"), beside("client-key.pem"));
    let open = |own: bool| {
        let mut options = server::options(&server::table());
        options.set("tls", "required").unwrap();
        if own {
            options.set("tls_cert", &certificate).unwrap();
            options.set("tls_key", &key).unwrap();
        }
        Store::open_with(&url, options).unwrap()
    };
    open(true).ping().await.unwrap();
    assert_eq!(open(false).ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
    admin.query_drop(format!("DROP USER {user}@'%'")).await.unwrap();
}

#[test]
fn a_clients_certificate_is_looked_at_when_the_store_is_opened() {
    let (certificate, key) = (beside("client.pem"), beside("client-key.pem"));
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").to_owned();
    let missing = "/no/such/file.pem".to_owned();
    for (tls, files, says) in [
        ("required", [None, Some(&key)], "belong together"),
        ("required", [Some(&certificate), None], "belong together"),
        ("off", [Some(&certificate), Some(&key)], "tls to required"),
        ("required", [Some(&missing), Some(&key)], "tls_cert: cannot read /no/such/file.pem"),
        ("required", [Some(&certificate), Some(&missing)], "tls_key: cannot read"),
        ("required", [Some(&own), Some(&key)], "no PEM file of certificates"),
        ("verify-ca", [Some(&certificate), Some(&certificate)], "private key"),
        ("required", [Some(&key), Some(&key)], "no PEM file of certificates"),
    ] {
        let mut options = sessio::Options::new();
        options.set("tls", tls).unwrap();
        for (name, file) in ["tls_cert", "tls_key"].into_iter().zip(files) {
            file.into_iter().for_each(|file| options.set(name, file).unwrap());
        }
        let error = Store::open_with(&url(), options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.message().contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_of_no_known_authority_is_refused() {
    for mode in ["verify-ca", "verify-identity"] {
        let error = open(&[("tls", mode)]).ping().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{mode}: {error}");
        assert!(error.message().contains("certificate"), "{mode}: {error}");
        assert!(!error.is_retryable(), "{mode}: {error}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_only_where_the_name_counts() {
    let ca = ca();
    // 127.0.0.2 is this machine too, but not in the certificate.
    let proxy = Proxy::between("127.0.0.2:0", server::address(&url())).await;
    let by_ca = open_at(&[("tls", "verify-ca"), ("ca", &ca)], &proxy.address);
    by_ca.ping().await.unwrap();
    let by_name = open_at(&[("tls", "verify-identity"), ("ca", &ca)], &proxy.address);
    assert_eq!(by_name.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[test]
fn an_authority_that_is_none_is_said_when_the_store_is_opened() {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let ca = ca();
    for (tls, ca, says) in [
        ("verify-ca", "/no/such/file.pem", "/no/such/file.pem"),
        ("verify-identity", own, "no certificate"),
        ("required", &ca, "tls=verify-ca"),
        ("off", &ca, "tls=verify-ca"),
    ] {
        let mut options = sessio::Options::new();
        options.set("tls", tls).unwrap();
        options.set("ca", ca).unwrap();
        let error = Store::open_with(&url(), options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains(says), "{error}");
    }
}
