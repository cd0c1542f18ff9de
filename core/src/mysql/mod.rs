//! Sessions in MySQL or MariaDB.
//!
//! The [`engine`] takes commands and hands them to the scheduler ([`crate::batch`]). A task for each
//! [`connection`] runs what that gives it: [`reads`], [`writes`], and what is not batched
//! ([`single`]). What may still happen after a connection was given up is ended by [`kill`]. The
//! store is on one of its [`hosts`] at a time.

mod answers;
mod bulk;
mod call;
mod cells;
mod check;
mod connect;
mod connection;
mod ending;
mod engine;
mod failure;
mod group;
mod hosts;
mod kill;
mod layout;
mod line;
mod mend;
mod migrate;
mod migrate_from;
mod params;
mod reads;
mod seen;
mod settle;
mod shared;
mod single;
mod sql;
mod statements;
#[cfg(test)]
mod tests;
mod tls;
mod writes;
mod zones;

pub(crate) use engine::Engine;
