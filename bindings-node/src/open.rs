//! Opening and closing stores, their clocks, and what needs no store.

use std::thread::Builder;

use sessio::logging::{self, Level};
use sessio::operation::{Answer, STORE_OPTIONS};
use sessio::{Error, ErrorKind, ManualClock, Options, Store, Token};

use crate::arguments::{TargetArgument, invalid};
use crate::call::{Call, CallResult, answered, done};
use crate::encode::{Response, to_millis};
use crate::environment::CallStatus;
use crate::options::set_each;

/// Takes a URL, the options as `set_each` takes them, and a clock's number or nothing. Returns the
/// number of the store.
pub(crate) fn open(call: &Call<'_>) -> CallResult {
    let url = call.argument(0).required_text("the URL")?;
    let mut options = Options::new();
    let set = |name: &str, value: &str| options.set(name, value);
    set_each(call.argument(1), &STORE_OPTIONS, &["clock"], set)?;
    if !call.argument(2).is_nothing() {
        let number = call.argument(2).handle()?;
        let clock = call.environment.clocks.with(number, "clock", |clock| Ok(clock.clone()))?;
        options = options.clock(clock);
    }
    let store = Store::open_with(url.as_str("the URL")?, options)?;
    answered(Response::Number(f64::from(call.environment.stores.add(store))))
}

pub(crate) fn location(call: &Call<'_>) -> CallResult {
    call.with_store(|store| answered(Response::Text(store.location())))
}

pub(crate) fn stats(call: &Call<'_>) -> CallResult {
    call.with_store(|store| answered(Response::Stats(store.stats())))
}

/// On a thread of its own: it waits for a cleanup that is running, and an event loop must not.
pub(crate) fn stop_cleanup(call: &Call<'_>) -> CallResult {
    call.with_store(|store| {
        let store = store.clone();
        let (id, complete) = call.environment.begin();
        let stop = move || {
            store.stop_cleanup();
            complete(Response::Answer(Answer::Done));
        };
        match Builder::new().name("sessio-stop".into()).stack_size(256 << 10).spawn(stop) {
            Ok(_) => Ok(CallStatus::Pending(id)),
            Err(error) => {
                call.environment.pending.finish(Some(id));
                let message = format!("cannot start a thread that waits for the cleanup: {error}");
                Err(Error::new(ErrorKind::Unavailable, message))
            }
        }
    })
}

pub(crate) fn close(call: &Call<'_>) -> CallResult {
    call.with_store(|store| {
        let (id, complete) = call.environment.begin();
        store.close_with(move || complete(Response::Answer(Answer::Done)));
        Ok(CallStatus::Pending(id))
    })
}

/// After JavaScript has collected its store.
pub(crate) fn release(call: &Call<'_>) -> CallResult {
    drop(call.environment.stores.remove(call.number()?));
    done()
}

/// Takes a `Date`. Returns the number of the clock.
pub(crate) fn open_clock(call: &Call<'_>) -> CallResult {
    let start = call.argument(0).date();
    let start =
        start.unwrap_or_else(|| Err(invalid("the start of a ManualClock must be a Date")))?;
    let clock = ManualClock::new(start);
    answered(Response::Number(f64::from(call.environment.clocks.add(clock))))
}

fn with_clock(call: &Call<'_>, run: impl FnOnce(&ManualClock) -> CallResult) -> CallResult {
    call.environment.clocks.with(call.number()?, "clock", run)
}

pub(crate) fn now(call: &Call<'_>) -> CallResult {
    with_clock(call, |clock| answered(Response::Number(to_millis(clock.now()))))
}

pub(crate) fn advance(call: &Call<'_>) -> CallResult {
    with_clock(call, |clock| {
        clock.advance(call.argument(1).duration("the time that a clock advances by")?);
        done()
    })
}

pub(crate) fn release_clock(call: &Call<'_>) -> CallResult {
    drop(call.environment.clocks.remove(call.number()?));
    done()
}

/// From the id of a key, which all languages read.
pub(crate) fn parse_key(call: &Call<'_>) -> CallResult {
    let text = call.argument(0).required_text("a key")?;
    answered(Response::Key(Some(text.as_str("a key")?.parse()?)))
}

pub(crate) fn key_id(call: &Call<'_>) -> CallResult {
    match call.argument(0).target("a key")? {
        TargetArgument::Key(key) => answered(Response::Text(key.to_string())),
        TargetArgument::Token(_) => Err(invalid("a key is expected, not a token")),
    }
}

pub(crate) fn generate_token(_: &Call<'_>) -> CallResult {
    answered(Response::Text(Token::generate()?.as_str().to_owned()))
}

/// For `NODE_DEBUG=sessio`. The log belongs to the process, so a second environment changes
/// nothing.
pub(crate) fn log_to_stderr(_: &Call<'_>) -> CallResult {
    let process = std::process::id();
    logging::forward(Level::DEBUG, move |_, line| eprintln!("SESSIO {process}: {line}"));
    done()
}
