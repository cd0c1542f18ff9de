//! Options by their JavaScript names, and messages in JavaScript's spelling.

use std::borrow::Cow;

use sessio::Error;
use sessio::operation::{STORE_OPTIONS, session_options, unknown_option};

use crate::arguments::{JsValue, invalid};

/// Sets the options of one flat array: a camelCase name, a value as text, the next name, … `others`
/// are options of JavaScript alone, for the error that lists all.
pub(crate) fn set_each(
    options: JsValue<'_>,
    names: &[&'static str],
    others: &[&str],
    mut set: impl FnMut(&str, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    for option in options.elements()?.chunks(2) {
        let [name, value] = *option else { return Err(invalid("an option needs a value")) };
        let (name, value) = (name.required_text("the name")?, value.required_text("the value")?);
        let (name, value) = (name.as_str("the name")?, value.as_str("the value")?);
        match names.iter().find(|known| camel_case(known) == name) {
            Some(known) => set(known, value)?,
            None => {
                let names: Vec<_> = names.iter().map(|known| camel_case(known)).collect();
                let names: Vec<_> =
                    names.iter().map(String::as_str).chain(others.to_vec()).collect();
                return Err(unknown_option(name, &names));
            }
        }
    }
    Ok(())
}

/// `hashTokens` for `hash_tokens`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

/// The message with the names of options as JavaScript spells them. A message about a URL stays as
/// it is, because URLs have the names with underscores in every language.
pub(crate) fn in_camel_case(message: &str) -> Cow<'_, str> {
    if !message.contains('_') || message.starts_with("the URL") {
        return Cow::Borrowed(message);
    }
    let names = [STORE_OPTIONS.to_vec(), session_options()].concat();
    let mut spelled = String::with_capacity(message.len());
    let mut rest = message;
    while !rest.is_empty() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        // In backticks it is a name in the database.
        if names.contains(&word) && !spelled.ends_with('`') {
            spelled.push_str(&camel_case(word));
        } else {
            spelled.push_str(word);
        }
        let next = after.find(is_word).unwrap_or(after.len());
        spelled.push_str(&after[..next]);
        rest = &after[next..];
    }
    Cow::Owned(spelled)
}
