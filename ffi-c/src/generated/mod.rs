//! What `cargo xtask gen` makes from `api/store.toml` and `api/options.toml`.

pub mod options;
pub mod queue;
pub mod store;
