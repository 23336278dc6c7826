//! Bits → the messages of [`service`](super::service). Lengths are checked by the caller.
//!
//! Field positions: ITU-R M.1371-5 Annex 8; type 28: M.1371-6.

use super::bits::Bits;
use super::decode::{fine_position, mmsi, position, second};
use super::service::{
    Acknowledgement, Addressed, Aircraft, Area, Assignment, Binary, ChannelManagement,
    ChannelScope, Corrections, GroupAssignment, Interrogation, LinkManagement, Question,
    Reservation, SafetyText, SingleSlotAid, SlotBinary, TimeInquiry,
};
use super::text::{Data, six_bit_text};
use crate::model::units::LonLat;

fn repeat(bits: &Bits) -> u8 {
    bits.unsigned(6, 2) as u8
}

fn data(bits: &Bits, start: usize, end: usize) -> Data {
    let len = end.saturating_sub(start);
    Data::gather(len, |byte| bits.unsigned(start + 8 * byte, 8) as u8)
}

fn addressed(bits: &Bits) -> Addressed {
    Addressed {
        sequence: bits.unsigned(38, 2) as u8,
        destination: mmsi(bits, 40),
        retransmitted: bits.flag(70),
    }
}

pub(super) fn binary(bits: &Bits, to_one: Option<()>) -> Binary {
    let at = if to_one.is_some() { 72 } else { 40 };
    Binary {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        addressed: to_one.map(|()| addressed(bits)),
        dac: bits.unsigned(at, 10) as u16,
        fid: bits.unsigned(at + 10, 6) as u8,
        data: data(bits, at + 16, bits.len()),
    }
}

pub(super) fn acknowledgement(bits: &Bits, type_number: u8) -> Acknowledgement {
    Acknowledgement {
        type_number,
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        of: std::array::from_fn(|at| {
            let start = 40 + 32 * at;
            (start + 32 <= bits.len())
                .then(|| (mmsi(bits, start), bits.unsigned(start + 30, 2) as u8))
        }),
    }
}

pub(super) fn aircraft(bits: &Bits) -> Aircraft {
    let (altitude, sog, cog) = (
        bits.unsigned(38, 12) as u16,
        bits.unsigned(50, 10),
        bits.unsigned(116, 12),
    );
    Aircraft {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        altitude_m: (altitude < 4095).then_some(altitude),
        sog_kn: (sog < 1023).then(|| f64::from(sog)),
        accurate: bits.flag(60),
        position: fine_position(bits, 61),
        cog_deg: (cog < 3600).then(|| f64::from(cog) / 10.0),
        second: second(bits, 128),
        barometric: bits.flag(134),
        terminal_ready: !bits.flag(142),
        assigned: bits.flag(146),
        raim: bits.flag(147),
        radio: bits.unsigned(148, 20),
    }
}

pub(super) fn time_inquiry(bits: &Bits) -> TimeInquiry {
    TimeInquiry {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        destination: mmsi(bits, 40),
    }
}

pub(super) fn safety_text(bits: &Bits, to_one: Option<()>) -> SafetyText {
    let start = if to_one.is_some() { 72 } else { 40 };
    let characters = bits.len().saturating_sub(start) / 6;
    let value = |at| bits.unsigned(start + 6 * at, 6) as u8;
    SafetyText {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        addressed: to_one.map(|()| addressed(bits)),
        text: six_bit_text(characters, value).told(),
    }
}

pub(super) fn interrogation(bits: &Bits) -> Interrogation {
    let question = |station: usize, at: usize| {
        let wanted = (at + 18 <= bits.len()).then(|| bits.unsigned(at, 6) as u8)?;
        (wanted > 0).then(|| Question {
            destination: mmsi(bits, station),
            wanted,
            slot_offset: bits.unsigned(at + 6, 12) as u16,
        })
    };
    Interrogation {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        questions: [question(40, 70), question(40, 90), question(110, 140)],
    }
}

pub(super) fn assignment(bits: &Bits) -> Assignment {
    let order = |at: usize| {
        (at + 52 <= bits.len()).then(|| {
            let number = |start, width| bits.unsigned(start, width) as u16;
            (mmsi(bits, at), number(at + 30, 12), number(at + 42, 10))
        })
    };
    Assignment {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        orders: [order(40), order(92)],
    }
}

/// Longitude of 18 bits, then latitude of 17 bits, in 1/10 minute.
fn coarse_position(bits: &Bits, start: usize) -> Option<LonLat> {
    position(bits.signed(start, 18), bits.signed(start + 18, 17), 600.0)
}

pub(super) fn corrections(bits: &Bits) -> Corrections {
    Corrections {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        position: coarse_position(bits, 40),
        data: data(bits, 80, bits.len()),
    }
}

pub(super) fn link_management(bits: &Bits) -> LinkManagement {
    LinkManagement {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        reservations: std::array::from_fn(|at| {
            let start = 40 + 30 * at;
            if start + 30 > bits.len() {
                return None;
            }
            let reservation = Reservation {
                offset: bits.unsigned(start, 12) as u16,
                slots: bits.unsigned(start + 12, 4) as u8,
                time_out_min: bits.unsigned(start + 16, 3) as u8,
                increment: bits.unsigned(start + 19, 11) as u16,
            };
            (reservation.slots > 0).then_some(reservation)
        }),
    }
}

fn area(bits: &Bits, start: usize) -> Area {
    Area {
        north_east: coarse_position(bits, start),
        south_west: coarse_position(bits, start + 35),
    }
}

pub(super) fn channel_management(bits: &Bits) -> ChannelManagement {
    ChannelManagement {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        channel_a: bits.unsigned(40, 12) as u16,
        channel_b: bits.unsigned(52, 12) as u16,
        mode: bits.unsigned(64, 4) as u8,
        low_power: bits.flag(68),
        scope: if bits.flag(139) {
            ChannelScope::Stations(mmsi(bits, 69), mmsi(bits, 104))
        } else {
            ChannelScope::Area(area(bits, 69))
        },
        narrow_a: bits.flag(140),
        narrow_b: bits.flag(141),
        zone_nm: bits.unsigned(142, 3) as u8 + 1,
    }
}

pub(super) fn group_assignment(bits: &Bits) -> GroupAssignment {
    let quiet = bits.unsigned(150, 4) as u8;
    GroupAssignment {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        area: area(bits, 40),
        station_type: bits.unsigned(110, 4) as u8,
        ship_type: bits.unsigned(114, 8) as u8,
        mode: bits.unsigned(144, 2) as u8,
        interval: bits.unsigned(146, 4) as u8,
        quiet_min: (quiet > 0).then_some(quiet),
    }
}

pub(super) fn slot_binary(bits: &Bits, type_number: u8) -> SlotBinary {
    let several = type_number == 26;
    let end = bits.len() - if several { 20 } else { 0 };
    let (to_one, structured) = (bits.flag(38), bits.flag(39));
    let behind_address = if to_one { 70 } else { 40 };
    let start = behind_address + if structured { 16 } else { 0 };
    let application = (structured && start <= end).then(|| {
        let dac = bits.unsigned(behind_address, 10) as u16;
        (dac, bits.unsigned(behind_address + 10, 6) as u8)
    });
    SlotBinary {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        destination: (to_one && end >= 70).then(|| mmsi(bits, 40)),
        application,
        data: data(bits, start, end),
        radio: several.then(|| bits.unsigned(end, 20)),
    }
}

pub(super) fn single_slot_aid(bits: &Bits) -> SingleSlotAid {
    let number = |start, width| bits.unsigned(start, width) as u8;
    let kind = number(104, 7);
    SingleSlotAid {
        mmsi: mmsi(bits, 8),
        repeat: repeat(bits),
        second: second(bits, 38),
        position: fine_position(bits, 44),
        restricted: number(99, 2),
        station_type: number(101, 3),
        kind: (kind > 0).then_some(kind),
        resource: bits.unsigned(111, 17),
        dimension_kind: number(128, 4),
        dimensions: (bits.unsigned(132, 9) as u16, bits.unsigned(141, 11) as u16),
        more_dimensions: bits.flag(152),
        charted: bits.flag(153),
        status: number(154, 4),
        status_bits: number(158, 8),
        authenticated: bits.flag(167),
    }
}
