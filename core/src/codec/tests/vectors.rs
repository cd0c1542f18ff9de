//! Each kind of value, as the vectors that all languages share say.

use super::*;

/// What `tests/documents.json` holds, in its order.
pub(super) fn vectors() -> Vec<(&'static str, Value)> {
    vec![
        ("null", Value::Null),
        ("false", false.into()),
        ("true", true.into()),
        ("zero", 0.into()),
        ("the largest byte", 255.into()),
        ("minus one", (-1).into()),
        ("the most negative short", (-32_768).into()),
        ("the largest integer that every double holds", ((1i64 << 53) - 1).into()),
        ("the next one", (1i64 << 53).into()),
        ("the smallest integer that every double holds", (1i64 - (1 << 53)).into()),
        ("the one before", (-(1i64 << 53)).into()),
        ("an integer that doubles round", 9_007_199_254_740_993i64.into()),
        ("the smallest integer", i64::MIN.into()),
        ("the largest signed integer", i64::MAX.into()),
        ("the smallest unsigned integer", (1u64 << 63).into()),
        ("the largest integer", u64::MAX.into()),
        ("a whole float", 1.0.into()),
        ("a float", 0.1.into()),
        ("a negative float", (-2.5).into()),
        ("zero as a float", 0.0.into()),
        ("minus zero", (-0.0).into()),
        ("a large whole float", 1e300.into()),
        ("a float beyond the integers", 1e20.into()),
        ("the smallest float", 5e-324.into()),
        ("the largest float", f64::MAX.into()),
        ("not a number", f64::NAN.into()),
        ("infinity", f64::INFINITY.into()),
        ("minus infinity", f64::NEG_INFINITY.into()),
        ("empty text", "".into()),
        ("text", "hello".into()),
        ("text with quotes, backslash and control characters", "\"\\/\n\t\u{1}\u{7f}".into()),
        ("text with a null character", "a\0b".into()),
        ("text beyond ASCII", "Grüße, 世界 🦀".into()),
        ("text that looks like a number", "12".into()),
        ("text of 40 characters", "x".repeat(40).into()),
        ("no bytes", Vec::<u8>::new().into()),
        ("one byte", vec![255u8].into()),
        ("bytes", vec![0u8, 1, 2, 253, 254, 255].into()),
        ("the epoch", time(0)),
        ("a time", time(1_704_164_645_678_901)),
        ("a time in whole seconds", time(1_704_164_645_000_000)),
        ("the microsecond before the epoch", time(-1)),
        ("the last time in 32 bits", time(4_294_967_295_000_000)),
        ("the first time beyond 34 bits", time(17_179_869_184_000_000)),
        ("the first time", time(-62_135_596_800_000_000)),
        ("the last time", time(253_402_300_799_999_999)),
        ("an empty list", list([])),
        (
            "a list of every kind",
            list([
                Value::Null,
                true.into(),
                7.into(),
                0.5.into(),
                "x".into(),
                vec![7u8].into(),
                time(0),
                list([list([])]),
                map([("k", 1.into())]).into(),
            ]),
        ),
        ("a list of 16", list([const { Value::Int(0) }; 16])),
        ("an empty map", Map::new().into()),
        ("a map", map([("a", 1.into()), ("b", map([("c", Value::Null)]).into())]).into()),
        ("a map with an empty key", map([("", 1.into())]).into()),
        ("a map that looks like an integer", map([("$int", "5".into())]).into()),
        ("a map that looks like bytes", map([("$bytes", "AA==".into())]).into()),
        ("a map with an unknown dollar key", map([("$other", 1.into())]).into()),
        ("a map that looks like a way out", map([("$map", map([("a", 1.into())]).into())]).into()),
        (
            "a map that looks like two",
            map([("$map", map([("$map", map([("$time", "x".into())]).into())]).into())]).into(),
        ),
        (
            "a map with two dollar keys",
            map([("$int", "5".into()), ("$map", map([("$x", 1.into())]).into())]).into(),
        ),
    ]
}

#[test]
fn every_value_is_stored_as_the_shared_vectors_say() {
    let listed: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(include_str!("../../../../tests/documents.json")).unwrap();
    assert_eq!(listed.len(), vectors().len());
    for (vector, (name, value)) in listed.iter().zip(vectors()) {
        let text = |member: &str| vector[member].as_str().unwrap();
        assert_eq!((vector.len(), text("name"), text("kind")), (4, name, value.kind()));
        let stored = [text("json").as_bytes().to_vec(), unhex(text("msgpack"))];
        for (codec, bytes) in BOTH.into_iter().zip(stored) {
            let document = holding(value.clone());
            assert!(codec.encode(&document, NONE).unwrap() == bytes, "{name}: {codec:?}");
            let back = codec.decode(&bytes).unwrap();
            assert!(same(&back, &document), "{name}: {codec:?}");
        }
    }
}

/// Equal, where NaN is NaN and 0.0 is not -0.0.
fn same(a: &DecodedDocument, b: &DecodedDocument) -> bool {
    Codec::MsgPack.encode(a, NONE).unwrap() == Codec::MsgPack.encode(b, NONE).unwrap()
}
