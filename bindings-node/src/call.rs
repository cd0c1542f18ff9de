//! A call from JavaScript: arguments in, status and answer out, panics caught.
//!
//! Every function writes its answer to the tray and returns
//! * 0 or more: the operation is on its way; `drain` will bring its answer under this number,
//! * -1: the answer is in the tray,
//! * less: it needs a tray of so many bytes; `fetch` brings it when there is one.

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use napi::bindgen_prelude::{Env, FromNapiValue, Function, JsObjectValue, Object, Unknown, sys};
use sessio::operation::{Answer, Request};
use sessio::{Error, ErrorKind, Store};

use crate::args::{Value, invalid};
use crate::bridge::{Bridge, Status};
use crate::tray::{Out, Place, Tray};
use crate::{manager, open, session, verbs};

const ANSWERED: f64 = -1.0;

/// What stands in the place of a number where nobody waits.
const EVENT: f64 = -1.0;

const MAX_ARGUMENTS: usize = 9;

pub(crate) type Outcome = Result<Status, Error>;

/// One call and what it came with.
pub(crate) struct Call<'a> {
    pub(crate) bridge: &'a Bridge,
    env: sys::napi_env,
    arguments: [sys::napi_value; MAX_ARGUMENTS],
}

impl<'a> Call<'a> {
    /// `undefined` if there are not so many.
    pub(crate) fn argument(&self, index: usize) -> Value<'a> {
        // SAFETY: Node fills missing arguments with `undefined`, and no JavaScript runs in a call.
        unsafe { Value::new(self.env, self.arguments[index]) }
    }

    /// The number of what is called is always the first argument.
    pub(crate) fn number(&self) -> Result<u32, Error> {
        self.argument(0).handle()
    }

    /// Runs what needs the store.
    pub(crate) fn with_store<T>(
        &self,
        run: impl FnOnce(&Store) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let stores = self.bridge.stores.borrow();
        run(stores.get(self.number()?).ok_or_else(|| invalid("there is no such store"))?)
    }

    pub(crate) fn start(&self, request: Request<'_>) -> Outcome {
        self.start_as(request, |answer| answer)
    }

    /// With the answer in the shape that this verb has in JavaScript.
    pub(crate) fn start_as(&self, request: Request<'_>, shape: fn(Answer) -> Answer) -> Outcome {
        self.with_store(|store| Ok(self.bridge.start(store, request, shape)))
    }

    /// Writes the answer, or keeps it for `fetch`.
    fn answer(&self, out: Out) -> f64 {
        let mut place = self.bridge.tray.borrow_mut();
        let mut tray = Tray::new(place.room());
        tray.out(&out);
        if tray.fits() {
            return ANSWERED;
        }
        *self.bridge.too_big.borrow_mut() = Some(out);
        missing(&tray)
    }
}

/// Exact: no buffer has 2^53 bytes.
#[allow(clippy::cast_precision_loss)]
fn missing(tray: &Tray<'_>) -> f64 {
    -(tray.used() as f64)
}

/// # Safety
/// Only Node may call it, for a function that `attach` made.
unsafe fn enter(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    run: impl Fn(&Call<'_>) -> f64,
) -> sys::napi_value {
    let mut arguments = [ptr::null_mut(); MAX_ARGUMENTS];
    let mut count = MAX_ARGUMENTS;
    let mut data = ptr::null_mut();
    // SAFETY: room for as many arguments as `count` says, and locals for the rest. The data of
    // every function is its bridge, which lives as long as JavaScript can run.
    let bridge = unsafe {
        let place = arguments.as_mut_ptr();
        sys::napi_get_cb_info(env, info, &raw mut count, place, ptr::null_mut(), &raw mut data);
        data.cast::<Bridge>().as_ref()
    };
    let Some(bridge) = bridge else { return ptr::null_mut() };
    let call = Call { bridge, env, arguments };
    let status = catch_unwind(AssertUnwindSafe(|| run(&call))).unwrap_or_else(|_| {
        // What the panic said may hold anything, so it is not passed on.
        let error = Error::new(ErrorKind::Internal, "a bug in sessio; please report it");
        catch_unwind(AssertUnwindSafe(|| call.answer(Out::Failed(error)))).unwrap_or(f64::NAN)
    });
    let mut result = ptr::null_mut();
    // SAFETY: a local for the result.
    unsafe { sys::napi_create_double(env, status, &raw mut result) };
    result
}

fn run(call: &Call<'_>, verb: fn(&Call<'_>) -> Outcome) -> f64 {
    match verb(call) {
        Ok(Status::Answered(out)) => call.answer(out),
        Ok(Status::Pending(slot)) => f64::from(slot),
        Err(error) => call.answer(Out::Failed(error)),
    }
}

/// Brings the answer that did not fit.
fn fetch(call: &Call<'_>) -> Outcome {
    let kept = call.bridge.too_big.borrow_mut().take();
    Ok(Status::Answered(kept.ok_or_else(|| invalid("there is nothing to fetch"))?))
}

/// Takes up what has finished.
fn collect(call: &Call<'_>) -> f64 {
    call.bridge.collect();
    ANSWERED
}

/// Writes what was taken up, each with its number before it, as long as there is room: returns
/// how many, 0 when there are no more, or less when not even the first found room.
fn drain(call: &Call<'_>) -> f64 {
    let bridge = call.bridge;
    let mut backlog = bridge.backlog.borrow_mut();
    let mut place = bridge.tray.borrow_mut();
    let mut room = place.room();
    let mut count = 0.0;
    loop {
        let Some(next) = backlog.front() else { return count };
        let mut tray = Tray::new(&mut *room);
        tray.number(next.slot.map_or(EVENT, f64::from));
        tray.out(&next.out);
        if !tray.fits() {
            return if count > 0.0 { count } else { missing(&tray) };
        }
        let used = tray.used();
        bridge.settled(next.slot);
        backlog.pop_front();
        count += 1.0;
        room = &mut room[used..];
    }
}

/// From here on answers go to this `ArrayBuffer`.
fn set_tray(call: &Call<'_>) -> f64 {
    let place = Place::new(call.env, call.arguments[0]);
    let set = place.is_some();
    if let Some(place) = place {
        *call.bridge.tray.borrow_mut() = place;
    }
    if set { ANSWERED } else { f64::NAN }
}

/// Gives up the first of the backlog, which there is no memory for: returns its number.
fn discard(call: &Call<'_>) -> f64 {
    let Some(first) = call.bridge.backlog.borrow_mut().pop_front() else { return ANSWERED };
    call.bridge.settled(first.slot);
    first.slot.map_or(EVENT, f64::from)
}

/// A listed session's number belongs to this object from now on. Without the tray, because it is
/// called while that is read.
fn keep(call: &Call<'_>) -> f64 {
    let number = call.number();
    number.map_or(f64::NAN, |number| {
        call.bridge.sessions.keep(number, call.argument(1));
        ANSWERED
    })
}

type Raw = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

/// The names that JavaScript knows, each with a function that Node can call.
macro_rules! functions {
    ($($name:literal => $call:expr,)*) => {
        &[$({
            unsafe extern "C" fn raw(
                env: sys::napi_env,
                info: sys::napi_callback_info,
            ) -> sys::napi_value {
                // SAFETY: Node calls it, and `attach` made it.
                unsafe { enter(env, info, $call) }
            }
            ($name, raw)
        }),*]
    };
}

const FUNCTIONS: &[(&CStr, Raw)] = functions! {
    c"find" => |call| run(call, verbs::find),
    c"exists" => |call| run(call, verbs::exists),
    c"save" => |call| run(call, verbs::save),
    c"insert" => |call| run(call, verbs::insert),
    c"update" => |call| run(call, verbs::update),
    c"replace" => |call| run(call, verbs::replace),
    c"touch" => |call| run(call, verbs::touch),
    c"rename" => |call| run(call, verbs::rename),
    c"delete" => |call| run(call, verbs::delete),
    c"findMany" => |call| run(call, verbs::find_many),
    c"saveMany" => |call| run(call, verbs::save_many),
    c"deleteMany" => |call| run(call, verbs::delete_many),
    c"clearStore" => |call| run(call, verbs::clear),
    c"count" => |call| run(call, verbs::count),
    c"list" => |call| run(call, verbs::list),
    c"listSubject" => |call| run(call, verbs::list_subject),
    c"deleteSubject" => |call| run(call, verbs::delete_subject),
    c"deleteExpired" => |call| run(call, verbs::delete_expired),
    c"migrate" => |call| run(call, verbs::migrate),
    c"migrateFrom" => |call| run(call, verbs::migrate_from),
    c"check" => |call| run(call, verbs::check),
    c"ping" => |call| run(call, verbs::ping),
    c"stopCleanup" => |call| run(call, open::stop_cleanup),
    c"stats" => |call| run(call, open::stats),
    c"close" => |call| run(call, open::close),
    c"open" => |call| run(call, open::open),
    c"location" => |call| run(call, open::location),
    c"release" => |call| run(call, open::release),
    c"openClock" => |call| run(call, open::open_clock),
    c"now" => |call| run(call, open::now),
    c"advance" => |call| run(call, open::advance),
    c"releaseClock" => |call| run(call, open::release_clock),
    c"parseKey" => |call| run(call, open::parse_key),
    c"keyId" => |call| run(call, open::key_id),
    c"generateToken" => |call| run(call, open::generate_token),
    c"logToStderr" => |call| run(call, open::log_to_stderr),
    c"openManager" => |call| run(call, manager::open),
    c"releaseManager" => |call| run(call, manager::release),
    c"listen" => |call| run(call, manager::listen),
    c"load" => |call| run(call, manager::load),
    c"loadCookie" => |call| run(call, manager::load_cookie),
    c"loadHeader" => |call| run(call, manager::load_header),
    c"findSession" => |call| run(call, manager::find),
    c"create" => |call| run(call, manager::create),
    c"openTransaction" => |call| run(call, manager::open_transaction),
    c"beginTransaction" => |call| run(call, manager::begin_transaction),
    c"finishTransaction" => |call| run(call, manager::finish_transaction),
    c"releaseTransaction" => |call| run(call, manager::release_transaction),
    c"commit" => |call| run(call, manager::commit),
    c"cookieTaken" => |call| run(call, session::cookie_taken),
    c"listSessions" => |call| run(call, manager::list),
    c"listSubjectSessions" => |call| run(call, manager::list_subject),
    c"sessionStats" => |call| run(call, manager::stats),
    c"cookieName" => |call| run(call, manager::cookie_name),
    c"ensureLoaded" => |call| run(call, session::ensure_loaded),
    c"get" => |call| run(call, session::get),
    c"getAs" => |call| run(call, session::get_as),
    c"pop" => |call| run(call, session::pop),
    c"take" => |call| run(call, session::take),
    c"contains" => |call| run(call, session::contains),
    c"keys" => |call| run(call, session::keys),
    c"values" => |call| run(call, session::values),
    c"snapshotJson" => |call| run(call, session::snapshot_json),
    c"putIfChanged" => |call| run(call, session::put_if_changed),
    c"assign" => |call| run(call, session::assign),
    c"flashes" => |call| run(call, session::flashes),
    c"put" => |call| run(call, session::put),
    c"putFloat" => |call| run(call, session::put_float),
    c"increment" => |call| run(call, session::increment),
    c"append" => |call| run(call, session::append),
    c"flash" => |call| run(call, session::flash),
    c"remove" => |call| run(call, session::remove),
    c"clear" => |call| run(call, session::clear),
    c"regenerate" => |call| run(call, session::regenerate),
    c"storeEmpty" => |call| run(call, session::store_empty),
    c"ensureToken" => |call| run(call, session::ensure_token),
    c"expiresAt" => |call| run(call, session::expires_at),
    c"renew" => |call| run(call, session::renew),
    c"destroy" => |call| run(call, session::destroy),
    c"mergeFrom" => |call| run(call, session::merge_from),
    c"deadline" => |call| run(call, session::deadline),
    c"setDeadline" => |call| run(call, session::set_deadline),
    c"remembered" => |call| run(call, session::remembered),
    c"touchSession" => |call| run(call, session::touch),
    c"extra" => |call| run(call, session::extra),
    c"setExtra" => |call| run(call, session::set_extra),
    c"idleTimeout" => |call| run(call, session::idle_timeout),
    c"setIdleTimeout" => |call| run(call, session::set_idle_timeout),
    c"rememberMe" => |call| run(call, session::remember_me),
    c"subject" => |call| run(call, session::subject),
    c"setSubject" => |call| run(call, session::set_subject),
    c"isNew" => |call| run(call, session::is_new),
    c"status" => |call| run(call, session::status),
    c"token" => |call| run(call, session::token),
    c"key" => |call| run(call, session::key),
    c"maxDepth" => |call| run(call, session::max_depth),
    c"keep" => keep,
    c"fetch" => |call| run(call, fetch),
    c"collect" => collect,
    c"drain" => drain,
    c"discard" => discard,
    c"setTray" => set_tray,
    c"panic" => |_| panic!("called by the test that wants to see what becomes of it"),
};

/// The functions of one environment, which share a bridge. `wake` is called when `drain` has
/// something to bring.
pub(crate) fn attach<'e>(env: &'e Env, wake: &Function<'_, (), ()>) -> napi::Result<Object<'e>> {
    let bridge = Box::into_raw(Box::new(Bridge::new(env.raw(), wake)?));
    // SAFETY: made just now; dropped once, after the last JavaScript of the environment.
    env.add_env_cleanup_hook(bridge, |bridge| drop(unsafe { Box::from_raw(bridge) }))?;
    let mut native = Object::new(env)?;
    for (name, function) in FUNCTIONS {
        let mut made = ptr::null_mut();
        // SAFETY: a name with its end, a function of ours, and its data; Node copies the name.
        napi::check_status!(unsafe {
            let len = isize::try_from(name.count_bytes()).unwrap_or(-1);
            sys::napi_create_function(
                env.raw(),
                name.as_ptr(),
                len,
                Some(*function),
                bridge.cast(),
                &raw mut made,
            )
        })?;
        // SAFETY: a value of this environment, made just now.
        let made = unsafe { Unknown::from_napi_value(env.raw(), made)? };
        native.set_named_property(name.to_string_lossy().as_ref(), made)?;
    }
    Ok(native)
}
