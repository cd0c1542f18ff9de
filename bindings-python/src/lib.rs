//! The native half of the Python package `sessio`. It converts arguments and answers, blocks or
//! wakes event loops, and leaves every decision to the core. The typed package is `python/sessio`.

mod answer;
mod arguments;
mod asyncio;
mod error;
mod event_loop;

mod key;
mod log;
mod options;
mod record;
mod session;
mod store;
mod text;
mod time;
mod value;
mod verbs;
mod wait;

use pyo3::prelude::*;

/// A new random token for a new session: 32 bytes as 43 characters of base64url. The bytes come
/// from the operating system, so a forked process never repeats the tokens of its parent.
///
/// Raises `Internal` if the operating system gives no random bytes.
#[pyfunction]
fn generate_token(py: Python<'_>) -> PyResult<String> {
    error::guard(py, || {
        let token = sessio::Token::generate().map_err(|error| error::raise(py, &error))?;
        Ok(token.as_str().to_owned())
    })
}

/// Panics: for the test that a panic becomes `Internal`.
#[pyfunction]
fn panic_on_purpose(py: Python<'_>) -> PyResult<()> {
    error::guard(py, || panic!("on purpose"))
}

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{
        asyncio::AsyncCalls, event_loop::after_fork, generate_token, key::Key, log::drain_log,
        panic_on_purpose, record::Record, session::AsyncManagerCalls, session::AsyncSession,
        session::CommitResult, session::Session, session::SessionManager, session::Transaction,
        session::View, store::Store, time::ManualClock,
    };

    #[pymodule_init]
    fn init() {
        super::log::subscribe();
    }
}
