//! `cargo xtask gen`: what every language shows of the store's verbs, from `api/store.toml`.
//!
//! Each language's module returns its files; the texts of the documentation are spelled for it by
//! `text`.

mod api;
mod core;
mod text;

use crate::{Result, put};

/// Makes the files, or with `verify` sees whether they are current.
pub(crate) fn run(verify: bool) -> Result {
    let api = api::read()?;
    for file in core::files(&api)? {
        put(file.path, file.text.as_bytes(), verify)?;
    }
    Ok(())
}

/// A file that is made as a whole.
struct File {
    path: &'static str,
    text: String,
}
