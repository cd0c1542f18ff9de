//! The managers and sessions that JavaScript holds, and who hears of events.

use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;
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

/// Each belongs to a JavaScript object, and is let go when that is collected.
///
/// Not by a `FinalizationRegistry`: V8 looks into one only when it collects everything, and until
/// then a busy server would hold the sessions of minutes. Node's own finalizers are called after
/// every small collection, which is what takes most objects of a request.
#[derive(Clone, Default)]
pub(crate) struct Sessions(Rc<RefCell<Slots<Session>>>);

impl Sessions {
    /// A copy of the handle, which shares everything.
    pub(crate) fn get(&self, number: u32) -> Option<Session> {
        self.0.borrow().get(number).cloned()
    }

    /// The number of a session that belongs to this object.
    pub(crate) fn add(&self, session: Session, object: Value<'_>) -> u32 {
        let number = self.0.borrow_mut().add(session);
        self.keep(number, object);
        number
    }

    /// Lets the session go when the object is collected; at once if it is none.
    pub(crate) fn keep(&self, number: u32, object: Value<'_>) {
        let (env, object) = object.raw();
        let data: *mut c_void = ptr::without_provenance_mut(number as usize);
        let ours = Rc::into_raw(Rc::clone(&self.0)).cast_mut().cast();
        // SAFETY: a value of this call; what is no object leaves a status and nothing else. What
        // `let_go` is called with is what it expects, and it is called once.
        unsafe {
            let (end, unwanted) = (Some(let_go as End), ptr::null_mut());
            let status = sys::napi_add_finalizer(env, object, data, end, ours, unwanted);
            if status != sys::Status::napi_ok {
                let_go(env, data, ours);
            }
        }
    }

    /// Sessions of a list get numbers, which only this thread gives; all else stays as it is.
    pub(crate) fn number(&self, out: Out) -> Out {
        let Out::SessionPage(page) = out else { return out };
        let mut sessions = self.0.borrow_mut();
        let numbers = page.sessions.into_iter().map(|session| sessions.add(session)).collect();
        Out::Sessions(numbers, page.next)
    }
}

type End = unsafe extern "C" fn(sys::napi_env, *mut c_void, *mut c_void);

/// # Safety
/// Once for each call of `keep`, with what that prepared, on the environment's thread.
unsafe extern "C" fn let_go(_: sys::napi_env, data: *mut c_void, ours: *mut c_void) {
    // SAFETY: the count that `keep` gave up for this call. It may be the last: an environment
    // calls what is left after its bridge is gone.
    let sessions = unsafe { Rc::from_raw(ours.cast::<RefCell<Slots<Session>>>().cast_const()) };
    let number = u32::try_from(data.addr()).unwrap_or(u32::MAX);
    // No call is under way here, so it is not borrowed; the session ends after the borrow.
    let session = sessions.try_borrow_mut().ok().and_then(|mut sessions| sessions.remove(number));
    drop(session);
}
