//! The lists and dicts that a program has of a session: what is changed in them is noticed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use sessio::Value;
use sessio::operation::{Reply, SessionAnswer, SessionRequest};

use crate::error::raise;
use crate::value::{Place, Taken, from_python};

/// By key: what was handed out, or put in, and the value that the session had then. Scalars cannot
/// change and are not kept.
#[derive(Default)]
pub(crate) struct Handed {
    kept: Mutex<BTreeMap<String, Kept>>,
    /// Whether there ever was one: most requests hold none, and need no lock to know that.
    some: AtomicBool,
}

struct Kept {
    object: Py<PyAny>,
    was: Value,
    /// How it was taken, and is to be taken again.
    taken: Taken,
}

impl Handed {
    /// Nothing of Python runs while this is held: it could come here again.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_empty(&self) -> bool {
        !self.some.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn has(&self, key: &str) -> bool {
        !self.is_empty() && self.lock().contains_key(key)
    }

    pub(crate) fn get<'py>(&self, py: Python<'py>, key: &str) -> Option<Bound<'py, PyAny>> {
        self.lock().get(key).map(|kept| kept.object.bind(py).clone())
    }

    /// Keeps what is about to be handed out. Where another thread was faster, its object is the one.
    pub(crate) fn hand_out<'py>(
        &self,
        key: &str,
        object: Bound<'py, PyAny>,
        was: Value,
    ) -> Bound<'py, PyAny> {
        if !matches!(was, Value::List(_) | Value::Map(_)) {
            return object;
        }
        let (py, kept) = (object.py(), object.clone().unbind());
        let mut all = self.lock();
        self.some.store(true, Ordering::Release);
        let entry =
            all.entry(key.to_owned()).or_insert(Kept { object: kept, was, taken: Taken::Strict });
        entry.object.bind(py).clone()
    }

    /// What is to be kept of a value that is put in: nothing where it cannot change, or was converted
    /// from something else than a list or dict (a tuple, another mapping).
    pub(crate) fn of(object: &Bound<'_, PyAny>, value: &Value) -> Option<Value> {
        let kept = object.is_instance_of::<PyList>() || object.is_instance_of::<PyDict>();
        kept.then(|| value.clone())
    }

    /// Keeps what was put in, in the place of what was there.
    pub(crate) fn put(
        &self,
        key: &str,
        object: &Bound<'_, PyAny>,
        was: Option<Value>,
        taken: Taken,
    ) {
        let kept = was.map(|was| Kept { object: object.clone().unbind(), was, taken });
        if kept.is_none() && self.is_empty() {
            return;
        }
        let mut all = self.lock();
        let former = match kept {
            Some(kept) => {
                self.some.store(true, Ordering::Release);
                all.insert(key.to_owned(), kept)
            }
            None => all.remove(key),
        };
        drop(all);
        drop(former);
    }

    pub(crate) fn forget(&self, key: &str) {
        if self.is_empty() {
            return;
        }
        let former = self.lock().remove(key);
        drop(former);
    }

    pub(crate) fn forget_all(&self) {
        let former = std::mem::take(&mut *self.lock());
        drop(former);
    }

    fn kept(&self, py: Python<'_>, only: Option<&str>) -> Vec<(String, Py<PyAny>, Taken)> {
        if self.is_empty() {
            return Vec::new();
        }
        let all = self.lock();
        let wanted = all.iter().filter(|(key, _)| only.is_none_or(|only| only == *key));
        wanted.map(|(key, kept)| (key.clone(), kept.object.clone_ref(py), kept.taken)).collect()
    }

    /// Whether something in them was changed. What cannot be stored any more was.
    pub(crate) fn is_changed(&self, py: Python<'_>) -> bool {
        self.kept(py, None).iter().any(|(key, object, taken)| {
            let now = from_python(object.bind(py), &Place::of(key), *taken);
            let all = self.lock();
            let kept = all.get(key).filter(|kept| kept.object.is(object));
            kept.is_some_and(|kept| !now.is_ok_and(|now| now.is_same(&kept.was)))
        })
    }

    /// Puts what was changed in them into the session: of one key, or of all. Where one cannot be
    /// stored any more nothing is put, and the error says which.
    pub(crate) fn note(
        &self,
        py: Python<'_>,
        session: &sessio::Session,
        only: Option<&str>,
    ) -> PyResult<()> {
        let mut found = Vec::new();
        for (key, object, taken) in self.kept(py, only) {
            let now = from_python(object.bind(py), &Place::of(&key), taken)?;
            now.check().map_err(|error| raise(py, &error))?;
            found.push((key, object, now));
        }
        for (key, object, now) in found {
            let mut all = self.lock();
            let kept = all.get_mut(&key).filter(|kept| kept.object.is(&object));
            // Another thread may have put something else in its place.
            let Some(kept) = kept.filter(|kept| !now.is_same(&kept.was)) else { continue };
            let put = session.put_value(&key, now.clone());
            kept.was = now;
            drop(all);
            put.map_err(|error| raise(py, &error))?;
        }
        Ok(())
    }

    /// To be called when what the session holds may have become another request's: what it does not
    /// hold any more is let go of, and read anew the next time.
    pub(crate) fn compare(&self, py: Python<'_>, session: &sessio::Session) {
        for (key, object, _) in self.kept(py, None) {
            let request = SessionRequest::Get(session.clone(), key.clone());
            let Some(Ok(SessionAnswer::Value(now))) = request.start(|| Reply::new(drop)) else {
                // It is not loaded, or cannot be read: nothing has become another's.
                continue;
            };
            let mut all = self.lock();
            let kept = all.get(&key).filter(|kept| kept.object.is(&object));
            let is_still = |was: &Value| now.as_ref().is_some_and(|now| now.is_same(was));
            let former = match kept {
                Some(kept) if !is_still(&kept.was) => all.remove(&key),
                Some(_) | None => None,
            };
            drop(all);
            drop(former);
        }
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Held for moments only. What is not visited is not collected, this time.
        let Ok(all) = self.kept.try_lock() else { return Ok(()) };
        all.values().try_for_each(|kept| visit.call(&kept.object))
    }
}
