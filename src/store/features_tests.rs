//! Pages of features as a server asks for them.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::super::Store;
use super::super::samples::{now, track};
use super::*;
use crate::model::layer::TRACKS;
use crate::model::track::Track;
use tempfile::TempDir;

fn new_store() -> (TempDir, GeoPackage) {
    let folder = tempfile::tempdir().unwrap();
    let store = GeoPackage::open(&folder.path().join("t.gpkg"), now()).unwrap();
    (folder, store)
}

fn all() -> FeatureQuery {
    FeatureQuery {
        limit: 100,
        ..FeatureQuery::default()
    }
}

fn ids(store: &GeoPackage, layer: &Layer, query: &FeatureQuery) -> Vec<String> {
    let page = store.page(layer, query).unwrap();
    page.rows.into_iter().map(|row| row.id).collect()
}

#[test]
fn ships_that_share_an_mmsi_have_ids_of_their_own_and_each_id_finds_its_own_row() {
    let (_folder, mut store) = new_store();
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
        assert_eq!((page.rows[0].id.as_str(), &page.rows[0].values[part]), (id, &json!(number)));
    }
}
