//! The verbs in Node: the native functions, the methods of `Store` and of sessions, and their types.

mod session;

mod options;

use std::fmt::Write;

use crate::Result;

use super::api::{Answer, Api, Argument, Kind, Verb};
use super::options::Options;
use super::session::SessionApi;
use super::text::{Spelling, camel_case, failures, wrapped};
use super::{BEGIN, Extent, File};

const SPELLING: Spelling = Spelling {
    verb: |name| format!("`{}`", camel_case(name)),
    error: |name| format!("`{name}`"),
    option: |name| format!("`{}`", camel_case(name)),
    argument: |name| format!("`{}`", argument_name(name)),
    yes: "`true`",
    no: "`false`",
    none: "`null`",
};

const WIDTH: usize = 100;

pub(super) fn files(api: &Api, options: &Options, sessions: &SessionApi) -> Result<Vec<File>> {
    let all = |each: fn(&Verb) -> Result<String>, between: &str| -> Result<String> {
        let verbs: Result<Vec<String>> = api.verbs.iter().map(each).collect();
        Ok(verbs?.join(between))
    };
    let mut files = vec![
        File {
            path: "bindings-node/src/verbs.rs",
            extent: Extent::Whole,
            text: native_file(&all(native_function, "\n")?, api),
        },
        File {
            path: "bindings-node/lib/store.js",
            extent: Extent::Part(BEGIN),
            text: all(method, "\n")? + "\n",
        },
        File {
            path: "bindings-node/lib/option_names.js",
            extent: Extent::Whole,
            text: option_names_file(&api.verbs),
        },
        File {
            path: "bindings-node/index.d.ts",
            extent: Extent::Part(BEGIN),
            text: all(declaration, "\n")? + "\n",
        },
    ];
    files.extend(session::files(sessions)?);
    files.extend(self::options::files(options)?);
    Ok(files)
}

/// The name in JavaScript of an argument.
fn argument_name(name: &str) -> String {
    match name {
        "old" | "new" => format!("{name}Token"),
        "expires_at" => "expires".to_owned(),
        _ => camel_case(name),
    }
}

/// What is passed in its place, and what is passed by name in the last argument.
struct Parameters {
    positional: Vec<Parameter>,
    named: Vec<Parameter>,
}

struct Parameter {
    name: String,
    /// Of its TypeScript declaration.
    of: String,
    /// How JavaScript hands it to the native function.
    value: String,
}

impl Parameters {
    fn new(verb: &Verb) -> Self {
        let (mut positional, mut named) = (Vec::new(), Vec::new());
        for argument in &verb.arguments {
            let name = argument_name(&argument.name);
            let parameter = |of: &str, value: String| Parameter {
                name: name.clone(),
                of: of.to_owned(),
                value,
            };
            let plain = |name: &str, of: &str| Parameter {
                name: name.to_owned(),
                of: of.to_owned(),
                value: name.to_owned(),
            };
            let content = || [plain("data", "Data"), plain("expires", "Expires")];
            let subject = || plain("subject", "string | null | undefined");
            let maybe = || format!("targetOrNothing({name})");
            match argument.kind {
                Kind::Target => {
                    positional.push(parameter("string | Key", format!("target({name})")));
                }
                Kind::Targets => positional
                    .push(parameter("ReadonlyArray<string | Key>", format!("targets({name})"))),
                Kind::Rows => {
                    positional.push(parameter("readonly Row[]", format!("cells({name})")))
                }
                Kind::Data => positional.push(plain(&name, "Data")),
                Kind::Expiry => positional.push(plain(&name, "Expires")),
                Kind::Limit => positional.push(plain(&name, "number")),
                Kind::Text => positional.push(plain(&name, &text_type(argument))),
                Kind::Content => {
                    positional.extend(content());
                    named.push(subject());
                }
                Kind::OptionalContent => {
                    named.extend(content());
                    named.push(subject());
                }
                Kind::After => named.push(parameter("Key | null | undefined", maybe())),
                Kind::OptionalTarget => {
                    named.push(parameter("string | Key | null | undefined", maybe()));
                }
            }
        }
        Parameters { positional, named }
    }

    fn all(&self) -> impl Iterator<Item = &Parameter> {
        self.positional.iter().chain(&self.named)
    }
}

fn text_type(argument: &Argument) -> String {
    if argument.choices.is_empty() {
        return "string".to_owned();
    }
    let choices: Vec<String> =
        argument.choices.iter().map(|choice| format!("'{choice}'")).collect();
    choices.join(" | ")
}

/// The name by which JavaScript calls the native function. `clear` is a session's.
fn native_name(verb: &Verb) -> String {
    if verb.name == "clear" { "clearStore".to_owned() } else { camel_case(&verb.name) }
}

// --- bindings-node/src/verbs.rs -------------------------------------------------------------------

fn native_file(functions: &str, api: &Api) -> String {
    let mut text = format!(
        "//! The verbs of the store: arguments to a request.\n//!\n//! {BEGIN}\n\n\
         use sessio::operation::Request;\n\n\
         use crate::arguments::{{after, as_rows, as_targets, content, optional_content, rows, targets}};\n\
         use crate::call::{{Call, CallResult, NativeFunction, functions, run, whether_saved}};\n\n\
         pub(crate) const FUNCTIONS: &[NativeFunction] = functions! {{\n"
    );
    for verb in &api.verbs {
        let (native, name) = (native_name(verb), &verb.name);
        text.push_str(&format!("    c\"{native}\" => |call| run(call, {name}),\n"));
    }
    text.push_str("};\n\n");
    text + functions
}

fn native_function(verb: &Verb) -> Result<String> {
    let mut text = format!("fn {}(call: &Call<'_>) -> CallResult {{\n", verb.name);
    // JavaScript passes what has a place first, and then what it has names for. The first argument
    // is the store's number.
    let is_named = |argument: &&Argument| {
        matches!(argument.kind, Kind::OptionalContent | Kind::After | Kind::OptionalTarget)
    };
    let positional = verb.arguments.iter().filter(|argument| !is_named(argument));
    let mut index = 1;
    let mut values = Vec::new();
    for argument in positional.chain(verb.arguments.iter().filter(is_named)) {
        let (read, value) = converted(argument, index);
        writeln!(text, "    {read}")?;
        values.push((&argument.name, value));
        let is_content = matches!(argument.kind, Kind::Content | Kind::OptionalContent);
        // Data, expiry and subject.
        index += if is_content { 3 } else { 1 };
    }
    // The request has them in the order of the table.
    let place = |name: &String| verb.arguments.iter().position(|one| one.name == *name);
    values.sort_by_key(|(name, _)| place(name));
    let values: Vec<String> = values.into_iter().map(|(_, value)| value).collect();
    let values = match values.is_empty() {
        true => String::new(),
        false => format!("({})", values.join(", ")),
    };
    let request = format!("Request::{}{values}", verb.request);
    match verb.answer == Answer::Saved {
        true => writeln!(text, "    call.start_as({request}, whether_saved)")?,
        false => writeln!(text, "    call.start({request})")?,
    }
    text.push_str("}\n");
    Ok(text)
}

/// The line that reads an argument, and how it is handed on.
fn converted(argument: &Argument, at: usize) -> (String, String) {
    let (name, what) = (&argument.name, argument.what());
    let three =
        format!("call.argument({at}), call.argument({}), call.argument({})", at + 1, at + 2);
    match argument.kind {
        Kind::Target => (
            format!("let {name} = call.argument({at}).target(\"{what}\")?;"),
            format!("{name}.as_target()"),
        ),
        Kind::OptionalTarget => (
            format!("let {name} = call.argument({at}).optional_target(\"{what}\")?;"),
            format!("{name}.as_ref().map(|{name}| {name}.as_target())"),
        ),
        Kind::Targets => (
            format!("let {name} = targets(call.argument({at}), \"{what}\")?;"),
            format!("&as_targets(&{name})"),
        ),
        Kind::Rows => (
            format!("let {name} = rows(call.argument({at}), \"{what}\")?;"),
            format!("&as_rows(&{name})?"),
        ),
        Kind::Data => (
            format!("let {name} = call.argument({at}).bytes(\"{what}\")?;"),
            format!("{name}.as_bytes()"),
        ),
        Kind::Content => {
            (format!("let {name} = content({three})?;"), format!("{name}.as_content()?"))
        }
        Kind::OptionalContent => (
            format!("let {name} = optional_content({three})?;"),
            format!("{name}.as_ref().map(|{name}| {name}.as_content()).transpose()?"),
        ),
        Kind::Expiry => (format!("let {name} = call.argument({at}).expiry()?;"), name.clone()),
        Kind::After => {
            (format!("let {name} = after(call.argument({at}))?;"), format!("{name}.as_ref()"))
        }
        Kind::Limit => {
            (format!("let {name} = call.argument({at}).whole(\"{what}\")?;"), name.clone())
        }
        Kind::Text => (
            format!("let {name} = call.argument({at}).required_text(\"{what}\")?;"),
            format!("{name}.as_str(\"{what}\")?"),
        ),
    }
}

// --- bindings-node/lib/store.js -------------------------------------------------------------------

fn method(verb: &Verb) -> Result<String> {
    let parameters = Parameters::new(verb);
    let name = camel_case(&verb.name);
    let given: Vec<&str> =
        parameters.positional.iter().map(|one| &*one.name).chain(["options"]).collect();
    let given = given.join(", ");
    let names: Vec<&str> = parameters.named.iter().map(|one| &*one.name).collect();
    let chosen = match names.is_empty() {
        true => "(store)".to_owned(),
        false => format!("(store, {{ {} }})", names.join(", ")),
    };
    let call = |store: &str| {
        let values = parameters.all().map(|one| one.value.clone());
        let values: Vec<String> = std::iter::once(store.to_owned()).chain(values).collect();
        format!("native.{}({})", native_name(verb), values.join(", "))
    };
    let mut text = format!("  {name} ({given}) {{\n");
    if verb.node_shortcut {
        writeln!(
            text,
            "    // Every request needs it, and in memory it takes not much more than this call."
        )?;
        writeln!(
            text,
            "    if (options === undefined) return promise({}, this)",
            call("this.#number")
        )?;
    }
    let body = call("store");
    let run = format!("    return this.#run(options, optionNames.{name}, {chosen} =>");
    match run.len() + 1 + body.len() < WIDTH {
        true => writeln!(text, "{run} {body})")?,
        false => writeln!(text, "{run}\n      {body})")?,
    }
    text.push_str("  }\n");
    Ok(text)
}

// --- bindings-node/lib/option_names.js ------------------------------------------------------------

/// A file of its own, because what each call checks its options against is made once.
fn option_names_file(verbs: &[Verb]) -> String {
    let mut text = format!(
        "'use strict'\n// The options that each verb of a store takes.\n//\n// {BEGIN}\n\n\
         module.exports = {{\n"
    );
    let lines: Vec<String> = verbs.iter().map(option_names).collect();
    text.push_str(&lines.join(",\n"));
    text + "\n}\n"
}

fn option_names(verb: &Verb) -> String {
    let parameters = Parameters::new(verb);
    let names = parameters.named.iter().map(|one| &*one.name).chain(["signal"]);
    let names: Vec<String> = names.map(|name| format!("'{name}'")).collect();
    format!("  {}: [{}]", camel_case(&verb.name), names.join(", "))
}

// --- bindings-node/index.d.ts ---------------------------------------------------------------------

fn declaration(verb: &Verb) -> Result<String> {
    let parameters = Parameters::new(verb);
    let positional = parameters.positional.iter().map(|one| format!("{}: {}", one.name, one.of));
    let positional: Vec<String> = positional.collect();
    let out = format!("Promise<{}>", promised(verb.answer));
    let mut text = documentation(verb)?;
    for options in options_types(verb, &parameters) {
        let given: Vec<String> = positional.iter().cloned().chain([options]).collect();
        let (name, given) = (camel_case(&verb.name), given.join(", "));
        let line = format!("  {name} ({given}): {out}");
        if line.len() <= WIDTH {
            writeln!(text, "{line}")?;
        } else {
            writeln!(text, "  {name} (\n    {given}\n  ): {out}")?;
        }
    }
    Ok(text)
}

/// The declarations of the last argument: one, or one without and one with what belongs together.
fn options_types(verb: &Verb, parameters: &Parameters) -> Vec<String> {
    let has = |kind: Kind| verb.arguments.iter().any(|argument| argument.kind == kind);
    if has(Kind::Content) {
        return vec!["options?: Write".to_owned()];
    }
    if has(Kind::OptionalContent) {
        let content = "content: Write & { data: Data, expires: Expires }";
        return vec!["options?: Call".to_owned(), content.to_owned()];
    }
    if parameters.named.is_empty() {
        return vec!["options?: Call".to_owned()];
    }
    let fields: Vec<String> =
        parameters.named.iter().map(|one| format!("{}?: {}", one.name, one.of)).collect();
    vec![format!("options?: Call & {{ {} }}", fields.join(", "))]
}

fn promised(answer: Answer) -> &'static str {
    match answer {
        Answer::Done => "void",
        Answer::Is | Answer::Saved => "boolean",
        Answer::Outcome => "'saved' | 'conflict' | 'gone'",
        Answer::Record => "SessionRecord | null",
        Answer::Records => "Array<SessionRecord | null>",
        Answer::Count => "number",
        Answer::Page => "Page",
        Answer::Issues => "CheckIssue[]",
    }
}

fn documentation(verb: &Verb) -> Result<String> {
    let mut doc = verb.doc.clone();
    doc += "\n\n";
    doc += &failures(["Fails", "with "], verb.fails_as().as_deref(), verb.errors.as_deref());
    let doc = SPELLING.spell(doc.trim_end())?;
    Ok(comment(&doc))
}

/// A documentation comment of one line, or of as many as it needs.
fn comment(doc: &str) -> String {
    let line = format!("  /** {doc} */\n");
    match !doc.contains("\n\n") && line.chars().count() <= WIDTH {
        true => line,
        false => format!("  /**\n{}   */\n", wrapped(doc, "   * ", WIDTH)),
    }
}
