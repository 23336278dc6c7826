//! Short text and binary data held in place, so that reading a message asks for no memory.

use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Deref;

/// ASCII text of at most `N` characters. Reads as a `str`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }
}

impl<const N: usize> Text<N> {
    /// Adds an ASCII character; one that finds no room or is not ASCII is dropped.
    pub fn push(&mut self, character: u8) {
        let at = usize::from(self.len);
        if at < N && character.is_ascii() {
            self.bytes[at] = character;
            self.len += 1;
        }
    }

    /// Without blanks around; empty is `None`.
    pub fn told(self) -> Option<Self> {
        let trimmed = self.trim();
        match trimmed.len() {
            0 => None,
            all if all == self.len() => Some(self),
            _ => Some(Self::from(trimmed)),
        }
    }
}

impl<const N: usize> From<&str> for Text<N> {
    /// The first `N` ASCII characters of `text`.
    fn from(text: &str) -> Self {
        let mut new = Self::default();
        for byte in text.bytes() {
            new.push(byte);
        }
        new
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or("")
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<const N: usize> Serialize for Text<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// Bytes of the longest binary data: five slots.
const DATA_BYTES: usize = 136;
/// Zero bytes behind the data, so that any field reads as one 64-bit word.
const PAD: usize = 8;

/// Binary data of a message, at most 1,064 bits, most significant first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Data {
    bytes: [u8; DATA_BYTES + PAD],
    len: u16,
}

impl Data {
    /// Longest data, bits.
    pub const MAX_BITS: usize = 1064;

    /// Takes `len` bits (at most [`Data::MAX_BITS`]) that `byte(n)` gives eight at a time.
    pub(super) fn gather(len: usize, byte: impl Fn(usize) -> u8) -> Self {
        let len = len.min(Self::MAX_BITS);
        let mut bytes = [0; DATA_BYTES + PAD];
        let count = len.div_ceil(8);
        for (at, place) in bytes[..count].iter_mut().enumerate() {
            *place = byte(at);
        }
        if !len.is_multiple_of(8) {
            bytes[count - 1] &= 0xFF << (8 - len % 8);
        }
        Self {
            bytes,
            len: len as u16,
        }
    }

    /// Bits held.
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// True if no bit is held.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes; the last one's unused bits are 0.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len().div_ceil(8)]
    }

    /// Unsigned number of `width` ≤ 32 bits at `start`; bits behind the end are 0.
    pub fn unsigned(&self, start: usize, width: usize) -> u32 {
        let from = self.bytes.get(start / 8..).unwrap_or(&[]);
        let Some(word) = from.first_chunk::<PAD>() else {
            return 0;
        };
        let word = u64::from_be_bytes(*word) << (start % 8);
        (word >> (64 - width)) as u32
    }

    /// Two's complement number of `width` ≤ 32 bits at `start`.
    pub fn signed(&self, start: usize, width: usize) -> i32 {
        let shift = 32 - width;
        (self.unsigned(start, width) << shift) as i32 >> shift
    }

    /// One bit.
    pub fn flag(&self, at: usize) -> bool {
        self.unsigned(at, 1) == 1
    }

    /// Six-bit text, ended by `@`, without blanks around; empty is `None`.
    pub fn text<const N: usize>(&self, start: usize, characters: usize) -> Option<Text<N>> {
        six_bit_text(characters, |at| self.unsigned(start + 6 * at, 6) as u8).told()
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bits ", self.len)?;
        self.bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Text of up to `characters` six-bit values up to the first `@`.
pub(super) fn six_bit_text<const N: usize>(
    characters: usize,
    value: impl Fn(usize) -> u8,
) -> Text<N> {
    let mut text = Text::default();
    for at in 0..characters.min(N) {
        match value(at) {
            0 => break,
            value @ 1..32 => text.push(value + 64),
            value => text.push(value),
        }
    }
    text
}
