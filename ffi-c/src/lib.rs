//! The C ABI of sessio. The headers in `include/` are made from the documentation here; the
//! conventions that hold for all functions are in `cbindgen.toml`.
//!
//! Every export runs inside a guard of `guard.rs` or `handle.rs`, the two modules that turn
//! pointers into references. Logic belongs into the core: the functions here only convert.

#![allow(non_camel_case_types)] // Types have their names in C.
#![allow(clippy::missing_safety_doc)] // The header says what pointers must be.

mod arguments;

mod guard;

mod handle;

mod waker;

// In the order of the headers. The empty lines keep rustfmt from sorting them.
pub mod version;

pub mod status;

pub mod error;

pub mod option_members;
pub mod options;

pub mod clock;

pub mod log;

pub mod token;

pub mod store;

pub mod content;

pub mod key;

pub mod generated;

pub mod record;

pub mod page;

pub mod check_issues;

pub mod session;

pub mod queue;

pub mod completion;
