//! What is stored for a session, as data: for programs that move sessions in or out, and for those
//! that keep their sessions in a [`Store`](crate::Store) without a
//! [`SessionManager`](crate::SessionManager).
//!
//! ```
//! # async fn example() -> sessio::Result<()> {
//! use std::time::Duration;
//! use sessio::document::{self, Document};
//! use sessio::{Codec, Expiry, SessionManager, Store, Token, Value};
//!
//! let store = Store::open("memory:")?;
//! let mut moved_in = Document::default();
//! moved_in.values.insert("user".to_owned(), Value::Int(7));
//! let data = document::encode(&moved_in, Codec::Json)?;
//! assert_eq!(data, br#"{"values":{"user":7}}"#);
//!
//! // A document without a deadline ends with its row.
//! let token = Token::generate()?;
//! store.save(&token, &data, Expiry::after(Duration::from_secs(3600))).await?;
//! let session = SessionManager::new(store.clone()).load(Some(token.as_str()));
//! assert_eq!(session.get::<i64>("user").await?, Some(7));
//!
//! let record = store.find(&token).await?.expect("it was just saved");
//! assert_eq!(document::decode(&record.data, Codec::Json)?, moved_in);
//! # Ok(()) }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
//! ```

use std::fmt;
use std::time::Duration;

use crate::codec::{self, Codec, Registered};
use crate::protocol::clock::Timestamp;
use crate::protocol::clock::duration_micros;
use crate::protocol::error::Result;
use crate::value::Map;

/// A session's document. `Debug` prints no values.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// The values by name.
    pub values: Map,
    /// Values for the next request that asks for them.
    pub flash: Map,
    /// When the session ends at the latest. A document that does not say it ends with its row.
    pub deadline: Option<Timestamp>,
    /// The deadline was set, and no touch moves it. The documents of Go programs do not say this.
    pub fixed: bool,
    /// Whether the cookie outlives the browser, if that was said.
    pub remember: Option<bool>,
    /// The idle timeout of this session alone, if it has one; zero is none at all.
    pub idle_timeout: Option<Duration>,
    /// What adapters of frameworks keep beside the values.
    pub extra: Map,
    /// Members that this version does not know are written back.
    other: Map,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("values", &self.values.len())
            .field("flash", &self.flash.len())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// The bytes that a manager with this codec stores for a session.
///
/// # Errors
/// `InvalidArgument` for what the codec has no spelling for: times outside the years 1 to 9999,
/// more than 64 lists and maps within one another, an idle timeout of more than 200,000 years, and
/// for the codecs of Go programs whatever needs a type that they must have registered.
pub fn encode(document: &Document, codec: Codec) -> Result<Vec<u8>> {
    let idle = document.idle_timeout.map(duration_micros).transpose()?;
    let document = codec::DecodedDocument {
        deadline: document.deadline.map(Timestamp::as_micros),
        values: document.values.clone().into(),
        flash: document.flash.clone(),
        remember: document.remember,
        idle,
        fixed: document.fixed,
        extra: document.extra.clone(),
        other: document.other.clone(),
        ..codec::DecodedDocument::default()
    };
    codec.encode(&document, Registered::NONE)
}

/// What such bytes hold. Of the document of a Go program only what is a value: which Go types they
/// had, and what only Go can name, is not kept. A manager keeps both.
///
/// # Errors
/// `Corrupt` for what no program has written with this codec.
pub fn decode(data: &[u8], codec: Codec) -> Result<Document> {
    let document = codec.decode(data)?;
    Ok(Document {
        values: document.values.to_map()?,
        flash: document.flash,
        deadline: document.deadline.map(Timestamp::from_micros),
        fixed: document.fixed,
        remember: document.remember,
        idle_timeout: document.idle.map(|micros| Duration::from_micros(micros.unsigned_abs())),
        extra: document.extra,
        other: document.other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_in_every_codec() {
        let map = |name: &str| Map::from([(name.to_owned(), 7.into())]);
        for codec in [Codec::Json, Codec::MsgPack, Codec::Gob, Codec::ScsV1, Codec::Beego] {
            let tells = codec.tells_deadlines_apart();
            let document = Document {
                values: map("user"),
                flash: map("note"),
                deadline: (codec != Codec::Beego)
                    .then(|| Timestamp::from_micros(1_704_067_200_000_000)),
                fixed: tells,
                remember: Some(false),
                idle_timeout: Some(Duration::from_secs(600)),
                extra: map("express"),
                other: if tells { map("later") } else { Map::new() },
            };
            let back = decode(&encode(&document, codec).unwrap(), codec).unwrap();
            assert!(back == document, "{codec:?}: {back:?}");
        }
    }

    #[test]
    fn an_idle_timeout_that_no_document_can_hold_is_refused() {
        let document = Document { idle_timeout: Some(Duration::MAX), ..Document::default() };
        assert!(encode(&document, Codec::Json).is_err());
    }
}
