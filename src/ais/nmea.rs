//! A stream of NMEA 0183 lines → [`Reception`].

use super::assemble::{Arrival, Assembler};
use super::bits::Bits;
use super::clock::{ClockLine, StreamClock};
use super::decode::decode;
use super::message::Message;
use super::reception::{Origin, Reception, RejectReason};
use super::sentence::{Line, Sentence, parse};
use jiff::Timestamp;
use rayon::prelude::*;
use std::io::{self, BufRead, Read};

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
    while read_line(&mut input, &mut line, MAX_LINE)? {
        reader.line(&line);
    }
    Ok(reader.finish())
}

/// Reads up to the next line feed, keeping at most `longest` bytes; false at the end of the input.
pub(super) fn read_line(
    input: &mut impl BufRead,
    line: &mut Vec<u8>,
    longest: usize,
) -> io::Result<bool> {
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
        let room = longest - line.len();
        line.extend_from_slice(&piece[..piece.len().min(room)]);
        let used = end.map_or(buffer.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// Bytes that one core reads at a time.
const PIECE: usize = 1 << 20;

/// Reads to the end of `log` on every core. The same as [`read`] to the last bit, wherever the log is split: cores read
/// sentences and single-sentence messages; time and parts are put together in the order of the lines. A few pieces a core
/// are held at a time, whatever the log's length.
///
/// # Errors
///
/// Only those of `log`: a bad line is counted, and reading goes on.
pub fn read_on_every_core(log: impl Read) -> io::Result<Reception> {
    read_pieces(log, PIECE)
}

fn read_pieces(mut log: impl Read, piece: usize) -> io::Result<Reception> {
    let mut reader = Reader::default();
    let batch = piece.saturating_mul(rayon::current_num_threads() * 2);
    let mut held = Vec::new();
    while log.by_ref().take(batch as u64).read_to_end(&mut held)? > 0 {
        match held.iter().rposition(|&byte| byte == b'\n') {
            Some(end) => {
                reader.lines(&held[..=end], piece);
                held.drain(..=end);
            }
            // A line that has not ended: no more of it is looked at.
            None => held.truncate(MAX_LINE),
        }
    }
    reader.lines(&held, piece);
    Ok(reader.finish())
}

/// Cuts lines into pieces of about `piece` bytes that end behind line feeds.
fn split_lines(lines: &[u8], piece: usize) -> Vec<&[u8]> {
    let (mut pieces, mut rest) = (Vec::new(), lines);
    while !rest.is_empty() {
        let from = piece.min(rest.len());
        let end = rest[from..].iter().position(|&byte| byte == b'\n');
        let (head, behind) = rest.split_at(end.map_or(rest.len(), |end| from + end + 1));
        pieces.push(head);
        rest = behind;
    }
    pieces
}

/// What a piece's lines hold; true marks the first of each line.
fn steps_of_piece(piece: &[u8]) -> Vec<(bool, Step<'_>)> {
    let mut bits = Bits::default();
    let mut found = Vec::with_capacity(piece.len() / 48);
    let lines = piece.strip_suffix(b"\n").unwrap_or(piece);
    for line in lines.split(|&byte| byte == b'\n') {
        let mut first = true;
        steps(&line[..line.len().min(MAX_LINE)], &mut bits, |step| {
            found.push((first, step));
            first = false;
        });
    }
    found
}

/// Decodes every message of a log in memory on every core and calls `each`, in no particular order, with the time that its
/// sentence itself carries; nothing is kept. Returns how many sentences gave or were part of a message. For measuring the
/// decoder, without the sorting into reports that [`read`] does behind it.
pub fn each_message(log: &[u8], each: impl Fn(&Message, Option<Timestamp>) + Sync) -> u64 {
    let pieces = split_lines(log, PIECE);
    let read: Vec<(u64, Vec<Sentence<'_>>)> = pieces
        .into_par_iter()
        .map(|piece| {
            let (mut bits, mut count, mut parts) = (Bits::default(), 0, Vec::new());
            for line in piece.split(|&byte| byte == b'\n') {
                steps(line, &mut bits, |step| match step {
                    Step::Whole {
                        time,
                        outcome: Ok(message),
                        ..
                    } => {
                        count += 1;
                        each(&message, time);
                    }
                    Step::Part(sentence) => parts.push(sentence),
                    _ => {}
                });
            }
            (count, parts)
        })
        .collect();
    let (mut assembler, mut bits) = (Assembler::default(), Bits::default());
    let mut line = 0;
    let mut sentences = 0;
    for (count, parts) in read {
        sentences += count;
        for sentence in parts {
            line += 1;
            let time = sentence.time();
            let whole = assembler.push(&sentence, Arrival { line, time }, &mut bits);
            if let Ok(Some(whole)) = whole
                && let Ok(message) = decode(&bits)
            {
                sentences += whole.origin.lines;
                each(&message, whole.time);
            }
        }
    }
    sentences
}

/// What one sentence is by itself, whatever stands around it.
enum Step<'a> {
    Blank,
    Clock(ClockLine),
    Refused(RejectReason),
    Whole {
        time: Option<Timestamp>,
        simulated: bool,
        outcome: Result<Message, RejectReason>,
    },
    Part(Sentence<'a>),
}

/// Reads the sentences of one line.
fn steps<'a>(line: &'a [u8], bits: &mut Bits, mut each: impl FnMut(Step<'a>)) {
    let mut rest = line;
    loop {
        let (parsed, behind) = parse(rest);
        each(match parsed {
            Ok(Line::Blank) => Step::Blank,
            Ok(Line::Clock(time)) => Step::Clock(time),
            Ok(Line::Ais(sentence)) if sentence.total == 1 => {
                bits.clear();
                let armour = bits.push_armoured(sentence.payload, sentence.fill);
                Step::Whole {
                    time: sentence.time(),
                    simulated: sentence.tag.source == Some(SIMULATED_SOURCE),
                    outcome: armour.and_then(|()| decode(bits)),
                }
            }
            Ok(Line::Ais(sentence)) => Step::Part(sentence),
            Err(reason) => Step::Refused(reason),
        });
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
}

/// State of one stream.
#[derive(Default)]
pub(super) struct Reader {
    clock: StreamClock,
    assembler: Assembler,
    bits: Bits,
    parts: Bits,
    /// Number of the line being read, from 1.
    line: u64,
    reception: Reception,
}

impl Reader {
    /// Reads whole lines; only the last may lack its line feed.
    fn lines(&mut self, lines: &[u8], piece: usize) {
        let pieces = split_lines(lines, piece);
        let read: Vec<Vec<(bool, Step<'_>)>> = pieces.into_par_iter().map(steps_of_piece).collect();
        for (first, step) in read.into_iter().flatten() {
            self.line += u64::from(first);
            self.apply(step);
        }
    }

    /// Takes a line of a live stream: what carries no time was sent at `now`.
    pub(super) fn line_at(&mut self, line: &[u8], now: Timestamp) {
        self.clock.hear(ClockLine::Receiver(now));
        self.line(&line[..line.len().min(MAX_LINE)]);
    }

    /// What was read so far.
    pub(super) fn heard(&self) -> &Reception {
        &self.reception
    }

    /// The same, to be taken out.
    pub(super) fn reception(&mut self) -> &mut Reception {
        &mut self.reception
    }

    fn line(&mut self, line: &[u8]) {
        let mut bits = std::mem::take(&mut self.bits);
        self.line += 1;
        steps(line, &mut bits, |step| self.apply(step));
        self.bits = bits;
    }

    fn apply(&mut self, step: Step<'_>) {
        self.reception.lines += 1;
        match step {
            Step::Blank => self.reception.blank_lines += 1,
            Step::Clock(time) => {
                self.clock.hear(time);
                self.reception.clock_lines += 1;
            }
            Step::Refused(reason) => self.reject(reason, 1),
            Step::Whole {
                time,
                simulated,
                outcome,
            } => {
                self.reception.simulated |= simulated;
                let time = self.clock.time_of_line(time);
                let line = self.line;
                self.take(outcome, time, Origin { line, lines: 1 });
            }
            Step::Part(sentence) => self.part(&sentence),
        }
    }

    fn part(&mut self, sentence: &Sentence<'_>) {
        self.reception.simulated |= sentence.tag.source == Some(SIMULATED_SOURCE);
        let at = Arrival {
            line: self.line,
            time: self.clock.time_of_line(sentence.time()),
        };
        let mut bits = std::mem::take(&mut self.parts);
        let outcome = self.assembler.push(sentence, at, &mut bits);
        self.count_lost();
        match outcome {
            Ok(Some(whole)) => self.take(decode(&bits), whole.time, whole.origin),
            Ok(None) => {}
            Err((reason, origin)) => self.reception.reject(reason, origin),
        }
        self.parts = bits;
    }

    fn take(
        &mut self,
        outcome: Result<Message, RejectReason>,
        time: Option<Timestamp>,
        origin: Origin,
    ) {
        match outcome {
            Ok(message) => self.reception.take(message, time, origin),
            Err(reason) => self.reception.reject(reason, origin),
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

    /// Gives up parts whose others never came.
    pub(super) fn finish(mut self) -> Reception {
        self.assembler.finish();
        self.count_lost();
        self.reception.format = "NMEA 0183";
        self.reception
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::ais::encode::encode;
    use crate::ais::message::{Motion, PositionReport};
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

    #[test]
    fn a_log_split_anywhere_reads_as_one() {
        let log = format!(
            "{GROUP_FIRST}\n{TYPE_1}\n\n{GROUP_SECOND}\r\n{GROUP_FIRST}{GROUP_SECOND}\nxx\n{TYPE_1}"
        );
        let whole = read_text(&log);
        assert_eq!(whole.statics.len(), 2);
        for piece in 1..log.len() + 2 {
            assert_eq!(
                read_pieces(log.as_bytes(), piece).unwrap(),
                whole,
                "pieces of {piece} bytes"
            );
        }
    }

    #[test]
    fn a_line_longer_than_a_batch_is_cut_and_counted_once() {
        let log = [&vec![b'x'; 100_000][..], b"\n", TYPE_1.as_bytes()].concat();
        let whole = read(&log[..]).unwrap();
        assert_eq!((whole.lines, whole.messages), (2, 1));
        for piece in [1, 100, 5000] {
            assert_eq!(
                read_pieces(&log[..], piece).unwrap(),
                whole,
                "pieces of {piece} bytes"
            );
        }
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
