//! What every part speaks: sessions as they are stored, requests and their answers, and the
//! commands that a backend does.

pub(crate) mod clock;
pub(crate) mod command;
pub(crate) mod error;
pub(crate) mod join;
pub(crate) mod limits;
pub(crate) mod marker;
pub(crate) mod message;
pub(crate) mod record;
pub(crate) mod request;
pub(crate) mod stored;
pub(crate) mod token;
