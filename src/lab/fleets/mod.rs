//! Fleets with truth for the association: one image's detections, the AIS tracks about it, and who is who.
//!
//! In: the waters, the silence about the image, a seed. Out: a [`FleetScene`]. Ships move by habits of their own
//! (`voyage`), send AIS of class A and B with gaps (`reports`), and are seen, displaced and measured as a radar does it
//! (`echo`). Some ships send nothing, some identities have no hull, and some echoes are no ship. No pixel is drawn:
//! [`super::simulate`] does that; here a hundred scenes take seconds.

mod echo;
mod reports;
mod voyage;

use crate::model::detection::Detection;
use crate::model::scene::{Scene, Sensor};
use crate::model::track::{AisClass, Track};
use crate::model::units::{LonLat, Mmsi};
use geo::{MultiPolygon, Rect, coord};
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal, Poisson, StandardNormal};
use serde::Serialize;
use std::collections::BTreeMap;
use voyage::{Habit, Voyage};

/// The middle of every image.
const MIDDLE: Timestamp = Timestamp::constant(1_714_599_000, 0);
/// Ships nearer to each other than this make one echo and are not laid out, metres.
const APART_M: f64 = 250.0;
/// Share of trawlers that are one of a pair: two ships, one net, some 400 m abreast.
const IN_PAIRS: f64 = 0.25;
/// First MMSI of a scene: maritime identification digits 299 belong to no administration.
const FIRST_MMSI: u32 = 299_000_000;

/// Where the fleet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Waters {
    /// Open sea, 100 km across: some 25 ships of all kinds.
    Sparse,
    /// Two lanes of merchant ships, 70 km across, and craft that cross them.
    Lane,
    /// A fishing ground, 40 km across: some 130 ships in clusters.
    Fishing,
}

impl Waters {
    pub(crate) const ALL: [Self; 3] = [Self::Sparse, Self::Lane, Self::Fishing];

    /// Metres across.
    fn across_m(self) -> f64 {
        match self {
            Self::Sparse => 100_000.0,
            Self::Lane => 70_000.0,
            Self::Fishing => 40_000.0,
        }
    }

    /// Metres about the image in which there are ships, too: they may seem to be in it.
    fn margin_m(self) -> f64 {
        match self {
            Self::Sparse | Self::Lane => 25_000.0,
            Self::Fishing => 15_000.0,
        }
    }

    /// Ships a square kilometre.
    fn density(self) -> f64 {
        match self {
            Self::Sparse => 25.0 / 10_000.0,
            Self::Lane => 70.0 / 4_900.0,
            Self::Fishing => 130.0 / 1_600.0,
        }
    }

    /// Share of each habit: passage, trawler, drifter, small craft, anchored.
    fn mix(self) -> [f64; 5] {
        match self {
            Self::Sparse => [0.55, 0.15, 0.1, 0.15, 0.05],
            Self::Lane => [0.75, 0.08, 0.02, 0.1, 0.05],
            Self::Fishing => [0.08, 0.55, 0.27, 0.08, 0.02],
        }
    }
}

impl std::fmt::Display for Waters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Sparse => "sparse",
            Self::Lane => "lane",
            Self::Fishing => "fishing",
        })
    }
}

/// Range of the time from the image to a ship's nearest report, minutes; every ship draws its own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Silence {
    pub(crate) shortest_min: f64,
    pub(crate) longest_min: f64,
}

/// What is truly behind one echo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EchoTruth {
    /// Who, if it sends AIS; `None` for a ship that sends none and for a false alarm.
    pub(crate) mmsi: Option<Mmsi>,
    /// True speed, knots.
    pub(crate) sog_kn: f64,
}

/// One image with all that is known and all that is true.
pub(crate) struct FleetScene {
    pub(crate) scene: Scene,
    pub(crate) detections: Vec<Detection>,
    pub(crate) tracks: Vec<Track>,
    pub(crate) searched_km2: f64,
    /// By detection id.
    pub(crate) truth: BTreeMap<String, EchoTruth>,
}

/// A hull or an identity, or both.
struct Ship {
    habit: Habit,
    voyage: Voyage,
    length_m: f64,
    mmsi: Option<Mmsi>,
    class: AisClass,
    hull: bool,
    /// From the antenna to the hull's middle along the bow, as a share of the length.
    antenna: f64,
    /// Degrees from the course to the bow.
    leeway_deg: f64,
}

/// Lays out one scene. The same arguments give the same scene.
pub(crate) fn scene(waters: Waters, silence: Silence, seed: u64) -> FleetScene {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((5 << 40) + waters as u64);
    let sky = echo::Sky::draw(&mut rng);
    let ships = ships(waters, &mut rng);
    let tracks = ships
        .iter()
        .filter_map(|ship| reports::track(ship, silence, &mut rng))
        .collect();
    let half_m = waters.across_m() / 2.0;
    let (detections, truth) = echo::look(&sky, &ships, half_m, &mut rng);
    let [west, east] = [270.0, 90.0].map(|side| centre().destination(side, half_m).lon_deg);
    let [south, north] = [180.0, 0.0].map(|side| centre().destination(side, half_m).lat_deg);
    let footprint = Rect::new(coord! {x: west, y: south}, coord! {x: east, y: north});
    let half_s = half_m / echo::GROUND_SPEED_MPS;
    FleetScene {
        scene: Scene {
            start: Some(after_image(-half_s)),
            stop: Some(after_image(half_s)),
            footprint: Some(MultiPolygon::new(vec![footprint.to_polygon()])),
            simulated: true,
            ..Scene::unreferenced(
                format!("fleet-{waters}-{seed}"),
                Sensor::Sentinel1,
                (1, 1),
                4.4,
            )
        },
        detections,
        tracks,
        searched_km2: (waters.across_m() / 1000.0).powi(2),
        truth,
    }
}

fn centre() -> LonLat {
    LonLat::new(124.0, 25.0)
}

/// The instant `seconds` after the image's middle.
fn after_image(seconds: f64) -> Timestamp {
    MIDDLE
        .checked_add(SignedDuration::from_secs_f64(seconds))
        .unwrap_or(MIDDLE)
}

/// The place at metres east and north of the scene's centre.
fn on_the_ground(place_m: [f64; 2]) -> LonLat {
    let bearing_deg = place_m[0].atan2(place_m[1]).to_degrees();
    centre().destination(bearing_deg, place_m[0].hypot(place_m[1]))
}

/// All ships in and about the image.
fn ships(waters: Waters, rng: &mut ChaCha8Rng) -> Vec<Ship> {
    let half_m = waters.across_m() / 2.0 + waters.margin_m();
    let wanted = (waters.density() * (2.0 * half_m / 1000.0).powi(2)).round() as usize;
    // How many of the fishing and small craft send no AIS differs from scene to scene.
    let silent = rng.random_range(0.5..1.2);
    let lane_deg = rng.random_range(0.0..180.0);
    let clusters: Vec<[f64; 2]> = (0..wanted.div_ceil(30))
        .map(|_| std::array::from_fn(|_| rng.random_range(-half_m..half_m)))
        .collect();
    let mut ships: Vec<Ship> = Vec::with_capacity(wanted);
    let mut tries = 0;
    while ships.len() < wanted && tries < 50 * wanted {
        tries += 1;
        let habit = habit(waters, rng);
        let in_lane = waters == Waters::Lane && habit == Habit::Passage;
        let (place_m, bound_deg) = if in_lane {
            lane_berth(lane_deg, half_m, rng)
        } else if waters == Waters::Fishing && matches!(habit, Habit::Trawler | Habit::Drifter) {
            let about = clusters[rng.random_range(0..clusters.len())];
            (about.map(|m| m + 5_000.0 * normal(rng)), None)
        } else {
            (
                std::array::from_fn(|_| rng.random_range(-half_m..half_m)),
                None,
            )
        };
        let outside = place_m.iter().any(|m| m.abs() > half_m);
        let crowded = ships.iter().any(|other| {
            let there = other.voyage.at(0.0).place_m;
            (there[0] - place_m[0]).hypot(there[1] - place_m[1]) < APART_M
        });
        if !outside && !crowded {
            let voyage = Voyage::sail(habit, place_m, bound_deg, rng);
            let mate = (habit == Habit::Trawler && rng.random_range(0.0..1.0) < IN_PAIRS)
                .then(|| voyage.abreast(std::array::from_fn(|_| 300.0 * normal(rng))));
            for voyage in [Some(voyage), mate].into_iter().flatten() {
                let mmsi = Mmsi(FIRST_MMSI + ships.len() as u32);
                ships.push(ship(habit, voyage, mmsi, silent, rng));
            }
        }
    }
    ships
}

fn habit(waters: Waters, rng: &mut ChaCha8Rng) -> Habit {
    let habits = [
        Habit::Passage,
        Habit::Trawler,
        Habit::Drifter,
        Habit::SmallCraft,
        Habit::Anchored,
    ];
    let mut draw = rng.random_range(0.0..1.0);
    for (habit, share) in habits.into_iter().zip(waters.mix()) {
        if draw < share {
            return habit;
        }
        draw -= share;
    }
    Habit::Passage
}

/// A place in one of two lanes 6 km apart, each some 2 km wide, and the direction of its traffic.
fn lane_berth(lane_deg: f64, half_m: f64, rng: &mut ChaCha8Rng) -> ([f64; 2], Option<f64>) {
    let side = if rng.random_range(0.0..1.0) < 0.5 {
        1.0
    } else {
        -1.0
    };
    let along_m = rng.random_range(-1.4 * half_m..1.4 * half_m);
    let aside_m = side * 3_000.0 + 1_000.0 * normal(rng);
    let (sin, cos) = lane_deg.to_radians().sin_cos();
    let place_m = [along_m * sin + aside_m * cos, along_m * cos - aside_m * sin];
    let bound_deg = if side > 0.0 {
        lane_deg
    } else {
        lane_deg + 180.0
    };
    (place_m, Some(bound_deg))
}

fn ship(habit: Habit, voyage: Voyage, mmsi: Mmsi, silent: f64, rng: &mut ChaCha8Rng) -> Ship {
    // Median length, spread of its logarithm, share of class A among those that send, share that sends nothing.
    let (median_m, spread, class_a, dark) = match habit {
        Habit::Passage => (140.0, 0.45, 1.0, 0.05),
        Habit::Anchored => (130.0, 0.4, 1.0, 0.05),
        Habit::Trawler => (34.0, 0.3, 0.65, 0.3 * silent),
        Habit::Drifter => (38.0, 0.35, 0.55, 0.4 * silent),
        Habit::SmallCraft => (16.0, 0.3, 0.05, 0.5 * silent),
    };
    let drawn: f64 =
        LogNormal::new(f64::ln(median_m), spread).map_or(median_m, |law| law.sample(rng));
    let length_m = drawn.clamp(8.0, 380.0);
    let sends = rng.random_range(0.0..1.0) >= dark;
    let class = if rng.random_range(0.0..1.0) < class_a {
        AisClass::A
    } else {
        AisClass::B
    };
    // Identities without a hull: told of on air, not there.
    let hull = !sends || rng.random_range(0.0..1.0) >= 0.03;
    let leeway_deg = if length_m > 60.0 { 2.5 } else { 6.0 } * normal(rng);
    Ship {
        habit,
        voyage,
        length_m,
        mmsi: sends.then_some(mmsi),
        class,
        hull,
        antenna: rng.random_range(-0.1..0.4),
        leeway_deg,
    }
}

/// A standard normal variate.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// A Poisson variate; 0 for a mean that is no positive number.
fn poisson(mean: f64, rng: &mut ChaCha8Rng) -> usize {
    Poisson::new(mean).map_or(0, |law| law.sample(rng) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Silence = Silence {
        shortest_min: 10.0,
        longest_min: 30.0,
    };

    #[test]
    fn the_same_seed_gives_the_same_scene_and_another_seed_another() {
        let [first, second, other] = [1, 1, 2].map(|seed| scene(Waters::Sparse, SILENCE, seed));
        assert_eq!(first.detections, second.detections);
        assert_eq!(first.tracks, second.tracks);
        assert_eq!(first.truth, second.truth);
        assert_ne!(first.detections, other.detections);
    }

    #[test]
    fn the_nearest_report_of_every_track_lies_within_the_silence_asked_for() {
        for waters in Waters::ALL {
            let made = scene(waters, SILENCE, 3);
            assert!(made.tracks.len() > 10);
            for track in &made.tracks {
                let nearest_s = track
                    .positions
                    .iter()
                    .map(|fix| fix.time.duration_since(MIDDLE).as_secs_f64().abs())
                    .fold(f64::MAX, f64::min);
                // A second: the clock of a report.
                assert!(
                    (599.0..1801.0).contains(&nearest_s),
                    "{waters}: {nearest_s}"
                );
                assert!(track.positions.is_sorted_by(|a, b| a.time < b.time));
            }
        }
    }

    #[test]
    fn every_kind_of_truth_occurs() {
        let made = scene(Waters::Fishing, SILENCE, 4);
        let heard: Vec<Mmsi> = made.tracks.iter().map(|track| track.mmsi).collect();
        let known = made.truth.values().filter_map(|truth| truth.mmsi).count();
        let unknown = made.truth.len() - known;
        assert_eq!(made.truth.len(), made.detections.len());
        assert!(known > 20 && unknown > 5, "{known} {unknown}");
        assert!(heard.len() > known, "ships that are heard and not seen");
        for mmsi in made.truth.values().filter_map(|truth| truth.mmsi) {
            assert!(heard.contains(&mmsi));
        }
    }
}
