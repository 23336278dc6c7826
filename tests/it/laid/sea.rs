//! Weather, water and area notices: IMO circulars 236 and 289.

use super::{Laid, NONE, Row, n, t, tag};

fn laid_at(type_number: u8, fid: u8, rows: Vec<Row>) -> Laid {
    Laid {
        type_number,
        dac: 1,
        fid,
        rows,
    }
}

pub fn laid() -> Vec<Laid> {
    vec![
        laid_at(8, 11, older_weather()),
        laid_at(8, 31, weather()),
        laid_at(8, 21, observation()),
        laid_at(8, 21, wmo_observation()),
        laid_at(8, 22, notice()),
        laid_at(6, 23, notice()),
        laid_at(8, 26, environment().0),
        laid_at(8, 26, environment().1),
    ]
}

fn older_weather() -> Vec<Row> {
    vec![
        n(
            24,
            3_902_000,
            "position/lat_deg",
            3_902_000.0 / 60_000.0,
            "lat",
        ),
        n(25, 1_473_000, "position/lon_deg", 24.55, "lon"),
        n(5, 11, "time/day", 11, ""),
        n(5, 11, "time/hour", 11, ""),
        n(6, 45, "time/minute", 45, ""),
        n(7, 12, "wind_kn", 12.0, "wspeed"),
        n(7, 127, "gust_kn", NONE, ""),
        n(9, 186, "wind_direction_deg", 186.0, "wdir"),
        n(9, 511, "gust_direction_deg", NONE, ""),
        n(11, 762, "air_temperature_c", 16.2, "airtemp"),
        n(7, 57, "humidity_percent", 57, "humidity"),
        n(10, 150, "dew_point_c", -5.0, "dewpoint"),
        n(9, 207, "pressure_hpa", 1007.0, "pressure"),
        n(2, 2, "pressure_tendency", 2, "pressuretend"),
        n(8, 250, "visibility_nm", 25.0, "visibility"),
        n(9, 95, "water_level_m", -0.5, "waterlevel"),
        n(2, 1, "water_level_tendency", 1, "leveltrend"),
        n(8, 13, "currents/0/speed_kn", 1.3, "cspeed"),
        n(9, 359, "currents/0/direction_deg", 359.0, "cdir"),
        n(8, 14, "currents/1/speed_kn", 1.4, "cspeed2"),
        n(9, 10, "currents/1/direction_deg", 10.0, "cdir2"),
        n(5, 15, "currents/1/depth_m", 15.0, "cdepth2"),
        n(8, 255, "currents/2/speed_kn", NONE, ""),
        n(9, 511, "currents/2/direction_deg", NONE, ""),
        n(5, 31, "currents/2/depth_m", NONE, ""),
        n(8, 21, "waves/height_m", 2.1, "waveheight"),
        n(6, 7, "waves/period_s", 7, "waveperiod"),
        n(9, 200, "waves/direction_deg", 200.0, "wavedir"),
        n(8, 255, "swell/height_m", NONE, ""),
        n(6, 63, "swell/period_s", NONE, ""),
        n(9, 90, "swell/direction_deg", 90.0, "swelldir"),
        n(4, 5, "sea_state", 5, "seastate"),
        n(10, 212, "water_temperature_c", 11.2, "watertemp"),
        n(3, 1, "precipitation", 1, "preciptype"),
        n(9, 61, "salinity_permille", 6.1, "salinity"),
        n(2, 0, "ice", false, "ice"),
        tag(6, 0),
        // The surface current has depth 0 without being told.
    ]
}

fn weather() -> Vec<Row> {
    vec![
        n(25, 540_000, "position/lon_deg", 9.0, "lon"),
        n(24, -2_700_000, "position/lat_deg", -45.0, "lat"),
        n(1, 1, "accurate", true, "accuracy"),
        n(5, 27, "time/day", 27, ""),
        n(5, 14, "time/hour", 14, ""),
        n(6, 60, "time/minute", NONE, ""),
        n(7, 126, "wind_kn", 126.0, "wspeed"),
        n(7, 0, "gust_kn", 0.0, "wgust"),
        n(9, 360, "wind_direction_deg", NONE, ""),
        n(9, 359, "gust_direction_deg", 359.0, "wgustdir"),
        n(11, -153, "air_temperature_c", -15.3, "airtemp"),
        n(7, 101, "humidity_percent", NONE, ""),
        n(10, -200, "dew_point_c", -20.0, "dewpoint"),
        n(9, 214, "pressure_hpa", 1013.0, "pressure"),
        n(2, 3, "pressure_tendency", NONE, ""),
        n(1, 1, "visibility_is_greater", true, "visgreater"),
        n(7, 126, "visibility_nm", 12.6, "visibility"),
        n(12, 1538, "water_level_m", 5.38, "waterlevel"),
        n(2, 0, "water_level_tendency", 0, "leveltrend"),
        n(8, 251, "currents/0/speed_kn", 25.1, "cspeed"),
        n(9, 1, "currents/0/direction_deg", 1.0, "cdir"),
        n(8, 255, "currents/1/speed_kn", NONE, ""),
        n(9, 360, "currents/1/direction_deg", NONE, ""),
        n(5, 31, "currents/1/depth_m", NONE, ""),
        n(8, 3, "currents/2/speed_kn", 0.3, "cspeed3"),
        n(9, 90, "currents/2/direction_deg", 90.0, "cdir3"),
        n(5, 30, "currents/2/depth_m", 30.0, "cdepth3"),
        n(8, 251, "waves/height_m", 25.1, "waveheight"),
        n(6, 60, "waves/period_s", 60, "waveperiod"),
        n(9, 0, "waves/direction_deg", 0.0, "wavedir"),
        n(8, 12, "swell/height_m", 1.2, "swellheight"),
        n(6, 9, "swell/period_s", 9, "swellperiod"),
        n(9, 300, "swell/direction_deg", 300.0, "swelldir"),
        n(4, 13, "sea_state", NONE, ""),
        n(10, -18, "water_temperature_c", -1.8, "watertemp"),
        n(3, 7, "precipitation", NONE, ""),
        n(9, 510, "salinity_permille", NONE, ""),
        n(2, 1, "ice", true, "ice"),
        tag(10, 0),
    ]
}

fn observation() -> Vec<Row> {
    vec![
        tag(1, 0),
        t(20, "OFF CAPE HORN", "location", "location"),
        n(25, -4_036_200, "position/lon_deg", -67.27, "lon"),
        n(24, -3_358_800, "position/lat_deg", -55.98, "lat"),
        n(5, 5, "time/day", 5, "day"),
        n(5, 18, "time/hour", 18, "hour"),
        n(6, 20, "time/minute", 20, "minute"),
        n(4, 2, "weather", 2, "weather"),
        n(1, 0, "visibility_is_greater", false, "vislimit"),
        n(7, 55, "visibility_nm", 5.5, "visibility"),
        n(7, 100, "humidity_percent", 100, "humidity"),
        n(7, 41, "wind_kn", 41.0, "wspeed"),
        n(9, 270, "wind_direction_deg", 270.0, "wdir"),
        n(9, 180, "pressure_hpa", 979.0, "pressure"),
        n(4, 7, "pressure_tendency", 7, "pressuretend"),
        n(11, 43, "air_temperature_c", 4.3, "airtemp"),
        // Raised by 10 °C, as gpsd and libais have it; pyais takes two's complement.
        n(10, 162, "water_temperature_c", 6.2, ""),
        n(6, 9, "waves/period_s", 9, "waveperiod"),
        n(8, 62, "waves/height_m", 6.2, "waveheight"),
        n(9, 265, "waves/direction_deg", 265.0, "wavedir"),
        n(8, 80, "swell/height_m", 8.0, "swellheight"),
        n(9, 240, "swell/direction_deg", 240.0, "swelldir"),
        n(6, 14, "swell/period_s", 14, "swellperiod"),
        tag(3, 0),
    ]
}

fn wmo_observation() -> Vec<Row> {
    vec![
        tag(1, 1),
        n(16, 18_000 + 1_234, "position/lon_deg", 12.34, ""),
        n(15, 9_000 - 4_567, "position/lat_deg", -45.67, ""),
        n(4, 15, "time/month", NONE, ""),
        n(6, 31, "time/day", 31, ""),
        n(5, 12, "time/hour", 12, ""),
        n(3, 4, "time/minute", 40, ""),
        n(7, 72, "cog_deg", 360.0, ""),
        n(5, 13, "sog_mps", 6.5, ""),
        n(7, 1, "heading_deg", 5.0, ""),
        n(11, 1_132, "pressure_hpa", 1013.2, ""),
        n(10, 485, "pressure_change_hpa", -1.5, ""),
        n(4, 8, "pressure_tendency", 8, ""),
        n(7, 54, "wind/direction_deg", 270.0, ""),
        n(8, 25, "wind/speed_mps", 12.5, ""),
        n(7, 0, "relative_wind/direction_deg", NONE, ""),
        n(8, 0, "relative_wind/speed_mps", 0.0, ""),
        n(8, 254, "gust/speed_mps", 127.0, ""),
        n(7, 127, "gust/direction_deg", NONE, ""),
        // 223 K + 60.0 K = 283.0 K.
        n(10, 600, "air_temperature_c", 9.85, ""),
        n(7, 88, "humidity_percent", 88, ""),
        // 268 K + 12.5 K = 280.5 K.
        n(9, 125, "water_temperature_c", 7.35, ""),
        n(6, 10, "visibility_m", 1307.3, ""),
        n(9, 61, "weather", 61, ""),
        n(5, 3, "past_weather/0", 3, ""),
        n(5, 31, "past_weather/1", NONE, ""),
        n(4, 7, "cloud_cover_percent", 70, ""),
        n(4, 6, "low_cloud_amount", 6, ""),
        n(6, 35, "cloud_types/0", 35, ""),
        n(6, 63, "cloud_types/1", NONE, ""),
        n(6, 10, "cloud_types/2", 10, ""),
        n(7, 126, "cloud_base_m", 2500.0, ""),
        n(5, 6, "waves/period_s", 6, ""),
        n(6, 5, "waves/height_m", 2.5, ""),
        n(6, 36, "swells/0/direction_deg", 360.0, ""),
        n(5, 11, "swells/0/period_s", 11, ""),
        n(6, 8, "swells/0/height_m", 4.0, ""),
        n(6, 0, "swells/1/direction_deg", NONE, ""),
        n(5, 31, "swells/1/period_s", NONE, ""),
        n(6, 63, "swells/1/height_m", NONE, ""),
        n(7, 12, "ice_deposit_cm", 12, ""),
        n(3, 2, "ice_accretion_rate", 2, ""),
        n(3, 1, "ice_accretion_cause", 1, ""),
        n(5, 0, "sea_ice_concentration", 0, ""),
        n(4, 15, "ice_type", NONE, ""),
        n(5, 30, "ice_situation", 30, ""),
        n(5, 31, "ice_development", NONE, ""),
        n(4, 3, "ice_edge_bearing_deg", 135.0, ""),
    ]
}

/// Head, circle, point with polygon, rectangle, sector, text.
fn notice() -> Vec<Row> {
    let place = |lon, lat, lon_at, lat_at, peers: [&'static str; 2]| {
        [
            n(25, lon, lon_at, lon as f64 / 60_000.0, peers[0]),
            n(24, lat, lat_at, lat as f64 / 60_000.0, peers[1]),
        ]
    };
    let mut rows = vec![
        n(10, 10, "linkage", 10, "linkage"),
        n(7, 1, "notice", 1, "notice"),
        n(4, 7, "start/month", 7, "month"),
        n(5, 6, "start/day", 6, "day"),
        n(5, 0, "start/hour", 0, "hour"),
        n(6, 30, "start/minute", 30, "minute"),
        n(18, 2880, "duration_min", 2880, "duration"),
        n(3, 0, "areas/0/kind", "circle", "areas/0/shape"),
        n(2, 1, "", NONE, "areas/0/scale"),
    ];
    rows.extend(place(
        -4_200_000,
        2_520_000,
        "areas/0/center/lon_deg",
        "areas/0/center/lat_deg",
        ["areas/0/lon", "areas/0/lat"],
    ));
    rows.extend([
        n(3, 4, "areas/0/decimals", 4, "areas/0/precision"),
        n(12, 926, "areas/0/radius_m", 9260, "areas/0/radius"),
        tag(18, 0),
        n(3, 0, "areas/1/kind", "circle", "areas/1/shape"),
        tag(2, 0),
    ]);
    rows.extend(place(
        600_000,
        3_300_000,
        "areas/1/center/lon_deg",
        "areas/1/center/lat_deg",
        ["areas/1/lon", "areas/1/lat"],
    ));
    rows.extend([
        n(3, 4, "areas/1/decimals", 4, ""),
        n(12, 0, "areas/1/radius_m", 0, "areas/1/radius"),
        tag(18, 0),
        n(3, 4, "areas/2/kind", "polygon", "areas/2/shape"),
        tag(2, 2),
        n(
            10,
            0,
            "areas/2/legs/0/bearing_deg",
            0.0,
            "areas/2/points/0/bearing",
        ),
        n(
            10,
            50,
            "areas/2/legs/0/distance_m",
            5000,
            "areas/2/points/0/distance",
        ),
        n(
            10,
            181,
            "areas/2/legs/1/bearing_deg",
            90.5,
            "areas/2/points/1/bearing",
        ),
        n(
            10,
            20,
            "areas/2/legs/1/distance_m",
            2000,
            "areas/2/points/1/distance",
        ),
        tag(20, 0),
        tag(20, 0),
        tag(2, 0),
        n(3, 1, "areas/3/kind", "rectangle", "areas/3/shape"),
        tag(2, 3),
    ]);
    rows.extend(place(
        600_600,
        -3_300_600,
        "areas/3/corner/lon_deg",
        "areas/3/corner/lat_deg",
        ["areas/3/lon", "areas/3/lat"],
    ));
    rows.extend([
        n(3, 2, "areas/3/decimals", 2, "areas/3/precision"),
        n(8, 12, "areas/3/east_m", 12_000, "areas/3/east"),
        n(8, 255, "areas/3/north_m", 255_000, "areas/3/north"),
        n(
            9,
            30,
            "areas/3/orientation_deg",
            30.0,
            "areas/3/orientation",
        ),
        tag(5, 0),
        n(3, 2, "areas/4/kind", "sector", "areas/4/shape"),
        tag(2, 0),
        n(25, 181 * 60_000, "areas/4/center", NONE, ""),
        n(24, 91 * 60_000, "areas/4/center", NONE, ""),
        n(3, 4, "areas/4/decimals", 4, ""),
        n(12, 4095, "areas/4/radius_m", 4095, "areas/4/radius"),
        n(9, 350, "areas/4/left_deg", 350.0, "areas/4/left"),
        n(9, 20, "areas/4/right_deg", 20.0, "areas/4/right"),
        n(3, 5, "areas/5/kind", "text", "areas/5/shape"),
        t(14, "WHALES SIGHTED", "areas/5/text", "areas/5/text"),
        n(3, 6, "areas/6/number", 6, "areas/6/shape"),
        tag(32, 0),
        tag(32, 0),
        tag(20, 0),
    ]);
    rows
}

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
fn environment() -> (Vec<Row>, Vec<Row>) {
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
