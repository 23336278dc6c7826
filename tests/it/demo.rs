//! The demo from outside: sample scenes and AIS to alerts, and the same again without a change.

use crate::program::{root, tidewatch};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The demo's output folder, run once for all tests that only look at it.
pub fn demo_output() -> &'static Path {
    static OUTPUT: OnceLock<PathBuf> = OnceLock::new();
    OUTPUT.get_or_init(|| {
        let folder = root().join("target/demo-under-test");
        let _ = fs::remove_dir_all(&folder);
        let ran = run_demo(&folder);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        folder
    })
}

fn run_demo(output: &Path) -> crate::program::Ran {
    tidewatch([
        "run",
        "pipelines/demo.yaml",
        "--out",
        output.to_str().unwrap(),
    ])
}

/// Every file under `folder` with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_demo_leaves_every_file_that_a_person_is_told_to_open() {
    let output = demo_output();
    for name in [
        "tidewatch.gpkg",
        "report.html",
        "detections.csv",
        "detections.geojson",
        "contacts.geojson",
        "alerts.geojson",
    ] {
        assert!(output.join(name).is_file(), "{name}");
    }
    for (folder, extension) in [("cap", "xml"), ("quicklook", "png"), ("chips", "png")] {
        let count = fs::read_dir(output.join(folder))
            .unwrap()
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .path()
                    .extension()
                    .is_some_and(|e| e == extension)
            })
            .count();
        assert!(count > 0, "{folder}/*.{extension}");
    }
}

#[test]
fn every_cap_file_tells_the_alert_in_the_languages_of_the_pipeline_file() {
    let tags = [
        "en", "fil", "ja", "ko", "ms", "ru", "vi", "zh-Hans", "zh-Hant",
    ];
    let wanted: Vec<String> = tags
        .iter()
        .map(|tag| format!("<language>{tag}</language>"))
        .collect();
    let mut files = 0;
    for entry in fs::read_dir(demo_output().join("cap")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let told: Vec<&str> = text
            .match_indices("<language>")
            .map(|(at, _)| &text[at..at + text[at..].find("</language>").unwrap() + 11])
            .collect();
        assert_eq!(told, wanted);
        files += 1;
    }
    assert!(files > 0);
}

#[test]
fn every_alert_on_a_contact_has_its_chip() {
    let output = demo_output();
    let alerts: serde_json::Value =
        serde_json::from_slice(&fs::read(output.join("alerts.geojson")).unwrap()).unwrap();
    let on_contacts: Vec<&str> = alerts["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feature| &feature["properties"])
        .filter(|properties| properties["contact_id"].is_string())
        .map(|properties| properties["alert_id"].as_str().unwrap())
        .collect();
    assert!(on_contacts.len() >= 7, "{on_contacts:?}");
    for id in on_contacts {
        assert!(output.join(format!("chips/{id}.png")).is_file(), "{id}");
    }
}

#[test]
fn the_demo_finds_nine_ships_in_ten_and_gives_each_verdict_once_at_least() {
    let output = demo_output();
    let contacts: serde_json::Value =
        serde_json::from_slice(&fs::read(output.join("contacts.geojson")).unwrap()).unwrap();
    let mut verdicts = BTreeMap::<String, u32>::new();
    for feature in contacts["features"].as_array().unwrap() {
        let verdict = feature["properties"]["verdict"].as_str().unwrap();
        *verdicts.entry(verdict.to_owned()).or_default() += 1;
    }
    for verdict in [
        "correlated",
        "ambiguous",
        "uncorrelated",
        "ais_only",
        "fixed",
        "not_assessable",
    ] {
        assert!(
            verdicts.contains_key(verdict),
            "{verdict} is missing: {verdicts:?}"
        );
    }
    let scored = tidewatch([
        "score",
        "--truth",
        "sample-data",
        "--run",
        output.to_str().unwrap(),
        "--format",
        "json",
    ]);
    assert_eq!(scored.code, 0, "{}", scored.stderr);
    let score: serde_json::Value = serde_json::from_str(&scored.stdout).unwrap();
    let f1 = score["detection"]["f1"].as_f64().unwrap();
    assert!(f1 >= 0.9, "F1 {f1}");
}

#[test]
fn running_the_same_input_twice_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let first = run_demo(folder.path());
    assert_eq!(first.code, 0, "{}", first.stderr);
    let before = files(folder.path());
    let second = run_demo(folder.path());
    assert_eq!(second.code, 0, "{}", second.stderr);
    let after = files(folder.path());
    let names = |map: &BTreeMap<PathBuf, Vec<u8>>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    for (path, bytes) in &before {
        assert!(after[path] == *bytes, "{} changed", path.display());
    }
}

#[test]
fn no_output_says_whose_an_island_is_and_simulated_evidence_is_never_actual() {
    let output = demo_output();
    for (path, bytes) in files(output) {
        let is_text = path
            .extension()
            .is_some_and(|e| ["xml", "html", "geojson", "csv"].iter().any(|t| e == *t));
        if !is_text {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap().to_lowercase();
        for word in [
            "territory",
            "territorial",
            "sovereign",
            "belongs to",
            "occupied",
            "administered",
            "claimant",
            "illegal",
            "suspicious",
            "intruder",
            "<status>actual",
        ] {
            assert!(!text.contains(word), "{}: `{word}`", path.display());
        }
    }
}

#[test]
fn the_demo_pipeline_is_checked_and_the_schema_in_the_tree_is_the_programs() {
    let checked = tidewatch(["check", "pipelines/demo.yaml"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let schema = tidewatch(["schema"]);
    let committed = fs::read_to_string(root().join("pipelines/pipeline.schema.json")).unwrap();
    assert!(
        schema.stdout == committed,
        "pipelines/pipeline.schema.json is old: make schema"
    );
}

#[test]
fn simulate_gives_the_same_bytes_for_the_same_seed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        let ran = tidewatch([
            "simulate",
            "--out",
            folder.path().join(name).to_str().unwrap(),
            "--seed",
            "7",
            "--lon",
            "123.5",
            "--lat",
            "25.8",
            "--width",
            "400",
            "--height",
            "300",
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let relative = |name: &str| -> BTreeMap<PathBuf, Vec<u8>> {
        let base = folder.path().join(name);
        files(&base)
            .into_iter()
            .map(|(path, bytes)| (path.strip_prefix(&base).unwrap().to_path_buf(), bytes))
            .collect()
    };
    assert!(relative("a") == relative("b"));
}

#[test]
fn completions_are_written_for_a_shell() {
    let ran = tidewatch(["completions", "bash"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("tidewatch"));
}
