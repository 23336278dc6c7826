//! Parts of messages → whole messages, out of order and interleaved.
//!
//! Parts belong together if talker, channel, sequence id and total agree and the stations do not contradict each other
//! (lines behind the first of a group often carry no tag block); where both lines carry a group id in their tag block,
//! that id decides in place of the sequence id. The same sequence id comes back after nine other messages, and no checksum
//! spans a whole message, so parts that come late are kept apart: 30 s of stream time at most, and 2 s where a later
//! part stood before an earlier one.

use super::bits::Bits;
use super::reception::{Origin, RejectReason};
use super::sentence::Sentence;
use jiff::Timestamp;

/// Longest wait for the next part, seconds of stream time.
const TIME_OUT_S: f64 = 30.0;
/// Longest wait for an earlier part, seconds of stream time.
const OUT_OF_ORDER_S: f64 = 2.0;
/// Longest wait for the next part, lines: for streams without time.
const TIME_OUT_LINES: u64 = 2_000;
/// Longest wait for an earlier part, lines.
const OUT_OF_ORDER_LINES: u64 = 50;
/// Groups open at one time; the oldest is given up for a new one.
const MAX_OPEN: usize = 256;

/// Joins parts.
#[derive(Debug, Default)]
pub struct Assembler {
    open: Vec<Group>,
    lost: Lost,
}

/// What was given up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lost {
    /// Messages.
    pub groups: u64,
    /// Parts of them that had come.
    pub parts: u64,
    /// Number of a line among them, from 1: the first since the last [`Assembler::take_lost`].
    pub line: u64,
}

/// A message of which not all parts have come.
#[derive(Debug)]
struct Group {
    talker: [u8; 2],
    channel: Option<u8>,
    sequence: Option<u8>,
    total: u8,
    station: Option<Vec<u8>>,
    tag_id: Option<Vec<u8>>,
    parts: Vec<Part>,
    line: u64,
    time: Option<Timestamp>,
}

#[derive(Debug)]
struct Part {
    number: u8,
    payload: Vec<u8>,
    fill: u8,
}

/// A sentence's place in the stream.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// Number of the line, from 1.
    pub line: u64,
    /// Stream time (UTC).
    pub time: Option<Timestamp>,
}

/// A whole message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    /// Time of the part that came first (UTC).
    pub time: Option<Timestamp>,
    /// Its lines.
    pub origin: Origin,
}

impl Assembler {
    /// Takes one sentence; `Some` if it makes a message whole, which then stands in `bits`.
    ///
    /// # Errors
    ///
    /// [`RejectReason::BadPayload`] (with the number of lines it spoils) or [`RejectReason::DuplicatePart`].
    pub(super) fn push(
        &mut self,
        sentence: &Sentence<'_>,
        at: Arrival,
        bits: &mut Bits,
    ) -> Result<Option<Whole>, (RejectReason, Origin)> {
        let line = at.line;
        let alone = Origin { line, lines: 1 };
        if sentence.total == 1 {
            bits.clear();
            bits.push_armoured(sentence.payload, sentence.fill)
                .map_err(|reason| (reason, alone))?;
            let time = at.time;
            let origin = alone;
            return Ok(Some(Whole { time, origin }));
        }
        self.give_up_old(at);
        let index = match self.find(sentence, at) {
            Some(index) => match self.open[index].holds(sentence) {
                Held::No => index,
                Held::Same => return Err((RejectReason::DuplicatePart, alone)),
                Held::Other => {
                    let group = self.open.remove(index);
                    self.give_up(&group);
                    self.open(sentence, at)
                }
            },
            None => self.open(sentence, at),
        };
        let group = &mut self.open[index];
        group.add(sentence);
        if group.parts.len() < usize::from(group.total) {
            return Ok(None);
        }
        let group = self.open.remove(index);
        let lines = group.parts.len() as u64;
        let origin = Origin { line, lines };
        let time = group.time.or(at.time);
        group.write(bits).map_err(|reason| (reason, origin))?;
        Ok(Some(Whole { time, origin }))
    }

    /// What was given up since the last call.
    pub fn take_lost(&mut self) -> Lost {
        std::mem::take(&mut self.lost)
    }

    /// Gives up every open group: the stream has ended.
    pub fn finish(&mut self) {
        for group in std::mem::take(&mut self.open) {
            self.give_up(&group);
        }
    }

    /// The group a part belongs to: the newest with the same station, else the newest that may have it.
    fn find(&self, sentence: &Sentence<'_>, at: Arrival) -> Option<usize> {
        let station = sentence.station();
        let fits = |group: &&Group| group.fits(sentence) && group.in_time(sentence, at);
        let newest = |same: &dyn Fn(&Group) -> bool| {
            self.open
                .iter()
                .rposition(|group| fits(&group) && same(group))
        };
        newest(&|group| group.station.as_deref() == station)
            .or_else(|| newest(&|group| group.station.is_none() || station.is_none()))
    }

    fn open(&mut self, sentence: &Sentence<'_>, at: Arrival) -> usize {
        if self.open.len() == MAX_OPEN {
            let oldest = self.open.remove(0);
            self.give_up(&oldest);
        }
        self.open.push(Group::new(sentence, at));
        self.open.len() - 1
    }

    fn give_up_old(&mut self, now: Arrival) {
        let mut index = 0;
        while index < self.open.len() {
            let group = &self.open[index];
            if group.age_in_lines(now) > TIME_OUT_LINES || group.age_s(now) > TIME_OUT_S {
                let group = self.open.remove(index);
                self.give_up(&group);
            } else {
                index += 1;
            }
        }
    }

    fn give_up(&mut self, group: &Group) {
        if self.lost.groups == 0 {
            self.lost.line = group.line;
        }
        self.lost.groups += 1;
        self.lost.parts += group.parts.len() as u64;
    }
}

/// Whether a group has a part already.
enum Held {
    No,
    Same,
    Other,
}

impl Group {
    fn new(sentence: &Sentence<'_>, at: Arrival) -> Self {
        Self {
            talker: sentence.talker,
            channel: sentence.channel,
            sequence: sentence.sequence,
            total: sentence.total,
            station: None,
            tag_id: None,
            parts: Vec::with_capacity(usize::from(sentence.total)),
            line: at.line,
            time: at.time,
        }
    }

    fn fits(&self, sentence: &Sentence<'_>) -> bool {
        let same_message = match (&self.tag_id, sentence.tag.group) {
            (Some(id), Some(group)) => id == group.id,
            _ => self.sequence == sentence.sequence,
        };
        same_message
            && self.talker == sentence.talker
            && self.channel == sentence.channel
            && self.total == sentence.total
    }

    /// True unless the part stands before one that came too long ago.
    fn in_time(&self, sentence: &Sentence<'_>, at: Arrival) -> bool {
        let behind_all = self.parts.iter().all(|part| part.number <= sentence.number);
        behind_all
            || (self.age_in_lines(at) <= OUT_OF_ORDER_LINES && self.age_s(at) <= OUT_OF_ORDER_S)
    }

    fn age_in_lines(&self, now: Arrival) -> u64 {
        now.line.saturating_sub(self.line)
    }

    /// Seconds of stream time since the group was opened, backwards or forwards; 0 if not known.
    fn age_s(&self, now: Arrival) -> f64 {
        match (self.time, now.time) {
            (Some(then), Some(now)) => now.duration_since(then).as_secs_f64().abs(),
            _ => 0.0,
        }
    }

    fn holds(&self, sentence: &Sentence<'_>) -> Held {
        let held = self
            .parts
            .iter()
            .find(|part| part.number == sentence.number);
        match held {
            None => Held::No,
            Some(part) if part.payload == sentence.payload => Held::Same,
            Some(_) => Held::Other,
        }
    }

    fn add(&mut self, sentence: &Sentence<'_>) {
        self.parts.push(Part {
            number: sentence.number,
            payload: sentence.payload.to_vec(),
            fill: sentence.fill,
        });
        if self.station.is_none() {
            self.station = sentence.station().map(<[u8]>::to_vec);
        }
        if self.tag_id.is_none() {
            self.tag_id = sentence.tag.group.map(|group| group.id.to_vec());
        }
    }

    fn write(mut self, bits: &mut Bits) -> Result<(), RejectReason> {
        self.parts.sort_by_key(|part| part.number);
        bits.clear();
        for part in &self.parts {
            bits.push_armoured(&part.payload, part.fill)?;
        }
        Ok(())
    }
}
