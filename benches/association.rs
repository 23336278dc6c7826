//! Speed of the association: 2,000 detections and 20,000 vessels in one scene, all in one run.
//!
//! Writes a table to standard output and to `target/bench/association.md`. The floor is the question who is near at all: an
//! R-tree over the vessels' last places, asked for those within 3 km of each detection. The peer is what a Python team would
//! write: distances of all pairs in NumPy and SciPy's `linear_sum_assignment` on them; it predicts nothing and states no
//! probability.

use anyhow::{Context, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rstar::RTree;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use tidewatch::fuse::{Evidence, FuseParams, associate, learn_motion};
use tidewatch::model::detection::Detection;
use tidewatch::model::scene::{SarGeometry, Scene, Sensor};
use tidewatch::model::track::{AisClass, Position, Track, Vessel};
use tidewatch::model::units::{KNOT_MPS, LonLat, Mmsi};

const VESSELS: u32 = 20_000;
const DETECTIONS: usize = 2_000;
/// Rounds, of which the best counts.
const ROUNDS: usize = 3;
/// Half the sides of the sea, metres: one Sentinel-1 scene.
const HALF_M: [f64; 2] = [125_000.0, 90_000.0];
const IMAGE: Timestamp = Timestamp::constant(1_714_599_000, 0);
const SAR: SarGeometry = SarGeometry {
    slant_range_m: 860_000.0,
    platform_speed_mps: 7_590.0,
    incidence_deg: 38.5,
    track_heading_deg: 348.0,
    looks_right: true,
};

fn main() -> Result<()> {
    let folder = Path::new("target/bench");
    std::fs::create_dir_all(folder)?;
    let mut page = format!(
        "{DETECTIONS} detections, {VESSELS} vessels over {:.0} × {:.0} km. Best of {ROUNDS} rounds, seconds.\n\n\
         | nearest report | motion learnt | associated | of which right | floor: who is near | peer: NumPy and SciPy |\n\
         |---|---|---|---|---|---|\n",
        HALF_M[0] / 500.0,
        HALF_M[1] / 500.0
    );
    for minutes in [5.0, 30.0, 120.0] {
        let (tracks, detections) = sea(minutes);
        let file = folder.join("association.csv");
        std::fs::write(&file, places(&tracks, &detections)?)?;
        let scene = Scene {
            start: Some(IMAGE),
            stop: Some(IMAGE),
            ..Scene::unreferenced("bench".to_owned(), Sensor::Sentinel1, (1, 1), 4.4)
        };
        let (mut learning, mut whole, mut floor, mut peer) =
            (f64::MAX, f64::MAX, f64::MAX, f64::MAX);
        let mut right = 0;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let params = learn_motion(&tracks, &FuseParams::default());
            learning = learning.min(begun.elapsed().as_secs_f64());
            let begun = Instant::now();
            let found = associate(&Evidence {
                scene: &scene,
                detections: &detections,
                tracks: &tracks,
                infrastructure: &[],
                searched_km2: Some(4.0 * HALF_M[0] * HALF_M[1] / 1e6),
                params: &params,
            });
            whole = whole.min(begun.elapsed().as_secs_f64());
            right = found
                .iter()
                .filter(|found| {
                    let named = found.vessels.first().map(|(mmsi, _, _)| mmsi.to_string());
                    named.is_some_and(|mmsi| found.detection_id == mmsi)
                })
                .count();
            floor = floor.min(near(&tracks, &detections));
            peer = peer.min(python(&file)?);
        }
        ensure!(right > 0, "nothing was associated rightly");
        writeln!(
            page,
            "| {minutes} min | {learning:.2} | {whole:.2} | {right} | {floor:.3} | {peer:.2} |"
        )?;
        std::fs::remove_file(file)?;
    }
    std::fs::write(folder.join("association.md"), &page)?;
    std::io::stdout().write_all(page.as_bytes())?;
    Ok(())
}

/// Vessels on straight courses, reporting for half an hour before and after a silence, and the echoes of every tenth of them.
fn sea(minutes: f64) -> (Vec<Track>, Vec<Detection>) {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let centre = LonLat::new(124.0, 25.0);
    let (mut tracks, mut detections) = (Vec::new(), Vec::new());
    for number in 0..VESSELS {
        let [east_m, north_m] = HALF_M.map(|half_m| rng.random_range(-half_m..half_m));
        let place = centre.destination(90.0, east_m).destination(0.0, north_m);
        let (sog_kn, cog_deg) = (rng.random_range(0.0..15.0), rng.random_range(0.0..360.0));
        let length_m = rng.random_range(20.0..250.0_f64);
        let mmsi = Mmsi(299_000_000 + number);
        let mut noise = |size: f64| rng.random_range(-size..size);
        let mut fix = |at_s: f64| Position {
            mmsi,
            time: IMAGE
                .checked_add(SignedDuration::from_secs_f64(at_s))
                .unwrap_or(IMAGE),
            position: place
                .destination(cog_deg, sog_kn * KNOT_MPS * at_s + noise(20.0))
                .destination(cog_deg + 90.0, noise(20.0)),
            sog_kn: Some((sog_kn + noise(0.3)).max(0.0)),
            cog_deg: Some((cog_deg + noise(3.0)).rem_euclid(360.0)),
            heading_deg: None,
            nav_status: None,
            class: AisClass::A,
        };
        let silence_s = minutes * 60.0;
        let times = (0..16).map(|i| f64::from(i) * 120.0 + silence_s);
        let before = times.clone().rev().map(|at_s| -at_s);
        tracks.push(Track {
            mmsi,
            part: 0,
            class: AisClass::A,
            vessel: Vessel {
                length_m: Some(length_m),
                ..Vessel::default()
            },
            positions: before.chain(times).map(&mut fix).collect(),
            gaps: vec![],
            simulated: true,
            distress: None,
        });
        if detections.len() < DETECTIONS && number % 10 == 0 {
            let shift_m = tidewatch::fuse::azimuth_shift_m(&SAR, sog_kn * KNOT_MPS, cog_deg);
            let seen = place.destination(SAR.track_heading_deg, shift_m);
            detections.push(detection(mmsi, seen, length_m));
        }
    }
    (tracks, detections)
}

fn detection(mmsi: Mmsi, position: LonLat, length_m: f64) -> Detection {
    Detection {
        position: Some(position),
        position_sigma_m: Some(15.0),
        time: Some(IMAGE),
        length_m: Some(length_m),
        length_sigma_m: Some(10.0),
        sar: Some(SAR),
        ..Detection::bare(&mmsi.to_string(), "bench")
    }
}

/// Seconds to find the vessels within 3 km of each detection.
fn near(tracks: &[Track], detections: &[Detection]) -> f64 {
    let begun = Instant::now();
    let last = tracks.iter().filter_map(|track| track.positions.first());
    let index = RTree::bulk_load(last.map(|fix| fix.position.unit_vector()).collect());
    let chord = 3_000.0 / 6_371_000.0_f64;
    let places = detections.iter().filter_map(|detection| detection.position);
    let found: usize = places
        .map(|place| {
            index
                .locate_within_distance(place.unit_vector(), chord * chord)
                .count()
        })
        .sum();
    std::hint::black_box(found);
    begun.elapsed().as_secs_f64()
}

/// `kind,lon,lat` of the detections, and of each vessel's report nearest to the image.
fn places(tracks: &[Track], detections: &[Detection]) -> Result<String> {
    let mut text = String::new();
    for place in detections.iter().filter_map(|detection| detection.position) {
        writeln!(text, "detection,{},{}", place.lon_deg, place.lat_deg)?;
    }
    for fix in tracks.iter().filter_map(|track| track.positions.get(15)) {
        writeln!(
            text,
            "vessel,{},{}",
            fix.position.lon_deg, fix.position.lat_deg
        )?;
    }
    Ok(text)
}

/// Seconds that the peer states for distances and assignment.
fn python(file: &Path) -> Result<f64> {
    let output = Command::new("target/peers/bin/python")
        .arg("benches/peers/assignment.py")
        .arg(file)
        .output()
        .context("target/peers is missing: run scripts/setup.sh bench")?;
    ensure!(
        output.status.success(),
        "assignment.py: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    text.trim()
        .parse()
        .with_context(|| format!("assignment.py printed {text:?}"))
}
