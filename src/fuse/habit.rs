//! Laws of motion by what a vessel usually does and by what it did when it last told.
//!
//! Vessels of one kind do not all move alike: a longliner lies for hours and then steams, a trawler tows at 3 kn and turns every
//! hour, and either goes on differently from a report at 1 kn than from one at 8 kn. The speeds that a vessel told in its track
//! say which it is: its *habit* is the pace of most of its reports. For each kind, [`super::learn_motion`] finds a law for every
//! habit and present pace.

use super::params::{Kind, MotionLaw};
use super::state::Laws;
use crate::model::track::Track;

/// Upper ends of the slow and the middle pace, knots: drifting, at anchor, hauling; fishing gear in tow; steaming.
const PACES_KN: [f64; 2] = [2.0, 6.0];
/// Slow, middle, fast.
pub(super) const PACES: usize = 3;

/// Laws that tracks have shown, by kind, habit and present pace.
#[derive(Debug, Clone, PartialEq)]
pub struct LearntLaws {
    pub(super) kinds: [[[MotionLaw; PACES]; PACES]; Kind::ALL.len()],
}

impl LearntLaws {
    /// The laws of one vessel by its pace.
    pub(super) fn of(&self, kind: Kind, track: &Track) -> Laws {
        self.kinds[kind as usize][habit(track)]
    }
}

/// The pace of a speed over ground; a vessel that tells none may lie still.
pub(super) fn pace(sog_kn: Option<f64>) -> usize {
    let sog_kn = sog_kn.unwrap_or(0.0);
    PACES_KN
        .iter()
        .filter(|upper_kn| sog_kn >= **upper_kn)
        .count()
}

/// The pace of most of the speeds that a vessel told; of equals the faster.
pub(super) fn habit(track: &Track) -> usize {
    let mut reports = [0_usize; PACES];
    for fix in track.positions.iter().filter(|fix| fix.sog_kn.is_some()) {
        reports[pace(fix.sog_kn)] += 1;
    }
    let most = reports.iter().enumerate().max_by_key(|(_, count)| **count);
    most.map_or(0, |(pace, _)| pace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse::testing::{centre, fix, ship};

    #[test]
    fn the_habit_is_the_pace_of_most_reports_and_the_pace_that_of_one() {
        let speeds = |all: &[f64]| {
            let fixes = all.iter().zip(0_u32..);
            let fixes = fixes.map(|(kn, i)| fix(centre(), f64::from(i), Some((*kn, 90.0))));
            habit(&ship(431_000_001, fixes.collect()))
        };
        assert_eq!(speeds(&[0.5, 0.7, 1.9, 8.0]), 0);
        assert_eq!(speeds(&[3.0, 3.5, 4.0, 0.5, 9.0]), 1);
        assert_eq!(speeds(&[8.0, 9.0, 0.5]), 2);
        assert_eq!(
            [Some(1.9), Some(2.0), Some(5.9), Some(6.0), None].map(pace),
            [0, 1, 1, 2, 0]
        );
    }
}
