//! sessio's log, for a callback of the program.

use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::time::Duration;

use sessio::fork::PerProcess;
use sessio::logging::{Level, forward};

use crate::error::{c_text, sessio_error};
use crate::guard::{free, guard, handle, invalid};
use crate::status::SESSIO_DONE;

/// No messages.
pub const SESSIO_LOG_OFF: i32 = 0;
/// What should not happen.
pub const SESSIO_LOG_ERROR: i32 = 1;
/// What somebody should look at: a cleanup that failed, say.
pub const SESSIO_LOG_WARN: i32 = 2;
/// What an operator likes to know.
pub const SESSIO_LOG_INFO: i32 = 3;
/// What a developer likes to know.
pub const SESSIO_LOG_DEBUG: i32 = 4;
/// Everything.
pub const SESSIO_LOG_TRACE: i32 = 5;

/// Receives the log. `level` is one of SESSIO_LOG_…; `message` ends with a NUL, and is valid
/// during the call alone. It never holds a token, a key, session data or a password.
///
/// It is called from any thread, sessio's own among them, and from several at once. It must not
/// block for long, must not make a call to a MySQL store (refused on sessio's threads with
/// SESSIO_INVALID_ARGUMENT), and must neither throw nor `longjmp`.
pub type sessio_log_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, level: i32, message: *const c_char)>;

struct Sink {
    level: i32,
    callback: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
    userdata: *mut c_void,
}

static SINK: AtomicPtr<Sink> = AtomicPtr::new(ptr::null_mut());
/// How many threads of this process are using the sink.
static USING: PerProcess<AtomicUsize> = PerProcess::unwatched();
/// Whether this library's log is ours; it can be taken only once.
static TAKEN: OnceLock<bool> = OnceLock::new();

thread_local! {
    static INSIDE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Hands the log of this process, `level` (one of SESSIO_LOG_…) and everything more severe, to
/// `callback`. NULL or SESSIO_LOG_OFF ends it. When the call returns, the callback that was set
/// before is not running any more and will not be called again.
///
/// Without a callback sessio is silent.
///
/// Fails with SESSIO_INVALID_ARGUMENT for a level out of range, and inside of a callback; with
/// SESSIO_UNSUPPORTED in a program that links the static library and collects its log from Rust.
///
/// Ownership: `userdata` stays the program's and must live until another callback is set.
/// Threads: any. Fork: the child has the same callback.
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
            if !(SESSIO_LOG_OFF..=SESSIO_LOG_TRACE).contains(&level) {
                return Err(invalid("a log level is one of SESSIO_LOG_…"));
            }
            if INSIDE.get() {
                return Err(invalid("a log callback cannot set the log callback"));
            }
            sessio::fork::watch();
            let wanted = callback.filter(|_| level != SESSIO_LOG_OFF);
            if wanted.is_some() && !*TAKEN.get_or_init(|| forward(Level::TRACE, write)) {
                let message = "the log of this program is collected from Rust already";
                return Err(sessio::Error::new(sessio::ErrorKind::Unsupported, message));
            }
            let sink = wanted
                .map_or(ptr::null_mut(), |callback| handle(Sink { level, callback, userdata }));
            let before = SINK.swap(sink, Ordering::SeqCst);
            // Whoever loaded the old one was counted before it did.
            while using().load(Ordering::SeqCst) > 0 {
                std::thread::sleep(Duration::from_micros(50));
            }
            free(before);
            Ok(SESSIO_DONE)
        })
    }
}

fn using() -> &'static AtomicUsize {
    USING.get_or_init(|| AtomicUsize::new(0))
}

fn write(level: Level, line: &str) {
    let level = match level {
        Level::ERROR => SESSIO_LOG_ERROR,
        Level::WARN => SESSIO_LOG_WARN,
        Level::INFO => SESSIO_LOG_INFO,
        Level::DEBUG => SESSIO_LOG_DEBUG,
        Level::TRACE => SESSIO_LOG_TRACE,
    };
    let using = using();
    using.fetch_add(1, Ordering::SeqCst);
    // SAFETY: NULL, or a sink that is not freed while this thread is counted.
    let sink = unsafe { SINK.load(Ordering::SeqCst).as_ref() };
    if let Some(sink) = sink.filter(|sink| level <= sink.level) {
        let message: CString = c_text(line);
        let outside = INSIDE.replace(true);
        // SAFETY: the program promises that its callback can be called from any thread.
        unsafe { (sink.callback)(sink.userdata, level, message.as_ptr()) };
        INSIDE.set(outside);
    }
    using.fetch_sub(1, Ordering::SeqCst);
}
