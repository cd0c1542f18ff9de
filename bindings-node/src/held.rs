//! The managers and sessions that JavaScript holds, and who hears of events.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::sys;
use sessio::{Error, Session, SessionManager, SessionOptions, Store};

use crate::args::Value;
use crate::bridge::{Bridge, Finished};
use crate::slots::Slots;
use crate::tray::Out;

pub(crate) struct Manager {
    pub(crate) manager: SessionManager,
    /// Events travel only when somebody has asked for them.
    listening: Arc<AtomicBool>,
}

impl Manager {
    /// Its events come to JavaScript under this identity.
    pub(crate) fn new(
        bridge: &Bridge,
        store: &Store,
        options: SessionOptions,
        identity: f64,
    ) -> Result<Self, Error> {
        let listening = Arc::new(AtomicBool::new(false));
        let (heard, finished) = (Arc::clone(&listening), Arc::clone(&bridge.finished));
        let options = options.on_event(move |event| {
            if heard.load(Ordering::Relaxed) {
                finished.push(Finished { slot: None, out: Out::Happened(identity, event) });
            }
        });
        Ok(Manager { manager: SessionManager::with(store.clone(), options)?, listening })
    }

    pub(crate) fn listen(&self) {
        self.listening.store(true, Ordering::Relaxed);
    }
}

/// Each belongs to a JavaScript object, and is let go some time after that was collected.
///
/// Nothing calls us then. A `FinalizationRegistry` knows only what V8 finds when it collects
/// everything, and Node's finalizers wait until the event loop turns, which a program that awaits
/// nothing but memory never does: both would hold the sessions of minutes. So whoever asks for a
/// session looks after two of those that were there before, and a manager that is lost after all.
#[derive(Default)]
pub(crate) struct Sessions {
    held: RefCell<Slots<Session>>,
    objects: RefCell<VecDeque<Owner>>,
    /// How many bytes V8 was told that they hold, and how many it is.
    size: Cell<(usize, usize)>,
}

/// V8 is told again when so many bytes have come or gone: enough of them make it collect.
const NOTABLE: u64 = 1 << 20;

/// More than one, so that what was collected is let go faster than new ones come.
const LOOKED_AFTER: usize = 2;

impl Sessions {
    /// A copy of the handle, which shares everything.
    pub(crate) fn get(&self, number: u32) -> Option<Session> {
        self.held.borrow().get(number).cloned()
    }

    /// The number of a session that belongs to this object.
    pub(crate) fn add(&self, session: Session, object: Value<'_>) -> u32 {
        self.look_after(LOOKED_AFTER);
        let number = self.held.borrow_mut().add(session);
        self.keep(number, object);
        number
    }

    /// The session lives as long as this object.
    pub(crate) fn keep(&self, number: u32, object: Value<'_>) {
        match Owner::new(number, object) {
            Some(owner) => self.objects.borrow_mut().push_back(owner),
            None => drop(self.held.borrow_mut().remove(number)),
        }
    }

    pub(crate) fn look_after(&self, most: usize) {
        let mut objects = self.objects.borrow_mut();
        for _ in 0..most.min(objects.len()) {
            let Some(mut owner) = objects.pop_front() else { return };
            let before = owner.size;
            if owner.is_alive() {
                owner.size = self.get(owner.number).map_or(0, |session| session.size());
                self.resize(owner.env, before, owner.size);
                objects.push_back(owner);
            } else {
                self.resize(owner.env, before, 0);
                drop(self.held.borrow_mut().remove(owner.number));
            }
        }
    }

    fn resize(&self, env: sys::napi_env, before: usize, after: usize) {
        let (told, size) = self.size.get();
        let size = size + after - before;
        let change = i64::try_from(size).unwrap_or(0) - i64::try_from(told).unwrap_or(0);
        if change.unsigned_abs() < NOTABLE {
            return self.size.set((told, size));
        }
        let mut total = 0;
        // SAFETY: on the environment's thread, with a local for the result.
        unsafe { sys::napi_adjust_external_memory(env, change, &raw mut total) };
        self.size.set((size, size));
    }

    /// Sessions of a list get numbers, which only this thread gives; all else stays as it is.
    pub(crate) fn number(&self, out: Out) -> Out {
        let Out::SessionPage(page) = out else { return out };
        let number = |session| {
            self.look_after(LOOKED_AFTER);
            self.held.borrow_mut().add(session)
        };
        Out::Sessions(page.sessions.into_iter().map(number).collect(), page.next)
    }
}

/// A weak reference to the object that a session belongs to.
struct Owner {
    env: sys::napi_env,
    object: sys::napi_ref,
    number: u32,
    /// What its session held when it was looked after last.
    size: usize,
}

impl Owner {
    /// `None` for what is no object.
    fn new(number: u32, object: Value<'_>) -> Option<Self> {
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
        // SAFETY: made above, and given up once, on the thread of its environment.
        unsafe { sys::napi_delete_reference(self.env, self.object) };
    }
}
