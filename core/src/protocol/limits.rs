//! How much one call may ask for.

use crate::protocol::error::{Error, Result};
use crate::protocol::record::MAX_SUBJECT_CHARS;
use crate::protocol::token::KEY_PREFIX;

/// A list has at most so many entries, a bulk call so many parts.
pub(crate) const MAX_PAGE: usize = 1000;
pub(crate) const MAX_MANY: usize = 10_000;
pub(crate) const MAX_ROUND: usize = 100_000;

/// `width` is how long a token may be that is stored as it is.
pub(crate) fn no_token(width: usize) -> Error {
    Error::invalid_with(
        "this cannot be stored as a token: with {option hash_tokens} it must have 1 to 4096 bytes, \
         without it 1 to {} ASCII characters and no space at the end; and it must not begin as \
         keys of listed sessions do, with {}",
        &[&width, &format_args!("{KEY_PREFIX:?}")],
    )
}

pub(crate) fn check_limit(limit: usize, most: usize) -> Result<()> {
    if (1..=most).contains(&limit) {
        return Ok(());
    }
    Err(Error::invalid(format!("the limit must be between 1 and {most}")))
}

pub(crate) fn check_subject(subject: &str) -> Result<()> {
    let fits = !subject.is_empty() && subject.chars().count() <= MAX_SUBJECT_CHARS;
    // The column's collation cannot tell a trailing space from none.
    if fits && !subject.ends_with(' ') {
        return Ok(());
    }
    Err(Error::invalid("a subject must have 1 to 255 characters and not end with a space"))
}
