//! An area notice with a sub-area of every kind: IMO SN.1/Circ.289, tables 11.3 to 11.10.

use super::{NONE, Row, n, t, tag};

/// Head, circle, point with polygon, rectangle, sector, text.
pub fn notice() -> Vec<Row> {
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
