//! [`Message`] → `!AIVDM` sentences: the simulator's radio, and the decoder's counterpart in tests.
//!
//! Spare bits are sent as 0. Values beyond the format's range are sent as "not available" or, where the format has one, as its largest value.

use super::bits::armour;
use super::message::{
    Aid, BaseStation, ClassB, ClassBExtended, ClassBName, ClassBParticulars, LongRange, Message,
    Motion, PositionReport, STATUS_NOT_DEFINED, Size, Turn, Voyage,
};
use super::sentence::checksum;
use super::tag::TagBlock;
use crate::model::units::{LonLat, Mmsi};
use jiff::tz::Offset;

/// Payload characters in one sentence: 82 characters a line, less address, fields, checksum and line end.
const PAYLOAD_CHARACTERS: usize = 60;

/// Writes a message as one or more sentences without line ends, on channel A.
///
/// `tag`'s source and time are written before each sentence as `\s:…,c:…*hh\`; time in whole seconds if it is, else
/// in milliseconds. `sequence` (mod 10) joins the parts of a long message. Types other than 1–5, 11, 18, 19, 21, 24 and 27
/// give no sentence.
pub fn encode(message: &Message, tag: Option<&TagBlock<'_>>, sequence: u8) -> Vec<String> {
    if !is_written(message) {
        return Vec::new();
    }
    let mut writer = Writer::default();
    writer.message(message);
    let (payload, fill) = writer.armoured();
    let prefix = tag.map_or_else(String::new, tag_text);
    let parts: Vec<&str> = split_payload(&payload);
    let sequence_text = match parts.len() {
        1 => String::new(),
        _ => (sequence % 10).to_string(),
    };
    let total = parts.len();
    let number_parts = parts.iter().enumerate();
    number_parts
        .map(|(at, part)| {
            let number = at + 1;
            let fill = if number == total { fill } else { 0 };
            let body = format!("AIVDM,{total},{number},{sequence_text},A,{part},{fill}");
            format!("{prefix}!{body}*{:02X}", checksum::of(body.as_bytes()))
        })
        .collect()
}

fn split_payload(payload: &str) -> Vec<&str> {
    let starts = (0..payload.len()).step_by(PAYLOAD_CHARACTERS);
    starts
        .map(|start| &payload[start..payload.len().min(start + PAYLOAD_CHARACTERS)])
        .collect()
}

fn tag_text(tag: &TagBlock<'_>) -> String {
    let source = tag
        .source
        .map(|source| format!("s:{}", String::from_utf8_lossy(source)));
    let time = tag.time.map(|time| match time.as_millisecond() {
        whole if whole % 1000 == 0 => format!("c:{}", whole / 1000),
        fraction => format!("c:{fraction}"),
    });
    let fields: Vec<String> = source.into_iter().chain(time).collect();
    let fields = fields.join(",");
    format!("\\{fields}*{:02X}\\", checksum::of(fields.as_bytes()))
}

/// Bits being written, one a byte.
#[derive(Default)]
struct Writer {
    bits: Vec<bool>,
}

impl Writer {
    fn armoured(&self) -> (String, u8) {
        let characters = self.bits.chunks(6).map(|chunk| {
            let value = chunk
                .iter()
                .fold(0, |value, &bit| value << 1 | u8::from(bit));
            char::from(armour(value << (6 - chunk.len())))
        });
        let fill = (6 - self.bits.len() % 6) % 6;
        (characters.collect(), fill as u8)
    }

    fn message(&mut self, message: &Message) {
        self.number(u32::from(message.type_number()), 6);
        self.number(u32::from(repeat(message)), 2);
        self.mmsi(message.mmsi());
        match message {
            Message::Position(report) => self.position_report(report),
            Message::BaseStation(station) | Message::TimeResponse(station) => {
                self.base_station(station);
            }
            Message::Voyage(voyage) => self.voyage(voyage),
            Message::ClassB(report) => self.class_b(report),
            Message::ClassBExtended(report) => self.class_b_extended(report),
            Message::Aid(aid) => self.aid(aid),
            Message::ClassBName(name) => self.class_b_name(name),
            Message::ClassBParticulars(particulars) => self.class_b_particulars(particulars),
            Message::LongRange(report) => self.long_range(report),
            // Refused by `encode`.
            _ => {}
        }
    }

    fn position_report(&mut self, report: &PositionReport) {
        self.number(nav_status(report.nav_status), 4);
        self.number(turn(report.turn), 8);
        self.motion(&report.motion);
        self.number(
            match report.special_manoeuvre {
                None => 0,
                Some(false) => 1,
                Some(true) => 2,
            },
            2,
        );
        self.number(0, 3);
        self.flag(report.motion.raim);
        self.number(report.link.radio, 19);
    }

    fn base_station(&mut self, station: &BaseStation) {
        match station.time.map(|time| Offset::UTC.to_datetime(time)) {
            Some(time) => {
                self.number(u32::try_from(time.year()).unwrap_or(0), 14);
                self.number(time.month() as u32, 4);
                self.number(time.day() as u32, 5);
                self.number(time.hour() as u32, 5);
                self.number(time.minute() as u32, 6);
                self.number(time.second() as u32, 6);
            }
            None => {
                self.number(0, 23);
                self.number(24, 5);
                self.number(60, 6);
                self.number(60, 6);
            }
        }
        self.flag(station.accurate);
        self.fine_position(station.position);
        self.number(u32::from(station.fix_device.unwrap_or(0)), 4);
        self.flag(station.long_range_wanted);
        self.number(0, 9);
        self.flag(station.raim);
        self.number(station.link.radio, 19);
    }

    fn voyage(&mut self, voyage: &Voyage) {
        self.number(u32::from(voyage.version), 2);
        self.number(voyage.imo.unwrap_or(0), 30);
        self.text(voyage.call_sign.as_deref(), 7);
        self.text(voyage.name.as_deref(), 20);
        self.number(u32::from(voyage.ship_type.unwrap_or(0)), 8);
        self.size(voyage.size);
        self.number(u32::from(voyage.fix_device.unwrap_or(0)), 4);
        self.number(u32::from(voyage.eta.month.unwrap_or(0)), 4);
        self.number(u32::from(voyage.eta.day.unwrap_or(0)), 5);
        self.number(u32::from(voyage.eta.hour.unwrap_or(24)), 5);
        self.number(u32::from(voyage.eta.minute.unwrap_or(60)), 6);
        self.number(scaled(voyage.draught_m, 10.0, 255, 0), 8);
        self.text(voyage.destination.as_deref(), 20);
        self.flag(!voyage.terminal_ready);
        self.flag(false);
    }

    fn class_b(&mut self, report: &ClassB) {
        self.number(0, 8);
        self.motion(&report.motion);
        self.number(0, 2);
        self.flag(report.carrier_sense);
        for flag in [
            report.equipment.display,
            report.equipment.dsc,
            report.equipment.whole_band,
            report.equipment.channel_management,
            report.link.assigned,
            report.motion.raim,
        ] {
            self.flag(flag);
        }
        self.number(report.link.radio, 20);
    }

    fn class_b_extended(&mut self, report: &ClassBExtended) {
        self.number(0, 8);
        self.motion(&report.motion);
        self.number(0, 4);
        self.text(report.name.as_deref(), 20);
        self.number(u32::from(report.ship_type.unwrap_or(0)), 8);
        self.size(report.size);
        self.number(u32::from(report.fix_device.unwrap_or(0)), 4);
        self.flag(report.motion.raim);
        self.flag(!report.terminal_ready);
        self.flag(report.link.assigned);
        self.number(0, 4);
    }

    fn aid(&mut self, aid: &Aid) {
        let name = aid.name.as_deref().unwrap_or("");
        let (head, extension) = name.split_at_checked(20).unwrap_or((name, ""));
        self.number(u32::from(aid.kind.unwrap_or(0)), 5);
        self.text(Some(head), 20);
        self.flag(aid.accurate);
        self.fine_position(aid.position);
        self.size(aid.size);
        self.number(u32::from(aid.fix_device.unwrap_or(0)), 4);
        self.number(u32::from(aid.second.unwrap_or(60)), 6);
        self.flag(aid.off_position.unwrap_or(false));
        self.number(u32::from(aid.state), 8);
        self.flag(aid.raim);
        self.flag(aid.is_virtual);
        self.flag(aid.link.assigned);
        self.flag(false);
        let characters = extension.chars().count().min(14);
        self.text(Some(extension), characters);
        while !self.bits.len().is_multiple_of(8) {
            self.flag(false);
        }
    }

    fn class_b_name(&mut self, name: &ClassBName) {
        self.number(0, 2);
        self.text(name.name.as_deref(), 20);
    }

    fn class_b_particulars(&mut self, particulars: &ClassBParticulars) {
        self.number(1, 2);
        self.number(u32::from(particulars.ship_type.unwrap_or(0)), 8);
        self.text(particulars.vendor.as_deref(), 3);
        self.number(u32::from(particulars.unit_model), 4);
        self.number(particulars.unit_serial, 20);
        self.text(particulars.call_sign.as_deref(), 7);
        match particulars.mother_ship {
            Some(mother_ship) => self.mmsi(mother_ship),
            None => self.size(particulars.size),
        }
        self.number(u32::from(particulars.fix_device.unwrap_or(0)), 4);
        self.number(0, 2);
    }

    fn long_range(&mut self, report: &LongRange) {
        self.flag(report.accurate);
        self.flag(report.raim);
        self.number(nav_status(report.nav_status), 4);
        self.position(report.position, 600.0, (18, 17));
        self.number(scaled(report.sog_kn, 1.0, 62, 63), 6);
        self.number(course(report.cog_deg, 1.0, 511), 9);
        self.flag(!report.current_fix);
        self.flag(false);
    }

    fn motion(&mut self, motion: &Motion) {
        self.number(scaled(motion.sog_kn, 10.0, 1022, 1023), 10);
        self.flag(motion.accurate);
        self.fine_position(motion.position);
        self.number(course(motion.cog_deg, 10.0, 3600), 12);
        self.number(course(motion.heading_deg, 1.0, 511), 9);
        self.number(u32::from(motion.second.unwrap_or(60)), 6);
    }

    fn fine_position(&mut self, place: Option<LonLat>) {
        self.position(place, 600_000.0, (28, 27));
    }

    fn position(&mut self, place: Option<LonLat>, steps_per_degree: f64, widths: (usize, usize)) {
        let (lon_deg, lat_deg) =
            place.map_or((181.0, 91.0), |place| (place.lon_deg, place.lat_deg));
        self.number((lon_deg * steps_per_degree).round() as i32 as u32, widths.0);
        self.number((lat_deg * steps_per_degree).round() as i32 as u32, widths.1);
    }

    fn mmsi(&mut self, mmsi: Mmsi) {
        self.number(mmsi.0, 30);
    }

    fn size(&mut self, size: Option<Size>) {
        let size = size.unwrap_or_default();
        self.number(u32::from(size.to_bow_m.min(511)), 9);
        self.number(u32::from(size.to_stern_m.min(511)), 9);
        self.number(u32::from(size.to_port_m.min(63)), 6);
        self.number(u32::from(size.to_starboard_m.min(63)), 6);
    }

    /// Six-bit text, filled up with `@`; lower case is raised, characters outside the alphabet become `?`.
    fn text(&mut self, text: Option<&str>, characters: usize) {
        let mut letters = text.unwrap_or("").chars();
        for _ in 0..characters {
            let value = match letters.next().map(|letter| letter.to_ascii_uppercase()) {
                None => 0,
                Some(letter @ ' '..='?') => letter as u32,
                Some(letter @ '@'..='_') => letter as u32 - 64,
                Some(_) => u32::from(b'?'),
            };
            self.number(value, 6);
        }
    }

    fn flag(&mut self, bit: bool) {
        self.bits.push(bit);
    }

    /// The lowest `width` bits of `value`, most significant first.
    fn number(&mut self, value: u32, width: usize) {
        self.bits
            .extend((0..width).rev().map(|shift| value >> shift & 1 == 1));
    }
}

/// Repeat indicator of the types that are written; 0 for others.
fn repeat(message: &Message) -> u8 {
    match message {
        Message::Position(report) => report.link.repeat,
        Message::BaseStation(station) | Message::TimeResponse(station) => station.link.repeat,
        Message::Voyage(voyage) => voyage.link.repeat,
        Message::ClassB(report) => report.link.repeat,
        Message::ClassBExtended(report) => report.link.repeat,
        Message::Aid(aid) => aid.link.repeat,
        Message::ClassBName(name) => name.link.repeat,
        Message::ClassBParticulars(particulars) => particulars.link.repeat,
        Message::LongRange(report) => report.link.repeat,
        _ => 0,
    }
}

/// True for the types that a simulated fleet sends: 1–5, 11, 18, 19, 21, 24, 27.
fn is_written(message: &Message) -> bool {
    matches!(message.type_number(), 1..=5 | 11 | 18 | 19 | 21 | 24 | 27)
}

fn nav_status(status: Option<u8>) -> u32 {
    u32::from(status.unwrap_or(STATUS_NOT_DEFINED))
}

/// Coded rate of turn, as the low bits of a two's complement number.
fn turn(turn: Option<Turn>) -> u32 {
    let value = match turn {
        None => -128,
        Some(Turn::PortFast) => -127,
        Some(Turn::StarboardFast) => 127,
        Some(Turn::Rate(rate)) => {
            let coded = (4.733 * rate.abs().sqrt()).round().min(126.0);
            coded.copysign(rate) as i32
        }
    };
    value as u32
}

/// `value × factor`, at most `largest`; `unknown` for `None` and negative values.
fn scaled(value: Option<f64>, factor: f64, largest: u32, unknown: u32) -> u32 {
    match value {
        Some(value) if value >= 0.0 => ((value * factor).round() as u32).min(largest),
        _ => unknown,
    }
}

/// Direction in steps of 1/`factor` degree, wrapped into one turn.
fn course(degrees: Option<f64>, factor: f64, unknown: u32) -> u32 {
    match degrees {
        Some(degrees) if degrees.is_finite() => {
            let steps = (degrees.rem_euclid(360.0) * factor).round() as u32;
            steps % (360.0 * factor) as u32
        }
        _ => unknown,
    }
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
