//! The native objects that JavaScript holds by number, and when sessions are released.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::sys;
use sessio::completion::CompletionQueue;
use sessio::{Error, Session, SessionManager, SessionOptions, Store};
use slab::Slab;

use crate::arguments::{JsValue, invalid};
use crate::encode::{Completion, Response};

/// Objects of one kind by their number. Numbers are reused.
pub(crate) struct Registry<T>(RefCell<Slab<T>>);

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Registry(RefCell::default())
    }
}

impl<T> Registry<T> {
    pub(crate) fn add(&self, object: T) -> u32 {
        u32::try_from(self.0.borrow_mut().insert(object)).unwrap_or(u32::MAX)
    }

    pub(crate) fn remove(&self, number: u32) -> Option<T> {
        self.0.borrow_mut().try_remove(number as usize)
    }

    /// Runs `run` on the object with this number, or fails: `what` is what it would have been.
    pub(crate) fn with<R>(
        &self,
        number: u32,
        what: &str,
        run: impl FnOnce(&T) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let objects = self.0.borrow();
        match objects.get(number as usize) {
            Some(object) => run(object),
            None => Err(invalid(format!("there is no {what} with the number {number}"))),
        }
    }
}

pub(crate) struct Manager {
    pub(crate) manager: SessionManager,
    /// Whether JavaScript has a listener. Without one no event is queued.
    listening: Arc<AtomicBool>,
}

impl Manager {
    /// Its events go to `completions` with this identity.
    pub(crate) fn new(
        completions: &Arc<CompletionQueue<Completion>>,
        store: &Store,
        options: SessionOptions,
        identity: f64,
    ) -> Result<Self, Error> {
        let listening = Arc::new(AtomicBool::new(false));
        let (is_listening, completions) = (Arc::clone(&listening), Arc::clone(completions));
        let options = options.on_event(move |event| {
            if is_listening.load(Ordering::Relaxed) {
                let response = Response::Event(identity, event);
                completions.push(Completion { id: None, response });
            }
        });
        Ok(Manager { manager: SessionManager::with(store.clone(), options)?, listening })
    }

    pub(crate) fn listen(&self) {
        self.listening.store(true, Ordering::Relaxed);
    }
}

/// The sessions of an environment. Each belongs to a JavaScript object and is released some time
/// after V8 has collected that object.
///
/// V8 does not report the collection in time. A `FinalizationRegistry` learns of it only at a full
/// collection, and Node's finalizers run when the event loop turns, which a program that awaits
/// nothing but memory never lets happen: with either, the sessions of minutes would pile up. So
/// every new session sweeps two older ones, and the release of a manager sweeps all.
#[derive(Default)]
pub(crate) struct SessionRegistry {
    sessions: Registry<Session>,
    owners: RefCell<VecDeque<Owner>>,
    /// The bytes that sessions hold: as last reported to V8, and now.
    reported: Cell<usize>,
    held: Cell<usize>,
}

/// V8 is told of this many bytes more or less at a time: as external memory they make it collect.
const REPORT_STEP: u64 = 1 << 20;

/// Owners that are checked for each new session. With more than one, dead sessions are released
/// faster than new ones come.
const SWEEP: usize = 2;

impl SessionRegistry {
    /// A clone of the handle; clones share the session.
    pub(crate) fn get(&self, number: u32) -> Result<Session, Error> {
        self.sessions.with(number, "session", |session| Ok(session.clone()))
    }

    /// Adds a session that belongs to this object.
    pub(crate) fn add(&self, session: Session, object: JsValue<'_>) -> u32 {
        self.sweep(SWEEP);
        let number = self.sessions.add(session);
        self.set_owner(number, object);
        number
    }

    /// From now on the session lives as long as this object.
    pub(crate) fn set_owner(&self, number: u32, object: JsValue<'_>) {
        match Owner::new(number, object) {
            Some(owner) => self.owners.borrow_mut().push_back(owner),
            None => drop(self.sessions.remove(number)),
        }
    }

    /// Checks up to `limit` owners, those first that were not checked for longest: releases the
    /// sessions of dead ones, and measures the others.
    pub(crate) fn sweep(&self, limit: usize) {
        let mut owners = self.owners.borrow_mut();
        for _ in 0..limit.min(owners.len()) {
            let Some(mut owner) = owners.pop_front() else { return };
            let before = owner.size;
            if owner.is_alive() {
                owner.size = self.get(owner.number).map_or(0, |session| session.size());
                self.resize(owner.env, before, owner.size);
                owners.push_back(owner);
            } else {
                self.resize(owner.env, before, 0);
                drop(self.sessions.remove(owner.number));
            }
        }
    }

    fn resize(&self, env: sys::napi_env, before: usize, after: usize) {
        let held = self.held.get() + after - before;
        self.held.set(held);
        let signed = |bytes: usize| i64::try_from(bytes).unwrap_or(0);
        let change = signed(held) - signed(self.reported.get());
        if change.unsigned_abs() < REPORT_STEP {
            return;
        }
        let mut total = 0;
        // SAFETY: on the environment's thread, with a local for the result.
        unsafe { sys::napi_adjust_external_memory(env, change, &raw mut total) };
        self.reported.set(held);
    }

    /// Gives the sessions of a page their numbers: only this thread can. Other responses stay as
    /// they are.
    pub(crate) fn register_page(&self, response: Response) -> Response {
        let Response::SessionPage(page) = response else { return response };
        let register = |session| {
            self.sweep(SWEEP);
            self.sessions.add(session)
        };
        Response::Sessions(page.sessions.into_iter().map(register).collect(), page.next)
    }
}

/// A weak reference to the object that a session belongs to.
struct Owner {
    env: sys::napi_env,
    object: sys::napi_ref,
    number: u32,
    /// Bytes of its session at the last sweep.
    size: usize,
}

impl Owner {
    /// `None` if the value is not an object.
    fn new(number: u32, object: JsValue<'_>) -> Option<Self> {
        let (env, raw) = object.raw();
        let mut object = ptr::null_mut();
        // SAFETY: a value of this call, and a local for the result.
        let status = unsafe { sys::napi_create_reference(env, raw, 0, &raw mut object) };
        (status == sys::Status::napi_ok).then_some(Owner { env, object, number, size: 0 })
    }

    fn is_alive(&self) -> bool {
        let mut object = ptr::null_mut();
        // SAFETY: a reference of ours, on the thread of its environment, and a local.
        unsafe { sys::napi_get_reference_value(self.env, self.object, &raw mut object) };
        !object.is_null()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and deleted once, on the thread of its environment.
        unsafe { sys::napi_delete_reference(self.env, self.object) };
    }
}
