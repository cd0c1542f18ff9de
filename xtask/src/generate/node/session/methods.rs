//! The methods of `bindings-node/lib/session.js` and `lib/manager.js`.

use crate::Result;

use super::super::super::session::{
    Asks, SessionAnswer, SessionApi, SessionArgument, SessionKind, SessionVerb, Tracked, Tracks,
};
use super::super::super::text::camel_case;
use super::super::WIDTH;
use super::{Class, argument_name, has, names, native_name, positional};

/// The class's methods; those of one statement are lines without a line between.
pub(super) fn of(api: &SessionApi, class: Class) -> Result<String> {
    let mut text = String::new();
    let mut after_block = false;
    for verb in class.verbs(api) {
        let method = match class {
            Class::Manager => managers_method(verb)?,
            Class::View | Class::Session | Class::LazySession => sessions_method(verb, class)?,
        };
        for name in names(verb) {
            let lines = method.lines(&name);
            let is_block = lines.contains("\n  }");
            if !text.is_empty() && (is_block || after_block) {
                text.push('\n');
            }
            text.push_str(&lines);
            after_block = is_block;
        }
    }
    Ok(text + "\n")
}

struct Method {
    is_async: bool,
    parameters: Vec<String>,
    /// Those of more than one line are indented from their first.
    statements: Vec<String>,
}

impl Method {
    fn lines(&self, name: &str) -> String {
        let start = if self.is_async { "async " } else { "" };
        let start = format!("  {start}{name} ({}) {{", self.parameters.join(", "));
        if let [only] = &*self.statements {
            let line = format!("{start} {only} }}\n");
            if !only.contains('\n') && line.len() <= WIDTH {
                return line;
            }
        }
        let body = self.statements.iter().flat_map(|statement| statement.lines());
        let body: String = body.map(|line| format!("    {line}\n")).collect();
        format!("{start}\n{body}  }}\n")
    }
}

// --- sessions -------------------------------------------------------------------------------------

fn sessions_method(verb: &SessionVerb, class: Class) -> Result<Method> {
    let takes_options = class.takes_signal(verb) || (verb.node.lenient && class != Class::View);
    let parameters = parameters(verb, takes_options);
    let change = Change::new(verb)?;
    let received = Received::new(verb, class);
    // A call with options checks them first, and has its own place for what comes before.
    let mut statements = Vec::new();
    let call = if class.takes_signal(verb) {
        received.promised(&format!("callWith(this, options, {}", start(verb, &change)?))
    } else {
        let number = match class {
            Class::View | Class::Manager => "this.#number",
            Class::Session => "readableNumber(this)",
            Class::LazySession => "numberOf(this)",
        };
        let native = native_call(verb, number, &change)?;
        statements.extend(change.before.clone());
        let status = match &change.after {
            Some(after) if verb.asks == Asks::Never => {
                statements.push(format!("answer({native})"));
                statements.push(after.clone());
                statements.extend(received.forget.clone());
                return Ok(Method { is_async: false, parameters, statements });
            }
            // What was put is tracked before the answer is there.
            Some(after) => {
                statements.extend([format!("const status = {native}"), after.clone()]);
                "status".to_owned()
            }
            None => native,
        };
        match class {
            Class::View | Class::Manager => Call::Now(format!("answer({status})")),
            Class::Session => received.now(&format!("answerNow({status})")),
            Class::LazySession => received.promised(&format!("call(this, {status}")),
        }
    };
    // A promise reports what is thrown before there is one, too.
    let checks = !class.takes_signal(verb) && (!statements.is_empty() || encodes(verb));
    let is_async = class.promises(verb) && (checks || matches!(call, Call::Awaited(..)));
    match (call, verb.answer) {
        (Call::Now(call), SessionAnswer::Done) => {
            statements.push(call);
            statements.extend(received.forget);
        }
        (Call::Now(call) | Call::Awaited(call), _) => match received.forget {
            Some(forget) => {
                let answered = format!("const answered = {call}");
                statements.extend([answered, forget, "return answered".to_owned()]);
            }
            None => statements.push(format!("return {call}")),
        },
        (Call::Promise(call), _) => statements.push(format!("return {call}")),
    }
    Ok(Method { is_async, parameters, statements })
}

fn parameters(verb: &SessionVerb, takes_options: bool) -> Vec<String> {
    let positional = positional(verb).map(|argument| {
        let name = argument_name(verb, argument);
        match argument.default.filter(|_| argument.kind != SessionKind::Limit) {
            Some(default) => format!("{name} = {default}"),
            None => name,
        }
    });
    positional.chain(takes_options.then(|| "options".to_owned())).collect()
}

/// Whether an argument is encoded in JavaScript, which may fail.
fn encodes(verb: &SessionVerb) -> bool {
    verb.arguments.iter().any(|argument| is_pair(argument) || argument.kind == SessionKind::Map)
}

/// The native part takes it as it is or as JSON.
fn is_pair(argument: &SessionArgument) -> bool {
    matches!(
        argument.kind,
        SessionKind::Value | SessionKind::Item | SessionKind::OptionalValue | SessionKind::Integer
    )
}

/// What a verb does to tracked values around its native call.
struct Change {
    before: Vec<String>,
    /// The JSON of a value has a name: it is used twice, or not always made.
    has_json: bool,
    after: Option<String>,
}

impl Change {
    fn new(verb: &SessionVerb) -> Result<Self> {
        let mut before = Vec::new();
        match first_puts(verb) {
            Some(Tracked::Key) => before.push(format!("putChanged(this, {})", key(verb)?)),
            Some(Tracked::All) => before.push("putChanged(this)".to_owned()),
            Some(Tracked::Stale) => {
                return Err(format!("{}: what is stale is not put", verb.name).into());
            }
            None => {}
        }
        let tracked = verb.tracks == Some(Tracks::Argument);
        let value = verb.arguments.iter().find(|argument| is_pair(argument));
        let has_json =
            value.is_some_and(|value| tracked || value.kind == SessionKind::OptionalValue);
        let mut after = None;
        if let Some(value) = value.filter(|_| has_json) {
            let (key, name) = (key(verb)?, argument_name(verb, value));
            let is_optional = value.kind == SessionKind::OptionalValue;
            let unless = if is_optional {
                format!("{name} === undefined ? undefined : ")
            } else {
                String::new()
            };
            before.push(format!("const json = {unless}encode({name}, {key})"));
            after = tracked.then(|| format!("trackPut(this, {key}, {name}, json)"));
        }
        Ok(Change { before, has_json, after })
    }
}

fn first_puts(verb: &SessionVerb) -> Option<Tracked> {
    verb.node.first_puts.or(verb.first_puts)
}

/// The parameter that names the value.
fn key(verb: &SessionVerb) -> Result<String> {
    let named = |one: &&SessionArgument| matches!(one.kind, SessionKind::Key | SessionKind::Name);
    match verb.arguments.iter().find(named) {
        Some(argument) => Ok(argument_name(verb, argument)),
        None => Err(format!("{}: it has a value, but no key", verb.name).into()),
    }
}

fn native_call(verb: &SessionVerb, number: &str, change: &Change) -> Result<String> {
    let values = positional(verb).map(|argument| native_value(verb, argument, change));
    let values = std::iter::once(Ok(number.to_owned())).chain(values);
    let values = values.collect::<Result<Vec<String>>>()?;
    Ok(format!("native.{}({})", camel_case(&native_name(verb)), values.join(", ")))
}

fn native_value(verb: &SessionVerb, argument: &SessionArgument, change: &Change) -> Result<String> {
    let name = argument_name(verb, argument);
    if argument.kind == SessionKind::Map {
        let is_lenient = if verb.node.lenient { "isLenient(options)" } else { "false" };
        return Ok(format!("encodeAll({name}, {is_lenient})"));
    }
    Ok(match is_pair(argument) {
        true if change.has_json => format!("{name}, json"),
        true => format!("{name}, encode({name}, {})", key(verb)?),
        false => name,
    })
}

/// The function that starts a call with options.
fn start(verb: &SessionVerb, change: &Change) -> Result<String> {
    if change.before.is_empty() && positional(verb).next().is_none() {
        return Ok(format!("native.{}", camel_case(&native_name(verb))));
    }
    let native = native_call(verb, "session", change)?;
    if change.before.is_empty() {
        return Ok(format!("(session) => {native}"));
    }
    let mut lines = change.before.clone();
    match &change.after {
        Some(after) => {
            lines.extend([format!("const status = {native}"), after.clone()]);
            lines.push("return status".to_owned());
        }
        None => lines.push(format!("return {native}")),
    }
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    Ok(format!("(session) => {{\n{lines}}}"))
}

/// An expression for what a method gives.
enum Call {
    Now(String),
    Promise(String),
    /// Waits for a promise within it.
    Awaited(String),
}

/// What is done with an answer.
struct Received {
    /// The function that the program's values go through. It may run code of the program, which
    /// must not be done while answers are read: so it waits for the promise.
    tracked: Option<String>,
    /// The function that converts other answers.
    shape: Option<&'static str>,
    /// What is no longer tracked.
    forget: Option<String>,
    is_done: bool,
}

impl Received {
    fn new(verb: &SessionVerb, class: Class) -> Self {
        let key = key(verb).unwrap_or_default();
        let tracked = match (verb.answer, verb.tracks) {
            (SessionAnswer::Value, Some(Tracks::Answer)) => Some(format!("track(this, {key}, ")),
            (SessionAnswer::Value, Some(Tracks::Released)) => {
                Some(format!("release(this, {key}, "))
            }
            (SessionAnswer::Values, Some(Tracks::Answer)) => Some("trackAll(this, ".to_owned()),
            _ => None,
        };
        let shape = match verb.answer {
            SessionAnswer::Value if tracked.is_none() => Some("copy"),
            SessionAnswer::Values if tracked.is_none() => Some("copies"),
            SessionAnswer::Json => Some("decode"),
            SessionAnswer::Expiry | SessionAnswer::Choice | SessionAnswer::Timeout => {
                Some("orNull")
            }
            SessionAnswer::Done
            | SessionAnswer::Is
            | SessionAnswer::Live
            | SessionAnswer::Flag
            | SessionAnswer::Value
            | SessionAnswer::Values
            | SessionAnswer::Keys
            | SessionAnswer::Token
            | SessionAnswer::Subject
            | SessionAnswer::Instant
            | SessionAnswer::Session
            | SessionAnswer::NewSession
            | SessionAnswer::Page
            | SessionAnswer::Result
            | SessionAnswer::Begun
            | SessionAnswer::Finished => None,
        };
        let is_released = verb.tracks == Some(Tracks::Released);
        let forget = match verb.node.forgets.or(verb.forgets) {
            // A listed session that cannot be decoded has nothing left that could not.
            Some(Tracked::All) if class.takes_signal(verb) && verb.asks == Asks::Always => {
                Some("forgetAll(this)".to_owned())
            }
            Some(Tracked::All) => Some("untrackAll(this)".to_owned()),
            Some(Tracked::Key) if !is_released => Some(format!("untrack(this, {key})")),
            // What is stale is seen when it is read.
            Some(Tracked::Key | Tracked::Stale) | None => None,
        };
        Received { tracked, shape, forget, is_done: verb.answer == SessionAnswer::Done }
    }

    /// With the answer of a call that is never pending.
    fn now(&self, answer: &str) -> Call {
        Call::Now(match (&self.tracked, self.shape) {
            (Some(tracked), _) => format!("{tracked}{answer})"),
            (None, Some("orNull")) => format!("{answer} ?? null"),
            (None, Some(shape)) => format!("{shape}({answer})"),
            (None, None) => answer.to_owned(),
        })
    }

    /// With the beginning of a call that gives a promise, which takes a shape last. Where it is not
    /// awaited, the shape forgets.
    fn promised(&self, call: &str) -> Call {
        if let Some(tracked) = &self.tracked {
            return Call::Awaited(format!("{tracked}await {call}))"));
        }
        let shape = match (&self.forget, self.shape) {
            (None, None) => return Call::Promise(format!("{call})")),
            (None, Some(shape)) => shape.to_owned(),
            (Some(forget), _) if self.is_done => format!("() => {forget}"),
            (Some(forget), shape) => {
                let answered = shape.map_or("answered".to_owned(), |it| format!("{it}(answered)"));
                format!("(answered) => {{\n  {forget}\n  return {answered}\n}}")
            }
        };
        Call::Promise(format!("{call}, {shape})"))
    }
}

// --- managers -------------------------------------------------------------------------------------

fn managers_method(verb: &SessionVerb) -> Result<Method> {
    let is_page = has(verb, SessionKind::After);
    let values = positional(verb).map(|argument| {
        let name = argument_name(verb, argument);
        let is_target = argument.kind == SessionKind::Token && verb.key_request.is_some();
        if is_target { format!("target({name})") } else { name }
    });
    let values: Vec<String> = values.chain(is_page.then(|| "after".to_owned())).collect();
    let native = format!("native.{}", camel_case(&native_name(verb)));
    let values = values.join(", ");
    let expression = match (verb.answer, &*verb.arguments) {
        (SessionAnswer::NewSession, [_]) => {
            format!("new Session(INTERNAL, this.#context, {native}, {values})")
        }
        (SessionAnswer::Result, [SessionArgument { kind: SessionKind::Session, .. }]) => {
            format!(
                "this.#commit({values}, options, (manager, number) => {native}(manager, number))"
            )
        }
        (SessionAnswer::Page, _) if is_page => {
            format!("this.#page(options, (manager, after) =>\n  {native}(manager, {values}))")
        }
        (SessionAnswer::Session, _) => {
            format!("this.#call(options, (manager) =>\n  {native}(manager, {values}), this.#one)")
        }
        (
            SessionAnswer::Done
            | SessionAnswer::Is
            | SessionAnswer::Live
            | SessionAnswer::Flag
            | SessionAnswer::Keys
            | SessionAnswer::Token
            | SessionAnswer::Subject
            | SessionAnswer::Instant,
            _,
        ) => {
            let values = if values.is_empty() { values } else { format!(", {values}") };
            format!("this.#call(options, (manager) =>\n  {native}(manager{values}))")
        }
        (other, _) => {
            return Err(format!("{}: no manager of Node gives {other:?}", verb.name).into());
        }
    };
    let line = format!("return {}", expression.replace("\n ", ""));
    let fits = line.len() + 4 <= WIDTH;
    let statement = if fits { line } else { format!("return {expression}") };
    let parameters = parameters(verb, verb.asks == Asks::Always);
    Ok(Method { is_async: false, parameters, statements: vec![statement] })
}
