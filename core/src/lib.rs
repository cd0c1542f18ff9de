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

mod backend;
mod batch;
mod beego;
mod certificates;
mod cleanup;
mod clock;
mod codec;
mod ended;
mod error;
#[cfg(test)]
mod faults;
mod gather;
mod go_dsn;
mod limits;
mod memory;
mod mysql;
mod names;
mod options;
mod record;
mod runtime;
mod session;
mod spellings;
mod steps;
mod store;
mod token;
mod url;
mod value;
mod variables;
mod verbs;

pub mod blocking;
pub mod completion;
pub mod document;
pub mod fork;
pub mod logging;
pub mod operation;
pub mod task;

pub use clock::{Clock, Expiry, ManualClock, Timestamp};
pub use codec::Codec;
pub use error::{Error, ErrorKind, Result};
pub use options::{Options, Tls};
pub use record::{CheckIssue, Content, Data, Entry, Outcome, Page, Record, Severity, Stats};
pub use session::{
    CommitOutcome, CommitResult, Cookie, CookieParts, CookieSignature, Event, OnConflict,
    OnCorrupt, SameSite, Session, SessionManager, SessionOptions, SessionPage, SessionStats,
    Sessions, Status, Transaction,
};
pub use store::Store;
pub use token::{Key, Target, Token};
pub use value::{Map, Value, from_value, path, to_value};

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../docs/sessions/rust.md")]
struct SessionsInRust;

#[cfg(doctest)]
#[doc = include_str!("../../docs/go.md")]
struct BesideGo;
