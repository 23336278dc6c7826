//! What a ship sends and what of it is received: reports before and after a silence about the image.

use super::voyage::{Habit, SPAN_S};
use super::{Ship, Silence, after_image, normal, on_the_ground};
use crate::model::track::{AisClass, Position, Track, Vessel};
use crate::model::units::{KNOT_MPS, Mmsi};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Share of the reports that a network receives.
const RECEIVED: f64 = 0.7;
/// Standard deviation of a satellite fix, metres.
const FIX_SIGMA_M: f64 = 8.0;

/// The track of a ship; `None` if it sends nothing.
pub(super) fn track(ship: &Ship, silence: Silence, rng: &mut ChaCha8Rng) -> Option<Track> {
    let mmsi = ship.mmsi?;
    let (before_s, after_s) = silent_span(silence, rng);
    let mut times = Vec::new();
    // The last report before and the first one after the silence stand at its ends.
    times.extend(before_s.map(|s| -s));
    times.extend(after_s);
    let interval_s = interval_s(ship);
    let mut at_s = -SPAN_S + rng.random_range(0.0..interval_s);
    while at_s < SPAN_S {
        let early = before_s.is_some_and(|s| at_s < -s - 10.0);
        let late = after_s.is_some_and(|s| at_s > s + 10.0);
        if (early || late) && rng.random_range(0.0..1.0) < RECEIVED {
            times.push(at_s);
        }
        at_s += interval_s * rng.random_range(0.7..1.3);
    }
    times.sort_by(f64::total_cmp);
    let positions = times
        .into_iter()
        .map(|at_s| report(ship, at_s, rng))
        .collect();
    Some(Track {
        mmsi,
        part: 0,
        class: ship.class,
        vessel: told(ship, rng),
        positions,
        gaps: vec![],
        simulated: true,
        distress: None,
    })
}

/// Seconds of silence before and after the image; `None` on a side from which nothing was received.
fn silent_span(silence: Silence, rng: &mut ChaCha8Rng) -> (Option<f64>, Option<f64>) {
    let (low, high) = (silence.shortest_min * 60.0, silence.longest_min * 60.0);
    let near_s = (low.ln() + rng.random_range(0.0..1.0) * (high / low).ln()).exp();
    // The other end is farther off, and may lie beyond all that was received.
    let far_s = near_s * rng.random_range(1.0..4.0);
    let far_s = (far_s < SPAN_S - 600.0).then_some(far_s);
    match rng.random_range(0.0..1.0) {
        x if x < 0.35 => (Some(near_s), far_s),
        x if x < 0.6 => (far_s, Some(near_s)),
        x if x < 0.85 => (Some(near_s), None),
        _ => (None, Some(near_s)),
    }
}

/// Mean seconds between reports as networks thin them.
fn interval_s(ship: &Ship) -> f64 {
    match (ship.habit, ship.class) {
        (Habit::Anchored, _) => 360.0,
        (_, AisClass::A) => 90.0,
        _ => 150.0,
    }
}

fn report(ship: &Ship, at_s: f64, rng: &mut ChaCha8Rng) -> Position {
    let motion = ship.voyage.at(at_s);
    let bow_deg = motion.course_deg() + ship.leeway_deg;
    let aft_m = ship.antenna * ship.length_m;
    let (sin, cos) = bow_deg.to_radians().sin_cos();
    let place_m = [
        motion.place_m[0] - aft_m * sin + FIX_SIGMA_M * normal(rng),
        motion.place_m[1] - aft_m * cos + FIX_SIGMA_M * normal(rng),
    ];
    let speed_mps = motion.speed_mps();
    // Course over ground is noisy at low speed.
    let course_sigma_deg = (1.0 + 1.5 / speed_mps.max(0.02)).min(90.0);
    let cog_deg = (motion.course_deg() + course_sigma_deg * normal(rng)).rem_euclid(360.0);
    let tells_heading = match ship.class {
        AisClass::A => 0.9,
        _ => 0.15,
    };
    let heading_deg =
        (rng.random_range(0.0..1.0) < tells_heading).then(|| bow_deg.round().rem_euclid(360.0));
    Position {
        mmsi: ship.mmsi.unwrap_or(Mmsi(0)),
        time: after_image(at_s),
        position: on_the_ground(place_m),
        sog_kn: Some(((speed_mps / KNOT_MPS + 0.1 * normal(rng)).max(0.0) * 10.0).round() / 10.0),
        cog_deg: Some((cog_deg * 10.0).round() / 10.0 % 360.0),
        heading_deg,
        nav_status: None,
        class: ship.class,
    }
}

/// Static data as typed aboard: often missing on small craft, sometimes wrong.
fn told(ship: &Ship, rng: &mut ChaCha8Rng) -> Vessel {
    let tells = if ship.class == AisClass::A { 0.93 } else { 0.7 };
    let wrong = if rng.random_range(0.0..1.0) < 0.05 {
        (0.6 * normal(rng)).exp()
    } else {
        1.0
    };
    let ship_type = match ship.habit {
        Habit::Passage | Habit::Anchored => 70,
        Habit::Trawler | Habit::Drifter => 30,
        Habit::SmallCraft => 37,
    };
    Vessel {
        length_m: (rng.random_range(0.0..1.0) < tells).then(|| (ship.length_m * wrong).round()),
        ship_type: (rng.random_range(0.0..1.0) < tells).then_some(ship_type),
        ..Vessel::default()
    }
}
