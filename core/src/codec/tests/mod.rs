//! Both codecs: documents and other programs' spellings of them, limits.

// A test may be as long as its list of cases.
#![allow(clippy::too_many_lines)]

mod gob;
mod gob_hostile;
mod hostile;
mod vectors;

use super::*;
use crate::protocol::clock::Timestamp;
use crate::protocol::error::ErrorKind;
use crate::value::Value;

const BOTH: [Codec; 2] = [Codec::Json, Codec::MsgPack];
const NONE: Registered = Registered::NONE;

fn holding(value: Value) -> DecodedDocument {
    let values = Map::from([("v".to_owned(), value)]).into();
    DecodedDocument { deadline: Some(1_704_153_600_000_000), values, ..DecodedDocument::default() }
}

fn map<const N: usize>(members: [(&str, Value); N]) -> Map {
    members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::List(items.into())
}

fn time(micros: i64) -> Value {
    Value::Time(Timestamp::from_micros(micros))
}

fn unhex(hex: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(pair).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn full() -> DecodedDocument {
    DecodedDocument {
        deadline: Some(1_704_153_600_000_000),
        values: map([("user", 7.into()), ("cart", list([1.into(), 2.into()]))]).into(),
        flash: map([("notice", "saved".into())]),
        remember: Some(true),
        other: map([("later", vec![0u8].into())]),
        ..DecodedDocument::default()
    }
}

#[test]
fn a_whole_document_is_readable() {
    let json = Codec::Json.encode(&full(), NONE).unwrap();
    assert_eq!(
        std::str::from_utf8(&json).unwrap(),
        r#"{"deadline":1704153600000000,"values":{"cart":[1,2],"user":7},"flash":{"notice":"saved"},"remember":true,"later":{"$bytes":"AA=="}}"#
    );
    let msgpack = Codec::MsgPack.encode(&full(), NONE).unwrap();
    for (codec, bytes) in [(Codec::Json, json), (Codec::MsgPack, msgpack)] {
        assert!(codec.decode(&bytes).unwrap() == full());
        assert_eq!(Codec::from_name(codec.name()), Some(codec));
    }
    assert_eq!(Codec::Json.encode(&DecodedDocument::default(), NONE).unwrap(), br#"{"values":{}}"#);
    assert_eq!(
        hex(&Codec::MsgPack.encode(&DecodedDocument::default(), NONE).unwrap()),
        "81a676616c75657380"
    );
}

#[test]
fn what_people_and_other_programs_write_is_read() {
    let dollar = || map([("$x", 1.into())]).into();
    for (text, value) in [
        ("9007199254740993", 9_007_199_254_740_993i64.into()),
        ("18446744073709551615", u64::MAX.into()),
        (r#"{"$int":"5"}"#, 5.into()),
        ("1E2", 100.0.into()),
        ("-0", (-0.0).into()),
        (r#"{"$time":"2024-01-02T05:04:05+02:00"}"#, time(1_704_164_645_000_000)),
        (r#" [ 1 , "\u00f6\/" ] "#, list([1.into(), "ö/".into()])),
        (r#"{"a":1,"a":2}"#, map([("a", 2.into())]).into()),
        (r#"{"$int":"1","$int":"2"}"#, 2.into()),
        (r#"{"$map":{"$y":1},"$map":{"$x":1}}"#, dollar()),
        (r#"{"$map":{"$map":{"$x":1}},"b":1}"#, map([("$map", dollar()), ("b", 1.into())]).into()),
        (r#"{"a":1,"$int":"5"}"#, map([("$int", "5".into()), ("a", 1.into())]).into()),
        (r#"{"\u0024int":"5"}"#, 5.into()),
        (r#"{"$map":{"a":1}}"#, map([("a", 1.into())]).into()),
        (r#"{"$map":{}}"#, Map::new().into()),
    ] {
        let document = Codec::Json.decode(format!(r#"{{"values":{{"v":{text}}}}}"#).as_bytes());
        let document = document.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(
            document
                == DecodedDocument {
                    values: map([("v", value)]).into(),
                    ..DecodedDocument::default()
                },
            "{text}"
        );
    }
    assert!(Codec::Json.decode(b" {} \n").unwrap() == DecodedDocument::default());
    let members = r#"{"values":{"$map":{"$x":1}},"$new":{"n":1},"values":{"$map":{"$x":1}}}"#;
    let document = Codec::Json.decode(members.as_bytes()).unwrap();
    assert!(Value::Map(document.values.to_map().unwrap()) == dollar());
    assert!(document.other == map([("$new", map([("n", 1.into())]).into())]));

    for (bytes, value) in [
        ("ca3f000000", 0.5.into()),
        ("d30000000000000005", 5.into()),
        ("cf0000000000000005", 5.into()),
        ("d90161", "a".into()),
        ("dd00000001c0", list([Value::Null])),
        ("c70cff0000000000000000659385e5", time(1_704_166_885_000_000)),
        ("d7ff00000000659385e5", time(1_704_166_885_000_000)),
        ("d6ff659385e5", time(1_704_166_885_000_000)),
        ("c6000000020102", vec![1u8, 2].into()),
        ("82a16101a16102", map([("a", 2.into())]).into()),
    ] {
        let bytes = unhex(&format!("81a676616c75657381a176{bytes}"));
        let document = Codec::MsgPack.decode(&bytes).unwrap();
        assert!(document.values == map([("v", value)]).into());
    }
}

fn nested(depth: usize, innermost: Value, around: impl Fn(Value) -> Value) -> DecodedDocument {
    holding((0..depth).fold(innermost, |inner, _| around(inner)))
}

#[test]
fn what_is_64_deep_is_stored_and_nothing_deeper() {
    let list = |inner| Value::List(vec![inner]);
    let plain = |inner| Value::Map(map([("k", inner)]));
    let tagged = |inner| Value::Map(map([("$k", inner)]));
    let scalar = || Value::Bytes(vec![1]);
    for codec in BOTH {
        for around in [list, plain, tagged] {
            for innermost in [scalar(), Value::List(vec![]), Map::new().into()] {
                let depth = 64 - usize::from(innermost != scalar());
                let deepest = nested(depth, innermost.clone(), around);
                let bytes = codec.encode(&deepest, NONE).unwrap();
                assert!(codec.decode(&bytes).unwrap() == deepest);
                let deeper = nested(depth + 1, innermost, around);
                let error = codec.encode(&deeper, NONE).err().unwrap();
                assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            }
        }
    }
    // The same document, written by another program.
    for (open, shut) in [("[", "]"), (r#"{"k":"#, "}"), (r#"{"$map":{"$k":"#, "}}")] {
        for (inner, fits) in [("1", 64), (r#"{"$int":"1"}"#, 64), ("[]", 63), ("{}", 63)] {
            for depth in 62..68 {
                let value = format!("{}{inner}{}", open.repeat(depth), shut.repeat(depth));
                let text = format!(r#"{{"values":{{"v":{value}}}}}"#);
                let read = Codec::Json.decode(text.as_bytes());
                assert_eq!(read.is_ok(), depth <= fits, "{open}{inner} {depth}");
            }
        }
    }
    for (open, inner) in [("91", "90"), ("81a16b", "80")] {
        for depth in 62..68 {
            let bytes = format!("81a676616c75657381a176{}{inner}", open.repeat(depth));
            assert_eq!(Codec::MsgPack.decode(&unhex(&bytes)).is_ok(), depth < 64, "{open} {depth}");
        }
    }
}

/// Both are JSON: in a change from one to the other each takes only its own.
#[test]
fn documents_of_scs_v1_and_of_ours_are_told_apart() {
    let ours = Codec::Json.encode(&full(), NONE).unwrap();
    let theirs = Codec::ScsV1.encode(&holding(1.into()), NONE).unwrap();
    assert!(Codec::Json.decode(&ours).is_ok() && Codec::ScsV1.decode(&theirs).is_ok());
    let other = [Codec::Json.decode(&theirs), Codec::ScsV1.decode(&ours)];
    assert!(other.iter().all(|read| read.as_ref().is_err_and(|e| e.kind() == ErrorKind::Corrupt)));
    // A value of this name is no document of SCS v1.
    let named = Codec::Json.decode(br#"{"values":{"data":1},"data":{}}"#);
    assert!(named.is_ok_and(|document| document.values.contains_key("data")));
}

#[test]
fn a_time_outside_the_calendar_is_refused() {
    for codec in BOTH {
        for micros in [i64::MIN, -62_135_596_800_000_001, 253_402_300_800_000_000, i64::MAX] {
            let error = codec.encode(&holding(time(micros)), NONE).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert_eq!(error.message(), NO_SUCH_TIME);
        }
    }
}
