//! The documentation of a session's verbs in C.

use crate::Result;

use super::super::super::session::{Asks, Owner, SessionApi, SessionVerb};
use super::super::super::text::{self, Spelling};
use super::answer::Returned;
use super::argument::{form_phrase, note};
use super::{Export, Passed, owner};

/// The names of verbs are spelled before: they are in the table.
const SPELLING: Spelling = Spelling { verb: str::to_owned, ..super::super::SPELLING };

/// What is said of the function that waits.
pub(super) fn waiting(
    export: &Export<'_>,
    returned: &Returned,
    table: &SessionApi,
) -> Result<String> {
    let verb = export.verb;
    let text = match export.passed {
        Passed::Removed => {
            format!("Removes what {} has set, if it is there.", function_name(verb))
        }
        Passed::As(form) if verb.c.forms.first().is_some_and(|first| first != form) => {
            in_form(export, form, table)?
        }
        Passed::As(_) | Passed::Nothing => whole(export, returned)?,
    };
    spell(&text, table)
}

/// What is said of the first function of a verb, or of its only one.
fn whole(export: &Export<'_>, returned: &Returned) -> Result<String> {
    let verb = export.verb;
    let mut text = verb.c.doc.clone().unwrap_or_else(|| {
        let notes = verb.arguments.iter().map(note);
        verb.doc.clone() + &notes.collect::<String>()
    });
    if let (Passed::As(form), true) = (export.passed, has_many_forms(verb)) {
        text += &format!(" The {} is {}.", value_name(verb), form_phrase(form)?);
    }
    if let Some(also) = &verb.c.also {
        text += &format!(" {also}");
    }
    text += &returned.note();
    let last: Vec<String> =
        [asks(verb).map(str::to_owned), failures(verb)].into_iter().flatten().collect();
    if !last.is_empty() {
        text += &format!("\n\n{}", last.join(" "));
    }
    Ok(text)
}

/// What is said of the function that takes the value in another form than the first.
fn in_form(export: &Export<'_>, form: &str, table: &SessionApi) -> Result<String> {
    let verb = export.verb;
    let first = verb.c.forms.first().map_or("", String::as_str);
    let mut text = format!(
        "sessio_{}_{}_{first}() with {}",
        export.owner(),
        verb.c_name(),
        form_phrase(form)?
    );
    let other = verb.errors_as.as_ref().and_then(|other| find(table, other));
    if let Some(other) = other.filter(|other| other.c.form_docs.contains_key(form)) {
        text += &format!(", as sessio_{}_{}_{form}() takes it", owner(other), other.c_name());
    }
    text.push('.');
    if let Some(own) = verb.c.form_docs.get(form) {
        text += &format!(" {own}");
    }
    Ok(text)
}

fn has_many_forms(verb: &SessionVerb) -> bool {
    verb.c.forms.len() > 1
}

/// The name of the argument that has forms.
fn value_name(verb: &SessionVerb) -> &str {
    verb.arguments.last().map_or("value", |argument| &argument.name)
}

/// When the store is asked, which the conventions in `sessio.h` refer to.
fn asks(verb: &SessionVerb) -> Option<&'static str> {
    match verb.c.asks.unwrap_or(verb.asks) {
        Asks::Always => Some("Asks the store."),
        Asks::First => Some("Loads the session."),
        Asks::Never if verb.of == Owner::Manager => Some("Does not ask the store."),
        Asks::Never => None,
    }
}

/// How the function fails, beside the ways that the conventions in `sessio.h` name.
fn failures(verb: &SessionVerb) -> Option<String> {
    // Where a verb has a function for each form these say how they fail.
    let own = verb.c.errors.as_ref().or(verb.errors.as_ref());
    let own = own.filter(|_| verb.c.form_docs.is_empty());
    let other = verb.errors_as.as_ref().filter(|_| !has_many_forms(verb));
    let other = other.map(|other| format!("{{verb {other}}}"));
    let fails = text::failures(["Fails", "with "], other.as_deref(), own.map(String::as_str));
    (!fails.is_empty()).then_some(fails)
}

/// What is said of the function that submits to a queue. What holds for all of them is said of
/// `sessio_queue`.
pub(super) fn submitting(export: &Export<'_>) -> String {
    let also = export.verb.c.queue_doc.as_ref().map(|also| format!(" {also}"));
    format!("Submits {}().{}", export.full_name(), also.unwrap_or_default())
}

// --- names ----------------------------------------------------------------------------------------

fn find<'a>(table: &'a SessionApi, path: &str) -> Option<&'a SessionVerb> {
    table.verbs.iter().find(|verb| verb.path() == path)
}

/// The function that a text means by a verb: the one that takes any value, of several.
fn function_name(verb: &SessionVerb) -> String {
    let form = verb.c.forms.last().filter(|_| has_many_forms(verb));
    let form = form.map(|form| format!("_{form}"));
    format!("sessio_{}_{}{}()", owner(verb), verb.c_name(), form.unwrap_or_default())
}

/// The text as C has it.
fn spell(text: &str, table: &SessionApi) -> Result<String> {
    let mut parts = text.split("{verb ");
    let mut named = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (path, after) =
            part.split_once('}').ok_or_else(|| format!("a brace stays open in: {text}"))?;
        named += &match (find(table, path), path.strip_prefix("store.")) {
            (Some(verb), _) => function_name(verb),
            (None, Some(name)) => format!("sessio_store_{name}()"),
            (None, None) => return Err(format!("there is no verb {path}, as in: {text}").into()),
        };
        named += after;
    }
    SPELLING.spell(&named)
}
