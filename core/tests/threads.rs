//! A program that keeps its sessions in memory pays for no thread but the cleaner's.

// A helper of tests may panic as they do.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sessio::blocking::Store;
use sessio::{Content, Expiry, Target};

/// Every thread of this process: number and name.
fn threads() -> BTreeMap<String, String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let name = |id: &str| std::fs::read_to_string(format!("/proc/self/task/{id}/comm"));
    let ids = tasks.map(|task| task.unwrap().file_name().into_string().unwrap());
    // One that ends between the two looks is no thread any more.
    ids.filter_map(|id| name(&id).ok().map(|name| (id, name.trim().to_owned()))).collect()
}

fn every_verb(store: &Store) {
    let content = Content::new(b"data", Expiry::Never).subject("ada");
    let target = Target::from("a");
    store.save("a", b"data", Expiry::Never).unwrap();
    store.insert("b", content).unwrap();
    assert!(store.find("a").unwrap().is_some() && store.exists("a").unwrap());
    assert!(store.update("a", content).unwrap() && store.touch("a", Expiry::Never).unwrap());
    let _ = store.replace("a", b"data", content).unwrap();
    assert!(store.rename("b", "c", Some(content)).unwrap());
    store.save_many(&[(target, content)]).unwrap();
    assert_eq!(store.find_many(&[target]).unwrap().len(), 1);
    assert_eq!(store.count().unwrap(), 2);
    assert_eq!(store.list(None, 10).unwrap().entries.len(), 2);
    assert_eq!(store.list_subject("ada", None, 10).unwrap().entries.len(), 2);
    assert_eq!(store.delete_subject("ada", Some(target)).unwrap(), 1);
    assert_eq!(store.delete_expired(10).unwrap(), 0);
    assert_eq!(store.delete_many(&[target]).unwrap(), 1);
    assert!(!store.delete("a").unwrap());
    store.migrate().unwrap();
    assert!(store.check().unwrap().is_empty());
    store.ping().unwrap();
    assert_eq!(store.stats().sessions, 0);
}

/// A thread takes its name after it has started, and leaves the list after it was joined: both a
/// moment late.
fn soon(what: &str, wanted: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !wanted() {
        assert!(Instant::now() < deadline, "{what}: {:?}", threads());
        std::thread::sleep(Duration::from_millis(1));
    }
}

// One test, because another that runs beside it has threads too.
#[test]
fn memory_starts_no_thread_but_the_cleaner() {
    let before = threads();

    let quiet = Store::open("memory:?cleanup_interval=0").unwrap();
    every_verb(&quiet);
    assert_eq!(threads(), before, "cleanup is off");

    let cleaning = Store::open("memory:").unwrap();
    assert_eq!(threads(), before, "opening starts nothing");
    every_verb(&cleaning);
    soon("the cleaner and nothing else", || {
        let mut more = threads();
        more.retain(|id, _| !before.contains_key(id));
        more.values().eq(["sessio-cleanup"])
    });

    cleaning.stop_cleanup();
    soon("stop_cleanup waits for its thread", || threads() == before);
    every_verb(&cleaning);
    assert_eq!(threads(), before, "nothing starts it again");

    let dropped = Store::open("memory:").unwrap();
    dropped.ping().unwrap();
    drop(dropped);
    soon("a store that was dropped leaves no thread", || threads() == before);
    quiet.close();
    assert_eq!(threads(), before);
}
