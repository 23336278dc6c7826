//! The data of binary messages in real logs as fields: ours, from the physical units back to the radio's numbers, and gpsd's.
//!
//! One line of text a message, so that either the whole payload is equal or it is a difference. Ranges are those of IMO
//! SN.1/Circ.236 and 289, of the inland standard and of the lighthouse authorities' message, written down apart from the decoder.

use crate::ais_fields::Fields;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use tidewatch::ais::message::Message;

/// A number: gpsd's name, where ours is, steps of one unit, steps sent for 0, and what is neither reserved nor "not available".
struct Number(&'static str, &'static str, f64, f64, RangeInclusive<i64>);

const fn number(
    name: &'static str,
    at: &'static str,
    steps: f64,
    zero: f64,
    range: RangeInclusive<i64>,
) -> Number {
    Number(name, at, steps, zero, range)
}

/// What both circulars' weather messages have alike.
const WEATHER: &[Number] = &[
    number("lat", "position/lat_deg", 6e4, 0.0, -5_400_000..=5_400_000),
    number(
        "lon",
        "position/lon_deg",
        6e4,
        0.0,
        -10_800_000..=10_800_000,
    ),
    number("day", "time/day", 1.0, 0.0, 1..=31),
    number("hour", "time/hour", 1.0, 0.0, 0..=23),
    number("minute", "time/minute", 1.0, 0.0, 0..=59),
    number("wspeed", "wind_kn", 1.0, 0.0, 0..=126),
    number("wgust", "gust_kn", 1.0, 0.0, 0..=126),
    number("wdir", "wind_direction_deg", 1.0, 0.0, 0..=359),
    number("wgustdir", "gust_direction_deg", 1.0, 0.0, 0..=359),
    number("humidity", "humidity_percent", 1.0, 0.0, 0..=100),
    number("pressuretend", "pressure_tendency", 1.0, 0.0, 0..=2),
    number("leveltrend", "water_level_tendency", 1.0, 0.0, 0..=2),
    number("cspeed", "currents/0/speed_kn", 10.0, 0.0, 0..=251),
    number("cdir", "currents/0/direction_deg", 1.0, 0.0, 0..=359),
    number("cspeed2", "currents/1/speed_kn", 10.0, 0.0, 0..=251),
    number("cdir2", "currents/1/direction_deg", 1.0, 0.0, 0..=359),
    number("cdepth2", "currents/1/depth_m", 1.0, 0.0, 0..=30),
    number("cspeed3", "currents/2/speed_kn", 10.0, 0.0, 0..=251),
    number("cdir3", "currents/2/direction_deg", 1.0, 0.0, 0..=359),
    number("cdepth3", "currents/2/depth_m", 1.0, 0.0, 0..=30),
    number("waveheight", "waves/height_m", 10.0, 0.0, 0..=251),
    number("waveperiod", "waves/period_s", 1.0, 0.0, 0..=60),
    number("wavedir", "waves/direction_deg", 1.0, 0.0, 0..=359),
    number("swellheight", "swell/height_m", 10.0, 0.0, 0..=251),
    number("swellperiod", "swell/period_s", 1.0, 0.0, 0..=60),
    number("swelldir", "swell/direction_deg", 1.0, 0.0, 0..=359),
    number("seastate", "sea_state", 1.0, 0.0, 0..=12),
    number("preciptype", "precipitation", 1.0, 0.0, 1..=5),
    number("salinity", "salinity_permille", 10.0, 0.0, 0..=501),
    number("ice", "ice", 1.0, 0.0, 0..=1),
];

const OLDER_WEATHER: &[Number] = &[
    number("airtemp", "air_temperature_c", 10.0, 600.0, 0..=1200),
    number("dewpoint", "dew_point_c", 10.0, 200.0, 0..=700),
    number("pressure", "pressure_hpa", 1.0, -800.0, 0..=400),
    number("visibility", "visibility_nm", 10.0, 0.0, 0..=250),
    number("waterlevel", "water_level_m", 10.0, 100.0, 0..=400),
    number("watertemp", "water_temperature_c", 10.0, 100.0, 0..=600),
];

const NEWER_WEATHER: &[Number] = &[
    number("accuracy", "accurate", 1.0, 0.0, 0..=1),
    number("airtemp", "air_temperature_c", 10.0, 0.0, -600..=600),
    number("dewpoint", "dew_point_c", 10.0, 0.0, -200..=500),
    number("pressure", "pressure_hpa", 1.0, -799.0, 0..=402),
    number("visgreater", "visibility_is_greater", 1.0, 0.0, 0..=1),
    number("visibility", "visibility_nm", 10.0, 0.0, 0..=126),
    number("waterlevel", "water_level_m", 100.0, 1000.0, 0..=4000),
    number("watertemp", "water_temperature_c", 10.0, 0.0, -100..=500),
];

const INLAND_SHIP: &[Number] = &[
    number("length", "length_m", 10.0, 0.0, 1..=8000),
    number("beam", "beam_m", 10.0, 0.0, 1..=1000),
    number("shiptype", "ship_type", 1.0, 0.0, 1..=16_383),
    number("hazard", "hazard", 1.0, 0.0, 0..=4),
    number("draught", "draught_m", 100.0, 0.0, 1..=2000),
    // 1 loaded, 2 unloaded.
    number("loaded", "loaded", -1.0, 2.0, 1..=2),
    number("speed_q", "speed_is_high_quality", 1.0, 0.0, 0..=1),
    number("course_q", "course_is_high_quality", 1.0, 0.0, 0..=1),
    number("heading_q", "heading_is_high_quality", 1.0, 0.0, 0..=1),
];

const AID: &[Number] = &[
    number("ana_int", "supply_v", 20.0, 0.0, 1..=720),
    number("ana_ext1", "external_v/0", 20.0, 0.0, 1..=720),
    number("ana_ext2", "external_v/1", 20.0, 0.0, 1..=720),
    number("racon", "racon", 1.0, 0.0, 0..=3),
    number("light", "light", 1.0, 0.0, 0..=3),
    number("alarm", "alarm", 1.0, 0.0, 0..=1),
    number("stat_ext", "digital_inputs", 1.0, 0.0, 0..=255),
    number("off_pos", "off_position", 1.0, 0.0, 0..=1),
];

const TEXT: &[Number] = &[number("linkage", "linkage", 1.0, 0.0, 1..=1023)];

/// Numbers and texts (gpsd's name, ours) of an application that stands in the logs and that gpsd splits.
type Known = (
    &'static [&'static [Number]],
    &'static [(&'static str, &'static str)],
);

fn known(dac: &str, fid: &str) -> Known {
    match (dac, fid) {
        ("1", "11") => (&[WEATHER, OLDER_WEATHER], &[]),
        ("1", "31") => (&[WEATHER, NEWER_WEATHER], &[]),
        ("1", "29" | "30") => (&[TEXT], &[("text", "text")]),
        ("200", "10") => (&[INLAND_SHIP], &[("vin", "vessel_number")]),
        ("235" | "250", "10") => (&[AID], &[]),
        _ => (&[], &[]),
    }
}

fn as_line(fields: &BTreeMap<String, String>) -> String {
    let parts = fields.iter().map(|(name, value)| format!("{name}={value}"));
    parts.collect::<Vec<_>>().join(" ")
}

/// Our payload under gpsd's names; `None` if the data are not split here or not by gpsd.
pub fn ours(message: &Message) -> Option<String> {
    let Message::Binary(binary) = message else {
        return None;
    };
    let (numbers, texts) = known(&binary.dac.to_string(), &binary.fid.to_string());
    let payload = serde_json::to_value(binary.payload().ok()?).unwrap();
    let at = |path: &str| payload.pointer(&format!("/{path}")).cloned();
    let mut fields = BTreeMap::new();
    for Number(name, path, steps, zero, _) in numbers.iter().copied().flatten() {
        let value = match at(path) {
            Some(Value::Bool(is)) => Some(f64::from(u8::from(is))),
            Some(value) => value.as_f64(),
            None => None,
        };
        let sent = value.map(|value| (value * steps + zero).round());
        fields.insert(
            (*name).to_owned(),
            sent.map_or("-".to_owned(), |sent| sent.to_string()),
        );
    }
    for (name, path) in texts {
        let text = at(path).and_then(|text| text.as_str().map(str::to_owned));
        fields.insert((*name).to_owned(), text.unwrap_or_default());
    }
    (!fields.is_empty()).then(|| as_line(&fields))
}

/// Takes gpsd's fields of the data out of its message.
pub fn theirs(message: &mut Fields) -> String {
    const HEAD: [&str; 8] = [
        "type",
        "mmsi",
        "repeat",
        "dac",
        "fid",
        "seqno",
        "dest_mmsi",
        "retransmit",
    ];
    let (numbers, texts) = known(&message["dac"], &message["fid"]);
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in std::mem::take(message) {
        if HEAD.contains(&name.as_str()) {
            message.insert(name, value);
        } else if name == "timestamp" && value.len() == 9 {
            // 11T11:45Z
            for (name, place) in [("day", 0..2), ("hour", 3..5), ("minute", 6..8)] {
                let number: i64 = value[place].parse().unwrap();
                fields.insert(name.to_owned(), number.to_string());
            }
        } else {
            fields.insert(name, value);
        }
    }
    for Number(name, _, _, _, range) in numbers.iter().copied().flatten() {
        if let Some(value) = fields.get_mut(*name)
            && value.parse().is_ok_and(|value| !range.contains(&value))
        {
            "-".clone_into(value);
        }
    }
    // A place is one or none.
    let places = ["lat", "lon"];
    if places
        .iter()
        .any(|name| fields.get(*name).is_some_and(|value| value == "-"))
    {
        for name in places {
            fields.insert(name.to_owned(), "-".to_owned());
        }
    }
    for (name, _) in texts {
        if let Some(text) = fields.get_mut(*name) {
            *text = text.split('@').next().unwrap_or_default().trim().to_owned();
        }
    }
    as_line(&fields)
}
