//! What one Node environment (the main thread or a worker) owns: its stores, managers and sessions,
//! its pending calls, and the completions that JavaScript has not seen yet.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use napi::bindgen_prelude::{Function, sys};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use sessio::completion::CompletionQueue;
use sessio::operation::{Answer, Reply, Request, SessionAnswer, SessionRequest};
use sessio::{Error, ErrorKind, ManualClock, Store, Transaction};
use slab::Slab;

use crate::encode::{Completion, Response, SharedBuffer};
use crate::registry::{Manager, Registry, SessionRegistry};

/// Weak: by itself it does not keep the process alive.
type Wake = ThreadsafeFunction<(), (), (), napi::Status, false, true, 0>;

/// The most completions that are taken from the queue in one turn of the event loop.
const MAX_BATCH: usize = 256;

/// What a call has come to when it returns to JavaScript.
pub(crate) enum CallStatus {
    Answered(Response),
    /// Its completion carries this id.
    Pending(u32),
}

pub(crate) struct Environment {
    pub(crate) completions: Arc<CompletionQueue<Completion>>,
    /// Taken from `completions`, not yet written to the buffer.
    pub(crate) backlog: RefCell<VecDeque<Completion>>,
    pub(crate) buffer: RefCell<SharedBuffer>,
    /// A response that did not fit into the buffer, until `fetch` asks for it.
    pub(crate) oversized: RefCell<Option<Response>>,
    pub(crate) pending: PendingCalls,
    pub(crate) stores: Registry<Store>,
    pub(crate) clocks: Registry<ManualClock>,
    pub(crate) managers: Registry<Manager>,
    pub(crate) sessions: SessionRegistry,
    pub(crate) transactions: Registry<Transaction>,
}

impl Environment {
    /// `wake` is called on the environment's thread when there are completions to drain.
    pub(crate) fn new(env: sys::napi_env, wake: &Function<'_, (), ()>) -> napi::Result<Self> {
        let wake = wake.build_threadsafe_function().weak::<true>().callee_handled::<false>();
        let wake: Arc<Wake> = Arc::new(wake.build()?);
        let completions = {
            let wake = Arc::clone(&wake);
            CompletionQueue::new(move || {
                // Refused only when the environment is gone, and its pending calls with it.
                let _: napi::Status = wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
            })
        };
        Ok(Environment {
            completions: Arc::new(completions),
            backlog: RefCell::default(),
            buffer: RefCell::default(),
            oversized: RefCell::default(),
            pending: PendingCalls { env, wake, ids: RefCell::default() },
            stores: Registry::default(),
            clocks: Registry::default(),
            managers: Registry::default(),
            sessions: SessionRegistry::default(),
            transactions: Registry::default(),
        })
    }

    /// Starts a store verb. `shape` converts its answer to what JavaScript gets.
    pub(crate) fn start(
        &self,
        store: &Store,
        request: Request<'_>,
        shape: fn(Answer) -> Answer,
    ) -> CallStatus {
        let mut pending = None;
        let answer = store.start(request, || {
            let (id, complete) = self.begin();
            pending = Some(id);
            Reply::new(move |answer| complete(answer.map(shape).into()))
        });
        match (pending, answer) {
            (Some(id), _) => CallStatus::Pending(id),
            (None, Some(answer)) => CallStatus::Answered(answer.map(shape).into()),
            (None, None) => CallStatus::Answered(no_answer()),
        }
    }

    /// Starts a verb of a session or a manager. `convert` makes the response of its answer.
    pub(crate) fn start_session(
        &self,
        request: SessionRequest,
        convert: fn(SessionAnswer) -> Response,
    ) -> CallStatus {
        let mut pending = None;
        let answer = request.start(|| {
            let (id, complete) = self.begin();
            pending = Some(id);
            Reply::new(move |answer| complete(answer.map_or_else(Response::Failed, convert)))
        });
        match (pending, answer) {
            (Some(id), _) => CallStatus::Pending(id),
            (None, Some(answer)) => {
                let response = answer.map_or_else(Response::Failed, convert);
                CallStatus::Answered(self.sessions.register_page(response))
            }
            (None, None) => CallStatus::Answered(no_answer()),
        }
    }

    /// Registers a pending call, which keeps the process alive: its id, and how any thread
    /// completes it.
    pub(crate) fn begin(&self) -> (u32, impl FnOnce(Response) + Send + use<>) {
        let id = self.pending.add();
        let completions = Arc::clone(&self.completions);
        (id, move |response| completions.push(Completion { id: Some(id), response }))
    }

    /// Moves completions to the backlog. If some are left in the queue, it calls `wake` again.
    pub(crate) fn collect(&self) {
        let completions = self.completions.drain(MAX_BATCH).into_iter();
        let registered = completions.map(|Completion { id, response }| {
            let response = self.sessions.register_page(response);
            Completion { id, response }
        });
        self.backlog.borrow_mut().extend(registered);
    }
}

/// The calls whose completion JavaScript waits for. While there are any, the process stays alive.
pub(crate) struct PendingCalls {
    env: sys::napi_env,
    wake: Arc<Wake>,
    ids: RefCell<Slab<()>>,
}

impl PendingCalls {
    fn add(&self) -> u32 {
        let mut ids = self.ids.borrow_mut();
        if ids.is_empty() {
            // SAFETY: on the environment's thread, with the handle that `wake` keeps alive.
            unsafe { sys::napi_ref_threadsafe_function(self.env, self.wake.raw()) };
        }
        u32::try_from(ids.insert(())).unwrap_or(u32::MAX)
    }

    /// After the completion was handed to JavaScript. Events have no id and are never pending.
    pub(crate) fn finish(&self, id: Option<u32>) {
        let Some(id) = id else { return };
        let mut ids = self.ids.borrow_mut();
        if ids.try_remove(id as usize).is_some() && ids.is_empty() {
            // SAFETY: as in `add`.
            unsafe { sys::napi_unref_threadsafe_function(self.env, self.wake.raw()) };
        }
    }
}

fn no_answer() -> Response {
    let message = "an operation took no reply and gave no answer; please report it";
    Response::Failed(Error::new(ErrorKind::Internal, message))
}
