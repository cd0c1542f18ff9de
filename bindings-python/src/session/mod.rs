//! Sessions: managers and what they load, waiting ([`manager`], [`handle`]) and for event loops
//! ([`asynchronous`]). What both have is written once, in [`methods`].

mod answer;
mod asynchronous;
mod events;
mod handle;
mod manager;
mod methods;
mod sent;
mod settings;

pub(crate) use asynchronous::{AsyncManagerCalls, AsyncSessionCalls};
pub(crate) use handle::Session;
pub(crate) use manager::SessionManager;
pub(crate) use sent::Sent;
