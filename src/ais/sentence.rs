//! One line of an NMEA 0183 log → an AIS sentence with its tag block and suffix, or the time it tells.
//!
//! Taken: formatters VDM and VDO of any talker, checksum enforced; `\tag block\` before; the US Coast Guard's fields
//! behind the checksum; CR, LF, NUL and 0x1A around; several sentences strung together on one line.

use super::clock::{ClockLine, clock_sentence, integer, unix_time};
use super::reception::RejectReason;
use super::tag::TagBlock;
use jiff::Timestamp;

/// NMEA 0183's checksum: exclusive or over the bytes.
pub(super) mod checksum {
    /// Checksum of `text`.
    pub fn of(text: &[u8]) -> u8 {
        text.iter().fold(0, |sum, byte| sum ^ byte)
    }

    /// True if `hex` starts with the two digits of `text`'s checksum.
    pub fn holds(text: &[u8], hex: &[u8]) -> bool {
        let digit = |at: usize| {
            let byte = *hex.get(at)?;
            char::from(byte).to_digit(16)
        };
        match (digit(0), digit(1)) {
            (Some(high), Some(low)) => u32::from(of(text)) == high * 16 + low,
            _ => false,
        }
    }
}

/// One AIS sentence (`VDM`: heard, `VDO`: own ship).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence<'a> {
    /// Two characters: `AI` mobile, `BS` base station, `AB`, `AN`, …
    pub talker: [u8; 2],
    /// True for `VDO`.
    pub own_ship: bool,
    /// Parts of the message, 1 ..= 9.
    pub total: u8,
    /// Number of this part, 1 ..= `total`.
    pub number: u8,
    /// Sequence id 0 ..= 9 of a message in parts.
    pub sequence: Option<u8>,
    /// Radio channel: `A`, `B`, `1`, `2`.
    pub channel: Option<u8>,
    /// Six-bit armoured payload, not yet checked.
    pub payload: &'a [u8],
    /// Bits to drop from the payload's end, 0 ..= 5.
    pub fill: u8,
    /// Tag block; empty if there was none.
    pub tag: TagBlock<'a>,
    /// Station behind the checksum (`r…`).
    pub suffix_station: Option<&'a [u8]>,
    /// Unix time behind the checksum (UTC).
    pub suffix_time: Option<Timestamp>,
}

impl<'a> Sentence<'a> {
    /// Station that heard it: tag block, else suffix.
    pub fn station(&self) -> Option<&'a [u8]> {
        self.tag.source.or(self.suffix_station)
    }

    /// Time on the line: tag block, else suffix (UTC).
    pub fn time(&self) -> Option<Timestamp> {
        self.tag.time.or(self.suffix_time)
    }
}

/// What a line held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// Nothing.
    Blank,
    /// An AIS sentence.
    Ais(Sentence<'a>),
    /// A time.
    Clock(ClockLine),
}

/// Reads the first sentence of `text`; also returns what stands behind it: more sentences, or nothing.
pub fn parse(text: &[u8]) -> (Result<Line<'_>, RejectReason>, &[u8]) {
    let text = without_noise(text);
    match text.first() {
        None => (Ok(Line::Blank), &[]),
        Some(b'\\') => {
            let Some(end) = text[1..].iter().position(|&byte| byte == b'\\') else {
                return (Err(RejectReason::Malformed), &[]);
            };
            let tag = TagBlock::parse(&text[1..=end]);
            let (body, rest) = split_sentence(&text[end + 2..]);
            (tag.and_then(|tag| parse_body(body, tag)), rest)
        }
        Some(b'!' | b'$') => {
            let (body, rest) = split_sentence(text);
            (parse_body(body, TagBlock::default()), rest)
        }
        Some(_) => (Err(RejectReason::NotNmea), &[]),
    }
}

/// Cuts blanks and control bytes off both ends.
fn without_noise(text: &[u8]) -> &[u8] {
    let noise = |byte: &u8| *byte <= b' ' || *byte == 0x7F;
    let start = text.iter().position(|byte| !noise(byte));
    let end = text.iter().rposition(|byte| !noise(byte));
    match (start, end) {
        (Some(start), Some(end)) => &text[start..=end],
        _ => &[],
    }
}

/// Splits where a second tag block or AIS sentence begins behind the first one's checksum.
fn split_sentence(text: &[u8]) -> (&[u8], &[u8]) {
    let star = text.iter().position(|&byte| byte == b'*');
    let next = star.and_then(|star| {
        text[star..]
            .iter()
            .position(|&byte| byte == b'\\' || byte == b'!')
            .map(|offset| star + offset)
    });
    next.map_or((text, &[]), |at| text.split_at(at))
}

fn parse_body<'a>(body: &'a [u8], tag: TagBlock<'a>) -> Result<Line<'a>, RejectReason> {
    match body {
        [
            b'!',
            first,
            second,
            b'V',
            b'D',
            kind @ (b'M' | b'O'),
            b',',
            ..,
        ] => {
            let star = body
                .iter()
                .position(|&byte| byte == b'*')
                .ok_or(RejectReason::NoChecksum)?;
            let (text, hex) = (&body[1..star], &body[star + 1..]);
            if !checksum::holds(text, hex) {
                return Err(RejectReason::Checksum);
            }
            let head = Sentence {
                talker: [*first, *second],
                own_ship: *kind == b'O',
                tag,
                ..parse_fields(&text[6..]).ok_or(RejectReason::Malformed)?
            };
            Ok(Line::Ais(with_suffix(head, hex.get(2..).unwrap_or(&[]))))
        }
        [b'$', fields @ ..] => parse_other(fields).map(Line::Clock),
        [b'!', ..] => Err(RejectReason::OtherSentence),
        _ => Err(RejectReason::Malformed),
    }
}

/// Reads `total,number,sequence,channel,payload,fill`.
fn parse_fields(text: &[u8]) -> Option<Sentence<'_>> {
    let mut pieces = text.split(|&byte| byte == b',');
    let total = one_digit(pieces.next()?)??;
    let number = one_digit(pieces.next()?)??;
    let sequence = one_digit(pieces.next()?)?;
    let channel = match pieces.next()? {
        [] => None,
        [channel] => Some(*channel),
        _ => return None,
    };
    let payload = pieces.next()?;
    let fill = one_digit(pieces.next()?)?.unwrap_or(0);
    let in_order = (1..=9).contains(&total) && (1..=total).contains(&number);
    if pieces.next().is_some() || !in_order || fill > 5 {
        return None;
    }
    Some(Sentence {
        talker: [0; 2],
        own_ship: false,
        total,
        number,
        sequence,
        channel,
        payload,
        fill,
        tag: TagBlock::default(),
        suffix_station: None,
        suffix_time: None,
    })
}

/// One digit, `Some(None)` for an empty field, `None` for anything else.
fn one_digit(text: &[u8]) -> Option<Option<u8>> {
    match text {
        [] => Some(None),
        [digit @ b'0'..=b'9'] => Some(Some(digit - b'0')),
        _ => None,
    }
}

/// Adds station and time from `,s…,d…,T…,r<station>,<epoch>`; the first number that can be a Unix time counts.
fn with_suffix<'a>(mut sentence: Sentence<'a>, suffix: &'a [u8]) -> Sentence<'a> {
    let Some((b',', fields)) = suffix.split_first() else {
        return sentence;
    };
    for field in fields.split(|&byte| byte == b',') {
        match field {
            [b'r', station @ ..] if !station.is_empty() => sentence.suffix_station = Some(station),
            [b'0'..=b'9', ..] if field.len() >= 9 && sentence.suffix_time.is_none() => {
                sentence.suffix_time = integer(field).and_then(unix_time);
            }
            _ => {}
        }
    }
    sentence
}

/// Reads the time off a `$` sentence, if it tells one and its checksum holds.
fn parse_other(fields: &[u8]) -> Result<ClockLine, RejectReason> {
    let star = fields
        .iter()
        .position(|&byte| byte == b'*')
        .ok_or(RejectReason::OtherSentence)?;
    let clock = clock_sentence(&fields[..star]).ok_or(RejectReason::OtherSentence)?;
    if checksum::holds(&fields[..star], &fields[star + 1..]) {
        Ok(clock)
    } else {
        Err(RejectReason::Checksum)
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ais(text: &[u8]) -> Sentence<'_> {
        match parse(text).0 {
            Ok(Line::Ais(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_sentence_is_read_through_noise_at_its_ends() {
        let sentence = ais(b"\0\x1a!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\r\n\0");
        assert_eq!(sentence.talker, *b"AI");
        assert_eq!((sentence.total, sentence.number), (1, 1));
        assert_eq!(sentence.channel, Some(b'A'));
        assert_eq!(sentence.payload, b"15RTgt0PAso;90TKcjM8h6g208CQ");
        assert_eq!(sentence.time(), None);
    }

    #[test]
    fn the_coast_guards_suffix_gives_station_and_time() {
        let sentence = ais(
            b"!AIVDM,1,1,,A,15N1u<PP1FJuvSRHOE6QIwwh0HQ6,0*30,d-080,S2118,t050056.00,\
              T56.4837741,r003669946,1325394060,1325394001",
        );
        assert_eq!(sentence.station(), Some(&b"003669946"[..]));
        assert_eq!(sentence.time().unwrap().to_string(), "2012-01-01T05:01:00Z");
    }

    #[test]
    fn two_sentences_on_one_line_are_read_one_after_the_other() {
        let text = b"\\s:rMT2083,t:marinetraffic,c:1698785962*4C\\!AIVDM,2,1,9,A,53do3d800003TP7CK?8=9U=@4j0@D9E==T00001521o484d@04A3i1Eh,0*68\\s:rMT2083,t:marinetraffic,c:1698785961*4F\\!AIVDM,2,2,9,A,88888888880,2*2D";
        let (first, rest) = parse(text);
        assert!(matches!(first, Ok(Line::Ais(Sentence { number: 1, .. }))));
        let (second, rest) = parse(rest);
        assert!(matches!(second, Ok(Line::Ais(Sentence { number: 2, .. }))));
        assert!(rest.is_empty());
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        let cases: [(&[u8], RejectReason); 10] = [
            (
                b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4B",
                RejectReason::Checksum,
            ),
            (
                b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0",
                RejectReason::NoChecksum,
            ),
            (b"!AIVDM,0,1,,A,1,0*16", RejectReason::Malformed),
            (b"!AIVDM,1,2,,A,1,0*14", RejectReason::Malformed),
            (b"!AIVDM,1,1,,A,1,6*11", RejectReason::Malformed),
            (b"\\s:1", RejectReason::Malformed),
            (b"\\s:1*00\\!AIVDM,1,1,,A,1,0*17", RejectReason::TagChecksum),
            (b"$GPGGA,1*00", RejectReason::OtherSentence),
            (b"!AIPWR,1*00", RejectReason::OtherSentence),
            (b"# a remark", RejectReason::NotNmea),
        ];
        for (text, reason) in cases {
            assert_eq!(parse(text).0, Err(reason), "{}", text.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic_or_stand_still(text in proptest::collection::vec(any::<u8>(), 0..120)) {
            let mut rest = &text[..];
            while !rest.is_empty() {
                let (_, next) = parse(rest);
                prop_assert!(next.len() < rest.len());
                rest = next;
            }
        }

        #[test]
        fn a_sentence_with_one_byte_damaged_never_panics(at in 0_usize..60, byte: u8) {
            let mut text = b"\\s:2573135,c:1671620143*0B\\!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A".to_vec();
            text[at] = byte;
            let _ = parse(&text);
        }
    }
}
