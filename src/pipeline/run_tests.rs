//! A small simulated sea through a whole run: again, with a lost input, and with a rule taken away.

use super::prepare::prepare;
use super::source::gather;
use super::survey::survey;
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
use std::sync::Arc;

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
        stop: Arc::default(),
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

/// How the inputs of the run in `folder` stand, by file name: state and why.
fn states(folder: &Path) -> Vec<(String, Outcome, String)> {
    let now = time("2024-05-03T00:00:00Z");
    let store = GeoPackage::open(&folder.join("out/tidewatch.gpkg"), now).expect("a store");
    let journal = store.journal().expect("a journal").into_iter();
    let name = |input: &str| {
        Path::new(input)
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
    };
    journal
        .map(|entry| {
            (
                name(&entry.input).expect("a name"),
                entry.outcome,
                entry.message,
            )
        })
        .collect()
}

#[test]
fn what_failed_is_not_tried_again_before_it_or_the_settings_change_and_ais_stands_in_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let product = sea(folder.path());
    let bad = folder.path().join("bad.tif");
    fs::write(&bad, b"").expect("a file");
    let pipeline = write_pipeline(folder.path(), &[&bad, &product], RULES);
    let first = run_at(&pipeline, "2024-05-02T00:00:00Z");
    assert_eq!((first.failed.len(), first.failed_before), (1, 0));
    let page = || fs::read(folder.path().join("out/report.html")).expect("a page");
    let page_of_first = page();
    let second = run_at(&pipeline, "2024-05-02T01:00:00Z");
    assert_eq!((second.failed.len(), second.failed_before), (1, 1));
    assert_eq!(second.failed, first.failed);
    assert_eq!(second.exit_code(), 1);
    assert!(
        page() == page_of_first,
        "the page of a second run is another"
    );
    let stand = states(folder.path());
    let of = |name: &str| {
        stand
            .iter()
            .find(|entry| entry.0.starts_with(name))
            .expect("an entry")
    };
    assert_eq!(of("ais.nmea").1, Outcome::Done);
    assert_eq!(of("bad.tif").1, Outcome::Failed);
    assert_eq!(of("S1A").1, Outcome::Done);
    // The file changes: it is tried again, and fails for its own reason.
    fs::write(&bad, b"not an image").expect("a file");
    let third = run_at(&pipeline, "2024-05-02T02:00:00Z");
    assert_eq!((third.failed.len(), third.failed_before), (1, 0));
    assert_ne!(third.failed, first.failed);
}

#[test]
fn a_changed_pipeline_searches_again_what_it_must_and_the_journal_says_why_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let product = sea(folder.path());
    let pipeline = write_pipeline(folder.path(), &[&product], RULES);
    run_at(&pipeline, "2024-05-02T00:00:00Z");
    let changed = format!("{RULES}detect: {{pfa: 1.0e-6}}\n");
    let pipeline = write_pipeline(folder.path(), &[&product], &changed);
    let plan = load(&pipeline, None).unwrap_or_else(|error| panic!("{error}"));
    let now = time("2024-05-02T01:00:00Z");
    let store = GeoPackage::open(&folder.path().join("out/tidewatch.gpkg"), now).expect("a store");
    let prepared = prepare(&plan, &store, now).expect("surroundings");
    let scenes = gather(&plan).scenes;
    let surveyed = survey(&plan, &scenes, (&prepared.basis, &[]), &store).expect("a survey");
    let entry = surveyed[0].entry();
    assert_eq!(entry.outcome, Outcome::Waiting);
    assert_eq!(entry.message, "changed: the settings");
    drop(store);
    let second = run_at(&pipeline, "2024-05-02T01:00:00Z");
    assert_eq!((second.searched, second.skipped), (1, 0));
    assert!(
        states(folder.path())
            .iter()
            .all(|entry| entry.1 == Outcome::Done)
    );
    // More AIS: scenes are laid against it anew.
    let log = folder.path().join("ais.nmea");
    let mut text = fs::read_to_string(&log).expect("a log");
    text.push_str("# one line more\n");
    fs::write(&log, text).expect("a log");
    let third = run_at(&pipeline, "2024-05-02T02:00:00Z");
    assert_eq!((third.searched, third.skipped), (1, 0));
    let fourth = run_at(&pipeline, "2024-05-02T03:00:00Z");
    assert_eq!((fourth.searched, fourth.skipped), (0, 1));
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
