//! Detections, contacts, events and alerts as CSV (RFC 4180 with newlines alone, UTF-8, one header line).
//!
//! Times are RFC 3339 in UTC, an unknown value is an empty field, numbers have a fixed count of decimals. A text that a
//! spreadsheet would run as a formula (`=`, `+`, `-`, `@`, tab or carriage return first) gets an apostrophe in front.

use super::text::{fixed, region_ids, rfc3339, without_controls};
use crate::model::alert::Alert;
use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::event::Event;
use crate::model::id::content_id;
use crate::model::message::Message;
use crate::model::units::LonLat;

/// Media type of the tables.
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

const DETECTION_COLUMNS: [&str; 13] = [
    "id",
    "row",
    "col",
    "lon",
    "lat",
    "datetime",
    "length_m",
    "width_m",
    "heading_deg",
    "score",
    "snr_db",
    "pol",
    "flags",
];

const CONTACT_COLUMNS: [&str; 17] = [
    "id",
    "scene_id",
    "detection_id",
    "lon",
    "lat",
    "datetime",
    "position_sigma_m",
    "verdict",
    "probability",
    "runner_up_verdict",
    "runner_up_probability",
    "length_m",
    "mmsi",
    "vessel_name",
    "ais_offset_m",
    "region_ids",
    "reasons",
];

const EVENT_COLUMNS: [&str; 11] = [
    "id",
    "kind",
    "datetime",
    "end",
    "lon",
    "lat",
    "radius_m",
    "mmsi",
    "vessel_names",
    "evidence",
    "reasons",
];

const ALERT_COLUMNS: [&str; 21] = [
    "id",
    "revision",
    "message_type",
    "status",
    "lon",
    "lat",
    "datetime",
    "sent",
    "expires",
    "kind",
    "rule",
    "urgency",
    "severity",
    "certainty",
    "tlp",
    "region_ids",
    "region_names",
    "mmsi",
    "vessel_name",
    "contact_id",
    "headline",
];

/// The header of the table of detections: part of the command line's promise.
pub fn detection_csv_header() -> String {
    DETECTION_COLUMNS.join(",")
}

/// Detections, one a line, in the order given.
pub fn detections(detections: &[Detection]) -> Message {
    table(
        "detections",
        &DETECTION_COLUMNS,
        detections.iter().map(detection),
    )
}

/// Contacts, one a line, in the order given.
pub fn contacts(contacts: &[Contact]) -> Message {
    table("contacts", &CONTACT_COLUMNS, contacts.iter().map(contact))
}

/// Events of AIS, one a line, in the order given; `end` is empty while one goes on.
pub fn events(events: &[Event]) -> Message {
    table("events", &EVENT_COLUMNS, events.iter().map(event))
}

/// Alerts, one revision a line, in the order given.
pub fn alerts(alerts: &[Alert]) -> Message {
    table("alerts", &ALERT_COLUMNS, alerts.iter().map(alert))
}

fn detection(d: &Detection) -> [String; 13] {
    let [lon, lat] = place(d.position);
    [
        text(&d.id),
        number(Some(d.row), 2),
        number(Some(d.col), 2),
        lon,
        lat,
        d.time.map(rfc3339).unwrap_or_default(),
        number(d.length_m, 1),
        number(d.width_m, 1),
        number(d.heading_deg, 1),
        number(Some(d.score), 4),
        number(Some(d.snr_db), 2),
        text(&d.polarisation_text()),
        text(&d.flag_text()),
    ]
}

fn event(e: &Event) -> [String; 11] {
    let [lon, lat] = place(Some(e.position));
    let names: Vec<&str> = e.vessels.iter().filter_map(|v| v.name.as_deref()).collect();
    let evidence: Vec<String> = e
        .evidence
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    [
        text(&e.id),
        text(e.kind.as_str()),
        rfc3339(e.start),
        e.end.map(rfc3339).unwrap_or_default(),
        lon,
        lat,
        number(Some(e.radius_m), 0),
        text(&e.mmsi_text()),
        text(&names.join("; ")),
        text(&evidence.join("; ")),
        text(&e.reasons.join(" ")),
    ]
}

fn contact(c: &Contact) -> [String; 17] {
    let [lon, lat] = place(Some(c.position));
    let (vessel, second) = (c.vessel.as_ref(), c.runner_up.as_ref());
    [
        text(&c.id),
        text(&c.scene_id),
        optional(c.detection_id.as_deref()),
        lon,
        lat,
        rfc3339(c.time),
        number(Some(c.position_sigma_m), 1),
        text(c.verdict.as_str()),
        number(Some(c.probability), 4),
        optional(second.map(|s| s.verdict.as_str())),
        number(second.map(|s| s.probability), 4),
        number(c.length_m, 1),
        vessel.map(|v| v.mmsi.to_string()).unwrap_or_default(),
        optional(vessel.and_then(|v| v.name.as_deref())),
        number(vessel.and_then(|v| v.offset_m), 1),
        text(&region_ids(&c.regions)),
        text(&c.reasons.join(" ")),
    ]
}

fn alert(a: &Alert) -> [String; 21] {
    let [lon, lat] = place(Some(a.position));
    let evidence = &a.evidence;
    [
        text(&a.id),
        a.revision.to_string(),
        text(a.message_type.as_str()),
        text(a.status.as_str()),
        lon,
        lat,
        rfc3339(a.observed),
        rfc3339(a.sent),
        rfc3339(a.expires),
        text(a.kind.as_str()),
        text(&a.rule),
        text(a.urgency.as_str()),
        text(a.severity.as_str()),
        text(a.certainty.as_str()),
        text(a.tlp.as_str()),
        text(&region_ids(&a.regions)),
        text(&a.region_names.join("; ")),
        optional(evidence.mmsi.as_deref()),
        optional(evidence.vessel_name.as_deref()),
        optional(evidence.contact_id.as_deref()),
        text(&a.headline),
    ]
}

fn table<const N: usize>(
    name: &str,
    header: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Message {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let in_memory = "writing rows of one width into memory does not fail";
    writer.write_record(header).expect(in_memory);
    for row in rows {
        writer.write_record(&row).expect(in_memory);
    }
    let bytes = writer.into_inner().expect(in_memory);
    Message {
        id: content_id(name, &[&String::from_utf8_lossy(&bytes)]),
        media_type: MEDIA_TYPE,
        file_name: format!("{name}.csv"),
        bytes,
    }
}

fn place(place: Option<LonLat>) -> [String; 2] {
    [
        number(place.map(|p| p.lon_deg), 6),
        number(place.map(|p| p.lat_deg), 6),
    ]
}

pub(super) fn number(value: Option<f64>, decimals: usize) -> String {
    value
        .and_then(|value| fixed(value, decimals))
        .unwrap_or_default()
}

pub(super) fn optional(value: Option<&str>) -> String {
    value.map(text).unwrap_or_default()
}

pub(super) fn text(value: &str) -> String {
    let clean = without_controls(value);
    if clean.trim_start().starts_with(['=', '+', '-', '@']) || clean.starts_with(['\t', '\n']) {
        format!("'{clean}")
    } else {
        clean
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;
    use crate::model::detection::{DetectionFlag, PixelExtent, TestUsed};
    use crate::model::scene::Polarisation;

    fn detection() -> Detection {
        Detection {
            id: "det-1".into(),
            scene_id: "s".into(),
            row: 12.345,
            col: 0.0,
            position: Some(LonLat::new(-123.4, 25.744_444_44)),
            position_sigma_m: None,
            time: Some("2026-03-01T10:00:00Z".parse().unwrap()),
            length_m: Some(61.97),
            length_sigma_m: None,
            width_m: None,
            width_sigma_m: None,
            heading_deg: Some(179.96),
            heading_sigma_deg: None,
            score: 0.999_96,
            snr_db: 21.0,
            mean_contrast_db: 15.0,
            sigma0_db: Vec::new(),
            polarisations: vec![Polarisation::Vh, Polarisation::Vv],
            pixels: 9,
            extent: PixelExtent {
                first_row: 11,
                last_row: 13,
                first_col: 0,
                last_col: 2,
            },
            shore_distance_m: None,
            flags: vec![DetectionFlag::ImageEdge, DetectionFlag::Saturated],
            reasons: Vec::new(),
            sar: None,
            test: Some(test_used()),
        }
    }

    fn test_used() -> TestUsed {
        serde_json::from_value(serde_json::json!({
            "pfa": 1e-7, "looks": 4.4, "nu": null, "threshold": 6.0, "ring_px": 41, "guard_px": 21
        }))
        .unwrap()
    }

    #[test]
    fn the_table_of_detections_has_exactly_the_promised_columns() {
        let text = String::from_utf8(detections(&[detection()]).bytes).unwrap();
        assert_eq!(
            text,
            "id,row,col,lon,lat,datetime,length_m,width_m,heading_deg,score,snr_db,pol,flags\n\
             det-1,12.35,0.00,-123.400000,25.744444,2026-03-01T10:00:00.000Z,62.0,,180.0,1.0000,21.00,VH+VV,image-edge;saturated\n"
        );
        assert!(text.starts_with(&detection_csv_header()));
    }

    #[test]
    fn unknown_values_are_empty_fields() {
        let bare = Detection {
            position: None,
            time: None,
            length_m: None,
            heading_deg: None,
            ..detection()
        };
        let text = String::from_utf8(detections(&[bare]).bytes).unwrap();
        assert_eq!(
            text.lines().nth(1).unwrap(),
            "det-1,12.35,0.00,,,,,,,1.0000,21.00,VH+VV,image-edge;saturated"
        );
    }

    #[test]
    fn a_text_that_a_spreadsheet_would_run_is_disarmed() {
        assert_eq!(text("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(text(" @SUM"), "' @SUM");
        assert_eq!(text("MARU-1"), "MARU-1");
        assert_eq!(text("\r=1"), "'=1");
    }
}
