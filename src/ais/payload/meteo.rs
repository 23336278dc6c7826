//! Weather and water at a place: 1/11 (IMO SN.1/Circ.236) and 1/31 (IMO SN.1/Circ.289).
//!
//! The older message sends latitude first, numbers raised above their lowest value and all bits set for "not available";
//! the newer one longitude first, signed temperatures, and values of its own for "not available" and for "that or more".

use super::fields::{Fields, Moment};
use crate::model::units::LonLat;
use serde::Serialize;

/// 1/11 and 1/31.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetHydro {
    /// Where it was measured; resolution 1/60,000°.
    pub position: Option<LonLat>,
    /// True if the place is good to 10 m: 1/31 only.
    pub accurate: Option<bool>,
    /// When (day, hour, minute).
    pub time: Moment,
    /// Mean wind of ten minutes, knots, 0 ..= 126 (126 or more).
    pub wind_kn: Option<f64>,
    /// Strongest gust of ten minutes, knots, 0 ..= 126 (126 or more).
    pub gust_kn: Option<f64>,
    /// Direction of the wind, degrees true.
    pub wind_direction_deg: Option<f64>,
    /// Direction of the gust, degrees true.
    pub gust_direction_deg: Option<f64>,
    /// Dry bulb temperature, degrees Celsius, −60 ..= 60.
    pub air_temperature_c: Option<f64>,
    /// Relative humidity, percent.
    pub humidity_percent: Option<u8>,
    /// Dew point, degrees Celsius, −20 ..= 50.
    pub dew_point_c: Option<f64>,
    /// Air pressure, hectopascals, 799 (or less) ..= 1201 (or more).
    pub pressure_hpa: Option<f64>,
    /// Tendency of the pressure: 0 steady, 1 falling, 2 rising.
    pub pressure_tendency: Option<u8>,
    /// Horizontal visibility, nautical miles, 0 ..= 25 (1/11) or 12.6 (1/31).
    pub visibility_nm: Option<f64>,
    /// True if the visibility is greater than the equipment measures: 1/31 only.
    pub visibility_is_greater: Option<bool>,
    /// Water level above the chart's datum with the tide, metres, −10 ..= 30.
    pub water_level_m: Option<f64>,
    /// Tendency of the water level: 0 steady, 1 falling, 2 rising.
    pub water_level_tendency: Option<u8>,
    /// Current at the surface and at two depths.
    pub currents: [Current; 3],
    /// Significant waves.
    pub waves: Wave,
    /// Swell.
    pub swell: Wave,
    /// Beaufort 0 ..= 12.
    pub sea_state: Option<u8>,
    /// Temperature of the water, degrees Celsius, −10 ..= 50.
    pub water_temperature_c: Option<f64>,
    /// 1 rain, 2 thunderstorm, 3 freezing rain, 4 mixed or ice, 5 snow (WMO 306, code table 4.201).
    pub precipitation: Option<u8>,
    /// Salinity, parts in a thousand, 0 ..= 50.1 (50.1 or more).
    pub salinity_permille: Option<f64>,
    /// True if there is ice.
    pub ice: Option<bool>,
}

/// Current at one depth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Current {
    /// Speed, knots, 0 ..= 25.1 (25.1 or more).
    pub speed_kn: Option<f64>,
    /// Direction, degrees true.
    pub direction_deg: Option<f64>,
    /// Depth, metres below the surface; 0 for the surface current.
    pub depth_m: Option<f64>,
}

/// Waves or swell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Wave {
    /// Height, metres, 0 ..= 25.1 (25.1 or more).
    pub height_m: Option<f64>,
    /// Period, seconds.
    pub period_s: Option<u8>,
    /// Direction, degrees true.
    pub direction_deg: Option<f64>,
}

/// Largest number of tenths of knots and metres: 250 in the older message, 251 (that or more) in the newer.
type Most = u32;

fn current(fields: &mut Fields<'_>, most: Most, at_surface: bool) -> Current {
    Current {
        speed_kn: fields.quantity(8, 0..=most, 10.0),
        direction_deg: fields.degrees(),
        depth_m: match at_surface {
            true => Some(0.0),
            false => fields.quantity(5, 0..=30, 1.0),
        },
    }
}

fn currents(fields: &mut Fields<'_>, most: Most) -> [Current; 3] {
    [true, false, false].map(|at_surface| current(fields, most, at_surface))
}

fn wave(fields: &mut Fields<'_>, most: Most) -> Wave {
    Wave {
        height_m: fields.quantity(8, 0..=most, 10.0),
        period_s: fields.small_among(6, 0..=60),
        direction_deg: fields.degrees(),
    }
}

/// The last field, which some senders of the older message leave off.
fn ice(fields: &mut Fields<'_>) -> Option<bool> {
    let is_there = fields.left() >= 2;
    let ice = fields.small_among(2, 0..=1).map(|ice| ice == 1);
    ice.filter(|_| is_there)
}

impl MetHydro {
    /// 1/11.
    pub(super) fn read_circular_236(fields: &mut Fields<'_>) -> Self {
        Self {
            position: fields.place_latitude_first(25),
            accurate: None,
            time: told_236(fields.day_and_clock()),
            wind_kn: fields.quantity(7, 0..=126, 1.0),
            gust_kn: fields.quantity(7, 0..=126, 1.0),
            wind_direction_deg: fields.degrees(),
            gust_direction_deg: fields.degrees(),
            air_temperature_c: fields.raised_quantity(11, 0..=1200, 600, 10.0),
            humidity_percent: fields.small_among(7, 0..=100),
            dew_point_c: fields.raised_quantity(10, 0..=700, 200, 10.0),
            pressure_hpa: fields.raised_quantity(9, 0..=400, -800, 1.0),
            pressure_tendency: fields.small_among(2, 0..=2),
            visibility_nm: fields.quantity(8, 0..=250, 10.0),
            visibility_is_greater: None,
            water_level_m: fields.raised_quantity(9, 0..=400, 100, 10.0),
            water_level_tendency: fields.small_among(2, 0..=2),
            currents: currents(fields, 250),
            waves: wave(fields, 250),
            swell: wave(fields, 250),
            sea_state: fields.small_among(4, 0..=12),
            water_temperature_c: fields.raised_quantity(10, 0..=600, 100, 10.0),
            precipitation: fields.small_among(3, 1..=5),
            salinity_permille: fields.quantity(9, 0..=500, 10.0),
            ice: ice(fields),
        }
    }

    /// 1/31.
    pub(super) fn read_circular_289(fields: &mut Fields<'_>) -> Self {
        Self {
            position: fields.place(25),
            accurate: Some(fields.flag()),
            time: fields.day_and_clock(),
            wind_kn: fields.quantity(7, 0..=126, 1.0),
            gust_kn: fields.quantity(7, 0..=126, 1.0),
            wind_direction_deg: fields.degrees(),
            gust_direction_deg: fields.degrees(),
            air_temperature_c: fields.signed_quantity(11, -600..=600, 10.0),
            humidity_percent: fields.small_among(7, 0..=100),
            dew_point_c: fields.signed_quantity(10, -200..=500, 10.0),
            pressure_hpa: fields.raised_quantity(9, 0..=402, -799, 1.0),
            pressure_tendency: fields.small_among(2, 0..=2),
            visibility_is_greater: Some(fields.flag()),
            visibility_nm: fields.quantity(7, 0..=126, 10.0),
            water_level_m: fields.raised_quantity(12, 0..=4000, 1000, 100.0),
            water_level_tendency: fields.small_among(2, 0..=2),
            currents: currents(fields, 251),
            waves: wave(fields, 251),
            swell: wave(fields, 251),
            sea_state: fields.small_among(4, 0..=12),
            water_temperature_c: fields.signed_quantity(10, -100..=500, 10.0),
            precipitation: fields.small_among(3, 1..=5),
            salinity_permille: fields.quantity(9, 0..=501, 10.0),
            ice: ice(fields),
        }
    }
}

/// In the older message day 31 is a day, unless hour and minute are all bits set as well.
fn told_236(time: Moment) -> Moment {
    let is_unset = time.day == Some(31) && time.hour.is_none() && time.minute.is_none();
    if is_unset { Moment::default() } else { time }
}
