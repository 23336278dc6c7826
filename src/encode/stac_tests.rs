//! Items with what is known of a scene, and without what is not.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::*;
use crate::model::scene::{Polarisation, SarGeometry, SceneRecord, SearchRun, SearchSummary};
use geo::polygon;

const SITE: Site<'static> = Site {
    public_url: "https://watch.example.org",
};

fn bare() -> SceneRecord {
    let time = "2026-03-01T12:00:00Z".parse().unwrap();
    let scene = Scene {
        start: Some(time),
        ..Scene::unreferenced("a b".into(), Sensor::Raster, (30, 20), 1.0)
    };
    SceneRecord {
        scene,
        search: SearchSummary::default(),
        run: SearchRun {
            pipeline: "night".into(),
            version: "1.2.3".into(),
            time,
            pfa: 1e-7,
            ring_px: 41,
            guard_px: 21,
            middle: None,
            quicklook: None,
        },
        digest: "d".into(),
    }
}

fn full() -> SceneRecord {
    let mut record = bare();
    let square = polygon![(x: 1., y: 2.), (x: 3., y: 2.), (x: 3., y: 5.), (x: 1., y: 5.)];
    record.scene = Scene {
        sensor: Sensor::Sentinel1,
        platform: "Sentinel-1A".into(),
        mode: "IW".into(),
        product_type: "GRD".into(),
        polarisations: vec![Polarisation::Vv, Polarisation::Vh],
        stop: Some("2026-03-01T12:00:20Z".parse().unwrap()),
        column_spacing_m: Some(10.0),
        pass: Some(Pass::Descending),
        absolute_orbit: Some(0),
        relative_orbit: Some(61),
        processor: "Sentinel-1 IPF 003.52".into(),
        footprint: Some(MultiPolygon(vec![square])),
        ..record.scene
    };
    record.run.middle = Some(SarGeometry {
        slant_range_m: 9e5,
        platform_speed_mps: 7e3,
        incidence_deg: 38.4,
        track_heading_deg: 350.0,
        looks_right: true,
    });
    record
}

fn item_of(kind: EntryKind, record: SceneRecord, picture: Picture) -> Value {
    item(&Entry { kind, record }, picture, &SITE)
}

#[test]
fn what_is_known_stands_in_its_extensions_fields() {
    let item = item_of(EntryKind::Scene, full(), Picture::There);
    let properties = &item["properties"];
    for (name, expected) in [
        ("datetime", json!("2026-03-01T12:00:10.000Z")),
        ("start_datetime", json!("2026-03-01T12:00:00.000Z")),
        ("end_datetime", json!("2026-03-01T12:00:20.000Z")),
        ("platform", json!("sentinel-1a")),
        ("sar:polarizations", json!(["VV", "VH"])),
        ("sar:frequency_band", json!("C")),
        ("sar:observation_direction", json!("right")),
        ("sat:orbit_state", json!("descending")),
        ("sat:relative_orbit", json!(61)),
        ("view:incidence_angle", json!(38.4)),
        // A track to 350° with the radar looking to its right sees the scene at 80°.
        ("view:azimuth", json!(80.0)),
        ("proj:shape", json!([20, 30])),
        ("processing:level", json!("L1")),
        ("processing:software", json!({ "Sentinel-1 IPF": "003.52" })),
    ] {
        assert_eq!(properties[name], expected, "{name}");
    }
    // No orbit has the number 0, and the spacing of rows is not known: neither is there.
    for name in ["sat:absolute_orbit", "sar:pixel_spacing_azimuth"] {
        assert!(properties.get(name).is_none(), "{name}");
    }
    assert_eq!(item["stac_extensions"].as_array().unwrap().len(), 5);
    assert_eq!(item["bbox"], json!([1.0, 2.0, 3.0, 5.0]));
    assert_eq!(
        item["assets"]["quicklook"]["href"],
        "https://watch.example.org/quicklooks/a%20b.png"
    );
}

#[test]
fn what_is_not_known_is_left_out_with_its_extension() {
    let item = item_of(EntryKind::Scene, bare(), Picture::Missing);
    let names: Vec<&String> = item["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["datetime", "proj:shape", "tidewatch:simulated"]);
    assert_eq!(item["stac_extensions"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&item["geometry"], &item["assets"]),
        (&Value::Null, &json!({}))
    );
    assert!(item.get("bbox").is_none());
}

#[test]
fn a_run_comes_from_its_scene_and_says_by_what_and_with_which_settings() {
    let item = item_of(EntryKind::Run, full(), Picture::Missing);
    assert_eq!(
        (&item["id"], &item["collection"]),
        (&json!("a b.run"), &json!("detection-runs"))
    );
    let properties = &item["properties"];
    assert_eq!(
        properties["processing:software"],
        json!({ "tidewatch": "1.2.3" })
    );
    assert_eq!(
        properties["processing:datetime"],
        "2026-03-01T12:00:00.000Z"
    );
    let lineage = properties["processing:lineage"].as_str().unwrap();
    assert!(lineage.contains("1e-7") && lineage.contains("41") && lineage.contains("night"));
    let links = item["links"].as_array().unwrap();
    let origin = links
        .iter()
        .find(|link| link["rel"] == "derived_from")
        .unwrap();
    assert_eq!(
        origin["href"],
        "https://watch.example.org/stac/collections/scenes/items/a%20b"
    );
    let data = &item["assets"]["detections"]["href"];
    assert_eq!(
        data,
        "https://watch.example.org/download/detections.geojson?scene_id=a%20b"
    );
}

#[test]
fn a_footprint_across_180_has_its_west_in_the_east() {
    let part = |west: f64, east: f64| polygon![(x: west, y: 1.), (x: east, y: 1.), (x: east, y: 2.), (x: west, y: 2.)];
    let split = MultiPolygon(vec![part(178.0, 180.0), part(-180.0, -179.0)]);
    assert_eq!(bounds(&split), Some([178.0, 1.0, -179.0, 2.0]));
    let near = MultiPolygon(vec![part(-10.0, 10.0)]);
    assert_eq!(bounds(&near), Some([-10.0, 1.0, 10.0, 2.0]));
    assert_eq!(bounds(&MultiPolygon(Vec::new())), None);
}
