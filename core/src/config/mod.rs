//! Where a store is and how it behaves: options, URLs, and the configurations of other libraries.

pub(crate) mod aliases;
pub(crate) mod beego;
pub(crate) mod certificates;
pub(crate) mod go_dsn;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod url;
pub(crate) mod variables;
