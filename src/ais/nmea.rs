//! A stream of NMEA 0183 lines → [`Reception`].

use super::assemble::{Arrival, Assembler};
use super::bits::Bits;
use super::clock::StreamClock;
use super::decode::decode;
use super::reception::{Origin, Reception, RejectReason};
use super::sentence::{Line, Sentence, parse};
use std::io::{self, BufRead};

/// Source named in the tag block of simulated logs.
pub const SIMULATED_SOURCE: &[u8] = b"SIMULATED";

/// Bytes of one line that are looked at; longer lines are cut, so that a file without line ends stays small in memory.
const MAX_LINE: usize = 4096;

/// Reads to the end of `input`.
///
/// # Errors
///
/// Only those of `input`: a bad line is counted, and reading goes on.
pub fn read(mut input: impl BufRead) -> io::Result<Reception> {
    let mut reader = Reader::default();
    let mut line = Vec::with_capacity(MAX_LINE);
    while read_line(&mut input, &mut line)? {
        reader.line(&line);
    }
    Ok(reader.finish())
}

/// Reads up to the next line feed, keeping at most [`MAX_LINE`] bytes; false at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let piece = &buffer[..end.unwrap_or(buffer.len())];
        let room = MAX_LINE - line.len();
        line.extend_from_slice(&piece[..piece.len().min(room)]);
        let used = end.map_or(buffer.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// State of one stream.
#[derive(Default)]
struct Reader {
    clock: StreamClock,
    assembler: Assembler,
    bits: Bits,
    /// Number of the line being read, from 1.
    line: u64,
    reception: Reception,
}

impl Reader {
    fn line(&mut self, line: &[u8]) {
        self.line += 1;
        let mut rest = line;
        loop {
            self.reception.lines += 1;
            let (parsed, behind) = parse(rest);
            match parsed {
                Ok(Line::Blank) => self.reception.blank_lines += 1,
                Ok(Line::Clock(time)) => {
                    self.clock.hear(time);
                    self.reception.clock_lines += 1;
                }
                Ok(Line::Ais(sentence)) => self.sentence(&sentence),
                Err(reason) => self.reject(reason, 1),
            }
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
    }

    fn sentence(&mut self, sentence: &Sentence<'_>) {
        self.reception.simulated |= sentence.tag.source == Some(SIMULATED_SOURCE);
        let at = Arrival {
            line: self.line,
            time: self.clock.time_of_line(sentence.time()),
        };
        let outcome = self.assembler.push(sentence, at, &mut self.bits);
        self.count_lost();
        let whole = match outcome {
            Ok(Some(whole)) => whole,
            Ok(None) => return,
            Err((reason, origin)) => return self.reception.reject(reason, origin),
        };
        match decode(&self.bits) {
            Ok(message) => self.reception.take(message, whole.time, whole.origin),
            Err(reason) => self.reception.reject(reason, whole.origin),
        }
    }

    fn count_lost(&mut self) {
        let lost = self.assembler.take_lost();
        if lost.groups > 0 {
            self.reception.lost_groups += lost.groups;
            let origin = Origin {
                line: lost.line,
                lines: lost.parts,
            };
            self.reception.reject(RejectReason::LostPart, origin);
        }
    }

    fn reject(&mut self, reason: RejectReason, lines: u64) {
        let line = self.line;
        self.reception.reject(reason, Origin { line, lines });
    }

    fn finish(mut self) -> Reception {
        self.assembler.finish();
        self.count_lost();
        self.reception
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::ais::encode::encode;
    use crate::ais::message::{Message, Motion, PositionReport};
    use crate::model::track::Distress;
    use crate::model::units::Mmsi;
    use proptest::prelude::*;

    const TYPE_1: &str = "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A";
    const GROUP_FIRST: &str = "\\g:1-2-1278,s:66,c:1661782369*43\\!AIVDM,2,1,3,A,56=nR7D00003A<I@E=@TmDh637OS60mA:222220N1@6427?P00888888,0*66";
    const GROUP_SECOND: &str = "!AIVDM,2,2,3,A,888888888888880,2*27";

    fn read_text(text: &str) -> Reception {
        read(text.as_bytes()).unwrap()
    }

    fn counted(reception: &Reception) -> u64 {
        let rejected: u64 = reception.rejects.values().sum();
        reception.blank_lines + reception.clock_lines + reception.accepted_lines + rejected
    }

    #[test]
    fn a_line_without_time_is_counted_and_gives_no_position() {
        let reception = read_text(TYPE_1);
        assert_eq!(reception.messages, 1);
        assert_eq!(reception.rejects[&RejectReason::NoTime], 1);
        assert!(reception.positions.is_empty());
    }

    #[test]
    fn a_gatehouse_header_gives_its_time_to_the_next_line() {
        let reception = read_text(&format!(
            "$PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B*5B\r\n{TYPE_1}\r\n"
        ));
        let position = &reception.positions[0];
        assert_eq!(position.time.to_string(), "2010-06-11T11:46:11.39Z");
        assert_eq!(position.mmsi, Mmsi(371_798_000));
        assert!((position.position.lon_deg - -123.395_383_333).abs() < 1e-8);
        assert!((position.position.lat_deg - 48.381_633_333).abs() < 1e-8);
    }

    #[test]
    fn a_bare_second_part_joins_a_first_part_with_a_tag_block() {
        let reception = read_text(&format!("{GROUP_FIRST}\n{TYPE_1}\n{GROUP_SECOND}\n"));
        assert_eq!(reception.statics.len(), 1);
        let (mmsi, time, vessel) = &reception.statics[0];
        assert_eq!(*mmsi, Mmsi(417_178_141));
        assert_eq!(vessel.name.as_deref(), Some("IMULA 1781 MTR"));
        assert_eq!((vessel.length_m, vessel.width_m), (Some(16.0), Some(6.0)));
        assert_eq!((vessel.imo, vessel.destination.as_deref()), (None, None));
        assert_eq!(time.as_second(), 1_661_782_369);
        assert_eq!(reception.accepted_lines, 3);
    }

    #[test]
    fn parts_out_of_order_make_the_same_message() {
        let ordered = read_text(&format!("{GROUP_FIRST}\n{GROUP_SECOND}\n"));
        let swapped = read_text(&format!("{GROUP_SECOND}\n{GROUP_FIRST}\n"));
        assert_eq!(ordered.statics, swapped.statics);
        assert_eq!(swapped.lost_groups, 0);
    }

    #[test]
    fn a_part_that_comes_after_the_time_out_is_lost_and_counted() {
        let clock = "\\c:1661782400*50\\";
        let reception = read_text(&format!("{GROUP_FIRST}\n{clock}{TYPE_1}\n{GROUP_SECOND}\n"));
        assert_eq!(reception.lost_groups, 2);
        assert_eq!(reception.rejects[&RejectReason::LostPart], 2);
        assert!(reception.statics.is_empty());
        assert_eq!(counted(&reception), reception.lines);
    }

    #[test]
    fn a_part_heard_twice_does_no_harm() {
        let reception = read_text(&format!("{GROUP_FIRST}\n{GROUP_FIRST}\n{GROUP_SECOND}\n"));
        assert_eq!(reception.rejects[&RejectReason::DuplicatePart], 1);
        assert_eq!(reception.statics.len(), 1);
    }

    #[test]
    fn a_search_and_rescue_transmitter_under_test_pages_nobody() {
        let beacon = |nav_status| {
            let report = PositionReport {
                type_number: 1,
                link: crate::ais::message::Link::default(),
                mmsi: Mmsi(970_010_119),
                nav_status: Some(nav_status),
                turn: None,
                motion: Motion::default(),
                special_manoeuvre: None,
            };
            encode(&Message::Position(report), None, 0).remove(0)
        };
        let (test, active) = (beacon(15), beacon(14));
        let heard = |text: &str| read_text(text).distress[&Mmsi(970_010_119)];
        assert_eq!(heard(&test), Distress::Test);
        assert_eq!(heard(&format!("{active}\n{test}")), Distress::Active);
        assert_eq!(heard(&format!("{test}\n{active}")), Distress::Active);
    }

    #[test]
    fn a_line_without_end_is_cut_and_counted_once() {
        let reception = read(&vec![b'x'; 100_000][..]).unwrap();
        assert_eq!(reception.lines, 1);
        assert_eq!(reception.rejects[&RejectReason::NotNmea], 1);
    }

    proptest! {
        #[test]
        fn every_line_of_random_bytes_is_counted(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let reception = read(&bytes[..]).unwrap();
            prop_assert_eq!(counted(&reception), reception.lines);
        }

        #[test]
        fn every_line_of_damaged_ais_is_counted(
            at in proptest::collection::vec((0_usize..400, any::<u8>()), 0..6),
        ) {
            let mut text = format!("{GROUP_FIRST}\n{TYPE_1}\n{GROUP_SECOND}\n{GROUP_FIRST}{GROUP_FIRST}\n").into_bytes();
            for (place, byte) in at {
                if let Some(target) = text.get_mut(place) {
                    *target = byte;
                }
            }
            let reception = read(&text[..]).unwrap();
            prop_assert_eq!(counted(&reception), reception.lines);
        }
    }
}
