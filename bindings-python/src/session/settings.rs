//! Creates a core manager from the keyword arguments of `SessionManager`.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use sessio::{SessionManager, SessionOptions, Store};

use crate::error::{raise, type_error};
use crate::log;

use super::events::EventQueue;
use super::manager_options::OPTIONS;

/// A manager of the core, with the listener to its events.
pub(crate) struct ManagerCore {
    pub(crate) manager: SessionManager,
    listener: Option<(Arc<EventQueue>, Py<PyAny>)>,
}

impl ManagerCore {
    pub(crate) fn open(
        py: Python<'_>,
        store: &Store,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut options = SessionOptions::of(store);
        let mut listener = None;
        for (name, value) in keywords.into_iter().flatten() {
            let name = name.cast::<PyString>()?.to_str()?;
            let format = OPTIONS.iter().find(|(known, _)| *known == name).map(|(_, format)| format);
            match format {
                _ if name != "on_event" && format.is_none() => return Err(unknown(name)),
                _ if value.is_none() => {}
                Some(format) => {
                    let value = format(name, &value)?;
                    options.set(name, &value).map_err(|error| raise(py, &error))?;
                }
                None if value.is_callable() => {
                    let queue = Arc::new(EventQueue::new());
                    listener = Some((Arc::clone(&queue), value.unbind()));
                    options = options.on_event(move |event| queue.push(event));
                }
                None => return Err(type_error(&value, name, "callable")),
            }
        }
        let manager = SessionManager::with(store.clone(), options);
        Ok(ManagerCore { manager: manager.map_err(|error| raise(py, &error))?, listener })
    }

    /// Passes queued log lines to `logging` and queued events to the listener. To be called at the
    /// end of every call that may have reached the store.
    #[inline]
    pub(crate) fn dispatch(&self, py: Python<'_>) {
        log::drain(py);
        if let Some((queue, listener)) = &self.listener {
            queue.dispatch(listener.bind(py));
        }
    }

    /// For the garbage collector: a listener often refers to its manager.
    pub(crate) fn listener(&self) -> Option<&Py<PyAny>> {
        self.listener.as_ref().map(|(_, listener)| listener)
    }
}

fn unknown(name: &str) -> PyErr {
    let known: Vec<&str> = OPTIONS.iter().map(|(known, _)| *known).collect();
    let known = known.join(", ");
    PyTypeError::new_err(format!(
        "SessionManager got an unknown option '{name}'; the options are {known}, on_event"
    ))
}
