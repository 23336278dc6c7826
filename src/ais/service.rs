//! Messages that carry data or run the radio link: types 6–17, 20, 22, 23, 25, 26 and 28.
//!
//! Field positions: ITU-R M.1371-5 Annex 8; type 28: M.1371-6.

use super::text::{Data, Text};
use crate::model::units::{LonLat, Mmsi};

/// Type 6 (to one station) or 8 (to all): binary data of an application.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Binary {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// Receiver, sequence number and retransmission: type 6 only.
    pub addressed: Option<Addressed>,
    /// Designated area code 0 ..= 1023.
    pub dac: u16,
    /// Function identifier 0 ..= 63.
    pub fid: u8,
    /// What the application says; [`Binary::payload`] splits it into fields.
    pub data: Data,
}

/// Receiver of an addressed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressed {
    /// To whom.
    pub destination: Mmsi,
    /// Sequence number 0 ..= 3.
    pub sequence: u8,
    /// True if sent again.
    pub retransmitted: bool,
}

/// Type 7 (of binary data) or 13 (of safety text): acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    /// 7 or 13.
    pub type_number: u8,
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// Station and sequence number of each message acknowledged, one to four.
    pub of: [Option<(Mmsi, u8)>; 4],
}

/// Type 9: search and rescue aircraft.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aircraft {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// Altitude, metres, 0 ..= 4094 (4094 or more).
    pub altitude_m: Option<u16>,
    /// True if the altitude is barometric, false if from the position fix.
    pub barometric: bool,
    /// Speed over ground, knots, 0 ..= 1022 (1022 or more).
    pub sog_kn: Option<f64>,
    /// True if the place is good to 10 m.
    pub accurate: bool,
    /// Place.
    pub position: Option<LonLat>,
    /// Course over ground, degrees true, 0 ≤ c < 360.
    pub cog_deg: Option<f64>,
    /// Second of the UTC minute, 0 ..= 59.
    pub second: Option<u8>,
    /// True if a data terminal is ready.
    pub terminal_ready: bool,
    /// True in assigned mode.
    pub assigned: bool,
    /// True if receiver autonomous integrity monitoring is in use.
    pub raim: bool,
    /// Communication state with its selector, 20 bits.
    pub radio: u32,
}

/// Type 10: asks a station for its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeInquiry {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// To whom.
    pub destination: Mmsi,
}

/// Type 12 (to one station) or 14 (to all): safety-related text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SafetyText {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// Receiver: type 12 only.
    pub addressed: Option<Addressed>,
    /// Text, at most 161 characters.
    pub text: Option<Text<161>>,
}

/// Type 15: asks one or two stations for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrogation {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// What is asked of whom: twice the first station, then the second.
    pub questions: [Option<Question>; 3],
}

/// One question of type 15.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// To whom.
    pub destination: Mmsi,
    /// Message type wanted.
    pub wanted: u8,
    /// Slot offset of the answer, 0 ..= 4095.
    pub slot_offset: u16,
}

/// Type 16: sets the reporting slots of one or two stations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// Station, slot offset (or reports in ten minutes) and increment.
    pub orders: [Option<(Mmsi, u16, u16)>; 2],
}

/// Type 17: differential corrections.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrections {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// Reference station; resolution 1/600°.
    pub position: Option<LonLat>,
    /// Corrections (ITU-R M.823), at most 736 bits.
    pub data: Data,
}

/// Type 20: slots that base stations keep for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkManagement {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// Reservations, one to four.
    pub reservations: [Option<Reservation>; 4],
}

/// One reservation of type 20.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// First slot's offset, 0 ..= 4095.
    pub offset: u16,
    /// Consecutive slots 1 ..= 15.
    pub slots: u8,
    /// Minutes 0 ..= 7.
    pub time_out_min: u8,
    /// Slots to the next block, 0 ..= 2047.
    pub increment: u16,
}

/// Corners of an area; resolution 1/600°.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// North-east corner.
    pub north_east: Option<LonLat>,
    /// South-west corner.
    pub south_west: Option<LonLat>,
}

/// Whom type 22 is meant for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ChannelScope {
    /// Everyone in an area.
    Area(Area),
    /// Two stations.
    Stations(Mmsi, Mmsi),
}

/// Type 22: channels to be used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelManagement {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// Channel A's number (ITU-R M.1084).
    pub channel_a: u16,
    /// Channel B's number.
    pub channel_b: u16,
    /// Transmit and receive mode 0 ..= 15.
    pub mode: u8,
    /// True for low power.
    pub low_power: bool,
    /// For whom.
    pub scope: ChannelScope,
    /// Channel A is 12.5 kHz wide.
    pub narrow_a: bool,
    /// Channel B is 12.5 kHz wide.
    pub narrow_b: bool,
    /// Transitional zone, nautical miles, 1 ..= 8.
    pub zone_nm: u8,
}

/// Type 23: how a group of stations reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupAssignment {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// For stations in this area.
    pub area: Area,
    /// Station type 0 ..= 15.
    pub station_type: u8,
    /// Ship and cargo type; 0 is all.
    pub ship_type: u8,
    /// Transmit and receive mode 0 ..= 3.
    pub mode: u8,
    /// Reporting interval code 0 ..= 15.
    pub interval: u8,
    /// Quiet time, minutes; `None` if none is ordered.
    pub quiet_min: Option<u8>,
}

/// Type 25 (one slot) or 26 (several slots): binary data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlotBinary {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// To whom, if to one station.
    pub destination: Option<Mmsi>,
    /// Designated area code and function identifier of structured data.
    pub application: Option<(u16, u8)>,
    /// What is said; [`SlotBinary::payload`] splits it into fields.
    pub data: Data,
    /// Communication state with its selector, 20 bits: type 26 only.
    pub radio: Option<u32>,
}

/// Type 28: aid to navigation in one slot (ITU-R M.1371-6).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SingleSlotAid {
    /// Who.
    pub mmsi: Mmsi,
    /// Repeat indicator 0 ..= 3.
    pub repeat: u8,
    /// Second of the UTC minute, 0 ..= 59.
    pub second: Option<u8>,
    /// Place.
    pub position: Option<LonLat>,
    /// Restricted use 0 ..= 3.
    pub restricted: u8,
    /// Station type 0 ..= 7 (real, synthetic, virtual, …).
    pub station_type: u8,
    /// Kind of aid 1 ..= 127.
    pub kind: Option<u8>,
    /// Identifier within the maritime resource name, 17 bits.
    pub resource: u32,
    /// Kind of the dimensions 0 ..= 15.
    pub dimension_kind: u8,
    /// The two dimensions, 9 and 11 bits.
    pub dimensions: (u16, u16),
    /// Further dimensions come in another message.
    pub more_dimensions: bool,
    /// True if charted.
    pub charted: bool,
    /// Station status 0 ..= 15.
    pub status: u8,
    /// Status bits.
    pub status_bits: u8,
    /// Followed by an authentication.
    pub authenticated: bool,
}
