//! The bit field of a message: six-bit armour in, numbers and text out (ITU-R M.1371-5 Annex 8, IEC 61162-1).

use super::reception::RejectReason;
use super::text::{Text, six_bit_text};

/// Zero bytes kept behind the data, so that any field can be read as one 64-bit word.
const PAD: usize = 8;

/// Value of each armour character; 255 for characters outside the alphabet.
const SIX_BITS: [u8; 256] = armour_table();

const fn armour_table() -> [u8; 256] {
    let mut table = [255; 256];
    let mut value = 0;
    while value < 64 {
        table[armour(value) as usize] = value;
        value += 1;
    }
    table
}

/// Armour character of a six-bit value.
pub(super) const fn armour(value: u8) -> u8 {
    if value < 40 { value + 48 } else { value + 56 }
}

/// Bits of one message, most significant first; reused from message to message.
#[derive(Debug, Clone, Default)]
pub struct Bits {
    /// Packed bits, then `PAD` zero bytes (none before the first push).
    bytes: Vec<u8>,
    len: usize,
}

impl Bits {
    /// Forgets the message, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.len = 0;
    }

    /// Bits held.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if no bit is held.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends a payload without its last `fill` bits.
    ///
    /// # Errors
    ///
    /// [`RejectReason::BadPayload`] on a character outside the alphabet or more fill bits than bits; what the
    /// bits hold then is not defined.
    pub fn push_armoured(&mut self, payload: &[u8], fill: u8) -> Result<(), RejectReason> {
        let open_bits = self.len % 8;
        self.bytes
            .truncate(self.len / 8 + usize::from(open_bits > 0));
        let mut word = match open_bits {
            0 => 0,
            open => u32::from(self.bytes.pop().unwrap_or(0)) >> (8 - open),
        };
        let mut pending = open_bits;
        for &character in payload {
            let value = SIX_BITS[usize::from(character)];
            if value > 63 {
                return Err(RejectReason::BadPayload);
            }
            word = word << 6 | u32::from(value);
            pending += 6;
            if pending >= 8 {
                pending -= 8;
                self.bytes.push((word >> pending) as u8);
            }
        }
        if pending > 0 {
            self.bytes.push((word << (8 - pending)) as u8);
        }
        self.len = (self.len + payload.len() * 6)
            .checked_sub(usize::from(fill))
            .ok_or(RejectReason::BadPayload)?;
        self.bytes.extend_from_slice(&[0; PAD]);
        Ok(())
    }

    /// Unsigned number of `width` ≤ 32 bits at `start`. Bits behind the end are not defined: check [`Bits::len`].
    pub fn unsigned(&self, start: usize, width: usize) -> u32 {
        debug_assert!((1..=32).contains(&width));
        let Some(bytes) = self.bytes[start / 8..].first_chunk::<PAD>() else {
            return 0;
        };
        let word = u64::from_be_bytes(*bytes) << (start % 8);
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

    /// Text of `characters` six-bit characters: ends at the first `@`, without blanks around; empty is `None`.
    pub fn text<const N: usize>(&self, start: usize, characters: usize) -> Option<Text<N>> {
        six_bit_text(characters, |at| self.unsigned(start + 6 * at, 6) as u8).told()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_payload_pushed_in_pieces_reads_as_one_pushed_whole() {
        let payload = b"15RTgt0PAso;90TKcjM8h6g208CQ";
        let mut whole = Bits::default();
        whole.push_armoured(payload, 0).unwrap();
        for cut in 0..payload.len() {
            let mut pieces = Bits::default();
            pieces.push_armoured(&payload[..cut], 0).unwrap();
            pieces.push_armoured(&payload[cut..], 0).unwrap();
            assert_eq!(pieces.len(), 168);
            assert_eq!(pieces.bytes, whole.bytes, "cut at {cut}");
        }
    }

    #[test]
    fn numbers_keep_their_sign_and_text_ends_at_the_first_at_sign() {
        let mut bits = Bits::default();
        // 'w' is 63, '0' is 0, '1' is 1 (A), '2' is 2 (B), 'P' is 32 (blank).
        bits.push_armoured(b"wP120w", 0).unwrap();
        assert_eq!(bits.signed(0, 6), -1);
        assert_eq!(bits.unsigned(0, 12), 0b1111_1110_0000);
        assert_eq!(bits.text::<5>(6, 5).as_deref(), Some("AB"));
        assert_eq!(bits.text::<1>(24, 1), None);
    }

    #[test]
    fn characters_outside_the_alphabet_are_refused() {
        for bad in [b'X', b'_', b'x', b'/', 0, 255] {
            let result = Bits::default().push_armoured(&[b'1', bad], 0);
            assert_eq!(result, Err(RejectReason::BadPayload), "{bad}");
        }
    }
}
