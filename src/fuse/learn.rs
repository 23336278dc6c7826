//! How the vessels at hand move: reports are hidden and predicted, and the laws of motion set to what is found.
//!
//! For each kind of vessel, pairs of its tracks' own reports some minutes to three hours apart: the earlier (or later) one
//! predicts, the other tells where the vessel was. The law's growth, power, interval of manoeuvres and usual speed are those
//! at which the predictions' likelihood is greatest, held near the settings by a normal law of their logarithms: few reports
//! move them little. From a kind's law those of its habits, and from them those at each pace ([`super::habit`]), are found in
//! the same way.

use super::habit::{self, LearntLaws, PACES};
use super::motion::{self, Mode, Start};
use super::params::{FuseParams, Kind, MotionLaw, ToldSpeeds};
use super::plane::{Plane, earth_fixed};
use super::state::{reported_velocity, seconds};
use crate::model::track::{Position, Track};
use nalgebra::Matrix2;
use std::f64::consts::TAU;

/// Times over which reports are predicted, minutes.
const LAGS_MIN: [f64; 10] = [3.0, 6.0, 12.0, 20.0, 30.0, 45.0, 65.0, 90.0, 130.0, 170.0];
/// Predictions a kind, at most.
const MOST: usize = 4_000;
/// Tracks a kind, at most; each gives at most one prediction a lag.
const MOST_TRACKS: usize = 400;
/// Predictions of one track hang together: each counts as so many.
const WORTH: f64 = 0.3;
/// Standard deviation of the logarithms of a kind's law about the settings.
const KIND_SIGMA: f64 = 0.7;
/// … of a habit's law about the kind's, and of that at one pace about the habit's: there are fewer reports of each.
const HABIT_SIGMA: f64 = 0.3;
/// Density of what no law explains, per square metre: a jump anywhere within some 50 km.
const JUMP_PER_M2: f64 = 1e-10;
const JUMPS: f64 = 0.01;
/// Less than this is no turn but the helm, degrees.
const SMALLEST_TURN_DEG: f64 = 5.0;
/// First and last step of the search in logarithms.
const FIRST_STEP: f64 = 0.5;
const LAST_STEP: f64 = 0.03;

/// Settings with the laws of motion that the tracks show, by kind, habit and pace; unchanged if `learn_motion` is off.
///
/// Long-range reports come too seldom to be learnt from: their law is kept. The order of the tracks changes nothing.
pub fn learn_motion(tracks: &[Track], params: &FuseParams) -> FuseParams {
    let mut learnt = params.clone();
    if !params.learn_motion {
        return learnt;
    }
    let mut laws = Kind::ALL.map(|kind| [[params.law(kind); PACES]; PACES]);
    let mut predictions = 0;
    for kind in Kind::ALL
        .into_iter()
        .filter(|kind| *kind != Kind::LongRange)
    {
        let trials = trials(tracks, kind);
        let all: Vec<&Trial> = trials.iter().collect();
        let law = fitted(params.law(kind), KIND_SIGMA, &all);
        *learnt.law_mut(kind) = law;
        for (habit, by_pace) in laws[kind as usize].iter_mut().enumerate() {
            let alike: Vec<&Trial> = all.iter().copied().filter(|t| t.habit == habit).collect();
            let habitual = fitted(law, HABIT_SIGMA, &alike);
            for (pace, of_pace) in by_pace.iter_mut().enumerate() {
                let alike: Vec<&Trial> = alike.iter().copied().filter(|t| t.pace == pace).collect();
                *of_pace = fitted(habitual, HABIT_SIGMA, &alike);
            }
        }
        predictions += trials.len();
        tracing::debug!(
            ?kind,
            predictions = trials.len(),
            ?law,
            "Motion was learnt."
        );
    }
    learnt.learnt = (predictions > 0).then_some(LearntLaws { kinds: laws });
    learnt
}

/// A report to be predicted from another.
struct Trial {
    habit: usize,
    pace: usize,
    told: ToldSpeeds,
    start: Start,
    /// Where the vessel was, metres from the predicting report.
    found_m: [f64; 2],
}

/// Trials of one kind, from tracks evenly spread over the identities.
fn trials(tracks: &[Track], kind: Kind) -> Vec<Trial> {
    let mut own: Vec<&Track> = tracks
        .iter()
        .filter(|track| track.positions.len() > 1 && Kind::of(track) == Some(kind))
        .collect();
    own.sort_by_key(|track| (track.mmsi, track.part));
    let stride = own.len().div_ceil(MOST_TRACKS).max(1);
    let mut trials: Vec<Trial> = own
        .iter()
        .step_by(stride)
        .enumerate()
        .flat_map(|(number, track)| {
            let lags = LAGS_MIN.iter().enumerate();
            lags.filter_map(move |(turn, minutes)| trial(track, number + turn, minutes * 60.0))
        })
        .collect();
    let stride = trials.len().div_ceil(MOST).max(1);
    let mut place = 0;
    trials.retain(|_| {
        place += 1;
        (place - 1_usize).is_multiple_of(stride)
    });
    trials
}

/// One report of a track, `turn` choosing which, predicted from another about `lag_s` away.
fn trial(track: &Track, turn: usize, lag_s: f64) -> Option<Trial> {
    let fixes = &track.positions;
    // Low-discrepancy choice: no report is preferred, and no lots are drawn.
    let share = (turn as f64 * 0.618_033_988_749_895).fract();
    let hidden = &fixes[((fixes.len() as f64 * share) as usize).min(fixes.len() - 1)];
    let ahead = turn.is_multiple_of(2);
    let distance = |fix: &Position| {
        let gap_s = seconds(fix.time, hidden.time);
        (gap_s - if ahead { lag_s } else { -lag_s }).abs()
    };
    let wanted = |fix: &&Position| distance(fix) <= 0.3 * lag_s && reported_velocity(fix).is_some();
    let from = fixes
        .iter()
        .filter(wanted)
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    Some(Trial {
        habit: habit::habit(track),
        pace: habit::pace(from.sog_kn),
        told: ToldSpeeds::of(track),
        start: Start {
            place_m: [0.0; 2],
            velocity_mps: reported_velocity(from),
            elapsed_s: seconds(from.time, hidden.time),
        },
        found_m: Plane::at(from.position).offset_m(earth_fixed(hidden.position)),
    })
}

/// The law of greatest likelihood about `held`, by search along each setting in turn with falling steps. `sigma`: standard
/// deviation of the logarithms of the settings about `held`.
fn fitted(held: MotionLaw, sigma: f64, trials: &[&Trial]) -> MotionLaw {
    if trials.is_empty() {
        return held;
    }
    let cost = |at: &[f64; 7]| {
        let law = moved(held, at);
        let unlikely: f64 = trials.iter().map(|trial| -log_density(&law, trial)).sum();
        WORTH * unlikely + at.iter().map(|x| x * x).sum::<f64>() / (2.0 * sigma * sigma)
    };
    let mut at = [0.0; 7];
    let mut best = cost(&at);
    let mut step = FIRST_STEP;
    while step > LAST_STEP {
        let mut moved = false;
        for axis in 0..at.len() {
            for by in [step, -step] {
                let mut tried = at;
                tried[axis] += by;
                let found = cost(&tried);
                if found < best - 1e-9 {
                    (at, best, moved) = (tried, found, true);
                    break;
                }
            }
        }
        if !moved {
            step /= 2.0;
        }
    }
    moved(held, &at)
}

/// A law whose settings' logarithms are moved. The power moves by a fifth as much, and stays within 1 ..= 2; of the share of
/// turns the odds move, twice as much.
fn moved(held: MotionLaw, at: &[f64; 7]) -> MotionLaw {
    let odds = held.turn_share / (1.0 - held.turn_share) * (2.0 * at[6]).exp();
    MotionLaw {
        sigma0_m: held.sigma0_m,
        along_m: held.along_m * at[0].exp(),
        cross_m: held.cross_m * at[1].exp(),
        power: (held.power * (at[2] / 5.0).exp()).clamp(1.0, 2.0),
        manoeuvre_minutes: held.manoeuvre_minutes * at[3].exp(),
        turn_deg: (held.turn_deg * at[4].exp()).clamp(SMALLEST_TURN_DEG, 1_000.0),
        usual_kn: held.usual_kn * at[5].exp(),
        turn_share: odds / (1.0 + odds),
    }
}

fn log_density(law: &MotionLaw, trial: &Trial) -> f64 {
    let density: f64 = motion::modes(&law.with_speeds(trial.told), &trial.start)
        .iter()
        .map(|mode| mode.weight * density_at(mode, trial.found_m))
        .sum();
    ((1.0 - JUMPS) * density + JUMPS * JUMP_PER_M2).ln()
}

/// Density of a law's place at a point, per square metre.
fn density_at(mode: &Mode, point_m: [f64; 2]) -> f64 {
    let p: Matrix2<f64> = mode.covariance.fixed_view::<2, 2>(0, 0).into_owned();
    let (e, n) = (point_m[0] - mode.mean[0], point_m[1] - mode.mean[1]);
    let determinant = p.determinant();
    let distance2 = (p[(1, 1)] * e * e - 2.0 * p[(0, 1)] * e * n + p[(0, 0)] * n * n) / determinant;
    (-distance2 / 2.0).exp() / (TAU * determinant.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse::testing::{centre, fix, ship};
    use rand::{RngExt, SeedableRng};

    /// Ships that go straight at a speed that is off the told one by up to ±`error_kn`, and turn back every `turn_s`, if ever.
    fn fleet(error_kn: f64, turn_s: f64) -> Vec<Track> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        (0..150)
            .map(|i| {
                let error = rng.random_range(-error_kn..error_kn);
                let first = rng.random_range(0.0..turn_s.min(2400.0));
                let positions = (0..120)
                    .map(|step| {
                        let t = f64::from(step) * 120.0;
                        let leg = ((t + first) / turn_s).floor();
                        let course = if (leg as u64).is_multiple_of(2) {
                            90.0
                        } else {
                            270.0
                        };
                        let into = (t + first) - leg * turn_s;
                        let east = if course == 90.0 { into } else { turn_s - into };
                        let run_m = east * (10.0 + error) * crate::model::units::KNOT_MPS;
                        fix(centre().destination(90.0, run_m), t, Some((10.0, course)))
                    })
                    .collect();
                ship(431_000_000 + i, positions)
            })
            .collect()
    }

    #[test]
    fn growth_follows_the_fleet_and_knows_no_manoeuvre_where_there_is_none() {
        let params = FuseParams::default();
        let [calm, wild] = [0.2, 2.0].map(|kn| learn_motion(&fleet(kn, 1e9), &params).class_a);
        assert!(wild.along_m > 3.0 * calm.along_m, "{calm:?} {wild:?}");
        // Uniform ±2 kn: σ 1.15 kn, 356 m after ten minutes, as an error of speed that lasts.
        assert!((0.7..1.5).contains(&(wild.along_m / 356.0)), "{wild:?}");
        assert!(wild.power < 1.15, "{wild:?}");
        assert!(calm.manoeuvre_minutes > 300.0, "{calm:?}");
        let turning = learn_motion(&fleet(0.2, 2400.0), &params).class_a;
        assert!(turning.manoeuvre_minutes < 80.0, "{turning:?}");
    }

    #[test]
    fn vessels_of_one_kind_are_told_apart_by_habit_and_pace() {
        // Half of the fleet steams straight on, half of it turns back every 20 min.
        let mut tracks = fleet(0.2, 1e9);
        let mut turners = fleet(0.2, 1200.0);
        for fix in turners.iter_mut().flat_map(|track| &mut track.positions) {
            fix.sog_kn = Some(5.0);
        }
        for (track, number) in turners.iter_mut().zip(0..) {
            track.mmsi = crate::model::units::Mmsi(432_000_000 + number);
        }
        tracks.extend(turners);
        let learnt = learn_motion(&tracks, &FuseParams::default());
        let [straight, turning] = [0, 150].map(|i| learnt.laws_of(Kind::ClassA, &tracks[i]));
        assert!(
            straight[2].manoeuvre_minutes > 2.0 * turning[1].manoeuvre_minutes,
            "{straight:?} {turning:?}"
        );
    }

    #[test]
    fn without_tracks_the_settings_stand_and_the_order_of_tracks_changes_nothing() {
        let params = FuseParams::default();
        assert_eq!(learn_motion(&[], &params), params);
        let mut tracks = fleet(1.0, 2400.0);
        let first = learn_motion(&tracks, &params);
        tracks.reverse();
        assert_eq!(learn_motion(&tracks, &params), first);
        let off = FuseParams {
            learn_motion: false,
            ..FuseParams::default()
        };
        assert_eq!(learn_motion(&tracks, &off), off);
    }
}
