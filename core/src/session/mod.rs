//! Sessions: what a program keeps about a visitor from one request to the next.
//!
//! A [`SessionManager`] gives each request a [`Session`] ([`handle`], [`state`], [`look`]) that notes what is
//! changed ([`changes`]), and stores it at the end ([`commit`]), so that nothing that other
//! requests did meanwhile is undone. It follows SCS's `SessionManager`; the numbers D1 to D26 are
//! the defects of the systems before it that it mends.

pub(crate) mod blocking;
mod changes;
mod commit;
mod cookie;
mod events;
mod handle;
mod look;
mod manager;
mod settings;
mod state;

pub use commit::{Committed, Sent};
pub use cookie::{Cookie, SameSite};
pub use events::{Event, SessionStats};
pub use handle::Session;
pub use manager::{SessionManager, SessionPage};
pub use settings::{OnConflict, OnCorrupt, SessionOptions};
pub use state::Status;
