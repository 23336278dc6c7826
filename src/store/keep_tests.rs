//! What holds of whole stores and of rows that come new, in both kinds of store.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::samples::{Batch, Place, fill, later, now, on_both_stores};
use super::{Aged, StoredRow, archived_tables};

on_both_stores! {
    a_detection_that_comes_with_another_scene_moves_there_and_stays_one,
    a_store_filled_from_another_gives_the_same_rows_at_the_same_places,
    a_store_that_holds_something_is_not_filled,
    what_has_no_time_does_not_age,
}

fn a_detection_that_comes_with_another_scene_moves_there_and_stays_one(place: &Place) {
    let mut store = place.open(now());
    Batch::of("s1").put(store.as_mut()).unwrap();
    // The second scene is new to the store; one of its detections is not.
    let mut second = Batch::of("s2");
    second.detections[1].id = "a-s1".to_owned();
    let changes = second.put(store.as_mut()).unwrap();
    assert_eq!(store.counts().unwrap().detections, 5);
    assert_eq!(changes.updated, 1);
    assert_eq!(store.detections("s2").unwrap(), second.detections);
    assert_eq!(store.detections("s1").unwrap().len(), 2);
    // And twice in one batch: the last counts.
    let mut third = Batch::of("s3");
    third.detections[1].id = third.detections[0].id.clone();
    third.put(store.as_mut()).unwrap();
    assert_eq!(store.counts().unwrap().detections, 7);
    third.put(store.as_mut()).unwrap();
    assert_eq!(store.counts().unwrap().detections, 7);
    assert_eq!(store.detections("s3").unwrap()[0], third.detections[1]);
}

fn all_rows(store: &dyn super::Store) -> Vec<(&'static str, StoredRow)> {
    let mut rows = Vec::new();
    let mut take = |name, row| {
        rows.push((name, row));
        Ok(())
    };
    store.snapshot(&archived_tables(true), &mut take).unwrap();
    rows
}

fn a_store_filled_from_another_gives_the_same_rows_at_the_same_places(place: &Place) {
    let home = Place::file();
    let mut from = home.open(now());
    fill(from.as_mut());
    let expected = all_rows(from.as_ref());
    assert!(expected.len() > 20);
    let mut to = place.open(later());
    let tables = archived_tables(true);
    let filled = to.fill(&mut |put| from.snapshot(&tables, put)).unwrap();
    assert_eq!(filled, expected.len() as u64);
    let found = all_rows(to.as_ref());
    for (found, row) in found.iter().zip(&expected) {
        assert_eq!(found, row);
    }
    assert_eq!(found.len(), expected.len());
    for layer in crate::model::layer::LAYERS {
        if layer.id != "alerts" {
            assert_eq!(to.span(layer).unwrap(), from.span(layer).unwrap());
        }
    }
}

fn a_store_that_holds_something_is_not_filled(place: &Place) {
    let home = Place::file();
    let mut from = home.open(now());
    fill(from.as_mut());
    let mut to = place.open(now());
    Batch::of("s9").put(to.as_mut()).unwrap();
    let before = all_rows(to.as_ref());
    let tables = archived_tables(true);
    let refused = to.fill(&mut |put| from.snapshot(&tables, put)).unwrap_err();
    assert!(
        refused.to_string().contains("expected an empty store"),
        "{refused}"
    );
    assert_eq!(all_rows(to.as_ref()), before);
}

fn what_has_no_time_does_not_age(place: &Place) {
    let mut store = place.open(now());
    let mut batch = Batch::of("s1");
    batch.contacts.clear();
    batch.detections[0].time = None;
    batch.put(store.as_mut()).unwrap();
    let far = now() + jiff::SignedDuration::from_hours(24 * 365 * 100);
    let told = store.to_prune(Aged::Detections, far).unwrap();
    let gone = store.prune(Aged::Detections, far).unwrap();
    assert_eq!(gone, told);
    let left = store.detections("s1").unwrap();
    assert!(left.iter().any(|detection| detection.id == "z-s1"));
    assert!(left.iter().all(|detection| detection.time.is_none()));
    assert_eq!(gone.gone as usize, 3 - left.len());
    assert!(store.prune(Aged::Scenes, far).unwrap().kept == 1);
}
