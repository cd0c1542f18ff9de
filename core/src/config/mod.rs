//! Where a store is and how it behaves: options, URLs, and the configurations of other libraries.

pub(crate) mod aliases;
pub(crate) mod beego;
mod go_dsn;
pub(crate) mod location;
pub(crate) mod names;
pub(crate) mod option_names;
pub(crate) mod options;
pub(crate) mod parse;
pub(crate) mod tls;
mod url;
pub(crate) mod variables;
