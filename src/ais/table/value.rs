//! Text of a field → a value, in every form that the formats use.

use crate::ais::clock::{Calendar, integer, unix_time};
use crate::model::track::AisClass;
use jiff::{SignedDuration, Timestamp};

/// A finite number.
pub(super) fn decimal(field: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(field).ok()?;
    text.trim()
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
}

/// A whole number, also as `8.0`.
pub(super) fn whole(field: &[u8]) -> Option<u32> {
    let digits = field.trim_ascii();
    let digits = digits.strip_suffix(b".0").unwrap_or(digits);
    integer(digits).and_then(|value| u32::try_from(value).ok())
}

/// True for digits with an optional sign: what the radio sends is whole.
pub(super) fn is_whole(field: &[u8]) -> bool {
    integer(field.trim_ascii()).is_some()
}

/// Text that says something.
pub(super) fn text(field: &[u8]) -> Option<String> {
    let told = String::from_utf8_lossy(field);
    let told = told.split('@').next().unwrap_or_default().trim();
    let nothing = matches!(told, "" | "Unknown" | "Undefined" | "nan" | "NULL" | "None");
    (!nothing).then(|| told.to_owned())
}

/// `IMO9307839` or `9307839`; other forms are not IMO numbers.
pub(super) fn imo_number(field: &[u8]) -> Option<u32> {
    let digits = field.strip_prefix(b"IMO").unwrap_or(field);
    whole(digits).filter(|imo| (1_000_000..=9_999_999).contains(imo))
}

/// An instant, and whether it was a number (Unix time).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instant {
    Calendar(Timestamp),
    Unix(Timestamp),
}

/// Reads `2023-01-11T00:00:00`, also with a blank, a fraction, `Z`, `UTC`, `GMT` or an offset; `31/12/2015 23:59:59` (day
/// first); `20151231_235959`; Unix time in seconds (also with a fraction) or milliseconds. No zone is UTC.
pub(super) fn instant(field: &[u8]) -> Option<Instant> {
    let field = field.trim_ascii();
    let form =
        |places: &[(usize, u8)]| places.iter().all(|(at, byte)| field.get(*at) == Some(byte));
    let number = |range: std::ops::Range<usize>| field.get(range).and_then(digits);
    let clock = |from: usize| {
        Some((
            number(from..from + 2)?,
            number(from + 3..from + 5)?,
            number(from + 6..from + 8)?,
        ))
    };
    let (date, time, behind) = if form(&[(4, b'-'), (7, b'-'), (13, b':'), (16, b':')])
        && matches!(field[10], b'T' | b' ')
    {
        (
            (number(0..4)?, number(5..7)?, number(8..10)?),
            clock(11)?,
            &field[19..],
        )
    } else if form(&[(2, b'/'), (5, b'/'), (10, b' '), (13, b':'), (16, b':')]) {
        (
            (number(6..10)?, number(3..5)?, number(0..2)?),
            clock(11)?,
            &field[19..],
        )
    } else if form(&[(8, b'_')]) && field.len() == 15 {
        let time = (number(9..11)?, number(11..13)?, number(13..15)?);
        (
            (number(0..4)?, number(4..6)?, number(6..8)?),
            time,
            &field[15..],
        )
    } else {
        return unix(field).map(Instant::Unix);
    };
    let (fraction, zone) = fraction(behind)?;
    let calendar = Calendar {
        year: date.0,
        month: date.1,
        day: date.2,
        hour: time.0,
        minute: time.1,
        second: time.2,
        millisecond: fraction,
    };
    let instant = calendar.instant()?.checked_sub(offset(zone)?).ok()?;
    Some(Instant::Calendar(instant))
}

fn digits(field: &[u8]) -> Option<i64> {
    field
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| integer(field))?
}

/// Milliseconds of `.375540658`, and what stands behind.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.', rest)) = text.split_first() else {
        return Some((0, text));
    };
    let end = rest
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(rest.len());
    let mut thousandths = [b'0'; 3];
    let told = end.min(3);
    thousandths[..told].copy_from_slice(&rest[..told]);
    Some((digits(&thousandths)?, &rest[end..]))
}

/// Offset from UTC of `Z`, ` UTC`, ` GMT`, `+0900`, ` +09:00`, ` +0000 UTC`.
fn offset(zone: &[u8]) -> Option<SignedDuration> {
    let zone = zone.trim_ascii();
    let zone = zone.strip_suffix(b"UTC").unwrap_or(zone).trim_ascii();
    let (sign, digits_at) = match zone {
        b"" | b"Z" | b"GMT" => return Some(SignedDuration::ZERO),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let minutes_at = if digits_at.get(2) == Some(&b':') {
        3
    } else {
        2
    };
    let hours = digits(digits_at.get(..2)?)?;
    let minutes = match digits_at.get(minutes_at..)? {
        [] => 0,
        rest => digits(rest)?,
    };
    (hours < 24 && minutes < 60).then(|| SignedDuration::from_mins(sign * (60 * hours + minutes)))
}

/// Unix time of 1990, before AIS: less is another number, as the second of the minute that the radio sends.
const FIRST_UNIX_S: i64 = 631_152_000;

fn unix(field: &[u8]) -> Option<Timestamp> {
    let time = match digits(field) {
        Some(number) => unix_time(number),
        None => decimal(field)
            .filter(|seconds| (1.0..=1e11).contains(seconds))
            .and_then(|seconds| {
                Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok()
            }),
    };
    time.filter(|time| time.as_second() >= FIRST_UNIX_S)
}

/// Navigational status as number or as words (ITU-R M.1371-5, table 45).
pub(super) fn nav_status(field: &[u8]) -> Option<u8> {
    if let Some(number) = decimal(field) {
        return (0.0..16.0).contains(&number).then_some(number as u8);
    }
    const WORDS: [(&str, u8); 14] = [
        ("under way using engine", 0),
        ("at anchor", 1),
        ("not under command", 2),
        ("restricted", 3),
        ("constrained by her draught", 4),
        ("moored", 5),
        ("aground", 6),
        ("engaged in fishing", 7),
        ("under way sailing", 8),
        ("reserved for future amendment [hsc]", 9),
        ("reserved for future amendment [wig]", 10),
        ("power-driven vessel towing astern", 11),
        ("power-driven vessel pushing ahead", 12),
        ("ais-sart", 14),
    ];
    by_words(field, &WORDS)
}

/// Ship and cargo type as number or as words (ITU-R M.1371-5, table 53); words stand for the first of their tens.
pub(super) fn ship_type(field: &[u8]) -> Option<u8> {
    if let Some(number) = decimal(field) {
        return (1.0..100.0).contains(&number).then_some(number as u8);
    }
    const WORDS: [(&str, u8); 22] = [
        ("wig", 20),
        ("fishing", 30),
        ("towing long/wide", 32),
        ("towing", 31),
        ("dredging", 33),
        ("diving", 34),
        ("military", 35),
        ("sailing", 36),
        ("pleasure", 37),
        ("hsc", 40),
        ("pilot", 50),
        ("sar", 51),
        ("tug", 52),
        ("port tender", 53),
        ("anti-pollution", 54),
        ("law enforcement", 55),
        ("medical", 58),
        ("not party to conflict", 59),
        ("passenger", 60),
        ("cargo", 70),
        ("tanker", 80),
        ("other", 90),
    ];
    by_words(field, &WORDS)
}

/// The value of the first words that the field begins with.
fn by_words(field: &[u8], words: &[(&str, u8)]) -> Option<u8> {
    let field = field.trim_ascii();
    let begins = |word: &str| {
        field
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
    };
    words
        .iter()
        .find(|(word, _)| begins(word))
        .map(|(_, value)| *value)
}

/// Kind of equipment as tables name it; `None` for words of no known meaning.
pub(super) fn class(field: &[u8]) -> Option<AisClass> {
    Some(match field.trim_ascii() {
        b"A" | b"a" | b"Class A" => AisClass::A,
        b"B" | b"b" | b"Class B" => AisClass::B,
        b"Base Station" | b"base-station" => AisClass::BaseStation,
        b"AtoN" | b"aid-to-navigation" => AisClass::AidToNavigation,
        b"virtual-aid-to-navigation" => AisClass::VirtualAidToNavigation,
        b"SAR Airborne" | b"sar-aircraft" => AisClass::SarAircraft,
        b"long-range" => AisClass::LongRange,
        _ => return None,
    })
}

/// Kind of equipment that sends a message type; `None` for types without a place.
pub(super) fn class_of_type(number: u32) -> Option<AisClass> {
    Some(match number {
        1..=3 => AisClass::A,
        4 | 11 => AisClass::BaseStation,
        9 => AisClass::SarAircraft,
        18 | 19 => AisClass::B,
        21 => AisClass::AidToNavigation,
        27 => AisClass::LongRange,
        _ => return None,
    })
}
