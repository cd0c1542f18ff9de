//! Keyword arguments as the settings of a manager.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use sessio::{SessionManager, SessionOptions, Store};

use crate::argument::wrong;
use crate::error::raise;
use crate::log;
use crate::options::{Spell, boolean, duration, lines, string};

use super::events::News;

/// Every option but `on_event`, and how it becomes text.
const OPTIONS: [(&str, Spell); 19] = [
    ("lifetime", duration),
    ("idle_timeout", duration),
    ("touch_interval", duration),
    ("ended_window", duration),
    ("codec", string),
    ("read_codecs", string),
    ("gob_registered", string),
    ("on_conflict", string),
    ("on_corrupt", string),
    ("cookie_name", string),
    ("cookie_path", string),
    ("cookie_domain", string),
    ("cookie_secure", boolean),
    ("cookie_http_only", boolean),
    ("cookie_same_site", string),
    ("cookie_partitioned", boolean),
    ("cookie_persist", boolean),
    ("cookie_signature", string),
    ("cookie_secrets", lines),
];

/// A manager of the core, and who listens to it.
pub(crate) struct Managed {
    pub(crate) manager: SessionManager,
    listener: Option<(Arc<News>, Py<PyAny>)>,
}

impl Managed {
    pub(crate) fn open(
        py: Python<'_>,
        store: &Store,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut options = SessionOptions::of(store);
        let mut listener = None;
        for (name, value) in keywords.into_iter().flatten() {
            let name = name.cast::<PyString>()?.to_str()?;
            let spell = OPTIONS.iter().find(|(known, _)| *known == name).map(|(_, spell)| spell);
            match spell {
                _ if name != "on_event" && spell.is_none() => return Err(unexpected(name)),
                _ if value.is_none() => {}
                Some(spell) => {
                    let value = spell(name, &value)?;
                    options.set(name, &value).map_err(|error| raise(py, &error))?;
                }
                None if value.is_callable() => {
                    let (news, tell) = (Arc::new(News::new()), value.unbind());
                    listener = Some((Arc::clone(&news), tell));
                    options = options.on_event(move |event| news.happened(event));
                }
                None => return Err(wrong(&value, name, "callable")),
            }
        }
        let manager = SessionManager::with(store.clone(), options);
        Ok(Managed { manager: manager.map_err(|error| raise(py, &error))?, listener })
    }

    /// To be called at the end of every call that may have asked the store.
    #[inline]
    pub(crate) fn hand_on(&self, py: Python<'_>) {
        log::drain(py);
        if let Some((news, listener)) = &self.listener {
            news.hand_on(listener.bind(py));
        }
    }

    /// For the garbage collector: a listener may well refer to its manager.
    pub(crate) fn listener(&self) -> Option<&Py<PyAny>> {
        self.listener.as_ref().map(|(_, listener)| listener)
    }
}

fn unexpected(name: &str) -> PyErr {
    PyTypeError::new_err(format!("a session manager takes no keyword argument '{name}'"))
}
