//! Sessions: managers and what they load, waiting ([`manager`], [`handle`]) and for event loops
//! ([`asynchronous`]). What sessions of both have is written once, in [`view`].

mod answer;
mod argument;
mod asynchronous;
mod events;
mod handed;
mod handle;
mod manager;
mod sent;
mod settings;
mod transaction;
mod view;

pub(crate) use asynchronous::{AsyncManagerCalls, AsyncSession, arrived, to_python};
pub(crate) use handle::Session;
pub(crate) use manager::SessionManager;
pub(crate) use sent::Sent;
pub(crate) use transaction::Transaction;
pub(crate) use view::View;
