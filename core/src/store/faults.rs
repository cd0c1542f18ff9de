//! What a test does to the operations of a store that its thread asks for next.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::task::Poll;

use crate::protocol::error::{Error, Result};
use crate::protocol::request::Answer;

/// What happens to an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    /// It is waited for, before it is done and after.
    Waits,
    /// It is done, and its answer is lost.
    Lost,
    /// It is not done, and its caller does not know.
    Refused,
}

thread_local! {
    static SCRIPT: RefCell<VecDeque<Fault>> = const { RefCell::new(VecDeque::new()) };
}

/// For the operations that this thread asks for next, in their order; the others go well.
pub(crate) fn script(faults: impl IntoIterator<Item = Fault>) {
    SCRIPT.with_borrow_mut(|script| *script = faults.into_iter().collect());
}

pub(crate) async fn around(operation: impl Future<Output = Result<Answer>>) -> Result<Answer> {
    let fault = SCRIPT.with_borrow_mut(VecDeque::pop_front).unwrap_or(Fault::None);
    match fault {
        Fault::None => operation.await,
        Fault::Waits => {
            once().await;
            let answer = operation.await;
            once().await;
            answer
        }
        Fault::Lost => operation.await.and(Err(Error::too_late())),
        Fault::Refused => Err(Error::too_late()),
    }
}

/// Ready when it is polled the second time.
async fn once() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
