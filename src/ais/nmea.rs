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
pub(super) const PIECE: usize = 1 << 20;

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
    let (mut reader, mut held) = (Reader::default(), Vec::new());
    while reader.batch(&mut log, piece, &mut held)? {}
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
    /// Binary messages since they were last taken; `None` if nobody takes them.
    binary: Option<Vec<(Option<Timestamp>, Message)>>,
}

impl Reader {
    /// One that keeps binary messages to be taken.
    pub(super) fn with_binary() -> Self {
        Self {
            binary: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Binary messages since the last call.
    pub(super) fn take_binary(&mut self) -> Vec<(Option<Timestamp>, Message)> {
        self.binary.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Reads a few pieces a core from `log`; what behind the last line feed is left over stays in `held`. False at the end.
    pub(super) fn batch(
        &mut self,
        log: &mut impl Read,
        piece: usize,
        held: &mut Vec<u8>,
    ) -> io::Result<bool> {
        let most = piece.saturating_mul(rayon::current_num_threads() * 2);
        if log.by_ref().take(most as u64).read_to_end(held)? == 0 {
            self.lines(held, piece);
            held.clear();
            return Ok(false);
        }
        match held.iter().rposition(|&byte| byte == b'\n') {
            Some(end) => {
                self.lines(&held[..=end], piece);
                held.drain(..=end);
            }
            // A line that has not ended: no more of it is looked at.
            None => held.truncate(MAX_LINE),
        }
        Ok(true)
    }

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
            Ok(message) => {
                if let Some(binary) = &mut self.binary
                    && matches!(message, Message::Binary(_) | Message::SlotBinary(_))
                {
                    binary.push((time, message.clone()));
                }
                self.reception.take(message, time, origin);
            }
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
#[path = "nmea_tests.rs"]
mod tests;
