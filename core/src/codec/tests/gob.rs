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
fn kept(document: &DecodedDocument) -> Vec<Vec<u8>> {
    let slots = document.values.slots().values();
    slots.map(|slot| slot.stored_gob().unwrap().to_vec()).collect()
}

/// A Go process that met a pointer to a time first leaves the name out of the type's definition.
#[test]
fn a_time_whose_type_has_no_name_can_be_changed() {
    let definition = "0d7f040102ff80000110011000003cff80000106737472696e670c0600";
    let time = "0474696d650974696d652e54696d65ff81050102ff8200000014ff8211000f01";
    let bytes = unhex(&format!("{definition}{time}0000000ee1c148d8333490f8ffff"));
    let mut document = Codec::Beego.decode(&bytes).unwrap();
    assert!(matches!(document.values.get("time").unwrap(), Some(Value::Time(_))));
    let later = Value::Time(parse_instant("2030-01-02T03:04:05Z").unwrap());
    document.values.insert("time".to_owned(), later.clone());
    let written = Codec::Beego.encode(&document, NONE).unwrap();
    assert!(Codec::Beego.decode(&written).unwrap().values.get("time").unwrap() == Some(later));
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
        let never = (codec == Codec::Gob).then_some(crate::protocol::clock::NEVER);
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
