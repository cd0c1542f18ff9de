//! Stores on a runtime of the program's own, which may end or stand still before they do.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/common.rs"]
mod support;

use std::time::Duration;

use sessio::{ErrorKind, Expiry, Store, blocking};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn open(on: &Runtime) -> Store {
    let options = support::options(&support::table()).runtime(on.handle().clone());
    Store::open_with(&support::url(), options).unwrap()
}

/// More than any answer may take.
async fn soon<T>(answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), answer).await.expect("it hangs")
}

#[test]
fn when_its_runtime_has_ended_a_store_is_closed() {
    let here = runtime();
    for used_before in [false, true] {
        let theirs = runtime();
        let store = open(&theirs);
        if used_before {
            theirs.block_on(store.migrate()).unwrap();
        }
        drop(theirs);
        here.block_on(async {
            let failed = soon(store.find("a")).await.unwrap_err();
            assert_eq!(failed.kind(), ErrorKind::Closed, "{failed}");
            let failed = soon(store.save("a", b"", Expiry::Never)).await.unwrap_err();
            assert_eq!(failed.kind(), ErrorKind::Closed, "{failed}");
            soon(store.close()).await;
        });
    }
}

#[test]
fn what_is_in_flight_when_its_runtime_ends_is_answered() {
    let (here, theirs) = (runtime(), runtime());
    let store = open(&theirs);
    theirs.block_on(store.migrate()).unwrap();
    let waiting = store.clone();
    let asked = std::thread::spawn(move || here.block_on(soon(waiting.find("a"))));
    // No thread drives it, so the question waits, or is not asked yet; both have to be answered.
    std::thread::sleep(Duration::from_millis(50));
    drop(theirs);
    let failed = asked.join().unwrap().unwrap_err();
    assert!(matches!(failed.kind(), ErrorKind::Closed | ErrorKind::Internal), "{failed}");
}

#[test]
fn a_call_that_waits_on_the_thread_that_should_answer_ends_with_its_timeout() {
    let theirs = runtime();
    let mut options = support::options(&support::table()).runtime(theirs.handle().clone());
    options.set("timeout", "200ms").unwrap();
    let store = blocking::Store::open_with(&support::url(), options).unwrap();
    let failed = theirs.block_on(async { store.find("a").unwrap_err() });
    assert_eq!(failed.kind(), ErrorKind::Timeout, "{failed}");
}
