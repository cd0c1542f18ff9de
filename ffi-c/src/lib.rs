//! The C ABI of sessio. What it promises to C programs is in `include/sessio.h`, which is made
//! from the documentation here.
//!
//! Every export has its body in `guard.rs`, the one module that turns pointers into references.
//! Everything that is decided is decided in the core.

#![allow(non_camel_case_types)] // Types are called what C calls them.
#![allow(clippy::missing_safety_doc)] // The header says once, for all, what pointers must be.

mod guard;

// In the order of the header, which rustfmt leaves alone between empty lines.
pub mod version;

pub mod status;

pub mod error;

pub mod options;

pub mod clock;

pub mod log;

pub mod token;

pub mod store;

pub mod content;

pub mod read;

pub mod write;

pub mod key;

pub mod list;

pub mod batch;

pub mod admin;

pub mod record;

pub mod page;

pub mod check_issues;

pub mod session;

pub mod queue;

pub mod completion;
