//! Detections, contacts, alerts, scenes and watch regions as GeoJSON (RFC 7946).
//!
//! Coordinates are lon,lat with 6 decimals, exterior rings anticlockwise. Every feature of a collection has the same
//! properties, `null` where nothing is known, and one `datetime`; names end in their unit.

use super::cap::identifier;
use super::text::{region_ids, rfc3339, rounded};
use crate::model::alert::Alert;
use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::id::content_id;
use crate::model::message::Message;
use crate::model::region::RegionZone;
use crate::model::scene::SceneRecord;
use crate::model::standing::Standing;
use crate::model::units::LonLat;
use geo::orient::{Direction, Orient};
use geo::{LineString, MultiPolygon};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Media type of GeoJSON.
pub const MEDIA_TYPE: &str = "application/geo+json";

/// Detections as points; the geometry is `null` for a raster without georeference.
pub fn detections(detections: &[Detection]) -> Message {
    collection(
        "detections",
        &detections.iter().map(detection).collect::<Vec<_>>(),
    )
}

/// Contacts as points.
pub fn contacts(contacts: &[Contact]) -> Message {
    collection(
        "contacts",
        &contacts.iter().map(contact).collect::<Vec<_>>(),
    )
}

/// Alerts as points, with their marking in `tlp`.
pub fn alerts(alerts: &[Alert]) -> Message {
    collection("alerts", &alerts.iter().map(alert).collect::<Vec<_>>())
}

/// What stands at sea, as learnt from earlier passes; `datetime` is when it was last seen.
pub fn standing(things: &[Standing]) -> Message {
    let feature = |thing: &Standing| {
        let properties = json!({
            "datetime": time(Some(thing.last)),
            "first_seen": time(Some(thing.first)),
            "passes": thing.passes,
            "searched": thing.searched,
            "relative_orbits": thing.orbits.iter().map(ToString::to_string).collect::<Vec<_>>().join(";"),
        });
        let place = format!(
            "{:.5} {:.5}",
            thing.position.lon_deg, thing.position.lat_deg
        );
        feature(
            &content_id("std", &[&place]),
            point(thing.position),
            properties,
        )
    };
    collection("fixed", &things.iter().map(feature).collect::<Vec<_>>())
}

/// Scenes as footprints, with what was searched of them; the geometry is `null` for a raster without georeference.
pub fn scenes(scenes: &[SceneRecord]) -> Message {
    collection("scenes", &scenes.iter().map(scene).collect::<Vec<_>>())
}

/// Watch regions as outlines, one feature a zone. They are watch distances, not claims.
pub fn watch_regions(zones: &[RegionZone]) -> Message {
    collection(
        "watch_regions",
        &zones.iter().map(watch_region).collect::<Vec<_>>(),
    )
}

fn detection(d: &Detection) -> Value {
    let properties = json!({
        "datetime": time(d.time),
        "scene_id": d.scene_id,
        "row_px": rounded(d.row, 2),
        "col_px": rounded(d.col, 2),
        "position_sigma_m": to(d.position_sigma_m, 1),
        "length_m": to(d.length_m, 1),
        "length_sigma_m": to(d.length_sigma_m, 1),
        "width_m": to(d.width_m, 1),
        "width_sigma_m": to(d.width_sigma_m, 1),
        "heading_deg": to(d.heading_deg, 1),
        "heading_sigma_deg": to(d.heading_sigma_deg, 1),
        "score": rounded(d.score, 4),
        "snr_db": rounded(d.snr_db, 2),
        "mean_contrast_db": rounded(d.mean_contrast_db, 2),
        "pol": d.polarisation_text(),
        "pixels": d.pixels,
        "shore_distance_m": to(d.shore_distance_m, 0),
        "flags": d.flag_text(),
        "reasons": d.reasons.join(" "),
    });
    feature(&d.id, d.position.map_or(Value::Null, point), properties)
}

fn contact(c: &Contact) -> Value {
    let vessel = c.vessel.as_ref();
    let second = c.runner_up.as_ref();
    let properties = json!({
        "datetime": time(Some(c.time)),
        "scene_id": c.scene_id,
        "detection_id": c.detection_id,
        "verdict": c.verdict.as_str(),
        "probability": rounded(c.probability, 4),
        "runner_up_verdict": second.map(|s| s.verdict.as_str()),
        "runner_up_mmsi": second.and_then(|s| s.mmsi).map(|mmsi| mmsi.to_string()),
        "runner_up_probability": second.and_then(|s| rounded(s.probability, 4)),
        "position_sigma_m": rounded(c.position_sigma_m, 1),
        "length_m": to(c.length_m, 1),
        "mmsi": vessel.map(|v| v.mmsi.to_string()),
        "vessel_name": vessel.and_then(|v| v.name.clone()),
        "ais_offset_m": to(vessel.and_then(|v| v.offset_m), 1),
        "ais_dt_s": to(vessel.map(|v| v.dt_s), 1),
        "ais_length_m": to(vessel.and_then(|v| v.length_m), 1),
        "azimuth_shift_m": to(vessel.and_then(|v| v.azimuth_shift_m), 1),
        "region_ids": region_ids(&c.regions),
        "reasons": c.reasons.join(" "),
        "simulated": c.simulated,
    });
    feature(&c.id, point(c.position), properties)
}

pub(super) fn alert(a: &Alert) -> Value {
    let properties = json!({
        "datetime": time(Some(a.observed)),
        "alert_id": a.id,
        "revision": a.revision,
        "message_type": a.message_type.as_str(),
        "status": a.status.as_str(),
        "sent": time(Some(a.sent)),
        "expires": time(Some(a.expires)),
        "rule": a.rule,
        "kind": a.kind.as_str(),
        "urgency": a.urgency.as_str(),
        "severity": a.severity.as_str(),
        "certainty": a.certainty.as_str(),
        "tlp": a.tlp.as_str(),
        "headline": a.headline,
        "description": a.description,
        "reasons": a.reasons.join(" "),
        "not_searched": a.evidence.not_searched.join(" "),
        "position_radius_m": rounded(a.position_radius_m, 0),
        "region_ids": region_ids(&a.regions),
        "region_names": a.region_names.join("; "),
        "scene_id": a.evidence.scene_id,
        "detection_id": a.evidence.detection_id,
        "contact_id": a.evidence.contact_id,
        "mmsi": a.evidence.mmsi,
        "vessel_name": a.evidence.vessel_name,
        "verdict": a.evidence.verdict,
        "probability": to(a.evidence.probability, 4),
        "length_m": to(a.evidence.length_m, 1),
        "trace_id": a.trace_id(),
    });
    feature(
        &identifier(&a.id, a.revision),
        point(a.position),
        properties,
    )
}

fn scene(record: &SceneRecord) -> Value {
    let (s, search) = (&record.scene, &record.search);
    let polarisations: Vec<String> = s.polarisations.iter().map(ToString::to_string).collect();
    let properties = json!({
        "datetime": time(s.middle()),
        "start": time(s.start),
        "stop": time(s.stop),
        "platform": s.platform,
        "mode": s.mode,
        "product_type": s.product_type,
        "pol": polarisations.join("+"),
        "searched_px": search.searched_px,
        "searched_km2": to(search.searched_km2, 1),
        "land_px": search.land_px,
        "no_data_px": search.no_data_px,
        "detections": search.detections,
        "simulated": s.simulated,
        "notes": s.notes.join(" "),
    });
    feature(
        &s.id,
        s.footprint.as_ref().map_or(Value::Null, multi_polygon),
        properties,
    )
}

fn watch_region(zone: &RegionZone) -> Value {
    let region = &zone.region;
    let id = match zone.zone_nm {
        Some(zone_nm) => format!("{}@{zone_nm}nm", region.id),
        None => region.id.clone(),
    };
    let properties = json!({
        "datetime": null,
        "region_id": region.id,
        "zone_nm": zone.zone_nm,
        "name": region.label(),
        "group": region.group,
        "parties": region.parties.join(";"),
        "grade": region.grade,
        "source": region.source,
    });
    feature(&id, multi_polygon(&zone.outline), properties)
}

fn collection(name: &str, features: &[Value]) -> Message {
    let text = json!({ "type": "FeatureCollection", "features": features }).to_string();
    Message {
        id: content_id(name, &[&text]),
        media_type: MEDIA_TYPE,
        file_name: format!("{name}.geojson"),
        bytes: text.into_bytes(),
    }
}

fn feature(id: &str, geometry: Value, properties: Value) -> Value {
    let mut feature = json!({ "type": "Feature", "id": id });
    feature["geometry"] = geometry;
    feature["properties"] = properties;
    feature
}

fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(rfc3339)
}

fn to(value: Option<f64>, decimals: i32) -> Option<f64> {
    value.and_then(|value| rounded(value, decimals))
}

fn point(place: LonLat) -> Value {
    json!({ "type": "Point", "coordinates": [rounded(place.lon_deg, 6), rounded(place.lat_deg, 6)] })
}

pub(super) fn multi_polygon(shape: &MultiPolygon<f64>) -> Value {
    let ring = |line: &LineString<f64>| -> Value {
        line.coords()
            .map(|c| json!([rounded(c.x, 6), rounded(c.y, 6)]))
            .collect()
    };
    let polygons: Vec<Value> = shape
        .orient(Direction::Default)
        .iter()
        .filter(|polygon| !polygon.exterior().0.is_empty())
        .map(|polygon| {
            std::iter::once(polygon.exterior())
                .chain(polygon.interiors())
                .map(ring)
                .collect()
        })
        .collect();
    if polygons.is_empty() {
        return Value::Null;
    }
    json!({ "type": "MultiPolygon", "coordinates": polygons })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;
    use crate::model::contact::Verdict;
    use geo::{Polygon, polygon};

    fn contact() -> Contact {
        Contact {
            id: "con-1".into(),
            scene_id: "s".into(),
            detection_id: None,
            vessel: None,
            position: LonLat::new(123.123_456_789, -0.000_000_1),
            position_sigma_m: 12.34,
            time: "2026-03-01T10:00:00.75Z".parse().unwrap(),
            length_m: None,
            verdict: Verdict::NotAssessable,
            probability: 1.0,
            runner_up: None,
            reasons: vec!["One.".into(), "Two.".into()],
            regions: Vec::new(),
            simulated: true,
        }
    }

    #[test]
    fn points_are_lon_lat_and_unknown_properties_are_null() {
        let message = contacts(&[contact()]);
        let read: Value = serde_json::from_slice(&message.bytes).unwrap();
        let feature = &read["features"][0];
        assert_eq!(feature["geometry"]["coordinates"], json!([123.123457, 0.0]));
        assert_eq!(
            feature["properties"]["datetime"],
            "2026-03-01T10:00:00.750Z"
        );
        assert!(
            feature["properties"]
                .as_object()
                .unwrap()
                .contains_key("mmsi")
        );
        assert_eq!(feature["properties"]["mmsi"], Value::Null);
    }

    #[test]
    fn exterior_rings_run_anticlockwise_and_holes_clockwise_whatever_came_in() {
        let clockwise: Polygon<f64> = polygon!(
            exterior: [(x: 0., y: 0.), (x: 0., y: 4.), (x: 4., y: 4.), (x: 4., y: 0.)],
            interiors: [[(x: 1., y: 1.), (x: 2., y: 1.), (x: 2., y: 2.), (x: 1., y: 2.)]],
        );
        let value = multi_polygon(&MultiPolygon(vec![clockwise]));
        let twice_area = |ring: &Value| -> f64 {
            let corners: Vec<(f64, f64)> = ring
                .as_array()
                .unwrap()
                .iter()
                .map(|c| (c[0].as_f64().unwrap(), c[1].as_f64().unwrap()))
                .collect();
            assert_eq!(corners.first(), corners.last());
            corners
                .windows(2)
                .map(|p| p[0].0 * p[1].1 - p[1].0 * p[0].1)
                .sum()
        };
        assert!((twice_area(&value["coordinates"][0][0]) - 32.0).abs() < 1e-9);
        assert!((twice_area(&value["coordinates"][0][1]) + 2.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_gives_an_empty_collection_and_equal_input_equal_bytes() {
        let read: Value = serde_json::from_slice(&alerts(&[]).bytes).unwrap();
        assert_eq!(read, json!({ "type": "FeatureCollection", "features": [] }));
        assert_eq!(contacts(&[contact()]), contacts(&[contact()]));
    }
}
