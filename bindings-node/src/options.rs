//! Options by their JavaScript names.

use sessio::Error;
use sessio::operation::unknown_option;

use crate::arguments::{JsValue, invalid};

/// Sets the options of one flat array: a camelCase name, a value as text, the next name, … `others`
/// are options of JavaScript alone, for the error that lists all.
pub(crate) fn set_each(
    options: JsValue<'_>,
    names: &[&str],
    others: &[&str],
    mut set: impl FnMut(&str, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    for option in options.elements()?.chunks(2) {
        let [name, value] = *option else { return Err(invalid("an option needs a value")) };
        let (name, value) = (name.required_text("the name")?, value.required_text("the value")?);
        let (name, value) = (name.as_str("the name")?, value.as_str("the value")?);
        match names.iter().find(|known| camel_case(known) == name) {
            Some(known) => set(known, value)?,
            None => return Err(unknown_option(name, &[names, others].concat())),
        }
    }
    Ok(())
}

/// `hashTokens` for `hash_tokens`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}
