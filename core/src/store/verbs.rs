//! The verbs as methods of the asynchronous and the blocking store, from the table in `verb_table`.

use crate::protocol::clock::Expiry;
use crate::protocol::error::{Error, Result};
use crate::protocol::record::{CheckIssue, Content, Outcome, Page, Record};
use crate::protocol::request::{Answer, Request};
use crate::protocol::token::{Key, Target};

use super::verb_table::verbs;

macro_rules! asynchronous {
    ($($(#[$doc:meta])* fn $name:ident[$($life:lifetime),*]($($arg:ident: $of:ty),*) -> $out:ty {
        $request:expr => $answer:pat => $value:expr
    })*) => {
        impl crate::store::Store {
            $($(#[$doc])* pub async fn $name<$($life),*>(&self, $($arg: $of),*) -> Result<$out> {
                match self.call($request).await? {
                    $answer => Ok($value),
                    other => Err(mismatch(&other)),
                }
            })*
        }
    };
}

macro_rules! waiting {
    ($($(#[$doc:meta])* fn $name:ident[$($life:lifetime),*]($($arg:ident: $of:ty),*) -> $out:ty {
        $request:expr => $answer:pat => $value:expr
    })*) => {
        impl crate::store::blocking::Store {
            $($(#[$doc])* pub fn $name<$($life),*>(&self, $($arg: $of),*) -> Result<$out> {
                match self.call($request)? {
                    $answer => Ok($value),
                    other => Err(mismatch(&other)),
                }
            })*
        }
    };
}

verbs!(asynchronous);
verbs!(waiting);

fn mismatch(_: &Answer) -> Error {
    Error::internal("the answer does not fit the question")
}
