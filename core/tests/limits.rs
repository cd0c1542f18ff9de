//! What only one backend has, or what would be too long for a vector.

// A helper of tests may panic as they do.
#![allow(clippy::unwrap_used)]

use sessio::blocking::Store;
use sessio::{Content, ErrorKind, Expiry, ManualClock, Options, Target, Timestamp};

fn kind<T>(result: sessio::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn a_full_memory_store_refuses_new_sessions_and_keeps_the_old() {
    let store = Store::open("memory:?max_sessions=2&cleanup_interval=0").unwrap();
    store.save("a", b"1", Expiry::Never).unwrap();
    store.save("b", b"1", Expiry::Never).unwrap();
    assert_eq!(kind(store.save("c", b"1", Expiry::Never)), Some(ErrorKind::Full));
    assert_eq!(kind(store.insert("c", Content::new(b"1", Expiry::Never))), Some(ErrorKind::Full));
    store.save("a", b"another", Expiry::Never).unwrap();
    assert!(store.rename("a", "c", None).unwrap(), "a rename needs no room");
    assert!(store.delete("b").unwrap());
    store.save("d", b"1", Expiry::Never).unwrap();
    assert_eq!(store.count().unwrap(), 2);
}

#[test]
fn a_full_memory_store_counts_bytes() {
    let store = Store::open("memory:?max_bytes=10&cleanup_interval=0").unwrap();
    store.save("a", b"123456", Expiry::Never).unwrap();
    assert_eq!(kind(store.save("b", b"12345", Expiry::Never)), Some(ErrorKind::Full));
    assert_eq!(kind(store.save("a", b"12345678901", Expiry::Never)), Some(ErrorKind::Full));
    assert_eq!(&*store.find("a").unwrap().unwrap().data, b"123456");
    store.save("b", b"1234", Expiry::Never).unwrap();
    assert_eq!(store.stats().bytes, 10);
}

#[test]
fn expired_sessions_make_room() {
    let clock = ManualClock::new(Timestamp::from_micros(0));
    let mut options = Options::new().clock(clock.clone());
    options.set("max_sessions", "1").unwrap();
    let store = Store::open_with("memory:?cleanup_interval=0", options).unwrap();
    store.save("a", b"1", Expiry::After(1000)).unwrap();
    assert_eq!(kind(store.save("b", b"1", Expiry::Never)), Some(ErrorKind::Full));
    clock.advance(std::time::Duration::from_millis(1));
    store.save("b", b"1", Expiry::Never).unwrap();
    assert_eq!(store.stats().removed, 1);
}

#[test]
fn a_bulk_call_has_at_most_ten_thousand_parts() {
    let store = Store::open("memory:?cleanup_interval=0").unwrap();
    let targets = vec![Target::from("a"); 10_001];
    let rows = vec![(Target::from("a"), Content::new(b"1", Expiry::Never)); 10_001];
    assert_eq!(kind(store.find_many(&targets)), Some(ErrorKind::InvalidArgument));
    assert_eq!(kind(store.delete_many(&targets)), Some(ErrorKind::InvalidArgument));
    assert_eq!(kind(store.save_many(&rows)), Some(ErrorKind::InvalidArgument));
    assert_eq!(store.count().unwrap(), 0);
    store.save_many(&rows[..10_000]).unwrap();
    assert_eq!(store.find_many(&targets[..10_000]).unwrap().iter().flatten().count(), 10_000);
    assert_eq!(store.delete_many(&targets[..10_000]).unwrap(), 1);
}

#[test]
fn what_goes_in_and_out_is_a_copy() {
    let store = Store::open("memory:?cleanup_interval=0").unwrap();
    let mut data = b"before".to_vec();
    store.save("a", &data, Expiry::Never).unwrap();
    data.fill(b'x');
    let mut found = store.find("a").unwrap().unwrap().data.into_vec();
    assert_eq!(found, b"before");
    found.fill(b'y');
    assert_eq!(&*store.find("a").unwrap().unwrap().data, b"before");
}
