//! Session managers and sessions: blocking ([`manager`], [`handle`]) and for event loops
//! ([`asynchronous`]). What both kinds of session have in common is in [`view`].

mod answer;
mod arguments;
mod asynchronous;
mod commit_result;
mod events;
mod handle;
mod manager;
mod manager_options;
mod settings;
mod tracked;
mod transaction;
mod view;

pub(crate) use asynchronous::{AsyncManagerCalls, AsyncSession, after_answer, to_python};
pub(crate) use commit_result::CommitResult;
pub(crate) use handle::Session;
pub(crate) use manager::SessionManager;
pub(crate) use transaction::Transaction;
pub(crate) use view::View;
