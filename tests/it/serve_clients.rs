//! Programs we did not write read what `tidewatch serve` gives. `make test` installs them; a plain `cargo test` ignores these.

use crate::program::{clients_python, other, root};
use crate::served::{Server, demo_store};
use rusqlite::Connection;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const COLLECTIONS: [(&str, &str); 6] = [
    ("scenes", "scenes"),
    ("detections", "detections"),
    ("contacts", "contacts"),
    ("tracks", "tracks"),
    ("alerts", "alerts"),
    ("watch-regions", "watch_regions"),
];

fn rows(store: &Path, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let count: i64 = Connection::open(store)
        .unwrap()
        .query_row(&sql, [], |row| row.get(0))
        .unwrap();
    assert!(count > 0, "{table} is empty");
    count.unsigned_abs()
}

#[test]
#[ignore = "needs gdal-bin"]
fn gdal_counts_pages_filters_and_converts_every_collection() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = demo_store(folder.path());
    let server = Server::start(&store);
    let gdal = |program: &str, args: &[&str]| {
        let output = Command::new(program)
            .args(args)
            .env("GDAL_HTTP_HEADERS", format!("Authorization: Bearer {key}"))
            .output()
            .expect("GDAL's tools run");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && !told.contains("ERROR"),
            "{args:?}: {text}{told}"
        );
        text
    };
    let source = format!("OAPIF:{}", server.url(""));
    for (collection, table) in COLLECTIONS {
        let told = gdal("ogrinfo", &["-ro", "-so", &source, collection]);
        let expected = format!("Feature Count: {}\n", rows(&store, table));
        assert!(told.contains(&expected), "{collection}: {told}");
        // Pages of ten, every one of them.
        let file = folder.path().join(format!("{collection}.csv"));
        gdal(
            "ogr2ogr",
            &["-f", "CSV", file.to_str().unwrap(), &source, collection],
        );
        let read = csv::Reader::from_path(&file)
            .unwrap()
            .into_records()
            .count() as u64;
        assert_eq!(read, rows(&store, table), "{collection}");
    }
    let early = gdal(
        "ogrinfo",
        &[
            "-ro",
            "-so",
            &source,
            "detections",
            "-where",
            "datetime < '2024-05-02T00:00:00Z'",
        ],
    );
    let all: i64 = Connection::open(&store)
        .unwrap()
        .query_row(
            "SELECT count(*) FROM detections WHERE datetime < '2024-05-02T00:00:00.000Z'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(
        early.contains(&format!("Feature Count: {all}\n")),
        "{early}"
    );
    for file in [
        "alerts.geojson",
        "detections.geojsonl",
        "contacts.kml",
        "scenes.geojson",
        "scenes.fgb",
        "detections.fgb",
        "contacts.fgb",
        "tracks.fgb",
        "alerts.fgb",
        "watch-regions.fgb",
        "scenes.gpkg",
        "detections.gpkg",
        "contacts.gpkg",
        "tracks.gpkg",
        "alerts.gpkg",
        "watch-regions.gpkg",
    ] {
        let path = folder.path().join(file);
        let bytes = server.bytes(&format!("/download/{file}"), &key);
        std::fs::write(&path, bytes).unwrap();
        let told = gdal("ogrinfo", &["-ro", "-so", "-al", path.to_str().unwrap()]);
        let table = file.split('.').next().unwrap().replace('-', "_");
        let expected = format!("Feature Count: {}\n", rows(&store, &table));
        assert!(told.contains(&expected), "{file}: {told}");
        if file.ends_with(".fgb") || file.ends_with(".gpkg") {
            assert!(
                told.contains("\nid: String") && told.contains("WGS 84"),
                "{file}: {told}"
            );
        }
    }
}

#[test]
#[ignore = "needs the Python clients"]
fn feed_readers_owslib_an_event_source_and_a_validator_see_what_the_store_holds() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = demo_store(folder.path());
    let server = Server::start(&store);
    let script = root().join("tests/clients/read_served.py");
    let ran = other(
        clients_python(),
        [script.to_str().unwrap(), &server.url(""), &key],
    )
    .unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let seen: Value = serde_json::from_str(&ran.stdout).unwrap();
    let alerts = rows(&store, "alerts");
    for feed in ["rss", "atom"] {
        let seen = &seen[feed];
        assert_eq!(seen["bozo"], 0, "{feed}");
        assert_eq!(
            seen["ids"].as_array().unwrap().len() as u64,
            alerts,
            "{feed}"
        );
        assert_eq!(
            (&seen["links_to_xml"], &seen["placed"]),
            (&Value::Bool(true), &Value::Bool(true)),
            "{feed}"
        );
        assert_eq!(seen["again"], 304, "{feed}");
        assert!(
            seen["files"]
                .as_array()
                .unwrap()
                .iter()
                .all(|media_type| media_type == "application/cap+xml")
        );
    }
    for (collection, table) in COLLECTIONS {
        assert_eq!(
            seen["owslib"]["counts"][collection],
            rows(&store, table),
            "{collection}"
        );
    }
    assert_eq!(seen["openapi"], "valid");
    assert_eq!(
        seen["stream"], seen["rss"]["ids"],
        "the stream gives what the feed lists"
    );
}

#[test]
#[ignore = "needs schemathesis"]
fn schemathesis_finds_no_answer_that_differs_from_the_description() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = demo_store(folder.path());
    let server = Server::start(&store);
    let schemathesis = clients_python().with_file_name("schemathesis");
    let ran = other(
        schemathesis,
        [
            "run",
            &server.url("/api?f=json"),
            "--header",
            &format!("Authorization: Bearer {key}"),
            "--phases",
            "fuzzing",
            "--max-examples",
            "5",
            // It never ends: tests of its own read it.
            "--exclude-path",
            "/stream",
            "--seed",
            "1",
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
            "--no-color",
        ],
    )
    .unwrap();
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(" passed"), "{}", ran.stdout);
}

#[test]
#[ignore = "needs curl and gdal-bin"]
fn every_command_for_subscribers_in_the_documentation_works() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = demo_store(folder.path());
    let server = Server::start(&store);
    let page = std::fs::read_to_string(root().join("docs/feeds.md")).unwrap();
    let mut ran = 0;
    for command in page.lines().filter(|line| line.contains("$BASE")) {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(folder.path())
            .env("BASE", server.url(""))
            .env("KEY", &key)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && !output.stdout.is_empty(),
            "{command}: {told}"
        );
        ran += 1;
    }
    assert_eq!(ran, 11, "commands of the page");
}
