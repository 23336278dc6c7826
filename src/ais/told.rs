//! [`Message`] → what the rest of the program takes from it: place, static data, distress.

use super::message::{Message, Motion, Size};
use crate::model::track::{AisClass, Distress, Position, Vessel};
use crate::model::units::{LonLat, Mmsi, MmsiKind};
use jiff::Timestamp;

/// What a message tells of its sender besides the place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum StaticData {
    /// The message type carries none.
    NotInType,
    /// The type carries it, every field is empty.
    Empty,
    /// At least one field is told.
    Told(Vessel),
}

impl Message {
    /// Message type number.
    pub fn type_number(&self) -> u8 {
        match self {
            Self::Position(report) => report.type_number,
            Self::BaseStation(_) => 4,
            Self::TimeResponse(_) => 11,
            Self::Binary(binary) if binary.addressed.is_some() => 6,
            Self::Binary(_) => 8,
            Self::Acknowledgement(message) => message.type_number,
            Self::Aircraft(_) => 9,
            Self::TimeInquiry(_) => 10,
            Self::SafetyText(text) if text.addressed.is_some() => 12,
            Self::SafetyText(_) => 14,
            Self::Interrogation(_) => 15,
            Self::Assignment(_) => 16,
            Self::Corrections(_) => 17,
            Self::LinkManagement(_) => 20,
            Self::ChannelManagement(_) => 22,
            Self::GroupAssignment(_) => 23,
            Self::SlotBinary(slot) if slot.radio.is_none() => 25,
            Self::SlotBinary(_) => 26,
            Self::SingleSlotAid(_) => 28,
            Self::Voyage(_) => 5,
            Self::ClassB(_) => 18,
            Self::ClassBExtended(_) => 19,
            Self::Aid(_) => 21,
            Self::ClassBName(_) | Self::ClassBParticulars(_) => 24,
            Self::LongRange(_) => 27,
        }
    }

    /// Designated area code and function identifier of binary data (types 6, 8, 25, 26).
    pub fn application(&self) -> Option<(u16, u8)> {
        match self {
            Self::Binary(binary) => Some((binary.dac, binary.fid)),
            Self::SlotBinary(binary) => binary.application,
            _ => None,
        }
    }

    /// Who sent it.
    pub fn mmsi(&self) -> Mmsi {
        match self {
            Self::Position(report) => report.mmsi,
            Self::BaseStation(station) | Self::TimeResponse(station) => station.mmsi,
            Self::Binary(message) => message.mmsi,
            Self::Acknowledgement(message) => message.mmsi,
            Self::Aircraft(message) => message.mmsi,
            Self::TimeInquiry(message) => message.mmsi,
            Self::SafetyText(message) => message.mmsi,
            Self::Interrogation(message) => message.mmsi,
            Self::Assignment(message) => message.mmsi,
            Self::Corrections(message) => message.mmsi,
            Self::LinkManagement(message) => message.mmsi,
            Self::ChannelManagement(message) => message.mmsi,
            Self::GroupAssignment(message) => message.mmsi,
            Self::SlotBinary(message) => message.mmsi,
            Self::SingleSlotAid(message) => message.mmsi,

            Self::Voyage(voyage) => voyage.mmsi,
            Self::ClassB(report) => report.mmsi,
            Self::ClassBExtended(report) => report.mmsi,
            Self::Aid(aid) => aid.mmsi,
            Self::ClassBName(name) => name.mmsi,
            Self::ClassBParticulars(particulars) => particulars.mmsi,
            Self::LongRange(report) => report.mmsi,
        }
    }

    /// Position report received at `time`; `None` if the type has no place or the place is not available.
    pub fn position_at(&self, time: Timestamp) -> Option<Position> {
        let moving = |motion: &Motion, class, nav_status| {
            Some(Position {
                mmsi: self.mmsi(),
                time,
                position: motion.position?,
                sog_kn: motion.sog_kn,
                cog_deg: motion.cog_deg,
                heading_deg: motion.heading_deg,
                nav_status,
                class,
            })
        };
        let resting = |position: Option<LonLat>, class| {
            let motion = Motion {
                position,
                ..Motion::default()
            };
            moving(&motion, class, None)
        };
        match self {
            Self::Position(report) => moving(&report.motion, AisClass::A, report.nav_status),
            Self::BaseStation(station) | Self::TimeResponse(station) => {
                resting(station.position, AisClass::BaseStation)
            }
            Self::ClassB(report) => moving(&report.motion, AisClass::B, None),
            Self::ClassBExtended(report) => moving(&report.motion, AisClass::B, None),
            Self::Aid(aid) if aid.is_virtual => {
                resting(aid.position, AisClass::VirtualAidToNavigation)
            }
            Self::Aid(aid) => resting(aid.position, AisClass::AidToNavigation),
            Self::LongRange(report) => {
                let motion = Motion {
                    position: report.position,
                    sog_kn: report.sog_kn,
                    cog_deg: report.cog_deg,
                    ..Motion::default()
                };
                moving(&motion, AisClass::LongRange, report.nav_status)
            }
            _ => None,
        }
    }

    /// Static data, taken out of the message.
    pub(super) fn into_static(self) -> StaticData {
        let vessel = match self {
            Self::Voyage(voyage) => Vessel {
                name: voyage.name.map(|text| text.to_string()),
                call_sign: voyage.call_sign.map(|text| text.to_string()),
                imo: voyage.imo,
                ship_type: voyage.ship_type,
                draught_m: voyage.draught_m,
                destination: voyage.destination.map(|text| text.to_string()),
                ..sized(voyage.size)
            },
            Self::ClassBExtended(report) => Vessel {
                name: report.name.map(|text| text.to_string()),
                ship_type: report.ship_type,
                ..sized(report.size)
            },
            Self::Aid(aid) => Vessel {
                name: aid.name.map(|text| text.to_string()),
                ..sized(aid.size)
            },
            Self::ClassBName(name) => Vessel {
                name: name.name.map(|text| text.to_string()),
                ..Vessel::default()
            },
            Self::ClassBParticulars(particulars) => Vessel {
                call_sign: particulars.call_sign.map(|text| text.to_string()),
                ship_type: particulars.ship_type,
                ..sized(particulars.size)
            },
            _ => return StaticData::NotInType,
        };
        if vessel == Vessel::default() {
            StaticData::Empty
        } else {
            StaticData::Told(vessel)
        }
    }

    /// State of a distress beacon: test if it says so (status 15), else active. `None` for all other senders.
    pub fn distress(&self) -> Option<Distress> {
        let Self::Position(report) = self else {
            return None;
        };
        match report.nav_status {
            _ if !is_beacon(report.mmsi) => None,
            Some(STATUS_NOT_DEFINED) => Some(Distress::Test),
            _ => Some(Distress::Active),
        }
    }
}

/// Navigational status 15: not defined; from a distress beacon: under test.
pub(super) const STATUS_NOT_DEFINED: u8 = 15;

/// True for AIS-SART, man-overboard devices and EPIRB-AIS.
pub(super) fn is_beacon(mmsi: Mmsi) -> bool {
    matches!(
        mmsi.kind(),
        MmsiKind::AisSart | MmsiKind::ManOverboard | MmsiKind::EpirbAis
    )
}

fn sized(size: Option<Size>) -> Vessel {
    Vessel {
        length_m: size.and_then(Size::length_m),
        width_m: size.and_then(Size::width_m),
        ..Vessel::default()
    }
}
