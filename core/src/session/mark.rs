//! What tells a write apart from another one that would store the same.
//!
//! A write whose answer was lost counts as done if the store holds what it was to store. Two
//! requests that increment one counter store the same bytes, so the one whose write was lost would
//! take the other's for its own, and of two that take one code both would have it. Writes that
//! depend on what was there therefore store a number that no other one has. It is kept beside the
//! values, in every codec.

use crate::codec::DecodedDocument;
use crate::protocol::error::{Error, Result};
use crate::protocol::token;
use crate::value::Value;

/// Its name, among those of the adapters' bookkeeping.
const NAME: &str = "sessio";

/// Gives the document a number of its own.
pub(super) fn mark(document: &mut DecodedDocument) -> Result<()> {
    let mut random = [0; 8];
    token::fill(&mut random)?;
    // What every codec keeps as an integer, JSON of other programs too.
    let number = i64::from_le_bytes(random) >> 11;
    document.extra.insert(NAME.to_owned(), Value::Int(number));
    Ok(())
}

/// `InvalidArgument` for the name that is taken.
pub(super) fn check_name(name: &str) -> Result<()> {
    match name {
        NAME => Err(Error::invalid(format!(
            "the name {NAME:?} is sessio's own: choose one that begins with your framework's"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_documents_are_told_apart_and_hold_one_number() {
        let (mut one, mut other) = (DecodedDocument::default(), DecodedDocument::default());
        mark(&mut one).unwrap();
        mark(&mut other).unwrap();
        assert!(one != other && one.extra.len() == 1);
        let first = one.extra.clone();
        mark(&mut one).unwrap();
        assert!(one.extra != first && one.extra.len() == 1);
    }
}
