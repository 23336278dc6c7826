//! What one file of AIS gave: reports, static data, and a count of everything that gave nothing.

use super::message::{Message, StaticData};
use crate::model::track::{Distress, Position, Vessel};
use crate::model::units::{Mmsi, MmsiKind};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

/// Everything that was read from one file.
///
/// `lines = blank_lines + clock_lines + accepted_lines + Σ rejects`: no line goes uncounted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reception {
    /// Format of the file, for people.
    pub format: &'static str,
    /// Position reports in file order.
    pub positions: Vec<Position>,
    /// Static data in file order: who, when, what. Fields not told by that message are `None`.
    pub statics: Vec<(Mmsi, Timestamp, Vessel)>,
    /// Lines that gave neither, by reason. A message of several parts counts once a part.
    pub rejects: BTreeMap<RejectReason, u64>,
    /// Number of the first line rejected for each reason, from 1.
    pub first_rejects: BTreeMap<RejectReason, u64>,
    /// Lines read; sentences strung together on one line count once each, a table's heading does not count.
    pub lines: u64,
    /// Empty lines.
    pub blank_lines: u64,
    /// Lines that only told the time (`$PGHP`, `ZDA`, `RMC`).
    pub clock_lines: u64,
    /// Lines that gave a position, static data, or both.
    pub accepted_lines: u64,
    /// Messages (or table rows) that were understood, also those without time or place.
    pub messages: u64,
    /// The same by message type (ITU-R M.1371); empty for tables.
    pub messages_by_type: BTreeMap<u8, u64>,
    /// Binary messages (types 6, 8, 25, 26) by designated area code and function identifier.
    pub binary_by_application: BTreeMap<(u16, u8), u64>,
    /// Multi-part messages of which a part never came.
    pub lost_groups: u64,
    /// True if a line names `SIMULATED` as its source.
    pub simulated: bool,
    /// Earliest time of a report or of static data (UTC).
    pub first: Option<Timestamp>,
    /// Latest time of a report or of static data (UTC).
    pub last: Option<Timestamp>,
    /// Distress beacons heard (MMSI 970, 972, 974), also those without a place. Active once is active.
    pub distress: BTreeMap<Mmsi, Distress>,
}

/// Why a line gave neither a position nor static data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RejectReason {
    /// Not an NMEA 0183 sentence.
    NotNmea,
    /// An NMEA sentence that carries no AIS message.
    OtherSentence,
    /// An AIS sentence without a checksum.
    NoChecksum,
    /// The sentence's checksum is wrong.
    Checksum,
    /// The tag block's checksum is wrong or absent.
    TagChecksum,
    /// Fields are missing or make no sense.
    Malformed,
    /// The payload holds a character outside the six-bit alphabet.
    BadPayload,
    /// Fewer bits than the message type has.
    Truncated,
    /// More bits than the message type has: two messages run together or bits were inserted.
    Overlong,
    /// A part of a message whose other parts never came.
    LostPart,
    /// A part that was heard already.
    DuplicatePart,
    /// A message type that is not read here.
    UnsupportedType,
    /// No time on the line and none before it.
    NoTime,
    /// The report says that it has no position, or the position is out of range.
    NoPosition,
    /// The MMSI has none of the forms of ITU-R M.585.
    InvalidMmsi,
    /// A table's time cannot be read.
    BadTime,
}

impl RejectReason {
    /// The reason's name as written in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotNmea => "not-nmea",
            Self::OtherSentence => "other-sentence",
            Self::NoChecksum => "no-checksum",
            Self::Checksum => "checksum",
            Self::TagChecksum => "tag-checksum",
            Self::Malformed => "malformed",
            Self::BadPayload => "bad-payload",
            Self::Truncated => "truncated",
            Self::Overlong => "overlong",
            Self::LostPart => "lost-part",
            Self::DuplicatePart => "duplicate-part",
            Self::UnsupportedType => "unsupported-type",
            Self::NoTime => "no-time",
            Self::NoPosition => "no-position",
            Self::InvalidMmsi => "invalid-mmsi",
            Self::BadTime => "bad-time",
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The lines behind one message, for counting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// Number of the last of its lines, from 1.
    pub line: u64,
    /// How many lines it came in.
    pub lines: u64,
}

impl Reception {
    /// Counts `origin`'s lines as rejected.
    pub(super) fn reject(&mut self, reason: RejectReason, origin: Origin) {
        *self.rejects.entry(reason).or_default() += origin.lines;
        self.first_rejects.entry(reason).or_insert(origin.line);
    }

    /// Takes what `message` tells; `time` is when it was received.
    pub(super) fn take(&mut self, message: Message, time: Option<Timestamp>, origin: Origin) {
        self.messages += 1;
        *self
            .messages_by_type
            .entry(message.type_number())
            .or_default() += 1;
        if let Some(application) = message.application() {
            *self.binary_by_application.entry(application).or_default() += 1;
        }
        let mmsi = message.mmsi();
        if mmsi.kind() == MmsiKind::Invalid {
            return self.reject(RejectReason::InvalidMmsi, origin);
        }
        if let Some(state) = message.distress() {
            self.note_distress(mmsi, state);
        }
        let Some(time) = time else {
            return self.reject(RejectReason::NoTime, origin);
        };
        let position = message.position_at(time);
        match (position, message.into_static()) {
            (None, StaticData::NotInType) => self.reject(RejectReason::NoPosition, origin),
            (position, data) => {
                if let Some(position) = position {
                    self.positions.push(position);
                }
                if let StaticData::Told(vessel) = data {
                    self.statics.push((mmsi, time, vessel));
                }
                self.accepted_lines += origin.lines;
                self.note_time(time);
            }
        }
    }

    /// Widens the span of times.
    pub(super) fn note_time(&mut self, time: Timestamp) {
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
    }

    pub(super) fn note_distress(&mut self, mmsi: Mmsi, state: Distress) {
        let known = self.distress.entry(mmsi).or_insert(state);
        if state == Distress::Active {
            *known = Distress::Active;
        }
    }

    /// Reasons and counts as `checksum 3, not-nmea 12`; `no lines` if there are none.
    pub fn reject_text(&self) -> String {
        if self.rejects.is_empty() {
            return "no lines".to_owned();
        }
        let counts: Vec<String> = self
            .rejects
            .iter()
            .map(|(reason, count)| format!("{reason} {count}"))
            .collect();
        counts.join(", ")
    }
}
