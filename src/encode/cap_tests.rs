//! What a CAP reader relies on.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::*;
use crate::model::alert::{Certainty, Evidence, Severity, Urgency};
use crate::model::contact::RegionHit;
use crate::model::units::LonLat;
use proptest::prelude::*;
use quick_xml::Reader;

fn alert() -> Alert {
    Alert {
        id: "alert-00ff".into(),
        revision: 2,
        message_type: MessageType::Update,
        status: Status::Test,
        rule: "dark-near-islands".into(),
        kind: AlertKind::UncorrelatedContact,
        sent: "2026-03-01T10:00:00.75Z".parse().unwrap(),
        observed: "2026-03-01T09:30:00Z".parse().unwrap(),
        expires: "2026-03-02T09:30:00Z".parse().unwrap(),
        urgency: Urgency::Expected,
        severity: Severity::Moderate,
        certainty: Certainty::Likely,
        tlp: Tlp::AmberStrict,
        position: LonLat::new(123.475, 25.744),
        position_radius_m: 900.0,
        regions: vec![RegionHit {
            region_id: "r1".into(),
            zone_nm: Some(12.0),
            distance_m: 1852.0,
        }],
        region_names: vec!["Uotsuri-shima / 魚釣島 / 钓鱼岛 / 釣魚臺".into()],
        headline: "Detection not explained by AIS".into(),
        description: "A target of 62 m.".into(),
        reasons: vec![
            "AIS was received here.".into(),
            "No track passes the gate.".into(),
        ],
        evidence: Evidence {
            detection_id: Some("det-1".into()),
            vessel_name: Some("<B&W> \u{0}\u{7}\"MARU\"".into()),
            probability: Some(0.91),
            ..Evidence::default()
        },
        replaces: vec![(1, "2026-03-01T09:45:00Z".parse().unwrap())],
    }
}

fn sender() -> CapSender {
    CapSender {
        sender: "watch, desk@example.org".into(),
        sender_name: "Watch desk".into(),
        web: Some("https://example.org/a?b=1&c=2".into()),
        contact: None,
        exercise: None,
        languages: BTreeSet::new(),
    }
}

fn in_all_languages() -> CapSender {
    CapSender {
        languages: Language::ALL.into(),
        ..sender()
    }
}

/// (path of element names, text) in document order.
fn elements(bytes: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut reader = Reader::from_str(text);
    let (mut path, mut found) = (Vec::<String>::new(), Vec::<(String, String)>::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                path.push(String::from_utf8(start.name().as_ref().as_bytes().to_vec()).unwrap());
                found.push((path.join("/"), String::new()));
            }
            Event::Text(text) => found.last_mut().unwrap().1.push_str(&text),
            Event::GeneralRef(name) => {
                let plain = quick_xml::escape::unescape(&format!("&{};", &*name))
                    .unwrap()
                    .into_owned();
                found.last_mut().unwrap().1.push_str(&plain);
            }
            Event::End(_) => {
                path.pop();
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

fn text_of(bytes: &[u8], path: &str) -> Option<String> {
    elements(bytes)
        .into_iter()
        .find(|(p, _)| p == path)
        .map(|(_, text)| text)
}

#[test]
fn elements_stand_in_the_order_of_the_schema() {
    let message = cap(&alert(), &sender());
    let order: Vec<String> = elements(&message.bytes)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let mut head = order
        .iter()
        .filter(|p| p.matches('/').count() == 1)
        .map(|p| &p[6..]);
    let expected = [
        "identifier",
        "sender",
        "sent",
        "status",
        "msgType",
        "scope",
        "restriction",
        "note",
        "references",
        "info",
    ];
    assert!(head.by_ref().eq(expected));
    let mut info: Vec<&str> = order
        .iter()
        .filter_map(|p| p.strip_prefix("alert/info/"))
        .filter(|p| !p.contains('/'))
        .collect();
    info.dedup();
    let expected = [
        "language",
        "category",
        "event",
        "responseType",
        "urgency",
        "severity",
        "certainty",
        "effective",
        "onset",
        "expires",
        "senderName",
        "headline",
        "description",
        "instruction",
        "web",
        "parameter",
        "area",
    ];
    assert_eq!(info, expected);
}

#[test]
fn no_white_space_stands_between_elements() {
    let text = String::from_utf8(cap(&alert(), &sender()).bytes).unwrap();
    assert!(!text.contains("> <") && !text.contains(">\n<"));
}

#[test]
fn times_have_an_offset_and_no_fraction() {
    let bytes = cap(&alert(), &sender()).bytes;
    assert_eq!(
        text_of(&bytes, "alert/sent").unwrap(),
        "2026-03-01T10:00:00+00:00"
    );
    assert_eq!(
        text_of(&bytes, "alert/info/onset").unwrap(),
        "2026-03-01T09:30:00+00:00"
    );
}

#[test]
fn references_name_sender_identifier_and_sent_of_what_is_replaced() {
    let bytes = cap(&alert(), &sender()).bytes;
    assert_eq!(
        text_of(&bytes, "alert/sender").unwrap(),
        "watch--desk@example.org"
    );
    assert_eq!(
        text_of(&bytes, "alert/references").unwrap(),
        "watch--desk@example.org,alert-00ff.r1,2026-03-01T09:45:00+00:00"
    );
}

#[test]
fn only_clear_alerts_are_public() {
    let mut alert = alert();
    let bytes = cap(&alert, &sender()).bytes;
    assert_eq!(text_of(&bytes, "alert/scope").unwrap(), "Restricted");
    assert_eq!(
        text_of(&bytes, "alert/restriction").unwrap(),
        "TLP:AMBER+STRICT"
    );
    alert.tlp = Tlp::Clear;
    let bytes = cap(&alert, &sender()).bytes;
    assert_eq!(text_of(&bytes, "alert/scope").unwrap(), "Public");
    assert_eq!(text_of(&bytes, "alert/restriction"), None);
}

#[test]
fn a_name_with_markup_and_control_characters_is_escaped_and_cleaned() {
    let bytes = cap(&alert(), &sender()).bytes;
    let values: Vec<String> = elements(&bytes).into_iter().map(|(_, text)| text).collect();
    assert!(values.contains(&"<B&W> \"MARU\"".to_owned()), "{values:?}");
}

#[test]
fn the_polygon_is_lat_lon_closed_and_about_the_place() {
    let bytes = cap(&alert(), &sender()).bytes;
    let polygon = text_of(&bytes, "alert/info/area/polygon").unwrap();
    let corners: Vec<&str> = polygon.split(' ').collect();
    assert_eq!(corners.first(), corners.last());
    for corner in corners {
        let (lat, lon) = corner.split_once(',').unwrap();
        let place = LonLat::new(lon.parse().unwrap(), lat.parse().unwrap());
        assert!((place.distance_m(LonLat::new(123.475, 25.744)) - 900.0).abs() < 1.0);
    }
}

#[test]
fn an_area_across_the_date_line_is_two_polygons_and_one_at_the_pole_a_circle() {
    let mut alert = alert();
    alert.position = LonLat::new(180.0, 10.0);
    let count = |bytes: &[u8], name: &str| {
        elements(bytes)
            .iter()
            .filter(|(path, _)| path.ends_with(name))
            .count()
    };
    assert_eq!(count(&cap(&alert, &sender()).bytes, "/polygon"), 2);
    alert.position = LonLat::new(180.0, 89.999);
    let bytes = cap(&alert, &sender()).bytes;
    assert_eq!(
        (count(&bytes, "/polygon"), count(&bytes, "/circle")),
        (0, 1)
    );
}

#[test]
fn an_alert_that_expired_before_it_was_sent_does_not_take_effect_after_its_end() {
    let mut alert = alert();
    alert.expires = "2026-02-01T00:00:00Z".parse().unwrap();
    let bytes = cap(&alert, &sender()).bytes;
    assert_eq!(
        text_of(&bytes, "alert/info/effective"),
        text_of(&bytes, "alert/info/expires")
    );
}

#[test]
fn the_id_names_the_revision_and_the_file_its_marking() {
    let message = cap(&alert(), &sender());
    assert_eq!(message.id, "alert-00ff.r2");
    assert_eq!(message.file_name, "alert-00ff.r2.tlp-amber-strict.cap.xml");
    assert_eq!(message, cap(&alert(), &sender()));
}

#[test]
fn the_area_is_named_in_every_language() {
    let text = text_of(&cap(&alert(), &sender()).bytes, "alert/info/area/areaDesc").unwrap();
    assert_eq!(
        text,
        "Sea within 0.90 km of 25.7440° N 123.4750° E; Uotsuri-shima / 魚釣島 / 钓鱼岛 / 釣魚臺 \
         (1.0 nautical miles away, in the 12 nautical mile zone)"
    );
}

#[test]
fn each_language_has_an_info_of_its_own_with_all_that_is_not_text() {
    let mut alert = alert();
    alert.headline = "Whole English headline".into();
    let of = |name: &str| -> Vec<String> {
        let path = format!("alert/info/{name}");
        let found = elements(&cap(&alert, &in_all_languages()).bytes);
        let found = found.into_iter().filter(|(at, _)| *at == path);
        found.map(|(_, text)| text).collect()
    };
    let tags = [
        "en", "fil", "ja", "ko", "ms", "ru", "vi", "zh-Hans", "zh-Hant",
    ];
    assert_eq!(of("language"), tags);
    for same in [
        "category",
        "event",
        "severity",
        "onset",
        "area/polygon",
        "senderName",
    ] {
        let values = of(same);
        assert_eq!(values.len(), tags.len(), "{same}");
        assert!(values.iter().all(|value| *value == values[0]), "{same}");
    }
    for own in ["headline", "description", "instruction", "area/areaDesc"] {
        let mut values = of(own);
        values.sort();
        values.dedup();
        assert_eq!(values.len(), tags.len(), "{own}");
    }
    assert_eq!(of("parameter/valueName").len() % tags.len(), 0);
    assert_eq!(of("headline")[0], "Whole English headline");
    let japanese = "AISで説明できない探知: Uotsuri-shima / 魚釣島 / 钓鱼岛 / 釣魚臺";
    assert_eq!(of("headline")[2], japanese);
}

/// Asks libxml2 with the schema of OASIS.
#[test]
#[ignore = "needs the shared real data"]
fn every_kind_type_and_marking_passes_the_schema() {
    let data = std::env::var("TIDEWATCH_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").into());
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new("xmllint");
    command
        .args(["--noout", "--schema"])
        .arg(format!("{data}/cap/cap12.xsd"));
    for kind in [
        AlertKind::UncorrelatedContact,
        AlertKind::ZoneEntry,
        AlertKind::AisOnly,
        AlertKind::DistressBeacon,
        AlertKind::AisEvent,
    ] {
        for message_type in [MessageType::Alert, MessageType::Update, MessageType::Cancel] {
            for status in [Status::Actual, Status::Exercise, Status::Test] {
                for tlp in [Tlp::Clear, Tlp::Red] {
                    let id = format!("a-{kind:?}-{message_type}-{status}");
                    let alert = Alert {
                        id,
                        kind,
                        message_type,
                        status,
                        tlp,
                        ..alert()
                    };
                    let message = cap(&alert, &in_all_languages());
                    let path = folder.path().join(&message.file_name);
                    std::fs::write(&path, &message.bytes).unwrap();
                    command.arg(path);
                }
            }
        }
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_anywhere_gives_well_formed_xml(name in any::<String>(), headline in any::<String>(), id in any::<String>()) {
        let mut alert = alert();
        alert.evidence.vessel_name = Some(name);
        alert.headline = headline;
        alert.id = id;
        let message = cap(&alert, &sender());
        let head = text_of(&message.bytes, "alert/info/headline").unwrap();
        prop_assert!(head.chars().count() < 140);
        let id = text_of(&message.bytes, "alert/identifier").unwrap();
        prop_assert!(!id.contains([' ', ',', '<', '&']));
        prop_assert!(!message.file_name.contains(['/', '\\', '\0']));
    }
}
