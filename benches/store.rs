//! Detections and tracks into each store and found again: how many a second are put, what they weigh on the disk, and how
//! long a page of a box and a week takes.
//!
//! The same seeded rows, a year over 20° by 20°, go into a file and into a private PostgreSQL on this machine, one after the
//! other, both of which wait for the disk at each commit; each store is removed before the next is made. Detections come
//! scene by scene, tracks a day's log at a time. Usage: cargo bench --bench store [-- DETECTIONS [POSITIONS]], one million
//! and five million unless said. Ends with an error if the stores' answers differ.

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
use tidewatch::model::id::content_id;
use tidewatch::model::layer::{DETECTIONS, FeatureQuery, Layer, TRACKS};
use tidewatch::model::scene::{Polarisation, SarGeometry, Scene, SearchRun, SearchSummary};
use tidewatch::model::track::{AisClass, Gap, Position, Track, Vessel};
use tidewatch::model::units::{LonLat, Mmsi};
use tidewatch::store::{SceneBatch, Store, StoreAddress, open};

const SCENE: usize = 2000;
/// Tracks of one day's log.
const LOG: usize = 200;
const QUESTIONS: usize = 400;
const YEAR_S: i64 = 365 * 86_400;

/// What matched, and the first id on the page.
type Answers = Vec<(u64, Option<String>)>;

fn main() {
    let words: Vec<usize> = std::env::args()
        .filter_map(|word| word.replace('_', "").parse().ok())
        .collect();
    let detections = words.first().copied().unwrap_or(1_000_000);
    let positions = words.get(1).copied().unwrap_or(5_000_000);
    println!(
        "{detections} detections in scenes of {SCENE}, {positions} positions in tracks of 500 to 1,000 and logs of {LOG}; \
         {QUESTIONS} pages each of a box of 0.5° and a week"
    );
    println!("store     rows         put a second    size MB   page p50 ms   p95 ms   p99 ms");
    let mut answers: Option<Vec<Answers>> = None;
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.gpkg");
        let size = || std::fs::metadata(&path).map_or(0, |file| file.len());
        let address = StoreAddress::from(path.clone());
        measure(
            "file",
            &address,
            (detections, positions),
            &size,
            &mut answers,
        );
    }
    {
        // What the tests switch off is on: the last word counts. A server for this work has more memory than its default.
        let server = postgres::Postgres::start(&[
            "-c",
            "fsync=on",
            "-c",
            "autovacuum=on",
            "-c",
            "shared_buffers=1GB",
            "-c",
            "max_wal_size=4GB",
        ]);
        let database = server.new_database();
        let size = || {
            let sql = "SELECT pg_database_size(current_database())";
            let row = server.client(&database).query_one(sql, &[]).unwrap();
            row.get::<_, i64>(0).unsigned_abs()
        };
        let address = server.url(&database).into();
        measure(
            "postgis",
            &address,
            (detections, positions),
            &size,
            &mut answers,
        );
    }
}

/// Fills a store, asks it, prints its lines, and holds its answers against those of the store before.
fn measure(
    name: &str,
    address: &StoreAddress,
    (detections, positions): (usize, usize),
    size: &dyn Fn() -> u64,
    before: &mut Option<Vec<Answers>>,
) {
    let mut store = open(address, start()).unwrap();
    let empty = size();
    let (put, took_s) = put_detections(store.as_mut(), detections);
    let with_detections = size();
    let line = |what: &str, rate: f64, bytes: u64, took_ms: &[f64]| {
        let at = |share: f64| took_ms[(share * took_ms.len() as f64) as usize];
        println!(
            "{name:<9} {what:<12} {rate:>12.0} {:>10.0} {:>13.1} {:>8.1} {:>8.1}",
            bytes as f64 / 1e6,
            at(0.5),
            at(0.95),
            at(0.99)
        );
    };
    let (put_positions, took_positions_s) = put_tracks(store.as_mut(), positions);
    let whole = size();
    let (took_ms, found) = ask(store.as_ref(), &DETECTIONS);
    line(
        "detections",
        put as f64 / took_s,
        with_detections - empty,
        &took_ms,
    );
    let (took_ms, found_tracks) = ask(store.as_ref(), &TRACKS);
    line(
        "positions",
        put_positions as f64 / took_positions_s,
        whole - with_detections,
        &took_ms,
    );
    let found = vec![found, found_tracks];
    let matched = found
        .iter()
        .flatten()
        .map(|(matched, _)| matched)
        .sum::<u64>();
    println!("{name:<9} {put} detections, {put_positions} positions, {matched} features matched");
    if let Some(before) = before {
        assert!(*before == found, "the stores answer differently");
        println!("The same in both.");
    }
    *before = Some(found);
}

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// Puts all scenes; gives the detections put and the seconds that the store took.
fn put_detections(store: &mut dyn Store, wanted: usize) -> (usize, f64) {
    let scenes = wanted / SCENE;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let run: SearchRun = serde_json::from_value(json!({
        "pipeline": "bench", "version": "0", "time": start(), "pfa": 1e-7, "ring_px": 41, "guard_px": 21, "middle": null,
        "quicklook": null
    }))
    .unwrap();
    let mut took_s = 0.0;
    for n in 0..scenes {
        let id = format!("S1A_IW_GRDH_1SDV_20260101T000000_20260101T000025_{n:06}_0AF360_BD7D");
        let time = start() + SignedDuration::from_secs(n as i64 * YEAR_S / scenes as i64);
        let (west, south) = (
            random.random_range(115.0..133.0),
            random.random_range(15.0..33.0),
        );
        let detections: Vec<Detection> = (0..SCENE)
            .map(|k| detection(&mut random, (k, &id), time, (west, south)))
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
    (scenes * SCENE, took_s)
}

/// A detection of which all is told that a search of a scene of two polarisations tells.
fn detection(
    random: &mut ChaCha8Rng,
    (k, scene_id): (usize, &str),
    time: Timestamp,
    (west, south): (f64, f64),
) -> Detection {
    let mut some = |range: std::ops::Range<f64>| random.random_range(range);
    let (row, col) = (some(0.0..16_000.0), some(0.0..25_000.0));
    Detection {
        row,
        col,
        position: Some(LonLat::new(west + some(0.0..2.0), south + some(0.0..2.0))),
        position_sigma_m: Some(some(5.0..20.0)),
        time: Some(time + SignedDuration::from_millis(k as i64 * 10)),
        length_m: Some(some(10.0..300.0)),
        length_sigma_m: Some(some(2.0..9.0)),
        width_m: Some(some(5.0..40.0)),
        width_sigma_m: Some(some(2.0..9.0)),
        heading_deg: Some(some(0.0..180.0)),
        heading_sigma_deg: Some(some(0.5..9.0)),
        score: some(0.5..1.0),
        snr_db: some(8.0..30.0),
        mean_contrast_db: some(6.0..20.0),
        sigma0_db: vec![
            (Polarisation::Vh, some(-20.0..5.0)),
            (Polarisation::Vv, some(-20.0..5.0)),
        ],
        polarisations: vec![Polarisation::Vh, Polarisation::Vv],
        shore_distance_m: Some(some(1e3..1e5)),
        sar: Some(SarGeometry {
            slant_range_m: some(8e5..9.5e5),
            platform_speed_mps: some(7590.0..7600.0),
            incidence_deg: some(29.0..46.0),
            track_heading_deg: some(190.0..191.0),
            looks_right: true,
        }),
        ..Detection::bare(
            &content_id(
                "det",
                &[scene_id, &format!("{row:.1}"), &format!("{col:.1}")],
            ),
            scene_id,
        )
    }
}

/// Puts logs of tracks; gives the positions put and the seconds that the store took.
fn put_tracks(store: &mut dyn Store, wanted: usize) -> (usize, f64) {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    // A track holds 750 reports on average.
    let logs = (wanted / (LOG * 750)).max(1);
    let (mut put, mut took_s) = (0, 0.0);
    for n in 0.. {
        let day = start() + SignedDuration::from_secs(n * YEAR_S / logs as i64);
        let tracks: Vec<Track> = (0..LOG)
            .map(|ship| voyage(&mut random, ship as u32, day))
            .collect();
        let begun = Instant::now();
        store.put_tracks(&format!("log-{n:04}"), &tracks).unwrap();
        took_s += begun.elapsed().as_secs_f64();
        put += tracks.iter().map(|t| t.positions.len()).sum::<usize>();
        if put >= wanted {
            break;
        }
    }
    (put, took_s)
}

/// A ship under way: a report every half minute to two minutes, a course that bends, now and then a silence.
fn voyage(random: &mut ChaCha8Rng, ship: u32, day: Timestamp) -> Track {
    let mmsi = Mmsi(412_000_000 + ship);
    let mut time = day + SignedDuration::from_secs(random.random_range(0..6 * 3600));
    let mut place = LonLat::new(
        random.random_range(116.0..134.0),
        random.random_range(16.0..34.0),
    );
    let mut course_deg = random.random_range(0.0..360.0_f64);
    let speed_kn = random.random_range(3.0..18.0_f64);
    let (mut positions, mut gaps) = (Vec::new(), Vec::new());
    for _ in 0..random.random_range(500..1001) {
        positions.push(Position {
            mmsi,
            time,
            position: place,
            sog_kn: Some((speed_kn * 10.0).round() / 10.0),
            cog_deg: Some((course_deg * 10.0).round() / 10.0),
            heading_deg: Some(course_deg.floor()),
            nav_status: Some(0),
            class: AisClass::A,
        });
        let is_silent = random.random_range(0..400) == 0;
        let step_s = if is_silent {
            3600
        } else {
            random.random_range(30..120)
        };
        let next = time + SignedDuration::from_secs(step_s);
        if is_silent {
            gaps.push(Gap {
                start: time,
                end: next,
            });
        }
        let step_deg = speed_kn / 60.0 * step_s as f64 / 3600.0;
        let (north, east) = (course_deg.to_radians().cos(), course_deg.to_radians().sin());
        place = LonLat::new(
            place.lon_deg + step_deg * east / place.lat_deg.to_radians().cos(),
            place.lat_deg + step_deg * north,
        );
        course_deg = (course_deg + random.random_range(-3.0..3.0)).rem_euclid(360.0);
        time = next;
    }
    if gaps.last().is_some_and(|gap| gap.end == time) {
        gaps.pop();
    }
    Track {
        mmsi,
        part: 0,
        class: AisClass::A,
        vessel: Vessel {
            name: Some(format!("SHIP {ship}")),
            length_m: Some(90.0),
            ..Vessel::default()
        },
        positions,
        gaps,
        simulated: true,
        distress: None,
    }
}

/// Asks a layer for pages; gives the milliseconds of each, in order, and what was found.
fn ask(store: &dyn Store, layer: &Layer) -> (Vec<f64>, Answers) {
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
        let page = store.page(layer, &query).unwrap();
        took_ms.push(begun.elapsed().as_secs_f64() * 1e3);
        let first = page.rows.into_iter().next();
        found.push((page.matched, first.map(|row| row.id)));
    }
    took_ms.sort_by(f64::total_cmp);
    (took_ms, found)
}
