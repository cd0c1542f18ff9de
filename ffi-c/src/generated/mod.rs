//! What `cargo xtask gen` makes from `api/store.toml`, `api/session.toml` and `api/options.toml`.

pub mod manager;
pub mod option_names;
pub mod options;
pub mod queue;
pub mod session;
pub mod session_queue;
pub mod store;
