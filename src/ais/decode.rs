//! Bits → [`Message`], with a length check for each type.
//!
//! The sentence's checksum is weak, and about 0.3 % of messages in large exchanges have a right checksum and a wrong
//! length: shorter ones are refused as truncated, and ones more than five bits longer (armour padding that the sender
//! did not declare) as overlong. Field positions: ITU-R M.1371-5 Annex 8.

use super::bits::Bits;
use super::decode_service as service;
use super::message::{
    Aid, BaseStation, ClassB, ClassBExtended, ClassBName, ClassBParticulars, Equipment, Eta, Link,
    LongRange, Message, Motion, PositionReport, STATUS_NOT_DEFINED, Size, Turn, Voyage, is_beacon,
};
use super::reception::RejectReason;
use super::text::{Text, six_bit_text};
use crate::model::units::{LonLat, Mmsi, MmsiKind};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Bits a message may be too long by: undeclared armour padding.
const SPARE_BITS: usize = 5;

/// Reads one message.
///
/// # Errors
///
/// [`RejectReason::Truncated`], [`RejectReason::Overlong`], [`RejectReason::UnsupportedType`], or
/// [`RejectReason::Malformed`] for a part number that type 24 does not have.
pub fn decode(bits: &Bits) -> Result<Message, RejectReason> {
    if bits.len() < 38 {
        return Err(RejectReason::Truncated);
    }
    let type_number = bits.unsigned(0, 6) as u8;
    check_length(type_number, bits)?;
    Ok(match type_number {
        1..=3 => Message::Position(position_report(bits, type_number)),
        4 => Message::BaseStation(base_station(bits)),
        5 => Message::Voyage(voyage(bits)),
        6 => Message::Binary(service::binary(bits, Some(()))),
        7 | 13 => Message::Acknowledgement(service::acknowledgement(bits, type_number)),
        8 => Message::Binary(service::binary(bits, None)),
        9 => Message::Aircraft(service::aircraft(bits)),
        10 => Message::TimeInquiry(service::time_inquiry(bits)),
        11 => Message::TimeResponse(base_station(bits)),
        12 => Message::SafetyText(service::safety_text(bits, Some(()))),
        14 => Message::SafetyText(service::safety_text(bits, None)),
        15 => Message::Interrogation(service::interrogation(bits)),
        16 => Message::Assignment(service::assignment(bits)),
        17 => Message::Corrections(service::corrections(bits)),
        20 => Message::LinkManagement(service::link_management(bits)),
        22 => Message::ChannelManagement(service::channel_management(bits)),
        23 => Message::GroupAssignment(service::group_assignment(bits)),
        25 | 26 => Message::SlotBinary(service::slot_binary(bits, type_number)),
        28 => Message::SingleSlotAid(service::single_slot_aid(bits)),
        18 => Message::ClassB(class_b(bits)),
        19 => Message::ClassBExtended(class_b_extended(bits)),
        21 => Message::Aid(aid(bits)),
        24 if bits.unsigned(38, 2) == 0 => Message::ClassBName(ClassBName {
            mmsi: mmsi(bits, 8),
            link: link(bits, None, None),
            name: bits.text(40, 20),
        }),
        24 => Message::ClassBParticulars(class_b_particulars(bits)),
        _ => Message::LongRange(long_range(bits)),
    })
}

/// Shortest and longest that a type may be, in bits.
fn check_length(type_number: u8, bits: &Bits) -> Result<(), RejectReason> {
    let (shortest, longest) = match type_number {
        1..=4 | 9 | 11 | 18 | 22 | 28 => (168, 168),
        6 => (88, 1064),
        8 => (56, 1064),
        // One to four stations; some units fill up a slot.
        7 | 13 => (72, 168),
        10 => (72, 72),
        12 => (72, 1064),
        14 => (40, 1064),
        // One station asked for one message (88), for two (110), or two stations (160), filled up to a slot by some.
        15 => (88, 168),
        16 => (92, 168),
        17 => (80, 816),
        20 => (70, 168),
        23 => (160, 168),
        25 => (40, 168),
        26 => (60, 1064),
        // The last two bits carry nothing that is read; some senders leave them out.
        5 => (422, 424),
        19 => (312, 312),
        // The name extension adds up to 14 characters in whole bytes (360 bits); some units fill up two slots.
        21 => (272, 424),
        24 if bits.len() < 40 => return Err(RejectReason::Truncated),
        // Some units fill part A up to 168 bits, some add a character behind either part.
        24 => match bits.unsigned(38, 2) {
            0 => (160, 175),
            1 => (168, 175),
            _ => return Err(RejectReason::Malformed),
        },
        // Some units fill up a whole slot.
        27 if bits.len() >= 168 => (168, 168),
        27 => (96, 96),
        _ => return Err(RejectReason::UnsupportedType),
    };
    match bits.len() {
        len if len < shortest => Err(RejectReason::Truncated),
        len if len > longest + SPARE_BITS => Err(RejectReason::Overlong),
        _ => Ok(()),
    }
}

fn position_report(bits: &Bits, type_number: u8) -> PositionReport {
    let mmsi = mmsi(bits, 8);
    PositionReport {
        type_number,
        mmsi,
        link: link(bits, Some((149, 19)), None),
        nav_status: nav_status(bits.unsigned(38, 4) as u8, mmsi),
        turn: turn(bits.signed(42, 8)),
        motion: motion(bits, 50, bits.flag(148)),
        special_manoeuvre: match bits.unsigned(143, 2) {
            1 => Some(false),
            2 => Some(true),
            _ => None,
        },
    }
}

fn base_station(bits: &Bits) -> BaseStation {
    BaseStation {
        mmsi: mmsi(bits, 8),
        link: link(bits, Some((149, 19)), None),
        long_range_wanted: bits.flag(138),
        time: station_time(bits),
        accurate: bits.flag(78),
        position: fine_position(bits, 79),
        fix_device: fix_device(bits, 134),
        raim: bits.flag(148),
    }
}

fn voyage(bits: &Bits) -> Voyage {
    let within = |start, width, first: u32, last: u32| {
        let value = bits.unsigned(start, width);
        (first..=last).contains(&value).then_some(value as u8)
    };
    let imo = bits.unsigned(40, 30);
    let draught = bits.unsigned(294, 8);
    Voyage {
        mmsi: mmsi(bits, 8),
        link: link(bits, None, None),
        version: bits.unsigned(38, 2) as u8,
        terminal_ready: bits.len() > 422 && !bits.flag(422),
        imo: (1_000_000..=9_999_999).contains(&imo).then_some(imo),
        call_sign: bits.text(70, 7),
        name: bits.text(112, 20),
        ship_type: ship_type(bits, 232),
        size: size(bits, 240),
        fix_device: fix_device(bits, 270),
        eta: Eta {
            month: within(274, 4, 1, 12),
            day: within(278, 5, 1, 31),
            hour: within(283, 5, 0, 23),
            minute: within(288, 6, 0, 59),
        },
        draught_m: (draught > 0).then(|| f64::from(draught) / 10.0),
        destination: bits.text(302, 20),
    }
}

fn class_b(bits: &Bits) -> ClassB {
    ClassB {
        mmsi: mmsi(bits, 8),
        link: link(bits, Some((148, 20)), Some(146)),
        equipment: Equipment {
            display: bits.flag(142),
            dsc: bits.flag(143),
            whole_band: bits.flag(144),
            channel_management: bits.flag(145),
        },
        motion: motion(bits, 46, bits.flag(147)),
        carrier_sense: bits.flag(141),
    }
}

fn class_b_extended(bits: &Bits) -> ClassBExtended {
    ClassBExtended {
        mmsi: mmsi(bits, 8),
        link: link(bits, None, Some(307)),
        terminal_ready: !bits.flag(306),
        motion: motion(bits, 46, bits.flag(305)),
        name: bits.text(143, 20),
        ship_type: ship_type(bits, 263),
        size: size(bits, 271),
        fix_device: fix_device(bits, 301),
    }
}

fn aid(bits: &Bits) -> Aid {
    let kind = bits.unsigned(38, 5) as u8;
    let second = second(bits, 253);
    Aid {
        mmsi: mmsi(bits, 8),
        link: link(bits, None, Some(270)),
        state: bits.unsigned(260, 8) as u8,
        kind: (kind > 0).then_some(kind),
        name: aid_name(bits),
        accurate: bits.flag(163),
        position: fine_position(bits, 164),
        size: size(bits, 219),
        fix_device: fix_device(bits, 249),
        second,
        off_position: second.map(|_| bits.flag(259)),
        raim: bits.flag(268),
        is_virtual: bits.flag(269),
    }
}

/// Name of 20 characters, carried on in the extension if it is full.
fn aid_name(bits: &Bits) -> Option<Text<34>> {
    let full = (0..20).all(|at| bits.unsigned(43 + 6 * at, 6) != 0);
    let extension = bits.len().saturating_sub(272) / 6;
    if !full || extension == 0 {
        return bits.text(43, 20);
    }
    let start = |at: usize| if at < 20 { 43 + 6 * at } else { 152 + 6 * at };
    let value = |at: usize| bits.unsigned(start(at), 6) as u8;
    six_bit_text(20 + extension.min(14), value).told()
}

/// Radio link fields: communication state (start, width) and place of the assigned flag, if the type has them.
fn link(bits: &Bits, radio: Option<(usize, usize)>, assigned: Option<usize>) -> Link {
    Link {
        repeat: bits.unsigned(6, 2) as u8,
        assigned: assigned.is_some_and(|at| bits.flag(at)),
        radio: radio.map_or(0, |(start, width)| bits.unsigned(start, width)),
    }
}

fn class_b_particulars(bits: &Bits) -> ClassBParticulars {
    let sender = mmsi(bits, 8);
    let of_parent_ship = sender.kind() == MmsiKind::DaughterCraft;
    let parent = mmsi(bits, 132);
    ClassBParticulars {
        mmsi: sender,
        link: link(bits, None, None),
        vendor: bits.text(48, 3),
        unit_model: bits.unsigned(66, 4) as u8,
        unit_serial: bits.unsigned(70, 20),
        fix_device: fix_device(bits, 162),
        ship_type: ship_type(bits, 40),
        call_sign: bits.text(90, 7),
        size: if of_parent_ship {
            None
        } else {
            size(bits, 132)
        },
        mother_ship: (of_parent_ship && parent.0 != 0).then_some(parent),
    }
}

fn long_range(bits: &Bits) -> LongRange {
    let mmsi = mmsi(bits, 8);
    let (sog, cog) = (bits.unsigned(79, 6), bits.unsigned(85, 9));
    LongRange {
        mmsi,
        link: link(bits, None, None),
        accurate: bits.flag(38),
        raim: bits.flag(39),
        nav_status: nav_status(bits.unsigned(40, 4) as u8, mmsi),
        position: position(bits.signed(44, 18), bits.signed(62, 17), 600.0),
        sog_kn: (sog < 63).then(|| f64::from(sog)),
        cog_deg: (cog < 360).then(|| f64::from(cog)),
        current_fix: !bits.flag(94),
    }
}

/// The run of fields from speed to second that types 1–3, 18 and 19 share.
fn motion(bits: &Bits, start: usize, raim: bool) -> Motion {
    let sog = bits.unsigned(start, 10);
    let cog = bits.unsigned(start + 66, 12);
    let heading = bits.unsigned(start + 78, 9);
    Motion {
        position: fine_position(bits, start + 11),
        accurate: bits.flag(start + 10),
        sog_kn: (sog < 1023).then(|| f64::from(sog) / 10.0),
        cog_deg: (cog < 3600).then(|| f64::from(cog) / 10.0),
        heading_deg: (heading < 360).then(|| f64::from(heading)),
        second: second(bits, start + 87),
        raim,
    }
}

pub(super) fn mmsi(bits: &Bits, start: usize) -> Mmsi {
    Mmsi(bits.unsigned(start, 30))
}

/// Longitude of 28 bits, then latitude of 27 bits, in 1/10,000 minute.
pub(super) fn fine_position(bits: &Bits, start: usize) -> Option<LonLat> {
    position(
        bits.signed(start, 28),
        bits.signed(start + 28, 27),
        600_000.0,
    )
}

pub(super) fn position(lon: i32, lat: i32, steps_per_degree: f64) -> Option<LonLat> {
    let lon_deg = f64::from(lon) / steps_per_degree;
    let lat_deg = f64::from(lat) / steps_per_degree;
    let in_range = lon_deg.abs() <= 180.0 && lat_deg.abs() <= 90.0;
    in_range.then(|| LonLat::new(lon_deg, lat_deg))
}

fn nav_status(value: u8, mmsi: Mmsi) -> Option<u8> {
    (value != STATUS_NOT_DEFINED || is_beacon(mmsi)).then_some(value)
}

fn turn(value: i32) -> Option<Turn> {
    match value {
        -128 => None,
        -127 => Some(Turn::PortFast),
        127 => Some(Turn::StarboardFast),
        _ => {
            let root = f64::from(value) / 4.733;
            Some(Turn::Rate(root * root.abs()))
        }
    }
}

pub(super) fn second(bits: &Bits, start: usize) -> Option<u8> {
    let value = bits.unsigned(start, 6) as u8;
    (value < 60).then_some(value)
}

fn ship_type(bits: &Bits, start: usize) -> Option<u8> {
    let value = bits.unsigned(start, 8) as u8;
    (1..=99).contains(&value).then_some(value)
}

fn fix_device(bits: &Bits, start: usize) -> Option<u8> {
    let value = bits.unsigned(start, 4) as u8;
    (value > 0).then_some(value)
}

fn size(bits: &Bits, start: usize) -> Option<Size> {
    let size = Size {
        to_bow_m: bits.unsigned(start, 9) as u16,
        to_stern_m: bits.unsigned(start + 9, 9) as u16,
        to_port_m: bits.unsigned(start + 18, 6) as u16,
        to_starboard_m: bits.unsigned(start + 24, 6) as u16,
    };
    (size != Size::default()).then_some(size)
}

/// Type 4's clock: any field out of range means that it is not known.
fn station_time(bits: &Bits) -> Option<Timestamp> {
    let field = |start, width| bits.unsigned(start, width) as i8;
    let year = bits.unsigned(38, 14) as i16;
    if year == 0 {
        return None;
    }
    let civil = DateTime::new(
        year,
        field(52, 4),
        field(56, 5),
        field(61, 5),
        field(66, 6),
        field(72, 6),
        0,
    );
    Offset::UTC.to_timestamp(civil.ok()?).ok()
}
