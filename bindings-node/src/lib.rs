//! The native part of the npm package `sessio`. It is internal: `lib/*.js` is what wraps it.
//!
//! | file | what |
//! |---|---|
//! | `bridge` | what one Node environment has, and operations on their way |
//! | `call` | a call from JavaScript: arguments in, status and answer out, panics caught |
//! | `args` | JavaScript values as Rust ones |
//! | `tray` | answers as bytes in a buffer of JavaScript's |
//! | `verbs` | the verbs of the store |
//! | `open` | opening and closing, clocks, and what needs no store |
//! | `manager` | loading, committing and listing sessions |
//! | `session` | what can be done with one session |
//! | `held` | the managers and sessions that JavaScript holds, and who hears of events |
//! | `slots` | what JavaScript knows by a number |
//!
//! Calls go through the plain C interface of Node rather than `#[napi]` functions: a find in
//! memory takes about as long as one napi-rs object, and one promise of napi-rs as long as
//! fifty finds.

// A test build, which only lints make, has no Node to register anything with.
#![cfg_attr(test, allow(dead_code))]

mod args;
mod bridge;
mod call;
mod held;
mod manager;
mod open;
mod session;
mod slots;
mod tray;
mod verbs;

use napi::bindgen_prelude::{Env, Function, Object};
use napi_derive::napi;

/// All that the addon exports: the functions of the environment that loads it.
#[napi]
fn attach<'e>(env: &'e Env, wake: Function<'e, (), ()>) -> napi::Result<Object<'e>> {
    call::attach(env, &wake)
}
