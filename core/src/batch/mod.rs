//! Decides which calls are sent together, on which connection, and when.
//!
//! A pure state machine: it knows no server, starts no task and reads no clock. What happens is
//! told to the [`Scheduler`] with the time at which it happened, and it answers what is to be done.
//! So the same code runs under a virtual clock, in `model.rs`.
//!
//! - [`queue`]: the order of the calls. Calls of one class travel together; calls that write one
//!   key keep their order and never travel on two connections at once.
//! - [`pace`]: what was measured of the server, and how many batches it should have at a time.
//! - [`connections`]: the connections, from closed to busy.
//! - [`scheduler`]: the decisions.

mod connections;
#[cfg(test)]
mod model;
mod pace;
mod queue;
mod scheduler;
#[cfg(test)]
mod tests;

pub(crate) use connections::Role;
pub(crate) use queue::{Class, KeyLock, Queueable, TakenCall};
pub(crate) use scheduler::{
    Batch, Doubt, Refused, Scheduler, SchedulerLimits, Share, Take, Todo, groups,
};

/// Nanoseconds since the scheduler was made.
pub(crate) type Moment = u64;

pub(crate) const MILLISECOND: Moment = 1_000_000;
