//! `tidewatch store`: archives in both formats and both kinds of store, and ageing out.

use crate::batch::make;
use crate::postgres::Postgres;
use crate::program::{Ran, other, tidewatch};
use crate::push_desk::{Desk, alerts};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every row of every table of a store but its version, by table, places among them.
fn rows(store: &Path) -> BTreeMap<String, Vec<Vec<Value>>> {
    let connection = Connection::open(store).unwrap();
    let mut names = connection
        .prepare("SELECT table_name FROM gpkg_contents WHERE table_name <> 'tidewatch_meta'")
        .unwrap();
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let read = |table: String| {
        let sql = format!("SELECT * FROM \"{table}\" ORDER BY fid");
        let mut statement = connection.prepare(&sql).unwrap();
        let width = statement.column_count();
        let rows = statement.query_map([], |row| (0..width).map(|n| row.get(n)).collect());
        let rows = rows.unwrap().map(Result::unwrap).collect();
        (table, rows)
    };
    names.into_iter().map(read).collect()
}

fn count(store: &Path, table: &str) -> usize {
    rows(store)[table].len()
}

fn ok(args: &[&str]) -> Ran {
    let ran = tidewatch(args);
    assert_eq!(ran.code, 0, "{args:?}\n{}", ran.stderr);
    ran
}

/// A store with something in every table but those of live listening: a run's, with a partner, its key and channels.
fn filled(folder: &Path) -> PathBuf {
    let pipeline = make(folder, 2);
    let store = folder.join("out/tidewatch.gpkg");
    let at = store.to_str().unwrap();
    let pipeline = pipeline.to_str().unwrap();
    std::fs::create_dir(folder.join("out")).unwrap();
    let text = std::fs::read_to_string(pipeline).unwrap();
    let more = "deliver:\n  - {folder: cap, audience: {id: watch, tlp: \"TLP:AMBER\"}}\n";
    std::fs::write(pipeline, text + more).unwrap();
    ok(&[
        "partner", "add", "jcg", "--name", "Guard", "--tlp", "AMBER", "--store", at,
    ]);
    let hook = ["webhook", "jcg", "hook", "https://example.org/"];
    ok(&[&["partner", "channel", "add"], &hook[..], &["--store", at]].concat());
    ok(&["partner", "key", "add", "jcg", "--store", at]);
    ok(&["run", pipeline]);
    store
}

#[test]
fn everything_in_a_store_is_the_same_after_an_archive_of_either_format() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let mut expected = rows(&store);
    for table in [
        "scenes",
        "detections",
        "contacts",
        "tracks",
        "alerts",
        "outbox",
        "receipts",
        "channels",
        "partner_keys",
    ] {
        assert!(!expected[table].is_empty(), "{table}");
    }
    let at = store.to_str().unwrap();
    for with_secrets in [true, false] {
        for format in ["geopackage", "geoparquet"] {
            let archive = folder.path().join(format!("{format}-{with_secrets}"));
            let archive = archive.to_str().unwrap();
            let mut args = vec![
                "store", "export", "--store", at, archive, "--format", format,
            ];
            args.extend(with_secrets.then_some("--with-secrets"));
            let ran = ok(&args);
            let line = format!("alerts\t{}\n", expected["alerts"].len());
            assert!(ran.stdout.contains(&line), "{}", ran.stdout);
            let again = tidewatch(&args);
            assert_eq!(again.code, 2, "an archive is not overwritten");
            let copy = PathBuf::from(format!("{archive}.gpkg"));
            let ran = ok(&[
                "store",
                "import",
                archive,
                "--store",
                copy.to_str().unwrap(),
            ]);
            assert!(ran.stderr.contains(" rows stored in "), "{}", ran.stderr);
            let found = rows(&copy);
            for (table, rows) in &expected {
                assert_eq!(found[table].len(), rows.len(), "{format} {table}");
                for (found, row) in found[table].iter().zip(rows) {
                    assert_eq!(found, row, "{format} {table}");
                }
            }
            let full = tidewatch([
                "store",
                "import",
                archive,
                "--store",
                copy.to_str().unwrap(),
            ]);
            assert_eq!(full.code, 2);
            assert!(
                full.stderr.contains("expected an empty store to fill"),
                "{}",
                full.stderr
            );
        }
        // Without --with-secrets these stay behind.
        expected.get_mut("channels").unwrap().clear();
        expected.get_mut("partner_keys").unwrap().clear();
    }
    let empty = folder.path().join("empty.gpkg");
    let ran = tidewatch([
        "store",
        "import",
        folder.path().to_str().unwrap(),
        "--store",
        empty.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("holds no archive"), "{}", ran.stderr);
}

#[test]
fn an_archive_that_was_cut_or_is_of_other_columns_fills_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let archive = folder.path().join("archive");
    let args = [
        "store",
        "export",
        "--store",
        store.to_str().unwrap(),
        archive.to_str().unwrap(),
    ];
    ok(&[&args[..], &["--format", "geoparquet"]].concat());
    let (alerts, contacts) = (
        archive.join("alerts.parquet"),
        archive.join("contacts.parquet"),
    );
    let sound = std::fs::read(&alerts).unwrap();
    let target = folder.path().join("target.gpkg");
    let import = || {
        tidewatch([
            "store",
            "import",
            archive.to_str().unwrap(),
            "--store",
            target.to_str().unwrap(),
        ])
    };
    for (spoilt, told) in [
        (sound[..sound.len() / 2].to_vec(), "alerts.parquet"),
        (
            std::fs::read(&contacts).unwrap(),
            "has the columns fid, geometry, contact_id",
        ),
    ] {
        std::fs::write(&alerts, spoilt).unwrap();
        let ran = import();
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        assert!(rows(&target).values().all(Vec::is_empty));
    }
    std::fs::write(&alerts, sound).unwrap();
    assert_eq!(import().code, 0);
}

#[test]
fn gdal_reads_the_points_of_an_archive() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let archive = folder.path().join("archive");
    ok(&[
        "store",
        "export",
        "--store",
        store.to_str().unwrap(),
        archive.to_str().unwrap(),
    ]);
    let file = archive.join("tidewatch.gpkg");
    let ran = other(
        "ogrinfo",
        ["-ro", "-so", file.to_str().unwrap(), "detections"],
    )
    .unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let line = format!("Feature Count: {}", count(&store, "detections"));
    assert!(ran.stdout.contains(&line), "{}", ran.stdout);
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn a_store_is_the_same_after_the_way_through_a_database_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let server = Postgres::shared();
    for format in ["geopackage", "geoparquet"] {
        let database = server.url(&server.new_database());
        let [there, back] =
            ["there", "back"].map(|way| folder.path().join(format!("{format}-{way}")));
        let (there, back) = (there.to_str().unwrap(), back.to_str().unwrap());
        let with = ["--with-secrets", "--format", format];
        let export = |store: &str, to: &str| {
            ok(&[&["store", "export", "--store", store, to], &with[..]].concat());
        };
        export(store.to_str().unwrap(), there);
        ok(&["store", "import", there, "--store", &database]);
        let refused = tidewatch(["store", "import", there, "--store", &database]);
        assert_eq!(refused.code, 2);
        export(&database, back);
        let copy = folder.path().join(format!("{format}.gpkg"));
        ok(&["store", "import", back, "--store", copy.to_str().unwrap()]);
        let (found, expected) = (rows(&copy), rows(&store));
        for (table, rows) in &expected {
            assert_eq!(&found[table], rows, "{format} {table}");
        }
        // What is stored next stands behind it.
        let mut opened = crate::stores::opened(database.as_str());
        let last = opened.alerts_after(0).unwrap().last().unwrap().0;
        opened.put_alerts(&alerts(0..1), &[]).unwrap();
        let next = opened.alerts_after(last).unwrap();
        assert_eq!(next.len(), 1);
        assert_eq!(next[0].0, last + 1);
    }
    let refused = tidewatch([
        "store",
        "backup",
        "--store",
        &server.url("postgres"),
        "x.gpkg",
    ]);
    assert!(
        refused.stderr.contains("expected pg_dump"),
        "{}",
        refused.stderr
    );
}

/// The table of `store prune`: table, gone, kept.
fn pruned(ran: &Ran) -> Vec<(String, usize, usize)> {
    let cells = ran.stdout.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        (
            cells[0].to_owned(),
            cells[1].parse().unwrap(),
            cells[2].parse().unwrap(),
        )
    });
    cells.collect()
}

/// Prunes a store of a run; what alerts name must stay.
fn prune_all_but_what_alerts_stand_on(at: &str) {
    let store = crate::stores::opened(at);
    let before = store.counts().unwrap();
    let alerts = store.alerts(tidewatch::store::Revisions::All).unwrap();
    let named = |of: fn(&tidewatch::model::alert::Alert) -> Option<&String>| {
        let ids: std::collections::BTreeSet<_> = alerts.iter().filter_map(of).collect();
        ids.len() as u64
    };
    let detections = named(|alert| alert.evidence.detection_id.as_ref());
    let contacts = named(|alert| alert.evidence.contact_id.as_ref());
    assert!(detections > 0 && detections < before.detections);
    assert!(contacts > 0 && contacts < before.contacts);
    // Nothing is as old as this.
    let ran = ok(&["store", "prune", "--store", at, "--older-than", "40000d"]);
    assert!(
        pruned(&ran).iter().all(|(_, gone, _)| *gone == 0),
        "{}",
        ran.stdout
    );
    assert_eq!(store.counts().unwrap(), before);
    let args = ["store", "prune", "--store", at, "--older-than", "1d"];
    let dry = ok(&[&args[..], &["--dry-run"]].concat());
    assert_eq!(store.counts().unwrap(), before);
    let ran = ok(&[&args[..], &["--vacuum"]].concat());
    assert_eq!(pruned(&dry), pruned(&ran));
    let after = store.counts().unwrap();
    assert_eq!((after.detections, after.contacts), (detections, contacts));
    assert_eq!(
        (after.alerts, after.outbox, after.scenes),
        (before.alerts, before.outbox, before.scenes)
    );
    assert_eq!(after.receipts, before.receipts);
    let kept: BTreeMap<String, usize> = pruned(&ran)
        .into_iter()
        .map(|(table, _, kept)| (table, kept))
        .collect();
    assert_eq!(kept["detections"] as u64, detections);
    assert_eq!(kept["contacts"] as u64, contacts);
    assert_eq!(kept["tracks"] as u64, after.tracks);
    // Alerts in force stay, too, when they are named: they are of now.
    let ran = ok(&[
        "store",
        "prune",
        "--store",
        at,
        "--older-than",
        "1h",
        "--layer",
        "alerts",
    ]);
    assert_eq!(pruned(&ran), [("alerts".to_owned(), 0, 0)]);
}

#[test]
fn what_is_old_goes_and_what_an_alert_stands_on_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    prune_all_but_what_alerts_stand_on(store.to_str().unwrap());
    // The next run finds its scenes done and withdraws nothing.
    let before = count(&store, "alerts");
    ok(&["run", folder.path().join("batch.yaml").to_str().unwrap()]);
    assert_eq!(count(&store, "alerts"), before);
    let ran = other(
        "sqlite3",
        [store.to_str().unwrap(), "PRAGMA integrity_check"],
    );
    assert!(ran.is_none_or(|ran| ran.stdout.trim() == "ok"));
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn a_database_ages_out_the_same_and_drops_months_of_which_nothing_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let server = Postgres::shared();
    let name = server.new_database();
    let database = server.url(&name);
    let archive = folder.path().join("archive");
    let archive = archive.to_str().unwrap();
    ok(&[
        "store",
        "export",
        "--store",
        store.to_str().unwrap(),
        archive,
    ]);
    ok(&["store", "import", archive, "--store", &database]);
    let months = || -> i64 {
        let sql = "SELECT count(*) FROM pg_class WHERE relname LIKE 'detections\\_2___\\___'";
        server.client(&name).query_one(sql, &[]).unwrap().get(0)
    };
    // A month of which no alert knows.
    server.execute(
        &name,
        "CREATE TABLE tidewatch.detections_2023_01 PARTITION OF tidewatch.detections
         FOR VALUES FROM ('2023-01-01 00:00:00+00') TO ('2023-02-01 00:00:00+00');
         INSERT INTO tidewatch.detections (geom, detection_id, scene_id, sequence, datetime)
         VALUES (NULL, 'old-1', 's', 1, '2023-01-05 00:00:00+00'), (NULL, 'old-2', 's', 2, '2023-01-06 00:00:00+00')",
    );
    let before = months();
    let ran = ok(&[
        "store",
        "prune",
        "--store",
        &database,
        "--older-than",
        "40000h",
        "--layer",
        "detections",
        "--dry-run",
    ]);
    assert_eq!(pruned(&ran)[0].1, 0, "{}", ran.stdout);
    prune_all_but_what_alerts_stand_on(&database);
    assert_eq!(months(), before - 1);
}

#[test]
fn alerts_go_with_their_messages_once_they_expired_and_nothing_waits() {
    let mut desk = Desk::new();
    let port = crate::brokers::free_port();
    desk.webhook("hook", &format!("http://127.0.0.1:{port}/"), &[]);
    let old = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * 30);
    let mut raised = alerts(0..3);
    for alert in &mut raised[..2] {
        (alert.sent, alert.observed, alert.expires) = (old, old, old);
    }
    desk.raise(&raised);
    let prune = |desk: &Desk| {
        let ran = desk.ok(&["store", "prune", "--older-than", "7d", "--layer", "alerts"]);
        pruned(&ran)
    };
    // They wait for their partner.
    assert_eq!(prune(&desk), [("alerts".to_owned(), 0, 2)]);
    let receiver = crate::receiver::Receiver::start_at(port, crate::push::ok);
    assert_eq!(desk.deliver().code, 0);
    assert_eq!(receiver.distinct_ids().len(), 3);
    assert_eq!(prune(&desk), [("alerts".to_owned(), 2, 0)]);
    let left = ["alerts", "outbox", "dispatches", "receipts", "audit"]
        .map(|table| count(&desk.path(), table));
    assert_eq!(left, [1, 1, 1, 3, 3]);
}
