//! What the rest of the house relies on, asked through a second connection where that matters.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::samples::*;
use super::*;
use crate::model::layer::Layer;
use crate::model::outage::{Outage, OutageCause};
use crate::model::units::{LonLat, Mmsi};
use rusqlite::Connection;
use std::path::Path;
use tempfile::TempDir;

fn new_store() -> (TempDir, GeoPackage) {
    let folder = tempfile::tempdir().unwrap();
    let store = GeoPackage::open(&folder.path().join("t.gpkg"), now()).unwrap();
    (folder, store)
}

fn ask<T: rusqlite::types::FromSql>(path: &Path, sql: &str) -> T {
    Connection::open(path)
        .unwrap()
        .query_row(sql, [], |row| row.get(0))
        .unwrap()
}

fn extent(store: &dyn Store, layer: &str) -> Option<[f64; 4]> {
    store.span(Layer::named(layer).unwrap()).unwrap().bounds
}

on_both_stores!(
    what_was_put_is_read_back_exactly,
    rows_that_are_gone_are_removed_for_their_scene_alone_and_extents_follow,
    a_batch_that_fails_at_its_end_leaves_nothing_behind,
    a_revision_is_never_edited_and_its_messages_fall_with_it,
    putting_everything_again_changes_nothing_and_is_no_news_to_who_put_it,
    what_is_heard_live_is_read_back_and_what_is_forgotten_is_gone,
);

fn putting_everything_again_changes_nothing_and_is_no_news_to_who_put_it(place: &Place) {
    let mut store = place.open(now());
    let other = place.open(now());
    let (own, seen) = (store.data_version().unwrap(), other.data_version().unwrap());
    assert!(
        fill(store.as_mut())
            .iter()
            .all(|changes| !changes.is_empty())
    );
    assert_eq!(store.data_version().unwrap(), own);
    let news = other.data_version().unwrap();
    assert_ne!(news, seen);
    let mut again = place.open(later());
    assert!(fill(again.as_mut()).iter().all(Changes::is_empty));
    assert_eq!(other.data_version().unwrap(), news, "nothing was changed");
}

fn what_is_heard_live_is_read_back_and_what_is_forgotten_is_gone(place: &Place) {
    let mut store = place.open(now());
    let ship = |mmsi| LiveShip {
        track: track(mmsi, &[(0, 1.0, 2.0), (60, 1.5, 2.5)], &[]),
        memory: format!("of {mmsi}"),
    };
    let lasting = Outage {
        source: "s".into(),
        start: now(),
        end: None,
        cause: OutageCause::Silent,
    };
    let feed = LiveFeed {
        source: "s".into(),
        last_message: now(),
    };
    let first = alert("al-1", 1);
    let rows = LiveRows {
        ships: &[ship(431_000_001), ship(5)],
        feeds: std::slice::from_ref(&feed),
        outages: std::slice::from_ref(&lasting),
        alerts: std::slice::from_ref(&first),
        outbox: &[message("p", &first)],
        gone: &[],
    };
    assert_eq!(store.put_live(&rows).unwrap().inserted, 8);
    assert!(store.put_live(&rows).unwrap().is_empty());
    assert_eq!(store.live_memories().unwrap(), ["of 5", "of 431000001"]);
    assert_eq!(store.live_feeds().unwrap(), [feed]);
    let outages = store.outages(later(), later()).unwrap();
    assert_eq!(outages, std::slice::from_ref(&lasting));
    assert_eq!(store.alert_revisions("al-1").unwrap(), [first]);
    let ended = Outage {
        end: Some(now()),
        ..lasting
    };
    let rows = LiveRows {
        gone: &[(Mmsi(5), 0)],
        outages: std::slice::from_ref(&ended),
        ..LiveRows::default()
    };
    let changes = store.put_live(&rows).unwrap();
    assert_eq!((changes.updated, changes.removed), (1, 2));
    assert_eq!(store.live_memories().unwrap(), ["of 431000001"]);
    assert!(store.outages(later(), later()).unwrap().is_empty());
    // The whole of time, as a run asks.
    let all = store.outages(Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(all, [ended]);
    let bounds = extent(store.as_ref(), "tracks");
    assert_eq!(bounds, Some([1.0, 2.0, 1.5, 2.5]));
}

fn what_was_put_is_read_back_exactly(place: &Place) {
    let mut store = place.open(now());
    fill(store.as_mut());
    let batch = Batch::of("s1");
    assert_eq!(store.detections("s1").unwrap(), batch.detections);
    assert_eq!(store.contacts("s1").unwrap(), batch.contacts);
    let scenes = store.scenes().unwrap();
    assert_eq!((scenes.len(), &scenes[0].scene), (2, &batch.scene));
    assert_eq!(scenes[0].search.searched_km2, Some(0.009));
    assert_eq!(store.scene_digest("s1").unwrap().as_deref(), Some("d1"));
    assert_eq!(store.scene_digest("s9").unwrap(), None);
    assert_eq!(
        store.alerts(Revisions::All).unwrap(),
        [alert("al-1", 1), alert("al-1", 2)]
    );
    assert_eq!(store.alerts(Revisions::Latest).unwrap(), [alert("al-1", 2)]);
    assert_eq!(store.alert("al-1", 1).unwrap(), Some(alert("al-1", 1)));
    assert_eq!(
        store.undelivered("p", "folder").unwrap(),
        [message("p", &alert("al-1", 2))]
    );
    assert_eq!(store.undelivered("p", "other").unwrap().len(), 2);
    assert_eq!(store.receipts().unwrap(), [receipt("al-1.r1", now())]);
    let journal = store.journal().unwrap();
    assert_eq!((journal.len(), &journal[0]), (4, &failure()));
    assert_eq!(journal[1], waiting());
    assert_eq!(journal[2].outcome, Outcome::Done);
    store
        .put_journal(&[JournalEntry {
            outcome: Outcome::Failed,
            ..waiting()
        }])
        .unwrap();
    let journal = store.journal().unwrap();
    assert_eq!((journal.len(), journal[1].outcome), (4, Outcome::Failed));
    assert_eq!(
        (store.scene("s1").unwrap(), store.scene("s9").unwrap()),
        (Some(scenes[0].clone()), None)
    );
    assert_eq!(
        store.events("log").unwrap(),
        [event(None), event(Some(7200))]
    );
    assert!(store.events("other").unwrap().is_empty());
    let counts = store.counts().unwrap();
    assert_eq!(counts.events, 2);
    assert_eq!(
        (
            counts.scenes,
            counts.detections,
            counts.contacts,
            counts.tracks
        ),
        (2, 6, 2, 2)
    );
    assert_eq!(
        (
            counts.alerts,
            counts.watch_regions,
            counts.outbox,
            counts.receipts
        ),
        (2, 2, 2, 1)
    );
}

#[test]
fn putting_everything_again_on_another_day_changes_no_byte_of_the_file() {
    let (folder, mut store) = new_store();
    fill(&mut store);
    drop(store);
    let path = folder.path().join("t.gpkg");
    let before = std::fs::read(&path).unwrap();
    let mut store = GeoPackage::open(&path, later()).unwrap();
    assert!(fill(&mut store).iter().all(Changes::is_empty));
    assert!(
        store
            .put_receipt(&receipt("al-1.r1", later()))
            .unwrap()
            .is_empty()
    );
    drop(store);
    assert!(before == std::fs::read(&path).unwrap(), "the file differs");
    let beside = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 1, "nothing stands beside the file");
}

fn rows_that_are_gone_are_removed_for_their_scene_alone_and_extents_follow(place: &Place) {
    let mut store = place.open(now());
    fill(store.as_mut());
    assert_eq!(
        extent(store.as_ref(), "detections"),
        Some([123.25, 25.25, 123.75, 25.75])
    );
    for id in ["s1", "s2"] {
        let mut batch = Batch::of(id);
        batch.detections.remove(1);
        batch.detections[0].position = Some(LonLat::new(123.5, 25.25));
        let changes = batch.put(store.as_mut()).unwrap();
        // The scene's row and two detections (one moved, one now second) differ; one detection is gone.
        assert_eq!(
            changes,
            Changes {
                inserted: 0,
                updated: 3,
                removed: 1
            }
        );
    }
    assert_eq!(
        extent(store.as_ref(), "detections"),
        Some([123.5, 25.25, 123.5, 25.25])
    );
    let none = Batch {
        detections: Vec::new(),
        contacts: Vec::new(),
        ..Batch::of("s1")
    };
    none.put(store.as_mut()).unwrap();
    assert_eq!(store.detections("s1").unwrap().len(), 0);
    assert_eq!(store.detections("s2").unwrap().len(), 2);
    assert_eq!(
        store.scenes().unwrap().len(),
        2,
        "an empty result is still recorded"
    );
    store.put_regions(&[zone("q", 130.0)]).unwrap();
    assert_eq!(
        extent(store.as_ref(), "watch-regions"),
        Some([130.0, 25.0, 131.0, 26.0])
    );
}

#[test]
fn the_r_trees_hold_every_geometry_and_pass_sqlites_own_check() {
    let (folder, mut store) = new_store();
    let path = folder.path().join("t.gpkg");
    fill(&mut store);
    let mut moved = Batch::of("s1");
    moved.detections[0].position = None;
    moved.detections[2].position = Some(LonLat::new(-170.0, -10.0));
    moved.put(&mut store).unwrap();
    for table in [
        "scenes",
        "detections",
        "contacts",
        "tracks",
        "events",
        "alerts",
        "watch_regions",
    ] {
        let check: String = ask(&path, &format!("SELECT rtreecheck('rtree_{table}_geom')"));
        assert_eq!(check, "ok", "{table}");
        let indexed: i64 = ask(&path, &format!("SELECT count(*) FROM rtree_{table}_geom"));
        let placed: i64 = ask(
            &path,
            &format!("SELECT count(*) FROM {table} WHERE geom NOT NULL"),
        );
        assert_eq!(indexed, placed, "{table}");
    }
    let sql = "SELECT count(*) FROM rtree_detections_geom WHERE minx < -169 AND maxy < -9";
    assert_eq!(ask::<i64>(&path, sql), 1);
    let without: i64 = ask(&path, "SELECT count(*) FROM detections WHERE geom ISNULL");
    assert_eq!(
        without, 2,
        "the one moved to nowhere, and the other scene's"
    );
}

fn a_batch_that_fails_at_its_end_leaves_nothing_behind(place: &Place) {
    let mut store = place.open(now());
    let mut batch = Batch::of("s1");
    batch.contacts[0].probability = f64::NAN;
    let error = batch.put(store.as_mut()).unwrap_err();
    assert!(error.to_string().starts_with("contacts c-s1: "), "{error}");
    assert_eq!(store.counts().unwrap(), Counts::default());
}

fn a_revision_is_never_edited_and_its_messages_fall_with_it(place: &Place) {
    let mut store = place.open(now());
    let first = alert("al-1", 1);
    store
        .put_alerts(std::slice::from_ref(&first), &[message("p", &first)])
        .unwrap();
    let changed = Alert {
        headline: "Other".into(),
        ..first.clone()
    };
    let new = alert("al-0", 1);
    let error = store
        .put_alerts(&[new.clone(), changed], &[message("p", &new)])
        .unwrap_err();
    assert!(matches!(
        error,
        StoreError::RevisionTaken {
            table: "alerts",
            ..
        }
    ));
    assert_eq!(store.alerts(Revisions::All).unwrap(), [first]);
    assert_eq!(store.counts().unwrap().outbox, 1);
}

#[test]
fn a_process_killed_in_mid_transaction_leaves_the_last_state_whole() {
    let (folder, mut store) = new_store();
    fill(&mut store);
    drop(store);
    let path = folder.path().join("t.gpkg");
    let connection = Connection::open(&path).unwrap();
    // A cache of a few pages makes SQLite write into the file before the commit.
    connection.pragma_update(None, "cache_size", 2).unwrap();
    let fill = "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                INSERT INTO journal (input, digest, outcome) SELECT 'x' || i, hex(zeroblob(200)), 'done' FROM n;";
    connection.execute_batch(fill).unwrap();
    let crashed = tempfile::tempdir().unwrap();
    let copy = crashed.path().join("t.gpkg");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(
        folder.path().join("t.gpkg-journal"),
        crashed.path().join("t.gpkg-journal"),
    )
    .unwrap();
    let grown = std::fs::metadata(&copy).unwrap().len();
    connection.execute_batch("ROLLBACK").unwrap();
    assert!(
        grown > std::fs::metadata(&path).unwrap().len(),
        "the kill came too early to mean anything"
    );
    let store = GeoPackage::open(&copy, later()).unwrap();
    assert_eq!(store.counts().unwrap().journal, 4);
    assert_eq!(ask::<String>(&copy, "PRAGMA integrity_check"), "ok");
    assert!(std::fs::read(&copy).unwrap() == std::fs::read(&path).unwrap());
}

#[test]
fn files_of_others_are_refused_by_name_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("a.txt");
    std::fs::write(
        &text,
        "Not a database at all, but long enough to be read as one: ".repeat(40),
    )
    .unwrap();
    assert!(matches!(
        GeoPackage::open(&text, now()),
        Err(StoreError::NotADatabase { .. })
    ));
    let other = folder.path().join("b.sqlite");
    Connection::open(&other)
        .unwrap()
        .execute_batch("PRAGMA application_id = 7; CREATE TABLE x (y);")
        .unwrap();
    let before = std::fs::read(&other).unwrap();
    let error = GeoPackage::open(&other, now()).unwrap_err().to_string();
    assert!(
        error.contains("b.sqlite") && error.contains("0x00000007"),
        "{error}"
    );
    assert_eq!(std::fs::read(&other).unwrap(), before);
    let old = folder.path().join("c.gpkg");
    drop(GeoPackage::open(&old, now()).unwrap());
    Connection::open(&old)
        .unwrap()
        .execute_batch("UPDATE tidewatch_meta SET value = '0'")
        .unwrap();
    let error = GeoPackage::open(&old, now()).unwrap_err().to_string();
    assert!(
        error.contains("c.gpkg: schema version 0; ") && error.contains("version 7"),
        "{error}"
    );
}

#[test]
fn track_lines_break_at_silences_and_at_the_date_line() {
    let reports = [
        (0, 179.9, 10.0),
        (60, -179.9, 11.0),
        (120, -179.8, 11.0),
        (9000, -179.0, 11.0),
        (9060, -178.9, 11.0),
    ];
    let blob = geometry::track(&track(1, &reports, &[2])).unwrap();
    // Header of 40 bytes, then WKB: byte order, type 5, number of lines.
    assert_eq!(blob[45..49], 3u32.to_le_bytes());
    assert_eq!(geometry::envelope(&blob), Some([-180.0, 180.0, 10.0, 11.0]));
    let first_line = &blob[49..49 + 9 + 32];
    let number = |at: usize| f64::from_le_bytes(first_line[at..at + 8].try_into().unwrap());
    assert_eq!(
        (number(9), number(10 + 7), number(25)),
        (179.9, 10.0, 180.0)
    );
    assert!(
        (number(33) - 10.5).abs() < 1e-9,
        "half way in longitude is half way in latitude"
    );
    assert_eq!(geometry::track(&track(1, &reports[..1], &[])), None);
}

/// GDAL reads all layers and its validator finds no fault.
#[test]
#[ignore = "needs gdal-bin and python3-gdal"]
fn gdal_opens_every_layer_and_its_validator_is_content() {
    let (folder, mut store) = new_store();
    fill(&mut store);
    drop(store);
    let path = folder.path().join("t.gpkg");
    let run = |program: &str, args: &[&str]| {
        let output = std::process::Command::new(program)
            .args(args)
            .arg(&path)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        text
    };
    let text = run("ogrinfo", &["-ro", "-so", "-al"]);
    assert!(
        !text.contains("ERROR") && !text.contains("Warning"),
        "{text}"
    );
    for (layer, kind, count) in [
        ("detections", "Point", 6),
        ("tracks", "Multi Line String", 2),
        ("events", "Point", 2),
        ("scenes", "Multi Polygon", 2),
    ] {
        let layers = text.split("Layer name: ");
        let section = layers
            .into_iter()
            .find(|part| part.starts_with(&format!("{layer}\n")))
            .unwrap();
        assert!(
            section.contains(&format!("\nGeometry: {kind}\nFeature Count: {count}\n")),
            "{section}"
        );
    }
    let text = run(
        "/usr/bin/python3",
        &["-m", "osgeo_utils.samples.validate_gpkg", "--extra"],
    );
    assert!(!text.to_lowercase().contains("warning"), "{text}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
