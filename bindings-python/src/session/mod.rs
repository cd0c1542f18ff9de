//! Sessions: managers and what they load, waiting ([`manager`], [`handle`]) and for event loops
//! ([`asynchronous`]). What sessions of both have is written once, in [`view`].

mod answer;
mod argument;
mod asynchronous;
mod commit_result;
mod events;
mod handed;
mod handle;
mod manager;
mod settings;
mod transaction;
mod view;

pub(crate) use asynchronous::{AsyncManagerCalls, AsyncSession, arrived, to_python};
pub(crate) use commit_result::CommitResult;
pub(crate) use handle::Session;
pub(crate) use manager::SessionManager;
pub(crate) use transaction::Transaction;
pub(crate) use view::View;
