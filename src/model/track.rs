//! What ships said of themselves.

use super::units::{LonLat, Mmsi};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One position report. Sentinels of the radio format never get here: unknown is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Who.
    pub mmsi: Mmsi,
    /// When (UTC), by the best source the line had.
    pub time: Timestamp,
    /// Where.
    pub position: LonLat,
    /// Speed over ground, knots.
    pub sog_kn: Option<f64>,
    /// Course over ground, degrees true, 0 ≤ c < 360.
    pub cog_deg: Option<f64>,
    /// True heading, degrees, 0 ..= 359.
    pub heading_deg: Option<f64>,
    /// Navigational status 0 ..= 15 (ITU-R M.1371-5, table 45).
    pub nav_status: Option<u8>,
    /// Kind of equipment.
    pub class: AisClass,
}

/// Kind of equipment that sent a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AisClass {
    /// Class A shipborne (types 1, 2, 3).
    A,
    /// Class B shipborne (types 18, 19).
    B,
    /// Long-range broadcast (type 27).
    LongRange,
    /// Base station (type 4).
    BaseStation,
    /// SAR aircraft (type 9).
    SarAircraft,
    /// Aid to navigation, real (type 21).
    AidToNavigation,
    /// Aid to navigation that exists only in the message (type 21, virtual).
    VirtualAidToNavigation,
}

/// Static and voyage data of one identity, merged over its messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Vessel {
    /// Name.
    pub name: Option<String>,
    /// Radio call sign.
    pub call_sign: Option<String>,
    /// IMO ship number, seven digits.
    pub imo: Option<u32>,
    /// Ship and cargo type 1 ..= 99.
    pub ship_type: Option<u8>,
    /// Length, metres.
    pub length_m: Option<f64>,
    /// Width, metres.
    pub width_m: Option<f64>,
    /// Draught, metres.
    pub draught_m: Option<f64>,
    /// Destination as typed aboard.
    pub destination: Option<String>,
}

impl Vessel {
    /// Takes over from `older` what is not told here.
    pub fn fill_in(&mut self, older: &Self) {
        fn fill<T: Clone>(field: &mut Option<T>, older: &Option<T>) {
            if field.is_none() {
                field.clone_from(older);
            }
        }
        fill(&mut self.name, &older.name);
        fill(&mut self.call_sign, &older.call_sign);
        fill(&mut self.imo, &older.imo);
        fill(&mut self.ship_type, &older.ship_type);
        fill(&mut self.length_m, &older.length_m);
        fill(&mut self.width_m, &older.width_m);
        fill(&mut self.draught_m, &older.draught_m);
        fill(&mut self.destination, &older.destination);
    }
}

/// All reports of one ship in time order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Who.
    pub mmsi: Mmsi,
    /// Which of the ships that send this MMSI, by the time each is first heard, from 0.
    #[serde(default)]
    pub part: u32,
    /// Kind of equipment: the most frequent among the reports.
    pub class: AisClass,
    /// Static data.
    pub vessel: Vessel,
    /// Reports by time; at most one an instant.
    pub positions: Vec<Position>,
    /// Silences longer than the gap limit.
    pub gaps: Vec<Gap>,
    /// True if the reports come from a simulated log.
    pub simulated: bool,
    /// Safety text (types 12, 14) is not read here; true if status 14 or a distress MMSI was heard.
    pub distress: Option<Distress>,
}

impl Track {
    /// What tells this ship from all others in ids made of content: the MMSI, and the part beyond the first.
    pub fn id_part(&self) -> String {
        match self.part {
            0 => self.mmsi.to_string(),
            part => format!("{} part {part}", self.mmsi),
        }
    }

    /// Place at a time on the geodesic between the reports about it, at constant speed; `None` before the first and after
    /// the last.
    pub fn place_at(&self, time: Timestamp) -> Option<LonLat> {
        let next = self.positions.partition_point(|fix| fix.time < time);
        let after = self.positions.get(next)?;
        if after.time == time {
            return Some(after.position);
        }
        let before = self.positions.get(next.checked_sub(1)?)?;
        let seconds = |later: Timestamp| later.duration_since(before.time).as_secs_f64();
        let (distance_m, bearing_deg) = before.position.inverse(after.position);
        let share = seconds(time) / seconds(after.time);
        Some(before.position.destination(bearing_deg, distance_m * share))
    }

    /// Name, or the MMSI if none was heard.
    pub fn label(&self) -> String {
        self.vessel
            .name
            .clone()
            .unwrap_or_else(|| format!("MMSI {}", self.mmsi))
    }
}

/// A silence between two reports of one identity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Last report before.
    pub start: Timestamp,
    /// First report after.
    pub end: Timestamp,
}

/// A distress beacon's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distress {
    /// The beacon is active.
    Active,
    /// The beacon is being tested (navigational status 15): nobody is paged.
    Test,
}
