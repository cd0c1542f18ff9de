//! What one Node environment (the main thread, or a worker) has: its stores, managers and sessions,
//! and the operations that are on their way.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

use napi::bindgen_prelude::{Function, sys};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use sessio::completion::Completions;
use sessio::operation::{Answer, Reply, Request, SessionAnswer, SessionRequest};
use sessio::{Error, ErrorKind, ManualClock, Store, Transaction};

use crate::held::{Manager, Sessions};
use crate::slots::Slots;
use crate::tray::{Out, Place};

/// Weak: it does not hold the process by itself.
type Wake = ThreadsafeFunction<(), (), (), napi::Status, false, true, 0>;

/// So many promises are settled in one go, before whoever waited for them gets a turn.
const AT_ONCE: usize = 256;

/// How a call ended for now.
pub(crate) enum Status {
    Answered(Out),
    /// Its answer will come under this number.
    Pending(u32),
}

/// An operation that came to its end, and the number that JavaScript waits for it under; or an
/// event, which nobody waits for.
pub(crate) struct Finished {
    pub(crate) slot: Option<u32>,
    pub(crate) out: Out,
}

pub(crate) struct Bridge {
    env: sys::napi_env,
    wake: Arc<Wake>,
    pub(crate) finished: Arc<Completions<Finished>>,
    /// Taken from `finished`, not yet handed to JavaScript.
    pub(crate) backlog: RefCell<VecDeque<Finished>>,
    pub(crate) tray: RefCell<Place>,
    /// The answer of a call that did not fit into the tray, until it is fetched.
    pub(crate) too_big: RefCell<Option<Out>>,
    pub(crate) stores: RefCell<Slots<Store>>,
    pub(crate) clocks: RefCell<Slots<ManualClock>>,
    pub(crate) managers: RefCell<Slots<Manager>>,
    pub(crate) sessions: Sessions,
    pub(crate) transactions: RefCell<Slots<Transaction>>,
    on_their_way: RefCell<Slots<()>>,
    in_flight: Cell<u32>,
}

impl Bridge {
    /// `wake` is called on the environment's thread when something has finished.
    pub(crate) fn new(env: sys::napi_env, wake: &Function<'_, (), ()>) -> napi::Result<Self> {
        let wake = wake.build_threadsafe_function().weak::<true>().callee_handled::<false>();
        let wake: Arc<Wake> = Arc::new(wake.build()?);
        let finished = {
            let wake = Arc::clone(&wake);
            Completions::new(move || {
                // It is refused only when the environment is gone, and then nobody waits.
                let _: napi::Status = wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
            })
        };
        Ok(Bridge {
            env,
            wake,
            finished: Arc::new(finished),
            backlog: RefCell::default(),
            tray: RefCell::default(),
            too_big: RefCell::default(),
            stores: RefCell::default(),
            clocks: RefCell::default(),
            managers: RefCell::default(),
            sessions: Sessions::default(),
            transactions: RefCell::default(),
            on_their_way: RefCell::default(),
            in_flight: Cell::new(0),
        })
    }

    /// Starts a verb, whose answer JavaScript gets in this shape.
    pub(crate) fn start(
        &self,
        store: &Store,
        request: Request<'_>,
        shape: fn(Answer) -> Answer,
    ) -> Status {
        let mut slot = None;
        let answer = store.start(request, || {
            let (number, finish) = self.expect();
            slot = Some(number);
            Reply::new(move |answer| finish(answer.map(shape).into()))
        });
        match (slot, answer) {
            (Some(slot), _) => Status::Pending(slot),
            (None, Some(answer)) => Status::Answered(answer.map(shape).into()),
            (None, None) => Status::Answered(no_answer()),
        }
    }

    /// Starts a verb of a session or a manager, whose answer JavaScript gets as `out` makes it.
    pub(crate) fn start_session(
        &self,
        request: SessionRequest,
        out: fn(SessionAnswer) -> Out,
    ) -> Status {
        let mut slot = None;
        let done = request.start(|| {
            let (number, finish) = self.expect();
            slot = Some(number);
            Reply::new(move |done| finish(done.map_or_else(Out::Failed, out)))
        });
        match (slot, done) {
            (Some(slot), _) => Status::Pending(slot),
            (None, Some(done)) => {
                Status::Answered(self.sessions.number(done.map_or_else(Out::Failed, out)))
            }
            (None, None) => Status::Answered(no_answer()),
        }
    }

    /// A number to wait under, and how to end the waiting from any thread. Holds the process.
    pub(crate) fn expect(&self) -> (u32, impl FnOnce(Out) + Send + use<>) {
        let slot = self.on_their_way.borrow_mut().add(());
        if self.in_flight.replace(self.in_flight.get() + 1) == 0 {
            // SAFETY: on the environment's thread, with the handle that `wake` keeps alive.
            unsafe { sys::napi_ref_threadsafe_function(self.env, self.wake.raw()) };
        }
        let finished = Arc::clone(&self.finished);
        (slot, move |out| finished.push(Finished { slot: Some(slot), out }))
    }

    /// Adds to the backlog. When more is left, `wake` is called again.
    pub(crate) fn collect(&self) {
        let finished = self.finished.drain(AT_ONCE).into_iter();
        let numbered = finished.map(|Finished { slot, out }| {
            let out = self.sessions.number(out);
            Finished { slot, out }
        });
        self.backlog.borrow_mut().extend(numbered);
    }

    /// After a finished operation was handed to JavaScript. The last one lets the process go.
    pub(crate) fn settled(&self, slot: Option<u32>) {
        let Some(slot) = slot else { return };
        self.on_their_way.borrow_mut().remove(slot);
        self.in_flight.set(self.in_flight.get() - 1);
        if self.in_flight.get() == 0 {
            // SAFETY: as in `expect`.
            unsafe { sys::napi_unref_threadsafe_function(self.env, self.wake.raw()) };
        }
    }
}

fn no_answer() -> Out {
    let message = "an operation took no reply and gave no answer";
    Out::Failed(Error::new(ErrorKind::Internal, message))
}
