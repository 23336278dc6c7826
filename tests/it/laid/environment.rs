//! Sensor reports of every kind: IMO SN.1/Circ.289, tables 12.3 to 12.15.

use super::{NONE, Row, n, t, tag};

/// Head of a sensor report.
fn report(
    number: i64,
    site_at: &'static str,
    kind_at: &'static str,
    kind: &'static str,
) -> [Row; 5] {
    [
        n(4, number, kind_at, kind, ""),
        tag(5, 0),
        tag(5, 24),
        tag(6, 60),
        n(7, 42, site_at, 42, ""),
    ]
}

/// Sensor reports 0 to 5, and 6 to 10.
pub fn environment() -> (Vec<Row>, Vec<Row>) {
    let mut first = Vec::new();
    first.extend([
        n(
            4,
            0,
            "reports/0/sensor",
            "site_location",
            "reports/0/sensor",
        ),
        n(5, 27, "reports/0/time/day", 27, "reports/0/day"),
        n(5, 14, "reports/0/time/hour", 14, "reports/0/hour"),
        n(6, 5, "reports/0/time/minute", 5, "reports/0/minute"),
        n(7, 42, "reports/0/site", 42, "reports/0/site"),
        n(
            28,
            6_600_000,
            "reports/0/position/lon_deg",
            11.0,
            "reports/0/lon",
        ),
        n(
            27,
            33_000_000,
            "reports/0/position/lat_deg",
            55.0,
            "reports/0/lat",
        ),
        n(11, 2001, "reports/0/altitude_m", 200.1, "reports/0/alt"),
        n(4, 5, "reports/0/owner", 5, "reports/0/owner"),
        n(3, 3, "reports/0/timeout_min", 360, ""),
        tag(12, 0),
    ]);
    first.extend(report(
        1,
        "reports/1/site",
        "reports/1/sensor",
        "station_id",
    ));
    first.extend([
        t(14, "PILOT STATION", "reports/1/name", "reports/1/name"),
        tag(1, 0),
    ]);
    first.extend(report(2, "reports/2/site", "reports/2/sensor", "wind"));
    first.extend([
        n(7, 121, "reports/2/wind/wind_kn", 121.0, "reports/2/wspeed"),
        n(7, 122, "reports/2/wind/gust_kn", NONE, ""),
        n(
            9,
            10,
            "reports/2/wind/wind_direction_deg",
            10.0,
            "reports/2/wdir",
        ),
        n(
            9,
            20,
            "reports/2/wind/gust_direction_deg",
            20.0,
            "reports/2/wgustdir",
        ),
        n(3, 2, "reports/2/source", 2, "reports/2/sensortype"),
        n(
            7,
            30,
            "reports/2/forecast/wind_kn",
            30.0,
            "reports/2/fwspeed",
        ),
        n(
            7,
            45,
            "reports/2/forecast/gust_kn",
            45.0,
            "reports/2/fwgust",
        ),
        n(
            9,
            15,
            "reports/2/forecast/wind_direction_deg",
            15.0,
            "reports/2/fwdir",
        ),
        n(5, 28, "reports/2/forecast_time/day", 28, "reports/2/fday"),
        n(5, 0, "reports/2/forecast_time/hour", 0, "reports/2/fhour"),
        n(
            6,
            0,
            "reports/2/forecast_time/minute",
            0,
            "reports/2/fminute",
        ),
        n(
            8,
            120,
            "reports/2/forecast_duration_min",
            120,
            "reports/2/duration",
        ),
        tag(3, 0),
    ]);
    first.extend(report(
        3,
        "reports/3/site",
        "reports/3/sensor",
        "water_level",
    ));
    first.extend([
        n(1, 1, "reports/3/is_depth", true, ""),
        n(16, -150, "reports/3/level_m", -1.5, "reports/3/level"),
        n(2, 1, "reports/3/tendency", 1, "reports/3/leveltrend"),
        n(5, 11, "reports/3/datum", 11, "reports/3/datum"),
        n(3, 1, "reports/3/source", 1, "reports/3/sensortype"),
        n(1, 0, "reports/3/forecast_is_depth", false, ""),
        n(16, -32_768, "reports/3/forecast_level_m", NONE, ""),
        tag(5, 0),
        tag(5, 24),
        tag(6, 60),
        n(8, 255, "reports/3/forecast_duration_min", NONE, ""),
        tag(17, 0),
    ]);
    first.extend(report(4, "reports/4/site", "reports/4/sensor", "current"));
    first.extend([
        n(
            8,
            246,
            "reports/4/currents/0/speed_kn",
            24.6,
            "reports/4/cspeed1",
        ),
        n(
            9,
            100,
            "reports/4/currents/0/direction_deg",
            100.0,
            "reports/4/cdir1",
        ),
        n(
            9,
            361,
            "reports/4/currents/0/depth_m",
            361.0,
            "reports/4/cdepth1",
        ),
        n(8, 247, "reports/4/currents/1/speed_kn", NONE, ""),
        n(9, 360, "reports/4/currents/1/direction_deg", NONE, ""),
        n(9, 362, "reports/4/currents/1/depth_m", NONE, ""),
        n(
            8,
            5,
            "reports/4/currents/2/speed_kn",
            0.5,
            "reports/4/cspeed3",
        ),
        n(
            9,
            200,
            "reports/4/currents/2/direction_deg",
            200.0,
            "reports/4/cdir3",
        ),
        n(
            9,
            40,
            "reports/4/currents/2/depth_m",
            40.0,
            "reports/4/cdepth3",
        ),
        n(3, 7, "reports/4/source", NONE, ""),
        tag(4, 0),
    ]);
    let mut second = Vec::new();
    second.extend(report(
        5,
        "reports/0/site",
        "reports/0/sensor",
        "current_vector",
    ));
    second.extend([
        n(
            8,
            1,
            "reports/0/currents/0/north_kn",
            0.1,
            "reports/0/cnorth1",
        ),
        n(
            8,
            2,
            "reports/0/currents/0/east_kn",
            0.2,
            "reports/0/ceast1",
        ),
        n(8, 3, "reports/0/currents/0/up_kn", 0.3, "reports/0/cup1"),
        n(
            9,
            4,
            "reports/0/currents/0/depth_m",
            4.0,
            "reports/0/cdepth1",
        ),
        n(
            8,
            5,
            "reports/0/currents/1/north_kn",
            0.5,
            "reports/0/cnorth2",
        ),
        n(
            8,
            6,
            "reports/0/currents/1/east_kn",
            0.6,
            "reports/0/ceast2",
        ),
        n(8, 7, "reports/0/currents/1/up_kn", 0.7, "reports/0/cup2"),
        n(
            9,
            8,
            "reports/0/currents/1/depth_m",
            8.0,
            "reports/0/cdepth2",
        ),
        n(3, 5, "reports/0/source", 5, "reports/0/sensortype"),
        tag(16, 0),
    ]);
    second.extend(report(
        6,
        "reports/1/site",
        "reports/1/sensor",
        "horizontal_current",
    ));
    second.extend([
        n(
            9,
            45,
            "reports/1/currents/0/bearing_deg",
            45.0,
            "reports/1/bearing1",
        ),
        n(
            7,
            121,
            "reports/1/currents/0/distance_m",
            121.0,
            "reports/1/distance1",
        ),
        n(
            8,
            12,
            "reports/1/currents/0/speed_kn",
            1.2,
            "reports/1/speed1",
        ),
        n(
            9,
            46,
            "reports/1/currents/0/direction_deg",
            46.0,
            "reports/1/direction1",
        ),
        n(
            9,
            3,
            "reports/1/currents/0/depth_m",
            3.0,
            "reports/1/depth1",
        ),
        n(
            9,
            47,
            "reports/1/currents/1/bearing_deg",
            47.0,
            "reports/1/bearing2",
        ),
        n(7, 122, "reports/1/currents/1/distance_m", NONE, ""),
        n(
            8,
            13,
            "reports/1/currents/1/speed_kn",
            1.3,
            "reports/1/speed2",
        ),
        n(
            9,
            48,
            "reports/1/currents/1/direction_deg",
            48.0,
            "reports/1/direction2",
        ),
        n(
            9,
            5,
            "reports/1/currents/1/depth_m",
            5.0,
            "reports/1/depth2",
        ),
        tag(1, 0),
    ]);
    second.extend(report(7, "reports/2/site", "reports/2/sensor", "sea_state"));
    second.extend([
        n(8, 31, "reports/2/swell/height_m", 3.1, "reports/2/swheight"),
        n(6, 61, "reports/2/swell/period_s", NONE, ""),
        n(
            9,
            301,
            "reports/2/swell/direction_deg",
            301.0,
            "reports/2/swelldir",
        ),
        n(4, 12, "reports/2/sea_state", 12, "reports/2/seastate"),
        n(3, 1, "reports/2/swell_source", 1, "reports/2/swelltype"),
        n(10, 600, "reports/2/water_temperature_c", 50.0, ""),
        n(
            7,
            15,
            "reports/2/temperature_depth_m",
            1.5,
            "reports/2/watertempdepth",
        ),
        n(
            3,
            2,
            "reports/2/temperature_source",
            2,
            "reports/2/depthtype",
        ),
        n(
            8,
            22,
            "reports/2/waves/height_m",
            2.2,
            "reports/2/waveheight",
        ),
        n(6, 8, "reports/2/waves/period_s", 8, "reports/2/waveperiod"),
        n(
            9,
            302,
            "reports/2/waves/direction_deg",
            302.0,
            "reports/2/wavedir",
        ),
        n(3, 3, "reports/2/wave_source", 3, "reports/2/wavetype"),
        n(
            9,
            501,
            "reports/2/salinity_permille",
            50.1,
            "reports/2/salinity",
        ),
    ]);
    second.extend(report(8, "reports/3/site", "reports/3/sensor", "salinity"));
    second.extend([
        n(10, 601, "reports/3/water_temperature_c", NONE, ""),
        // In steps of 0.01, as the range of 7.0 asks for; pyais takes 0.1.
        n(10, 333, "reports/3/conductivity_spm", 3.33, ""),
        n(
            16,
            60_001,
            "reports/3/pressure_dbar",
            6000.1,
            "reports/3/pressure",
        ),
        n(
            9,
            349,
            "reports/3/salinity_permille",
            34.9,
            "reports/3/salinity",
        ),
        n(2, 1, "reports/3/salinity_kind", 1, "reports/3/salinitytype"),
        n(3, 2, "reports/3/source", 2, "reports/3/sensortype"),
        tag(32, 0),
        tag(3, 0),
    ]);
    second.extend(report(9, "reports/4/site", "reports/4/sensor", "weather"));
    second.extend([
        n(
            11,
            -600,
            "reports/4/air_temperature_c",
            -60.0,
            "reports/4/temperature",
        ),
        n(
            3,
            1,
            "reports/4/temperature_source",
            1,
            "reports/4/sensortype",
        ),
        n(2, 3, "reports/4/precipitation", 3, "reports/4/preciptype"),
        n(
            8,
            241,
            "reports/4/visibility_nm",
            24.1,
            "reports/4/visibility",
        ),
        n(
            10,
            -105,
            "reports/4/dew_point_c",
            -10.5,
            "reports/4/dewpoint",
        ),
        n(3, 2, "reports/4/dew_point_source", 2, "reports/4/dewtype"),
        n(
            9,
            1,
            "reports/4/pressure_hpa",
            800.0,
            "reports/4/pressure_hpa",
        ),
        n(
            2,
            2,
            "reports/4/pressure_tendency",
            2,
            "reports/4/pressuretend",
        ),
        n(3, 0, "reports/4/pressure_source", NONE, ""),
        n(9, 502, "reports/4/salinity_permille", NONE, ""),
        tag(25, 0),
    ]);
    second.extend(report(10, "reports/5/site", "reports/5/sensor", "air_gap"));
    second.extend([
        n(
            13,
            8191,
            "reports/5/air_draught_m",
            81.91,
            "reports/5/airdraught",
        ),
        n(13, 3550, "reports/5/air_gap_m", 35.5, "reports/5/airgap"),
        n(2, 0, "reports/5/tendency", 0, "reports/5/gaptrend"),
        n(13, 0, "reports/5/forecast_gap_m", NONE, ""),
        n(5, 1, "reports/5/forecast_time/day", 1, "reports/5/fday"),
        n(5, 23, "reports/5/forecast_time/hour", 23, "reports/5/fhour"),
        n(
            6,
            59,
            "reports/5/forecast_time/minute",
            59,
            "reports/5/fminute",
        ),
        tag(28, 0),
    ]);
    second.extend(report(11, "reports/6/site", "reports/6/sensor", "reserved"));
    second.extend([n(32, 0, "reports/6/number", 11, ""), tag(32, 0), tag(21, 0)]);
    (first, second)
}
