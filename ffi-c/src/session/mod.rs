//! Sessions: values that a program keeps about a visitor from one request to the next.

pub(crate) mod answers;
pub(crate) mod call;

// In the order of the header.
pub mod options;

pub mod manager;

pub mod transact;

pub mod lifecycle;

pub mod read;

pub mod read_buffer;

pub mod write;

pub mod value;

pub mod build;

pub mod elements;

pub mod commit_result;

pub mod cookie;

pub mod page;

pub mod cursor;
