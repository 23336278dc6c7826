//! Time in a stream of sentences: on the line itself, on the line before, or the last one known.
//!
//! The best source wins: tag block `c`; the epoch behind the checksum (USCG); a `$PGHP` line directly before; else the
//! last time the stream told in any of these ways or by a receiver's own `ZDA` or `RMC` sentence. A log that mixes
//! stamped and bare lines thus gives bare lines the time of the last stamped one: late by no more than the distance
//! between stamps. Lines before the first stamp have no time.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Integer from ASCII digits with an optional sign; `None` for anything else or beyond 18 digits.
pub(super) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut value = 0_i64;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Some(if negative { -value } else { value })
}

/// Instant from Unix time in seconds, or milliseconds if above 10¹¹; `None` if not positive or beyond the calendar.
pub(super) fn unix_time(number: i64) -> Option<Timestamp> {
    match number {
        1..=100_000_000_000 => Timestamp::from_second(number).ok(),
        100_000_000_001.. => Timestamp::from_millisecond(number).ok(),
        _ => None,
    }
}

/// Calendar fields of a sentence; `None` if they name no instant.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Calendar {
    /// Year, four digits.
    pub year: i64,
    /// Month 1 ..= 12.
    pub month: i64,
    /// Day 1 ..= 31.
    pub day: i64,
    /// Hour 0 ..= 23.
    pub hour: i64,
    /// Minute 0 ..= 59.
    pub minute: i64,
    /// Second 0 ..= 59.
    pub second: i64,
    /// Millisecond 0 ..= 999.
    pub millisecond: i64,
}

impl Calendar {
    /// The instant (UTC).
    pub fn instant(self) -> Option<Timestamp> {
        let civil = DateTime::new(
            i16::try_from(self.year).ok()?,
            i8::try_from(self.month).ok()?,
            i8::try_from(self.day).ok()?,
            i8::try_from(self.hour).ok()?,
            i8::try_from(self.minute).ok()?,
            i8::try_from(self.second).ok()?,
            i32::try_from(self.millisecond)
                .ok()?
                .checked_mul(1_000_000)?,
        );
        Offset::UTC.to_timestamp(civil.ok()?).ok()
    }
}

/// Time told by a `$PGHP` (Gatehouse), `ZDA` or `RMC` sentence; `fields` is the text between `$` and `*`.
pub(super) fn clock_sentence(fields: &[u8]) -> Option<ClockLine> {
    let mut pieces = fields.split(|&byte| byte == b',');
    match pieces.next()? {
        b"PGHP" => gatehouse(pieces).map(ClockLine::Header),
        [_, _, b'Z', b'D', b'A'] => zda(pieces).map(ClockLine::Receiver),
        [_, _, b'R', b'M', b'C'] => rmc(pieces).map(ClockLine::Receiver),
        _ => None,
    }
}

/// A sentence that tells the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockLine {
    /// Time of reception of the next line.
    Header(Timestamp),
    /// The receiver's clock at this place in the stream.
    Receiver(Timestamp),
}

/// `1,year,month,day,hour,minute,second,millisecond,…`
fn gatehouse<'a>(mut pieces: impl Iterator<Item = &'a [u8]>) -> Option<Timestamp> {
    if pieces.next()? != b"1" {
        return None;
    }
    let mut next = || integer(pieces.next()?);
    let calendar = Calendar {
        year: next()?,
        month: next()?,
        day: next()?,
        hour: next()?,
        minute: next()?,
        second: next()?,
        millisecond: next()?,
    };
    calendar.instant()
}

/// `hhmmss.ss,day,month,year,…`
fn zda<'a>(mut pieces: impl Iterator<Item = &'a [u8]>) -> Option<Timestamp> {
    let time_of_day = pieces.next()?;
    let mut next = || integer(pieces.next()?);
    let calendar = Calendar {
        day: next()?,
        month: next()?,
        year: next()?,
        ..hms(time_of_day)?
    };
    calendar.instant()
}

/// `hhmmss.ss,A,lat,N,lon,E,speed,course,ddmmyy,…`; a void fix (`V`) tells no time.
fn rmc<'a>(mut pieces: impl Iterator<Item = &'a [u8]>) -> Option<Timestamp> {
    let time_of_day = pieces.next()?;
    if pieces.next()? != b"A" {
        return None;
    }
    let date = pieces.nth(6)?;
    let [day, month, year] = two_digit_triple(date)?;
    let calendar = Calendar {
        day,
        month,
        year: 2000 + year,
        ..hms(time_of_day)?
    };
    calendar.instant()
}

/// Whole seconds of `hhmmss` or `hhmmss.ss`.
fn hms(text: &[u8]) -> Option<Calendar> {
    let [hour, minute, second] = two_digit_triple(text.get(..6)?)?;
    Some(Calendar {
        hour,
        minute,
        second,
        ..Calendar::default()
    })
}

fn two_digit_triple(text: &[u8]) -> Option<[i64; 3]> {
    if text.len() != 6 {
        return None;
    }
    Some([
        integer(&text[..2])?,
        integer(&text[2..4])?,
        integer(&text[4..])?,
    ])
}

/// Gives each AIS line its time.
#[derive(Debug, Clone, Default)]
pub(super) struct StreamClock {
    header: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl StreamClock {
    /// Takes note of a line that tells the time.
    pub fn hear(&mut self, line: ClockLine) {
        match line {
            ClockLine::Header(time) => self.header = Some(time),
            ClockLine::Receiver(time) => self.last = Some(time),
        }
    }

    /// Time of an AIS line that carries `own` time, if any.
    pub fn time_of_line(&mut self, own: Option<Timestamp>) -> Option<Timestamp> {
        let header = self.header.take();
        self.last = own.or(header).or(self.last);
        self.last
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn clock_sentences_of_real_logs_are_read() {
        let cases: [(&[u8], &str); 3] = [
            (
                b"PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B",
                "2010-06-11T11:46:11.39Z",
            ),
            (b"GPZDA,114702.51,27,01,2012,,", "2012-01-27T11:47:02Z"),
            (
                b"GPRMC,213950.00,A,5250.53669,N,00542.34920,E,0.020,,070420,,,A",
                "2020-04-07T21:39:50Z",
            ),
        ];
        for (fields, expected) in cases {
            let (ClockLine::Header(time) | ClockLine::Receiver(time)) =
                clock_sentence(fields).unwrap();
            assert_eq!(time.to_string(), expected);
        }
        assert_eq!(clock_sentence(b"GPRMC,213950.00,V,,,,,,,070420,,,N"), None);
        assert_eq!(clock_sentence(b"PGHP,1,2010,13,11,11,46,11,390"), None);
        assert_eq!(clock_sentence(b"GPGGA,114703.00"), None);
    }

    #[test]
    fn a_lines_own_time_beats_the_header_and_the_header_beats_the_last_known() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut clock = StreamClock::default();
        assert_eq!(clock.time_of_line(None), None);
        clock.hear(ClockLine::Header(at(10)));
        assert_eq!(clock.time_of_line(Some(at(20))), Some(at(20)));
        assert_eq!(clock.time_of_line(None), Some(at(20)));
        clock.hear(ClockLine::Header(at(30)));
        assert_eq!(clock.time_of_line(None), Some(at(30)));
        clock.hear(ClockLine::Receiver(at(40)));
        assert_eq!(clock.time_of_line(None), Some(at(40)));
    }
}
