//! A small simulated sea through a whole run: again, with a lost input, and with a rule taken away.

use super::*;
use crate::lab::simulate::{FleetOptions, Mode, SceneOptions, SeaState, SimulateOptions, Source};
use crate::model::alert::MessageType;
use crate::model::contact::Verdict;
use crate::model::scene::Pass;
use crate::model::units::LonLat;
use crate::store::{GeoPackage, Outcome, Revisions, Store};
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};

const RULES: &str = "rules:\n  - {id: near, kind: uncorrelated-contact, zone_nm: 24}\n";

/// Simulates a scene of 400 × 400 pixels with two silent ships and one that transmits; gives its product.
fn sea(folder: &Path) -> PathBuf {
    let options = SimulateOptions {
        out_dir: folder.to_owned(),
        seed: 5,
        source: Source::Made(SceneOptions {
            centre: LonLat::new(123.6, 25.9),
            mode: Mode::IwGrdh,
            width_px: 400,
            height_px: 400,
            start: time("2024-05-01T21:30:00Z"),
            pass: Pass::Descending,
            incidence_deg: 38.0,
        }),
        sea: SeaState::default(),
        fleet: FleetOptions {
            correlated: 1,
            silent: 2,
            ais_only: 0,
            rafts: 0,
            fixed: 0,
            separation_m: 800.0,
            ..FleetOptions::default()
        },
        land: None,
        compress: false,
    };
    let report = crate::lab::simulate::run(&options).expect("a simulated scene");
    report.product
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn write_pipeline(folder: &Path, scenes: &[&Path], rules: &str) -> PathBuf {
    let list: String = scenes
        .iter()
        .map(|path| format!("  - {}\n", path.display()))
        .collect();
    let text = format!("name: t\nscenes:\n{list}ais: [ais.nmea]\n{rules}output: out\n");
    let path = folder.join("pipeline.yaml");
    fs::write(&path, text).expect("a file");
    path
}

fn run_at(pipeline: &Path, now: &str) -> RunSummary {
    let plan = load(pipeline, None).unwrap_or_else(|error| panic!("{error}"));
    let options = RunOptions {
        store: plan.output.join("tidewatch.gpkg").into(),
        now: time(now),
        display: Display::Hidden,
    };
    run(&plan, &options).expect("a run")
}

#[test]
fn a_second_run_repeats_nothing_and_a_rule_taken_away_withdraws_its_alerts() {
    let folder = tempfile::tempdir().expect("a folder");
    let product = sea(folder.path());
    let pipeline = write_pipeline(folder.path(), &[&product], RULES);
    let first = run_at(&pipeline, "2024-05-02T00:00:00Z");
    assert_eq!((first.searched, first.skipped), (1, 0));
    // One alert a contact that no vessel explains; how many the detector finds is its own tests' matter.
    let told = first.verdicts.get(&Verdict::Uncorrelated).copied();
    let told = told.unwrap_or(0);
    assert!(told > 0, "{first}");
    assert_eq!((first.alerts.new, first.delivered), (told, told), "{first}");

    let second = run_at(&pipeline, "2024-05-02T01:00:00Z");
    assert_eq!((second.searched, second.skipped), (0, 1));
    assert_eq!((second.alerts.new, second.alerts.unchanged), (0, told));
    assert_eq!(second.delivered, 0);
    assert_eq!(second.verdicts, first.verdicts);

    let pipeline = write_pipeline(folder.path(), &[&product], "");
    let third = run_at(&pipeline, "2024-05-02T02:00:00Z");
    assert_eq!(third.skipped, 1);
    assert_eq!((third.alerts.cancelled, third.delivered), (told, told));
    let now = time("2024-05-02T02:00:00Z");
    let store = GeoPackage::open(&folder.path().join("out/tidewatch.gpkg"), now).expect("a store");
    let latest = store.alerts(Revisions::Latest).expect("alerts");
    assert!(
        latest
            .iter()
            .all(|alert| alert.message_type == MessageType::Cancel)
    );

    let fourth = run_at(&pipeline, "2024-05-02T03:00:00Z");
    assert_eq!(fourth.alerts, AlertCounts::default());
}

#[test]
fn a_lost_scene_is_recorded_with_its_reason_and_the_other_is_searched() {
    let folder = tempfile::tempdir().expect("a folder");
    let product = sea(folder.path());
    let bad = folder.path().join("bad.tif");
    fs::write(&bad, b"").expect("a file");
    let pipeline = write_pipeline(folder.path(), &[&bad, &product], RULES);
    let summary = run_at(&pipeline, "2024-05-02T00:00:00Z");
    assert_eq!((summary.searched, summary.failed.len()), (1, 1));
    assert_eq!(summary.exit_code(), 1);
    assert!(summary.failed[0].reason.contains("bad.tif"), "{summary}");
    let now = time("2024-05-02T00:00:00Z");
    let store = GeoPackage::open(&folder.path().join("out/tidewatch.gpkg"), now).expect("a store");
    let journal = store.journal().expect("a journal");
    let lost: Vec<_> = journal
        .iter()
        .filter(|entry| entry.outcome == Outcome::Failed)
        .collect();
    assert_eq!(lost.len(), 1);
    let page = fs::read_to_string(folder.path().join("out/report.html")).expect("a page");
    assert!(page.contains("Inputs that failed") && page.contains("bad.tif"));
}

#[test]
fn two_scenes_of_one_name_do_not_overwrite_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let product = sea(folder.path());
    let elsewhere = folder.path().join("elsewhere");
    sea(&elsewhere);
    let copy = elsewhere.join(product.file_name().expect("a name"));
    let pipeline = write_pipeline(folder.path(), &[&product, &copy], RULES);
    let summary = run_at(&pipeline, "2024-05-02T00:00:00Z");
    assert_eq!((summary.searched, summary.failed.len()), (1, 1));
    assert!(
        summary.failed[0].reason.contains("is taken by"),
        "{summary}"
    );
}

#[test]
fn the_page_loads_nothing_from_outside_and_marks_simulated_evidence() {
    let folder = tempfile::tempdir().expect("a folder");
    let product = sea(folder.path());
    let pipeline = write_pipeline(folder.path(), &[&product], RULES);
    run_at(&pipeline, "2024-05-02T00:00:00Z");
    let page = fs::read_to_string(folder.path().join("out/report.html")).expect("a page");
    for outside in ["http://", "https://", "<script", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("Simulated evidence"));
    assert!(page.contains("© OpenStreetMap contributors"));
    for link in page.split("src=\"").skip(1) {
        let target = link.split('"').next().expect("a target");
        assert!(folder.path().join("out").join(target).is_file(), "{target}");
    }
}

#[test]
fn the_page_counts_the_positions_that_no_track_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let product = sea(folder.path());
    let pipeline = write_pipeline(folder.path(), &[&product], RULES);
    let ship = |second: i64, lon: f64| format!("431000001,{},25,{lon}\n", 1_714_599_000 + second);
    let steady: String = (0..9).map(|minute| ship(60 * minute, 123.0)).collect();
    // Once far away, and the first report again.
    let rows = [&steady, &ship(90, 150.0), &ship(0, 123.0)]
        .map(String::as_str)
        .concat();
    let table = format!("mmsi,timestamp,lat,lon\n{rows}");
    fs::write(folder.path().join("ais.nmea"), table).expect("a file");
    run_at(&pipeline, "2024-05-02T00:00:00Z");
    let page = fs::read_to_string(folder.path().join("out/report.html")).expect("a page");
    for count in ["1 told again", " 1 where no ship"] {
        assert!(page.contains(count), "{count}");
    }
}
