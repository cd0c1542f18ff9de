//! Tracks the lists and dicts that a program has from a session, to find changes inside them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use sessio::Value;
use sessio::operation::{Reply, SessionAnswer, SessionRequest};

use crate::error::raise;
use crate::value::{Conversion, ValuePath, from_python};

/// The tracked containers of one session, by key.
#[derive(Default)]
pub(crate) struct TrackedContainers {
    entries: Mutex<BTreeMap<String, Tracked>>,
    /// Set once an entry was made. Most requests track nothing and then need no lock.
    used: AtomicBool,
}

struct Tracked {
    object: Py<PyAny>,
    /// The value that the session had when the object was last compared with it.
    base: Value,
    /// How the object was converted, and is converted again for each comparison.
    conversion: Conversion,
}

impl TrackedContainers {
    /// No Python code may run while the guard lives: it could lock again, on the same thread. This
    /// includes dropping objects, whose finalizers are Python code.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Tracked>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_unused(&self) -> bool {
        !self.used.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn contains(&self, key: &str) -> bool {
        !self.is_unused() && self.lock().contains_key(key)
    }

    pub(crate) fn get<'py>(&self, py: Python<'py>, key: &str) -> Option<Bound<'py, PyAny>> {
        if self.is_unused() {
            return None;
        }
        self.lock().get(key).map(|tracked| tracked.object.bind(py).clone())
    }

    /// Tracks an object that is about to be returned to the program, if it is a container. Returns
    /// the object to return: another thread may have tracked one for this key first.
    pub(crate) fn track_read<'py>(
        &self,
        key: &str,
        object: Bound<'py, PyAny>,
        base: Value,
    ) -> Bound<'py, PyAny> {
        if !matches!(base, Value::List(_) | Value::Map(_)) {
            return object;
        }
        let py = object.py();
        let conversion = Conversion::Strict;
        let tracked = Tracked { object: object.clone().unbind(), base, conversion };
        let mut entries = self.lock();
        self.used.store(true, Ordering::Release);
        let entry = entries.entry(key.to_owned()).or_insert(tracked);
        entry.object.bind(py).clone()
    }

    /// The value to compare a stored object with later; `None` if it need not be tracked. Only list
    /// and dict are: scalars cannot change, and a tuple or other mapping is stored as a copy.
    pub(crate) fn base_of(object: &Bound<'_, PyAny>, value: &Value) -> Option<Value> {
        let container = object.is_instance_of::<PyList>() || object.is_instance_of::<PyDict>();
        container.then(|| value.clone())
    }

    /// Tracks the object that the program stored under a key, or nothing if there is no `base`. The
    /// former object is not tracked any more.
    pub(crate) fn track_write(
        &self,
        key: &str,
        object: &Bound<'_, PyAny>,
        base: Option<Value>,
        conversion: Conversion,
    ) {
        let Some(base) = base else { return self.untrack(key) };
        let tracked = Tracked { object: object.clone().unbind(), base, conversion };
        let mut entries = self.lock();
        self.used.store(true, Ordering::Release);
        let former = entries.insert(key.to_owned(), tracked);
        drop(entries);
        drop(former);
    }

    pub(crate) fn untrack(&self, key: &str) {
        if self.is_unused() {
            return;
        }
        let former = self.lock().remove(key);
        drop(former);
    }

    pub(crate) fn untrack_all(&self) {
        let former = std::mem::take(&mut *self.lock());
        drop(former);
    }

    /// A copy of the entries, of one key or of all, so that objects are converted outside the lock.
    fn entries(&self, py: Python<'_>, only: Option<&str>) -> Vec<(String, Py<PyAny>, Conversion)> {
        if self.is_unused() {
            return Vec::new();
        }
        let entries = self.lock();
        let wanted = entries.iter().filter(|(key, _)| only.is_none_or(|only| only == *key));
        let copied = wanted
            .map(|(key, tracked)| (key.clone(), tracked.object.clone_ref(py), tracked.conversion));
        copied.collect()
    }

    /// Whether an object was changed. One that can no longer be stored was.
    pub(crate) fn is_changed(&self, py: Python<'_>) -> bool {
        self.entries(py, None).iter().any(|(key, object, conversion)| {
            let now = from_python(object.bind(py), &ValuePath::of(key), *conversion);
            let entries = self.lock();
            let tracked = entries.get(key).filter(|tracked| tracked.object.is(object));
            tracked.is_some_and(|tracked| !now.is_ok_and(|now| now.is_same(&tracked.base)))
        })
    }

    /// Puts changed objects into the session, of one key or of all. If one of them can no longer be
    /// stored, none is put, and the error has its path.
    pub(crate) fn flush(
        &self,
        py: Python<'_>,
        session: &sessio::Session,
        only: Option<&str>,
    ) -> PyResult<()> {
        let mut converted = Vec::new();
        for (key, object, conversion) in self.entries(py, only) {
            let now = from_python(object.bind(py), &ValuePath::of(&key), conversion)?;
            now.check().map_err(|error| raise(py, &error))?;
            converted.push((key, object, now));
        }
        for (key, object, now) in converted {
            let mut entries = self.lock();
            // Another thread may have stored another object under the key meanwhile.
            let tracked = entries.get_mut(&key).filter(|tracked| tracked.object.is(&object));
            let Some(tracked) = tracked.filter(|tracked| !now.is_same(&tracked.base)) else {
                continue;
            };
            let put = session.put_value(&key, now.clone());
            tracked.base = now;
            drop(entries);
            put.map_err(|error| raise(py, &error))?;
        }
        Ok(())
    }

    /// Untracks the objects whose value the session no longer has, so that the next read returns a
    /// new object. To be called after a request that can bring in the changes of other requests.
    pub(crate) fn untrack_stale(&self, py: Python<'_>, session: &sessio::Session) {
        for (key, object, _) in self.entries(py, None) {
            let request = SessionRequest::Get(session.clone(), key.clone());
            let Some(Ok(SessionAnswer::Value(now))) = request.start(|| Reply::new(drop)) else {
                // Not loaded, or not readable: then no other request's value came in.
                continue;
            };
            let mut entries = self.lock();
            let tracked = entries.get(&key).filter(|tracked| tracked.object.is(&object));
            let is_current = |base: &Value| now.as_ref().is_some_and(|now| now.is_same(base));
            let former = match tracked {
                Some(tracked) if !is_current(&tracked.base) => entries.remove(&key),
                Some(_) | None => None,
            };
            drop(entries);
            drop(former);
        }
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // `try_lock`, because the collector may run on a thread that holds the lock. What is not
        // visited is not collected this time.
        let Ok(entries) = self.entries.try_lock() else { return Ok(()) };
        entries.values().try_for_each(|tracked| visit.call(&tracked.object))
    }
}
