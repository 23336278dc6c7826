//! Which vessels may explain which detections: an index of where each vessel may be imaged, then ellipses.
//!
//! The tracks are cut at the image's time: each vessel becomes a box about all places at which one of its laws may have it
//! imaged, in an R-tree. What boxes let through is predicted at the detection's own time and laid against it
//! ([`super::imaging`]). A pair passes if the squared Mahalanobis distance from any law is ≤ 13.8 (99.9 % of χ² with two
//! degrees of freedom), within the caps on distance and time.

use super::FuseParams;
use super::ground::{Ground, Presence};
use super::imaging::{self, Laid, Optics};
use super::likelihood;
use super::params::Kind;
use super::plane::earth_fixed;
use super::seen::{self, Sighting};
use super::state::{self, Laws, State};
use crate::model::detection::Detection;
use crate::model::track::Track;
use crate::model::units::MmsiKind;
use jiff::Timestamp;
use rayon::prelude::*;
use rstar::{AABB, RTree, RTreeObject};
use std::sync::OnceLock;

/// Smallest radius of curvature of WGS 84, metres: a geodesic is never shorter than this radius times the
/// angle between the places' unit vectors, so a search by chord misses nothing.
const SMALLEST_RADIUS_M: f64 = 6_335_439.3;
/// Distance that a box leaves for the time between the scene's middle and a row, metres: 30 s at 60 kn.
const ROW_TIME_SLACK_M: f64 = 1_000.0;
/// Azimuth shift that a box leaves room for, seconds times speed: R/V · sin(incidence) at the far edge.
const SHIFT_SECONDS: f64 = 95.0;
/// Error of an echo's place and of the antenna's, for which a box leaves room, metres.
const IMAGE_SLACK_M: f64 = 300.0;
/// A report so many times as old as a row is off the scene's middle: errors grow by a tenth at most in between.
const CARRIED_PART: f64 = 10.0;
/// Pairs kept a detection, the best ones: bounds memory where thousands of vessels may be anywhere.
const MOST_PAIRS: usize = 512;

/// A vessel that may be in the scene.
pub(super) struct Candidate<'a> {
    pub(super) track: &'a Track,
    pub(super) kind: Kind,
    pub(super) laws: Laws,
    /// The middle of the scene, and the state at that time.
    pub(super) middle_time: Timestamp,
    pub(super) middle: State,
}

/// A vessel and a detection that passed the gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    /// Index of the detection.
    pub(super) detection: usize,
    /// Index of the candidate.
    pub(super) vessel: usize,
    /// Log-likelihood of the detection as this vessel's echo, against the vessel's not being seen.
    pub(super) log_likelihood: f64,
}

/// Ships of `tracks` heard within reach of `middle`, ordered by MMSI.
///
/// Base stations, aids to navigation, SAR aircraft, distress beacons, group and coast-station identities and
/// fishing gear are no ships.
pub(super) fn candidates<'a>(
    tracks: &'a [Track],
    middle: Timestamp,
    params: &FuseParams,
) -> Vec<Candidate<'a>> {
    let reach_s = params.gate_hours * 3600.0;
    let mut ships: Vec<Candidate> = tracks
        .iter()
        .filter(|track| is_ship(track))
        .filter_map(|track| {
            let kind = Kind::of(track)?;
            let laws = params.laws_of(kind, track);
            Some(Candidate {
                track,
                kind,
                laws,
                middle_time: middle,
                middle: state::predict(track, middle, &laws, reach_s)?,
            })
        })
        .collect();
    ships.sort_by_key(|ship| (ship.track.mmsi, ship.track.part));
    ships
}

fn is_ship(track: &Track) -> bool {
    let identity_may_be_a_ship = matches!(
        track.mmsi.kind(),
        MmsiKind::Ship | MmsiKind::DaughterCraft | MmsiKind::Invalid
    );
    identity_may_be_a_ship && !track.vessel.name.as_deref().is_some_and(is_gear_name)
}

/// Names that drifting nets and buoys carry: `NET MARK`, `BUOY`, `…-87%`, `…12.4V`.
fn is_gear_name(name: &str) -> bool {
    let name = name.trim().to_ascii_uppercase();
    let battery = |unit: char| {
        name.strip_suffix(unit)
            .is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()) && rest.len() >= 2)
    };
    let volts = battery('V') && name.contains('.');
    name.contains("NET MARK") || name.contains("BUOY") || battery('%') || volts
}

/// Where a vessel may be imaged, Earth-fixed metres.
struct Reach {
    lower: [f64; 3],
    upper: [f64; 3],
    vessel: usize,
}

impl RTreeObject for Reach {
    type Envelope = AABB<[f64; 3]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.lower, self.upper)
    }
}

impl Reach {
    fn of(vessel: usize, ship: &Candidate, params: &FuseParams) -> Self {
        let state = &ship.middle;
        let (mut lower, mut upper) = ([f64::MAX; 3], [f64::MIN; 3]);
        for mode in &state.modes {
            let place_m = (mode.covariance[(0, 0)] + mode.covariance[(1, 1)]).sqrt();
            let velocity_mps = (mode.covariance[(2, 2)] + mode.covariance[(3, 3)]).sqrt();
            let sigma_m = place_m + SHIFT_SECONDS * velocity_mps + IMAGE_SLACK_M;
            let ellipse_m = params.gate_chi2.sqrt() * sigma_m;
            let reach_m = ellipse_m.min(params.gate_km * 1000.0)
                + SHIFT_SECONDS * mode.speed_mps()
                + ROW_TIME_SLACK_M;
            let centre = state.plane.point([mode.mean[0], mode.mean[1]]);
            for i in 0..3 {
                lower[i] = lower[i].min(centre[i] - reach_m);
                upper[i] = upper[i].max(centre[i] + reach_m);
            }
        }
        Self {
            lower,
            upper,
            vessel,
        }
    }
}

/// All pairs that pass the gate, ordered by detection, then vessel.
pub(super) fn pairs(
    detections: &[&Detection],
    candidates: &[Candidate],
    fallback_time: Option<Timestamp>,
    (sighting, ground, params): (&Sighting, Option<&Ground>, &FuseParams),
) -> Vec<Pair> {
    let index = RTree::bulk_load(
        candidates
            .iter()
            .enumerate()
            .map(|(i, ship)| Reach::of(i, ship, params))
            .collect(),
    );
    let presences: Vec<OnceLock<Presence>> = candidates.iter().map(|_| OnceLock::new()).collect();
    let presence = |vessel: usize| {
        let state = &candidates[vessel].middle;
        *presences[vessel].get_or_init(|| {
            let alone = || Presence {
                mean: 1.0,
                inside: sighting.inside_probability(state, 0.0),
            };
            ground.map_or_else(alone, |ground| ground.presence(state))
        })
    };
    let of_one = |(d, detection): (usize, &&Detection)| {
        let Some(echo) = Echo::of(detection, fallback_time, params) else {
            return Vec::new();
        };
        let about = ground.map_or(1.0, |ground| ground.about(detection));
        let axis_about = ground.map_or(1.0, |ground| ground.axis_about(detection));
        let mut passed: Vec<Pair> = index
            .locate_in_envelope_intersecting(AABB::from_point(echo.place))
            .filter_map(|reach| {
                let ship = &candidates[reach.vessel];
                let laid = lay(ship, &echo, params)?;
                let Presence { mean, inside } = presence(reach.vessel);
                Some(Pair {
                    detection: d,
                    vessel: reach.vessel,
                    log_likelihood: likelihood::log_likelihood(
                        &laid,
                        ship,
                        (detection, axis_about),
                    ) + (about / mean).ln()
                        + seen::odds(ship, detection, inside).ln(),
                })
            })
            .collect();
        passed.sort_by(|a, b| {
            (b.log_likelihood.total_cmp(&a.log_likelihood)).then(a.vessel.cmp(&b.vessel))
        });
        passed.truncate(MOST_PAIRS);
        passed.sort_by_key(|pair| pair.vessel);
        passed
    };
    let found: Vec<Vec<Pair>> = detections.par_iter().enumerate().map(of_one).collect();
    found.concat()
}

/// What a vessel is laid against.
pub(super) struct Echo {
    /// Earth-fixed, metres.
    place: [f64; 3],
    time: Timestamp,
    sigma_m: f64,
    length_m: Option<f64>,
    optics: Option<Optics>,
}

impl Echo {
    /// `None` without place or time.
    pub(super) fn of(
        detection: &Detection,
        fallback_time: Option<Timestamp>,
        params: &FuseParams,
    ) -> Option<Self> {
        Some(Self {
            place: earth_fixed(detection.position?),
            time: detection.time.or(fallback_time)?,
            sigma_m: detection
                .position_sigma_m
                .unwrap_or(params.detection_sigma_m),
            length_m: detection.length_m,
            optics: detection.sar.as_ref().map(Optics::of),
        })
    }
}

/// Lays one vessel against one detection; `None` if the gate is closed.
///
/// Seconds matter little to a report many times as old: the laws of the scene's middle are carried on, and most pairs are
/// refused by them at once; else they are found anew at the row's own time.
pub(super) fn lay(ship: &Candidate, echo: &Echo, params: &FuseParams) -> Option<Laid> {
    let told_m = ship.track.vessel.length_m.or(echo.length_m);
    let hull_m = told_m.unwrap_or_else(|| likelihood::expected_length_m(ship));
    let seen = (echo.place, echo.sigma_m, hull_m);
    let later_s = state::seconds(ship.middle_time, echo.time);
    let state = if later_s.abs() * CARRIED_PART <= ship.middle.dt_s() {
        let carried = (&ship.middle, later_s);
        if !imaging::may_be_at(carried, seen, &echo.optics, params.gate_chi2) {
            return None;
        }
        ship.middle.carried_on(later_s)
    } else {
        state::predict(
            ship.track,
            echo.time,
            &ship.laws,
            params.gate_hours * 3600.0,
        )?
    };
    let laid = imaging::lay(state, seen, &echo.optics);
    let furthest_m = params.gate_km * 1000.0;
    let passes = laid.views.iter().any(|view| {
        view.covariance.distance2(view.offset_m) <= params.gate_chi2
            && view.offset_m[0].hypot(view.offset_m[1]) <= furthest_m
    });
    passes.then_some(laid)
}

/// Squared chord of the unit sphere that no geodesic of `distance_m` exceeds.
pub(super) fn chord2(distance_m: f64) -> f64 {
    let half = (distance_m / SMALLEST_RADIUS_M / 2.0).min(std::f64::consts::FRAC_PI_2);
    (2.0 * half.sin()).powi(2)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]
mod tests {
    use super::*;
    use crate::fuse::testing::{T0, centre, detection, fix, moored, ship};
    use crate::model::track::AisClass;
    use crate::model::units::LonLat;

    fn gate(detections: &[&Detection], tracks: &[Track]) -> Vec<Pair> {
        let params = FuseParams::default();
        let ships = candidates(tracks, T0, &params);
        pairs(
            detections,
            &ships,
            None,
            (&Sighting::new(None), None, &params),
        )
    }

    #[test]
    fn the_shift_brings_a_mover_to_its_echo() {
        // 20 kn due east, away from the radar: 725 m south at 38.5°.
        let sog = Some((20.0, 90.0));
        let track = ship(431_000_001, vec![fix(centre(), 0.0, sog)]);
        let echo = detection("d", centre().destination(180.0, 725.0), None);
        let found = gate(&[&echo], std::slice::from_ref(&track));
        assert_eq!(found.len(), 1);
        let params = FuseParams::default();
        let ships = candidates(std::slice::from_ref(&track), T0, &params);
        let placed = Echo::of(&echo, None, &params).unwrap();
        let best = lay(&ships[0], &placed, &params).unwrap().best().offset_m;
        assert!(best[0].hypot(best[1]) < 25.0);
    }

    #[test]
    fn the_gate_closes_at_the_ellipse_and_across_the_date_line_nothing_changes() {
        for lon_deg in [124.0, 180.0] {
            let place = LonLat::new(lon_deg, 25.0);
            let track = moored(431_000_001, place, 80.0);
            let near = detection("a", place.destination(90.0, 70.0), None);
            let far = detection("b", place.destination(90.0, 600.0), None);
            let found = gate(&[&near, &far], std::slice::from_ref(&track));
            assert_eq!(found.len(), 1, "{lon_deg}");
            assert_eq!(found[0].detection, 0);
        }
    }

    #[test]
    fn stations_aircraft_beacons_and_gear_never_serve_as_ships() {
        let echo = detection("d", centre(), None);
        for class in [
            AisClass::BaseStation,
            AisClass::SarAircraft,
            AisClass::AidToNavigation,
            AisClass::VirtualAidToNavigation,
        ] {
            let mut track = moored(431_000_001, centre(), 80.0);
            track.class = class;
            assert!(gate(&[&echo], &[track]).is_empty(), "{class:?}");
        }
        for mmsi in [970_012_345, 994_311_234, 4_310_001, 111_431_001] {
            let track = moored(mmsi, centre(), 80.0);
            assert!(gate(&[&echo], &[track]).is_empty(), "{mmsi}");
        }
        for name in ["NET MARK 7", "LIANGYU-87%", "BUOY 12", "5512.4V"] {
            let mut track = moored(431_000_001, centre(), 80.0);
            track.vessel.name = Some(name.to_owned());
            assert!(gate(&[&echo], &[track]).is_empty(), "{name}");
        }
        let real = moored(431_000_001, centre(), 80.0);
        assert_eq!(gate(&[&echo], &[real]).len(), 1);
    }
}
