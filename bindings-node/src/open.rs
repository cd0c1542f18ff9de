//! Opening and closing stores, their clocks, and what needs no store.

use std::thread::Builder;

use sessio::logging::{self, Level};
use sessio::operation::Answer;
use sessio::{Error, ManualClock, Options, Store, Token};

use crate::args::{Value, Who, invalid};
use crate::bridge::Status;
use crate::call::{Call, Outcome};
use crate::tray::{Out, to_millis};

#[expect(clippy::unnecessary_wraps, reason = "what ends a call is a result")]
pub(crate) fn answered(out: Out) -> Outcome {
    Ok(Status::Answered(out))
}

pub(crate) fn done() -> Outcome {
    answered(Out::Answer(Answer::Done))
}

/// Names and values in turn.
pub(crate) fn each_option(
    options: Value<'_>,
    mut set: impl FnMut(&str, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    for option in options.elements()?.chunks(2) {
        let [name, value] = *option else { return Err(invalid("an option has a value")) };
        let name = name.required_text("an option's name")?;
        let value = value.required_text("an option's value")?;
        set(name.as_str("an option's name")?, value.as_str("an option's value")?)?;
    }
    Ok(())
}

/// A URL, the options as one flat array of names and values, and a clock or nothing: the number
/// of the store.
pub(crate) fn open(call: &Call<'_>) -> Outcome {
    let url = call.argument(0).required_text("the URL")?;
    let mut options = Options::new();
    each_option(call.argument(1), |name, value| options.set(name, value))?;
    if !call.argument(2).is_nothing() {
        let number = call.argument(2).whole("a clock")?;
        let clocks = call.bridge.clocks.borrow();
        let clock = u32::try_from(number).ok().and_then(|number| clocks.get(number));
        options = options.clock(clock.ok_or_else(|| invalid("there is no such clock"))?.clone());
    }
    let store = Store::open_with(url.as_str("the URL")?, options)?;
    answered(Out::Number(f64::from(call.bridge.stores.borrow_mut().add(store))))
}

pub(crate) fn location(call: &Call<'_>) -> Outcome {
    call.with_store(|store| answered(Out::Text(store.location())))
}

pub(crate) fn stats(call: &Call<'_>) -> Outcome {
    call.with_store(|store| answered(Out::Stats(store.stats())))
}

/// Waits for a round of cleanup, which the thread of an event loop must not.
pub(crate) fn stop_cleanup(call: &Call<'_>) -> Outcome {
    call.with_store(|store| {
        let store = store.clone();
        let (slot, finish) = call.bridge.expect();
        let stop = move || {
            store.stop_cleanup();
            finish(Out::Answer(Answer::Done));
        };
        match Builder::new().name("sessio-stop".into()).stack_size(256 << 10).spawn(stop) {
            Ok(_) => Ok(Status::Pending(slot)),
            Err(error) => {
                call.bridge.settled(Some(slot));
                let message = format!("the system gave no thread to wait on: {error}");
                Err(Error::new(sessio::ErrorKind::Unavailable, message))
            }
        }
    })
}

pub(crate) fn close(call: &Call<'_>) -> Outcome {
    call.with_store(|store| {
        let (slot, finish) = call.bridge.expect();
        store.close_with(move || finish(Out::Answer(Answer::Done)));
        Ok(Status::Pending(slot))
    })
}

/// When JavaScript has lost its store.
pub(crate) fn release(call: &Call<'_>) -> Outcome {
    let store = call.bridge.stores.borrow_mut().remove(call.number()?);
    drop(store);
    done()
}

/// Starts at a `Date`: the number of the clock.
pub(crate) fn open_clock(call: &Call<'_>) -> Outcome {
    let start = call.argument(0).date();
    let start = start.unwrap_or_else(|| Err(invalid("a clock starts at a Date")))?;
    let clock = ManualClock::new(start);
    answered(Out::Number(f64::from(call.bridge.clocks.borrow_mut().add(clock))))
}

fn with_clock(call: &Call<'_>, run: impl FnOnce(&ManualClock) -> Outcome) -> Outcome {
    let clocks = call.bridge.clocks.borrow();
    run(clocks.get(call.number()?).ok_or_else(|| invalid("there is no such clock"))?)
}

pub(crate) fn now(call: &Call<'_>) -> Outcome {
    with_clock(call, |clock| answered(Out::Number(to_millis(clock.now()))))
}

pub(crate) fn advance(call: &Call<'_>) -> Outcome {
    with_clock(call, |clock| {
        clock.advance(call.argument(1).duration("what a clock advances by")?);
        done()
    })
}

pub(crate) fn release_clock(call: &Call<'_>) -> Outcome {
    call.bridge.clocks.borrow_mut().remove(call.number()?);
    done()
}

/// Of the text that all languages read.
pub(crate) fn parse_key(call: &Call<'_>) -> Outcome {
    let text = call.argument(0).required_text("a key")?;
    answered(Out::Key(Some(text.as_str("a key")?.parse()?)))
}

pub(crate) fn key_id(call: &Call<'_>) -> Outcome {
    match call.argument(0).who("a key")? {
        Who::Key(key) => answered(Out::Text(key.to_string())),
        Who::Token(_) => Err(invalid("a token is no key")),
    }
}

pub(crate) fn generate_token(_: &Call<'_>) -> Outcome {
    answered(Out::Text(Token::generate()?.as_str().to_owned()))
}

/// For `NODE_DEBUG=sessio`. Of several environments only the first is needed: the log is the
/// process's.
pub(crate) fn log_to_stderr(_: &Call<'_>) -> Outcome {
    let process = std::process::id();
    logging::forward(Level::DEBUG, move |_, line| eprintln!("SESSIO {process}: {line}"));
    done()
}
