//! Pages of features as a server asks for them.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::super::Store;
use super::super::samples::{Batch, Place, detection, now, on_both_stores, square, track, zone};
use super::*;
use crate::model::detection::Detection;
use crate::model::layer::{DETECTIONS, TRACKS, WATCH_REGIONS};
use crate::model::region::RegionZone;
use crate::model::track::Track;
use geo::{MultiPolygon, polygon};

on_both_stores!(
    ships_that_share_an_mmsi_have_ids_of_their_own_and_each_id_finds_its_own_row,
    alerts_are_not_given_past_the_release_rule,
    a_box_across_180_finds_what_lies_on_both_sides_of_it,
    pages_go_on_from_a_feature_without_a_time_to_those_with_one,
    a_shape_is_found_by_itself_and_not_by_its_bounds,
);

fn all() -> FeatureQuery {
    FeatureQuery {
        limit: 100,
        ..FeatureQuery::default()
    }
}

fn ids(store: &dyn Store, layer: &Layer, query: &FeatureQuery) -> Vec<String> {
    let page = store.page(layer, query).unwrap();
    page.rows.into_iter().map(|row| row.id).collect()
}

fn ships_that_share_an_mmsi_have_ids_of_their_own_and_each_id_finds_its_own_row(place: &Place) {
    let mut store = place.open(now());
    let first = track(5, &[(0, 1.0, 2.0), (60, 1.1, 2.0)], &[]);
    let second = Track {
        part: 1,
        ..track(5, &[(30, 8.0, 9.0), (90, 8.1, 9.0)], &[])
    };
    store.put_tracks("log", &[first, second]).unwrap();
    let part = TRACKS.index_of("part").unwrap();
    for (id, number) in [("log:000000005", 0), ("log:000000005.1", 1)] {
        let query = FeatureQuery {
            id: Some(id.to_owned()),
            ..all()
        };
        let page = store.page(&TRACKS, &query).unwrap();
        assert_eq!(page.rows.len(), 1, "{id}");
        assert_eq!(
            (page.rows[0].id.as_str(), &page.rows[0].values[part]),
            (id, &json!(number))
        );
    }
}

#[test]
fn a_page_ends_where_its_shapes_grow_too_heavy_and_always_holds_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = GeoPackage::open(&folder.path().join("t.gpkg"), now()).unwrap();
    store
        .put_regions(&[zone("a", 1.0), zone("b", 2.0), zone("c", 3.0)])
        .unwrap();
    // A square's blob: 40 bytes of header, 9, 9 and 4 of WKB around 5 corners of 16.
    let square_bytes = 142;
    for (most, expected) in [(0, 1), (2 * square_bytes, 2), (3 * square_bytes, 3)] {
        let page = store
            .ask("read", |connection| {
                read_page(connection, &WATCH_REGIONS, &all(), most)
            })
            .unwrap();
        assert_eq!((page.rows.len(), page.matched), (expected, 3), "{most}");
        assert_eq!(page.more, expected < 3, "{most}");
    }
}

fn alerts_are_not_given_past_the_release_rule(place: &Place) {
    let store = place.open(now());
    assert!(matches!(
        store.page(&ALERTS, &all()),
        Err(StoreError::NotReleased { layer: "alerts" })
    ));
    assert!(store.span(&ALERTS).is_err());
}

fn put_detections(store: &mut dyn Store, detections: Vec<Detection>) {
    let batch = Batch {
        detections,
        ..Batch::of("s")
    };
    batch.put(store).unwrap();
}

fn a_box_across_180_finds_what_lies_on_both_sides_of_it(place: &Place) {
    let mut store = place.open(now());
    let places = [("e", 179.5), ("w", -179.5), ("far", 0.0)];
    let made = places.map(|(id, lon)| detection(id, "s", Some((lon, 1.0))));
    put_detections(store.as_mut(), made.to_vec());
    let across = FeatureQuery {
        boxes: vec![[179.0, 0.0, 180.0, 2.0], [-180.0, 0.0, -179.0, 2.0]],
        ..all()
    };
    assert_eq!(ids(store.as_ref(), &DETECTIONS, &across), ["e", "w"]);
}

fn pages_go_on_from_a_feature_without_a_time_to_those_with_one(place: &Place) {
    let mut store = place.open(now());
    let untimed = |id: &str| Detection {
        time: None,
        ..detection(id, "s", None)
    };
    let made = vec![detection("a", "s", None), untimed("b"), untimed("c")];
    put_detections(store.as_mut(), made);
    let mut query = FeatureQuery { limit: 1, ..all() };
    let mut seen = Vec::new();
    loop {
        let page = store.page(&DETECTIONS, &query).unwrap();
        let last = &page.rows[0];
        seen.push(last.id.clone());
        let time = last.values[0].as_str().map(str::to_owned);
        query.after = Some((time, last.id.clone()));
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, ["b", "c", "a"]);
}

fn a_shape_is_found_by_itself_and_not_by_its_bounds(place: &Place) {
    let mut store = place.open(now());
    let triangle = RegionZone {
        outline: MultiPolygon(vec![
            polygon![(x: 0., y: 0.), (x: 10., y: 0.), (x: 0., y: 10.)],
        ]),
        ..zone("triangle", 0.0)
    };
    let beside = RegionZone {
        outline: square(8.2, 8.2),
        ..zone("beside", 0.0)
    };
    store.put_regions(&[triangle, beside]).unwrap();
    let near = |bounds: [f64; 4]| FeatureQuery {
        boxes: vec![bounds],
        ..all()
    };
    let found = ids(store.as_ref(), &WATCH_REGIONS, &near([8.0, 8.0, 9.0, 9.0]));
    assert_eq!(found, ["beside@12nm"]);
    let found = ids(store.as_ref(), &WATCH_REGIONS, &near([1.0, 1.0, 2.0, 2.0]));
    assert_eq!(found, ["triangle@12nm"]);
}
