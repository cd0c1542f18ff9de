//! A call from JavaScript: arguments in, status and response out, panics caught.
//!
//! Every function writes its response to the shared buffer and returns
//! * 0 or more: the call is pending; `drain` brings its response with this id,
//! * -1: the response is in the buffer,
//! * less: the response needs a buffer of this many bytes (negated); `fetch` writes it once
//!   `setBuffer` has given one.

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use napi::bindgen_prelude::sys;
use sessio::operation::{Answer, Request, SessionRequest};
use sessio::{Error, ErrorKind, Outcome, Store};

use crate::arguments::{JsValue, invalid};
use crate::encode::{Encoder, NO_ID, Response, SharedBuffer};
use crate::environment::{CallStatus, Environment};

const ANSWERED: f64 = -1.0;

const MAX_ARGUMENTS: usize = 9;

/// A function that Node can call, and the name that JavaScript sees.
pub(crate) type NativeFunction = (
    &'static CStr,
    unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value,
);

/// Pairs each name with a function that runs a call.
macro_rules! functions {
    ($($name:literal => $call:expr,)*) => {
        &[$({
            unsafe extern "C" fn raw(
                env: ::napi::bindgen_prelude::sys::napi_env,
                info: ::napi::bindgen_prelude::sys::napi_callback_info,
            ) -> ::napi::bindgen_prelude::sys::napi_value {
                // SAFETY: Node calls it, and `attach` made it.
                unsafe { $crate::call::enter(env, info, $call) }
            }
            ($name, raw)
        }),*]
    };
}

pub(crate) use functions;

/// What every function that JavaScript calls ends with.
pub(crate) type CallResult = Result<CallStatus, Error>;

#[expect(clippy::unnecessary_wraps, reason = "every call ends with a result")]
pub(crate) fn answered(response: Response) -> CallResult {
    Ok(CallStatus::Answered(response))
}

pub(crate) fn done() -> CallResult {
    answered(Response::Answer(Answer::Done))
}

/// Of a conditional write that is not a compare-and-swap: whether it was done.
pub(crate) fn whether_saved(answer: Answer) -> Answer {
    if let Answer::Wrote(outcome) = answer { Answer::Is(outcome == Outcome::Saved) } else { answer }
}

/// One call: its environment and its arguments.
pub(crate) struct Call<'a> {
    pub(crate) environment: &'a Environment,
    env: sys::napi_env,
    arguments: [sys::napi_value; MAX_ARGUMENTS],
}

impl<'a> Call<'a> {
    /// `undefined` for one that was not passed.
    pub(crate) fn argument(&self, index: usize) -> JsValue<'a> {
        // SAFETY: Node fills missing arguments with `undefined`, and no JavaScript runs in a call.
        unsafe { JsValue::new(self.env, self.arguments[index]) }
    }

    /// The number of the object that the call is about: always the first argument.
    pub(crate) fn number(&self) -> Result<u32, Error> {
        self.argument(0).handle()
    }

    pub(crate) fn with_store<T>(
        &self,
        run: impl FnOnce(&Store) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.environment.stores.with(self.number()?, "store", run)
    }

    pub(crate) fn start(&self, request: Request<'_>) -> CallResult {
        self.start_as(request, |answer| answer)
    }

    /// Starts a verb whose answer has another shape in JavaScript.
    pub(crate) fn start_as(&self, request: Request<'_>, shape: fn(Answer) -> Answer) -> CallResult {
        self.with_store(|store| Ok(self.environment.start(store, request, shape)))
    }

    pub(crate) fn start_session(&self, request: SessionRequest) -> CallResult {
        Ok(self.environment.start_session(request, Response::from))
    }

    /// Writes the response, or keeps it for `fetch`.
    fn respond(&self, response: Response) -> f64 {
        let mut buffer = self.environment.buffer.borrow_mut();
        let mut encoder = Encoder::new(buffer.as_mut());
        encoder.response(&response);
        if encoder.overflowed() {
            *self.environment.oversized.borrow_mut() = Some(response);
            return required(&encoder);
        }
        ANSWERED
    }
}

/// Exact: no buffer has 2^53 bytes.
#[allow(clippy::cast_precision_loss)]
fn required(encoder: &Encoder<'_>) -> f64 {
    -(encoder.used() as f64)
}

/// Runs a call that JavaScript makes. This is the only way in, so it also stops panics.
///
/// # Safety
/// Only Node may call it, for a function that `attach` made.
pub(crate) unsafe fn enter(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    run: impl Fn(&Call<'_>) -> f64,
) -> sys::napi_value {
    let mut arguments = [ptr::null_mut(); MAX_ARGUMENTS];
    let mut count = MAX_ARGUMENTS;
    let mut data = ptr::null_mut();
    // SAFETY: there is space for `count` arguments, and locals for the other results. The data of
    // every function is its environment, which lives as long as JavaScript can run.
    let environment = unsafe {
        let argv = arguments.as_mut_ptr();
        sys::napi_get_cb_info(env, info, &raw mut count, argv, ptr::null_mut(), &raw mut data);
        data.cast::<Environment>().as_ref()
    };
    let Some(environment) = environment else { return ptr::null_mut() };
    let call = Call { environment, env, arguments };
    let status = catch_unwind(AssertUnwindSafe(|| run(&call))).unwrap_or_else(|_| {
        // The panic's message may contain session data, so it is not passed on.
        let error = Error::new(ErrorKind::Internal, "a bug in sessio; please report it");
        catch_unwind(AssertUnwindSafe(|| call.respond(Response::Failed(error)))).unwrap_or(f64::NAN)
    });
    let mut result = ptr::null_mut();
    // SAFETY: a local for the result.
    unsafe { sys::napi_create_double(env, status, &raw mut result) };
    result
}

pub(crate) fn run(call: &Call<'_>, verb: fn(&Call<'_>) -> CallResult) -> f64 {
    match verb(call) {
        Ok(CallStatus::Answered(response)) => call.respond(response),
        Ok(CallStatus::Pending(id)) => f64::from(id),
        Err(error) => call.respond(Response::Failed(error)),
    }
}

/// Writes the response that did not fit.
pub(crate) fn fetch(call: &Call<'_>) -> CallResult {
    let response = call.environment.oversized.borrow_mut().take();
    answered(response.ok_or_else(|| invalid("there is no response to fetch"))?)
}

/// Moves completions from the queue to the backlog.
pub(crate) fn collect(call: &Call<'_>) -> f64 {
    call.environment.collect();
    ANSWERED
}

/// Writes completions of the backlog to the buffer, as many as fit. Returns how many, 0 if the
/// backlog is empty, or the size (negated) that the first one needs if not even that fits.
pub(crate) fn drain(call: &Call<'_>) -> f64 {
    let environment = call.environment;
    let mut backlog = environment.backlog.borrow_mut();
    let mut buffer = environment.buffer.borrow_mut();
    let mut free = buffer.as_mut();
    let mut count = 0.0;
    loop {
        let Some(next) = backlog.front() else { return count };
        let mut encoder = Encoder::new(&mut *free);
        encoder.completion(next);
        if encoder.overflowed() {
            return if count > 0.0 { count } else { required(&encoder) };
        }
        let used = encoder.used();
        environment.pending.finish(next.id);
        backlog.pop_front();
        count += 1.0;
        free = &mut free[used..];
    }
}

/// From now on responses are written to this `ArrayBuffer`.
pub(crate) fn set_buffer(call: &Call<'_>) -> f64 {
    match SharedBuffer::new(call.env, call.arguments[0]) {
        Some(buffer) => {
            *call.environment.buffer.borrow_mut() = buffer;
            ANSWERED
        }
        None => f64::NAN,
    }
}

/// Drops the first completion of the backlog, for which there is no memory: returns its id.
pub(crate) fn discard(call: &Call<'_>) -> f64 {
    let Some(first) = call.environment.backlog.borrow_mut().pop_front() else { return ANSWERED };
    call.environment.pending.finish(first.id);
    first.id.map_or(NO_ID, f64::from)
}

/// Gives a listed session its owner. Without a response: it is called while one is being read.
pub(crate) fn set_owner(call: &Call<'_>) -> f64 {
    call.number().map_or(f64::NAN, |number| {
        call.environment.sessions.set_owner(number, call.argument(1));
        ANSWERED
    })
}
