//! Two ships on one MMSI, at rising distance: how many reports lie on the wrong ship, and into how many pieces a ship falls.

use crate::ais::{SegmentParams, Segmenter};
use crate::model::track::{AisClass, Position};
use crate::model::units::{KNOT_MPS, LonLat, Mmsi};
use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::fmt;

/// Distances at which the pairs begin, kilometres; 0 is one ship alone.
const DISTANCES_KM: [f64; 5] = [0.0, 390.0, 111.0, 33.0, 11.0];

/// Figures of one distance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairScore {
    /// Distance of the pair at the beginning, kilometres; 0 is one ship alone.
    pub distance_km: f64,
    /// Reports.
    pub reports: u64,
    /// Reports in a segment of which most are the other ship's.
    pub wrong: u64,
    /// Segments.
    pub segments: u64,
    /// Ships.
    pub ships: u64,
    /// Reports that lie in the largest segment of their ship.
    pub largest: u64,
}

/// Figures by distance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairScores {
    /// First seed, and pairs a distance.
    pub seeds: (u64, u64),
    /// By distance.
    pub distances: Vec<PairScore>,
}

/// Scores `pairs` simulated pairs a distance.
pub fn score_pairs(first_seed: u64, pairs: u64) -> PairScores {
    let distances = DISTANCES_KM.iter().map(|&distance_km| {
        let mut score = PairScore {
            distance_km,
            reports: 0,
            wrong: 0,
            segments: 0,
            ships: 0,
            largest: 0,
        };
        for seed in first_seed..first_seed + pairs {
            score.add(seed);
        }
        score
    });
    PairScores {
        seeds: (first_seed, pairs),
        distances: distances.collect(),
    }
}

impl PairScore {
    fn add(&mut self, seed: u64) {
        let start = LonLat::new(123.0, 25.0);
        let mut reports: Vec<(bool, Position)> = voyage(start, 2 * seed)
            .into_iter()
            .map(|p| (false, p))
            .collect();
        if self.distance_km > 0.0 {
            let other = voyage(
                start.destination(40.0, 1000.0 * self.distance_km),
                2 * seed + 1,
            );
            reports.extend(other.into_iter().map(|p| (true, p)));
        }
        reports.sort_by_key(|(_, report)| report.time);
        let mut segmenter = Segmenter::new(SegmentParams::default());
        for (_, report) in &reports {
            segmenter.insert(report.clone());
        }
        let segments = segmenter.segments();
        let sender = |report: &Position| {
            reports
                .iter()
                .find(|(_, r)| r == report)
                .is_some_and(|(other, _)| *other)
        };
        let mut largest = [0, 0];
        for segment in &segments {
            let other = segment
                .positions
                .iter()
                .filter(|report| sender(report))
                .count();
            let own = segment.positions.len() - other;
            self.wrong += own.min(other) as u64;
            largest = [largest[0].max(own), largest[1].max(other)];
        }
        self.reports += segments
            .iter()
            .map(|s| s.positions.len() as u64)
            .sum::<u64>();
        self.segments += segments.len() as u64;
        self.ships += if self.distance_km > 0.0 { 2 } else { 1 };
        self.largest += (largest[0] + largest[1]) as u64;
    }
}

/// A day of a ship that turns and changes its speed every hour, heard at 2 s to 6 min, its place within 30 m and its time within 5 s; silent
/// for three hours once, the other ship of a pair at the same time.
fn voyage(start: LonLat, seed: u64) -> Vec<Position> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut place, mut second, mut course_deg) = (start, 0_i64, random.random_range(0.0..360.0));
    let mut sog_kn: f64 = random.random_range(4.0..18.0);
    let mut reports = Vec::new();
    while second < 86_400 {
        let mut step_s: i64 = random.random_range(2..360);
        if second < 40_000 && second + step_s >= 40_000 {
            step_s += 10_800;
        }
        // A silence is sailed in pieces, as what is heard is: it turns and changes speed within.
        let mut left_s = step_s;
        while left_s > 0 {
            let piece_s = left_s.min(180);
            if random.random_bool(0.05) {
                course_deg = random.random_range(0.0..360.0);
                sog_kn = (sog_kn + random.random_range(-3.0..3.0)).clamp(3.0, 20.0);
            }
            place = place.destination(course_deg, sog_kn * KNOT_MPS * piece_s as f64);
            left_s -= piece_s;
        }
        second += step_s;
        let Ok(time) = Timestamp::from_second(second + random.random_range(0..5)) else {
            break;
        };
        reports.push(Position {
            mmsi: Mmsi(412_000_001),
            time,
            position: place.destination(
                random.random_range(0.0..360.0),
                random.random_range(0.0..30.0),
            ),
            sog_kn: Some(sog_kn + random.random_range(-0.3..0.3)),
            cog_deg: Some((course_deg + random.random_range(-3.0..3.0_f64)).rem_euclid(360.0)),
            heading_deg: None,
            nav_status: None,
            class: AisClass::A,
        });
    }
    reports
}

impl fmt::Display for PairScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, pairs) = self.seeds;
        writeln!(
            f,
            "Two ships on one MMSI, {pairs} simulated pairs a distance, seeds from {first}.\n"
        )?;
        writeln!(
            f,
            "| apart at first | reports | on the wrong ship | segments a ship | in the ship's largest segment |"
        )?;
        writeln!(f, "|---|---|---|---|---|")?;
        for score in &self.distances {
            let name = if score.distance_km > 0.0 {
                format!("{:.0} km", score.distance_km)
            } else {
                "one ship alone".to_owned()
            };
            let share = |part: u64| 100.0 * part as f64 / score.reports.max(1) as f64;
            writeln!(
                f,
                "| {name} | {} | {:.2} % | {:.2} | {:.1} % |",
                score.reports,
                share(score.wrong),
                score.segments as f64 / score.ships.max(1) as f64,
                share(score.largest)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::score_pairs;

    #[test]
    fn at_most_one_report_in_a_hundred_lies_on_the_wrong_ship_and_ships_stay_in_few_pieces() {
        let scores = score_pairs(5000, 60);
        for score in &scores.distances {
            assert!(score.wrong * 100 <= score.reports, "{scores}");
            assert!(score.segments <= 3 * score.ships, "{scores}");
        }
        let alone = &scores.distances[0];
        assert_eq!(alone.segments, alone.ships, "{scores}");
    }
}
