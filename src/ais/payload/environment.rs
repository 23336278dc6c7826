//! Reports of sensors at fixed sites: 1/26.
//!
//! Source: IMO SN.1/Circ.289, tables 12.3 to 12.15.

use super::fields::{Fields, Moment};
use super::meteo::{Current, Wave};
use super::ship::height_m;
use crate::ais::text::Text;
use crate::model::units::LonLat;
use serde::Serialize;

/// 1/26.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Environment {
    /// One to eight reports.
    pub reports: Vec<SensorReport>,
}

/// Report of one sensor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SensorReport {
    /// When (day, hour, minute).
    pub time: Moment,
    /// Number of the site 0 ..= 127.
    pub site: u8,
    /// What it tells.
    #[serde(flatten)]
    pub sensor: Sensor,
}

/// How a value came about: 1 raw, 2 checked, 3 predicted, 4 forecast, 5 nowcast; `None` if not told or without sensor.
pub type Source = Option<u8>;

/// What a sensor tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "sensor", rename_all = "snake_case")]
pub enum Sensor {
    /// 0: place of the site.
    SiteLocation {
        /// Where; resolution 1/600,000°.
        position: Option<LonLat>,
        /// Height above mean sea level, metres, 0 ..= 200.1 (200.1 or more).
        altitude_m: Option<f64>,
        /// 1 hydrographic office, 2 inland waterway authority, 3 coastal directorate, 4 meteorological service, 5 port authority,
        /// 6 coast guard, 14 regional.
        owner: Option<u8>,
        /// Minutes after which data are no longer valid.
        timeout_min: Option<u16>,
    },
    /// 1: name of the site.
    StationId {
        /// Name.
        name: Option<Text<14>>,
    },
    /// 2: wind.
    Wind {
        /// Mean of ten minutes and strongest gust.
        wind: WindReport,
        /// How it came about.
        source: Source,
        /// Forecast.
        forecast: WindReport,
        /// When the forecast begins to hold.
        forecast_time: Moment,
        /// How long it holds, minutes; 0 cancels it.
        forecast_duration_min: Option<u8>,
    },
    /// 3: water level.
    WaterLevel {
        /// True if the level is the depth of the water, false if it is relative to the datum.
        is_depth: bool,
        /// Level, metres, −327.67 (or less) ..= 327.67 (or more).
        level_m: Option<f64>,
        /// Tendency 0 ..= 2 as sent; editions of the table differ in its meaning.
        tendency: Option<u8>,
        /// Datum 0 ..= 13 in the order of the circular (MLLW, IGLD-85, local river, station, MHHW, MHW, MSL, MLW, NGVD-29, NAVD-88,
        /// WGS 84, LAT, pool, gauge).
        datum: Option<u8>,
        /// How it came about.
        source: Source,
        /// As `is_depth`, of the forecast.
        forecast_is_depth: bool,
        /// Forecast level, metres.
        forecast_level_m: Option<f64>,
        /// When the forecast begins to hold.
        forecast_time: Moment,
        /// How long it holds, minutes; 0 cancels it.
        forecast_duration_min: Option<u8>,
    },
    /// 4: currents at three depths; speed 0 ..= 24.6 knots (or more), depth 0 ..= 361 m (or more).
    Current {
        /// The currents.
        currents: [Current; 3],
        /// How they came about.
        source: Source,
    },
    /// 5: currents at two depths in three dimensions.
    CurrentVector {
        /// The currents.
        currents: [CurrentVector; 2],
        /// How they came about.
        source: Source,
    },
    /// 6: currents at a distance from the site.
    HorizontalCurrent {
        /// The currents.
        currents: [DistantCurrent; 2],
    },
    /// 7: sea state.
    SeaState {
        /// Swell.
        swell: Wave,
        /// Beaufort 0 ..= 12.
        sea_state: Option<u8>,
        /// How the swell came about.
        swell_source: Source,
        /// Temperature of the water, degrees Celsius, −10 ..= 50.
        water_temperature_c: Option<f64>,
        /// At which depth, metres, 0 ..= 12.1 (12.1 or more).
        temperature_depth_m: Option<f64>,
        /// How the temperature came about.
        temperature_source: Source,
        /// Waves.
        waves: Wave,
        /// How the waves came about.
        wave_source: Source,
        /// Salinity, parts in a thousand, 0 ..= 50.1 (50.1 or more).
        salinity_permille: Option<f64>,
    },
    /// 8: salinity.
    Salinity {
        /// Temperature of the water, degrees Celsius, −10 ..= 50.
        water_temperature_c: Option<f64>,
        /// Conductivity, siemens a metre, 0 ..= 7.01 (7.01 or more).
        conductivity_spm: Option<f64>,
        /// Pressure of the water, decibars, 0 ..= 6000.1 (6000.1 or more).
        pressure_dbar: Option<f64>,
        /// Salinity, parts in a thousand, 0 ..= 50.1 (50.1 or more).
        salinity_permille: Option<f64>,
        /// 0 measured, 1 calculated by PSS-78, 2 calculated otherwise.
        salinity_kind: Option<u8>,
        /// How it came about.
        source: Source,
    },
    /// 9: weather.
    Weather {
        /// Dry bulb temperature, degrees Celsius, −60 ..= 60.
        air_temperature_c: Option<f64>,
        /// How the temperature came about.
        temperature_source: Source,
        /// Precipitation 0 ..= 3 as sent: 0 rain, 3 other; there is no value for none.
        precipitation: u8,
        /// Horizontal visibility, nautical miles, 0 ..= 24.1 (24.1 or more).
        visibility_nm: Option<f64>,
        /// Dew point, degrees Celsius, −20 ..= 50.
        dew_point_c: Option<f64>,
        /// How the dew point came about.
        dew_point_source: Source,
        /// Air pressure, hectopascals, 799 (or less) ..= 1201 (or more).
        pressure_hpa: Option<f64>,
        /// Tendency of the pressure 0 ..= 2 as sent; 0 steady.
        pressure_tendency: Option<u8>,
        /// How the pressure came about.
        pressure_source: Source,
        /// Salinity, parts in a thousand, 0 ..= 50.1 (50.1 or more).
        salinity_permille: Option<f64>,
    },
    /// 10: room under a bridge or line; heights are 0.01 ..= 81.91 (81.91 or more).
    AirGap {
        /// Air draught that the gap allows, metres.
        air_draught_m: Option<f64>,
        /// From the water to the sensor, metres.
        air_gap_m: Option<f64>,
        /// 0 steady, 1 rising, 2 falling.
        tendency: Option<u8>,
        /// Forecast gap, metres.
        forecast_gap_m: Option<f64>,
        /// When the forecast holds.
        forecast_time: Moment,
    },
    /// 11 ..= 15: kept for later; its 85 bits are not looked at.
    Reserved {
        /// The number.
        number: u8,
    },
}

/// Wind, knots (121: that or more) and degrees true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct WindReport {
    /// Mean speed, knots, 0 ..= 121.
    pub wind_kn: Option<f64>,
    /// Strongest gust, knots, 0 ..= 121.
    pub gust_kn: Option<f64>,
    /// Direction of the wind, degrees true.
    pub wind_direction_deg: Option<f64>,
    /// Direction of the gust, degrees true; a forecast has none.
    pub gust_direction_deg: Option<f64>,
}

/// A current by its components, knots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct CurrentVector {
    /// To the north, knots.
    pub north_kn: Option<f64>,
    /// To the east, knots.
    pub east_kn: Option<f64>,
    /// Upwards, knots.
    pub up_kn: Option<f64>,
    /// Depth, metres, 0 ..= 361 (361 or more).
    pub depth_m: Option<f64>,
}

/// A current at a distance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct DistantCurrent {
    /// Bearing of the place from the site, degrees true.
    pub bearing_deg: Option<f64>,
    /// Distance of the place from the site, metres, 0 ..= 121 (121 or more).
    pub distance_m: Option<f64>,
    /// The current there.
    #[serde(flatten)]
    pub current: Current,
}

fn source(fields: &mut Fields<'_>) -> Source {
    fields.small_among(3, 1..=5)
}

fn knots(fields: &mut Fields<'_>) -> Option<f64> {
    fields.quantity(7, 0..=121, 1.0)
}

/// Tenths of knots or metres, 0 ..= 24.6 (or more).
fn tenths(fields: &mut Fields<'_>) -> Option<f64> {
    fields.quantity(8, 0..=246, 10.0)
}

fn depth_m(fields: &mut Fields<'_>) -> Option<f64> {
    fields.quantity(9, 0..=361, 1.0)
}

fn salinity_permille(fields: &mut Fields<'_>) -> Option<f64> {
    fields.quantity(9, 0..=501, 10.0)
}

fn water_temperature_c(fields: &mut Fields<'_>) -> Option<f64> {
    fields.raised_quantity(10, 0..=600, 100, 10.0)
}

fn level_m(fields: &mut Fields<'_>) -> Option<f64> {
    fields.signed_quantity(16, -32_767..=32_767, 100.0)
}

/// Eight bits of minutes; all set is "not available".
fn duration_min(fields: &mut Fields<'_>) -> Option<u8> {
    fields.small_among(8, 0..=254)
}

fn current(fields: &mut Fields<'_>) -> Current {
    Current {
        speed_kn: tenths(fields),
        direction_deg: fields.degrees(),
        depth_m: depth_m(fields),
    }
}

fn wave(fields: &mut Fields<'_>) -> Wave {
    Wave {
        height_m: tenths(fields),
        period_s: fields.small_among(6, 0..=60),
        direction_deg: fields.degrees(),
    }
}

fn timeout_min(fields: &mut Fields<'_>) -> Option<u16> {
    match fields.small(3) {
        1 => Some(10),
        2 => Some(60),
        3 => Some(360),
        4 => Some(720),
        5 => Some(1440),
        _ => None,
    }
}

/// Bits of one report.
const REPORT: usize = 112;

impl Environment {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let count = fields.left() / REPORT;
        let report = |_| {
            let end = fields.left() - REPORT;
            let number = fields.small(4);
            let report = SensorReport {
                time: fields.day_and_clock(),
                site: fields.small(7),
                sensor: Sensor::read(fields, number),
            };
            fields.skip(fields.left() - end);
            report
        };
        Self {
            reports: (0..count).map(report).collect(),
        }
    }
}

impl Sensor {
    fn read(fields: &mut Fields<'_>, number: u8) -> Self {
        match number {
            0 => Self::SiteLocation {
                position: fields.place(28),
                altitude_m: fields.quantity(11, 0..=2001, 10.0),
                owner: fields
                    .small_among(4, 1..=14)
                    .filter(|owner| !(7..=13).contains(owner)),
                timeout_min: timeout_min(fields),
            },
            1 => Self::StationId {
                name: fields.text(),
            },
            2 => Self::Wind {
                wind: WindReport {
                    wind_kn: knots(fields),
                    gust_kn: knots(fields),
                    wind_direction_deg: fields.degrees(),
                    gust_direction_deg: fields.degrees(),
                },
                source: source(fields),
                forecast: WindReport {
                    wind_kn: knots(fields),
                    gust_kn: knots(fields),
                    wind_direction_deg: fields.degrees(),
                    gust_direction_deg: None,
                },
                forecast_time: fields.day_and_clock(),
                forecast_duration_min: duration_min(fields),
            },
            3 => Self::WaterLevel {
                is_depth: fields.flag(),
                level_m: level_m(fields),
                tendency: fields.small_among(2, 0..=2),
                datum: fields.small_among(5, 0..=13),
                source: source(fields),
                forecast_is_depth: fields.flag(),
                forecast_level_m: level_m(fields),
                forecast_time: fields.day_and_clock(),
                forecast_duration_min: duration_min(fields),
            },
            4 => Self::Current {
                currents: std::array::from_fn(|_| current(fields)),
                source: source(fields),
            },
            5 => Self::CurrentVector {
                currents: std::array::from_fn(|_| CurrentVector {
                    north_kn: tenths(fields),
                    east_kn: tenths(fields),
                    up_kn: tenths(fields),
                    depth_m: depth_m(fields),
                }),
                source: source(fields),
            },
            6 => Self::HorizontalCurrent {
                currents: std::array::from_fn(|_| DistantCurrent {
                    bearing_deg: fields.degrees(),
                    distance_m: fields.quantity(7, 0..=121, 1.0),
                    current: current(fields),
                }),
            },
            7 => Self::SeaState {
                swell: wave(fields),
                sea_state: fields.small_among(4, 0..=12),
                swell_source: source(fields),
                water_temperature_c: water_temperature_c(fields),
                temperature_depth_m: fields.quantity(7, 0..=121, 10.0),
                temperature_source: source(fields),
                waves: wave(fields),
                wave_source: source(fields),
                salinity_permille: salinity_permille(fields),
            },
            8 => Self::Salinity {
                water_temperature_c: water_temperature_c(fields),
                conductivity_spm: fields.quantity(10, 0..=701, 100.0),
                pressure_dbar: fields.quantity(16, 0..=60_001, 10.0),
                salinity_permille: salinity_permille(fields),
                salinity_kind: fields.small_among(2, 0..=2),
                source: source(fields),
            },
            9 => Self::Weather {
                air_temperature_c: fields.signed_quantity(11, -600..=600, 10.0),
                temperature_source: source(fields),
                precipitation: fields.small(2),
                visibility_nm: fields.quantity(8, 0..=241, 10.0),
                dew_point_c: fields.signed_quantity(10, -200..=500, 10.0),
                dew_point_source: source(fields),
                pressure_hpa: fields.raised_quantity(9, 0..=402, -799, 1.0),
                pressure_tendency: fields.small_among(2, 0..=2),
                pressure_source: source(fields),
                salinity_permille: salinity_permille(fields),
            },
            10 => Self::AirGap {
                air_draught_m: height_m(fields),
                air_gap_m: height_m(fields),
                tendency: fields.small_among(2, 0..=2),
                forecast_gap_m: height_m(fields),
                forecast_time: fields.day_and_clock(),
            },
            number => Self::Reserved { number },
        }
    }
}
