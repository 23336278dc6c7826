//! What holds of PostgreSQL alone; what holds of both stores is asked of both where it is told.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::super::samples::{Batch, Place, alert, fill, later, message, now, track, zone};
use super::super::{FeatureReader, Revisions, Store};
use super::schema::Step;
use super::server::Postgres;
use super::*;
use crate::model::alert::Alert;
use crate::model::detection::Detection;
use crate::model::layer::{FeatureQuery, LAYERS, WATCH_REGIONS};
use jiff::{SignedDuration, ToSpan};

/// A store in a new database of the shared server, and the database's name.
fn new_store() -> (PostGis, String) {
    let server = Postgres::shared();
    let database = server.new_database();
    let store = PostGis::open(&server.url(&database), now(), PATIENCE).unwrap();
    (store, database)
}

fn count(database: &str, sql: &str) -> i64 {
    let row = Postgres::shared().client(database).query_one(sql, &[]);
    row.unwrap().get(0)
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_gives_the_pages_that_the_embedded_store_gives() {
    let places = [Place::file(), Place::database()];
    let [embedded, database] = places.each_ref().map(|place| {
        let mut store = place.open(now());
        fill(store.as_mut());
        let mut moved = Batch::of("s3");
        // Between the ticks of every clock, on an edge, and in a column of a text that sorts before.
        moved.detections[0].time = Some("1969-12-31T23:59:59.999999999Z".parse().unwrap());
        moved.detections[1].row = f64::MIN_POSITIVE;
        moved.detections[1].id = "Ä-umlaut \u{0}".into();
        moved.detections[2].id = "_under".into();
        moved.scene.start = Some("1969-12-31T23:59:59.5Z".parse().unwrap());
        moved.put(store.as_mut()).unwrap();
        store
    });
    assert_eq!(
        embedded.detections("s3").unwrap(),
        database.detections("s3").unwrap()
    );
    for layer in LAYERS.into_iter().filter(|layer| layer.id != "alerts") {
        assert_eq!(embedded.span(layer).unwrap(), database.span(layer).unwrap());
        let mut query = FeatureQuery {
            limit: 2,
            ..FeatureQuery::default()
        };
        for boxes in [
            vec![],
            vec![[123.75, 25.75, 123.75, 25.75]],
            vec![[123.5, 20.0, 123.5, 30.0], [1.0, 2.0, 1.0, 2.0]],
        ] {
            query.boxes = boxes;
            query.after = None;
            loop {
                let expected = embedded.page(layer, &query).unwrap();
                let found = database.page(layer, &query).unwrap();
                // PostgreSQL's text cannot hold a NUL.
                let found = format!("{found:?}").replace('\u{FFFD}', "\\0");
                assert_eq!(format!("{expected:?}"), found, "{query:?}");
                let Some(last) = expected.rows.last().filter(|_| expected.more) else {
                    break;
                };
                let time = last.values[0].as_str().map(str::to_owned);
                query.after = Some((time, last.id.clone()));
            }
        }
    }
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_pages_end_where_their_shapes_grow_too_heavy() {
    let (mut store, _) = new_store();
    store
        .put_regions(&[zone("a", 1.0), zone("b", 2.0), zone("c", 3.0)])
        .unwrap();
    let query = FeatureQuery {
        limit: 100,
        ..FeatureQuery::default()
    };
    let square_bytes = 142;
    for (most, expected) in [(0, 1), (2 * square_bytes, 2), (3 * square_bytes, 3)] {
        let page = store.page_of(&WATCH_REGIONS, &query, most).unwrap();
        assert_eq!((page.rows.len(), page.matched), (expected, 3), "{most}");
        assert_eq!(page.more, expected < 3, "{most}");
    }
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_parts_detections_by_month_and_asks_only_the_parts_that_a_time_needs() {
    let (mut store, database) = new_store();
    let mut batch = Batch::of("s");
    let start: Timestamp = "2026-01-31T23:59:59.999Z".parse().unwrap();
    batch.detections = (0..6)
        .map(|n: i64| Detection {
            id: format!("d{n}"),
            time: (n < 5).then(|| start + SignedDuration::from_hours(n * 24 * 15)),
            ..batch.detections[0].clone()
        })
        .collect();
    batch.put(&mut store).unwrap();
    let parts =
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'tidewatch.detections'::regclass";
    // January to April, and the one without a time.
    assert_eq!(count(&database, parts), 5);
    let of_january = "SELECT count(*) FROM tidewatch.detections_2026_01";
    assert_eq!(count(&database, of_january), 1);
    // One moves to another month, and is the same row.
    batch.detections[0].time = Some(
        start
            + 40.days()
                .to_duration(jiff::SpanRelativeTo::days_are_24_hours())
                .unwrap(),
    );
    let changes = batch.put(&mut store).unwrap();
    assert_eq!((changes.updated, changes.inserted), (1, 0));
    assert_eq!(count(&database, of_january), 0);
    assert_eq!(store.detections("s").unwrap(), batch.detections);
    let sql = "EXPLAIN SELECT * FROM tidewatch.detections WHERE datetime >= '2026-02-01Z' AND datetime < '2026-03-01Z'";
    let plan = Postgres::shared()
        .client(&database)
        .query(sql, &[])
        .unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    let plan = plan.join("\n");
    assert!(plan.contains("detections_2026_02"), "{plan}");
    assert!(!plan.contains("detections_2026_03"), "{plan}");
    // A month that an operator took away is made anew when its scene comes again.
    let taken = "ALTER TABLE tidewatch.detections DETACH PARTITION tidewatch.detections_2026_02;
                 DROP TABLE tidewatch.detections_2026_02";
    Postgres::shared().execute(&database, taken);
    let lost = 6 - store.detections("s").unwrap().len() as u64;
    assert_eq!(lost, 1);
    assert_eq!(batch.put(&mut store).unwrap().inserted, lost);
    assert_eq!(store.detections("s").unwrap(), batch.detections);
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_finds_a_box_and_a_place_in_time_by_index() {
    let (mut store, database) = new_store();
    fill(&mut store);
    let mut client = Postgres::shared().client(&database);
    for (sql, index) in [
        (
            "SELECT * FROM tidewatch.contacts WHERE ST_Intersects(geom, ST_SetSRID(CAST(ST_MakeBox2D(ST_Point(1, 2), ST_Point(3, 4)) AS geometry), 4326))",
            "contacts_geom",
        ),
        (
            "SELECT * FROM tidewatch.contacts ORDER BY datetime NULLS FIRST, contact_id LIMIT 10",
            "contacts_time",
        ),
    ] {
        // So few rows would be read one by one.
        client
            .batch_execute("SET enable_seqscan = off; SET enable_sort = off")
            .unwrap();
        let plan = client.query(&format!("EXPLAIN {sql}"), &[]).unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        assert!(plan.join("\n").contains(index), "{plan:#?}");
    }
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_is_refused_by_its_version_and_brought_up_by_the_steps_to_it() {
    let (store, database) = new_store();
    let server = Postgres::shared();
    let url = server.url(&database);
    let set = |version: u32| {
        let sql = format!("UPDATE tidewatch.tidewatch_meta SET value = '{version}'");
        server.execute(&database, &sql);
    };
    for version in [6, 8] {
        set(version);
        let error = PostGis::open(&url, now(), PATIENCE).unwrap_err();
        let told = format!("schema version {version}; this program reads and writes version 7");
        assert!(error.to_string().contains(&told), "{error}");
    }
    set(5);
    let steps = [
        Step {
            to: 6,
            sql: "ALTER TABLE journal ADD COLUMN note text",
        },
        Step {
            to: 7,
            sql: "UPDATE journal SET note = 'old'",
        },
    ];
    let lay = || {
        store.ask("lay down", |session| {
            super::schema::lay_down(session, "db", &steps)
        })
    };
    lay().unwrap();
    // A second time there is nothing to do: the first step would fail.
    lay().unwrap();
    PostGis::open(&url, now(), PATIENCE).unwrap();
    let noted = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'journal' AND column_name = 'note'";
    assert_eq!(count(&database, noted), 1);
    server.execute(
        &database,
        "DROP SCHEMA tidewatch CASCADE; CREATE SCHEMA tidewatch",
    );
    let error = PostGis::open(&url, now(), PATIENCE)
        .unwrap_err()
        .to_string();
    assert!(error.contains("schema version none"), "{error}");
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_is_laid_down_once_by_processes_that_come_together_and_their_writes_all_count() {
    let server = Postgres::shared();
    let url = server.url(&server.new_database());
    let threads: Vec<_> = (0..6)
        .map(|n| {
            let url = url.clone();
            std::thread::spawn(move || {
                let mut store = PostGis::open(&url, now(), PATIENCE).unwrap();
                for k in 0..10 {
                    let new = alert(&format!("al-{n}-{k}"), 1);
                    let entry = message("p", &new);
                    store.put_alerts(&[new], &[entry]).unwrap();
                    // The same scene by all.
                    Batch::of("s").put(&mut store).unwrap();
                }
            })
        })
        .collect();
    let reader = {
        let url = url.clone();
        // Whoever follows by sequence number misses none: the order of numbers is that of commits.
        std::thread::spawn(move || {
            let store = PostGis::open(&url, now(), PATIENCE).unwrap();
            let (mut seen, mut last) = (0, 0);
            let begun = Instant::now();
            while seen < 60 && begun.elapsed() < Duration::from_secs(60) {
                let new = store.alerts_after(last).unwrap();
                seen += new.len();
                last = new.last().map_or(last, |(sequence, _)| *sequence);
            }
            seen
        })
    };
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert_eq!(reader.join().unwrap(), 60);
    let store = PostGis::open(&url, now(), PATIENCE).unwrap();
    let counts = store.counts().unwrap();
    assert_eq!((counts.alerts, counts.outbox), (60, 60));
    assert_eq!((counts.scenes, counts.detections), (1, 3));
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_that_crashes_and_comes_back_keeps_what_was_acknowledged_and_takes_the_rest() {
    let server = Postgres::start(&[]);
    let url = server.url(&server.new_database());
    let writer = std::thread::spawn({
        let url = url.clone();
        move || {
            let mut store = PostGis::open(&url, now(), PATIENCE).unwrap();
            for n in 0..400 {
                let new = alert(&format!("al-{n:03}"), 1);
                let entry = message("p", &new);
                // Each is acknowledged in spite of what happens meanwhile.
                store.put_alerts(&[new], &[entry]).unwrap();
            }
        }
    });
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(400));
        server.crash();
        std::thread::sleep(Duration::from_millis(300));
        server.start_again();
    }
    writer.join().unwrap();
    let mut store = PostGis::open(&url, now(), PATIENCE).unwrap();
    let ids: Vec<String> = store
        .alerts(Revisions::All)
        .unwrap()
        .into_iter()
        .map(|alert| alert.id)
        .collect();
    let expected: Vec<String> = (0..400).map(|n| format!("al-{n:03}")).collect();
    assert_eq!(ids, expected);
    assert_eq!(store.counts().unwrap().outbox, 400);
    // A server that stays away is told after the bound.
    server.crash();
    store.patience = Duration::from_millis(400);
    let new = alert("late", 1);
    let error = store
        .put_alerts(std::slice::from_ref(&new), &[])
        .unwrap_err();
    assert!(matches!(error, StoreError::Away { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("cannot store alerts; the server stayed away"),
        "{error}"
    );
    server.start_again();
    store.patience = PATIENCE;
    store.put_alerts(&[new], &[]).unwrap();
    assert_eq!(store.counts().unwrap().alerts, 401);
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_keeps_a_large_batch_whole_and_in_order() {
    let (mut store, _) = new_store();
    let mut batch = Batch::of("s");
    batch.detections = (0..5000)
        .map(|n: u32| Detection {
            id: format!("d{}", 9999 - n),
            row: f64::from(n) / 3.0,
            ..batch.detections[0].clone()
        })
        .collect();
    let changes = batch.put(&mut store).unwrap();
    // The scene, its detections, its contact, and the journal.
    assert_eq!(changes.inserted, 1 + 5000 + 1 + 1);
    assert_eq!(store.detections("s").unwrap(), batch.detections);
    assert!(batch.put(&mut store).unwrap().is_empty());
    let tracks: Vec<_> = (1..3000)
        .map(|mmsi| {
            track(
                mmsi,
                &[(0, 1.0, 2.0), (60, 1.1, f64::from(mmsi) / 100.0)],
                &[],
            )
        })
        .collect();
    assert_eq!(store.put_tracks("log", &tracks).unwrap().inserted, 2999);
    assert_eq!(store.put_tracks("log", &tracks[1..]).unwrap().removed, 1);
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_refuses_without_naming_the_password() {
    let server = Postgres::shared();
    let url = server
        .url("nowhere")
        .replace("tidewatch@", "tidewatch:hunter2@");
    let error = PostGis::open(&url, now(), PATIENCE).unwrap_err();
    let mut told = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        told.push_str(&format!(" {next} {next:?}"));
        cause = next.source();
    }
    assert!(told.contains("tidewatch:***@127.0.0.1"), "{told}");
    assert!(
        told.contains("\"nowhere\\\" does not exist")
            || told.contains("\"nowhere\" does not exist"),
        "{told}"
    );
    assert!(!told.contains("hunter2"), "{told}");
    let store = PostGis::open(
        &server
            .url(&server.new_database())
            .replace("tidewatch@", "tidewatch:hunter2@"),
        later(),
        PATIENCE,
    );
    assert!(!format!("{:?}", store.unwrap()).contains("hunter2"));
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_refuses_a_repeat_with_other_content_in_one_batch() {
    let (mut store, _) = new_store();
    let first = alert("al-1", 1);
    let other = Alert {
        headline: "Other".into(),
        ..first.clone()
    };
    store
        .put_alerts(&[first.clone(), first.clone()], &[])
        .unwrap();
    let error = store
        .put_alerts(&[alert("al-2", 1), first, other], &[])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "alerts al-1 revision 1: stored already with other content; a revision is never edited, expected a new revision"
    );
    assert_eq!(store.counts().unwrap().alerts, 1);
}

#[tokio::test]
#[ignore = "needs postgresql and postgis"]
async fn postgis_may_be_let_go_of_on_a_thread_of_the_network() {
    let opened = tokio::task::spawn_blocking(new_store).await;
    drop(opened.unwrap());
}
