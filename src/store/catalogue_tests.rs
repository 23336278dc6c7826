//! Pages of the catalogue, laid beside a plain walk through all records.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::super::Store;
use super::super::samples::{Batch, Place, now, on_both_stores, square};
use super::*;
use geo::{Point, polygon};
use std::cmp::Ordering;

on_both_stores!(
    every_scene_with_a_time_is_there_once_as_image_and_once_as_search,
    pages_in_any_order_join_to_the_sorted_whole,
    times_boxes_shapes_and_ids_restrict,
);

/// Scenes `s0` … at 123° + n, an hour after each other by twos, the last one without a time.
fn store(place: &Place) -> Box<dyn Store> {
    let mut store = place.open(now());
    for n in 0..6 {
        let mut batch = Batch::of(&format!("s{n}"));
        batch.scene.footprint = Some(square(123.0 + f64::from(n), 25.0));
        let start = now() + jiff::SignedDuration::from_hours(i64::from(n / 2));
        batch.scene.start = (n < 5).then_some(start);
        batch.scene.stop = (n < 5).then(|| start + jiff::SignedDuration::from_secs(20));
        batch.put(store.as_mut()).unwrap();
    }
    store
}

fn all() -> CatalogueQuery {
    CatalogueQuery {
        kinds: EntryKind::ALL.to_vec(),
        ids: None,
        boxes: Vec::new(),
        shape: None,
        times: None,
        order: Vec::new(),
        after: None,
        limit: 100,
    }
}

fn ids(store: &dyn Store, query: &CatalogueQuery) -> Vec<String> {
    let page = store.catalogue(query).unwrap();
    page.entries.iter().map(Entry::id).collect()
}

fn place_of(entry: &Entry) -> EntryPlace {
    EntryPlace {
        time: format!("{:.3}", entry.record.scene.middle().unwrap()),
        kind: entry.kind,
        id: entry.id(),
    }
}

fn every_scene_with_a_time_is_there_once_as_image_and_once_as_search(place: &Place) {
    let store = store(place);
    let page = store.catalogue(&all()).unwrap();
    assert_eq!(
        (page.matched, page.entries.len(), page.more),
        (10, 10, false)
    );
    for kind in EntryKind::ALL {
        let only = CatalogueQuery {
            kinds: vec![kind],
            ..all()
        };
        let expected: Vec<_> = (0..5).map(|n| format!("s{n}{}", kind.suffix())).collect();
        assert_eq!(ids(store.as_ref(), &only), expected);
    }
    let none = CatalogueQuery {
        kinds: Vec::new(),
        ..all()
    };
    assert_eq!(store.catalogue(&none).unwrap(), CataloguePage::default());
}

fn pages_in_any_order_join_to_the_sorted_whole(place: &Place) {
    use SortKey::{Collection, Id, Time};
    use SortOrder::{Ascending, Descending};
    let store = store(place);
    for order in [
        vec![],
        vec![(Time, Descending)],
        vec![(Collection, Descending), (Time, Ascending)],
        vec![(Id, Descending)],
        vec![
            (Time, Descending),
            (Id, Descending),
            (Collection, Descending),
        ],
    ] {
        let mut expected = store.catalogue(&all()).unwrap().entries;
        expected.sort_by(|a, b| compare(&whole_order(&order), &place_of(a), &place_of(b)));
        let expected: Vec<String> = expected.iter().map(Entry::id).collect();
        for limit in [1, 3, 10] {
            let mut found = Vec::new();
            let mut query = CatalogueQuery {
                order: order.clone(),
                limit,
                ..all()
            };
            loop {
                let page = store.catalogue(&query).unwrap();
                assert_eq!(page.matched, 10);
                found.extend(page.entries.iter().map(Entry::id));
                query.after = page.entries.last().map(place_of);
                if !page.more {
                    break;
                }
            }
            assert_eq!(found, expected, "{order:?} {limit}");
        }
    }
}

fn compare(order: &[(SortKey, SortOrder)], a: &EntryPlace, b: &EntryPlace) -> Ordering {
    order.iter().fold(Ordering::Equal, |so_far, (key, order)| {
        let by_key = match key {
            SortKey::Time => a.time.cmp(&b.time),
            SortKey::Id => a.id.cmp(&b.id),
            SortKey::Collection => a.kind.collection().cmp(b.kind.collection()),
        };
        so_far.then(match order {
            SortOrder::Ascending => by_key,
            SortOrder::Descending => by_key.reverse(),
        })
    })
}

fn times_boxes_shapes_and_ids_restrict(place: &Place) {
    let store = store(place);
    let scenes = || CatalogueQuery {
        kinds: vec![EntryKind::Scene],
        ..all()
    };
    // The first two were taken from 12:00:00 to 12:00:20: an instant between meets them, one behind does not.
    for (from, to, expected) in [
        ("2026-03-01T12:00:19.000Z", "2026-03-01T12:00:19.000Z", 2),
        ("2026-03-01T12:00:20.001Z", "2026-03-01T12:59:59.999Z", 0),
        ("2026-03-01T12:00:20.000Z", "2026-03-01T13:00:00.000Z", 4),
    ] {
        let query = CatalogueQuery {
            times: Some((Some(from.into()), Some(to.into()))),
            ..scenes()
        };
        assert_eq!(ids(store.as_ref(), &query).len(), expected, "{from}");
    }
    let boxed = CatalogueQuery {
        boxes: vec![[124.5, 25.0, 124.6, 25.1]],
        ..scenes()
    };
    assert_eq!(ids(store.as_ref(), &boxed), ["s1"]);
    // The triangle's box covers s0 and s1, the triangle itself s0 alone.
    let triangle = polygon![(x: 122.0, y: 24.0), (x: 126.0, y: 24.0), (x: 122.0, y: 25.9)];
    for (shape, expected) in [
        (Geometry::Polygon(triangle), vec!["s0"]),
        (Geometry::Point(Point::new(125.5, 25.5)), vec!["s2"]),
        (Geometry::Point(Point::new(0.0, 0.0)), vec![]),
    ] {
        let query = CatalogueQuery {
            shape: Some(shape),
            ..scenes()
        };
        assert_eq!(ids(store.as_ref(), &query), expected);
    }
    let wished = ["s3", "s4.run", "'; DROP TABLE scenes; --", ""];
    let named = CatalogueQuery {
        ids: Some(wished.map(str::to_owned).to_vec()),
        ..all()
    };
    assert_eq!(ids(store.as_ref(), &named), ["s3", "s4.run"]);
}
