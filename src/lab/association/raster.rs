//! GFW-shaped: empirical rasters of where vessels get to, products of two of them, greedy mutual best.
//!
//! Rasters are learnt from fleets of other seeds: for each class of vessel, speed and time since a report, the share of vessels
//! at each displacement from where speed and course would have them, turned to the course, in units of km per minute.
//! The rasters of the reports before and after are multiplied and normed; if one is nearer than ten minutes, they are averaged
//! by their sharpness. The score is that density times the recall at the vessel's length times the likelihood of the measured
//! length. The best pair of both its echo and its vessel is taken, in four rounds. Scores below a threshold do not count; it
//! is set so that on the learning scenes as many pairs are taken as vessels are expected to be seen.

use super::nearest::{about, elapsed_s, imaged};
use super::{Naming, SILENCES, minutes};
use crate::lab::fleets::{self, FleetScene, Waters};
use crate::model::detection::Detection;
use crate::model::track::{AisClass, Position, Track};
use crate::model::units::{KNOT_MPS, LonLat};
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Cells a side.
const SIDE: usize = 101;
/// Cells a km per minute (the original has 1,000; it learnt from billions of reports).
const CELLS: f64 = 100.0;
/// Lower ends of the speeds, knots.
const SPEEDS_KN: [f64; 6] = [0.0, 2.0, 4.0, 6.0, 8.0, 10.0];
/// Upper ends of the times, minutes.
const TIMES_MIN: [f64; 15] = [
    1.0, 2.0, 3.5, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 80.0, 110.0, 145.0, 180.0,
];
const CLASSES: usize = 3;
/// Predictions that one report gives rise to a time, each track.
const DRAWS: usize = 12;
/// Share of a raster spread evenly: no cell is impossible.
const EVEN: f64 = 0.01;
const ROUNDS: usize = 4;

/// All rasters and the threshold.
pub(super) struct Rasters {
    /// By class, speed, time: density in cells, summing to 1.
    density: Vec<Vec<f32>>,
    threshold: f64,
}

/// A raster laid on the ground: a report carried forward.
struct Laid<'a> {
    raster: &'a [f32],
    /// Where speed and course have the vessel.
    place: LonLat,
    velocity_mps: [f64; 2],
    course_deg: f64,
    /// Cells a kilometre.
    scale: f64,
}

impl Laid<'_> {
    /// Density at a place, a square kilometre.
    fn at(&self, place: LonLat) -> f64 {
        let (distance_m, bearing_deg) = self.place.inverse(place);
        let (sin, cos) = (bearing_deg - self.course_deg).to_radians().sin_cos();
        let cells = distance_m / 1000.0 * self.scale;
        cell(cells * cos, cells * sin).map_or(0.0, |at| {
            f64::from(self.raster[at]) * self.scale * self.scale
        })
    }

    fn sharpness(&self) -> f64 {
        let squares: f64 = self
            .raster
            .iter()
            .map(|p| f64::from(*p) * f64::from(*p))
            .sum();
        squares * self.scale * self.scale
    }
}

/// Index of the cell at a displacement along and across the course, in cells.
fn cell(along: f64, across: f64) -> Option<usize> {
    let half = SIDE as f64 / 2.0;
    let (row, column) = ((along + half).floor(), (across + half).floor());
    let inside = |x: f64| (0.0..SIDE as f64).contains(&x);
    (inside(row) && inside(column)).then_some(row as usize * SIDE + column as usize)
}

fn class_of(track: &Track) -> usize {
    match (track.vessel.ship_type, track.class) {
        (Some(30), _) => 1,
        (_, AisClass::A) => 0,
        _ => 2,
    }
}

fn bin(class: usize, speed_kn: f64, minutes: f64) -> usize {
    let speed = SPEEDS_KN
        .iter()
        .rposition(|low| speed_kn >= *low)
        .unwrap_or(0);
    let time = TIMES_MIN
        .iter()
        .position(|high| minutes <= *high)
        .unwrap_or(TIMES_MIN.len() - 1);
    (class * SPEEDS_KN.len() + speed) * TIMES_MIN.len() + time
}

fn scale(minutes: f64) -> f64 {
    CELLS / minutes.max(1.0)
}

impl Rasters {
    /// Learns from the reports of fleets of its own.
    pub(super) fn learn(seed: u64) -> Self {
        let fleets: Vec<FleetScene> = Waters::ALL
            .into_par_iter()
            .flat_map_iter(|waters| {
                let scenes = if waters == Waters::Sparse { 6 } else { 3 };
                (0..scenes).map(move |i| fleets::scene(waters, minutes(0.1, 2.0), seed + i))
            })
            .collect();
        let mut counts =
            vec![vec![0.0_f32; SIDE * SIDE]; CLASSES * SPEEDS_KN.len() * TIMES_MIN.len()];
        for track in fleets.iter().flat_map(|fleet| &fleet.tracks) {
            for (time, &high) in TIMES_MIN.iter().enumerate() {
                let low = if time == 0 { 0.1 } else { TIMES_MIN[time - 1] };
                learn_from(track, (low, high), &mut counts);
            }
        }
        let density = counts.iter().map(|count| smoothed(count)).collect();
        let mut rasters = Self {
            density,
            threshold: 0.0,
        };
        rasters.threshold = rasters.fitting_threshold(seed);
        rasters
    }

    /// The threshold at which as many pairs are taken as are expected.
    fn fitting_threshold(&self, seed: u64) -> f64 {
        let scenes: Vec<(Waters, usize)> = Waters::ALL
            .into_iter()
            .flat_map(|waters| (0..SILENCES.len()).map(move |silence| (waters, silence)))
            .collect();
        let found: Vec<(Vec<f64>, f64)> = scenes
            .into_par_iter()
            .map(|(waters, silence)| {
                let scene = fleets::scene(waters, SILENCES[silence], seed + 50);
                let scores = self
                    .taken(&scene, 0.0)
                    .into_iter()
                    .map(|(score, _, _)| score);
                (scores.collect(), expected(&scene))
            })
            .collect();
        let mut scores: Vec<f64> = found
            .iter()
            .flat_map(|(scores, _)| scores.clone())
            .collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        let wanted = found.iter().map(|(_, expected)| expected).sum::<f64>() as usize;
        scores.get(wanted).copied().unwrap_or(0.0)
    }

    pub(super) fn name(&self, scene: &FleetScene) -> Naming {
        self.taken(scene, self.threshold)
            .into_iter()
            .map(|(_, d, v)| (scene.detections[d].id.clone(), scene.tracks[v].mmsi))
            .collect()
    }

    /// Pairs taken: (score, echo, vessel).
    fn taken(&self, scene: &FleetScene, threshold: f64) -> Vec<(f64, usize, usize)> {
        let Some(middle) = scene.scene.middle() else {
            return Vec::new();
        };
        let mut scores: Vec<(f64, usize, usize)> = Vec::new();
        for (v, track) in scene.tracks.iter().enumerate() {
            // One product of rasters a vessel, at the image's middle; the echoes' own times move the frame alone.
            let norm = self.norm(track, middle);
            for (d, detection) in scene.detections.iter().enumerate() {
                let score = self.score(track, detection, norm);
                if score > threshold {
                    scores.push((score, d, v));
                }
            }
        }
        scores.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut echoes, mut ships) = (
            vec![false; scene.detections.len()],
            vec![false; scene.tracks.len()],
        );
        let mut taken = Vec::new();
        for _ in 0..ROUNDS {
            let (mut seen_echoes, mut seen_ships) = (echoes.clone(), ships.clone());
            for &(score, d, v) in &scores {
                if echoes[d] || ships[v] {
                    continue;
                }
                // In falling order the first pair of an echo and of a vessel is the best of both.
                if !seen_echoes[d] && !seen_ships[v] {
                    taken.push((score, d, v));
                    (echoes[d], ships[v]) = (true, true);
                }
                (seen_echoes[d], seen_ships[v]) = (true, true);
            }
        }
        taken
    }

    fn laid(&self, track: &Track, fix: &Position, time: Timestamp) -> Laid<'_> {
        let elapsed = elapsed_s(fix, time);
        let minutes = elapsed.abs() / 60.0;
        let (speed_kn, course_deg) = (fix.sog_kn.unwrap_or(0.0), fix.cog_deg.unwrap_or(0.0));
        let speed_mps = speed_kn * KNOT_MPS;
        let (sin, cos) = course_deg.to_radians().sin_cos();
        Laid {
            raster: &self.density[bin(class_of(track), speed_kn, minutes)],
            place: fix.position.destination(course_deg, speed_mps * elapsed),
            velocity_mps: [speed_mps * sin, speed_mps * cos],
            course_deg: if elapsed < 0.0 {
                course_deg + 180.0
            } else {
                course_deg
            },
            scale: scale(minutes),
        }
    }

    /// ∫ of the product of both rasters, 1 if there is only one or they are averaged. Summed over the finer one's cells.
    fn norm(&self, track: &Track, time: Timestamp) -> f64 {
        let (Some(before), Some(after)) = about(track, time) else {
            return 1.0;
        };
        if nearest_minutes(before, after, time) < 10.0 {
            return 1.0;
        }
        let (a, b) = (
            self.laid(track, before, time),
            self.laid(track, after, time),
        );
        let (fine, coarse) = if a.scale >= b.scale { (a, b) } else { (b, a) };
        let (distance_m, bearing_deg) = coarse.place.inverse(fine.place);
        let (sin, cos) = (bearing_deg - coarse.course_deg).to_radians().sin_cos();
        let start = [distance_m / 1000.0 * cos, distance_m / 1000.0 * sin];
        let (turn_sin, turn_cos) = (fine.course_deg - coarse.course_deg).to_radians().sin_cos();
        let half = (SIDE / 2) as f64;
        let mut sum = 0.0;
        for (index, share) in fine.raster.iter().enumerate() {
            let along = ((index / SIDE) as f64 - half) / fine.scale;
            let across = ((index % SIDE) as f64 - half) / fine.scale;
            let there = [
                (start[0] + along * turn_cos - across * turn_sin) * coarse.scale,
                (start[1] + along * turn_sin + across * turn_cos) * coarse.scale,
            ];
            if let Some(at) = cell(there[0], there[1]) {
                let density = f64::from(coarse.raster[at]) * coarse.scale * coarse.scale;
                sum += f64::from(*share) * density;
            }
        }
        sum
    }

    fn score(&self, track: &Track, detection: &Detection, norm: f64) -> f64 {
        let (Some(place), Some(time)) = (detection.position, detection.time) else {
            return 0.0;
        };
        // The echo is moved back by the shift of a vessel that holds its course.
        let view = |fix: &Position| {
            let laid = self.laid(track, fix, time);
            let moved = imaged(laid.place, laid.velocity_mps, detection);
            let density = Laid {
                place: moved,
                ..laid
            };
            (density.at(place), density)
        };
        let location = match about(track, time) {
            (Some(before), Some(after)) => {
                let ((a, first), (b, second)) = (view(before), view(after));
                if nearest_minutes(before, after, time) < 10.0 {
                    let (x, y) = (first.sharpness(), second.sharpness());
                    (a * x + b * y) / (x + y)
                } else if norm > 0.0 {
                    a * b / norm
                } else {
                    0.0
                }
            }
            (Some(fix), None) | (None, Some(fix)) => view(fix).0,
            (None, None) => return 0.0,
        };
        location * recall(track) * length_likelihood(track, detection)
    }
}

fn nearest_minutes(before: &Position, after: &Position, time: Timestamp) -> f64 {
    elapsed_s(before, time)
        .abs()
        .min(elapsed_s(after, time).abs())
        / 60.0
}

/// Share of ships of a length that Sentinel-1 shows.
fn recall(track: &Track) -> f64 {
    let length_m = track.vessel.length_m.unwrap_or(40.0).max(1.0);
    0.98 / (1.0 + (22.0 / length_m).powf(3.5))
}

fn length_likelihood(track: &Track, detection: &Detection) -> f64 {
    match (track.vessel.length_m, detection.length_m) {
        (Some(told_m), Some(measured_m)) if told_m > 0.0 => {
            let off = (measured_m / told_m).ln() / 0.25;
            (-0.5 * off * off).exp().max(0.02)
        }
        _ => 0.4,
    }
}

/// Vessels expected to be seen: those predicted in the image, by recall.
fn expected(scene: &FleetScene) -> f64 {
    let seen: BTreeMap<_, _> = scene
        .tracks
        .iter()
        .map(|track| (track.mmsi, track))
        .collect();
    let Some((middle, footprint)) = scene.scene.middle().zip(scene.scene.footprint.as_ref()) else {
        return 0.0;
    };
    seen.values()
        .filter(|track| {
            let (before, after) = about(track, middle);
            let nearest = before.or(after);
            nearest.is_some_and(|fix| crate::model::shape::contains(footprint, fix.position))
        })
        .map(|track| recall(track))
        .sum()
}

fn learn_from(track: &Track, (low, high): (f64, f64), counts: &mut [Vec<f32>]) {
    let fixes = &track.positions;
    let stride = (fixes.len() / DRAWS).max(1);
    for (turn, from) in fixes.iter().enumerate().step_by(stride) {
        let (Some(speed_kn), Some(course_deg)) = (from.sog_kn, from.cog_deg) else {
            continue;
        };
        // The first report of the range: times fill it as reports come.
        let Some(found) = fixes[turn..]
            .iter()
            .find(|fix| -elapsed_s(fix, from.time) / 60.0 >= low)
        else {
            continue;
        };
        let minutes = -elapsed_s(found, from.time) / 60.0;
        if minutes > high {
            continue;
        }
        let ahead = from
            .position
            .destination(course_deg, speed_kn * KNOT_MPS * minutes * 60.0);
        let (distance_m, bearing_deg) = ahead.inverse(found.position);
        let (sin, cos) = (bearing_deg - course_deg).to_radians().sin_cos();
        let cells = distance_m / 1000.0 * scale(minutes);
        let raster = &mut counts[bin(class_of(track), speed_kn, minutes)];
        // Mirrored: port and starboard are alike.
        for side in [1.0, -1.0] {
            if let Some(at) = cell(cells * cos, side * cells * sin) {
                raster[at] += 1.0;
            }
        }
    }
}

/// Counts as shares: spread over neighbouring cells, and a little over all.
fn smoothed(count: &[f32]) -> Vec<f32> {
    let total: f32 = count.iter().sum::<f32>().max(1.0);
    let weights = [(-1_i64, 1.0_f32), (0, 2.0), (1, 1.0)];
    let mut smooth = vec![EVEN as f32 / (SIDE * SIDE) as f32; SIDE * SIDE];
    for (index, value) in count.iter().enumerate().filter(|(_, value)| **value > 0.0) {
        let (row, column) = ((index / SIDE) as i64, (index % SIDE) as i64);
        for (down, a) in weights {
            for (right, b) in weights {
                let (r, c) = (row + down, column + right);
                let inside = (0..SIDE as i64).contains(&r) && (0..SIDE as i64).contains(&c);
                if inside {
                    smooth[(r * SIDE as i64 + c) as usize] +=
                        (1.0 - EVEN as f32) * value / total * a * b / 16.0;
                }
            }
        }
    }
    smooth
}
