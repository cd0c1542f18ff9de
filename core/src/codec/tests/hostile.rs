//! What no codec of ours wrote, and damage: errors, never more.

use proptest::prelude::*;

use super::vectors::vectors;
use super::*;

#[test]
fn what_no_codec_of_ours_wrote_is_corrupt() {
    let corrupt = |codec: Codec, bytes: &[u8]| {
        let error = codec.decode(bytes).err().unwrap_or_else(|| panic!("{codec:?} {bytes:?}"));
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(!error.message().contains("secret"), "{error}");
    };
    for text in [
        "",
        "null",
        "[]",
        "1",
        "\"secret\"",
        "{",
        "{}x",
        "{}{}",
        "{\"values\":[]}",
        "{\"values\":null}",
        "{\"values\":{\"$int\":\"5\"}}",
        "{\"flash\":1}",
        "{\"deadline\":\"secret\"}",
        "{\"deadline\":1.5}",
        "{\"deadline\":null}",
        "{\"deadline\":9223372036854775808}",
        "{\"remember\":1}",
        "{\"remember\":null}",
        "{'a':1}",
        "{\"values\":{}",
    ] {
        corrupt(Codec::Json, text.as_bytes());
    }
    for text in [
        r#"{"$secret":1}"#,
        r#"{"$":1}"#,
        r#"{"$int":5}"#,
        r#"{"$int":"+5"}"#,
        r#"{"$int":""}"#,
        r#"{"$int":"18446744073709551616"}"#,
        r#"{"$int":"1.0"}"#,
        r#"{"$float":"1.5"}"#,
        r#"{"$float":"nan"}"#,
        r#"{"$bytes":"AA"}"#,
        r#"{"$bytes":"A_=="}"#,
        r#"{"$bytes":[1]}"#,
        r#"{"$bytes":"AB=="}"#,
        r#"{"$time":"2024-01-02"}"#,
        r#"{"$time":0}"#,
        r#"{"$time":"0000-01-01T00:00:00Z"}"#,
        r#"{"$map":1}"#,
        r#"{"$map":[]}"#,
        r#"{"$map":null}"#,
        r#"{"$map":{"a":{"$secret":1}}}"#,
        r#"{"$map":{"$x":1},"b":1}"#,
        "1e400",
        "NaN",
        "01",
        "+1",
        "\"\\ud800\"",
        "\"\n\"",
        "[1,]",
        "tru",
    ] {
        corrupt(Codec::Json, format!(r#"{{"values":{{"v":{text}}}}}"#).as_bytes());
    }
    corrupt(Codec::Json, b"{\"values\":{\"v\":\"\xff\"}}");
    for bytes in [
        "",
        "c0",
        "90",
        "80c0",
        "81",
        "81a676616c756573",
        "81a676616c75657390",
        "81a676616c756573c0",
        "81a8646561646c696e65cb3ff0000000000000",
        "81a8646561646c696e65cfffffffffffffffff",
        "81a872656d656d62657201",
        "8101c0",
        "81c401610a",
        "df",
        "dfffffffff",
    ] {
        corrupt(Codec::MsgPack, &unhex(bytes));
    }
    for bytes in [
        "c1",
        "a1ff",
        "a2c3",
        "8101c0",
        "81c0c0",
        "81c40161c0",
        "d40000",
        "d6fe00000000",
        "d5ff0000",
        "c7030000000000",
        "d7ffee6b280000000000",
        "c70cff3b9aca000000000000000000",
        "c70cff000000007fffffffffffffff",
        "c70cff000000008000000000000000",
        "c705ff0000000000",
        "ddffffffff",
        "dfffffffff",
        "dbffffffff",
        "c6ffffffff",
        "c9ffffffffff",
        "91",
        "9fc0",
        "cd01",
    ] {
        corrupt(Codec::MsgPack, &unhex(&format!("81a676616c75657381a176{bytes}")));
    }
}

#[test]
fn nesting_without_end_is_an_error() {
    for open in ["[", "{\"a\":", "{\"$a\":", "{\"$map\":", "{\"$map\":{\"$map\":"] {
        let text = format!(r#"{{"values":{{"v":{}"#, open.repeat(100_000));
        assert!(Codec::Json.decode(text.as_bytes()).is_err());
    }
    for close in ["[]", "{\"$map\":}"] {
        let (open, shut) = close.split_at(close.len() - 1);
        let value = format!("{}{}{}", open.repeat(100_000), "{}", shut.repeat(100_000));
        assert!(Codec::Json.decode(format!(r#"{{"values":{value}}}"#).as_bytes()).is_err());
    }
    for open in [&b"\x91"[..], b"\x81\xa1a", b"\xdd\x00\x0f\xff\xff"] {
        let bytes = [&b"\x81\xa6values\x81\xa1v"[..], &open.repeat(100_000)].concat();
        assert!(Codec::MsgPack.decode(&bytes).is_err());
    }
}

#[test]
fn a_document_cut_anywhere_is_corrupt() {
    for codec in BOTH {
        for (_, value) in vectors() {
            let bytes = codec.encode(&holding(value), NONE).unwrap();
            for len in 0..bytes.len() {
                let error = codec.decode(&bytes[..len]).err().unwrap();
                assert_eq!(error.kind(), ErrorKind::Corrupt);
            }
            let longer = [&bytes[..], b"0"].concat();
            assert!(codec.decode(&longer).is_err());
        }
    }
}

/// What failed, readable; only tests may print a document.
impl std::fmt::Debug for DecodedDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&Codec::Json.encode(self, NONE).unwrap_or_default()))
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    use proptest::num::f64 as float;
    let finite = float::POSITIVE | float::NEGATIVE | float::NORMAL | float::SUBNORMAL | float::ZERO;
    let key = || prop_oneof!["[a-c]?", r"\$(map|int|x)", any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (finite | float::INFINITE).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<Vec<u8>>().prop_map(Value::from),
        (-62_135_596_800_000_000i64..253_402_300_800_000_000).prop_map(time),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(key(), inner, 0..4).prop_map(Value::from),
        ]
    })
}

fn any_document() -> impl Strategy<Value = DecodedDocument> {
    let map = || proptest::collection::btree_map(any::<String>(), any_value(), 0..4);
    let bookkeeping = (any::<Option<bool>>(), proptest::option::of(0..i64::MAX), any::<bool>());
    (any::<Option<i64>>(), map(), map(), bookkeeping, map(), map()).prop_map(
        |(deadline, values, flash, (remember, idle, fixed), extra, other)| DecodedDocument {
            deadline,
            values: values.into(),
            flash,
            remember,
            idle,
            fixed,
            extra,
            other,
            ..DecodedDocument::default()
        },
    )
}

proptest! {
    #[test]
    fn every_document_comes_back(document in any_document()) {
        for codec in BOTH {
            let bytes = codec.encode(&document, NONE).unwrap();
            let back = codec.decode(&bytes).unwrap();
            prop_assert!(back == document);
            prop_assert!(codec.encode(&back, NONE).unwrap() == bytes);
        }
    }

    #[test]
    fn no_bytes_do_harm(bytes: Vec<u8>) {
        for (codec, start) in [(Codec::Json, &br#"{"values":{"v":"#[..]), (Codec::MsgPack, b"\x81\xa6values")] {
            for bytes in [bytes.clone(), [start, &bytes].concat()] {
                if let Ok(document) = codec.decode(&bytes) {
                    document.values.to_map().unwrap();
                }
            }
        }
    }

    #[test]
    fn no_damage_does_harm(document in any_document(), at: prop::sample::Index, byte: u8) {
        for codec in BOTH {
            let mut bytes = codec.encode(&document, NONE).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(document) = codec.decode(&bytes) {
                // What was read can be written, and what was not decoded yet can be.
                let bytes = codec.encode(&document, NONE).unwrap();
                document.values.to_map().unwrap();
                prop_assert!(codec.encode(&codec.decode(&bytes).unwrap(), NONE).unwrap() == bytes);
            }
        }
    }
}
