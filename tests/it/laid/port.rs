//! Ports, fairways and routes: IMO circulars 236 and 289.

use super::{Laid, NONE, Row, n, t, tag};

fn laid_at(type_number: u8, fid: u8, rows: Vec<Row>) -> Laid {
    Laid {
        type_number,
        dac: 1,
        fid,
        rows,
    }
}

fn route() -> Vec<Row> {
    vec![
        n(10, 1023, "linkage", 1023, "linkage"),
        n(3, 1, "sender", 1, "sender"),
        n(5, 4, "kind", 4, "rtype"),
        n(4, 1, "start/month", 1, ""),
        n(5, 15, "start/day", 15, ""),
        n(5, 0, "start/hour", 0, ""),
        n(6, 0, "start/minute", 0, ""),
        n(18, 720, "duration_min", 720, "duration"),
        n(5, 2, "", NONE, "waycount"),
        n(
            28,
            14_100_000,
            "waypoints/0/lon_deg",
            23.5,
            "waypoints/0/lon",
        ),
        n(
            27,
            38_700_000,
            "waypoints/0/lat_deg",
            64.5,
            "waypoints/0/lat",
        ),
        n(
            28,
            -14_100_000,
            "waypoints/1/lon_deg",
            -23.5,
            "waypoints/1/lon",
        ),
        n(
            27,
            -38_700_000,
            "waypoints/1/lat_deg",
            -64.5,
            "waypoints/1/lat",
        ),
    ]
}

pub fn laid() -> Vec<Laid> {
    vec![
        laid_at(
            8,
            13,
            vec![
                t(20, "DREDGING", "reason", "reason"),
                t(20, "LIGHT 4", "closed_from", "closefrom"),
                t(20, "NORTH PIER HEAD 0123", "closed_to", "closeto"),
                n(10, 5, "radius_m", 926.0, "radius"),
                n(2, 3, "", NONE, "extunit"),
                n(5, 3, "start/day", 3, ""),
                n(4, 9, "start/month", 9, ""),
                n(5, 6, "start/hour", 6, ""),
                n(6, 30, "start/minute", 30, ""),
                n(5, 0, "end/day", NONE, ""),
                n(4, 0, "end/month", NONE, ""),
                n(5, 24, "end/hour", NONE, ""),
                n(6, 60, "end/minute", NONE, ""),
                tag(4, 0),
            ],
        ),
        laid_at(
            6,
            14,
            vec![
                n(4, 7, "month", 7, "month"),
                n(5, 20, "day", 20, "day"),
                n(
                    27,
                    31_800_000,
                    "windows/0/position/lat_deg",
                    53.0,
                    "tidals/0/lat",
                ),
                n(
                    28,
                    4_800_000,
                    "windows/0/position/lon_deg",
                    8.0,
                    "tidals/0/lon",
                ),
                n(5, 4, "windows/0/from/hour", 4, "tidals/0/from_hour"),
                n(6, 10, "windows/0/from/minute", 10, "tidals/0/from_min"),
                n(5, 6, "windows/0/to/hour", 6, "tidals/0/to_hour"),
                n(6, 50, "windows/0/to/minute", 50, "tidals/0/to_min"),
                n(
                    9,
                    123,
                    "windows/0/current_direction_deg",
                    123.0,
                    "tidals/0/cdir",
                ),
                n(7, 126, "windows/0/current_kn", 12.6, "tidals/0/cspeed"),
            ],
        ),
        laid_at(
            6,
            32,
            vec![
                n(4, 7, "month", 7, "month"),
                n(5, 0, "day", NONE, "day"),
                n(
                    25,
                    480_000,
                    "windows/0/position/lon_deg",
                    8.0,
                    "tidals/0/lon",
                ),
                n(
                    24,
                    3_180_000,
                    "windows/0/position/lat_deg",
                    53.0,
                    "tidals/0/lat",
                ),
                n(5, 4, "windows/0/from/hour", 4, "tidals/0/from_hour"),
                n(6, 10, "windows/0/from/minute", 10, "tidals/0/from_min"),
                n(5, 24, "windows/0/to/hour", NONE, ""),
                n(6, 60, "windows/0/to/minute", NONE, ""),
                n(9, 360, "windows/0/current_direction_deg", NONE, ""),
                n(8, 251, "windows/0/current_kn", 25.1, "tidals/0/cspeed"),
                n(
                    25,
                    481_500,
                    "windows/1/position/lon_deg",
                    8.025,
                    "tidals/1/lon",
                ),
                n(
                    24,
                    3_181_500,
                    "windows/1/position/lat_deg",
                    53.025,
                    "tidals/1/lat",
                ),
                n(5, 23, "windows/1/from/hour", 23, "tidals/1/from_hour"),
                n(6, 59, "windows/1/from/minute", 59, "tidals/1/from_min"),
                n(5, 0, "windows/1/to/hour", 0, "tidals/1/to_hour"),
                n(6, 0, "windows/1/to/minute", 0, "tidals/1/to_min"),
                n(
                    9,
                    359,
                    "windows/1/current_direction_deg",
                    359.0,
                    "tidals/1/cdir",
                ),
                n(8, 0, "windows/1/current_kn", 0.0, "tidals/1/cspeed"),
            ],
        ),
        laid_at(
            6,
            18,
            vec![
                n(10, 44, "linkage", 44, "linkage"),
                n(4, 10, "time/month", 10, ""),
                n(5, 21, "time/day", 21, ""),
                n(5, 8, "time/hour", 8, ""),
                n(6, 15, "time/minute", 15, ""),
                t(20, "BERTH 7", "port", "portname"),
                t(5, "BEANR", "destination", "destination"),
                n(25, 264_000, "position/lon_deg", 4.4, "lon"),
                n(24, 3_073_200, "position/lat_deg", 51.22, "lat"),
                tag(32, 0),
                tag(11, 0),
            ],
        ),
        laid_at(
            8,
            19,
            vec![
                n(10, 0, "linkage", NONE, "linkage"),
                t(20, "HARBOUR ENTRANCE", "station", "station"),
                n(25, 264_000, "position/lon_deg", 4.4, "lon"),
                n(24, 3_073_200, "position/lat_deg", 51.22, "lat"),
                n(2, 1, "status", 1, "status"),
                n(5, 6, "signal", 6, "signal"),
                n(5, 13, "next_time/hour", 13, "hour"),
                n(6, 45, "next_time/minute", 45, "minute"),
                n(5, 14, "next_signal", NONE, ""),
                tag(32, 0),
                tag(32, 0),
                tag(32, 0),
                tag(6, 0),
            ],
        ),
        laid_at(6, 20, berth()),
        laid_at(8, 27, route()),
        laid_at(6, 28, route()),
    ]
}

fn berth() -> Vec<Row> {
    let mut rows = vec![
        n(10, 12, "linkage", 12, "linkage"),
        n(9, 511, "length_m", 511, "berth_length"),
        n(8, 145, "depth_m", 14.5, "berth_depth"),
        n(3, 2, "mooring", 2, "position"),
        n(4, 2, "time/month", 2, ""),
        n(5, 29, "time/day", 29, ""),
        n(5, 12, "time/hour", 12, ""),
        n(6, 0, "time/minute", 0, ""),
        n(1, 1, "", NONE, "availability"),
        n(2, 1, "services/0", 1, "agent"),
        n(2, 0, "services/1", 0, "fuel"),
        n(2, 2, "services/2", NONE, ""),
    ];
    const NAMES: [&str; 22] = [
        "services/3",
        "services/4",
        "services/5",
        "services/6",
        "services/7",
        "services/8",
        "services/9",
        "services/10",
        "services/11",
        "services/12",
        "services/13",
        "services/14",
        "services/15",
        "services/16",
        "services/17",
        "services/18",
        "services/19",
        "services/20",
        "services/21",
        "services/22",
        "services/23",
        "services/24",
    ];
    rows.extend(NAMES.map(|name| n(2, 0, name, 0, "")));
    rows.extend([
        n(2, 3, "services/25", NONE, ""),
        t(20, "QUAY 12", "name", "berth_name"),
        n(25, -7_344_600, "position/lon_deg", -122.41, "berth_lon"),
        n(24, 2_266_800, "position/lat_deg", 37.78, "berth_lat"),
    ]);
    rows
}
