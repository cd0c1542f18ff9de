//! What Go programs have written, read and written back.

use super::*;
use crate::value::parse_instant;

/// A vector of `tests/gob_vectors.json`.
pub(super) struct Vector {
    pub(super) name: String,
    pub(super) codec: Codec,
    pub(super) bytes: Vec<u8>,
    values: Value,
    deadline: Option<i64>,
    remember: Option<bool>,
}

pub(super) fn vectors() -> Vec<Vector> {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/gob_vectors.json")).unwrap();
    let vector = |vector: &serde_json::Value| {
        let text = |member: &str| vector[member].as_str().unwrap();
        let name = text("name").to_owned();
        let codec = if name.starts_with("beego") { Codec::Beego } else { Codec::Gob };
        Vector {
            name,
            codec,
            bytes: unhex(text("hex")),
            values: Value::from_json(&vector["values"].to_string()).unwrap(),
            deadline: vector["deadline"].as_str().map(|at| parse_instant(at).unwrap().as_micros()),
            remember: vector["remember"].as_bool(),
        }
    };
    file["vectors"].as_array().unwrap().iter().map(vector).collect()
}

/// What the document keeps of each value, as bytes.
fn kept(document: &Document) -> Vec<Vec<u8>> {
    let slots = document.values.slots().values();
    slots.map(|slot| slot.stored_gob().unwrap().to_vec()).collect()
}

#[test]
fn what_go_wrote_is_read_and_written_back() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 27);
    for Vector { name, codec, bytes, values, deadline, remember } in vectors {
        let document = codec.decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = Value::Map(document.values.to_map().unwrap());
        assert_eq!(found.to_json().unwrap(), values.to_json().unwrap(), "{name}");
        assert_eq!((document.deadline, document.remember), (deadline, remember), "{name}");
        let written = codec.encode(&document, NONE).unwrap();
        for value in kept(&document) {
            assert!(written.windows(value.len()).any(|part| part == value), "{name}");
        }
        let again = codec.decode(&written).unwrap();
        assert!(again.values == document.values && kept(&again) == kept(&document), "{name}");
        assert_eq!(again.remember, remember, "{name}");
        // A session of SCS always says when it ends.
        let never = (codec == Codec::Gob).then_some(crate::clock::NEVER);
        assert_eq!(again.deadline, deadline.or(never), "{name}");
        assert_eq!(hex(&codec.encode(&again, NONE).unwrap()), hex(&written), "{name}");
    }
}

#[test]
fn what_needs_no_change_is_written_as_go_writes_it() {
    for Vector { name, codec, bytes, .. } in vectors() {
        // Where Go wrote definitions within the value, or left something out, ours are in front.
        let same = ["scs empty", "scs string", "scs int64", "scs bool", "scs deadline +02:00"]
            .contains(&&name[..])
            || ["beego string", "beego int:int", "beego empty"].contains(&&name[..]);
        let written = codec.encode(&codec.decode(&bytes).unwrap(), NONE).unwrap();
        assert!(!same || written == bytes, "{name}: {}", hex(&written));
    }
}
