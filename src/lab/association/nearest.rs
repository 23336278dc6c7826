//! The nearest neighbour: a vessel's place at the echo's time, between two reports or ahead of one, within 1 km.
//!
//! The nearest pair of all is taken first, then the nearest of those left: no vessel and no echo is taken twice.

use super::Naming;
use crate::fuse::azimuth_shift_m;
use crate::lab::fleets::FleetScene;
use crate::model::detection::Detection;
use crate::model::track::{Position, Track};
use crate::model::units::{KNOT_MPS, LonLat};
use jiff::Timestamp;

/// Distance within which a vessel is taken, metres.
const WITHIN_M: f64 = 1_000.0;
/// Reports farther off in time are not used, seconds.
pub(super) const REACH_S: f64 = 3.0 * 3600.0;

/// Where a vessel is laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where AIS has it.
    AsReported,
    /// Moved by its azimuth shift.
    AsImaged,
}

pub(super) fn name(scene: &FleetScene, place: Place) -> Naming {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (d, detection) in scene.detections.iter().enumerate() {
        let (Some(at), Some(time)) = (detection.position, detection.time) else {
            continue;
        };
        for (v, track) in scene.tracks.iter().enumerate() {
            let Some((seen, velocity_mps)) = laid(track, time) else {
                continue;
            };
            // A degree is more than 100 km: no need to measure those.
            if (seen.lat_deg - at.lat_deg).abs() > 0.1 {
                continue;
            }
            let seen = match place {
                Place::AsReported => seen,
                Place::AsImaged => imaged(seen, velocity_mps, detection),
            };
            let distance_m = seen.distance_m(at);
            if distance_m <= WITHIN_M {
                pairs.push((distance_m, d, v));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut taken_echoes, mut taken_ships) = (
        vec![false; scene.detections.len()],
        vec![false; scene.tracks.len()],
    );
    let mut naming = Naming::new();
    for (_, d, v) in pairs {
        if !taken_echoes[d] && !taken_ships[v] {
            (taken_echoes[d], taken_ships[v]) = (true, true);
            naming.insert(scene.detections[d].id.clone(), scene.tracks[v].mmsi);
        }
    }
    naming
}

/// The reports before and after an instant, of those within reach.
pub(super) fn about(track: &Track, time: Timestamp) -> (Option<&Position>, Option<&Position>) {
    let after = track.positions.partition_point(|fix| fix.time <= time);
    let near = |fix: &&Position| elapsed_s(fix, time).abs() <= REACH_S;
    let before = after
        .checked_sub(1)
        .map(|i| &track.positions[i])
        .filter(near);
    (before, track.positions.get(after).filter(near))
}

/// Seconds from a report to an instant.
pub(super) fn elapsed_s(fix: &Position, time: Timestamp) -> f64 {
    time.duration_since(fix.time).as_secs_f64()
}

/// Place and velocity (east, north): on the line between two reports, or ahead of the one there is.
fn laid(track: &Track, time: Timestamp) -> Option<(LonLat, [f64; 2])> {
    match about(track, time) {
        (Some(before), Some(after)) => {
            let gap_s = after
                .time
                .duration_since(before.time)
                .as_secs_f64()
                .max(1.0);
            let (distance_m, bearing_deg) = before.position.inverse(after.position);
            let run_m = distance_m * elapsed_s(before, time) / gap_s;
            let (sin, cos) = bearing_deg.to_radians().sin_cos();
            let speed = distance_m / gap_s;
            let place = before.position.destination(bearing_deg, run_m);
            Some((place, [speed * sin, speed * cos]))
        }
        (Some(fix), None) | (None, Some(fix)) => {
            let (speed, course_deg) = (fix.sog_kn? * KNOT_MPS, fix.cog_deg.unwrap_or(0.0));
            let run_m = speed * elapsed_s(fix, time);
            let (sin, cos) = course_deg.to_radians().sin_cos();
            let place = fix.position.destination(course_deg, run_m);
            Some((place, [speed * sin, speed * cos]))
        }
        (None, None) => None,
    }
}

/// Where a radar images a mover.
pub(super) fn imaged(place: LonLat, velocity_mps: [f64; 2], detection: &Detection) -> LonLat {
    let Some(sar) = detection.sar.as_ref() else {
        return place;
    };
    let [east, north] = velocity_mps;
    let shift_m = azimuth_shift_m(sar, east.hypot(north), east.atan2(north).to_degrees());
    place.destination(sar.track_heading_deg, shift_m)
}
