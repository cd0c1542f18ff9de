//! The native half of the Python package `sessio`: it converts, waits and wakes, and leaves every
//! decision to the core. The typed package is `python/sessio`.

mod answer;
mod argument;
mod asyncio;
mod error;
mod hub;
mod key;
mod log;
mod options;
mod record;
mod session;
mod store;
mod time;
mod value;
mod verbs;
mod wait;

use pyo3::prelude::*;

/// A new token for a new session: 32 bytes straight from the operating system as 43 characters
/// of base64url, so that no two processes ever make the same one, forked or not.
#[pyfunction]
fn generate_token(py: Python<'_>) -> PyResult<String> {
    error::guard(py, || {
        let token = sessio::Token::generate().map_err(|error| error::raise(py, &error))?;
        Ok(token.as_str().to_owned())
    })
}

/// Panics, so that a test can see what becomes of a panic.
#[pyfunction]
fn panic_on_purpose(py: Python<'_>) -> PyResult<()> {
    error::guard(py, || panic!("on purpose"))
}

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{
        asyncio::AsyncCalls, generate_token, hub::after_fork, key::Key, log::drain_log,
        panic_on_purpose, record::Record, session::AsyncManagerCalls, session::AsyncSession,
        session::CommitResult, session::Session, session::SessionManager, session::Transaction,
        session::View, store::Store, time::ManualClock,
    };

    #[pymodule_init]
    fn init() {
        super::log::collect();
    }
}
