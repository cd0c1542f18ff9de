//! Sessions: what a program keeps about a visitor from one request to the next.

pub(crate) mod door;

// In the order of the header.
pub mod options;

pub mod manager;

pub mod transact;

pub mod handle;

pub mod extra;

pub mod read;

pub mod copied;

pub mod write;

pub mod merged;

pub mod value;

pub mod build;

pub mod parts;

pub mod commit_result;

pub mod cookie;

pub mod page;

pub mod cursor;
