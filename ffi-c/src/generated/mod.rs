//! What `cargo xtask gen` makes from `api/store.toml` and `api/session.toml`.

pub mod manager;
pub mod queue;
pub mod session;
pub mod session_queue;
pub mod store;
