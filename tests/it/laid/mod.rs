//! Binary messages laid out by hand from the tables of their standards, one row a field: bits, value sent, where it comes out
//! and as what, and the name that gpsd and pyais have for it.

mod environment;
mod inland;
mod notice;
mod port;
mod sea;
mod ship;

use serde_json::{Value, json};

/// One field.
pub struct Row {
    /// Values sent, most significant bit first.
    pub bits: Vec<bool>,
    /// Where it comes out in the payload (JSON pointer without its first slash); empty for spare bits and tags.
    pub at: &'static str,
    /// As what.
    pub expected: Value,
    /// What others call it; empty if they do not give it.
    pub peer: &'static str,
}

/// A message laid out.
pub struct Laid {
    /// Message type: 6 or 8.
    pub type_number: u8,
    /// Designated area code.
    pub dac: u16,
    /// Function identifier.
    pub fid: u8,
    /// Its fields.
    pub rows: Vec<Row>,
}

fn bits(width: usize, value: i64) -> Vec<bool> {
    assert!(
        value < 1 << width && value >= -(1 << (width - 1)),
        "{value} in {width} bits"
    );
    (0..width).rev().map(|at| value >> at & 1 == 1).collect()
}

/// A number.
pub fn n(
    width: usize,
    value: i64,
    at: &'static str,
    expected: impl Into<Value>,
    peer: &'static str,
) -> Row {
    Row {
        bits: bits(width, value),
        at,
        expected: expected.into(),
        peer,
    }
}

/// Text in `characters` six-bit characters, filled with `@`.
pub fn t(characters: usize, text: &'static str, at: &'static str, peer: &'static str) -> Row {
    let padded = text.bytes().chain(std::iter::repeat(b'@')).take(characters);
    Row {
        bits: padded
            .flat_map(|byte| bits(6, i64::from(byte & 63)))
            .collect(),
        at,
        expected: json!(text),
        peer,
    }
}

/// Bits that tell nothing by themselves: spare ones, kinds and scales.
pub fn tag(width: usize, value: i64) -> Row {
    n(width, value, "", Value::Null, "")
}

/// "Not available".
pub const NONE: Value = Value::Null;

/// Every message.
pub fn all() -> Vec<Laid> {
    [ship::laid(), sea::laid(), port::laid(), inland::laid()]
        .into_iter()
        .flatten()
        .collect()
}

impl Laid {
    /// The message as `!AIVDM` sentences.
    pub fn sentences(&self) -> Vec<String> {
        let mut all = bits(6, self.type_number.into());
        all.extend(bits(2, 0));
        all.extend(bits(30, self.mmsi()));
        all.extend(bits(2, 1));
        if self.type_number == 6 {
            all.extend(bits(30, 219_000_002));
            all.extend(bits(2, 0));
        }
        all.extend(bits(10, self.dac.into()));
        all.extend(bits(6, self.fid.into()));
        all.extend(self.rows.iter().flat_map(|row| row.bits.iter().copied()));
        let fill = (6 - all.len() % 6) % 6;
        all.resize(all.len() + fill, false);
        let armoured: Vec<u8> = all
            .chunks(6)
            .map(|chunk| {
                chunk
                    .iter()
                    .fold(0, |value, bit| value << 1 | u8::from(*bit))
            })
            .map(|value| if value < 40 { value + 48 } else { value + 56 })
            .collect();
        let parts: Vec<&[u8]> = armoured.chunks(60).collect();
        let (total, group) = (parts.len(), if parts.len() > 1 { "1" } else { "" });
        let sentence = |(at, part): (usize, &&[u8])| {
            let fill = if at + 1 == total { fill } else { 0 };
            let part = String::from_utf8_lossy(part);
            let body = format!("AIVDM,{total},{},{group},A,{part},{fill}", at + 1);
            let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
            format!("!{body}*{sum:02X}")
        };
        parts.iter().enumerate().map(sentence).collect()
    }

    /// Sender of every message.
    pub fn mmsi(&self) -> i64 {
        219_000_001
    }
}
