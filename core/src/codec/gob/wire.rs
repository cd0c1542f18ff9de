//! Numbers and bytes as gob spells them, in messages.

use super::corrupt;
use crate::protocol::error::Result;

/// Reads messages one after another, and never beyond the end of one.
#[derive(Clone)]
pub(super) struct GobReader<'a> {
    message: &'a [u8],
    rest: &'a [u8],
}

impl<'a> GobReader<'a> {
    /// From before the first message.
    pub(super) fn of_messages(rest: &'a [u8]) -> Self {
        GobReader { message: &[], rest }
    }

    /// Within the one message there is.
    pub(super) fn of_value(message: &'a [u8]) -> Self {
        GobReader { message, rest: &[] }
    }

    /// Whether the message is read.
    pub(super) fn is_empty(&self) -> bool {
        self.message.is_empty()
    }

    /// What was read between here and there, which is in the same message.
    pub(super) fn until(&self, there: &GobReader<'_>) -> &'a [u8] {
        let len = self.message.len().saturating_sub(there.message.len());
        self.message.get(..len).unwrap_or_default()
    }

    /// How many bytes there are, with those of later messages.
    pub(super) fn left(&self) -> usize {
        self.message.len() + self.rest.len()
    }

    /// Goes on with the next message; this one is read.
    pub(super) fn next_message(&mut self) -> Result<()> {
        let mut rest = GobReader::of_value(self.rest);
        self.message = rest.bytes()?;
        self.rest = rest.message;
        Ok(())
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (taken, message) =
            self.message.split_at_checked(len).ok_or_else(|| corrupt("it is cut off"))?;
        self.message = message;
        Ok(taken)
    }

    #[inline]
    pub(super) fn uint(&mut self) -> Result<u64> {
        match self.message {
            [small @ 0..=0x7f, message @ ..] => {
                self.message = message;
                Ok(u64::from(*small))
            }
            _ => self.long_uint(),
        }
    }

    fn long_uint(&mut self) -> Result<u64> {
        // 256 less how many bytes there are, and these.
        let len = self.take(1)?.iter().fold(0, |_, first| 256 - usize::from(*first));
        if len > 8 {
            return Err(corrupt("a number has more than 64 bits"));
        }
        Ok(self.take(len)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub(super) fn int(&mut self) -> Result<i64> {
        self.uint().map(to_int)
    }

    /// How many of what takes a byte at least.
    pub(super) fn count(&mut self) -> Result<usize> {
        let count = usize::try_from(self.uint()?).ok().filter(|count| *count <= self.left());
        count.ok_or_else(|| corrupt("a count is larger than what is there"))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8]> {
        let len = usize::try_from(self.uint()?).map_err(|_| corrupt("a length is too large"))?;
        self.take(len)
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| corrupt("a name is not UTF-8"))
    }
}

/// The sign is the lowest bit, and all others are inverted with it.
pub(super) fn to_int(number: u64) -> i64 {
    let magnitude = (number >> 1).cast_signed();
    if number & 1 == 0 { magnitude } else { !magnitude }
}

/// The bytes of a double are reversed, so that those of short numbers are few.
pub(super) fn to_float(number: u64) -> f64 {
    f64::from_bits(number.swap_bytes())
}

pub(super) fn put_uint(out: &mut Vec<u8>, number: u64) {
    let (bytes, len) = spell(number);
    out.extend(bytes.iter().take(len));
}

/// A number and how many bytes of it count.
fn spell(number: u64) -> ([u8; 9], usize) {
    let bytes = number.to_be_bytes();
    let zeros = usize::try_from(number.leading_zeros() / 8).unwrap_or(0);
    let mut spelled = [0; 9];
    if number <= 0x7f {
        spelled[0] = bytes[7];
        return (spelled, 1);
    }
    let len = 8 - zeros;
    for (to, from) in spelled.iter_mut().skip(1).zip(bytes.iter().skip(zeros)) {
        *to = *from;
    }
    spelled[0] = u8::try_from(256 - len).unwrap_or(0);
    (spelled, len + 1)
}

pub(super) fn put_int(out: &mut Vec<u8>, number: i64) {
    let shifted = (number << 1).cast_unsigned();
    put_uint(out, if number < 0 { !shifted } else { shifted });
}

pub(super) fn put_float(out: &mut Vec<u8>, number: f64) {
    put_uint(out, number.to_bits().swap_bytes());
}

pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_uint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Puts the length of what `out` has from `start` on in front of it.
pub(super) fn put_length_before(out: &mut Vec<u8>, start: usize) {
    let (bytes, len) = spell((out.len() - start) as u64);
    out.splice(start..start, bytes.into_iter().take(len));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_go_spells_them() {
        let spelled = |put: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            put(&mut out);
            out
        };
        for (number, bytes) in [
            (0, &[0][..]),
            (127, &[0x7f]),
            (128, &[0xff, 0x80]),
            (256, &[0xfe, 1, 0]),
            (u64::MAX, &[0xf8, 255, 255, 255, 255, 255, 255, 255, 255]),
        ] {
            assert_eq!(spelled(&|out| put_uint(out, number)), bytes);
            assert_eq!(GobReader::of_value(bytes).uint().unwrap(), number);
        }
        for number in [0, -1, 1, 63, -64, 64, -65, i64::MIN, i64::MAX] {
            let bytes = spelled(&|out| put_int(out, number));
            assert_eq!(GobReader::of_value(&bytes).int().unwrap(), number);
        }
        assert_eq!(spelled(&|out| put_int(out, -129)), [0xfe, 0x01, 0x01]);
        assert_eq!(spelled(&|out| put_float(out, 1.5)), [0xfe, 0xf8, 0x3f]);
        for bad in [&[0xff][..], &[], &[0xf7, 1, 2, 3, 4, 5, 6, 7, 8, 9], &[0x80]] {
            assert!(GobReader::of_value(bad).uint().is_err());
        }
        // Longer than it need be, as Go reads it too.
        assert_eq!(GobReader::of_value(&[0xfe, 0, 5]).uint().unwrap(), 5);
    }

    #[test]
    fn a_length_stands_before_what_it_counts() {
        for len in [0, 1, 127, 128, 70_000] {
            let mut out = b"ab".to_vec();
            out.resize(2 + len, 7);
            put_length_before(&mut out, 2);
            let mut reader = GobReader::of_value(&out);
            assert_eq!(reader.take(2).unwrap(), b"ab");
            assert_eq!(reader.bytes().unwrap().len(), len);
            assert!(reader.is_empty());
        }
    }
}
