//! XML in which each ship is one element with its fields as attributes (AISHub's own form when none is asked for) →
//! [`Reception`].

use super::field::{NAMES, format_of, plain_name};
use super::row::{Rows, Values};
use crate::ais::AisError;
use crate::ais::reception::{Origin, Reception, RejectReason};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::Read;
use std::path::Path;

/// What XML begins with, behind blanks.
pub(in crate::ais) fn is_xml(text: &[u8]) -> bool {
    matches!(text, [b'<', b'?' | b'!' | b'A'..=b'Z' | b'a'..=b'z', ..])
}

/// Reads one document of at most `longest` bytes. What follows a fault in it is one bad record: where the next begins cannot
/// be told.
///
/// # Errors
///
/// [`AisError::Read`]; [`AisError::TooLong`]; [`AisError::Refused`] if the supplier's error is all there is.
pub(in crate::ais) fn read(
    input: impl Read,
    longest: usize,
    path: &Path,
) -> Result<Reception, AisError> {
    let mut text = Vec::new();
    let mut input = input.take(longest as u64 + 1);
    input
        .read_to_end(&mut text)
        .map_err(|source| AisError::read(path, source))?;
    if text.len() > longest {
        return Err(AisError::too_long(path, longest));
    }
    let (mut rows, mut refusal) = (Rows::default(), None);
    let mut reader = Reader::from_reader(&text[..]);
    let (mut line, mut seen) = (1, 0);
    loop {
        let event = reader.read_event();
        let at = (reader.buffer_position() as usize).min(text.len());
        let feeds = |from: usize, to: usize| {
            let passed = text.get(from..to).unwrap_or_default();
            passed.iter().filter(|byte| **byte == b'\n').count() as u64
        };
        line += feeds(seen, at);
        seen = seen.max(at);
        let origin = Origin { line, lines: 1 };
        match event {
            Ok(Event::Start(element) | Event::Empty(element)) => match attributes(&element) {
                Some(told) => take(&mut rows, &mut refusal, &told, origin),
                None => reject(&mut rows, origin),
            },
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => {
                reject(&mut rows, origin);
                break;
            }
        }
    }
    match refusal {
        Some(answer) if rows.reception.messages == 0 => Err(AisError::Refused {
            path: path.to_owned(),
            answer,
        }),
        _ => Ok(rows.reception),
    }
}

fn reject(rows: &mut Rows, origin: Origin) {
    rows.reception.lines += 1;
    rows.reception.reject(RejectReason::Malformed, origin);
}

/// Names as they are compared, and values; `None` if one cannot be read.
fn attributes(element: &BytesStart<'_>) -> Option<Vec<(Vec<u8>, String)>> {
    element
        .attributes()
        .map(|attribute| {
            let attribute = attribute.ok()?;
            let value = quick_xml::escape::unescape(&attribute.value).ok()?;
            let name = attribute.key.local_name();
            Some((plain_name(name.as_ref().as_bytes()), value.into_owned()))
        })
        .collect()
}

/// Takes an element that names a ship; others hold ships, or say why there are none.
fn take(rows: &mut Rows, refusal: &mut Option<String>, told: &[(Vec<u8>, String)], origin: Origin) {
    let named = |name: &str| {
        told.iter()
            .find(|(plain, _)| plain == name.as_bytes())
            .map(|(_, value)| value.as_str())
    };
    if named("mmsi").is_none() {
        let is_error = named("error").is_some_and(|error| error != "false");
        if is_error && refusal.is_none() {
            *refusal = named("errormessage").or(named("error")).map(str::to_owned);
        }
        return;
    }
    let names: Vec<Vec<u8>> = told.iter().map(|(name, _)| name.clone()).collect();
    let format = format_of(&names);
    if rows.reception.format.is_empty() {
        rows.reception.format = format.name;
    }
    let mut values = Values::none();
    for ((_, names), place) in NAMES.iter().zip(&mut values.0) {
        if let Some(value) = names.iter().find_map(|name| named(name)) {
            *place = value.as_bytes();
        }
    }
    rows.take(&values, format.radio_units, origin);
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use crate::model::units::LonLat;

    fn read_text(text: &str) -> Result<Reception, AisError> {
        read(text.as_bytes(), 1 << 16, Path::new("ais.xml"))
    }

    const HUMAN: &str = r#"<vessel MMSI="413811000" TIME="2011-04-12 10:40:27 GMT" LONGITUDE="118.44586666667" LATITUDE="38.874833333333" COG="356" SOG="0.1" HEADING="116" NAVSTAT="1" IMO="9118824" NAME="A &amp; B" CALLSIGN="BVKU" TYPE="70" A="197" B="27" C="20" D="12" DRAUGHT="7.5" DEST="CAOFEIDIAN" ETA="04-10 07:00"/>"#;

    #[test]
    fn the_suppliers_samples_are_read_in_both_units() {
        let radio = r#"<vessel MMSI="235085131" TIME="1302264927" LONGITUDE="-818067" LATITUDE="30453520" COG="2351" SOG="59" HEADING="511" NAVSTAT="0" PAC="0" ROT="0" IMO="0" NAME="ZAC V" CALLSIGN="ZIYX3" TYPE="36" DEVICE="0" A="8" B="4" C="2" D="2" DRAUGHT="0" DEST="" ETA="" AISVER="0"/>"#;
        let heard = read_text(&format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<VESSELS>\n{HUMAN}\n{radio}\n</VESSELS>\n"
        ))
        .unwrap();
        assert_eq!(
            (heard.format, heard.lines, heard.messages),
            ("AISHub", 2, 2)
        );
        let [human, radio] = &heard.positions[..] else {
            panic!("{:?}", heard.positions);
        };
        assert_eq!(human.time.to_string(), "2011-04-12T10:40:27Z");
        assert_eq!((human.sog_kn, human.cog_deg), (Some(0.1), Some(356.0)));
        assert_eq!(heard.statics[0].2.name.as_deref(), Some("A & B"));
        assert_eq!(radio.time.as_second(), 1_302_264_927);
        let place = LonLat::new(-818_067.0 / 600_000.0, 30_453_520.0 / 600_000.0);
        assert_eq!(radio.position, place);
        assert_eq!((radio.sog_kn, radio.cog_deg), (Some(5.9), Some(235.1)));
        assert_eq!(radio.heading_deg, None);
    }

    #[test]
    fn a_fault_is_counted_with_its_line_and_what_stands_before_it_is_read() {
        let heard = read_text(&format!(
            "<V>\n{HUMAN}\n<vessel MMSI=\"1\" MMSI=\"1\"/>\n{HUMAN}\n</W>"
        ))
        .unwrap();
        assert_eq!((heard.positions.len(), heard.lines), (2, 4));
        assert_eq!(heard.first_rejects[&RejectReason::Malformed], 3);
        assert_eq!(heard.rejects[&RejectReason::Malformed], 2);
    }

    #[test]
    fn an_error_in_place_of_ships_is_told_in_its_own_words() {
        let error = read_text(r#"<AISHUB ERROR="true" ERROR_MESSAGE="Too frequent requests!"/>"#);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("Too frequent requests!"), "{error}");
    }

    #[test]
    fn a_document_beyond_the_limit_is_an_error_that_names_the_limit() {
        let error = read(HUMAN.as_bytes(), 64, Path::new("ais.xml")).unwrap_err();
        assert!(error.to_string().contains("64 bytes"), "{error}");
    }
}
