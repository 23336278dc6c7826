//! Weather that a ship observed: 1/21 in its two forms.
//!
//! Source: IMO SN.1/Circ.289, tables 10.1 and 10.2; code tables of the second form are those of WMO's BUFR.

use super::fields::{Clock, Fields, Moment};
use super::meteo::Wave;
use crate::ais::decode::position;
use crate::ais::text::Text;
use crate::model::units::LonLat;
use serde::Serialize;

/// 1/21, first form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShipObservation {
    /// Name of the place.
    pub location: Option<Text<20>>,
    /// Where; resolution 1/60,000°.
    pub position: Option<LonLat>,
    /// When (day, hour, minute).
    pub time: Moment,
    /// 0 clear, 1 cloudy, 2 rain, 3 fog, 4 snow, 5 typhoon or hurricane, 6 monsoon, 7 thunderstorm.
    pub weather: Option<u8>,
    /// True if the visibility is greater than the equipment measures.
    pub visibility_is_greater: bool,
    /// Horizontal visibility, nautical miles, 0 ..= 12.6.
    pub visibility_nm: Option<f64>,
    /// Relative humidity, percent.
    pub humidity_percent: Option<u8>,
    /// Mean wind of ten minutes, knots, 0 ..= 126 (126 or more).
    pub wind_kn: Option<f64>,
    /// Direction of the wind, degrees true.
    pub wind_direction_deg: Option<f64>,
    /// Air pressure, hectopascals, 799 (or less) ..= 1201 (or more).
    pub pressure_hpa: Option<f64>,
    /// Tendency of the pressure 0 ..= 8 (WMO 306, code table 0200).
    pub pressure_tendency: Option<u8>,
    /// Dry bulb temperature, degrees Celsius, −60 ..= 60.
    pub air_temperature_c: Option<f64>,
    /// Temperature of the water, degrees Celsius, −10 ..= 50.
    pub water_temperature_c: Option<f64>,
    /// Waves.
    pub waves: Wave,
    /// Swell.
    pub swell: Wave,
}

impl ShipObservation {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            location: fields.text(),
            position: fields.place(25),
            time: fields.day_and_clock(),
            weather: fields.small_among(4, 0..=7),
            visibility_is_greater: fields.flag(),
            visibility_nm: fields.quantity(7, 0..=126, 10.0),
            humidity_percent: fields.small_among(7, 0..=100),
            wind_kn: fields.quantity(7, 0..=126, 1.0),
            wind_direction_deg: fields.degrees(),
            pressure_hpa: fields.raised_quantity(9, 0..=402, -799, 1.0),
            pressure_tendency: fields.small_among(4, 0..=8),
            air_temperature_c: fields.signed_quantity(11, -600..=600, 10.0),
            water_temperature_c: fields.raised_quantity(10, 0..=600, 100, 10.0),
            waves: {
                let period_s = fields.small_among(6, 0..=60);
                Wave {
                    period_s,
                    height_m: fields.quantity(8, 0..=251, 10.0),
                    direction_deg: fields.degrees(),
                }
            },
            swell: {
                let height_m = fields.quantity(8, 0..=251, 10.0);
                let direction_deg = fields.degrees();
                Wave {
                    height_m,
                    direction_deg,
                    period_s: fields.small_among(6, 0..=60),
                }
            },
        }
    }
}

/// 1/21, second form, for ships that observe for a meteorological service. Means are of ten minutes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WmoObservation {
    /// Where; resolution 0.01°.
    pub position: Option<LonLat>,
    /// When; whole ten minutes.
    pub time: Moment,
    /// Course over ground, degrees true, 5 ..= 360.
    pub cog_deg: Option<f64>,
    /// Speed over ground, metres a second, 0 ..= 15 (15 or more).
    pub sog_mps: Option<f64>,
    /// Heading, degrees true, 5 ..= 360.
    pub heading_deg: Option<f64>,
    /// Pressure at sea level, hectopascals, 900 ..= 1100.
    pub pressure_hpa: Option<f64>,
    /// Change of the pressure in three hours, hectopascals, −50 ..= 50.
    pub pressure_change_hpa: Option<f64>,
    /// Tendency of the pressure 0 ..= 8 (table 0 10 063).
    pub pressure_tendency: Option<u8>,
    /// True wind.
    pub wind: Wind,
    /// Wind relative to the ship.
    pub relative_wind: Wind,
    /// Strongest gust.
    pub gust: Wind,
    /// Dry bulb temperature, degrees Celsius, −50.15 ..= 49.85.
    pub air_temperature_c: Option<f64>,
    /// Relative humidity, percent.
    pub humidity_percent: Option<u8>,
    /// Temperature of the sea's surface, degrees Celsius, −5.15 ..= 44.85.
    pub water_temperature_c: Option<f64>,
    /// Horizontal visibility, metres, 0 ..= 50,253.
    pub visibility_m: Option<f64>,
    /// Present weather 0 ..= 510 (table 0 20 003).
    pub weather: Option<u16>,
    /// Past weather (tables 0 20 004 and 0 20 005).
    pub past_weather: [Option<u8>; 2],
    /// Cloud cover, percent.
    pub cloud_cover_percent: Option<u8>,
    /// Amount of low clouds (table 0 20 011).
    pub low_cloud_amount: Option<u8>,
    /// Types of low, middle and high clouds (table 0 20 012).
    pub cloud_types: [Option<u8>; 3],
    /// Height of the lowest clouds, metres, 0 ..= 2500 (2500 or more).
    pub cloud_base_m: Option<f64>,
    /// Wind waves; their direction is not sent.
    pub waves: Wave,
    /// First and second swell, by the directions they come from.
    pub swells: [Wave; 2],
    /// Thickness of ice on the ship, centimetres, 0 ..= 126.
    pub ice_deposit_cm: Option<u8>,
    /// Rate of its growth (table 0 20 032).
    pub ice_accretion_rate: Option<u8>,
    /// Cause of its growth (table 0 20 033).
    pub ice_accretion_cause: Option<u8>,
    /// Concentration of sea ice (table 0 20 034).
    pub sea_ice_concentration: Option<u8>,
    /// Amount and type of ice (table 0 20 035).
    pub ice_type: Option<u8>,
    /// Ice situation (table 0 20 036).
    pub ice_situation: Option<u8>,
    /// Development of the ice (table 0 20 037).
    pub ice_development: Option<u8>,
    /// Bearing of the ice edge, degrees true, 45 ..= 360.
    pub ice_edge_bearing_deg: Option<f64>,
}

/// Wind by direction and speed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Wind {
    /// Direction, degrees, 5 ..= 360; `None` also in a calm.
    pub direction_deg: Option<f64>,
    /// Speed, metres a second, 0 ..= 127.
    pub speed_mps: Option<f64>,
}

/// Seven bits of five degrees; 0 is calm or none.
fn fives(fields: &mut Fields<'_>) -> Option<f64> {
    let fives = fields.quantity(7, 1..=72, 1.0)?;
    Some(fives * 5.0)
}

/// Eight bits of half metres a second.
fn speed_mps(fields: &mut Fields<'_>) -> Option<f64> {
    fields.quantity(8, 0..=254, 2.0)
}

/// The square of a number, times `unit`.
fn square(fields: &mut Fields<'_>, width: usize, last: u32, unit: f64) -> Option<f64> {
    let root = fields.quantity(width, 0..=last, 1.0)?;
    Some(root * root * unit)
}

fn wind(fields: &mut Fields<'_>) -> Wind {
    Wind {
        direction_deg: fives(fields),
        speed_mps: speed_mps(fields),
    }
}

fn gust(fields: &mut Fields<'_>) -> Wind {
    let speed_mps = speed_mps(fields);
    Wind {
        speed_mps,
        direction_deg: fives(fields),
    }
}

fn swell(fields: &mut Fields<'_>) -> Wave {
    let direction_deg = fields.quantity(6, 1..=36, 1.0).map(|tens| tens * 10.0);
    let period_s = fields.small_among(5, 0..=30);
    Wave {
        direction_deg,
        period_s,
        height_m: fields.quantity(6, 0..=60, 2.0),
    }
}

/// Degrees Celsius of a number of tenths of kelvins above `zero_k`.
fn celsius(fields: &mut Fields<'_>, width: usize, last: u32, zero_k: i32) -> Option<f64> {
    let tenths = fields.quantity(width, 0..=last, 1.0)?;
    Some((tenths * 10.0 + f64::from(zero_k * 100) - 27_315.0) / 100.0)
}

impl WmoObservation {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            position: {
                let (lon, lat) = (fields.number(16) as i32, fields.number(15) as i32);
                position(lon - 18_000, lat - 9_000, 100.0)
            },
            time: {
                let month = fields.small_among(4, 1..=12);
                let day = fields.small_among(6, 1..=31);
                let clock = Clock {
                    hour: fields.small_among(5, 0..=23),
                    minute: fields.small_among(3, 0..=5).map(|tens| tens * 10),
                };
                Moment {
                    month,
                    day,
                    hour: clock.hour,
                    minute: clock.minute,
                }
            },
            cog_deg: fives(fields),
            sog_mps: fields.quantity(5, 0..=30, 2.0),
            heading_deg: fives(fields),
            pressure_hpa: fields.raised_quantity(11, 0..=2000, -9000, 10.0),
            pressure_change_hpa: fields.raised_quantity(10, 0..=1000, 500, 10.0),
            pressure_tendency: fields.small_among(4, 0..=8),
            wind: wind(fields),
            relative_wind: wind(fields),
            gust: gust(fields),
            air_temperature_c: celsius(fields, 10, 1000, 223),
            humidity_percent: fields.small_among(7, 0..=100),
            water_temperature_c: celsius(fields, 9, 500, 268),
            visibility_m: square(fields, 6, 62, 13.073),
            weather: fields.among(9, 0..=510),
            past_weather: std::array::from_fn(|_| fields.small_among(5, 0..=30)),
            cloud_cover_percent: fields.small_among(4, 0..=10).map(|tenths| tenths * 10),
            low_cloud_amount: fields.small_among(4, 0..=14),
            cloud_types: std::array::from_fn(|_| fields.small_among(6, 0..=62)),
            cloud_base_m: square(fields, 7, 126, 0.16).map(|base_m| base_m.min(2500.0)),
            waves: Wave {
                direction_deg: None,
                period_s: fields.small_among(5, 0..=30),
                height_m: fields.quantity(6, 0..=60, 2.0),
            },
            swells: [swell(fields), swell(fields)],
            ice_deposit_cm: fields.small_among(7, 0..=126),
            ice_accretion_rate: fields.small_among(3, 0..=6),
            ice_accretion_cause: fields.small_among(3, 0..=6),
            sea_ice_concentration: fields.small_among(5, 0..=30),
            ice_type: fields.small_among(4, 0..=14),
            ice_situation: fields.small_among(5, 0..=30),
            ice_development: fields.small_among(5, 0..=30),
            ice_edge_bearing_deg: fields.quantity(4, 1..=8, 1.0).map(|eighths| eighths * 45.0),
        }
    }
}
