//! The native part of the npm package `sessio`. It is internal: `lib/*.js` wraps it.
//!
//! | file | what |
//! |---|---|
//! | `environment` | what one Node environment owns, and its pending calls |
//! | `call` | a call from JavaScript: arguments in, status and response out, panics caught |
//! | `arguments` | JavaScript values as Rust values |
//! | `encode` | responses as bytes in a buffer that JavaScript owns |
//! | `options` | options by their JavaScript names, and the spelling of messages |
//! | `verbs` | the verbs of the store |
//! | `open` | opening and closing, clocks, and what needs no store |
//! | `session_verbs` | the verbs of sessions and their managers |
//! | `manager` | opening managers, loading sessions, transactions |
//! | `session` | what a session's verbs take, and what else a session does |
//! | `registry` | the objects that JavaScript holds by number, and when sessions are released |
//!
//! JavaScript calls plain functions of Node's C interface instead of `#[napi]` functions: one
//! object made by napi-rs takes about as long as a find in memory, and one of its promises as long
//! as fifty finds.

// A test build, which only lints make, has no Node to register anything with.
#![cfg_attr(test, allow(dead_code))]

mod arguments;
mod call;
mod encode;
mod environment;
mod manager;
mod open;
mod options;
mod registry;
mod session;
mod session_verbs;
mod verbs;

use std::ptr;

use napi::bindgen_prelude::{Env, FromNapiValue, Function, JsObjectValue, Object, Unknown, sys};
use napi_derive::napi;

use crate::call::{
    NativeFunction, collect, discard, drain, fetch, functions, run, set_buffer, set_owner,
};
use crate::environment::Environment;

/// The names of the tags that begin every response, in the order of their numbers:
/// `lib/answers.js` reads by them.
#[napi]
fn tags() -> Vec<String> {
    encode::TAGS.iter().map(ToString::to_string).collect()
}

/// The functions of the environment that loads the addon. `wake` is called on its thread when there
/// are completions to `collect` and `drain`.
#[napi]
fn attach<'e>(env: &'e Env, wake: Function<'e, (), ()>) -> napi::Result<Object<'e>> {
    let environment = Box::into_raw(Box::new(Environment::new(env.raw(), &wake)?));
    // SAFETY: made just now; dropped once, after the last JavaScript of the environment.
    env.add_env_cleanup_hook(environment, |raw| drop(unsafe { Box::from_raw(raw) }))?;
    let mut native = Object::new(env)?;
    let verbs = verbs::FUNCTIONS.iter().chain(session_verbs::FUNCTIONS);
    for (name, function) in verbs.chain(FUNCTIONS) {
        let mut made = ptr::null_mut();
        // SAFETY: a name with its end, a function of ours, and its data; Node copies the name.
        napi::check_status!(unsafe {
            let len = isize::try_from(name.count_bytes()).unwrap_or(-1);
            sys::napi_create_function(
                env.raw(),
                name.as_ptr(),
                len,
                Some(*function),
                environment.cast(),
                &raw mut made,
            )
        })?;
        // SAFETY: a value of this environment, made just now.
        let made = unsafe { Unknown::from_napi_value(env.raw(), made)? };
        native.set_named_property(name.to_string_lossy().as_ref(), made)?;
    }
    Ok(native)
}

/// All but the verbs of stores, sessions and managers.
const FUNCTIONS: &[NativeFunction] = functions! {
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
    c"openTransaction" => |call| run(call, manager::open_transaction),
    c"releaseTransaction" => |call| run(call, manager::release_transaction),
    c"cookieTaken" => |call| run(call, session::cookie_taken),
    c"sessionStats" => |call| run(call, manager::stats),
    c"cookieName" => |call| run(call, manager::cookie_name),
    c"getAs" => |call| run(call, session::get_as),
    c"putFloat" => |call| run(call, session::put_float),
    c"status" => |call| run(call, session::status),
    c"token" => |call| run(call, session::token),
    c"key" => |call| run(call, session::key),
    c"maxDepth" => |call| run(call, session::max_depth),
    c"setOwner" => set_owner,
    c"fetch" => |call| run(call, fetch),
    c"collect" => collect,
    c"drain" => drain,
    c"discard" => discard,
    c"setBuffer" => set_buffer,
    c"panic" => |_| panic!("called by the test of panics"),
};
