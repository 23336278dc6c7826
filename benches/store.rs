//! Detections into each store and found again: how many a second are put, scene by scene, and how long a page of a box and
//! a week takes.
//!
//! The same seeded detections, a year of scenes over 20° by 20°, go into a file and into a private PostgreSQL on this
//! machine, both of which wait for the disk at each commit. Usage: cargo bench --bench store [-- DETECTIONS], one million
//! unless said, five at most. Ends with an error if the stores' answers differ.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops where it fails, and prints its table"
)]

#[path = "../tests/it/postgres.rs"]
mod postgres;

use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::time::Instant;
use tidewatch::model::detection::Detection;
use tidewatch::model::layer::{DETECTIONS, FeatureQuery};
use tidewatch::model::scene::{Scene, SearchRun, SearchSummary};
use tidewatch::model::units::LonLat;
use tidewatch::store::{SceneBatch, Store, StoreAddress, open};

const SCENE: usize = 2000;
const QUESTIONS: usize = 400;

fn main() {
    let wanted = std::env::args()
        .find_map(|word| word.parse::<usize>().ok())
        .unwrap_or(1_000_000);
    let scenes = wanted.clamp(SCENE, 5_000_000) / SCENE;
    let folder = tempfile::tempdir().unwrap();
    // What the tests switch off is on: the last word counts.
    let server = postgres::Postgres::start(&["-c", "fsync=on", "-c", "autovacuum=on"]);
    println!(
        "{} detections in {scenes} scenes; {QUESTIONS} pages of a box of 0.5° and a week",
        scenes * SCENE
    );
    println!("store      put a second   page p50 ms   p95 ms   p99 ms");
    let mut answers = Vec::new();
    for (name, address) in [
        ("file", StoreAddress::from(folder.path().join("t.gpkg"))),
        ("postgis", server.url(&server.new_database()).into()),
    ] {
        let mut store = open(&address, start()).unwrap();
        let took_s = fill(store.as_mut(), scenes);
        let (mut took_ms, found) = ask(store.as_ref());
        took_ms.sort_by(f64::total_cmp);
        let at = |share: f64| took_ms[(share * took_ms.len() as f64) as usize];
        println!(
            "{name:<10} {:>12.0} {:>13.1} {:>8.1} {:>8.1}",
            (scenes * SCENE) as f64 / took_s,
            at(0.5),
            at(0.95),
            at(0.99)
        );
        answers.push(found);
    }
    assert_eq!(answers[0], answers[1], "the stores answer differently");
    println!(
        "{} features matched, the same in both",
        answers[0].iter().map(|(matched, _)| matched).sum::<u64>()
    );
}

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// Puts all scenes; gives the seconds that the store took.
fn fill(store: &mut dyn Store, scenes: usize) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let run: SearchRun = serde_json::from_value(json!({
        "pipeline": "bench", "version": "0", "time": start(), "pfa": 1e-7, "ring_px": 41, "guard_px": 21, "middle": null,
        "quicklook": null
    }))
    .unwrap();
    let mut took_s = 0.0;
    for n in 0..scenes {
        let id = format!("scene-{n:05}");
        let time = start() + SignedDuration::from_secs(n as i64 * 365 * 86_400 / scenes as i64);
        let (west, south) = (
            random.random_range(115.0..133.0),
            random.random_range(15.0..33.0),
        );
        let detections: Vec<Detection> = (0..SCENE)
            .map(|k| Detection {
                position: Some(LonLat::new(
                    west + random.random_range(0.0..2.0),
                    south + random.random_range(0.0..2.0),
                )),
                time: Some(time + SignedDuration::from_millis(k as i64 * 10)),
                length_m: Some(random.random_range(10.0..300.0)),
                ..Detection::bare(&format!("{id}-{k:04}"), &id)
            })
            .collect();
        let scene: Scene = serde_json::from_value(json!({
            "id": id, "path": id, "sensor": "raster", "platform": "", "mode": "", "product_type": "", "polarisations": ["VV"],
            "start": time, "stop": null, "width": 10, "height": 10, "column_spacing_m": 10.0, "row_spacing_m": 10.0,
            "looks": 4.4, "footprint": null, "incidence_deg": null, "pass": null, "absolute_orbit": null,
            "relative_orbit": null, "processor": "", "simulated": true, "notes": []
        }))
        .unwrap();
        let batch = SceneBatch {
            input: &scene.path,
            scene: &scene,
            search: SearchSummary::default(),
            run: &run,
            digest: "d",
            detections: &detections,
            contacts: &[],
        };
        let begun = Instant::now();
        store.put_scene(&batch).unwrap();
        took_s += begun.elapsed().as_secs_f64();
    }
    took_s
}

/// Asks for pages; gives the milliseconds of each, what matched, and the first id.
fn ask(store: &dyn Store) -> (Vec<f64>, Vec<(u64, Option<String>)>) {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let mut took_ms = Vec::new();
    let mut found = Vec::new();
    for _ in 0..QUESTIONS {
        let (west, south) = (
            random.random_range(115.0..134.0),
            random.random_range(15.0..34.0),
        );
        let from = start() + SignedDuration::from_hours(random.random_range(0..358 * 24));
        let to = from + SignedDuration::from_hours(7 * 24);
        let query = FeatureQuery {
            boxes: vec![[west, south, west + 0.5, south + 0.5]],
            times: Some((Some(format!("{from:.3}")), Some(format!("{to:.3}")))),
            limit: 100,
            ..FeatureQuery::default()
        };
        let begun = Instant::now();
        let page = store.page(&DETECTIONS, &query).unwrap();
        took_ms.push(begun.elapsed().as_secs_f64() * 1e3);
        let first = page.rows.into_iter().next();
        found.push((page.matched, first.map(|row| row.id)));
    }
    (took_ms, found)
}
