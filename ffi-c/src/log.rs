//! The log of this library, delivered to a callback, or kept for a program that polls it.

use std::collections::VecDeque;
use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use sessio::Result;
use sessio::fork::PerProcess;
use sessio::logging::{Level, forward};

use crate::error::{c_text, sessio_error};
use crate::guard::{arg, borrow_if, free, guard, guard_or, into_raw, invalid};
use crate::status::{SESSIO_DONE, SESSIO_NOT_FOUND};
use crate::waker::Waker;

/// No messages.
pub const SESSIO_LOG_OFF: i32 = 0;
/// Failures that should not happen.
pub const SESSIO_LOG_ERROR: i32 = 1;
/// Problems that an operator should look at, such as a failed cleanup.
pub const SESSIO_LOG_WARN: i32 = 2;
/// Information for operators.
pub const SESSIO_LOG_INFO: i32 = 3;
/// Information for developers.
pub const SESSIO_LOG_DEBUG: i32 = 4;
/// Everything.
pub const SESSIO_LOG_TRACE: i32 = 5;

/// Receives log messages. `level` is one of SESSIO_LOG_…; `message` ends with a NUL and is valid
/// during the call only. It never contains a token, a key, session data or a password.
///
/// It is called from any thread, sessio's own included, and from several at once. It must not block
/// for long, must not call a MySQL store (on sessio's threads that fails with
/// SESSIO_INVALID_ARGUMENT), and must neither throw nor `longjmp`.
pub type sessio_log_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, level: i32, message: *const c_char)>;

/// The one receiver of the log of this process.
struct LogSink {
    level: i32,
    target: LogTarget,
}

enum LogTarget {
    Callback {
        callback: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
        userdata: *mut c_void,
    },
    Kept(Arc<KeptLog>),
}

static SINK: AtomicPtr<LogSink> = AtomicPtr::new(ptr::null_mut());
/// How many threads of this process are using the sink.
static WRITERS: PerProcess<AtomicUsize> = PerProcess::unwatched();
/// Whether the log of this library is forwarded here; that can be set up only once.
static FORWARDED: OnceLock<bool> = OnceLock::new();

thread_local! {
    static IN_CALLBACK: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Sends log messages of `level` (one of SESSIO_LOG_…) and more severe ones to `callback`, instead
/// of the receiver that was set before. NULL or SESSIO_LOG_OFF ends that. Without a receiver sessio
/// logs nothing.
///
/// When the call returns, the callback that was set before is not running and will not be called
/// again. `userdata` must live until then. A forked child inherits the callback.
///
/// Fails with SESSIO_INVALID_ARGUMENT for an unknown level and when called from a callback, and
/// with SESSIO_UNSUPPORTED in a program that links the static library and collects its log from
/// Rust.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_set_log_callback(
    level: i32,
    callback: sessio_log_callback,
    userdata: *mut c_void,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let callback = callback.filter(|_| level != SESSIO_LOG_OFF);
            let target = callback.map(|callback| LogTarget::Callback { callback, userdata });
            receive(level, target)?;
            Ok(SESSIO_DONE)
        })
    }
}

/// Makes a target the receiver of the log; `None` ends the log.
fn receive(level: i32, target: Option<LogTarget>) -> Result<()> {
    if !(SESSIO_LOG_OFF..=SESSIO_LOG_TRACE).contains(&level) {
        return Err(invalid("level: must be one of SESSIO_LOG_OFF to SESSIO_LOG_TRACE (0 to 5)"));
    }
    if IN_CALLBACK.get() {
        return Err(invalid("a log callback cannot change the receiver of the log"));
    }
    sessio::fork::watch();
    if target.is_some() && !*FORWARDED.get_or_init(|| forward(Level::TRACE, write)) {
        let message = "the log of this program is collected from Rust already; collect it there";
        return Err(sessio::Error::new(sessio::ErrorKind::Unsupported, message));
    }
    let sink = target.map_or(ptr::null_mut(), |target| into_raw(LogSink { level, target }));
    let before = SINK.swap(sink, Ordering::SeqCst);
    // SAFETY: made by `into_raw`, and out of `SINK` now.
    unsafe { free_unused(before) };
    Ok(())
}

/// # Safety
/// The sink is NULL or comes from `into_raw`, and `SINK` does not have it any more.
unsafe fn free_unused(sink: *mut LogSink) {
    // A thread counts itself before it loads the sink, so at 0 none has the old one.
    while writers().load(Ordering::SeqCst) > 0 {
        std::thread::sleep(Duration::from_micros(50));
    }
    // SAFETY: as promised, and no thread uses it.
    unsafe { free(sink) };
}

fn writers() -> &'static AtomicUsize {
    WRITERS.get_or_init(|| AtomicUsize::new(0))
}

fn write(level: Level, line: &str) {
    let level = match level {
        Level::ERROR => SESSIO_LOG_ERROR,
        Level::WARN => SESSIO_LOG_WARN,
        Level::INFO => SESSIO_LOG_INFO,
        Level::DEBUG => SESSIO_LOG_DEBUG,
        Level::TRACE => SESSIO_LOG_TRACE,
    };
    let writers = writers();
    writers.fetch_add(1, Ordering::SeqCst);
    // SAFETY: NULL, or a sink that is not freed while this thread counts.
    let sink = unsafe { SINK.load(Ordering::SeqCst).as_ref() };
    if let Some(sink) = sink.filter(|sink| level <= sink.level) {
        let message: CString = c_text(line);
        match &sink.target {
            LogTarget::Kept(kept) => kept.push(level, message),
            LogTarget::Callback { callback, userdata } => {
                let before = IN_CALLBACK.replace(true);
                // SAFETY: the program promises that its callback can be called from any thread.
                unsafe { callback(*userdata, level, message.as_ptr()) };
                IN_CALLBACK.set(before);
            }
        }
    }
    writers.fetch_sub(1, Ordering::SeqCst);
}

/// Log messages that wait for the program to take them, for programs and languages into which
/// sessio cannot call from its threads.
pub struct sessio_log {
    kept: Arc<KeptLog>,
    /// The message that the program has.
    current: Option<CString>,
}

/// The messages, in each process its own: a lock of the parent's may be held in a child for ever.
struct KeptLog {
    capacity: usize,
    here: PerProcess<LogRing>,
}

#[derive(Default)]
struct LogRing {
    messages: Mutex<VecDeque<(i32, CString)>>,
    dropped: AtomicU64,
    waker: Waker,
}

impl KeptLog {
    fn here(&self) -> &LogRing {
        self.here.get_or_init(LogRing::default)
    }

    fn push(&self, level: i32, message: CString) {
        let ring = self.here();
        let mut messages = ring.messages();
        if messages.len() == self.capacity {
            messages.pop_front();
            ring.dropped.fetch_add(1, Ordering::Relaxed);
        }
        messages.push_back((level, message));
        drop(messages);
        ring.waker.wake();
    }
}

impl LogRing {
    fn messages(&self) -> MutexGuard<'_, VecDeque<(i32, CString)>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pop(&self) -> Option<(i32, CString)> {
        let mut messages = self.messages();
        let message = messages.pop_front();
        if messages.is_empty() {
            // Within the lock: a message that comes now wakes afterwards.
            self.waker.clear();
        }
        message
    }
}

/// The largest capacity of a log.
const MAX_MESSAGES: usize = 65_536;

/// Keeps log messages of `level` (one of SESSIO_LOG_…) and more severe ones for sessio_log_next(),
/// instead of the receiver that was set before. At most `capacity` (1 to 65536) are kept: then the
/// oldest is dropped for a new one, and counted.
///
/// Fails as sessio_set_log_callback(). In a forked child the log starts empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_log_open(
    level: i32,
    capacity: usize,
    log: *mut *mut sessio_log,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let slot = arg!(out(log, ptr::null_mut()))?;
            if !(1..=MAX_MESSAGES).contains(&capacity) {
                return Err(invalid("capacity: must be 1 to 65536"));
            }
            let kept = Arc::new(KeptLog { capacity, here: PerProcess::new() });
            receive(level, Some(LogTarget::Kept(Arc::clone(&kept))))?;
            *slot = into_raw(sessio_log { kept, current: None });
            Ok(SESSIO_DONE)
        })
    }
}

/// Takes the oldest message: sets `*level` to one of SESSIO_LOG_…, and `*message` to a text that
/// belongs to the log and lives until the next call. SESSIO_NOT_FOUND, 0 and NULL if there is none.
/// Never waits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_log_next(
    log: *mut sessio_log,
    level: *mut i32,
    message: *mut *const c_char,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe {
        guard(error, || {
            let level = arg!(out(level, SESSIO_LOG_OFF))?;
            let message = arg!(out(message, ptr::null()))?;
            let log = arg!(borrow_mut(log))?;
            log.current = None;
            let Some((severity, text)) = log.kept.here().pop() else {
                return Ok(SESSIO_NOT_FOUND);
            };
            *level = severity;
            *message = log.current.insert(text).as_ptr();
            Ok(SESSIO_DONE)
        })
    }
}

/// A file descriptor that is readable while there are messages, as that of sessio_queue_fd().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_log_fd(
    log: *const sessio_log,
    error: *mut *mut sessio_error,
) -> i32 {
    // SAFETY: the pointers are what the header demands.
    unsafe { guard(error, || arg!(borrow(log))?.kept.here().waker.fd()) }
}

/// How many messages were dropped because they were not taken in time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_log_dropped(log: *const sessio_log) -> u64 {
    guard_or(0, || {
        // SAFETY: NULL or a live log, as the header demands.
        unsafe { borrow_if(log) }.map_or(0, |this| this.kept.here().dropped.load(Ordering::Relaxed))
    })
}

/// Frees a log with its messages, and ends the logging unless another receiver was set since.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sessio_log_free(log: *mut sessio_log) {
    guard_or((), || {
        // SAFETY: NULL or a log that the program owns and gives up, as the header demands.
        unsafe {
            if let Some(this) = borrow_if(log) {
                stop(&this.kept);
            }
            free(log);
        }
    });
}

/// Ends the log if this is its receiver.
fn stop(kept: &Arc<KeptLog>) {
    let writers = writers();
    // While this thread counts, no sink is freed, so that the pointer is still that of this one.
    writers.fetch_add(1, Ordering::SeqCst);
    let sink = SINK.load(Ordering::SeqCst);
    // SAFETY: NULL, or a sink that is not freed while this thread counts.
    let is_ours = unsafe { sink.as_ref() }.is_some_and(
        |sink| matches!(&sink.target, LogTarget::Kept(theirs) if Arc::ptr_eq(theirs, kept)),
    );
    let ended = is_ours
        && SINK.compare_exchange(sink, ptr::null_mut(), Ordering::SeqCst, Ordering::SeqCst).is_ok();
    writers.fetch_sub(1, Ordering::SeqCst);
    if ended {
        // SAFETY: made by `into_raw`, and taken out of `SINK` just now.
        unsafe { free_unused(sink) };
    }
}
