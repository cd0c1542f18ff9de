//! Sessions: what a program keeps about a visitor from one request to the next.
//!
//! A [`SessionManager`] gives each request a [`Session`] ([`handle`]). What is known of it is its
//! phase and what is pending ([`state`], [`pending`], [`changes`], [`operations`]); the store is
//! asked when it is read ([`load`]). At the end what is pending is stored ([`commit`]), so that
//! nothing that other requests did meanwhile is undone; a few things are done at once
//! ([`immediate`]). It follows SCS's
//! `SessionManager`; the numbers D1 to D26 are the defects of earlier systems that it avoids.

pub(crate) mod blocking;
mod changes;
mod commit;
mod commit_result;
mod context;
mod cookie;
pub mod document;
mod each;
mod events;
mod expiry;
mod handle;
mod immediate;
mod load;
mod manager;
mod mark;
#[cfg(test)]
mod model;
mod operations;
mod pending;
mod request;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod transact;

pub use commit_result::{CommitOutcome, CommitResult};
pub use cookie::{Cookie, CookieParts, CookieSignature, SameSite};
pub use each::Sessions;
pub use events::{Event, SessionStats};
pub use handle::Session;
pub use manager::{SessionManager, SessionPage};
pub use request::{Check, SessionAnswer, SessionRequest};
pub use settings::{OnConflict, OnCorrupt, SessionOptions, option_names};
pub use state::Status;
pub use transact::Transaction;
