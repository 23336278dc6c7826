//! Inland waterways, area code 200: 10, 21 to 24, 40, 55.
//!
//! Source: Vessel Tracking and Tracing Standard for Inland Navigation (CCNR 2007, UNECE resolution 63, ES-RIS), chapter on
//! Inland AIS messages.

use super::fields::{Clock, Fields, Moment};
use crate::ais::text::Text;
use crate::model::units::LonLat;
use serde::Serialize;

/// 200/10: static and voyage data of an inland ship or convoy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InlandShip {
    /// Unique European vessel identification number.
    pub vessel_number: Option<Text<8>>,
    /// Length, metres, 0.1 ..= 800.
    pub length_m: Option<f64>,
    /// Beam, metres, 0.1 ..= 100.
    pub beam_m: Option<f64>,
    /// Type of ship or convoy, ERI classification (8000 ..= 8370, or 1 ..= 99).
    pub ship_type: Option<u16>,
    /// Dangerous goods: number of blue cones or lights 0 ..= 3; 4 flag B.
    pub hazard: Option<u8>,
    /// Draught, metres, 0.01 ..= 20.
    pub draught_m: Option<f64>,
    /// True if loaded.
    pub loaded: Option<bool>,
    /// True if the speed comes from a type-approved sensor.
    pub speed_is_high_quality: bool,
    /// True if the course does.
    pub course_is_high_quality: bool,
    /// True if the heading does.
    pub heading_is_high_quality: bool,
}

impl InlandShip {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            vessel_number: fields.text(),
            length_m: fields.quantity(13, 1..=8000, 10.0),
            beam_m: fields.quantity(10, 1..=1000, 10.0),
            ship_type: fields.among(14, 1..=16_383),
            hazard: fields.small_among(3, 0..=4),
            draught_m: fields.quantity(11, 1..=2000, 100.0),
            loaded: fields.small_among(2, 1..=2).map(|state| state == 1),
            speed_is_high_quality: fields.flag(),
            course_is_high_quality: fields.flag(),
            heading_is_high_quality: fields.flag(),
        }
    }
}

/// A lock, bridge or terminal by its RIS index.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RisLocation {
    /// UN country code.
    pub country: Option<Text<2>>,
    /// UN location code.
    pub location: Option<Text<3>>,
    /// Fairway section.
    pub fairway_section: Option<Text<5>>,
    /// Terminal code.
    pub terminal: Option<Text<5>>,
    /// Fairway hectometre.
    pub hectometre: Option<Text<5>>,
}

impl RisLocation {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            country: fields.text(),
            location: fields.text(),
            fairway_section: fields.text(),
            terminal: fields.text(),
            hectometre: fields.text(),
        }
    }
}

/// 200/21: when a ship expects to arrive.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InlandArrival {
    /// Where.
    pub place: RisLocation,
    /// Estimated time of arrival.
    pub eta: Moment,
    /// Assisting tugs 0 ..= 6.
    pub tugs: Option<u8>,
    /// Air draught, metres, 0.01 ..= 40.
    pub air_draught_m: Option<f64>,
}

impl InlandArrival {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            place: RisLocation::read(fields),
            eta: fields.moment(),
            tugs: fields.small_among(3, 0..=6),
            air_draught_m: fields.quantity(12, 1..=4000, 100.0),
        }
    }
}

/// 200/22: when a ship is asked to arrive.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InlandSlot {
    /// Where.
    pub place: RisLocation,
    /// Required time of arrival.
    pub rta: Moment,
    /// 0 operational, 1 limited, 2 out of order.
    pub status: Option<u8>,
}

impl InlandSlot {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            place: RisLocation::read(fields),
            rta: fields.moment(),
            status: fields.small_among(2, 0..=2),
        }
    }
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Date {
    /// Year 2001 ..= 2255.
    pub year: Option<u16>,
    /// Month 1 ..= 12.
    pub month: Option<u8>,
    /// Day 1 ..= 31.
    pub day: Option<u8>,
}

impl Date {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            year: fields.among(8, 1..=255).map(|year| 2000 + year),
            month: fields.small_among(4, 1..=12),
            day: fields.small_among(5, 1..=31),
        }
    }
}

/// 200/23: weather warning for a stretch of fairway (EMMA).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeatherWarning {
    /// First day.
    pub start_date: Date,
    /// Last day.
    pub end_date: Date,
    /// From this time of day (UTC).
    pub start_time: Clock,
    /// To this time of day (UTC).
    pub end_time: Clock,
    /// Beginning of the stretch.
    pub start: Option<LonLat>,
    /// End of the stretch.
    pub end: Option<LonLat>,
    /// 1 wind, 2 rain, 3 snow and ice, 4 thunderstorm, 5 fog, 6 low temperature, 7 high temperature, 8 flood, 9 fire.
    pub kind: Option<u8>,
    /// Least value, −254 (or less) ..= 254 (or more), in the unit of its kind.
    pub least: Option<i16>,
    /// Greatest value.
    pub greatest: Option<i16>,
    /// 1 slight, 2 medium, 3 strong.
    pub intensity: Option<u8>,
    /// Wind from 1 north, 2 north-east, … 8 north-west.
    pub wind: Option<u8>,
}

/// Sign, then 8 bits of value; 255 is unknown.
fn sign_and_value(fields: &mut Fields<'_>) -> Option<i16> {
    let is_negative = fields.flag();
    let value = fields.among(8, 0..=254)? as i16;
    Some(if is_negative { -value } else { value })
}

impl WeatherWarning {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            start_date: Date::read(fields),
            end_date: Date::read(fields),
            start_time: fields.clock(),
            end_time: fields.clock(),
            start: fields.place(28),
            end: fields.place(28),
            kind: fields.small_among(4, 1..=9),
            least: sign_and_value(fields),
            greatest: sign_and_value(fields),
            intensity: fields.small_among(2, 1..=3),
            wind: fields.small_among(4, 1..=8),
        }
    }
}

/// 200/24: water levels at up to four gauges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaterLevels {
    /// UN country code.
    pub country: Option<Text<2>>,
    /// Gauges with a number.
    pub gauges: Vec<Gauge>,
}

/// One gauge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gauge {
    /// Number of the gauge 1 ..= 2047, unique in its country.
    pub number: u16,
    /// Water above the local reference level, metres, −81.91 ..= 81.91.
    pub level_m: Option<f64>,
}

impl WaterLevels {
    /// The first of a level's 14 bits is its sign, 1 for above the reference.
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let country = fields.text();
        let mut gauge = || {
            let number = fields.among(11, 1..=2047);
            let is_above = fields.flag();
            let level_m = fields.quantity(13, 1..=8191, 100.0);
            let level_m = level_m.map(|level_m| if is_above { level_m } else { -level_m });
            number.map(|number| Gauge { number, level_m })
        };
        let gauges = [gauge(), gauge(), gauge(), gauge()];
        Self {
            country,
            gauges: gauges.into_iter().flatten().collect(),
        }
    }
}

/// 200/40: lights of a signal station.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InlandSignal {
    /// Where; resolution 1/600,000°.
    pub position: Option<LonLat>,
    /// Form of the signal 1 ..= 14 (annex of the standard).
    pub form: Option<u8>,
    /// Direction it faces, degrees true.
    pub facing_deg: Option<f64>,
    /// For traffic 1 upstream, 2 downstream, 3 to the left bank, 4 to the right bank.
    pub direction: Option<u8>,
    /// State of each light: 0 unknown, 1 off, 2 white, 3 yellow, 4 green, 5 red, 6 white flashing, 7 yellow flashing.
    pub lights: Option<[u8; 9]>,
}

impl InlandSignal {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            position: fields.place(28),
            form: fields.small_among(4, 1..=14),
            facing_deg: fields.degrees(),
            direction: fields.small_among(3, 1..=4),
            lights: lights(fields.number(30)),
        }
    }
}

/// Nine decimal digits, the first light in the highest.
fn lights(status: u32) -> Option<[u8; 9]> {
    (status <= 999_999_999).then(|| {
        let digit = |place: usize| (status / 10_u32.pow(8 - place as u32) % 10) as u8;
        std::array::from_fn(digit)
    })
}

/// 200/55: persons on board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InlandPersons {
    /// Crew 0 ..= 254.
    pub crew: Option<u8>,
    /// Passengers 0 ..= 8190.
    pub passengers: Option<u16>,
    /// Other personnel 0 ..= 254.
    pub personnel: Option<u8>,
}

impl InlandPersons {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            crew: fields.small_among(8, 0..=254),
            passengers: fields.among(13, 0..=8190),
            personnel: fields.small_among(8, 0..=254),
        }
    }
}
