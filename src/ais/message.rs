//! AIS messages as types. What the radio format spells as "not available" is `None` here.
//!
//! Source: ITU-R M.1371-5 Annex 8. What ships, shore stations and aids tell of themselves (types 1–5, 11, 18, 19, 21, 24,
//! 27) stands here, the rest in [`service`](super::service).

use super::service::{
    Acknowledgement, Aircraft, Assignment, Binary, ChannelManagement, Corrections, GroupAssignment,
    Interrogation, LinkManagement, SafetyText, SingleSlotAid, SlotBinary, TimeInquiry,
};
use super::text::Text;
pub(super) use super::told::{STATUS_NOT_DEFINED, StaticData, is_beacon};
use crate::model::units::{LonLat, Mmsi};
use jiff::Timestamp;

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Types 1, 2, 3: class A position report.
    Position(PositionReport),
    /// Type 4: base station report.
    BaseStation(BaseStation),
    /// Type 11: a station's clock and place, in answer to type 10.
    TimeResponse(BaseStation),
    /// Type 5: class A static and voyage data.
    Voyage(Voyage),
    /// Type 18: class B position report.
    ClassB(ClassB),
    /// Type 19: class B position report with static data.
    ClassBExtended(ClassBExtended),
    /// Type 21: aid to navigation.
    Aid(Aid),
    /// Type 24 part A: class B name.
    ClassBName(ClassBName),
    /// Type 24 part B: class B call sign, type and size.
    ClassBParticulars(ClassBParticulars),
    /// Type 27: long-range position report.
    LongRange(LongRange),
    /// Types 6 and 8: binary data.
    Binary(Binary),
    /// Types 7 and 13: acknowledgement.
    Acknowledgement(Acknowledgement),
    /// Type 9: search and rescue aircraft.
    Aircraft(Aircraft),
    /// Type 10: asks for the time.
    TimeInquiry(TimeInquiry),
    /// Types 12 and 14: safety-related text.
    SafetyText(SafetyText),
    /// Type 15: interrogation.
    Interrogation(Interrogation),
    /// Type 16: assigned mode command.
    Assignment(Assignment),
    /// Type 17: differential corrections.
    Corrections(Corrections),
    /// Type 20: data link management.
    LinkManagement(LinkManagement),
    /// Type 22: channel management.
    ChannelManagement(ChannelManagement),
    /// Type 23: group assignment.
    GroupAssignment(GroupAssignment),
    /// Types 25 and 26: binary data in slots.
    SlotBinary(SlotBinary),
    /// Type 28: aid to navigation in one slot.
    SingleSlotAid(SingleSlotAid),
}

/// What a message tells of its way over the air.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Link {
    /// Repeat indicator: 0 never repeated … 3 not to be repeated again.
    pub repeat: u8,
    /// True in assigned mode (types 18, 19, 21).
    pub assigned: bool,
    /// Communication state (Annex 2 §3.3.7): 19 bits (types 1–4, 11), 20 with its selector (type 18), else 0.
    pub radio: u32,
}

impl Link {
    /// Of a carrier-sense class B unit, which has a fixed communication state.
    pub const CARRIER_SENSE: Self = Self {
        repeat: 0,
        assigned: false,
        radio: 1 << 19 | 393_222,
    };
}

/// What a class B unit can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Equipment {
    /// Shows type 12 and 14 messages.
    pub display: bool,
    /// Has a DSC receiver.
    pub dsc: bool,
    /// Can use the whole marine band.
    pub whole_band: bool,
    /// Follows type 22.
    pub channel_management: bool,
}

impl Default for Equipment {
    /// The usual unit: no display, all else.
    fn default() -> Self {
        Self {
            display: false,
            dsc: true,
            whole_band: true,
            channel_management: true,
        }
    }
}

/// Place and movement at one instant.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Motion {
    /// Place; resolution 1/600,000°.
    pub position: Option<LonLat>,
    /// True if the place is good to 10 m.
    pub accurate: bool,
    /// Speed over ground, knots, 0 ..= 102.2 (102.2 or more); resolution 0.1.
    pub sog_kn: Option<f64>,
    /// Course over ground, degrees true, 0 ≤ c < 360; resolution 0.1.
    pub cog_deg: Option<f64>,
    /// True heading, degrees, 0 ..= 359; whole degrees.
    pub heading_deg: Option<f64>,
    /// Second of the UTC minute at which the place was taken, 0 ..= 59; `None` also for manual or dead-reckoned places.
    pub second: Option<u8>,
    /// True if receiver autonomous integrity monitoring is in use.
    pub raim: bool,
}

/// Types 1, 2, 3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionReport {
    /// 1 scheduled, 2 assigned, 3 in answer to an interrogation.
    pub type_number: u8,
    /// Who.
    pub mmsi: Mmsi,
    /// Radio link.
    pub link: Link,
    /// Navigational status 0 ..= 14. 15 (not defined) is `None`, save for distress beacons (MMSI 970, 972, 974), where
    /// it means "under test" and is kept.
    pub nav_status: Option<u8>,
    /// Rate of turn.
    pub turn: Option<Turn>,
    /// Place and movement.
    pub motion: Motion,
    /// Engaged in a special manoeuvre (regional passing arrangement).
    pub special_manoeuvre: Option<bool>,
}

/// Rate of turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Turn {
    /// Degrees a minute, positive to starboard, up to ±708; steps grow with the square of the coded value.
    Rate(f64),
    /// To port at more than 5° in 30 s, by a vessel without a turn indicator.
    PortFast,
    /// To starboard at more than 5° in 30 s, by a vessel without a turn indicator.
    StarboardFast,
}

/// Type 4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaseStation {
    /// Who.
    pub mmsi: Mmsi,
    /// Radio link.
    pub link: Link,
    /// True if the station asks for long-range reports (type 27) in its area.
    pub long_range_wanted: bool,
    /// The station's clock (UTC).
    pub time: Option<Timestamp>,
    /// Place.
    pub position: Option<LonLat>,
    /// True if the place is good to 10 m.
    pub accurate: bool,
    /// Kind of position fixing device 1 ..= 15.
    pub fix_device: Option<u8>,
    /// True if receiver autonomous integrity monitoring is in use.
    pub raim: bool,
}

/// Type 5.
#[derive(Debug, Clone, PartialEq)]
pub struct Voyage {
    /// Who.
    pub mmsi: Mmsi,
    /// Radio link.
    pub link: Link,
    /// Version of the standard that the unit follows 0 ..= 3.
    pub version: u8,
    /// True if a data terminal is ready.
    pub terminal_ready: bool,
    /// IMO ship number, seven digits.
    pub imo: Option<u32>,
    /// Radio call sign, at most 7 characters.
    pub call_sign: Option<Text<7>>,
    /// Name, at most 20 characters.
    pub name: Option<Text<20>>,
    /// Ship and cargo type 1 ..= 99.
    pub ship_type: Option<u8>,
    /// Size.
    pub size: Option<Size>,
    /// Kind of position fixing device 1 ..= 15.
    pub fix_device: Option<u8>,
    /// Estimated time of arrival.
    pub eta: Eta,
    /// Draught, metres, 0.1 ..= 25.5 (25.5 or more).
    pub draught_m: Option<f64>,
    /// Destination, at most 20 characters.
    pub destination: Option<Text<20>>,
}

/// Estimated time of arrival (UTC); each field may be unknown by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Eta {
    /// Month 1 ..= 12.
    pub month: Option<u8>,
    /// Day 1 ..= 31.
    pub day: Option<u8>,
    /// Hour 0 ..= 23.
    pub hour: Option<u8>,
    /// Minute 0 ..= 59.
    pub minute: Option<u8>,
}

/// Distances from the position antenna to the ship's sides, metres. At least one is not 0.
///
/// Bow and port 0 with the others not: the antenna's place is unknown, the sums hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// To the bow, 0 ..= 511 (511 or more).
    pub to_bow_m: u16,
    /// To the stern, 0 ..= 511 (511 or more).
    pub to_stern_m: u16,
    /// To port, 0 ..= 63 (63 or more).
    pub to_port_m: u16,
    /// To starboard, 0 ..= 63 (63 or more).
    pub to_starboard_m: u16,
}

impl Size {
    /// Length over all, metres.
    pub fn length_m(self) -> Option<f64> {
        let sum = self.to_bow_m + self.to_stern_m;
        (sum > 0).then_some(f64::from(sum))
    }

    /// Width, metres.
    pub fn width_m(self) -> Option<f64> {
        let sum = self.to_port_m + self.to_starboard_m;
        (sum > 0).then_some(f64::from(sum))
    }
}

/// Type 18.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassB {
    /// Who.
    pub mmsi: Mmsi,
    /// Radio link.
    pub link: Link,
    /// What the unit can do.
    pub equipment: Equipment,
    /// Place and movement.
    pub motion: Motion,
    /// True for a carrier-sense unit (class B "CS"), false for a self-organised one ("SO").
    pub carrier_sense: bool,
}

/// Type 19.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassBExtended {
    /// Who.
    pub mmsi: Mmsi,
    /// Radio link.
    pub link: Link,
    /// True if a data terminal is ready.
    pub terminal_ready: bool,
    /// Place and movement.
    pub motion: Motion,
    /// Name, at most 20 characters.
    pub name: Option<Text<20>>,
    /// Ship and cargo type 1 ..= 99.
    pub ship_type: Option<u8>,
    /// Size.
    pub size: Option<Size>,
    /// Kind of position fixing device 1 ..= 15.
    pub fix_device: Option<u8>,
}

/// Type 21.
#[derive(Debug, Clone, PartialEq)]
pub struct Aid {
    /// Who.
    pub mmsi: Mmsi,
    /// Radio link.
    pub link: Link,
    /// State of light, racon and health (IALA A-126), 8 bits.
    pub state: u8,
    /// Kind of aid 1 ..= 31 (ITU-R M.1371-5, table 74).
    pub kind: Option<u8>,
    /// Name with its extension, at most 34 characters.
    pub name: Option<Text<34>>,
    /// Place.
    pub position: Option<LonLat>,
    /// True if the place is good to 10 m.
    pub accurate: bool,
    /// Size.
    pub size: Option<Size>,
    /// Kind of position fixing device 1 ..= 15.
    pub fix_device: Option<u8>,
    /// Second of the UTC minute, 0 ..= 59.
    pub second: Option<u8>,
    /// True if the aid is off its place; known only with a second.
    pub off_position: Option<bool>,
    /// True if receiver autonomous integrity monitoring is in use.
    pub raim: bool,
    /// True if nothing floats or stands there.
    pub is_virtual: bool,
}

/// Type 24 part A.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassBName {
    /// Who.
    pub mmsi: Mmsi,
    /// Radio link.
    pub link: Link,
    /// Name, at most 20 characters.
    pub name: Option<Text<20>>,
}

/// Type 24 part B.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassBParticulars {
    /// Who.
    pub mmsi: Mmsi,
    /// Radio link.
    pub link: Link,
    /// Maker's three letters.
    pub vendor: Option<Text<3>>,
    /// Unit model 0 ..= 15.
    pub unit_model: u8,
    /// Serial number, 20 bits.
    pub unit_serial: u32,
    /// Kind of position fixing device 1 ..= 15.
    pub fix_device: Option<u8>,
    /// Ship and cargo type 1 ..= 99.
    pub ship_type: Option<u8>,
    /// Radio call sign, at most 7 characters.
    pub call_sign: Option<Text<7>>,
    /// Size; never told by craft of a parent ship.
    pub size: Option<Size>,
    /// The parent ship: craft with MMSI 98MIDxxxx send it in place of their size.
    pub mother_ship: Option<Mmsi>,
}

/// Type 27.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LongRange {
    /// Who.
    pub mmsi: Mmsi,
    /// Radio link.
    pub link: Link,
    /// Navigational status, as in [`PositionReport`].
    pub nav_status: Option<u8>,
    /// Place; resolution 1/600°.
    pub position: Option<LonLat>,
    /// True if the place is good to 10 m at the source.
    pub accurate: bool,
    /// Speed over ground, knots, 0 ..= 62; whole knots.
    pub sog_kn: Option<f64>,
    /// Course over ground, degrees true, 0 ..= 359; whole degrees.
    pub cog_deg: Option<f64>,
    /// True if receiver autonomous integrity monitoring is in use.
    pub raim: bool,
    /// True if the place is a current satellite fix.
    pub current_fix: bool,
}
