//! Inland waterways (area code 200) and aids to navigation (235, 250).

use super::{Laid, NONE, Row, n, t, tag};

fn location() -> Vec<Row> {
    vec![
        t(2, "DE", "place/country", "country"),
        t(3, "KOB", "place/location", "locode"),
        t(5, "00101", "place/fairway_section", "section"),
        t(5, "LOCK1", "place/terminal", "terminal"),
        t(5, "05912", "place/hectometre", "hectometre"),
    ]
}

pub fn laid() -> Vec<Laid> {
    let mut arrival = location();
    arrival.extend([
        n(4, 12, "eta/month", 12, ""),
        n(5, 9, "eta/day", 9, ""),
        n(5, 17, "eta/hour", 17, ""),
        n(6, 5, "eta/minute", 5, ""),
        n(3, 7, "tugs", NONE, ""),
        n(12, 725, "air_draught_m", 7.25, "airdraught"),
        tag(5, 0),
    ]);
    let mut slot = location();
    slot.extend([
        n(4, 0, "rta/month", NONE, ""),
        n(5, 9, "rta/day", 9, ""),
        n(5, 0, "rta/hour", 0, ""),
        n(6, 0, "rta/minute", 0, ""),
        n(2, 1, "status", 1, "status"),
        tag(2, 0),
    ]);
    let signal = vec![
        n(28, 4_560_000, "position/lon_deg", 7.6, "lon"),
        n(27, 30_210_000, "position/lat_deg", 50.35, "lat"),
        n(4, 3, "form", 3, "form"),
        n(9, 271, "facing_deg", 271.0, "facing"),
        n(3, 2, "direction", 2, "direction"),
        // Red, green, off; six lights more are not told. The spare bits behind carry the rows for the other lights.
        n(30, 541_000_000, "lights/0", 5, ""),
        n(1, 0, "lights/1", 4, ""),
        n(1, 0, "lights/2", 1, ""),
        n(1, 0, "lights/3", 0, ""),
        n(1, 0, "lights/4", 0, ""),
        n(1, 0, "lights/5", 0, ""),
        n(1, 0, "lights/6", 0, ""),
        n(1, 0, "lights/7", 0, ""),
        n(1, 0, "lights/8", 0, ""),
        tag(3, 0),
    ];
    let laid = |type_number, fid, rows| Laid {
        type_number,
        dac: 200,
        fid,
        rows,
    };
    vec![
        laid(
            8,
            10,
            vec![
                t(8, "04809200", "vessel_number", "vin"),
                n(13, 1350, "length_m", 135.0, "length"),
                n(10, 114, "beam_m", 11.4, "beam"),
                n(14, 8021, "ship_type", 8021, "shiptype"),
                n(3, 2, "hazard", 2, "hazard"),
                n(11, 265, "draught_m", 2.65, "draught"),
                n(2, 1, "loaded", true, "loaded"),
                n(1, 1, "speed_is_high_quality", true, "speed_q"),
                n(1, 0, "course_is_high_quality", false, "course_q"),
                n(1, 1, "heading_is_high_quality", true, "heading_q"),
                tag(8, 0),
            ],
        ),
        laid(6, 21, arrival),
        laid(6, 22, slot),
        laid(
            8,
            23,
            vec![
                n(8, 26, "start_date/year", 2026, ""),
                n(4, 11, "start_date/month", 11, ""),
                n(5, 30, "start_date/day", 30, ""),
                n(8, 0, "end_date/year", NONE, ""),
                n(4, 12, "end_date/month", 12, ""),
                n(5, 1, "end_date/day", 1, ""),
                n(5, 6, "start_time/hour", 6, ""),
                n(6, 30, "start_time/minute", 30, ""),
                n(5, 18, "end_time/hour", 18, ""),
                n(6, 0, "end_time/minute", 0, ""),
                n(28, 4_560_000, "start/lon_deg", 7.6, "start_lon"),
                n(27, 30_210_000, "start/lat_deg", 50.35, "start_lat"),
                n(28, 181 * 600_000, "end", NONE, ""),
                n(27, 91 * 600_000, "end", NONE, ""),
                n(4, 6, "kind", 6, ""),
                // Sign, then value: gpsd and pyais take two's complement.
                n(1, 1, "least", -12, ""),
                n(8, 12, "least", -12, ""),
                n(1, 0, "greatest", 3, ""),
                n(8, 3, "greatest", 3, ""),
                n(2, 3, "intensity", 3, "intensity"),
                n(4, 8, "wind", 8, "wind"),
                tag(6, 0),
            ],
        ),
        laid(
            8,
            24,
            vec![
                t(2, "AT", "country", "country"),
                n(11, 517, "gauges/0/number", 517, "gauge_id_1"),
                n(1, 1, "gauges/0/level_m", 3.21, ""),
                n(13, 321, "gauges/0/level_m", 3.21, ""),
                n(11, 518, "gauges/1/number", 518, "gauge_id_2"),
                n(1, 0, "gauges/1/level_m", -0.4, ""),
                n(13, 40, "gauges/1/level_m", -0.4, ""),
                n(11, 2047, "gauges/2/number", 2047, "gauge_id_3"),
                n(14, 0, "gauges/2/level_m", NONE, ""),
                tag(25, 0),
            ],
        ),
        laid(8, 40, signal),
        laid(
            6,
            55,
            vec![
                n(8, 4, "crew", 4, ""),
                n(13, 190, "passengers", 190, ""),
                n(8, 255, "personnel", NONE, ""),
                tag(51, 0),
            ],
        ),
        Laid {
            type_number: 6,
            dac: 235,
            fid: 10,
            rows: vec![
                n(10, 275, "supply_v", 13.75, "ana_int"),
                n(10, 1, "external_v/0", 0.05, "ana_ext1"),
                n(10, 0, "external_v/1", NONE, ""),
                n(2, 2, "racon", 2, "racon"),
                n(2, 1, "light", 1, "light"),
                n(1, 1, "alarm", true, "alarm"),
                n(8, 0b1000_0001, "digital_inputs", 129, "stat_ext"),
                n(1, 1, "off_position", true, "off_pos"),
                tag(4, 0),
            ],
        },
    ]
}
