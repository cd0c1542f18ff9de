//! The log of this library, delivered to a callback of the program.

use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::time::Duration;

use sessio::fork::PerProcess;
use sessio::logging::{Level, forward};

use crate::error::{c_text, sessio_error};
use crate::guard::{free, guard, into_raw, invalid};
use crate::status::SESSIO_DONE;

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

struct LogSink {
    level: i32,
    callback: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
    userdata: *mut c_void,
}

static SINK: AtomicPtr<LogSink> = AtomicPtr::new(ptr::null_mut());
/// How many threads of this process are using the sink.
static WRITERS: PerProcess<AtomicUsize> = PerProcess::unwatched();
/// Whether the log of this library is forwarded here; that can be set up only once.
static FORWARDED: OnceLock<bool> = OnceLock::new();

thread_local! {
    static IN_CALLBACK: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Sends log messages of `level` (one of SESSIO_LOG_…) and more severe ones to `callback`. NULL or
/// SESSIO_LOG_OFF ends that. Without a callback sessio logs nothing.
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
            if !(SESSIO_LOG_OFF..=SESSIO_LOG_TRACE).contains(&level) {
                return Err(invalid(
                    "level: must be one of SESSIO_LOG_OFF to SESSIO_LOG_TRACE (0 to 5)",
                ));
            }
            if IN_CALLBACK.get() {
                return Err(invalid("a log callback cannot set the log callback"));
            }
            sessio::fork::watch();
            let wanted = callback.filter(|_| level != SESSIO_LOG_OFF);
            if wanted.is_some() && !*FORWARDED.get_or_init(|| forward(Level::TRACE, write)) {
                let message =
                    "the log of this program is collected from Rust already; collect it there";
                return Err(sessio::Error::new(sessio::ErrorKind::Unsupported, message));
            }
            let sink = wanted.map_or(ptr::null_mut(), |callback| {
                into_raw(LogSink { level, callback, userdata })
            });
            let before = SINK.swap(sink, Ordering::SeqCst);
            // A thread counts itself before it loads the sink, so at 0 none has the old one.
            while writers().load(Ordering::SeqCst) > 0 {
                std::thread::sleep(Duration::from_micros(50));
            }
            free(before);
            Ok(SESSIO_DONE)
        })
    }
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
        let before = IN_CALLBACK.replace(true);
        // SAFETY: the program promises that its callback can be called from any thread.
        unsafe { (sink.callback)(sink.userdata, level, message.as_ptr()) };
        IN_CALLBACK.set(before);
    }
    writers.fetch_sub(1, Ordering::SeqCst);
}
