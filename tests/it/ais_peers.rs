//! pyais beside our decoder on real logs, field by field in the radio's own units.

use crate::program::{clients_python, other, root, shared_data};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use tidewatch::ais::message::{Message, Motion, Size};
use tidewatch::ais::nmea::each_message;
use tidewatch::model::units::LonLat;

fn units(value: Option<f64>, scale: f64) -> String {
    value.map_or("-".to_owned(), |value| {
        ((value * scale).round() as i64).to_string()
    })
}

fn place(place: Option<LonLat>) -> String {
    let [lon, lat] = [place.map(|p| p.lon_deg), place.map(|p| p.lat_deg)]
        .map(|degrees| units(degrees, 600_000.0));
    format!("{lon},{lat}")
}

fn motion(m: &Motion) -> String {
    let second = m.second.map(f64::from);
    format!(
        "{},{},{},{},{},{},{}",
        place(m.position),
        units(m.sog_kn, 10.0),
        units(m.cog_deg, 10.0),
        units(m.heading_deg, 1.0),
        units(second, 1.0),
        u8::from(m.accurate),
        u8::from(m.raim)
    )
}

fn size(size: Option<Size>) -> String {
    let s = size.unwrap_or_default();
    format!(
        "{},{},{},{}",
        s.to_bow_m, s.to_stern_m, s.to_port_m, s.to_starboard_m
    )
}

/// The line that `tests/clients/pyais_fields.py` prints; `None` for types that are not compared.
fn fields(message: &Message) -> Option<String> {
    let head = |repeat: u8| format!("{},{},{repeat}", message.type_number(), message.mmsi().0);
    Some(match message {
        Message::Position(m) => format!(
            "{},{},{},{}",
            head(m.link.repeat),
            m.nav_status.unwrap_or(15),
            motion(&m.motion),
            m.link.radio
        ),
        Message::BaseStation(m) => format!(
            "{},{},{},{},{},{}",
            head(m.link.repeat),
            place(m.position),
            m.fix_device.unwrap_or(0),
            u8::from(m.accurate),
            u8::from(m.raim),
            m.link.radio
        ),
        Message::Voyage(m) => format!(
            "{},{},{},{},{},{},{}",
            head(m.link.repeat),
            m.call_sign.as_deref().unwrap_or(""),
            m.name.as_deref().unwrap_or(""),
            size(m.size),
            (m.draught_m.unwrap_or(0.0) * 10.0).round(),
            m.destination.as_deref().unwrap_or(""),
            m.fix_device.unwrap_or(0)
        ),
        Message::ClassB(m) => format!(
            "{},{},{},{},{},{},{},{}",
            head(m.link.repeat),
            motion(&m.motion),
            u8::from(m.carrier_sense),
            u8::from(m.equipment.display),
            u8::from(m.equipment.dsc),
            u8::from(m.equipment.whole_band),
            u8::from(m.equipment.channel_management),
            u8::from(m.link.assigned)
        ),
        _ => return None,
    })
}

/// How often each line stands in one list more than in the other: ours positive.
fn differences(log: &Path) -> (usize, BTreeMap<String, i64>) {
    let bytes = std::fs::read(log).unwrap();
    let ours = Mutex::new(Vec::new());
    each_message(&bytes, |message, _| {
        ours.lock().unwrap().extend(fields(message));
    });
    let script = root().join("tests/clients/pyais_fields.py");
    let ran = other(clients_python(), [script.as_os_str(), log.as_os_str()]).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut balance: BTreeMap<String, i64> = BTreeMap::new();
    let ours = ours.into_inner().unwrap();
    let compared = ours.len();
    for line in ours {
        *balance.entry(line).or_default() += 1;
    }
    for line in ran.stdout.lines() {
        *balance.entry(line.to_owned()).or_default() -= 1;
    }
    balance.retain(|_, count| *count != 0);
    (compared, balance)
}

#[test]
#[ignore = "needs pyais and the shared real data"]
fn pyais_reads_the_same_fields_from_the_danish_log() {
    let (compared, differing) = differences(&shared_data().join("ais/dma/stream_example.txt"));
    // Types 1–5 and 18 of the log, as counted in the unit tests.
    assert_eq!(compared, 2511 + 7 + 369 + 129 + 424 + 101);
    assert!(differing.is_empty(), "{differing:#?}");
}
