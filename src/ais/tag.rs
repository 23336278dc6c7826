//! The tag block before a sentence: who heard it, when, and which lines belong together (NMEA 0183 4.10 §7).

use super::clock::{integer, unix_time};
use super::reception::RejectReason;
use super::sentence::checksum;
use jiff::Timestamp;

/// Content of one tag block. Fields it lacks are `None`; unknown fields are passed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TagBlock<'a> {
    /// `s`: station that heard the sentence.
    pub source: Option<&'a [u8]>,
    /// `c`: time of reception, seconds or (above 10¹¹) milliseconds since 1970 (UTC).
    pub time: Option<Timestamp>,
    /// `g`, or IEC 61162-450's `1G2`: place in a group of lines.
    pub group: Option<TagGroup<'a>>,
    /// `d`: destination.
    pub destination: Option<&'a [u8]>,
    /// `n`: line count.
    pub line_count: Option<i64>,
    /// `r`: time relative to the station's start, in the station's own unit.
    pub relative_time: Option<i64>,
    /// `t` or `i`: free text.
    pub text: Option<&'a [u8]>,
}

/// Place of a line in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagGroup<'a> {
    /// Number of the line in its group, from 1.
    pub part: u8,
    /// Lines in the group.
    pub total: u8,
    /// Id of the group, unique for a while at one station.
    pub id: &'a [u8],
}

impl<'a> TagBlock<'a> {
    /// Reads the text between the two backslashes.
    ///
    /// # Errors
    ///
    /// [`RejectReason::TagChecksum`] if the checksum is wrong or absent.
    pub fn parse(text: &'a [u8]) -> Result<Self, RejectReason> {
        let star = text
            .iter()
            .rposition(|&byte| byte == b'*')
            .ok_or(RejectReason::TagChecksum)?;
        let fields = &text[..star];
        if !checksum::holds(fields, &text[star + 1..]) {
            return Err(RejectReason::TagChecksum);
        }
        let mut tag = Self::default();
        for field in fields.split(|&byte| byte == b',') {
            if let Some(colon) = field.iter().position(|&byte| byte == b':') {
                tag.set(&field[..colon], &field[colon + 1..]);
            }
        }
        Ok(tag)
    }

    fn set(&mut self, key: &'a [u8], value: &'a [u8]) {
        match key {
            b"s" => self.source = Some(value),
            b"c" => self.time = integer(value).and_then(unix_time),
            b"g" => self.group = dashed_group(value),
            b"d" => self.destination = Some(value),
            b"n" => self.line_count = integer(value),
            b"r" => self.relative_time = integer(value),
            b"t" | b"i" => self.text = Some(value),
            [part, b'G', total] if part.is_ascii_digit() && total.is_ascii_digit() => {
                self.group = Some(TagGroup {
                    part: part - b'0',
                    total: total - b'0',
                    id: value,
                });
            }
            _ => {}
        }
    }
}

/// Reads `part-total-id`; the id may hold dashes.
fn dashed_group(value: &[u8]) -> Option<TagGroup<'_>> {
    let mut pieces = value.splitn(3, |&byte| byte == b'-');
    let mut small = || integer(pieces.next()?).and_then(|n| u8::try_from(n).ok());
    let (part, total) = (small()?, small()?);
    let id = pieces.next()?;
    Some(TagGroup { part, total, id })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn with_checksum(fields: &str) -> Vec<u8> {
        format!("{fields}*{:02X}", checksum::of(fields.as_bytes())).into_bytes()
    }

    #[test]
    fn a_published_tag_block_is_read() {
        // Kystverket's open stream.
        let tag = TagBlock::parse(b"s:2573135,c:1671620143*0B").unwrap();
        assert_eq!(tag.source, Some(&b"2573135"[..]));
        assert_eq!(tag.time.unwrap().to_string(), "2022-12-21T10:55:43Z");
    }

    #[test]
    fn milliseconds_and_seconds_are_told_apart() {
        let text = with_checksum("c:1599239526500,T:2020-09-04 18.12.06");
        let tag = TagBlock::parse(&text).unwrap();
        assert_eq!(tag.time.unwrap().to_string(), "2020-09-04T17:12:06.5Z");
    }

    #[test]
    fn both_forms_of_a_group_are_read() {
        let dashed = with_checksum("g:2-3--001,n:7,r:12,d:X,i:hello");
        let tag = TagBlock::parse(&dashed).unwrap();
        let expected = TagGroup {
            part: 2,
            total: 3,
            id: b"-001",
        };
        assert_eq!(tag.group, Some(expected));
        assert_eq!((tag.line_count, tag.relative_time), (Some(7), Some(12)));
        assert_eq!(tag.text, Some(&b"hello"[..]));
        let iec = with_checksum("1G2:99");
        let group = TagBlock::parse(&iec).unwrap().group.unwrap();
        assert_eq!((group.part, group.total, group.id), (1, 2, &b"99"[..]));
    }

    #[test]
    fn a_wrong_or_absent_checksum_is_refused() {
        for text in [&b"s:2573135,c:1671620143*0C"[..], b"s:1", b"*", b""] {
            assert_eq!(TagBlock::parse(text), Err(RejectReason::TagChecksum));
        }
    }
}
