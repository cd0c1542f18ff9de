//! What Go's `encoding/gob` writes: the document of SCS v2 ([`scs`]) and that of beego ([`beego`]).
//!
//! A document is a row of messages ([`wire`]): definitions of types ([`types`]), and one value.
//! Everything is checked when it is read ([`walk`]), and what is in it stays as bytes, free of
//! definitions ([`kept`]), until it is read ([`decode`]). What is put in is written as the
//! Go type that was there ([`former`], [`typed`]), or as one that every Go program
//! can read ([`write`](mod@write), [`names`]).

mod beego;
mod compose;
mod decode;
mod definition;
mod former;
mod kept;
mod names;
mod scs;
mod time;
mod typed;
mod types;
mod walk;
mod wire;
mod write;

pub(super) use beego::{decode as decode_beego, encode as encode_beego};
pub(super) use kept::{GobOrigin, Kept};
pub(crate) use names::Registered;
pub(super) use scs::{decode as decode_scs, encode as encode_scs};

use crate::protocol::error::{Error, ErrorKind};

#[cold]
fn corrupt(what: &str) -> Error {
    let message = format!("what is stored for the session is no gob that Go would read: {what}");
    Error::new(ErrorKind::Corrupt, message)
}
