//! Server-side web sessions, in MySQL or in memory, shared by every language.
//!
//! [`Store`] is the asynchronous handle, [`blocking::Store`] the synchronous one. Both have the
//! same verbs, and both are cheap to clone. Futures work on any executor: the work itself is done
//! by connection actors on sessio's own runtime, or on yours ([`Options::runtime`]).
//!
//! ```no_run
//! # async fn example() -> sessio::Result<()> {
//! use std::time::Duration;
//! use sessio::{Expiry, Store, Token};
//!
//! let store = Store::open("memory:")?;
//! let token = Token::generate()?;
//! store.save(&token, b"hello", Expiry::after(Duration::from_secs(3600))).await?;
//! if let Some(record) = store.find(&token).await? {
//!     assert_eq!(&*record.data, b"hello");
//! }
//! # Ok(()) }
//! ```
//!
//! Dropping a future never cancels what it asked for: once polled, the write happens and only its
//! answer is lost.
//!
//! [`operation`], [`completion`], [`logging`] and [`fork`] are what the C, Python and Node
//! packages are built from; a Rust program does not need them.

#![deny(unsafe_code)]

mod batch;
mod codec;
mod config;
#[cfg(test)]
#[path = "../tests/support/environment.rs"]
mod environment;
mod memory;
mod mysql;
mod protocol;
mod runtime;
mod session;
mod store;
mod value;

pub use codec::Codec;
pub use config::options::Options;
pub use config::tls::Tls;
pub use protocol::clock::{Clock, Expiry, ManualClock, Timestamp};
pub use protocol::error::{Error, ErrorKind, Result};
pub use protocol::record::{
    CheckIssue, Content, Data, Entry, Outcome, Page, Record, Severity, Stats,
};
pub use protocol::token::{Key, Target, Token};
pub use runtime::{completion, fork, logging};
pub use session::{
    CommitOutcome, CommitResult, Cookie, CookieParts, CookieSignature, Event, OnConflict,
    OnCorrupt, SameSite, Session, SessionManager, SessionOptions, SessionPage, SessionStats,
    Sessions, Status, Transaction, document,
};
pub use store::{Store, task};
pub use value::{Map, Value, from_value, path, to_value};

/// The store and its sessions for programs without an event loop.
pub mod blocking {
    pub use crate::session::blocking::{Session, SessionManager, Sessions, Transaction};
    pub use crate::store::blocking::{Begun, Pending, Store};
}

/// Calls as values: what a binding hands to [`Store::start`] and gets back.
pub mod operation {
    pub use crate::config::aliases::unknown_option;
    pub use crate::config::option_names::{COOKIE_OPTIONS, SESSION_OPTIONS, STORE_OPTIONS};
    pub use crate::protocol::message::Message;
    pub use crate::protocol::request::{Answer, Reply, Request};
    pub use crate::session::{
        Check, SessionAnswer, SessionRequest, option_names as session_options,
    };
    pub use crate::value::from_value_at;
}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../docs/sessions/rust.md")]
struct SessionsInRust;

#[cfg(doctest)]
#[doc = include_str!("../../docs/go.md")]
struct BesideGo;
