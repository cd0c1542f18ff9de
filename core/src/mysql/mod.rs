//! Sessions in MySQL or MariaDB.
//!
//! The [`engine`] takes commands and hands them to the scheduler ([`crate::batch`]). A [`worker`] for
//! each [`connection`] runs what that gives it: [`reads`], [`writes`], and what is not batched
//! ([`unbatched`]). What may still happen after a connection was given up is ended by [`kill`]. The
//! store is on one of its [`hosts`] at a time.

mod alter;
mod bulk;
mod call;
mod check;
mod columns;
mod connect;
mod connection;
mod engine;
mod failure;
mod group;
mod hosts;
mod kill;
mod layout;
mod literals;
mod migrate;
mod migrate_from;
mod params;
mod pool;
mod queued_swaps;
mod reads;
mod resolve;
mod schema;
mod servers;
mod shutdown;
mod sql;
mod statements;
#[cfg(test)]
mod tests;
mod time_zone;
mod tls;
mod unbatched;
mod worker;
mod writes;

pub(crate) use engine::Engine;
