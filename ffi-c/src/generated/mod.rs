//! What `cargo xtask gen` makes from `api/store.toml`.

pub mod queue;
pub mod store;
