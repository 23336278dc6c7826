//! Ports and fairways: fairway closed (1/13), tidal window (1/14, 1/32), clearance time to enter port (1/18), marine traffic
//! signal (1/19), berthing data (1/20), routes (1/27, 1/28).
//!
//! Source: IMO SN.1/Circ.236 (1/13, 1/14) and SN.1/Circ.289.

use super::fields::{Clock, Fields, Moment};
use super::table::FILL;
use crate::ais::text::Text;
use crate::model::units::{LonLat, NAUTICAL_MILE_M};
use serde::Serialize;

/// 1/13: a fairway is closed, deprecated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FairwayClosed {
    /// Why.
    pub reason: Option<Text<20>>,
    /// From which place.
    pub closed_from: Option<Text<20>>,
    /// To which place.
    pub closed_to: Option<Text<20>>,
    /// Extension about it, metres.
    pub radius_m: Option<f64>,
    /// From when.
    pub start: Moment,
    /// Until when.
    pub end: Moment,
}

impl FairwayClosed {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            reason: fields.text(),
            closed_from: fields.text(),
            closed_to: fields.text(),
            radius_m: {
                let radius = fields.quantity(10, 0..=1000, 1.0);
                let unit_m = match fields.small(2) {
                    0 => 1.0,
                    1 => 1000.0,
                    2 => NAUTICAL_MILE_M,
                    _ => NAUTICAL_MILE_M / 10.0,
                };
                radius.map(|radius| radius * unit_m)
            },
            start: day_first(fields),
            end: day_first(fields),
        }
    }
}

/// Day, month, hour, minute.
fn day_first(fields: &mut Fields<'_>) -> Moment {
    let day = fields.small_among(5, 1..=31);
    let month = fields.small_among(4, 1..=12);
    let Clock { hour, minute } = fields.clock();
    Moment {
        month,
        day,
        hour,
        minute,
    }
}

/// 1/14 (deprecated) and 1/32: when the tide lets a ship pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TidalWindows {
    /// Month 1 ..= 12.
    pub month: Option<u8>,
    /// Day 1 ..= 31.
    pub day: Option<u8>,
    /// One to three windows.
    pub windows: Vec<TidalWindow>,
}

/// One window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TidalWindow {
    /// Where.
    pub position: Option<LonLat>,
    /// From when (UTC).
    pub from: Clock,
    /// Until when (UTC).
    pub to: Clock,
    /// Predicted direction of the current, degrees true.
    pub current_direction_deg: Option<f64>,
    /// Predicted speed of the current, knots, 0 ..= 12.6 (1/14) or 25.1 (or more, 1/32).
    pub current_kn: Option<f64>,
}

impl TidalWindows {
    fn read(fields: &mut Fields<'_>, bits: usize, place: Place, speed: Speed) -> Self {
        let (month, day) = (fields.small_among(4, 1..=12), fields.small_among(5, 1..=31));
        let count = fields.left() / bits;
        let window = |_| TidalWindow {
            position: place(fields),
            from: fields.clock(),
            to: fields.clock(),
            current_direction_deg: fields.degrees(),
            current_kn: speed(fields),
        };
        Self {
            month,
            day,
            windows: (0..count).map(window).collect(),
        }
    }

    /// 1/14.
    pub(super) fn read_circular_236(fields: &mut Fields<'_>) -> Self {
        Self::read(
            fields,
            93,
            |fields| fields.place_latitude_first(28),
            |fields| fields.quantity(7, 0..=126, 10.0),
        )
    }

    /// 1/32.
    pub(super) fn read_circular_289(fields: &mut Fields<'_>) -> Self {
        Self::read(
            fields,
            88,
            |fields| fields.place(25),
            |fields| fields.quantity(8, 0..=251, 10.0),
        )
    }
}

type Place = fn(&mut Fields<'_>) -> Option<LonLat>;
type Speed = fn(&mut Fields<'_>) -> Option<f64>;

/// 1/18: when a ship may enter a port.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clearance {
    /// Message linkage identifier 1 ..= 1023.
    pub linkage: Option<u16>,
    /// When.
    pub time: Moment,
    /// Port and berth.
    pub port: Option<Text<20>>,
    /// Destination, UN/LOCODE.
    pub destination: Option<Text<5>>,
    /// Where; resolution 1/60,000°.
    pub position: Option<LonLat>,
}

impl Clearance {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            linkage: fields.linkage(),
            time: fields.moment(),
            port: fields.text(),
            destination: fields.text(),
            position: fields.place(25),
        }
    }
}

/// 1/19: signal at the entrance of a harbour or channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrafficSignal {
    /// Message linkage identifier 1 ..= 1023.
    pub linkage: Option<u16>,
    /// Name of the station.
    pub station: Option<Text<20>>,
    /// Where; resolution 1/60,000°.
    pub position: Option<LonLat>,
    /// 1 in regular service, 2 irregular service.
    pub status: Option<u8>,
    /// Signal in service 1 ..= 13: 1 to 5 the IALA port traffic signals 1 to 5, 6 signal 2a, 7 signal 5a, 8 to 13 the Japanese
    /// signals I, O, F, XI, XO and X.
    pub signal: Option<u8>,
    /// When it changes (UTC).
    pub next_time: Clock,
    /// The signal then.
    pub next_signal: Option<u8>,
}

impl TrafficSignal {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            linkage: fields.linkage(),
            station: fields.text(),
            position: fields.place(25),
            status: fields.small_among(2, 1..=2),
            signal: fields.small_among(5, 1..=13),
            next_time: fields.clock(),
            next_signal: fields.small_among(5, 1..=13),
        }
    }
}

/// 1/20: a berth that a ship asks for or is given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Berth {
    /// Message linkage identifier 1 ..= 1023.
    pub linkage: Option<u16>,
    /// Length of the berth, metres, 1 ..= 511 (511 or more).
    pub length_m: Option<u16>,
    /// Depth at the berth, metres, 0.1 ..= 25.5 (25.5 or more).
    pub depth_m: Option<f64>,
    /// 1 port side to, 2 starboard side to, 3 end on, 4 mooring buoy, 5 anchorage.
    pub mooring: Option<u8>,
    /// When.
    pub time: Moment,
    /// State of each service in the order of the circular (agent, bunker, chandler, stevedore, electrical, water, customs, cartage,
    /// cranes, lifts, medical, navigation repair, provisions, ship repair, surveyor, steam, tugs, solid waste, liquid waste,
    /// hazardous waste, ballast exchange, additional, two regional, two kept for later): 0 not available or requested,
    /// 1 available, `None` unknown. Nothing if services are not known.
    pub services: Option<[Option<u8>; 26]>,
    /// Name of the berth.
    pub name: Option<Text<20>>,
    /// Centre of the berth; resolution 1/60,000°.
    pub position: Option<LonLat>,
}

impl Berth {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            linkage: fields.linkage(),
            length_m: fields.among(9, 1..=511),
            depth_m: fields.quantity(8, 1..=255, 10.0),
            mooring: fields.small_among(3, 1..=5),
            time: fields.moment(),
            services: {
                let known = fields.flag();
                let states = std::array::from_fn(|_| fields.small_among(2, 0..=1));
                known.then_some(states)
            },
            name: fields.text(),
            position: fields.place(25),
        }
    }
}

/// 1/27 and 1/28: a route.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Route {
    /// Message linkage identifier 1 ..= 1023.
    pub linkage: Option<u16>,
    /// Sender: 0 ship, 1 authority.
    pub sender: Option<u8>,
    /// 1 mandatory, 2 recommended, 3 alternative, 4 recommended through ice, 5 a ship's plan, 31 cancels the route of this linkage.
    pub kind: Option<u8>,
    /// From when.
    pub start: Moment,
    /// For how many minutes; 0 cancels the route.
    pub duration_min: Option<u32>,
    /// One to sixteen waypoints; resolution 1/600,000°.
    pub waypoints: Vec<Option<LonLat>>,
}

/// Bits of a waypoint.
const WAYPOINT: usize = 55;

impl Route {
    /// `None` if the number of waypoints is not that of the data.
    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let mut route = Self {
            linkage: fields.linkage(),
            sender: fields.small_among(3, 0..=1),
            kind: fields
                .small_among(5, 1..=31)
                .filter(|kind| *kind <= 5 || *kind == 31),
            start: fields.moment(),
            duration_min: fields.duration_min(),
            waypoints: Vec::new(),
        };
        let count = fields.small(5);
        let fill = fields.left().checked_sub(WAYPOINT * usize::from(count))?;
        if fill > FILL {
            return None;
        }
        route.waypoints = (0..count).map(|_| fields.place(28)).collect();
        Some(route)
    }
}
