//! Tokens, session data and passwords are in no `Debug`, no error and no log.

// A helper of tests may panic as they do.
#![allow(clippy::unwrap_used)]

#[path = "support/environment.rs"]
mod environment;

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sessio::blocking::Store;
use sessio::operation::{Answer, Request};
use sessio::{Content, Entry, Expiry, Key, Options, Page, Record, Target, Token};

const TOKEN: &str = "token-that-no-one-may-see";
const DATA: &str = "data-that-no-one-may-see";
const PASSWORD: &str = "password-that-no-one-may-see";

/// Everything that was printed, to be searched.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<String>>>);

impl Printed {
    fn add(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }

    fn debug(&self, value: &impl Debug) {
        self.add(format!("{value:?}"));
        self.add(format!("{value:#?}"));
    }

    /// Whatever comes out, an error or an answer.
    fn result<T: Debug>(&self, result: sessio::Result<T>) {
        match result {
            Ok(value) => self.debug(&value),
            Err(error) => {
                self.debug(&error);
                self.add(format!("{error} {error:#} {}", error.message()));
            }
        }
    }

    fn has_none_of(&self, secrets: &[&str]) {
        let printed = self.0.lock().unwrap();
        assert!(!printed.is_empty(), "nothing was printed, so nothing was tested");
        for text in printed.iter() {
            // As text, and as a list of its bytes, which is how a derived Debug shows a vector.
            for secret in secrets {
                let bytes: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
                assert!(!text.contains(secret), "{secret} is in: {text}");
                assert!(!text.contains(&bytes.join(", ")), "{secret} is in: {text}");
            }
        }
    }
}

fn hashed(store: &Store) -> String {
    store.list(None, 1).unwrap().entries[0].key.as_str().to_owned()
}

fn every_verb(store: &Store, printed: &Printed) {
    let content = Content::new(DATA.as_bytes(), Expiry::Never);
    let target = Target::from(TOKEN);
    for request in [
        Request::Save(target, content),
        Request::Insert(target, content),
        Request::Find(target),
        Request::Update(target, content),
        Request::Replace(target, DATA.as_bytes(), content),
        Request::Touch(target, Expiry::Never),
        Request::Rename(target, target, Some(content)),
        Request::FindMany(&[target]),
        Request::SaveMany(&[(target, content)]),
        Request::List(None, 5),
        Request::DeleteMany(&[target]),
        Request::Delete(target),
        Request::Check,
    ] {
        printed.debug(&request);
        printed.result(store.begin(request));
    }
    printed.result(store.save(TOKEN, DATA.as_bytes(), Expiry::Never));
    printed.result(store.insert(TOKEN, content));
    printed.result(store.replace(TOKEN, DATA.as_bytes(), content));
    printed.result(store.find(TOKEN));
    printed.result(store.list(None, 5));
    printed.result(store.rename(TOKEN, &*DATA.repeat(1000), None));
    printed.result(store.save(TOKEN, DATA.repeat(100_000).as_bytes(), Expiry::Never));
    printed.result(store.list_subject(&DATA.repeat(20), None, 5));
    printed.debug(store);
    printed.debug(store.asynchronous());
    printed.add(store.asynchronous().location());
    printed.debug(&store.stats());
}

#[test]
fn nothing_that_can_be_printed_shows_a_secret() {
    let printed = Printed::default();
    let token = Token::from(TOKEN.to_owned());
    let key = Key::from_text(TOKEN);
    let record = Record {
        data: DATA.as_bytes().to_vec().into(),
        expires_at: None,
        subject: Some("ada".into()),
    };
    let page = Page { entries: vec![Entry { key, record: record.clone() }], next: Some(key) };
    printed.debug(&token);
    printed.debug(&key);
    printed.debug(&Target::from(&token));
    printed.debug(&Target::from(&key));
    printed.debug(&Content::new(DATA.as_bytes(), Expiry::Never));
    printed.debug(&record.data);
    printed.debug(&Answer::Found(Some(record)));
    printed.debug(&Answer::Listed(page));
    printed.debug(&Options::new());
    printed.has_none_of(&[TOKEN, DATA]);
}

#[test]
fn no_url_is_refused_with_its_password() {
    let printed = Printed::default();
    for url in [
        "mysql://ada:{}@host:port/app",
        "mysql://ada:{}@host",
        "mysql://ada:{}@/app",
        "mysql://ada:{}@host/app?tabel=1",
        "mysql://ada:{}@host/app?timeout=soon",
        "mysql://ada:{}@host/app?{}=1",
        "mysql://ada:{}%ff@host/app",
        "ada:{}@udp(host)/app",
        "ada:{}@tcp(host:port)/app",
        "ada:{}@tcp(host)/app?tls=mine",
        "postgres://ada:{}@host/app",
        "ada:{}",
    ] {
        let result = Store::open(&url.replace("{}", PASSWORD));
        assert!(result.is_err(), "{url}");
        // A name of an option is no secret, even if it looks like one.
        if !url.contains("?{}") {
            printed.result(result);
        }
    }
    printed.has_none_of(&[PASSWORD]);
}

// One test for both stores: a process has one log.
#[test]
fn neither_a_store_nor_its_log_shows_a_secret() {
    let url = environment::given("SESSIO_TEST_MYSQL_URL");
    let printed = Printed::default();
    let log = printed.clone();
    let forwarded = sessio::logging::forward(sessio::logging::Level::TRACE, move |level, line| {
        log.add(format!("{level} {line}"));
    });
    assert!(forwarded);

    let memory = Store::open("memory:?max_sessions=2").unwrap();
    every_verb(&memory, &printed);
    memory.save(TOKEN, b"", Expiry::Never).unwrap();
    let key = hashed(&memory);

    let mut options = Options::new();
    options.set("table", &format!("secrets_{}", std::process::id())).unwrap();
    options.set("cleanup_interval", "20ms").unwrap();
    printed.debug(&options);
    let mysql = Store::open_with(&url, options.clone()).unwrap();
    // A missing table first: its errors and those of the cleanup are worth searching too.
    every_verb(&mysql, &printed);
    std::thread::sleep(Duration::from_millis(100));
    mysql.migrate().unwrap();
    every_verb(&mysql, &printed);
    mysql.close();
    every_verb(&mysql, &printed);

    // The wrong password, a server that is not there, a database that is not there.
    let (login, place) = url.strip_prefix("mysql://").unwrap().rsplit_once('@').unwrap();
    let (user, real) = login.split_once(':').unwrap_or((login, ""));
    let database = place.split_once('/').unwrap().1;
    for broken in [
        format!("mysql://{user}:{PASSWORD}@{place}"),
        format!("mysql://{user}:{PASSWORD}@127.0.0.1:1/{database}"),
        format!("mysql://{login}@{}/no_such_database", place.split_once('/').unwrap().0),
        format!("mysql://{login}@{place}?tls=verify-identity"),
    ] {
        let store = Store::open_with(&broken, options.clone()).unwrap();
        assert!(store.find(TOKEN).is_err(), "this store cannot work");
        printed.result(store.find(TOKEN));
        printed.result(store.save(TOKEN, DATA.as_bytes(), Expiry::Never));
        printed.result(store.check());
        printed.debug(&store);
        store.close();
    }

    for refused in ["ca=/no/such/file", "tls=verify-ca&ca=/no/such/file", "tabel=x", "timeout=0"] {
        let url = format!("mysql://{user}:{PASSWORD}@{place}?{refused}");
        printed.result(Store::open(&url));
    }

    let mut secrets = vec![TOKEN, DATA, PASSWORD, key.as_str()];
    // A password of a few letters is in every text; that of ./dev is not.
    secrets.extend(Some(real).filter(|real| real.len() >= 8));
    printed.has_none_of(&secrets);
}
