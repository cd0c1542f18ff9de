//! Throws damaged input at what reads input from outside, for as long as it is told.
//!
//! `fuzz TARGET SECONDS` tries one input after another and ends at the first that breaks a
//! promise, printing its seed. `fuzz TARGET seed SEED` tries that one again.

mod memory;

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use sessio::{
    Codec, Cookie, ErrorKind, Expiry, OnCorrupt, SessionOptions, Timestamp, Value, blocking,
};

/// What can be fuzzed, one line each.
const TARGETS: &[Target] = &[
    Target { name: "cookies", corpus: || COOKIES.map(Vec::from).into(), read: cookies },
    Target { name: "documents", corpus: || DOCUMENTS.map(Vec::from).into(), read: documents },
    Target { name: "gob", corpus: gob_vectors, read: gob },
];

struct Target {
    name: &'static str,
    /// Well-formed and less well-formed inputs to start from.
    corpus: fn() -> Vec<Vec<u8>>,
    /// Reads an input, and panics where a promise is broken.
    read: fn(&[u8]),
}

const COOKIES: [&[u8]; 5] = [
    b"session=9BG4uI1qPv3mgCYnEbkpnfP-xXxk_0Q5BTg4W8wN2Zc",
    b"a=b; session=\"quoted\"; c=d",
    b"session=%22a%20b%3B%C3%BC%22; session=second",
    b"session; session=; =session; SESSION=x; session =x;\tsession=x\t;;",
    b"__Host-session=x; $Version=1; a=\xff\x00\xfe, session=\"; session=\"",
];

/// The first of its name wins, whatever stands around it, and what is written is read.
fn cookies(input: &[u8]) {
    let cookie = Cookie::new();
    let found = cookie.read(input);
    assert!(found.as_ref().is_none_or(|token| (1..=4096).contains(&token.len())));
    assert!(found.is_none() || input.len() <= 65_536);
    let text = String::from_utf8_lossy(input);
    // Of 300 characters, each at most twelve when encoded: short enough for a cookie.
    let token: String = "t".chars().chain(text.chars().take(300)).collect();
    let header = cookie.write(&token, None, Timestamp::from_micros(0), true);
    let pair = header.split(';').next().unwrap_or_default().as_bytes();
    // Everything that RFC 6265 lets a cookie be made of.
    assert!(pair.iter().all(|byte| byte.is_ascii_graphic() && !b"\",\\".contains(byte)));
    assert!(cookie.read(pair).as_ref() == Some(&token));
    let fits = input.len() + pair.len() < 60_000;
    assert!(!fits || cookie.read(&[pair, b"; ", input].concat()).as_ref() == Some(&token));
    if fits && !input.windows(8).any(|window| window == b"session=") {
        assert!(found.is_none());
        assert!(cookie.read(&[input, b";", pair].concat()) == Some(token));
    }
}

const DOCUMENTS: [&[u8]; 4] = [
    br#"{"deadline":4070908800000000,"values":{"user":7,"cart":[1,2.5,null,true]}}"#,
    br#"{"values":{"b":{"$bytes":"AAEC"},"t":{"$time":"2024-01-02T03:04:05.678901Z"},"n":{"$int":"9007199254740993"},"f":{"$float":"NaN"},"m":{"$map":{"$x":{}}}},"flash":{"note":"x"},"remember":true,"later":[{}]}"#,
    b"\x82\xa8deadline\xcf\x00\x0e\x76\x78\x50\xef\xe0\x00\xa6values\x84\xa1a\xc4\x03\x00\x01\x02\xa1t\xd6\xff\x65\x93\x80\x00\xa1f\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xa1l\x92\x01\xc0",
    b"\x81\xa6values\x81\xa1x\xdf\xff\xff\xff\xff",
];

fn documents(input: &[u8]) {
    for codec in [Codec::Json, Codec::MsgPack, Codec::ScsV1] {
        stored(codec, input);
    }
}

/// What Go programs have stored.
fn gob_vectors() -> Vec<Vec<u8>> {
    let file = include_str!("../../../tests/gob_vectors.json");
    let file: serde_json::Value = serde_json::from_str(file).expect("JSON");
    let byte = |hex: &[u8]| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok();
    let bytes = |hex: &str| hex.as_bytes().chunks(2).map(byte).collect::<Option<_>>();
    let vectors = file["vectors"].as_array().expect("a list of vectors").iter();
    vectors.map(|vector| bytes(vector["hex"].as_str()?)).collect::<Option<_>>().expect("hex")
}

fn gob(input: &[u8]) {
    for codec in [Codec::Gob, Codec::Beego] {
        stored(codec, input);
        let (session, of_reading) = memory::most(|| {
            let (_, session) = session(codec, input);
            let _ = session.contains("x");
            session
        });
        // With the manager, which takes some itself.
        assert!(of_reading <= 24 * input.len() + 65_536, "{of_reading} bytes to read");
        // The values, and the caller's copy of them.
        let (_, of_decoding) = memory::most(|| session.values());
        let most = 2 * (256 * input.len() + (1 << 20));
        assert!(of_decoding <= most, "{of_decoding} bytes to decode");
    }
}

fn session(codec: Codec, input: &[u8]) -> (blocking::SessionManager, blocking::Session) {
    let store = blocking::Store::open("memory:?cleanup_interval=0").expect("a memory store");
    let options = SessionOptions::new().codec(codec).on_corrupt(OnCorrupt::Fail);
    let manager = blocking::SessionManager::with(&store, options).expect("sound options");
    store.save("t", input, Expiry::Never).expect("room for an input");
    let session = manager.load(Some("t"));
    (manager, session)
}

/// What is stored is read, or is corrupt; what was read is written and read the same.
fn stored(codec: Codec, input: &[u8]) {
    let (manager, session) = session(codec, input);
    let mut values = match session.values() {
        Ok(values) => values,
        Err(error) => return assert_eq!(error.kind(), ErrorKind::Corrupt),
    };
    session.remove("fuzz");
    session.put("fuzz", &1).expect("an integer");
    // What was read may have ended long ago.
    session.set_deadline(Timestamp::from_micros(253_402_000_000_000_000));
    let result = manager.commit(&session).expect("what was read can be written");
    // A session whose deadline has passed is followed by a new one under another token.
    if let Some(token) = result.token.as_deref() {
        let mut again = manager.load(Some(token)).values().expect("what was written");
        assert!(again.remove("fuzz") == Some(Value::Int(1)));
        let same = |(one, other): (&Value, &Value)| match (one.to_json(), other.to_json()) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        };
        values.remove("fuzz");
        assert!(values.keys().eq(again.keys()));
        assert!(values.values().zip(again.values()).all(same));
    }
}

fn main() -> Result<(), String> {
    const USAGE: &str = "usage: fuzz TARGET SECONDS, or fuzz TARGET seed SEED";
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let target = |name: &str| {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        let found = TARGETS.iter().find(|target| target.name == name);
        found.ok_or_else(|| format!("{USAGE}; the targets are {}", names.join(", ")))
    };
    match words[..] {
        [name, "seed", seed] => {
            let target = target(name)?;
            attempt(target, &(target.corpus)(), seed.parse().map_err(|_| USAGE)?)
        }
        [name, seconds] => {
            let (target, started) = (target(name)?, Instant::now());
            let corpus = (target.corpus)();
            let limit = Duration::try_from_secs_f64(seconds.parse().map_err(|_| USAGE)?);
            let limit = limit.map_err(|_| USAGE)?;
            let mut seed = getrandom::u64().map_err(|error| error.to_string())?;
            let mut tried = 0u64;
            while started.elapsed() < limit {
                attempt(target, &corpus, seed)?;
                (seed, tried) = (seed.wrapping_add(1), tried + 1);
            }
            println!("fuzz {name}: {tried} inputs, no fault");
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn attempt(target: &Target, corpus: &[Vec<u8>], seed: u64) -> Result<(), String> {
    let input = mutated(corpus, &mut Random(seed));
    catch_unwind(AssertUnwindSafe(|| (target.read)(&input))).map_err(|_| {
        let mut hex = String::new();
        for byte in input.iter().take(2048) {
            let _ = write!(hex, "{byte:02x}");
        }
        let (name, length) = (target.name, input.len());
        format!("again by: fuzz {name} seed {seed}\ninput of {length} bytes: {hex}")
    })
}

/// A few random changes to one of the inputs, or to nothing at all.
fn mutated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = if random.below(8) == 0 { Vec::new() } else { random.of(corpus).to_vec() };
    for _ in 0..=random.below(8) {
        let (from, to) = (random.below(bytes.len() + 1), random.below(bytes.len() + 1));
        let range = from.min(to)..from.max(to);
        match random.below(7) {
            0 => drop(bytes.drain(range)),
            1 => bytes[range].reverse(),
            2 => bytes[range].fill(random.byte()),
            3 => bytes.splice(range, random.of(corpus).iter().copied()).for_each(drop),
            4 => bytes.insert(from, random.byte()),
            5 if from < bytes.len() => bytes[from] ^= 1 << random.below(8),
            5 | 6 => {
                // Rarely much, so that limits are met and most inputs stay quick.
                let doublings = if random.below(16) == 0 { 18 } else { 7 };
                let wanted = 1usize << random.below(doublings);
                let length = wanted.min(100_000usize.saturating_sub(bytes.len()));
                let part: Vec<u8> = bytes[range].iter().copied().cycle().take(length).collect();
                bytes.splice(from..from, part).for_each(drop);
            }
            _ => {}
        }
    }
    bytes
}

/// Small and repeatable (SplitMix64); it need not be unpredictable.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 32).unwrap_or(0) % end
    }

    fn byte(&mut self) -> u8 {
        // Delimiters matter most.
        let any = self.next().to_le_bytes()[7];
        if self.below(2) == 0 { b"; =\"%,\t\0"[self.below(8)] } else { any }
    }

    fn of<'a>(&mut self, corpus: &'a [Vec<u8>]) -> &'a [u8] {
        &corpus[self.below(corpus.len())]
    }
}
